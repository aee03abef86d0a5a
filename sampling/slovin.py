"""The sample size that Vietnamese guides print, beside the textbook formula that it shortens.

Guides print Slovin's formula without its assumptions; here the docstrings spell them out. Errors
are read as the decimals that were written (0.05 is 1/20) and sizes rounded up from exact fractions,
because a binary 0.05 can push a whole number over the next one.
"""

import math
from enum import StrEnum
from fractions import Fraction

from sampling.errors import SampleSizeError
from sampling.frame import is_count

__all__ = [
    "FiniteCorrection",
    "cochran",
    "implied_error",
    "read_proportion",
    "slovin",
    "slovin_exact",
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
    e = read_proportion(error, "error")
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
    e = read_proportion(error, "error")
    expected = read_proportion(p, "p")
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


def _written(value: float) -> Fraction:
    """Read a number as the shortest decimal that a person would have written."""
    return Fraction(str(value))


def read_proportion(value: float, name: str) -> Fraction:
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
