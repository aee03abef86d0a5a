"""Confidence sets for ranks: which ranks the data cannot rule out, with a stated coverage.

Every pair of units is tested for "u is not above v", all tests together at one error rate, and a
unit's set is what the rejections leave. Where the usual large-sample method takes the standard
errors as known, the errors simulated here are studentised by standard errors drawn anew on their
degrees of freedom: with nine answers a unit that is the difference between a t and a normal.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.errors import ScoreError

__all__ = ["RankSets", "marginal_rank_sets", "simultaneous_rank_sets"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankSets:
    """Ranks that are not ruled out, best rank 1.

    Attributes
    ----------
    sets : tuple of (best, worst)
        Per unit, in the order given.
    above : array of bool, shape (p, p)
        Whether the row was found to lie above the column; diagonal False.
    level : float
    simultaneous : bool
        True: all sets hold together with probability ``level``; False: each by itself.
    steps : int
        Rounds of the stepwise procedure (the most over units for marginal sets).
    """

    sets: tuple[tuple[int, int], ...]
    above: Flags
    level: float
    simultaneous: bool
    steps: int


def simultaneous_rank_sets(  # noqa: PLR0913 - estimates and their uncertainty are four things
    estimates: ArrayLike,
    se: ArrayLike,
    *,
    rng: np.random.Generator,
    df: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
    level: float = 0.95,
    draws: int = 4000,
) -> RankSets:
    """Return rank sets that hold for all units together.

    Family of H_uv: θ_u ≤ θ_v over all ordered pairs, tested by (x_u − x_v)/se_uv against the
    quantile of the largest simulated error among the pairs not yet rejected, stepwise (Romano
    and Wolf) until nothing more is rejected. A unit's set runs from 1 + the units found above it
    to p − the units found below it. Ranks count ties as 1, 2, 2, 4.

    Parameters
    ----------
    estimates : array of shape (p,)
    se : array of shape (p,)
        0 where nothing is uncertain; two such units are compared exactly.
    rng : numpy.random.Generator
    df : array of shape (p,), optional
        Degrees of freedom of each se; infinite or absent means known. 0 or less is refused.
    correlation : array of shape (p, p), optional
        Of the estimates, where units share raters; independent by default.
    level : float in (0, 1)
    draws : int

    Returns
    -------
    RankSets

    Raises
    ------
    ScoreError
        On shapes that do not fit, or values that cannot be.

    References
    ----------
    Mogstad, Romano, Shaikh and Wilhelm (2023), Review of Economic Studies 91, 476-518, section 3.
    Romano and Wolf (2005), Econometrica 73, 1237-1282 (stepwise).

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> simultaneous_rank_sets([9.0, 5.0, 4.9], [0.1, 0.1, 0.1], rng=rng).sets
    ((1, 1), (2, 3), (2, 3))
    """
    errors = _errors(estimates, se, (df, correlation, draws, rng))
    family = ~np.eye(len(errors.estimates), dtype=bool)
    above, steps = _stepwise(errors, family, level)
    return RankSets(sets=_sets(above), above=above, level=level, simultaneous=True, steps=steps)


def marginal_rank_sets(  # noqa: PLR0913 - as above
    estimates: ArrayLike,
    se: ArrayLike,
    *,
    rng: np.random.Generator,
    df: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
    level: float = 0.95,
    draws: int = 4000,
) -> RankSets:
    """Return rank sets each of which holds by itself.

    As ``simultaneous_rank_sets``, with the family of pairs that the one unit takes part in.
    ``above`` is read row by row: row u holds what the set of u rests on, its column the units
    found above it in its own family; so a pair may be judged differently in two units' families.

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> marginal_rank_sets([3.0, 2.0, 1.0], [0.0, 0.0, 0.0], rng=rng).sets
    ((1, 1), (2, 2), (3, 3))
    """
    errors = _errors(estimates, se, (df, correlation, draws, rng))
    count = len(errors.estimates)
    sets, most = [], 0
    below_own = np.zeros((count, count), dtype=bool)
    for unit in range(count):
        family = np.zeros((count, count), dtype=bool)
        family[unit], family[:, unit] = True, True
        family[unit, unit] = False
        above, steps = _stepwise(errors, family, level)
        sets.append(_sets(above)[unit])
        below_own[unit] = above[unit]
        most = max(most, steps)
    return RankSets(sets=tuple(sets), above=below_own, level=level, simultaneous=False, steps=most)


class _Errors(NamedTuple):
    """Estimates with simulated errors: x − θ and se*, shapes (p,) and (p, draws)."""

    estimates: Floats
    se: Floats
    correlation: Floats
    error: Floats
    error_se: Floats


def _errors(
    estimates: ArrayLike,
    se: ArrayLike,
    options: tuple[ArrayLike | None, ArrayLike | None, int, np.random.Generator],
) -> _Errors:
    df, correlation, draws, rng = options
    points = np.asarray(estimates, dtype=np.float64)
    spread = np.asarray(se, dtype=np.float64)
    count = points.size
    freedom = np.full(count, np.inf) if df is None else np.asarray(df, dtype=np.float64)
    related = np.eye(count) if correlation is None else np.asarray(correlation, dtype=np.float64)
    _check(points, spread, freedom, related)
    if draws < 100:
        raise ScoreError(f"draws must be 100 or more for a 95 % quantile, not {draws}")
    normal = rng.standard_normal((count, draws))
    if correlation is not None:
        values, vectors = np.linalg.eigh(related)
        normal = (vectors * np.sqrt(np.clip(values, 0, None))) @ normal
    scale = np.ones((count, draws))
    for unit in np.flatnonzero(np.isfinite(freedom) & (spread > 0)):
        scale[unit] = np.sqrt(rng.chisquare(freedom[unit], draws) / freedom[unit])
    return _Errors(points, spread, related, spread[:, None] * normal, spread[:, None] * scale)


def _check(points: Floats, spread: Floats, freedom: Floats, related: Floats) -> None:
    count = points.size
    shapes = {"se": spread.shape, "df": freedom.shape, "correlation": related.shape}
    wanted = {"se": (count,), "df": (count,), "correlation": (count, count)}
    wrong = [name for name, shape in shapes.items() if shape != wanted[name]]
    if points.ndim != 1 or wrong:
        raise ScoreError(f"{count} estimates need {wanted}; shapes given: {shapes}")
    bad = np.flatnonzero(~(np.isfinite(points) & np.isfinite(spread) & (spread >= 0)))
    if bad.size:
        raise ScoreError(
            f"estimate and se must be finite and se >= 0: unit {bad[0]} has {points[bad[0]]} "
            f"and {spread[bad[0]]} ({bad.size} of {count}); leave such units out"
        )
    few = np.flatnonzero(~(freedom > 0) & (spread > 0))
    if few.size:
        raise ScoreError(
            f"df must be positive where se is: unit {few[0]} has {freedom[few[0]]} "
            f"({few.size} of {count})"
        )


def _stepwise(errors: _Errors, family: Flags, level: float) -> tuple[Flags, int]:
    """Reject pair after pair until the critical value of the rest rejects nothing more."""
    if not 0 < level < 1:
        raise ScoreError(f"level must lie strictly between 0 and 1, not {level}")
    gap = errors.estimates[:, None] - errors.estimates
    sigma = _pair_se(errors.se[:, None], errors.se, errors.correlation)
    known = sigma <= 0
    rejected = family & known & (gap > 0)
    testing = family & ~known
    steps = 0
    while (testing & ~rejected).any():
        steps += 1
        critical = _critical(errors, testing & ~rejected, level)
        new = testing & ~rejected & (gap > critical * sigma)
        if not new.any():
            break
        rejected |= new
    return rejected, steps


def _critical(errors: _Errors, open_pairs: Flags, level: float) -> float:
    """Quantile of the largest studentised error among the open pairs."""
    largest = np.full(errors.error.shape[1], -np.inf)
    for unit in np.flatnonzero(open_pairs.any(axis=1)):
        others = np.flatnonzero(open_pairs[unit])
        gap = errors.error[unit] - errors.error[others]
        spread = _pair_se(
            errors.error_se[unit], errors.error_se[others], errors.correlation[unit, others, None]
        )
        np.maximum(largest, (gap / spread).max(axis=0), out=largest)
    return float(np.quantile(largest, level, method="higher"))


def _pair_se(one: Floats, other: Floats, correlation: Floats) -> Floats:
    variance = one**2 + other**2 - 2 * correlation * one * other
    spread: Floats = np.sqrt(np.clip(variance, 0.0, None))
    return spread


def _sets(above: Flags) -> tuple[tuple[int, int], ...]:
    best = 1 + above.sum(axis=0)
    worst = len(above) - above.sum(axis=1)
    return tuple(zip(best.tolist(), worst.tolist(), strict=True))
