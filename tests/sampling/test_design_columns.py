"""Columns and joint probabilities that plans and samples hand to the estimation."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

from sampling import DrawError, Frame, FrameStratum, Quota, Selection, draw
from sampling.plan import SYSTEMATIC, Plan
from sampling.pps import PpsMethod, SizedFrame, draw_pps
from sampling.probabilities import joint_of_plan, plan_columns, pps_columns
from stats import Design, total

FRAME = Frame(
    strata=tuple(
        FrameStratum(
            unit=unit,
            unit_group="cap_so",
            group=group,
            population=population,
            selection=selection,
        )
        for unit, group, population, selection in (
            ("SO01", "LD", 5, Selection.POSITIONS),
            ("SO01", "CC", 12, Selection.POSITIONS),
            ("SO02", "CC", 9, Selection.PICKED),
            ("SO03", "CC", 2, Selection.POSITIONS),
            ("SO02", "LD", 0, Selection.POSITIONS),
            ("SO03", "LD", 0, Selection.POSITIONS),
        )
    )
)
QUOTAS = [
    Quota(unit_group="cap_so", group="LD", size=2),
    Quota(unit_group="cap_so", group="CC", size=4),
]


def a_plan(method: str | None = None) -> Plan:
    plan = draw(FRAME, QUOTAS, seed=1, reserves=0)
    return plan if method is None else dataclasses.replace(plan, method=method)


def test_columns_hold_a_row_per_drawn_position_and_none_of_picked_strata() -> None:
    columns = plan_columns(a_plan())
    assert columns["strata"].tolist() == ["SO01/CC"] * 4 + ["SO01/LD"] * 2 + ["SO03/CC"] * 2
    assert columns["fpc"].tolist() == [12] * 4 + [5] * 2 + [2] * 2
    assert len(set(columns["psu"].tolist())) == 8


def test_the_estimation_finds_the_populations_again() -> None:
    table = pd.DataFrame(plan_columns(a_plan())).assign(one=1.0)
    design = Design.from_table(table, weight="weight", strata="strata", psu="psu", fpc="fpc")
    estimate = total(design, "one", by="strata").to_frame().set_index("strata")["estimate"]
    assert estimate.to_dict() == pytest.approx({"SO01/CC": 12, "SO01/LD": 5, "SO03/CC": 2})


def test_joint_probabilities_of_a_plan_are_those_of_counting_samples() -> None:
    joint = joint_of_plan(a_plan())
    samples = list(itertools.combinations(range(5), 2))
    both = sum({0, 1} <= set(sample) for sample in samples) / len(samples)
    assert joint[4, 5] == pytest.approx(both)
    assert joint[0, 4] == pytest.approx(4 / 12 * 2 / 5)
    assert joint[6, 7] == 1
    np.testing.assert_allclose(joint.diagonal(), 1 / plan_columns(a_plan())["weight"])


def test_joint_probabilities_add_up_within_a_stratum() -> None:
    joint = joint_of_plan(a_plan())[:4, :4]
    pairs = joint.sum() - joint.trace()
    assert pairs * (12 * 11) / (4 * 3) == pytest.approx(4 * 3)


def test_joint_probabilities_of_a_systematic_plan_are_refused() -> None:
    with pytest.raises(DrawError, match=f"drawn by '{SYSTEMATIC}'"):
        joint_of_plan(a_plan(SYSTEMATIC))


def test_a_sample_by_size_carries_its_certain_units_as_strata() -> None:
    frame = SizedFrame(sizes=[90, 25, 20, 14, 12, 9], codes=list("ABCDEF"))
    sample = draw_pps(frame, 4, method=PpsMethod.SAMPFORD, seed=3)
    columns = pps_columns(sample)
    assert columns["strata"][0] == "certain/A"
    assert columns["fpc"].tolist() == [1.0, *[np.inf] * 3]
    np.testing.assert_allclose(columns["weight"] * columns["probability"], 1)
    table = pd.DataFrame(columns)
    sizes = dict(zip("ABCDEF", np.asarray(frame.sizes).tolist(), strict=True))
    table["size"] = [float(sizes[code]) for code in columns["code"].tolist()]
    design = Design.from_table(table, weight="weight", strata="strata", psu="psu", fpc="fpc")
    estimate = total(design, "size").to_frame()
    assert estimate["estimate"].item() == pytest.approx(sum(sizes.values()))
    assert estimate["se"].item() == pytest.approx(0, abs=1e-6)


def test_sen_yates_grundy_with_the_joint_probabilities_is_unbiased() -> None:
    sizes, y = [3, 7, 2, 9, 5, 4], np.array([2.0, 9, 1, 7, 7, 3])
    frame = SizedFrame(sizes=sizes)
    estimates, variances = [], []
    for seed in range(600):
        sample = draw_pps(frame, 3, method=PpsMethod.TILLE, seed=seed)
        joint, first = sample.joint(), sample.probabilities
        expanded = y[sample.rows] / first
        gaps = (expanded[:, None] - expanded) ** 2
        estimates.append(expanded.sum())
        variances.append((gaps * (np.outer(first, first) - joint) / joint).sum() / 2)
    assert np.mean(estimates) == pytest.approx(y.sum(), abs=4 * np.std(estimates) / 600**0.5)
    assert np.mean(variances) == pytest.approx(np.var(estimates), rel=0.2)
