"""The codebook as a document: Markdown for a repository, one HTML page for reading and printing.

Headings are in Vietnamese or English, by the codebook's language; conditions stay expressions,
since they are what was evaluated. docs/questionnaire-formats.md shows both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from questionnaires.codebook import Codebook, CodeLabel, Column
from questionnaires.codebook_words import CodebookWords, codebook_words, remarks
from questionnaires.markup import add, legal

__all__ = ["to_html", "to_markdown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    """A line about a column; ``language`` of its text, "" for the headings' own."""

    heading: str
    text: str
    language: str = ""
    is_code: bool = False


def _facts(column: Column, words: CodebookWords) -> Iterator[_Fact]:
    """List what there is to say about a column, in the order of reading."""
    if column.label != column.question:
        yield _text(column, "label", words.label)
    yield _text(column, "stem", words.stem)
    yield _text(column, "question", words.question)
    yield _text(column, "hint", words.hint)
    yield _text(column, "universe", words.universe)
    yield _Fact(heading=words.condition, text=column.condition, is_code=True)
    yield _Fact(heading=words.value, text=column.value, is_code=True)
    yield _Fact(heading=words.repeated, text=words.each_unit if column.is_per_unit else "")
    yield _Fact(heading=words.kind, text=words.kinds[column.type])
    yield _Fact(heading=words.number, text=column.number)
    yield from _measures(column, words)
    yield _Fact(heading=words.disclosure, text=words.disclosures[column.disclosure])
    yield from _uses(column, words)


def _text(column: Column, name: str, heading: str) -> _Fact:
    """Take a text of a column with its language."""
    return _Fact(heading=heading, text=getattr(column, name), language=column.language_of(name))


def _measures(column: Column, words: CodebookWords) -> Iterator[_Fact]:
    yield _Fact(heading=words.range, text=_range(column, words))
    if column.places is not None and column.type != "integer":
        yield _Fact(heading=words.places, text=str(column.places))
    yield _text(column, "unit", words.unit)
    if column.most is not None:
        heading = words.characters if column.type == "text" else words.choices
        yield _Fact(heading=heading, text=str(column.most))


def _range(column: Column, words: CodebookWords) -> str:
    if column.lowest and column.highest:
        return f"{column.lowest} – {column.highest}"
    if column.lowest:
        return f"{words.at_least} {column.lowest}"
    return f"{words.at_most} {column.highest}" if column.highest else ""


def _uses(column: Column, words: CodebookWords) -> Iterator[_Fact]:
    for block, factor in column.factors:
        language = column.language_of("factors")
        yield _Fact(heading=words.factor, text=f"{block} › {factor}", language=language)
    yield _text(column, "criterion", words.criterion)
    if column.points is not None:
        yield _Fact(heading=words.points, text=str(column.points))


def _about(codebook: Codebook, words: CodebookWords) -> tuple[_Fact, ...]:
    return (
        _Fact(heading=words.questionnaire, text=codebook.questionnaire, is_code=True),
        _Fact(heading=words.version, text=codebook.version),
        _Fact(heading=words.fingerprint, text=codebook.fingerprint, is_code=True),
        _Fact(heading=words.columns, text=str(len(codebook.columns))),
    )


def _by_section(codebook: Codebook) -> dict[str, list[Column]]:
    """Gather the columns by section; calculations stand last in the table of answers."""
    found: dict[str, list[Column]] = {}
    for column in codebook.columns:
        found.setdefault(column.section, []).append(column)
    return found


_MARKUP: Final = re.compile(r"([\\`*_\[\]<>|~&#])")
_TICKS: Final = re.compile("`+")


def to_markdown(codebook: Codebook) -> str:
    """Write a codebook as Markdown (CommonMark with the tables of GitHub).

    Parameters
    ----------
    codebook : Codebook

    Returns
    -------
    str
        Ends with a newline; NFC; texts are escaped, so that they read as they were written.

    Examples
    --------
    >>> from questionnaires import codebook
    >>> from questionnaires.library import shipped
    >>> to_markdown(codebook(shipped("transaction"), "vi")).splitlines()[0]
    '# Bảng mã dữ liệu: Phiếu đánh giá sau khi làm thủ tục hành chính'
    """
    words = codebook_words(codebook.language)
    lines = [f"# {words.codebook}: {_plain(codebook.title)}", ""]
    lines += [*_list(_about(codebook, words)), "", f"## {words.contents}", ""]
    lines += _table((words.name, words.label, words.kind), _contents(codebook, words))
    for section, columns in _by_section(codebook).items():
        lines += ["", f"## {_plain(section) or words.outside}"]
        for column in columns:
            lines += ["", f"### {_code(column.name)} {_plain(column.label)}", ""]
            lines += _list(tuple(_facts(column, words)))
            if column.codes:
                rows = [_code_row(code, words) for code in column.codes]
                lines += ["", *_table((words.code, words.meaning, words.status), rows)]
    return legal("\n".join(lines)) + "\n"


def _contents(codebook: Codebook, words: CodebookWords) -> list[tuple[str, ...]]:
    return [
        (_code(column.name), _plain(column.label), words.kinds[column.type])
        for column in codebook.columns
    ]


def _code_row(code: CodeLabel, words: CodebookWords) -> tuple[str, ...]:
    return _code(code.code), _plain(code.label), _status(code, words)


def _status(code: CodeLabel, words: CodebookWords) -> str:
    status = words.missing if code.missing else words.answer
    return "; ".join((status, *remarks(code, words)))


def _list(facts: tuple[_Fact, ...]) -> list[str]:
    return [
        f"- **{fact.heading}:** {_code(fact.text) if fact.is_code else _plain(fact.text)}"
        for fact in facts
        if fact.text
    ]


def _table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    cells = [headings, ("---",) * len(headings), *rows]
    return [f"| {' | '.join(row)} |" for row in cells]


def _plain(text: str) -> str:
    """Escape what Markdown would read as markup; a text is one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Write a code span, with more backticks around it than in it."""
    line = " ".join(text.split())
    longest = max((len(ticks) for ticks in _TICKS.findall(line)), default=0)
    fence, pad = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{pad}{line}{pad}{fence}"


_STYLE: Final = """
body { font: 1rem/1.5 system-ui, "Noto Sans", sans-serif; color: #1a1a1a; background: #fff;
  max-width: 60rem; margin: 0 auto; padding: 1rem; }
a { color: #00438a; }
h2 { border-bottom: 2px solid #1a1a1a; margin-top: 2.5rem; }
article { border-top: 1px solid #767676; margin-top: 1.5rem; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
caption { text-align: left; font-weight: 600; }
th, td { border: 1px solid #767676; padding: .2rem .5rem; text-align: left; vertical-align: top; }
thead { display: table-header-group; }
code { font-family: ui-monospace, "Noto Sans Mono", monospace; }
@page { size: A4; margin: 20mm 15mm; }
@media print {
  body { font-size: 10pt; max-width: none; padding: 0; }
  nav { break-after: page; }
  h2, h3, caption { break-after: avoid; }
  tr, dl { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
"""


def to_html(codebook: Codebook) -> str:
    """Write a codebook as one HTML page, without scripts or anything from elsewhere.

    Parameters
    ----------
    codebook : Codebook

    Returns
    -------
    str
        Headings in order, tables with captions and scopes, every part marked with its language; it
        prints on A4 with the table of contents in front.
    """
    words = codebook_words(codebook.language)
    html = Element("html", {"lang": words.language})
    head = SubElement(html, "head")
    add(head, "meta", attributes={"charset": "utf-8"})
    view = {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    add(head, "meta", attributes=view)
    add(head, "title", f"{words.codebook}: {codebook.title}")
    SubElement(head, "style").text = _STYLE
    body = SubElement(html, "body")
    _header(body, codebook, words)
    _navigation(body, codebook, words)
    main = SubElement(body, "main")
    for section, columns in _by_section(codebook).items():
        part = SubElement(main, "section")
        language = columns[0].language_of("section")
        add(part, "h2", section or words.outside, {"lang": language})
        for column in columns:
            _article(part, column, words)
    indent(html, space="")
    return "<!DOCTYPE html>\n" + tostring(html, encoding="unicode", method="html") + "\n"


def _header(body: Element, codebook: Codebook, words: CodebookWords) -> None:
    header = SubElement(body, "header")
    title = add(header, "h1", f"{words.codebook}: ")
    add(title, "span", codebook.title, {"lang": codebook.title_language})
    _definitions(header, _about(codebook, words))


def _navigation(body: Element, codebook: Codebook, words: CodebookWords) -> None:
    navigation = add(body, "nav", attributes={"aria-labelledby": "contents"})
    add(navigation, "h2", words.contents, {"id": "contents"})
    rows = _rows(navigation, "", (words.name, words.label, words.kind))
    for column in codebook.columns:
        row = SubElement(rows, "tr")
        link = add(_row_head(row), "a", attributes={"href": f"#column-{column.name}"})
        add(link, "code", column.name)
        add(row, "td", column.label, {"lang": column.language_of("label")})
        add(row, "td", words.kinds[column.type])


def _article(parent: Element, column: Column, words: CodebookWords) -> None:
    heading = f"column-{column.name}"
    article = add(parent, "article", attributes={"aria-labelledby": heading})
    title = add(article, "h3", attributes={"id": heading})
    add(title, "code", column.name).tail = " "
    add(title, "span", column.label, {"lang": column.language_of("label")})
    _definitions(article, tuple(_facts(column, words)))
    if not column.codes:
        return
    caption = f"{words.codes} {column.name}"
    rows = _rows(article, caption, (words.code, words.meaning, words.status))
    for code in column.codes:
        row = SubElement(rows, "tr")
        add(_row_head(row), "code", code.code)
        add(row, "td", code.label, {"lang": code.language})
        add(row, "td", _status(code, words))


def _definitions(parent: Element, facts: tuple[_Fact, ...]) -> None:
    listing = SubElement(parent, "dl")
    for fact in facts:
        if fact.text:
            add(listing, "dt", fact.heading)
            text = add(listing, "dd", attributes={"lang": fact.language})
            if fact.is_code:
                add(text, "code", fact.text)
            else:
                text.text = legal(fact.text)


def _rows(parent: Element, caption: str, headings: tuple[str, ...]) -> Element:
    """Start a table and give the body to put rows in; without a caption, its heading names it."""
    table = SubElement(parent, "table")
    if caption:
        add(table, "caption", caption)
    else:
        table.set("aria-labelledby", "contents")
    row = SubElement(SubElement(table, "thead"), "tr")
    for heading in headings:
        add(row, "th", heading, {"scope": "col"})
    return SubElement(table, "tbody")


def _row_head(row: Element) -> Element:
    return add(row, "th", attributes={"scope": "row"})
