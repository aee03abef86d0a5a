"""The letters around a draw: request for staff lists, reminder, certificate of applied positions.

A reminder counts nothing: telling a unit that one form of one leader is missing would tell it
whose. It reminds the unit of its own duties, and asks it not to ask who has answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from docx.document import Document as DocumentObject

from survey.documents import official
from survey.documents.wording import long_date, lowered, office_name, whole
from survey.rules.plan_table import PlanUnit, SelectedPlace
from survey.rules.round_document import Issuer, RoundDocument

__all__ = ["Reminded", "UnitLetter", "certificate_letter", "reminder_letter", "request_letter"]

_DOTS = "……………"
_WIDTHS = (12.0, 52, 26, 44, 26)


class Reminded(StrEnum):
    """What a unit is reminded of."""

    STAFF_LIST = "staff_list"
    CERTIFICATE = "certificate"
    FORMS = "forms"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLetter:
    """What every letter to one unit needs."""

    document: RoundDocument
    unit_name: str
    groups: Sequence[str]
    """Codes of the respondent groups that are asked there."""

    day: date | None
    """Of signing; dots where it is not known yet."""

    simulated: bool

    @property
    def labels(self) -> list[str]:
        """The groups in words."""
        return [self.document.group_label(code, "vi") for code in self.groups]


def request_letter(letter: UnitLetter, *, attachment: str) -> bytes:
    """Draw the công văn that asks a unit for its staff lists.

    Parameters
    ----------
    letter : UnitLetter
    attachment : str
        File name of the template that goes with it.

    Returns
    -------
    bytes
        DOCX.
    """
    drawn = _begun(letter, "lập danh sách nhân sự để chọn mẫu điều tra")
    office = office_name(letter.document.issuer.office)
    _say(
        drawn,
        f"Thực hiện {lowered(letter.document.title.vi)}, để việc chọn người trả lời được khách "
        f"quan, ngẫu nhiên và kiểm tra lại được, {office} đề nghị {letter.unit_name}:",
        "1. Lập danh sách nhân sự tại thời điểm gần nhất, ghi rõ ngày lập, theo từng nhóm đối "
        f"tượng: {'; '.join(lowered(label) for label in letter.labels)}. Mỗi nhóm đánh số thứ tự "
        "từ 1, mỗi người chỉ có tên ở một nhóm; người trùng họ tên ghi thêm tên phòng.",
        f"2. Ghi danh sách vào tệp “{attachment}” gửi kèm công văn này; không thêm, bớt hoặc đổi "
        "tên cột.",
        f"3. Gửi tệp về {office} trước {_DOTS} và lưu bản in có chữ ký của thủ trưởng cơ quan, đơn "
        "vị để đối chiếu.",
        "4. Trường hợp không gửi họ tên, cơ quan, đơn vị giữ danh sách và báo cáo số người của "
        f"từng nhóm, ngày lập danh sách; {office} chọn ngẫu nhiên số thứ tự trong danh sách đó và "
        "cơ quan, đơn vị ký giấy xác nhận đã áp dụng đúng.",
        "Danh sách chỉ dùng để chọn ngẫu nhiên người trả lời và in giấy mời; họ tên bị xóa khỏi cơ "
        "sở dữ liệu khi kết thúc đợt và không gắn với câu trả lời.",
    )
    return _ended(drawn, letter)


def reminder_letter(letter: UnitLetter, reminded: Reminded) -> bytes:
    """Draw the công văn that reminds a unit of what is outstanding.

    Parameters
    ----------
    letter : UnitLetter
    reminded : Reminded

    Returns
    -------
    bytes
        DOCX.
    """
    subjects = {
        Reminded.STAFF_LIST: "đôn đốc gửi danh sách nhân sự",
        Reminded.CERTIFICATE: "đôn đốc xác nhận việc áp dụng số thứ tự được chọn",
        Reminded.FORMS: "đôn đốc trả lời phiếu điều tra",
    }
    drawn = _begun(letter, subjects[reminded])
    _say(drawn, *_reminder(letter, reminded))
    return _ended(drawn, letter)


def certificate_letter(letter: UnitLetter, unit: PlanUnit, *, plan_digest: str) -> bytes:
    """Draw the certificate that a unit signs after applying the drawn positions to its list.

    Parameters
    ----------
    letter : UnitLetter
    unit : PlanUnit
        With drawn positions.
    plan_digest : str

    Returns
    -------
    bytes
        DOCX; issued by the unit, not by the office, so its place and day are left open.
    """
    document = letter.document
    drawn = official.new_document()
    if letter.simulated:
        official.simulated_line(drawn)
    issuer = Issuer(
        superior=document.issuer.superior,
        office=unit.name.upper(),
        place=_DOTS,
        number_suffix="/……",
        signer_title="THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
    )
    official.letterhead(drawn, issuer, number_suffix=issuer.number_suffix, day=None)
    official.title(drawn, "GIẤY XÁC NHẬN", "Việc áp dụng số thứ tự được chọn")
    listed = long_date(unit.list_date) if unit.list_date else f"ngày {_DOTS}"
    _say(
        drawn,
        f"Thực hiện Kế hoạch chọn mẫu {lowered(document.title.vi)} của "
        f"{office_name(document.issuer.office)}, {unit.name} xác nhận:",
        f"1. Danh sách nhân sự của cơ quan, đơn vị được lập {listed}, không thay đổi sau khi nhận "
        "số thứ tự được chọn.",
        "2. Cơ quan, đơn vị đã đối chiếu và giao giấy mời cho đúng người có số thứ tự dưới đây, "
        "không thay bằng người khác; người dự phòng chỉ được mời khi có thông báo:",
    )
    _positions(drawn, unit, document)
    _say(
        drawn,
        "3. Cơ quan, đơn vị không yêu cầu người được mời cho biết đã trả lời hay chưa và nội dung "
        "đã trả lời.",
        f"Kế hoạch có mã băm (SHA-256) bắt đầu bằng {plan_digest[:16]}…",
    )
    recipient = office_name(document.issuer.office)
    official.signature_block(drawn, issuer, [recipient], "VT")
    return official.saved(drawn)


def _begun(letter: UnitLetter, about: str) -> DocumentObject:
    """Begin a công văn: letterhead, what it is about, addressee."""
    issuer = letter.document.issuer
    drawn = official.new_document()
    if letter.simulated:
        official.simulated_line(drawn)
    suffix = _letter_suffix(letter.document)
    official.letterhead(drawn, issuer, number_suffix=suffix, day=letter.day, about=about)
    official.addressee(drawn, letter.unit_name)
    return drawn


def _letter_suffix(document: RoundDocument) -> str:
    """Write the office and, as the archive line has it, the division that drafts: /SNV-CCHC."""
    suffix = document.issuer.number_suffix.replace("/KH-", "/")
    drafted_by = [part.strip() for part in document.archive.split(",")[1:]]
    return f"{suffix}-{drafted_by[-1]}" if drafted_by and drafted_by[-1].isalpha() else suffix


def _ended(drawn: DocumentObject, letter: UnitLetter) -> bytes:
    """End a công văn: a last sentence and the signature."""
    issuer = letter.document.issuer
    _say(drawn, f"{office_name(issuer.office)} đề nghị {letter.unit_name} quan tâm thực hiện./.")
    official.signature_block(drawn, issuer, ["Như trên"], letter.document.archive or "VT")
    return official.saved(drawn)


def _reminder(letter: UnitLetter, reminded: Reminded) -> tuple[str, ...]:
    """Write what a unit is reminded of."""
    office = office_name(letter.document.issuer.office)
    title = lowered(letter.document.title.vi)
    if reminded is Reminded.STAFF_LIST:
        return (
            (
                f"Thực hiện {title}, {office} đã đề nghị các cơ quan, đơn vị lập danh sách nhân sự "
                f"để chọn mẫu. Đề nghị {letter.unit_name} gửi danh sách theo mẫu đã nhận, hoặc báo "
                f"cáo số người của từng nhóm và ngày lập danh sách, về {office} trước {_DOTS}. "
                "Trường hợp đã gửi thì không phải gửi lại."
            ),
        )
    if reminded is Reminded.CERTIFICATE:
        return (
            (
                f"Thực hiện Kế hoạch chọn mẫu {title}, {office} chưa nhận được giấy xác nhận của "
                f"{letter.unit_name} về việc áp dụng số thứ tự được chọn. Không có giấy xác nhận, "
                "kết quả của cơ quan, đơn vị không được tính khoảng tin cậy."
            ),
            (
                f"Đề nghị {letter.unit_name} đối chiếu số thứ tự với danh sách nhân sự, ký giấy "
                f"xác nhận theo mẫu và gửi về {office} trước {_DOTS}."
            ),
        )
    return (
        (
            f"Đợt {title} đang thu phiếu. Đề nghị {letter.unit_name} nhắc chung tất cả người được "
            f"mời trả lời trước {_DOTS}, tạo điều kiện về thời gian và thiết bị để trả lời."
        ),
        (
            "Đề nghị chỉ nhắc chung: không hỏi từng người đã trả lời hay chưa, không yêu cầu cho "
            "biết nội dung đã trả lời, không trả lời thay. Việc tham gia là tự nguyện."
        ),
    )


def _positions(drawn: DocumentObject, unit: PlanUnit, document: RoundDocument) -> None:
    """Draw the table of positions."""
    table = official.add_table(drawn, _WIDTHS, rows=1)
    names = ("STT", "Nhóm đối tượng", "Số người trong danh sách", "Số thứ tự được chọn", "Dự phòng")
    for cell, name in zip(table.rows[0].cells, names, strict=True):
        official.write_cell(cell, name, bold=True, centred=True)
    for number, part in enumerate(unit.cells, start=1):
        texts = (
            str(number),
            document.group_label(part.respondent_group, "vi"),
            whole(part.population),
            _listed(part.selected),
            _listed(part.reserves),
        )
        for place, (cell, text) in enumerate(zip(official.new_row(table), texts, strict=True)):
            official.write_cell(cell, text, centred=place != 1)
    official.finish_table(table, _WIDTHS, header_rows=1)


def _listed(places: Sequence[SelectedPlace]) -> str:
    """Write positions in their order; names stay with the unit."""
    return ", ".join(str(place.position) for place in places) or "–"


def _say(drawn: DocumentObject, *sentences: str) -> None:
    """Write paragraphs."""
    for sentence in sentences:
        official.body(drawn, sentence)
