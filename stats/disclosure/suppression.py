"""Which cells to withhold: the cheapest choice that an attacker cannot undo.

Cells are chosen by an integer programme, the choice is attacked, and every success of the attacker
becomes a new condition (Benders' way with the cell suppression problem). A choice not proven within
the effort is widened until it is safe, so that the way out withholds more, never less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from stats.disclosure.attack import Breach, Effort, breaches
from stats.disclosure.system import FREE, LinearSystem, Target, merged, parts

__all__ = ["Choice", "choose_cells"]

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """What is withheld, and how sure that is.

    ``exposed`` are places of targets that are found out whatever is withheld. ``optimal`` says that
    no cheaper safe choice exists; a choice is safe either way.
    """

    withheld: Flags
    loss: int
    optimal: bool
    exposed: tuple[int, ...]
    rounds: int


def choose_cells(
    system: LinearSystem,
    targets: Sequence[Target],
    *,
    costs: Integers,
    primary: Flags,
    effort: Effort,
) -> Choice:
    """Choose the cells to withhold with the least loss.

    First every part of the system that stands alone, with its units added up; then, where single
    units have known points, everything jointly.

    Parameters
    ----------
    system : LinearSystem
    targets : sequence of Target
    costs : int array of shape (cells,)
    primary : bool array of shape (cells,)
        Cells withheld in any case.
    effort : Effort

    Returns
    -------
    Choice

    References
    ----------
    Fischetti, Salazar (2001), Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47(7).
    """
    problem = _Problem(costs=costs, primary=primary, effort=effort)
    plain = [place for place, target in enumerate(targets) if not target.detailed]
    choice, cuts = _part_by_part(system, [targets[place] for place in plain], problem)
    exposed = {plain[place] for place in choice.exposed}
    if not (system.depth > 0).any():
        return _with_exposed(choice, exposed)
    everything = np.ones(primary.size, dtype=np.bool_)
    exposed |= set(_found_out(system, everything, targets, effort))
    left = [place for place in range(len(targets)) if place not in exposed]
    joint, _ = _loop(system, [targets[place] for place in left], problem, choice, cuts)
    return _with_exposed(joint, exposed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    costs: Integers
    primary: Flags
    effort: Effort

    def loss(self, withheld: Flags) -> int:
        return int(self.costs[withheld].sum())


def _with_exposed(choice: Choice, exposed: set[int]) -> Choice:
    return Choice(
        withheld=choice.withheld,
        loss=choice.loss,
        optimal=choice.optimal,
        exposed=tuple(sorted(exposed)),
        rounds=choice.rounds,
    )


def _part_by_part(
    system: LinearSystem, targets: Sequence[Target], problem: _Problem
) -> tuple[Choice, list[Breach]]:
    """Protect the sums over units, each part of the system by itself."""
    coarse = system.only(np.flatnonzero(system.depth == 0))
    withheld = problem.primary.copy()
    exposed: list[int] = []
    cuts: list[Breach] = []
    optimal, rounds = True, 0
    for part in parts(coarse, np.arange(coarse.owner.size)):
        inside = set(part.tolist())
        here = [place for place, t in enumerate(targets) if inside.issuperset(t.unknowns)]
        small = _cut_out(coarse, part)
        numbers = {int(old): new for new, old in enumerate(part)}
        summed, moved, _ = merged(small, [_renumbered(targets[p], numbers) for p in here])
        everything = np.ones(withheld.size, dtype=np.bool_)
        lost = set(_found_out(summed, everything, moved, problem.effort))
        exposed += [here[place] for place in lost]
        left = [target for place, target in enumerate(moved) if place not in lost]
        choice, new = _loop(summed, left, problem, _choice(withheld, problem), [])
        withheld |= choice.withheld
        cuts += new
        optimal &= choice.optimal
        rounds += choice.rounds
    return (
        Choice(
            withheld=withheld,
            loss=problem.loss(withheld),
            optimal=optimal,
            exposed=tuple(exposed),
            rounds=rounds,
        ),
        cuts,
    )


def _choice(withheld: Flags, problem: _Problem) -> Choice:
    return Choice(
        withheld=withheld, loss=problem.loss(withheld), optimal=True, exposed=(), rounds=0
    )


def _cut_out(system: LinearSystem, part: Integers) -> LinearSystem:
    """Keep the rows and unknowns of one part; nothing else touches them."""
    rows = np.flatnonzero(np.diff(system.rows[:, part].indptr))
    kept = system.only(rows)
    return LinearSystem(
        rows=kept.rows[:, part],
        lower=kept.lower,
        upper=kept.upper,
        owner=kept.owner,
        depth=kept.depth,
        ceiling=kept.ceiling[part],
        truth=kept.truth[part],
    )


def _renumbered(target: Target, numbers: dict[int, int]) -> Target:
    return Target(
        unknowns=tuple(numbers[unknown] for unknown in target.unknowns),
        factors=target.factors,
        width=target.width,
    )


def _found_out(
    system: LinearSystem, withheld: Flags, targets: Sequence[Target], effort: Effort
) -> list[int]:
    """Return the places of every target that is found out."""
    thorough = Effort(rounds=effort.rounds, nodes=effort.nodes, breaches=len(targets) + 1)
    return [breach.target for breach in breaches(system, withheld, targets, effort=thorough)]


def _loop(
    system: LinearSystem,
    targets: Sequence[Target],
    problem: _Problem,
    start: Choice,
    cuts: list[Breach],
) -> tuple[Choice, list[Breach]]:
    """Attack, add conditions, choose again, until the attacker finds nothing."""
    cuts = list(cuts)
    withheld, proven, rounds = start.withheld, start.optimal, start.rounds
    fixed = problem.primary if cuts and start.optimal else start.withheld
    for _ in range(problem.effort.rounds):
        rounds += 1
        found = breaches(system, withheld, targets, effort=problem.effort)
        if not found:
            return _finished(withheld, problem, optimal=proven, rounds=rounds), cuts
        cuts += found
        chosen, proven = _cheapest(cuts, problem, fixed)
        if chosen is None:
            break
        withheld = chosen
    withheld = _widened(system, withheld, targets, problem)
    if not (system.depth > 0).any():
        withheld = _narrowed(system, withheld, fixed, targets, problem)
    return _finished(withheld, problem, optimal=False, rounds=rounds), cuts


def _finished(withheld: Flags, problem: _Problem, *, optimal: bool, rounds: int) -> Choice:
    return Choice(
        withheld=withheld,
        loss=problem.loss(withheld),
        optimal=optimal,
        exposed=(),
        rounds=rounds,
    )


def _cheapest(cuts: Sequence[Breach], problem: _Problem, fixed: Flags) -> tuple[Flags | None, bool]:
    """Choose the cheapest cells that meet every condition; the solver has no random part."""
    least = fixed.astype(np.float64)
    reliefs = np.array([breach.relief for breach in cuts])
    needs = np.array([breach.need for breach in cuts])
    free = np.flatnonzero(reliefs.any(axis=0) & (least == 0))
    needs = needs - reliefs @ least
    result = milp(
        problem.costs[free].astype(np.float64),
        integrality=np.ones(free.size, dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(reliefs[:, free], needs - 1e-9, np.inf),
        options={"node_limit": problem.effort.nodes * 10, "mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None, False
    chosen: Flags = least.astype(np.bool_)
    chosen[free] |= np.rint(result.x).astype(np.bool_)
    return chosen, bool(result.status == 0)


def _widened(
    system: LinearSystem, withheld: Flags, targets: Sequence[Target], problem: _Problem
) -> Flags:
    """Withhold more until nothing is found out; at the end everything of the system."""
    while found := breaches(system, withheld, targets, effort=problem.effort):
        helping = np.array([breach.relief for breach in found]).max(axis=0) > 0
        more: Flags = withheld | helping
        if (more == withheld).all():
            more[system.owner[system.owner != FREE]] = True
            return more
        withheld = more
    return withheld


def _narrowed(
    system: LinearSystem,
    withheld: Flags,
    fixed: Flags,
    targets: Sequence[Target],
    problem: _Problem,
) -> Flags:
    """Show again, dearest first, what is not needed for safety."""
    quick = Effort(rounds=problem.effort.rounds, nodes=problem.effort.nodes, breaches=1)
    chosen = withheld.copy()
    extra = np.flatnonzero(withheld & ~fixed)
    for cell in extra[np.argsort(-problem.costs[extra], kind="stable")]:
        chosen[cell] = False
        if breaches(system, chosen, targets, effort=quick):
            chosen[cell] = True
    return chosen
