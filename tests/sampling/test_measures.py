"""Size measures: every fault with units and values, whole-number grids, the certainty rule."""

import unicodedata
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import DrawError, SizeError
from sampling.inclusion import Certainty, SizedFrame, pps_inclusion
from sampling.measures import SizeFault, certainty_rounds, check_sizes, whole_sizes

SIZES = st.lists(st.integers(1, 10**6), min_size=1, max_size=40)


def faults(sizes: object, size: int, **options: object) -> dict[SizeFault, tuple[str, ...]]:
    found = check_sizes(sizes, size, **options)  # type: ignore[arg-type]
    return {problem.fault: problem.units for problem in found}


def test_all_faults_are_listed_at_once_with_their_units() -> None:
    sizes = [3.0, 0.0, -1.0, np.nan, np.inf, 0.0, -2.5, 4.0]
    codes = ["A", "B", "C", "D", "E", "F", "G", "A"]
    assert faults(sizes, 3, codes=codes) == {
        SizeFault.SAME_CODE: ("A", "A"),
        SizeFault.NOT_A_NUMBER: ("D", "E"),
        SizeFault.NEGATIVE: ("C", "G"),
        SizeFault.ZERO: ("B", "F"),
        SizeFault.SAMPLE_OVER_FRAME: (),
    }


def test_a_problem_says_value_count_and_remedy() -> None:
    (problem,) = check_sizes([4, -1, -2], 1, codes=["SO01", "SO02", "SO03"])
    assert str(problem) == (
        "sizes are below 0 (2 of 3 units: SO02 has -1, SO03 has -2); "
        "correct the sizes in the unit register"
    )


def test_a_long_list_of_units_is_cut_in_the_message_but_not_in_the_problem() -> None:
    (problem,) = check_sizes([1] * 50 + [0] * 25, 10)
    assert "and 15 more" in str(problem)
    assert len(problem.units) == 25


@pytest.mark.parametrize(
    ("sizes", "size", "fault"),
    [
        ([1, 2], 0, SizeFault.SAMPLE_EMPTY),
        ([1, 2], -3, SizeFault.SAMPLE_EMPTY),
        ([1, 2], 3, SizeFault.SAMPLE_OVER_FRAME),
        ([], 1, SizeFault.SAMPLE_OVER_FRAME),
        ([2**62, 2**62], 1, SizeFault.TOO_LARGE),
        ([1.5, 1e-40], 1, SizeFault.TOO_SMALL),
        ([1, 0], 1, SizeFault.ZERO),
    ],
)
def test_single_faults(sizes: list[float], size: int, fault: SizeFault) -> None:
    assert list(faults(sizes, size)) == [fault]


def test_declared_zeros_pass_but_cannot_fill_a_sample() -> None:
    assert faults([5, 0, 3], 2, zeros=True) == {}
    assert list(faults([5, 0, 3], 3, zeros=True)) == [SizeFault.SAMPLE_OVER_FRAME]


def test_codes_that_do_not_fit_are_refused() -> None:
    assert list(faults([1, 2], 1, codes=["A"])) == [SizeFault.CODES_MISSING]


def test_codes_in_two_spellings_are_one_code() -> None:
    codes = [unicodedata.normalize(form, "Sở") for form in ("NFC", "NFD")]
    assert len(set(codes)) == 2
    assert list(faults([1, 2], 1, codes=codes)) == [SizeFault.SAME_CODE]


@given(SIZES)
def test_whole_sizes_stay_themselves_whatever_their_type(sizes: list[int]) -> None:
    for kind in (np.int64, np.float64, np.uint16 if max(sizes) < 2**16 else np.uint32):
        grid = whole_sizes(np.array(sizes, dtype=kind))
        assert (grid.sizes.tolist(), grid.total, grid.step) == (sizes, sum(sizes), 1.0)


@given(st.lists(st.floats(1e-3, 1e6), min_size=2, max_size=40), st.integers(-900, 900))
def test_other_sizes_keep_their_ratios_on_the_grid(sizes: list[float], power: int) -> None:
    values = np.ldexp(np.array([*sizes, 0.3]), power)
    grid = whole_sizes(values)
    assert grid.total == sum(grid.sizes.tolist()) < 2**62
    exact = [Fraction(value) for value in values.tolist()]
    for whole, value in zip(grid.sizes.tolist(), exact, strict=True):
        assert abs(Fraction(whole, grid.total) - value / sum(exact)) <= Fraction(42, 2**60)


def test_the_certainty_rule_is_applied_again_to_the_rest() -> None:
    rounds = certainty_rounds(whole_sizes(np.array([90, 9, 1, 1])), 3)
    assert [(round_.rows, round_.limit) for round_ in rounds] == [((0,), 101 / 3), ((1,), 5.5)]


def test_a_size_of_exactly_the_average_share_is_certain() -> None:
    assert certainty_rounds(whole_sizes(np.array([5, 3, 2])), 2)[0].rows == (0,)


@given(SIZES, st.data())
def test_inclusion_probabilities_add_up_and_stay_within_their_bounds(
    sizes: list[int], data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(sizes)))
    inclusion = pps_inclusion(SizedFrame(sizes=sizes), size)
    assert inclusion.probabilities.sum() == pytest.approx(size, rel=1e-12)
    assert ((inclusion.probabilities > 0) & (inclusion.probabilities <= 1)).all()
    assert set(np.flatnonzero(inclusion.probabilities == 1)) == set(inclusion.certain)
    order = np.argsort(sizes, kind="stable")
    assert (np.diff(inclusion.probabilities[order]) >= 0).all()


@given(SIZES, st.data())
def test_the_unit_of_measurement_and_the_order_change_no_probability(
    sizes: list[int], data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(sizes)))
    order = data.draw(st.permutations(range(len(sizes))))
    plain = pps_inclusion(SizedFrame(sizes=sizes), size).probabilities
    moved = pps_inclusion(SizedFrame(sizes=[sizes[row] * 1024 for row in order]), size)
    assert moved.probabilities.tolist() == plain[list(order)].tolist()


def test_units_over_a_refused_limit_are_named_with_their_sizes() -> None:
    frame = SizedFrame(sizes=[90, 9, 1, 1], codes=["A", "B", "C", "D"])
    with pytest.raises(SizeError, match=r"sizes reach 33\.6667.*1 of 4 units: A has 90") as caught:
        pps_inclusion(frame, 3, certainty=Certainty.REFUSE)
    assert [problem.fault for problem in caught.value.problems] == [SizeFault.OVER_CERTAINTY]


def test_a_refused_frame_is_a_draw_error_that_lists_every_problem() -> None:
    with pytest.raises(DrawError, match=r"2 problem\(s\), nothing was drawn"):
        pps_inclusion(SizedFrame(sizes=[1, -1, 0]), 1)


def test_the_report_says_who_is_certain_and_what_is_left() -> None:
    frame = SizedFrame(sizes=[90, 9, 1, 1], codes=["A", "B", "C", "D"])
    assert pps_inclusion(frame, 3).report(frame) == [
        "pass 1: sizes of 33.6667 or more are taken with certainty (1): A (90)",
        "pass 2: sizes of 5.5 or more are taken with certainty (1): B (9)",
        "the other 2 units share 1 draws",
    ]


def test_a_frame_without_certain_units_has_nothing_to_report() -> None:
    frame = SizedFrame(sizes=[2, 1, 1])
    assert pps_inclusion(frame, 1).report(frame) == []


def test_a_census_takes_everybody_with_certainty() -> None:
    inclusion = pps_inclusion(SizedFrame(sizes=[5, 1, 0, 3], zeros=True), 3)
    assert inclusion.probabilities.tolist() == [1, 1, 0, 1]
    assert inclusion.rest is None
