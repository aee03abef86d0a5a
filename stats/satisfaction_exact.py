"""Exact satisfaction points where every answer counts alike.

Rational all the way and rounded at the one declared stage. Weighted answers have no exact points:
weights are estimates, and ``stats.satisfaction`` gives floats with their error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from stats.bands import round_half_up
from stats.errors import ScoreError
from stats.satisfaction_plan import (
    FactorPlan,
    FactorRule,
    IndexKey,
    ItemScore,
    Level,
    SatisfactionPlan,
    steps,
)

__all__ = ["ExactSatisfaction", "RoundingRule", "RoundingStage", "exact_satisfaction"]

POINTS = 10  # points = 10 × index


class RoundingStage(StrEnum):
    """The first value that is rounded; shares are rounded as percentages."""

    ITEM = "item"
    FACTOR = "factor"
    BLOCK = "block"
    INDEX = "index"
    POINTS = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingRule:
    """Where and to how many decimals a round rounds, half up.

    ``places`` belong to the stage; ``points_places`` are the decimals the points are printed
    with, the same where the stage is the points themselves.
    """

    stage: RoundingStage = RoundingStage.POINTS
    places: int = 2
    points_places: int = 2

    def __post_init__(self) -> None:
        if self.stage is RoundingStage.POINTS and self.places != self.points_places:
            raise ScoreError(
                f"points are rounded to {self.places} places and printed with "
                f"{self.points_places}; the stage is the points, so give one number"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactSatisfaction:
    """Shares in [0, 1] by key, with the declared rounding in them, and points of 10.

    ``points`` is exact, ``official`` the printed number; both ``None`` without an index.
    """

    shares: Mapping[IndexKey, Fraction]
    points: Fraction | None
    official: Decimal | None


def exact_satisfaction(
    answers: Sequence[Mapping[str, int]],
    plan: SatisfactionPlan,
    *,
    rounding: RoundingRule | None = None,
) -> ExactSatisfaction:
    """Score unweighted answers exactly.

    Item S_i = share of the two best answers, or (x̄ − 1)/(scale − 1); factors, blocks and index
    as the plan declares; points = 10 × index.

    Parameters
    ----------
    answers : sequence of mappings, item to code 1 … scale
        An item not asked, not applicable or missing is absent. An option of a choice question
        is 1 (chosen) or 0, absent where the question was not answered.
    plan : SatisfactionPlan
    rounding : RoundingRule
        Points to two decimals if not given.

    Raises
    ------
    ScoreError
        On a code outside the scale, with the respondent's number.

    Examples
    --------
    >>> from stats.satisfaction_plan import Aspect, BlockPlan
    >>> block = BlockPlan(code="B", aspect=Aspect.SATISFACTION,
    ...                   factors=(FactorPlan(code="F", items=("a",)),))
    >>> answers = [{"a": code} for code in (5, 5, 5, 4, 4, 4, 4, 3, 2)]
    >>> result = exact_satisfaction(answers, SatisfactionPlan(blocks=(block,)))
    >>> result.points, result.official
    (Fraction(70, 9), Decimal('7.78'))
    """
    rule = rounding or RoundingRule()
    _refuse_codes(answers, plan)
    _refuse_choices(answers, plan)
    values = _base_values(answers, plan)
    values = {key: _rounded(value, key.level, rule) for key, value in values.items()}
    for step in steps(plan, values):
        value = sum((weight * values[part] for part, weight in step.parts.items()), Fraction(0))
        values[step.key] = _rounded(value, step.key.level, rule)
    index = values.get(IndexKey(level=Level.INDEX))
    points = None if index is None else POINTS * index
    official = None if points is None else round_half_up(points, rule.points_places)
    return ExactSatisfaction(shares=values, points=points, official=official)


def _rounded(value: Fraction, level: Level, rule: RoundingRule) -> Fraction:
    """Round a share as a percentage where its level is the declared stage."""
    if level.value != rule.stage.value:
        return value
    return Fraction(round_half_up(100 * value, rule.places)) / 100


def _base_values(
    answers: Sequence[Mapping[str, int]], plan: SatisfactionPlan
) -> dict[IndexKey, Fraction]:
    scored = [
        {item: _score(row[item], scale, plan) for item, scale in plan.scales.items() if item in row}
        for row in answers
    ]
    found = {
        IndexKey(level=Level.ITEM, code=item): [row[item] for row in scored if item in row]
        for item in plan.scales
    }
    if plan.factor_rule is FactorRule.POOLED_ANSWERS:
        for factor in (factor for block in plan.blocks for factor in block.factors):
            found[IndexKey(level=Level.FACTOR, code=factor.code)] = _pooled(scored, factor)
    if plan.satisfaction_blocks:
        found[IndexKey(level=Level.ALL_SATISFIED)] = _all_satisfied(answers, plan)
    for option in (option for choice in plan.choices for option in choice.options):
        found[IndexKey(level=Level.OPTION, code=option)] = [
            Fraction(row[option]) for row in answers if option in row
        ]
    return {key: sum(shares, Fraction(0)) / len(shares) for key, shares in found.items() if shares}


def _score(code: int, scale: int, plan: SatisfactionPlan) -> Fraction:
    if plan.item_score is ItemScore.TOP_TWO:
        return Fraction(int(code >= scale - 1))
    return Fraction(code - 1, scale - 1)


def _pooled(scored: Sequence[Mapping[str, Fraction]], factor: FactorPlan) -> list[Fraction]:
    return [row[item] for row in scored for item in factor.items if item in row]


def _all_satisfied(answers: Sequence[Mapping[str, int]], plan: SatisfactionPlan) -> list[Fraction]:
    """Tell of each respondent with a satisfaction item whether all answers are the two best."""
    items, scales = plan.satisfaction_items, plan.scales
    rows = [[row[i] >= scales[i] - 1 for i in items if i in row] for row in answers]
    return [Fraction(int(all(row))) for row in rows if row]


def _refuse_codes(answers: Sequence[Mapping[str, int]], plan: SatisfactionPlan) -> None:
    allowed = {item: range(1, scale + 1) for item, scale in plan.scales.items()}
    allowed |= {option: range(2) for choice in plan.choices for option in choice.options}
    for number, row in enumerate(answers, start=1):
        wrong = {
            item: row[item]
            for item, codes in allowed.items()
            if item in row and row[item] not in codes
        }
        if wrong:
            item, code = next(iter(wrong.items()))
            raise ScoreError(
                f"item {item!r} is {code!r} for respondent {number} of {len(answers)}; codes are "
                f"{allowed[item].start} to {allowed[item].stop - 1} ({len(wrong)} items of this "
                "respondent); leave out answers that are not valid"
            )


def _refuse_choices(answers: Sequence[Mapping[str, int]], plan: SatisfactionPlan) -> None:
    for choice in plan.choices:
        for number, row in enumerate(answers, start=1):
            there = [row[option] for option in choice.options if option in row]
            if there and len(there) < len(choice.options):
                raise ScoreError(
                    f"choice {choice.code!r} has {len(there)} of {len(choice.options)} options "
                    f"for respondent {number}; give all of them or none"
                )
            if choice.most is not None and sum(there) > choice.most:
                raise ScoreError(
                    f"choice {choice.code!r} has {sum(there)} answers from respondent {number}; "
                    f"at most {choice.most} are allowed"
                )
