"""The proposal to invite reserves as a document to sign: who fell out, whom to invite, the effect.

It counts, so it stays inside the office: in a small unit a count tells whose form is missing. What
goes to a unit is the link of the reserve and nothing else.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from docx.document import Document as DocumentObject

from sampling.reserves import OutcomeKind, ReserveRule
from survey.documents import official
from survey.documents.plan_sections import level_text, percent
from survey.documents.wording import count, date_or_dots, lowered, office_name, short_moment, whole
from survey.rules.plan_reserves import Precision, ReplannedStratum, ReplannedUnit
from survey.rules.round_document import RoundDocument

__all__ = ["reserves_document"]

_WIDTHS = (12.0, 66, 46, 18, 18, 18, 20, 20, 18, 21)
_HEAD = (
    "STT",
    "Cơ quan, đơn vị",
    "Nhóm đối tượng",
    "Đã mời",
    "Đã trả lời",
    "Từ chối",
    "Không đúng đối tượng",
    "Chưa trả lời",
    "Dự phòng còn lại",
    "Số thứ tự được mời",
)
_EFFECT_WIDTHS = (12.0, 113, 44, 44, 44)
_EFFECT_HEAD = ("STT", "Cơ quan, đơn vị", "Theo kế hoạch", "Hiện nay", "Khi mời thêm")


def reserves_document(
    units: Sequence[ReplannedUnit],
    document: RoundDocument,
    *,
    contacts: int,
    counted_at: datetime,
    simulated: bool = False,
    day: date | None = None,
) -> bytes:
    """Draw the proposal as DOCX in the layout of Nghị định 30/2020/NĐ-CP.

    Parameters
    ----------
    units : sequence of ReplannedUnit
    document : RoundDocument
    contacts : int
        How often everybody who has not answered was contacted.
    counted_at : datetime
        Aware; when the counts were taken.
    simulated : bool
        Prints the line that says so.
    day : date, optional
        Of signing; dots where it is not known yet.

    Returns
    -------
    bytes
        DOCX with two annexes: reserves by unit and group, and the effect on precision.
    """
    issuer = document.issuer
    suffix = issuer.number_suffix.replace("/KH-", "/PA-")
    drawn = official.new_document()
    if simulated:
        official.simulated_line(drawn)
    official.letterhead(drawn, issuer, number_suffix=suffix, day=day)
    official.title(drawn, "PHƯƠNG ÁN", f"Mời người dự phòng trả lời {_form_of(document)}")
    for paragraph in _paragraphs(units, document, contacts, counted_at):
        official.body(drawn, paragraph)
    official.signature_block(
        drawn, issuer, [f"Lãnh đạo {office_name(issuer.office)}"], document.archive or "VT"
    )
    belongs = f"Kèm theo Phương án số        {suffix} {date_or_dots(day)}"
    belongs += f" của {office_name(issuer.office)}"
    _release_annex(drawn, units, document, belongs)
    _effect_annex(drawn, units, document, belongs)
    return official.saved(drawn)


def _form_of(document: RoundDocument) -> str:
    """Name the form by the round it belongs to."""
    return f"phiếu {lowered(document.title.vi)}"


def _paragraphs(
    units: Sequence[ReplannedUnit], document: RoundDocument, contacts: int, counted_at: datetime
) -> Iterator[str]:
    """Write how things stand, the rule, the proposal and its effect."""
    rows = [row for unit in units for row in unit.strata]
    needed = ReserveRule.standard().contacts[OutcomeKind.NOT_REACHED]
    invited, answered = sum(row.invited for row in rows), sum(row.answered for row in rows)
    refused, ineligible = sum(row.refused for row in rows), sum(row.ineligible for row in rows)
    yield (
        f"1. Tình hình thu phiếu tính đến {short_moment(counted_at)}: đã mời {whole(invited)} "
        f"người; {whole(answered)} người đã trả lời, {whole(refused)} người từ chối, "
        f"{whole(ineligible)} người không đúng đối tượng, {whole(sum(r.open for r in rows))} người "
        f"chưa trả lời. Người chưa trả lời đã được liên hệ {count(contacts)} lần. Không tính cơ "
        "quan, đơn vị tự chọn người trả lời."
    )
    yield (
        "2. Quy tắc: người dự phòng chỉ được mời trong cùng nhóm của cùng cơ quan, đơn vị, theo "
        "đúng thứ tự đã chọn; thay người từ chối hoặc không đúng đối tượng; chỉ thay người chưa "
        f"trả lời sau ít nhất {count(needed)} lần liên hệ."
    )
    releasable = sum(row.releasable for row in rows)
    if releasable:
        where = sum(unit.releasable > 0 for unit in units)
        yield (
            f"3. Đề nghị mời {count(releasable)} người dự phòng tại {count(where)} cơ quan, đơn vị "
            "(Phụ lục I)."
        )
    else:
        yield "3. Hiện nay chưa có trường hợp nào được mời người dự phòng."
    level = document.scoring.confidence_level
    effect = Precision.of(rows, level=level)
    yield (
        f"4. Nửa độ rộng khoảng tin cậy {level_text(level)} dự kiến của một tỷ lệ p = 0,5 tính "
        f"chung: theo kế hoạch {_said(effect.planned)}; hiện nay {_said(effect.now)}; nếu những "
        f"người dự phòng này đều trả lời: {_said(effect.released)}. Từng cơ quan, đơn vị: "
        "Phụ lục II."
    )
    yield (
        f"5. Văn bản này chỉ lưu hành trong {office_name(document.issuer.office)}, không gửi cơ "
        "quan, đơn vị được điều tra, vì số đếm có thể cho biết ai đã trả lời./."
    )


def _release_annex(
    drawn: DocumentObject, units: Sequence[ReplannedUnit], document: RoundDocument, belongs: str
) -> None:
    """List the strata in which anybody is to be invited."""
    official.landscape_section(drawn)
    official.annex_title(drawn, "Phụ lục I", "NGƯỜI DỰ PHÒNG ĐƯỢC MỜI", belongs)
    table = official.add_table(drawn, _WIDTHS, rows=1)
    for cell, name in zip(table.rows[0].cells, _HEAD, strict=True):
        official.write_cell(cell, name, bold=True, centred=True)
    listed = [(unit, row) for unit in units for row in unit.strata if row.releasable]
    for number, (unit, row) in enumerate(listed, start=1):
        label = document.group_label(row.respondent_group, "vi")
        texts = (str(number), unit.name, label, *_counts(row))
        for place, (cell, text) in enumerate(zip(official.new_row(table), texts, strict=True)):
            official.write_cell(cell, text, centred=place not in {1, 2})
    if not listed:
        cells = official.new_row(table)
        official.write_cell(cells[0].merge(cells[-1]), "Không có", centred=True)
    official.finish_table(table, _WIDTHS, header_rows=1)


def _counts(row: ReplannedStratum) -> tuple[str, ...]:
    """Write the numbers of one stratum, and the places of the reserves in their order."""
    numbers = (
        row.invited,
        row.answered,
        row.refused,
        row.ineligible,
        row.open,
        row.reserves_left,
    )
    return (*map(whole, numbers), ", ".join(map(str, row.next_positions)))


def _effect_annex(
    drawn: DocumentObject, units: Sequence[ReplannedUnit], document: RoundDocument, belongs: str
) -> None:
    """List every unit with its three half-widths."""
    official.landscape_section(drawn)
    level = level_text(document.scoring.confidence_level)
    name = f"NỬA ĐỘ RỘNG KHOẢNG TIN CẬY {level} THEO CƠ QUAN, ĐƠN VỊ"
    official.annex_title(drawn, "Phụ lục II", name, belongs)
    official.body(
        drawn,
        "Dấu “–”: có nhóm chưa ai trả lời nên chưa tính được. Số in đậm: cơ quan, đơn vị được mời "
        "thêm người dự phòng, với giả định tất cả những người này đều trả lời.",
    )
    table = official.add_table(drawn, _EFFECT_WIDTHS, rows=1)
    for cell, text in zip(table.rows[0].cells, _EFFECT_HEAD, strict=True):
        official.write_cell(cell, text, bold=True, centred=True)
    for number, unit in enumerate(units, start=1):
        found = unit.precision
        shares = map(_share, (found.planned, found.now, found.released))
        texts = (str(number), unit.name, *shares)
        for place, (cell, text) in enumerate(zip(official.new_row(table), texts, strict=True)):
            changed = bool(unit.releasable) and place == len(texts) - 1
            official.write_cell(cell, text, bold=changed, centred=place != 1)
    official.finish_table(table, _EFFECT_WIDTHS, header_rows=1)


def _share(share: float | None) -> str:
    """Write a half-width with its sign."""
    return "–" if share is None else f"±{percent(share)}"


def _said(share: float | None) -> str:
    """Write a half-width within a sentence."""
    return "chưa tính được vì có nhóm chưa ai trả lời" if share is None else _share(share)
