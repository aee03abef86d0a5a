"""One unit's staff list to fill in: its code, groups and positions stand there, names are missing.

The sheet has the columns of the register's staff table, so what comes back is read by the same
importer; where N is not known yet, rows are empty and the code is offered as a choice.
"""

import io
from collections.abc import Mapping

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from survey.rules.register import STAFF_COLUMNS
from survey.rules.round_document import RoundDocument

__all__ = ["staff_list_template"]

_ROWS = 1_000
_WIDTHS = {"unit": 14, "group": 12, "position": 12, "name": 46}


def staff_list_template(
    document: RoundDocument, *, code: str, name: str, populations: Mapping[str, int]
) -> bytes:
    """Draw the template of one unit.

    Parameters
    ----------
    document : RoundDocument
    code, name : str
        Of the unit.
    populations : mapping of str to int
        People by respondent group as the register has them; empty where they are not known.

    Returns
    -------
    bytes
        XLSX with the sheets "staff" and "Hướng dẫn".
    """
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    head = book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet("staff")
    for place, column in enumerate(STAFF_COLUMNS):
        sheet.set_column(place, place, _WIDTHS[column], text)
        sheet.write_string(0, place, column, head)
    sheet.freeze_panes(1, 0)
    _prefill(sheet, text, code, populations)
    last = max(_ROWS, 2 * sum(populations.values()))
    _rules(sheet, document, code, last)
    _mark_twins(sheet, book.add_format({"bg_color": "#FFD9B3", "bold": True}), last)
    _for_paper(sheet, name)
    _explain(book, document, name)
    book.close()
    return file.getvalue()


def _prefill(sheet: Worksheet, text: Format, code: str, populations: Mapping[str, int]) -> None:
    """Write one row for every person that the register counts, without the name."""
    row = 0
    for group, people in populations.items():
        for position in range(1, people + 1):
            row += 1
            for column, value in (("unit", code), ("group", group), ("position", str(position))):
                sheet.write_string(row, STAFF_COLUMNS.index(column), value, text)


def _rules(sheet: Worksheet, document: RoundDocument, code: str, last: int) -> None:
    """Offer the unit's code and the groups, and refuse other positions and overlong names."""
    groups = [group.code for group in document.respondent_groups]
    unreadable = "Giá trị không hợp lệ"
    rules: Mapping[str, dict[str, object]] = {
        "unit": {
            "validate": "list",
            "source": [code],
            "error_message": f"Mã cơ quan, đơn vị của danh sách này là {code}.",
        },
        "group": {
            "validate": "list",
            "source": groups,
            "error_message": f"Mã nhóm đối tượng là một trong: {', '.join(groups)}.",
        },
        "position": {
            "validate": "custom",
            "value": f"=AND(ISNUMBER(VALUE({_first('position')})),VALUE({_first('position')})>=1)",
            "error_message": "Số thứ tự là số nguyên từ 1.",
        },
        "name": {
            "validate": "length",
            "criteria": "between",
            "minimum": 1,
            "maximum": 200,
            "error_message": "Họ và tên dài từ 1 đến 200 ký tự.",
        },
    }
    for column, rule in rules.items():
        place = STAFF_COLUMNS.index(column)
        sheet.data_validation(1, place, last, place, {"error_title": unreadable, **rule})


def _mark_twins(sheet: Worksheet, look: Format, last: int) -> None:
    """Colour names that stand twice: the importer refuses them, so they show while writing."""
    place = STAFF_COLUMNS.index("name")
    sheet.conditional_format(1, place, last, place, {"type": "duplicate", "format": look})


def _for_paper(sheet: Worksheet, name: str) -> None:
    """Let the list be printed, to be signed and kept: A4, one page wide, headings repeated."""
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.hide_gridlines(0)
    sheet.set_header(f"&LDanh sách nhân sự của {name.replace('&', '&&')}&RTrang &P/&N")
    sheet.set_footer("&LNgày lập danh sách: ……/……/…………&RThủ trưởng cơ quan, đơn vị ký:")


def _first(column: str) -> str:
    """Name the first cell below a column's header, as validation formulas count from it."""
    return f"{chr(ord('A') + STAFF_COLUMNS.index(column))}2"


def _explain(book: Workbook, document: RoundDocument, name: str) -> None:
    """Add the sheet that says how to fill the list in."""
    sheet = book.add_worksheet("Hướng dẫn")
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 110, wrap)
    sheet.write_string(0, 0, f"Danh sách nhân sự của {name}", bold)
    groups = "; ".join(f"{group.code}: {group.label.vi}" for group in document.respondent_groups)
    lines = (
        document.title.vi,
        (
            "1. Ghi họ và tên vào cột “name” của bảng “staff”, mỗi người một dòng; không đổi tên "
            "bảng, tên cột."
        ),
        f"2. Cột “group” ghi mã nhóm đối tượng ({groups}).",
        "3. Cột “position” là số thứ tự trong nhóm, liên tục từ 1.",
        (
            "4. Nếu số người khác với số dòng ghi sẵn, thêm hoặc xóa dòng cho đúng thực tế và báo "
            "số người đúng trong công văn gửi kèm. Ghi ngày lập danh sách trong công văn đó."
        ),
        "5. Người trùng họ tên cần ghi thêm, ví dụ tên phòng; họ tên trùng được tô màu.",
    )
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line)
