"""Balanced sampling by the cube method: samples whose estimated totals meet known ones.

The flight moves the vector of inclusion probabilities at random through the subspace where all
balance equations hold, until no more than one unit per equation is undecided; the landing decides
those by a linear programme. All linear algebra is elementwise arithmetic in a fixed order, because
results of BLAS and of LP libraries differ between processors in the last bits, and here the last
bit decides who is asked.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.errors import DrawError
from sampling.flight import fly
from sampling.frame import nfc
from sampling.landing import land
from sampling.plan import Difference
from sampling.records import (
    ORDER,
    DrawRecord,
    Parameter,
    digest_of_frame,
    digest_of_order,
    first_difference,
    result_digest,
)
from sampling.streams import permutation, refuse_bad_seed, stream

__all__ = [
    "Balance",
    "BalancedFrame",
    "BalancedSample",
    "CubeOrder",
    "draw_balanced",
    "verify_balanced",
]

VERSION = 1  # of the algorithm: one more whenever the same seed would draw other units
_WHOLE = 1e-9  # how far probabilities may add up from a whole number

Floats = NDArray[np.float64]


class CubeOrder(StrEnum):
    """In which order the flight meets the units.

    ``RANDOM`` shuffles them; ``FRAME`` keeps the frame's order, which spreads the sample along it.
    """

    RANDOM = "random"
    FRAME = "frame"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BalancedFrame:
    """N units with inclusion probabilities, p balancing variables (N, p) and their codes.

    ``names`` name the variables, in the order of their importance. When the probabilities add up
    to a whole number the sample size is balanced first, and exactly.
    """

    probabilities: ArrayLike
    variables: ArrayLike
    names: Sequence[str]
    codes: Sequence[str] | None = None

    @property
    def digest(self) -> str:
        """Hash codes, probabilities and variables (SHA-256, hexadecimal)."""
        probabilities = np.asarray(self.probabilities, dtype=np.float64)
        variables = np.asarray(self.variables, dtype=np.float64)
        return digest_of_frame(self.codes, probabilities, variables)

    def name(self, row: int) -> str:
        """Name a unit: its code, or its row number from 0.

        Parameters
        ----------
        row : int

        Returns
        -------
        str
        """
        return str(row) if self.codes is None else nfc(self.codes[row])


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How well one variable is met: its total, and its estimate after flight and landing."""

    name: str
    total: float
    after_flight: float
    after_landing: float

    @property
    def relative_error(self) -> float:
        """Give (estimate − total) / total; NaN for a total of 0."""
        return (self.after_landing - self.total) / self.total if self.total else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BalancedSample:
    """Rows of the drawn units, the state after the flight, and the record.

    ``rows`` are in the order of their codes, ascending for `CubeOrder.FRAME` and without codes.
    ``after_flight`` has shape (N,): 0 and 1 for decided units, between for undecided ones.
    """

    rows: NDArray[np.int64]
    probabilities: Floats
    after_flight: Floats
    balance: tuple[Balance, ...]
    record: DrawRecord


def draw_balanced(
    frame: BalancedFrame, *, seed: int, order: CubeOrder = CubeOrder.RANDOM
) -> BalancedSample:
    """Draw a balanced sample by the cube method.

    Each unit is drawn with its inclusion probability, and Σₛ x/π meets Σ x for each variable
    exactly up to the landing, which changes at most as many units as there are variables.

    Parameters
    ----------
    frame : BalancedFrame of N units and p variables
    seed : int
        From 0, below 2⁶³.
    order : CubeOrder
        `CubeOrder.RANDOM` starts from the order of the codes where there are any, so that sorting
        the frame anew changes nothing.

    Returns
    -------
    BalancedSample

    Raises
    ------
    DrawError
        Probabilities outside [0, 1], variables that are no finite numbers or do not fit the units,
        a code that stands twice, or a seed out of range.

    References
    ----------
    Deville and Tillé (2004), Biometrika 91; flight of Chauvet and Tillé (2006), Computational
    Statistics 21. Checked against: tests/sampling/test_balanced.py (equations after the flight,
    exact landing on small frames, Monte-Carlo limits).

    Examples
    --------
    >>> frame = BalancedFrame(
    ...     probabilities=[0.5] * 8, names=["x"],
    ...     variables=[[1], [2], [3], [4], [4], [3], [2], [1]])
    >>> sample = draw_balanced(frame, seed=1)
    >>> len(sample.rows), [(b.total, b.after_landing) for b in sample.balance]
    (4, [(4.0, 4.0), (20.0, 16.0)])
    """
    refuse_bad_seed(seed)
    chances, variables = _checked(frame)
    names, balanced = _with_size(frame, chances, variables)
    rng = stream(seed, "cube", order.value)
    open_ = np.flatnonzero((chances > 0) & (chances < 1))
    if order is CubeOrder.RANDOM:
        if frame.codes is not None:
            open_ = np.array(sorted(open_.tolist(), key=frame.name), dtype=np.int64)
        open_ = open_[permutation(len(open_), rng)]
    state = chances.copy()
    equations = _scaled(balanced[open_] / chances[open_, None], balanced)
    state[open_] = fly(chances[open_], equations, rng)
    after_flight = state.copy()
    fixed = len(names) > len(frame.names)
    state[open_] = land(state[open_], equations, rng, fixed_size=fixed)
    rows = np.flatnonzero(state == 1)
    if frame.codes is not None and order is CubeOrder.RANDOM:
        rows = np.array(sorted(rows.tolist(), key=frame.name), dtype=np.int64)
    return BalancedSample(
        rows=rows,
        probabilities=chances[rows],
        after_flight=after_flight,
        balance=_balance(names, balanced, chances, (after_flight, state)),
        record=_record(frame, rows, seed, order),
    )


def verify_balanced(record: DrawRecord, frame: BalancedFrame) -> Difference | None:
    """Draw again from a record and name the first difference.

    Parameters
    ----------
    record : DrawRecord
    frame : BalancedFrame

    Returns
    -------
    Difference or None
        None when the record is the draw.

    Raises
    ------
    PlanError
        The record lacks a parameter.
    DrawError
        The frame cannot carry a draw.
    """
    order = record.choice("order", CubeOrder)
    return first_difference(draw_balanced(frame, seed=record.seed, order=order).record, record)


def _checked(frame: BalancedFrame) -> tuple[Floats, Floats]:
    """Refuse frames that cannot be balanced, naming the first unit in the way."""
    chances = np.asarray(frame.probabilities, dtype=np.float64)
    variables = np.asarray(frame.variables, dtype=np.float64)
    if variables.shape != (len(chances), len(frame.names)):
        raise DrawError(
            f"{len(chances)} probabilities and {len(frame.names)} names need balancing variables "
            f"of shape ({len(chances)}, {len(frame.names)}), not {variables.shape}"
        )
    if frame.codes is not None and len({nfc(code) for code in frame.codes}) != len(chances):
        raise DrawError(
            f"{len(frame.codes)} codes ({len(set(frame.codes))} different) stand beside "
            f"{len(chances)} probabilities; give every unit a code of its own"
        )
    _refuse(frame, ~((chances >= 0) & (chances <= 1)), chances, "a probability outside 0 to 1")
    wrong: NDArray[np.bool_] = ~np.isfinite(variables)
    rows: NDArray[np.bool_] = np.any(wrong, axis=1)
    _refuse(frame, rows, np.where(wrong, variables, 0.0).sum(axis=1), "no number in a variable")
    return chances, variables


def _refuse(frame: BalancedFrame, rows: NDArray[np.bool_], values: Floats, what: str) -> None:
    """Refuse rows, naming the first and how many."""
    found = np.flatnonzero(rows)
    if found.size:
        row = int(found[0])
        raise DrawError(
            f"unit {frame.name(row)} has {what}: {values[row]} ({found.size} of {len(rows)} units "
            "are like that); correct these units before drawing"
        )


def _with_size(
    frame: BalancedFrame, chances: Floats, variables: Floats
) -> tuple[tuple[str, ...], Floats]:
    """Put the sample size before the variables when the probabilities add up to a whole number."""
    total = math.fsum(chances.tolist())
    if abs(total - round(total)) > _WHOLE:
        return tuple(frame.names), variables
    return ("sample size", *frame.names), np.column_stack([chances, variables])


def _scaled(equations: Floats, variables: Floats) -> Floats:
    """Measure each equation in its variable's absolute total, so that errors are relative."""
    scale = np.array([math.fsum(column) for column in np.abs(variables).T.tolist()])
    return equations / np.where(scale > 0, scale, 1.0)


def _balance(
    names: Sequence[str], variables: Floats, chances: Floats, states: Sequence[Floats]
) -> tuple[Balance, ...]:
    """Compare totals with their estimates after flight and after landing."""
    used = chances > 0
    found = []
    for name, column in zip(names, variables.T, strict=True):
        expanded = column[used] / chances[used]
        flight, landing = (math.fsum((expanded * state[used]).tolist()) for state in states)
        total = math.fsum(column[used].tolist())
        found.append(Balance(name=name, total=total, after_flight=flight, after_landing=landing))
    return tuple(found)


def _record(
    frame: BalancedFrame, rows: NDArray[np.int64], seed: int, order: CubeOrder
) -> DrawRecord:
    """Write the record of a draw."""
    selected = tuple(frame.name(row) for row in rows.tolist())
    parameters: list[tuple[str, Parameter]] = [("order", order.value)]
    if frame.codes is not None and order is CubeOrder.FRAME:
        parameters.append((ORDER, digest_of_order(frame.codes)))
    return DrawRecord(
        method="cube",
        version=VERSION,
        seed=seed,
        frame_digest=frame.digest,
        parameters=tuple(parameters),
        selected=selected,
        result_digest=result_digest(selected),
    )
