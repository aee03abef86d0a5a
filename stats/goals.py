"""Targets of a plan, the points reached, and whether the gap is larger than the error.

Points are exact and so is the gap. A gap within the error is neither reached nor missed for
certain; points that councils appraise have no sampling error, and say so by having no interval.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from stats.errors import ScoreError

__all__ = ["Goal", "GoalGap", "GoalTotals", "goal_gaps", "goal_totals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A target in points of a maximum, as an official plan writes it: 4.2 of 5."""

    code: str
    target: Decimal
    maximum: Decimal

    def __post_init__(self) -> None:
        if not (self.maximum.is_finite() and 0 < self.target <= self.maximum):
            raise ScoreError(
                f"target of {self.code!r} is {self.target} of {self.maximum}; need "
                "0 < target <= maximum"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalGap:
    """What was reached of a target; ``None`` where the points are withheld.

    ``gap`` is points minus target. ``within_error`` tells whether the interval holds the target;
    ``None`` where the points have no interval.
    """

    goal: Goal
    points: Fraction | None
    gap: Fraction | None
    reached: bool | None
    share: Fraction | None  # points over target
    within_error: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalTotals:
    """Sums over the targets whose points are known, and how many are not."""

    target: Decimal
    maximum: Decimal
    points: Fraction
    gap: Fraction
    reached: int
    missed: int
    withheld: int


def goal_gaps(
    goals: Sequence[Goal],
    points: Mapping[str, Fraction | Decimal | None],
    *,
    intervals: Mapping[str, tuple[float, float]],
) -> tuple[GoalGap, ...]:
    """Lay points beside targets.

    Parameters
    ----------
    goals : sequence of Goal
    points : mapping of code to points
        Of the round's own rounding, if that is what the target is judged by; ``None`` is withheld.
    intervals : mapping of code to limits, in points
        None for appraised points. Limits that do not exist (NaN) count as no interval.

    Raises
    ------
    ScoreError
        On a repeated or unknown code, floats, points outside 0 … maximum, or limits in the wrong
        order.

    Examples
    --------
    >>> goal = Goal(code="6.1", target=Decimal("8.2"), maximum=Decimal(10))
    >>> (row,) = goal_gaps([goal], {"6.1": Decimal("8.05")}, intervals={"6.1": (7.7, 8.4)})
    >>> row.gap, row.reached, row.within_error
    (Fraction(-3, 20), False, True)
    """
    codes = [goal.code for goal in goals]
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    unknown = sorted((set(points) | set(intervals)) - set(codes))
    absent = sorted(set(codes) - set(points))
    if repeated or unknown or absent:
        raise ScoreError(
            f"targets repeated {repeated}, points or intervals without a target {unknown}, targets "
            f"without points {absent} (say None where they are withheld)"
        )
    return tuple(_gap(goal, points[goal.code], intervals.get(goal.code)) for goal in goals)


def goal_totals(gaps: Sequence[GoalGap]) -> GoalTotals:
    """Add up targets and points over what is not withheld.

    Examples
    --------
    >>> goal = Goal(code="6.1", target=Decimal("8.2"), maximum=Decimal(10))
    >>> goal_totals(goal_gaps([goal], {"6.1": None}, intervals={})).withheld
    1
    """
    known = [(gap.goal, gap.points) for gap in gaps if gap.points is not None]
    target = sum((goal.target for goal, _ in known), Decimal(0))
    points = sum((value for _, value in known), Fraction(0))
    reached = sum(value >= Fraction(goal.target) for goal, value in known)
    return GoalTotals(
        target=target,
        maximum=sum((goal.maximum for goal, _ in known), Decimal(0)),
        points=points,
        gap=points - Fraction(target),
        reached=reached,
        missed=len(known) - reached,
        withheld=len(gaps) - len(known),
    )


def _gap(
    goal: Goal, value: Fraction | Decimal | None, limits: tuple[float, float] | None
) -> GoalGap:
    if value is None:
        return GoalGap(
            goal=goal, points=None, gap=None, reached=None, share=None, within_error=None
        )
    if isinstance(value, float) or not 0 <= value <= goal.maximum:
        raise ScoreError(
            f"points of {goal.code!r} are {value!r}; give an exact number from 0 to {goal.maximum}"
        )
    points, target = Fraction(value), Fraction(goal.target)
    return GoalGap(
        goal=goal,
        points=points,
        gap=points - target,
        reached=points >= target,
        share=points / target,
        within_error=_holds(goal, limits),
    )


def _holds(goal: Goal, limits: tuple[float, float] | None) -> bool | None:
    if limits is None or any(math.isnan(limit) for limit in limits):
        return None
    low, high = limits
    if low > high:
        raise ScoreError(f"limits of {goal.code!r} are {low} and {high}; the lower one comes first")
    return low <= float(goal.target) <= high
