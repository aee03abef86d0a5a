"""The empty register as a workbook: columns as text, choices as lists, each column explained.

Codes and numbers stand in text cells: a spreadsheet would turn 01 into 1 and 1.234 into a date.
"""

import io
from collections.abc import Sequence

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from sampling import Selection
from survey.rules.facts import KNOWN_FACTS, fact_column
from survey.rules.round_document import RoundDocument

__all__ = ["register_template"]

_ROWS = 2_000
_EXPLANATIONS = {
    "code": "Mã cơ quan, đơn vị; không trùng, không dùng lại cho cơ quan, đơn vị khác.",
    "name": "Tên đầy đủ của cơ quan, đơn vị.",
    "unit_group": "Nhóm đơn vị, ghi một trong các mã: {unit_groups}.",
    "parent": "Mã cơ quan, đơn vị cấp trên có trong bảng này; để trống nếu không có.",
    "handles_procedures": (
        "Trực tiếp giải quyết thủ tục hành chính: yes (có) hoặc no (không); "
        "bắt buộc với nhóm được điều tra."
    ),
    "area_urban": "Khu vực: urban (đô thị) hoặc rural (nông thôn).",
    "area_terrain": "Địa bàn: mountain (miền núi), island (hải đảo) hoặc other (địa bàn khác).",
    "population": (
        "Tổng số người thuộc nhóm “{group}” của cơ quan, đơn vị, kể cả 0; chỉ ghi chữ số, không "
        "ghi dấu phân cách; bắt buộc với nhóm được điều tra."
    ),
    "selection": (
        "Cách chọn người trả lời: list (chọn từ danh sách họ tên), positions (chọn số thứ tự trong "
        "danh sách do đơn vị giữ), picked (đơn vị tự chọn, không tính được sai số)."
    ),
    "list_date": "Ngày lập danh sách nhân sự, ghi 30/09/2022 hoặc 2022-09-30.",
    "valid_from": "Ngày cơ quan, đơn vị bắt đầu có thông tin như dòng này.",
    "valid_to": "Ngày cuối cùng còn hiệu lực; để trống nếu còn hoạt động.",
    "unit": "Mã cơ quan, đơn vị như trong bảng “units”.",
    "group": "Nhóm đối tượng, ghi một trong các mã: {groups}.",
    "position": "Số thứ tự trong danh sách của cơ quan, đơn vị theo từng nhóm, đếm từ 1.",
    "staff_name": "Họ và tên; người trùng họ tên cần ghi thêm, ví dụ tên phòng.",
}


def register_template(
    document: RoundDocument, unit_columns: Sequence[str], staff_columns: Sequence[str]
) -> bytes:
    """Draw the template.

    Parameters
    ----------
    document : RoundDocument
        Gives the codes of unit groups and respondent groups.
    unit_columns, staff_columns : sequence of str

    Returns
    -------
    bytes
        XLSX with the sheets "units", "staff" and an explanation in Vietnamese.
    """
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1})
    text = book.add_format({"num_format": "@"})
    units = _table(book, "units", unit_columns, head, text)
    staff = _table(book, "staff", staff_columns, head, text)
    groups = [group.code for group in document.respondent_groups]
    _list(units, unit_columns, "unit_group", [rule.code for rule in document.unit_groups])
    _list(units, unit_columns, "handles_procedures", ["yes", "no"])
    for fact in document.unit_facts:
        _list(units, unit_columns, fact_column(fact), KNOWN_FACTS[fact])
    _list(units, unit_columns, "selection", [str(way) for way in Selection])
    _list(staff, staff_columns, "group", groups)
    _explain(book, document, unit_columns, staff_columns)
    book.close()
    return file.getvalue()


def _table(
    book: Workbook, name: str, columns: Sequence[str], head: Format, text: Format
) -> Worksheet:
    """Add an empty table whose cells are text."""
    sheet = book.add_worksheet(name)
    for place, column in enumerate(columns):
        wide = 46 if column == "name" else max(14, len(column) + 2)
        sheet.set_column(place, place, wide, text)
        sheet.write_string(0, place, column, head)
    sheet.freeze_panes(1, 0)
    return sheet


def _list(sheet: Worksheet, columns: Sequence[str], column: str, choices: Sequence[str]) -> None:
    """Offer a list of choices below one column."""
    place = columns.index(column)
    rule = {"validate": "list", "source": list(choices)}
    sheet.data_validation(1, place, _ROWS, place, rule)


def _explain(
    book: Workbook,
    document: RoundDocument,
    unit_columns: Sequence[str],
    staff_columns: Sequence[str],
) -> None:
    """Add the sheet that says what each column means."""
    sheet = book.add_worksheet("Hướng dẫn")
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 1, 22)
    sheet.set_column(2, 2, 90, wrap)
    for place, title in enumerate(("Bảng", "Cột", "Ý nghĩa")):
        sheet.write_string(0, place, title, bold)
    lines = [("units", column) for column in unit_columns]
    lines += [("staff", column) for column in staff_columns]
    for row, (table, column) in enumerate(lines, start=1):
        sheet.write_string(row, 0, table)
        sheet.write_string(row, 1, column)
        sheet.write_string(row, 2, _meaning(document, table, column))


def _meaning(document: RoundDocument, table: str, column: str) -> str:
    """Say what a column means, with the round's own codes."""
    if column.startswith("population_"):
        group = document.group_label(column.removeprefix("population_"), "vi")
        return _EXPLANATIONS["population"].format(group=group)
    key = "staff_name" if (table, column) == ("staff", "name") else column
    return _EXPLANATIONS[key].format(
        unit_groups=", ".join(rule.code for rule in document.unit_groups),
        groups=", ".join(group.code for group in document.respondent_groups),
    )
