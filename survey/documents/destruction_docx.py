"""The record (biên bản) of a key's destruction, for the custodians to sign.

What the program did is printed; what only people can do, destroying the two sheets, is left for
them to write down.
"""

from docx.document import Document as DocumentObject

from survey.documents import official
from survey.documents.wording import short_moment, whole
from survey.rules.keys import DestructionRecord
from survey.rules.round_document import RoundDocument

__all__ = ["destruction_document"]

_DOTS = "……………………………………………………………………………"


def destruction_document(
    record: DestructionRecord, document: RoundDocument, *, simulated: bool = False
) -> bytes:
    """Draw the record as DOCX.

    Parameters
    ----------
    record : DestructionRecord
    document : RoundDocument
    simulated : bool
        Prints the line that says so.

    Returns
    -------
    bytes
        DOCX, Times New Roman.
    """
    drawn = official.new_document(size=13)
    if simulated:
        official.simulated_line(drawn)
    suffix = document.issuer.number_suffix.replace("/KH-", "/BB-")
    official.letterhead(drawn, document.issuer, number_suffix=suffix, day=None)
    official.title(drawn, "BIÊN BẢN", "Hủy khóa mở phiếu niêm phong")
    _present(drawn, record)
    _done(drawn, record)
    _sheets(drawn, record)
    ending = official.body(
        drawn,
        "Kể từ thời điểm này không còn khóa nào mở được các phiếu đã niêm phong, kể cả phiếu trong "
        "các bản sao lưu lập trước khi đóng đợt. Biên bản được lập thành 02 bản có giá trị như "
        "nhau, đọc lại cho những người có tên trên nghe và cùng ký tên./.",
    )
    ending.paragraph_format.keep_with_next = True  # signatures never stand on a page alone
    official.signatures(drawn, ["NGƯỜI GIỮ TỜ SỐ 1", "NGƯỜI GIỮ TỜ SỐ 2", "NGƯỜI LẬP BIÊN BẢN"])
    return official.saved(drawn)


def _present(drawn: DocumentObject, record: DestructionRecord) -> None:
    official.body(
        drawn,
        f"Hồi {short_moment(record.destroyed_at)}, khóa mở phiếu niêm phong của đợt "
        f"“{record.title}” (mã đợt {record.round_code}) được hủy với sự có mặt của:",
    )
    for role in (
        "Người giữ tờ khôi phục số 1",
        "Người giữ tờ khôi phục số 2",
        "Người lập biên bản",
    ):
        official.body(drawn, f"- {role}: {_DOTS[:15]}", justified=False)


def _done(drawn: DocumentObject, record: DestructionRecord) -> None:
    official.heading(drawn, "1. Việc phần mềm đã thực hiện")
    official.body(
        drawn,
        f"a) Bản sao lưu “{record.backup}” lập sau khi đóng đợt đã được khôi phục thử; "
        f"{whole(record.responses)} phiếu trả lời khớp với cơ sở dữ liệu. Mã băm (SHA-256) "
        "của bản sao lưu và của các phiếu trả lời:",
    )
    for digest in (record.backup_digest, record.responses_digest):
        official.code_line(drawn, digest)
    if record.key_file:
        official.body(drawn, f"b) Tệp khóa “{record.key_file}” đã bị ghi đè và xóa.")
    else:
        official.body(drawn, "b) Không có tệp khóa; khóa chỉ có trên hai tờ khôi phục.")
    official.body(
        drawn,
        f"c) Người thao tác: tài khoản “{record.actor}”. Khóa công khai của khóa bị hủy:",
    )
    official.code_line(drawn, record.public_key)


def _sheets(drawn: DocumentObject, record: DestructionRecord) -> None:
    official.heading(drawn, "2. Việc những người có mặt đã thực hiện")
    for sheet in record.sheets:
        text = f"- Tờ khôi phục số {sheet} và mọi bản sao (nếu có) đã bị hủy bằng cách: "
        official.body(drawn, f"{text}{_DOTS[:6]}", justified=False)
    official.body(drawn, f"- Ghi chú: {_DOTS[:24]}", justified=False)
