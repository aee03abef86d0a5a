"""What a plan says beside its counts: what the sample buys and what it costs.

Errors are printed for every plan, because a table of n alone lets readers believe that n was
enough; the assumptions that the formulas hide stand beside them.
"""

from collections.abc import Iterator, Sequence

from docx.document import Document as DocumentObject

from survey.documents import official
from survey.documents.money import budget_rows, dong
from survey.documents.wording import count, lowered, whole
from survey.rules.budget import Budget
from survey.rules.outlook import Outlook
from survey.rules.plan_table import PlanGroup, PlanTable, PlanUnit

__all__ = [
    "assumptions",
    "budget_section",
    "level_text",
    "outlook_annex",
    "outlook_paragraphs",
    "percent",
]

_WIDTHS = (12.0, 121, 25, 25, 37, 37)
_BUDGET_WIDTHS = (14.0, 59, 18, 18, 24, 27)


def percent(share: float | None) -> str:
    """Write a share as documents do; a dash where there is none.

    Examples
    --------
    >>> percent(0.30731), percent(None)
    ('30,7%', '–')
    """
    return "–" if share is None else f"{share * 100:.1f}%".replace(".", ",")


def level_text(level: float) -> str:
    """Write a level of confidence.

    Examples
    --------
    >>> level_text(0.95)
    '95%'
    """
    return f"{level * 100:g}%".replace(".", ",")


def assumptions(level: float) -> tuple[str, str]:
    """Say what the two columns of errors assume; ``level`` is that of confidence."""
    slovin = (
        "Sai số theo công thức Slovin, e = √(1/n − 1/N), ngầm giả định tỷ lệ p = 0,5, hệ số z = 2 "
        "và chọn ngẫu nhiên đơn giản từ toàn bộ số người của cơ quan, đơn vị."
    )
    half_width = (
        f"Nửa độ rộng khoảng tin cậy {level_text(level)} dự kiến cho một tỷ lệ p = 0,5, có hệ số "
        "hiệu chỉnh tổng thể hữu hạn, mỗi nhóm đối tượng được tính theo đúng tỷ trọng số người của "
        "nhóm; giả định mọi người được chọn đều trả lời. Không áp dụng cho cơ quan, đơn vị tự chọn "
        "người trả lời."
    )
    return slovin, half_width


def outlook_paragraphs(drawn: DocumentObject, table: PlanTable) -> None:
    """Write what the sample buys in each unit group and in the whole province."""
    official.body(
        drawn,
        "Sai số dự kiến của một tỷ lệ (công thức Slovin; nửa độ rộng khoảng tin cậy "
        f"{level_text(table.level)}):",
    )
    for group in table.groups:
        if group.outlook.implied_error is not None:
            official.body(drawn, f"- {_group_sentence(group)}")
    official.body(
        drawn,
        f"- Toàn tỉnh: {_pair(table.outlook)}. Sai số của từng cơ quan, đơn vị và các giả định nêu "
        "tại Phụ lục III.",
    )


def budget_section(drawn: DocumentObject, budget: Budget, *, numeral: str) -> None:
    """Write the section on money: the lines, their total and where unit costs come from."""
    official.heading(drawn, f"{numeral}. KINH PHÍ")
    said = official.body(drawn, f"Kinh phí dự kiến: {dong(budget.total)} đồng, gồm:")
    said.paragraph_format.keep_with_next = True
    drawn_table = official.add_table(drawn, _BUDGET_WIDTHS, rows=1)
    names = (
        "STT",
        "Nội dung",
        "Đơn vị tính",
        "Số lượng",
        "Đơn giá (đồng)",
        "Thành tiền (đồng)",
    )
    for cell, name in zip(drawn_table.rows[0].cells, names, strict=True):
        official.write_cell(cell, name, bold=True, centred=True)
    for texts in budget_rows(budget):
        for place, (cell, text) in enumerate(
            zip(official.new_row(drawn_table), texts, strict=True)
        ):
            official.write_cell(cell, text, centred=place != 1)
    cells = official.new_row(drawn_table)
    official.write_cell(cells[0].merge(cells[4]), "Tổng cộng", bold=True)
    official.write_cell(cells[5], dong(budget.total), bold=True, centred=True)
    official.finish_table(drawn_table, _BUDGET_WIDTHS, header_rows=1)
    official.keep_table_whole(drawn_table)
    if budget.source:
        official.body(drawn, f"Căn cứ đơn giá: {budget.source.rstrip('.')}.")
    if budget.funding:
        official.body(drawn, f"Nguồn kinh phí: {budget.funding.rstrip('.')}.")


def outlook_annex(drawn: DocumentObject, table: PlanTable, belongs: str) -> None:
    """Write the annex with the expected errors of every unit, on landscape pages."""
    official.landscape_section(drawn)
    official.annex_title(drawn, "Phụ lục III", "SAI SỐ DỰ KIẾN THEO CƠ QUAN, ĐƠN VỊ", belongs)
    drawn_table = official.add_table(drawn, _WIDTHS, rows=1)
    names = (
        "STT",
        "Cơ quan, đơn vị",
        "Số người (N)",
        "Chọn được (n)",
        "Sai số theo công thức Slovin",
        f"Nửa độ rộng khoảng tin cậy {level_text(table.level)}",
    )
    for cell, name in zip(drawn_table.rows[0].cells, names, strict=True):
        official.write_cell(cell, name, bold=True, centred=True)
    for texts, bold in _annex_rows(table):
        for place, (cell, text) in enumerate(
            zip(official.new_row(drawn_table), texts, strict=True)
        ):
            official.write_cell(cell, text, bold=bold, centred=place != 1)
    official.finish_table(drawn_table, _WIDTHS, header_rows=1)
    for sentence in assumptions(table.level):
        official.body(drawn, sentence)


def _group_sentence(group: PlanGroup) -> str:
    """Write one unit group: its own errors, the unit that n serves worst, and the range."""
    parts = [f"{group.label.vi}: {_pair(group.outlook)}"]
    sampled = [unit for unit in group.units if unit.outlook.implied_error]
    if sampled:
        worst = max(sampled, key=lambda unit: unit.outlook.implied_error or 0)
        parts.append(
            f"tại từng {group.counted_as}, theo công thức Slovin kém chính xác nhất là "
            f"{worst.name}, hỏi {count(worst.total.size)} trong {count(worst.total.population)} "
            f"người, ±{percent(worst.outlook.implied_error)}"
        )
    errors = [unit.outlook.half_width for unit in sampled if unit.outlook.half_width]
    if errors:
        parts.append(
            f"nửa độ rộng khoảng tin cậy từ ±{percent(min(errors))} đến ±{percent(max(errors))} "
            f"({count(len(errors))} {group.counted_as})"
        )
    whole_units = sum(unit.outlook.implied_error == 0 for unit in group.units)
    if whole_units:
        parts.append(
            f"{count(whole_units)} {group.counted_as} hỏi toàn bộ nên không có sai số chọn mẫu"
        )
    return f"{'; '.join(parts)}."


def _pair(outlook: Outlook) -> str:
    """Write both errors of one sample."""
    slovin, half = (
        "không tính được" if share is None else f"±{percent(share)}"
        for share in (outlook.implied_error, outlook.half_width)
    )
    return f"theo công thức Slovin {slovin}; khoảng tin cậy {half}"


def _annex_rows(table: PlanTable) -> Iterator[tuple[Sequence[str], bool]]:
    """Give the texts of every row, and whether it is a total."""
    for group in table.groups:
        units = [unit for unit in group.units if unit.cells]
        for number, unit in enumerate(units, start=1):
            yield (str(number), unit.name, *_numbers(unit)), False
        if units:
            yield (
                ("", f"Cộng {lowered(group.label.vi)}", *_numbers(group)),
                True,
            )
    yield ("", "Tổng cộng", *_numbers(table)), True


def _numbers(part: PlanUnit | PlanGroup | PlanTable) -> tuple[str, str, str, str]:
    """Write people, sample and both errors; picked people count, but have no error."""
    return (
        whole(part.total.population),
        whole(part.total.size),
        percent(part.outlook.implied_error),
        percent(part.outlook.half_width),
    )
