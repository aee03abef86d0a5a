"""Effects of who keyed or asked: a textbook, two routes, and all permutations."""

import math
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stats.effects import GroupEffect, group_effect
from stats.errors import ScoreError

# Shrout, Fleiss (1979), Psychological Bulletin 86, table 2: six targets, four ratings each
RATINGS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_the_intra_class_correlation_of_the_textbook() -> None:
    values = [float(value) for row in RATINGS for value in row]
    targets = [target for target, row in enumerate(RATINGS) for _ in row]
    effect = group_effect(values, targets, rng=np.random.default_rng(1))
    assert round(effect.icc, 2) == 0.17  # ICC(1,1), their table 4
    assert (effect.groups, effect.forms, effect.exact) == (6, 24, False)
    assert effect.meff == pytest.approx(1 + 3 * effect.icc)


def residual_squares(y: NDArray[np.float64], *codes: list[int]) -> tuple[float, int]:
    """Residual sum of squares and rank of a least squares fit on indicators."""
    columns = np.column_stack([np.eye(max(code) + 1)[code] for code in codes])
    fit, _, rank, _ = np.linalg.lstsq(columns, y, rcond=None)
    return float(((y - columns @ fit) ** 2).sum()), int(rank)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_strata_are_taken_out_as_least_squares_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.normal(size=30)
    groups, strata = rng.integers(0, 4, 30).tolist(), rng.integers(0, 3, 30).tolist()
    effect = group_effect(y.tolist(), groups, within=strata, rng=rng, draws=1)
    alone, strata_rank = residual_squares(y, strata)
    both, rank = residual_squares(y, strata, groups)
    within = both / (30 - rank)
    indicators = np.eye(max(groups) + 1)[groups]
    trace = sum(residual_squares(column, strata)[0] for column in indicators.T)
    between = (alone - both - (rank - strata_rank) * within) / trace
    assert effect.icc == pytest.approx(between / (between + within), rel=1e-8)


def p_by_hand(values: list[float], groups: list[str], strata: list[int]) -> float:
    """Permute everything, keep what stays within strata, and compare sums of squares."""
    y = np.array(values)
    codes = [sorted(set(groups)).index(group) for group in groups]

    def unexplained(order: tuple[int, ...]) -> float:
        return residual_squares(y[list(order)], strata, codes)[0]

    places = range(len(values))
    orders = [
        order
        for order in permutations(places)
        if all(strata[place] == strata[order[place]] for place in places)
    ]
    observed = unexplained(tuple(places))
    return float(np.mean([unexplained(order) <= observed + 1e-9 for order in orders]))


@pytest.mark.parametrize(
    ("groups", "strata", "arrangements"),
    [
        ("aaabbb", [0] * 6, 20),
        ("aabbcc", [0] * 6, 90),
        ("aabbab", [0, 0, 0, 1, 1, 1], 9),
        ("aabccc", [0, 0, 0, 1, 1, 1], 3),
    ],
)
def test_small_tests_go_through_every_arrangement(
    groups: str, strata: list[int], arrangements: int
) -> None:
    values = [1.0, 2.0, 2.5, 4.0, 3.5, 7.0]
    effect = group_effect(values, list(groups), within=strata)
    assert (effect.exact, effect.arrangements) == (True, arrangements)
    assert effect.p == pytest.approx(p_by_hand(values, list(groups), strata), abs=1e-12)


def drawn(values: list[float], groups: list[int], seed: int, **options: Any) -> GroupEffect:
    rng = np.random.default_rng(seed)
    return group_effect(values, groups, rng=rng, largest_exact=1, **options)


def test_drawn_permutations_come_near_the_exact_ones_and_are_those_of_the_seed() -> None:
    values = [1.0, 2.0, 2.5, 4.0, 3.5, 7.0, 1.5, 6.0]
    groups = [0, 0, 0, 0, 1, 1, 1, 1]
    exact = group_effect(values, groups)
    found = drawn(values, groups, 7, draws=4999)
    assert exact.arrangements == 70
    assert found.p == pytest.approx(exact.p, abs=4 * math.sqrt(exact.p * (1 - exact.p) / 4999))
    assert drawn(values, groups, 7, draws=99) == drawn(values, groups, 7, draws=99)


def test_a_clerk_who_keys_otherwise_is_found_and_areas_are_not_blamed_on_him() -> None:
    rng = np.random.default_rng(3)
    clerks, areas = np.repeat(np.arange(6), 30), np.repeat([0, 1], 90)
    values = rng.normal(size=180) + 3 * areas  # areas differ, clerks do not
    plain = drawn(values.tolist(), clerks.tolist(), 5)
    within = drawn(values.tolist(), clerks.tolist(), 5, within=areas.tolist())
    assert plain.p == 0.001
    assert within.p > 0.05
    blamed = values + 1.5 * (clerks == 2)
    assert drawn(blamed.tolist(), clerks.tolist(), 5, within=areas.tolist()).p == 0.001


def test_under_chance_p_is_uniform_enough() -> None:
    rng = np.random.default_rng(11)
    found = [
        drawn(rng.normal(size=24).tolist(), np.repeat(np.arange(4), 6).tolist(), seed, draws=99).p
        for seed in range(300)
    ]
    assert np.mean(np.array(found) <= 0.1) == pytest.approx(0.1, abs=0.06)


def test_where_nothing_varies_there_is_no_effect_to_speak_of() -> None:
    effect = group_effect([4.0] * 6, list("aabbcc"))
    assert math.isnan(effect.icc)
    assert math.isnan(effect.p)


def test_what_cannot_be_tested_is_refused() -> None:
    with pytest.raises(ScoreError, match="never meet within one"):
        group_effect([1.0, 2.0, 3.0, 4.0], list("aabb"), within=[0, 0, 1, 1])
    with pytest.raises(ScoreError, match="never meet within one"):
        group_effect([1.0, 2.0], list("aa"))
    with pytest.raises(ScoreError, match="2 values, 1 groups"):
        group_effect([1.0, 2.0], ["a"])
    with pytest.raises(ScoreError, match=r"value 2 is nan \(1 of 3\)"):
        group_effect([1.0, math.nan, 2.0], list("aab"))
    with pytest.raises(ScoreError, match="give rng"):
        group_effect([float(n) for n in range(40)], list("ab") * 20)
