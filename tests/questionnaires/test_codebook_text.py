"""The codebook as Markdown and as a page: nothing is lost, nothing is read as markup."""

import re
import unicodedata
from dataclasses import fields, replace
from html.parser import HTMLParser

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from playwright.sync_api import Browser

from questionnaires import Codebook, Column, Disclosure, Questionnaire, codebook
from questionnaires.codebook import CodeLabel
from questionnaires.codebook_text import to_html, to_markdown
from questionnaires.codebook_words import CodebookWords, codebook_words
from questionnaires.library import SHIPPED, shipped

FORMS = [*SHIPPED, "every_kind", "new_kinds", "rating"]


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Questionnaire:
    name = request.param
    found = shipped(name) if name in SHIPPED else request.getfixturevalue(name)
    assert isinstance(found, Questionnaire)
    return found


class Page(HTMLParser):
    """What is in a page: elements with their attributes, and the text of each row and heading."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.lines: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"tr", "h1", "h2", "h3", "dt"}:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if data.strip() and self.lines:
            self.lines[-1] += f"{data.strip()}|"

    def having(self, attribute: str) -> list[str]:
        return [found for _, given in self.elements if (found := given.get(attribute)) is not None]


def markdown_lines(text: str) -> list[str]:
    """Read Markdown as a reader of CommonMark with tables does; one line a heading, item or row."""
    lines = [""]
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type in {"heading_open", "list_item_open", "tr_open"}:
            lines.append("")
        for child in token.children or []:
            lines[-1] += f"{child.content}|" if child.type in {"text", "code_inline"} else ""
            assert child.type != "html_inline"
        assert token.type != "html_block"
    return lines


@pytest.mark.parametrize("language", ["vi", "en"])
def test_page_has_an_article_for_every_column_and_a_row_for_every_code(
    form: Questionnaire, language: str
) -> None:
    book = codebook(form, language)
    page = Page(to_html(book))
    for column in book.columns:
        assert f"column-{column.name}" in page.having("id")
        assert f"#column-{column.name}" in page.having("href")
    rows = [line for line in page.lines if line.count("|") == 3]
    for code in (code for column in book.columns for code in column.codes):
        start = f"{code.code}|{' '.join(code.label.split())}|"
        assert any(row.startswith(start) for row in rows)
    ids = page.having("id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_markdown_has_a_heading_for_every_column_and_a_row_for_every_code(
    form: Questionnaire, language: str
) -> None:
    book = codebook(form, language)
    words = codebook_words(language)
    lines = markdown_lines(to_markdown(book))
    for column in book.columns:
        assert f"{column.name}|{column.label}|" in {line.replace("| ", "|") for line in lines}
        for code in column.codes:
            status = words.missing if code.missing else words.answer
            assert any(line.startswith(f"{code.code}|{code.label}|{status}") for line in lines)


def test_page_needs_nothing_from_elsewhere_and_runs_nothing(form: Questionnaire) -> None:
    html = to_html(codebook(form, "vi"))
    page = Page(html)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object"}
    assert all(link.startswith("#") for link in page.having("href"))
    assert page.having("style") == []
    assert "url(" not in html
    assert "@import" not in html


def test_page_and_markdown_are_composed_unicode(form: Questionnaire) -> None:
    book = codebook(form, "vi")
    for text in (to_html(book), to_markdown(book)):
        assert unicodedata.is_normalized("NFC", text)


def test_headings_are_in_the_language_and_untranslated_texts_keep_theirs() -> None:
    html = to_html(codebook(shipped("transaction"), "en"))
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "Codebook: <span" in html.replace("\n", " ").replace("  ", " ")
    assert '<span lang="vi">Phiếu đánh giá sau khi làm thủ tục hành chính</span>' in html
    assert '<td lang="en">Several boxes marked</td>' in html
    vietnamese = to_html(codebook(shipped("officials_par"), "vi"))
    assert 'lang="en"' not in vietnamese


def test_label_and_question_each_say_their_own_language(new_kinds: Questionnaire) -> None:
    html = to_html(codebook(new_kinds, "en"))
    assert '<td lang="en">Place</td>' in html
    assert '<dd lang="vi">Nơi nộp hồ sơ</dd>' in html


def test_what_is_known_about_a_column_is_told(new_kinds: Questionnaire) -> None:
    text = to_markdown(codebook(new_kinds, "en"))
    for line in (
        "- **Range:** -0.50 – 1000",
        "- **Decimal places:** 2",
        "- **Unit:** km",
        "- **Who is asked:** Người đã nộp hồ sơ",
        "- **Stem:** Ông/Bà đánh giá thế nào?",
        "- **Computed as:** `${DAYS} div ${E2}`",
        "- **Asked if:** `${E2} >= 1.50`",
        "- **Choices at most:** 3",
        "- **Characters at most:** 40",
        "- **Disclosure class:** Free text; a person reads it before release",
        "| `2` | Ủy ban nhân dân huyện | answer; offered until 2025-06-30 |",
    ):
        assert line in text.splitlines()


def test_factor_criterion_and_points_are_told(rating: Questionnaire) -> None:
    lines = to_markdown(codebook(rating, "vi")).splitlines()
    assert "- **Tiêu chí:** K K" in lines
    assert "- **Điểm tối đa:** 0.5" in lines
    assert "- **Số lần hỏi:** Một lần cho mỗi đơn vị được đánh giá" in lines
    factors = to_markdown(codebook(shipped("transaction"), "vi"))
    assert "- **Yếu tố:** Hài lòng sau khi làm thủ tục › Hài lòng với từng khâu" in factors


def test_answer_that_ends_the_questionnaire_is_marked(every_kind: Questionnaire) -> None:
    text = to_markdown(codebook(every_kind, "en"))
    assert "| `2` | Không | answer; ends the questionnaire: refused |" in text


def one_column(label: str) -> Codebook:
    """Build a codebook whose every text is the same."""
    column = Column(
        name="A1",
        label=label,
        type="single",
        codes=(CodeLabel(code="1", label=label, missing=False),),
        disclosure=Disclosure.ORDINARY,
        question=label,
        universe=label,
        unit="",
        places=None,
        section=label,
        condition="${A} = 'x'",
        languages={"label": "vi"},
    )
    book = codebook(shipped("transaction"), "vi")
    return replace(book, title=label, columns=(column,))


ODD = st.text(
    alphabet=st.sampled_from("ab ộ*_`#<>&|\\[]()!~-+1.\"'$")
    | st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=25,
).map(lambda text: " ".join(re.sub(r"[\x00-\x1f\x7f-\xa0\u2028\u2029]", " ", text).split()))


@given(ODD.filter(bool))
def test_any_text_reads_back_from_markdown_as_it_was_written(label: str) -> None:
    book = one_column(unicodedata.normalize("NFC", label))
    lines = [line.replace("|", "") for line in markdown_lines(to_markdown(book))]
    wanted = book.title.replace("|", "")
    assert f"Bảng mã dữ liệu: {wanted}" in lines
    assert f"Câu hỏi:{wanted}" in [line.replace("Câu hỏi: ", "Câu hỏi:") for line in lines]
    assert f"1{wanted}câu trả lời" in lines


@given(ODD.filter(bool))
def test_any_text_stays_text_on_the_page(label: str) -> None:
    usual = [tag for tag, _ in Page(to_html(one_column("abc"))).elements]
    assert [tag for tag, _ in Page(to_html(one_column(label))).elements] == usual


def test_both_languages_have_all_words() -> None:
    vietnamese, english = codebook_words("vi"), codebook_words("en")
    for field in fields(CodebookWords):
        one, other = getattr(vietnamese, field.name), getattr(english, field.name)
        assert one
        assert one != other
        if isinstance(one, dict):
            assert one.keys() == other.keys()
            assert all(one.values())


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_page_is_accessible_and_prints(
    browser: Browser, new_kinds: Questionnaire, language: str
) -> None:
    page = browser.new_page()
    page.set_content(to_html(codebook(new_kinds, language)))
    violations = Axe().run(page).response["violations"]
    assert [violation["id"] for violation in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()
