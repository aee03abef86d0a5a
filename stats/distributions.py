"""Quantiles of the reference distributions: the one door to scipy's distributions.

``from scipy import stats`` would shadow this room, so no other file may import scipy.stats.
"""

import math

from scipy.stats import norm, t

__all__ = ["t_quantile", "t_two_sided"]


def t_quantile(probability: float, df: float) -> float:
    """Quantile of Student's t; infinite ``df`` is the normal, ``df <= 0`` has none.

    Parameters
    ----------
    probability : float in (0, 1)
    df : float
        Degrees of freedom, fractional ones included.

    Returns
    -------
    float
        NaN where ``df`` is not positive.

    Examples
    --------
    >>> round(t_quantile(0.975, 3), 4)
    3.1824
    >>> round(t_quantile(0.975, math.inf), 4)
    1.96
    """
    if math.isnan(df) or df <= 0:
        return math.nan
    if math.isinf(df):
        return float(norm.ppf(probability))
    return float(t.ppf(probability, df))


def t_two_sided(statistic: float, df: float) -> float:
    """Probability that |T| is at least |statistic|; infinite ``df`` is the normal.

    Returns
    -------
    float in [0, 1]
        NaN where ``df`` is not positive or the statistic does not exist.

    Examples
    --------
    >>> round(t_two_sided(3.1824, 3), 4)
    0.05
    >>> t_two_sided(1.0, 0)
    nan
    """
    if math.isnan(statistic) or math.isnan(df) or df <= 0:
        return math.nan
    if math.isinf(df):
        return float(2 * norm.sf(abs(statistic)))
    return float(2 * t.sf(abs(statistic), df))
