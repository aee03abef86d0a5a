"""From the table of an office to what a draw looks at: named columns, and all their faults at once.

A cell is read once, at the door; what comes out of here is what stands in the draw's file.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey.services.draw_model import FramePart
from survey.services.draw_overlap import take_faults
from survey.services.frame_table import FrameColumns, FrameTable, Least
from survey.services.household_file import HouseholdFile, HouseholdPart, MemberPart
from survey.services.stage_file import UnitPart

__all__ = [
    "MemberColumns",
    "SelectColumns",
    "SelectedFrame",
    "StageColumns",
    "read_members",
    "read_select_frame",
    "read_stage_units",
]

_YES = frozenset({"1", "x", "yes", "true", "có"})
_NO = frozenset({"", "0", "no", "false", "không"})
_MALE = frozenset({"1", "m", "male", "nam"})
_FEMALE = frozenset({"2", "f", "female", "nữ"})
_DAY_MONTH = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-]\d{4})?")
_ISO = re.compile(r"\d{4}-(\d{2})-(\d{2})(?: 00:00:00)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectColumns:
    """Columns of a frame by what they are used for."""

    code: str
    size: str | None = None
    stratum: str | None = None
    take: str | None = None
    balance: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    def named(self) -> dict[str, str]:
        """Name the columns for the file, balancing ones as a list.

        Returns
        -------
        dict of str to str
        """
        named = {"code": self.code, "size": self.size, "stratum": self.stratum, "n": self.take}
        found = {use: name for use, name in named.items() if name}
        return found | ({"balance": ", ".join(self.balance)} if self.balance else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedFrame:
    """A frame without fault, n by stratum, and the columns kept for people by code."""

    frame: FramePart
    take: Mapping[str, int]
    kept: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_select_frame(
    table: FrameTable, columns: SelectColumns, *, size: int | None, zeros: bool
) -> SelectedFrame:
    """Take the columns of a draw from a table.

    Parameters
    ----------
    table : FrameTable
    columns : SelectColumns
    size : int or None
        n of each stratum; None where a column says it.
    zeros : bool
        True accepts units of size 0 as out of scope.

    Returns
    -------
    SelectedFrame

    Raises
    ------
    RefusedInputError
        With every fault of the table.
    """
    reader = FrameColumns(table=table)
    codes = reader.texts(columns.code)
    reader.refuse_repeats(codes, [columns.code])
    strata = None if columns.stratum is None else reader.texts(columns.stratum)
    least = Least.ZERO if zeros else Least.ABOVE_ZERO
    sizes = None if columns.size is None else reader.numbers(columns.size, least=least)
    balance = {name: reader.numbers(name, least=Least.ANY) for name in columns.balance}
    names = strata or [""] * len(codes)
    take = dict.fromkeys(names, size or 0)
    if columns.take is not None:
        take = _takes(reader, columns.take, names)
    kept = {name: reader.texts(name, blanks=True) for name in columns.keep}
    frame = FramePart(
        code=tuple(codes),
        stratum=None if strata is None else tuple(strata),
        size=None if sizes is None else tuple(sizes),
        balance={name: tuple(values) for name, values in balance.items()},
    )
    whole = [units for units in frame.strata() if units.stratum or strata is None]
    reader.faults += take_faults(whole, {units.stratum: take[units.stratum] for units in whole})
    reader.refuse()
    return SelectedFrame(
        frame=frame,
        take=take,
        kept={name: dict(zip(codes, cells, strict=True)) for name, cells in kept.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StageColumns:
    """Columns of a stage's list by what they are used for; parents from the first stage down."""

    code: str
    parents: tuple[str, ...] = ()
    size: str | None = None
    stratum: str | None = None
    forced: str | None = None

    def named(self) -> dict[str, str]:
        """Name the columns for the file, the parents as a list.

        Returns
        -------
        dict of str to str
        """
        named = {
            "code": self.code,
            "parents": ", ".join(self.parents),
            "size": self.size,
            "stratum": self.stratum,
            "forced": self.forced,
        }
        return {use: name for use, name in named.items() if name}


def read_stage_units(table: FrameTable, columns: StageColumns) -> tuple[UnitPart, ...]:
    """Take the list of a stage from a table.

    Parameters
    ----------
    table : FrameTable
    columns : StageColumns

    Returns
    -------
    tuple of UnitPart

    Raises
    ------
    RefusedInputError
        With every fault of the table.
    """
    reader = FrameColumns(table=table)
    parents = [reader.texts(name) for name in columns.parents]
    codes = reader.texts(columns.code)
    paths = list(zip(*parents, codes, strict=True))
    joined = ["/".join(path) if all(path) else "" for path in paths]
    reader.refuse_repeats(joined, [*columns.parents, columns.code])
    count = len(codes)
    sizes = [1] * count
    if columns.size is not None:
        sizes = [int(v) for v in reader.numbers(columns.size, least=Least.ZERO, whole=True)]
    strata = [""] * count if columns.stratum is None else reader.texts(columns.stratum)
    forced = [False] * count
    if columns.forced is not None:
        forced = _choices(reader, columns.forced, _YES, _NO)
    reader.refuse()
    return tuple(
        UnitPart(code=path[-1], parent=path[:-1], size=size, stratum=stratum, forced=sure)
        for path, size, stratum, sure in zip(paths, sizes, strata, forced, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberColumns:
    """Columns of the list of eligible members that comes back from the field."""

    household: str
    line: str
    sex: str | None = None
    age: str | None = None
    birthday: str | None = None
    interviewed: str | None = None


def read_members(
    table: FrameTable, columns: MemberColumns, before: HouseholdFile
) -> tuple[tuple[HouseholdPart, ...], Mapping[str, int]]:
    """Take the eligible members of the visited households from a table.

    Parameters
    ----------
    table : FrameTable
        A row per eligible member; the household by its path, as on the sheet.
    columns : MemberColumns
    before : HouseholdFile
        To name a household by its own code, where that is enough.

    Returns
    -------
    tuple of HouseholdPart
        In the order of their codes.
    mapping of str to int
        Line of the member who was interviewed, by household, where a column says so.

    Raises
    ------
    RefusedInputError
        With every fault of the table.
    """
    reader = FrameColumns(table=table)
    paths = _paths_by_code(before)
    homes = [paths.get(code, code) for code in reader.texts(columns.household)]
    lines = [int(v) for v in reader.numbers(columns.line, least=Least.ABOVE_ZERO, whole=True)]
    keys = [
        f"{home}/{line}" if home and line else "" for home, line in zip(homes, lines, strict=True)
    ]
    reader.refuse_repeats(keys, [columns.household, columns.line])
    count = len(homes)
    male = [False] * count if columns.sex is None else _choices(reader, columns.sex, _MALE, _FEMALE)
    ages = [0] * count
    if columns.age is not None:
        ages = [int(v) for v in reader.numbers(columns.age, least=Least.ZERO, whole=True)]
        _refuse_old(reader, columns.age, ages)
    born = [None] * count if columns.birthday is None else _birthdays(reader, columns.birthday)
    asked = _interviewed(reader, columns.interviewed, list(zip(homes, lines, strict=True)))
    reader.refuse()
    members: dict[str, list[MemberPart]] = defaultdict(list)
    for row, home in enumerate(homes):
        members[home].append(
            MemberPart(line=lines[row], male=male[row], age=ages[row], birthday=born[row])
        )
    parts = tuple(
        HouseholdPart(code=home, members=tuple(members[home])) for home in sorted(members)
    )
    return parts, asked


def _takes(reader: FrameColumns, column: str, names: Sequence[str]) -> dict[str, int]:
    """Read n per stratum from a column, the same in every row of a stratum."""
    values = reader.numbers(column, least=Least.ZERO, whole=True)
    rows = [row.number for row in reader.table.rows]
    seen: dict[str, dict[int, int]] = defaultdict(dict)
    for name, value, row in zip(names, values, rows, strict=True):
        seen[name].setdefault(int(value), row)
    for name, found in seen.items():
        if len(found) > 1:
            said = ", ".join(f"{value} (row {row})" for value, row in found.items())
            reader.faults.append(
                f"column {column!r}: n differs within the stratum {name!r}: {said}; write one n in "
                "all its rows"
            )
    return {name: next(iter(found)) for name, found in seen.items()}


def _choices(
    reader: FrameColumns, column: str, yes: frozenset[str], no: frozenset[str]
) -> list[bool]:
    """Read a column of two words."""
    texts = reader.texts(column, blanks=True)
    rows = [row.number for row in reader.table.rows]
    if column in reader.table.header:
        for text, row in zip(texts, rows, strict=True):
            if text.casefold() not in yes | no:
                words = ", ".join(sorted(word for word in yes | no if word))
                reader.faults.append(f"row {row}, column {column!r}: {text!r} is none of {words}")
    return [text.casefold() in yes for text in texts]


def _birthdays(reader: FrameColumns, column: str) -> list[tuple[int, int] | None]:
    """Read days of birth as day/month, day/month/year or ISO; the year is dropped."""
    found: list[tuple[int, int] | None] = []
    texts = reader.texts(column)
    for text, row in zip(texts, reader.table.rows, strict=True):
        iso, written = _ISO.fullmatch(text), _DAY_MONTH.fullmatch(text)
        if iso:
            found.append((int(iso[1]), int(iso[2])))
        elif written:
            found.append((int(written[2]), int(written[1])))
        else:
            found.append(None)
            if text:
                reader.faults.append(
                    f"row {row.number}, column {column!r}: {text!r} is no birthday; write the day "
                    "before the month, as 30/9"
                )
    return found


def _refuse_old(reader: FrameColumns, column: str, ages: Sequence[int]) -> None:
    """Note ages that nobody reaches."""
    for age, row in zip(ages, reader.table.rows, strict=True):
        if age > 150:
            reader.faults.append(f"row {row.number}, column {column!r}: nobody is {age} years old")


def _interviewed(
    reader: FrameColumns, column: str | None, lines: Sequence[tuple[str, int]]
) -> dict[str, int]:
    """Read who was interviewed: at most one member of a household."""
    asked: dict[str, int] = {}
    if column is None:
        return asked
    for (home, line), yes in zip(lines, _choices(reader, column, _YES, _NO), strict=True):
        if yes and home in asked:
            reader.faults.append(
                f"household {home}: lines {asked[home]} and {line} were both interviewed; one is "
                "chosen"
            )
        if yes:
            asked[home] = line
    return asked


def _paths_by_code(before: HouseholdFile) -> dict[str, str]:
    """Give the path of every household whose own code no other drawn household has."""
    paths = (*before.households, *before.reserves)
    counts = Counter(path.rpartition("/")[2] for path in paths)
    codes = {path: path.rpartition("/")[2] for path in paths}
    return {code: path for path, code in codes.items() if counts[code] == 1}
