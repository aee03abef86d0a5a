"""Controlled rounding: margins, nearness against every table, and expectations."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sampling import AllocationError
from sampling.allocation import controlled_rounding, unbiased_rounding
from sampling.streams import stream

Floats = NDArray[np.float64]


@st.composite
def tables(draw: st.DrawFn, largest: int = 5) -> Floats:
    rows, columns = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    parts = draw(st.sampled_from([2, 3, 4, 10]))
    cell = st.integers(0, 4 * parts)
    cells = draw(st.lists(cell, min_size=rows * columns, max_size=rows * columns))
    return np.array(cells, float).reshape(rows, columns) / parts


def is_controlled(table: Floats, rounded: NDArray[np.int64]) -> bool:
    pairs = [(table, rounded)] + [
        (table.sum(axis=axis), rounded.sum(axis=axis)) for axis in (0, 1, None)
    ]
    return all(np.all(np.abs(exact - whole) < 1 - 1e-9) for exact, whole in pairs)


@given(tables())
def test_cells_and_margins_go_to_a_neighbouring_whole_number(table: Floats) -> None:
    assert is_controlled(table, controlled_rounding(table))


@given(tables(), st.integers(0, 2**32))
def test_rounding_at_random_keeps_cells_and_margins_too(table: Floats, seed: int) -> None:
    assert is_controlled(table, unbiased_rounding(table, stream(seed)))


@settings(max_examples=50)
@given(tables(largest=3))
def test_no_controlled_table_is_nearer(table: Floats) -> None:
    floor = np.floor(table)
    steps = itertools.product(*((0, 1) if cell % 1 else (0,) for cell in table.ravel()))
    ways = (floor + np.array(step).reshape(table.shape) for step in steps)
    nearest = min(
        float(np.sum((way - table) ** 2)) for way in ways if is_controlled(table, way.astype(int))
    )
    found = float(np.sum((controlled_rounding(table) - table) ** 2))
    assert found == pytest.approx(nearest, abs=1e-4)


def test_a_table_of_whole_numbers_stays() -> None:
    table = [[3.0, 0.0], [7.0, 2.0000000000001]]
    assert controlled_rounding(table).tolist() == [[3, 0], [7, 2]]
    assert unbiased_rounding(table, stream(1)).tolist() == [[3, 0], [7, 2]]


def test_rows_that_are_whole_are_kept_to_the_last_person() -> None:
    table = np.array([[1 / 3, 1 / 3, 1 / 3], [0.1, 0.2, 0.7]]) * [[21], [13]]
    assert controlled_rounding(table).sum(axis=1).tolist() == [21, 13]


def test_rounding_at_random_is_right_on_average() -> None:
    table = np.array([[0.25, 0.5, 0.4], [0.75, 0.3, 0.6], [0.1, 0.9, 0.35]])
    draws = 4000
    rng = stream(7)
    mean = sum(unbiased_rounding(table, rng) for _ in range(draws)) / draws
    # Hoeffding: each of 9 cells strays further with a chance below 1e-6
    limit = math.sqrt(math.log(2 / 1e-6) / (2 * draws))
    assert np.abs(mean - table).max() < limit


def test_the_same_stream_rounds_alike() -> None:
    table = np.full((4, 5), 0.5)
    first, again = (unbiased_rounding(table, stream(3)) for _ in range(2))
    assert first.tolist() == again.tolist()


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(AllocationError, match=r"the table has the shape \(2,\)"):
        controlled_rounding([1.0, 2.0])
    with pytest.raises(AllocationError, match=r"row 0, column 1 is -1.0 \(1 of 2 cells\)"):
        unbiased_rounding([[1.0, -1.0]], stream(1))
