"""What a design accepts, and how it refuses the rest."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stats import Design, mean
from stats.errors import DesignError, StatsError, VariableError


def people(**columns: list[Any]) -> pd.DataFrame:
    base = {
        "y": [1.0, 2.0, 4.0, 8.0],
        "w": [10.0, 10.0, 5.0, 5.0],
        "h": ["a", "a", "b", "b"],
        "c": [1, 2, 3, 4],
        "N": [20, 20, 10, 10],
    }
    return pd.DataFrame(base | columns)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, -1.0, 2.0, -3.0], r"row 2 is -1, row 4 is -3 \(2 of 4 rows\); drop nonrespondents"),
        ([1.0, math.nan, 2.0, 3.0], r"weight 'w' must be positive: row 2 is nan \(1 of 4 rows\)"),
        ([1.0, math.inf, 2.0, 3.0], r"row 2 is inf"),
        ([0.0, 0.0, 0.0, 0.0], r"all 4 weights 'w' are zero"),
        (["1", "2", "3", "4"], r"weight 'w' is not numeric"),
    ],
)
def test_unusable_weights_are_refused_with_their_rows(weights: list[Any], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        Design.from_table(people(w=weights), weight="w")


@pytest.mark.parametrize(
    ("columns", "arguments", "message"),
    [
        ({"h": ["a", None, "b", "b"]}, {"strata": "h"}, r"stratum 'h' is missing: row 2 \(1 of 4"),
        ({"c": [1, 2, None, 4]}, {"psu": "c"}, r"PSU id 'c' is missing: row 3 \(1 of 4"),
        (
            {"c": [1, 2, 1, 3]},
            {"psu": "c", "strata": "h"},
            r"1 ids of 'c' stand in more than one stratum: \['1'\]; say nest=True",
        ),
        ({"N": [20, 21, 10, 10]}, {"strata": "h", "fpc": "N"}, r"differs within its stratum"),
        ({"N": [20, 20, 1, 1]}, {"strata": "h", "fpc": "N"}, r"below the number of PSUs drawn"),
        ({"N": [20, 20, -1, -1]}, {"strata": "h", "fpc": "N"}, r"must be positive: row 3 is -1"),
        ({"p": [0.5, 0.5, 2.0, 1.0]}, {"probs": "p"}, r"probability 'p' is above 1: row 3 is 2"),
        ({}, {"weight": "w", "probs": "w"}, "give weight or probs, not both"),
        ({}, {"strata": ["h", "c"]}, "2 strata columns for 1 stages"),
        ({}, {"fpc": ["N", "N"]}, "2 fpc columns for 1 stages"),
        ({"N": [7] * 4}, {"psu": ["h", "c"], "fpc": "N"}, "cannot make the weights"),
        ({}, {"lonely": "ignore"}, "lonely is one of .* not 'ignore'"),
    ],
)
def test_designs_that_cannot_be_are_refused(
    columns: dict[str, list[Any]], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(DesignError, match=message):
        Design.from_table(people(**columns), **arguments)


def test_an_absent_column_is_refused_with_those_there_are() -> None:
    with pytest.raises(VariableError, match="no column 'pw'; the table has \\['y', 'w', 'h'"):
        Design.from_table(people(), weight="pw")


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(StatsError, match="no rows"):
        Design.from_table(people().head(0))


def test_anything_but_a_data_frame_is_refused() -> None:
    columns: Any = {"y": [1.0, 2.0]}
    with pytest.raises(DesignError, match="needs a pandas DataFrame, not dict"):
        Design.from_table(columns)


def test_a_repeated_index_of_the_table_does_not_matter() -> None:
    table = people().set_axis([0, 0, 1, 1])
    rows = mean(Design.from_table(table, strata="h"), "y", by=["h", "c"]).rows
    assert [row.estimate for row in rows] == [1.0, 2.0, 4.0, 8.0]


def test_cluster_ids_unique_within_their_stratum_are_accepted_when_said() -> None:
    design = Design.from_table(people(c=[1, 2, 1, 2]), psu="c", strata="h", nest=True)
    assert design.degrees_of_freedom == 2


def test_without_weights_or_fpc_every_row_weighs_one() -> None:
    assert Design.from_table(people(), strata="h").weights.tolist() == [1.0] * 4


def test_population_sizes_make_the_weights() -> None:
    assert Design.from_table(people(), strata="h", fpc="N").weights.tolist() == [10, 10, 5, 5]


def test_probabilities_of_stages_multiply() -> None:
    table = people(p1=[0.5] * 4, p2=[0.25, 0.25, 0.5, 1.0])
    assert Design.from_table(table, probs=["p1", "p2"]).weights.tolist() == [8, 8, 4, 2]


def test_a_row_of_weight_zero_is_no_degree_of_freedom() -> None:
    design = Design.from_table(people(w=[10.0, 10.0, 5.0, 0.0]), weight="w")
    assert design.degrees_of_freedom == 2


@pytest.mark.parametrize("mask", [[True, False], [1, 0, 1, 0], [True, None, False, True]])
def test_a_domain_is_one_plain_truth_value_per_row(mask: list[Any]) -> None:
    with pytest.raises(DesignError, match="a domain is 4 plain true or false values"):
        Design.from_table(people()).where(mask)


def test_domains_of_domains_intersect() -> None:
    design = Design.from_table(people())
    both = design.where(np.array([True, True, False, True])).where(design.table["y"] > 1)
    assert both.domain.tolist() == [False, True, False, True]
