"""Sample-size formulas against the worked examples and against one another."""

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import FiniteCorrection, SampleSizeError, cochran, implied_error, slovin
from sampling.sizes import slovin_exact

GOLDEN = Path(__file__).parents[1] / "golden" / "worked_examples" / "worked_examples.json"
EXAMPLES = json.loads(GOLDEN.read_text(encoding="utf-8"))

errors = st.integers(1, 400).map(lambda k: k / 1000)


@pytest.mark.parametrize("case", EXAMPLES["slovin"])
def test_slovin_meets_the_worked_examples(case: dict[str, float]) -> None:
    assert slovin(int(case["N"]), case["e"]) == case["n_ceil"]
    assert round(float(slovin_exact(int(case["N"]), case["e"])), 4) == case["n_raw"]


@pytest.mark.parametrize("case", EXAMPLES["implied_error"])
def test_implied_error_meets_the_worked_examples(case: dict[str, float]) -> None:
    assert round(implied_error(int(case["n"]), int(case["N"])), 4) == case["e"]


def test_asking_everybody_leaves_no_error() -> None:
    assert implied_error(9, 9) == 0


@given(st.integers(1, 10**6), errors)
def test_the_size_of_slovin_is_the_smallest_that_grants_the_error(n: int, error: float) -> None:
    e2 = Fraction(str(error)) ** 2
    size = slovin(n, error)
    assert 1 <= size <= n
    assert Fraction(1, size) - Fraction(1, n) <= e2
    assert size == 1 or Fraction(1, size - 1) - Fraction(1, n) > e2


@given(st.integers(1, 10**6), errors)
def test_slovin_is_cochran_with_one_half_and_two(n: int, error: float) -> None:
    assert slovin(n, error) == cochran(
        n, error, p=0.5, z=2, correction=FiniteCorrection.APPROXIMATE
    )


def test_the_exact_correction_asks_one_more_of_1200() -> None:
    assert cochran(1200, 0.05, z=2) == 301


@pytest.mark.parametrize(
    ("error", "p", "size"), [(0.05, 0.5, 385), (0.03, 0.5, 1068), (0.05, 0.1, 139)]
)
def test_cochran_without_end_meets_the_textbook_table(error: float, p: float, size: int) -> None:
    assert cochran(None, error, p=p) == size


@given(st.integers(1, 10**5), errors, st.integers(1, 99))
def test_cochran_never_asks_more_than_everybody(n: int, error: float, percent: int) -> None:
    size = cochran(n, error, p=percent / 100)
    assert 1 <= size <= n
    assert size <= max(1, cochran(None, error, p=percent / 100))


@pytest.mark.parametrize("population", [0, -5])
def test_an_empty_population_is_refused(population: int) -> None:
    for formula in (slovin, cochran):
        with pytest.raises(SampleSizeError, match=f"the population is {population};"):
            formula(population, 0.05)


@pytest.mark.parametrize("error", [0, -0.05, 5, math.nan, math.inf])
def test_an_error_that_is_no_proportion_is_refused(error: float) -> None:
    with pytest.raises(SampleSizeError, match=r"error is .*0\.05 for five percentage points"):
        slovin(100, error)


@pytest.mark.parametrize("size", [0, 61])
def test_a_sample_outside_its_population_is_refused(size: int) -> None:
    with pytest.raises(SampleSizeError, match=f"the sample size is {size} of a population of 60"):
        implied_error(size, 60)


@pytest.mark.parametrize("p", [0, 1, 1.5])
def test_a_certain_proportion_is_refused(p: float) -> None:
    with pytest.raises(SampleSizeError, match="p is"):
        cochran(100, 0.05, p=p)


@pytest.mark.parametrize("z", [0, -2, math.nan, math.inf])
def test_a_quantile_that_is_none_is_refused(z: float) -> None:
    with pytest.raises(SampleSizeError, match="z is"):
        cochran(100, 0.05, z=z)


@pytest.mark.parametrize("people", [float("nan"), float("inf"), 2.5, True])
def test_a_population_that_is_no_whole_number_is_refused(people: float) -> None:
    with pytest.raises(SampleSizeError, match=f"the population is {people};"):
        slovin(people, 0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [float("nan"), 2.5, True])
def test_a_size_that_is_no_whole_number_implies_no_error(size: float) -> None:
    with pytest.raises(SampleSizeError, match=f"the sample size is {size} of a population of 60"):
        implied_error(size, 60)  # type: ignore[arg-type]
