"""How probabilities are printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.errors import ScoreError
from stats.printed import PrintedKind, print_probabilities, print_probability


@given(st.floats(0, 1))
def test_what_is_printed_is_no_more_than_five_per_cent_off(probability: float) -> None:
    printed = print_probability(probability)
    match printed.kind:
        case PrintedKind.UNDER:
            assert (probability, printed.percent) < (0.05, 6)
        case PrintedKind.OVER:
            assert probability > 0.95
        case _:
            assert abs(printed.percent - 100 * probability) <= 5 + 1e-6
            assert printed.percent % 10 == 0
            assert 10 <= printed.percent <= 90


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_probability_is_never_printed_smaller(one: float, other: float) -> None:
    order = {PrintedKind.UNDER: 0, PrintedKind.ABOUT: 1, PrintedKind.OVER: 2}
    low, high = (print_probability(p) for p in sorted((one, other)))
    assert (order[low.kind], low.percent) <= (order[high.kind], high.percent)


def test_never_and_always_in_all_draws_are_not_printed_as_certain() -> None:
    assert [print_probability(p).text for p in (0.0, 1.0)] == ["under 5 %", "over 95 %"]
    assert [print_probability(p, certain=True).text for p in (0.0, 1.0)] == ["0 %", "100 %"]


def test_a_row_says_whether_it_adds_up() -> None:
    assert print_probabilities([0.3, 0.7])[1]
    assert not print_probabilities([0.25, 0.25, 0.5])[1]
    assert not print_probabilities([0.01, 0.99])[1]
    assert print_probabilities([0.0, 1.0], certain=True)[1]


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(ScoreError, match="a probability lies in"):
        print_probability(wrong)
