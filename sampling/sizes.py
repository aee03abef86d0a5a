"""How many answers are enough, and how much a given number of answers is worth.

The door to all size formulas: for one estimate here, their inverse in `sampling.precision`, two
rounds in `sampling.waves`, clusters and silence in `sampling.clusters`. Vietnamese guides print
Slovin's formula without its assumptions; here each docstring spells them out. Slovin and Cochran
read errors as the decimals that were written (0.05 is 1/20) and round up from exact fractions,
because a binary 0.05 can push a whole number over the next one.
"""

import math
from enum import StrEnum
from fractions import Fraction

from sampling.clusters import (
    design_effect,
    effective_size,
    intraclass_correlation,
    invitations_for,
    weighting_effect,
)
from sampling.errors import SampleSizeError
from sampling.frame import is_count
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

_Z95 = 1.959963984540054  # two-sided 95 % quantile of the standard normal distribution


class FiniteCorrection(StrEnum):
    """Which finite-population correction `cochran` uses.

    ``EXACT`` divides by 1 + (n₀ − 1)/N, ``APPROXIMATE`` by 1 + n₀/N. With n₀ = 400 and N = 1 200
    the first gives 301 and the second 300, which is what Slovin's formula is.
    """

    EXACT = "exact"
    APPROXIMATE = "approximate"


def slovin_exact(population: int, error: float) -> Fraction:
    """Compute n = N / (1 + N·e²) before rounding.

    Parameters
    ----------
    population : int
        N, from 1.
    error : float
        e, a proportion (0.05 for five percentage points), above 0 and at most 1.

    Returns
    -------
    fractions.Fraction

    Raises
    ------
    SampleSizeError
        N below 1, or e outside (0, 1].

    Examples
    --------
    >>> round(float(slovin_exact(60, 0.05)), 4)
    52.1739
    """
    _refuse_population(population)
    e = _proportion(error, "error")
    return population / (1 + population * e**2)


def slovin(population: int, error: float) -> int:
    """Compute the sample size of Slovin's formula, n = N / (1 + N·e²), rounded up.

    Hidden assumptions: a proportion near one half (p = 0.5), z = 2 (95.4 % confidence, not 95),
    simple random sampling without clusters, everybody answers, and one estimate for the whole
    population (no unit and no group gets this error by itself). It is `cochran` with p = 0.5,
    z = 2 and the approximate correction.

    Parameters
    ----------
    population : int
        N, from 1.
    error : float
        e, a proportion, above 0 and at most 1.

    Returns
    -------
    int
        People.

    Raises
    ------
    SampleSizeError
        N below 1, or e outside (0, 1].

    References
    ----------
    Công văn 1159/BNV-CCHC (10/4/2014), with e = 0.05. Checked against:
    tests/golden/worked_examples.

    Examples
    --------
    >>> slovin(1200, 0.05)
    300
    """
    return math.ceil(slovin_exact(population, error))


def implied_error(size: int, population: int) -> float:
    """Compute the error that Slovin's formula grants n of N, e = √(1/n − 1/N).

    The formula turned round: 9 answers of 60 people are worth ±30.7 percentage points by Vietnam's
    own formula. Assumptions as in `slovin`; it says nothing about means of scales, whose spread
    is usually smaller than that of a proportion of one half.

    Parameters
    ----------
    size : int
        n, answers, from 1 to N.
    population : int
        N, from 1.

    Returns
    -------
    float
        A proportion; 0 when everybody was asked.

    Raises
    ------
    SampleSizeError
        N below 1, or n outside 1 … N.

    References
    ----------
    Checked against: tests/golden/worked_examples.

    Examples
    --------
    >>> round(implied_error(9, 60), 4)
    0.3073
    """
    _refuse_population(population)
    if not is_count(size) or not 1 <= size <= population:
        raise SampleSizeError(
            f"the sample size is {size} of a population of {population}; "
            "it must be a whole number from 1 to the population"
        )
    return math.sqrt(Fraction(1, size) - Fraction(1, population))


def cochran(
    population: int | None,
    error: float,
    *,
    p: float = 0.5,
    z: float = _Z95,
    correction: FiniteCorrection = FiniteCorrection.EXACT,
) -> int:
    """Compute the sample size for a proportion, n₀ = z²·p(1 − p)/e² corrected for N, rounded up.

    Assumes simple random sampling, everybody answers, and a sample large enough for the normal
    approximation (doubtful when n·p or n·(1 − p) is below about 10). Clusters need n times the
    design effect, nonresponse n divided by the expected response rate.

    Parameters
    ----------
    population : int or None
        N, from 1; None for a population without end, uncorrected.
    error : float
        e, half-width wanted, a proportion above 0 and at most 1.
    p : float
        Expected proportion, above 0 and below 1; 0.5 is the most careful guess.
    z : float
        Normal quantile of the confidence wanted, above 0; 1.96 for 95 %.
    correction : FiniteCorrection
        Exact by default.

    Returns
    -------
    int
        People; never more than N.

    Raises
    ------
    SampleSizeError
        An argument is outside the range given above.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., section 4.4. Checked against:
    tests/golden/worked_examples through its equality with `slovin`.

    Examples
    --------
    >>> cochran(None, 0.05)
    385
    >>> cochran(1200, 0.05, z=2), cochran(1200, 0.05, z=2, correction=FiniteCorrection.APPROXIMATE)
    (301, 300)
    """
    e = _proportion(error, "error")
    expected = _proportion(p, "p")
    if expected == 1:
        raise SampleSizeError(f"p is {p}; it must lie above 0 and below 1")
    if not (math.isfinite(z) and z > 0):
        raise SampleSizeError(f"z is {z}; it must be a finite number above 0, 1.96 for 95 %")
    infinite = _written(z) ** 2 * expected * (1 - expected) / e**2
    if population is None:
        return math.ceil(infinite)
    _refuse_population(population)
    excess = infinite - 1 if correction is FiniteCorrection.EXACT else infinite
    return min(math.ceil(infinite / (1 + excess / population)), population)


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
    _proportion(half_width, "half_width")
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


def _written(value: float) -> Fraction:
    """Read a number as the shortest decimal that a person would have written."""
    return Fraction(str(value))


def _proportion(value: float, name: str) -> Fraction:
    """Read a proportion above 0 and at most 1."""
    if not (math.isfinite(value) and 0 < value <= 1):
        raise SampleSizeError(
            f"{name} is {value}; it must be a proportion above 0 and at most 1, "
            "0.05 for five percentage points"
        )
    return _written(value)


def _refuse_population(population: int) -> None:
    """Refuse an empty population."""
    if not is_count(population) or population < 1:
        raise SampleSizeError(f"the population is {population}; it must be a whole number from 1")
