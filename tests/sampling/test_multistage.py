"""Multi-stage draws: chains of chances, certain units, forced units, columns for estimation."""

import dataclasses
import json
import math
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import DrawError
from sampling.multistage import (
    Stage,
    StageMethod,
    StageSample,
    StageUnit,
    draw_stage,
    stage_columns,
    verify_stage,
)
from sampling.records import DrawRecord
from stats import Design, total

COMMUNES = [
    StageUnit(code=f"X{k:02}", size=size, stratum="phường" if k < 4 else "xã")
    for k, size in enumerate([90, 30, 20, 10, 12, 15, 9, 11, 14, 8])
]
VILLAGES = [
    StageUnit(code=f"T{v}", parent=(commune.code,), size=3 + (v * 7 + k) % 5)
    for k, commune in enumerate(COMMUNES)
    for v in range(4)
]
HOUSEHOLDS = [
    StageUnit(code=f"H{h:02}", parent=village.path)
    for village in VILLAGES
    for h in range(village.size)
]
FIRST = Stage(name="commune", take=2, method=StageMethod.PPS_SAMPFORD, reserves=1)
SECOND = Stage(name="village", take=2, method=StageMethod.PPS_BREWER)
THIRD = Stage(name="household", take=2, method=StageMethod.SIMPLE, reserves=2)


def a_chain(seed: int = 2022) -> StageSample:
    communes = draw_stage(COMMUNES, FIRST, seed=seed)
    villages = draw_stage(VILLAGES, SECOND, seed=seed, before=communes)
    return draw_stage(HOUSEHOLDS, THIRD, seed=seed, before=villages)


def test_chances_multiply_down_the_stages() -> None:
    households = a_chain()
    villages = households.before
    assert villages is not None
    communes = villages.before
    assert communes is not None
    known = {unit.path: unit for unit in (*communes.units, *villages.units)}
    for unit in households.units:
        above = [known[unit.path[:1]].chance, known[unit.path[:2]].chance]
        assert unit.probability == pytest.approx(above[0] * above[1] * unit.chance, rel=1e-14)
    assert len(households.units) == 2 * 2 * 2 * 2


def test_a_commune_over_the_limit_is_certain_and_reserves_stay_in_their_stratum() -> None:
    sample = draw_stage(COMMUNES, FIRST, seed=5)
    assert [(u.path, u.chance) for u in sample.units if u.certain] == [(("X00",), 1.0)]
    drawn = {unit.path[0] for unit in sample.units}
    reserves = [path[0] for path in sample.reserves]
    assert len(reserves) == 2
    assert reserves[0] in {"X01", "X02", "X03"} - drawn
    assert reserves[1] in {unit.code for unit in COMMUNES[4:]} - drawn


@pytest.mark.parametrize("method", StageMethod)
def test_every_method_takes_what_is_asked_in_each_stratum(method: StageMethod) -> None:
    stage = Stage(name="commune", take=3, method=method)
    sample = draw_stage(COMMUNES, stage, seed=11)
    assert [unit.stratum for unit in sample.units] == ["phường"] * 3 + ["xã"] * 3
    assert verify_stage(sample.record, COMMUNES) is None


def test_a_list_shorter_than_the_take_is_taken_whole() -> None:
    stage = Stage(name="village", take=9, method=StageMethod.SIMPLE)
    sample = draw_stage([StageUnit(code="A"), StageUnit(code="B")], stage, seed=1)
    assert [(unit.path, unit.chance, unit.certain) for unit in sample.units] == [
        (("A",), 1.0, False),
        (("B",), 1.0, False),
    ]


def test_forced_units_are_taken_and_leave_fewer_places() -> None:
    units = [dataclasses.replace(unit, forced=unit.code == "X09") for unit in COMMUNES[4:]]
    stage = Stage(name="commune", take=3, method=StageMethod.SIMPLE)
    for seed in range(10):
        sample = draw_stage(units, stage, seed=seed)
        chances = {unit.path[0]: unit.chance for unit in sample.units}
        assert chances.pop("X09") == 1
        assert list(chances.values()) == [2 / 5, 2 / 5]


def test_a_corrected_list_changes_the_draw_of_its_own_parent_only() -> None:
    villages = draw_stage(VILLAGES, SECOND, seed=3, before=draw_stage(COMMUNES, FIRST, seed=3))
    village = villages.units[0].path
    shorter = [unit for unit in HOUSEHOLDS if unit.path != (*village, "H00")]
    before, after = (
        {
            unit.path: unit.probability
            for unit in draw_stage(households, THIRD, seed=3, before=villages).units
            if unit.path[:2] != village
        }
        for households in (HOUSEHOLDS, shorter)
    )
    assert before == after


@given(st.permutations(COMMUNES), st.integers(0, 2**63 - 1))
def test_sorting_the_list_anew_changes_nothing(order: list[StageUnit], seed: int) -> None:
    assert draw_stage(order, FIRST, seed=seed) == draw_stage(COMMUNES, FIRST, seed=seed)


def test_a_systematic_stage_walks_along_its_list() -> None:
    units = [StageUnit(code=f"H{k:02}") for k in range(20)][::-1]
    stage = Stage(name="household", take=4, method=StageMethod.SYSTEMATIC)
    numbers = [int(unit.path[0][1:]) for unit in draw_stage(units, stage, seed=1).units]
    assert [b - a for a, b in pairwise(numbers)] == [5, 5, 5]


def test_weights_of_a_chain_estimate_the_number_of_households() -> None:
    sums = [stage_columns(a_chain(seed))["weight"].sum() for seed in range(150)]
    mean = sum(sums) / len(sums)
    spread = math.sqrt(sum((value - mean) ** 2 for value in sums) / len(sums) / len(sums))
    assert abs(mean - len(HOUSEHOLDS)) < 4 * spread


def test_columns_carry_a_multi_stage_design_to_the_estimation() -> None:
    columns = stage_columns(a_chain())
    table = pd.DataFrame(columns).assign(one=1.0)
    stages = range(1, 4)
    design = Design.from_table(
        table,
        weight="weight",
        strata=[f"strata_{k}" for k in stages],
        psu=[f"psu_{k}" for k in stages],
        fpc=[f"fpc_{k}" for k in stages],
        lonely="remove",
    )
    estimate = total(design, "one").to_frame()
    assert estimate["estimate"].item() == pytest.approx(columns["weight"].sum())
    assert estimate["se"].item() > 0
    certain = table[table["code_1"] == "X00"]
    assert certain["fpc_1"].unique().tolist() == [1.0]
    assert certain["strata_1"].unique().tolist() == ["phường!X00"]


def test_records_verify_stage_by_stage_through_json() -> None:
    sample = a_chain()
    record = DrawRecord.from_dict(json.loads(json.dumps(sample.record.to_dict())))
    assert verify_stage(record, HOUSEHOLDS, before=sample.before) is None
    forged = dataclasses.replace(record, selected=("X99/T1/H00", *record.selected[1:]))
    difference = verify_stage(forged, HOUSEHOLDS, before=sample.before)
    assert difference is not None
    assert difference.place == "selected[0]"


def test_a_record_of_another_method_is_refused() -> None:
    record = dataclasses.replace(a_chain().record, method="cube")
    with pytest.raises(DrawError, match="'cube' is no method of a stage"):
        verify_stage(record, HOUSEHOLDS)


def test_all_faults_of_a_list_are_named_at_once() -> None:
    communes = draw_stage(COMMUNES, FIRST, seed=5)
    drawn = sorted(unit.path[0] for unit in communes.units)
    units = [
        StageUnit(code="T1", parent=(drawn[0],), size=0),
        StageUnit(code="T1", parent=(drawn[0],), size=0),
        StageUnit(code="T/2", parent=(drawn[1],), size=4),
    ]
    with pytest.raises(DrawError) as caught:
        draw_stage(units, dataclasses.replace(SECOND, reserves=-1), seed=1, before=communes)
    message = str(caught.value)
    assert "the list of stage 'village' has 5 problem(s), nothing was drawn" in message
    assert "-1 reserves are asked" in message
    assert f"1 of 2 units are listed twice: {drawn[0]}/T1" in message
    assert "1 codes hold a slash: T/2" in message
    assert f"2 of 4 drawn parents have no unit: {drawn[2]}, {drawn[3]}" in message
    assert f"2 of 3 units have no size above 0: {drawn[0]}/T1 has 0" in message


@pytest.mark.parametrize("size", [1.5, float("nan"), -3, True])
@pytest.mark.parametrize("method", StageMethod)
def test_a_size_that_is_no_whole_number_is_refused_with_its_row(
    method: StageMethod, size: float
) -> None:
    units = [*COMMUNES, StageUnit(code="X77", size=size)]  # type: ignore[arg-type]
    message = rf"1 of 11 sizes are no whole number from 0: row 11 \(X77\) has {size};"
    with pytest.raises(DrawError, match=message):
        draw_stage(units, dataclasses.replace(FIRST, method=method), seed=1)


@pytest.mark.parametrize("code", ["", " ", " X1", "X\x1f1"])
def test_a_code_that_identifies_nothing_is_refused_with_its_row(code: str) -> None:
    units = [COMMUNES[0], StageUnit(code=code, size=4), *COMMUNES[1:]]
    with pytest.raises(DrawError) as caught:
        draw_stage(units, FIRST, seed=1)
    assert "1 of 11 codes are blank, padded" in str(caught.value)
    assert f"row 2 has {code!r}" in str(caught.value)


def test_a_stage_without_a_name_is_refused() -> None:
    with pytest.raises(DrawError, match="the stage is named ''"):
        draw_stage(COMMUNES, dataclasses.replace(FIRST, name=""), seed=1)


@pytest.mark.parametrize("method", [StageMethod.SYSTEMATIC, StageMethod.PPS_SYSTEMATIC])
def test_a_list_walked_along_in_another_order_is_named_as_such(method: StageMethod) -> None:
    record = draw_stage(COMMUNES, dataclasses.replace(FIRST, method=method), seed=4).record
    difference = verify_stage(record, COMMUNES[::-1])
    assert difference is not None
    assert difference.place == "order of the list"
    assert "give the list in the order of the draw" in str(difference)
    larger = [dataclasses.replace(COMMUNES[0], size=91), *COMMUNES[:0:-1]]
    other = verify_stage(record, larger)
    assert other is not None
    assert other.place != "order of the list"
    strata_apart = sorted(COMMUNES, key=lambda unit: unit.stratum, reverse=True)
    assert verify_stage(record, strata_apart) is None


def test_a_take_of_nobody_is_refused() -> None:
    with pytest.raises(DrawError, match="0 units are to be taken; take at least 1"):
        draw_stage(COMMUNES, dataclasses.replace(FIRST, take=0), seed=1)


def test_forced_units_that_leave_others_no_chance_are_refused() -> None:
    units = [dataclasses.replace(unit, forced=True) for unit in COMMUNES[:2]] + COMMUNES[2:4]
    with pytest.raises(DrawError, match="2 forced units of phường fill the 2 places and leave 2"):
        draw_stage(units, FIRST, seed=1)


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(DrawError, match=r"1 of 1 drawn parents have no unit: \(the frame\)"):
        draw_stage([], FIRST, seed=1)
