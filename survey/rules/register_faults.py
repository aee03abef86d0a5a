"""The catalogue of what can be wrong with an uploaded unit register.

English templates are message ids, as everywhere; the place (file, row, column) is kept apart from
the sentence, so that a page can set it in a table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

__all__ = ["REGISTER_FAULTS", "RegisterFault", "RegisterFaultCode"]


class RegisterFaultCode(StrEnum):
    """What can be wrong; faults found by the sampling room carry its own codes beside these."""

    FILE_TOO_LARGE = "file-too-large"
    FILE_UNREADABLE = "file-unreadable"
    FILE_OLD_EXCEL = "file-old-excel"
    FILE_NOT_UTF8 = "file-not-utf8"
    FILE_EMPTY = "file-empty"
    TOO_MANY_ROWS = "too-many-rows"
    COLUMN_UNKNOWN = "column-unknown"
    COLUMN_MISSING = "column-missing"
    COLUMN_TWICE = "column-twice"
    CELL_WITHOUT_COLUMN = "cell-without-column"
    CELL_FORMULA = "cell-formula"
    CELL_ERROR = "cell-error"
    CELL_UNPRINTABLE = "cell-unprintable"
    CELL_LONG = "cell-long"
    VALUE_MISSING = "value-missing"
    CODE_NUMBER = "code-number"
    CODE_SPACES = "code-spaces"
    CODE_TWICE = "code-twice"
    UNIT_TWICE = "unit-twice"
    UNIT_GROUP_UNKNOWN = "unit-group-unknown"
    UNIT_GROUP_EMPTY = "unit-group-empty"
    PARENT_UNKNOWN = "parent-unknown"
    PARENT_CIRCLE = "parent-circle"
    NOT_YES_OR_NO = "not-yes-or-no"
    FACT_UNKNOWN = "fact-unknown"
    NUMBER_GROUPED = "number-grouped"
    NUMBER_NEGATIVE = "number-negative"
    NUMBER_NOT_WHOLE = "number-not-whole"
    NUMBER_LARGE = "number-large"
    SELECTION_UNKNOWN = "selection-unknown"
    DATE_UNREADABLE = "date-unreadable"
    DATES_REVERSED = "dates-reversed"
    UNIT_NOT_VALID_IN_YEAR = "unit-not-valid-in-year"
    LIST_BEFORE_UNIT = "list-before-unit"
    STAFF_MISSING = "staff-missing"
    STAFF_UNIT_UNKNOWN = "staff-unit-unknown"
    STAFF_GROUP_UNKNOWN = "staff-group-unknown"
    STAFF_NOT_COUNTED = "staff-not-counted"
    POSITION_FROM_ONE = "position-from-one"
    CODE_REUSED = "code-reused"
    VERSION_FIXED = "version-fixed"
    VERSIONS_OVERLAP = "versions-overlap"


_Code = RegisterFaultCode
REGISTER_FAULTS: Final[Mapping[RegisterFaultCode, str]] = MappingProxyType(
    {
        _Code.FILE_TOO_LARGE: (
            "The file is larger than %(most)s MB once unpacked; a unit register is much smaller. "
            "Delete pictures and other sheets, or save it as CSV."
        ),
        _Code.FILE_UNREADABLE: "The file cannot be read as %(kind)s: %(reason)s. Save it again.",
        _Code.FILE_OLD_EXCEL: (
            "The file is an old .xls workbook or protected by a password; "
            "save it as .xlsx without a password."
        ),
        _Code.FILE_NOT_UTF8: (
            "The file is not encoded as UTF-8 (line %(line)s); save it as “CSV UTF-8”."
        ),
        _Code.FILE_EMPTY: "The file has no line below the names of its columns.",
        _Code.TOO_MANY_ROWS: "The file has more than %(most)s lines; delete what is not needed.",
        _Code.COLUMN_UNKNOWN: "There is no column of this name; the columns are: %(known)s.",
        _Code.COLUMN_MISSING: "The column is missing; add it, even if all its cells stay empty.",
        _Code.COLUMN_TWICE: "The column stands %(count)s times; keep it once.",
        _Code.CELL_WITHOUT_COLUMN: "The cell stands below no column name; delete it or name it.",
        _Code.CELL_FORMULA: "The cell holds a formula; paste its value instead.",
        _Code.CELL_ERROR: "The cell holds an error of the spreadsheet; write the value.",
        _Code.CELL_UNPRINTABLE: "The cell holds characters that cannot be printed; type it again.",
        _Code.CELL_LONG: "The cell has %(count)s characters; write at most %(most)s.",
        _Code.VALUE_MISSING: "The value is missing; write it.",
        _Code.CODE_NUMBER: (
            "The code is stored as a number, which drops leading zeros; format the column as text "
            "and write the code again."
        ),
        _Code.CODE_SPACES: "A code has no spaces; write it without.",
        _Code.CODE_TWICE: "The code also stands in row(s) %(rows)s; give each unit its own.",
        _Code.UNIT_TWICE: (
            "The same name with the same parent also stands in row(s) %(rows)s; keep it once."
        ),
        _Code.UNIT_GROUP_UNKNOWN: "There is no such unit group; the round has: %(known)s.",
        _Code.UNIT_GROUP_EMPTY: "The round asks units of this group, but no row belongs to it.",
        _Code.PARENT_UNKNOWN: "No row has the code of this parent; add it or leave the cell empty.",
        _Code.PARENT_CIRCLE: "The unit stands below itself: %(circle)s; correct the parent.",
        _Code.NOT_YES_OR_NO: "The answer is neither “yes” nor “no”.",
        _Code.FACT_UNKNOWN: "This is no value of the column; it is one of: %(known)s.",
        _Code.NUMBER_GROUPED: (
            "Write a whole number with digits only, such as 1234, without separators."
        ),
        _Code.NUMBER_NEGATIVE: "The number is negative; write a whole number from 0.",
        _Code.NUMBER_NOT_WHOLE: "This is not a whole number; write one with digits only.",
        _Code.NUMBER_LARGE: "The number is above %(most)s, which is no head count.",
        _Code.SELECTION_UNKNOWN: "There is no such way of selection; it is one of: %(known)s.",
        _Code.DATE_UNREADABLE: "This is no date; write it like 2022-09-30 or 30/09/2022.",
        _Code.DATES_REVERSED: "The date lies before valid_from (%(first)s); correct one of them.",
        _Code.UNIT_NOT_VALID_IN_YEAR: (
            "The unit does not exist in %(year)s, the year of the round (%(first)s to %(last)s)."
        ),
        _Code.LIST_BEFORE_UNIT: "The list is older than the unit (%(first)s); correct one of them.",
        _Code.STAFF_MISSING: (
            "The unit is drawn from its staff list, but none is given for %(group)s "
            "(%(count)s people); add it or choose another way of selection."
        ),
        _Code.STAFF_UNIT_UNKNOWN: (
            "The register has no unit of this code, which stands in %(count)s row(s)."
        ),
        _Code.STAFF_GROUP_UNKNOWN: "There is no such respondent group; the round has: %(known)s.",
        _Code.STAFF_NOT_COUNTED: "The register has no number of people for this unit and group.",
        _Code.POSITION_FROM_ONE: "Positions are counted from 1.",
        _Code.CODE_REUSED: (
            "The code is known as “%(name)s”; a code is never given to another unit. Correct the "
            "name or choose a new code."
        ),
        _Code.VERSION_FIXED: (
            "What is known about this unit from %(first)s is used by another round and cannot "
            "change; write the date of the change as valid_from."
        ),
        _Code.VERSIONS_OVERLAP: (
            "The unit is already known for another time that overlaps: %(first)s to %(last)s."
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFault:
    """One fault: where it is, what stands there, and the sentence that says what to do."""

    code: str
    file: str
    row: int | None
    """As the spreadsheet counts, the names of the columns being row 1; none for the whole file."""

    column: str | None
    value: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    @classmethod
    def of(
        cls,
        code: RegisterFaultCode,
        *,
        file: str,
        row: int | None = None,
        column: str | None = None,
        value: str = "",
        values: Mapping[str, object] | None = None,
    ) -> Self:
        """Make a fault of this catalogue; a long value is shown by its beginning."""
        return cls(
            code=code.value,
            file=file,
            row=row,
            column=column,
            value=value if len(value) <= 80 else f"{value[:79]}…",
            template=REGISTER_FAULTS[code],
            values=values or {},
        )

    @property
    def message(self) -> str:
        """The English sentence."""
        return self.template % self.values if self.values else self.template

    def __str__(self) -> str:
        """Return place, value and sentence in one line."""
        row = None if self.row is None else f"row {self.row}"
        place = ", ".join(part for part in (self.file, row, self.column) if part)
        shown = f" “{self.value}”" if self.value else ""
        return f"{place}:{shown} {self.message}"
