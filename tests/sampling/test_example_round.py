"""The shipped example register: the counts of the official plan, and every rule exercised."""

import csv
from collections import Counter
from pathlib import Path

import pytest

import sampling
from sampling import (
    Frame,
    FrameStratum,
    Person,
    Plan,
    Quota,
    Selection,
    UncountedUnit,
    draw,
    verify,
)

EXAMPLE = Path(sampling.__file__).parents[1] / "survey" / "examples" / "binh_phuoc_2022"
QUOTAS = [
    Quota(unit_group="cap_so", group="LD", size=5),
    Quota(unit_group="cap_so", group="CC", size=4),
    Quota(unit_group="cap_huyen", group="LD", size=12),
    Quota(unit_group="cap_huyen", group="CC", size=5),
]


def rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def frame() -> Frame:
    staff = rows("staff.csv")
    strata = [
        FrameStratum(
            unit=unit["code"],
            unit_group=unit["unit_group"],
            group=group,
            population=int(unit[f"population_{group}"]),
            selection=Selection(unit["selection"]),
            people=tuple(
                Person(position=int(line["position"]), name=line["name"])
                for line in staff
                if (line["unit"], line["group"]) == (unit["code"], group)
            ),
        )
        for unit in rows("units.csv")
        for group in ("LD", "CC")
        if unit[f"population_{group}"]
    ]
    uncounted = [
        UncountedUnit(unit=unit["code"], unit_group=unit["unit_group"])
        for unit in rows("units.csv")
        if not unit["population_LD"]
    ]
    return Frame(strata=tuple(strata), uncounted=tuple(uncounted))


@pytest.fixture(scope="module")
def plan(frame: Frame) -> Plan:
    return draw(frame, QUOTAS, seed=2022, reserves=2)


def test_the_register_has_20_departments_11_districts_and_111_communes() -> None:
    assert Counter(unit["unit_group"] for unit in rows("units.csv")) == {
        "cap_so": 20,
        "cap_huyen": 11,
        "cap_xa": 111,
    }


def test_codes_and_names_are_unique_and_every_commune_has_its_district() -> None:
    units = rows("units.csv")
    codes = {unit["code"] for unit in units}
    assert len(codes) == len({unit["name"] for unit in units}) == len(units)
    districts = {unit["parent"] for unit in units if unit["unit_group"] == "cap_xa"}
    assert districts == {unit["code"] for unit in units if unit["unit_group"] == "cap_huyen"}


def test_the_plan_is_180_and_187_of_367_and_records_what_is_missing(plan: Plan) -> None:
    totals = plan.totals()
    assert (totals["cap_so"].planned, totals["cap_so"].size) == (180, 169)
    assert (totals["cap_huyen"].planned, totals["cap_huyen"].size) == (187, 181)
    assert (plan.total().planned, plan.total().shortfall) == (367, 17)


def test_communes_are_listed_with_no_quota(plan: Plan) -> None:
    assert Counter(item.unit_group for item in plan.without_quota) == {"cap_xa": 111}


def test_every_rule_is_exercised(plan: Plan) -> None:
    strata = {(s.unit, s.group): s for s in plan.strata}
    assert sum(s.shortfall > 0 for s in plan.strata if s.unit_group == "cap_so") >= 4
    assert sum(s.shortfall > 0 for s in plan.strata if s.unit_group == "cap_huyen") >= 3
    assert all(
        strata["SO17", group].population == strata["SO17", group].planned for group in ("LD", "CC")
    )
    assert strata["SO18", "LD"].size == 1
    assert strata["SO19", "LD"].size + strata["SO19", "CC"].size < 5
    assert Counter(s.selection for s in plan.strata) == {
        Selection.LIST: 12,
        Selection.PICKED: 2,
        Selection.POSITIONS: 48,
    }


def test_every_listed_person_is_visibly_invented() -> None:
    names = [line["name"] for line in rows("staff.csv")]
    assert names == [f"Người ví dụ {number:03}" for number in range(1, len(names) + 1)]


def test_the_plan_can_be_verified(plan: Plan, frame: Frame) -> None:
    assert verify(plan, frame, QUOTAS) is None
