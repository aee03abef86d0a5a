"""Finite-population Pólya posterior of strata: the people not seen are copies of those seen.

An urn holds the answers seen, one ball each, and A balls of the respondent group's pool; every
person not seen draws a ball and puts it back with a copy. Counts are drawn as whole numbers from
uniforms only (no logarithm, no gamma), so a plain loop can be given the same uniforms and must
give the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stats.errors import ScoreError

__all__ = ["Urn", "complete_answers", "fill_pool", "parts", "urn_totals"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_CELLS = 4_000_000  # answers completed at a time, to bound memory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Urn:
    """One stratum as an urn.

    ``seen`` holds composites of the people seen, shape (draws, m) or (1, m) where every draw has
    the same; ``unseen`` counts the people of the stratum who gave no answer; ``pool`` holds the
    composites of the respondent group, shape (pool,), on this stratum's own scale.
    """

    seen: Floats
    unseen: int
    pool: Floats


def parts(uniforms: Floats, total: Whole | int) -> Whole:
    """Split ``total`` into k + 1 parts, every way of doing so alike.

    This is how often a Pólya urn of k + 1 balls is drawn from. The k bars among total + k places
    are a random subset, drawn one at a time (Floyd's algorithm).

    Parameters
    ----------
    uniforms : array of shape (k, draws)
    total : int or array of shape (draws,)

    Returns
    -------
    array of shape (k + 1, draws)

    References
    ----------
    Feller (1968), An Introduction to Probability Theory 1, V.2 (urns) and II.5 (bars and stars).
    Bentley and Floyd (1987), Programming pearls: a sample of brilliance.

    Examples
    --------
    >>> parts(np.array([[0.0, 0.5, 0.9]]), 4).T.tolist()
    [[0, 4], [2, 2], [4, 0]]
    """
    bars = _bars(uniforms, total)
    bars.sort(axis=0)
    count, draws = bars.shape
    split = np.empty((count + 1, draws), dtype=np.int64)
    split[0] = bars[0]
    np.subtract(bars[1:], bars[:-1], out=split[1:-1])
    split[1:-1] -= 1
    split[-1] = total + (count - 1) - bars[-1]
    return split


def urn_totals(
    urns: Sequence[Urn], *, prior_weight: int, draws: int, rng: np.random.Generator
) -> Floats:
    """Draw the sum of the composites over all people of each stratum, seen and not.

    Exact draws from the Pólya urn. How many of the unseen copy each person seen, and how many
    come through the prior, is one random split into m + A parts. Those who come through the
    prior form clusters that share one person of the pool; the cluster of the first of r people
    takes in a Pólya share of the other r − 1, and the rest start anew.

    Parameters
    ----------
    urns : sequence of Urn
    prior_weight : int
        A, the balls of the pool: a whole number, 1 or more.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    array of shape (urns, draws)

    References
    ----------
    Blackwell and MacQueen (1973), Annals of Statistics 1, 353-355. Ghosh and Meeden (1997),
    Bayesian Methods for Finite Population Sampling, ch. 2.

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> urn = Urn(seen=np.array([[1.0, 0.0]]), unseen=1, pool=np.array([0.5]))
    >>> sorted(set(urn_totals([urn], prior_weight=2, draws=99, rng=rng)[0].tolist()))
    [1.0, 1.5, 2.0]
    """
    if prior_weight < 1:
        raise ScoreError(f"prior_weight must be a whole number, 1 or more, not {prior_weight}")
    totals = np.empty((len(urns), draws))
    strangers = np.zeros((len(urns), draws), dtype=np.int64)
    for row, urn in enumerate(urns):
        answered = urn.seen.shape[1]
        uniforms = rng.random((answered + prior_weight - 1, draws)) if urn.unseen else None
        if uniforms is None:
            totals[row] = urn.seen.sum(axis=1)
            continue
        split = parts(uniforms, urn.unseen)
        strangers[row] = split[:prior_weight].sum(axis=0)
        copies = split[prior_weight:] + 1
        totals[row] = np.einsum("dm,md->d", np.broadcast_to(urn.seen, copies.T.shape), copies)
    _add_strangers(totals, strangers, urns, prior_weight, rng)
    return totals


def complete_answers(
    table: Floats, pool: Floats, *, prior_weight: int, draws: int, rng: np.random.Generator
) -> Floats:
    """Fill the gaps of the people seen, one urn per item, and return everybody's row.

    For each person with gaps, in turn, the others (and A people of the pool) are put into a
    random order; each missing item comes from the first of them who has it. So one person's gaps
    come from one donor where that is possible, and every item by itself is the Pólya urn of its
    own valid answers: the very people the official item score is the mean of.

    Parameters
    ----------
    table : array of shape (m, items), NaN where not valid
    pool : array of shape (pool, items), without gaps
    prior_weight, draws, rng
        As for ``urn_totals``.

    Returns
    -------
    array of shape (draws, m, items)

    Examples
    --------
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> table = np.array([[1.0, 0.0], [np.nan, 0.5]])
    >>> filled = complete_answers(table, np.array([[0.25, 0.75]]), prior_weight=1, draws=50,
    ...                           rng=rng)
    >>> sorted(set(filled[:, 1, 0].tolist())), float(filled[:, 1, 1].min())
    ([0.25, 1.0], 0.5)
    """
    size = max(1, _CELLS // max(table.size, 1))
    pieces = [
        _completed(table, pool, prior_weight, min(size, draws - start), rng)
        for start in range(0, draws, size)
    ]
    return np.concatenate(pieces)


def fill_pool(table: Floats, rng: np.random.Generator) -> Floats:
    """Fill each person's gaps from the first of the others, in random order, who has the item.

    Items nobody has stay NaN.

    Examples
    --------
    >>> fill_pool(np.array([[1.0], [np.nan]]), np.random.Generator(np.random.PCG64(1))).tolist()
    [[1.0], [1.0]]
    """
    valid = ~np.isnan(table)
    filled = table.copy()
    for person in np.flatnonzero(~valid.all(axis=1)):
        order = rng.random(len(table))
        for item in np.flatnonzero(~valid[person] & valid.any(axis=0)):
            donors = np.flatnonzero(valid[:, item])
            filled[person, item] = table[donors[order[donors].argmin()], item]
    return filled


def _bars(uniforms: Floats, total: Whole | int) -> Whole:
    """Draw k different places out of total + k, unordered (Floyd's algorithm)."""
    bars = np.empty(uniforms.shape, dtype=np.int64)
    for step, uniform in enumerate(uniforms):
        last = total + step
        place = (uniform * (last + 1)).astype(np.int64)
        for earlier in bars[:step]:
            np.copyto(place, -1, where=place == earlier)
        bars[step] = np.where(place < 0, last, place)
    return bars


def _completed(
    table: Floats,
    pool: Floats,
    prior_weight: int,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Complete one chunk of draws."""
    people = len(table)
    valid = ~np.isnan(table)
    filled = np.broadcast_to(table, (draws, *table.shape)).copy()
    each = np.arange(draws)
    for person in np.flatnonzero(~valid.all(axis=1)):
        order = rng.random((draws, people + prior_weight))
        stranger = (rng.random(draws) * len(pool)).astype(np.int64)
        for item in np.flatnonzero(~valid[person]):
            donors = np.append(np.flatnonzero(valid[:, item]), people + np.arange(prior_weight))
            first = donors[order[:, donors].argmin(axis=1)]
            own = filled[each, np.minimum(first, people - 1), item]
            filled[:, person, item] = np.where(first < people, own, pool[stranger, item])
        valid[person] = True
    return filled


def _add_strangers(
    totals: Floats,
    strangers: Whole,
    urns: Sequence[Urn],
    prior_weight: int,
    rng: np.random.Generator,
) -> None:
    """Add the people who came through the prior, cluster by cluster, all strata at once."""
    if not urns:
        return
    pool = np.concatenate([urn.pool for urn in urns])
    sizes = np.array([len(urn.pool) for urn in urns])
    starts = np.cumsum(sizes) - sizes
    sums, left = totals.reshape(-1), strangers.reshape(-1)
    place = np.flatnonzero(left)
    remaining = left[place]
    row = place // totals.shape[1]
    while place.size:
        person = starts[row] + (rng.random(place.size) * sizes[row]).astype(np.int64)
        uniforms = rng.random((prior_weight, place.size))
        cluster = 1 + _bars(uniforms, remaining - 1).min(axis=0)  # the first part
        sums[place] += cluster * pool[person]
        remaining = remaining - cluster
        going_on = remaining > 0
        place, remaining, row = place[going_on], remaining[going_on], row[going_on]
