"""A register in the database: replaced while the round is a draft, never against its history."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey.errors import NotAllowedNowError, NotReadyError, RefusedInputError
from survey.records.store import Store
from survey.records.units import RoundUnit, StaffMember, Stratum, Unit
from survey.rules.lifecycle import RoundState
from survey.services import audit, plan, register, rounds

_HEAD = (
    "code,name,unit_group,parent,handles_procedures,population_LD,population_CC,"
    "selection,list_date,valid_from,valid_to\n"
)
_LINE = "{code},{name},cap_so,,{handles},4,6,picked,,{valid_from},{valid_to}\n"


def _line(
    code: str = "S1",
    name: str = "Sở Một",
    *,
    handles: str = "yes",
    valid_from: str = "2022-01-01",
    valid_to: str = "",
) -> str:
    return _LINE.format(
        code=code, name=name, handles=handles, valid_from=valid_from, valid_to=valid_to
    )


def _import(store: Store, code: str, lines: str, now: datetime) -> int:
    with store.write() as session:
        found = rounds.find_round(session, code)
        table = register.UploadedTable(filename="units.csv", content=(_HEAD + lines).encode())
        parsed = register.parse_register(units=table, staff=None, document=found.declared)
        return register.import_register(session, found, parsed, actor="lan", now=now)


def _add_round(store: Store, file: Path, now: datetime, *, code: str, year: int) -> str:
    document, questionnaire = rounds.read_round(file)
    document = document.model_copy(update={"code": code, "year": year})
    with store.write() as session:
        rounds.create_round(
            session,
            document=document,
            questionnaire=questionnaire,
            simulated=True,
            actor="lan",
            now=now,
        )
    return code


def _known(store: Store) -> list[tuple[str, str, date, date | None]]:
    with store.read() as session:
        units = session.scalars(select(Unit).order_by(Unit.code, Unit.valid_from))
        return [(unit.code, unit.name, unit.valid_from, unit.valid_to) for unit in units]


def _set_state(store: Store, code: str, state: RoundState) -> None:
    with store.write() as session:
        rounds.find_round(session, code).state = state


@pytest.fixture
def opened(sqlite_store: Store, small_sqlite_round: str) -> str:
    """Give a round of 2022 that has opened, with Sở Một under the code S1."""
    _set_state(sqlite_store, small_sqlite_round, RoundState.OPEN)
    return small_sqlite_round


@pytest.fixture
def next_year(sqlite_store: Store, small_round_file: Path, now: datetime, opened: str) -> str:
    del opened
    return _add_round(sqlite_store, small_round_file, now, code="thu2023", year=2023)


def test_importing_again_replaces_units_people_and_plan(
    store: Store, small_round: str, now: datetime
) -> None:
    count = _import(store, small_round, _line("S7", "Sở Bảy") + _line("S3", "Sở Ba mới"), now)
    assert count == 2
    with store.read() as session:
        units = session.scalars(select(RoundUnit).order_by(RoundUnit.place)).all()
        assert [unit.place for unit in units] == [1, 2]
        assert session.scalar(select(func.count()).select_from(StaffMember)) == 0
        assert session.scalar(select(func.count()).select_from(Stratum)) == 4
        with pytest.raises(NotReadyError):
            plan.plan_of(session, rounds.find_round(session, small_round))
    # The old spelling of S3 was this round's alone, so it is gone with it.
    assert [entry[:2] for entry in _known(store)] == [("S3", "Sở Ba mới"), ("S7", "Sở Bảy")]


def test_the_import_is_recorded_with_the_frame_it_gives(store: Store, small_round: str) -> None:
    with store.read() as session:
        found = rounds.find_round(session, small_round)
        event = next(e for e in audit.recent(session, 9) if e.action == "import_register")
        assert event.detail == {
            "units": 4,
            "strata": 6,
            "people_listed": 10,
            "frame": plan.frame_of(session, found).digest,
        }


def test_only_drafts_take_a_register(sqlite_store: Store, opened: str, now: datetime) -> None:
    with pytest.raises(NotAllowedNowError, match="“import_register”"):
        _import(sqlite_store, opened, _line(), now)


def test_a_known_unit_is_the_same_unit_next_year(
    sqlite_store: Store, next_year: str, now: datetime
) -> None:
    before = _known(sqlite_store)
    _import(sqlite_store, next_year, _line(), now)
    assert _known(sqlite_store) == before


def test_a_code_is_never_given_to_another_name(
    sqlite_store: Store, next_year: str, now: datetime
) -> None:
    lines = _line("S9", "Sở Chín") + _line(name="Sở Khác", valid_from="2023-01-01")
    before = _known(sqlite_store)
    with pytest.raises(RefusedInputError) as refused:
        _import(sqlite_store, next_year, lines, now)
    (fault,) = refused.value.faults
    assert str(fault) == (
        "units.csv, row 3, code: “S1” The code is known as “Sở Một”; a code is never given to "
        "another unit. Correct the name or choose a new code."
    )
    assert _known(sqlite_store) == before


def test_a_change_gets_a_date_of_its_own(
    sqlite_store: Store, next_year: str, opened: str, now: datetime
) -> None:
    _import(sqlite_store, next_year, _line(handles="no", valid_from="2023-03-01"), now)
    assert _known(sqlite_store)[:2] == [
        ("S1", "Sở Một", date(2022, 1, 1), date(2023, 2, 28)),
        ("S1", "Sở Một", date(2023, 3, 1), None),
    ]
    with sqlite_store.read() as session:
        facts = {
            unit.round_id: unit.unit.facts
            for unit in session.scalars(
                select(RoundUnit).join(RoundUnit.unit).where(Unit.code == "S1")
            )
            if session.refresh(unit, ["unit"]) is None
        }
        old, new = rounds.find_round(session, opened), rounds.find_round(session, next_year)
        assert facts == {
            old.id: {"unit.handles_procedures": "yes"},
            new.id: {"unit.handles_procedures": "no"},
        }


def test_what_an_opened_round_used_does_not_change(
    sqlite_store: Store, next_year: str, now: datetime
) -> None:
    with pytest.raises(RefusedInputError, match="used by another round and cannot change"):
        _import(sqlite_store, next_year, _line(handles="no"), now)


def test_what_only_drafts_used_may_be_corrected(
    sqlite_store: Store, next_year: str, opened: str, now: datetime
) -> None:
    _set_state(sqlite_store, opened, RoundState.DRAFT)
    _import(sqlite_store, next_year, _line(handles="no"), now)
    with sqlite_store.read() as session:
        units = session.scalars(select(Unit).where(Unit.code == "S1")).all()
    assert [unit.facts["unit.handles_procedures"] for unit in units] == ["no"]


def test_a_unit_can_be_ended(sqlite_store: Store, next_year: str, now: datetime) -> None:
    _import(sqlite_store, next_year, _line(valid_to="2023-06-30"), now)
    assert _known(sqlite_store)[0] == ("S1", "Sở Một", date(2022, 1, 1), date(2023, 6, 30))


@pytest.mark.parametrize(
    ("valid_from", "valid_to"), [("2021-06-01", ""), ("2021-06-01", "2022-01-01")]
)
def test_times_of_one_code_do_not_overlap(
    sqlite_store: Store,
    opened: str,
    small_round_file: Path,
    now: datetime,
    valid_from: str,
    valid_to: str,
) -> None:
    del opened
    earlier = _add_round(sqlite_store, small_round_file, now, code="thu2021", year=2021)
    with pytest.raises(RefusedInputError, match="overlaps: 2022-01-01 to …"):
        _import(sqlite_store, earlier, _line(valid_from=valid_from, valid_to=valid_to), now)


def test_an_ended_unit_does_not_begin_before_its_end(
    sqlite_store: Store, next_year: str, now: datetime
) -> None:
    _import(sqlite_store, next_year, _line(valid_to="2023-06-30"), now)
    _set_state(sqlite_store, next_year, RoundState.OPEN)
    again = _line(valid_from="2023-06-30")
    with sqlite_store.write() as session:
        rounds.find_round(session, next_year).state = RoundState.DRAFT
    with pytest.raises(RefusedInputError, match="overlaps: 2022-01-01 to 2023-06-30"):
        _import(sqlite_store, next_year, again, now)


def test_entries_of_other_rounds_survive_a_new_import(
    sqlite_store: Store, next_year: str, now: datetime
) -> None:
    _import(sqlite_store, next_year, _line() + _line("S8", "Sở Tám"), now)
    _import(sqlite_store, next_year, _line("S8", "Sở Tám sửa tên"), now)
    assert [entry[:2] for entry in _known(sqlite_store)] == [
        ("S1", "Sở Một"),
        ("S2", "Sở Hai"),
        ("S3", "Sở Ba"),
        ("S8", "Sở Tám sửa tên"),
        ("X1", "Xã Một"),
    ]
