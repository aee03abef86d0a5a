"""How sure ranks and bands are: one set of draws per unit group, seeded by the data themselves.

The seed is a digest of what goes into the draws, so whoever computes the index again gets the same
probabilities to the last digit, in whatever order the database returns the answers.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stats.index import Band, StratumAnswers, UnitAnswers, rank
from stats.rank_sets import simultaneous_rank_sets
from stats.ranking import (
    LeftOut,
    PublishingRules,
    RankingUnit,
    RankPosterior,
    ScoringRules,
    draw_points,
    rank_posterior,
)
from survey.rules.index_document import (
    IntervalResult,
    NoInterval,
    NoPoints,
    RankResult,
    UnitResult,
)
from survey.services.unit_results import Rules, ScoredUnit

__all__ = ["DRAWS", "Draws", "GroupRanking", "group_ranking", "ranking_seed", "widest_within_error"]

DRAWS: Final = 4000
"""Leaves an error of at most 0.8 points in a probability that is printed to the nearest 10."""

SURE: Final = 0.9
"""A unit is above another where it is so in this share of the draws."""

_TOP: Final = 3
_EVERYTHING = Band(
    code="", label="", lower=None, lower_closed=False, upper=None, upper_closed=False
)
_LEFT_OUT: Mapping[NoInterval | None, LeftOut | None] = {
    NoInterval.PICKED: LeftOut.PICKED,
    NoInterval.NOT_CERTIFIED: LeftOut.NOT_CERTIFIED,
    None: None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """What the draws of every unit group are made by."""

    rules: Rules
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRanking:
    """What the draws say of the units of one group, by code."""

    found: Mapping[str, RankResult]
    left_out: Mapping[str, LeftOut]
    within_error: tuple[int, int] | None


def ranking_seed(entries: Iterable[ScoredUnit], rules: Rules, sources: Sequence[str]) -> str:
    """Digest what the draws depend on.

    Parameters
    ----------
    entries : iterable of ScoredUnit
    rules : Rules
    sources : sequence of str
        Digests of questionnaire and plan.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits; the order of units and answers does not matter.
    """
    declared = rules.document
    units = sorted((_content(entry) for entry in entries), key=lambda unit: str(unit[0]))
    content = [
        declared.code,
        declared.scoring.model_dump(mode="json"),
        list(sources),
        units,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def group_ranking(
    entries: Sequence[ScoredUnit], results: Sequence[UnitResult], draws: Draws
) -> GroupRanking:
    """Draw the points of a unit group and count bands, ranks and who is above whom.

    Parameters
    ----------
    entries : sequence of ScoredUnit
        The surveyed units of one group.
    results : sequence of UnitResult
        What the index says of each, in the same order.
    draws : Draws
        The round's rules, and the seed from `ranking_seed`.

    Returns
    -------
    GroupRanking
        Units without an interval, with too few answers or none have no place in it.
    """
    rules = draws.rules
    units = [
        _ranking_unit(entry, result, rules) for entry, result in zip(entries, results, strict=True)
    ]
    left_out = {u.answers.unit: u.left_out for u in units if u.left_out is not None}
    if len(left_out) == len(units):
        return GroupRanking(found={}, left_out=left_out, within_error=None)
    group = entries[0].unit.unit_group
    rng = _generator(draws.seed, group)
    posterior = rank_posterior(
        draw_points(units, _scoring(rules), rng=rng, draws=DRAWS), _publishing(rules)
    )
    official = {result.code: result for result in results}
    inside = [official[code] for code in posterior.units]
    return GroupRanking(
        found=_results(posterior, inside, rules, rng),
        left_out=left_out,
        within_error=_within_error(posterior, inside),
    )


def widest_within_error(ranks: Sequence[int], beats: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return the two ranks farthest apart between which no difference can be told.

    Ranks r < s qualify where, of every two units ranked from r to s, the one is above the other in
    less than 90 % of the draws, whichever the two are. The widest such stretch is returned; of two
    equally wide ones that with the better ranks. Ties are no stretch.

    Parameters
    ----------
    ranks : sequence of int
        Official ranks of the units.
    beats : array of shape (units, units)
        P(row is above column), in the order of ``ranks``.

    Returns
    -------
    tuple of int, or None where every two units that differ can be told apart

    Examples
    --------
    >>> widest_within_error([1, 2, 3], np.array([[0, 0.95, 0.99], [0.05, 0, 0.7], [0.01, 0.3, 0]]))
    (2, 3)
    """
    places = sorted(set(ranks))
    alike = np.maximum(beats, beats.T) < SURE
    np.fill_diagonal(alike, val=True)
    best: tuple[int, int] | None = None
    for first in places:
        for last in (place for place in places if place > first):
            inside = [i for i, place in enumerate(ranks) if first <= place <= last]
            if not alike[np.ix_(inside, inside)].all():
                break
            if best is None or last - first > best[1] - best[0]:
                best = first, last
    return best


def _content(entry: ScoredUnit) -> list[object]:
    """Write down what the draws take from one unit, answers in an order of their own."""
    strata = [
        [
            stratum.group,
            str(stratum.population),
            [[[item, str(value)] for item, value in sorted(row.items())] for row in stratum.values],
        ]
        for stratum in _in_own_order(entry.answers).strata
    ]
    unit = entry.unit
    return [unit.code, unit.unit_group, unit.selection, unit.certified, dict(unit.facts), strata]


def _in_own_order(answers: UnitAnswers) -> UnitAnswers:
    """Sort strata and answers, so that the draws do not depend on how they were read."""
    strata = (
        StratumAnswers(
            group=stratum.group,
            population=stratum.population,
            values=tuple(sorted(stratum.values, key=_row_key)),
        )
        for stratum in answers.strata
    )
    return UnitAnswers(
        unit=answers.unit, strata=tuple(sorted(strata, key=lambda stratum: stratum.group))
    )


def _row_key(row: Mapping[str, Fraction]) -> list[tuple[str, Fraction]]:
    return sorted(row.items())


def _ranking_unit(entry: ScoredUnit, result: UnitResult, rules: Rules) -> RankingUnit:
    return RankingUnit(
        answers=_in_own_order(entry.answers),
        not_applicable=rules.scoring(entry.unit)["not_applicable"],
        left_out=_left_out(result),
    )


def _left_out(result: UnitResult) -> LeftOut | None:
    if result.withheld is NoPoints.TOO_FEW_ANSWERS:
        return LeftOut.WITHHELD
    if result.converted is None:
        return LeftOut.NO_VALID_ANSWER
    return _LEFT_OUT[result.no_interval]


def _generator(seed: str, group: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest)))


def _scoring(rules: Rules) -> ScoringRules:
    scoring = rules.document.scoring
    return ScoringRules(
        criteria=rules.criteria,
        weighting=scoring.group_weighting,
        survey_points=rules.points_total,
        fixed=scoring.fixed_weights,
        hidden=scoring.hidden_items,
    )


def _publishing(rules: Rules) -> PublishingRules:
    """Take the round's rounding, ties and bands; a percentage is banded after rounding."""
    scoring = rules.document.scoring
    return PublishingRules(places=scoring.places, ties=scoring.ties, bands=_bands(rules))


def _bands(rules: Rules) -> tuple[Band, ...]:
    """Open the outer bands: a draw may lie beyond what the round expects of official values."""
    bands = [band.as_band() for band in rules.document.bands.bands]
    if not rules.document.bands.show or not bands:
        return (_EVERYTHING,)
    least, most = _by_lower(bands)[0], _by_lower(bands)[-1]
    opened = [replace(b, lower=None, lower_closed=False) if b is least else b for b in bands]
    return tuple(
        replace(now, upper=None, upper_closed=False) if declared is most else now
        for declared, now in zip(bands, opened, strict=True)
    )


def _by_lower(bands: Sequence[Band]) -> list[Band]:
    return sorted(
        bands, key=lambda band: Decimal("-Infinity") if band.lower is None else band.lower
    )


def _results(
    posterior: RankPosterior,
    inside: Sequence[UnitResult],
    rules: Rules,
    rng: np.random.Generator,
) -> dict[str, RankResult]:
    scoring = rules.document.scoring
    intervals = posterior.rank_interval(scoring.confidence_level)
    top = posterior.top(_TOP)
    points = {u.code: None if u.converted is None else u.converted.rounded for u in inside}
    places = rank(points, scoring.ties)
    sets = _rank_sets([unit.interval for unit in inside], scoring.confidence_level, rng)
    found = {}
    for column, code in enumerate(posterior.units):
        place = places[code]
        assert place is not None  # noqa: S101 - units without points are left out
        shares = zip(posterior.bands, posterior.band_probability[column].tolist(), strict=True)
        found[code] = RankResult(
            place=place,
            low=intervals[column][0],
            high=intervals[column][1],
            top3=float(top[column]),
            bands={band: share for band, share in shares if band != _EVERYTHING.code},
            certain=posterior.certain[column],
            rank_set=sets[column] if sets else None,
        )
    return found


def _rank_sets(
    intervals: Sequence[IntervalResult | None], level: float, rng: np.random.Generator
) -> tuple[tuple[int, int], ...] | None:
    """Find what cannot be ruled out for all units at once; every unit needs a standard error."""
    known = [each for each in intervals if each is not None and each.se is not None]
    if len(known) < len(intervals):
        return None
    return simultaneous_rank_sets(
        [each.estimate for each in known],
        [each.se or 0.0 for each in known],
        rng=rng,
        df=[np.inf if each.df is None else each.df for each in known],
        level=level,
        draws=DRAWS,
    ).sets


def _within_error(posterior: RankPosterior, inside: Sequence[UnitResult]) -> tuple[int, int] | None:
    """Judge the official ranks, which the table shows; units left out are passed over."""
    return widest_within_error([unit.rank or 0 for unit in inside], posterior.beats)
