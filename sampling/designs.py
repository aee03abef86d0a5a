"""Balanced incomplete block designs: every two units are rated together equally often.

Constructions, tried in this order: complete blocks; all k-subsets; a cyclic difference family over
Z_v found by search, with short orbits where k divides v; the same over Z_(v−1) with one fixed
point; the lines of an affine plane of prime order; the complements of these; and whole repetitions
of a smaller design. A design may exist that none of them gives (for example those from finite
fields of other orders); the caller then optimises instead.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BlockDesign", "balanced_design", "concurrence"]

_MOST_SUBSETS = 20_000
_MOST_NODES = 60_000  # of the search for a difference family, a few tenths of a second
_FIXED = -1  # the point that rotation leaves where it is


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDesign:
    """Blocks of units 0 … v − 1, every pair of units together in ``pairs`` (λ) blocks."""

    units: int
    blocks: tuple[tuple[int, ...], ...]
    pairs: int
    construction: str


def balanced_design(units: int, per_block: int, blocks: int) -> BlockDesign | None:
    """Construct a balanced design of v units in b blocks of k, where a construction is known here.

    Parameters
    ----------
    units : int
        v, from 2.
    per_block : int
        k, from 2 to v.
    blocks : int
        b, from 1.

    Returns
    -------
    BlockDesign or None
        None where b·k = v·r and λ(v − 1) = r(k − 1) have no whole solution, b < v (Fisher), or
        no construction of this module gives one.

    References
    ----------
    Bose (1939), On the construction of balanced incomplete block designs; Stinson (2004),
    Combinatorial designs, chapters 1 to 3.

    Examples
    --------
    >>> design = balanced_design(7, 3, 7)
    >>> design.construction, design.pairs, design.blocks[0]
    ('cyclic difference family', 1, (0, 1, 3))
    >>> balanced_design(6, 4, 9) is None
    True
    """
    if not (2 <= per_block <= units and blocks >= 1):
        return None
    if _pairs(units, per_block, blocks) is None:
        return None
    if per_block == units:
        whole = tuple(range(units))
        return _design(units, (whole,) * blocks, "complete blocks")
    for copies in range(1, blocks // units + 1):
        single, rest = divmod(blocks, copies)
        if rest or _pairs(units, per_block, single) is None:
            continue
        found = _single(units, per_block, single)
        if found:
            name = found.construction if copies == 1 else f"{copies} × {found.construction}"
            return _design(units, found.blocks * copies, name)
    return None


def concurrence(blocks: Sequence[Sequence[int]], units: int) -> NDArray[np.int64]:
    """Count for every two units the blocks that hold both; the diagonal counts blocks per unit.

    Parameters
    ----------
    blocks : sequence of sequences of int
    units : int

    Returns
    -------
    array of int64, shape (units, units)

    Examples
    --------
    >>> concurrence([(0, 1), (0, 2)], 3).tolist()
    [[2, 1, 1], [1, 1, 0], [1, 0, 1]]
    """
    incidence = np.zeros((len(blocks), units), dtype=np.int64)
    for row, block in enumerate(blocks):
        incidence[row, list(block)] = 1
    counts: NDArray[np.int64] = incidence.T @ incidence
    return counts


def _pairs(units: int, per_block: int, blocks: int) -> int | None:
    """Compute λ where the counts of a design come out whole."""
    each, rest = divmod(blocks * per_block, units)
    together, more = divmod(each * (per_block - 1), units - 1)
    impossible = rest or more or (per_block < units and blocks < units)
    return None if impossible else together


def _design(units: int, blocks: Sequence[Sequence[int]], construction: str) -> BlockDesign:
    """Make a design of sorted blocks."""
    whole = tuple(tuple(sorted(block)) for block in blocks)
    together = _pairs(units, len(whole[0]), len(whole))
    return BlockDesign(units=units, blocks=whole, pairs=together or 0, construction=construction)


def _single(units: int, per_block: int, blocks: int) -> BlockDesign | None:
    """Try the constructions of an unrepeated design, then of its complement."""
    if math.comb(units, per_block) == blocks <= _MOST_SUBSETS:
        subsets = tuple(itertools.combinations(range(units), per_block))
        return _design(units, subsets, "all subsets")
    for size in (per_block, units - per_block):
        if size < 2:
            continue
        found = _rotated(units, size, blocks) or _lines(units, size, blocks)
        if found and size == per_block:
            return found
        if found:
            others = [set(range(units)) - set(block) for block in found.blocks]
            return _design(
                units, [sorted(block) for block in others], f"complement of {found.construction}"
            )
    return None


def _rotated(units: int, per_block: int, blocks: int) -> BlockDesign | None:
    """Search base blocks whose rotations make the design."""
    together = _pairs(units, per_block, blocks)
    if not together:
        return None
    short = blocks % units
    if short == 0 or (units % per_block == 0 and short % (units // per_block) == 0):
        step = units // per_block
        copies = short // step if short else 0
        base = _family(units, [per_block] * (blocks // units), together, (step, copies))
        if base is not None:
            turned = _turned(base, units)
            orbit = [list(range(start, units, step)) for start in range(step)] * copies
            return _design(units, turned + orbit, "cyclic difference family")
    fixed, rest = divmod(together, per_block - 1)
    if blocks % (units - 1) == 0 and rest == 0 and fixed <= blocks // (units - 1):
        sizes = [per_block - 1] * fixed + [per_block] * (blocks // (units - 1) - fixed)
        base = _family(units - 1, sizes, together, (units - 1, 0))
        if base:
            whole = [(*block, _FIXED) if len(block) < per_block else block for block in base]
            return _design(
                units, _turned(whole, units - 1), "cyclic difference family with a fixed point"
            )
    return None


def _turned(base: Sequence[Sequence[int]], order: int) -> list[list[int]]:
    """Rotate base blocks through Z_order; the fixed point becomes the last unit."""
    return [
        [order if point == _FIXED else (point + shift) % order for point in block]
        for block in base
        for shift in range(order)
    ]


def _lines(units: int, per_block: int, blocks: int) -> BlockDesign | None:
    """Take the lines of the affine plane over Z_p, p prime."""
    order = math.isqrt(units)
    if order != per_block or order**2 != units or blocks != units + order:
        return None
    if any(order % divisor == 0 for divisor in range(2, order)):
        return None
    upright = [[order * x + y for y in range(order)] for x in range(order)]
    slanted = [
        [order * x + (slope * x + start) % order for x in range(order)]
        for slope in range(order)
        for start in range(order)
    ]
    return _design(units, upright + slanted, "lines of an affine plane")


def _family(
    order: int, sizes: Sequence[int], together: int, short: tuple[int, int]
) -> list[tuple[int, ...]] | None:
    """Search base blocks in which every difference but 0 occurs exactly so often.

    ``short`` is the step of a short orbit, and how many of it are in the design already.
    """
    seen = [0] * order
    for difference in range(short[0], order, short[0]):
        seen[difference] += short[1]
    if sum(size * (size - 1) for size in sizes) + sum(seen) != together * (order - 1):
        return None
    if not sizes:
        return [] if all(count == together for count in seen[1:]) else None
    search = _Search(order=order, sizes=tuple(sizes), together=together)
    return next(search.extend([(0,)], seen), None)


@dataclass(slots=True, kw_only=True)
class _Search:
    """A depth-first search for a difference family, given up after a fixed number of nodes."""

    order: int
    sizes: tuple[int, ...]
    together: int
    nodes: int = 0

    def extend(
        self, blocks: list[tuple[int, ...]], seen: list[int]
    ) -> Iterator[list[tuple[int, ...]]]:
        """Grow the last block, or start the next one; blocks begin with 0 and ascend."""
        self.nodes += 1
        last = blocks[-1]
        if len(last) == self.sizes[len(blocks) - 1]:
            if len(blocks) == len(self.sizes):
                yield list(blocks)
            else:
                yield from self.extend([*blocks, (0,)], seen)
            return
        for point in range(last[-1] + 1, self.order):
            if self.nodes > _MOST_NODES:
                return
            counts = self._counted(last, point, seen)
            if counts:
                yield from self.extend([*blocks[:-1], (*last, point)], counts)

    def _counted(self, block: tuple[int, ...], point: int, seen: list[int]) -> list[int] | None:
        """Count the differences that a point adds, or refuse it."""
        counts = list(seen)
        for other in block:
            for difference in (point - other, other - point):
                counts[difference % self.order] += 1
                if counts[difference % self.order] > self.together:
                    return None
        return counts
