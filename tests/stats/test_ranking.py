"""Bands and ranks from draws: the round's own rules, and what must hold whatever the answers."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stats.bands import Band, TieRule, band_of, rank, round_half_up
from stats.errors import ScoreError
from stats.posterior import scaled_whole
from stats.ranking import (
    BandStage,
    LeftOut,
    PointDraws,
    PublishingRules,
    RankingUnit,
    RankPosterior,
    ScoringRules,
    draw_points,
    rank_posterior,
)
from stats.scores import (
    CriterionPoints,
    GroupWeighting,
    HiddenRule,
    ItemPoints,
    StratumAnswers,
    UnitAnswers,
    score_unit,
)

EXAMPLES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "worked_examples" / "worked_examples.json").read_text(
        encoding="utf-8"
    )
)
CRITERIA = (
    CriterionPoints(
        code="A",
        maximum=Decimal("2.5"),
        items=(
            ItemPoints(item="a", points=Decimal(1)),
            ItemPoints(item="b", points=Decimal("1.5")),
        ),
    ),
    CriterionPoints(code="B", maximum=Decimal(3), items=(ItemPoints(item="c", points=Decimal(3)),)),
)
SCORING = ScoringRules(
    criteria=CRITERIA, weighting=GroupWeighting.POPULATION, survey_points=Decimal(22)
)
BANDS = tuple(
    Band(
        code=code,
        label=code,
        lower=None if lower is None else Decimal(lower),
        lower_closed=lower is not None,
        upper=None if upper is None else Decimal(upper),
        upper_closed=False,
    )
    for code, lower, upper in (("TOT", 85, None), ("KHA", 70, 85), ("YEU", None, 70))
)
RULES = PublishingRules(places=2, bands=BANDS)


def answers(*quarters: int | None) -> dict[str, Fraction]:
    """Write one respondent as quarters for a, b, c; None where absent."""
    return {
        item: Fraction(quarter, 4)
        for item, quarter in zip("abc", quarters, strict=True)
        if quarter is not None
    }


def unit(name: str, *strata: StratumAnswers, **options: Any) -> RankingUnit:
    return RankingUnit(answers=UnitAnswers(unit=name, strata=strata), **options)


def stratum(group: str, population: int, *values: dict[str, Fraction]) -> StratumAnswers:
    return StratumAnswers(group=group, population=population, values=values)


def drawn(units: list[RankingUnit], scoring: ScoringRules = SCORING, **options: Any) -> PointDraws:
    options.setdefault("draws", 200)
    rng = np.random.Generator(np.random.PCG64(options.pop("seed", 1)))
    return draw_points(units, scoring, rng=rng, **options)


def posterior(units: list[RankingUnit], rules: PublishingRules = RULES) -> RankPosterior:
    return rank_posterior(drawn(units), rules)


FIRST = unit(
    "A",
    stratum("LD", 8, answers(4, 3, 2), answers(3, 3, 1), answers(4, 4, 3)),
    stratum("CC", 40, answers(2, 3, 2), answers(1, 1, 0), answers(4, 3, 4)),
)
SECOND = unit(
    "B",
    stratum("LD", 6, answers(4, 4, 4), answers(3, 4, 4)),
    stratum("CC", 30, answers(3, 4, 4), answers(4, 3, 3), answers(4, 4, 3)),
)

quarters = st.none() | st.integers(0, 4)


@st.composite
def many_units(draw: st.DrawFn, gap: st.SearchStrategy[int | None] = quarters) -> list[RankingUnit]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        strata = []
        for group in ("LD", "CC"):
            rows = draw(st.lists(st.builds(answers, gap, gap, gap), max_size=4))
            unseen = draw(st.integers(0, 9))
            strata.append(stratum(group, len(rows) + unseen, *rows))
        found.append(unit(f"U{number}", *strata))
    return found


@settings(max_examples=60, deadline=None)
@given(
    many_units(),
    st.sampled_from(list(TieRule)),
    st.sampled_from(list(HiddenRule)),
    st.sampled_from([GroupWeighting.POPULATION, GroupWeighting.POOLED]),
)
def test_probabilities_of_ranks_and_bands_sum_to_one(
    units: list[RankingUnit], ties: TieRule, hidden: HiddenRule, weighting: GroupWeighting
) -> None:
    scoring = replace(SCORING, hidden=hidden, weighting=weighting)
    found = rank_posterior(drawn(units, scoring, draws=60), replace(RULES, ties=ties))
    count = len(found.units)
    assert len(found.left_out) == len(units) - count
    assume(count)
    assert found.rank_probability.sum(axis=1) == pytest.approx(np.ones(count))
    assert found.band_probability.sum(axis=1) == pytest.approx(np.ones(count))
    assert found.place_probability.sum(axis=0) == pytest.approx(np.ones(count))
    assert found.place_probability.sum(axis=1) == pytest.approx(np.ones(count))
    both = found.beats + found.beats.T
    assert (both <= 1 + 1e-12).all()
    assert (np.diag(found.beats) == 0).all()
    for best, worst in found.rank_interval():
        assert 1 <= best <= worst <= count


@settings(max_examples=40, deadline=None)
@given(many_units(st.integers(0, 4)), st.sampled_from(list(TieRule)))
def test_when_everybody_answered_everything_the_official_result_is_certain(
    units: list[RankingUnit], ties: TieRule
) -> None:
    census = [
        replace(
            each,
            answers=replace(
                each.answers,
                strata=tuple(replace(s, population=len(s.values)) for s in each.answers.strata),
            ),
        )
        for each in units
    ]
    found = rank_posterior(drawn(census, draws=3), replace(RULES, ties=ties))
    official = {
        each.answers.unit: score_unit(
            each.answers, CRITERIA, weighting=GroupWeighting.POPULATION
        ).converted()
        for each in census
    }
    rounded = {u: round_half_up(v, 2) for u, v in official.items() if v is not None}
    places = rank(rounded, ties)
    assert found.units == tuple(sorted(rounded))
    assert all(found.certain)
    for row, name in enumerate(found.units):
        assert found.rank_probability[row, (places[name] or 0) - 1] == 1
        percent = round_half_up((official[name] or Fraction(0)) / 22 * 100, 2)
        assert found.band_probability[row, found.bands.index(band_of(percent, BANDS).code)] == 1


@settings(max_examples=40, deadline=None)
@given(many_units(), st.randoms(use_true_random=False))
def test_the_order_of_units_does_not_matter(units: list[RankingUnit], random: Any) -> None:
    shuffled = random.sample(units, len(units))
    first, second = drawn(units, draws=20), drawn(shuffled, draws=20)
    assert first.units == second.units
    assert (first.points == second.points).all()


@settings(max_examples=40, deadline=None)
@given(many_units())
def test_labels_do_not_matter(units: list[RankingUnit]) -> None:
    """New names in the same order give the same draws; other orders are Monte-Carlo noise."""
    renamed = [
        replace(
            each,
            answers=UnitAnswers(
                unit=f"V{each.answers.unit}",
                strata=tuple(replace(s, group=f"x{s.group}") for s in each.answers.strata),
            ),
        )
        for each in units
    ]
    assert (drawn(units, draws=20).points == drawn(renamed, draws=20).points).all()


def test_names_in_another_order_change_nothing_but_chance() -> None:
    swapped = [
        replace(each, answers=replace(each.answers, unit=name))
        for each, name in ((FIRST, "Z"), (SECOND, "Y"))
    ]
    first = rank_posterior(drawn([FIRST, SECOND], draws=20_000), RULES)
    second = rank_posterior(drawn(swapped, draws=20_000), RULES)
    assert first.beats[1, 0] == pytest.approx(second.beats[0, 1], abs=0.02)
    assert first.band_probability == pytest.approx(second.band_probability[::-1], abs=0.02)


@settings(max_examples=60, deadline=None)
@given(many_units(), st.data())
def test_a_better_answer_never_lowers_the_unit_in_any_draw(
    units: list[RankingUnit], data: st.DataObject
) -> None:
    """With the pool held fixed, so that the others stay where they are."""
    places = [
        (number, s, r, item)
        for number, each in enumerate(units)
        for s, group in enumerate(each.answers.strata)
        for r, row in enumerate(group.values)
        for item, value in row.items()
        if value < 1
    ]
    assume(places)
    number, s, r, item = data.draw(st.sampled_from(places))
    pool = [
        UnitAnswers(
            unit="P",
            strata=(stratum("LD", 9, answers(1, 2, 3)), stratum("CC", 9, answers(3, 1, 0))),
        )
    ]
    group = units[number].answers.strata[s]
    rows = list(group.values)
    rows[r] = {**rows[r], item: rows[r][item] + Fraction(1, 4)}
    strata = list(units[number].answers.strata)
    strata[s] = replace(group, values=tuple(rows))
    better = list(units)
    better[number] = replace(
        units[number], answers=replace(units[number].answers, strata=tuple(strata))
    )
    before = drawn(units, draws=30, pool=pool)
    after = drawn(better, draws=30, pool=pool)
    gain = after.points - before.points
    raised = before.units.index(f"U{number}")
    assert (gain[:, raised] >= -1e-9).all()
    assert gain[:, raised].max() > 0
    assert np.delete(gain, raised, axis=1) == pytest.approx(0)
    assert (
        rank_posterior(after, RULES).beats[raised] >= rank_posterior(before, RULES).beats[raised]
    ).all()


def test_draws_are_centred_where_the_official_total_is() -> None:
    """With a pool of the unit's own answers the urn has the official mean as its centre."""
    one = unit("A", stratum("LD", 30, answers(4, 3, 2), answers(1, 0, 1), answers(2, 2, 4)))
    official = score_unit(one.answers, CRITERIA, weighting=GroupWeighting.POPULATION).converted()
    found = drawn([one], draws=40_000)
    assert found.points.mean() == pytest.approx(float(official or 0), abs=0.06)


def test_gaps_are_filled_around_the_official_item_scores() -> None:
    """Item a is valid for all, b for the first two, c for the last: three different means."""
    rows = (answers(4, 3, None), answers(0, 1, None), answers(2, None, 4))
    one = unit("A", stratum("LD", 3, *rows))
    score = score_unit(one.answers, CRITERIA, weighting=GroupWeighting.POPULATION)
    pool = [UnitAnswers(unit="P", strata=(stratum("LD", 9, answers(2, 2, 4)),))]
    found = drawn([one], draws=60_000, pool=pool)
    assert not found.exact
    assert found.points.std() > 0.1
    assert found.points.mean() == pytest.approx(float(score.converted() or 0), abs=0.03)


def test_a_stratum_taken_whole_adds_nothing() -> None:
    one = unit(
        "A",
        stratum("LD", 2, answers(4, 4, 4), answers(0, 0, 0)),
        stratum("CC", 4, answers(2, 2, 2), answers(2, 2, 2)),
    )
    found = drawn([one, SECOND], draws=2000)
    spread = found.points[:, 0]
    half = 22 * (2 / 6 * 0.5 + 4 / 6 * 0.5)
    unseen = 22 * 2 / 6
    assert spread.min() >= half - unseen * 0.5 - 1e-9
    assert spread.max() <= half + unseen * 0.5 + 1e-9


def test_item_gaps_make_even_a_census_uncertain() -> None:
    one = unit("A", stratum("LD", 2, answers(4, 3, 2), answers(3, None, 1)))
    found = drawn([one, SECOND])
    assert "A" not in found.exact
    assert np.ptp(found.points[:, 0]) > 0


def test_a_fraction_of_a_person_counts_as_a_person() -> None:
    part = StratumAnswers(group="LD", population=Fraction(5, 2), values=(answers(4, 4, 4),) * 2)
    found = drawn([unit("A", part), SECOND], draws=400)
    assert "A" not in found.exact
    assert found.points[:, 0].min() >= 22 * 2 / 3 - 1e-9


def test_units_left_out_are_named_with_their_reason() -> None:
    silent = unit("S", stratum("LD", 4))
    picked = replace(FIRST, left_out=LeftOut.PICKED)
    found = posterior([picked, SECOND, silent])
    assert found.units == ("B",)
    assert found.left_out == {"A": "picked", "S": "no_valid_answer"}
    assert found.rank_probability.tolist() == [[1.0]]


def test_answers_of_units_left_out_are_not_in_the_pool() -> None:
    one = unit("A", stratum("LD", 3, answers(4, 4, 4)))
    bad = unit("B", stratum("LD", 3, answers(0, 0, 0)), left_out=LeftOut.PICKED)
    assert set(drawn([one, bad]).points.ravel()) == {22.0}


def test_appraised_points_move_units_and_widen_nothing() -> None:
    plain = drawn([FIRST, SECOND])
    rules = replace(SCORING, full_points=Decimal(100))
    moved = drawn([replace(FIRST, added=Fraction(60)), SECOND], rules)
    assert moved.points[:, 0] == pytest.approx(plain.points[:, 0] + 60)
    assert moved.percent[:, 0] == pytest.approx(plain.points[:, 0] + 60)
    assert plain.percent[:, 0] == pytest.approx(plain.points[:, 0] / 22 * 100)
    own = drawn([replace(FIRST, full_points=Decimal(50)), SECOND], rules)
    assert own.percent[:, 0] == pytest.approx(plain.points[:, 0] * 2)


def test_group_weights_by_decision_are_used() -> None:
    """All weight on the leaders: the officials cannot matter."""
    fixed = replace(
        SCORING,
        weighting=GroupWeighting.FIXED,
        fixed={"LD": Decimal(1), "CC": Decimal(0)},
    )
    leaders = unit("A", stratum("LD", 1, answers(4, 2, 2)), stratum("CC", 9, answers(0, 0, 0)))
    found = drawn([leaders], fixed)
    assert found.exact["A"][0] == Fraction(22) * Fraction(13, 22)


def fixed_draws(*rows: list[float], units: str = "ABCD") -> PointDraws:
    points = np.array(rows)
    return PointDraws(
        units=tuple(units[: points.shape[1]]), points=points, percent=points, exact={}, left_out={}
    )


def test_ties_follow_the_rounds_rule_after_rounding() -> None:
    draws = fixed_draws([9.004, 8.996, 9.0, 7.0])
    one, dense = (
        rank_posterior(draws, replace(RULES, ties=ties)) for ties in (TieRule.MIN, TieRule.DENSE)
    )
    assert one.rank_probability.argmax(axis=1).tolist() == [0, 0, 0, 3]
    assert rank_posterior(draws, replace(RULES, places=3)).rank_probability.argmax(
        axis=1
    ).tolist() == [0, 2, 1, 3]
    assert dense.rank_probability.argmax(axis=1).tolist() == [0, 0, 0, 1]
    assert one.place_probability[0].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    assert one.beats[0].tolist() == [0, 0, 0, 1]
    assert one.top(1).tolist() == [1, 1, 1, 0]
    assert one.top(99).tolist() == [1, 1, 1, 1]


@settings(max_examples=80)
@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 3), min_size=width, max_size=width), min_size=1, max_size=6
        )
    ),
    st.sampled_from(list(TieRule)),
)
def test_ranks_of_draws_equal_those_of_the_exact_rule(rows: list[list[int]], ties: TieRule) -> None:
    width = len(rows[0])
    found = rank_posterior(
        fixed_draws(*[[float(v) for v in row] for row in rows], units="ABCDE"),
        replace(RULES, ties=ties),
    )
    counts = np.zeros((width, width))
    for row in rows:
        places = rank({str(c): Decimal(v) for c, v in enumerate(row)}, ties)
        for column in range(width):
            counts[column, (places[str(column)] or 0) - 1] += 1 / len(rows)
    assert found.rank_probability == pytest.approx(counts)


@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES["rounding_band"] if "band_on_exact" in example],
    ids=lambda e: e["score"],
)
def test_draws_are_rounded_and_banded_as_the_worked_examples_print(example: dict[str, Any]) -> None:
    value = float(example["score"])
    bands = (
        Band(code="XUAT_SAC", label="", lower=Decimal(95), lower_closed=True, upper=None,
             upper_closed=False),
        Band(code="TOT", label="", lower=Decimal(85), lower_closed=True, upper=Decimal(95),
             upper_closed=False),
        Band(code="KHA", label="", lower=None, lower_closed=False, upper=Decimal(85),
             upper_closed=False),
    )  # fmt: skip
    for stage, key in ((BandStage.ROUNDED, "band_on_rounded"), (BandStage.EXACT, "band_on_exact")):
        rules = PublishingRules(places=example["places"], bands=bands, band_stage=stage)
        found = rank_posterior(fixed_draws([value]), rules)
        assert found.bands[int(found.band_probability[0].argmax())] == example[key]


@pytest.mark.parametrize(
    ("lower_closed", "upper_closed", "value", "inside"),
    [
        (True, False, 70.0, True),
        (False, False, 70.0, False),
        (False, False, 70.01, True),
        (True, True, 85.0, True),
        (True, False, 85.0, False),
        (True, False, 84.99, True),
    ],
)
def test_open_and_closed_ends_are_kept(
    *, lower_closed: bool, upper_closed: bool, value: float, inside: bool
) -> None:
    middle = Band(
        code="M", label="", lower=Decimal(70), lower_closed=lower_closed, upper=Decimal(85),
        upper_closed=upper_closed,
    )  # fmt: skip
    low = replace(middle, code="L", lower=None, upper=Decimal(70), upper_closed=not lower_closed)
    high = replace(middle, code="H", lower=Decimal(85), lower_closed=not upper_closed, upper=None)
    for stage in BandStage:
        rules = PublishingRules(places=2, bands=(low, middle, high), band_stage=stage)
        found = rank_posterior(fixed_draws([value]), rules)
        assert bool(found.band_probability[0, 1]) is inside


def test_the_census_of_the_worked_examples_is_certain() -> None:
    """Composites of 22 points, five leaders and four officials, everybody asked."""
    full, golden = EXAMPLES["stratified_fpc"], EXAMPLES["census"]
    one = (
        CriterionPoints(
            code="C", maximum=Decimal(22), items=(ItemPoints(item="q", points=Decimal(22)),)
        ),
    )
    groups = [
        stratum(group, golden[people], *({"q": Fraction(v) / 22} for v in full[values]))
        for group, people, values in (
            ("LD", "N_leaders", "leaders"),
            ("CC", "N_officials", "officials"),
        )
    ]
    found = drawn([unit("A", *groups)], replace(SCORING, criteria=one))
    assert float(found.exact["A"][0]) == golden["estimate"]
    assert np.ptp(found.points) == golden["variance"] == 0


@pytest.mark.parametrize("example", EXAMPLES["rounding_band"], ids=lambda e: e["score"])
def test_draws_are_rounded_half_up_as_the_worked_examples_print(example: dict[str, Any]) -> None:
    places = example["places"]
    whole = scaled_whole(np.array([[float(example["score"])]]), places, {})
    assert Decimal(int(whole[0, 0])).scaleb(-places) == Decimal(example["half_up"])


def test_an_interval_of_ranks_cuts_off_its_tails() -> None:
    rows = [[3.0, 2.0, 1.0]] * 96 + [[1.0, 2.0, 3.0]] * 4
    found = rank_posterior(fixed_draws(*rows), RULES)
    assert found.rank_interval(0.95) == ((1, 3), (2, 2), (1, 3))
    assert found.rank_interval(0.90) == ((1, 1), (2, 2), (3, 3))
    assert found.monte_carlo_error(0.5) == pytest.approx(0.05)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_of_ranks_is_a_probability(level: float) -> None:
    with pytest.raises(ScoreError, match="level must lie strictly between 0 and 1"):
        posterior([FIRST, SECOND]).rank_interval(level)


def test_bands_with_a_hole_are_refused() -> None:
    with pytest.raises(ScoreError, match="the bands have faults"):
        rank_posterior(fixed_draws([80.0]), replace(RULES, bands=(BANDS[0], BANDS[2])))


def test_a_draw_outside_all_bands_is_refused_with_its_unit() -> None:
    with pytest.raises(ScoreError, match=r"no band holds 60\.0000 %, a draw of unit 'A'"):
        rank_posterior(fixed_draws([60.0]), replace(RULES, bands=BANDS[:2]))


def test_a_top_of_nothing_is_refused() -> None:
    with pytest.raises(ScoreError, match="the top must hold 1 unit or more, not 0"):
        posterior([FIRST]).top(0)


def test_a_unit_given_twice_is_refused() -> None:
    with pytest.raises(ScoreError, match=r"units repeated: \['A'\]"):
        drawn([FIRST, FIRST])


def test_no_draws_are_refused() -> None:
    with pytest.raises(ScoreError, match="draws must be 1 or more, not 0"):
        drawn([FIRST], draws=0)


def test_a_pool_without_the_group_is_refused() -> None:
    with pytest.raises(ScoreError, match="nobody of group 'LD' in the pool answered"):
        drawn([FIRST], pool=[])


def test_the_same_generator_gives_the_same_draws() -> None:
    assert (drawn([FIRST, SECOND]).points == drawn([FIRST, SECOND]).points).all()
    assert (drawn([FIRST, SECOND]).points != drawn([FIRST, SECOND], seed=2).points).any()
