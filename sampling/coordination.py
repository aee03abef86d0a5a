"""Permanent random numbers: samples of several years that overlap as much or as little as wanted.

Each unit carries one number all its life, made from the seed and its code alone, so that a new or a
closed unit changes nobody else's. It is a whole number of 53 bits, and a draw moves its starting
point on that circle; nothing is drawn anew, hence the overlap is known before the draw.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.errors import DrawError
from sampling.frame import nfc
from sampling.plan import Difference
from sampling.pps import Certainty, SizedFrame, pps_inclusion
from sampling.records import DrawRecord, first_difference, result_digest
from sampling.streams import UNIFORM_BITS, refuse_bad_seed, stream, uniform_integers

__all__ = [
    "CoordinatedSample",
    "Coordination",
    "Start",
    "draw_coordinated",
    "draw_poisson",
    "expected_overlap",
    "permanent_numbers",
    "response_burden",
    "shift_for_overlap",
    "verify_coordinated",
]

VERSION = 1  # of the algorithms: one more whenever the same seed would draw other units

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

_CIRCLE: int = 2**UNIFORM_BITS


class Coordination(StrEnum):
    """How permanent numbers u become a sample of units with chances π, from a starting point.

    ``POISSON`` takes u < π: a random sample size, but exact chances and independent units.
    ``SEQUENTIAL_POISSON`` takes the n smallest u/π (Ohlsson), ``PARETO`` the n smallest
    u(1 − π)/((1 − u)π) (Rosén): fixed size, chances near π.
    """

    POISSON = "poisson"
    SEQUENTIAL_POISSON = "sequential_poisson"
    PARETO = "pareto"


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoordinatedSample:
    """Rows of the drawn units by code, their probabilities and the record of the draw."""

    rows: NDArray[np.int64]
    probabilities: Floats
    record: DrawRecord


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
    return _from_start(numbers, start) < np.floor(np.ldexp(chances, UNIFORM_BITS))


def draw_coordinated(
    frame: SizedFrame, size: int, *, method: Coordination, seed: int, start: Start | None = None
) -> CoordinatedSample:
    """Draw units with chances proportional to size by their permanent random numbers.

    Parameters
    ----------
    frame : SizedFrame of N units
        With codes. Equal sizes give simple random sampling.
    size : int
        n; for `Coordination.POISSON` the expected number.
    method : Coordination
    seed : int
        The same every year: it gives the permanent numbers.
    start : Start, optional
        Where this year starts; at 0 without it.

    Returns
    -------
    CoordinatedSample

    Raises
    ------
    SizeError
        As in `sampling.pps.pps_inclusion`.
    DrawError
        The frame has no codes, or the seed is out of range.

    References
    ----------
    Ohlsson (1998), Journal of Official Statistics 14. Checked against: Monte-Carlo limits in
    tests/sampling/test_coordination.py.

    Examples
    --------
    >>> frame = SizedFrame(sizes=[9, 1, 1, 1], codes=["A", "B", "C", "D"])
    >>> draw_coordinated(frame, 2, method=Coordination.PARETO, seed=1).record.selected
    ('A', 'B')
    """
    if frame.codes is None:
        raise DrawError(
            "the frame has no codes; a permanent number belongs to a code that the unit keeps"
        )
    begin = Start() if start is None else start
    inclusion = pps_inclusion(frame, size, certainty=Certainty.TAKE)
    numbers = permanent_numbers(frame.codes, seed=seed)
    if method is Coordination.POISSON:
        rows = np.flatnonzero(draw_poisson(inclusion.probabilities, numbers, start=begin))
    else:
        ranks = _RANKS[method](_from_start(numbers, begin), inclusion.probabilities)
        names = [nfc(code) for code in frame.codes]
        order = sorted(range(len(names)), key=lambda row: (ranks[row], names[row]))
        rows = np.array(order[:size], dtype=np.int64)
    rows = frame.by_code(rows)
    selected = tuple(frame.name(row) for row in rows.tolist())
    return CoordinatedSample(
        rows=rows,
        probabilities=inclusion.probabilities[rows],
        record=DrawRecord(
            method=f"prn-{method.value}",
            version=VERSION,
            seed=seed,
            frame_digest=frame.digest,
            parameters=(("size", size), ("start", begin.steps), ("zeros", frame.zeros)),
            selected=selected,
            result_digest=result_digest(selected),
        ),
    )


def verify_coordinated(record: DrawRecord, frame: SizedFrame) -> Difference | None:
    """Draw again from a record and name the first difference.

    Parameters
    ----------
    record : DrawRecord
    frame : SizedFrame

    Returns
    -------
    Difference or None
        None when the record is the draw.

    Raises
    ------
    PlanError
        The record lacks a parameter.
    DrawError
        The record names no method of this module, or its frame cannot carry the draw.
    """
    names = {f"prn-{method.value}": method for method in Coordination}
    if record.method not in names:
        raise DrawError(
            f"{record.method!r} is no coordinated method; it must be one of {', '.join(names)}"
        )
    again = draw_coordinated(
        frame,
        record.whole("size"),
        method=names[record.method],
        seed=record.seed,
        start=Start(steps=record.whole("start")),
    )
    return first_difference(again.record, record)


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
            f"{overlaps.min():g} to {overlaps[0]:g}; ask for an overlap between"
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


def response_burden(samples: Sequence[Sequence[str]]) -> Mapping[str, int]:
    """Count in how many samples each unit was drawn.

    Parameters
    ----------
    samples : sequence of sequences of str
        Codes of the units drawn, a sample per year.

    Returns
    -------
    mapping of str to int
        Most burdened first, then by code.

    Examples
    --------
    >>> response_burden([["A", "B"], ["B", "C"]])
    {'B': 2, 'A': 1, 'C': 1}
    """
    counts = Counter(nfc(code) for sample in samples for code in {nfc(code) for code in sample})
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _from_start(numbers: Numbers, start: Start) -> Numbers:
    """Count permanent numbers from the starting point, round the circle."""
    shifted: Numbers = (numbers - start.steps) % _CIRCLE
    return shifted


def _steps(fraction: float) -> int:
    """Give the step of the circle at or after a fraction; the last one for 1."""
    step = math.ceil(math.ldexp(fraction, UNIFORM_BITS))
    return min(step, _CIRCLE - 1)


def _sequential_poisson(numbers: Numbers, chances: Floats) -> list[float]:
    """Rank by u/π; certain units come first, units of size 0 never."""
    u = np.ldexp(numbers.astype(np.float64), -UNIFORM_BITS)
    ranks = np.divide(u, chances, out=np.full(len(u), np.inf), where=chances > 0)
    return [float(rank) for rank in np.where(chances == 1, -1.0, ranks)]


def _pareto(numbers: Numbers, chances: Floats) -> list[float]:
    """Rank by the odds of u over the odds of π; certain units come first, size 0 never."""
    u = np.ldexp(numbers.astype(np.float64), -UNIFORM_BITS)
    above, below = u * (1 - chances), (1 - u) * chances
    ranks = np.divide(above, below, out=np.full(len(u), np.inf), where=below > 0)
    return [float(rank) for rank in np.where(chances == 1, -1.0, ranks)]


_RANKS: Mapping[Coordination, Callable[[Numbers, Floats], list[float]]] = {
    Coordination.SEQUENTIAL_POISSON: _sequential_poisson,
    Coordination.PARETO: _pareto,
}


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
