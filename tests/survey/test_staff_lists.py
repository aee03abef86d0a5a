"""Staff lists that come after the register: taken as a whole, for their own units only."""

import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from sampling import Selection
from survey.cli.sample import sample
from survey.documents.staff_list_xlsx import staff_list_template
from survey.errors import NotAllowedNowError, NotReadyError, RefusedInputError
from survey.queries.units import units_in_order
from survey.records.store import Store
from survey.records.units import StaffMember
from survey.rules.lifecycle import RoundState
from survey.rules.register_faults import REGISTER_FAULTS, RegisterFaultCode
from survey.services import audit, plan, rounds, staff_lists
from survey.services.staff_lists import StaffImport
from survey.services.uploads import UploadedTable

HEAD = "unit,group,position,name\n"


def lines(unit: str, group: str, count: int, *, first: int = 1) -> str:
    return "".join(
        f"{unit},{group},{place},{unit} {group} người {place}\n"
        for place in range(first, first + count)
    )


S2 = lines("S2", "LD", 5) + lines("S2", "CC", 20)


def csv(text: str, name: str = "s2.csv") -> UploadedTable:
    return UploadedTable(filename=name, content=(HEAD + text).encode())


def imported(store: Store, code: str, now: datetime, *files: UploadedTable) -> StaffImport:
    with store.write() as session:
        found = rounds.find_round(session, code)
        tables = staff_lists.read_staff_files(files)
        return staff_lists.import_staff(session, found, tables, actor="lan", now=now)


def refused(store: Store, code: str, now: datetime, *files: UploadedTable) -> list[str]:
    with pytest.raises(RefusedInputError) as caught:
        imported(store, code, now, *files)
    return [str(fault) for fault in caught.value.faults]


def test_a_list_turns_a_unit_into_one_drawn_by_name_and_drops_the_plan(
    store: Store, small_round: str, now: datetime
) -> None:
    done = imported(store, small_round, now, csv(S2))

    assert done == StaffImport(units=("S2",), people=25, dropped_plan=True)
    with store.read() as session:
        found = rounds.find_round(session, small_round)
        selections = {part.unit.code: part.selection for part in units_in_order(session, found.id)}
        assert selections["S2"] is Selection.LIST
        assert selections["S3"] is Selection.PICKED
        frame = plan.frame_of(session, found)
        assert {stratum.unit for stratum in frame.strata if stratum.people} == {"S1", "S2"}
        with pytest.raises(NotReadyError):
            plan.plan_of(session, found)
        event = audit.recent(session, 1)[0]
        assert (event.action, event.actor) == ("import_staff", "lan")
        assert event.detail == {"units": ["S2"], "people_listed": 25, "frame": frame.digest}
    with store.write() as session:
        drawn = plan.draw_plan(
            session, rounds.find_round(session, small_round), seed=7, actor="lan", now=now
        )
    assert any(stratum.unit == "S2" and stratum.selected for stratum in drawn.strata)


def test_a_list_replaces_the_units_older_one_and_leaves_the_others(
    sqlite_store: Store, small_sqlite_round: str, now: datetime
) -> None:
    new = lines("S1", "LD", 4) + lines("S1", "CC", 6)

    imported(sqlite_store, small_sqlite_round, now, csv(new), csv(S2, "b.csv"))
    imported(sqlite_store, small_sqlite_round, now, csv(new.replace("người", "cán bộ")))

    with sqlite_store.read() as session:
        names = session.scalars(select(StaffMember.name)).all()
    assert len(names) == 35
    assert sum(name.startswith("S1") and "cán bộ" in name for name in names) == 10
    assert sum(name.startswith("S2") for name in names) == 25


def test_the_template_that_went_to_the_unit_comes_back_filled_in(
    sqlite_store: Store, small_sqlite_round: str, now: datetime
) -> None:
    with sqlite_store.read() as session:
        document = rounds.find_round(session, small_sqlite_round).declared
    sent = staff_list_template(document, code="S2", name="Sở Hai", populations={"LD": 5, "CC": 20})
    book = openpyxl.load_workbook(io.BytesIO(sent))
    for row in book["staff"].iter_rows(min_row=2, max_row=26):
        row[3].value = f"Người số {row[0].row}"
    returned = io.BytesIO()
    book.save(returned)

    file = UploadedTable(filename="S2-mau-danh-sach.xlsx", content=returned.getvalue())
    done = imported(sqlite_store, small_sqlite_round, now, file)

    assert done.people == 25


def test_every_fault_of_all_files_is_named_and_nothing_is_stored(
    sqlite_store: Store, small_sqlite_round: str, now: datetime
) -> None:
    short = csv(lines("S2", "LD", 5) + lines("S2", "CC", 19) + "S9,CC,1,Ai đó\n,CC,1,\n", "a.csv")
    picked = csv(lines("S3", "LD", 1) + lines("S3", "CC", 9) + lines("X1", "CC", 2), "b.csv")

    said = refused(sqlite_store, small_sqlite_round, now, short, picked)

    assert [line.split(";")[0] for line in said] == [
        "a.csv, row 2, unit: “S2 CC” the staff list has 19 people, the register says 20",
        f"a.csv, row 26, unit: “S9” {REGISTER_FAULTS[RegisterFaultCode.STAFF_UNIT_UNKNOWN]}"
        % {"count": 1},
        "a.csv, row 27, unit: The value is missing",
        "a.csv, row 27, name: The value is missing",
        *(
            f"b.csv, row 2, unit: “S3” a staff list of {count} people is given, but the selection "
            "is 'picked'"
            for count in (9, 1)
        ),
        "b.csv, row 12, unit: “X1” The register has no number of people for this unit and group.",
    ]
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count()).select_from(StaffMember)) == 10
        assert plan.plan_of(session, rounds.find_round(session, small_sqlite_round)).strata


def test_a_list_without_one_of_the_units_groups_is_refused(
    sqlite_store: Store, small_sqlite_round: str, now: datetime
) -> None:
    (fault,) = refused(sqlite_store, small_sqlite_round, now, csv(lines("S2", "CC", 20)))

    assert "none is given for LD (5 people)" in fault


def test_a_unit_in_two_files_is_refused_whatever_they_hold(
    sqlite_store: Store, small_sqlite_round: str, now: datetime
) -> None:
    said = refused(sqlite_store, small_sqlite_round, now, csv(S2, "a.csv"), csv(S2, "b.csv"))
    same = refused(sqlite_store, small_sqlite_round, now, csv(S2), csv(lines("S1", "LD", 4)))

    (fault,) = said
    assert fault.startswith("b.csv, unit: “S2” Lists of this unit come in more than one file")
    assert "(a.csv, b.csv)" in fault
    assert any("Two files have the same name (s2.csv)" in each for each in same)


def test_lists_are_taken_by_a_draft_with_a_register_only(
    sqlite_store: Store, small_sqlite_round: str, small_round_file: Path, now: datetime
) -> None:
    document, questionnaire = rounds.read_round(small_round_file)
    with sqlite_store.write() as session:
        rounds.create_round(
            session,
            document=document.model_copy(update={"code": "moi2022"}),
            questionnaire=questionnaire,
            simulated=True,
            actor="lan",
            now=now,
        )
        rounds.find_round(session, small_sqlite_round).state = RoundState.OPEN

    with pytest.raises(NotReadyError, match="import the unit register first"):
        imported(sqlite_store, "moi2022", now, csv(S2))
    with pytest.raises(NotAllowedNowError, match="“import_register”"):
        imported(sqlite_store, small_sqlite_round, now, csv(S2))


def test_the_command_imports_files_into_the_installation(
    sqlite_store: Store, small_sqlite_round: str, tmp_path: Path
) -> None:
    file = tmp_path / "s2.csv"
    file.write_text(HEAD + S2, encoding="utf-8")
    arguments = ["import-staff", small_sqlite_round, str(file), "--home", str(tmp_path)]

    done = CliRunner().invoke(sample, arguments)
    again = CliRunner().invoke(sample, arguments)

    assert done.exit_code == 0, done.output
    assert "25 people of 1 unit(s) imported." in done.output
    assert "The plan was dropped" in done.output
    assert "The plan was dropped" not in again.output
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count()).select_from(StaffMember)) == 35
