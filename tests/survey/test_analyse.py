"""The index of a round: points by hand, reasons for missing numbers, snapshots and publication."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey.errors import NotAllowedNowError, NotReadyError
from survey.records.rounds import Round
from survey.records.store import Store
from survey.records.units import RoundUnit
from survey.rules.index_document import IndexDocument, NoInterval, NoPoints, UnitResult
from survey.rules.lifecycle import RoundState
from survey.services.analyse import (
    compute_index,
    document_of,
    latest_snapshot,
    publish,
    score,
    stored_index,
)
from survey.services.rounds import questionnaire_of
from tests.survey.closed_round import NOW, close_at_random, close_with, draft_round, same_answers

_CODES = ("SO02", "SO12", "SO17", "SO18", "SO19", "HU01", "XA001")
_FACTS = {"sample.selection": "drawn"}


@pytest.fixture
def session(sqlite_store: Store) -> Iterator[Session]:
    with sqlite_store.write() as session:
        yield session


@pytest.fixture
def round_(session: Session) -> Round:
    return draft_round(session, codes=_CODES)


def _forms(
    session: Session, round_: Round, group: str, codes: str, *, handles: str = "yes"
) -> list[dict[str, object]]:
    """Return one form per letter of ``codes``, each with the same code throughout."""
    facts = _FACTS | {"unit.handles_procedures": handles}
    questionnaire = questionnaire_of(session, round_)
    return [same_answers(questionnaire, facts, group, code) for code in codes]


def _unit(document: IndexDocument, code: str) -> UnitResult:
    return next(unit for group in document.unit_groups for unit in group.units if unit.code == code)


def test_points_agree_with_a_calculation_by_hand(session: Session, round_: Round) -> None:
    leaders, officials = (
        _forms(session, round_, "LD", "55555"),
        _forms(session, round_, "CC", "3333"),
    )
    close_with(session, round_, {("SO02", "LD"): leaders, ("SO02", "CC"): officials})
    found = _unit(compute_index(session, round_), "SO02")
    # N = 16 and 34, so leaders weigh 0.32; Q20 (0.75 points) is asked of leaders only
    share = Fraction(16, 50) + Fraction(34, 50) / 2
    expected = (22 - Fraction(3, 4)) * share + Fraction(3, 4)
    assert found.converted is not None
    assert found.converted.exact == expected == Fraction("14.775")
    assert found.converted.rounded == Decimal("14.78")  # half up; a binary float says 14.77
    assert [entry.points.rounded for entry in found.criteria if entry.points][5] == Decimal("1.91")


def test_a_criterion_that_does_not_apply_leaves_the_denominator(
    session: Session, round_: Round
) -> None:
    answers = {
        ("SO18", "LD"): _forms(session, round_, "LD", "5", handles="no"),
        ("SO18", "CC"): _forms(session, round_, "CC", "5555", handles="no"),
    }
    close_with(session, round_, answers)
    found = _unit(compute_index(session, round_), "SO18")
    assert [(entry.code, entry.reason) for entry in found.criteria if entry.points is None] == [
        ("XHH.3", NoPoints.NOT_APPLICABLE)
    ]
    assert found.maximum == Decimal(19)
    assert found.total is not None
    assert found.converted is not None
    assert (found.total.rounded, found.converted.rounded) == (Decimal("19.00"), Decimal("22.00"))
    assert "exposed_maximum:XHH.1" in found.flags
    assert "one_person:LD" in found.flags


def test_too_few_answers_are_counted_and_not_scored(session: Session, round_: Round) -> None:
    answers = {
        ("SO19", "LD"): _forms(session, round_, "LD", "54", handles="no"),
        ("SO19", "CC"): _forms(session, round_, "CC", "43", handles="no"),
    }
    close_with(session, round_, answers)
    found = _unit(compute_index(session, round_), "SO19")
    assert found.withheld is NoPoints.TOO_FEW_ANSWERS
    assert found.cases.valid == 4
    assert found.cases.shortfall == 5
    hidden = (found.total, found.converted, found.rank, found.interval, found.band)
    assert hidden == (None,) * 5
    assert not any(entry.points for entry in found.criteria)
    assert not found.items
    assert not found.flags


def test_a_unit_that_picked_its_people_gets_points_but_no_interval(
    session: Session, round_: Round
) -> None:
    close_at_random(session, round_, seed=1, share=1)
    document = compute_index(session, round_)
    found = _unit(document, "SO12")
    assert found.converted is not None
    assert found.rank is not None
    assert (found.interval, found.no_interval) == (None, NoInterval.PICKED)
    assert _unit(document, "SO02").interval is not None


def test_positions_without_a_certificate_get_no_interval(session: Session, round_: Round) -> None:
    close_at_random(session, round_, seed=1, share=1)
    session.execute(update(RoundUnit).values(certified_at=None))
    document = compute_index(session, round_)
    assert _unit(document, "SO02").no_interval is NoInterval.NOT_CERTIFIED
    assert _unit(document, "SO17").interval is not None  # drawn from its staff list


def test_a_census_has_no_sampling_error(session: Session, round_: Round) -> None:
    answers = {
        ("SO17", "LD"): _forms(session, round_, "LD", "54345"),
        ("SO17", "CC"): _forms(session, round_, "CC", "3425"),
        ("SO02", "LD"): _forms(session, round_, "LD", "54345"),
        ("SO02", "CC"): _forms(session, round_, "CC", "3425"),
    }
    close_with(session, round_, answers)
    document = compute_index(session, round_)
    census, sample = _unit(document, "SO17").interval, _unit(document, "SO02").interval
    assert census is not None
    assert census.low == pytest.approx(census.high)
    assert "census" in census.notes
    assert sample is not None
    assert sample.high - sample.low > 1


def test_an_interval_is_in_converted_points(session: Session, round_: Round) -> None:
    close_at_random(session, round_, seed=5, share=1)
    for unit in compute_index(session, round_).unit_group("cap_so").units:
        if unit.interval is not None:
            assert unit.converted is not None
            assert unit.interval.estimate == pytest.approx(float(unit.converted.exact))
            assert unit.interval.low <= unit.interval.estimate <= unit.interval.high <= 22


def test_units_without_a_quota_are_named_and_not_scored(session: Session, round_: Round) -> None:
    close_at_random(session, round_, seed=1)
    communes = compute_index(session, round_).unit_group("cap_xa")
    assert communes.units == ()
    assert [unit.code for unit in communes.not_surveyed] == ["XA001"]


def test_ranks_stay_within_a_unit_group(session: Session, round_: Round) -> None:
    close_at_random(session, round_, seed=2, share=1)
    document = compute_index(session, round_)
    for code in ("cap_so", "cap_huyen"):
        ranked = [unit for unit in document.unit_group(code).units if unit.rank is not None]
        by_points = sorted(ranked, key=lambda unit: -unit.converted.rounded)  # type: ignore[union-attr]
        assert [unit.rank for unit in by_points] == list(range(1, len(ranked) + 1))


def test_equal_points_share_a_rank(session: Session, round_: Round) -> None:
    answers = {
        (code, group): _forms(session, round_, group, letters)
        for code in ("SO02", "SO12", "SO17")
        for group, letters in (("LD", "44444"), ("CC", "4444" if code != "SO17" else "3333"))
    }
    close_with(session, round_, answers)
    document = compute_index(session, round_)
    assert [_unit(document, code).rank for code in ("SO02", "SO12", "SO17")] == [1, 1, 3]


def test_response_rates_use_all_cases(session: Session, round_: Round) -> None:
    close_with(
        session,
        round_,
        {
            ("SO02", "LD"): _forms(session, round_, "LD", "544"),
            ("SO02", "CC"): _forms(session, round_, "CC", "54"),
        },
        refused={("SO02", "LD"): 1},
        ineligible={("SO02", "CC"): 1},
    )
    cases = _unit(compute_index(session, round_), "SO02").cases
    assert (cases.size, cases.answered, cases.refused, cases.unreached) == (9, 5, 1, 2)
    assert cases.response_rate == Decimal("0.625000")  # 5 of 9 - 1 ineligible
    assert cases.estimated_rate == Decimal("0.648148")  # 5 / (6 + 6/7 * 2)


def test_signs_of_haste_and_monotony_are_counted(session: Session, round_: Round) -> None:
    close_with(session, round_, {("SO02", "LD"): _forms(session, round_, "LD", "55555")})
    quality = _unit(compute_index(session, round_), "SO02").quality
    assert (quality.straight_lines, quality.identical_sets, quality.too_fast) == (5, 1, 0)


def test_a_document_survives_json(session: Session, round_: Round) -> None:
    close_at_random(session, round_, seed=3)
    document = compute_index(session, round_)
    assert IndexDocument.model_validate_json(document.model_dump_json(by_alias=True)) == document


def test_computing_twice_gives_the_same_document(store: Store) -> None:
    with store.write() as session:
        round_ = draft_round(session, codes=_CODES)
        close_at_random(session, round_, seed=3)
    with store.read() as session:
        again = session.merge(round_, load=False)
        assert compute_index(session, again) == compute_index(session, again)


def test_a_snapshot_from_before_ranks_were_judged_still_loads(
    session: Session, round_: Round
) -> None:
    close_at_random(session, round_, seed=3, share=1)
    document = compute_index(session, round_)
    content = document.model_dump(mode="json", by_alias=True)
    for group in content["unit_groups"]:
        del group["within_error"]
        for unit in group["units"]:
            del unit["ranking"], unit["no_ranking"]
    del content["provenance"]["seed"], content["provenance"]["draws"]
    old = IndexDocument.model_validate(content)
    assert _unit(document, "SO02").ranking is not None
    assert _unit(old, "SO02").ranking is None
    assert old.provenance.seed is None
    assert _unit(old, "SO02").interval == _unit(document, "SO02").interval


def test_a_snapshot_is_kept_and_later_ones_follow_it(store: Store) -> None:
    with store.write() as session:
        round_ = draft_round(session, codes=_CODES)
        close_at_random(session, round_, seed=3)
        assert latest_snapshot(session, round_) is None
        first = score(session, round_, actor="an", now=NOW)
        second = score(session, round_, actor="an", now=NOW + timedelta(hours=1))
        assert round_.state is RoundState.SCORED
        assert first.id != second.id
        assert first.digest == second.digest
    with store.read() as session:
        found = latest_snapshot(session, session.merge(round_, load=False))
        assert found is not None
        assert found.id == second.id
        assert document_of(found) == stored_index(session, session.merge(round_, load=False))
        assert document_of(found).provenance.round_code == "bp2022"


def test_an_index_that_was_never_computed_cannot_be_seen(session: Session, round_: Round) -> None:
    with pytest.raises(NotReadyError, match="not been computed"):
        stored_index(session, round_)


def test_an_open_round_is_not_scored(session: Session, round_: Round) -> None:
    with pytest.raises(NotAllowedNowError):
        score(session, round_, actor="an", now=NOW)


def test_publishing_waits_for_the_scrub_and_the_key(session: Session, round_: Round) -> None:
    close_at_random(session, round_, seed=3)
    score(session, round_, actor="an", now=NOW)
    with pytest.raises(NotReadyError, match=r"scrubbed.*key"):
        publish(session, round_, actor="an", now=NOW)
    round_.scrubbed_at = NOW
    with pytest.raises(NotReadyError, match="key has not been destroyed"):
        publish(session, round_, actor="an", now=NOW)
    round_.key_destroyed_at = NOW
    publish(session, round_, actor="an", now=NOW)
    found = latest_snapshot(session, round_)
    assert found is not None
    assert found.published_at == NOW
    assert round_.state is RoundState.PUBLISHED


def test_a_decree_of_bands_is_applied_to_the_rounded_percentage(
    session: Session, round_: Round
) -> None:
    declared = round_.declared
    shown = declared.model_copy(update={"bands": declared.bands.model_copy(update={"show": True})})
    round_.document = shown.model_dump(mode="json", by_alias=True)
    answers = {
        ("SO02", group): _forms(session, round_, group, letters)
        for group, letters in (("LD", "55555"), ("CC", "4444"))
    }
    close_with(session, round_, answers)
    assert _unit(compute_index(session, round_), "SO02").band == "KHA"  # 82.9 of 100
