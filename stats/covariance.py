"""Item covariances of a respondent group, pooled over units and shrunk for one of them.

Covariances are pairwise complete: a person who skipped one item still speaks about the others.
Both pooling and shrinking therefore keep degrees of freedom per pair of items.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stats.scores import CriterionPoints, HiddenRule, UnitAnswers, by_respondent

__all__ = ["PooledCovariance", "answer_table", "pooled_covariance", "shrunk_covariance"]

Matrix = NDArray[np.float64]

POOLED_WORTH = 2  # the pooled variance counts as this many further answers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PooledCovariance:
    """Pooled covariance of the items of one group; shapes (items, items).

    ``df`` counts, per pair, the degrees of freedom behind ``matrix``; where it is 0 the entry
    is NaN.
    """

    group: str
    items: tuple[str, ...]
    matrix: Matrix
    df: Matrix


def pooled_covariance(
    units: Sequence[UnitAnswers],
    criteria: Sequence[CriterionPoints],
    *,
    hidden: HiddenRule = HiddenRule.PER_ITEM,
) -> Mapping[str, PooledCovariance]:
    """Pool the item covariance of every respondent group over a unit group.

    S0_ij = Σ_u (m_uij − 1) S_u,ij / Σ_u (m_uij − 1), over units with two answers to the pair.

    Parameters
    ----------
    units : sequence of UnitAnswers
        The units ranked together.
    criteria : sequence of CriterionPoints
    hidden : HiddenRule
        As given to ``score_unit``: ``PER_RESPONDENT`` pools composites of criteria.

    Returns
    -------
    mapping of group to PooledCovariance
        In squared shares: values lie in [0, 1].

    Examples
    --------
    >>> from decimal import Decimal
    >>> from stats.scores import ItemPoints, StratumAnswers
    >>> criterion = CriterionPoints(
    ...     code="C", maximum=Decimal(2), items=(ItemPoints(item="q", points=Decimal(2)),)
    ... )
    >>> units = [UnitAnswers(unit=str(top), strata=(StratumAnswers(group="LD", population=9,
    ...     values=({"q": Fraction(0)}, {"q": Fraction(top, 2)})),)) for top in (1, 2)]
    >>> pooled_covariance(units, [criterion])["LD"].matrix.tolist()
    [[0.3125]]
    """
    if hidden is HiddenRule.PER_RESPONDENT:
        composites = [by_respondent(unit, criteria) for unit in units]
        units = [unit for unit, _ in composites]
        items = tuple(criterion.code for criterion in criteria)
    else:
        items = tuple(entry.item for criterion in criteria for entry in criterion.items)
    groups = dict.fromkeys(stratum.group for unit in units for stratum in unit.strata)
    return {group: _pool(group, units, items) for group in groups}


def shrunk_covariance(table: Matrix, pooled: PooledCovariance, items: tuple[str, ...]) -> Matrix:
    """Return S̃ = (2·S0 + (m − 1)·S) / (m + 1), m counted per pair of items.

    Where nobody in the whole unit group answered both items, S0 is taken at its upper bound
    √(S0_ii S0_jj) if the stratum has such a person, else 0: both can only widen the interval.

    Parameters
    ----------
    table : array of shape (m, items), NaN where an item is not valid
    pooled : PooledCovariance of the stratum's group
    items : the columns of ``table``

    Examples
    --------
    >>> pooled = PooledCovariance(
    ...     group="LD", items=("q",), matrix=np.array([[0.3]]), df=np.array([[4.0]])
    ... )
    >>> shrunk_covariance(np.array([[0.5]]), pooled, ("q",)).tolist()
    [[0.3]]
    """
    position = [pooled.items.index(item) for item in items]
    prior = pooled.matrix[np.ix_(position, position)]
    cross, both = _cross_products(table)
    df = np.maximum(both - 1, 0)
    root = np.sqrt(np.diag(prior))
    unknown = np.isnan(prior) & ~np.eye(len(items), dtype=bool)
    prior = np.where(unknown, np.where(both > 0, np.outer(root, root), 0.0), prior)
    shrunk: Matrix = (POOLED_WORTH * prior + cross) / (POOLED_WORTH + df)
    return shrunk


def answer_table(values: Sequence[Mapping[str, Fraction]], items: tuple[str, ...]) -> Matrix:
    """Return answers as an array (respondents, items), NaN where an item is absent.

    Examples
    --------
    >>> answer_table([{"a": Fraction(1, 2)}], ("a", "b")).tolist()
    [[0.5, nan]]
    """
    rows = [[float(row[item]) if item in row else np.nan for item in items] for row in values]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(items))


def _pool(group: str, units: Sequence[UnitAnswers], items: tuple[str, ...]) -> PooledCovariance:
    cross = np.zeros((len(items), len(items)))
    df = np.zeros_like(cross)
    for unit in units:
        for stratum in unit.strata:
            if stratum.group == group:
                products, both = _cross_products(answer_table(stratum.values, items))
                cross += products
                df += np.maximum(both - 1, 0)
    matrix = np.full_like(cross, np.nan)
    np.divide(cross, df, out=matrix, where=df > 0)
    return PooledCovariance(group=group, items=items, matrix=matrix, df=df)


def _cross_products(table: Matrix) -> tuple[Matrix, Matrix]:
    """(m_ij − 1)·S_ij and m_ij, each pair on the people who answered both."""
    valid = ~np.isnan(table)
    anchored = np.where(valid, table - _first_valid(table, valid), 0.0)
    present = valid.astype(np.float64)
    both = present.T @ present
    sums = anchored.T @ present
    cross = anchored.T @ anchored
    np.subtract(cross, sums * sums.T / np.maximum(both, 1), out=cross)
    return cross, both


def _first_valid(table: Matrix, valid: NDArray[np.bool_]) -> Matrix:
    """Each column's first answer: subtracting it makes unanimity exactly zero."""
    if not len(table):
        return np.zeros(table.shape[1])
    first: Matrix = table[valid.argmax(axis=0), np.arange(table.shape[1])]
    return first
