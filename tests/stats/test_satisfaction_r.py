"""Satisfaction indices laid beside R's survey package: tests/golden/satisfaction_r."""

import csv
import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stats import Design
from stats.satisfaction import (
    Aspect,
    BlockPlan,
    ChoicePlan,
    FactorPlan,
    FactorRule,
    IndexKey,
    IndexRule,
    ItemScore,
    Level,
    Satisfaction,
    SatisfactionPlan,
    contrast,
    satisfaction,
)
from stats.trend import Round, change

GOLDEN = Path(__file__).parents[1] / "golden" / "satisfaction_r"
PEOPLE = pd.read_csv(GOLDEN / "data.csv")
RTOL = 1e-9

POLICY = BlockPlan(
    code="A",
    aspect=Aspect.SATISFACTION,
    factors=(
        FactorPlan(code="FA1", items=("a1", "a2", "a3"), overall="oa1"),
        FactorPlan(code="FA2", items=("a4", "a5"), overall="oa2"),
    ),
)
SERVICE = BlockPlan(
    code="B",
    aspect=Aspect.SATISFACTION,
    factors=(
        FactorPlan(code="FB1", items=("b1", "b2"), overall="ob1"),
        FactorPlan(code="FB2", items=("b3", "b4"), overall="ob2"),
    ),
)
INTEREST = BlockPlan(
    code="P",
    aspect=Aspect.PERCEPTION,
    scale=4,
    factors=(FactorPlan(code="FP", items=("p1", "p2")),),
)
HOPES = ChoicePlan(code="M", options=("m1", "m2", "m3"))
PLANS = {
    "top_mean": SatisfactionPlan(blocks=(POLICY, SERVICE, INTEREST), choices=(HOPES,), overall="o"),
    "mean_pooled": SatisfactionPlan(
        blocks=(POLICY, SERVICE, INTEREST),
        choices=(HOPES,),
        overall="o",
        item_score=ItemScore.MEAN,
        factor_rule=FactorRule.POOLED_ANSWERS,
        index_rule=IndexRule.FIXED_WEIGHTS,
        weights={"A": Decimal("0.6"), "B": Decimal("0.4")},
    ),
    "top_overall": SatisfactionPlan(
        blocks=(POLICY, SERVICE),
        choices=(HOPES,),
        overall="o",
        factor_rule=FactorRule.OVERALL_ITEM,
        index_rule=IndexRule.OVERALL_ITEM,
    ),
}


def golden_rows(name: str, **wanted: str) -> list[dict[str, str]]:
    """Rows of a file that have these values."""
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if all(row[column] == wanted[column] for column in wanted)]


def numbers(row: dict[str, str], names: Sequence[str]) -> list[float]:
    """Numbers of a row; R's infinite design effect of unanimous answers does not exist for us."""
    return [math.nan if row[name] in {"NA", "Inf"} else float(row[name]) for name in names]


def estimated(case: str, interval: str = "logit") -> Satisfaction:
    design = Design.from_table(
        PEOPLE[PEOPLE["round"] == 2024].reset_index(drop=True),
        weight="w",
        strata="stratum",
        psu="commune",
        fpc="N" if case == "mean_pooled" else None,
        ultimate_cluster=True,
    )
    return satisfaction(design, PLANS[case], by="district", missing="available", interval=interval)


def key_of(code: str, domain: str | None = None) -> IndexKey:
    """Turn a code of the R script into a key."""
    levels = {"INDEX": Level.INDEX, "all": Level.ALL_SATISFIED}
    if code in levels:
        return IndexKey(level=levels[code], domain=domain)
    if code in {"A", "B", "P"}:
        return IndexKey(level=Level.BLOCK, code=code, domain=domain)
    if code.startswith("F"):
        return IndexKey(level=Level.FACTOR, code=code, domain=domain)
    level = Level.OPTION if code.startswith("m") else Level.ITEM
    return IndexKey(level=level, code=code, domain=domain)


@pytest.mark.parametrize("case", PLANS)
def test_estimates_errors_degrees_of_freedom_and_design_effects_are_those_of_r(case: str) -> None:
    result = estimated(case)
    golden = {
        key_of(row["code"], row["domain"] or None): row
        for row in golden_rows("expected.csv", case=case)
    }
    assert {row.key for row in result.rows} == set(golden)
    for row in result.rows:
        theirs = golden[row.key]
        assert [row.n, row.df] == numbers(theirs, ["n", "df"]), row
        ours = [row.value, row.se, row.deff, row.low, row.high]
        np.testing.assert_allclose(
            ours,
            numbers(theirs, ["value", "se", "deff", "low", "high"]),
            rtol=RTOL,
            atol=1e-14,
            err_msg=str(row.key),
        )


def test_symmetric_limits_are_those_of_r() -> None:
    result = estimated("top_mean", "mean")
    for theirs in golden_rows("expected.csv", case="top_mean", domain=""):
        row = result.find(key_of(theirs["code"]).level, key_of(theirs["code"]).code)
        limits = numbers(theirs, ["mean_low", "mean_high"])
        np.testing.assert_allclose([row.low, row.high], limits, rtol=RTOL)


@pytest.mark.parametrize("case", PLANS)
def test_covariances_of_all_values_are_those_of_r(case: str) -> None:
    result = estimated(case)
    assert result.covariance is not None
    golden = golden_rows("covariance.csv", case=case)
    keys = {row["first"]: key_of(row["first"]) for row in golden}
    places = {name: result.row(key.level, key.code) for name, key in keys.items()}
    ours = [result.covariance[places[row["first"]], places[row["second"]]] for row in golden]
    theirs = [float(row["covariance"]) for row in golden]
    np.testing.assert_allclose(ours, theirs, rtol=RTOL, atol=1e-15)


def test_a_difference_of_two_districts_has_the_standard_error_of_r() -> None:
    result = estimated("top_mean")
    unanimous = {row.key for row in result.rows if row.is_unanimous}
    for theirs in golden_rows("changes.csv", kind="districts"):
        keys = [key_of(theirs["code"], district) for district in ("D1", "D2")]
        ours = contrast(result, {keys[0]: -1.0, keys[1]: 1.0})
        value, se = numbers(theirs, ["value", "se"])
        if unanimous & set(keys):  # R counts agreement as certainty
            assert theirs["code"] == "FB2"
            se = math.nan
        np.testing.assert_allclose([ours.value, ours.se], [value, se], rtol=RTOL)


def rounds_of(kind: str) -> list[Round]:
    """Estimate both rounds in one pass over one table, or each by itself."""
    plan, years = PLANS["top_mean"], (2023, 2024)
    if kind == "overlap":
        design = Design.from_table(PEOPLE, weight="w", strata="stratum", psu="commune")
        both = satisfaction(design, plan, by="round", missing="available")
        results: list[tuple[Satisfaction, int | None]] = [(both, year) for year in years]
    else:
        results = []
        for year in years:
            people = PEOPLE[PEOPLE["round"] == year]
            design = Design.from_table(people, weight="w", strata="stratum", psu="commune")
            results.append((satisfaction(design, plan, missing="available"), None))
    return [
        Round(
            label=str(year),
            start=date(year, 1, 1),
            end=date(year, 12, 31),
            result=result,
            domain=domain,
        )
        for year, (result, domain) in zip(years, results, strict=True)
    ]


@pytest.mark.parametrize("kind", ["overlap", "apart"])
def test_a_change_between_rounds_has_the_standard_error_of_r(kind: str) -> None:
    old, new = rounds_of(kind)
    for theirs in golden_rows("changes.csv", kind=kind):
        key = key_of(theirs["code"])
        ours = change(old, new, (key.level, key.code), breaks=()).difference
        np.testing.assert_allclose(
            [ours.value, ours.se], numbers(theirs, ["value", "se"]), rtol=RTOL
        )


def test_a_change_of_independent_rounds_has_fewer_degrees_of_freedom_than_their_sum() -> None:
    for kind, df in (("apart", (9.0, 18.0)), ("overlap", (9.0, 9.0))):
        old, new = rounds_of(kind)
        found = change(old, new, (Level.INDEX, ""), breaks=()).difference
        assert df[0] <= found.df <= df[1]
        assert found.t == pytest.approx(found.value / found.se)
