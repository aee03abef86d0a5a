"""Alternatives side by side: sums, half-widths and sizes that cannot be."""

import math

import pytest

from sampling import AllocationError, implied_error
from sampling.allocation import PlanningStrata, compare
from sampling.sizes import Quantile, stratified_half_width

STRATA = PlanningStrata.of(
    [("SO01", "LD"), ("SO01", "CC"), ("SO02", "LD"), ("SO02", "CC")],
    [8, 40, 5, 55],
    deviation=[1.5, 3.4, 1.5, 3.4],
    cost=[50.0, 40.0, 50.0, 60.0],
)


def test_each_alternative_has_its_size_cost_and_half_widths() -> None:
    (quota,) = compare({"5 + 4": [5, 4, 5, 4]}, STRATA)
    assert (quota.name, quota.size, quota.cost) == ("5 + 4", 18, 5 * 100 + 4 * 100)
    first, second = quota.units
    assert first.half_width == stratified_half_width([(8, 5, 1.5), (40, 4, 3.4)])
    assert second.half_width == stratified_half_width([(5, 5, 1.5), (55, 4, 3.4)])
    everybody = [(8, 5, 1.5), (40, 4, 3.4), (5, 5, 1.5), (55, 4, 3.4)]
    assert quota.half_width == stratified_half_width(everybody)
    assert quota.widest == second
    assert quota.mean_unit_half_width == (first.half_width + second.half_width) / 2


def test_nine_of_sixty_shows_slovins_own_error() -> None:
    (quota,) = compare({"5 + 4": [5, 4, 5, 4]}, STRATA)
    assert round(quota.units[1].slovin_error, 4) == 0.3073
    assert quota.units[0].slovin_error == pytest.approx(implied_error(9, 48))


def test_more_answers_narrow_every_interval() -> None:
    less, more = compare({"less": [5, 4, 5, 4], "more": [5, 9, 5, 9]}, STRATA)
    assert more.half_width < less.half_width
    pairs = zip(more.units, less.units, strict=True)
    assert all(one.half_width < other.half_width for one, other in pairs)


def test_one_answer_in_a_group_promises_no_interval() -> None:
    (thin,) = compare({"thin": [1, 4, 5, 4]}, STRATA)
    assert math.isinf(thin.units[0].half_width)
    assert thin.widest.unit == "SO01"
    (normal,) = compare({"thin": [1, 4, 5, 4]}, STRATA, quantile=Quantile.NORMAL)
    assert math.isfinite(normal.units[0].half_width)


def test_a_unit_of_nobody_or_unasked_promises_no_interval() -> None:
    strata = PlanningStrata.of([("A", "LD"), ("B", "LD")], [0, 9], deviation=[1.0, 1.0])
    (plan,) = compare({"some": [0, 4]}, strata)
    assert math.isinf(plan.units[0].half_width)
    assert math.isinf(plan.units[0].slovin_error)
    assert math.isfinite(plan.half_width)


def test_sizes_that_cannot_be_asked_are_refused_with_their_stratum() -> None:
    with pytest.raises(AllocationError, match=r"SO02/LD has a size of 6 of 5 people \(1 of 4"):
        compare({"much": [5, 4, 6, 4]}, STRATA)
    with pytest.raises(AllocationError, match=r"SO01/LD has a size of 4.5"):
        compare({"half": [4.5, 4, 5, 4]}, STRATA)
    with pytest.raises(AllocationError, match="short has the shape"):
        compare({"short": [4]}, STRATA)


def test_strata_given_twice_or_without_a_count_are_refused() -> None:
    with pytest.raises(AllocationError, match="stratum A/LD is given more than once"):
        PlanningStrata.of([("A", "LD"), ("A", "LD")], [1, 2], deviation=[1, 1])
    with pytest.raises(AllocationError, match="1 strata are named, 2 have a head count"):
        PlanningStrata.of([("A", "LD")], [1, 2], deviation=[1, 1])
