"""Pairs of forms with nearly the same answers."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.errors import ScoreError, VariableError
from stats.near_duplicates import BLOCK, near_duplicates

answers = st.sampled_from(["1", "2", "3", None])


def by_hand(
    forms: list[list[str | None]], threshold: float, minimum: int
) -> list[tuple[int, int, int, int]]:
    """Compare every pair, item by item."""
    found = []
    for (i, one), (j, other) in combinations(enumerate(forms), 2):
        both = [(a, b) for a, b in zip(one, other, strict=True) if None not in (a, b)]
        alike = sum(a == b for a, b in both)
        if len(both) >= minimum and alike / len(both) >= threshold:
            found.append((i, j, len(both), alike))
    return sorted(found, key=lambda pair: (-pair[3] / pair[2], -pair[2], pair[0], pair[1]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(answers, min_size=4, max_size=4), min_size=1, max_size=12),
    st.sampled_from([0.5, 0.75, 1.0]),
    st.integers(1, 4),
)
def test_pairs_are_those_found_item_by_item(
    forms: list[list[str | None]], threshold: float, minimum: int
) -> None:
    found = near_duplicates(pd.DataFrame(forms, dtype=object), threshold=threshold, minimum=minimum)
    pairs = [(pair.first, pair.second, pair.shared, pair.alike) for pair in found.pairs]
    assert pairs == by_hand(forms, threshold, minimum)
    assert found.count == len(pairs)


def test_pairs_are_found_within_and_across_blocks() -> None:
    rng = np.random.default_rng(20241120)
    codes = rng.integers(1, 6, (2 * BLOCK + 9, 40)).astype(float)
    planted = [(3, 5), (7, BLOCK + 1), (BLOCK - 1, 2 * BLOCK + 8), (2 * BLOCK, 2 * BLOCK + 7)]
    for first, second in planted:
        codes[second] = codes[first]
        codes[second, :2] = codes[first, :2] % 5 + 1  # 38 of 40 alike
    found = near_duplicates(pd.DataFrame(codes), threshold=0.9)
    assert [(pair.first, pair.second) for pair in found.pairs] == planted
    assert {(pair.shared, pair.alike) for pair in found.pairs} == {(40, 38)}
    for first, second in planted:
        assert found.nearest[[first, second]].tolist() == pytest.approx([0.95, 0.95])
    assert np.median(found.nearest) < 0.6


def test_only_the_closest_are_listed_and_all_are_counted() -> None:
    codes = np.ones((60, 20))
    codes[1, 0] = 2
    found = near_duplicates(pd.DataFrame(codes), most=5)
    assert (len(found.pairs), found.count) == (5, 60 * 59 // 2)
    assert {pair.match for pair in found.pairs} == {1.0}
    assert found.nearest.min() == 0.95


def test_a_match_of_exactly_the_threshold_counts() -> None:
    codes = np.ones((2, 20))
    codes[1, :3] = 2
    assert near_duplicates(pd.DataFrame(codes), threshold=0.85).pairs[0].match == 0.85


def test_missing_answers_match_nothing_and_few_shared_items_judge_nothing() -> None:
    forms = pd.DataFrame({"a": [1, 1, np.nan], "b": [np.nan, np.nan, np.nan], "c": [2, 2, 2]})
    found = near_duplicates(forms, minimum=2)
    assert [(pair.first, pair.second, pair.shared) for pair in found.pairs] == [(0, 1, 2)]
    assert math.isnan(found.nearest[2])


def test_settings_out_of_range_are_refused() -> None:
    forms = pd.DataFrame({"a": [1, 1]})
    for options in ({"threshold": 0.0}, {"minimum": 0}, {"most": 0}):
        with pytest.raises(ScoreError, match="need 0 < threshold"):
            near_duplicates(forms, **options)
    with pytest.raises(VariableError, match="0 forms"):
        near_duplicates(forms.iloc[:0])
