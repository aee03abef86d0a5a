"""Cross-rating: one person rates many units, so units share their raters' moods and standards.

Two different questions, answered side by side. How sure is the *official raw mean*? Raters are
resampled with all their ratings, which keeps the correlation between units. What would a unit
have got from *everybody*? A two-way fit (unit + rater) takes each rater's severity out; it stands
beside the official number and never replaces it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stats.distributions import t_quantile
from stats.errors import ScoreError

__all__ = [
    "AdjustedMeans",
    "RaterBootstrap",
    "Ratings",
    "adjusted_means",
    "rater_bootstrap",
    "rater_covariance",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_BATCH = 20_000_000  # bootstrap cells at a time


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ratings:
    """Ratings in long form: who rated which unit how.

    ``strata`` names the kind of each rater (deputies, commune leaders …) where raters were drawn
    by kind; raters are resampled within it.
    """

    raters: tuple[str, ...]
    units: tuple[str, ...]
    strata: tuple[str, ...]  # of each rater
    rater: Whole  # of each rating, position in raters
    unit: Whole  # of each rating, position in units
    value: Floats

    @classmethod
    def of(
        cls,
        rater: Sequence[str],
        unit: Sequence[str],
        value: ArrayLike,
        *,
        strata: dict[str, str] | None = None,
    ) -> "Ratings":
        """Read ratings, one entry each; raters and units are sorted by code.

        Raises
        ------
        ScoreError
            On lengths that differ, a value that is not finite, a rater who rated a unit twice, or
            one without a stratum where strata are given.
        """
        numbers = np.asarray(value, dtype=np.float64)
        _check_ratings(rater, unit, numbers)
        raters, units = sorted(set(rater)), sorted(set(unit))
        if strata is not None and not strata.keys() >= set(raters):
            absent = sorted(set(raters) - strata.keys())
            raise ScoreError(f"no stratum for raters {absent[:5]} ({len(absent)} of {len(raters)})")
        places = {name: place for place, name in enumerate(raters)}
        columns = {name: place for place, name in enumerate(units)}
        return cls(
            raters=tuple(raters),
            units=tuple(units),
            strata=tuple("" if strata is None else strata[name] for name in raters),
            rater=np.array([places[name] for name in rater], dtype=np.int64),
            unit=np.array([columns[name] for name in unit], dtype=np.int64),
            value=numbers,
        )

    def tables(self) -> tuple[Floats, Floats]:
        """Return sums and counts by rater and unit, each of shape (raters, units)."""
        sums = np.zeros((len(self.raters), len(self.units)))
        counts = np.zeros_like(sums)
        sums[self.rater, self.unit] = self.value
        counts[self.rater, self.unit] = 1.0
        return sums, counts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RaterBootstrap:
    """Official raw means and how they vary when other raters had been drawn.

    Attributes
    ----------
    units : tuple of str
    means : array of shape (units,)
    se : array of shape (units,)
    covariance : array of shape (units, units)
    df : float
        Raters less strata.
    low, high : arrays of shape (units,)
        t intervals.
    raters_per_unit : array of shape (units,)
    replicates : int
        Those in which every unit kept a rater.
    """

    units: tuple[str, ...]
    means: Floats
    se: Floats
    covariance: Floats
    df: float
    low: Floats
    high: Floats
    raters_per_unit: Whole
    replicates: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdjustedMeans:
    """Unit means with the raters' severity taken out, beside the raw ones.

    Attributes
    ----------
    units, raters : tuple of str
    raw, adjusted : arrays of shape (units,)
        ``adjusted`` is the mean the unit would get from all raters of the table.
    se : array of shape (units,) or None
        Given these raters; None without degrees of freedom.
    covariance : array of shape (units, units) or None
    severity : array of shape (raters,)
        How far below the average rater each one rates (positive is severe); sums to zero.
    residual_variance : float or None
    df : int
        Ratings − units − raters + 1.
    """

    units: tuple[str, ...]
    raters: tuple[str, ...]
    raw: Floats
    adjusted: Floats
    se: Floats | None
    covariance: Floats | None
    severity: Floats
    residual_variance: float | None
    df: int


def rater_bootstrap(
    ratings: Ratings, *, rng: np.random.Generator, replicates: int = 2000, level: float = 0.95
) -> RaterBootstrap:
    """Resample raters with all their ratings and return the raw means' joint uncertainty.

    In each stratum of R raters, R − 1 are drawn with replacement (Rao and Wu), which makes the
    variance of a mean right for few raters. Raters count as drawn from many: no fpc.

    Parameters
    ----------
    ratings : Ratings
    rng : numpy.random.Generator
    replicates : int
    level : float in (0, 1)

    Returns
    -------
    RaterBootstrap

    Raises
    ------
    ScoreError
        When a stratum has one rater, or a unit fewer than two.

    References
    ----------
    Rao and Wu (1988), JASA 83, 231-241. Owen (2007), Annals of Applied Statistics 1, 386-411, on
    why rows of a two-way table must be resampled whole.

    Examples
    --------
    >>> ratings = Ratings.of(["a", "a", "b", "b", "c", "c"], ["X", "Y"] * 3, [1, 2, 3, 4, 5, 6])
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> found = rater_bootstrap(ratings, rng=rng, replicates=5000)
    >>> found.means.tolist(), round(float(found.se[0]), 1), found.df
    ([3.0, 4.0], 1.2, 2)
    """
    if not 0 < level < 1:
        raise ScoreError(f"level must lie strictly between 0 and 1, not {level}")
    sums, counts = ratings.tables()
    df = _rater_df(ratings, counts)
    size = max(1, _BATCH // max(len(ratings.raters), len(ratings.units)))
    pieces = []
    for start in range(0, replicates, size):
        weights = _rater_weights(ratings, min(size, replicates - start), rng)
        kept = weights @ counts
        drawn = weights @ sums
        whole = (kept > 0).all(axis=1)
        pieces.append(drawn[whole] / kept[whole])
    means = sums.sum(axis=0) / counts.sum(axis=0)
    drawn_means = np.concatenate(pieces)
    if len(drawn_means) < 2:
        raise ScoreError(
            f"only {len(drawn_means)} of {replicates} replicates kept a rater for every unit; "
            "use rater_covariance"
        )
    deviations = drawn_means - means
    covariance = deviations.T @ deviations / len(deviations)
    se = np.sqrt(np.diag(covariance))
    reach = t_quantile((1 + level) / 2, df) * se
    return RaterBootstrap(
        units=ratings.units,
        means=means,
        se=se,
        covariance=covariance,
        df=df,
        low=means - reach,
        high=means + reach,
        raters_per_unit=counts.sum(axis=0).astype(np.int64),
        replicates=len(drawn_means),
    )


def rater_covariance(ratings: Ratings) -> Floats:
    """Return the linearised covariance of raw means with raters as clusters.

    With z_ru = Σ (y − ȳ_u)/n_u over the ratings of r, V = Σ_h R_h/(R_h − 1) Σ_r (z_r − z̄_h)
    (z_r − z̄_h)'. Needs no draws; where a unit has few raters it runs a little below the
    bootstrap.

    Returns
    -------
    array of shape (units, units)

    Examples
    --------
    >>> ratings = Ratings.of(["a", "a", "b", "b", "c", "c"], ["X", "Y"] * 3, [1, 2, 3, 4, 5, 6])
    >>> rater_covariance(ratings).round(4).tolist()
    [[1.3333, 1.3333], [1.3333, 1.3333]]
    """
    sums, counts = ratings.tables()
    _rater_df(ratings, counts)
    each = counts.sum(axis=0)
    z = (sums - counts * (sums.sum(axis=0) / each)) / each
    covariance = np.zeros((len(ratings.units), len(ratings.units)))
    strata = np.array(ratings.strata)
    for stratum in dict.fromkeys(ratings.strata):
        rows = z[strata == stratum]
        centred = rows - rows.mean(axis=0)
        covariance += len(rows) / (len(rows) - 1) * centred.T @ centred
    return covariance


def adjusted_means(ratings: Ratings) -> AdjustedMeans:
    """Fit y = unit + rater + error by least squares and return what every rater would have said.

    The unit's adjusted mean is its effect plus the mean effect of all raters, each counting once:
    the raw mean where everybody rated everything. Severity is a fixed effect: nothing is assumed
    of how raters were matched with units, only that severity adds (a rater is not severe to some
    units and lenient to others).

    Parameters
    ----------
    ratings : Ratings
        Of one value per rater and unit; chains of raters must link all units.

    Returns
    -------
    AdjustedMeans

    Raises
    ------
    ScoreError
        When units fall into parts that no rater links: their levels cannot be compared.

    Notes
    -----
    Standard errors are given these raters, from the pooled residual variance on
    ratings − units − raters + 1 degrees of freedom; they do not say how the mean would move with
    other raters, which ``rater_bootstrap`` does for the raw means.

    References
    ----------
    Searle (1987), Linear Models for Unbalanced Data, ch. 4 and 5 (connectedness, two-way).

    Examples
    --------
    >>> ratings = Ratings.of(["mild", "mild", "hard", "hard"], ["X", "Y", "Y", "Z"], [9, 8, 6, 7])
    >>> found = adjusted_means(ratings)
    >>> found.raw.tolist(), found.adjusted.round(6).tolist(), found.severity.round(6).tolist()
    ([9.0, 7.0, 7.0], [8.0, 7.0, 8.0], [1.0, -1.0])
    """
    _check_linked(ratings)
    sums, counts = ratings.tables()
    units, raters = len(ratings.units), len(ratings.raters)
    per_unit, per_rater = counts.sum(axis=0), counts.sum(axis=1)
    # Raters are swept out: (D_u − N' D_r⁻¹ N) α = unit totals − N' rater means, Σ α = 0.
    share = counts / per_rater[:, None]
    reduced = np.diag(per_unit) - counts.T @ share
    inverse = np.linalg.inv(reduced + 1.0 / units) - 1.0 / units
    effects = inverse @ (sums.sum(axis=0) - share.T @ sums.sum(axis=1))
    rater_effects = (sums.sum(axis=1) - counts @ effects) / per_rater
    level = rater_effects.mean()
    fitted = effects[ratings.unit] + rater_effects[ratings.rater]
    df = len(ratings.value) - units - raters + 1
    variance = float(((ratings.value - fitted) ** 2).sum() / df) if df > 0 else None
    # adjusted = α + mean over raters of (rater mean − its units' α): linear in α and rater sums
    shift = np.eye(units) - share.mean(axis=0)
    spread = shift @ inverse @ shift.T + (1 / per_rater).sum() / raters**2
    covariance = None if variance is None else variance * spread
    return AdjustedMeans(
        units=ratings.units,
        raters=ratings.raters,
        raw=sums.sum(axis=0) / per_unit,
        adjusted=effects + level,
        se=None if covariance is None else np.sqrt(np.clip(np.diag(covariance), 0, None)),
        covariance=covariance,
        severity=level - rater_effects,
        residual_variance=variance,
        df=df,
    )


def _rater_weights(ratings: Ratings, count: int, rng: np.random.Generator) -> Floats:
    """How much each rater counts in each replicate, shape (count, raters)."""
    weights = np.zeros((count, len(ratings.raters)))
    strata = np.array(ratings.strata)
    for stratum in dict.fromkeys(ratings.strata):
        inside = np.flatnonzero(strata == stratum)
        size = inside.size
        drawn = rng.multinomial(size - 1, np.full(size, 1 / size), size=count)
        weights[:, inside] = drawn * (size / (size - 1))
    return weights


def _rater_df(ratings: Ratings, counts: Floats) -> int:
    for stratum in dict.fromkeys(ratings.strata):
        if ratings.strata.count(stratum) < 2:
            raise ScoreError(
                f"stratum {stratum!r} has 1 rater of {len(ratings.raters)}; one rater shows no "
                "variation, join the stratum to another"
            )
    few = [u for u, n in zip(ratings.units, counts.sum(axis=0), strict=True) if n < 2]
    if few:
        raise ScoreError(
            f"units rated by one rater only: {few[:5]} ({len(few)} of {len(ratings.units)}); "
            "leave them out"
        )
    return len(ratings.raters) - len(set(ratings.strata))


def _check_linked(ratings: Ratings) -> None:
    units, raters = len(ratings.units), len(ratings.raters)
    graph = coo_array(
        (np.ones(len(ratings.value)), (ratings.unit, units + ratings.rater)),
        shape=(units + raters, units + raters),
    )
    count, labels = connected_components(graph, directed=False)
    if count > 1:
        parts = [
            [
                unit
                for unit, label in zip(ratings.units, labels[:units], strict=True)
                if label == part
            ]
            for part in range(count)
        ]
        raise ScoreError(
            f"no rater links {parts[0][:3]} with {parts[1][:3]} ({count} parts of {units} units); "
            "severity and level cannot be told apart between parts"
        )


def _check_ratings(rater: Sequence[str], unit: Sequence[str], value: Floats) -> None:
    if not (len(rater),) == (len(unit),) == value.shape or not len(rater):
        raise ScoreError(
            f"one rater, unit and value per rating: {len(rater)}, {len(unit)}, {value.shape}"
        )
    bad = np.flatnonzero(~np.isfinite(value))
    if bad.size:
        raise ScoreError(
            f"ratings must be finite: rating {bad[0]} is {value[bad[0]]} ({bad.size} of "
            f"{value.size}); leave missing ones out"
        )
    pairs = list(zip(rater, unit, strict=True))
    if len(set(pairs)) < len(pairs):
        twice = next(pair for pair in pairs if pairs.count(pair) > 1)
        raise ScoreError(f"rater {twice[0]!r} rated unit {twice[1]!r} more than once")
