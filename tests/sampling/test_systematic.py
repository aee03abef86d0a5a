"""Systematic draws and the orders they walk along."""

import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import DrawError, Frame, FrameStratum, Quota, Selection, draw, verify
from sampling.listed import ListMethod, draw_listed, verify_listed
from sampling.plan import METHOD, SYSTEMATIC
from sampling.selection import draw_systematic, serpentine_order, systematic_places
from sampling.streams import stream


@given(st.integers(1, 60), st.data())
def test_over_all_starts_every_position_is_hit_equally_often(
    population: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, population))
    hits = Counter(
        int(place)
        for start in range(population)
        for place in systematic_places(population, size, start)
    )
    assert hits == Counter(dict.fromkeys(range(population), size))


@given(st.integers(1, 10**18), st.integers(1, 500), st.data())
def test_places_are_those_of_unbounded_whole_numbers(
    population: int, size: int, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, population - 1))
    expected = [(start + k * population) // size for k in range(size)]
    assert systematic_places(population, size, start).tolist() == expected


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 9), st.integers(0, 2**32))
def test_selected_positions_are_evenly_spaced_and_reserves_are_others(
    population: int, size: int, reserves: int, seed: int
) -> None:
    size = min(size, population)
    selected, reserve = draw_systematic(population, size, reserves, stream(seed))
    gaps = {after - before for before, after in pairwise(selected)}
    assert gaps <= {population // max(size, 1), -(-population // max(size, 1))}
    assert len({*selected, *reserve}) == size + min(reserves, population - size)
    assert {*selected, *reserve} <= set(range(1, population + 1))


def test_more_than_everybody_is_refused() -> None:
    with pytest.raises(DrawError, match="cannot draw 5 of 3"):
        draw_systematic(3, 5, 0, stream(1))


def test_a_serpentine_order_turns_at_the_end_of_each_group() -> None:
    order = serpentine_order("AABBCC", [1, 2, 1, 2, 1, 2])
    assert order == [0, 1, 3, 2, 4, 5]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))))
def test_a_serpentine_order_keeps_groups_together_and_neighbours_alike(
    rows: list[tuple[int, int, int]],
) -> None:
    keys = [list(key) for key in zip(*rows, strict=True)] or [[], [], []]
    order = serpentine_order(*keys)
    assert sorted(order) == list(range(len(rows)))
    walked = [rows[row] for row in order]
    for depth in (1, 2, 3):
        blocks = [row[:depth] for row in walked]
        changes = 1 + sum(a != b for a, b in pairwise(blocks)) if blocks else 0
        assert changes == len(set(blocks))


def test_keys_of_different_lengths_are_refused() -> None:
    with pytest.raises(DrawError, match=r"keys of \[2, 1\] rows"):
        serpentine_order([1, 2], [1])


FRAME = Frame(
    strata=(
        FrameStratum(
            unit="SO01",
            unit_group="cap_so",
            group="CC",
            population=40,
            selection=Selection.POSITIONS,
        ),
    )
)
QUOTAS = [Quota(unit_group="cap_so", group="CC", size=4)]


def test_a_systematic_plan_is_verified_and_its_method_cannot_be_renamed() -> None:
    plan = draw(FRAME, QUOTAS, seed=7, reserves=2, method=SYSTEMATIC)
    selected = plan.strata[0].selected
    assert {b - a for a, b in pairwise(selected)} == {10}
    assert verify(plan, FRAME, QUOTAS) is None
    simple = draw(FRAME, QUOTAS, seed=7, reserves=2)
    assert simple.method == METHOD
    assert simple.digest != plan.digest


def test_an_unknown_method_of_a_plan_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DrawError, match=f"'lottery'; it must be one of {METHOD}, {SYSTEMATIC}"):
        draw(FRAME, QUOTAS, seed=7, reserves=0, method="lottery")


def test_names_stand_in_vietnamese_order_in_either_spelling() -> None:
    names = ["Đồng Phú", "Bù Đốp", unicodedata.normalize("NFD", "Bù Đăng"), "Bù Đăng", "Chơn Thành"]
    assert serpentine_order(names) == [2, 3, 1, 4, 0]
    assert serpentine_order(names, [1, 2, 2, 1, 1]) == [3, 2, 1, 4, 0]


def test_a_coded_list_walked_along_in_another_order_is_named_as_such() -> None:
    codes = [f"X{k}" for k in range(9)]
    walked = draw_listed(codes, 3, method=ListMethod.SYSTEMATIC, seed=1).record
    difference = verify_listed(walked, codes[::-1])
    assert difference is not None
    assert difference.place == "order of the list"
    assert verify_listed(walked, codes) is None
    simple = draw_listed(codes, 3, method=ListMethod.SIMPLE, seed=1).record
    assert verify_listed(simple, codes[::-1]) is None
