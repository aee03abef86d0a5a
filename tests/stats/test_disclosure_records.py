"""Microdata that may not go out, and noise that asking twice does not remove."""

import numpy as np
import pandas as pd
import pytest

from stats.disclosure import (
    check_microdata,
    microdata_report,
    perturbation_table,
    perturbed_counts,
    record_keys,
)
from stats.errors import DisclosureError

KEY = bytes(range(32))


def people() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group": ["LD", "LD", "LD", "CC", "CC", None],
            "sex": ["f", "f", "f", "m", "m", "m"],
            "q": [5, 4, 5, 3, 3, 2],
        }
    )


def test_the_smallest_class_and_the_least_varied_one_are_found() -> None:
    report = microdata_report(people(), quasi_identifiers=["group", "sex"], sensitive=["q"])

    assert (report.rows, report.classes, report.k, report.unique_rows) == (6, 3, 1, 1)
    assert report.l == {"q": 1}


def test_a_table_below_the_rounds_k_is_refused() -> None:
    report = microdata_report(people(), quasi_identifiers=["group"], sensitive=["q"])
    with pytest.raises(DisclosureError, match="smallest class of alike rows has 1"):
        check_microdata(report, k=3)


def test_a_class_in_which_all_agree_is_refused_though_it_is_large() -> None:
    table = pd.DataFrame({"group": ["LD"] * 6, "q": [5] * 6})
    report = microdata_report(table, quasi_identifiers=["group"], sensitive=["q"])
    with pytest.raises(DisclosureError, match="too few different values"):
        check_microdata(report, k=5)


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(DisclosureError, match="no column age"):
        microdata_report(people(), quasi_identifiers=["age"], sensitive=["q"])


@pytest.mark.parametrize(("largest", "variance"), [(2, 1.0), (3, 2.0), (5, 3.0)])
def test_noise_has_mean_zero_the_asked_variance_and_leads_nowhere_below_zero(
    largest: int, variance: float
) -> None:
    table = perturbation_table(largest=largest, variance=variance)

    assert table.chances.sum(axis=1) == pytest.approx(1.0)
    assert table.chances @ table.changes == pytest.approx(0.0, abs=1e-9)
    assert table.chances[-1] @ table.changes**2 == pytest.approx(variance)
    for count, chances in enumerate(table.chances[:-1]):
        assert chances[table.changes < -count] == pytest.approx(0.0)


def test_the_same_people_get_the_same_noise_in_every_table() -> None:
    keys = record_keys([f"r{n}" for n in range(4000)], key=KEY)
    cells = np.arange(4000) % 40
    table = perturbation_table()
    first = perturbed_counts(cells, keys, table, size=40)
    again = perturbed_counts(39 - cells, keys, table, size=40)[::-1]
    other = record_keys([f"r{n}" for n in range(4000)], key=KEY[::-1])

    assert (first == again).all()
    assert (first != 100).any()
    assert (np.abs(first - 100) <= 3).all()
    assert (perturbed_counts(cells, other, table, size=40) != first).any()


def test_keys_are_refused_when_short_and_records_when_repeated() -> None:
    with pytest.raises(DisclosureError, match="the key has 3 bytes"):
        record_keys(["a"], key=b"abc")
    with pytest.raises(DisclosureError, match="1 of 2 record identifiers"):
        record_keys(["a", "a"], key=KEY)


def test_a_variance_that_the_changes_cannot_reach_is_refused() -> None:
    with pytest.raises(DisclosureError, match="variance is 9"):
        perturbation_table(largest=2, variance=9.0)
