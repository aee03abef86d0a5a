"""Within drawn households: the tables given out before the visits, and the members chosen at them.

Two files, because weeks lie between them: the first goes to the field as a sheet, the second comes
back as a list of members. Each holds everything before it, so that verifying the last redoes the
provinces' draw, the households' tables and the members' choice.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from pydantic import Field

from sampling import Difference, SamplingError
from sampling.household import Birthday, HouseholdRule, KishTable, Member
from sampling.household_records import (
    VisitedHousehold,
    choose_member,
    choose_members,
    give_tables,
)
from sampling.records import DrawRecord
from survey.errors import RefusedInputError
from survey.services.draw_file import DrawFile, refuse_altered
from survey.services.draw_parts import (
    Part,
    compare_items,
    compare_records,
    compare_values,
    digest_of,
    placed,
    read_part,
)
from survey.services.stage_file import Before, StageFile, before_difference, sample_of

__all__ = [
    "HOUSEHOLD_KIND",
    "MEMBERS_KIND",
    "HouseholdFile",
    "HouseholdPart",
    "MemberPart",
    "MembersFile",
    "household_file",
    "members_file",
    "refuse_other_interviews",
    "tables_of",
    "verify_household_json",
    "verify_members_json",
]

HOUSEHOLD_KIND: Final = "khaosat/household/1"
MEMBERS_KIND: Final = "khaosat/household-members/1"
_TABLES = "The households' file"
_MEMBERS = "The file of chosen members"
_SHOWN = 10  # households named in one fault


class HouseholdFile(Part):
    """Rule, seed and fixed day of the visit for the households of a draw, reserves behind them.

    ``record`` is that of the tables; birthdays need none, and it is null.
    """

    kind: Literal["khaosat/household/1"] = HOUSEHOLD_KIND
    rule: HouseholdRule
    seed: int
    visit: str | None = None
    households: tuple[str, ...]
    reserves: tuple[str, ...] = ()
    record: Mapping[str, Any] | None = None
    before: Before
    digest: str = ""


class MemberPart(Part):
    """One eligible member as the form has them."""

    line: int = Field(ge=1)
    male: bool
    age: int = Field(ge=0, le=150)
    birthday: tuple[int, int] | None = None
    """Month and day."""

    def as_member(self) -> Member:
        """Give the member to the sampling room.

        Returns
        -------
        Member
        """
        born = self.birthday
        return Member(
            line=self.line,
            male=self.male,
            age=self.age,
            birthday=None if born is None else Birthday(month=born[0], day=born[1]),
        )


class HouseholdPart(Part):
    """One visited household with its eligible members."""

    code: str
    members: tuple[MemberPart, ...]


class MembersFile(Part):
    """The chosen member of each visited household, with the file that sent people there."""

    kind: Literal["khaosat/household-members/1"] = MEMBERS_KIND
    source: str
    visited: tuple[HouseholdPart, ...]
    record: Mapping[str, Any]
    before: HouseholdFile
    digest: str = ""


def household_file(
    before: StageFile | DrawFile, *, rule: HouseholdRule, seed: int, visit: date | None = None
) -> HouseholdFile:
    """Prepare the choice within every drawn household and every reserve.

    Parameters
    ----------
    before : StageFile or DrawFile
        The draw of the households.
    rule : HouseholdRule
    seed : int
    visit : date, optional
        The day fixed for the first visits, where birthdays decide.

    Returns
    -------
    HouseholdFile

    Raises
    ------
    RefusedInputError
        The day is missing, or the draw cannot be made again.
    """
    if rule is HouseholdRule.LAST_BIRTHDAY and visit is None:
        raise RefusedInputError(what=_TABLES, faults=["the day fixed for the visits is missing"])
    refuse_altered(before_difference(before), file="The households' draw")
    try:
        sample = sample_of(before)
        households = tuple("/".join(unit.path) for unit in sample.units)
        reserves = tuple("/".join(path) for path in sample.reserves)
        record = _tables_record(rule, (*households, *reserves), seed)
    except SamplingError as error:
        raise RefusedInputError(what=_TABLES, faults=[error]) from error
    unsigned = HouseholdFile(
        rule=rule,
        seed=seed,
        visit=None if visit is None else visit.isoformat(),
        households=households,
        reserves=reserves,
        record=record,
        before=before,
    )
    return unsigned.model_copy(update={"digest": digest_of(unsigned)})


def tables_of(file: HouseholdFile) -> dict[str, KishTable]:
    """Give the Kish table of every household and reserve.

    Parameters
    ----------
    file : HouseholdFile

    Returns
    -------
    dict of str to KishTable
    """
    codes = (*file.households, *file.reserves)
    return dict(zip(codes, give_tables(codes, seed=file.seed).tables, strict=True))


def members_file(
    before: HouseholdFile, visited: tuple[HouseholdPart, ...], *, source: str
) -> tuple[MembersFile, dict[str, Member]]:
    """Choose the member of every visited household.

    Parameters
    ----------
    before : HouseholdFile
    visited : tuple of HouseholdPart
        Households without an eligible member are left out by the caller.
    source : str
        Name of the members' file, for people.

    Returns
    -------
    MembersFile
    dict of str to Member
        By household.

    Raises
    ------
    RefusedInputError
        Households that were not drawn, and every household whose members cannot carry the choice.
    """
    refuse_altered(_household_difference(before), file=_TABLES)
    known = {*before.households, *before.reserves}
    faults = _strangers([home.code for home in visited], known)
    chosen: dict[str, Member] = {}
    homes = _visits(before, visited, faults)
    for home in homes:
        try:
            chosen[home.code] = choose_member(home, rule=before.rule, seed=before.seed)
        except SamplingError as error:
            faults.append(_of_household(home.code, str(error)))
    if faults:
        raise RefusedInputError(what=source, faults=faults)
    record = choose_members(homes, rule=before.rule, seed=before.seed)
    unsigned = MembersFile(source=source, visited=visited, record=record.to_dict(), before=before)
    return unsigned.model_copy(update={"digest": digest_of(unsigned)}), chosen


def refuse_other_interviews(
    chosen: Mapping[str, Member], interviewed: Mapping[str, int], *, source: str
) -> None:
    """Refuse interviews of members whom the rule did not choose.

    Parameters
    ----------
    chosen : mapping of str to Member
        By household.
    interviewed : mapping of str to int
        Line numbers, by household.
    source : str

    Raises
    ------
    RefusedInputError
        With every household where another member was interviewed.
    """
    faults = [
        f"household {home}: the rule chooses line {chosen[home].line}, line {line} was "
        "interviewed; go back to the chosen member, or record that nobody answered"
        for home, line in sorted(interviewed.items())
        if line != chosen[home].line
    ]
    if faults:
        raise RefusedInputError(what=source, faults=faults)


def verify_household_json(content: bytes) -> Difference | None:
    """Give the tables again, after redoing the draw of the households.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    Difference or None

    Raises
    ------
    RefusedInputError
        This is no such file, or what it holds cannot carry the choice.
    """
    file = read_part(HouseholdFile, content, file=_TABLES)
    try:
        return _household_difference(file)
    except SamplingError as error:
        raise RefusedInputError(what=_TABLES, faults=[error]) from error


def verify_members_json(content: bytes) -> Difference | None:
    """Choose the members again, after redoing everything before.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    Difference or None

    Raises
    ------
    RefusedInputError
        This is no such file, or what it holds cannot carry the choice.
    """
    file = read_part(MembersFile, content, file=_MEMBERS)
    try:
        found = placed("before", _household_difference(file.before))
        if found:
            return found
        again, _ = members_file(file.before, file.visited, source=_MEMBERS)
        record = DrawRecord.from_dict(again.record)
        return compare_records("record", record, file.record) or compare_values(
            "digest", digest_of(file), file.digest
        )
    except SamplingError as error:
        raise RefusedInputError(what=_MEMBERS, faults=[error]) from error


def _household_difference(file: HouseholdFile) -> Difference | None:
    """Compare the draw before, the households and the tables."""
    found = placed("before", before_difference(file.before))
    if found:
        return found
    again = household_file(file.before, rule=file.rule, seed=file.seed, visit=_day(file.visit))
    found = compare_items("households", again.households, file.households) or compare_items(
        "reserves", again.reserves, file.reserves
    )
    if found:
        return found
    if again.record is None or file.record is None:
        found = compare_values("record", again.record, file.record)
    else:
        found = compare_records("record", DrawRecord.from_dict(again.record), file.record)
    return found or compare_values("digest", digest_of(file), file.digest)


def _strangers(codes: Sequence[str], known: set[str]) -> list[str]:
    """Name the households that nobody was sent to, the first ten of many."""
    found = [code for code in codes if code not in known]
    if not found:
        return []
    more = ", …" if len(found) > _SHOWN else ""
    return [
        (
            f"{len(found)} of {len(codes)} households were neither drawn nor reserves "
            f"({len(known)} were): {', '.join(found[:_SHOWN])}{more}; write the household as on "
            "the sheet, or leave it out"
        )
    ]


def _tables_record(
    rule: HouseholdRule, households: tuple[str, ...], seed: int
) -> Mapping[str, Any] | None:
    """Record the tables, where the rule has any."""
    if rule is HouseholdRule.LAST_BIRTHDAY:
        return None
    return give_tables(households, seed=seed).record.to_dict()


def _visits(
    before: HouseholdFile, visited: tuple[HouseholdPart, ...], faults: list[str]
) -> list[VisitedHousehold]:
    """Give the visited households to the sampling room, noting birthdays that are none."""
    day = _day(before.visit)
    homes = []
    for home in visited:
        try:
            members = tuple(member.as_member() for member in home.members)
            homes.append(VisitedHousehold(code=home.code, members=members, visit=day))
        except SamplingError as error:
            faults.append(_of_household(home.code, str(error)))
    return homes


def _of_household(code: str, fault: str) -> str:
    named = f"household {code}"
    return fault if fault.startswith(named) else f"{named}: {fault}"


def _day(text: str | None) -> date | None:
    """Read the fixed day of the visits."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        fault = f"visit is {text!r}; write a day as 2026-09-30"
        raise RefusedInputError(what=_TABLES, faults=[fault]) from error
