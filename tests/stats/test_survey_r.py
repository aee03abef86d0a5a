"""Estimates laid beside R's survey package: tests/golden/survey_r (see its README)."""

import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from stats import Design, Estimate, mean, proportion, ratio, total
from stats.errors import LonelyPsuError

GOLDEN = Path(__file__).parents[1] / "golden" / "survey_r"
GROUPS = ("mean", "total", "ratio", "prop", "domain", "lonely", "missing", "multistage", "degf")
RTOL = 1e-9
Case = dict[str, Any]


def load(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def cases() -> list[Case]:
    return [case for group in GROUPS for case in load(f"cases_{group}.json")["cases"]]


@functools.cache
def table_of(name: str) -> pd.DataFrame:
    return pd.read_csv(GOLDEN / name, keep_default_na=False, na_values=[""])


def design_of(spec: Case, table: pd.DataFrame, case: Case) -> Design:
    return Design.from_table(
        table,
        weight=spec.get("weights"),
        probs=spec.get("probs"),
        strata=spec.get("strata"),
        psu=spec.get("ids"),
        fpc=spec.get("fpc"),
        nest=spec.get("nest", False),
        ultimate_cluster=case.get("ultimate_cluster", False),
        lonely=case.get("lonely_psu", "fail"),
        adjust_domain_lonely=case.get("adjust_domain_lonely", False),
    )


def mask_of(table: pd.DataFrame, condition: Case) -> NDArray[np.bool_]:
    column, value = table[condition["var"]], condition["value"]
    tests = {
        "==": lambda: column == value,
        ">": lambda: column > value,
        "<": lambda: column < value,
        "in": lambda: column.isin(value),
    }
    return (tests[condition["op"]]() & column.notna()).to_numpy(dtype=bool)


def estimated(case: Case, design: Design, **options: Any) -> Estimate:
    by = case.get("by")
    wanted = case.get("options") or {}
    missing = "listwise" if case["na_rm"] or by else "refuse"
    common = {"by": by, "missing": missing} | options
    if case["estimator"] == "ratio":
        return ratio(design, wanted["numerator"], wanted["denominator"], **common)
    call = {"mean": mean, "total": total}[case["estimator"]]
    return call(design, case["vars"], deff=wanted.get("deff", False), **common)


def text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float | np.number) else str(value)


def row_key(by: list[Any], variable: str, level: Any) -> tuple[str, ...]:
    return (*map(text, by), variable, "" if level is None else text(level))


def golden_key(row: Case, by: list[str]) -> tuple[str, ...]:
    variable = row["var"] if "var" in row else f"{row['numerator']}/{row['denominator']}"
    return row_key([row["by"][name] for name in by], variable, row.get("level"))


def close(ours: float, golden: Any, scale: float = 0.0) -> bool:
    expected = float(golden) if golden is not None else math.nan
    if math.isnan(expected) or math.isinf(expected):
        return math.isnan(ours)
    return math.isclose(ours, expected, rel_tol=RTOL, abs_tol=max(RTOL * abs(scale), 1e-300))


def differences(case: Case, design: Design) -> list[str]:
    """Every number of a case that is not R's."""
    by = case.get("by") or []
    ours = {row_key(list(r.by), r.variable, r.level): r for r in estimated(case, design).rows}
    theirs = {golden_key(row, by): row for row in case["result"]["rows"]}
    wrong = [] if ours.keys() == theirs.keys() else [f"{ours.keys()} is not {theirs.keys()}"]
    for key in ours.keys() & theirs.keys():
        row, golden = ours[key], theirs[key]
        checks = {
            "estimate": close(row.estimate, golden["estimate"]),
            "se": close(row.se, golden["se"], row.estimate),
            "deff": close(row.deff, golden["deff"]) if "deff" in golden else True,
            "n": row.n == golden.get("n", row.n),
            "df": row.df == golden.get("degf_domain", row.df),
        }
        wrong += [f"{key} {name}: {row}" for name, right in checks.items() if not right]
    return wrong + limit_differences(case, design, theirs)


def limit_differences(case: Case, design: Design, theirs: dict[tuple[str, ...], Case]) -> list[str]:
    wrong = []
    rules = {(ci["level"], ci["df_rule"]) for row in theirs.values() for ci in row.get("ci", [])}
    for level, rule in rules:
        df = math.inf if rule == "inf" else "design"
        for row in estimated(case, design, level=level, df=df).rows:
            golden = theirs[row_key(list(row.by), row.variable, row.level)]
            for ci in golden["ci"]:
                if (ci["level"], ci["df_rule"]) == (level, rule):
                    right = close(row.low, ci["low"], row.estimate)
                    if not (right and close(row.high, ci["high"], row.estimate)):
                        wrong.append(f"{level} {rule}: {row} is not {ci}")
    return wrong


def built(case: Case) -> Design:
    table = table_of(case["data"])
    design = design_of(case["design"], table, case)
    for condition in case.get("subset") or []:
        design = design.where(mask_of(table, condition))
    return design


ALL = cases()


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in ALL
        if case["estimator"] in {"mean", "total", "ratio"} and "error" not in case["result"]
    ],
    ids=lambda case: case["id"],
)
def test_estimates_standard_errors_and_limits_are_those_of_r(case: Case) -> None:
    assert differences(case, built(case)) == []


@pytest.mark.parametrize(
    "case", [case for case in ALL if "vcov" in case["result"]], ids=lambda case: case["id"]
)
def test_covariances_of_one_call_are_those_of_r(case: Case) -> None:
    covariance = estimated(case, built(case)).covariance
    golden = case["result"]["vcov"]
    assert covariance is not None
    largest = max(abs(row["estimate"]) for row in case["result"]["rows"])
    np.testing.assert_allclose(covariance, golden, rtol=RTOL, atol=(RTOL * largest) ** 2)


@pytest.mark.parametrize(
    "case", [case for case in ALL if "error" in case["result"]], ids=lambda case: case["id"]
)
def test_lonely_psus_are_refused_where_r_stops(case: Case) -> None:
    with pytest.raises(LonelyPsuError, match="single PSU"):
        estimated(case, built(case))


@pytest.mark.parametrize(
    "case", [case for case in ALL if case["estimator"] == "degf"], ids=lambda case: case["id"]
)
def test_degrees_of_freedom_are_those_of_r(case: Case) -> None:
    assert built(case).degrees_of_freedom == case["result"]["degf"]


@pytest.mark.parametrize(
    "case", [case for case in ALL if case["estimator"] == "prop"], ids=lambda case: case["id"]
)
def test_proportions_and_their_limits_are_those_of_r(case: Case) -> None:
    wanted, (name,) = case["options"], case["vars"]
    table = table_of(case["data"])
    column = table[name]
    if "cutoff" in wanted:
        indicator = (column > wanted["cutoff"]).astype(float)
    else:
        indicator = (column.map(text) == wanted["level_of"]).astype(float)
    with_indicator = table.assign(indicator=indicator.where(column.notna()))
    design = design_of(case["design"], with_indicator, case)
    for condition in case.get("subset") or []:
        design = design.where(mask_of(table, condition))
    df = math.inf if wanted.get("df") == "inf" else "domain"
    by = case.get("by") or []
    for golden in case["result"]["rows"]:
        interval = "mean" if golden["method"] == "mean" else "logit"
        rtol = 1e-7 if golden["method"] == "logit" else RTOL  # R stops its GLM early
        result = proportion(
            design,
            "indicator",
            by=by,
            missing="available",
            df=df,
            level=golden.get("level", 0.95),
            interval=interval,
        )
        key = tuple(golden["by"][name] for name in by)
        (row,) = [row for row in result.rows if row.level == 1 and row.by == key]
        ours = [row.estimate, row.se, row.low, row.high]
        theirs = [golden[key] for key in ("estimate", "se", "low", "high")]
        np.testing.assert_allclose(ours, theirs, rtol=rtol)


FUZZ = load("fuzz.json")["designs"]


def fuzz_estimate(design: Design, spec: Case) -> Estimate:
    """One of the calls listed in the README of the fuzz file."""
    by, common = spec["by"] or (), {"missing": "listwise", "by": spec["by"]}
    names = list(dict.fromkeys(row["v"] for row in spec["rows"]))
    if spec["est"] == "ratio":
        return ratio(design, "y", "x", **common)
    if spec["est"] == "sub":
        table = design.table
        design = design.where((table["x"] > 4).to_numpy() & (table["g"] == "g1").to_numpy())
        return mean(design, "y", missing="listwise")
    assert by == () or set(by) <= {"g", "k"}
    return {"mean": mean, "total": total}[spec["est"]](design, names, **common)


@pytest.mark.parametrize("sample", FUZZ, ids=[sample["id"] for sample in FUZZ])
def test_small_random_designs_agree_with_r(sample: Case) -> None:
    table = pd.DataFrame(sample["columns"])
    for spec in sample["results"]:
        case = {"lonely_psu": spec["lonely"], "adjust_domain_lonely": spec["adl"]}
        design = design_of(sample["design"], table, case)
        ours = {
            row_key(list(row.by), row.variable, row.level): row
            for row in fuzz_estimate(design, spec).rows
        }
        for golden in spec["rows"]:
            row = ours[row_key(golden.get("by") or [], golden["v"], golden.get("lev"))]
            place = (sample["id"], spec["lonely"], spec["adl"], spec["est"], spec["by"], row)
            assert close(row.estimate, golden["est"], 1.0), place
            assert close(row.se, golden["se"], max(abs(row.estimate), 1.0)), place
            assert row.df == golden.get("dfd", row.df), place
            assert golden["n"] in {row.n, "y"}, place
