"""First-order inclusion probabilities proportional to size, and who is taken with certainty.

A unit whose size reaches the average share is set aside with probability 1 and the rule applied to
the others again; this is reported pass by pass, because a unit that is always drawn stands for
nobody but itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.errors import SizeError
from sampling.frame import nfc
from sampling.measures import (
    CertaintyRound,
    Grid,
    SizeFault,
    SizeProblem,
    as_numbers,
    certainty_rounds,
    check_sizes,
    whole_sizes,
)
from sampling.pps_draws import Remainder
from sampling.records import digest_of_frame

__all__ = ["Certainty", "Inclusion", "SizedFrame", "pps_inclusion"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Certainty(StrEnum):
    """What happens to units whose size reaches the average share of the draw."""

    TAKE = "take"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SizedFrame:
    """N units with their sizes, and their codes where they have any.

    ``zeros`` declares that units of size 0 are out of scope; otherwise they are refused, because
    nobody could ever draw them.
    """

    sizes: ArrayLike
    codes: Sequence[str] | None = None
    zeros: bool = False

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

    def by_code(self, rows: Rows) -> Rows:
        """Order rows by code, so that sorting the frame anew changes nothing.

        Parameters
        ----------
        rows : array of int64, shape (n,)

        Returns
        -------
        array of int64, shape (n,)
            As given, without codes.
        """
        if self.codes is None:
            return rows
        return np.array(sorted(rows.tolist(), key=self.name), dtype=np.int64)

    @property
    def digest(self) -> str:
        """Hash codes and sizes (SHA-256, hexadecimal)."""
        return digest_of_frame(self.codes, as_numbers(self.sizes))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inclusion:
    """First-order inclusion probabilities of a frame, and which units are certain.

    ``probabilities`` of N units are 1 for certain ones, 0 for sizes of 0, else n′x/T′ with n′
    and T′ over the units left. ``rows`` are the units left, in the frame's order, and ``rest``
    their whole sizes; ``None`` when nobody is left to draw.
    """

    size: int
    probabilities: Floats
    rounds: tuple[CertaintyRound, ...]
    rows: Rows
    rest: Remainder | None

    @property
    def certain(self) -> Rows:
        """Rows of the certain units, ascending."""
        found = [row for round_ in self.rounds for row in round_.rows]
        return np.array(sorted(found), dtype=np.int64)

    def report(self, frame: SizedFrame) -> list[str]:
        """Say who is taken with certainty, and why.

        Parameters
        ----------
        frame : SizedFrame
            For the codes and sizes.

        Returns
        -------
        list of str
            A line per pass of the rule, and one about the rest; empty without certain units.
        """
        sizes = as_numbers(frame.sizes)
        lines = []
        for number, round_ in enumerate(self.rounds, start=1):
            units = ", ".join(f"{frame.name(row)} ({sizes[row]:g})" for row in round_.rows)
            lines.append(
                f"pass {number}: sizes of {round_.limit:g} or more are taken with certainty "
                f"({len(round_.rows)}): {units}"
            )
        if lines:
            drawn = self.size - len(self.certain)
            lines.append(f"the other {len(self.rows)} units share {drawn} draws")
        return lines


def pps_inclusion(
    frame: SizedFrame, size: int, *, certainty: Certainty = Certainty.TAKE
) -> Inclusion:
    """Compute inclusion probabilities proportional to size.

    Units with n·x ≥ T get probability 1 and are set aside, and the rule is applied again to the
    others with the smaller n and T until it finds nobody.

    Parameters
    ----------
    frame : SizedFrame of N units
    size : int
        n, from 1 to the number of units with a size above 0.
    certainty : Certainty
        ``REFUSE`` treats units over the limit as faults.

    Returns
    -------
    Inclusion

    Raises
    ------
    SizeError
        Sizes that are negative, missing, undeclared zeros or over a refused limit, codes that
        repeat, or n outside its range; every fault is listed with its units and values.

    References
    ----------
    Checked against: `inclusionprobabilities` of R's sampling 2.9,
    tests/golden/sampling_r_selection.

    Examples
    --------
    >>> pps_inclusion(SizedFrame(sizes=[90, 9, 1, 1]), 3).probabilities.tolist()
    [1.0, 1.0, 0.5, 0.5]
    """
    problems = check_sizes(frame.sizes, size, codes=frame.codes, zeros=frame.zeros)
    if problems:
        raise SizeError(problems)
    values = as_numbers(frame.sizes)
    grid = whole_sizes(values)
    rounds = certainty_rounds(grid, size)
    if rounds and certainty is Certainty.REFUSE:
        raise SizeError([_over_limit(frame, values, rounds, size)])
    return _inclusion(grid, rounds, size)


def _inclusion(grid: Grid, rounds: tuple[CertaintyRound, ...], size: int) -> Inclusion:
    """Set certain units and sizes of 0 aside and give the others their chances."""
    certain = [row for round_ in rounds for row in round_.rows]
    open_ = grid.sizes > 0
    open_[certain] = False
    whole = bool(open_.all())  # then nothing is copied: 10 million units are the aim
    rows = np.arange(len(open_)) if whole else np.flatnonzero(open_)
    rest = None
    probabilities = np.zeros(0 if whole else len(open_))
    if size > len(certain):
        rest = Remainder(
            sizes=grid.sizes if whole else grid.sizes[rows],
            total=grid.total - sum(grid.sizes[certain].tolist()),
            size=size - len(certain),
        )
        if whole:
            probabilities = rest.probabilities
        else:
            probabilities[rows] = rest.probabilities
    probabilities[certain] = 1.0
    return Inclusion(size=size, probabilities=probabilities, rounds=rounds, rows=rows, rest=rest)


def _over_limit(
    frame: SizedFrame, values: Floats | Rows, rounds: Sequence[CertaintyRound], size: int
) -> SizeProblem:
    """Describe units over the limit as a fault."""
    rows = rounds[0].rows
    return SizeProblem(
        fault=SizeFault.OVER_CERTAINTY,
        units=tuple(frame.name(row) for row in rows),
        values=tuple(float(values[row]) for row in rows),
        population=len(values),
        detail=(
            f"sizes reach {rounds[0].limit:g}, the average share of {size} draws, so that the "
            "chance would be 1 or more"
        ),
    )
