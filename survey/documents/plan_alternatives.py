"""Other ways to share a plan's forms, as an annex and as a sheet.

Units that pick their people are left out, as whatever their n, it buys no interval; so the first
row, the plan's own quotas, may count fewer people than the plan.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from docx.document import Document as DocumentObject
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey.documents import official
from survey.documents.money import dong
from survey.documents.plan_sections import level_text, percent
from survey.documents.wording import count, whole
from survey.rules.alternatives import SMALL_UNIT, Outcome, Rule
from survey.rules.plan_table import PlanTable

__all__ = ["alternatives_annex", "alternatives_sentence", "write_alternatives"]

_RULES: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.DECLARED: "Theo Kế hoạch này",
        Rule.EQUAL: "Chia đều cho mọi nhóm của mọi cơ quan, đơn vị",
        Rule.PROPORTIONAL: "Theo tỷ lệ số người",
        Rule.NEYMAN: "Neyman (theo số người và độ phân tán)",
        Rule.POWER: "Theo căn bậc hai của số người",
        Rule.SMALL_UNITS: f"Hỏi toàn bộ đơn vị nhỏ (đến {SMALL_UNIT} người), còn lại theo tỷ lệ",
    }
)
_WIDTHS = (12.0, 70, 20, 27, 22, 22, 22, 40, 22)
_HEAD = ("STT", "Phương án", "Số người", "Kinh phí (đồng)")
_HALF_WIDTHS = ("Nhỏ nhất", "Trung vị", "Lớn nhất", "Lớn nhất tại")
_PROVINCE = "Toàn tỉnh"


def alternatives_sentence(drawn: DocumentObject, outcomes: Sequence[Outcome]) -> None:
    """Point to the annex from the section on numbers."""
    others = count(len(outcomes) - 1)
    official.body(
        drawn,
        f"So sánh Kế hoạch này với {others} cách phân bổ khác của cùng số phiếu: Phụ lục IV.",
    )


def alternatives_annex(
    drawn: DocumentObject, table: PlanTable, outcomes: Sequence[Outcome], belongs: str
) -> None:
    """Write the annex that lays the plan beside other ways to share its forms."""
    official.landscape_section(drawn)
    official.annex_title(
        drawn, "Phụ lục IV", "SO SÁNH CÁC PHƯƠNG ÁN PHÂN BỔ CÙNG SỐ PHIẾU", belongs
    )
    laid = official.add_table(drawn, _WIDTHS, rows=2)
    top, low = laid.rows[0].cells, laid.rows[1].cells
    for place, name in (*enumerate(_HEAD), (len(_WIDTHS) - 1, _PROVINCE)):
        official.write_cell(top[place].merge(low[place]), name, bold=True, centred=True)
    over = f"Nửa độ rộng khoảng tin cậy {level_text(table.level)} tại cơ quan, đơn vị"
    official.write_cell(top[4].merge(top[7]), over, bold=True, centred=True)
    for place, name in enumerate(_HALF_WIDTHS, start=4):
        official.write_cell(low[place], name, bold=True, centred=True)
    names = _unit_names(table)
    for number, each in enumerate(outcomes, start=1):
        texts = (
            str(number),
            _RULES[each.rule],
            whole(each.size),
            dong(each.budget.total) if each.budget else "–",
            *(_share(share) for share in (each.narrowest, each.median, each.widest)),
            names.get(each.widest_unit, each.widest_unit),
            _share(each.province),
        )
        for place, (cell, text) in enumerate(zip(official.new_row(laid), texts, strict=True)):
            official.write_cell(cell, text, bold=number == 1, centred=place not in {1, 7})
    official.finish_table(laid, _WIDTHS, header_rows=2)
    for sentence in _notes(table):
        official.body(drawn, sentence)


def write_alternatives(
    sheet: Worksheet,
    looks: Mapping[str, Format],
    table: PlanTable,
    outcomes: Sequence[Outcome],
    *,
    first_row: int,
) -> None:
    """Write the ways to share the forms below a header, and what the numbers assume.

    Parameters
    ----------
    sheet : Worksheet
    looks : mapping
        Formats ``head``, ``text``, ``number``, ``share`` and ``note``.
    table : PlanTable
    outcomes : sequence of Outcome
    first_row : int
        Of the header, from 0.
    """
    names = _unit_names(table)
    width = f"Nửa độ rộng khoảng tin cậy {level_text(table.level)}: "
    head = (*_HEAD, *(f"{width}{name.lower()}" for name in (*_HALF_WIDTHS, _PROVINCE)))
    for column, name in enumerate(head):
        sheet.write_string(first_row, column, name, looks["head"])
    for row, each in enumerate(outcomes, start=first_row + 1):
        sheet.write_number(row, 0, row - first_row, looks["number"])
        sheet.write_string(row, 1, _RULES[each.rule], looks["text"])
        sheet.write_number(row, 2, each.size, looks["number"])
        if each.budget:
            sheet.write_number(row, 3, float(each.budget.total), looks["number"])
        else:
            sheet.write_string(row, 3, "–", looks["text"])
        sheet.write_string(row, 7, names.get(each.widest_unit, each.widest_unit), looks["text"])
        shares = ((4, each.narrowest), (5, each.median), (6, each.widest), (8, each.province))
        for column, share in shares:
            if math.isfinite(share):
                sheet.write_number(row, column, share, looks["share"])
            else:
                sheet.write_string(row, column, "không tính", looks["text"])
    for row, sentence in enumerate(_notes(table), start=first_row + len(outcomes) + 2):
        sheet.merge_range(row, 0, row, len(head) - 1, sentence, looks["note"])
        sheet.set_row(row, 32)
    for column, size in enumerate((5, 44, 9, 13, 14, 14, 14, 30, 14)):
        sheet.set_column(column, column, size)
    sheet.set_row(first_row, 64)


def _unit_names(table: PlanTable) -> Mapping[str, str]:
    """Name the units by code."""
    return {unit.code: unit.name for group in table.groups for unit in group.units}


def _share(share: float) -> str:
    """Write a half-width; none where a group would have no answer."""
    return f"±{percent(share)}" if math.isfinite(share) else "–"


def _notes(table: PlanTable) -> tuple[str, str]:
    """Say what the rows have in common and what their numbers assume."""
    common = (
        "Mỗi phương án hỏi cùng số người như Kế hoạch này; không tính cơ quan, đơn vị tự chọn "
        "người trả lời. Phương án khác chỉ được áp dụng khi sửa số phiếu giao trước khi chọn mẫu."
    )
    assumed = (
        f"Nửa độ rộng khoảng tin cậy {level_text(table.level)} dự kiến cho một tỷ lệ p = 0,5, có "
        "hệ số hiệu chỉnh tổng thể hữu hạn, nếu mọi người được chọn đều trả lời."
    )
    return common, assumed
