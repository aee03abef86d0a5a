"""The optimiser of cross-rating: even burdens by integer programming, even pairs by interchange.

Loads and exclusions are a flow problem that `scipy.optimize.milp` solves exactly; its costs are
random whole numbers from the seed's stream, so that one solution is the best and every solver
finds it. How often two units meet is quadratic and is evened out afterwards by exchanging units
between raters, which changes no load.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import coo_array

from sampling.designs import balanced_design, concurrence
from sampling.errors import AssignmentError
from sampling.streams import below, permutation, uniform_integers

__all__ = ["Task", "assign_kind", "connect", "parts"]

Marks = NDArray[np.bool_]  # raters × units
_FINE = 2**20  # random costs are whole multiples of 1/_FINE, below 1
_UNEVEN = 10_000.0  # the cost of one unit too many or too few for a rater
_CLASH = 2**40  # the cost of a rater and a block that exclude each other
_RELABELLINGS = 20
_MOST_TRIES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """One kind of raters: who may rate whom, raters per unit, and the most units per rater."""

    kind: str
    eligible: Marks
    per_unit: int
    most_units: int

    @property
    def loads(self) -> tuple[int, int]:
        """Units per rater when burdens are even, rounded down and up."""
        raters, units = self.eligible.shape
        total = units * self.per_unit
        return total // raters, -(-total // raters)


def assign_kind(
    task: Task, rng: np.random.Generator, *, together: NDArray[np.int64], names: Sequence[str]
) -> tuple[Marks, str]:
    """Assign the raters of one kind: a balanced design where one fits, else the optimiser.

    Parameters
    ----------
    task : Task
    rng : numpy.random.Generator
        On a bit generator with 64-bit words.
    together : array of int64, shape (units, units)
        How often raters of earlier kinds put two units together.
    names : sequence of str
        Codes of the units, for messages.

    Returns
    -------
    array of bool, shape (raters, units), and str
        Who rates whom, and the method.

    Raises
    ------
    AssignmentError
        The exclusions leave a unit short of raters.
    """
    marks, name = _balanced(task, rng)
    if marks is not None:
        return marks, name
    marks = _flow(task, rng, names)
    return _evened(marks, task, rng, together), "integer programme and interchange"


def connect(blocks: Sequence[tuple[Marks, Marks]]) -> list[Marks]:
    """Exchange units between raters until every two units are linked through raters.

    Parameters
    ----------
    blocks : sequence of (marks, eligible)
        One for each kind.

    Returns
    -------
    list of array of bool
        The marks of each kind, with every load as before.

    Raises
    ------
    AssignmentError
        No exchange links the parts.
    """
    done = [marks.copy() for marks, _ in blocks]
    labels = parts(done)
    links = sum(int(np.maximum(marks.sum(axis=1) - 1, 0).sum()) for marks in done)
    if links < labels.size - 1:
        raise AssignmentError(
            f"{labels.size} units need {labels.size - 1} links, the raters make {links} (a rater "
            f"of k units makes k - 1); name at most {_ratings(done) - labels.size + 1} raters, so "
            "that each rates more units, or ask for more raters per unit"
        )
    while labels.max() > 0:
        for marks, (_, eligible) in zip(done, blocks, strict=True):
            if _link(marks, eligible, done, labels):
                break
        else:
            raise AssignmentError(
                f"the units fall into {int(labels.max()) + 1} parts that no rater links, and no "
                "exchange links them; let raters rate more units, or drop conflicts"
            )
        labels = parts(done)
    return done


def parts(blocks: Sequence[Marks]) -> NDArray[np.int64]:
    """Label the parts of units that raters link, from 0.

    Parameters
    ----------
    blocks : sequence of array of bool, shape (raters, units)

    Returns
    -------
    array of int64, shape (units,)
    """
    marks = np.concatenate(list(blocks))
    linked = (marks.T.astype(np.int64) @ marks.astype(np.int64)) > 0
    labels = np.full(marks.shape[1], -1, dtype=np.int64)
    for unit in range(labels.size):
        if labels[unit] >= 0:
            continue
        reached = np.zeros(labels.size, bool)
        front = np.arange(labels.size) == unit
        while front.any():
            reached |= front
            front = linked[front].any(axis=0) & ~reached
        labels[reached] = labels.max() + 1
    return labels


def _ratings(blocks: Sequence[Marks]) -> int:
    """Count all marks."""
    return sum(int(marks.sum()) for marks in blocks)


def _balanced(task: Task, rng: np.random.Generator) -> tuple[Marks | None, str]:
    """Fit a balanced design to the exclusions by relabelling units and matching blocks."""
    raters, units = task.eligible.shape
    load, most = task.loads
    if load != most or load < 2 or load > task.most_units:
        return None, ""
    design = balanced_design(units, load, raters)
    if design is None:
        return None, ""
    plain = np.zeros((raters, units), bool)
    for row, block in enumerate(design.blocks):
        plain[row, list(block)] = True
    for _ in range(_RELABELLINGS):
        blocks = plain[:, permutation(units, rng)]
        clashes = (~task.eligible).astype(np.int64) @ blocks.T.astype(np.int64)
        chance = uniform_integers(raters * raters, rng).reshape(raters, raters) % _FINE
        rows, columns = linear_sum_assignment(chance + _CLASH * (clashes > 0))
        if not clashes[rows, columns].any():
            return blocks[columns], f"balanced design, {design.construction}"
    return None, ""


def _flow(task: Task, rng: np.random.Generator, names: Sequence[str]) -> Marks:
    """Give every unit its raters with the evenest burdens, at random costs."""
    chance = uniform_integers(int(task.eligible.sum()), rng) % _FINE / _FINE
    solution = _solved(task, chance, short=False)
    if solution is None:
        missing = _solved(task, 0 * chance, short=True)
        raise _shortage(task, np.zeros(0, np.int64) if missing is None else missing, names)
    marks = np.zeros(task.eligible.shape, bool)
    marks[task.eligible] = solution[: chance.size] > 0
    return marks


def _solved(task: Task, chance: NDArray[np.float64], *, short: bool) -> NDArray[np.int64] | None:
    """Solve the flow; with ``short`` the least missing raters per unit instead.

    Unknowns: a mark per eligible pair, units too many and too few per rater, raters missing per
    unit. Rows: raters per unit; units per rater at most, at least, and never above the burden.
    """
    raters, units = task.eligible.shape
    rows, columns = np.nonzero(task.eligible)
    low, high = task.loads
    marks, each, one = np.arange(rows.size), np.arange(raters), np.arange(units)
    many, few, gone = rows.size + each, rows.size + raters + each, rows.size + 2 * raters + one
    entries = [  # (row, unknown, sign)
        (columns, marks, 1.0),
        (one, gone, 1.0),
        (units + rows, marks, 1.0),
        (units + each, many, -1.0),
        (units + raters + rows, marks, 1.0),
        (units + raters + each, few, 1.0),
        (units + 2 * raters + rows, marks, 1.0),
    ]
    places = tuple(np.concatenate([entry[part] for entry in entries]) for part in (0, 1))
    signs = np.concatenate([np.full(entry[0].size, entry[2]) for entry in entries])
    size = rows.size + 2 * raters + units
    table = coo_array((signs, places), shape=(units + 3 * raters, size)).tocsr()
    counts = (units, raters, raters, raters)
    least = np.repeat([task.per_unit, -np.inf, low, 0], counts)
    most = np.repeat([task.per_unit, high, np.inf, task.most_units], counts)
    room = np.repeat([1.0, np.inf, np.inf if short else 0.0], (rows.size, 2 * raters, units))
    result = milp(
        np.concatenate([chance, np.repeat([0.0 if short else _UNEVEN, 1.0], (2 * raters, units))]),
        integrality=np.ones(size, dtype=np.int64),
        bounds=Box(0, room),
        constraints=LinearConstraint(table, least, most),
        options={"mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None
    solution = np.round(np.asarray(result.x, dtype=np.float64)).astype(np.int64)
    return solution[gone] if short else solution


def _shortage(task: Task, missing: NDArray[np.int64], names: Sequence[str]) -> AssignmentError:
    """Name the units that cannot be given their raters."""
    rows = np.flatnonzero(missing)
    shown = ", ".join(f"{names[row]} ({missing[row]})" for row in rows[:5])
    return AssignmentError(
        f"conflicts leave {rows.size} of {missing.size} units short of raters of the kind "
        f"{task.kind}: {shown}; {int(missing.sum())} of {task.per_unit * missing.size} ratings "
        f"are missing; drop conflicts, ask more raters, or let them rate more than "
        f"{task.most_units} units"
    )


def _evened(
    marks: Marks, task: Task, rng: np.random.Generator, together: NDArray[np.int64]
) -> Marks:
    """Exchange units between raters while that evens out how often two units meet."""
    marks = marks.copy()
    meet = together + concurrence([np.flatnonzero(row).tolist() for row in marks], marks.shape[1])
    np.fill_diagonal(meet, 0)
    places = np.argwhere(marks)
    for _ in range(min(_MOST_TRIES, 40 * len(places))):
        first, second = below(len(places), rng), below(len(places), rng)
        (one, here), (other, there) = places[first], places[second]
        if not _may_swap(marks, task.eligible, (one, here), (other, there)):
            continue
        gain = _gain(meet, marks[one], here, there) + _gain(meet, marks[other], there, here)
        shared = marks[one] & marks[other]  # meets both before and after: counted twice, no change
        gain -= int(4 * shared.sum())
        if gain < 0:
            for rater, out, into in ((one, here, there), (other, there, here)):
                _replace(meet, marks, rater, (out, into))
            places[first], places[second] = (one, there), (other, here)
    return marks


def _may_swap(
    marks: Marks, eligible: Marks, first: tuple[int, int], second: tuple[int, int]
) -> bool:
    """Tell whether two raters can exchange two units."""
    (one, here), (other, there) = first, second
    free = one != other and not marks[one, there] and not marks[other, here]
    return bool(free and eligible[one, there] and eligible[other, here])


def _gain(meet: NDArray[np.int64], row: Marks, out: int, into: int) -> int:
    """Compute how the sum of squared meetings changes when a rater's unit is replaced."""
    others = row.copy()
    others[out] = False
    return int(2 * (meet[into, others].sum() - meet[out, others].sum()) + 2 * others.sum())


def _replace(meet: NDArray[np.int64], marks: Marks, rater: int, change: tuple[int, int]) -> None:
    """Replace a rater's unit and keep the meetings up to date."""
    out, into = change
    marks[rater, out] = False
    others = np.flatnonzero(marks[rater])
    for unit, step in ((out, -1), (into, 1)):
        meet[unit, others] += step
        meet[others, unit] += step
    marks[rater, into] = True


def _link(marks: Marks, eligible: Marks, done: Sequence[Marks], labels: NDArray[np.int64]) -> bool:
    """Make the first exchange that joins two parts.

    A mark that its part can spare is exchanged with any mark of another part: the first part stays
    whole and takes in what the other mark held together.
    """
    places = np.argwhere(marks)
    for one, here in places.tolist():
        if not _spare(marks, (one, here), done, labels):
            continue
        for other, there in places[labels[places[:, 1]] != labels[here]]:
            if _may_swap(marks, eligible, (one, here), (other, there)):
                marks[[one, other], [here, there]] = False
                marks[[one, other], [there, here]] = True
                return True
    return False


def _spare(
    marks: Marks, place: tuple[int, int], done: Sequence[Marks], labels: NDArray[np.int64]
) -> bool:
    """Tell whether a part stays whole without one of its marks."""
    if marks[place[0]].sum() < 2:
        return False
    marks[place] = False
    whole = bool(parts(done).max() == labels.max())
    marks[place] = True
    return whole
