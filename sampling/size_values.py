"""What every size formula is told and what it answers: conditions, steps, and guards.

A size is kept with its unrounded steps, because "1 361 people" alone does not tell an auditor
whether the design effect or the expected silence made it large.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from scipy.special import stdtrit

from sampling.errors import SampleSizeError

__all__ = [
    "Conditions",
    "Quantile",
    "SampleSize",
    "normal_quantile",
    "refuse_not_above_zero",
    "refuse_outside",
    "round_up",
    "student_quantile",
]

_NORMAL = NormalDist()
_NOISE = 1e-9  # relative; a size that exceeds a whole number by less is that number


class Quantile(StrEnum):
    """Which distribution turns a standard error into a half-width.

    ``NORMAL`` takes the standard error as known; ``STUDENT`` knows that the n answers must also
    tell the spread, and uses t with n − 1 degrees of freedom. With nine answers the second is
    wider by 18 %.
    """

    NORMAL = "normal"
    STUDENT = "student"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The circumstances of a sample that are the same for every formula.

    ``population`` None is a population without end; ``level`` the confidence; ``design_effect``
    the variance relative to simple random sampling (see `sampling.sizes.design_effect`);
    ``response_rate`` the share of those asked who will answer.
    """

    population: int | None = None
    level: float = 0.95
    design_effect: float = 1.0
    response_rate: float = 1.0

    def __post_init__(self) -> None:
        if self.population is not None and self.population < 1:
            raise SampleSizeError(
                f"the population is {self.population}; it must be a whole number from 1, "
                "or None for a population without end"
            )
        refuse_outside(self.level, "level", above=0, below=1)
        refuse_not_above_zero(self.design_effect, "design_effect")
        if not (math.isfinite(self.response_rate) and 0 < self.response_rate <= 1):
            raise SampleSizeError(
                f"response_rate is {self.response_rate}; it must be above 0 and at most 1"
            )

    @property
    def z(self) -> float:
        """The two-sided normal quantile of the level."""
        return normal_quantile(self.level)

    @property
    def per_head(self) -> float:
        """1/N; 0 for a population without end."""
        return 0.0 if self.population is None else 1 / self.population


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """A size with the steps that led to it, in people.

    ``infinite`` is n₀ without end, ``corrected`` n for the population, ``with_design`` times the
    design effect, ``with_response`` divided by the response rate: all unrounded. The last two may
    exceed the population; `answers` and `to_ask` then stop there and `reachable` is false.
    """

    infinite: float
    corrected: float
    with_design: float
    with_response: float
    population: int | None

    @property
    def answers(self) -> int:
        """Answers needed, rounded up, at most everybody."""
        return self._at_most_everybody(self.with_design)

    @property
    def to_ask(self) -> int:
        """People to ask so that enough answer, rounded up, at most everybody."""
        return self._at_most_everybody(self.with_response)

    @property
    def reachable(self) -> bool:
        """Whether the population has as many people as must be asked."""
        return self.population is None or round_up(self.with_response) <= self.population

    def _at_most_everybody(self, size: float) -> int:
        """Round up, at most to the population."""
        whole = round_up(size)
        return whole if self.population is None else min(whole, self.population)


def sized(infinite: float, corrected: float, conditions: Conditions) -> SampleSize:
    """Add the steps that do not depend on the formula."""
    with_design = corrected * conditions.design_effect
    return SampleSize(
        infinite=infinite,
        corrected=corrected,
        with_design=with_design,
        with_response=with_design / conditions.response_rate,
        population=conditions.population,
    )


def round_up(size: float) -> int:
    """Round up to a whole number of people, ignoring floating-point noise.

    Parameters
    ----------
    size : float

    Returns
    -------
    int

    Examples
    --------
    >>> round_up(300.0000000001), round_up(300.01)
    (300, 301)
    """
    nearest = round(size)
    return nearest if abs(size - nearest) <= _NOISE * max(1.0, size) else math.ceil(size)


def normal_quantile(level: float) -> float:
    """Compute the two-sided normal quantile z of a confidence level.

    Parameters
    ----------
    level : float
        Above 0 and below 1.

    Returns
    -------
    float

    Raises
    ------
    SampleSizeError
        The level is no probability.

    Examples
    --------
    >>> round(normal_quantile(0.95), 4), round(normal_quantile(0.9545), 2)
    (1.96, 2.0)
    """
    refuse_outside(level, "level", above=0, below=1)
    return _NORMAL.inv_cdf((1 + level) / 2)


def student_quantile(level: float, freedom: float) -> float:
    """Compute the two-sided t quantile; infinite where no degree of freedom is left.

    Parameters
    ----------
    level : float
        Above 0 and below 1.
    freedom : float
        Degrees of freedom.

    Returns
    -------
    float

    Raises
    ------
    SampleSizeError
        The level is no probability.

    Examples
    --------
    >>> round(student_quantile(0.95, 8), 3), student_quantile(0.95, 0)
    (2.306, inf)
    """
    refuse_outside(level, "level", above=0, below=1)
    return float(stdtrit(freedom, (1 + level) / 2)) if freedom > 0 else math.inf


def refuse_outside(value: float, name: str, *, above: float, below: float) -> None:
    """Refuse a number that does not lie strictly between two others."""
    if not above < value < below:
        raise SampleSizeError(f"{name} is {value}; it must lie above {above} and below {below}")


def refuse_not_above_zero(value: float, name: str) -> None:
    """Refuse what is not a finite number above zero."""
    if not (math.isfinite(value) and value > 0):
        raise SampleSizeError(f"{name} is {value}; it must be a finite number above 0")
