"""What the interviewer's sheet says, from the file of the choice within households.

The words are Vietnamese: they are read at the door. How many share a birthday is decided by the
seed too, so the sheet prints who is taken among two, three or four.
"""

from sampling.household import KISH_TABLES, HouseholdRule
from sampling.household_records import tie_line
from survey.documents.household_sheet import HouseholdSheet, SheetRow
from survey.services.household_file import HouseholdFile, tables_of

__all__ = ["sheet_of"]

_KISH_COLUMNS = ("Bảng", *(f"{count} người" for count in range(1, 6)), "6 người trở lên")
_KISH_STEPS = (
    "Lập danh sách mọi thành viên đủ điều kiện của hộ, mỗi người một số thứ tự.",
    (
        "Xếp nam trước, từ người cao tuổi nhất đến người trẻ tuổi nhất; tiếp theo là nữ, cũng từ "
        "người cao tuổi nhất. Hai người cùng tuổi: người có số thứ tự nhỏ hơn đứng trước."
    ),
    (
        "Tìm cột ứng với số người đủ điều kiện; con số ở dòng của hộ cho biết người thứ mấy trong "
        "thứ tự đã xếp được phỏng vấn."
    ),
    "Chỉ phỏng vấn người được chọn. Không thay bằng người khác trong hộ.",
    (
        "Hộ dự phòng chỉ được dùng khi có yêu cầu của người giám sát, theo đúng thứ tự. Hộ không "
        "có người đủ điều kiện thì ghi kết quả và báo người giám sát."
    ),
)
_BIRTHDAY_COLUMNS = (
    "Ngày ấn định",
    "2 người cùng ngày sinh",
    "3 người cùng ngày sinh",
    "4 người cùng ngày sinh",
)
_BIRTHDAY_STEPS = (
    (
        "Lập danh sách mọi thành viên đủ điều kiện của hộ, mỗi người một số thứ tự, ghi ngày và "
        "tháng sinh."
    ),
    (
        "Tính lùi từ ngày ấn định ghi trên phiếu, không phải từ ngày đến hộ: phỏng vấn người có "
        "ngày sinh nhật gần nhất trước hoặc đúng ngày đó. Sinh ngày 29/2 thì năm không nhuận tính "
        "là ngày 01/3."
    ),
    (
        "Nếu nhiều người có cùng ngày sinh nhật gần nhất, xếp họ theo số thứ tự; con số ở cột “2, "
        "3, 4 người cùng ngày sinh” cho biết người thứ mấy được phỏng vấn."
    ),
    "Chỉ phỏng vấn người được chọn. Không thay bằng người khác trong hộ.",
    (
        "Hộ dự phòng chỉ được dùng khi có yêu cầu của người giám sát, theo đúng thứ tự. Hộ không "
        "có người đủ điều kiện thì ghi kết quả và báo người giám sát."
    ),
)


def sheet_of(file: HouseholdFile) -> HouseholdSheet:
    """Lay out the sheet for all households and reserves.

    Parameters
    ----------
    file : HouseholdFile

    Returns
    -------
    HouseholdSheet
    """
    kish = file.rule is HouseholdRule.KISH
    cells = _kish_cells(file) if kish else _birthday_cells(file)
    reserve_places = _reserve_places(file)
    return HouseholdSheet(
        title=(
            "Chọn người phỏng vấn trong hộ theo bảng Kish"
            if kish
            else "Chọn người phỏng vấn trong hộ theo ngày sinh nhật gần nhất"
        ),
        columns=_KISH_COLUMNS if kish else _BIRTHDAY_COLUMNS,
        rows=tuple(
            SheetRow(
                path=tuple(code.split("/")), reserve=reserve_places.get(code, 0), cells=cells[code]
            )
            for code in (*file.households, *file.reserves)
        ),
        steps=_KISH_STEPS if kish else _BIRTHDAY_STEPS,
    )


def _reserve_places(file: HouseholdFile) -> dict[str, int]:
    """Count the reserves of each parent, in the order of the file."""
    counts: dict[str, int] = {}
    places = {}
    for code in file.reserves:
        parent = code.rpartition("/")[0]
        counts[parent] = counts.get(parent, 0) + 1
        places[code] = counts[parent]
    return places


def _kish_cells(file: HouseholdFile) -> dict[str, tuple[str, ...]]:
    """Print each household's table."""
    return {
        code: (table.value, *(str(number) for number in KISH_TABLES[table]))
        for code, table in tables_of(file).items()
    }


def _birthday_cells(file: HouseholdFile) -> dict[str, tuple[str, ...]]:
    """Print the fixed day, and who is taken among people of one birthday."""
    year, month, day = str(file.visit).split("-")
    return {
        code: (
            f"{day}/{month}/{year}",
            *(str(tie_line(code, tied, seed=file.seed)) for tied in (2, 3, 4)),
        )
        for code in (*file.households, *file.reserves)
    }
