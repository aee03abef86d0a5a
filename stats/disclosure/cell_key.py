"""Cell-key perturbation: counts of large tables with small noise that asking again does not remove.

The noise of a cell depends on the very people in it, through their record keys: the same people
give the same noise in every table, and nobody without the key of the release can compute it. Cells
are perturbed one by one, so a row need not sum to its margin.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from stats.errors import DisclosureError

__all__ = ["PerturbationTable", "perturbation_table", "perturbed_counts", "record_keys"]

_BITS = 32
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PerturbationTable:
    """Chances of each change, by count.

    ``chances`` has shape (counts, changes): row c is for a true count c, the last row for all
    larger counts. ``changes`` are −D … D. Every row has mean 0 and never leads below 0; a count
    of 0 stays 0.
    """

    changes: NDArray[np.int64]
    chances: NDArray[np.float64]


def record_keys(records: Sequence[str], *, key: bytes) -> NDArray[np.uint64]:
    """Return one number below 2³² for each record, by keyed BLAKE2b of its identifier.

    Parameters
    ----------
    records : sequence of str
        Identifiers, each once. They are not recoverable without the key.
    key : bytes
        Secret of the release, 16 to 64 bytes; keep it as long as tables may be added.

    Examples
    --------
    >>> record_keys(["r1", "r2"], key=bytes(16)) < 2**32
    array([ True,  True])
    """
    if not _SHORTEST_KEY <= len(key) <= 64:
        raise DisclosureError(f"the key has {len(key)} bytes; it must have 16 to 64")
    twice = len(records) - len(set(records))
    if twice:
        raise DisclosureError(f"{twice} of {len(records)} record identifiers repeat another")
    digests = (
        hashlib.blake2b(record.encode(), digest_size=_BITS // 8, key=key).digest()
        for record in records
    )
    return np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.uint64)


def perturbation_table(*, largest: int = 3, variance: float = 1.0) -> PerturbationTable:
    """Make a perturbation table with chances ∝ exp(−a·d² − b·d).

    a gives large counts the variance asked for; b, for each small count, makes the mean 0 although
    the count cannot fall below 0. Of all distributions on those changes with that mean and
    variance, this form is the one of largest entropy.

    Parameters
    ----------
    largest : int
        D, the largest change.
    variance : float
        Variance for counts of D and more; small counts vary less.

    Raises
    ------
    DisclosureError
        The variance is not reachable with changes up to D.

    Examples
    --------
    >>> table = perturbation_table(largest=2, variance=1.0)
    >>> bool(abs(table.chances @ table.changes).max() < 1e-9), table.chances.shape
    (True, (3, 5))
    """
    flat = largest * (largest + 1) / 3  # variance of the uniform distribution
    if largest < 1 or not 0 < variance < flat:
        raise DisclosureError(
            f"variance is {variance}; with changes up to {largest} it must lie between 0 and {flat}"
        )
    changes = np.arange(-largest, largest + 1)
    steep = _bisect(lambda a: _moments(changes, a, 0.0)[1] - variance, 0.0, 60.0)
    rows = np.zeros((largest + 1, changes.size))
    rows[0, largest] = 1.0
    for count in range(1, largest + 1):
        allowed = changes[changes >= -count]
        tilt = _bisect(partial(_mean, allowed, steep), -60.0, 60.0)
        rows[count, changes >= -count] = _chances(allowed, steep, tilt)
    return PerturbationTable(changes=changes, chances=rows)


def perturbed_counts(
    cells: NDArray[np.int64], keys: NDArray[np.uint64], table: PerturbationTable, *, size: int
) -> NDArray[np.int64]:
    """Count records by cell and perturb each count by its cell key.

    Parameters
    ----------
    cells : int array of shape (records,)
        Place of each record's cell, from 0.
    keys : uint64 array of shape (records,)
    table : PerturbationTable
    size : int
        Number of cells.

    Returns
    -------
    int array of shape (size,)

    Examples
    --------
    >>> keys = record_keys([f"r{n}" for n in range(6)], key=bytes(16))
    >>> counts = perturbed_counts(
    ...     np.array([0, 0, 0, 0, 2, 2]), keys, perturbation_table(), size=3
    ... )
    >>> int(counts[1]), bool(abs(int(counts[0]) - 4) <= 3)
    (0, True)
    """
    if cells.shape != keys.shape:
        raise DisclosureError(f"{cells.size} cells are given for {keys.size} record keys")
    if cells.size and not 0 <= int(cells.min()) <= int(cells.max()) < size:
        raise DisclosureError(f"cells lie between {cells.min()} and {cells.max()}, of {size}")
    counts = np.bincount(cells, minlength=size)
    sums = np.zeros(size, dtype=np.uint64)
    np.add.at(sums, cells, keys)
    uniform = (sums % np.uint64(2**_BITS)).astype(np.float64) / 2**_BITS
    row = np.minimum(counts, len(table.chances) - 1)
    limits = np.cumsum(table.chances[row], axis=1)
    place = np.minimum((limits <= uniform[:, None]).sum(axis=1), table.changes.size - 1)
    changed: NDArray[np.int64] = np.maximum(counts + table.changes[place], 0)
    return changed


def _chances(changes: NDArray[np.int64], steep: float, tilt: float) -> NDArray[np.float64]:
    exponents = -steep * changes.astype(np.float64) ** 2 - tilt * changes
    weights = np.exp(exponents - exponents.max())
    chances: NDArray[np.float64] = weights / weights.sum()
    return chances


def _moments(changes: NDArray[np.int64], steep: float, tilt: float) -> tuple[float, float]:
    chances = _chances(changes, steep, tilt)
    mean = float(chances @ changes)
    return mean, float(chances @ changes**2) - mean**2


def _mean(changes: NDArray[np.int64], steep: float, tilt: float) -> float:
    return _moments(changes, steep, tilt)[0]


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    """Find the root of a falling function."""
    while high - low > 1e-13 * max(1.0, math.fabs(low)):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
