"""The plan: golden draw, independence of strata, round trip, verification."""

import dataclasses
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import (
    DrawError,
    Frame,
    FrameError,
    FrameStratum,
    Person,
    Plan,
    PlanError,
    Quota,
    QuotaError,
    Selection,
    UncountedUnit,
    draw,
    verify,
)
from sampling.plan import SYSTEMATIC

GOLDEN = Path(__file__).parents[1] / "golden" / "draw" / "expected.json"
QUOTAS = [
    Quota(unit_group="cap_so", group="LD", size=5),
    Quota(unit_group="cap_so", group="CC", size=4),
]


def stratum(
    unit: str, group: str, population: int, selection: Selection = Selection.POSITIONS
) -> FrameStratum:
    people = tuple(
        Person(position=position, name=f"Người {unit} {group} {position}")
        for position in range(1, population + 1)
    )
    return FrameStratum(
        unit=unit,
        unit_group="cap_so",
        group=group,
        population=population,
        selection=selection,
        people=people if selection is Selection.LIST else (),
    )


def a_frame(units: int = 4) -> Frame:
    strata = []
    for k in range(units):
        way = (Selection.POSITIONS, Selection.LIST, Selection.PICKED)[k % 3]
        strata += [stratum(f"SO{k:02}", "LD", 8 + k, way), stratum(f"SO{k:02}", "CC", 30 + k, way)]
    return Frame(strata=tuple(strata), uncounted=(UncountedUnit(unit="XA1", unit_group="cap_xa"),))


FRAME = a_frame()
PLAN = draw(FRAME, QUOTAS, seed=2022, reserves=2)


def change(plan: Plan, row: int, **fields: Any) -> Plan:
    strata = list(plan.strata)
    strata[row] = dataclasses.replace(strata[row], **fields)
    return dataclasses.replace(plan, strata=tuple(strata))


@pytest.mark.parametrize("case", json.loads(GOLDEN.read_text(encoding="utf-8")))
def test_the_golden_draw_is_met_exactly(case: dict[str, Any]) -> None:
    sizes = {(s["unit"], s["group"]): s["size"] for s in case["strata"]}
    # One unit group per stratum, so that each size of the case is a quota of its own.
    strata = [stratum(s["unit"], s["group"], s["population"]) for s in case["strata"]]
    frame = Frame(strata=tuple(dataclasses.replace(s, unit_group=s.unit) for s in strata))
    quotas = [Quota(unit_group=u, group=g, size=size) for (u, g), size in sizes.items()]
    plan = draw(frame, quotas, seed=case["seed"], reserves=case["reserves"])
    drawn = {(s.unit, s.group): [list(s.selected), list(s.reserve)] for s in plan.strata}
    assert drawn == {(s["unit"], s["group"]): [s["selected"], s["reserve"]] for s in case["strata"]}


def test_the_digest_of_a_plan_is_pinned() -> None:
    assert PLAN.digest == "19fcb6c766eb4da156854fce71cbde6e20185f610062b516e456f56b6f77f6a3"


@given(st.permutations(range(8)))
def test_the_order_of_the_frame_changes_nothing(order: list[int]) -> None:
    shuffled = Frame(strata=tuple(FRAME.strata[k] for k in order), uncounted=FRAME.uncounted)
    assert draw(shuffled, QUOTAS[::-1], seed=2022, reserves=2).digest == PLAN.digest


@given(st.integers(0, 2**63 - 1), st.text("ABCĐẾ09", min_size=1, max_size=4), st.integers(0, 40))
def test_adding_a_unit_leaves_every_other_draw(seed: int, code: str, population: int) -> None:
    added = [stratum(f"N{code}", group, population) for group in ("LD", "CC")]
    before = draw(FRAME, QUOTAS, seed=seed, reserves=2)
    after = draw(
        dataclasses.replace(FRAME, strata=(*added, *FRAME.strata)), QUOTAS, seed=seed, reserves=2
    )
    assert set(before.strata) == {s for s in after.strata if not s.unit.startswith("N")}


def test_a_changed_head_count_leaves_every_other_draw() -> None:
    grown = Frame(
        strata=(dataclasses.replace(FRAME.strata[0], population=9), *FRAME.strata[1:]),
        uncounted=FRAME.uncounted,
    )
    after = draw(grown, QUOTAS, seed=2022, reserves=2)
    assert [a.unit + a.group for a, b in zip(PLAN.strata, after.strata, strict=True) if a != b] == [
        "SO00LD"
    ]


def test_strata_of_equal_size_are_drawn_independently() -> None:
    frame = Frame(strata=tuple(stratum(f"SO{k:02}", "LD", 1000) for k in range(20)))
    plan = draw(frame, QUOTAS[:1], seed=7, reserves=0)
    assert len({s.selected for s in plan.strata}) == 20


def test_another_seed_draws_another_sample() -> None:
    other = draw(FRAME, QUOTAS, seed=2023, reserves=2)
    assert [s.selected for s in other.strata] != [s.selected for s in PLAN.strata]


def test_a_picked_stratum_has_slots_but_no_positions() -> None:
    picked = next(s for s in PLAN.strata if s.unit == "SO02" and s.group == "LD")
    assert (picked.selected, picked.reserve, list(picked.slots)) == ((), (), [1, 2, 3, 4, 5])


def test_a_drawn_list_names_people_of_the_frame() -> None:
    listed = next(s for s in PLAN.strata if s.unit == "SO01" and s.group == "CC")
    people = FRAME.stratum("SO01", "CC")
    assert [people.person(k).name for k in listed.selected] == [
        f"Người SO01 CC {k}" for k in listed.selected
    ]


def test_totals_add_up_and_units_without_quota_are_listed() -> None:
    assert PLAN.totals() == {"cap_so": PLAN.total()}
    assert (PLAN.total().units, PLAN.total().planned, PLAN.total().population) == (4, 36, 164)
    assert [item.unit for item in PLAN.without_quota] == ["XA1"]


def test_a_unit_in_decomposed_spelling_draws_the_same() -> None:
    frames = [
        Frame(strata=(stratum(unicodedata.normalize(form, "Sở-Ế"), "LD", 90),))
        for form in ("NFC", "NFD")
    ]
    first, second = (draw(frame, QUOTAS[:1], seed=1, reserves=3) for frame in frames)
    assert first == second


def test_a_plan_survives_json() -> None:
    assert Plan.from_dict(json.loads(json.dumps(PLAN.to_dict()))) == PLAN


def test_verification_passes_the_true_plan() -> None:
    assert verify(PLAN, FRAME, QUOTAS) is None


@pytest.mark.parametrize("row", [0, 1, 3, 6])
def test_verification_finds_a_single_changed_position(row: int) -> None:
    selected = PLAN.strata[row].selected
    free = next(k for k in range(1, 40) if k not in selected)
    difference = verify(change(PLAN, row, selected=(*selected[:-1], free)), FRAME, QUOTAS)
    name = f"{PLAN.strata[row].unit}/{PLAN.strata[row].group}"
    assert difference is not None
    assert str(difference) == (
        f"{name}.selected[{len(selected) - 1}]: the draw gives {selected[-1]}, the plan says {free}"
    )


def test_verification_finds_reserves_out_of_order() -> None:
    difference = verify(change(PLAN, 0, reserve=PLAN.strata[0].reserve[::-1]), FRAME, QUOTAS)
    assert difference is not None
    assert difference.place == "SO00/CC.reserve[0]"


def test_verification_finds_a_position_added() -> None:
    selected = PLAN.strata[0].selected
    difference = verify(change(PLAN, 0, selected=(*selected, 30)), FRAME, QUOTAS)
    assert difference is not None
    assert difference.place == f"SO00/CC.selected[{len(selected)}]"
    assert (difference.expected, difference.found) == ("nothing", "30")


def test_verification_names_a_head_count_that_changed_since() -> None:
    grown = dataclasses.replace(
        FRAME, strata=(dataclasses.replace(FRAME.strata[0], population=9), *FRAME.strata[1:])
    )
    assert str(verify(PLAN, grown, QUOTAS)) == (
        "SO00/LD.population: the draw gives 9, the plan says 8"
    )


def test_verification_names_a_missing_stratum() -> None:
    shorter = dataclasses.replace(PLAN, strata=PLAN.strata[:-1])
    assert str(verify(shorter, FRAME, QUOTAS)) == (
        "strata[7]: the draw gives SO03/LD, the plan says no stratum"
    )


def test_verification_names_an_added_stratum() -> None:
    longer = dataclasses.replace(PLAN, strata=(*PLAN.strata, PLAN.strata[0]))
    difference = verify(longer, FRAME, QUOTAS)
    assert difference is not None
    assert (difference.expected, difference.found) == ("no stratum", "SO00/CC")


def test_verification_names_a_changed_staff_list_by_the_digest() -> None:
    leaders = FRAME.strata[2]
    renamed = (dataclasses.replace(leaders.people[0], name="Người khác"), *leaders.people[1:])
    strata = (
        *FRAME.strata[:2],
        dataclasses.replace(leaders, people=renamed),
        *FRAME.strata[3:],
    )
    difference = verify(PLAN, dataclasses.replace(FRAME, strata=strata), QUOTAS)
    assert difference is not None
    assert difference.place == "frame_digest"
    assert "all positions agree, so what changed is a name or the order" in difference.found


def test_verification_says_that_a_staff_list_may_stand_in_another_order() -> None:
    people = FRAME.strata[2].people
    turned = tuple(
        dataclasses.replace(person, position=len(people) + 1 - person.position) for person in people
    )
    strata = (*FRAME.strata[:2], dataclasses.replace(FRAME.strata[2], people=turned))
    frame = dataclasses.replace(FRAME, strata=(*strata, *FRAME.strata[3:]))
    plan = draw(FRAME, QUOTAS, seed=PLAN.seed, reserves=2, method=SYSTEMATIC)
    difference = verify(plan, frame, QUOTAS)
    assert difference is not None
    assert difference.place == "frame_digest"
    assert "the order of a staff list" in str(difference)


def test_verification_names_another_version_first() -> None:
    difference = verify(dataclasses.replace(PLAN, version=9, strata=()), FRAME, QUOTAS)
    assert difference is not None
    assert (difference.place, difference.found) == ("version", "9")


def test_verification_names_a_unit_that_lost_its_place_among_those_without_quota() -> None:
    difference = verify(dataclasses.replace(PLAN, without_quota=()), FRAME, QUOTAS)
    assert difference is not None
    assert str(difference).endswith(
        "without_quota[0]: the draw gives 'XA1 (cap_xa)', the plan says nothing"
    )


def test_verification_writes_a_changed_selection_as_the_file_does() -> None:
    first = dataclasses.replace(PLAN.strata[0], selection=Selection.PICKED)
    difference = verify(dataclasses.replace(PLAN, strata=(first, *PLAN.strata[1:])), FRAME, QUOTAS)
    assert difference is not None
    assert difference.expected in {"'list'", "'positions'"}
    assert difference.found == "'picked'"


def test_a_frame_with_problems_draws_nothing_and_lists_them_all() -> None:
    frame = Frame(strata=(stratum("SO01", "LD", -1), stratum("SO02", "LD", -2)))
    with pytest.raises(FrameError, match=r"2 problem\(s\), nothing was drawn") as caught:
        draw(frame, QUOTAS[:1], seed=1, reserves=0)
    assert [problem.unit for problem in caught.value.problems] == ["SO01", "SO02"]
    assert "SO02/LD: the number of people is -2" in str(caught.value)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(DrawError, match=f"the seed is {seed};"):
        draw(FRAME, QUOTAS, seed=seed, reserves=2)


def test_negative_reserves_are_refused() -> None:
    with pytest.raises(DrawError, match="reserves is -1"):
        draw(FRAME, QUOTAS, seed=1, reserves=-1)


def test_a_quota_error_passes_through() -> None:
    with pytest.raises(QuotaError, match="meets no unit"):
        draw(FRAME, [Quota(unit_group="x", group="LD", size=1)], seed=1, reserves=0)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("seed",), "2022", r"plan.seed must be of type int, not '2022'"),
        (("version",), True, r"plan.version must be of type int, not True"),
        (("extra",), 1, r"plan is not .*: missing \[\], unknown \['extra'\]"),
        (("strata",), {}, r"plan.strata must be of type list"),
        (("strata", 1), 7, r"plan.strata\[1\] must be of type dict, not 7"),
        (("strata", 1, "size"), 1.5, r"plan.strata\[1\].size must be of type int, not 1.5"),
        (("strata", 1, "selection"), "luck", r"selection is 'luck'; it must be one of list, "),
        (("strata", 1, "selection"), [], r"selection is \[\]"),
        (("strata", 1, "selected", 2), "3", r"plan.strata\[1\].selected\[2\] must be of type int"),
        (("without_quota", 0, "group"), 3, r"plan.without_quota\[0\].group must be of type str"),
    ],
)
def test_a_broken_document_names_the_place(
    path: tuple[Any, ...], value: object, message: str
) -> None:
    content: Any = json.loads(json.dumps(PLAN.to_dict()))
    parent = content
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    with pytest.raises(PlanError, match=message):
        Plan.from_dict(content)


def test_a_missing_field_is_named() -> None:
    content = PLAN.to_dict()
    del content["seed"]
    with pytest.raises(PlanError, match=r"missing \['seed'\]"):
        Plan.from_dict(content)
