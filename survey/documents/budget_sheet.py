"""The budget as a sheet of the plan's workbook: amounts and their sum are live formulas."""

from collections.abc import Mapping

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey.documents.money import counted_in, named
from survey.rules.budget import Budget

__all__ = ["write_budget"]

_HEAD = ("STT", "Nội dung", "Đơn vị tính", "Số lượng", "Đơn giá (đồng)", "Thành tiền (đồng)")


def write_budget(
    sheet: Worksheet, looks: Mapping[str, Format], budget: Budget, *, first_row: int
) -> None:
    """Write the lines of a budget below a header, their total, and where costs and money come from.

    Parameters
    ----------
    sheet : Worksheet
    looks : mapping
        Formats ``head``, ``text``, ``number``, ``sum``, ``bold`` and ``plain``.
    budget : Budget
    first_row : int
        Of the header, from 0.
    """
    for column, name in enumerate(_HEAD):
        sheet.write_string(first_row, column, name, looks["head"])
    start = first_row + 1
    for row, line in enumerate(budget.lines, start=start):
        sheet.write_number(row, 0, row - first_row, looks["number"])
        sheet.write_string(row, 1, named(line), looks["text"])
        sheet.write_string(row, 2, counted_in(line), looks["text"])
        sheet.write_number(row, 3, line.quantity, looks["number"])
        sheet.write_number(row, 4, float(line.unit_cost), looks["number"])
        formula = f"=D{row + 1}*E{row + 1}"
        sheet.write_formula(row, 5, formula, looks["number"], float(line.amount))
    end = start + len(budget.lines)
    sheet.merge_range(end, 0, end, 4, "Tổng cộng", looks["bold"])
    formula = f"=SUM(F{start + 1}:F{end})"
    sheet.write_formula(end, 5, formula, looks["sum"], float(budget.total))
    notes = (("Căn cứ đơn giá", budget.source), ("Nguồn kinh phí", budget.funding))
    for row, (name, text) in enumerate((note for note in notes if note[1]), start=end + 1):
        sheet.write_string(row, 0, f"{name}: {text}", looks["plain"])
    sheet.repeat_rows(first_row)
    for column, width in enumerate((7, 52, 12, 12, 18, 20)):
        sheet.set_column(column, column, width)
