"""Size measures: checked, put on a grid of whole numbers, and split into certain and drawn units.

After the grid everything about first-order probabilities is arithmetic of 64-bit whole numbers:
whether a unit is over the certainty limit, and whether a systematic draw hits it, must not hang on
the order in which a computer adds floating-point numbers.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.frame import is_count, nfc

__all__ = [
    "CertaintyRound",
    "Grid",
    "SizeFault",
    "SizeProblem",
    "certainty_rounds",
    "check_sizes",
    "whole_sizes",
]

Sizes = NDArray[np.int64] | NDArray[np.float64]

_TOTAL_BITS = 62  # the whole sizes of a frame add up to less than 2^62
_BLOCK = 65_536  # sizes added at a time, within a processor's cache
_EXAMPLES = 10  # units named in a message; the problem itself holds them all


class SizeFault(StrEnum):
    """What can be wrong with size measures and the sample size asked of them."""

    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    ZERO = "zero"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    SAME_CODE = "same_code"
    CODES_MISSING = "codes_missing"
    SAMPLE_EMPTY = "sample_empty"
    SAMPLE_NOT_WHOLE = "sample_not_whole"
    SAMPLE_OVER_FRAME = "sample_over_frame"
    OVER_CERTAINTY = "over_certainty"


_REMEDIES = {
    SizeFault.NOT_A_NUMBER: "give every unit a number",
    SizeFault.NEGATIVE: "correct the sizes in the unit register",
    SizeFault.ZERO: "correct the sizes, or say that units of size 0 are out of scope",
    SizeFault.TOO_SMALL: "merge these units with others before drawing",
    SizeFault.TOO_LARGE: "give the sizes in a larger unit, for instance in thousands",
    SizeFault.SAME_CODE: "give every unit a code of its own",
    SizeFault.CODES_MISSING: "give one code per unit, or none at all",
    SizeFault.SAMPLE_EMPTY: "ask for at least 1 unit",
    SizeFault.SAMPLE_NOT_WHOLE: "ask for a whole number of units",
    SizeFault.SAMPLE_OVER_FRAME: "ask for at most the number of units with a size above 0",
    SizeFault.OVER_CERTAINTY: "take these units with certainty, or draw fewer units",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeProblem:
    """One fault with every unit that has it: its code (or row number from 0) and its value."""

    fault: SizeFault
    units: tuple[str, ...]
    values: tuple[float, ...]
    population: int
    detail: str

    def __str__(self) -> str:
        pairs = list(zip(self.units, self.values, strict=True))
        named = ", ".join(f"{unit} has {value:g}" for unit, value in pairs[:_EXAMPLES])
        more = f" and {len(pairs) - _EXAMPLES} more" if len(pairs) > _EXAMPLES else ""
        count = f" ({len(pairs)} of {self.population} units: {named}{more})" if pairs else ""
        return f"{self.detail}{count}; {_REMEDIES[self.fault]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintyRound:
    """Units that one pass of the certainty rule took, and the limit that they reached.

    ``limit`` is T/n of the pass, in the unit of the sizes: the total over the units not yet
    certain by the number still to draw.
    """

    limit: float
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Whole sizes of N units, shape (N,), with total T < 2⁶²; ``step`` is one size unit of them."""

    sizes: NDArray[np.int64]
    total: int
    step: float


def whole_sizes(sizes: Sizes) -> Grid:
    """Put sizes on a grid of whole numbers.

    Whole sizes stay themselves. Others are multiplied by the power of two that brings their total
    between 2⁶⁰ and 2⁶¹ and rounded, which moves no size by more than 2⁻⁶¹ of the total.

    Parameters
    ----------
    sizes : array of int64 or float64, shape (N,)
        Finite, from 0, not all 0.

    Returns
    -------
    Grid

    Examples
    --------
    >>> whole_sizes(np.array([3, 1])).sizes.tolist(), whole_sizes(np.array([0.5, 1.5])).total
    ([3, 1], 1152921504606846976)
    """
    if np.issubdtype(sizes.dtype, np.integer):
        whole = sizes.astype(np.int64, copy=False)
        return Grid(sizes=whole, total=_exact_sum(whole), step=1.0)
    if float(sizes.max()) < 2.0**53 / len(sizes) and bool((sizes == np.floor(sizes)).all()):
        whole = sizes.astype(np.int64)
        return Grid(sizes=whole, total=_exact_sum(whole), step=1.0)
    exponent = _TOTAL_BITS - 1 - _exponent_of_total(sizes)
    whole = np.rint(_scaled(sizes, exponent)).astype(np.int64)
    return Grid(sizes=whole, total=_exact_sum(whole), step=float(np.ldexp(1.0, -exponent)))


def certainty_rounds(grid: Grid, size: int) -> tuple[CertaintyRound, ...]:
    """Find the units whose size reaches the average share of a draw, again and again.

    A unit is certain when n·x ≥ T; without it n and T are smaller, so that the next largest may
    reach the limit too. Ends when a pass finds nobody.

    Parameters
    ----------
    grid : Grid
    size : int
        n, from 1 to the number of units with a size above 0.

    Returns
    -------
    tuple of CertaintyRound
        In order of the passes; empty when no unit is over the limit.

    Examples
    --------
    >>> [round_.rows for round_ in certainty_rounds(whole_sizes(np.array([90, 9, 1, 1])), 3)]
    [(0,), (1,)]
    """
    left, total = grid.sizes.copy(), grid.total
    rounds: list[CertaintyRound] = []
    while size and total:
        limit = -(-total // size)
        rows = np.flatnonzero(left >= limit)
        if not rows.size:
            break
        rounds.append(
            CertaintyRound(limit=total / size * grid.step, rows=tuple(int(row) for row in rows))
        )
        total -= _exact_sum(left[rows])
        size -= rows.size
        left[rows] = 0
    return tuple(rounds)


def check_sizes(
    sizes: ArrayLike, size: int, *, codes: Sequence[str] | None = None, zeros: bool = False
) -> list[SizeProblem]:
    """List everything that keeps these sizes from carrying a sample of n units.

    Parameters
    ----------
    sizes : array-like of N numbers
    size : int
        n, units to draw.
    codes : sequence of N str, optional
        Name the units in the problems; without codes they are named by row, from 0.
    zeros : bool
        True accepts units of size 0, which no draw can reach.

    Returns
    -------
    list of SizeProblem
        Empty when a sample can be drawn.

    Examples
    --------
    >>> [str(problem) for problem in check_sizes([4, -1], 1, codes=["SO01", "SO02"])]
    ['sizes are below 0 (1 of 2 units: SO02 has -1); correct the sizes in the unit register']
    """
    values = as_numbers(sizes)
    names = _Names(values, codes)
    problems = names.problems()
    usual = bool(values.size) and values.min() > 0 and values.max() < np.inf
    problems += [] if usual else _check_values(values, names, zeros=zeros)
    positive = len(values) if usual else int(((values > 0) & (values < np.inf)).sum())
    if not is_count(abs(size)):
        problems.append(names.general(SizeFault.SAMPLE_NOT_WHOLE, f"the sample size is {size}"))
    elif size < 1:
        problems.append(names.general(SizeFault.SAMPLE_EMPTY, f"the sample size is {size}"))
    elif size > positive:
        detail = f"{size} units are asked of {positive} with a size above 0"
        problems.append(names.general(SizeFault.SAMPLE_OVER_FRAME, detail))
    return problems or _check_grid(values, names)


def as_numbers(sizes: ArrayLike) -> Sizes:
    """Read sizes as int64 where they are whole numbers, else as float64."""
    values = np.asarray(sizes)
    whole = np.issubdtype(values.dtype, np.integer)
    if whole and (values.dtype != np.uint64 or not values.size or int(values.max()) < 2**63):
        return values.astype(np.int64, copy=False)
    return values.astype(np.float64)


class _Names:
    """Names rows by code, and counts what is wrong with the codes themselves."""

    def __init__(self, values: Sizes, codes: Sequence[str] | None) -> None:
        self.values = values
        self.codes = codes if codes is not None and len(codes) == len(values) else None
        self.given = codes

    def problems(self) -> list[SizeProblem]:
        if self.given is None:
            return []
        if self.codes is None:
            detail = f"{len(self.given)} codes stand beside {len(self.values)} sizes"
            return [self.general(SizeFault.CODES_MISSING, detail)]
        counts = Counter(nfc(code) for code in self.codes)
        if len(counts) == len(self.codes):
            return []
        twice = np.array([counts[nfc(code)] > 1 for code in self.codes])
        return self.faulty(SizeFault.SAME_CODE, twice, "codes stand more than once")

    def general(self, fault: SizeFault, detail: str) -> SizeProblem:
        return SizeProblem(
            fault=fault, units=(), values=(), population=len(self.values), detail=detail
        )

    def faulty(self, fault: SizeFault, rows: NDArray[np.bool_], detail: str) -> list[SizeProblem]:
        found = [int(row) for row in np.flatnonzero(rows)]
        if not found:
            return []
        units = tuple(self.codes[row] if self.codes else f"row {row}" for row in found)
        values = tuple(float(self.values[row]) for row in found)
        return [
            SizeProblem(
                fault=fault,
                units=units,
                values=values,
                population=len(self.values),
                detail=detail,
            )
        ]


def _check_values(values: Sizes, names: _Names, *, zeros: bool) -> list[SizeProblem]:
    """Look for sizes that are no size."""
    finite = np.isfinite(values)
    negative = finite & (values < 0)
    none = (values == 0) & (not zeros)
    return [
        *names.faulty(SizeFault.NOT_A_NUMBER, ~finite, "sizes are missing or infinite"),
        *names.faulty(SizeFault.NEGATIVE, negative, "sizes are below 0"),
        *names.faulty(SizeFault.ZERO, none, "sizes are 0"),
    ]


def _check_grid(values: Sizes, names: _Names) -> list[SizeProblem]:
    """Look for totals that no 62 bits hold, and sizes that vanish beside the total."""
    if np.issubdtype(values.dtype, np.integer):
        total = _exact_sum(values)
        if total < 2**_TOTAL_BITS:
            return []
        detail = f"the sizes add up to {total}, which is not below 2^{_TOTAL_BITS}"
        return [names.general(SizeFault.TOO_LARGE, detail)]
    smallest = np.ldexp(1.0, _exponent_of_total(values) - _TOTAL_BITS)
    gone = (values > 0) & (values <= smallest)
    return names.faulty(SizeFault.TOO_SMALL, gone, "sizes vanish beside the total (below 2^-61)")


def _exact_sum(values: Sizes) -> int:
    """Add whole numbers without overflow; in halves where the plain sum might not fit."""
    whole = values.astype(np.int64, copy=False)
    if not whole.size or int(whole.max()) < 2**_TOTAL_BITS // whole.size:
        return int(whole.sum())
    return (int((whole >> 32).sum()) << 32) + int((whole & 0xFFFFFFFF).sum())


def _exponent_of_total(sizes: Sizes) -> int:
    """Find e with 2^(e−1) ≤ total < 2^e; the largest size goes out first, so nothing overflows."""
    _, largest = np.frexp(sizes.max())
    total = 0.0
    for start in range(0, len(sizes), _BLOCK):  # cumsum adds in order; sum() may not
        total += float(np.cumsum(_scaled(sizes[start : start + _BLOCK], -int(largest)))[-1])
    return int(np.frexp(total)[1]) + int(largest)


def _scaled(sizes: Sizes, exponent: int) -> NDArray[np.float64]:
    """Multiply by 2^exponent in two exact halves, neither of which overflows."""
    half = exponent // 2
    first, second = math.ldexp(1.0, half), math.ldexp(1.0, exponent - half)
    return np.asarray(sizes, dtype=np.float64) * first * second
