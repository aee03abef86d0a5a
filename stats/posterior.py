"""Draws of what the points of units would be, had everybody answered.

One composite per respondent keeps the halo within a person; the coefficients are those of the
official total, so every draw is a value of the official estimand. The draws target what is
published: appraised points are added and the round's own rounding is applied.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stats.bands import round_half_up
from stats.covariance import answer_table
from stats.errors import ScoreError
from stats.polya import Urn, complete_answers, fill_pool, urn_totals
from stats.scores import (
    CriterionPoints,
    GroupWeighting,
    HiddenRule,
    StratumAnswers,
    UnitAnswers,
    by_respondent,
    coefficients,
    score_unit,
)

__all__ = [
    "LeftOut",
    "PointDraws",
    "RankingUnit",
    "ScoringRules",
    "draw_points",
    "scaled_whole",
]

Floats = NDArray[np.float64]


class LeftOut(StrEnum):
    """Why a unit has no place in a distribution of ranks."""

    PICKED = "picked"  # the unit chose its people by hand
    NOT_CERTIFIED = "not_certified"  # nobody certified that the drawn positions were applied
    NOT_PROBABILITY = "not_probability"  # kiosk or QR answers: nobody drew them
    WITHHELD = "withheld"  # fewer answers than the round's minimum
    NO_VALID_ANSWER = "no_valid_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRules:
    """How the round turns answers into the points it publishes.

    ``survey_points`` are the full points of the survey part (22, 32 …) that a unit's total is
    turned into, as if every criterion applied; ``full_points`` those of the whole published
    value, by default the survey part alone.
    """

    criteria: tuple[CriterionPoints, ...]
    weighting: GroupWeighting
    survey_points: Decimal
    fixed: Mapping[str, Decimal] | None = None
    hidden: HiddenRule = HiddenRule.PER_ITEM
    full_points: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingUnit:
    """A unit to be ranked: its answers and what else makes up its published value.

    ``added`` are the points without sampling error (appraised points, bonus less penalty),
    ``full_points`` the unit's own denominator where it differs from the round's.
    """

    answers: UnitAnswers
    not_applicable: frozenset[str] = frozenset()
    added: Fraction = Fraction(0)
    full_points: Decimal | None = None
    left_out: LeftOut | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointDraws:
    """Draws of every unit's published value before rounding.

    Attributes
    ----------
    units : tuple of str
        In order of code.
    points : array of shape (draws, units)
    percent : array of shape (draws, units)
        100 × points / full points.
    exact : mapping of unit to (points, percent)
        Units about which nothing is uncertain; their columns hold one value.
    left_out : mapping of unit to LeftOut
    """

    units: tuple[str, ...]
    points: Floats
    percent: Floats
    exact: Mapping[str, tuple[Fraction, Fraction]]
    left_out: Mapping[str, LeftOut]


def draw_points(
    units: Sequence[RankingUnit],
    rules: ScoringRules,
    *,
    rng: np.random.Generator,
    draws: int = 4000,
    prior_weight: int = 2,
    pool: Sequence[UnitAnswers] | None = None,
) -> PointDraws:
    """Draw the published values from the finite-population Pólya posterior.

    With c_hi the official coefficients, a person's composite is y = Σ_i c_hi x_i and a unit's
    total Σ_h mean_h(y) over all N_h people. The N_h − m_h people not seen come from an urn of the
    m_h composites seen and A composites of the same respondent group; gaps in a person's answers
    are drawn first, one urn per item. A stratum where everybody answered every item is exact.

    Parameters
    ----------
    units : sequence of RankingUnit
        Units ranked together. Their order does not matter: they are drawn in order of code.
    rules : ScoringRules
    rng : numpy.random.Generator
    draws : int
    prior_weight : int
        A: how many answers the pool is worth.
    pool : sequence of UnitAnswers, optional
        Whose answers stand for the respondent groups; by default all units that are not left
        out, each with its own people in it.

    Returns
    -------
    PointDraws

    Raises
    ------
    ScoreError
        On a repeated unit, no draws, or an item that nobody of the pool's group answered.

    Notes
    -----
    A population that is a fraction (an estimate of the eligible) is drawn up to a whole person.
    Pooled group weights count as fixed, as in ``stats.intervals``.

    Examples
    --------
    >>> from stats.scores import ItemPoints
    >>> rules = ScoringRules(weighting=GroupWeighting.POPULATION, survey_points=Decimal(22),
    ...     criteria=(CriterionPoints(code="C", maximum=Decimal(2),
    ...         items=(ItemPoints(item="q", points=Decimal(2)),)),))
    >>> half, one = {"q": Fraction(1, 2)}, {"q": Fraction(1)}
    >>> units = [RankingUnit(answers=UnitAnswers(unit=code, strata=(StratumAnswers(
    ...     group="LD", population=people, values=(half, one)),)))
    ...     for code, people in (("A", 2), ("B", 3))]
    >>> found = draw_points(units, rules, rng=np.random.Generator(np.random.PCG64(1)), draws=9)
    >>> found.units, found.exact
    (('A', 'B'), {'A': (Fraction(33, 2), Fraction(75, 1))})
    """
    if draws < 1:
        raise ScoreError(f"draws must be 1 or more, not {draws}")
    prepared, left_out = _prepare(units, rules)
    people = [unit.answers for unit in prepared] if pool is None else _as_scored(pool, rules)
    pools = _pools(people, rules, rng)
    urns, owners = [], []
    for column, unit in enumerate(prepared):
        for stratum in unit.answers.strata:
            shares = unit.shares[stratum.group]
            if shares:
                urns.append(_urn(stratum, shares, pools, (prior_weight, draws, rng)))
                owners.append(column)
    totals = urn_totals(urns, prior_weight=prior_weight, draws=draws, rng=rng)
    sums = np.zeros((len(prepared), draws))
    np.add.at(sums, np.array(owners, dtype=np.int64), totals)
    points = np.empty((draws, len(prepared)))
    percent = np.empty_like(points)
    for column, unit in enumerate(prepared):
        points[:, column] = float(unit.added) + float(unit.factor) * sums[column]
        percent[:, column] = points[:, column] * float(100 / unit.full)
        if unit.exact is not None:
            points[:, column], percent[:, column] = map(float, unit.exact)
    return PointDraws(
        units=tuple(unit.answers.unit for unit in prepared),
        points=points,
        percent=percent,
        exact={unit.answers.unit: unit.exact for unit in prepared if unit.exact is not None},
        left_out=left_out,
    )


def scaled_whole(values: Floats, places: int, exact: Mapping[int, Fraction]) -> NDArray[np.int64]:
    """Round half up to whole numbers of 10^-places; columns named in ``exact`` exactly.

    A draw a millionth of the last place below a half counts as on it: binary fractions may hide
    the half.

    Examples
    --------
    >>> scaled_whole(np.array([[84.994, 84.995]]), 2, {}).tolist()
    [[8499, 8500]]
    """
    scaled = values * 10.0**places
    whole: NDArray[np.int64] = np.floor(scaled + 0.5 + 1e-6).astype(np.int64)
    for column, value in exact.items():
        whole[:, column] = int(round_half_up(value, places).scaleb(places))
    return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A unit with the official coefficients of its items, and its value where it is certain."""

    answers: UnitAnswers
    shares: Mapping[str, Mapping[str, Fraction]]
    added: Fraction
    factor: Fraction
    full: Fraction
    exact: tuple[Fraction, Fraction] | None


def _prepare(
    units: Sequence[RankingUnit], rules: ScoringRules
) -> tuple[list[_Prepared], dict[str, LeftOut]]:
    codes = [unit.answers.unit for unit in units]
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    if repeated:
        raise ScoreError(f"units repeated: {repeated} ({len(repeated)} of {len(codes)})")
    prepared, left_out = [], {}
    for unit in sorted(units, key=lambda each: each.answers.unit):
        found = unit.left_out or _prepared(unit, rules)
        if isinstance(found, LeftOut):
            left_out[unit.answers.unit] = found
        else:
            prepared.append(found)
    return prepared, left_out


def _prepared(unit: RankingUnit, rules: ScoringRules) -> _Prepared | LeftOut:
    score = score_unit(
        unit.answers,
        rules.criteria,
        weighting=rules.weighting,
        fixed=rules.fixed,
        not_applicable=unit.not_applicable,
        hidden=rules.hidden,
    )
    factor = score.conversion(rules.survey_points)
    if score.total is None or factor is None:
        return LeftOut.NO_VALID_ANSWER
    full = Fraction(unit.full_points or rules.full_points or rules.survey_points)
    answers, criteria = _scored(unit.answers, rules)
    shares = coefficients(
        answers,
        criteria,
        weighting=rules.weighting,
        fixed=rules.fixed,
        not_applicable=unit.not_applicable,
    )
    value = unit.added + factor * score.total
    certain = all(_complete(s, shares[s.group]) for s in answers.strata if shares[s.group])
    return _Prepared(
        answers=answers,
        shares=shares,
        added=unit.added,
        factor=factor,
        full=full,
        exact=(value, 100 * value / full) if certain else None,
    )


def _scored(
    unit: UnitAnswers, rules: ScoringRules
) -> tuple[UnitAnswers, Sequence[CriterionPoints]]:
    """Under PER_RESPONDENT every criterion is one item."""
    if rules.hidden is HiddenRule.PER_RESPONDENT:
        return by_respondent(unit, rules.criteria)
    return unit, rules.criteria


def _as_scored(units: Sequence[UnitAnswers], rules: ScoringRules) -> list[UnitAnswers]:
    return [_scored(unit, rules)[0] for unit in units]


def _complete(stratum: StratumAnswers, items: Collection[str]) -> bool:
    """Whether everybody of the stratum answered every item that counts."""
    full = sum(all(item in values for item in items) for values in stratum.values)
    return full == stratum.population


def _items(rules: ScoringRules) -> tuple[str, ...]:
    if rules.hidden is HiddenRule.PER_RESPONDENT:
        return tuple(criterion.code for criterion in rules.criteria)
    return tuple(entry.item for criterion in rules.criteria for entry in criterion.items)


def _pools(
    units: Sequence[UnitAnswers], rules: ScoringRules, rng: np.random.Generator
) -> dict[str, dict[str, Floats]]:
    """Group → item → one value per person of the pool, gaps filled (NaN where nobody answered)."""
    items = _items(rules)
    strata = sorted(
        ((stratum.group, unit.unit, stratum) for unit in units for stratum in unit.strata),
        key=lambda entry: entry[:2],
    )
    pools = {}
    for group in dict.fromkeys(group for group, _, _ in strata):
        answered = [row for g, _, s in strata if g == group for row in s.values if row]
        table = fill_pool(answer_table(answered, items), rng)
        pools[group] = dict(zip(items, table.T, strict=True))
    return pools


def _urn(
    stratum: StratumAnswers,
    shares: Mapping[str, Fraction],
    pools: Mapping[str, Mapping[str, Floats]],
    draw: tuple[int, int, np.random.Generator],
) -> Urn:
    """Make a stratum's urn; a sum over its people is its part of the unit's total."""
    items = tuple(shares)
    columns = pools.get(stratum.group, {})
    absent = [i for i in items if i not in columns or np.isnan(columns[i]).any()]
    if absent:
        raise ScoreError(
            f"nobody of group {stratum.group!r} in the pool answered {absent[:5]} "
            f"({len(absent)} items); give a pool that holds the ranked units' answers"
        )
    people = math.ceil(stratum.population)
    weights = np.array([float(share) for share in shares.values()]) / people
    pool = np.column_stack([columns[item] for item in items])
    answered = [row for row in stratum.values if not shares.keys().isdisjoint(row)]
    table = answer_table(answered, items)
    unseen = people - len(answered)
    if np.isnan(table).any():
        prior_weight, draws, rng = draw
        filled = complete_answers(table, pool, prior_weight=prior_weight, draws=draws, rng=rng)
        return Urn(seen=filled @ weights, unseen=unseen, pool=pool @ weights)
    return Urn(seen=(table @ weights)[np.newaxis], unseen=unseen, pool=pool @ weights)
