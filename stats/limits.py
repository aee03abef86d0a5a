"""Limits of an interval from an estimate, its standard error and degrees of freedom.

No degrees of freedom, no limits: NaN says so, where R would print a normal interval.
"""

import math

from stats.distributions import t_quantile

__all__ = ["logit_limits", "mean_limits"]


def mean_limits(estimate: float, se: float, *, df: float, level: float) -> tuple[float, float]:
    """Return estimate ± t·se; NaN where df is not positive.

    Examples
    --------
    >>> low, high = mean_limits(0.0, 1.0, df=math.inf, level=0.95)
    >>> round(low, 2), round(high, 2)
    (-1.96, 1.96)
    """
    reach = t_quantile((1 + level) / 2, df) * se
    return estimate - reach, estimate + reach


def logit_limits(share: float, se: float, *, df: float, level: float) -> tuple[float, float]:
    """Return t limits on the logit scale, turned back; NaN for a share of 0 or 1.

    Examples
    --------
    >>> low, high = logit_limits(0.9, 0.1, df=math.inf, level=0.95)
    >>> round(low, 3), round(high, 3)
    (0.505, 0.988)
    """
    if not 0 < share < 1:
        return math.nan, math.nan
    centre = math.log(share / (1 - share))
    reach = t_quantile((1 + level) / 2, df) * se / (share * (1 - share))
    low, high = centre - reach, centre + reach
    return _expit(low), _expit(high)


def _expit(value: float) -> float:
    if value < 0:
        return math.exp(value) / (1 + math.exp(value))
    return 1 / (1 + math.exp(-value))
