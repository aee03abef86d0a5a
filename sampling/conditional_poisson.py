"""Marked conditional Poisson designs: the one family of Sampford, Pareto and maximum entropy.

All three give a sample s of n units the chance ∏ₛ pᵢ ∏₋ₛ (1 − pᵢ) · Σₛ cᵢ up to a constant, with
marks cᵢ = 1 − pᵢ for Sampford, an integral for Pareto, and equal marks for maximum entropy. One
dynamic programme over sums of Bernoulli variables therefore draws them and gives their exact first-
and second-order probabilities, where rejective algorithms need e^n tries.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.streams import uniforms

__all__ = ["MarkedDesign", "draw_marked", "entropy_odds_probabilities", "marked_inclusion"]

Floats = NDArray[np.float64]

_TOLERANCE = 1e-13
_MAX_ITERATIONS = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkedDesign:
    """Bernoulli chances p in (0, 1) and marks c ≥ 0 of N units, shape (N,), and n < N."""

    chances: Floats
    marks: Floats
    size: int


def draw_marked(design: MarkedDesign, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw one sample, unit after unit, each given the units before it.

    Parameters
    ----------
    design : MarkedDesign
        Takes 16·N·n bytes of memory.
    rng : numpy.random.Generator
        One raw word per unit until n are drawn.

    Returns
    -------
    array of int64, shape (n,)
        Ascending rows.

    References
    ----------
    Bondesson, Traat and Lundqvist (2006), Scandinavian Journal of Statistics 33, section 3.
    Checked against: enumeration of all samples in tests/sampling/test_pps_joint.py.
    """
    chances, marks = design.chances.tolist(), design.marks.tolist()
    plain, marked = _tables(design)
    drawn: list[int] = []
    left, sum_of_marks = design.size, 0.0
    for row, u in enumerate(uniforms(len(chances), rng).tolist()):
        if not left:
            break
        after = row + 1
        inside = chances[row] * (
            marked[after, left - 1] + (sum_of_marks + marks[row]) * plain[after, left - 1]
        )
        outside = (1 - chances[row]) * (marked[after, left] + sum_of_marks * plain[after, left])
        if u * (inside + outside) < inside:
            drawn.append(row)
            left -= 1
            sum_of_marks += marks[row]
    return np.array(drawn, dtype=np.int64)


def marked_inclusion(design: MarkedDesign, rows: NDArray[np.int64]) -> Floats:
    """Compute joint inclusion probabilities of some units, first-order ones on the diagonal.

    Parameters
    ----------
    design : MarkedDesign
    rows : array of int64, shape (m,)

    Returns
    -------
    array of float64, shape (m, m)

    Notes
    -----
    With G the distribution of the sum of all Bernoulli variables and R the same with each sample
    weighted by its marks, units are taken out of both by deconvolution: forwards for p ≤ 1/2,
    backwards above, which never amplifies rounding.
    """
    plain, marked = _distributions(design)
    chances, marks, size = design.chances[rows], design.marks[rows], design.size
    one = _without_one(plain, marked, chances, marks)
    joint = np.zeros((len(rows), len(rows)))
    if size >= 2:
        both = _without_two(one, chances, marks, size - 2)
        pairs = chances[:, None] * chances
        joint = pairs * ((marks[:, None] + marks) * both[0] + both[1])
    first = chances * (marks * one[0, size - 1] + one[1, size - 1])
    np.fill_diagonal(joint, first)
    upper: Floats = np.triu(joint / marked[size])
    return upper + np.triu(upper, 1).T


def entropy_odds_probabilities(target: Floats, size: int) -> Floats:
    """Find Bernoulli chances whose conditional Poisson design has given inclusion probabilities.

    The odds are multiplied by the odds of the target over those reached, or by the root of that
    where the last step did not halve the miss, until no odds are off by more than 10⁻¹³ of
    themselves. Elementwise arithmetic in a fixed order only.

    Parameters
    ----------
    target : array of float64, shape (N,)
        In (0, 1), adding up to n.
    size : int
        n.

    Returns
    -------
    array of float64, shape (N,)

    References
    ----------
    Chen, Dempster and Liu (1994), Biometrika 81, equation 9.
    """
    wanted = target / (1 - target)
    odds, chances, last = wanted, target, np.inf
    for _ in range(_MAX_ITERATIONS):
        design = MarkedDesign(chances=chances, marks=np.ones(len(odds)), size=size)
        plain, marked = _distributions(design)
        fewer, enough = _rest_of_one(plain, marked, design)
        # 1 − π is computed by itself: beside a π near 1 it would be rounded away.
        step = wanted * (1 - chances) * enough / (chances * fewer)
        miss = float(np.abs(step - 1).max())
        if miss <= _TOLERANCE:
            break
        odds = odds * (step if miss < last / 2 else np.sqrt(step))
        chances, last = odds / (1 + odds), miss
    return chances


def _tables(design: MarkedDesign) -> tuple[Floats, Floats]:
    """Tabulate, for units k … N and m units to draw among them, G and R; shape (N + 1, n + 1)."""
    count, size = len(design.chances), design.size
    plain = np.zeros((count + 1, size + 1))
    marked = np.zeros((count + 1, size + 1))
    plain[count, 0] = 1.0
    for row in range(count - 1, -1, -1):
        p, mark = float(design.chances[row]), float(design.marks[row])
        plain[row] = (1 - p) * plain[row + 1]
        marked[row] = (1 - p) * marked[row + 1]
        plain[row, 1:] += p * plain[row + 1, :-1]
        marked[row, 1:] += p * (marked[row + 1, :-1] + mark * plain[row + 1, :-1])
    return plain, marked


def _distributions(design: MarkedDesign) -> tuple[Floats, Floats]:
    """Give G and R of all units for every sum 0 … N; shape (N + 1,)."""
    count = len(design.chances)
    plain, marked = np.zeros(count + 1), np.zeros(count + 1)
    plain[0] = 1.0
    for row in range(count):
        p, mark = float(design.chances[row]), float(design.marks[row])
        moved = p * plain[: row + 1]
        gained = p * marked[: row + 1] + mark * moved
        plain[: row + 2] *= 1 - p
        marked[: row + 2] *= 1 - p
        plain[1 : row + 2] += moved
        marked[1 : row + 2] += gained
    return plain, marked


def _without_one(plain: Floats, marked: Floats, chances: Floats, marks: Floats) -> Floats:
    """Take each of m units out of G and R; shape (2, N, m)."""
    result = np.empty((2, len(plain) - 1, len(chances)))
    low = chances <= 0.5
    table, weighted = plain[:, None], marked[:, None]
    for columns, steps, order in ((low, _upwards, 1), (~low, _downwards, -1)):
        walk = list(steps(table, weighted, chances[columns], marks[columns]))
        result[:, :, columns] = np.stack(walk[::order], axis=1)
    return result


def _rest_of_one(plain: Floats, marked: Floats, design: MarkedDesign) -> Floats:
    """Give the chances that all units but one have the sums n − 1 and n; shape (2, N)."""
    count = len(design.chances)
    result = np.empty((2, count))
    low = design.chances <= 0.5
    near, far = design.size - 1, count - design.size - 1
    table, weighted = plain[:, None], marked[:, None]
    for columns, steps, first, turn in ((low, _upwards, near, 1), (~low, _downwards, far, -1)):
        walk = steps(table, weighted, design.chances[columns], design.marks[columns])
        sums = [less for less, _ in itertools.islice(walk, first, first + 2)]
        result[:, columns] = sums[::turn]
    return result


def _without_two(one: Floats, chances: Floats, marks: Floats, total: int) -> Floats:
    """Take each pair of units out of G and R, for one sum of the rest; shape (2, m, m)."""
    count = len(chances)
    result = np.empty((2, count, count))
    low = chances <= 0.5
    table, weighted = one[0][:, :, None], one[1][:, :, None]
    far = len(table) - 2 - total
    for columns, steps, distance in ((low, _upwards, total), (~low, _downwards, far)):
        walk = steps(table, weighted, chances[columns], marks[columns])
        result[:, :, columns] = next(itertools.islice(walk, distance, None))
    return result


def _upwards(
    plain: Floats, marked: Floats, p: Floats, c: Floats
) -> Iterator[tuple[Floats, Floats]]:
    """Deconvolve from the sum 0 upwards; for p ≤ 1/2."""
    less, less_marked = np.zeros_like(p), np.zeros_like(p)
    for total in range(len(plain) - 1):
        fewer = less
        less = (plain[total] - p * fewer) / (1 - p)
        less_marked = (marked[total] - p * (less_marked + c * fewer)) / (1 - p)
        yield less, less_marked


def _downwards(
    plain: Floats, marked: Floats, p: Floats, c: Floats
) -> Iterator[tuple[Floats, Floats]]:
    """Deconvolve from the largest sum downwards; for p > 1/2."""
    less, less_marked = np.zeros_like(p), np.zeros_like(p)
    for total in range(len(plain) - 1, 0, -1):
        less = (plain[total] - (1 - p) * less) / p
        less_marked = (marked[total] - (1 - p) * less_marked) / p - c * less
        yield less, less_marked
