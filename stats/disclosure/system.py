"""What an attacker can write down: integer unknowns, and rows that a release lets him know.

An unknown is a count of answers. A row that belongs to a cell is known while the cell is shown;
a row that belongs to none (quotas, official points, an insider's answers) is always known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

__all__ = ["FREE", "LinearSystem", "Target", "merged", "parts", "restricted", "target_matrix"]

FREE = -1
"""Owner of a row that no suppression can take from the attacker."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearSystem:
    """Unknowns x with 0 ≤ x ≤ ceiling, and lower ≤ rows·x ≤ upper for each known row.

    ``owner`` names the cell of a row, or ``FREE``. ``depth`` is 0 for sums over units; 1 for what
    is known of a single unit, which the first, cheap attack leaves out; 2 for a row that joins
    others of depth 1, as a total does. ``truth`` satisfies everything.
    """

    rows: csr_array
    lower: Floats
    upper: Floats
    owner: Integers
    depth: Integers
    ceiling: Integers
    truth: Integers

    def known(self, withheld: NDArray[np.bool_]) -> Integers:
        """Return the places of the rows that stay known when cells are withheld."""
        shown = np.append(~withheld, True)  # the last answers for FREE, which is -1
        return np.flatnonzero(shown[self.owner])

    def only(self, chosen: Integers) -> "LinearSystem":
        """Return the system with the rows at ``chosen`` places."""
        return LinearSystem(
            rows=self.rows[chosen],
            lower=self.lower[chosen],
            upper=self.upper[chosen],
            owner=self.owner[chosen],
            depth=self.depth[chosen],
            ceiling=self.ceiling,
            truth=self.truth,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A sum of unknowns that must keep ``width`` + 1 possible values.

    ``floors`` are counts that an insider beside it knows to be there: (unknown, at least).
    """

    unknowns: tuple[int, ...]
    factors: tuple[int, ...]
    width: int
    floors: tuple[tuple[int, int], ...] = ()
    detailed: bool = False


def target_matrix(targets: Sequence[Target], unknowns: int) -> csr_array:
    """Return the targets as rows of shape (targets, unknowns)."""
    sizes = [len(target.unknowns) for target in targets]
    columns = np.array([c for target in targets for c in target.unknowns], dtype=np.int64)
    factors = np.array([f for target in targets for f in target.factors], dtype=np.float64)
    places = np.repeat(np.arange(len(targets)), sizes)
    return csr_array((factors, (places, columns)), shape=(len(targets), unknowns))


def parts(system: LinearSystem, chosen: Integers) -> list[Integers]:
    """Split the unknowns into sets that no row at ``chosen`` places joins."""
    rows = system.rows[chosen]
    size = sum(rows.shape)
    places = rows.tocoo()
    graph = csr_array((places.data, (places.row, places.col + rows.shape[0])), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    of_unknown = labels[rows.shape[0] :]
    order = np.argsort(of_unknown, kind="stable")
    starts = np.flatnonzero(np.diff(of_unknown[order])) + 1
    return sorted(np.split(order, starts), key=lambda part: int(part[0]))


def restricted(system: LinearSystem, unknowns: Integers) -> LinearSystem:
    """Fix all other unknowns at the truth; rows that then say nothing are dropped."""
    rest = system.truth.astype(np.float64)
    rest[unknowns] = 0.0
    fixed = system.rows @ rest
    rows = system.rows[:, unknowns]
    some = np.flatnonzero(np.diff(rows.indptr))
    return LinearSystem(
        rows=rows[some],
        lower=(system.lower - fixed)[some],
        upper=(system.upper - fixed)[some],
        owner=system.owner[some],
        depth=system.depth[some],
        ceiling=system.ceiling[unknowns],
        truth=system.truth[unknowns],
    )


def merged(
    system: LinearSystem, targets: Sequence[Target]
) -> tuple[LinearSystem, list[Target], Integers]:
    """Add up unknowns that stand alike in every row and every target.

    Loses nothing: any split of the sum over its parts is possible. Targets with floors are not
    for this function.

    Returns
    -------
    system, targets, label of each old unknown
    """
    wanted = target_matrix(targets, system.ceiling.size)
    dense = np.vstack([system.rows.toarray(), wanted.toarray()])
    _, first, label = np.unique(dense, axis=1, return_index=True, return_inverse=True)
    label = label.reshape(-1)
    sums = [
        np.bincount(label, weights=values, minlength=first.size).astype(np.int64)
        for values in (system.ceiling, system.truth)
    ]
    small = LinearSystem(
        rows=csr_array(system.rows[:, first]),
        lower=system.lower,
        upper=system.upper,
        owner=system.owner,
        depth=system.depth,
        ceiling=sums[0],
        truth=sums[1],
    )
    moved = []
    for target in targets:
        by_label = {int(label[u]): f for u, f in zip(target.unknowns, target.factors, strict=True)}
        moved.append(
            Target(unknowns=tuple(by_label), factors=tuple(by_label.values()), width=target.width)
        )
    return small, moved, label
