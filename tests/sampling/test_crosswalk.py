"""The frame of a new year: totals kept, lists carried, and every fault named at once."""

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import (
    CrosswalkError,
    Frame,
    FrameError,
    FrameStratum,
    Person,
    Selection,
    UncountedUnit,
    check_frame,
)
from sampling.crosswalk import (
    Crosswalk,
    CrosswalkFault,
    Succession,
    Successor,
    carry_over,
    check_crosswalk,
)
from sampling.crosswalk_lines import MESSAGES


def counted(
    unit: str, group: str, population: int, selection: Selection = Selection.POSITIONS
) -> FrameStratum:
    return FrameStratum(
        unit=unit, unit_group="cap_xa", group=group, population=population, selection=selection
    )


def listed(unit: str, *names: str) -> FrameStratum:
    people = tuple(Person(position=k, name=name) for k, name in enumerate(names, start=1))
    return FrameStratum(
        unit=unit,
        unit_group="cap_xa",
        group="LD",
        population=len(names),
        selection=Selection.LIST,
        people=people,
    )


def crosswalk(*lines: tuple[str, str, str]) -> Crosswalk:
    news = dict.fromkeys(new for _, new, _ in lines)
    return Crosswalk(
        successors=tuple(Successor(unit=new, unit_group="cap_xa") for new in news),
        lines=tuple(Succession.of(*line) for line in lines),
    )


def faults(walk: Crosswalk, frame: Frame) -> set[tuple[CrosswalkFault, str]]:
    return {(problem.code, problem.place) for problem in check_crosswalk(walk, frame)}


TWO = Frame(strata=(counted("XA01", "CC", 21), counted("XA02", "CC", 10)))


@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30)), min_size=1, max_size=6),
    st.lists(st.integers(1, 5), min_size=18, max_size=18),
)
def test_old_counts_are_kept_and_new_counts_are_rounded_sums(
    people: list[tuple[int, int]], parts: list[int]
) -> None:
    olds = [f"XA{row:02}" for row in range(len(people))]
    strata = [
        counted(unit, group, count)
        for unit, counts in zip(olds, people, strict=True)
        for group, count in zip(("LD", "CC"), counts, strict=True)
    ]
    lines = []
    for row, old in enumerate(olds):
        shares = parts[3 * row : 3 * row + 3]
        lines += [(old, f"XB{k}", f"{share}/{sum(shares)}") for k, share in enumerate(shares)]
    carried = carry_over(Frame(strata=tuple(strata)), crosswalk(*lines))
    by_old: dict[tuple[str, str], int] = defaultdict(int)
    exact: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for count in carried.counts:
        by_old[count.old, count.group] += count.people
        exact[count.new, count.group] += count.exact
        assert abs(count.people - count.exact) < 1
    assert by_old == {(one.unit, one.group): one.population for one in strata}
    for one in carried.frame.strata:
        assert abs(one.population - exact[one.unit, one.group]) < 1
    assert not check_frame(carried.frame)


def test_units_that_merge_put_their_people_and_lists_together() -> None:
    frame = Frame(strata=(listed("XA02", "Bùi Thị B"), listed("XA01", "An Văn A", "Cao Văn C")))
    carried = carry_over(frame, crosswalk(("XA01", "XA90", "1"), ("XA02", "XA90", "1")))
    (stratum,) = carried.frame.strata
    assert (stratum.unit, stratum.population, stratum.selection) == ("XA90", 3, Selection.LIST)
    assert [(one.position, one.name) for one in stratum.people] == [
        (1, "An Văn A"),
        (2, "Cao Văn C"),
        (3, "Bùi Thị B"),
    ]
    assert carried.lists_needed == ()


def test_a_divided_list_becomes_positions_and_is_asked_for_again() -> None:
    frame = Frame(strata=(listed("XA01", "An", "Bình", "Chi"),))
    carried = carry_over(frame, crosswalk(("XA01", "XA90", "1/3"), ("XA01", "XA91", "2/3")))
    found = [(one.unit, one.population, one.selection) for one in carried.frame.strata]
    assert found == [("XA90", 1, Selection.POSITIONS), ("XA91", 2, Selection.POSITIONS)]
    assert carried.lists_needed == (("XA90", "LD"), ("XA91", "LD"))


def test_a_picked_source_makes_the_new_stratum_picked() -> None:
    frame = Frame(strata=(counted("XA01", "LD", 5, Selection.PICKED), counted("XA02", "LD", 5)))
    carried = carry_over(frame, crosswalk(("XA01", "XA90", "1"), ("XA02", "XA90", "1")))
    assert carried.frame.strata[0].selection is Selection.PICKED


def test_units_that_no_line_names_stay_as_they_are() -> None:
    frame = Frame(
        strata=(*TWO.strata, listed("XA03", "An")),
        uncounted=(UncountedUnit(unit="XA04", unit_group="cap_xa"),),
    )
    carried = carry_over(frame, crosswalk(("XA01", "XA90", "1"), ("XA02", "XA90", "1")))
    assert frame.strata[2] in carried.frame.strata
    assert carried.frame.uncounted == frame.uncounted
    assert carried.frame.stratum("XA90", "CC").population == 31


def test_a_unit_that_goes_on_may_take_in_another() -> None:
    carried = carry_over(TWO, crosswalk(("XA01", "XA01", "1"), ("XA02", "XA01", "1")))
    assert [(one.unit, one.population) for one in carried.frame.strata] == [("XA01", 31)]


def test_uncounted_units_have_uncounted_successors() -> None:
    frame = Frame(strata=TWO.strata, uncounted=(UncountedUnit(unit="XA04", unit_group="cap_xa"),))
    carried = carry_over(frame, crosswalk(("XA04", "XA94", "1")))
    assert carried.frame.uncounted == (UncountedUnit(unit="XA94", unit_group="cap_xa"),)
    mixed = crosswalk(("XA04", "XA94", "1"), ("XA01", "XA94", "1"))
    assert faults(mixed, frame) == {(CrosswalkFault.PARTLY_COUNTED, "XA94")}


def test_thirds_written_as_fractions_make_one_and_as_decimals_do_not() -> None:
    lines = [("XA01", f"XA9{k}", "1/3") for k in range(3)]
    assert not check_crosswalk(crosswalk(*lines), TWO)
    lines = [("XA01", f"XA9{k}", "0.33") for k in range(3)]
    (problem,) = check_crosswalk(crosswalk(*lines), TWO)
    assert str(problem) == (
        "XA01: the shares of this unit add up to 99/100 in 3 line(s); they must make 1"
    )


def test_every_fault_is_listed_at_once() -> None:
    walk = Crosswalk(
        successors=(
            Successor(unit="XA90", unit_group="cap_xa"),
            Successor(unit="XA90", unit_group="cap_xa"),
            Successor(unit="XA95", unit_group="cap_xa"),
            Successor(unit=" ", unit_group="cap_xa"),
        ),
        lines=(
            Succession.of("XA01", "XA90", "3/2"),
            Succession.of("XA09", "XA91", "1"),
            Succession.of("XA02", "XA90", "1/2"),
            Succession.of("XA02", "XA90", "1/2"),
        ),
    )
    assert faults(walk, TWO) == {
        (CrosswalkFault.CODE_UNUSABLE, "' '"),
        (CrosswalkFault.SUCCESSOR_TWICE, "XA90"),
        (CrosswalkFault.SUCCESSOR_UNUSED, "XA95"),
        (CrosswalkFault.SUCCESSOR_UNUSED, " "),
        (CrosswalkFault.NEW_UNDECLARED, "XA91"),
        (CrosswalkFault.SHARE_OUT_OF_RANGE, "XA01 → XA90"),
        (CrosswalkFault.SHARES_NOT_ONE, "XA01"),
        (CrosswalkFault.LINE_TWICE, "XA02 → XA90"),
        (CrosswalkFault.OLD_UNKNOWN, "XA09"),
    }
    with pytest.raises(CrosswalkError, match=r"the crosswalk has 9 problem\(s\)"):
        carry_over(TWO, walk)


def test_every_fault_has_its_message() -> None:
    assert set(MESSAGES) == set(CrosswalkFault)


def test_codes_of_old_units_are_not_used_again() -> None:
    taken = crosswalk(("XA01", "XA02", "1"))
    assert faults(taken, TWO) == {(CrosswalkFault.CODE_TAKEN, "XA02")}
    reused = crosswalk(("XA01", "XA02", "1"), ("XA02", "XA90", "1"))
    assert faults(reused, TWO) == {(CrosswalkFault.CODE_REUSED, "XA02")}


def test_a_frame_with_problems_carries_nothing() -> None:
    with pytest.raises(FrameError):
        carry_over(Frame(strata=()), crosswalk(("XA01", "XA90", "1")))


@pytest.mark.parametrize("share", ["half", "1/0", ""])
def test_a_share_that_is_no_number_is_refused(share: str) -> None:
    with pytest.raises(ValueError, match="the share of XA01 that goes to XA90"):
        Succession.of("XA01", "XA90", share)


def test_decomposed_codes_are_the_same_codes() -> None:
    frame = Frame(strata=(counted("Xã01", "CC", 9),))
    carried = carry_over(frame, crosswalk(("Xã01", "XA90", "1")))
    assert [(one.unit, one.population) for one in carried.frame.strata] == [("XA90", 9)]


@pytest.mark.parametrize("people", [10**6 + 1, 10**9 + 7, 10**12 + 1])
def test_nobody_is_lost_among_billions(people: int) -> None:
    walk = crosswalk(("XA01", "XA90", "1/3"), ("XA01", "XA91", "1/3"), ("XA01", "XA92", "1/3"))
    carried = carry_over(Frame(strata=(counted("XA01", "CC", people),)), walk)
    assert sum(stratum.population for stratum in carried.frame.strata) == people
