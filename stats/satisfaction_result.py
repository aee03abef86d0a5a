"""What the estimation of satisfaction indices returns, and differences taken from it.

Values of different aspects are never put into one number: ``contrast`` refuses it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.distributions import t_two_sided
from stats.errors import VariableError
from stats.limits import mean_limits
from stats.satisfaction_plan import Aspect, IndexKey, Level, SatisfactionPlan

__all__ = [
    "NO_ERROR",
    "Contrast",
    "IndexEstimate",
    "Satisfaction",
    "against_zero",
    "contrast",
]

NO_ERROR = 1e-12  # a standard error below this is rounding, not variation


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEstimate:
    """One share in [0, 1] with its error; numbers that do not exist are NaN.

    ``n`` counts respondents of positive weight with an answer to it, ``psus`` and ``strata``
    where they come from; ``df`` is PSUs minus strata. ``deff`` compares with as many people drawn
    singly, with replacement.
    """

    key: IndexKey
    aspect: Aspect
    value: float
    se: float
    df: int
    low: float
    high: float
    deff: float
    n: int
    psus: int
    strata: int

    @property
    def points(self) -> float:
        """The share as points of 10."""
        return 10 * self.value

    @property
    def points_limits(self) -> tuple[float, float]:
        """The limits as points of 10."""
        return 10 * self.low, 10 * self.high

    @property
    def is_unanimous(self) -> bool:
        """Everybody sampled agreed: the standard error 0 is what was seen, not what is known."""
        return self.se == 0 and math.isnan(self.low)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Satisfaction:
    """All values of all domains; ``covariance`` has shape (rows, rows), in the rows' order.

    ``covariance`` is ``None`` without a probability sample. ``notes`` are codes:
    ``missing:<item>:<count>``, ``empty:<domain>:<level>:<code>`` (nobody answered),
    ``unanimous:<domain>:<level>:<code>`` (no variation seen, so no interval),
    ``no_probability_sample``.
    """

    plan: SatisfactionPlan
    rows: tuple[IndexEstimate, ...]
    covariance: NDArray[np.float64] | None
    level: float
    notes: tuple[str, ...]

    def row(self, level: Level, code: str = "", *, domain: str | int | None = None) -> int:
        """Return the position of a value, or refuse with the values there are."""
        key = IndexKey(level=level, code=code, domain=domain)
        for place, row in enumerate(self.rows):
            if row.key == key:
                return place
        there = [row.key.code for row in self.rows if row.key.level == level]
        raise VariableError(
            f"no {level} {code!r} in domain {domain!r}; {len(there)} of this level: {there[:8]}"
        )

    def find(
        self, level: Level, code: str = "", *, domain: str | int | None = None
    ) -> IndexEstimate:
        """Return one estimate, or refuse with the values there are."""
        return self.rows[self.row(level, code, domain=domain)]

    def of_aspect(self, aspect: Aspect) -> tuple[IndexEstimate, ...]:
        """Return the rows of one aspect, which are reported apart from the others."""
        return tuple(row for row in self.rows if row.aspect is aspect)

    def to_frame(self) -> pd.DataFrame:
        """Return a data frame, one row per value and domain."""
        names = ("value", "points", "se", "df", "low", "high", "deff", "n", "psus", "strata")
        records = [
            (
                *(r.key.domain, r.aspect.value, r.key.level.value, r.key.code),
                *(getattr(r, name) for name in names),
            )
            for r in self.rows
        ]
        return pd.DataFrame.from_records(
            records, columns=["domain", "aspect", "level", "code", *names]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A weighted sum of values, tested against zero; df is the smallest of its parts."""

    value: float
    se: float
    df: float
    low: float
    high: float
    t: float
    p: float


def contrast(result: Satisfaction, weights: Mapping[IndexKey, float]) -> Contrast:
    """Estimate a weighted sum of values of one aspect, such as one factor minus another.

    Parameters
    ----------
    result : Satisfaction
    weights : mapping of key to weight

    Raises
    ------
    VariableError
        On an unknown key, no key at all, keys of several aspects, or a result without a
        probability sample.

    References
    ----------
    V(Σ a_i θ_i) = a' V a. Checked against: tests/golden/satisfaction_r (svycontrast).

    Examples
    --------
    >>> from stats import Design
    >>> from stats.satisfaction import BlockPlan, FactorPlan, satisfaction
    >>> people = pd.DataFrame({"a": [5, 4, 2, 4], "b": [4, 4, 4, 1], "commune": [1, 1, 2, 2]})
    >>> block = BlockPlan(code="B", aspect=Aspect.SATISFACTION,
    ...                   factors=(FactorPlan(code="F", items=("a", "b")),))
    >>> result = satisfaction(
    ...     Design.from_table(people, psu="commune"), SatisfactionPlan(blocks=(block,))
    ... )
    >>> a, b = (IndexKey(level=Level.ITEM, code=code) for code in "ab")
    >>> contrast(result, {a: 1.0, b: -1.0}).value
    0.0
    """
    places = [result.row(key.level, key.code, domain=key.domain) for key in weights]
    rows = [result.rows[place] for place in places]
    aspects = sorted({row.aspect.value for row in rows})
    if result.covariance is None:
        raise VariableError("no probability sample, so no error of a difference; print the values")
    if len(aspects) != 1:
        raise VariableError(f"a contrast has values of one aspect; got {aspects or 'no key'}")
    a = np.array(list(weights.values()), dtype=np.float64)
    variance = float(a @ result.covariance[np.ix_(places, places)] @ a)
    if any(row.is_unanimous for row in rows):
        variance = math.nan
    value = float(a @ [row.value for row in rows])
    return against_zero(
        value, max(variance, 0.0), df=min(row.df for row in rows), level=result.level
    )


def against_zero(value: float, variance: float, *, df: float, level: float) -> Contrast:
    """Return a difference with limits and its t test against zero; NaN without variation.

    Examples
    --------
    >>> round(against_zero(2.0, 1.0, df=10, level=0.95).p, 3)
    0.073
    """
    se = math.sqrt(max(variance, 0.0))
    statistic = value / se if se > NO_ERROR else math.nan
    low, high = mean_limits(value, se if se > NO_ERROR else math.nan, df=df, level=level)
    p = t_two_sided(statistic, df)
    return Contrast(value=value, se=se, df=df, low=low, high=high, t=statistic, p=p)
