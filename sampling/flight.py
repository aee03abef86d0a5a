"""The flight phase of the cube method: as many decided units as the equations allow.

It is walked like a simplex tableau: as many units as there are independent equations are *basic*,
one other enters at a time and moves with them until some unit is decided. A unit thus costs one
step of p² operations, and no null space is ever computed by a library.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.linear import exchange, invert, multiply
from sampling.streams import uniforms

__all__ = ["fly"]

Floats = NDArray[np.float64]

_DEPENDENT = 1e-9  # of an equation's largest coefficient: what is left of a dependent one
_STILL = 1e-11  # a basic unit whose move is below this does not limit a step
_DECIDED = 1e-12  # this near to 0 or 1 is 0 or 1
_FRESH = 50  # pivots between two inversions of the basis


@dataclass(slots=True)
class _Tableau:
    """Basic units, the inverse of their coefficients, and the state of all units."""

    state: Floats
    coefficients: Floats
    basic: NDArray[np.int64]
    inverse: Floats
    pivots: int = 0


def fly(start: Floats, equations: Floats, rng: np.random.Generator) -> Floats:
    """Move probabilities at random to 0 or 1 without changing the equations' totals.

    Each step goes to one of the two ends of a line through the present state, with the chances
    that keep the state on average; so each unit's probability stays what it was.

    Parameters
    ----------
    start : array of float64, shape (N,)
        In (0, 1).
    equations : array of float64, shape (N, p)
        Coefficients of the units; Σ start · equations is kept.
    rng : numpy.random.Generator
        One raw word per unit.

    Returns
    -------
    array of float64, shape (N,)
        At most p of them, one per independent equation, are neither 0 nor 1.

    References
    ----------
    Deville and Tillé (2004), Biometrika 91, section 3; Chauvet and Tillé (2006), Computational
    Statistics 21.

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> fly(np.array([0.5, 0.5, 0.5, 0.5]), np.ones((4, 1)), rng).sum().item()
    2.0
    """
    basic, kept = _first_basis(equations)
    coefficients = np.ascontiguousarray(equations[:, kept])
    tableau = _Tableau(
        state=start.copy(),
        coefficients=coefficients,
        basic=basic,
        inverse=invert(coefficients[basic].T),
    )
    entering = np.delete(np.arange(len(start)), basic)
    for row, u in zip(entering.tolist(), uniforms(len(entering), rng).tolist(), strict=True):
        _enter(tableau, row, u)
    return tableau.state


def _first_basis(equations: Floats) -> tuple[NDArray[np.int64], list[int]]:
    """Choose independent equations, and for each the unit that weighs most in it."""
    work = equations.copy()
    largest = np.abs(equations).max(axis=0, initial=0.0)
    basic: list[int] = []
    kept: list[int] = []
    for column in range(work.shape[1]):
        row = int(np.argmax(np.abs(work[:, column]))) if len(work) else 0
        if not largest[column] or abs(work[row, column]) <= _DEPENDENT * largest[column]:
            continue
        basic.append(row)
        kept.append(column)
        factors = work[row, column + 1 :] / work[row, column]
        work[:, column + 1 :] -= np.multiply.outer(work[:, column], factors)
        work[row, column + 1 :] = 0.0
    return np.array(basic, dtype=np.int64), kept


def _enter(tableau: _Tableau, row: int, u: float) -> None:
    """Move one unit together with the basic ones until one of them is decided."""
    weights = multiply(tableau.inverse, tableau.coefficients[row])
    basics = tableau.state[tableau.basic]
    own = float(tableau.state[row])
    up, leaver_up = _reach(basics, -weights, 1 - own)
    down, leaver_down = _reach(basics, weights, own)
    rises = u * (up + down) < down
    step, leaver = (up, leaver_up) if rises else (-down, leaver_down)
    moved = np.clip(basics - step * weights, 0.0, 1.0)
    moved[moved < _DECIDED] = 0.0
    moved[moved > 1 - _DECIDED] = 1.0
    if leaver >= 0:
        moved[leaver] = float(weights[leaver] < 0) if rises else float(weights[leaver] > 0)
        tableau.state[row] = own + step
    else:
        tableau.state[row] = float(rises)
    tableau.state[tableau.basic] = moved
    if leaver >= 0:
        _exchange(tableau, row, leaver, weights)


def _reach(basics: Floats, moves: Floats, own: float) -> tuple[float, int]:
    """Find the longest step that keeps basic units in [0, 1], and who stops it; −1: the own."""
    room = np.where(moves > 0, 1 - basics, basics)
    limits = np.full(len(basics), np.inf)
    np.divide(room, np.abs(moves), out=limits, where=np.abs(moves) > _STILL)
    if not len(limits) or own <= limits.min():
        return own, -1
    shortest = float(limits.min())
    ties = np.where(limits == shortest, np.abs(moves), 0.0)
    return shortest, int(np.argmax(ties))


def _exchange(tableau: _Tableau, row: int, leaver: int, weights: Floats) -> None:
    """Let a unit take the place of a decided one among the basic units."""
    tableau.basic[leaver] = row
    tableau.pivots += 1
    if tableau.pivots % _FRESH == 0:
        tableau.inverse = invert(tableau.coefficients[tableau.basic].T)
        return
    exchange(tableau.inverse, leaver, weights)
