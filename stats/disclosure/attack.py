"""Can he work it out? Ranges that a release leaves for what it withholds.

Safety is shown by tables, never by a bound of a relaxation: a target is safe once two whole-number
tables that agree with everything known differ in it by its width. What cannot be shown to be safe
within the effort counts as found out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

from stats.disclosure.system import FREE, LinearSystem, Target, parts, restricted, target_matrix

__all__ = ["Breach", "Effort", "breaches"]

_EPS = 1e-7
_PASSES = 12
_LOOSE = 0.2  # when many targets are pushed at once, how far from the farthest is good enough

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to try, in steps rather than seconds, so that every computer decides alike.

    Parameters
    ----------
    rounds : int
        Rounds of choosing cells and attacking the choice; after them more is withheld.
    nodes : int
        Nodes of each integer programme; an attack cut short counts as successful.
    breaches : int
        Successful attacks after which a round of attacks ends.
    """

    rounds: int = 2
    nodes: int = 200
    breaches: int = 25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breach:
    """A target found out, and which further cells would have to be withheld against it.

    Every safe choice has Σ relief·withheld ≥ need, over the cells shown in the attacked release.
    """

    target: int
    relief: Floats
    need: float


@dataclass(slots=True, eq=False)
class _Seen:
    """The smallest and largest value of each target over the tables found so far."""

    targets: Sequence[Target]
    matrix: csr_array
    truth: NDArray[np.int64]
    low: Floats = field(init=False)
    high: Floats = field(init=False)
    widths: Floats = field(init=False)
    floors: NDArray[np.int64] = field(init=False)  # rows of target, unknown, least

    def __post_init__(self) -> None:
        self.widths = np.array([target.width for target in self.targets], dtype=np.float64)
        floors = [(p, *floor) for p, target in enumerate(self.targets) for floor in target.floors]
        self.floors = np.array(floors, dtype=np.int64).reshape(-1, 3)
        self.low = self.matrix @ self.truth.astype(np.float64)
        self.high = self.low.copy()

    def note(self, table: NDArray[np.int64]) -> None:
        values = self.matrix @ table.astype(np.float64)
        fits = np.ones(values.size, dtype=np.bool_)
        place, unknown, least = self.floors.T
        fits[place[table[unknown] < least]] = False
        self.low = np.where(fits, np.minimum(self.low, values), self.low)
        self.high = np.where(fits, np.maximum(self.high, values), self.high)

    def open(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.high - self.low < self.widths)


def breaches(
    system: LinearSystem, withheld: Flags, targets: Sequence[Target], *, effort: Effort
) -> list[Breach]:
    """Attack a release and return what was found out, at most ``effort.breaches`` of it.

    Parameters
    ----------
    system : LinearSystem
    withheld : bool array of shape (cells,)
    targets : sequence of Target
    effort : Effort

    Returns
    -------
    list of Breach
        Empty when every target keeps its width.
    """
    if not targets:
        return []
    known = system.only(system.known(withheld))
    seen = _Seen(targets, target_matrix(targets, system.ceiling.size), system.truth)
    _look_in_parts(known, seen, effort)
    found: list[Breach] = []
    for place in seen.open():
        if place in seen.open():
            breach = _attack(system, withheld, seen, int(place), effort=effort)
            if breach is not None:
                found.append(breach)
        if len(found) >= effort.breaches:
            break
    return found


def _look_in_parts(known: LinearSystem, seen: _Seen, effort: Effort) -> None:
    """Look for other tables part by part; rows that join parts hold because the rest is fixed."""
    for part in parts(known, np.flatnonzero(known.depth < 2)):
        here = set(seen.open()) & set(np.flatnonzero(np.diff(seen.matrix[:, part].indptr)))
        if here:
            small = restricted(known, part)
            _passes(small, part, seen, sorted(here), effort=effort)
            again = small.ceiling.size < known.ceiling.size  # else tried later, after a bound
            for place in sorted(here & set(seen.open())) if again else ():
                _push(small, part, seen, int(place), effort=effort)


def _passes(
    small: LinearSystem,
    part: NDArray[np.int64],
    seen: _Seen,
    here: list[int],
    *,
    effort: Effort,
) -> None:
    """Push many targets at once, in changing directions, while that still helps."""
    before = 0
    for number in range(_PASSES):
        still = set(seen.open())
        left = [place for place in here if place in still]
        if not left or (number > 1 and len(left) == before):
            return
        before = len(left)
        signs = np.cos(np.arange(len(left)) * (number + 1) * 2.4) if number > 1 else None
        directions = (1.0 if number else -1.0) * np.ones(len(left)) if signs is None else signs
        _solve(small, part, seen, left, directions=directions, effort=effort)


def _push(
    small: LinearSystem,
    part: NDArray[np.int64],
    seen: _Seen,
    place: int,
    *,
    effort: Effort,
) -> bool:
    """Push one target both ways; tell whether its width is settled, either way."""
    settled = True
    for direction in (-1.0, 1.0):
        if place in seen.open():
            settled &= _solve(
                small, part, seen, [place], directions=np.array([direction]), effort=effort
            )
    return settled


def _solve(
    small: LinearSystem,
    part: NDArray[np.int64],
    seen: _Seen,
    here: list[int],
    *,
    directions: Floats,
    effort: Effort,
) -> bool:
    """Find a table far out in a direction and note it; tell whether it is surely the farthest."""
    floors = np.zeros(part.size)
    where = {int(unknown): place for place, unknown in enumerate(part)}
    for target in (seen.targets[place] for place in here):
        for unknown, least in target.floors:
            if unknown in where:
                floors[where[unknown]] = max(floors[where[unknown]], least)
    aim: Floats = directions @ seen.matrix[here][:, part]
    rows, lower, upper = small.rows, small.lower, small.upper
    if len(here) == 1 and seen.targets[here[0]].width == 1:  # any other value will do
        rows = vstack([rows, csr_array(aim[None, :])], format="csr")
        lower = np.append(lower, aim @ small.truth + 1)
        upper, aim = np.append(upper, np.inf), np.zeros(part.size)
    result = milp(
        -aim,
        integrality=np.ones(part.size, dtype=np.int64),
        bounds=Bounds(floors, np.maximum(small.ceiling, floors)),
        constraints=LinearConstraint(rows, lower, upper) if rows.shape[0] else None,
        options={"node_limit": effort.nodes, "mip_rel_gap": _LOOSE if len(here) > 1 else 0.0},
    )
    if result.x is None:
        return bool(result.status == 2)
    table = seen.truth.copy()
    table[part] = np.rint(result.x).astype(np.int64)
    if not _agrees(small, table[part]):
        return False
    seen.note(table)
    return bool(result.status == 0 and len(here) == 1)


def _agrees(system: LinearSystem, table: NDArray[np.int64]) -> bool:
    values = system.rows @ table.astype(np.float64)
    return bool(
        (table >= 0).all()
        and (table <= system.ceiling).all()
        and (values >= system.lower - _EPS).all()
        and (values <= system.upper + _EPS).all()
    )


def _attack(
    system: LinearSystem, withheld: Flags, seen: _Seen, place: int, *, effort: Effort
) -> Breach | None:
    """Attack one target with everything; ``None`` if it keeps its width."""
    target = seen.targets[place]
    known = system.only(system.known(withheld))
    row = seen.matrix[[place]].toarray().ravel()
    floors = np.zeros(system.ceiling.size)
    for unknown, least in target.floors:
        floors[unknown] = least
    relief = np.zeros(withheld.size)
    width = 0.0
    for sign in (-1.0, 1.0):
        reach, gains = _bound(known, sign * row, floors)
        width += reach
        shown = known.owner != FREE
        np.add.at(relief, known.owner[shown], gains[shown])
    if width < target.width - 1e-6:
        need = target.width - width
        return Breach(target=place, relief=np.minimum(relief, need), need=need)
    everything = np.arange(system.ceiling.size)
    _push(known, everything, seen, place, effort=effort)
    if place not in seen.open():
        return None
    relief = np.zeros(withheld.size)
    relief[known.owner[known.owner != FREE]] = 1.0
    return Breach(target=place, relief=relief, need=1.0)


def _bound(known: LinearSystem, row: Floats, floors: Floats) -> tuple[float, Floats]:
    """Return max row·x over real x, and by how much forgetting each row could at most raise it.

    By duality: the price of a row's limit, times how far the limit could move.
    """
    up = np.flatnonzero(np.isfinite(known.upper))
    down = np.flatnonzero(np.isfinite(known.lower))
    left = vstack([known.rows[up], -known.rows[down]], format="csr")
    right = np.concatenate([known.upper[up], -known.lower[down]])
    if not right.size:
        return float(np.maximum(row * known.ceiling, row * floors).sum()), np.zeros(0)
    result = linprog(  # type: ignore[call-overload]  # its stubs know no sparse rows
        -row,
        A_ub=left,
        b_ub=right,
        bounds=np.column_stack([floors, np.maximum(known.ceiling, floors)]),
        method="highs",
    )
    farthest = left.maximum(0) @ known.ceiling.astype(np.float64)
    prices = np.maximum(-result.ineqlin.marginals, 0.0) * np.maximum(farthest - right, 0.0)
    gains = np.zeros(known.lower.size)
    np.add.at(gains, up, prices[: up.size])
    np.add.at(gains, down, prices[up.size :])
    return float(-result.fun), gains
