"""What paper says: every wording and code, who skips what, sizes, and copies by the hundred."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium_c
import pytest

from questionnaires import NoteItem, Questionnaire
from questionnaires.errors import UnitsError
from questionnaires.library import SHIPPED, shipped
from questionnaires.rating import RatedUnit, rating_form
from survey.documents.paper_pdf import print_questionnaire
from survey.rules.invitations import new_serial, printed_serial
from tests.survey.every_kind import every_kind

DRAWN = {"unit.handles_procedures": "yes", "sample.selection": "drawn"}
UNITS = (RatedUnit(code="SO01", name="Sở Y tế"), RatedUnit(code="SO02", name="Sở Tài chính"))
_POINTS_PER_MM = 72 / 25.4


@pytest.fixture(scope="module")
def questionnaire(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return every_kind(tmp_path_factory.mktemp("paper"))


def _pages(pdf: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(pdf)
    texts = [" ".join(page.get_textpage().get_text_range().split()) for page in opened]
    opened.close()
    return texts


def _text(questionnaire: Questionnaire, units: Sequence[RatedUnit] = ()) -> str:
    return " ".join(_pages(print_questionnaire(questionnaire, units=units).pdf))


def _font_sizes(pdf: bytes) -> Iterator[float]:
    """Give the size of each piece of text in points, as it comes out on the page."""
    opened = pypdfium2.PdfDocument(pdf)
    for page in opened:
        for piece in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=5):
            size = pdfium_c.c_float()
            assert pdfium_c.FPDFTextObj_GetFontSize(piece.raw, size)
            yield size.value * abs(piece.get_matrix().d)
    opened.close()


def _out_of_frame(pdf: bytes) -> list[str]:
    """List the letters that stand outside the text's frame, header included."""
    opened = pypdfium2.PdfDocument(pdf)
    found = []
    for number, page in enumerate(opened, start=1):
        words = page.get_textpage()
        for index in range(words.count_chars()):
            left, bottom, right, top = (
                length / _POINTS_PER_MM for length in words.get_charbox(index)
            )
            letter = words.get_text_range(index, 1).strip()
            if letter and not (left > 16.9 and right < 193.1 and bottom > 11 and top < 293):
                found.append(f"page {number}: {letter}")
    opened.close()
    return found


def test_the_officials_form_takes_four_pages_at_eleven_points() -> None:
    printed = print_questionnaire(shipped("officials_par"), facts=DRAWN)
    scales = [item for item in shipped("officials_par").questions if item.type == "scale"]
    assert len(scales) >= 27
    assert printed.template.pages <= 4
    sizes = list(_font_sizes(printed.pdf))
    assert len(sizes) > 400
    assert min(sizes) >= 10.99


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_overflows_and_nothing_is_small(name: str) -> None:
    questionnaire = shipped(name)
    repeats = any(section.repeat for section in questionnaire.sections)
    for units in ((), UNITS) if repeats else ((),):
        pdf = print_questionnaire(questionnaire, units=units).pdf
        assert _out_of_frame(pdf) == []
        assert min(_font_sizes(pdf)) >= 10.99


@pytest.mark.parametrize("name", SHIPPED)
def test_every_wording_of_a_questionnaire_is_printed(name: str) -> None:
    questionnaire = shipped(name)
    repeats = any(section.repeat for section in questionnaire.sections)
    form = rating_form(questionnaire, UNITS).questionnaire if repeats else questionnaire
    plain = re.sub(r"\s", "", _text(questionnaire, UNITS if repeats else ())).casefold()
    for item in form.items:
        wordings = [item.text, *(option.text for option in form.options_of(item))]
        for wording in (form.text_in(text, "vi") for text in wordings):
            assert re.sub(r"\s", "", wording).casefold() in plain, (item.id, wording)
        if not isinstance(item, NoteItem) and item.hint is not None:
            assert re.sub(r"\s", "", form.text_in(item.hint, "vi")).casefold() in plain


def test_codes_of_clerks_are_not_offered(questionnaire: Questionnaire) -> None:
    text = _text(questionnaire)
    assert "97 Không áp dụng" in text
    assert "99 Không đủ thông tin để đánh giá" in text
    for words in ("Không đọc được", "Đánh dấu nhiều ô", "Không thuộc diện hỏi", "Không trả lời"):
        assert words not in text


def test_options_stand_in_the_written_order(questionnaire: Questionnaire) -> None:
    boxes = print_questionnaire(questionnaire).template.boxes
    printed = [box.code for box in boxes if box.item == "A1"]
    assert printed == ["1", "2", "9"]


@pytest.mark.parametrize(
    "words",
    [
        "2 Chưa đến → chuyển đến câu 4",
        "2 Không → chuyển đến câu 17",
        "2 Không → chuyển đến cuối phiếu",
        "2 Không đồng ý → xin dừng tại đây và nộp lại phiếu",
        "Câu 5: Chỉ trả lời nếu câu 4 lớn hơn 1.",
        "Từ câu 8 đến câu 9: Chỉ trả lời nếu câu 1 chọn “Đã đến”.",
        "Câu 10: Chỉ trả lời nếu loại cơ quan: sở.",
        "(chọn tối đa 02 ô)",
        "8 Không việc nào (không chọn cùng ô khác)",
        "9 Việc khác (xin ghi rõ việc khác):",
        "(ngày/tháng/năm, từ 01/01/2022 đến 31/12/2022)",
        "giờ (số có tối đa 1 chữ số sau dấu phẩy, từ 0 đến 99,5)",
        "ngày (số nguyên, từ -30 đến 30; ô đầu dành cho dấu trừ)",
        "(số nguyên, từ 0 đến 999.999.999.999.999)",
        "Tên cơ quan, đơn vị được đánh giá:",
        "Mã cơ quan, đơn vị:",
        "Mẫu phiếu every-kind, phiên bản 1.0",
        "Trang 1/2",
    ],
)
def test_the_form_says(questionnaire: Questionnaire, words: str) -> None:
    assert words in _text(questionnaire)


def test_what_jumps_lead_past_needs_no_sentence(questionnaire: Questionnaire) -> None:
    text = _text(questionnaire)
    for number in ("2", "3", "19"):
        assert f"Câu {number}: Chỉ trả lời" not in text
    assert "Số phút chờ" not in text  # a calculation is nobody's question


def test_a_jump_inside_a_conditional_section_stays_a_jump() -> None:
    text = _text(shipped("sipas_citizen"))
    assert "Câu 70: Chỉ trả lời" not in text
    assert "4 Chưa nhận được, chưa đến ngày hẹn → chuyển đến câu 72" in text
    assert "Chỉ trả lời nếu câu 5 chọn “Có”." in text


def test_units_to_rate_have_a_block_each(questionnaire: Questionnaire) -> None:
    text = _text(questionnaire, UNITS)
    assert "R. Đánh giá Sở Y tế (mã SO01; 1/2)" in text
    assert "R. Đánh giá Sở Tài chính (mã SO02; 2/2)" in text
    assert text.count("2 Không → chuyển đến cơ quan, đơn vị tiếp theo") == 1
    assert text.count("2 Không → chuyển đến câu 17") == 1
    assert "${unit.name}" not in text
    assert "Mã cơ quan, đơn vị:" not in text


def test_questions_about_a_unit_have_the_numbers_of_the_screen(
    questionnaire: Questionnaire,
) -> None:
    text = _text(questionnaire, UNITS)
    asked = rating_form(questionnaire, UNITS).questionnaire
    for item in ("R1_1", "R1_2", "RG1_1", "RG2_2"):
        assert f" {asked.number_of(item)}. " in text
    for number in ("14", "15", "16"):
        assert f" {number}. " not in text
    unnamed = _text(questionnaire)
    assert " 14. " in unnamed
    assert "14.1" not in unnamed


def test_sentences_about_a_unit_refer_to_the_numbers_of_its_block(
    questionnaire: Questionnaire,
) -> None:
    section = next(part for part in questionnaire.sections if part.id == "R")
    asked, grid = section.items
    grid = grid.model_copy(update={"show_if": "${R1} = '1' and ${A1} = '1'"})
    changed = section.model_copy(update={"items": (asked, grid)})
    sections = tuple(changed if part.id == "R" else part for part in questionnaire.sections)
    text = _text(questionnaire.model_copy(update={"sections": sections}), UNITS)
    for n in (1, 2):
        assert f"Từ câu 15.{n} đến câu 16.{n}: Chỉ trả lời nếu câu 14.{n} chọn “Có”" in text


def test_more_units_than_a_section_takes_are_refused(questionnaire: Questionnaire) -> None:
    units = [RatedUnit(code=f"SO{number:02}", name=f"Sở {number}") for number in range(6)]
    with pytest.raises(UnitsError, match="6 units, but section R takes 5"):
        print_questionnaire(questionnaire, units=units)


@pytest.mark.parametrize(
    ("facts", "printed"), [({"unit.kind": "so"}, True), ({"unit.kind": "xa"}, False)]
)
def test_a_row_that_the_register_closes_is_not_printed(
    questionnaire: Questionnaire, facts: Mapping[str, str], *, printed: bool
) -> None:
    text = _pages(print_questionnaire(questionnaire, facts=facts).pdf)[0]
    assert ("Trụ sở" in text) is printed
    assert "loại cơ quan" not in text


def test_a_table_that_is_cut_shows_its_header_again(questionnaire: Questionnaire) -> None:
    grid = questionnaire.sections[1].items[1]
    rows = tuple(
        grid.rows[0].model_copy(update={"id": f"BG{number}", "printed_number": str(100 + number)})  # type: ignore[union-attr]
        for number in range(60)
    )
    many = grid.model_copy(update={"rows": rows})
    section = questionnaire.sections[1].model_copy(update={"items": (many,)})
    sections = (section, questionnaire.sections[3])
    pages = _pages(print_questionnaire(questionnaire.model_copy(update={"sections": sections})).pdf)
    with_rows = [page for page in pages if "Chỗ ngồi chờ" in page]
    assert len(with_rows) >= 2
    assert all("Rất tốt" in page for page in with_rows)


def test_copies_differ_in_their_serials_only(questionnaire: Questionnaire, tmp_path: Path) -> None:
    serials = sorted(new_serial() for _ in range(60))
    steps: list[None] = []
    printed = print_questionnaire(
        questionnaire, serials=serials, units=UNITS, advance=lambda: steps.append(None)
    )
    alone = print_questionnaire(questionnaire, units=UNITS)
    assert printed.template == alone.template
    assert len(steps) == 61
    pages, each = _pages(printed.pdf), alone.template.pages
    assert len(pages) == 60 * each
    for number, page in enumerate(pages):
        serial = printed_serial(serials[number // each])
        assert page.count(serial) == 1
        assert f"Trang {number % each + 1}/{each}" in page
    file = tmp_path / "copies.pdf"
    file.write_bytes(printed.pdf)
    assert file.stat().st_size < 3_000_000  # 500 copies stay below 30 MB by far


def test_markup_in_a_unit_s_name_stays_text(questionnaire: Questionnaire) -> None:
    name = "Phòng #lorem(9) *A* $x$ <script> \\ @c"
    assert name in _text(questionnaire, [RatedUnit(code="#1", name=name)])
