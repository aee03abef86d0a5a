"""Clerk and interviewer effects: intra-class correlation with a permutation test.

People who key or ask should make no difference; forms are exchangeable among them within an area
or a day. The test permutes exactly that, so it needs no normal distribution and no large sample.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.errors import ScoreError

__all__ = ["GroupEffect", "group_effect"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

BATCH = 200  # permutations held at a time
EQUAL = 1e-9  # relative difference below which two permutations are equally extreme


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEffect:
    """How much of the variation lies between groups, and how often chance gives as much.

    ``icc`` is an ANOVA estimate and may be negative; NaN where nothing varies. ``p`` is exact
    over ``arrangements`` if ``exact``, else (1 + as extreme) / (1 + arrangements drawn). ``meff``
    = 1 + (mean group size − 1) · icc is the factor on the variance of a mean.
    """

    icc: float
    p: float
    exact: bool
    arrangements: int
    groups: int
    forms: int
    meff: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Layout:
    """Forms by group, centred within strata; ``centred`` has shape (forms, groups)."""

    groups: Places
    strata: Places
    centred: Floats
    inverse: Floats  # pseudo-inverse of centred' centred
    rank: int


def group_effect(
    values: Sequence[float],
    groups: Sequence[Hashable],
    *,
    within: Sequence[Hashable] | None = None,
    rng: np.random.Generator | None = None,
    draws: int = 999,
    largest_exact: int = 10_000,
) -> GroupEffect:
    """Estimate the effect of who keyed or asked, and test it by permutation.

    One-way random effects by ANOVA (Henderson's method 3 within strata): σ²_b = (SSB − df_b·MSW)
    / tr, ICC = σ²_b / (σ²_b + MSW). The statistic of the test is SSB: all else is fixed under
    permutation within strata.

    Parameters
    ----------
    values : one number per form
        A composite, or a 0/1 sign such as "an item was left blank".
    groups : who keyed or asked
    within : area or day, optional
        Forms are permuted within it only: interviewers who work in other areas meet other people.
    rng : numpy Generator
        Needed where there are more than ``largest_exact`` arrangements.
    draws : int
    largest_exact : int
        Up to so many arrangements all are gone through.

    Raises
    ------
    ScoreError
        On lengths that differ, a value that is not finite, fewer than two groups, groups that
        never meet within a stratum, or no generator where one is needed.

    References
    ----------
    Searle, Casella, McCulloch (1992), 5.3; Phipson, Smyth (2010) for (1 + b)/(1 + m).

    Examples
    --------
    >>> effect = group_effect([1, 1, 1, 5, 5, 5], ["a", "a", "a", "b", "b", "b"])
    >>> round(effect.icc, 3), effect.p, effect.exact, effect.arrangements
    (1.0, 0.1, True, 20)
    """
    y, layout = _checked(values, groups, within)
    residuals = y - _stratum_means(y[:, None], layout.strata)[:, 0]
    observed = float(_between(layout, residuals[:, None])[0])
    icc = _icc(layout, residuals, observed)
    count = _arrangement_count(layout)
    exact = count <= largest_exact
    if math.isnan(icc):
        p, used = math.nan, 0
    elif exact:
        p, used = _share_as_extreme(layout, residuals, _arrangements(layout), observed), count
    else:
        p, used = _drawn_p(layout, residuals, observed, rng=rng, draws=draws), draws
    size = len(y) / layout.centred.shape[1]
    return GroupEffect(
        icc=icc,
        p=p,
        exact=exact,
        arrangements=used,
        groups=layout.centred.shape[1],
        forms=len(y),
        meff=1 + (size - 1) * icc,
    )


def _checked(
    values: Sequence[float], groups: Sequence[Hashable], within: Sequence[Hashable] | None
) -> tuple[Floats, _Layout]:
    y = np.asarray(values, dtype=np.float64)
    places = list(within) if within is not None else [0] * len(y)
    if not len(y) == len(groups) == len(places):
        raise ScoreError(
            f"{len(y)} values, {len(groups)} groups and {len(places)} strata; one each"
        )
    bad = np.flatnonzero(~np.isfinite(y))
    if bad.size:
        raise ScoreError(
            f"value {bad[0] + 1} is {y[bad[0]]} ({bad.size} of {y.size}); "
            "leave out forms without one"
        )
    codes = pd.factorize(pd.Series(list(groups), dtype=object))[0]
    strata = pd.factorize(pd.Series(places, dtype=object))[0]
    layout = _layout(codes, strata)
    if layout.rank < 1:
        raise ScoreError(
            f"{len(set(codes.tolist()))} groups in {len(set(strata.tolist()))} strata never meet "
            "within one, so they cannot be told from the strata; test in larger strata"
        )
    return y, layout


def _layout(groups: Places, strata: Places) -> _Layout:
    indicators = np.eye(int(groups.max(initial=0)) + 1)[groups]
    centred = indicators - _stratum_means(indicators, strata)
    products = centred.T @ centred
    return _Layout(
        groups=groups,
        strata=strata,
        centred=centred,
        inverse=np.asarray(np.linalg.pinv(products, hermitian=True, rcond=EQUAL), dtype=np.float64),
        rank=int(np.linalg.matrix_rank(products, hermitian=True, tol=EQUAL)),
    )


def _stratum_means(columns: Floats, strata: Places) -> Floats:
    """Return each row's stratum mean of every column."""
    sums = np.zeros((int(strata.max(initial=0)) + 1, columns.shape[1]))
    np.add.at(sums, strata, columns)
    means: Floats = (sums / np.bincount(strata)[:, None])[strata]
    return means


def _between(layout: _Layout, residuals: Floats) -> Floats:
    """Sum of squares between groups, adjusted for strata; one per column of residuals."""
    sums = layout.centred.T @ residuals
    between: Floats = np.einsum("gb,gh,hb->b", sums, layout.inverse, sums)
    return between


def _icc(layout: _Layout, residuals: Floats, between: float) -> float:
    whole = float(residuals @ residuals)
    strata = len(np.unique(layout.strata))
    df_within = len(residuals) - strata - layout.rank
    if df_within < 1 or whole <= EQUAL**2:
        return math.nan
    within = max(whole - between, 0.0) / df_within
    between_variance = (between - layout.rank * within) / float((layout.centred**2).sum())
    return between_variance / (between_variance + within)


def _arrangement_count(layout: _Layout) -> int:
    """Ways to hand the forms of every stratum to the groups that worked there."""
    count = 1
    for stratum in np.unique(layout.strata):
        sizes = Counter(layout.groups[layout.strata == stratum].tolist()).values()
        count *= math.factorial(sum(sizes)) // math.prod(math.factorial(size) for size in sizes)
    return count


def _arrangements(layout: _Layout) -> Iterator[Places]:
    """Yield, for every arrangement, which form stands in each place."""
    per_stratum = []
    for stratum in np.unique(layout.strata):
        rows = np.flatnonzero(layout.strata == stratum)
        rows = rows[np.argsort(layout.groups[rows], kind="stable")]
        sizes = list(Counter(layout.groups[rows].tolist()).values())
        chosen = [np.array(order, dtype=np.intp) for order in _splits(list(rows), sizes)]
        per_stratum.append((rows, chosen))
    places = np.concatenate([rows for rows, _ in per_stratum])
    for orders in product(*(chosen for _, chosen in per_stratum)):
        order = np.empty(len(places), dtype=np.intp)
        order[places] = np.concatenate(orders)
        yield order


def _splits(rows: list[int], sizes: list[int]) -> Iterator[list[int]]:
    """Yield every way to split rows into groups of these sizes, groups one after another."""
    if len(sizes) == 1:
        yield rows
        return
    for chosen in combinations(rows, sizes[0]):
        taken = set(chosen)
        rest = [row for row in rows if row not in taken]
        for later in _splits(rest, sizes[1:]):
            yield [*chosen, *later]


def _share_as_extreme(
    layout: _Layout, residuals: Floats, orders: Iterator[Places], observed: float
) -> float:
    extreme = count = 0
    while batch := list(islice(orders, BATCH)):
        extreme += _as_extreme(layout, residuals[np.array(batch)].T, observed)
        count += len(batch)
    return extreme / count


def _as_extreme(layout: _Layout, columns: Floats, observed: float) -> int:
    return int((_between(layout, columns) >= observed * (1 - EQUAL)).sum())


def _drawn_p(
    layout: _Layout,
    residuals: Floats,
    observed: float,
    *,
    rng: np.random.Generator | None,
    draws: int,
) -> float:
    if rng is None or draws < 1:
        raise ScoreError(
            f"{_arrangement_count(layout):.3g} arrangements are too many to go through; give rng "
            f"and at least one draw (draws={draws})"
        )
    rows = [np.flatnonzero(layout.strata == stratum) for stratum in np.unique(layout.strata)]
    extreme = 0
    for start in range(0, draws, BATCH):
        columns = np.repeat(residuals[:, None], min(BATCH, draws - start), axis=1)
        for places in rows:
            columns[places] = rng.permuted(columns[places], axis=0)
        extreme += _as_extreme(layout, columns, observed)
    return (1 + extreme) / (1 + draws)
