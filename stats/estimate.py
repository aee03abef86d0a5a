"""What an estimator returns: one row per domain, variable and level, with its uncertainty.

Rows are plain values, so that a report needs no data frame; ``to_frame`` is for the notebook.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.errors import VariableError

__all__ = ["RESULT_COLUMNS", "Estimate", "EstimateRow", "refuse_reserved_names"]

RESULT_COLUMNS = (
    "variable",
    "level",
    "estimate",
    "se",
    "cv",
    "low",
    "high",
    "df",
    "deff",
    "n",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """One estimate; numbers that do not exist are NaN.

    ``by`` holds the domain's values in the order of ``Estimate.by``, ``level`` a category or
    ``None``, ``n`` the rows used, those of weight zero not counted.
    """

    by: tuple[Hashable, ...]
    variable: str
    level: Hashable | None
    estimate: float
    se: float
    df: float
    low: float
    high: float
    deff: float
    n: int

    @property
    def variance(self) -> float:
        """The squared standard error, in squared units of the estimate."""
        return self.se**2

    @property
    def cv(self) -> float:
        """Standard error over estimate; NaN where the estimate is zero."""
        return self.se / self.estimate if self.estimate else math.nan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """Estimates of one call.

    ``covariance`` has shape (rows, rows) where all rows rest on the same answers of one domain,
    else it is ``None``. ``notes`` are codes: ``missing:<variable>:<count>`` counts the answers
    left out, ``empty:<variable>`` a variable without a usable row in some domain.
    """

    by: tuple[str, ...]
    rows: tuple[EstimateRow, ...]
    level: float
    covariance: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return a data frame, one row per domain × variable × level.

        Examples
        --------
        >>> row = EstimateRow(by=(), variable="y", level=None, estimate=4.0, se=1.0, df=3,
        ...                   low=0.8, high=7.2, deff=float("nan"), n=4)
        >>> Estimate(by=(), rows=(row,), level=0.95).to_frame()["cv"].item()
        0.25
        """
        columns = [*self.by, *RESULT_COLUMNS]
        records = [(*row.by, *(getattr(row, name) for name in RESULT_COLUMNS)) for row in self.rows]
        return pd.DataFrame.from_records(records, columns=columns)


def refuse_reserved_names(by: tuple[str, ...]) -> None:
    """Refuse by-variables named as a column of the result, or named twice.

    Examples
    --------
    >>> refuse_reserved_names(("stype",))
    """
    taken = [name for name in by if name in RESULT_COLUMNS]
    taken += [one for one, other in pairwise(sorted(by)) if one == other]
    if taken:
        raise VariableError(
            f"by-variables {taken} would clash in the result ({', '.join(RESULT_COLUMNS)}); "
            "rename them"
        )
