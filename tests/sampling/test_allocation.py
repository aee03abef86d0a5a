"""Quotas against head counts: bounds, sums, shortfalls, and quotas that cannot be met."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import (
    Frame,
    FrameStratum,
    NoQuota,
    Quota,
    QuotaError,
    Selection,
    UncountedUnit,
    allocate,
)

QUOTAS = [
    Quota(unit_group="cap_so", group="LD", size=5),
    Quota(unit_group="cap_so", group="CC", size=4),
    Quota(unit_group="cap_huyen", group="LD", size=12),
    Quota(unit_group="cap_huyen", group="CC", size=5),
]


def stratum(unit: str, group: str, population: int, unit_group: str = "cap_so") -> FrameStratum:
    return FrameStratum(
        unit=unit,
        unit_group=unit_group,
        group=group,
        population=population,
        selection=Selection.POSITIONS,
    )


def unit(code: str, leaders: int, officials: int, unit_group: str = "cap_so") -> list[FrameStratum]:
    return [stratum(code, "LD", leaders, unit_group), stratum(code, "CC", officials, unit_group)]


def departments(*counts: tuple[int, int]) -> Frame:
    strata = [
        part
        for k, (leaders, officials) in enumerate(counts)
        for part in unit(f"SO{k}", leaders, officials)
    ]
    return Frame(strata=tuple(strata))


counts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8)


def test_twenty_departments_and_eleven_districts_plan_180_and_187_of_367() -> None:
    strata = [part for k in range(20) for part in unit(f"SO{k:02}", 9, 30)]
    strata += [part for k in range(11) for part in unit(f"HU{k:02}", 30, 60, "cap_huyen")]
    allocation = allocate(Frame(strata=tuple(strata)), QUOTAS)
    totals = allocation.totals()
    assert {name: (total.units, total.planned) for name, total in totals.items()} == {
        "cap_huyen": (11, 187),
        "cap_so": (20, 180),
    }
    assert (allocation.total().planned, allocation.total().shortfall) == (367, 0)


def test_a_small_stratum_is_taken_whole_and_never_topped_up_from_the_other_group() -> None:
    allocation = allocate(departments((2, 40)), QUOTAS[:2])
    assert [(s.group, s.planned, s.size, s.shortfall) for s in allocation.strata] == [
        ("CC", 4, 4, 0),
        ("LD", 5, 2, 3),
    ]


def test_a_stratum_of_nobody_is_recorded() -> None:
    (leaders,) = allocate(Frame(strata=(stratum("SO01", "LD", 0),)), QUOTAS[:1]).strata
    assert (leaders.size, leaders.shortfall) == (0, 5)


def test_exactly_the_quota_has_no_shortfall() -> None:
    assert allocate(departments((5, 4)), QUOTAS[:2]).total().shortfall == 0


@given(counts)
def test_sizes_stay_within_population_and_plan_and_add_up(counts: list[tuple[int, int]]) -> None:
    allocation = allocate(departments(*counts), QUOTAS[:2])
    assert all(0 <= s.size <= min(s.population, s.planned) for s in allocation.strata)
    assert all(s.size + s.shortfall == s.planned for s in allocation.strata)
    total = allocation.total()
    assert total.size + total.shortfall == total.planned == 9 * len(counts)
    assert total.population == sum(map(sum, counts))


@given(st.permutations(range(6)), st.permutations(range(2)))
def test_the_order_of_frame_and_quotas_changes_nothing(order: list[int], quotas: list[int]) -> None:
    frame = departments((3, 9), (9, 2), (5, 4))
    shuffled = Frame(strata=tuple(frame.strata[k] for k in order))
    assert allocate(shuffled, [QUOTAS[k] for k in quotas]) == allocate(frame, QUOTAS[:2])


def test_units_without_head_counts_are_listed_with_no_quota() -> None:
    frame = Frame(
        strata=tuple(unit("SO01", 9, 30)),
        uncounted=(UncountedUnit(unit="XA001", unit_group="cap_xa"),),
    )
    assert allocate(frame, QUOTAS[:2]).without_quota == (
        NoQuota(unit="XA001", unit_group="cap_xa", group=None),
    )


def test_strata_that_no_quota_asks_are_listed_and_get_no_size() -> None:
    frame = Frame(strata=(*unit("SO01", 9, 30), stratum("SO01", "HD", 7)))
    allocation = allocate(frame, QUOTAS[:2])
    assert allocation.without_quota == (NoQuota(unit="SO01", unit_group="cap_so", group="HD"),)
    assert [s.group for s in allocation.strata] == ["CC", "LD"]


def test_a_quota_given_twice_is_refused() -> None:
    with pytest.raises(QuotaError, match="cap_so/LD is given 2 times among 3 quotas"):
        allocate(departments((9, 9)), [*QUOTAS[:2], QUOTAS[0]])


def test_a_negative_quota_is_refused() -> None:
    with pytest.raises(QuotaError, match="cap_so/LD is -1"):
        allocate(departments((9, 9)), [Quota(unit_group="cap_so", group="LD", size=-1)])


def test_a_quota_that_meets_no_unit_names_the_known_unit_groups() -> None:
    with pytest.raises(QuotaError, match=r"cap_tinh/LD meets no unit; .*: cap_so;"):
        allocate(departments((9, 9)), [Quota(unit_group="cap_tinh", group="LD", size=1)])


def test_a_unit_without_the_stratum_of_its_quota_is_named() -> None:
    frame = Frame(strata=(*unit("SO01", 9, 30), stratum("SO02", "LD", 9)))
    with pytest.raises(QuotaError, match=r"1 of 2 units of cap_so .* group CC \(first: SO02\)"):
        allocate(frame, QUOTAS[:2])


def test_a_quota_for_uncounted_units_is_refused() -> None:
    frame = Frame(strata=(), uncounted=(UncountedUnit(unit="XA001", unit_group="cap_xa"),))
    with pytest.raises(QuotaError, match="first: XA001"):
        allocate(frame, [Quota(unit_group="cap_xa", group="LD", size=1)])


@pytest.mark.parametrize("size", [float("nan"), 2.5, True])
def test_a_quota_that_is_no_whole_number_is_refused(size: float) -> None:
    small = FrameStratum(
        unit="SO01", unit_group="cap_so", group="LD", population=3, selection=Selection.POSITIONS
    )
    quota = Quota(unit_group="cap_so", group="LD", size=size)  # type: ignore[arg-type]
    with pytest.raises(QuotaError, match=f"is {size}; it must be a whole number from 0"):
        allocate(Frame(strata=(small,)), [quota])
