"""A release as data: every table cell and every official point, in one linear system.

A cell is one number of one table (or a mean with its standard error). The standard error is taken
to tell the exact sum of squares, which is more than a rounded one tells: the attacker is stronger
than a real one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stats.disclosure.limits import DisclosureLimits
from stats.disclosure.system import FREE, LinearSystem, Target
from stats.errors import DisclosureError

__all__ = ["AnswerCounts", "Cell", "CellKind", "KnownPoints", "Release", "describe_release"]

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnswerCounts:
    """Answers by unit, respondent group, item and level.

    ``counts`` has shape (units, groups, items, levels); ``asked``, of shape (units, groups), is how
    many answered at all: an upper limit that everybody knows. ``values`` are the levels' whole
    numbers, which means are taken of.
    """

    units: tuple[str, ...]
    unit_groups: tuple[str, ...]  # of each unit
    groups: tuple[str, ...]
    items: tuple[str, ...]
    values: tuple[int, ...]
    counts: Integers
    asked: Integers

    def __post_init__(self) -> None:
        sizes = tuple(map(len, (self.units, self.groups, self.items, self.values)))
        if self.counts.shape != sizes or self.asked.shape != sizes[:2]:
            raise DisclosureError(
                f"counts have shape {self.counts.shape} and asked {self.asked.shape}; units, "
                f"groups, items and levels are {sizes}"
            )
        if len(self.unit_groups) != len(self.units):
            raise DisclosureError(
                f"{len(self.unit_groups)} unit groups are given for {len(self.units)} units"
            )
        if (self.counts < 0).any():
            raise DisclosureError(f"{int((self.counts < 0).sum())} counts are negative")
        over = np.argwhere(self.counts.sum(axis=3) > self.asked[:, :, None])
        if over.size:
            unit, group, item = over[0]
            raise DisclosureError(
                f"item {self.items[item]!r} has more answers than people who answered, in group "
                f"{self.groups[group]!r} of unit {self.units[unit]!r} ({len(over)} such places)"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownPoints:
    """A number of one unit that must be published: lower ≤ Σ factors·counts ≤ upper.

    ``factors`` has shape (groups, items, levels). ``joins`` marks a total of other points.
    """

    unit: str
    name: str
    factors: NDArray[np.float64]
    lower: float
    upper: float
    joins: bool = False


class CellKind(StrEnum):
    """What a cell shows."""

    COUNT = "count"
    BASE = "base"  # answers to the item
    MEAN = "mean"  # with its standard error


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell; ``None`` stands for all unit groups or all respondent groups together."""

    kind: CellKind
    unit_group: str | None
    group: str | None
    item: str
    level: int | None  # place of the level


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Release:
    """A release ready to be protected: cells with cost and primary mark, system and targets."""

    answers: AnswerCounts
    limits: DisclosureLimits
    cells: tuple[Cell, ...]
    values: Integers  # count, base; for a mean the sum of values
    costs: Integers
    primary: Flags
    system: LinearSystem
    targets: tuple[Target, ...]


def describe_release(
    answers: AnswerCounts, limits: DisclosureLimits, points: Sequence[KnownPoints] = ()
) -> Release:
    """Describe all tables of a release and judge every cell by the limits.

    Tables are unit group × respondent group × item × level, with margins over unit groups, over
    respondent groups and over levels, and the mean of each. With ``points``, how many answered an
    item in a unit counts as known there.

    Parameters
    ----------
    answers : AnswerCounts
    limits : DisclosureLimits
    points : sequence of KnownPoints

    Returns
    -------
    Release
        A cell that fails, and a complement or difference that fails, becomes a target.

    Raises
    ------
    DisclosureError
        Points of an unknown unit, or points that the answers contradict.
    """
    _check_points(answers, points)
    draft = _Draft(answers)
    for place in range(len(answers.items)):
        _add_item(draft, place, limits)
    if points:
        _add_units(draft, points)
    return Release(
        answers=answers,
        limits=limits,
        cells=tuple(draft.cells),
        values=np.array(draft.values, dtype=np.int64),
        costs=np.array([_cost(c, v) for c, v in zip(draft.cells, draft.values, strict=True)]),
        primary=np.array(draft.primary, dtype=np.bool_),
        system=draft.system(),
        targets=tuple(draft.targets),
    )


class _Draft:
    """Rows, cells and targets while they are collected."""

    def __init__(self, answers: AnswerCounts) -> None:
        self.answers = answers
        self.number = np.arange(answers.counts.size).reshape(answers.counts.shape)
        self.truth = answers.counts.ravel().astype(np.int64)
        self.cells: list[Cell] = []
        self.values: list[int] = []
        self.primary: list[bool] = []
        self.targets: list[Target] = []
        self.columns: list[Integers] = []
        self.factors: list[NDArray[np.float64]] = []
        self.limits: list[tuple[float, float]] = []
        self.owner: list[int] = []
        self.depth: list[int] = []

    def row(
        self,
        columns: Integers,
        factors: NDArray[np.float64] | None,
        limits: tuple[float, float],
        *,
        owner: int = FREE,
        depth: int = 0,
    ) -> None:
        self.columns.append(columns)
        self.factors.append(np.ones(columns.size) if factors is None else factors)
        self.limits.append(limits)
        self.owner.append(owner)
        self.depth.append(depth)

    def cell(self, cell: Cell, value: int, *, primary: bool) -> int:
        self.cells.append(cell)
        self.values.append(value)
        self.primary.append(primary)
        return len(self.cells) - 1

    def target(self, columns: Integers, factors: Integers, width: int) -> None:
        used = factors != 0
        self.targets.append(
            Target(
                unknowns=tuple(columns[used].tolist()),
                factors=tuple(factors[used].tolist()),
                width=width,
            )
        )

    def system(self) -> LinearSystem:
        sizes = [columns.size for columns in self.columns]
        rows = csr_array(
            (
                np.concatenate(self.factors),
                (np.repeat(np.arange(len(sizes)), sizes), np.concatenate(self.columns)),
            ),
            shape=(len(sizes), self.truth.size),
        )
        rows.eliminate_zeros()
        shape = self.answers.counts.shape
        ceiling = np.broadcast_to(self.answers.asked[:, :, None, None], shape).ravel()
        lower, upper = np.array(self.limits, dtype=np.float64).T
        return LinearSystem(
            rows=rows,
            lower=lower,
            upper=upper,
            owner=np.array(self.owner, dtype=np.int64),
            depth=np.array(self.depth, dtype=np.int64),
            ceiling=ceiling.astype(np.int64),
            truth=self.truth,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Domain:
    unit_group: str | None
    group: str | None
    units: Integers
    groups: Integers


def _domains(answers: AnswerCounts) -> list[_Domain]:
    """Cross unit groups and all with respondent groups and all; one of a kind has no margin."""
    kinds = list(dict.fromkeys(answers.unit_groups))
    unit_sets = [(k, np.flatnonzero(np.array(answers.unit_groups) == k)) for k in kinds]
    group_sets = [(g, np.array([place])) for place, g in enumerate(answers.groups)]
    all_units = [(None, np.arange(len(answers.units)))] if len(kinds) > 1 else []
    all_groups = [(None, np.arange(len(answers.groups)))] if len(answers.groups) > 1 else []
    return [
        _Domain(unit_group=kind, group=group, units=units, groups=groups)
        for (kind, units), (group, groups) in product(
            [*unit_sets, *all_units], [*group_sets, *all_groups]
        )
        if answers.asked[np.ix_(units, groups)].sum()
    ]


def _add_item(draft: _Draft, item: int, limits: DisclosureLimits) -> None:
    answers = draft.answers
    levels = len(answers.values)
    boxes: list[tuple[Integers, Integers]] = []  # columns and answers by unit of each count
    for domain in _domains(answers):
        base = answers.counts[np.ix_(domain.units, domain.groups, np.array([item]))]
        total = int(base.sum())
        by_unit = np.zeros(len(answers.units), dtype=np.int64)
        by_unit[domain.units] = base.sum(axis=(1, 2, 3))
        small = not limits.allows(by_unit)
        for level in [*range(levels), None]:
            chosen = np.arange(levels) if level is None else np.array([level])
            columns = draft.number[
                np.ix_(domain.units, domain.groups, np.array([item]), chosen)
            ].ravel()
            by_unit = np.zeros(len(answers.units), dtype=np.int64)
            by_unit[domain.units] = base[:, :, :, chosen].sum(axis=(1, 2, 3))
            primary = small or (level is not None and _closed(by_unit, total, limits))
            _add_count(
                draft,
                _cell(domain, answers.items[item], level),
                columns,
                primary=primary,
                limits=limits,
            )
            boxes.append((columns, by_unit))
        _add_mean(draft, domain, item, primary=small, limits=limits)
    if limits.differences:
        _add_differences(draft, boxes, limits)
    _add_quotas(draft, item, limits)


def _closed(by_unit: Integers, total: int, limits: DisclosureLimits) -> bool:
    return not limits.allows(by_unit) or limits.shows_an_end(int(by_unit.sum()), total)


def _cell(domain: _Domain, item: str, level: int | None) -> Cell:
    return Cell(
        kind=CellKind.BASE if level is None else CellKind.COUNT,
        unit_group=domain.unit_group,
        group=domain.group,
        item=item,
        level=level,
    )


def _add_count(
    draft: _Draft, cell: Cell, columns: Integers, *, primary: bool, limits: DisclosureLimits
) -> None:
    value = int(draft.truth[columns].sum())
    owner = draft.cell(cell, value, primary=primary)
    draft.row(columns, None, limits.shown_interval(value), owner=owner)
    if primary:
        draft.target(columns, np.ones(columns.size, dtype=np.int64), limits.protection)


def _add_mean(
    draft: _Draft, domain: _Domain, item: int, *, primary: bool, limits: DisclosureLimits
) -> None:
    """Add a mean, which tells Σ v·x, and its standard error, which tells Σ v²·x.

    It counts as telling its base as well: 0.71 of few answers is 5 of 7 and nothing else.
    """
    answers = draft.answers
    number = draft.number[np.ix_(domain.units, domain.groups, np.array([item]))]
    columns = number.ravel()
    values = np.broadcast_to(np.array(answers.values), number.shape).ravel()
    cell = Cell(
        kind=CellKind.MEAN,
        unit_group=domain.unit_group,
        group=domain.group,
        item=answers.items[item],
        level=None,
    )
    owner = draft.cell(cell, int(values @ draft.truth[columns]), primary=primary)
    for power in (0, 1, 2):
        factors = values**power
        total = float(factors @ draft.truth[columns])
        draft.row(columns, factors.astype(np.float64), (total, total), owner=owner)
    if primary and values.any():
        draft.target(columns, values, limits.protection)


def _add_differences(
    draft: _Draft, boxes: Sequence[tuple[Integers, Integers]], limits: DisclosureLimits
) -> None:
    """Judge what is left of one count without another inside it: subtraction shows it."""
    sets = [frozenset(columns.tolist()) for columns, _ in boxes]
    judged = set(sets)
    for outer, inner in product(range(len(boxes)), repeat=2):
        if sets[inner] < sets[outer]:
            rest = sets[outer] - sets[inner]
            if rest not in judged and not limits.allows(boxes[outer][1] - boxes[inner][1]):
                columns = np.array(sorted(rest))
                draft.target(columns, np.ones(columns.size, dtype=np.int64), limits.protection)
            judged.add(rest)


def _add_quotas(draft: _Draft, item: int, limits: DisclosureLimits) -> None:
    """Everybody knows how many answered at most, and every insider his own answer."""
    answers = draft.answers
    for kind, group in product(dict.fromkeys(answers.unit_groups), range(len(answers.groups))):
        units = np.flatnonzero(np.array(answers.unit_groups) == kind)
        number = draft.number[np.ix_(units, np.array([group]), np.array([item]))].reshape(
            len(units), -1
        )
        draft.row(number.ravel(), None, (-np.inf, float(answers.asked[units, group].sum())))
        for columns in number.T:
            known = min(limits.insiders, int(draft.truth[columns].sum()))
            if known:
                draft.row(columns, None, (float(known), np.inf))


def _add_units(draft: _Draft, points: Sequence[KnownPoints]) -> None:
    answers = draft.answers
    for unit in sorted({answers.units.index(each.unit) for each in points}):
        for group, item in product(range(len(answers.groups)), range(len(answers.items))):
            columns = draft.number[unit, group, item]
            total = float(draft.truth[columns].sum())
            draft.row(columns, None, (total, total), depth=1)
            draft.targets += beside_insiders(columns, draft.truth[columns])
    for each in points:
        used = each.factors.ravel() != 0
        columns = draft.number[answers.units.index(each.unit)].ravel()[used]
        depth = 2 if each.joins else 1
        draft.row(columns, each.factors.ravel()[used], (each.lower, each.upper), depth=depth)


def beside_insiders(columns: Integers, counts: Integers) -> list[Target]:
    """List what must stay open in one group of a unit, for somebody who knows one answer.

    Where at most one person stands apart, the others' answer must be able to change while that
    person's stays.
    """
    total = int(counts.sum())
    found = []
    for level in np.flatnonzero((counts > 0) & (counts >= total - 1)):
        apart = [(int(columns[other]), 1) for other in np.flatnonzero(counts) if other != level]
        own = [(int(columns[level]), 1)] if total > 1 and not apart else []
        found.append(
            Target(
                unknowns=(int(columns[level]),),
                factors=(1,),
                width=1,
                floors=(*apart, *own),
                detailed=True,
            )
        )
    return found


def _cost(cell: Cell, value: int) -> int:
    """Information lost: larger counts tell more, and a mean tells more than one level."""
    match cell.kind:
        case CellKind.COUNT:
            return 1 + value.bit_length()
        case CellKind.BASE:
            return 4 + value.bit_length()
        case CellKind.MEAN:
            return 12


def _check_points(answers: AnswerCounts, points: Sequence[KnownPoints]) -> None:
    for each in points:
        if each.unit not in answers.units:
            raise DisclosureError(
                f"points {each.name!r} are of unit {each.unit!r}, which has no answers here; "
                f"units are {', '.join(answers.units)}"
            )
        value = float((each.factors * answers.counts[answers.units.index(each.unit)]).sum())
        if not each.lower - 1e-9 <= value <= each.upper + 1e-9:
            raise DisclosureError(
                f"points {each.name!r} of unit {each.unit!r} lie between {each.lower} and "
                f"{each.upper}, the answers give {value}; use the same answers for both"
            )
