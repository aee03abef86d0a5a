"""Drawing positions: bounds, equal chances, reserves, refusals."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import DrawError, draw_positions
from sampling.selection import draw_systematic
from tests.sampling.binomial import binomial_limits


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 10), st.integers(0, 2**32))
def test_positions_are_distinct_in_range_and_ascending(
    population: int, size: int, reserves: int, seed: int
) -> None:
    size = min(size, population)
    selected, reserve = draw_positions(population, size, reserves, rng(seed))
    assert list(selected) == sorted(selected)
    assert len(selected) == size
    assert len(reserve) == min(reserves, population - size)
    both = {*selected, *reserve}
    assert len(both) == len(selected) + len(reserve)
    assert both <= set(range(1, population + 1))


@given(st.integers(0, 40), st.integers(0, 12), st.integers(0, 2**32))
def test_wanting_more_reserves_changes_neither_selection_nor_the_first_reserves(
    population: int, reserves: int, seed: int
) -> None:
    size = population // 3
    few = draw_positions(population, size, reserves, rng(seed))
    many = draw_positions(population, size, reserves + 3, rng(seed))
    assert many[0] == few[0]
    assert many[1][: len(few[1])] == few[1]


def test_every_position_has_the_same_chance_of_selection_and_of_each_reserve_place() -> None:
    trials, population, size = 4000, 9, 4
    generator = rng(20221007)
    counts = np.zeros((3, population), dtype=int)
    for _ in range(trials):
        selected, reserve = draw_positions(population, size, 2, generator)
        counts[0, np.array(selected) - 1] += 1
        counts[1, reserve[0] - 1] += 1
        counts[2, reserve[1] - 1] += 1
    # 27 counts, two sides each: a fair draw leaves these limits once in a thousand seeds.
    for row, chance in zip(
        counts, (size / population, 1 / population, 1 / population), strict=True
    ):
        low, high = binomial_limits(trials, chance, 0.001 / 54)
        assert low <= row.min() <= row.max() <= high


def test_every_pair_has_the_same_chance() -> None:
    trials, population, size = 4000, 6, 3
    generator = rng(288)
    pairs = dict.fromkeys(itertools.combinations(range(1, population + 1), 2), 0)
    for _ in range(trials):
        selected, _reserve = draw_positions(population, size, 0, generator)
        for pair in itertools.combinations(selected, 2):
            pairs[pair] += 1
    low, high = binomial_limits(trials, 3 * 2 / (6 * 5), 0.001 / 30)
    assert low <= min(pairs.values()) <= max(pairs.values()) <= high


class Words:
    """A bit generator that speaks given words."""

    def __init__(self, *words: int) -> None:
        self.words = list(words)

    def random_raw(self) -> int:
        return self.words.pop(0)


class Speaker:
    """A generator around given words."""

    def __init__(self, *words: int) -> None:
        self.bit_generator = Words(*words)


def test_words_above_the_last_whole_multiple_are_rejected() -> None:
    # 2^64 = 3 * 6148914691236517205 + 1: for three places exactly the top word would be unfair.
    speaker = Speaker(2**64 - 1, 2**64 - 2)
    assert draw_positions(3, 1, 0, speaker) == ((3,), ())  # type: ignore[arg-type]
    assert speaker.bit_generator.words == []


def test_a_stratum_of_nobody_draws_nobody() -> None:
    assert draw_positions(0, 0, 2, rng()) == ((), ())


def test_drawing_more_than_everybody_is_refused() -> None:
    with pytest.raises(DrawError, match="cannot draw 5 of 3 people"):
        draw_positions(3, 5, 0, rng())


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1, 0, 0), "population"), ((3, -1, 0), "size"), ((3, 1, -1), "reserves")],
)
def test_negative_arguments_are_named(arguments: tuple[int, int, int], name: str) -> None:
    with pytest.raises(DrawError, match=f"{name} is -1"):
        draw_positions(*arguments, rng())


def test_a_generator_of_32_bit_words_is_refused() -> None:
    with pytest.raises(DrawError, match="MT19937 gives 32-bit words"):
        draw_positions(3, 1, 0, np.random.Generator(np.random.MT19937(1)))


@pytest.mark.parametrize("counts", [(5, float("nan"), 0), (2.5, 1, 0), (5, 2.0, 0), (5, 1, True)])
@pytest.mark.parametrize("walk", [draw_positions, draw_systematic])
def test_counts_that_are_no_whole_numbers_are_refused(
    walk: Callable[..., object], counts: tuple[float, float, float]
) -> None:
    with pytest.raises(DrawError, match="it must be a whole number from 0"):
        walk(*counts, rng())
