"""The sample plan as a workbook: a sheet a unit group with live sums, and how it was drawn.

Text goes in as text whatever it begins with: a unit called "=1+1" stays a name.
"""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from sampling import Selection
from survey.documents.budget_sheet import write_budget
from survey.documents.plan_alternatives import write_alternatives
from survey.documents.plan_sections import assumptions, level_text
from survey.documents.wording import SIMULATED, short_moment
from survey.rules.alternatives import Outcome
from survey.rules.outlook import Outlook
from survey.rules.plan_table import PlanCell, PlanGroup, PlanTable, PlanUnit
from survey.rules.round_document import RoundDocument

__all__ = ["plan_workbook"]

_SELECTION = {
    Selection.LIST: "danh sách",
    Selection.POSITIONS: "số thứ tự",
    Selection.PICKED: "đơn vị tự chọn",
}
_FACTS = ("Mã", "Cơ quan, đơn vị", "Cách chọn", "Ngày lập danh sách", "Đã xác nhận")
_NUMBERS = ("Số người (N)", "Kế hoạch", "Chọn được", "Thiếu")
_HEADER_ROWS = 5

_Sums = dict[tuple[str, int], list[str]]
"""Cells with sums, by respondent group and place among `_NUMBERS`."""


def plan_workbook(
    table: PlanTable,
    document: RoundDocument,
    *,
    outcomes: Sequence[Outcome] = (),
    simulated: bool = False,
) -> bytes:
    """Draw the plan as XLSX.

    Parameters
    ----------
    table : PlanTable
    document : RoundDocument
    outcomes : sequence of Outcome
        Other ways to share the forms, for a sheet; left out where there are none.
    simulated : bool
        Puts the warning above every sheet.

    Returns
    -------
    bytes
        XLSX; sums are formulas with their values stored, so that viewers without a calculator
        show them too.
    """
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(target, options)
    looks = _looks(workbook)
    warning = SIMULATED if simulated else ""
    sums: _Sums = {}
    for group in table.groups:
        sheet = workbook.add_worksheet(group.label.vi[:31])
        _title(sheet, looks, document, f"Kế hoạch chọn mẫu – {group.label.vi}", warning)
        if group.quotas:
            _group_sheet(sheet, looks, group, document)
            _note_sums(sums, sheet, group)
            _errors(sheet, looks, group, table.level)
        else:
            _listed_sheet(sheet, looks, group)
    _places_sheet(workbook, looks, table, document, warning)
    if table.budget is not None:
        sheet = workbook.add_worksheet("Kinh phí")
        _title(sheet, looks, document, "Kinh phí dự kiến", warning)
        write_budget(sheet, looks, table.budget, first_row=_HEADER_ROWS - 1)
    if outcomes:
        sheet = workbook.add_worksheet("Phương án phân bổ")
        _title(sheet, looks, document, "So sánh các phương án phân bổ cùng số phiếu", warning)
        write_alternatives(sheet, looks, table, outcomes, first_row=_HEADER_ROWS - 1)
    sheet = workbook.add_worksheet("Cách chọn mẫu")
    _title(sheet, looks, document, "Thông tin để chọn lại đúng mẫu này", warning)
    row = _draw_facts(sheet, looks, table, document)
    _province_sums(sheet, looks, table, document, (row, sums))
    workbook.close()
    return target.getvalue()


def _looks(workbook: xlsxwriter.Workbook) -> dict[str, Format]:
    base = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
    edge = {"border": 1}
    return {
        "title": workbook.add_format({**base, "bold": True, "font_size": 14}),
        "warning": workbook.add_format({**base, "bold": True, "border": 2, "align": "center"}),
        "plain": workbook.add_format({**base}),
        "note": workbook.add_format({**base, "text_wrap": True}),
        "head": workbook.add_format(
            {**base, **edge, "bold": True, "align": "center", "text_wrap": True}
        ),
        "text": workbook.add_format({**base, **edge, "text_wrap": True}),
        "number": workbook.add_format({**base, **edge, "num_format": "#,##0"}),
        "centred": workbook.add_format({**base, **edge, "align": "center"}),
        "share": workbook.add_format({**base, **edge, "num_format": "0.0%"}),
        "sum": workbook.add_format({**base, **edge, "bold": True, "num_format": "#,##0"}),
        "bold": workbook.add_format({**base, **edge, "bold": True}),
    }


def _title(
    sheet: Worksheet,
    looks: Mapping[str, Format],
    document: RoundDocument,
    title: str,
    warning: str,
) -> None:
    sheet.write_string(0, 0, f"{warning} – {title}" if warning else title, looks["title"])
    sheet.write_string(1, 0, document.title.vi, looks["plain"])
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.5)
    sheet.set_footer("&L&A")
    sheet.set_header(f"&C{warning}&RTrang &P/&N")


def _group_sheet(
    sheet: Worksheet, looks: Mapping[str, Format], group: PlanGroup, document: RoundDocument
) -> None:
    codes = list(group.quotas)
    _group_header(sheet, looks, [document.group_label(code, "vi") for code in codes])
    sheet.freeze_panes(_HEADER_ROWS, 2)
    sheet.repeat_rows(_HEADER_ROWS - 2, _HEADER_ROWS - 1)
    units = [unit for unit in group.units if unit.cells]
    for row, unit in enumerate(units, start=_HEADER_ROWS):
        _unit_row(sheet, looks, row, unit, codes)
    last = _HEADER_ROWS + len(units)
    sheet.merge_range(last, 0, last, len(_FACTS) - 1, f"Cộng {group.label.vi}", looks["bold"])
    totals = {total.respondent_group: total for total in group.totals}
    values = [
        value
        for total in [*(totals[code] for code in codes), group.total]
        for value in (total.population, total.planned, total.size, total.shortfall)
    ]
    for offset, value in enumerate(values):
        column = len(_FACTS) + offset
        first, end = (xl_rowcol_to_cell(r, column) for r in (_HEADER_ROWS, last - 1))
        sheet.write_formula(last, column, f"=SUM({first}:{end})", looks["sum"], value)


def _group_header(sheet: Worksheet, looks: Mapping[str, Format], labels: Sequence[str]) -> None:
    top, low = _HEADER_ROWS - 2, _HEADER_ROWS - 1
    for column, name in enumerate(_FACTS):
        sheet.merge_range(top, column, low, column, name, looks["head"])
    for number, label in enumerate([*labels, "Tổng"]):
        first = len(_FACTS) + len(_NUMBERS) * number
        sheet.merge_range(top, first, top, first + len(_NUMBERS) - 1, label, looks["head"])
        for offset, name in enumerate(_NUMBERS):
            sheet.write_string(low, first + offset, name, looks["head"])
    sheet.set_column(0, 0, 7)
    sheet.set_column(1, 1, 33)
    sheet.set_column(2, 4, 10)
    sheet.set_column(5, len(_FACTS) + len(_NUMBERS) * (len(labels) + 1) - 1, 6)
    sheet.set_row(top, 32)
    sheet.set_row(low, 48)


def _unit_row(
    sheet: Worksheet,
    looks: Mapping[str, Format],
    row: int,
    unit: PlanUnit,
    codes: Sequence[str],
) -> None:
    facts = (
        unit.code,
        unit.name,
        _SELECTION[unit.selection],
        f"{unit.list_date:%d/%m/%Y}" if unit.list_date else "–",
        _certificate(unit),
    )
    for column, text in enumerate(facts):
        sheet.write_string(row, column, text, looks["text"])
    cells = {cell.respondent_group: cell for cell in unit.cells}
    for number, code in enumerate(codes):
        _cell_numbers(sheet, looks["number"], row, len(_FACTS) + 4 * number, cells.get(code))
    first = len(_FACTS) + 4 * len(codes)
    totals = (unit.total.population, unit.total.planned, unit.total.size, unit.total.shortfall)
    for offset, value in enumerate(totals):
        parts = [
            xl_rowcol_to_cell(row, len(_FACTS) + 4 * number + offset)
            for number in range(len(codes))
        ]
        sheet.write_formula(row, first + offset, f"=SUM({','.join(parts)})", looks["number"], value)


def _errors(sheet: Worksheet, looks: Mapping[str, Format], group: PlanGroup, level: float) -> None:
    """Write both expected errors of every unit and of the group, and what they assume."""
    first = len(_FACTS) + len(_NUMBERS) * (len(group.quotas) + 1)
    names = ("Sai số theo công thức Slovin", f"Nửa độ rộng khoảng tin cậy {level_text(level)}")
    for column, name in enumerate(names, start=first):
        sheet.merge_range(_HEADER_ROWS - 2, column, _HEADER_ROWS - 1, column, name, looks["head"])
        sheet.set_column(column, column, 10)
    units = [unit for unit in group.units if unit.cells]
    rows = [(unit, unit.selection is not Selection.PICKED) for unit in units]
    whole_group = all(drawn for _, drawn in rows)
    found = [(unit.outlook, drawn) for unit, drawn in rows] + [(group.outlook, whole_group)]
    for row, (outlook, live) in enumerate(found, start=_HEADER_ROWS):
        _error_cells(sheet, looks, (row, first), outlook, live=live)
    for row, sentence in enumerate(assumptions(level), start=_HEADER_ROWS + len(rows) + 2):
        sheet.merge_range(row, 0, row, first + 1, sentence, looks["note"])
        sheet.set_row(row, 32)


def _error_cells(
    sheet: Worksheet,
    looks: Mapping[str, Format],
    place: tuple[int, int],
    outlook: Outlook,
    *,
    live: bool,
) -> None:
    """Write two errors; Slovin's is a formula where the row's own N and n are those it is about."""
    row, column = place
    for offset, share in enumerate((outlook.implied_error, outlook.half_width)):
        if share is None:
            sheet.write_string(row, column + offset, "không tính", looks["text"])
        elif live and offset == 0:
            people, asked = (xl_rowcol_to_cell(row, column - 4 + k) for k in (0, 2))
            formula = f"=SQRT(1/{asked}-1/{people})"
            sheet.write_formula(row, column, formula, looks["share"], share)
        else:
            sheet.write_number(row, column + offset, share, looks["share"])


def _certificate(unit: PlanUnit) -> str:
    if not unit.needs_certificate:
        return "không cần"
    return "có" if unit.certified else "chưa"


def _cell_numbers(
    sheet: Worksheet, look: Format, row: int, first: int, cell: PlanCell | None
) -> None:
    if cell is None:
        for offset in range(4):
            sheet.write_string(row, first + offset, "–", look)
        return
    for offset, value in enumerate((cell.population, cell.planned, cell.size)):
        sheet.write_number(row, first + offset, value, look)
    planned, size = (xl_rowcol_to_cell(row, first + offset) for offset in (1, 2))
    sheet.write_formula(row, first + 3, f"={planned}-{size}", look, cell.shortfall)


def _listed_sheet(sheet: Worksheet, looks: Mapping[str, Format], group: PlanGroup) -> None:
    sheet.write_string(2, 0, "Không giao số phiếu; không điều tra mẫu.", looks["plain"])
    for column, name in enumerate(_FACTS[:2]):
        sheet.write_string(_HEADER_ROWS - 1, column, name, looks["head"])
    for row, unit in enumerate(group.units, start=_HEADER_ROWS):
        sheet.write_string(row, 0, unit.code, looks["text"])
        sheet.write_string(row, 1, unit.name, looks["text"])
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 60)
    sheet.freeze_panes(_HEADER_ROWS, 0)
    sheet.repeat_rows(_HEADER_ROWS - 1)
    sheet.set_portrait()


def _places_sheet(
    workbook: xlsxwriter.Workbook,
    looks: Mapping[str, Format],
    table: PlanTable,
    document: RoundDocument,
    warning: str,
) -> None:
    sheet = workbook.add_worksheet("Người được chọn")
    _title(sheet, looks, document, "Số thứ tự được chọn, theo thứ tự mời", warning)
    names = ("Mã", "Cơ quan, đơn vị", "Nhóm", "Thứ tự mời", "Dự phòng", "Số thứ tự", "Họ và tên")
    for column, name in enumerate(names):
        sheet.write_string(_HEADER_ROWS - 1, column, name, looks["head"])
    row = _HEADER_ROWS
    for unit in (unit for group in table.groups for unit in group.units):
        for cell in unit.cells:
            row = _place_rows(sheet, looks, row, unit, cell)
    sheet.autofilter(_HEADER_ROWS - 1, 0, max(row - 1, _HEADER_ROWS), len(names) - 1)
    sheet.freeze_panes(_HEADER_ROWS, 2)
    sheet.repeat_rows(_HEADER_ROWS - 1)
    sheet.set_portrait()
    for column, width in enumerate((8, 40, 8, 8, 10, 8, 30)):
        sheet.set_column(column, column, width)


def _place_rows(
    sheet: Worksheet, looks: Mapping[str, Format], row: int, unit: PlanUnit, cell: PlanCell
) -> int:
    places = [(place, False) for place in cell.selected]
    places += [(place, True) for place in cell.reserves]
    for number, (place, reserve) in enumerate(places, start=1):
        texts = (unit.code, unit.name, cell.respondent_group)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, looks["text"])
        sheet.write_number(row, 3, number, looks["centred"])
        sheet.write_string(row, 4, "dự phòng" if reserve else "", looks["text"])
        sheet.write_number(row, 5, place.position, looks["centred"])
        sheet.write_string(row, 6, place.name or "", looks["text"])
        row += 1
    return row


def _draw_facts(
    sheet: Worksheet, looks: Mapping[str, Format], table: PlanTable, document: RoundDocument
) -> int:
    """Write what the draw can be redone from, and return the row after it."""
    lines = (
        ("Đợt", table.round_code),
        ("Số khởi tạo", str(table.seed)),
        ("Phương pháp", table.method),
        ("Số dự phòng mỗi nhóm (tối đa)", str(document.sampling.reserves)),
        ("Thời điểm chọn mẫu", short_moment(table.drawn_at)),
        ("Mã băm của danh mục (SHA-256)", table.frame_digest),
        ("Mã băm của kế hoạch (SHA-256)", table.digest),
    )
    for row, (label, text) in enumerate(lines, start=3):
        sheet.write_string(row, 0, label, looks["text"])
        sheet.merge_range(row, 1, row, 5, text, looks["text"])
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 5, 14)
    return 4 + len(lines)


def _note_sums(sums: _Sums, sheet: Worksheet, group: PlanGroup) -> None:
    """Note in which cells a group's sheet adds up, by respondent group and kind of number."""
    row = _HEADER_ROWS + sum(bool(unit.cells) for unit in group.units)
    name = sheet.get_name().replace("'", "''")
    for number, code in enumerate(group.quotas):
        for offset in range(len(_NUMBERS)):
            cell = xl_rowcol_to_cell(row, len(_FACTS) + len(_NUMBERS) * number + offset)
            sums.setdefault((code, offset), []).append(f"'{name}'!{cell}")


def _province_sums(
    sheet: Worksheet,
    looks: Mapping[str, Format],
    table: PlanTable,
    document: RoundDocument,
    place: tuple[int, _Sums],
) -> None:
    """Add the sheets of all groups up, as formulas."""
    row, sums = place
    for column, name in enumerate(("Nhóm đối tượng", *_NUMBERS)):
        sheet.write_string(row, column, name, looks["head"])
    end = row + len(table.totals)
    for number, total in enumerate([*table.totals, table.total], start=row + 1):
        code = total.respondent_group
        label = document.group_label(code, "vi") if code else "Tổng cộng"
        sheet.write_string(number, 0, label, looks["text"])
        values = (total.population, total.planned, total.size, total.shortfall)
        for offset, value in enumerate(values):
            cells = ",".join(sums[code, offset]) if code else _column(row + 1, end, offset + 1)
            sheet.write_formula(number, offset + 1, f"=SUM({cells})", looks["number"], value)


def _column(first: int, last: int, column: int) -> str:
    """Name the cells of a column between two rows."""
    return f"{xl_rowcol_to_cell(first, column)}:{xl_rowcol_to_cell(last, column)}"
