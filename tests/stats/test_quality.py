"""Response rates and signs of quality."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.errors import ScoreError
from stats.quality import (
    CaseCounts,
    eligible_population,
    identical_answers,
    is_straight_line,
    response_rates,
)

counts = st.integers(0, 50)


def test_rates_of_a_round_by_hand() -> None:
    rates = response_rates(
        CaseCounts(used=150, partial=6, refused=4, ineligible=10, not_reached=10)
    )
    assert rates.minimum == Fraction(150, 170)
    assert rates.with_partials == Fraction(156, 170)
    assert rates.estimated == Fraction(150) / (160 + Fraction(160, 170) * 10)
    assert rates.refusal == Fraction(4, 170)
    assert rates.contact == Fraction(160, 170)


def test_nobody_invited_has_no_rate() -> None:
    rates = response_rates(CaseCounts(used=0, refused=0, ineligible=0, not_reached=0))
    assert (rates.minimum, rates.estimated, rates.contact) == (None, None, None)


def test_a_negative_count_is_refused_by_name() -> None:
    with pytest.raises(ScoreError, match="refused must be 0 or more, not -1"):
        response_rates(CaseCounts(used=1, refused=-1, ineligible=0, not_reached=0))


@given(counts, counts, counts, counts, counts)
def test_rates_are_ordered_by_what_they_assume(
    used: int, partial: int, refused: int, ineligible: int, not_reached: int
) -> None:
    cases = CaseCounts(
        used=used, partial=partial, refused=refused, ineligible=ineligible, not_reached=not_reached
    )
    rates = response_rates(cases)
    assert cases.invited == used + partial + refused + ineligible + not_reached
    if rates.minimum is not None and rates.with_partials is not None:
        assert 0 <= rates.minimum <= rates.with_partials <= 1
        assert rates.estimated is None or rates.minimum <= rates.estimated


@pytest.mark.parametrize(("eligible", "known"), [(3, 2), (0, 0), (1, 41), (-1, 2)])
def test_impossible_eligibility_counts_are_refused(eligible: int, known: int) -> None:
    with pytest.raises(ScoreError, match="need 0 <= eligible <= known <= population"):
        eligible_population(40, eligible=eligible, known=known)


def test_ineligible_answers_shrink_the_population_in_proportion() -> None:
    assert eligible_population(40, eligible=8, known=9) == Fraction(320, 9)


def test_straight_lining_counts_the_most_frequent_code_only() -> None:
    assert is_straight_line(["3"] * 4 + ["5"] * 6, minimum=6)
    assert not is_straight_line(["3"] * 5 + ["5"] * 5, minimum=6)
    assert not is_straight_line([], minimum=1)


@given(st.lists(st.text("12", max_size=2), max_size=12), st.integers(1, 4))
def test_identical_answers_are_found_as_whole_sets(vectors: list[str], minimum: int) -> None:
    found = identical_answers(vectors, minimum=minimum)
    assert sorted(place for places in found for place in places) == [
        place for place, vector in enumerate(vectors) if vectors.count(vector) >= minimum
    ]
    assert all(len({vectors[place] for place in places}) == 1 for places in found)
