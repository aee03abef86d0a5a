"""The words of a printed codebook in Vietnamese and English.

They stand here and not in the catalogue of the pages: this room knows no catalogue, and a codebook
is written from notebooks too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from questionnaires.choices import Disposition
from questionnaires.codebook import CodeLabel
from questionnaires.questions import Disclosure

__all__ = ["CodebookWords", "codebook_words", "remarks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodebookWords:
    """Headings, kinds of columns and disclosure classes in one language."""

    language: str
    codebook: str
    questionnaire: str
    version: str
    fingerprint: str
    columns: str
    contents: str
    outside: str
    name: str
    label: str
    stem: str
    question: str
    hint: str
    universe: str
    condition: str
    value: str
    repeated: str
    each_unit: str
    kind: str
    number: str
    range: str
    at_least: str
    at_most: str
    places: str
    unit: str
    choices: str
    characters: str
    disclosure: str
    factor: str
    criterion: str
    points: str
    codes: str
    code: str
    meaning: str
    status: str
    answer: str
    missing: str
    offered: tuple[str, str]
    ends: Mapping[Disposition, str]
    kinds: Mapping[str, str]
    disclosures: Mapping[Disclosure, str]


_VIETNAMESE: Final = CodebookWords(
    language="vi",
    codebook="Bảng mã dữ liệu",
    questionnaire="Mã phiếu",
    version="Phiên bản",
    fingerprint="Mã băm SHA-256 của phiếu",
    columns="Số cột",
    contents="Danh mục cột",
    outside="Ngoài các phần của phiếu",
    name="Tên cột",
    label="Nhãn",
    stem="Phần dẫn chung",
    question="Câu hỏi",
    hint="Hướng dẫn trả lời",
    universe="Đối tượng được hỏi",
    condition="Điều kiện hỏi",
    value="Công thức tính",
    repeated="Số lần hỏi",
    each_unit="Một lần cho mỗi đơn vị được đánh giá",
    kind="Loại",
    number="Số câu trên phiếu",
    range="Khoảng giá trị",
    at_least="từ",
    at_most="đến",
    places="Số chữ số thập phân",
    unit="Đơn vị tính",
    choices="Số lựa chọn tối đa",
    characters="Số ký tự tối đa",
    disclosure="Mức bảo vệ thông tin",
    factor="Yếu tố",
    criterion="Tiêu chí",
    points="Điểm tối đa",
    codes="Các mã của cột",
    code="Mã",
    meaning="Ý nghĩa",
    status="Tính chất",
    answer="câu trả lời",
    missing="giá trị thiếu",
    offered=("có từ", "có đến hết"),
    ends={
        Disposition.REFUSED: "kết thúc phiếu: từ chối tham gia",
        Disposition.INELIGIBLE: "kết thúc phiếu: không thuộc đối tượng khảo sát",
    },
    kinds={
        "single": "Chọn một",
        "multi": "Chọn nhiều",
        "scale": "Thang đánh giá",
        "integer": "Số nguyên",
        "decimal": "Số thập phân",
        "date": "Ngày",
        "text": "Văn bản",
        "calculation": "Giá trị được tính",
    },
    disclosures={
        Disclosure.ORDINARY: "Thông thường",
        Disclosure.QUASI_IDENTIFIER: (
            "Có thể góp phần nhận ra người trả lời; gộp nhóm trước khi công bố"
        ),
        Disclosure.FREE_TEXT_REVIEW: "Văn bản tự do; phải có người đọc duyệt trước khi công bố",
    },
)

_ENGLISH: Final = CodebookWords(
    language="en",
    codebook="Codebook",
    questionnaire="Questionnaire",
    version="Version",
    fingerprint="SHA-256 of the questionnaire",
    columns="Columns",
    contents="List of columns",
    outside="Outside the sections",
    name="Column",
    label="Label",
    stem="Stem",
    question="Question",
    hint="Instruction",
    universe="Who is asked",
    condition="Asked if",
    value="Computed as",
    repeated="How often",
    each_unit="Once for each unit that is rated",
    kind="Kind",
    number="Number on the form",
    range="Range",
    at_least="from",
    at_most="up to",
    places="Decimal places",
    unit="Unit",
    choices="Choices at most",
    characters="Characters at most",
    disclosure="Disclosure class",
    factor="Factor",
    criterion="Criterion",
    points="Points at most",
    codes="Codes of",
    code="Code",
    meaning="Meaning",
    status="Status",
    answer="answer",
    missing="missing",
    offered=("offered from", "offered until"),
    ends={
        Disposition.REFUSED: "ends the questionnaire: refused",
        Disposition.INELIGIBLE: "ends the questionnaire: not eligible",
    },
    kinds={
        "single": "One choice",
        "multi": "Several choices",
        "scale": "Scale",
        "integer": "Whole number",
        "decimal": "Decimal number",
        "date": "Date",
        "text": "Text",
        "calculation": "Calculated value",
    },
    disclosures={
        Disclosure.ORDINARY: "Ordinary",
        Disclosure.QUASI_IDENTIFIER: (
            "May help to recognise the respondent; put into groups before release"
        ),
        Disclosure.FREE_TEXT_REVIEW: "Free text; a person reads it before release",
    },
)


def codebook_words(language: str) -> CodebookWords:
    """Give the words of a codebook in a language.

    Parameters
    ----------
    language : tag such as "vi"

    Returns
    -------
    CodebookWords
        Vietnamese for "vi", English for everything else.
    """
    return _VIETNAMESE if language.split("-", maxsplit=1)[0] == "vi" else _ENGLISH


def remarks(code: CodeLabel, words: CodebookWords) -> tuple[str, ...]:
    """Say what else there is about a code: whether it ends the questionnaire, when it is offered.

    Parameters
    ----------
    code : CodeLabel
    words : in the language of the remarks

    Returns
    -------
    tuple of str
        Empty for most codes.
    """
    ends = "" if code.ends is None else words.ends[code.ends]
    days = zip(words.offered, (code.valid_from, code.valid_until), strict=True)
    offered = (f"{word} {day.isoformat()}" for word, day in days if day is not None)
    return tuple(remark for remark in (ends, *offered) if remark)
