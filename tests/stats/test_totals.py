"""Estimators by hand, their domains, missing answers and invariances."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats import Design, mean, proportion, ratio, total
from stats.errors import LonelyPsuError, MissingValuesError, VariableError

STRATIFIED = pd.DataFrame(
    {
        "y": [1.0, 2.0, 4.0, 8.0],
        "x": [2.0, 2.0, 2.0, 4.0],
        "h": ["a", "a", "b", "b"],
        "N": [20, 20, 10, 10],
        "g": ["u", "v", "u", "v"],
    }
)
DESIGN = Design.from_table(STRATIFIED, strata="h", fpc="N")


def test_a_stratified_total_is_the_textbook_one() -> None:
    (row,) = total(DESIGN, "y").rows
    assert row.estimate == 20 * 1.5 + 10 * 6
    variance = 20**2 * (1 - 2 / 20) * 0.5 / 2 + 10**2 * (1 - 2 / 10) * 8 / 2
    assert row.se == pytest.approx(math.sqrt(variance), rel=1e-14)
    assert (row.df, row.n) == (2, 4)


def test_a_frame_has_the_documented_columns() -> None:
    frame = mean(DESIGN, ["y", "x"], by="g").to_frame()
    assert list(frame.columns) == [
        "g", "variable", "level", "estimate", "se", "cv", "low", "high", "df", "deff", "n",
    ]  # fmt: skip
    assert frame[["g", "variable"]].to_numpy().tolist() == [
        ["u", "y"], ["u", "x"], ["v", "y"], ["v", "x"],
    ]  # fmt: skip


def test_a_domain_without_degrees_of_freedom_has_no_interval() -> None:
    row = mean(DESIGN.where(STRATIFIED["y"] < 2), "y").rows[0]
    assert row.df == 0
    assert math.isnan(row.low)
    assert math.isnan(row.high)


@pytest.mark.parametrize(
    ("df", "used"), [("domain", 0), ("design", 2), (7, 7), (math.inf, math.inf)]
)
def test_degrees_of_freedom_are_those_asked_for(df: str | float, used: float) -> None:
    assert [row.df for row in mean(DESIGN, "y", by="g", df=df).rows] == [used, used]


def with_missing() -> Design:
    table = STRATIFIED.assign(y=[1.0, np.nan, 4.0, 8.0], x=[2.0, 2.0, np.nan, 4.0])
    return Design.from_table(table, strata="h", fpc="N")


def test_missing_answers_are_refused_with_row_and_count() -> None:
    with pytest.raises(MissingValuesError, match=r"'y' is missing in row 2 \(1 of 4 rows; 2 var"):
        mean(with_missing(), ["y", "x"])


def test_missing_answers_outside_the_domain_do_not_matter() -> None:
    design = with_missing()
    assert mean(design.where(STRATIFIED["h"] == "b"), "y").rows[0].n == 2


@pytest.mark.parametrize(("missing", "sizes"), [("available", [3, 3]), ("listwise", [2, 2])])
def test_missing_answers_are_left_out_as_written_and_counted(
    missing: str, sizes: list[int]
) -> None:
    result = mean(with_missing(), ["y", "x"], missing=missing)
    assert [row.n for row in result.rows] == sizes
    assert result.notes == ("missing:y:1", "missing:x:1")


def test_rows_keep_the_order_of_the_call_whatever_is_missing() -> None:
    design = with_missing()
    result = mean(design, ["x", "N", "y"], missing="available")
    assert [row.variable for row in result.rows] == ["x", "N", "y"]
    assert result.covariance is None


def test_missing_by_values_are_refused_or_left_out() -> None:
    design = Design.from_table(STRATIFIED.assign(g=["u", None, "u", "v"]), strata="h", fpc="N")
    with pytest.raises(MissingValuesError, match=r"by-variables \['g'\] are missing in row 2"):
        mean(design, "y", by="g")
    assert [row.n for row in mean(design, "y", by="g", missing="available").rows] == [2, 1]


def test_a_variable_without_an_answer_in_a_domain_is_named_not_zero() -> None:
    design = Design.from_table(STRATIFIED.assign(y=[np.nan, 2.0, np.nan, 8.0]), strata="h")
    result = mean(design, "y", by="g", missing="available")
    assert [row.by for row in result.rows] == [("v",)]
    assert "empty:y" in result.notes


def test_a_lonely_psu_is_refused_by_its_stratum() -> None:
    table = STRATIFIED.assign(h=["a", "a", "a", "b"])
    with pytest.raises(LonelyPsuError, match=r"1 of 2 strata have a single PSU: \['h=b'\]"):
        mean(Design.from_table(table, strata="h"), "y")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean(DESIGN, "z"), "no column 'z'"),
        (lambda: mean(DESIGN, []), "name at least one column"),
        (lambda: ratio(DESIGN, "g", "x"), "column 'g' is not numeric"),
        (lambda: mean(DESIGN, "y", missing="drop"), "missing is one of .* not 'drop'"),
        (lambda: mean(DESIGN, "y", df="all"), "df is 'domain', 'design' or a number"),
        (lambda: mean(DESIGN, "y", level=95), "level must lie strictly between"),
        (lambda: mean(DESIGN, "y", deff="with"), "deff is False, True or 'replace'"),
        (lambda: proportion(DESIGN, "g", interval="exact"), "interval is one of"),
    ],
)
def test_calls_that_make_no_sense_are_refused(call: Any, message: str) -> None:
    with pytest.raises(VariableError, match=message):
        call()


def test_by_variables_named_as_results_are_refused() -> None:
    design = Design.from_table(STRATIFIED.rename(columns={"g": "level"}))
    with pytest.raises(VariableError, match=r"by-variables \['level'\] would clash"):
        mean(design, "y", by="level")


def test_infinite_answers_are_refused_with_their_row() -> None:
    design = Design.from_table(STRATIFIED.assign(y=[1.0, 2.0, math.inf, 3.0]))
    with pytest.raises(VariableError, match=r"column 'y' is infinite in row 3 \(1 of 4 rows\)"):
        mean(design, "y")


def test_a_share_of_zero_or_one_has_no_logit_limits() -> None:
    design = Design.from_table(STRATIFIED.assign(g=["u"] * 4))
    (row,) = proportion(design, "g").rows
    assert (row.estimate, row.se) == (1.0, 0.0)
    assert math.isnan(row.low)


def test_categories_keep_their_order_and_unused_levels_have_share_zero() -> None:
    scale = pd.Categorical(["high", "low", "low", "high"], ["low", "middle", "high"])
    result = proportion(Design.from_table(STRATIFIED.assign(g=scale)), "g", interval="mean")
    assert [(row.level, row.estimate) for row in result.rows] == [
        ("low", 0.5), ("middle", 0.0), ("high", 0.5),
    ]  # fmt: skip


def test_a_ratio_to_nothing_is_not_a_number() -> None:
    (row,) = ratio(Design.from_table(STRATIFIED.assign(x=0.0)), "y", "x").rows
    assert math.isnan(row.estimate)
    assert math.isnan(row.se)


finite = st.floats(-100, 100).map(lambda value: round(value, 3))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Draw strata of two or more clusters of one or more rows."""
    rows = []
    for stratum in range(draw(st.integers(1, 3))):
        for cluster in range(draw(st.integers(2, 3))):
            rows += [
                {
                    "h": stratum,
                    "c": 10 * stratum + cluster,
                    "y": draw(finite),
                    "w": draw(st.integers(1, 9)),
                    "g": draw(st.sampled_from("uv")),
                }
                for _ in range(draw(st.integers(1, 3)))
            ]
    return pd.DataFrame(rows)


def numbers(table: pd.DataFrame, estimator: Any) -> np.ndarray[Any, Any]:
    design = Design.from_table(table, weight="w", strata="h", psu="c")
    frame = estimator(design, "y", by="g").to_frame()
    result: np.ndarray[Any, Any] = frame[["estimate", "se", "low", "high"]].to_numpy(dtype=float)
    return result


@given(tables(), st.sampled_from([mean, total]), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    table: pd.DataFrame, estimator: Any, random: Any
) -> None:
    order = list(range(len(table)))
    random.shuffle(order)
    shuffled = numbers(table.iloc[order], estimator)
    np.testing.assert_allclose(shuffled, numbers(table, estimator), rtol=1e-9, atol=1e-6)


@given(tables(), st.sampled_from([mean, total]))
def test_names_of_strata_and_clusters_do_not_matter(table: pd.DataFrame, estimator: Any) -> None:
    renamed = table.assign(h=(-table["h"]).astype(str), c=1000 - table["c"])
    np.testing.assert_allclose(
        numbers(renamed, estimator), numbers(table, estimator), rtol=1e-9, atol=1e-6
    )


@given(tables(), st.sampled_from([mean, total]), st.sampled_from([0.5, 2.0, 64.0]))
def test_scaling_the_answers_scales_the_result(
    table: pd.DataFrame, estimator: Any, factor: float
) -> None:
    scaled = numbers(table.assign(y=table["y"] * factor), estimator)
    np.testing.assert_allclose(scaled, numbers(table, estimator) * factor, rtol=1e-9, atol=1e-6)


@given(tables(), st.sampled_from([2.0, 0.25]))
def test_scaling_the_weights_leaves_means_alone(table: pd.DataFrame, factor: float) -> None:
    reweighted = numbers(table.assign(w=table["w"] * factor), mean)
    np.testing.assert_allclose(reweighted, numbers(table, mean), rtol=1e-9, atol=1e-6)


@given(tables())
def test_domain_totals_add_up_to_the_total(table: pd.DataFrame) -> None:
    design = Design.from_table(table, weight="w", strata="h", psu="c")
    parts = sum(row.estimate for row in total(design, "y", by="g").rows)
    assert parts == pytest.approx(total(design, "y").rows[0].estimate, abs=1e-6)


@given(tables())
def test_a_mean_is_the_ratio_to_one(table: pd.DataFrame) -> None:
    design = Design.from_table(table.assign(one=1.0), weight="w", strata="h", psu="c")
    (as_mean,), (as_ratio,) = mean(design, "y").rows, ratio(design, "y", "one").rows
    assert as_ratio.estimate == pytest.approx(as_mean.estimate, abs=1e-9)
    assert as_ratio.se == pytest.approx(as_mean.se, abs=1e-9)
