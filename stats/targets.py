"""What the rows of a result are estimated from: columns turned into arrays.

A categorical column becomes one indicator per level, so that the share of a level is a mean like
any other and shares the missing answers of its column.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.design import column_of
from stats.errors import VariableError
from stats.linearization import Floats

__all__ = ["Target", "levels_of", "numeric_target", "paired", "targets_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """What one result row estimates: one column, or numerator and denominator.

    ``columns`` have shape (n,); values are meaningless where not ``valid``.
    """

    variable: str
    level: Hashable | None
    columns: tuple[Floats, ...]
    valid: NDArray[np.bool_]


def targets_of(table: pd.DataFrame, name: str) -> list[Target]:
    """Return one target for a numeric column, one per level for any other.

    Examples
    --------
    >>> [target.level for target in targets_of(pd.DataFrame({"g": ["b", "a"]}), "g")]
    ['a', 'b']
    """
    column = column_of(table, name)
    if pd.api.types.is_numeric_dtype(column):
        return [numeric_target(table, name)]
    return levels_of(name, column)


def numeric_target(table: pd.DataFrame, name: str) -> Target:
    """Return the target of a numeric (or true-false) column.

    Examples
    --------
    >>> numeric_target(pd.DataFrame({"y": [1, 2]}), "y").columns[0].tolist()
    [1.0, 2.0]
    """
    column = column_of(table, name)
    if not pd.api.types.is_numeric_dtype(column):
        raise VariableError(f"column {name!r} is not numeric but {column.dtype}")
    values: Floats = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise VariableError(
            f"column {name!r} is infinite in row {infinite[0] + 1} "
            f"({infinite.size} of {values.size} rows); correct these rows"
        )
    return Target(variable=name, level=None, columns=(values,), valid=~np.isnan(values))


def levels_of(name: str, column: "pd.Series[Any]") -> list[Target]:
    """Return one indicator per level, levels sorted, or in their order if categorical.

    Examples
    --------
    >>> [target.level for target in levels_of("x", pd.Series([2, 1, 2]))]
    [1, 2]
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, levels = np.asarray(column.cat.codes), list(column.cat.categories)
    else:
        found, labels = pd.factorize(column, sort=True)
        codes, levels = np.asarray(found), list(labels)
    return [
        Target(
            variable=name,
            level=level,
            columns=((codes == code).astype(np.float64),),
            valid=codes >= 0,
        )
        for code, level in enumerate(levels)
    ]


def paired(numerator: Target, denominator: Target) -> Target:
    """Return the target of a ratio, valid where both are.

    Examples
    --------
    >>> table = pd.DataFrame({"y": [1, 2], "x": [3, 4]})
    >>> paired(numeric_target(table, "y"), numeric_target(table, "x")).variable
    'y/x'
    """
    return Target(
        variable=f"{numerator.variable}/{denominator.variable}",
        level=None,
        columns=numerator.columns + denominator.columns,
        valid=numerator.valid & denominator.valid,
    )
