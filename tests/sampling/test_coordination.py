"""Permanent random numbers: stability, overlap, frequencies, records."""

import dataclasses
import math
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import DrawError
from sampling.coordination import (
    Coordination,
    Start,
    draw_coordinated,
    draw_poisson,
    expected_overlap,
    permanent_numbers,
    response_burden,
    shift_for_overlap,
    verify_coordinated,
)
from sampling.pps import SizedFrame
from sampling.streams import uniform_integers
from tests.sampling.binomial import binomial_limits

CODES = [f"SO{k:02}" for k in range(40)]
FRAME = SizedFrame(sizes=[3 + k % 7 for k in range(40)], codes=CODES)
CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_a_unit_keeps_its_number_whoever_stands_beside_it() -> None:
    alone = permanent_numbers(["SO07"], seed=2022)[0]
    assert permanent_numbers(CODES, seed=2022)[7] == alone
    assert permanent_numbers(["SO07"], seed=2023)[0] != alone


def test_a_unit_keeps_its_number_in_decomposed_spelling() -> None:
    first, second = (
        permanent_numbers([unicodedata.normalize(form, "Sở-Ế")], seed=1)[0]
        for form in ("NFC", "NFD")
    )
    assert first == second


def test_a_code_that_stands_twice_is_refused() -> None:
    with pytest.raises(DrawError, match=r"1 of 2 codes stand more than once: \['A'\]"):
        permanent_numbers(["A", "B", "A"], seed=1)


def test_permanent_numbers_look_uniform() -> None:
    numbers = permanent_numbers([f"X{k}" for k in range(4000)], seed=5)
    low, high = binomial_limits(4000, 0.1, 0.001 / 20)
    counts = np.bincount(numbers * 10 // 2**53, minlength=10)
    assert low <= counts.min() <= counts.max() <= high


@given(
    st.sampled_from(list(Coordination)),
    st.permutations(range(40)),
    st.integers(0, 2**63 - 1),
    st.floats(0, 1, exclude_max=True),
)
def test_sorting_the_frame_anew_changes_nothing(
    method: Coordination, order: list[int], seed: int, start: float
) -> None:
    moved = SizedFrame(
        sizes=[np.asarray(FRAME.sizes)[row] for row in order], codes=[CODES[row] for row in order]
    )
    begin = Start.at(start)
    first = draw_coordinated(FRAME, 9, method=method, seed=seed, start=begin)
    second = draw_coordinated(moved, 9, method=method, seed=seed, start=begin)
    assert first.record == second.record
    assert [moved.name(row) for row in second.rows.tolist()] == list(second.record.selected)


@given(st.integers(0, 2**63 - 1), st.integers(1, 40))
def test_ranked_samples_have_their_size(seed: int, size: int) -> None:
    for method in (Coordination.SEQUENTIAL_POISSON, Coordination.PARETO):
        assert len(draw_coordinated(FRAME, size, method=method, seed=seed).rows) == size


def test_certain_units_are_drawn_from_every_start() -> None:
    frame = SizedFrame(sizes=[90, 2, 1, 1, 0], codes=CODES[:5], zeros=True)
    for method in Coordination:
        for start in (0.0, 0.3, 0.999):
            sample = draw_coordinated(frame, 2, method=method, seed=3, start=Start.at(start))
            assert "SO00" in sample.record.selected
            assert "SO04" not in sample.record.selected


def test_a_new_unit_pushes_out_at_most_one_of_a_ranked_sample_of_equal_sizes() -> None:
    grown = SizedFrame(sizes=[1] * 41, codes=[*CODES, "MOI"])
    same = SizedFrame(sizes=[1] * 40, codes=CODES)
    for seed in range(20):
        before, after = (
            set(
                draw_coordinated(
                    frame, 10, method=Coordination.SEQUENTIAL_POISSON, seed=seed
                ).record.selected
            )
            for frame in (same, grown)
        )
        assert len(before - after) <= 1


def test_starting_where_last_year_ended_asks_nobody_again() -> None:
    frame = SizedFrame(sizes=[1] * 40, codes=CODES)
    for seed in range(20):
        years = [
            set(
                draw_coordinated(
                    frame, 10, method=Coordination.POISSON, seed=seed, start=Start.at(start)
                ).record.selected
            )
            for start in (0.0, 0.25, 0.5, 0.75)
        ]
        assert sum(len(year) for year in years) == len(set().union(*years)) == 40


def test_the_same_start_asks_the_same_units_again() -> None:
    first, second = (
        draw_coordinated(FRAME, size, method=Coordination.SEQUENTIAL_POISSON, seed=8)
        for size in (8, 12)
    )
    assert set(first.record.selected) < set(second.record.selected)


@given(CHANCES, st.data(), st.floats(0, 1, exclude_max=True))
def test_the_expected_overlap_is_the_length_of_common_arcs(
    first: list[float], data: st.DataObject, shift: float
) -> None:
    second = [data.draw(st.floats(0, 1)) for _ in first]
    points = (np.arange(2000) + 0.5) / 2000
    common = sum(
        float(((points < one) & ((points - shift) % 1 < two)).mean())
        for one, two in zip(first, second, strict=True)
    )
    overlap = expected_overlap(first, second, shift=Start.at(shift))
    assert overlap == pytest.approx(common, abs=0.002 * len(first))


@given(CHANCES, st.data(), st.floats(0, 1))
def test_a_shift_is_found_for_every_overlap_that_is_possible(
    first: list[float], data: st.DataObject, share: float
) -> None:
    second = [data.draw(st.floats(0, 1)) for _ in first]
    corners = [0.0, *first, *(1 - two for two in second)]
    possible = [
        expected_overlap(first, second, shift=Start.at(min(corner, 1 - 2**-53)))
        for corner in corners
    ]
    most = math.fsum(min(pair) for pair in zip(first, second, strict=True))
    wanted = min(possible) + share * (most - min(possible))
    shift = shift_for_overlap(first, second, overlap=wanted)
    assert expected_overlap(first, second, shift=shift) == pytest.approx(wanted, abs=1e-6)


def test_an_overlap_out_of_reach_is_refused_with_what_is_possible() -> None:
    with pytest.raises(DrawError, match=r"5 units is asked; these probabilities allow 0 to 2;"):
        shift_for_overlap([0.25] * 8, [0.25] * 8, overlap=5)
    with pytest.raises(DrawError, match=r"1 units is asked.* allow 4 to 6;"):
        shift_for_overlap([0.75] * 8, [0.75] * 8, overlap=1)


def test_the_overlap_that_a_shift_promises_is_met_on_average() -> None:
    codes = [f"X{k}" for k in range(2500)]
    numbers = permanent_numbers(codes, seed=11)
    chances = np.full(2500, 0.4)
    shift = shift_for_overlap(chances, chances, overlap=250)
    first = draw_poisson(chances, numbers, start=Start())
    second = draw_poisson(chances, numbers, start=shift)
    low, high = binomial_limits(2500, 0.1, 0.0005)
    assert low <= int((first & second).sum()) <= high


def test_poisson_with_whole_chances_is_no_lottery() -> None:
    numbers = uniform_integers(3, np.random.Generator(np.random.PCG64(1)))
    assert draw_poisson([0.0, 1.0, 1.0], numbers, start=Start()).tolist() == [False, True, True]


def test_chances_outside_0_to_1_are_named_with_row_and_count() -> None:
    numbers = uniform_integers(3, np.random.Generator(np.random.PCG64(1)))
    with pytest.raises(DrawError, match=r"row 1 has the probability 1\.5 \(2 of 3 rows"):
        draw_poisson([0.5, 1.5, math.nan], numbers, start=Start())
    with pytest.raises(DrawError, match="2 probabilities stand beside 3 units"):
        draw_poisson([0.5, 0.5], numbers, start=Start())


@pytest.mark.parametrize("fraction", [-0.1, 1.0, math.nan])
def test_a_start_outside_the_circle_is_refused(fraction: float) -> None:
    with pytest.raises(DrawError, match="the starting point is"):
        Start.at(fraction)


def test_a_frame_without_codes_has_no_permanent_numbers() -> None:
    with pytest.raises(DrawError, match="the frame has no codes"):
        draw_coordinated(SizedFrame(sizes=[1, 2]), 1, method=Coordination.PARETO, seed=1)


@pytest.mark.parametrize("method", Coordination)
def test_a_record_verifies_and_names_a_changed_unit(method: Coordination) -> None:
    record = draw_coordinated(FRAME, 9, method=method, seed=4, start=Start.at(0.3)).record
    assert verify_coordinated(record, FRAME) is None
    forged = dataclasses.replace(record, selected=("SO99", *record.selected[1:]))
    difference = verify_coordinated(forged, FRAME)
    assert difference is not None
    assert (difference.place, difference.found) == ("selected[0]", "'SO99'")


def test_a_record_of_another_method_is_refused() -> None:
    record = draw_coordinated(FRAME, 9, method=Coordination.PARETO, seed=4).record
    with pytest.raises(DrawError, match="is no method of permanent random numbers"):
        verify_coordinated(dataclasses.replace(record, method="cube"), FRAME)


def test_burden_counts_each_sample_once_and_puts_the_burdened_first() -> None:
    burden = response_burden([["B", "A", "A"], ["B"], ["C", "B"]])
    assert list(burden.items()) == [("B", 3), ("A", 1), ("C", 1)]
