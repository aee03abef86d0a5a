"""Controlled rounding: a table in whole numbers whose margins are rounded right, too.

Rounding each cell by itself moves totals; here every cell, every row, every column and the whole
go to one of their two neighbouring whole numbers. What is whole already stays.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_array

from sampling.errors import AllocationError
from sampling.streams import uniforms

__all__ = ["controlled_rounding", "unbiased_rounding"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
_WHOLE = 1e-9  # what lies nearer to a whole number than this is that number
_GOLDEN = (5**0.5 - 1) / 2  # its multiples modulo 1 are all different, and so are most sums


def controlled_rounding(table: ArrayLike) -> Whole:
    """Round a table so that cells, both margins and the total go to a neighbouring whole number.

    Of all such tables the one nearest to the given values (least sum of squared changes, to a
    millionth a cell); a fixed nudge decides between equally near ones, so that every solver gives
    the same. It is a network flow, so a solution exists for every table.

    Parameters
    ----------
    table : array of shape (r, c)
        From 0.

    Returns
    -------
    array of int64, shape (r, c)

    Raises
    ------
    AllocationError
        No table of two dimensions, or a negative or missing value.

    References
    ----------
    Cox and Ernst (1982), Controlled rounding; Causey, Cox and Ernst (1985).

    Examples
    --------
    >>> controlled_rounding([[1.5, 2.5, 3.0], [0.5, 1.5, 2.0]]).tolist()
    [[1, 3, 3], [1, 1, 2]]
    """
    values = _read(table)
    whole, fraction = _split(values)
    rows, columns = np.nonzero(fraction)
    if rows.size == 0:
        return whole.astype(np.int64)
    cells = np.arange(rows.size)
    shape = (values.shape[0] + values.shape[1] + 1, rows.size)
    places = np.concatenate([rows, values.shape[0] + columns, np.full(rows.size, shape[0] - 1)])
    margins = coo_array((np.ones(3 * rows.size), (places, np.tile(cells, 3))), shape=shape)
    low, high = _neighbours(np.asarray(margins @ fraction[rows, columns], dtype=np.float64))
    result = milp(
        1e6 * (1 - 2 * fraction[rows, columns]) + np.mod(cells * _GOLDEN, 1),
        integrality=np.ones(rows.size, dtype=np.int64),
        bounds=Box(0, 1),
        constraints=LinearConstraint(margins.tocsr(), low, high),
        options={"mip_rel_gap": 0.0},
    )
    whole[rows, columns] += np.round(np.asarray(result.x, dtype=np.float64))
    return whole.astype(np.int64)


def unbiased_rounding(table: ArrayLike, rng: np.random.Generator) -> Whole:
    """Round a table at random, keeping both margins, so that each cell is right on average.

    Cells that are not whole are moved along a cycle through rows and columns, up or down with the
    chances that leave their expectations alone, until all are whole.

    Parameters
    ----------
    table : array of shape (r, c)
        From 0.
    rng : numpy.random.Generator
        On a bit generator with 64-bit words; see `sampling.streams.stream`.

    Returns
    -------
    array of int64, shape (r, c)
        Cells, rows, columns and the total are neighbouring whole numbers of those given.

    Raises
    ------
    AllocationError
        As in `controlled_rounding`.

    References
    ----------
    Cox (1987), A constructive procedure for unbiased controlled rounding.

    Examples
    --------
    >>> from sampling.streams import stream
    >>> rounded = unbiased_rounding([[1.5, 2.5], [0.5, 1.5]], stream(1))
    >>> rounded.sum(axis=0).tolist(), rounded.sum(axis=1).tolist()
    ([2, 4], [4, 2])
    """
    values = _read(table)
    work = _with_slack(values)
    while True:
        cycle = _cycle(_open(work))
        if not cycle:
            return np.round(work[:-1, :-1]).astype(np.int64)
        _move(work, cycle, float(uniforms(1, rng)[0]))


def _read(table: ArrayLike) -> Floats:
    """Read a table of finite numbers from 0."""
    values = np.array(table, dtype=np.float64)
    if values.ndim != 2 or values.size == 0:
        raise AllocationError(f"the table has the shape {values.shape}; it must be (r, c)")
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise AllocationError(
            f"a table to round must be finite and from 0: row {row}, column {column} is "
            f"{values[row, column]} ({int(bad.sum())} of {values.size} cells)"
        )
    return values


def _split(values: Floats) -> tuple[Floats, Floats]:
    """Split into whole numbers and fractions, 0 where the value is whole but for noise."""
    near = np.round(values)
    whole = np.where(np.abs(values - near) <= _WHOLE * np.maximum(1, near), near, np.floor(values))
    return whole, np.maximum(values - whole, 0.0) * (np.abs(values - near) > _WHOLE * near)


def _neighbours(sums: Floats) -> tuple[Floats, Floats]:
    """Give the whole numbers on both sides, the same where the sum is whole but for noise."""
    near = np.round(sums)
    whole = np.abs(sums - near) <= 1e3 * _WHOLE * np.maximum(1, near)
    return np.where(whole, near, np.floor(sums)), np.where(whole, near, np.ceil(sums))


def _with_slack(values: Floats) -> Floats:
    """Add a row and a column that make every margin whole, as Cox does."""
    rows, columns = values.shape
    work = np.zeros((rows + 1, columns + 1))
    work[:rows, :columns] = values
    work[:rows, columns] = np.ceil(values.sum(axis=1) - _WHOLE) - values.sum(axis=1)
    work[rows, :columns] = np.ceil(values.sum(axis=0) - _WHOLE) - values.sum(axis=0)
    work[rows, columns] = values.sum() - np.floor(values.sum() + _WHOLE)
    return work


def _open(work: Floats) -> NDArray[np.bool_]:
    """Mark the cells that are not whole."""
    return np.abs(work - np.round(work)) > _WHOLE * 1e2


def _cycle(fractional: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Walk from open cell to open cell, by row and by column in turn, until a line repeats.

    Every line with one open cell has another, since its sum is whole.
    """
    if not fractional.any():
        return []
    start = int(np.argmax(fractional.any(axis=1)))
    path: list[tuple[int, int]] = []
    seen = {("row", start): 0}
    row, column = start, -1
    while True:
        column = next(int(c) for c in np.flatnonzero(fractional[row]) if c != column)
        path.append((row, column))
        if ("column", column) in seen:
            return path[seen["column", column] :]
        seen["column", column] = len(path)
        row = next(int(r) for r in np.flatnonzero(fractional[:, column]) if r != row)
        path.append((row, column))
        if ("row", row) in seen:
            return path[seen["row", row] :]
        seen["row", row] = len(path)


def _move(work: Floats, cycle: list[tuple[int, int]], chance: float) -> None:
    """Add and take in turn along a cycle, by the most that keeps cells between neighbours."""
    rows, columns = (np.array(part) for part in zip(*cycle, strict=True))
    sign = np.where(np.arange(rows.size) % 2 == 0, 1.0, -1.0)
    cells = work[rows, columns]
    rise, fall = np.ceil(cells) - cells, cells - np.floor(cells)
    forth = float(np.min(np.where(sign > 0, rise, fall)))
    back = float(np.min(np.where(sign > 0, fall, rise)))
    step = forth if chance < back / (forth + back) else -back
    work[rows, columns] = cells + sign * step
