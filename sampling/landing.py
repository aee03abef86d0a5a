"""The landing phase of the cube method: the last undecided units, by a linear programme.

Among all ways to decide the last units that keep their probabilities, the one with the smallest
expected squared relative error of the balance is sought. The programme has 2^q columns that are
never written down: their values are sums of two tables, which makes the simplex method quick and
leaves nothing to a library whose optimum might depend on the processor.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.flight import fly
from sampling.linear import exchange, multiply
from sampling.streams import uniforms

__all__ = ["land"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_MOST = 18  # units decided by the programme: 2^18 samples
_WRONG_SIZE = 1e4  # cost of a sample of another size, where the dearest other costs 1
_GAIN = 1e-9  # the least reduced cost worth a step
_ZERO = 1e-12
_HURRIED = 500  # steps before Bland's rule, which cannot cycle, takes over


@dataclass(slots=True)
class _Programme:
    """The simplex tableau: basic samples as numbers, their chances, costs and the inverse."""

    samples: Rows
    chances: Floats
    costs: Floats
    inverse: Floats


def land(state: Floats, equations: Floats, rng: np.random.Generator, *, fixed_size: bool) -> Floats:
    """Decide the units that the flight left undecided.

    Equations are given up from the last, with a further flight after each, only while more than 18
    units are undecided; the programme still counts their errors.

    Parameters
    ----------
    state : array of float64, shape (N,)
        After the flight.
    equations : array of float64, shape (N, p)
        In relative units, the most important first.
    rng : numpy.random.Generator
        One raw word, and one per undecided unit and equation given up.
    fixed_size : bool
        The sample size is the first equation and met exactly.

    Returns
    -------
    array of float64, shape (N,)
        0 or 1, each with the state's value as its average.

    References
    ----------
    Deville and Tillé (2004), Biometrika 91, section 4; Tillé (2006), section 8.4.
    """
    landed = state.copy()
    rows = np.flatnonzero((landed > 0) & (landed < 1))
    target = multiply(equations[rows].T, landed[rows])
    undecided, kept = rows, equations.shape[1]
    while len(undecided) > _MOST:
        kept -= 1
        landed[undecided] = fly(landed[undecided], equations[undecided, :kept], rng)
        undecided = rows[(landed[rows] > 0) & (landed[rows] < 1)]
    if not len(undecided):
        return landed
    decided = np.setdiff1d(rows, undecided)
    target -= multiply(equations[decided].T, landed[decided])
    costs = _costs(equations[undecided], target)
    if fixed_size:
        size = round(float(np.cumsum(landed[undecided])[-1]))
        costs = np.where(_sizes(len(undecided)) == size, costs, _WRONG_SIZE)
    sample = _pick(_solved(landed[undecided], costs), costs, rng)
    landed[undecided] = _bits(sample, len(undecided))
    return landed


def _costs(equations: Floats, target: Floats) -> Floats:
    """Give Σ (error of the balance)² of every sample, the dearest as 1; shape (2^q,)."""
    costs = np.zeros(2 ** len(equations))
    for column, wanted in zip(equations.T, target.tolist(), strict=True):
        costs += (_sums(column) - wanted) ** 2
    dearest = float(costs.max())
    return costs / dearest if dearest else costs


def _sums(values: Floats) -> Floats:
    """Add up the values of the units in every sample: one table for the low units, one above."""
    low = len(values) // 2
    return np.add.outer(_table(values[low:]), _table(values[:low])).ravel()


def _table(values: Floats) -> Floats:
    """Add up the values of every subset, in the order of the subsets' numbers."""
    sums = np.zeros(1)
    for value in values.tolist():
        sums = np.concatenate([sums, sums + value])
    return sums


def _sizes(count: int) -> Floats:
    """Count the units of every sample."""
    return _sums(np.ones(count))


def _bits(sample: int, count: int) -> Floats:
    """Write a sample's number out as 0 and 1 per unit."""
    return np.array([float(sample >> place & 1) for place in range(count)])


def _solved(state: Floats, costs: Floats) -> _Programme:
    """Run the simplex method from the nested samples of the most probable units."""
    programme = _nested(state, costs)
    step = 0
    while True:
        step += 1
        prices = multiply(programme.inverse.T, programme.costs)
        reduced = costs - _sums(prices[:-1]) - prices[-1]
        entering = int(np.argmin(reduced) if step <= _HURRIED else np.argmax(reduced < -_GAIN))
        if reduced[entering] >= -_GAIN:
            return programme
        _exchange(programme, entering, float(costs[entering]))


def _nested(state: Floats, costs: Floats) -> _Programme:
    """Begin with the q + 1 samples of the j most probable units, whose chances are differences."""
    order = np.argsort(-state, kind="stable")
    count = len(state)
    numbers = [0]
    for unit in order.tolist():
        numbers.append(numbers[-1] | 1 << unit)
    inverse = np.zeros((count + 1, count + 1))
    inverse[0, count] = 1.0
    for place, unit in enumerate(order.tolist()):
        inverse[place + 1, unit] = 1.0
        inverse[place, unit] -= 1.0
    samples = np.array(numbers, dtype=np.int64)
    right = np.append(state, 1.0)
    return _Programme(
        samples=samples,
        chances=multiply(inverse, right),
        costs=costs[samples],
        inverse=inverse,
    )


def _exchange(programme: _Programme, entering: int, cost: float) -> None:
    """Bring a sample into the basis in place of the first whose chance falls to 0."""
    count = len(programme.samples) - 1
    column = multiply(programme.inverse, np.append(_bits(entering, count), 1.0))
    limits = np.full(count + 1, np.inf)
    np.divide(programme.chances, column, out=limits, where=column > _GAIN)
    shortest = max(float(limits.min()), 0.0)
    ties = np.flatnonzero(limits <= shortest + _ZERO)
    leaver = int(ties[np.argmin(programme.samples[ties])])
    programme.chances = np.maximum(programme.chances - shortest * column, 0.0)
    programme.chances[leaver] = shortest
    exchange(programme.inverse, leaver, column)
    programme.samples[leaver] = entering
    programme.costs[leaver] = cost


def _pick(programme: _Programme, costs: Floats, rng: np.random.Generator) -> int:
    """Draw one of the basic samples by its chance."""
    order = np.argsort(programme.samples, kind="stable")
    samples, chances = programme.samples[order], programme.chances[order]
    chances = np.where((chances > _GAIN) & (costs[samples] < _WRONG_SIZE), chances, 0.0)
    sums = np.cumsum(chances)
    place = np.searchsorted(sums, float(uniforms(1, rng)[0]) * sums[-1], side="right")
    return int(samples[int(place)])
