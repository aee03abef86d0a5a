"""The sample after non-response: counts in, reserves that the rule lets in, their effect."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from sampling import Selection
from survey.cli.sample import sample
from survey.errors import (
    NoReserveLeftError,
    NotAllowedNowError,
    NotFoundError,
    RefusedInputError,
)
from survey.records.store import Store
from survey.rules.outlook import Asked, outlook
from survey.services import audit, invite, replan, rounds
from survey.services.collect import end_without_answers
from tests.survey.open_round import (
    CODE,
    NOW,
    Person,
    answers_of,
    draft,
    opened,
    people,
    send,
    stratum_of,
)

_SIZES = {"A": (14, 30), "B": (12, 40)}


def _units(store: Store, *, contacts: int = 0) -> dict[str, replan.ReplannedUnit]:
    with store.read() as session:
        found = replan.replanned(session, rounds.find_round(session, CODE), contacts=contacts)
    return {unit.code.removeprefix(CODE): unit for unit in found}


def _of(store: Store, unit: str, group: str) -> list[Person]:
    return [p for p in people(store) if (p.unit, p.group) == (f"{CODE}{unit}", group)]


def _end(store: Store, person: Person, disposition: str) -> None:
    with store.write() as session:
        end_without_answers(session, round_code=CODE, token=person.token, disposition=disposition)


def _release(store: Store, person: Person, *, contacts: int = 0) -> None:
    with store.write() as session:
        replan.release_by_rule(
            session, stratum_of(session, person), contacts=contacts, actor="office", now=NOW
        )


def test_nobody_is_replaced_before_anything_has_come_in(store: Store) -> None:
    opened(store, _SIZES)
    units = _units(store)
    assert [unit.releasable for unit in units.values()] == [0, 0]
    leaders, officials = units["A"].strata
    assert (leaders.respondent_group, leaders.planned, leaders.open) == ("LD", 10, 10)
    assert (officials.population, officials.reserves_left) == (30, 1)
    assert units["A"].now is None
    planned = [Asked(population=14, size=10), Asked(population=30, size=10)]
    assert units["A"].planned == outlook(planned, level=0.95).half_width


def test_a_refusal_lets_one_reserve_in_and_no_second(store: Store) -> None:
    opened(store, _SIZES)
    first, second, *_ = _of(store, "A", "LD")
    _end(store, first, "refused")
    assert _units(store)["A"].strata[0].releasable == 1
    _release(store, first)
    after = _units(store)["A"].strata[0]
    assert (after.releasable, after.released, after.invited) == (0, 1, 11)
    with store.read() as session:
        assert audit.recent(session, 1)[0].action == "release_reserve"
    _end(store, second, "refused")
    with pytest.raises(NoReserveLeftError):
        _release(store, second)


def test_somebody_of_another_group_is_replaced_at_once(store: Store) -> None:
    opened(store, _SIZES)
    person = _of(store, "B", "CC")[0]
    _end(store, person, "ineligible")
    stratum = _units(store)["B"].strata[1]
    assert (stratum.ineligible, stratum.releasable) == (1, 1)


def test_silence_is_replaced_after_three_contacts_only(store: Store) -> None:
    opened(store, _SIZES)
    person = _of(store, "A", "CC")[0]
    assert [_units(store, contacts=n)["A"].strata[1].releasable for n in (0, 2, 3)] == [0, 0, 1]
    with pytest.raises(RefusedInputError) as refused:
        _release(store, person, contacts=2)
    assert "0 fell out, 0 reserve(s)" in str(refused.value)
    _release(store, person, contacts=3)
    assert _units(store, contacts=3)["A"].strata[1].reserves_left == 0


def test_answers_and_reserves_narrow_the_interval(store: Store) -> None:
    opened(store, _SIZES)
    refusing, *answering = [person for person in people(store) if person.unit == f"{CODE}A"]
    for person in answering:
        send(store, person, answers_of(person))
    _end(store, refusing, "refused")
    unit = _units(store)["A"]
    assert sum(stratum.answered for stratum in unit.strata) == 19
    assert unit.planned is not None
    assert unit.now is not None
    assert unit.released is not None
    assert unit.released == unit.planned < unit.now


def test_units_that_pick_their_people_have_no_reserves(store: Store) -> None:
    with store.write() as session:
        draft(session, _SIZES, selection=Selection.PICKED)
    assert _units(store) == {}


def test_nobody_is_released_in_a_round_that_is_not_open(store: Store) -> None:
    with store.write() as session:
        draft(session, _SIZES)
    person = Person(unit=f"{CODE}A", group="LD", slot=1, name="", token="")
    with pytest.raises(NotAllowedNowError):
        _release(store, person, contacts=3)
    with store.write() as session, pytest.raises(NotFoundError):
        replan.release_by_rule(session, "no such", contacts=3, actor="office", now=NOW)


def test_a_reserve_invited_without_cause_counts_against_the_next(store: Store) -> None:
    opened(store, _SIZES)
    person = _of(store, "A", "LD")[0]
    with store.write() as session:
        invite.release_reserve(session, stratum_of(session, person), actor="office", now=NOW)
    _end(store, person, "refused")
    assert _units(store)["A"].strata[0].releasable == 0


def test_the_command_line_shows_counts(tmp_path: Path, sqlite_store: Store) -> None:
    opened(sqlite_store, _SIZES)
    call = ["replan", CODE, "--contacts", "3", "--home", str(tmp_path)]
    done = CliRunner().invoke(sample, call)
    assert done.exit_code == 0, done.output
    assert "0/10" in done.output
    assert "Người Thứ" not in done.output
