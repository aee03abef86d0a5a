"""What a given n buys before anybody has answered: Slovin's error and the expected half-width.

Both are about a proportion of one half, the widest there is. Slovin's formula hides p = 0.5, z = 2
and a population without strata; the half-width weights a unit's groups by their people, as the
index does, and takes the normal quantile, because before the answers there is no spread to doubt.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sampling import implied_error
from sampling.precision import stratified_half_width
from sampling.size_values import Quantile

__all__ = ["PROPORTION", "Asked", "Outlook", "deviation", "outlook"]

PROPORTION = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """People of a stratum, and how many of them answer."""

    population: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Expected errors of a proportion, as shares of 1; None where no sample gives one."""

    implied_error: float | None
    """√(1/n − 1/N), Slovin's formula turned round."""

    half_width: float | None
    """z·√(Σ W²·S²·(1/n − 1/N)) with S² = p(1 − p)·N/(N − 1)."""


NOTHING = Outlook(implied_error=None, half_width=None)


def outlook(strata: Iterable[Asked], *, level: float) -> Outlook:
    """Say what errors to expect if everybody asked answers.

    Parameters
    ----------
    strata : iterable of Asked
        All strata the estimate is about; those without people do not count.
    level : float
        Of confidence, such as 0.95.

    Returns
    -------
    Outlook
        The half-width is None where a stratum with people has no answer at all.

    References
    ----------
    Cochran (1977), equations 3.8 and 5.16.

    Examples
    --------
    >>> found = outlook([Asked(population=8, size=5), Asked(population=40, size=4)], level=0.95)
    >>> round(found.implied_error, 4), round(found.half_width, 4)
    (0.3005, 0.3952)
    """
    known = [each for each in strata if each.population]
    size = sum(each.size for each in known)
    if not size:
        return NOTHING
    half_width = stratified_half_width(
        [(each.population, each.size, deviation(each.population)) for each in known],
        level=level,
        quantile=Quantile.NORMAL,
    )
    return Outlook(
        implied_error=implied_error(size, sum(each.population for each in known)),
        half_width=None if math.isinf(half_width) else half_width,
    )


def deviation(population: int) -> float:
    """Compute S of a proportion of one half among so many people, √(p(1 − p)·N/(N − 1)).

    Parameters
    ----------
    population : int
        N, from 1.

    Returns
    -------
    float
        0 for a single person, who has no spread.
    """
    if population < 2:
        return 0.0
    return math.sqrt(PROPORTION * (1 - PROPORTION) * population / (population - 1))
