"""How sure a unit's band and rank are: probabilities from one set of draws.

Every draw is rounded, banded and ranked by the round's own rules, so a probability speaks of what
would be published. Units left out (picked by hand, withheld …) take no place: ranks are among the
units that are in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stats.bands import Band, TieRule, check_bands
from stats.errors import ScoreError
from stats.posterior import (
    LeftOut,
    PointDraws,
    RankingUnit,
    ScoringRules,
    draw_points,
    scaled_whole,
)
from stats.printed import PrintedProbability, print_probabilities, print_probability

__all__ = [
    "BandStage",
    "LeftOut",
    "PointDraws",
    "PrintedProbability",
    "PublishingRules",
    "RankPosterior",
    "RankingUnit",
    "ScoringRules",
    "draw_points",
    "print_probabilities",
    "print_probability",
    "rank_posterior",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_EXACT_PLACES = 9  # draws are binary fractions: "not rounded" means to the billionth


class BandStage(StrEnum):
    """Whether the percentage is banded after rounding or before."""

    ROUNDED = "rounded"
    EXACT = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingRules:
    """How a value is rounded, banded and ranked.

    Points and percentages are both rounded half up to ``places``; ranks are those of rounded
    points.
    """

    places: int
    bands: tuple[Band, ...]
    band_stage: BandStage = BandStage.ROUNDED
    ties: TieRule = TieRule.MIN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankPosterior:
    """What the draws say of bands and ranks; p units, b bands.

    Attributes
    ----------
    units : tuple of str
    bands : tuple of str
        Codes, in the order given.
    band_probability : array of shape (p, b)
        Rows sum to one.
    rank_probability : array of shape (p, p)
        P(rank = column + 1) under the round's tie rule. Rows sum to one.
    place_probability : array of shape (p, p)
        The same with units that tie sharing their places equally: rows *and* columns sum to one.
    beats : array of shape (p, p)
        P(row's rounded points > column's); what is missing to one both ways is a tie.
    draws : int
    certain : tuple of bool
        Units about whose points nothing is uncertain.
    left_out : mapping of unit to LeftOut
    """

    units: tuple[str, ...]
    bands: tuple[str, ...]
    band_probability: Floats
    rank_probability: Floats
    place_probability: Floats
    beats: Floats
    draws: int
    certain: tuple[bool, ...]
    left_out: Mapping[str, LeftOut]

    def rank_interval(self, level: float = 0.95) -> tuple[tuple[int, int], ...]:
        """Return per unit the ranks left when (1 − level)/2 is cut off at either end."""
        if not 0 < level < 1:
            raise ScoreError(f"level must lie strictly between 0 and 1, not {level}")
        tail = (1 - level) / 2 + 1e-12
        below = np.cumsum(self.rank_probability, axis=1)
        above = np.cumsum(self.rank_probability[:, ::-1], axis=1)[:, ::-1]
        first = (below > tail).argmax(axis=1) + 1
        last = len(self.units) - (above > tail)[:, ::-1].argmax(axis=1)
        return tuple(zip(first.tolist(), last.tolist(), strict=True))

    def top(self, count: int) -> Floats:
        """Return P(rank ≤ count) per unit."""
        if count < 1:
            raise ScoreError(f"the top must hold 1 unit or more, not {count}")
        best: Floats = self.rank_probability[:, :count].sum(axis=1)
        return best

    def monte_carlo_error(self, probability: float) -> float:
        """Return the standard error that the number of draws leaves in a probability.

        Of 4,000 draws it is at most 0.008, far below the ten per cent that are printed.
        """
        return float(np.sqrt(probability * (1 - probability) / self.draws))


def rank_posterior(found: PointDraws, rules: PublishingRules) -> RankPosterior:
    """Band and rank every draw by the round's rules, and count.

    Parameters
    ----------
    found : PointDraws
        From ``draw_points``.
    rules : PublishingRules

    Returns
    -------
    RankPosterior

    Raises
    ------
    ScoreError
        When the bands have gaps or overlaps, or a draw lies in none.

    References
    ----------
    Goldstein and Spiegelhalter (1996), JRSS A 159, 385-443, on intervals of ranks.

    Examples
    --------
    >>> from decimal import Decimal
    >>> band = Band(code="T", label="Tốt", lower=None, lower_closed=False, upper=None,
    ...             upper_closed=False)
    >>> points = np.array([[3.0, 1.0], [3.0, 2.0], [3.0, 3.0], [3.0, 4.0]])
    >>> found = PointDraws(units=("A", "B"), points=points, percent=points, exact={}, left_out={})
    >>> ranks = rank_posterior(found, PublishingRules(places=2, bands=(band,)))
    >>> ranks.rank_probability.tolist(), ranks.beats.tolist()
    ([[0.75, 0.25], [0.5, 0.5]], [[0.0, 0.5], [0.25, 0.0]])
    >>> ranks.place_probability.tolist()
    [[0.625, 0.375], [0.375, 0.625]]
    """
    problems = check_bands(rules.bands)
    if problems:
        raise ScoreError(f"the bands have faults: {problems[0]} ({len(problems)} of them)")
    draws = len(found.points)
    columns = {unit: column for column, unit in enumerate(found.units)}
    exact = {columns[unit]: values for unit, values in found.exact.items()}
    points = scaled_whole(found.points, rules.places, {c: v[0] for c, v in exact.items()})
    ranks, firsts, sizes = _ranks(points, rules.ties)
    return RankPosterior(
        units=found.units,
        bands=tuple(band.code for band in rules.bands),
        band_probability=_band_shares(found, rules, {c: v[1] for c, v in exact.items()}),
        rank_probability=_shares(ranks, draws),
        place_probability=_places(firsts, sizes, draws),
        beats=_beats(firsts, draws),
        draws=draws,
        certain=tuple(unit in found.exact for unit in found.units),
        left_out=found.left_out,
    )


def _ranks(points: Whole, ties: TieRule) -> tuple[Whole, Whole, Whole]:
    """Rank by the tie rule, first place and number of the units that tie; (draws, units)."""
    draws, units = points.shape
    order = np.argsort(-points, axis=1, kind="stable")
    ordered = np.take_along_axis(points, order, axis=1)
    new = np.ones((draws, units), dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    place = np.arange(units)
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    ends = np.ones_like(new)
    ends[:, :-1] = new[:, 1:]
    last = np.minimum.accumulate(np.where(ends, place, units)[:, ::-1], axis=1)[:, ::-1]
    rank = np.cumsum(new, axis=1) if ties is TieRule.DENSE else first + 1
    back = np.empty_like(order)
    np.put_along_axis(back, order, np.broadcast_to(place, order.shape), axis=1)
    found = [np.take_along_axis(each, back, axis=1) for each in (rank, first, last - first + 1)]
    return found[0], found[1], found[2]


def _shares(ranks: Whole, draws: int) -> Floats:
    units = ranks.shape[1]
    cell = np.arange(units) * units + ranks - 1
    counts: Floats = np.bincount(cell.ravel(), minlength=units * units) / draws
    return counts.reshape(units, units)


def _places(firsts: Whole, sizes: Whole, draws: int) -> Floats:
    """Spread a draw of b tied units over their b places, 1/b each."""
    units = firsts.shape[1]
    width = units + 1
    row = np.arange(units) * width
    share = 1.0 / sizes.ravel()
    starts = np.bincount((row + firsts).ravel(), share, minlength=units * width)
    stops = np.bincount((row + firsts + sizes).ravel(), share, minlength=units * width)
    steps = (starts - stops).reshape(units, width)
    places: Floats = np.cumsum(steps, axis=1)[:, :units] / draws
    return np.clip(places, 0.0, 1.0)


def _beats(firsts: Whole, draws: int) -> Floats:
    place = np.ascontiguousarray(firsts.T.astype(np.int32))
    rows = [np.count_nonzero(own < place, axis=1) for own in place]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(rows)) / draws


def _band_shares(
    found: PointDraws, rules: PublishingRules, exact: Mapping[int, Fraction]
) -> Floats:
    places = rules.places if rules.band_stage is BandStage.ROUNDED else _EXACT_PLACES
    percent = scaled_whole(found.percent, places, exact)
    inside = np.array([_inside(percent, band, places) for band in rules.bands])
    if not inside.any(axis=0).all():
        draw, column = np.argwhere(~inside.any(axis=0))[0]
        raise ScoreError(
            f"no band holds {found.percent[draw, column]:.4f} %, a draw of unit "
            f"{found.units[column]!r}; bands are {[band.code for band in rules.bands]}"
        )
    shares: Floats = inside.mean(axis=1).T
    return shares


def _inside(percent: Whole, band: Band, places: int) -> NDArray[np.bool_]:
    """Compare whole numbers of 10^-places with a band's ends, open or closed."""
    inside = np.ones(percent.shape, dtype=bool)
    if band.lower is not None:
        edge = Fraction(band.lower) * 10**places
        inside &= percent >= -((-edge) // 1) if band.lower_closed else percent > edge // 1
    if band.upper is not None:
        edge = Fraction(band.upper) * 10**places
        inside &= percent <= edge // 1 if band.upper_closed else percent < -((-edge) // 1)
    return inside
