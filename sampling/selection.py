"""Drawing list positions with equal chances: simple random and systematic sampling.

Both use the raw words of the generator and whole numbers only (see ``sampling.streams``): a
systematic draw by a floating-point interval gives some positions a chance that differs from n/N,
and may differ itself between computers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sampling.collation import collation_key
from sampling.errors import DrawError
from sampling.frame import is_count
from sampling.streams import below

__all__ = ["draw_positions", "draw_systematic", "serpentine_order", "systematic_places"]


def draw_positions(
    population: int, size: int, reserves: int, rng: np.random.Generator
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw positions of a list of N people, and reserves behind them.

    Every set of ``size`` positions is equally likely, and every ordered run of reserves among the
    rest. The first ``size`` steps of a Fisher–Yates shuffle select, the next ``reserves`` steps
    give the reserves, so the selection does not depend on how many reserves are wanted. Step i
    swaps place i with a place i + r, where r is uniform on 0 … N − i − 1: the first raw word x
    below the largest multiple of N − i under 2⁶⁴, taken modulo N − i.

    Parameters
    ----------
    population : int
        N, people on the list, from 0.
    size : int
        n, positions to select, at most N.
    reserves : int
        Reserve positions wanted, from 0; fewer are returned when the list ends.
    rng : numpy.random.Generator
        On a bit generator with 64-bit words (PCG64, the default, or Philox, SFC64). It is
        advanced by the words used.

    Returns
    -------
    selected : tuple of int
        n positions from 1 to N, ascending.
    reserve : tuple of int
        min(reserves, N − n) further positions, in the order in which they replace.

    Raises
    ------
    DrawError
        An argument that is no whole number from 0, n above N, or a bit generator with 32-bit words
        (MT19937).

    References
    ----------
    Durstenfeld (1964), Algorithm 235, Communications of the ACM 7(7). Checked against:
    tests/golden/draw.

    Examples
    --------
    >>> draw_positions(8, 5, 2, np.random.Generator(np.random.PCG64(2022)))
    ((2, 3, 4, 5, 6), (1, 8))
    """
    _refuse_bad_arguments(population, size, reserves)
    drawn = min(size + reserves, population)
    moved: dict[int, int] = {}  # places that no longer hold their own number
    order: list[int] = []
    for step in range(drawn):
        place = step + below(population - step, rng)
        order.append(moved.get(place, place) + 1)
        moved[place] = moved.get(step, step)
    return tuple(sorted(order[:size])), tuple(order[size:])


def draw_systematic(
    population: int, size: int, reserves: int, rng: np.random.Generator
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw every (N/n)-th position of a list from a random start, and reserves from the rest.

    The list's order is the stratification: put alike people next to each other (see
    `serpentine_order`). With a whole number r uniform on 0 … N − 1, the k-th position is
    ⌊(r + kN) / n⌋ + 1, so that every position has the chance n/N exactly. Reserves are a simple
    random sample of the positions left, in the order in which they replace.

    Parameters
    ----------
    population : int
        N, people on the list, from 0.
    size : int
        n, positions to select, at most N.
    reserves : int
        Reserve positions wanted, from 0; fewer are returned when the list ends.
    rng : numpy.random.Generator
        On a bit generator with 64-bit words.

    Returns
    -------
    selected : tuple of int
        n positions from 1 to N, ascending.
    reserve : tuple of int
        min(reserves, N − n) further positions.

    Raises
    ------
    DrawError
        As in `draw_positions`.

    References
    ----------
    Madow and Madow (1944). Checked against: all N starts in tests/sampling/test_selection.py.

    Examples
    --------
    >>> draw_systematic(12, 4, 1, np.random.Generator(np.random.PCG64(2022)))
    ((1, 4, 7, 10), (9,))
    """
    _refuse_bad_arguments(population, size, reserves)
    start = below(population, rng) if size else 0
    selected = [place + 1 for place in systematic_places(population, size, start).tolist()]
    taken = set(selected)
    rest = [position for position in range(1, population + 1) if position not in taken]
    _, order = draw_positions(len(rest), 0, reserves, rng)
    return tuple(selected), tuple(rest[place - 1] for place in order)


def systematic_places(population: int, size: int, start: int) -> NDArray[np.int64]:
    """Compute ⌊(r + kN) / n⌋ for k = 0 … n − 1 in 64-bit whole numbers.

    Parameters
    ----------
    population : int
        N, below 2⁶².
    size : int
        n, below 2³¹.
    start : int
        r, from 0 to N − 1.

    Returns
    -------
    array of int64, shape (n,)
        Ascending places from 0 to N − 1; repeated where n > N.

    Examples
    --------
    >>> systematic_places(10, 4, 3).tolist()
    [0, 3, 5, 8]
    """
    if not size:
        return np.empty(0, dtype=np.int64)
    steps = np.arange(size, dtype=np.int64)
    # ⌊(r + kN)/n⌋ term by term, because kN itself may not fit 64 bits.
    rest = (start % size + steps * (population % size)) // size
    return start // size + steps * (population // size) + rest


def serpentine_order(*keys: Sequence[object]) -> list[int]:
    """Order rows by keys, reversing each key within every other group of the keys before it.

    Neighbours in the order are then alike also where a group ends, so that a systematic draw
    along it is implicitly stratified by all keys.

    Parameters
    ----------
    *keys : sequences of n comparable values
        From the coarsest to the finest; text stands in Vietnamese order (see
        `sampling.collation.collation_key`), where NFC and NFD spelling are one.

    Returns
    -------
    list of int
        Row numbers from 0, in the new order; equal rows keep theirs.

    Raises
    ------
    DrawError
        No key, or keys of different lengths.

    References
    ----------
    Williams and Chromy (1980), hierarchic serpentine ordering.

    Examples
    --------
    >>> serpentine_order(["A", "A", "B", "B"], [1, 2, 1, 2])
    [0, 1, 3, 2]
    >>> serpentine_order(["Đồng Phú", "Bù Đốp", "Bù Đăng"])
    [2, 1, 0]
    """
    lengths = [len(key) for key in keys]
    if len(set(lengths)) != 1:
        raise DrawError(f"keys of {lengths} rows cannot order one list; give each row every key")
    order = list(range(lengths[0]))
    runs = [order]
    for key in keys:
        runs = [
            part
            for number, run in enumerate(runs)
            for part in _groups(run, key, descending=bool(number % 2))
        ]
    return [row for run in runs for row in run]


def _groups(run: list[int], key: Sequence[object], *, descending: bool) -> list[list[int]]:
    """Split a run of rows by a key, in the key's order."""
    groups: dict[object, list[int]] = {}
    for row in run:
        value = key[row]
        groups.setdefault(collation_key(value) if isinstance(value, str) else value, []).append(row)
    return [groups[value] for value in sorted(groups, reverse=descending)]  # type: ignore[type-var]


def _refuse_bad_arguments(population: int, size: int, reserves: int) -> None:
    """Refuse what cannot be drawn."""
    for name, value in (("population", population), ("size", size), ("reserves", reserves)):
        if not is_count(value):
            raise DrawError(f"{name} is {value}; it must be a whole number from 0")
    if size > population:
        raise DrawError(
            f"cannot draw {size} of {population} people without replacement; "
            "allocate at most the population"
        )
