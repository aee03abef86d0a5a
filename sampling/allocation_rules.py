"""The classical rules that share n among strata: equal, proportional, power, Neyman, with costs.

They return what the formula says, unrounded and without bounds, so a share may exceed its
stratum: that is how books and other programs print them. `sampling.boxed` and `sampling.rounding`
make sizes that can be asked.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.errors import AllocationError

__all__ = [
    "equal_allocation",
    "largest_remainder",
    "neyman_allocation",
    "optimum_allocation",
    "power_allocation",
    "power_importance",
    "proportional_allocation",
    "total_variance",
]

Floats = NDArray[np.float64]


def equal_allocation(population: ArrayLike, size: float) -> Floats:
    """Give every stratum with people the same size.

    Parameters
    ----------
    population : array of shape (H,)
        N_h; strata of nobody get 0.
    size : float
        n, above 0.

    Returns
    -------
    array of shape (H,)

    Raises
    ------
    AllocationError
        A negative or missing N_h, no people at all, or n not above 0.

    Examples
    --------
    >>> equal_allocation([30, 60, 0], 9).tolist()
    [4.5, 4.5, 0.0]
    """
    people = read_column(population, "population")
    return _shared((people > 0).astype(np.float64), size)


def proportional_allocation(population: ArrayLike, size: float) -> Floats:
    """Share n in proportion to people, n·N_h/N.

    Parameters
    ----------
    population : array of shape (H,)
    size : float
        n, above 0.

    Returns
    -------
    array of shape (H,)

    Raises
    ------
    AllocationError
        As in `equal_allocation`.

    References
    ----------
    Cochran (1977), section 5.4. Checked against: tests/golden/sampling_r (``allocation``).

    Examples
    --------
    >>> proportional_allocation([30, 60, 0], 9).tolist()
    [3.0, 6.0, 0.0]
    """
    return _shared(read_column(population, "population"), size)


def power_importance(total: ArrayLike, variation: ArrayLike, *, exponent: float) -> Floats:
    """Compute X_h^q·CV_h, what Bankier's rule shares n in proportion to.

    Parameters
    ----------
    total : array of shape (H,)
        X_h, a measure of the stratum's weight in the result, from 0: its people, or its total.
    variation : array of shape (H,)
        CV_h = S_h/mean, from 0.
    exponent : float
        q in [0, 1]: 1 serves the province (Neyman where X_h = N_h·mean_h), 0 serves every
        stratum alike.

    Returns
    -------
    array of shape (H,)

    Raises
    ------
    AllocationError
        A negative or missing number, columns of different length, or q outside [0, 1].

    References
    ----------
    Bankier (1988), equation 3.

    Examples
    --------
    >>> power_importance([4.0, 100.0], [0.5, 0.25], exponent=0.5).tolist()
    [1.0, 2.5]
    """
    if not 0 <= exponent <= 1:
        raise AllocationError(f"the exponent is {exponent}; it must lie in [0, 1]")
    weight = read_column(total, "total")
    spread = read_column(variation, "variation", like=weight)
    return np.where(weight > 0, weight**exponent * spread, 0.0)


def power_allocation(
    total: ArrayLike, variation: ArrayLike, size: float, *, exponent: float
) -> Floats:
    """Share n by Bankier's power rule, n·X_h^q·CV_h / Σ X^q·CV.

    Parameters
    ----------
    total : array of shape (H,)
    variation : array of shape (H,)
    size : float
        n, above 0.
    exponent : float
        q; all as in `power_importance`.

    Returns
    -------
    array of shape (H,)

    Raises
    ------
    AllocationError
        As in `power_importance`, nothing to share by, or n not above 0.

    References
    ----------
    Bankier (1988). Checked against: tests/golden/sampling_r (``allocation``).

    Examples
    --------
    >>> power_allocation([4.0, 100.0], [0.5, 0.25], 7, exponent=0.5).tolist()
    [2.0, 5.0]
    """
    return _shared(power_importance(total, variation, exponent=exponent), size)


def neyman_allocation(population: ArrayLike, deviation: ArrayLike, size: float) -> Floats:
    """Share n by Neyman's rule, n·N_h·S_h / Σ N·S, the least variance of the overall mean.

    Parameters
    ----------
    population : array of shape (H,)
    deviation : array of shape (H,)
        S_h, from 0.
    size : float
        n, above 0.

    Returns
    -------
    array of shape (H,)

    Raises
    ------
    AllocationError
        As in `equal_allocation`, or no stratum has any spread.

    References
    ----------
    Tschuprow (1923); Neyman (1934); Cochran (1977), equation 5.26. Checked against:
    tests/golden/sampling_r (``allocation``).

    Examples
    --------
    >>> neyman_allocation([30, 60], [4.0, 1.0], 9).tolist()
    [6.0, 3.0]
    """
    people = read_column(population, "population")
    return _shared(people * read_column(deviation, "deviation", like=people), size)


def optimum_allocation(
    population: ArrayLike,
    deviation: ArrayLike,
    *,
    cost: ArrayLike,
    size: float | None = None,
    budget: float | None = None,
) -> Floats:
    """Share by Neyman's rule with costs, in proportion to N_h·S_h/√c_h.

    Parameters
    ----------
    population : array of shape (H,)
    deviation : array of shape (H,)
    cost : array of shape (H,)
        c_h of one answer, above 0, in any currency.
    size, budget : float
        Exactly one of the two: n, or Σ c_h·n_h to spend.

    Returns
    -------
    array of shape (H,)

    Raises
    ------
    AllocationError
        As in `neyman_allocation`, a cost not above 0, or both or none of size and budget.

    References
    ----------
    Cochran (1977), equations 5.23 and 5.24. Checked against: tests/golden/sampling_r
    (``allocation``).

    Examples
    --------
    >>> optimum_allocation([30, 60], [4.0, 1.0], cost=[4.0, 1.0], size=10).tolist()
    [5.0, 5.0]
    >>> optimum_allocation([30, 60], [4.0, 1.0], cost=[4.0, 1.0], budget=50).tolist()
    [10.0, 10.0]
    """
    people = read_column(population, "population")
    spread = people * read_column(deviation, "deviation", like=people)
    price = read_cost(cost, people)
    if (size is None) == (budget is None):
        raise AllocationError(f"size is {size} and budget is {budget}; give exactly one of them")
    if size is not None:
        return _shared(spread / np.sqrt(price), size)
    share = _shared(spread / np.sqrt(price), 1.0)
    return _shared(share, float(budget or 0.0) / float(share @ price))


def largest_remainder(shares: ArrayLike) -> NDArray[np.int64]:
    """Round shares down or up so that their sum, rounded, is kept.

    Hamilton's method: every share is rounded down, and the largest fractions get the rest; equal
    fractions in the order of the strata. The result may be 0 for small strata: `wright` bounds it.

    Parameters
    ----------
    shares : array of shape (H,)
        From 0.

    Returns
    -------
    array of int64, shape (H,)

    Raises
    ------
    AllocationError
        A negative or missing share.

    References
    ----------
    Checked against: tests/golden/sampling_r (``proportional_largest_remainder``).

    Examples
    --------
    >>> largest_remainder([2.5, 3.25, 4.25]).tolist()
    [3, 3, 4]
    """
    values = read_column(shares, "shares")
    whole = np.floor(values)
    rest = round(float(values.sum())) - int(whole.sum())
    order = np.argsort(-(values - whole), kind="stable")
    whole[order[: max(rest, 0)]] += 1
    return whole.astype(np.int64)


def total_variance(population: ArrayLike, deviation: ArrayLike, sizes: ArrayLike) -> float:
    """Compute the variance of the estimated total, Σ N_h²·S_h²·(1/n_h − 1/N_h).

    Parameters
    ----------
    population : array of shape (H,)
    deviation : array of shape (H,)
    sizes : array of shape (H,)
        n_h, not necessarily whole.

    Returns
    -------
    float
        In the squared unit of the answers; infinite where a stratum that varies has no answer.

    Raises
    ------
    AllocationError
        A negative or missing number, or columns of different length.

    References
    ----------
    Cochran (1977), equation 5.9. Checked against: tests/golden/sampling_r and
    tests/golden/allocation_published.

    Examples
    --------
    >>> total_variance([30, 60], [4.0, 1.0], [6, 3])
    3060.0
    """
    people = read_column(population, "population")
    squares = (people * read_column(deviation, "deviation", like=people)) ** 2
    answers = read_column(sizes, "sizes", like=people)
    varies = squares > 0
    with np.errstate(divide="ignore"):
        return float(np.sum(squares[varies] * (1 / answers[varies] - 1 / people[varies])))


def read_column(values: ArrayLike, name: str, *, like: Floats | None = None) -> Floats:
    """Read a column of finite numbers from 0, as long as another one."""
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or column.size == 0 or (like is not None and column.shape != like.shape):
        expected = "(H,) with H from 1" if like is None else str(like.shape)
        raise AllocationError(f"{name} has the shape {column.shape}; it must be {expected}")
    bad = ~(np.isfinite(column) & (column >= 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise AllocationError(
            f"{name} must be finite and from 0: stratum {row} has {column[row]} "
            f"({int(bad.sum())} of {column.size} strata)"
        )
    return column


def read_cost(cost: ArrayLike, like: Floats) -> Floats:
    """Read a column of costs, all above 0."""
    price = read_column(cost, "cost", like=like)
    if not np.all(price > 0):
        raise AllocationError(
            f"cost must be above 0: stratum {int(np.argmin(price))} has {price.min()}; "
            "write what one answer costs, 1 where all cost the same"
        )
    return price


def _shared(importance: Floats, size: float) -> Floats:
    """Share a size in proportion to importance."""
    if not (np.isfinite(size) and size > 0):
        raise AllocationError(f"the size to share is {size}; it must be a finite number above 0")
    total = float(importance.sum())
    if not total > 0:
        raise AllocationError(
            f"none of {importance.size} strata has people and spread to share {size:g} by; "
            "check head counts and standard deviations"
        )
    return size * importance / total
