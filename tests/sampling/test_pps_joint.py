"""Joint inclusion probabilities against enumeration of all samples of tiny populations."""

import itertools
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad

from sampling.conditional_poisson import entropy_odds_probabilities
from sampling.errors import DrawError
from sampling.measures import certainty_rounds, whole_sizes
from sampling.pps import PpsMethod, SizedFrame, joint_probabilities, pps_inclusion
from sampling.pps_draws import Remainder
from sampling.pps_joint import (
    brewer_joint,
    maximum_entropy_joint,
    midzuno_joint,
    pareto_joint,
    sampford_joint,
    systematic_joint,
    tille_joint,
)

SIZES = [3, 7, 2, 9, 5, 4]
Design = dict[tuple[int, ...], float]


def remainder(sizes: list[int], size: int) -> Remainder:
    return Remainder(sizes=np.array(sizes), total=sum(sizes), size=size)


def everything(rest: Remainder) -> NDArray[np.int64]:
    return np.arange(len(rest.sizes))


def joint_of(design: Design, count: int) -> NDArray[np.float64]:
    joint = np.zeros((count, count))
    total = sum(design.values())
    for sample, chance in design.items():
        joint[np.ix_(sample, sample)] += float(chance / total)
    return joint


def chances_of(sizes: list[int], size: int) -> list[Fraction]:
    """Inclusion probabilities in fractions, by the certainty rule taken literally."""
    chances = [Fraction(1)] * len(sizes)
    while True:
        left = [row for row in range(len(sizes)) if chances[row] < 1 or chances == [1] * len(sizes)]
        total, places = sum(sizes[row] for row in left), size - (len(sizes) - len(left))
        for row in left:
            chances[row] = min(Fraction(places * sizes[row], total), Fraction(1))
        if all(chances[row] < 1 for row in left):
            return chances


def sampford_by_enumeration(sizes: list[int], size: int) -> Design:
    chances = chances_of(sizes, size)
    design: Design = {}
    for sample in itertools.combinations(range(len(sizes)), size):
        weight = sum((1 - chances[row] for row in sample), Fraction(0))
        for row in sample:
            weight *= chances[row] / (1 - chances[row])
        design[sample] = float(weight)
    return design


def pareto_by_enumeration(sizes: list[int], size: int) -> Design:
    odds = [float(p / (1 - p)) for p in chances_of(sizes, size)]
    design: Design = {}
    for sample in itertools.combinations(range(len(sizes)), size):
        rest = [row for row in range(len(sizes)) if row not in sample]

        def all_in_before(
            t: float, rest: list[int] = rest, sample: tuple[int, ...] = sample
        ) -> float:
            """Density that the last of the sample has rank t/(1 − t), with all others beyond."""
            x = t / (1 - t)
            inside = [odds[row] * x / (1 + odds[row] * x) for row in sample]
            density = sum(
                odds[last]
                / (1 + odds[last] * x) ** 2
                * np.prod([p for row, p in zip(sample, inside, strict=True) if row != last])
                for last in sample
            )
            return float(
                density * np.prod([1 / (1 + odds[row] * x) for row in rest]) / (1 - t) ** 2
            )

        design[sample] = quad(all_in_before, 0, 1, epsabs=1e-13, epsrel=1e-12)[0]
    return design


def tille_by_enumeration(sizes: list[int], size: int) -> Design:
    alive: dict[tuple[int, ...], Fraction] = {tuple(range(len(sizes))): Fraction(1)}
    before = [Fraction(1)] * len(sizes)
    for left in range(len(sizes) - 1, size - 1, -1):
        after = chances_of(sizes, left)
        gone = [1 - a / b for a, b in zip(after, before, strict=True)]
        shrunk: dict[tuple[int, ...], Fraction] = {}
        for units, chance in alive.items():
            total = sum(gone[row] for row in units)
            for row in units:
                rest = tuple(other for other in units if other != row)
                shrunk[rest] = shrunk.get(rest, Fraction(0)) + chance * gone[row] / total
        alive, before = shrunk, after
    return {units: float(chance) for units, chance in alive.items()}


def brewer_by_enumeration(sizes: list[int], size: int) -> Design:
    chances = chances_of(sizes, size)
    design: dict[tuple[int, ...], Fraction] = {}
    for path in itertools.permutations(range(len(sizes)), size):
        chance, drawn = Fraction(1), []
        for draw, row in enumerate(path):
            left = size - sum(chances[other] for other in drawn)
            weights = {
                other: chances[other]
                * (left - chances[other])
                / (left - (size - draw) * chances[other])
                for other in range(len(sizes))
                if other not in drawn
            }
            chance *= weights[row] / sum(weights.values())
            drawn.append(row)
        key = tuple(sorted(path))
        design[key] = design.get(key, Fraction(0)) + chance
    return {sample: float(chance) for sample, chance in design.items()}


def systematic_by_enumeration(sizes: list[int], size: int) -> Design:
    ends = list(itertools.accumulate(sizes))
    design: Design = {}
    for start in range(sum(sizes)):
        hits = [Fraction(start + k * sum(sizes), size) for k in range(size)]
        sample = tuple(next(row for row, end in enumerate(ends) if hit < end) for hit in hits)
        design[sample] = design.get(sample, 0.0) + 1.0
    return design


ENUMERATED = [
    (sampford_joint, sampford_by_enumeration),
    (pareto_joint, pareto_by_enumeration),
    (tille_joint, tille_by_enumeration),
    (brewer_joint, brewer_by_enumeration),
    (systematic_joint, systematic_by_enumeration),
]


@pytest.mark.parametrize(("formula", "enumerate_all"), ENUMERATED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_joint_probabilities_are_those_of_all_samples(
    formula: Callable[..., NDArray[np.float64]],
    enumerate_all: Callable[..., Design],
    size: int,
) -> None:
    rest = remainder(SIZES, size)
    expected = joint_of(enumerate_all(SIZES, size), len(SIZES))
    np.testing.assert_allclose(formula(rest, everything(rest)), expected, rtol=0, atol=1e-12)


def test_pairs_of_a_brewer_sample_of_two_follow_the_closed_formula() -> None:
    rest = remainder(SIZES, 2)
    p = rest.probabilities / 2
    scale = 1 + (p / (1 - 2 * p)).sum()
    expected = (
        4 * np.outer(p, p) * (1 - p[:, None] - p) / ((1 - 2 * p)[:, None] * (1 - 2 * p) * scale)
    )
    np.fill_diagonal(expected, rest.probabilities)
    np.testing.assert_allclose(brewer_joint(rest, everything(rest)), expected, rtol=1e-12)


def test_brewers_pairs_are_known_where_its_samples_are_too_many_to_list() -> None:
    rest = remainder([*range(20, 60)], 5)  # 658,008 samples, 9,880 ways to take the first three
    joint = brewer_joint(rest, everything(rest))
    np.testing.assert_allclose(joint.sum(axis=1), 5 * rest.probabilities, rtol=1e-12)
    np.testing.assert_array_equal(joint, joint.T)
    assert joint.min() > 0
    rows = np.array([31, 2, 17])
    np.testing.assert_allclose(brewer_joint(rest, rows), joint[np.ix_(rows, rows)], rtol=1e-12)


def test_maximum_entropy_weighs_samples_by_the_product_of_their_odds() -> None:
    rest = remainder(SIZES, 3)
    chances = entropy_odds_probabilities(rest.probabilities, 3)
    odds = chances / (1 - chances)
    design = {
        sample: float(np.prod(odds[list(sample)]))
        for sample in itertools.combinations(range(len(SIZES)), 3)
    }
    joint = maximum_entropy_joint(rest, everything(rest))
    np.testing.assert_allclose(joint, joint_of(design, len(SIZES)), atol=1e-12)
    np.testing.assert_allclose(joint.diagonal(), rest.probabilities, rtol=1e-12)


@st.composite
def remainders(draw: st.DrawFn) -> Remainder:
    sizes = draw(st.lists(st.integers(1, 1000), min_size=3, max_size=14))
    size = draw(st.integers(1, len(sizes) - 1))
    grid = whole_sizes(np.array(sizes))
    certain = {row for round_ in certainty_rounds(grid, size) for row in round_.rows}
    left = [value for row, value in enumerate(sizes) if row not in certain]
    if size == len(certain):
        return remainder([1, 2, 2], 1)
    return remainder(left, size - len(certain))


FIXED_SIZE = [
    sampford_joint,
    maximum_entropy_joint,
    pareto_joint,
    tille_joint,
    midzuno_joint,
    systematic_joint,
]


@pytest.mark.parametrize("formula", FIXED_SIZE)
@given(rest=remainders())
def test_joint_probabilities_of_a_fixed_size_add_up_to_it(
    formula: Callable[..., NDArray[np.float64]], rest: Remainder
) -> None:
    joint = formula(rest, everything(rest))
    np.testing.assert_array_equal(joint, joint.T)
    assert joint.min() >= 0
    np.testing.assert_allclose(joint.sum(axis=1), rest.size * joint.diagonal(), rtol=1e-9)
    if formula is not pareto_joint:
        np.testing.assert_allclose(joint.diagonal(), rest.probabilities, rtol=1e-9)


@pytest.mark.parametrize("formula", [sampford_joint, maximum_entropy_joint, tille_joint])
@given(rest=remainders())
def test_variances_by_sen_yates_grundy_cannot_be_negative(
    formula: Callable[..., NDArray[np.float64]], rest: Remainder
) -> None:
    joint = formula(rest, everything(rest))
    first = joint.diagonal()
    assert (joint <= np.outer(first, first) * (1 + 1e-12) + np.diag(first)).all()


@given(rest=remainders(), data=st.data())
def test_some_rows_give_the_same_as_all(rest: Remainder, data: st.DataObject) -> None:
    rows = np.array(data.draw(st.permutations(range(len(rest.sizes)))))[:3]
    for formula in FIXED_SIZE:
        whole = formula(rest, everything(rest))
        np.testing.assert_allclose(
            formula(rest, rows), whole[np.ix_(rows, rows)], rtol=1e-12, atol=1e-15
        )


def test_large_chances_lose_no_digits() -> None:
    sizes = [*range(60, 120), 7]
    rest = remainder(sizes, 40)
    joint = sampford_joint(rest, everything(rest))
    np.testing.assert_allclose(joint.diagonal(), rest.probabilities, rtol=1e-13)
    np.testing.assert_allclose(joint.sum(axis=1), 40 * rest.probabilities, rtol=1e-13)


def test_certain_units_and_units_out_of_scope_join_by_product() -> None:
    inclusion = pps_inclusion(SizedFrame(sizes=[90, 2, 1, 1, 0], zeros=True), 3)
    for method in PpsMethod:
        joint = joint_probabilities(inclusion, method)
        first = joint.diagonal()
        np.testing.assert_allclose(joint[0], first, rtol=1e-12)
        assert joint[4].tolist() == [0.0] * 5
        np.testing.assert_allclose(joint.sum(axis=1), 3 * first, rtol=1e-12)


def test_work_that_would_not_end_is_refused_with_a_remedy() -> None:
    rest = remainder([1] * 3000, 10)
    with pytest.raises(
        DrawError, match=r"3000 of 3000 units take 27000000000 steps.*sampled units"
    ):
        sampford_joint(rest, everything(rest))
    with pytest.raises(DrawError, match=r"6 from 100 units pass through 3921225 sets.*Sampford"):
        brewer_joint(remainder([1] * 100, 6), np.arange(6))
    with pytest.raises(DrawError, match=r"3 from 2000 units .* for 2000 rows.*sampled units only"):
        brewer_joint(remainder([1] * 2000, 3), np.arange(2000))


def test_maximum_entropy_reaches_chances_a_billionth_below_one() -> None:
    inclusion = pps_inclusion(SizedFrame(sizes=[999_999_999, 10**9, 3]), 2)
    reached = np.diag(joint_probabilities(inclusion, PpsMethod.MAXIMUM_ENTROPY))
    np.testing.assert_allclose(reached, inclusion.probabilities, rtol=1e-7)
    assert abs(reached.sum() - 2) < 1e-13
