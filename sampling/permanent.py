"""Permanent random numbers: one per unit for life, and the arcs of their circle.

The number is made from the seed and the unit's code alone, so that a new or a closed unit changes
nobody else's. It is a whole number of 53 bits, and a draw moves its starting point on that circle;
hence the overlap of two draws is known before them.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.errors import DrawError
from sampling.frame import nfc
from sampling.streams import UNIFORM_BITS, refuse_bad_seed, stream, uniform_integers

__all__ = [
    "Numbers",
    "Start",
    "draw_poisson",
    "expected_overlap",
    "from_start",
    "permanent_numbers",
    "shift_for_overlap",
]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

_CIRCLE: int = 2**UNIFORM_BITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where on the circle of permanent numbers a draw starts, as a whole number of 2⁻⁵³.

    The first year starts at 0; starting where last year's sample ends gives the fewest units asked
    again, starting at the same point gives the most.
    """

    steps: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.steps < _CIRCLE:
            raise DrawError(
                f"the starting point is {self.steps} steps; it must be from 0 to 2^53 - 1"
            )

    @classmethod
    def at(cls, fraction: float) -> "Start":
        """Start at a fraction of the circle, rounded down to a step.

        Parameters
        ----------
        fraction : float
            From 0, below 1.

        Returns
        -------
        Start

        Raises
        ------
        DrawError
            The fraction is out of range.

        Examples
        --------
        >>> Start.at(0.5).steps == 2**52
        True
        """
        if not 0 <= fraction < 1:
            raise DrawError(f"the starting point is {fraction}; it must be from 0, below 1")
        return cls(steps=math.floor(math.ldexp(fraction, UNIFORM_BITS)))

    @property
    def fraction(self) -> float:
        """Give the starting point as a fraction of the circle."""
        return math.ldexp(self.steps, -UNIFORM_BITS)


def permanent_numbers(codes: Sequence[str], *, seed: int) -> Numbers:
    """Give each unit its permanent random number.

    The upper 53 bits of the first word of the stream of the seed and "prn", code.

    Parameters
    ----------
    codes : sequence of N str
        NFC and NFD spelling give the same number.
    seed : int
        The same every year.

    Returns
    -------
    array of int64, shape (N,)
        From 0 to 2⁵³ − 1.

    Raises
    ------
    DrawError
        The seed is out of range, or a code stands twice.

    Examples
    --------
    >>> permanent_numbers(["SO02", "SO01"], seed=1).tolist()
    [1994585323238732, 8461734077898946]
    """
    refuse_bad_seed(seed)
    named = [nfc(code) for code in codes]
    twice = sorted(code for code, count in Counter(named).items() if count > 1)
    if twice:
        raise DrawError(
            f"{len(twice)} of {len(set(named))} codes stand more than once: {twice[:10]}; a "
            "permanent number belongs to one unit, give every unit a code of its own"
        )
    numbers = [int(uniform_integers(1, stream(seed, "prn", code))[0]) for code in named]
    return np.array(numbers, dtype=np.int64)


def draw_poisson(probabilities: ArrayLike, numbers: Numbers, *, start: Start) -> NDArray[np.bool_]:
    """Take each unit whose number, counted from the starting point, is below its probability.

    Parameters
    ----------
    probabilities : array-like of float, shape (N,)
        In [0, 1]; taken down to whole 2⁻⁵³.
    numbers : array of int64, shape (N,)
        Permanent numbers, or fresh ones of `sampling.streams.uniform_integers`.
    start : Start

    Returns
    -------
    array of bool, shape (N,)
        Units are independent: the joint probability of two is the product.

    Raises
    ------
    DrawError
        A probability outside [0, 1], or arrays of different lengths.

    References
    ----------
    Brewer, Early and Joyce (1972), Australian Journal of Statistics 14.
    """
    chances = _checked(probabilities, len(numbers))
    return from_start(numbers, start) < np.floor(np.ldexp(chances, UNIFORM_BITS))


def from_start(numbers: Numbers, start: Start) -> Numbers:
    """Count permanent numbers from the starting point, round the circle.

    Parameters
    ----------
    numbers : array of int64, shape (N,)
    start : Start

    Returns
    -------
    array of int64, shape (N,)
        From 0 to 2⁵³ − 1.

    Examples
    --------
    >>> from_start(np.array([0, 2**52]), Start.at(0.5)).tolist() == [2**52, 0]
    True
    """
    shifted: Numbers = (numbers - start.steps) % _CIRCLE
    return shifted


def expected_overlap(first: ArrayLike, second: ArrayLike, *, shift: Start) -> float:
    """Compute how many units two Poisson samples have in common on average.

    Both take an arc of the circle for each unit: [0, π₁) and [shift, shift + π₂). For sequential
    Poisson and Pareto samples this is an approximation.

    Parameters
    ----------
    first, second : array-like of float, shape (N,)
        Probabilities of the units in the two draws; 0 where a unit is not in a frame.
    shift : Start
        From the first draw's starting point to the second's.

    Returns
    -------
    float
        Units.

    Raises
    ------
    DrawError
        A probability outside [0, 1], or arrays of different lengths.

    Examples
    --------
    >>> expected_overlap([0.5, 0.25], [0.5, 0.25], shift=Start())
    0.75
    >>> expected_overlap([0.5, 0.25], [0.5, 0.25], shift=Start.at(0.25))
    0.25
    """
    one = _checked(first, None)
    two = _checked(second, len(one))
    near = np.minimum(two, np.maximum(one - shift.fraction, 0.0))
    far = np.minimum(one, np.maximum(two - (1 - shift.fraction), 0.0))
    return math.fsum((near + far).tolist())


def shift_for_overlap(first: ArrayLike, second: ArrayLike, *, overlap: float) -> Start:
    """Find the smallest shift that brings the expected overlap down to what is wanted.

    The overlap falls from Σ min(π₁, π₂) at shift 0, in straight stretches, until arcs begin to meet
    again from the other side.

    Parameters
    ----------
    first, second : array-like of float, shape (N,)
        As in `expected_overlap`.
    overlap : float
        Units that may be asked again, on average.

    Returns
    -------
    Start
        Add its steps to last year's (modulo 2⁵³).

    Raises
    ------
    DrawError
        The overlap is above that of shift 0, or below that of any shift; the message gives both.

    Examples
    --------
    >>> shift_for_overlap([0.25] * 8, [0.25] * 8, overlap=1.0).fraction
    0.125
    """
    one = _checked(first, None)
    two = _checked(second, len(one))
    shifts, overlaps = _corners(one, two)
    slack = 1e-9 * max(1.0, float(overlaps[0]))
    reached = np.flatnonzero(overlaps <= overlap + slack)
    if overlap > overlaps[0] + slack or not reached.size:
        raise DrawError(
            f"an overlap of {overlap:g} units is asked; these probabilities allow "
            f"{max(0.0, overlaps.min()):g} to {overlaps[0]:g}; ask for an overlap between"
        )
    corner = int(reached[0])
    high = _steps(float(shifts[corner]))
    low = _steps(float(shifts[max(corner - 1, 0)]))
    while low < high:
        middle = (low + high) // 2
        if expected_overlap(one, two, shift=Start(steps=middle)) <= overlap:
            high = middle
        else:
            low = middle + 1
    return Start(steps=low)


def _steps(fraction: float) -> int:
    """Give the step of the circle at or after a fraction; the last one for 1."""
    step = math.ceil(math.ldexp(fraction, UNIFORM_BITS))
    return min(step, _CIRCLE - 1)


def _corners(one: Floats, two: Floats) -> tuple[Floats, Floats]:
    """Give the shifts where the expected overlap bends, ascending, and its value there.

    A unit's overlap falls from the shift π₁ − π₂ to π₁, and rises again from 1 − π₂ as its second
    arc comes round the circle.
    """
    falls, ends = np.maximum(one - two, 0.0), one
    rises, tops = 1 - two, 1 - two + np.minimum(one, two)
    turn = np.ones(len(one))
    shifts = np.concatenate([[0.0], falls, ends, rises, tops, [1.0]])
    turns = np.concatenate([[0.0], -turn, turn, turn, -turn, [0.0]])
    order = np.argsort(shifts, kind="stable")
    shifts, slopes = shifts[order], np.cumsum(turns[order])
    steps = np.diff(shifts) * slopes[:-1]
    start = math.fsum(np.minimum(one, two).tolist())
    return shifts, start + np.concatenate([[0.0], np.cumsum(steps)])


def _checked(probabilities: ArrayLike, count: int | None) -> Floats:
    """Refuse numbers that are no probabilities."""
    chances = np.asarray(probabilities, dtype=np.float64)
    if count is not None and len(chances) != count:
        raise DrawError(f"{len(chances)} probabilities stand beside {count} units; give one each")
    wrong = np.flatnonzero(~((chances >= 0) & (chances <= 1)))
    if wrong.size:
        row = int(wrong[0])
        raise DrawError(
            f"row {row} has the probability {chances[row]} ({wrong.size} of {len(chances)} rows "
            "are outside 0 to 1); compute them by sampling.pps.pps_inclusion"
        )
    return chances
