"""How sure ranks and bands are: seeds from the data, reasons, and the widest true sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from stats.ranking import LeftOut
from survey.records.rounds import Round
from survey.records.store import Store
from survey.records.units import RoundUnit
from survey.rules.index_document import IndexDocument, RankResult, UnitResult
from survey.services.compute import compute_index
from survey.services.rank_results import Draws, group_ranking, ranking_seed, widest_within_error
from survey.services.rounds import questionnaire_of
from survey.services.tabulate import TabulatedUnit, unit_answers
from survey.services.unit_results import Rules, scored_unit
from tests.survey.closed_round import close_at_random, close_with, draft_round, same_answers

_CODES = ("SO02", "SO12", "SO17", "SO19", "HU01")
_FACTS = {"sample.selection": "drawn", "unit.handles_procedures": "yes"}


@pytest.fixture
def session(sqlite_store: Store) -> Iterator[Session]:
    with sqlite_store.write() as session:
        yield session


@pytest.fixture
def round_(session: Session) -> Round:
    return draft_round(session, codes=_CODES)


def _show_bands(round_: Round, *, keep: int = 5) -> None:
    """Show the best ``keep`` bands of the round; the others are not declared."""
    declared = round_.declared
    bands = declared.bands.model_copy(update={"show": True, "bands": declared.bands.bands[:keep]})
    changed = declared.model_copy(update={"bands": bands})
    round_.document = changed.model_dump(mode="json", by_alias=True)


def _close(session: Session, round_: Round, answers: dict[str, tuple[str, str]]) -> None:
    """Close with one form per letter, by unit: leaders, officials."""
    questionnaire = questionnaire_of(session, round_)
    forms = {
        (unit, group): [same_answers(questionnaire, _FACTS, group, code) for code in codes]
        for unit, given in answers.items()
        for group, codes in zip(("LD", "CC"), given, strict=True)
    }
    close_with(session, round_, forms)


def _unit(document: IndexDocument, code: str) -> UnitResult:
    return next(unit for group in document.unit_groups for unit in group.units if unit.code == code)


def _found(document: IndexDocument, code: str) -> RankResult:
    found = _unit(document, code).ranking
    assert found is not None
    return found


def _seed(units: Sequence[TabulatedUnit], rules: Rules) -> str:
    return ranking_seed([scored_unit(u, rules) for u in units if u.strata], rules, ("a", "b"))


def _backwards(units: Sequence[TabulatedUnit]) -> list[TabulatedUnit]:
    return [
        replace(
            unit,
            strata=tuple(
                replace(stratum, responses=stratum.responses[::-1])
                for stratum in reversed(unit.strata)
            ),
        )
        for unit in reversed(units)
    ]


def test_the_seed_is_that_of_the_answers_whatever_their_order(
    session: Session, round_: Round
) -> None:
    close_at_random(session, round_, seed=4, share=1)
    units = unit_answers(session, round_)
    rules = Rules.of(round_.declared, questionnaire_of(session, round_))
    assert _seed(_backwards(units), rules) == _seed(units, rules)
    fewer = [replace(units[0], strata=units[0].strata[1:]), *units[1:]]
    assert _seed(fewer, rules) != _seed(units, rules)


def test_answers_read_in_another_order_give_the_same_probabilities(
    session: Session, round_: Round
) -> None:
    close_at_random(session, round_, seed=4, share=1)
    document = compute_index(session, round_)
    seed = document.provenance.seed
    assert seed is not None
    assert (document.provenance.draws, len(seed)) == (4000, 64)
    units = _backwards(unit_answers(session, round_))
    rules = Rules.of(round_.declared, questionnaire_of(session, round_))
    entries = [scored_unit(unit, rules) for unit in units if unit.unit_group == "cap_so"]
    results = [_unit(document, entry.unit.code) for entry in entries]
    again = group_ranking(entries, results, Draws(rules=rules, seed=seed))
    assert again.found == {unit.code: unit.ranking for unit in results if unit.ranking}
    assert len(again.found) == 2
    other = group_ranking(entries, results, Draws(rules=rules, seed="0" * 64))
    assert other.found != again.found


def test_every_unit_has_probabilities_or_the_reason_why_not(
    session: Session, round_: Round
) -> None:
    close_at_random(session, round_, seed=1, share=1)
    session.execute(
        update(RoundUnit).where(RoundUnit.unit.has(code="SO02")).values(certified_at=None)
    )
    document = compute_index(session, round_)
    reasons = {unit.code: unit.no_ranking for unit in document.unit_group("cap_so").units}
    assert reasons == {
        "SO02": LeftOut.NOT_CERTIFIED,
        "SO12": LeftOut.PICKED,
        "SO17": None,
        "SO19": LeftOut.WITHHELD,
    }
    ranked = [unit.code for unit in document.unit_group("cap_so").units if unit.ranking]
    assert ranked == ["SO17"]
    assert (_found(document, "SO17").low, _found(document, "SO17").high) == (1, 1)


def test_a_clear_difference_leaves_no_doubt_and_no_caveat(session: Session, round_: Round) -> None:
    _close(session, round_, {"SO02": ("55555", "5555"), "SO17": ("11211", "1211")})
    document = compute_index(session, round_)
    best, worst = _found(document, "SO02"), _found(document, "SO17")
    assert (best.low, best.high, worst.low, worst.high) == (1, 1, 2, 2)
    assert document.unit_group("cap_so").within_error is None


def test_a_small_difference_is_within_the_error(session: Session, round_: Round) -> None:
    _close(session, round_, {"SO02": ("54351", "2435"), "SO17": ("54341", "2425")})
    group = compute_index(session, round_).unit_group("cap_so")
    assert group.within_error == (1, 2)


def test_band_probabilities_add_up_where_the_round_shows_bands(
    session: Session, round_: Round
) -> None:
    _show_bands(round_)
    close_at_random(session, round_, seed=5, share=1)
    found = _found(compute_index(session, round_), "SO02")
    assert list(found.bands) == ["XUAT_SAC", "TOT", "KHA", "TRUNG_BINH", "YEU"]
    assert sum(found.bands.values()) == pytest.approx(1)
    assert all((share * 4000).is_integer() for share in found.bands.values())


def test_rounds_that_show_no_bands_get_no_band_probabilities(
    session: Session, round_: Round
) -> None:
    close_at_random(session, round_, seed=5, share=1)
    assert _found(compute_index(session, round_), "SO02").bands == {}


def test_a_draw_below_the_lowest_band_counts_to_it(session: Session, round_: Round) -> None:
    _show_bands(round_, keep=2)  # 85 and more; the points are 87.5, draws fall below
    _close(session, round_, {"SO02": ("45545", "4545"), "SO17": ("45455", "5454")})
    document = compute_index(session, round_)
    assert _unit(document, "SO02").band == "TOT"
    assert sum(_found(document, "SO02").bands.values()) == pytest.approx(1)
    interval = _unit(document, "SO02").interval
    assert interval is not None
    assert Decimal(interval.low) < Decimal("0.85") * 22


@pytest.mark.parametrize(
    ("ranks", "beats", "widest"),
    [
        ([1, 2], [[0, 0.89], [0.1, 0]], (1, 2)),
        ([1, 2], [[0, 0.9], [0.1, 0]], None),
        # 1 and 3 cannot be told apart, but 1 and 2 can: the stretch ends before
        ([1, 2, 3], [[0, 0.95, 0.8], [0, 0, 0.6], [0.1, 0.3, 0]], (2, 3)),
        # two stretches as wide: the better ranks
        (
            [1, 2, 3, 4],
            [[0, 0.5, 0.99, 1], [0.5, 0, 0.95, 1], [0, 0, 0, 0.7], [0, 0, 0.3, 0]],
            (1, 2),
        ),
        # whoever is above: the lower one being surely better is a difference too
        ([1, 2], [[0, 0.05], [0.95, 0]], None),
        # units that tie share a rank and are no stretch
        ([1, 1], [[0, 0], [0, 0]], None),
        ([1, 1, 3], [[0, 0, 0.5], [0, 0, 0.5], [0.4, 0.4, 0]], (1, 3)),
        ([1], [[0]], None),
    ],
)
def test_the_widest_stretch_of_ranks_that_cannot_be_told_apart(
    ranks: list[int], beats: list[list[float]], widest: tuple[int, int] | None
) -> None:
    assert widest_within_error(ranks, np.array(beats, dtype=float)) == widest
    order = list(range(len(ranks)))[::-1]
    shuffled = np.array(beats, dtype=float)[np.ix_(order, order)]
    assert widest_within_error([ranks[i] for i in order], shuffled) == widest
