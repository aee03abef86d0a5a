"""Changes between two rounds: every pair of samples of a small population, and power by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import SampleSizeError
from sampling.sizes import (
    Conditions,
    TwoWaves,
    detectable_change,
    difference_half_width,
    difference_size,
    power_of_change,
    size_to_detect,
)

waves = st.builds(
    TwoWaves,
    deviation_before=st.floats(0.5, 5),
    deviation_after=st.floats(0.5, 5),
    overlap=st.floats(0, 1),
    correlation=st.floats(-0.9, 0.9),
)
PLAIN = TwoWaves(deviation_before=3.0, deviation_after=3.0)


def test_the_variance_is_that_over_all_pairs_of_samples() -> None:
    before, after = np.array([1.0, 4.0, 2.0, 8.0, 5.0]), np.array([2.0, 3.0, 3.0, 9.0, 1.0])
    changes = [
        after[[kept, fresh]].mean() - before[list(first)].mean()
        for first in itertools.combinations(range(5), 2)
        for kept in first
        for fresh in set(range(5)) - set(first)
    ]
    truth = after.mean() - before.mean()
    variance = float(np.mean((np.array(changes) - truth) ** 2))
    both = TwoWaves(
        deviation_before=float(before.std(ddof=1)),
        deviation_after=float(after.std(ddof=1)),
        overlap=0.5,
        correlation=float(np.corrcoef(before, after)[0, 1]),
    )
    around = Conditions(population=5)
    assert (difference_half_width(2, waves=both, conditions=around) / around.z) ** 2 == (
        pytest.approx(variance, rel=1e-12)
    )


def test_two_samples_drawn_apart_add_their_variances() -> None:
    expected = Conditions().z * math.sqrt(2 * 9 / 50)
    assert difference_half_width(50, waves=PLAIN) == pytest.approx(expected, rel=1e-12)


def test_asking_everybody_twice_leaves_no_error() -> None:
    same = TwoWaves(deviation_before=2, deviation_after=3, overlap=1, correlation=0.4)
    assert difference_half_width(60, waves=same, conditions=Conditions(population=60)) == 0


@given(waves, st.floats(0.05, 2), st.one_of(st.none(), st.integers(10**5, 10**6)))
def test_the_size_of_a_difference_is_the_smallest_that_buys_its_half_width(
    both: TwoWaves, target: float, population: int | None
) -> None:
    around = Conditions(population=population)
    size = difference_size(target, waves=both, conditions=around).answers
    assert difference_half_width(size, waves=both, conditions=around) <= target * (1 + 1e-8)
    if size > 1:
        less = difference_half_width(size - 1, waves=both, conditions=around)
        assert less > target * (1 - 1e-8)


@given(waves, st.floats(0.2, 3), st.floats(0.5, 0.99))
def test_the_size_to_detect_a_change_has_its_power(
    both: TwoWaves, change: float, power: float
) -> None:
    size = size_to_detect(-change, waves=both, power=power).answers
    assert power_of_change(size, change=change, waves=both) >= power - 1e-9
    assert detectable_change(size, waves=both, power=power) <= change * (1 + 1e-8)


def test_power_is_the_level_when_nothing_changed() -> None:
    assert power_of_change(100, change=0, waves=PLAIN) == pytest.approx(0.05)


def test_a_textbook_pair_of_proportions_needs_its_size() -> None:
    both = TwoWaves.of_proportions(0.8, 0.84)
    z = 1.959963984540054 + 0.8416212335729143
    expected = z**2 * (0.8 * 0.2 + 0.84 * 0.16) / 0.04**2
    assert size_to_detect(0.04, waves=both).infinite == pytest.approx(expected, rel=1e-12)


def test_asking_the_same_people_finds_smaller_changes() -> None:
    panel = TwoWaves(deviation_before=3, deviation_after=3, overlap=1, correlation=0.6)
    ratio = detectable_change(100, waves=panel) / detectable_change(100, waves=PLAIN)
    assert ratio == pytest.approx(math.sqrt(0.4))


def test_more_people_than_there_are_is_refused() -> None:
    with pytest.raises(SampleSizeError, match="40 in each round, 80 different people"):
        difference_half_width(40, waves=PLAIN, conditions=Conditions(population=60))


@pytest.mark.parametrize("overlap", [-0.1, 1.1])
def test_an_overlap_that_is_no_share_is_refused(overlap: float) -> None:
    with pytest.raises(SampleSizeError, match="overlap is"):
        TwoWaves(deviation_before=1, deviation_after=1, overlap=overlap)


@pytest.mark.parametrize("power", [0.4, 1.0])
def test_a_power_out_of_range_is_refused(power: float) -> None:
    with pytest.raises(SampleSizeError, match="power is"):
        detectable_change(10, waves=PLAIN, power=power)
