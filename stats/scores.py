"""Exact points of a unit from its respondents' answers.

All arithmetic is rational (``Fraction``): the official number is rounded once, at the stage the
round declares, never on the way. Every score is a linear form in the stratum item means, so its
coefficients are public: the interval in ``stats.intervals`` uses the very same ones.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from stats.errors import ScoreError

__all__ = [
    "CriterionPoints",
    "GroupWeighting",
    "HiddenRule",
    "ItemPoints",
    "StratumAnswers",
    "UnitAnswers",
    "UnitScore",
    "by_respondent",
    "coefficients",
    "score_unit",
]


class GroupWeighting(StrEnum):
    """How the respondent groups of a unit are put together."""

    POPULATION = "population"  # W_h = N_h / N
    POOLED = "pooled"  # W_h = m_h / m: the plain mean of all valid answers
    FIXED = "fixed"  # W_h by decision


class HiddenRule(StrEnum):
    """What happens to the points of an item that a respondent was not asked."""

    PER_ITEM = "per_item"  # an item is scored over those who were asked it
    PER_RESPONDENT = "per_respondent"  # each respondent's own items carry the whole criterion


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPoints:
    """An item and the points it carries within its criterion."""

    item: str
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionPoints:
    """A criterion of the survey part: its maximum and the items that share it."""

    code: str
    maximum: Decimal
    items: tuple[ItemPoints, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumAnswers:
    """The answers of one respondent group of one unit.

    ``values`` holds one mapping per respondent, item to value in [0, 1]. An item not asked, not
    applicable or missing is absent. ``population`` may be a fraction where ineligible answers
    made it an estimate.
    """

    group: str
    population: int | Fraction
    values: tuple[Mapping[str, Fraction], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAnswers:
    """All answers about one unit, by respondent group."""

    unit: str
    strata: tuple[StratumAnswers, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitScore:
    """Exact points of a unit; ``None`` where nobody valid was asked."""

    unit: str
    items: Mapping[str, Fraction | None]
    criteria: Mapping[str, Fraction | None]
    maximum: Fraction
    total: Fraction | None

    def conversion(self, to: Decimal = Decimal(22)) -> Fraction | None:
        """Return the factor that turns the total into points out of ``to``."""
        return Fraction(to) / self.maximum if self.maximum else None

    def converted(self, to: Decimal = Decimal(22)) -> Fraction | None:
        """Return the total as points out of ``to``, as if every criterion applied."""
        factor = self.conversion(to)
        return None if factor is None or self.total is None else self.total * factor


def score_unit(
    unit: UnitAnswers,
    criteria: Sequence[CriterionPoints],
    *,
    weighting: GroupWeighting,
    fixed: Mapping[str, Decimal] | None = None,
    not_applicable: Collection[str] = (),
    hidden: HiddenRule = HiddenRule.PER_ITEM,
) -> UnitScore:
    """Score a unit exactly.

    Item score s_i = Σ_h W_hi s_ih, with W_hi over the strata that were asked and answered
    (separate, not combined ratio). Criterion P_c = M_c Σ ω_i s_i, ω rescaled over the items
    that have a score. A criterion that is not applicable, or where nobody valid was asked,
    leaves the denominator.

    Parameters
    ----------
    unit : UnitAnswers
    criteria : sequence of CriterionPoints
        Points of a criterion's items sum to its maximum.
    weighting : GroupWeighting
    fixed : mapping of group to weight, with ``FIXED`` only
        Rescaled over the groups that answered, so any common unit will do.
    not_applicable : collection of criterion codes
        Facts of the register, not votes of the respondents.
    hidden : HiddenRule
        ``PER_ITEM``: s_i over those asked it. ``PER_RESPONDENT``: each respondent's composite of
        a criterion is rescaled to the items that person answered, then averaged.

    Returns
    -------
    UnitScore
        Points as fractions; ``items`` are shares in [0, 1].

    Raises
    ------
    ScoreError
        On values outside [0, 1], more answers than people, repeated items or codes, item points
        that do not sum to the maximum, or weights that do not fit the groups.

    Examples
    --------
    >>> one, half = Fraction(1), Fraction(1, 2)
    >>> unit = UnitAnswers(unit="A", strata=(
    ...     StratumAnswers(group="LD", population=8, values=({"q": one},) * 5),
    ...     StratumAnswers(group="CC", population=40, values=({"q": half},) * 4),
    ... ))
    >>> criterion = CriterionPoints(
    ...     code="C", maximum=Decimal(2), items=(ItemPoints(item="q", points=Decimal(2)),)
    ... )
    >>> score_unit(unit, [criterion], weighting=GroupWeighting.POPULATION).total
    Fraction(7, 6)
    >>> score_unit(unit, [criterion], weighting=GroupWeighting.POOLED).total
    Fraction(14, 9)
    """
    _check_criteria(criteria, not_applicable)
    _check_unit(unit)
    items = {
        entry.item: _item_score(unit, entry.item, _item_weights(unit, entry.item, weighting, fixed))
        for criterion in criteria
        for entry in criterion.items
    }
    scored_unit, scored = (
        by_respondent(unit, criteria) if hidden is HiddenRule.PER_RESPONDENT else (unit, criteria)
    )
    points = {
        criterion.code: None
        if criterion.code in not_applicable
        else _criterion_points(scored_unit, criterion, weighting, fixed)
        for criterion in scored
    }
    valid = [value for value in points.values() if value is not None]
    return UnitScore(
        unit=unit.unit,
        items=items,
        criteria=points,
        maximum=sum((Fraction(c.maximum) for c in criteria if points[c.code] is not None), _ZERO),
        total=sum(valid, _ZERO) if valid else None,
    )


def coefficients(
    unit: UnitAnswers,
    criteria: Sequence[CriterionPoints],
    *,
    weighting: GroupWeighting,
    fixed: Mapping[str, Decimal] | None = None,
    not_applicable: Collection[str] = (),
) -> Mapping[str, Mapping[str, Fraction]]:
    """Return group → item → c_hi with total = Σ_h Σ_i c_hi s_ih, under ``PER_ITEM``.

    For ``PER_RESPONDENT`` pass what ``by_respondent`` returns: a criterion is then one item.

    Examples
    --------
    >>> unit = UnitAnswers(unit="A", strata=(
    ...     StratumAnswers(group="LD", population=4, values=({"q": Fraction(1)},)),
    ... ))
    >>> criterion = CriterionPoints(
    ...     code="C", maximum=Decimal(2), items=(ItemPoints(item="q", points=Decimal(2)),)
    ... )
    >>> coefficients(unit, [criterion], weighting=GroupWeighting.POPULATION)
    {'LD': {'q': Fraction(2, 1)}}
    """
    result: dict[str, dict[str, Fraction]] = {stratum.group: {} for stratum in unit.strata}
    for criterion in criteria:
        if criterion.code in not_applicable:
            continue
        weights = {
            entry.item: _item_weights(unit, entry.item, weighting, fixed)
            for entry in criterion.items
        }
        for item, points in _rescaled_points(criterion, [i for i, w in weights.items() if w]):
            for group, weight in weights[item].items():
                result[group][item] = points * weight
    return result


def by_respondent(
    unit: UnitAnswers, criteria: Sequence[CriterionPoints]
) -> tuple[UnitAnswers, tuple[CriterionPoints, ...]]:
    """Turn every criterion into one item: each respondent's own rescaled composite.

    This is ``HiddenRule.PER_RESPONDENT`` expressed as ``PER_ITEM`` on other items.

    Examples
    --------
    >>> unit = UnitAnswers(unit="A", strata=(
    ...     StratumAnswers(group="LD", population=1, values=({"a": Fraction(1, 2)},)),
    ... ))
    >>> points = tuple(ItemPoints(item=i, points=Decimal(1)) for i in ("a", "b"))
    >>> criterion = CriterionPoints(code="C", maximum=Decimal(2), items=points)
    >>> by_respondent(unit, [criterion])[0].strata[0].values
    ({'C': Fraction(1, 2)},)
    """
    strata = tuple(
        StratumAnswers(
            group=stratum.group,
            population=stratum.population,
            values=tuple(_composites(values, criteria) for values in stratum.values),
        )
        for stratum in unit.strata
    )
    single = tuple(
        CriterionPoints(
            code=criterion.code,
            maximum=criterion.maximum,
            items=(ItemPoints(item=criterion.code, points=criterion.maximum),),
        )
        for criterion in criteria
    )
    return UnitAnswers(unit=unit.unit, strata=strata), single


_ZERO = Fraction(0)


def _composites(
    values: Mapping[str, Fraction], criteria: Iterable[CriterionPoints]
) -> dict[str, Fraction]:
    """One respondent's share of each criterion, over the items that person answered."""
    shares = {}
    for criterion in criteria:
        answered = [
            (Fraction(e.points), values[e.item]) for e in criterion.items if e.item in values
        ]
        points = sum((p for p, _ in answered), _ZERO)
        if points:
            shares[criterion.code] = sum((p * v for p, v in answered), _ZERO) / points
    return shares


def _item_weights(
    unit: UnitAnswers,
    item: str,
    weighting: GroupWeighting,
    fixed: Mapping[str, Decimal] | None,
) -> dict[str, Fraction]:
    """Group → W_hi over the strata that were asked and answered; empty if there is none."""
    answered = {s.group: sum(item in values for values in s.values) for s in unit.strata}
    raw: dict[str, Fraction] = {}
    for stratum in unit.strata:
        if answered[stratum.group]:
            match weighting:
                case GroupWeighting.POPULATION:
                    raw[stratum.group] = Fraction(stratum.population)
                case GroupWeighting.POOLED:
                    raw[stratum.group] = Fraction(answered[stratum.group])
                case GroupWeighting.FIXED:
                    raw[stratum.group] = _fixed_weight(unit, stratum.group, fixed)
    total = sum(raw.values(), _ZERO)
    return {group: weight / total for group, weight in raw.items() if weight}


def _fixed_weight(unit: UnitAnswers, group: str, fixed: Mapping[str, Decimal] | None) -> Fraction:
    if fixed is None or group not in fixed:
        raise ScoreError(
            f"no fixed weight for group {group!r} of unit {unit.unit!r}; "
            f"weights given: {sorted(fixed or {})}"
        )
    weight = Fraction(fixed[group])
    if weight < 0:
        raise ScoreError(f"fixed weight of group {group!r} is {fixed[group]}; it must not be < 0")
    return weight


def _item_score(unit: UnitAnswers, item: str, weights: Mapping[str, Fraction]) -> Fraction | None:
    if not weights:
        return None
    total = _ZERO
    for stratum in unit.strata:
        if stratum.group in weights:
            valid = [values[item] for values in stratum.values if item in values]
            total += weights[stratum.group] * sum(valid, _ZERO) / len(valid)
    return total


def _criterion_points(
    unit: UnitAnswers,
    criterion: CriterionPoints,
    weighting: GroupWeighting,
    fixed: Mapping[str, Decimal] | None,
) -> Fraction | None:
    scores = {}
    for entry in criterion.items:
        weights = _item_weights(unit, entry.item, weighting, fixed)
        score = _item_score(unit, entry.item, weights)
        if score is not None:
            scores[entry.item] = score
    if not scores:
        return None
    return sum((points * scores[i] for i, points in _rescaled_points(criterion, scores)), _ZERO)


def _rescaled_points(
    criterion: CriterionPoints, scored: Collection[str]
) -> list[tuple[str, Fraction]]:
    """Items with a score and M_c·ω_i, the hidden items' points shared out in proportion."""
    points = {e.item: Fraction(e.points) for e in criterion.items if e.item in scored}
    total = sum(points.values(), _ZERO)
    return [(item, Fraction(criterion.maximum) * p / total) for item, p in points.items() if total]


def _check_criteria(criteria: Sequence[CriterionPoints], not_applicable: Collection[str]) -> None:
    codes = [criterion.code for criterion in criteria]
    _refuse_repeats("criterion code", codes)
    _refuse_repeats("item", [entry.item for c in criteria for entry in c.items])
    unknown = sorted(set(not_applicable) - set(codes))
    if unknown:
        raise ScoreError(f"not_applicable names no criterion: {unknown}; criteria are {codes}")
    for criterion in criteria:
        points = [entry.points for entry in criterion.items]
        bad = [entry.item for entry in criterion.items if entry.points <= 0]
        if bad:
            raise ScoreError(f"points must be positive: {bad} of criterion {criterion.code!r}")
        if sum(map(Fraction, points)) != Fraction(criterion.maximum):
            raise ScoreError(
                f"item points of criterion {criterion.code!r} sum to {sum(points, Decimal(0))}, "
                f"its maximum is {criterion.maximum} ({len(points)} items)"
            )


def _check_unit(unit: UnitAnswers) -> None:
    _refuse_repeats(f"group of unit {unit.unit!r}", [s.group for s in unit.strata])
    for stratum in unit.strata:
        place = f"group {stratum.group!r} of unit {unit.unit!r}"
        if len(stratum.values) > stratum.population:
            raise ScoreError(
                f"{place} has {len(stratum.values)} answers from {stratum.population} people; "
                "correct the register's count or the answers' group"
            )
        for number, values in enumerate(stratum.values, start=1):
            outside = {
                item: value
                for item, value in values.items()
                if not (isinstance(value, int | Fraction) and 0 <= value <= 1)
            }
            if outside:
                item, value = next(iter(outside.items()))
                raise ScoreError(
                    f"values are fractions in [0, 1]: item {item!r} is {value!r} for "
                    f"respondent {number} of {place} ({len(outside)} items of this respondent)"
                )


def _refuse_repeats(what: str, names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ScoreError(f"{what} repeated: {repeated} ({len(repeated)} of {len(names)})")
