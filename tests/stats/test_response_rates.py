"""All outcome rates of the AAPOR definitions."""

from dataclasses import fields
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.errors import ScoreError
from stats.quality import CaseCounts, response_rates
from stats.response_rates import Dispositions, OutcomeRates, eligible_share, outcome_rates

COUNTS = Dispositions(
    complete=100, partial=10, refusal=20, non_contact=15, other=5, unknown=50, ineligible=25
)
few = st.integers(0, 40)
dispositions = st.builds(
    Dispositions,
    complete=few,
    partial=few,
    refusal=few,
    non_contact=few,
    other=few,
    unknown=few,
    ineligible=few,
)


def test_every_rate_by_hand() -> None:
    """E = 150 eligible; 150 of 175 known are eligible, so 300/7 of the 50 unknown are."""
    likely = Fraction(150) + Fraction(300, 7)
    assert outcome_rates(COUNTS) == OutcomeRates(
        e=Fraction(6, 7),
        rr1=Fraction(100, 200),
        rr2=Fraction(110, 200),
        rr3=100 / likely,
        rr4=110 / likely,
        rr5=Fraction(100, 150),
        rr6=Fraction(110, 150),
        coop1=Fraction(100, 135),
        coop2=Fraction(110, 135),
        coop3=Fraction(100, 130),
        coop4=Fraction(110, 130),
        ref1=Fraction(20, 200),
        ref2=20 / likely,
        ref3=Fraction(20, 150),
        con1=Fraction(135, 200),
        con2=135 / likely,
        con3=Fraction(135, 150),
    )
    assert COUNTS.cases == 225


def test_a_declared_share_of_eligible_is_used() -> None:
    rates = outcome_rates(COUNTS, e=Fraction(1, 2))
    assert (rates.e, rates.rr3) == (Fraction(1, 2), Fraction(100, 175))


@given(dispositions)
def test_the_share_of_eligible_joins_the_two_extremes(counts: Dispositions) -> None:
    all_eligible, none = (outcome_rates(counts, e=Fraction(e)) for e in (1, 0))
    assert (all_eligible.rr3, all_eligible.rr4) == (all_eligible.rr1, all_eligible.rr2)
    assert (none.rr3, none.rr4, none.ref2, none.con2) == (
        none.rr5,
        none.rr6,
        none.ref3,
        none.con3,
    )


@given(dispositions)
def test_rates_are_shares_and_ordered(counts: Dispositions) -> None:
    rates = outcome_rates(counts)
    found = [getattr(rates, field.name) for field in fields(rates)]
    assert all(rate is None or 0 <= rate <= 1 for rate in found)
    for low, middle, high in (
        (rates.rr1, rates.rr3, rates.rr5),
        (rates.rr2, rates.rr4, rates.rr6),
        (rates.ref1, rates.ref2, rates.ref3),
        (rates.con1, rates.con2, rates.con3),
    ):
        if low is not None and middle is not None and high is not None:
            assert low <= middle <= high
    if rates.con3 is not None and rates.coop1 is not None:
        assert rates.con3 * rates.coop1 == rates.rr5


@given(few, few, few, few, few)
def test_the_rates_of_a_round_are_the_same_ones(
    used: int, partial: int, refused: int, ineligible: int, not_reached: int
) -> None:
    known = response_rates(
        CaseCounts(
            used=used,
            partial=partial,
            refused=refused,
            ineligible=ineligible,
            not_reached=not_reached,
        )
    )
    counts = Dispositions(
        complete=used, partial=partial, refusal=refused, unknown=not_reached, ineligible=ineligible
    )
    rates = outcome_rates(counts)
    assert (known.minimum, known.with_partials) == (rates.rr1, rates.rr2)
    assert (known.refusal, known.contact) == (rates.ref1, rates.con1)
    if eligible_share(counts) is not None:
        assert known.estimated == rates.rr3


def test_without_known_cases_only_the_extreme_rates_are_given() -> None:
    rates = outcome_rates(Dispositions(complete=0, unknown=4))
    assert (rates.e, rates.rr1, rates.rr3, rates.rr5, rates.coop1) == (None, 0, None, None, None)


def test_negative_counts_are_refused_by_name() -> None:
    with pytest.raises(ScoreError, match="non_contact must be 0 or more, not -1"):
        outcome_rates(Dispositions(complete=1, non_contact=-1))


def test_a_share_beyond_one_is_refused() -> None:
    with pytest.raises(ScoreError, match="e is a share in"):
        outcome_rates(COUNTS, e=Fraction(3, 2))
