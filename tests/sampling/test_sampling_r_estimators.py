"""Weights of draws by size, carried over to the estimation: the numbers of R's sampling package."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.pps import PpsMethod, SizedFrame, draw_pps
from sampling.probabilities import pps_columns
from stats import Design, mean, total

GOLDEN = Path(__file__).parents[1] / "golden" / "sampling_r_estimators" / "cases.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_totals_and_means_with_unequal_chances_are_those_of_r(case: dict[str, Any]) -> None:
    given_, expected = case["input"], case["result"]
    table = pd.DataFrame({"y": given_["y"], "weight": 1 / np.array(given_["pik"])})
    design = Design.from_table(table, weight="weight")
    assert total(design, "y").rows[0].estimate == close(expected["HT_total"])
    hajek = mean(design, "y").rows[0].estimate
    assert hajek == close(expected["hajek_mean"])
    assert given_["N"] * hajek == close(expected["hajek_total"])


def test_columns_of_a_draw_by_size_estimate_the_total_of_the_sizes_without_error() -> None:
    sizes = np.array([90, 30, 20, 10, 12, 15, 9, 11, 14, 8])
    codes = [f"X{row}" for row in range(10)]
    sample = draw_pps(SizedFrame(sizes=sizes, codes=codes), 5, method=PpsMethod.SAMPFORD, seed=1)
    columns = pps_columns(sample)
    table = pd.DataFrame(columns).assign(size=sizes[sample.rows])
    design = Design.from_table(
        table, weight="weight", strata="strata", psu="psu", fpc="fpc", lonely="remove"
    )
    row = total(design, "size").rows[0]
    assert row.estimate == close(sizes.sum())
    assert row.se == pytest.approx(0, abs=1e-9)
