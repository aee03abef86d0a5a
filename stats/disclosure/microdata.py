"""How well single rows hide in the crowd: k-anonymity and l-diversity of a microdata release.

A missing value is a value like any other here: whoever knows that a person left something out can
look for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from stats.errors import DisclosureError

__all__ = ["MicrodataReport", "check_microdata", "microdata_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrodataReport:
    """The smallest crowd of a table, and its least varied one.

    ``k`` is the size of the smallest class of rows alike in all quasi-identifiers, ``l`` the least
    number of different values of a sensitive column within a class, by column.
    """

    rows: int
    classes: int
    k: int
    unique_rows: int
    l: dict[str, int]  # noqa: E741 - the literature's letter


def microdata_report(
    table: pd.DataFrame, *, quasi_identifiers: Sequence[str], sensitive: Sequence[str]
) -> MicrodataReport:
    """Measure k-anonymity and distinct l-diversity.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per respondent.
    quasi_identifiers, sensitive : sequence of str
        Columns. Without quasi-identifiers all rows are one class.

    Returns
    -------
    MicrodataReport

    Raises
    ------
    DisclosureError
        A column is not in the table, stands in both lists, or the table has no rows.

    References
    ----------
    Sweeney (2002), k-anonymity; Machanavajjhala et al. (2007), l-diversity (distinct).

    Examples
    --------
    >>> table = pd.DataFrame({"sex": ["f", "f", "m"], "q": [5, 4, 5]})
    >>> report = microdata_report(table, quasi_identifiers=["sex"], sensitive=["q"])
    >>> report.k, report.l, report.unique_rows
    (1, {'q': 1}, 1)
    """
    wanted = [*quasi_identifiers, *sensitive]
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        raise DisclosureError(
            f"no column {', '.join(missing)}; the table has {list(table.columns)}"
        )
    both = sorted(set(quasi_identifiers) & set(sensitive))
    if both:
        raise DisclosureError(f"{', '.join(both)} is both quasi-identifier and sensitive")
    if table.empty:
        raise DisclosureError("the table has no rows; there is nothing to release")
    keys = (
        table.groupby(list(quasi_identifiers), dropna=False, sort=False, observed=True).ngroup()
        if quasi_identifiers
        else pd.Series(0, index=table.index)
    )
    sizes = keys.value_counts()
    return MicrodataReport(
        rows=len(table),
        classes=len(sizes),
        k=int(sizes.min()),
        unique_rows=int((sizes == 1).sum()),
        l={name: int(table[name].groupby(keys).nunique(dropna=False).min()) for name in sensitive},
    )


def check_microdata(report: MicrodataReport, *, k: int, l_diversity: int = 2) -> None:
    """Refuse a microdata release below the round's k or l.

    Raises
    ------
    DisclosureError
        A class has fewer than ``k`` rows, or fewer than ``l_diversity`` values of a sensitive
        column.

    Examples
    --------
    >>> report = MicrodataReport(rows=9, classes=2, k=4, unique_rows=0, l={"q": 2})
    >>> check_microdata(report, k=5)
    Traceback (most recent call last):
    stats.errors.DisclosureError: not released: the smallest class of alike rows has 4, ...
    """
    if report.k < k:
        raise DisclosureError(
            f"not released: the smallest class of alike rows has {report.k}, the round needs {k} "
            f"({report.unique_rows} of {report.rows} rows are unique); coarsen or drop "
            "quasi-identifiers"
        )
    poor = {name: found for name, found in report.l.items() if found < l_diversity}
    if poor:
        raise DisclosureError(
            f"not released: within a class of alike rows, columns {poor} have too few different "
            f"values, needed are {l_diversity}; coarsen or drop quasi-identifiers"
        )
