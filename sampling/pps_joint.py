"""Joint inclusion probabilities of the unequal-probability designs, exact where they exist.

They are computed for the rows asked for, not for the whole frame: a Sen–Yates–Grundy variance
needs the n × n pairs of the sample, and a frame of N = 100,000 has 10 billion pairs.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sampling.conditional_poisson import MarkedDesign, entropy_odds_probabilities, marked_inclusion
from sampling.errors import DrawError
from sampling.pps_draws import Remainder, brewer_weights, complement, elimination_steps

__all__ = [
    "brewer_joint",
    "maximum_entropy_joint",
    "midzuno_joint",
    "pareto_joint",
    "sampford_joint",
    "systematic_joint",
    "tille_joint",
]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_WORK = 4_000_000_000  # m²·N of a deconvolution or elimination: about a minute
_WAYS = 200_000  # sets of n − 2 units that Brewer's method may pass through: about 10 seconds
_STEPS = 0.05  # of the logarithm of Pareto's rank
_REACH = 40.0  # e^-40 is below the rounding of a float64


def systematic_joint(rest: Remainder, rows: Rows) -> Floats:
    """Measure the starts that hit two units at once, in whole numbers.

    Unit i is hit by the starts of an arc of n·xᵢ out of T; the joint probability of two units is
    the overlap of their arcs over T, and often 0.

    Parameters
    ----------
    rest : Remainder
        In the order of the walk.
    rows : array of int64, shape (m,)

    Returns
    -------
    array of float64, shape (m, m)
        First-order probabilities on the diagonal.

    References
    ----------
    Checked against: `UPsystematicpi2` of R's sampling 2.9, tests/golden/sampling_r_selection.
    """
    ends = np.cumsum(rest.sizes)
    starts = (ends - rest.sizes)[rows].tolist()
    begin = np.array([start * rest.size % rest.total for start in starts], dtype=np.int64)
    length = np.array([size * rest.size for size in rest.sizes[rows].tolist()], dtype=np.int64)
    ahead = (begin[None, :] - begin[:, None]) % rest.total
    near = np.minimum(length[None, :], np.maximum(length[:, None] - ahead, 0))
    # The arc of j may also run round the circle into the arc of i; T − ahead keeps to 62 bits.
    wrapped = np.maximum(length[None, :] - (rest.total - ahead), 0)
    far = np.minimum(wrapped, length[:, None])
    shared = np.where(ahead == 0, np.minimum(length[None, :], length[:, None]), near + far)
    return shared.astype(np.float64) / float(rest.total)


def sampford_joint(rest: Remainder, rows: Rows) -> Floats:
    """Compute Sampford's joint inclusion probabilities.

    Parameters
    ----------
    rest : Remainder
    rows : array of int64, shape (m,)

    Returns
    -------
    array of float64, shape (m, m)
        First-order probabilities on the diagonal.

    Raises
    ------
    DrawError
        m²·N is above 4·10⁹.

    References
    ----------
    Sampford (1967), Biometrika 54. Checked against: `UPsampfordpi2` of R's sampling 2.9,
    tests/golden/sampling_r_selection.
    """
    _refuse_long_work(rest, rows)
    chances = rest.probabilities
    return marked_inclusion(MarkedDesign(chances=chances, marks=1 - chances, size=rest.size), rows)


def maximum_entropy_joint(rest: Remainder, rows: Rows) -> Floats:
    """Compute the joint inclusion probabilities of the maximum-entropy design.

    Parameters
    ----------
    rest : Remainder
    rows : array of int64, shape (m,)

    Returns
    -------
    array of float64, shape (m, m)
        First-order probabilities on the diagonal.

    Raises
    ------
    DrawError
        m²·N is above 4·10⁹.

    References
    ----------
    Deville (2000). Checked against: `UPmaxentropypi2` of R's sampling 2.9 (which stops its
    iteration at 10⁻⁶), tests/golden/sampling_r_selection.
    """
    _refuse_long_work(rest, rows)
    chances = entropy_odds_probabilities(rest.probabilities, rest.size)
    marks = np.ones(len(chances))
    return marked_inclusion(MarkedDesign(chances=chances, marks=marks, size=rest.size), rows)


def pareto_joint(rest: Remainder, rows: Rows) -> Floats:
    """Compute what Pareto sampling really gives: near the wanted chances, not equal to them.

    The marks are cₖ = ∫ xⁿ⁻¹ (1 + τₖx)⁻¹ ∏ᵢ (1 + τᵢx)⁻¹ dx, where τ are the odds of the chances, by
    the trapezoidal rule in log x, whose error falls exponentially.

    Parameters
    ----------
    rest : Remainder
    rows : array of int64, shape (m,)

    Returns
    -------
    array of float64, shape (m, m)
        The exact first-order probabilities on the diagonal.

    Raises
    ------
    DrawError
        m²·N is above 4·10⁹.

    References
    ----------
    Bondesson, Traat and Lundqvist (2006), Scandinavian Journal of Statistics 33, section 4.
    Checked against: the same integral per sample in tests/sampling/test_pps_joint.py.
    """
    _refuse_long_work(rest, rows)
    chances = rest.probabilities
    marks = _pareto_marks(chances / (1 - chances), rest.size)
    return marked_inclusion(MarkedDesign(chances=chances, marks=marks, size=rest.size), rows)


def tille_joint(rest: Remainder, rows: Rows) -> Floats:
    """Multiply the chances that neither of two units is eliminated, step after step.

    Parameters
    ----------
    rest : Remainder
    rows : array of int64, shape (m,)

    Returns
    -------
    array of float64, shape (m, m)
        First-order probabilities on the diagonal.

    Raises
    ------
    DrawError
        m²·N is above 4·10⁹.

    References
    ----------
    Tillé (1996), Biometrika 83. Checked against: `UPtillepi2` of R's sampling 2.9,
    tests/golden/sampling_r_selection.
    """
    _refuse_long_work(rest, rows)
    joint = np.ones((len(rows), len(rows)))
    for step in elimination_steps(rest):
        gone = step[rows]
        joint *= np.maximum(1 - gone[:, None] - gone, 0.0)
    np.fill_diagonal(joint, rest.probabilities[rows])
    return joint


def midzuno_joint(rest: Remainder, rows: Rows) -> Floats:
    """Compute the joint probabilities of Midzuno's method from those of its complement.

    Parameters
    ----------
    rest : Remainder
    rows : array of int64, shape (m,)

    Returns
    -------
    array of float64, shape (m, m)
        First-order probabilities on the diagonal.

    Raises
    ------
    DrawError
        m²·N is above 4·10⁹.

    References
    ----------
    Tillé (2006), section 6.3.5. Checked against: `UPmidzunopi2` of R's sampling 2.9,
    tests/golden/sampling_r_selection.
    """
    chances = rest.probabilities[rows]
    joint = chances[:, None] + chances - 1 + tille_joint(complement(rest), rows)
    np.fill_diagonal(joint, chances)
    return np.maximum(joint, 0.0)


def brewer_joint(rest: Remainder, rows: Rows) -> Floats:
    """Follow every way that Brewer's draws can take until two units are left to draw.

    What is left after some draws is a Brewer design again, of the units left and with chances in
    the same proportions; for its last two draws there is a closed form. No shorter way is known:
    the chance of a way depends on which units it took, not on their sizes' sum alone.

    Parameters
    ----------
    rest : Remainder
    rows : array of int64, shape (m,)

    Returns
    -------
    array of float64, shape (m, m)
        First-order probabilities on the diagonal.

    Raises
    ------
    DrawError
        More than 200,000 sets of n − 2 from N, or their number times N + m² above 4·10⁹.

    References
    ----------
    Brewer (1963) for n = 2, Brewer (1975), Australian Journal of Statistics 17; Tillé (2006),
    section 6.4. Checked against: enumeration of all ways in tests/sampling/test_pps_joint.py.
    """
    chances = rest.probabilities
    joint = np.zeros((len(rows), len(rows)))
    if rest.size >= 2:
        _refuse_many_ways(rest, rows)
        for taken, chance in _brewer_ways(chances, rest.size - 2, rest.size).items():
            joint += chance * _last_two(chances, rows, list(taken))
    np.fill_diagonal(joint, chances[rows])
    return joint


def _brewer_ways(chances: Floats, draws: int, size: int) -> dict[tuple[int, ...], float]:
    """Give the sets that Brewer's first draws can take, with their chances."""
    ways: dict[tuple[int, ...], float] = {(): 1.0}
    for draw in range(draws):
        grown: dict[tuple[int, ...], float] = {}
        for taken, chance in ways.items():
            alive, left = _left(chances, list(taken))
            weights = brewer_weights(chances, alive, left, size - draw)
            for row, weight in enumerate((weights / math.fsum(weights.tolist())).tolist()):
                if alive[row]:
                    key = tuple(sorted((*taken, row)))
                    grown[key] = grown.get(key, 0.0) + chance * weight
        ways = grown
    return ways


def _last_two(chances: Floats, rows: Rows, taken: list[int]) -> Floats:
    """Give the joint probabilities of some rows when all but two units are drawn."""
    alive, left = _left(chances, taken)
    weights = brewer_weights(chances, alive, left, 2)
    share = (weights / math.fsum(weights.tolist()))[rows]  # of the last draw but one
    small = 2 * chances[rows] / left
    first = np.where(alive[rows], small, 1.0)
    # After i the last draw takes j with the chance pⱼ / (d − pᵢ).
    after = share[:, None] * chances[rows] / (left - chances[rows])[:, None]
    both = alive[rows][:, None] & alive[rows]
    result: Floats = np.where(both, after + after.T, first[:, None] * first)
    return result


def _left(chances: Floats, taken: list[int]) -> tuple[NDArray[np.bool_], float]:
    """Tell the units not drawn yet, and add their chances up: n less those drawn."""
    alive = np.ones(len(chances), dtype=bool)
    alive[taken] = False
    return alive, math.fsum(chances[alive].tolist())


def _pareto_marks(odds: Floats, size: int) -> Floats:
    """Integrate Pareto's marks for all units; scaled so that the largest integrand is 1."""
    reach = _REACH + 2 * float(np.abs(np.log(odds)).max())
    points = np.arange(-reach, reach + _STEPS / 2, _STEPS)
    logs = size * points
    for value in odds.tolist():
        logs -= np.log1p(value * np.exp(points))
    heights = np.exp(logs - logs.max())
    used = heights > 0
    points, heights = points[used], heights[used]
    marks = [float((heights / (1 + value * np.exp(points))).sum()) for value in odds.tolist()]
    return np.array(marks) / max(marks)


def _refuse_long_work(rest: Remainder, rows: Rows) -> None:
    """Refuse joint probabilities that would take longer than anybody waits."""
    work = len(rows) ** 2 * len(rest.sizes)
    if work > _WORK:
        raise DrawError(
            f"joint probabilities of {len(rows)} of {len(rest.sizes)} units take {work} steps, "
            f"{_WORK} are allowed; ask for the sampled units only, or draw within strata"
        )


def _refuse_many_ways(rest: Remainder, rows: Rows) -> None:
    """Refuse to follow more ways than anybody waits for."""
    count, draws = len(rest.sizes), rest.size - 2
    ways = math.comb(count, draws)
    if ways > _WAYS or ways * (count + len(rows) ** 2) > _WORK:
        raise DrawError(
            f"Brewer's joint probabilities of {rest.size} from {count} units pass through {ways} "
            f"sets of {draws} units for {len(rows)} rows, {_WAYS} sets and {_WORK} steps are "
            "allowed; ask for the sampled units only, draw by Sampford's method, which has a "
            "formula, or estimate as if drawn with replacement (sampling.probabilities.pps_columns)"
        )
