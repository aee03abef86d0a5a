"""The numbers of R's sampling package, to the printed digit."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sampling.measures import whole_sizes
from sampling.multistage import Stage, StageMethod, StageUnit, draw_stage
from sampling.pps import PpsMethod, SizedFrame, joint_probabilities, pps_inclusion
from sampling.pps_draws import Remainder, systematic_rows

GOLDEN = Path(__file__).parents[1] / "golden" / "sampling_r_selection" / "cases.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
METHODS = {
    "UPsystematicpi2": PpsMethod.SYSTEMATIC,
    "UPmidzunopi2": PpsMethod.MIDZUNO,
    "UPtillepi2": PpsMethod.TILLE,
    "UPsampfordpi2": PpsMethod.SAMPFORD,
    "UPmaxentropypi2": PpsMethod.MAXIMUM_ENTROPY,
}


def cases(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] == kind]


@pytest.mark.parametrize("case", cases("inclusion_probabilities"))
def test_inclusion_probabilities_and_certain_units_are_those_of_r(case: dict[str, Any]) -> None:
    frame = SizedFrame(sizes=np.array(case["input"]["size"], dtype=float), zeros=True)
    inclusion = pps_inclusion(frame, case["input"]["n"])
    np.testing.assert_allclose(inclusion.probabilities, case["result"]["pik"], rtol=1e-9)
    assert len(inclusion.certain) == case["result"]["n_certain"]


@pytest.mark.parametrize("case", cases("joint_inclusion"))
def test_joint_probabilities_are_those_of_r(case: dict[str, Any]) -> None:
    method = METHODS[case["input"]["method"]]
    pik = np.array(case["input"]["pik"])
    inclusion = pps_inclusion(SizedFrame(sizes=pik), round(pik.sum()))
    tolerance = 1e-5 if method is PpsMethod.MAXIMUM_ENTROPY else 1e-12
    np.testing.assert_allclose(
        joint_probabilities(inclusion, method), case["result"]["pi2"], rtol=0, atol=tolerance
    )


@pytest.mark.parametrize("case", cases("systematic_given_start"))
def test_a_systematic_draw_from_a_given_start_hits_the_units_of_r(case: dict[str, Any]) -> None:
    grid = whole_sizes(np.array(case["input"]["pik"]))
    rest = Remainder(sizes=grid.sizes, total=grid.total, size=sum(case["result"]["selected"]))
    rows = systematic_rows(rest, int(Fraction(case["input"]["u"]) * grid.total))
    assert rows.tolist() == np.flatnonzero(case["result"]["selected"]).tolist()


@pytest.mark.parametrize("case", cases("inclusion_prob_strata"))
def test_equal_chances_within_strata_are_those_of_r(case: dict[str, Any]) -> None:
    strata = [str(stratum) for stratum in case["input"]["strata"]]
    for stratum, take in zip(sorted(set(strata)), case["input"]["nh"], strict=True):
        units = [
            StageUnit(code=str(row), stratum=stratum)
            for row, own in enumerate(strata)
            if own == stratum
        ]
        stage = Stage(name="person", take=take, method=StageMethod.SIMPLE)
        drawn = draw_stage(units, stage, seed=1).units
        expected = [case["result"]["pik"][int(unit.path[-1])] for unit in drawn]
        assert [unit.chance for unit in drawn] == expected
