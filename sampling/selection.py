"""Drawing list positions: simple random sampling without replacement.

The draw uses only the raw 64-bit words of the generator and does its own rejection and
Fisher–Yates steps: NumPy promises that a bit generator's words never change, but allows
``Generator.permutation`` and ``Generator.integers`` to change between releases, and a plan must
be redrawn equal years later on another computer.
"""

import numpy as np

from sampling.errors import DrawError

__all__ = ["draw_positions"]

_WORD = 2**64


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
        A negative argument, n above N, or a bit generator with 32-bit words (MT19937).

    References
    ----------
    Durstenfeld (1964), Algorithm 235, Communications of the ACM 7(7). Checked against:
    tests/golden/draw.

    Examples
    --------
    >>> draw_positions(8, 5, 2, np.random.Generator(np.random.PCG64(2022)))
    ((2, 3, 4, 5, 6), (1, 8))
    """
    _refuse_bad_arguments(population, size, reserves, rng)
    drawn = min(size + reserves, population)
    moved: dict[int, int] = {}  # places that no longer hold their own number
    order: list[int] = []
    for step in range(drawn):
        place = step + _below(population - step, rng)
        order.append(moved.get(place, place) + 1)
        moved[place] = moved.get(step, step)
    return tuple(sorted(order[:size])), tuple(order[size:])


def _below(bound: int, rng: np.random.Generator) -> int:
    """Draw a whole number uniform on 0 … bound − 1 by rejection."""
    limit = _WORD - _WORD % bound
    while True:
        word = int(rng.bit_generator.random_raw())
        if word < limit:
            return word % bound


def _refuse_bad_arguments(
    population: int, size: int, reserves: int, rng: np.random.Generator
) -> None:
    """Refuse what cannot be drawn."""
    for name, value in (("population", population), ("size", size), ("reserves", reserves)):
        if value < 0:
            raise DrawError(f"{name} is {value}; it must be a whole number from 0")
    if size > population:
        raise DrawError(
            f"cannot draw {size} of {population} people without replacement; "
            "allocate at most the population"
        )
    if isinstance(rng.bit_generator, np.random.MT19937):
        raise DrawError(
            "the bit generator MT19937 gives 32-bit words, the draw needs 64; "
            "use numpy.random.default_rng(seed)"
        )
