"""How many answers are enough, and how much a given number of answers is worth.

The door to all size formulas: for one estimate here, the formula of the guides in
`sampling.slovin`, their inverse in `sampling.precision`, two rounds in `sampling.waves`, clusters
and silence in `sampling.clusters`. Each keeps its unrounded steps, because "1 361 people" alone
does not tell an auditor what made the number large.
"""

import math

from sampling.clusters import (
    design_effect,
    effective_size,
    intraclass_correlation,
    invitations_for,
    weighting_effect,
)
from sampling.precision import (
    RatioSpread,
    domain_half_width,
    mean_half_width,
    proportion_half_width,
    ratio_half_width,
    refuse_share,
    stratified_half_width,
)
from sampling.size_values import (
    Conditions,
    Quantile,
    SampleSize,
    normal_quantile,
    refuse_not_above_zero,
    refuse_outside,
    sized,
    student_quantile,
)
from sampling.slovin import (
    FiniteCorrection,
    cochran,
    implied_error,
    read_proportion,
    slovin,
    slovin_exact,
)
from sampling.waves import (
    TwoWaves,
    detectable_change,
    difference_half_width,
    difference_size,
    power_of_change,
    size_to_detect,
)

__all__ = [
    "Conditions",
    "FiniteCorrection",
    "Quantile",
    "RatioSpread",
    "SampleSize",
    "TwoWaves",
    "cochran",
    "design_effect",
    "detectable_change",
    "difference_half_width",
    "difference_size",
    "domain_half_width",
    "domain_size",
    "effective_size",
    "implied_error",
    "intraclass_correlation",
    "invitations_for",
    "mean_half_width",
    "mean_size",
    "normal_quantile",
    "power_of_change",
    "proportion_half_width",
    "proportion_size",
    "ratio_half_width",
    "ratio_size",
    "size_to_detect",
    "slovin",
    "slovin_exact",
    "stratified_half_width",
    "student_quantile",
    "weighting_effect",
]


def proportion_size(
    half_width: float,
    *,
    p: float = 0.5,
    conditions: Conditions | None = None,
    correction: FiniteCorrection = FiniteCorrection.EXACT,
) -> SampleSize:
    """Compute the size for a proportion with every step shown.

    `cochran` followed by the design effect and the response rate: n₀ = z²·p(1 − p)/e²;
    n = n₀/(1 + (n₀ − 1)/N); n·deff; n·deff/r.

    Parameters
    ----------
    half_width : float
        e, a proportion above 0 and at most 1.
    p : float
        Expected proportion, above 0 and below 1.
    conditions : Conditions, optional
    correction : FiniteCorrection
        Exact by default.

    Returns
    -------
    SampleSize

    Raises
    ------
    SampleSizeError
        e outside (0, 1] or p outside (0, 1).

    References
    ----------
    Cochran (1977), section 4.4; Kish (1965), section 8.2 (deff). Checked against:
    tests/golden/sampling_r (``sample_size_proportion``).

    Examples
    --------
    >>> size = proportion_size(
    ...     0.05, conditions=Conditions(population=1200, design_effect=1.5, response_rate=0.8))
    >>> size.answers, size.to_ask, size.reachable
    (437, 546, True)
    """
    conditions = conditions or Conditions()
    read_proportion(half_width, "half_width")
    refuse_outside(p, "p", above=0, below=1)
    infinite = conditions.z**2 * p * (1 - p) / half_width**2
    excess = infinite - 1 if correction is FiniteCorrection.EXACT else infinite
    return sized(infinite, infinite / (1 + excess * conditions.per_head), conditions)


def mean_size(
    half_width: float, *, deviation: float, conditions: Conditions | None = None
) -> SampleSize:
    """Compute the size for a mean, n₀ = (z·S/d)², n = n₀/(1 + n₀/N).

    The normal quantile takes S as known. Below about 30 answers check the result with
    `mean_half_width`, whose t quantile knows that it is not.

    Parameters
    ----------
    half_width : float
        d, in the unit of the answers, above 0.
    deviation : float
        S, above 0.
    conditions : Conditions, optional

    Returns
    -------
    SampleSize

    Raises
    ------
    SampleSizeError
        d or S not above 0.

    References
    ----------
    Cochran (1977), equation 4.6. Checked against: tests/golden/allocation_published
    (``nCont``).

    Examples
    --------
    >>> mean_size(0.5, deviation=3.4, conditions=Conditions(population=600)).answers
    138
    """
    conditions = conditions or Conditions()
    refuse_not_above_zero(half_width, "half_width")
    refuse_not_above_zero(deviation, "deviation")
    infinite = (conditions.z * deviation / half_width) ** 2
    return sized(infinite, infinite / (1 + infinite * conditions.per_head), conditions)


def ratio_size(
    half_width: float, *, spread: RatioSpread, conditions: Conditions | None = None
) -> SampleSize:
    """Compute the size for a ratio of two means: that of the mean of (y − R·x)/X̄.

    Parameters
    ----------
    half_width : float
        In the unit of the ratio, above 0.
    spread : RatioSpread
    conditions : Conditions, optional

    Returns
    -------
    SampleSize

    Raises
    ------
    SampleSizeError
        The half-width is not above 0, or the moments leave no spread or contradict themselves.

    References
    ----------
    Cochran (1977), equation 6.13.

    Examples
    --------
    >>> spread = RatioSpread(
    ...     ratio=0.8, mean_x=10, deviation_y=2, deviation_x=2, correlation=0.9)
    >>> ratio_size(0.02, spread=spread).answers
    77
    """
    return mean_size(half_width, deviation=spread.deviation, conditions=conditions)


def domain_size(
    half_width: float, *, share: float, deviation: float, conditions: Conditions | None = None
) -> SampleSize:
    """Compute the size of a whole sample that gives one chance domain its half-width.

    The inverse of `domain_half_width`: with m = n·W the smallest root of
    S²·(1/m + (1 − W)/m²) = (d/z)² + S²/(N·W).

    Parameters
    ----------
    half_width : float
        d within the domain, above 0.
    share : float
        W, the domain's share of the population, above 0 and at most 1.
    deviation : float
        S within the domain, above 0.
    conditions : Conditions, optional

    Returns
    -------
    SampleSize
        Of the whole sample; times W it is the expected number in the domain.

    Raises
    ------
    SampleSizeError
        d or S not above 0, or W outside (0, 1].

    References
    ----------
    Cochran (1977), sections 2.12 and 5A.9.

    Examples
    --------
    >>> domain_size(1.0, share=0.1, deviation=3.0).answers
    355
    """
    conditions = conditions or Conditions()
    refuse_not_above_zero(half_width, "half_width")
    refuse_not_above_zero(deviation, "deviation")
    refuse_share(share)
    square = deviation**2
    allowed = (half_width / conditions.z) ** 2
    infinite = _domain_root(square, allowed, share)
    corrected = _domain_root(square, allowed + square * conditions.per_head / share, share)
    return sized(infinite, corrected, conditions)


def _domain_root(square: float, allowed: float, share: float) -> float:
    """Solve allowed·m² − S²·m − S²·(1 − W) = 0 for m, and return m/W."""
    root = math.sqrt(square**2 + 4 * allowed * square * (1 - share))
    return (square + root) / (2 * allowed) / share
