"""The inverse of every size formula: how wide an interval a given number of answers buys.

A plan that prints only n lets readers believe that n was enough; these functions print ± beside
it. Half-widths are in the unit of the answers (a proportion for proportions).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sampling.errors import SampleSizeError
from sampling.size_values import (
    Conditions,
    Quantile,
    normal_quantile,
    refuse_not_above_zero,
    refuse_outside,
    student_quantile,
)

__all__ = [
    "RatioSpread",
    "domain_half_width",
    "mean_half_width",
    "proportion_half_width",
    "ratio_half_width",
    "stratified_half_width",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSpread:
    """The moments that the precision of a ratio R = Ȳ/X̄ of two answers depends on."""

    ratio: float
    mean_x: float
    deviation_y: float
    deviation_x: float
    correlation: float

    @property
    def deviation(self) -> float:
        """The standard deviation of (y − R·x)/X̄, which stands for S in the formula of a mean.

        Raises
        ------
        SampleSizeError
            A deviation below 0, a mean of x of 0, or a correlation outside [−1, 1].
        """
        if min(self.deviation_y, self.deviation_x) < 0 or self.mean_x == 0:
            raise SampleSizeError(
                f"deviations are {self.deviation_y} and {self.deviation_x}, the mean of x is "
                f"{self.mean_x}; deviations must be from 0 and the mean must not be 0"
            )
        if not -1 <= self.correlation <= 1:
            raise SampleSizeError(f"correlation is {self.correlation}; it must lie in [-1, 1]")
        scaled = self.ratio * self.deviation_x
        square = self.deviation_y**2 + scaled**2
        square -= 2 * self.correlation * self.deviation_y * scaled
        return math.sqrt(max(square, 0.0)) / abs(self.mean_x)


def mean_half_width(
    size: int,
    *,
    deviation: float,
    conditions: Conditions | None = None,
    quantile: Quantile = Quantile.STUDENT,
) -> float:
    """Compute the half-width of the interval of a mean, q·√(deff·S²·(1/n − 1/N)).

    Parameters
    ----------
    size : int
        n, answers, from 1 to N. The response rate plays no part: these are answers.
    deviation : float
        S, the standard deviation of the answers, from 0.
    conditions : Conditions, optional
    quantile : Quantile
        STUDENT (default) uses t with n − 1 degrees of freedom: one answer buys no interval.

    Returns
    -------
    float
        In the unit of the answers; 0 when everybody answered.

    Raises
    ------
    SampleSizeError
        n outside 1 … N, or S below 0.

    References
    ----------
    Cochran (1977), equation 2.23.

    Examples
    --------
    >>> everybody = Conditions(population=60)
    >>> round(mean_half_width(9, deviation=3.0, conditions=everybody), 3)
    2.126
    """
    conditions = conditions or Conditions()
    unseen = unseen_share(size, conditions)
    _refuse_deviation(deviation)
    if unseen == 0 or deviation == 0:
        return 0.0
    variance = conditions.design_effect * deviation**2 * unseen
    return _quantile(quantile, conditions.level, size - 1) * math.sqrt(variance)


def proportion_half_width(
    size: int, *, p: float = 0.5, conditions: Conditions | None = None
) -> float:
    """Compute the half-width of the interval of a proportion.

    z·√(deff·p(1 − p)/n · (N − n)/(N − 1)). The exact inverse of `sampling.sizes.proportion_size`.

    Parameters
    ----------
    size : int
        n, answers, from 1 to N.
    p : float
        Expected proportion, above 0 and below 1.
    conditions : Conditions, optional

    Returns
    -------
    float
        A proportion.

    Raises
    ------
    SampleSizeError
        n outside 1 … N, or p outside (0, 1).

    References
    ----------
    Cochran (1977), equation 3.8.

    Examples
    --------
    >>> round(proportion_half_width(385), 4)
    0.0499
    """
    conditions = conditions or Conditions()
    unseen = unseen_share(size, conditions)
    refuse_outside(p, "p", above=0, below=1)
    if unseen == 0:
        return 0.0
    square = p * (1 - p) / (1 - conditions.per_head)  # S² = N·p·(1 − p)/(N − 1)
    return conditions.z * math.sqrt(conditions.design_effect * square * unseen)


def ratio_half_width(
    size: int,
    *,
    spread: RatioSpread,
    conditions: Conditions | None = None,
    quantile: Quantile = Quantile.STUDENT,
) -> float:
    """Compute the half-width of the interval of a ratio of two means, linearised.

    Parameters
    ----------
    size : int
        n, answers, from 1 to N.
    spread : RatioSpread
    conditions : Conditions, optional
    quantile : Quantile

    Returns
    -------
    float
        In the unit of the ratio.

    Raises
    ------
    SampleSizeError
        As in `mean_half_width`, or moments that no pair of variables has.

    References
    ----------
    Cochran (1977), equation 6.13.

    Examples
    --------
    >>> spread = RatioSpread(
    ...     ratio=0.8, mean_x=10, deviation_y=2, deviation_x=2, correlation=0.9)
    >>> round(ratio_half_width(100, spread=spread, quantile=Quantile.NORMAL), 4)
    0.0175
    """
    return mean_half_width(
        size, deviation=spread.deviation, conditions=conditions, quantile=quantile
    )


def domain_half_width(
    size: int, *, share: float, deviation: float, conditions: Conditions | None = None
) -> float:
    """Compute the half-width of a mean in a domain that the sample meets by chance.

    The domain holds the share W of the population, but how many of the n answers fall into it is
    left to chance: V ≈ S²·(1/(nW) + (1 − W)/(nW)² − 1/(NW)). A domain that is a stratum has a
    size of its own; use `mean_half_width` for it.

    Parameters
    ----------
    size : int
        n, answers of the whole sample, from 1 to N.
    share : float
        W, above 0 and at most 1.
    deviation : float
        S within the domain, from 0.
    conditions : Conditions, optional

    Returns
    -------
    float
        In the unit of the answers.

    Raises
    ------
    SampleSizeError
        n outside 1 … N, W outside (0, 1], or S below 0.

    References
    ----------
    Cochran (1977), section 5A.9 (the expectation of 1/n_d) and section 2.12.

    Examples
    --------
    >>> round(domain_half_width(400, share=0.1, deviation=3.0), 3)
    0.94
    """
    conditions = conditions or Conditions()
    unseen_share(size, conditions)
    refuse_share(share)
    _refuse_deviation(deviation)
    if size == conditions.population:
        return 0.0
    expected = size * share
    unseen = 1 / expected + (1 - share) / expected**2 - conditions.per_head / share
    return conditions.z * deviation * math.sqrt(conditions.design_effect * max(unseen, 0.0))


def stratified_half_width(
    strata: Sequence[tuple[int, int, float]],
    *,
    level: float = 0.95,
    quantile: Quantile = Quantile.STUDENT,
) -> float:
    """Compute the half-width of the interval of a population-weighted mean over strata.

    V = Σ (N_h/N)²·S_h²·(1/n_h − 1/N_h); the t quantile takes Satterthwaite's degrees of freedom
    V²/Σ V_h²/(n_h − 1). Strata without people do not count.

    Parameters
    ----------
    strata : sequence of (N_h, n_h, S_h)
        People, answers and standard deviation.
    level : float
    quantile : Quantile

    Returns
    -------
    float
        In the unit of the answers; infinite where a stratum with people has no answer, or one
        answer only (STUDENT); 0 where everybody answered.

    Raises
    ------
    SampleSizeError
        An n_h outside 0 … N_h, an S_h below 0, or no people at all.

    References
    ----------
    Cochran (1977), equations 5.9 and 5.16. Checked against: tests/golden/worked_examples
    (``stratified_fpc``).

    Examples
    --------
    >>> unit = [(8, 5, 2.20825**0.5), (40, 4, 11.6966667**0.5)]
    >>> round(stratified_half_width(unit), 4)
    4.2955
    """
    refuse_outside(level, "level", above=0, below=1)
    everybody = sum(people for people, _, _ in strata)
    if everybody < 1:
        raise SampleSizeError(f"the {len(strata)} strata hold {everybody} people; none to estimate")
    variance = doubt = 0.0
    for people, answers, deviation in strata:
        part = _stratum_variance(people, answers, deviation) * (people / everybody) ** 2
        if part == 0:
            continue
        if math.isinf(part):
            return math.inf
        variance += part
        doubt += part**2 / (answers - 1) if answers > 1 else math.inf
    if variance == 0:
        return 0.0
    return _quantile(quantile, level, variance**2 / doubt) * math.sqrt(variance)


def unseen_share(size: int, conditions: Conditions) -> float:
    """Compute 1/n − 1/N, refusing an n that the population does not have."""
    limit = conditions.population
    if size < 1 or (limit is not None and size > limit):
        everybody = "without end" if limit is None else f"of {limit}"
        raise SampleSizeError(
            f"the sample size is {size} of a population {everybody}; "
            "it must be a whole number from 1 to the population"
        )
    return 0.0 if size == limit else 1 / size - conditions.per_head


def refuse_share(share: float) -> None:
    """Refuse a domain's share outside (0, 1]."""
    refuse_not_above_zero(share, "share")
    if share > 1:
        raise SampleSizeError(f"share is {share}; it must be above 0 and at most 1")


def _refuse_deviation(deviation: float) -> None:
    """Refuse a standard deviation below 0."""
    if not (math.isfinite(deviation) and deviation >= 0):
        raise SampleSizeError(f"deviation is {deviation}; it must be a finite number from 0")


def _stratum_variance(people: int, answers: int, deviation: float) -> float:
    """Compute S²·(1/n − 1/N); infinite without an answer, 0 without people."""
    _refuse_deviation(deviation)
    if not 0 <= answers <= people:
        raise SampleSizeError(
            f"a stratum of {people} people has {answers} answers; it must be 0 to the population"
        )
    if answers == people:
        return 0.0
    return deviation**2 * (1 / answers - 1 / people) if answers else math.inf


def _quantile(quantile: Quantile, level: float, freedom: float) -> float:
    """Look the quantile up."""
    if quantile is Quantile.NORMAL:
        return normal_quantile(level)
    return student_quantile(level, freedom)
