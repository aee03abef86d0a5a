"""Two rounds compared: the precision of a change, and the chance of noticing one.

Rounds that ask some people twice gain: what a person keeps thinking cancels in the difference.
The population is taken as the same in both rounds, which is what makes a finite correction
possible; power uses the normal distribution and two-sided tests.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from sampling.errors import SampleSizeError
from sampling.size_values import (
    Conditions,
    SampleSize,
    refuse_not_above_zero,
    refuse_outside,
    sized,
)

__all__ = [
    "TwoWaves",
    "detectable_change",
    "difference_half_width",
    "difference_size",
    "power_of_change",
    "size_to_detect",
]

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWaves:
    """The spreads of two rounds of equal size n, and what joins them.

    ``overlap`` is the share P of the n people who are asked in both rounds, ``correlation`` that
    of one person's two answers. ``overlap`` 0 is two samples drawn apart.
    """

    deviation_before: float
    deviation_after: float
    overlap: float = 0.0
    correlation: float = 0.0

    def __post_init__(self) -> None:
        for name in ("deviation_before", "deviation_after"):
            refuse_not_above_zero(getattr(self, name), name)
        if not 0 <= self.overlap <= 1:
            raise SampleSizeError(f"overlap is {self.overlap}; it must lie in [0, 1]")
        if not -1 <= self.correlation <= 1:
            raise SampleSizeError(f"correlation is {self.correlation}; it must lie in [-1, 1]")

    @classmethod
    def of_proportions(
        cls, before: float, after: float, *, overlap: float = 0.0, correlation: float = 0.0
    ) -> "TwoWaves":
        """Take the spreads from two expected proportions, √(p(1 − p)).

        Parameters
        ----------
        before, after : float
            Above 0 and below 1.
        overlap : float
        correlation : float

        Returns
        -------
        TwoWaves

        Raises
        ------
        SampleSizeError
            A proportion outside (0, 1), or as for the class.
        """
        refuse_outside(before, "before", above=0, below=1)
        refuse_outside(after, "after", above=0, below=1)
        return cls(
            deviation_before=math.sqrt(before * (1 - before)),
            deviation_after=math.sqrt(after * (1 - after)),
            overlap=overlap,
            correlation=correlation,
        )

    @property
    def sampled(self) -> float:
        """S₁² + S₂² − 2PρS₁S₂, the part of the variance that is divided by n."""
        return self._square(self.overlap)

    @property
    def everybody(self) -> float:
        """S₁² + S₂² − 2ρS₁S₂, the part that is divided by N and taken off."""
        return self._square(1.0)

    def _square(self, overlap: float) -> float:
        """Compute the variance of a difference with this overlap, times n."""
        crossed = self.correlation * self.deviation_before * self.deviation_after
        return self.deviation_before**2 + self.deviation_after**2 - 2 * overlap * crossed


def difference_half_width(
    size: int, *, waves: TwoWaves, conditions: Conditions | None = None
) -> float:
    """Compute the half-width of the interval of a change between two rounds of n answers each.

    V = deff·[(S₁² + S₂² − 2PρS₁S₂)/n − (S₁² + S₂² − 2ρS₁S₂)/N].

    Parameters
    ----------
    size : int
        n, answers of each round. Two samples that overlap by P need n·(2 − P) different people.
    waves : TwoWaves
    conditions : Conditions, optional

    Returns
    -------
    float
        In the unit of the answers.

    Raises
    ------
    SampleSizeError
        n below 1, or n·(2 − P) above N.

    References
    ----------
    Kish (1965), section 12.4; Qualité and Tillé (2008), equation 5, for the finite correction.

    Examples
    --------
    >>> waves = TwoWaves(
    ...     deviation_before=3.0, deviation_after=3.0, overlap=0.5, correlation=0.6)
    >>> round(difference_half_width(100, waves=waves), 3)
    0.696
    """
    conditions = conditions or Conditions()
    return conditions.z * _standard_error(size, waves, conditions)


def difference_size(
    half_width: float, *, waves: TwoWaves, conditions: Conditions | None = None
) -> SampleSize:
    """Compute the size of each of two rounds for a half-width of their difference.

    The inverse of `difference_half_width`.

    Parameters
    ----------
    half_width : float
        Above 0.
    waves : TwoWaves
    conditions : Conditions, optional

    Returns
    -------
    SampleSize
        Of each round.

    Raises
    ------
    SampleSizeError
        The half-width is not above 0.

    References
    ----------
    As `difference_half_width`.

    Examples
    --------
    >>> waves = TwoWaves(deviation_before=3.0, deviation_after=3.0)
    >>> difference_size(0.5, waves=waves).answers
    277
    """
    conditions = conditions or Conditions()
    refuse_not_above_zero(half_width, "half_width")
    return _size_for(half_width / conditions.z, waves, conditions)


def power_of_change(
    size: int, *, change: float, waves: TwoWaves, conditions: Conditions | None = None
) -> float:
    """Compute the chance that a true change is found significant with n answers a round.

    Φ(δ/se − z) + Φ(−δ/se − z), two-sided at 1 − level.

    Parameters
    ----------
    size : int
        n, answers of each round.
    change : float
        δ, the true change, in the unit of the answers; its sign does not matter.
    waves : TwoWaves
    conditions : Conditions, optional
        ``level`` 0.95 tests at 5 %.

    Returns
    -------
    float
        A probability; 1 − level when nothing changed.

    Raises
    ------
    SampleSizeError
        As in `difference_half_width`.

    References
    ----------
    Valliant, Dever and Kreuter (2018), section 4.3.

    Examples
    --------
    >>> waves = TwoWaves(deviation_before=3.0, deviation_after=3.0)
    >>> round(power_of_change(142, change=1.0, waves=waves), 3)
    0.802
    """
    conditions = conditions or Conditions()
    error = _standard_error(size, waves, conditions)
    if error == 0:
        return 1.0 if change else 1 - conditions.level
    shift = abs(change) / error
    return _NORMAL.cdf(shift - conditions.z) + _NORMAL.cdf(-shift - conditions.z)


def detectable_change(
    size: int, *, waves: TwoWaves, power: float = 0.8, conditions: Conditions | None = None
) -> float:
    """Compute the smallest change that n answers a round find with the power wanted.

    (z_level + z_power)·se; the other tail is left out (below 1e-5 from a power of 0.5 on).

    Parameters
    ----------
    size : int
        n, answers of each round.
    waves : TwoWaves
    power : float
        From 0.5, below 1.
    conditions : Conditions, optional

    Returns
    -------
    float
        In the unit of the answers.

    Raises
    ------
    SampleSizeError
        As in `difference_half_width`, or the power is outside [0.5, 1).

    References
    ----------
    Bloom (1995), minimum detectable effects.

    Examples
    --------
    >>> waves = TwoWaves(deviation_before=3.0, deviation_after=3.0)
    >>> round(detectable_change(142, waves=waves), 3)
    0.997
    """
    conditions = conditions or Conditions()
    return _reach(power, conditions) * _standard_error(size, waves, conditions)


def size_to_detect(
    change: float, *, waves: TwoWaves, power: float = 0.8, conditions: Conditions | None = None
) -> SampleSize:
    """Compute the size of each round that finds a change with the power wanted.

    The inverse of `detectable_change`.

    Parameters
    ----------
    change : float
        δ, in the unit of the answers; not 0.
    waves : TwoWaves
    power : float
        From 0.5, below 1.
    conditions : Conditions, optional

    Returns
    -------
    SampleSize
        Of each round.

    Raises
    ------
    SampleSizeError
        The change is 0 or no number, or the power is outside [0.5, 1).

    References
    ----------
    Valliant, Dever and Kreuter (2018), section 4.3 (``nContOpt``, ``power.t.test`` without t).

    Examples
    --------
    >>> size_to_detect(1.0, waves=TwoWaves(deviation_before=3.0, deviation_after=3.0)).answers
    142
    """
    conditions = conditions or Conditions()
    refuse_not_above_zero(abs(change), "change")
    return _size_for(abs(change) / _reach(power, conditions), waves, conditions)


def _standard_error(size: int, waves: TwoWaves, conditions: Conditions) -> float:
    """Compute the standard error of the difference of two rounds of n."""
    limit = conditions.population
    needed = size * (2 - waves.overlap)
    if size < 1 or (limit is not None and needed > limit * (1 + 1e-12)):
        raise SampleSizeError(
            f"the sample size is {size} in each round, {needed:g} different people at an overlap "
            f"of {waves.overlap}, of a population of {'no end' if limit is None else limit}; "
            "ask fewer, or overlap more"
        )
    variance = waves.sampled / size - waves.everybody * conditions.per_head
    return math.sqrt(conditions.design_effect * max(variance, 0.0))


def _size_for(error: float, waves: TwoWaves, conditions: Conditions) -> SampleSize:
    """Solve the variance of a difference for n."""
    infinite = waves.sampled / error**2
    corrected = waves.sampled / (error**2 + waves.everybody * conditions.per_head)
    return sized(infinite, corrected, conditions)


def _reach(power: float, conditions: Conditions) -> float:
    """Add the quantiles of level and power."""
    if not 0.5 <= power < 1:
        raise SampleSizeError(f"power is {power}; it must be from 0.5, below 1")
    return conditions.z + _NORMAL.inv_cdf(power)
