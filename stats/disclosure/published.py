"""The tables as they go out: numbers, and one mark for everything withheld.

The mark does not say whether a cell is small itself or protects another: saying so would tell an
attacker that the count is below the minimum.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stats.bands import round_half_up
from stats.disclosure.attack import Effort
from stats.disclosure.limits import DisclosureLimits
from stats.disclosure.release import (
    AnswerCounts,
    KnownPoints,
    Release,
    describe_release,
)
from stats.disclosure.suppression import Choice, choose_cells

__all__ = ["ProtectedRelease", "ProtectedRow", "Withheld", "protect"]


class Withheld(StrEnum):
    """What stands in place of a number that is not shown."""

    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedRow:
    """One item in one domain; ``None`` stands for all unit groups, or all respondent groups."""

    unit_group: str | None
    group: str | None
    item: str
    answers: int | Withheld
    counts: tuple[int | Withheld, ...]
    shares: tuple[Decimal | Withheld, ...]  # per cent
    mean: Decimal | Withheld
    standard_error: Decimal | Withheld


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProtectedRelease:
    """Tables that may go out, and what had to be done for that.

    ``optimal`` is false where the effort ended before the least loss was proven; the release is
    safe either way. ``exposed`` names what the official points tell whatever the tables withhold.
    """

    rows: tuple[ProtectedRow, ...]
    withheld: NDArray[np.bool_]
    primary: int
    secondary: int
    loss: int
    optimal: bool
    exposed: tuple[str, ...]


def protect(
    answers: AnswerCounts,
    limits: DisclosureLimits,
    points: Sequence[KnownPoints] = (),
    *,
    effort: Effort | None = None,
) -> ProtectedRelease:
    """Withhold what the limits and the attacker require, over all tables jointly.

    Parameters
    ----------
    answers : AnswerCounts
    limits : DisclosureLimits
    points : sequence of KnownPoints
        Official numbers of units that go out as well.
    effort : Effort, optional

    Returns
    -------
    ProtectedRelease
        The standard error is s/√n of the plain mean; it is withheld with its mean.

    Examples
    --------
    >>> counts = np.array([[[[3, 4]]], [[[4, 4]]], [[[5, 3]]]])
    >>> answers = AnswerCounts(
    ...     units=("A", "B", "C"), unit_groups=("so",) * 3, groups=("CC",), items=("q",),
    ...     values=(0, 1), counts=counts, asked=np.array([[8], [8], [8]]),
    ... )
    >>> row = protect(answers, DisclosureLimits()).rows[0]
    >>> row.answers, row.counts, row.shares
    (23, (12, 11), (Decimal('52.2'), Decimal('47.8')))
    >>> row.mean, row.standard_error
    (Decimal('0.48'), Decimal('0.11'))
    """
    release = describe_release(answers, limits, points)
    choice = choose_cells(
        release.system,
        release.targets,
        costs=release.costs,
        primary=release.primary,
        effort=effort or Effort(),
    )
    return ProtectedRelease(
        rows=tuple(_rows(release, choice)),
        withheld=choice.withheld,
        primary=int(release.primary.sum()),
        secondary=int((choice.withheld & ~release.primary).sum()),
        loss=choice.loss,
        optimal=choice.optimal,
        exposed=_exposed_names(release, choice),
    )


def _rows(release: Release, choice: Choice) -> list[ProtectedRow]:
    """Put the cells of one item in one domain together: its levels, its base, its mean."""
    levels = len(release.answers.values)
    rows = []
    for start in range(0, len(release.cells), levels + 2):
        places = range(start, start + levels + 2)
        rows.append(_row(release, choice, places))
    return rows


def _row(release: Release, choice: Choice, places: range) -> ProtectedRow:
    counted, base, mean = places[:-2], places[-2], places[-1]
    cell = release.cells[base]
    shown = [not choice.withheld[place] for place in places]
    values = [int(release.values[place]) for place in places]
    total = release.limits.rounded(values[-2])
    counts = [release.limits.rounded(value) for value in values[:-2]]
    error = _standard_error(release, counted) if shown[-1] else None
    return ProtectedRow(
        unit_group=cell.unit_group,
        group=cell.group,
        item=cell.item,
        answers=total if shown[-2] else Withheld.SUPPRESSED,
        counts=tuple(
            count if visible else Withheld.SUPPRESSED
            for count, visible in zip(counts, shown, strict=False)
        ),
        shares=tuple(
            round_half_up(Fraction(100 * count, total), release.limits.share_places)
            if visible and shown[-2] and total
            else Withheld.SUPPRESSED
            for count, visible in zip(counts, shown, strict=False)
        ),
        mean=round_half_up(Fraction(int(release.values[mean]), values[-2]), 2)
        if shown[-1]
        else Withheld.SUPPRESSED,
        standard_error=Withheld.SUPPRESSED if error is None else error,
    )


def _standard_error(release: Release, places: range) -> Decimal | None:
    """s/√n of the values in one domain; none from a single answer."""
    counts = release.values[places[0] : places[-1] + 1]
    values = np.array(release.answers.values, dtype=np.int64)
    n, first, second = (int((counts * values**power).sum()) for power in range(3))
    if n < 2:
        return None
    variance = Fraction(second * n - first * first, n * (n - 1))
    return round_half_up(Decimal(math.sqrt(variance / n)), 2)


def _exposed_names(release: Release, choice: Choice) -> tuple[str, ...]:
    shape = release.answers.counts.shape
    names = []
    for place in choice.exposed:
        unknown = release.targets[place].unknowns[0]
        unit, group, item, _ = (int(part) for part in np.unravel_index(unknown, shape))
        answers = release.answers
        who = (
            f"unit {answers.units[unit]}"
            if release.targets[place].detailed
            else f"unit group {answers.unit_groups[unit]}"
        )
        names.append(f"{who}, group {answers.groups[group]}, item {answers.items[item]}")
    return tuple(dict.fromkeys(names))
