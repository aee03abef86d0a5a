"""The parts that every official document has, laid out as Nghị định 30/2020/NĐ-CP asks.

A4, margins 20/20/30/20 mm, Times New Roman, the nation's name and motto, number and date, the
signature block, page numbers centred at the top from the second page.
"""

import io
from collections.abc import Sequence
from datetime import date

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.table import _Cell as Cell
from docx.text.paragraph import Paragraph

from survey.documents.wording import MOTTO, NATION, SIMULATED, place_and_date
from survey.rules.round_document import Issuer

__all__ = [
    "add_table",
    "addressee",
    "annex_title",
    "body",
    "code_line",
    "finish_table",
    "heading",
    "keep_table_whole",
    "landscape_section",
    "letterhead",
    "new_document",
    "new_row",
    "saved",
    "signature_block",
    "signatures",
    "simulated_line",
    "title",
    "write_cell",
]

_FONT = "Times New Roman"
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def new_document(*, size: float = 14) -> DocumentObject:
    """Start an empty A4 document with the decree's margins, typeface and page numbers.

    The decree allows 13 or 14 points for the text.
    """
    document = Document()
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)  # noqa: S101 - python-docx's own template has it
    normal.font.name = _FONT
    normal.font.size = Pt(size)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), _FONT)
    normal.paragraph_format.space_after = Pt(0)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30)
    section.header_distance = Mm(10)
    _number_pages(section)
    return document


def saved(document: DocumentObject) -> bytes:
    """Return the document as the bytes of a DOCX file."""
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def letterhead(
    document: DocumentObject,
    issuer: Issuer,
    *,
    number_suffix: str,
    day: date | None,
    about: str = "",
) -> None:
    """Write who issues on the left, nation and motto on the right, number and date below.

    A công văn has no title: what it is ``about`` stands below its number.
    """
    table = document.add_table(rows=2, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, (Mm(64), Mm(96)), strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width
    left, right = table.rows[0].cells
    _line(left.paragraphs[0], _in_two_lines(issuer.superior), size=12)
    _line(left.add_paragraph(), issuer.office, size=12, bold=True)
    _rule(left.add_paragraph(), Mm(24), Mm(64))
    _line(right.paragraphs[0], NATION, size=12, bold=True)
    _line(right.add_paragraph(), MOTTO, size=13, bold=True)
    _rule(right.add_paragraph(), Mm(58), Mm(96))
    left, right = table.rows[1].cells
    _line(left.paragraphs[0], f"Số:          {number_suffix}", size=13)
    if about:
        _line(left.add_paragraph(), f"V/v {about}", size=12)
    _line(right.paragraphs[0], place_and_date(issuer.place, day), size=13, italic=True)


def addressee(document: DocumentObject, name: str) -> None:
    """Write to whom a công văn goes."""
    _line(document.add_paragraph(), f"Kính gửi: {name}", size=14, before=12)
    document.add_paragraph()


def simulated_line(document: DocumentObject) -> None:
    """Write the band of a round whose answers are made up."""
    paragraph = document.add_paragraph()
    _line(paragraph, SIMULATED, size=13, bold=True)
    _border(paragraph, ("top", "bottom", "left", "right"))


def title(document: DocumentObject, kind: str, subject: str) -> None:
    """Write the kind of document and its subject, centred, with a short rule below."""
    _line(document.add_paragraph(), kind, size=14, bold=True, before=12)
    _line(document.add_paragraph(), subject, size=14, bold=True)
    _rule(document.add_paragraph(), Mm(50), Mm(160))


def heading(document: DocumentObject, text: str) -> None:
    """Write a bold heading that stays with what follows."""
    paragraph = body(document, text, bold=True)
    paragraph.paragraph_format.keep_with_next = True


def body(
    document: DocumentObject,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    justified: bool = True,
) -> Paragraph:
    """Write a paragraph with an indented first line."""
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    layout = paragraph.paragraph_format
    layout.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY if justified else WD_ALIGN_PARAGRAPH.LEFT
    layout.first_line_indent = Mm(12.7)
    layout.space_before = Pt(6)
    return paragraph


def code_line(document: DocumentObject, code: str) -> None:
    """Write a long code on a line of its own, small enough not to break."""
    _line(document.add_paragraph(), code, size=11, before=3)


def signature_block(
    document: DocumentObject, issuer: Issuer, recipients: Sequence[str], archive: str
) -> None:
    """Write the recipients on the left and the signature on the right, kept with the text."""
    _keep_last_with_next(document)
    document.add_paragraph().paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=2)
    _keep_row_together(table)
    left, right = table.rows[0].cells
    _line(left.paragraphs[0], "Nơi nhận:", size=12, bold=True, italic=True, centred=False)
    for recipient in recipients:
        _line(left.add_paragraph(), f"- {recipient};", size=11, centred=False)
    _line(left.add_paragraph(), f"- Lưu: {archive}.", size=11, centred=False)
    _line(right.paragraphs[0], issuer.signer_title, size=13, bold=True)
    for _ in range(4):
        right.add_paragraph()
    _line(right.add_paragraph(), issuer.signer_name, size=14, bold=True)


def signatures(document: DocumentObject, titles: Sequence[str]) -> None:
    """Write several signature places side by side, kept with the text."""
    _keep_last_with_next(document)
    document.add_paragraph().paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=len(titles))
    _keep_row_together(table)
    for cell, text in zip(table.rows[0].cells, titles, strict=True):
        _line(cell.paragraphs[0], text, size=12, bold=True)
        _line(cell.add_paragraph(), "(Ký, ghi rõ họ tên)", size=12, italic=True)
        for _ in range(3):
            cell.add_paragraph()


def landscape_section(document: DocumentObject) -> None:
    """Begin an annex on a new page in landscape, for a wide table, with page numbers of its own."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.different_first_page_header_footer = True
    properties = section._sectPr  # noqa: SLF001 - python-docx has no page numbers
    for earlier in properties.findall(qn("w:pgNumType")):
        properties.remove(earlier)
    numbering = OxmlElement("w:pgNumType")
    numbering.set(qn("w:start"), "1")
    properties.insert_element_before(numbering, "w:cols", "w:titlePg", "w:docGrid")


def add_table(document: DocumentObject, widths: Sequence[float], *, rows: int) -> Table:
    """Add a table with borders and fixed widths in millimetres."""
    table: Table = document.add_table(rows=rows, cols=len(widths))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    return table


def write_cell(
    cell: Cell, text: str, *, bold: bool = False, centred: bool = False, size: float = 11
) -> None:
    """Write one line of text into a cell."""
    _line(cell.paragraphs[0], text, size=size, bold=bold, centred=centred)


def annex_title(document: DocumentObject, number: str, text: str, belongs: str) -> None:
    """Write the title of an annex and the document it belongs to."""
    _line(document.add_paragraph(), number, size=14, bold=True)
    _line(document.add_paragraph(), text, size=14, bold=True)
    _line(document.add_paragraph(), f"({belongs})", size=13, italic=True)
    document.add_paragraph()


def new_row(table: Table) -> tuple[Cell, ...]:
    """Add a row and return its cells."""
    return tuple(table.add_row().cells)  # type: ignore[no-untyped-call]


def finish_table(table: Table, widths: Sequence[float], *, header_rows: int) -> None:
    """Give rows that were added later their widths, and repeat the header on every page."""
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            if cell.grid_span == 1:
                cell.width = Mm(width)
    _keep_row_together(table)
    for row in table.rows[:header_rows]:
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no name for it
        properties.append(OxmlElement("w:tblHeader"))


def keep_table_whole(table: Table) -> None:
    """Keep the rows of a short table on one page, so that its total never stands alone."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def _keep_last_with_next(document: DocumentObject) -> None:
    """Keep the last paragraph of the text with what follows; a table keeps its last row."""
    last = document.element.body[-2]  # the last element is the section's own
    if last.tag == qn("w:tbl"):
        paragraphs = [p for cell in document.tables[-1].rows[-1].cells for p in cell.paragraphs]
    else:
        paragraphs = document.paragraphs[-1:]
    for paragraph in paragraphs:
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.keep_together = True


def _in_two_lines(superior: str) -> str:
    """Break a long superior body before its place, as letterheads do."""
    body_name = "ỦY BAN NHÂN DÂN"
    return superior.replace(f"{body_name} ", f"{body_name}\n")


def _line(  # noqa: PLR0913 - one line of text with its looks
    paragraph: Paragraph,
    text: str,
    *,
    size: float,
    bold: bool = False,
    italic: bool = False,
    centred: bool = True,
    before: float = 0,
) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold, run.italic = bold, italic
    paragraph.paragraph_format.space_before = Pt(before)
    if centred:
        paragraph.alignment = _CENTRE


def _rule(paragraph: Paragraph, length: int, width: int) -> None:
    """Draw a short centred rule: a paragraph with a top border between indents."""
    side = (width - length) // 2
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = side
    paragraph.paragraph_format.space_before = Pt(2)
    run = paragraph.add_run("")
    run.font.size = Pt(4)
    paragraph.paragraph_format.line_spacing = Pt(6)
    _border(paragraph, ("top",))


def _border(paragraph: Paragraph, sides: Sequence[str]) -> None:
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):  # the order the schema asks for
        if side in sides:
            line = OxmlElement(f"w:{side}")
            for name, value in (
                ("val", "single"),
                ("sz", "6"),
                ("space", "1"),
                ("color", "000000"),
            ):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - python-docx has no borders
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _number_pages(section: Section) -> None:
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = _CENTRE
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = text
        run._r.append(element)  # noqa: SLF001 - python-docx has no fields


def _keep_row_together(table: Table) -> None:
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - as above
