"""Samples of several years that overlap as much or as little as wanted.

A draw by permanent random numbers draws nothing anew: it reads off which units come first from the
year's starting point, so that the burden of a unit over the years can be steered beforehand.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sampling.errors import DrawError
from sampling.frame import nfc
from sampling.permanent import (
    Numbers,
    Start,
    draw_poisson,
    expected_overlap,
    from_start,
    permanent_numbers,
    shift_for_overlap,
)
from sampling.plan import Difference
from sampling.pps import Certainty, SizedFrame, pps_inclusion
from sampling.records import DrawRecord, first_difference, result_digest
from sampling.streams import UNIFORM_BITS

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


class Coordination(StrEnum):
    """How permanent numbers u become a sample of units with chances π, from a starting point.

    ``POISSON`` takes u < π: a random sample size, but exact chances and independent units.
    ``SEQUENTIAL_POISSON`` takes the n smallest u/π (Ohlsson), ``PARETO`` the n smallest
    u(1 − π)/((1 − u)π) (Rosén): fixed size, chances near π. Pareto's are nearer, and known exactly
    (`sampling.pps.joint_probabilities`); in a frame of six units sequential Poisson misses some by
    five percentage points.
    """

    POISSON = "poisson"
    SEQUENTIAL_POISSON = "sequential_poisson"
    PARETO = "pareto"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoordinatedSample:
    """Rows of the drawn units by code, their probabilities and the record of the draw."""

    rows: NDArray[np.int64]
    probabilities: Floats
    record: DrawRecord


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
        ranks = _RANKS[method](from_start(numbers, begin), inclusion.probabilities)
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
    again = draw_coordinated(
        frame,
        record.whole("size"),
        method=record.drawn_by("prn", Coordination, "of permanent random numbers"),
        seed=record.seed,
        start=Start(steps=record.whole("start")),
    )
    return first_difference(again.record, record)


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
