"""The unequal-probability draws themselves: rows of the units that are not certain.

Every kernel takes what is left after the certainty rule: N units with chances π in (0, 1) that add
up to n. Sums run in the order of the units and every random number is one raw word, so that a
kernel gives the same rows on every computer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.conditional_poisson import MarkedDesign, draw_marked, entropy_odds_probabilities
from sampling.errors import DrawError
from sampling.selection import systematic_places
from sampling.streams import below, uniforms

__all__ = [
    "Remainder",
    "brewer",
    "brewer_weights",
    "complement",
    "elimination_steps",
    "maximum_entropy",
    "midzuno",
    "pareto",
    "sampford",
    "systematic",
    "systematic_rows",
    "tille",
]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_TABLE_CELLS = 20_000_000  # of the dynamic programme: N·n, 320 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Remainder:
    """Whole sizes x of N units, shape (N,), their total T < 2⁶², and n with n·x < T for all."""

    sizes: Rows
    total: int
    size: int

    @property
    def probabilities(self) -> Floats:
        """Give n·x/T, each by two single float64 operations on the whole numbers."""
        chances = self.sizes.astype(np.float64)
        chances *= float(self.size)
        chances /= float(self.total)
        return chances


def systematic(rest: Remainder, rng: np.random.Generator) -> Rows:
    """Draw every (T/n)-th size unit along the frame from a whole-number start.

    Parameters
    ----------
    rest : Remainder
        In the order to walk along.
    rng : numpy.random.Generator

    Returns
    -------
    array of int64, shape (n,)
        Ascending rows; row i with chance n·xᵢ/T exactly.

    References
    ----------
    Madow (1949), Annals of Mathematical Statistics 20.
    """
    return systematic_rows(rest, below(rest.total, rng))


def systematic_rows(rest: Remainder, start: int) -> Rows:
    """Give the rows that one start hits.

    Parameters
    ----------
    rest : Remainder
    start : int
        r from 0 to T − 1; the k-th hit is the size unit ⌊(r + kT)/n⌋ along the frame.

    Returns
    -------
    array of int64, shape (n,)
        Ascending.

    Examples
    --------
    >>> systematic_rows(Remainder(sizes=np.array([1, 2, 3]), total=6, size=2), 4).tolist()
    [1, 2]
    """
    places = systematic_places(rest.total, rest.size, start)
    return np.searchsorted(np.cumsum(rest.sizes), places, side="right").astype(np.int64)


def sampford(rest: Remainder, rng: np.random.Generator) -> Rows:
    """Draw by Sampford's design, as a marked conditional Poisson design rather than by rejection.

    Parameters
    ----------
    rest : Remainder
    rng : numpy.random.Generator

    Returns
    -------
    array of int64, shape (n,)
        Ascending rows.

    Raises
    ------
    DrawError
        N·n is above 20 million.

    References
    ----------
    Sampford (1967), Biometrika 54.
    """
    _refuse_large_table(rest, "Sampford's method")
    chances = rest.probabilities
    return draw_marked(MarkedDesign(chances=chances, marks=1 - chances, size=rest.size), rng)


def maximum_entropy(rest: Remainder, rng: np.random.Generator) -> Rows:
    """Draw by the conditional Poisson design that has the given inclusion probabilities.

    Parameters
    ----------
    rest : Remainder
    rng : numpy.random.Generator

    Returns
    -------
    array of int64, shape (n,)
        Ascending rows.

    Raises
    ------
    DrawError
        N·n is above 20 million.

    References
    ----------
    Chen, Dempster and Liu (1994), Biometrika 81.
    """
    _refuse_large_table(rest, "maximum entropy")
    chances = entropy_odds_probabilities(rest.probabilities, rest.size)
    marks = np.ones(len(chances))
    return draw_marked(MarkedDesign(chances=chances, marks=marks, size=rest.size), rng)


def pareto(rest: Remainder, rng: np.random.Generator) -> Rows:
    """Draw the n smallest ranks u(1 − π) / ((1 − u)π).

    Parameters
    ----------
    rest : Remainder
    rng : numpy.random.Generator
        One raw word per unit.

    Returns
    -------
    array of int64, shape (n,)
        Ascending rows; their exact chances differ a little from π, see `pps_joint`.

    References
    ----------
    Rosén (1997), Journal of Statistical Planning and Inference 62.
    """
    chances = rest.probabilities
    u = uniforms(len(chances), rng)
    ranks = u * (1 - chances) / ((1 - u) * chances)
    return np.sort(np.argsort(ranks, kind="stable")[: rest.size]).astype(np.int64)


def tille(rest: Remainder, rng: np.random.Generator) -> Rows:
    """Eliminate one unit after another until n are left.

    Parameters
    ----------
    rest : Remainder
    rng : numpy.random.Generator
        One raw word per elimination.

    Returns
    -------
    array of int64, shape (n,)
        Ascending rows.

    References
    ----------
    Tillé (1996), Biometrika 83.
    """
    alive = np.arange(len(rest.sizes))
    steps = elimination_steps(rest)
    for step, u in zip(steps, uniforms(len(alive) - rest.size, rng).tolist(), strict=True):
        sums = np.cumsum(step[alive])
        alive = np.delete(alive, int(np.searchsorted(sums, u * sums[-1], side="right")))
    return alive


def midzuno(rest: Remainder, rng: np.random.Generator) -> Rows:
    """Draw all but the N − n units that elimination selects with the chances 1 − π.

    Parameters
    ----------
    rest : Remainder
    rng : numpy.random.Generator
        One raw word per elimination.

    Returns
    -------
    array of int64, shape (n,)
        Ascending rows.

    References
    ----------
    Tillé (2006), Sampling Algorithms, section 6.3.5.
    """
    return np.setdiff1d(np.arange(len(rest.sizes)), tille(complement(rest), rng))


def complement(rest: Remainder) -> Remainder:
    """Give the units that are not drawn the chances 1 − π: sizes T − n·x, N − n of them.

    Parameters
    ----------
    rest : Remainder

    Returns
    -------
    Remainder
        Brought back below 2⁶² by dropping the lowest bits where n·T needs more.

    Examples
    --------
    >>> complement(Remainder(sizes=np.array([1, 2, 3]), total=6, size=1)).sizes.tolist()
    [5, 4, 3]
    """
    exact = [rest.total - rest.size * size for size in rest.sizes.tolist()]
    drop = max(sum(exact).bit_length() - 61, 0)
    sizes = [max(size >> drop, 1) for size in exact]
    count = len(sizes) - rest.size
    return Remainder(sizes=np.array(sizes, dtype=np.int64), total=sum(sizes), size=count)


def brewer(rest: Remainder, rng: np.random.Generator) -> Rows:
    """Draw one unit after another by Brewer's working probabilities for n units.

    At draw r a unit left has the weight π(d − π) / (d − (n − r + 1)π), where d is n less the
    chances of the units drawn before.

    Parameters
    ----------
    rest : Remainder
    rng : numpy.random.Generator
        One raw word per draw.

    Returns
    -------
    array of int64, shape (n,)
        Ascending rows.

    References
    ----------
    Brewer (1975), Australian Journal of Statistics 17.
    """
    chances = rest.probabilities
    left, alive = float(rest.size), np.ones(len(chances), dtype=bool)
    for draw, u in enumerate(uniforms(rest.size, rng).tolist()):
        sums = np.cumsum(brewer_weights(chances, alive, left, rest.size - draw))
        row = int(np.searchsorted(sums, u * sums[-1], side="right"))
        alive[row] = False
        left -= float(chances[row])
    return np.flatnonzero(~alive).astype(np.int64)


def brewer_weights(chances: Floats, alive: NDArray[np.bool_], left: float, to_draw: int) -> Floats:
    """Compute Brewer's weights of one draw; 0 for units drawn before.

    Parameters
    ----------
    chances : array of float64, shape (N,)
    alive : array of bool, shape (N,)
        Not drawn yet.
    left : float
        d, the chances of the units not drawn yet.
    to_draw : int
        Units to draw, this one included.

    Returns
    -------
    array of float64, shape (N,)

    Examples
    --------
    >>> brewer_weights(np.array([0.5, 0.5]), np.array([True, False]), 0.5, 1).tolist()
    [0.5, 0.0]
    """
    if to_draw == 1:
        return np.where(alive, chances, 0.0)
    below_one = np.where(alive, left - to_draw * chances, 1.0)
    return np.where(alive, chances * (left - chances) / below_one, 0.0)


def elimination_steps(rest: Remainder) -> Iterator[Floats]:
    """Compute the elimination probabilities of Tillé's method.

    From k + 1 to k units left, a unit goes with the chance 1 − π(k)/π(k + 1), where π(k) are the
    inclusion probabilities of a sample of k; the certainty rule is applied for every k.

    Parameters
    ----------
    rest : Remainder

    Yields
    ------
    array of float64, shape (N,)
        N − n of them, from k = N − 1 down to n.
    """
    order = np.argsort(-rest.sizes, kind="stable")
    descending = rest.sizes[order].tolist()
    sizes = rest.sizes.astype(np.float64)
    beyond = [rest.total]  # total of the sizes after the c largest
    for size in descending:
        beyond.append(beyond[-1] - size)
    before, certain = np.ones(len(sizes)), len(sizes) - 1
    for left in range(len(sizes) - 1, rest.size - 1, -1):
        while certain and (left - certain + 1) * descending[certain - 1] < beyond[certain - 1]:
            certain -= 1
        chances = sizes * float(left - certain) / float(beyond[certain])
        chances[order[:certain]] = 1.0
        yield 1 - chances / before
        before = chances


def _refuse_large_table(rest: Remainder, method: str) -> None:
    """Refuse a dynamic programme that would not fit the memory of an office computer."""
    cells = len(rest.sizes) * rest.size
    if cells > _TABLE_CELLS:
        raise DrawError(
            f"{method} of {rest.size} from {len(rest.sizes)} units needs a table of {cells} cells, "
            f"{_TABLE_CELLS} are allowed; draw by Pareto or systematically, or within strata"
        )
