"""Who did not answer: weights in classes, and what the unseen answers could still do.

Weights assume that within a class those who answered are like those who did not. The bounds
assume nothing at all, so they are wide; printing both says how much rests on the assumption.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.errors import ScoreError
from stats.scores import (
    CriterionPoints,
    GroupWeighting,
    HiddenRule,
    StratumAnswers,
    UnitAnswers,
    by_respondent,
    score_unit,
)

__all__ = ["AnswerBounds", "CaseStatus", "ClassWeights", "answer_bounds", "weights_in_classes"]


class CaseStatus(StrEnum):
    """How a drawn case ended, as far as weighting needs to know."""

    RESPONDED = "responded"
    NONRESPONSE = "nonresponse"  # eligible, no usable answer
    INELIGIBLE = "ineligible"
    UNKNOWN = "unknown"  # eligibility never learnt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassWeights:
    """Weights after the adjustment for nonresponse.

    Attributes
    ----------
    weights : array of shape (cases,)
        0 for nonrespondents and the unknown; the ineligible keep the weight they stand for.
    factors : mapping of merged class to factor
        What a respondent's base weight was multiplied by.
    merged : mapping of class to merged class
        Classes with too few respondents joined the next one; a merged class is named by its
        members, joined by "+".
    effect : float
        Kish's 1 + cv² of the respondents' weights: how much variance unequal weights cost.
    """

    weights: NDArray[np.float64]
    factors: Mapping[str, float]
    merged: Mapping[str, str]
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBounds:
    """Best and worst case of a unit's total, in points.

    ``lowest`` and ``highest`` leave every missing answer of everybody in the unit free;
    ``lowest_of_people`` and ``highest_of_people`` leave only those free who gave no answer at all,
    filling gaps as the official score does.
    """

    lowest: Fraction
    highest: Fraction
    lowest_of_people: Fraction
    highest_of_people: Fraction
    maximum: Fraction
    unseen_people: Fraction
    missing_answers: int


def weights_in_classes(
    base: ArrayLike, classes: Sequence[str], status: Sequence[CaseStatus], *, minimum: int = 5
) -> ClassWeights:
    """Adjust base weights for nonresponse within classes.

    Two steps in each class: the unknown hand their weight to those whose eligibility is known,
    then eligible nonrespondents hand theirs to the respondents. So the weights of respondents and
    ineligible add up to all base weights of the class.

    Parameters
    ----------
    base : array of shape (cases,)
        Design weights of all drawn cases, positive.
    classes : sequence of str
        Known for every drawn case. In the order of first appearance, a class with fewer than
        ``minimum`` respondents joins the next (the last joins the one before).
    status : sequence of CaseStatus
    minimum : int

    Returns
    -------
    ClassWeights

    Raises
    ------
    ScoreError
        On lengths that differ, a weight that is not positive, or no respondent at all.

    References
    ----------
    Lessler and Kalsbeek (1992), Nonsampling Error in Surveys, 8.3. Kish (1992), JOS 8, 183-200.

    Examples
    --------
    >>> R, N = CaseStatus.RESPONDED, CaseStatus.NONRESPONSE
    >>> found = weights_in_classes([2, 2, 4, 4], ["a", "a", "b", "b"], [R, N, R, R], minimum=1)
    >>> found.weights.tolist(), found.factors
    ([4.0, 0.0, 4.0, 4.0], {'a': 2.0, 'b': 1.0})
    """
    weights = np.asarray(base, dtype=np.float64)
    _check_cases(weights, classes, status)
    names = np.array(classes, dtype=object)
    states = np.array([str(each) for each in status], dtype=object)
    merged = _merged_classes(names, states == CaseStatus.RESPONDED, minimum)
    groups = np.array([merged[name] for name in classes], dtype=object)
    adjusted = np.zeros_like(weights)
    factors = {}
    for group in dict.fromkeys(groups.tolist()):
        inside = groups == group
        sums = {each: weights[inside & (states == each)].sum() for each in CaseStatus}
        known = sum(sums.values()) - sums[CaseStatus.UNKNOWN]
        learnt = 1 + sums[CaseStatus.UNKNOWN] / known
        answered = sums[CaseStatus.RESPONDED]
        factors[str(group)] = float(learnt * (answered + sums[CaseStatus.NONRESPONSE]) / answered)
        responded = inside & (states == CaseStatus.RESPONDED)
        ineligible = inside & (states == CaseStatus.INELIGIBLE)
        adjusted[responded] = weights[responded] * factors[str(group)]
        adjusted[ineligible] = weights[ineligible] * learnt
    final = adjusted[states == CaseStatus.RESPONDED]
    return ClassWeights(
        weights=adjusted,
        factors=factors,
        merged=merged,
        effect=float(final.size * (final**2).sum() / final.sum() ** 2),
    )


def answer_bounds(
    unit: UnitAnswers,
    criteria: Sequence[CriterionPoints],
    *,
    weighting: GroupWeighting,
    fixed: Mapping[str, Decimal] | None = None,
    not_applicable: Collection[str] = (),
    hidden: HiddenRule = HiddenRule.PER_ITEM,
) -> AnswerBounds:
    """Return what a unit's total would be if every unseen answer were the worst or the best.

    Nothing is assumed about those who did not answer, nor about gaps: an absent answer may be
    anything from 0 to 1, even where the question was hidden from that person. Groups without any
    answer count in full. Items that nobody of the unit answered stay out, as in the official
    total; pooled weights are those of the people who answered, so that a silent group has none.

    Parameters
    ----------
    unit, criteria, weighting, fixed, not_applicable, hidden
        As given to ``score_unit``.

    Returns
    -------
    AnswerBounds

    Raises
    ------
    ScoreError
        As ``score_unit``; also when the unit has no valid answer.

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions, ch. 1.

    Examples
    --------
    >>> from stats.scores import ItemPoints
    >>> criterion = CriterionPoints(code="C", maximum=Decimal(2),
    ...     items=(ItemPoints(item="q", points=Decimal(2)),))
    >>> unit = UnitAnswers(unit="A", strata=(StratumAnswers(group="LD", population=4,
    ...     values=({"q": Fraction(1)}, {"q": Fraction(1, 2)})),))
    >>> bounds = answer_bounds(unit, [criterion], weighting=GroupWeighting.POPULATION)
    >>> str(bounds.lowest), str(bounds.highest), bounds.unseen_people
    ('3/4', '7/4', Fraction(2, 1))
    """
    score = score_unit(
        unit,
        criteria,
        weighting=weighting,
        fixed=fixed,
        not_applicable=not_applicable,
        hidden=hidden,
    )
    if score.total is None:
        raise ScoreError(f"unit {unit.unit!r} has no valid answer; its bounds are 0 and all points")
    weights = _group_weights(unit, weighting, fixed)
    points = _points_per_item(criteria, score.items, not_applicable)
    cells = [_free_cells(stratum, points) for stratum in unit.strata]
    people_unit, people_criteria, people_scores = unit, criteria, score.items
    if hidden is HiddenRule.PER_RESPONDENT:
        people_unit, people_criteria = by_respondent(unit, criteria)
        people_scores = score_unit(
            people_unit, people_criteria, weighting=weighting, fixed=fixed
        ).items
    people_points = _points_per_item(people_criteria, people_scores, not_applicable)
    pooled = weighting is GroupWeighting.POOLED
    people = [
        _free_people(stratum, people_points, people_scores, pooled=pooled)
        for stratum in people_unit.strata
    ]
    parts = [
        weights[stratum.group] / stratum.population if stratum.population else Fraction(0)
        for stratum in unit.strata
    ]
    answered = [row for s in unit.strata for row in s.values if not points.keys().isdisjoint(row)]
    return AnswerBounds(
        lowest=_dot(parts, [low for low, _ in cells]),
        highest=_dot(parts, [high for _, high in cells]),
        lowest_of_people=_dot(parts, [low for low, _ in people]),
        highest_of_people=_dot(parts, [high for _, high in people]),
        maximum=score.maximum,
        unseen_people=sum((Fraction(s.population) for s in unit.strata), Fraction(0))
        - len(answered),
        missing_answers=sum(len(points.keys() - row.keys()) for row in answered),
    )


def _dot(parts: Sequence[Fraction], values: Sequence[Fraction]) -> Fraction:
    return sum((part * value for part, value in zip(parts, values, strict=True)), Fraction(0))


def _group_weights(
    unit: UnitAnswers, weighting: GroupWeighting, fixed: Mapping[str, Decimal] | None
) -> dict[str, Fraction]:
    """Weigh all groups that have people, silent ones too."""
    match weighting:
        case GroupWeighting.POPULATION:
            raw = {s.group: Fraction(s.population) for s in unit.strata}
        case GroupWeighting.POOLED:
            raw = {s.group: Fraction(sum(map(bool, s.values))) for s in unit.strata}
        case GroupWeighting.FIXED:
            peopled = [s.group for s in unit.strata if s.population]
            absent = [group for group in peopled if group not in (fixed or {})]
            if absent:
                raise ScoreError(
                    f"no fixed weight for groups {absent} of unit {unit.unit!r}; "
                    f"weights given: {sorted(fixed or {})}"
                )
            raw = {group: Fraction((fixed or {})[group]) for group in peopled}
    total = sum(raw.values(), Fraction(0))
    return {s.group: raw.get(s.group, Fraction(0)) / total for s in unit.strata}


def _points_per_item(
    criteria: Sequence[CriterionPoints],
    scores: Mapping[str, Fraction | None],
    not_applicable: Collection[str],
) -> dict[str, Fraction]:
    """Points of every item that somebody answered, rescaled to its criterion's maximum."""
    points: dict[str, Fraction] = {}
    for criterion in criteria:
        if criterion.code not in not_applicable:
            own = {
                e.item: Fraction(e.points) for e in criterion.items if scores[e.item] is not None
            }
            total = sum(own.values(), Fraction(0))
            points |= {item: Fraction(criterion.maximum) * p / total for item, p in own.items()}
    return points


def _free_cells(
    stratum: StratumAnswers, points: Mapping[str, Fraction]
) -> tuple[Fraction, Fraction]:
    """Lowest and highest sum over the stratum's people when every absent answer is free."""
    seen = sum(
        (points[item] * value for row in stratum.values for item, value in row.items()
         if item in points),
        Fraction(0),
    )  # fmt: skip
    free = sum(
        (
            share * (stratum.population - sum(item in row for row in stratum.values))
            for item, share in points.items()
        ),
        Fraction(0),
    )
    return seen, seen + free


def _free_people(
    stratum: StratumAnswers,
    points: Mapping[str, Fraction],
    scores: Mapping[str, Fraction | None],
    *,
    pooled: bool,
) -> tuple[Fraction, Fraction]:
    """Lowest and highest sum when only the people without any answer are free.

    A gap is filled as the official score does: with the stratum's own mean of the item, with the
    unit's where the stratum has none or the answers are pooled.
    """
    people = sum(not points.keys().isdisjoint(row) for row in stratum.values)
    seen = Fraction(0)
    for item, share in points.items():
        valid = [row[item] for row in stratum.values if item in row]
        own = sum(valid, Fraction(0))
        mean = scores[item] if pooled or not valid else own / len(valid)
        seen += share * (own + (mean or Fraction(0)) * (people - len(valid)))
    return seen, seen + sum(points.values(), Fraction(0)) * (stratum.population - people)


def _merged_classes(
    names: NDArray[np.object_], responded: NDArray[np.bool_], minimum: int
) -> dict[str, str]:
    """Join classes with too few respondents to the next, the last to the one before."""
    least = max(minimum, 1)
    groups: list[list[str]] = [[]]
    count = 0
    for name in dict.fromkeys(names.tolist()):
        groups[-1].append(name)
        count += int(responded[names == name].sum())
        if count >= least:
            groups.append([])
            count = 0
    last = groups.pop()
    if last and groups:
        groups[-1] += last
    elif last:
        groups = [last]
    return {name: "+".join(group) for group in groups for name in group}


def _check_cases(
    weights: NDArray[np.float64], classes: Sequence[str], status: Sequence[CaseStatus]
) -> None:
    if not weights.shape == (len(classes),) == (len(status),):
        raise ScoreError(
            f"base, classes and status must be alike long: {weights.shape}, {len(classes)}, "
            f"{len(status)}"
        )
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if bad.size:
        raise ScoreError(
            f"base weights must be positive: case {bad[0]} has {weights[bad[0]]} ({bad.size} of "
            f"{weights.size})"
        )
    if CaseStatus.RESPONDED not in status:
        raise ScoreError(f"none of {weights.size} cases responded; there is nobody to weight up")
