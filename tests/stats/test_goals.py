"""Targets of a plan beside the points reached."""

import json
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.errors import ScoreError
from stats.goals import Goal, goal_gaps, goal_totals
from stats.index import round_half_up

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "targets_2022" / "targets.json").read_text("utf-8")
)
GOALS = [
    Goal(code=row["code"], target=Decimal(row["target"]), maximum=Decimal(row["maximum"]))
    for row in GOLDEN["goals"]
]
SIPAS = GOALS[-1]


def test_targets_of_the_plan_add_up_to_the_studys_totals() -> None:
    targets: dict[str, Fraction | Decimal | None] = {goal.code: goal.target for goal in GOALS}
    totals = goal_totals(goal_gaps(GOALS, targets, intervals={}))
    assert (str(totals.target), str(totals.maximum)) == ("31.7", "36.0")
    share = 100 * Fraction(totals.target) / Fraction(totals.maximum)
    assert str(round_half_up(share, 2)) == GOLDEN["totals"]["target_share_percent"]
    assert (totals.reached, totals.missed, totals.gap) == (11, 0, Fraction(0))


@pytest.mark.parametrize(
    ("points", "limits", "gap", "reached", "within"),
    [
        ("8.05", (7.70, 8.40), Fraction(-3, 20), False, True),
        ("8.05", (7.95, 8.15), Fraction(-3, 20), False, False),
        ("8.20", (7.90, 8.50), Fraction(0), True, True),
        ("8.60", (8.30, 8.90), Fraction(2, 5), True, False),
        ("8.60", (8.20, 8.90), Fraction(2, 5), True, True),
        ("8.60", None, Fraction(2, 5), True, None),
        ("8.60", (math.nan, math.nan), Fraction(2, 5), True, None),
    ],
)
def test_a_gap_is_told_from_the_error(
    points: str,
    limits: tuple[float, float] | None,
    gap: Fraction,
    reached: bool,  # noqa: FBT001 - a column of the table above
    within: bool | None,  # noqa: FBT001
) -> None:
    intervals = {} if limits is None else {"6.1": limits}
    (row,) = goal_gaps([SIPAS], {"6.1": Decimal(points)}, intervals=intervals)
    assert (row.gap, row.reached, row.within_error) == (gap, reached, within)


def test_withheld_points_have_no_gap_and_leave_the_totals() -> None:
    gaps = goal_gaps(GOALS[-2:], {"5.1": None, "6.1": Decimal(8)}, intervals={"6.1": (7.5, 8.5)})
    assert (gaps[0].gap, gaps[0].reached, gaps[0].within_error) == (None, None, None)
    totals = goal_totals(gaps)
    assert (totals.withheld, totals.missed, totals.target) == (1, 1, Decimal("8.2"))


def test_points_and_targets_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ScoreError, match="number from 0 to 10"):
        goal_gaps([SIPAS], {"6.1": Decimal(11)}, intervals={})
    with pytest.raises(ScoreError, match=r"without a target \['9'\], targets without points \['6"):
        goal_gaps([SIPAS], {"9": Decimal(1)}, intervals={})
    with pytest.raises(ScoreError, match="repeated"):
        goal_gaps([SIPAS, SIPAS], {"6.1": None}, intervals={})
    with pytest.raises(ScoreError, match="the lower one comes first"):
        goal_gaps([SIPAS], {"6.1": Decimal(8)}, intervals={"6.1": (9.0, 7.0)})
    with pytest.raises(ScoreError, match="need 0 < target <= maximum"):
        Goal(code="x", target=Decimal(6), maximum=Decimal(5))


@given(st.lists(st.fractions(0, Fraction(1, 2)), min_size=11, max_size=11))
def test_gaps_add_up_to_the_gap_of_the_totals(points: list[Fraction]) -> None:
    reached = {goal.code: value for goal, value in zip(GOALS, points, strict=True)}
    gaps = goal_gaps(GOALS, reached, intervals={})
    totals = goal_totals(gaps)
    assert totals.gap == sum((gap.gap for gap in gaps if gap.gap is not None), Fraction(0))
    assert totals.reached + totals.missed == len(GOALS)
