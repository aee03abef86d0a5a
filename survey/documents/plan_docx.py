"""The sample plan as an official document to sign: a Kế hoạch with its annexes.

Counts are written as plans write them ("05 người/cơ quan × 20 cơ quan"). Names stay out: the
document travels, so the annex gives positions of each unit's own list.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from docx.document import Document as DocumentObject
from docx.table import Table
from docx.table import _Cell as Cell

from sampling import Selection
from survey.documents import official
from survey.documents.plan_alternatives import alternatives_annex, alternatives_sentence
from survey.documents.plan_sections import budget_section, outlook_annex, outlook_paragraphs
from survey.documents.wording import count, date_or_dots, lowered, office_name, whole
from survey.rules.alternatives import Outcome
from survey.rules.plan_table import PlanCell, PlanGroup, PlanTable, PlanTotal, PlanUnit
from survey.rules.round_document import RoundDocument, TimelineStep

__all__ = ["plan_document"]

_SELECTION = {
    Selection.LIST: "Danh sách",
    Selection.POSITIONS: "Số thứ tự",
    Selection.PICKED: "Tự chọn",
}


def plan_document(
    table: PlanTable,
    document: RoundDocument,
    *,
    outcomes: Sequence[Outcome] = (),
    simulated: bool = False,
    day: date | None = None,
) -> bytes:
    """Draw the plan as DOCX in the layout of Nghị định 30/2020/NĐ-CP.

    Parameters
    ----------
    table : PlanTable
    document : RoundDocument
    outcomes : sequence of Outcome
        Other ways to share the forms, for an annex; left out where there are none.
    simulated : bool
        Prints the line that says so.
    day : date, optional
        Date of signing; dots where it is not known yet.

    Returns
    -------
    bytes
        DOCX, Times New Roman.
    """
    drawn = official.new_document()
    if simulated:
        official.simulated_line(drawn)
    official.letterhead(
        drawn, document.issuer, number_suffix=document.issuer.number_suffix, day=day
    )
    official.title(drawn, "KẾ HOẠCH", f"Chọn mẫu {lowered(document.title.vi)}")
    _opening(drawn, document)
    _purpose(drawn, document)
    _numbers(drawn, table, document)
    outlook_paragraphs(drawn, table)
    if outcomes:
        alternatives_sentence(drawn, outcomes)
    numerals = iter(("III", "IV", "V", "VI"))
    if table.budget is not None:
        budget_section(drawn, table.budget, numeral=next(numerals))
    _selection(drawn, table, document, next(numerals))
    _timetable(drawn, document.timeline, next(numerals))
    _duties(drawn, document, next(numerals))
    official.signature_block(drawn, document.issuer, document.recipients, document.archive)
    issuer = document.issuer
    belongs = (
        f"Kèm theo Kế hoạch số        {issuer.number_suffix} {date_or_dots(day)} "
        f"của {office_name(issuer.office)}"
    )
    _unit_annex(drawn, table, document, belongs)
    _position_annex(drawn, table, document, belongs)
    outlook_annex(drawn, table, belongs)
    if outcomes:
        alternatives_annex(drawn, table, outcomes, belongs)
    return official.saved(drawn)


def _opening(drawn: DocumentObject, document: RoundDocument) -> None:
    last = len(document.legal_basis)
    for number, basis in enumerate(document.legal_basis, start=1):
        official.body(drawn, basis.rstrip(".;") + (";" if number < last else "."), italic=True)
    official.body(
        drawn,
        f"{office_name(document.issuer.office)} ban hành Kế hoạch chọn mẫu "
        f"{lowered(document.title.vi)} như sau:",
    )


def _purpose(drawn: DocumentObject, document: RoundDocument) -> None:
    official.heading(drawn, "I. MỤC ĐÍCH, YÊU CẦU")
    official.body(
        drawn,
        "1. Xác định đối tượng, số lượng và danh sách người được mời trả lời phiếu điều tra xã hội "
        f"học tại các cơ quan, đơn vị của {document.province} năm {document.year}.",
    )
    official.body(
        drawn,
        "2. Việc chọn người trả lời phải khách quan, ngẫu nhiên và kiểm tra lại được; không thay "
        "người được chọn bằng người khác ngoài danh sách dự phòng.",
    )


def _numbers(drawn: DocumentObject, table: PlanTable, document: RoundDocument) -> None:
    official.heading(drawn, "II. ĐỐI TƯỢNG VÀ SỐ LƯỢNG MẪU")
    official.body(
        drawn,
        f"Tổng số phiếu theo kế hoạch: {whole(table.total.planned)} phiếu, gồm:",
    )
    for group in table.groups:
        official.body(drawn, f"- {_group_sentence(group, document)}")
    if table.total.shortfall:
        official.body(
            drawn,
            f"Số người chọn được là {whole(table.total.size)}, thiếu "
            f"{count(table.total.shortfall)} so với kế hoạch do có nhóm ít người hơn số phiếu được "
            "giao. Các nhóm này được mời trả lời toàn bộ, không lấy người của nhóm khác thay thế, "
            "cụ thể:",
        )
        *others, last = _shortfalls(table, document)
        for sentence in others:
            official.body(drawn, f"+ {sentence};")
        official.body(drawn, f"+ {last}.")


def _group_sentence(group: PlanGroup, document: RoundDocument) -> str:
    """Write one unit group: "05 người/cơ quan × 20 cơ quan" for each respondent group."""
    units = f"{count(len(group.units))} {group.counted_as}"
    if not group.quotas:
        return f"{group.label.vi} ({units}): không giao số phiếu, không điều tra mẫu trong đợt này."
    parts = [
        f"{lowered(document.group_label(code, 'vi'))} "
        f"({count(quota)} người/{group.counted_as} × {units})"
        for code, quota in group.quotas.items()
    ]
    return (
        f"{group.label.vi} ({whole(group.total.planned)} phiếu), gồm: "
        f"{' và '.join(parts) if len(parts) < 3 else '; '.join(parts)}."
    )


def _shortfalls(table: PlanTable, document: RoundDocument) -> Iterator[str]:
    for group in table.groups:
        for unit in group.units:
            short = [cell for cell in unit.cells if cell.shortfall]
            if short:
                parts = [
                    f"nhóm {lowered(document.group_label(cell.respondent_group, 'vi'))} có "
                    f"{count(cell.population)} người, thiếu {count(cell.shortfall)}"
                    for cell in short
                ]
                yield f"{unit.name}: {'; '.join(parts)}"


def _selection(
    drawn: DocumentObject, table: PlanTable, document: RoundDocument, numeral: str
) -> None:
    official.heading(drawn, f"{numeral}. CÁCH CHỌN NGƯỜI TRẢ LỜI")
    official.body(
        drawn,
        "1. Cơ quan, đơn vị đã gửi danh sách nhân sự: chọn ngẫu nhiên người trong danh sách. Cơ "
        "quan, đơn vị chỉ báo cáo số người: chọn ngẫu nhiên số thứ tự trong danh sách nhân sự có "
        "ghi ngày lập do cơ quan, đơn vị giữ; cơ quan, đơn vị đối chiếu số thứ tự với danh sách và "
        "xác nhận đã áp dụng đúng.",
    )
    official.body(
        drawn,
        f"2. Mỗi nhóm có tối đa {count(document.sampling.reserves)} người dự phòng, chỉ được mời "
        f"khi {office_name(document.issuer.office)} thông báo, theo đúng thứ tự.",
    )
    picked = [u.name for g in table.groups for u in g.units if _is_picked(u)]
    if picked:
        official.body(
            drawn,
            f"3. Cơ quan, đơn vị tự chọn người trả lời ({'; '.join(picked)}) không đủ điều kiện "
            "tính sai số; kết quả được ghi chú rõ.",
        )
    official.body(
        drawn,
        f"{'4' if picked else '3'}. Thông tin để kiểm tra lại việc chọn: số khởi tạo "
        f"{table.seed}; phương pháp {table.method}; mã băm của danh mục "
        f"{table.frame_digest[:16]}…; mã băm của kế hoạch {table.digest[:16]}… (ghi đầy đủ trong "
        "bảng tính kèm theo).",
    )


def _is_picked(unit: PlanUnit) -> bool:
    return unit.selection is Selection.PICKED and bool(unit.cells)


def _timetable(drawn: DocumentObject, steps: Sequence[TimelineStep], numeral: str) -> None:
    official.heading(drawn, f"{numeral}. TIẾN ĐỘ VÀ PHÂN CÔNG")
    for number, step in enumerate(steps, start=1):
        official.heading(drawn, f"{number}. {step.task}")
        official.body(drawn, f"- Thời gian: {step.when}.")
        official.body(drawn, f"- Cơ quan chủ trì: {step.lead}.")
        if step.support:
            official.body(drawn, f"- Cơ quan phối hợp: {step.support}.")


def _duties(drawn: DocumentObject, document: RoundDocument, numeral: str) -> None:
    office = office_name(document.issuer.office)
    official.heading(drawn, f"{numeral}. TỔ CHỨC THỰC HIỆN")
    official.body(
        drawn,
        f"1. {office} chủ trì chọn mẫu, in giấy mời và phiếu giấy, theo dõi tiến độ thu phiếu theo "
        "nhóm, giữ bí mật câu trả lời; không một ai được xem câu trả lời trước khi đóng đợt.",
    )
    official.body(
        drawn,
        "2. Các cơ quan, đơn vị lập danh sách nhân sự theo từng nhóm, giao giấy mời đúng người "
        "được chọn, xác nhận việc áp dụng số thứ tự; không yêu cầu người trả lời cho biết nội dung "
        "đã trả lời.",
    )
    official.body(
        drawn,
        f"Trên đây là Kế hoạch chọn mẫu {lowered(document.title.vi)}, đề nghị các cơ quan, đơn vị "
        "triển khai thực hiện./.",
    )


def _unit_annex(
    drawn: DocumentObject, table: PlanTable, document: RoundDocument, belongs: str
) -> None:
    official.landscape_section(drawn)
    official.annex_title(drawn, "Phụ lục I", "SỐ LƯỢNG MẪU THEO CƠ QUAN, ĐƠN VỊ", belongs)
    groups = [total.respondent_group for total in table.totals if total.respondent_group]
    width = 26 + 84 + 18 * 3 * (len(groups) + 1)
    scale = min(1.0, 257 / width)
    widths = [12 * scale, 78 * scale, *([18 * scale] * 3 * (len(groups) + 1)), 26 * scale]
    drawn_table = official.add_table(drawn, widths, rows=2)
    _unit_header(drawn_table, [document.group_label(code, "vi") for code in groups])
    for group in table.groups:
        if group.quotas:
            _group_rows(drawn_table, group, groups)
    _total_row(drawn_table, "Tổng cộng", table.totals, table.total, groups)
    official.finish_table(drawn_table, widths, header_rows=2)


def _unit_header(drawn: Table, labels: Sequence[str]) -> None:
    top, low = drawn.rows[0].cells, drawn.rows[1].cells
    for place, text in ((0, "STT"), (1, "Cơ quan, đơn vị"), (len(top) - 1, "Cách chọn")):
        official.write_cell(top[place].merge(low[place]), text, bold=True, centred=True)
    for number, label in enumerate([*labels, "Tổng"]):
        first = 2 + 3 * number
        official.write_cell(top[first].merge(top[first + 2]), label, bold=True, centred=True)
        names = ("Số người", "Kế hoạch", "Chọn được")
        if number == len(labels):
            names = ("Kế hoạch", "Chọn được", "Thiếu")
        for place, name in enumerate(names):
            official.write_cell(low[first + place], name, bold=True, centred=True)


def _group_rows(drawn: Table, group: PlanGroup, codes: Sequence[str]) -> None:
    cells = official.new_row(drawn)
    official.write_cell(cells[0].merge(cells[-1]), group.label.vi, bold=True)
    for number, unit in enumerate((unit for unit in group.units if unit.cells), start=1):
        cells = official.new_row(drawn)
        official.write_cell(cells[0], str(number), centred=True)
        official.write_cell(cells[1], unit.name)
        by_group = {cell.respondent_group: cell for cell in unit.cells}
        _write_numbers(cells[2:-1], [by_group.get(code) for code in codes], unit.total)
        official.write_cell(cells[-1], _SELECTION[unit.selection], centred=True)
    _total_row(drawn, f"Cộng {lowered(group.label.vi)}", group.totals, group.total, codes)


def _total_row(
    drawn: Table,
    label: str,
    totals: Sequence[PlanTotal],
    total: PlanTotal,
    codes: Sequence[str],
) -> None:
    cells = official.new_row(drawn)
    official.write_cell(cells[0].merge(cells[1]), label, bold=True)
    by_group = {part.respondent_group: part for part in totals}
    _write_numbers(cells[2:-1], [by_group.get(code) for code in codes], total, bold=True)


def _write_numbers(
    cells: Sequence[Cell],
    parts: Sequence[PlanCell | PlanTotal | None],
    total: PlanTotal,
    *,
    bold: bool = False,
) -> None:
    numbers: list[int | None] = []
    for part in parts:
        numbers += (
            [part.population, part.planned, part.size] if part is not None else [None, None, None]
        )
    numbers += [total.planned, total.size, total.shortfall]
    for cell, number in zip(cells, numbers, strict=True):
        text = "–" if number is None else whole(number)
        official.write_cell(cell, text, bold=bold, centred=True)


def _position_annex(
    drawn: DocumentObject, table: PlanTable, document: RoundDocument, belongs: str
) -> None:
    official.landscape_section(drawn)
    official.annex_title(
        drawn,
        "Phụ lục II",
        "SỐ THỨ TỰ ĐƯỢC CHỌN TRONG DANH SÁCH CỦA CƠ QUAN, ĐƠN VỊ",
        belongs,
    )
    widths = [12.0, 76, 68, 68, 33]
    drawn_table = official.add_table(drawn, widths, rows=1)
    names = ("STT", "Cơ quan, đơn vị", "Nhóm đối tượng", "Số thứ tự được chọn", "Dự phòng")
    for cell, name in zip(drawn_table.rows[0].cells, names, strict=True):
        official.write_cell(cell, name, bold=True, centred=True)
    units = [unit for group in table.groups for unit in group.units if unit.cells]
    for number, unit in enumerate(units, start=1):
        rows = [_position_row(drawn_table, unit, part, document) for part in unit.cells]
        official.write_cell(rows[0][0].merge(rows[-1][0]), str(number), centred=True)
        official.write_cell(rows[0][1].merge(rows[-1][1]), unit.name)
    official.finish_table(drawn_table, widths, header_rows=1)


def _position_row(
    drawn: Table, unit: PlanUnit, part: PlanCell, document: RoundDocument
) -> tuple[Cell, ...]:
    picked = unit.selection is Selection.PICKED
    selected = ", ".join(str(place.position) for place in part.selected)
    reserves = ", ".join(str(place.position) for place in part.reserves)
    texts = (
        document.group_label(part.respondent_group, "vi"),
        f"đơn vị tự chọn {count(part.size)} người" if picked else selected,
        reserves or "–",
    )
    cells = official.new_row(drawn)
    for cell, text in zip(cells[2:], texts, strict=True):
        official.write_cell(cell, text)
    return cells
