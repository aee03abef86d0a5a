"""The worked examples of the domain notes, to the printed digit."""

import json
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stats.disclosure import revealed_groups
from stats.distributions import t_quantile
from stats.index import (
    Band,
    CriterionPoints,
    GroupWeighting,
    ItemPoints,
    StratumAnswers,
    UnitAnswers,
    band_of,
    check_bands,
    rescale_without_survey,
    round_half_up,
    score_unit,
)
from stats.intervals import IntervalNote, satterthwaite_interval

EXAMPLES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "worked_examples" / "worked_examples.json").read_text(
        encoding="utf-8"
    )
)
FULL = EXAMPLES["stratified_fpc"]
LEADERS = [float(value) for value in FULL["leaders"]]
OFFICIALS = [float(value) for value in FULL["officials"]]
VALUE_MAPS = {
    "linear_0_25": ["1", "0.75", "0.5", "0.25", "0"],
    "satisfied": ["1", "1", "0", "0", "0"],
    "step_100_80_60_40_0": ["1", "0.8", "0.6", "0.4", "0"],
}
HA_NAM = [
    Band(
        code=code,
        label=code,
        lower=None if lower is None else Decimal(lower),
        lower_closed=lower is not None,
        upper=Decimal(upper),
        upper_closed=code == "XUAT_SAC",
    )
    for code, lower, upper in [
        ("XUAT_SAC", 95, 100),
        ("TOT", 85, 95),
        ("KHA", 75, 85),
        ("TRUNG_BINH", 70, 75),
        ("YEU", None, 70),
    ]
]


def composites(leaders_in_register: int, officials_in_register: int) -> UnitAnswers:
    """Give the example's composites as one item worth 22 points."""
    return UnitAnswers(
        unit="example",
        strata=tuple(
            StratumAnswers(
                group=group,
                population=population,
                values=tuple({"y": Fraction(value) / 22} for value in values),
            )
            for group, population, values in [
                ("LD", leaders_in_register, FULL["leaders"]),
                ("CC", officials_in_register, FULL["officials"]),
            ]
        ),
    )


WHOLE = CriterionPoints(
    code="S", maximum=Decimal(22), items=(ItemPoints(item="y", points=Decimal(22)),)
)


def total_of(leaders: int, officials: int, weighting: GroupWeighting) -> float:
    score = score_unit(composites(leaders, officials), [WHOLE], weighting=weighting)
    assert score.total is not None
    return float(score.total)


def test_stratified_estimate_and_interval_with_finite_population_correction() -> None:
    leaders, officials = FULL["N_leaders"], FULL["N_officials"]
    everyone = leaders + officials
    result = satterthwaite_interval(
        [(leaders / everyone, leaders, LEADERS), (officials / everyone, officials, OFFICIALS)]
    )
    assert np.var(LEADERS, ddof=1) == pytest.approx(FULL["s2_leaders"], rel=1e-14)
    assert np.var(OFFICIALS, ddof=1) == pytest.approx(FULL["s2_officials"], rel=1e-14)
    assert result.estimate == pytest.approx(FULL["estimate"], rel=1e-14)
    assert result.se is not None
    assert result.df is not None
    assert result.se**2 == pytest.approx(FULL["variance"], rel=1e-13)
    assert result.se == pytest.approx(FULL["se"], rel=1e-13)
    assert result.df == pytest.approx(FULL["df_satterthwaite"], rel=1e-13)
    assert t_quantile(0.975, result.df) == pytest.approx(FULL["t975"], rel=1e-9)
    assert [result.low, result.high] == pytest.approx(FULL["ci95"], rel=1e-9)


def test_population_weights_and_pooling_give_the_two_published_means() -> None:
    leaders, officials = FULL["N_leaders"], FULL["N_officials"]
    assert total_of(leaders, officials, GroupWeighting.POPULATION) == FULL["estimate"]
    pooled = total_of(leaders, officials, GroupWeighting.POOLED)
    assert pooled == FULL["unweighted_pooled_mean_of_9"]
    assert round(pooled - FULL["estimate"], 2) == 1.20


def test_a_stratum_taken_whole_brings_no_variance() -> None:
    golden = EXAMPLES["take_all_leaders"]
    leaders, officials = golden["N_leaders"], golden["N_officials"]
    everyone = leaders + officials
    result = satterthwaite_interval(
        [(leaders / everyone, leaders, LEADERS), (officials / everyone, officials, OFFICIALS)]
    )
    assert result.estimate == pytest.approx(golden["estimate"], rel=1e-14)
    assert result.se == pytest.approx(golden["se"], rel=1e-13)
    assert result.df == golden["df"]
    printed_low, printed_high = golden["ci95"]
    assert round(result.low, 4) == printed_low
    # The printed upper limit contradicts the example's own estimate, se and df: see its README.
    reach = t_quantile(0.975, golden["df"]) * golden["se"]
    assert round(result.high, 4) == round(golden["estimate"] + reach, 4) == 20.8814
    assert printed_high == 20.8819


def test_a_census_is_exact() -> None:
    golden = EXAMPLES["census"]
    leaders, officials = golden["N_leaders"], golden["N_officials"]
    result = satterthwaite_interval([(5 / 9, leaders, LEADERS), (4 / 9, officials, OFFICIALS)])
    assert result.estimate == pytest.approx(golden["estimate"], rel=1e-14)
    assert result.se == golden["variance"] == 0.0
    assert result.low == result.high == result.estimate
    assert result.notes == (IntervalNote.CENSUS,)
    assert total_of(leaders, officials, GroupWeighting.POPULATION) == golden["estimate"]


@pytest.mark.parametrize("example", EXAMPLES["criterion_points"], ids=lambda e: e["value_map"])
def test_criterion_points_are_exact_fractions(example: dict[str, Any]) -> None:
    values = [
        {"q": Fraction(value)}
        for count, value in zip(
            example["counts_5_to_1"], VALUE_MAPS[example["value_map"]], strict=True
        )
        for _ in range(count)
    ]
    stratum = StratumAnswers(group="CC", population=40, values=tuple(values))
    maximum = Decimal(example["max"])
    criterion = CriterionPoints(
        code="C", maximum=maximum, items=(ItemPoints(item="q", points=maximum),)
    )
    score = score_unit(
        UnitAnswers(unit="example", strata=(stratum,)),
        [criterion],
        weighting=GroupWeighting.POPULATION,
    )
    points = score.criteria["C"]
    assert points is not None
    assert score.items["q"] == Fraction(example["item_score"])
    assert points == Fraction(example["points_exact"])
    assert str(round_half_up(points, 2)) == example["points_2dp"]


@pytest.mark.parametrize("example", EXAMPLES["rounding_band"], ids=lambda e: e["score"])
def test_rounding_is_half_up_and_bands_depend_on_its_stage(example: dict[str, Any]) -> None:
    score = Decimal(example["score"])
    rounded = round_half_up(score, example["places"])
    assert str(rounded) == example["half_up"]
    if "half_even" in example:
        even = score.quantize(Decimal(1).scaleb(-example["places"]), rounding=ROUND_HALF_EVEN)
        assert str(even) == example["half_even"] != str(rounded)
    if "band_on_rounded" in example:
        assert band_of(rounded, HA_NAM).code == example["band_on_rounded"]
        assert band_of(score, HA_NAM).code == example["band_on_exact"]


def test_the_example_bands_have_no_gap_or_overlap() -> None:
    assert check_bands(HA_NAM) == []


def test_without_a_survey_the_appraised_points_are_rescaled() -> None:
    golden = EXAMPLES["no_survey_rescale"]
    percent = rescale_without_survey(Decimal(golden["appraised"]), Decimal(golden["appraised_max"]))
    assert str(round_half_up(percent, 2)) == golden["index_percent"]


def test_a_published_total_is_not_the_sum_of_its_rounded_parts() -> None:
    golden = EXAMPLES["published_sum"]
    parts = [Decimal(part) for part in golden["components"]]
    assert str(sum(parts)) == golden["sum"] != golden["published"]
    thirds = [
        CriterionPoints(
            code=code, maximum=Decimal(1), items=(ItemPoints(item=code, points=Decimal(1)),)
        )
        for code in ("a", "b", "c")
    ]
    answers = {code.code: Fraction(1, 3) for code in thirds}
    unit = UnitAnswers(
        unit="example", strata=(StratumAnswers(group="CC", population=4, values=(answers,)),)
    )
    score = score_unit(unit, thirds, weighting=GroupWeighting.POPULATION)
    assert score.total is not None
    rounded_parts = [round_half_up(points, 2) for points in score.criteria.values() if points]
    assert round_half_up(score.total, 2) == Decimal("1.00")
    assert sum(rounded_parts) == Decimal("0.99")


def test_two_weightings_of_one_unit_reveal_both_group_means() -> None:
    golden = EXAMPLES["unpooling_attack"]
    weightings = [
        {g: Fraction(n, sum(counts)) for g, n in zip(("LD", "CC"), counts, strict=True)}
        for counts in (golden["m"], golden["N"])
    ]
    leaders, officials = golden["N"]
    published = [
        total_of(leaders, officials, GroupWeighting.POOLED),
        total_of(leaders, officials, GroupWeighting.POPULATION),
    ]
    assert published == [golden["pooled"], golden["population"]]
    matrix = [[float(weights[g]) for g in ("LD", "CC")] for weights in weightings]
    assert np.linalg.solve(matrix, published) == pytest.approx(golden["recovered"], rel=1e-12)
    assert revealed_groups(weightings) == ("LD", "CC")
    assert revealed_groups(weightings[:1]) == ()
