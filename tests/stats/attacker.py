"""Somebody who wants to know: what can be worked out from what is published and known.

Written apart from the protection it judges and sharing no code with it. It takes numbers as
printed, writes down its own equations and solves them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

__all__ = [
    "Attacker",
    "answers_from_mean_and_deviation",
    "appraised_removed",
    "flagged_form",
    "moved_person",
    "unpooled",
]


@dataclass
class Attacker:
    """Collects what is known of whole numbers ``0 … size - 1`` and asks for what is possible."""

    ceilings: Sequence[int]
    rows: list[dict[int, float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def knows(self, weights: Mapping[int, float], low: float, high: float) -> None:
        """Note low ≤ Σ weight·number ≤ high."""
        self.rows.append(dict(weights))
        self.low.append(low)
        self.high.append(high)

    def matrix(self) -> np.ndarray:
        """Return what is known as a matrix."""
        found = np.zeros((len(self.rows), len(self.ceilings)))
        for place, weights in enumerate(self.rows):
            for unknown, weight in weights.items():
                found[place, unknown] += weight
        return found

    def bounds(self, wanted: Iterable[int]) -> tuple[float, float]:
        """Bound a sum of numbers by linear programming, fractions being allowed."""
        aim = np.zeros(len(self.ceilings))
        aim[list(wanted)] = 1.0
        matrix = self.matrix()
        finite_high, finite_low = np.isfinite(self.high), np.isfinite(self.low)
        left = np.vstack([matrix[finite_high], -matrix[finite_low]])
        right = np.r_[np.array(self.high)[finite_high], -np.array(self.low)[finite_low]]
        ends = [
            linprog(sign * aim, A_ub=left, b_ub=right, bounds=[(0, c) for c in self.ceilings])
            for sign in (1.0, -1.0)
        ]
        assert all(end.status == 0 for end in ends), [end.message for end in ends]
        return ends[0].fun, -ends[1].fun

    def integer_bounds(
        self, wanted: Iterable[int], beside: Mapping[int, int] | None = None
    ) -> tuple[int, int]:
        """Bound a sum of whole numbers exactly; ``beside`` are counts that are surely there."""
        aim = np.zeros(len(self.ceilings))
        aim[list(wanted)] = 1.0
        floors = np.zeros(len(self.ceilings))
        for unknown, least in (beside or {}).items():
            floors[unknown] = least
        ends = []
        for sign in (1.0, -1.0):
            result = milp(
                sign * aim,
                integrality=np.ones(aim.size),
                bounds=Bounds(floors, np.array(self.ceilings, dtype=float)),
                constraints=LinearConstraint(self.matrix(), self.low, self.high),
            )
            assert result.status == 0, result.message
            ends.append(round(sign * result.fun))
        return ends[0], ends[1]

    def codes_of_another(self, levels: Sequence[int], own: int | None) -> set[int]:
        """List the codes that one more person of a group may have given, beside the insider.

        ``levels`` are the unknowns of the group's counts, ``own`` the insider's.
        """
        beside = {} if own is None else {own: 1}
        return {
            level
            for level in levels
            if self.integer_bounds([level], beside)[1] - (level == own) >= 1
        }


def answers_from_mean_and_deviation(
    mean: str, deviation: str, *, people: int, values: Sequence[int]
) -> list[tuple[int, ...]]:
    """List all sets of answers with this mean and standard deviation, as printed."""
    found = []
    places = len(mean.partition(".")[2])
    for answers in combinations_with_replacement(values, people):
        middle = sum(answers) / people
        spread = (sum((a - middle) ** 2 for a in answers) / (people - 1)) ** 0.5
        if abs(middle - float(mean)) <= 0.5001 * 10**-places and (
            abs(spread - float(deviation)) <= 0.5001 * 10**-places
        ):
            found.append(answers)
    return found


def unpooled(
    published: Sequence[Fraction], weightings: Sequence[Sequence[Fraction]]
) -> tuple[float, ...] | None:
    """Solve for group means from one unit's points under several weightings."""
    matrix = np.array([[float(weight) for weight in weights] for weights in weightings])
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        return None
    solution = np.linalg.lstsq(matrix, np.array([float(p) for p in published]), rcond=None)[0]
    return tuple(float(value) for value in solution)


def flagged_form(all_forms: Fraction, others: Fraction, *, forms: int) -> Fraction:
    """Find a form's score from the mean with it and the mean without it."""
    return forms * all_forms - (forms - 1) * others


def appraised_removed(total: Fraction, appraised: Fraction) -> Fraction:
    """Find the survey's points from the overall total and the appraised points."""
    return total - appraised


def moved_person(
    before: Fraction, after: Fraction, *, people: int, own_change: Fraction = Fraction(0)
) -> Fraction:
    """Find by how much the one answer that changed differs, from two censuses' means."""
    return people * (after - before) - own_change
