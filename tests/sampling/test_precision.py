"""Sizes and half-widths: other software, published tables, and each formula against its inverse."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import SampleSizeError
from sampling.sizes import (
    Conditions,
    FiniteCorrection,
    Quantile,
    RatioSpread,
    cochran,
    domain_half_width,
    domain_size,
    mean_half_width,
    mean_size,
    proportion_half_width,
    proportion_size,
    ratio_half_width,
    ratio_size,
    stratified_half_width,
    student_quantile,
)

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = [
    case
    for case in json.loads((GOLDEN / "sampling_r" / "allocation.json").read_text("utf-8"))["cases"]
    if case["kind"] == "sample_size_proportion"
]
PUBLISHED = json.loads((GOLDEN / "allocation_published" / "published.json").read_text("utf-8"))
WORKED = json.loads((GOLDEN / "worked_examples" / "worked_examples.json").read_text("utf-8"))

populations = st.one_of(st.none(), st.integers(50, 10**6))
conditions = st.builds(
    Conditions,
    population=populations,
    level=st.sampled_from([0.8, 0.9, 0.95, 0.99]),
    design_effect=st.just(1.0),
)
deviations = st.floats(0.1, 10)


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_step_of_a_proportion_meets_r(case: dict[str, Any]) -> None:
    given_, expected = case["input"], case["result"]
    around = Conditions(
        population=given_["N"],
        level=given_["level"],
        design_effect=given_["deff"],
        response_rate=given_["response_rate"],
    )
    size = proportion_size(given_["half_width"], p=given_["p"], conditions=around)
    assert size.infinite == close(expected["n0"])
    assert size.corrected == close(expected["n_fpc"])
    assert size.with_design == close(expected["n_deff"])
    assert size.with_response == close(expected["n_issue"])
    other = proportion_size(
        given_["half_width"],
        p=given_["p"],
        conditions=around,
        correction=FiniteCorrection.APPROXIMATE,
    )
    assert other.corrected == close(expected["n_fpc_alt"])
    assert size.to_ask == min(math.ceil(expected["n_issue"]), given_["N"])
    assert size.reachable == (expected["n_issue"] <= given_["N"])


def test_means_meet_the_published_table_of_target_variation() -> None:
    table = PUBLISHED["PracTools"]["nCont"]
    z = Conditions().z
    sizes = [mean_size(z * cv, deviation=table["CVpop"]).answers for cv in table["CV0"]]
    assert sizes == table["n"]
    finite = table["finite"]
    size = mean_size(
        z * finite["CV0"], deviation=table["CVpop"], conditions=Conditions(population=finite["N"])
    )
    assert round(size.corrected) == finite["n"]


def test_proportions_meet_the_published_table_of_margins() -> None:
    table = PUBLISHED["PracTools"]["nPropMoe"]
    sizes = [proportion_size(error, p=table["p"]).answers for error in table["e"]]
    assert sizes == table["n"]


@given(st.integers(1, 40), st.integers(1, 99), st.one_of(st.none(), st.integers(1, 10**6)))
def test_a_proportion_without_design_or_silence_is_cochran(
    thousandths: int, percent: int, population: int | None
) -> None:
    error, p = thousandths / 100, percent / 100
    size = proportion_size(error, p=p, conditions=Conditions(population=population))
    assert size.answers == cochran(population, error, p=p, z=Conditions().z)


def test_the_unit_of_the_worked_example_gets_its_printed_interval() -> None:
    example = WORKED["stratified_fpc"]
    strata = [
        (example["N_leaders"], 5, math.sqrt(example["s2_leaders"])),
        (example["N_officials"], 4, math.sqrt(example["s2_officials"])),
    ]
    low, high = example["ci95"]
    assert stratified_half_width(strata) == pytest.approx((high - low) / 2, rel=1e-9)


def test_leaders_taken_whole_add_nothing_to_the_interval() -> None:
    example, spread = WORKED["take_all_leaders"], WORKED["stratified_fpc"]["s2_officials"]
    strata = [(5, 5, 1.5), (40, 4, math.sqrt(spread))]
    low = example["ci95"][0]
    assert stratified_half_width(strata) == pytest.approx(example["estimate"] - low, abs=5e-5)


def test_the_interval_of_a_province_in_the_national_survey_is_the_printed_one() -> None:
    example = WORKED["sipas_province"]
    size = round(example["n_per_province"])
    widths = {
        "srs_deff1_z": Conditions(),
        "deff3_z": Conditions(design_effect=3.0),
    }
    for name, around in widths.items():
        half_width = proportion_half_width(size, p=example["p"], conditions=around)
        assert [round(100 * w, 2) for w in (half_width / around.z, half_width)] == example[name]
    around = Conditions(design_effect=3.0)
    error = proportion_half_width(size, p=example["p"], conditions=around) / around.z
    half_width = error * student_quantile(around.level, 3)
    assert [round(100 * w, 2) for w in (error, half_width)] == example["deff3_t_df3"]
    national = proportion_half_width(
        round(63 * example["n_per_province"]), p=example["p"], conditions=around
    )
    printed = [round(100 * w, 2) for w in (national / around.z, national)]
    assert printed == example["national_deff3_z"]


def test_a_census_leaves_no_interval() -> None:
    assert stratified_half_width([(5, 5, 2.0), (4, 4, 3.0)]) == 0
    assert mean_half_width(9, deviation=3.0, conditions=Conditions(population=9)) == 0
    assert proportion_half_width(9, conditions=Conditions(population=9)) == 0


def test_one_answer_or_none_buys_no_interval() -> None:
    assert math.isinf(mean_half_width(1, deviation=3.0))
    assert math.isinf(stratified_half_width([(8, 1, 2.0), (40, 4, 3.0)]))
    assert math.isinf(stratified_half_width([(8, 0, 2.0)], quantile=Quantile.NORMAL))


def test_a_stratum_of_nobody_changes_nothing() -> None:
    assert stratified_half_width([(0, 0, 0.0), (40, 4, 3.0)]) == stratified_half_width(
        [(40, 4, 3.0)]
    )


def test_nine_answers_widen_the_normal_interval_by_eighteen_percent() -> None:
    ratio = mean_half_width(9, deviation=1.0) / mean_half_width(
        9, deviation=1.0, quantile=Quantile.NORMAL
    )
    assert ratio == pytest.approx(student_quantile(0.95, 8) / Conditions().z)
    assert round(ratio, 2) == 1.18


@given(st.floats(0.05, 5), deviations, conditions)
def test_the_size_of_a_mean_is_the_smallest_that_buys_its_half_width(
    target: float, deviation: float, around: Conditions
) -> None:
    size = mean_size(target, deviation=deviation, conditions=around).answers
    known = Quantile.NORMAL
    bought = mean_half_width(size, deviation=deviation, conditions=around, quantile=known)
    assert bought <= target * (1 + 1e-8)
    if size > 1:
        less = mean_half_width(size - 1, deviation=deviation, conditions=around, quantile=known)
        assert less > target * (1 - 1e-8)


@given(st.floats(0.005, 0.4), st.floats(0.05, 0.95), conditions)
def test_the_size_of_a_proportion_is_the_smallest_that_buys_its_half_width(
    target: float, p: float, around: Conditions
) -> None:
    size = proportion_size(target, p=p, conditions=around).answers
    assert proportion_half_width(size, p=p, conditions=around) <= target * (1 + 1e-8)
    if size > 1:
        assert proportion_half_width(size - 1, p=p, conditions=around) > target * (1 - 1e-8)


@given(st.floats(0.2, 5), st.floats(0.05, 1), deviations, conditions)
def test_the_size_for_a_domain_is_the_smallest_that_buys_its_half_width(
    target: float, share: float, deviation: float, around: Conditions
) -> None:
    size = domain_size(target, share=share, deviation=deviation, conditions=around)
    if not size.reachable:
        return
    bought = domain_half_width(size.answers, share=share, deviation=deviation, conditions=around)
    assert bought <= target * (1 + 1e-8)
    if size.answers > 1:
        less = domain_half_width(
            size.answers - 1, share=share, deviation=deviation, conditions=around
        )
        assert less > target * (1 - 1e-8)


@given(deviations, st.floats(0.2, 5), conditions)
def test_a_domain_of_everybody_is_a_mean(
    deviation: float, target: float, around: Conditions
) -> None:
    whole = domain_size(target, share=1, deviation=deviation, conditions=around)
    assert whole.corrected == pytest.approx(
        mean_size(target, deviation=deviation, conditions=around).corrected, rel=1e-9
    )


def test_a_ratio_of_unrelated_constants_is_a_mean() -> None:
    spread = RatioSpread(ratio=0.5, mean_x=1, deviation_y=3, deviation_x=0, correlation=0)
    assert ratio_size(0.5, spread=spread) == mean_size(0.5, deviation=3)
    assert ratio_half_width(50, spread=spread) == mean_half_width(50, deviation=3)


def test_answers_that_move_together_make_a_ratio_sharp() -> None:
    spread = RatioSpread(ratio=0.5, mean_x=4, deviation_y=1, deviation_x=2, correlation=1)
    assert ratio_half_width(50, spread=spread) == 0


def test_clusters_and_silence_multiply_the_size() -> None:
    plain = mean_size(0.5, deviation=3).with_response
    around = Conditions(design_effect=3, response_rate=0.6)
    assert mean_size(0.5, deviation=3, conditions=around).with_response == close(plain * 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"population": 0}, "the population is 0"),
        ({"level": 1.0}, r"level is 1\.0"),
        ({"design_effect": 0.0}, "design_effect is"),
        ({"response_rate": 1.5}, "response_rate is"),
        ({"response_rate": math.nan}, "response_rate is"),
    ],
)
def test_conditions_that_cannot_be_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SampleSizeError, match=message):
        Conditions(**change)


def test_more_answers_than_people_are_refused() -> None:
    with pytest.raises(SampleSizeError, match="the sample size is 61 of a population of 60"):
        mean_half_width(61, deviation=1, conditions=Conditions(population=60))
    with pytest.raises(SampleSizeError, match="a stratum of 5 people has 6 answers"):
        stratified_half_width([(5, 6, 1.0)])


def test_moments_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(SampleSizeError, match="correlation is 2"):
        ratio_half_width(
            9,
            spread=RatioSpread(ratio=1, mean_x=1, deviation_y=1, deviation_x=1, correlation=2),
        )
    with pytest.raises(SampleSizeError, match="the mean of x is 0"):
        ratio_half_width(
            9,
            spread=RatioSpread(ratio=1, mean_x=0, deviation_y=1, deviation_x=1, correlation=0),
        )


def test_strata_without_people_are_refused() -> None:
    with pytest.raises(SampleSizeError, match="1 strata hold 0 people"):
        stratified_half_width([(0, 0, 1.0)])
