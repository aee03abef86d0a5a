"""The draw of a stored round, the plan as it is laid out, and the draw made again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from sampling import Selection
from survey.errors import NotAllowedNowError, NotFoundError, NotReadyError, RefusedInputError
from survey.records.store import Store
from survey.records.units import SamplePlan, StaffMember
from survey.rules.lifecycle import RoundState
from survey.services import audit, plan, rounds


def test_frame_holds_lists_counts_and_uncounted_units(store: Store, small_round: str) -> None:
    with store.read() as session:
        frame = plan.frame_of(session, rounds.find_round(session, small_round))
    assert [person.name for person in frame.stratum("S1", "LD").people] == [
        "Lãnh đạo 1",
        "Lãnh đạo 2",
        "Lãnh đạo 3",
        "Lãnh đạo 4",
    ]
    assert frame.stratum("S2", "CC").population == 20
    assert [unit.unit for unit in frame.uncounted] == ["X1"]


def test_plan_is_kept_as_it_was_drawn(store: Store, small_round: str, now: datetime) -> None:
    with store.write() as session:
        found = rounds.find_round(session, small_round)
        drawn = plan.draw_plan(session, found, seed=11, actor="lan", now=now)
    with store.read() as session:
        found = rounds.find_round(session, small_round)
        assert plan.plan_of(session, found) == drawn
        assert plan.verify_plan(session, found) is None
        event = audit.recent(session, 1)[0]
    assert (event.action, event.detail["seed"], event.detail["plan"]) == (
        "draw_plan",
        11,
        drawn.digest,
    )


def test_both_databases_draw_one_plan(store: Store, small_round: str) -> None:
    with store.read() as session:
        found = plan.plan_of(session, rounds.find_round(session, small_round))
    assert found.digest == "61c87c168e213277bd85c299452fca796a6ec112e5b08523ef8e5ffd127c6723"


def test_table_follows_register_and_round(store: Store, small_round: str) -> None:
    with store.read() as session:
        table = plan.plan_table(session, rounds.find_round(session, small_round))
    departments, communes = table.groups
    assert [unit.name for unit in departments.units] == ["Sở Một", "Sở Hai", "Sở Ba"]
    assert [cell.respondent_group for cell in departments.units[0].cells] == ["LD", "CC"]
    totals = [(t.respondent_group, t.planned, t.size, t.shortfall) for t in departments.totals]
    assert totals == [("LD", 6, 5, 1), ("CC", 9, 9, 0)]
    assert (table.total.planned, table.total.size) == (15, 14)
    assert [unit.cells for unit in communes.units] == [()]


def test_table_names_people_where_lists_are_known(store: Store, small_round: str) -> None:
    with store.read() as session:
        table = plan.plan_table(session, rounds.find_round(session, small_round))
    listed, counted, picked = table.groups[0].units
    assert all(place.name == f"Lãnh đạo {place.position}" for place in listed.cells[0].selected)
    assert [place.name for place in counted.cells[0].selected] == [None, None]
    assert (picked.cells[0].selected, picked.outlook.implied_error) == ((), None)
    assert counted.needs_certificate
    assert not listed.needs_certificate


def test_implied_error_is_of_the_unit(store: Store, small_round: str) -> None:
    with store.read() as session:
        table = plan.plan_table(session, rounds.find_round(session, small_round))
    assert table.groups[0].units[1].outlook.implied_error == pytest.approx((1 / 5 - 1 / 25) ** 0.5)


def test_drawing_again_ends_certificates(store: Store, small_round: str, now: datetime) -> None:
    with store.write() as session:
        found = rounds.find_round(session, small_round)
        unit = plan.plan_table(session, found).groups[0].units[1]
        plan.certify(session, unit.round_unit_id, actor="lan", now=now)
        assert plan.plan_table(session, found).groups[0].units[1].certified
        plan.draw_plan(session, found, seed=12, actor="lan", now=now)
        assert not plan.plan_table(session, found).groups[0].units[1].certified


def test_second_certificate_keeps_the_first_date(
    store: Store, small_round: str, now: datetime
) -> None:
    with store.write() as session:
        found = rounds.find_round(session, small_round)
        unit = plan.plan_table(session, found).groups[0].units[1]
        plan.certify(session, unit.round_unit_id, actor="lan", now=now)
        plan.certify(session, unit.round_unit_id, actor="lan", now=now + timedelta(days=1))
        again = plan.plan_table(session, found).groups[0].units[1]
        assert again.certified_at == now
        assert [event.action for event in audit.recent(session, 2)] == ["certify", "draw_plan"]


def test_unit_that_picks_has_nothing_to_certify(
    store: Store, small_round: str, now: datetime
) -> None:
    with store.write() as session:
        found = rounds.find_round(session, small_round)
        unit = plan.plan_table(session, found).groups[0].units[2]
        with pytest.raises(RefusedInputError, match=r"“Sở Ba” has no drawn positions.*“picked”"):
            plan.certify(session, unit.round_unit_id, actor="lan", now=now)
        with pytest.raises(NotFoundError):
            plan.certify(session, "0" * 32, actor="lan", now=now)


def test_changed_plan_is_named_by_its_place(store: Store, small_round: str) -> None:
    with store.write() as session:
        found = rounds.find_round(session, small_round)
        stored = session.scalars(select(SamplePlan)).one()
        document = dict(stored.document)
        document["strata"][0]["selected"] = [1, 2]
        stored.document = {**document}
        session.flush()
        difference = plan.verify_plan(session, found)
    assert difference is not None
    assert difference.place == "S1/CC.selected[0]"


def test_changed_digest_is_a_difference(store: Store, small_round: str) -> None:
    with store.write() as session:
        session.scalars(select(SamplePlan)).one().digest = "0" * 64
        session.flush()
        difference = plan.verify_plan(session, rounds.find_round(session, small_round))
    assert difference is not None
    assert difference.place == "digest"


def test_plan_can_be_verified_when_names_are_gone(store: Store, small_round: str) -> None:
    with store.write() as session:
        session.execute(delete(StaffMember))
        found = rounds.find_round(session, small_round)
        before = plan.verify_plan(session, found)
        found.closed_at = datetime(2022, 11, 1, tzinfo=UTC)
        assert plan.verify_plan(session, found) is None
    assert before is not None
    assert before.place == "frame_digest"


def test_only_drafts_are_drawn(store: Store, small_round: str, now: datetime) -> None:
    with store.write() as session:
        found = rounds.find_round(session, small_round)
        found.state = RoundState.OPEN
        session.flush()
        with pytest.raises(NotAllowedNowError, match=r"“draw” is not possible.*“open”"):
            plan.draw_plan(session, found, seed=1, actor="lan", now=now)


def test_negative_seed_is_refused(store: Store, small_round: str, now: datetime) -> None:
    with store.write() as session:
        found = rounds.find_round(session, small_round)
        with pytest.raises(RefusedInputError, match="the seed is -1; it must be"):
            plan.draw_plan(session, found, seed=-1, actor="lan", now=now)


def test_round_without_register_waits(
    sqlite_store: Store, small_sqlite_round: str, now: datetime
) -> None:
    with sqlite_store.write() as session:
        found = rounds.find_round(session, small_sqlite_round)
        document = found.declared.model_copy(update={"code": "rong2022"})
        questionnaire = rounds.questionnaire_of(session, found)
        empty = rounds.create_round(
            session,
            document=document,
            questionnaire=questionnaire,
            simulated=False,
            actor="lan",
            now=now,
        )
        with pytest.raises(NotReadyError, match="import the unit register"):
            plan.draw_plan(session, empty, seed=1, actor="lan", now=now)
        with pytest.raises(NotReadyError, match="has not been drawn"):
            plan.plan_of(session, empty)


def test_example_round_plans_the_forms_of_the_provincial_plan(
    sqlite_store: Store, make_round: Callable[[Path], str]
) -> None:
    example = Path(rounds.__file__).parents[1] / "examples" / "binh_phuoc_2022"
    make_round(example / "round.yaml")
    with sqlite_store.read() as session:
        table = plan.plan_table(session, rounds.find_round(session, "bp2022"))
    assert [(len(group.units), group.total.planned) for group in table.groups] == [
        (20, 180),
        (11, 187),
        (111, 0),
    ]
    assert table.total.planned == 367
    assert table.total.size + table.total.shortfall == 367


def test_selection_survives_the_database(store: Store, small_round: str) -> None:
    with store.read() as session:
        found = plan.plan_of(session, rounds.find_round(session, small_round))
    assert {s.unit: s.selection for s in found.strata} == {
        "S1": Selection.LIST,
        "S2": Selection.POSITIONS,
        "S3": Selection.PICKED,
    }
