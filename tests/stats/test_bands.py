"""Rounding, bands and ranks."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.index import (
    Band,
    BandFault,
    ScoreError,
    TieRule,
    band_of,
    check_bands,
    rank,
    rescale_without_survey,
    round_half_up,
)


def band(code: str, text: str) -> Band:
    """Read a band written as mathematicians do: ``[85,95)``; an empty end is open."""
    lower, upper = text[1:-1].split(",")
    return Band(
        code=code,
        label=code,
        lower=Decimal(lower) if lower else None,
        lower_closed=text[0] == "[",
        upper=Decimal(upper) if upper else None,
        upper_closed=text[-1] == "]",
    )


def bands(*texts: str) -> list[Band]:
    return [band(f"b{number}", text) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        (("[85,95)", "[95,100]", "(,85)"), []),
        (("[85,95)", "(95,100]"), [BandFault.GAP]),
        (("[85,94]", "[95,100]"), [BandFault.GAP]),
        (("[85,95]", "[95,100]"), [BandFault.OVERLAP]),
        (("[85,96)", "[95,100]"), [BandFault.OVERLAP]),
        (("[85,)", "[95,100]"), [BandFault.OVERLAP]),
        (("[85,95)", "(,95]"), [BandFault.OVERLAP]),
        (("(85,85]",), [BandFault.EMPTY]),
        (("[95,85]",), [BandFault.EMPTY]),
        (("[85,85]", "(85,90]"), []),
    ],
)
def test_gaps_overlaps_and_empty_bands_are_listed(
    texts: tuple[str, ...], faults: list[BandFault]
) -> None:
    assert [problem.fault for problem in check_bands(bands(*texts))] == faults


def test_a_gap_names_both_bands_and_the_missing_value() -> None:
    (problem,) = check_bands(bands("[85,95)", "(95,100]"))
    assert (problem.codes, problem.at) == (("b0", "b1"), Decimal(95))


def test_a_repeated_code_is_listed() -> None:
    found = check_bands([band("x", "[0,1)"), band("x", "[1,2]")])
    assert [problem.fault for problem in found] == [BandFault.REPEATED_CODE]


def test_a_value_outside_every_band_is_refused_with_it() -> None:
    with pytest.raises(ScoreError, match=r"value 100.5 lies in 0 bands"):
        band_of(Decimal("100.5"), bands("[85,95)", "[95,100]"))


def test_floats_are_refused_because_the_half_is_already_lost() -> None:
    with pytest.raises(ScoreError, match=r"exact value expected, not 84\.945"):
        round_half_up(84.945, 2)  # type: ignore[arg-type]


def test_negative_halves_round_away_from_zero() -> None:
    assert str(round_half_up(Decimal("-0.005"), 2)) == "-0.01"


@given(st.decimals(-1000, 1000, places=6), st.integers(0, 5))
def test_rounding_agrees_with_decimals_own_half_up(value: Decimal, places: int) -> None:
    expected = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    assert round_half_up(value, places) == expected
    assert round_half_up(Fraction(value), places) == expected


ENDS = st.lists(st.integers(0, 100), min_size=2, max_size=6, unique=True).map(sorted)


@given(ENDS, st.fractions(0, 100))
def test_sound_bands_hold_every_value_between_their_ends_once(
    ends: list[int], value: Fraction
) -> None:
    made = bands(*(f"[{low},{high})" for low, high in pairwise(ends)))
    assert check_bands(made) == []
    inside = ends[0] <= value < ends[-1]
    assert sum(one.holds(value) for one in made) == inside


VALUES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2), st.none() | st.decimals(0, 22, places=1)
)


@given(VALUES)
def test_a_rank_is_one_plus_the_number_of_better_values(values: dict[str, Decimal | None]) -> None:
    ranks = rank(values)
    present = {name: value for name, value in values.items() if value is not None}
    assert {name for name, place in ranks.items() if place is None} == values.keys() - present
    for name, value in present.items():
        assert ranks[name] == 1 + sum(other > value for other in present.values())


@given(VALUES)
def test_dense_ranks_leave_no_place_out(values: dict[str, Decimal | None]) -> None:
    places = {place for place in rank(values, TieRule.DENSE).values() if place is not None}
    assert places == set(range(1, len(places) + 1))


def test_rescaling_beyond_the_maximum_is_refused() -> None:
    with pytest.raises(ScoreError, match="71 do not lie in 0 … 70"):
        rescale_without_survey(Decimal(71), Decimal(70))
