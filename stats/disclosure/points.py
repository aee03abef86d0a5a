"""Official points that tell somebody's answer, listed for a signed decision.

Points must be published, so nothing here withholds them: whoever signs is told which points, of
which unit, give an answer away, and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from stats.bands import round_half_up
from stats.disclosure.attack import Effort, breaches
from stats.disclosure.release import AnswerCounts, KnownPoints, beside_insiders
from stats.disclosure.system import FREE, LinearSystem, Target
from stats.errors import DisclosureError

__all__ = ["DecodablePoints", "DecodableReason", "decodable_points", "points_known"]


class DecodableReason(StrEnum):
    """Why points tell an answer."""

    ZERO = "zero"
    MAXIMUM = "maximum"
    UNIQUE = "unique"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodablePoints:
    """Points that tell an answer to whoever holds them and one answer of that group."""

    unit: str
    criterion: str
    reason: DecodableReason
    answers: tuple[tuple[str, str], ...]  # (group, item) whose answers follow


def points_known(
    answers: AnswerCounts,
    unit: str,
    name: str,
    coefficients: Mapping[str, Mapping[str, Fraction]],
    *,
    places: int,
    joins: bool = False,
) -> KnownPoints:
    """Say what official points at ``places`` decimals tell about the counts of a unit.

    Parameters
    ----------
    answers : AnswerCounts
    unit, name : str
    coefficients : mapping of group to item to c_hi
        As ``stats.scores.coefficients`` returns them for the criterion, values being in [0, 1].
    places : int
    joins : bool
        Whether these are a total of other points.

    Examples
    --------
    >>> answers = AnswerCounts(
    ...     units=("A",), unit_groups=("so",), groups=("CC",), items=("q",), values=(0, 1),
    ...     counts=np.array([[[[1, 2]]]]), asked=np.array([[3]]),
    ... )
    >>> known = points_known(answers, "A", "C", {"CC": {"q": Fraction(2)}}, places=2)
    >>> round(known.lower, 3), round(known.upper, 3)
    (1.325, 1.335)
    """
    if unit not in answers.units:
        raise DisclosureError(f"unit {unit!r} has no answers; units are {', '.join(answers.units)}")
    counts = answers.counts[answers.units.index(unit)]
    low, high = min(answers.values), max(answers.values)
    factors = np.zeros(counts.shape)
    exact = Fraction(0)
    for g, group in enumerate(answers.groups):
        for i, item in enumerate(answers.items):
            base = int(counts[g, i].sum())
            share = coefficients.get(group, {}).get(item, Fraction(0))
            if base and share:
                worth = [
                    share * Fraction(value - low, (high - low) * base) for value in answers.values
                ]
                factors[g, i] = [float(each) for each in worth]
                exact += sum(
                    (each * int(n) for each, n in zip(worth, counts[g, i], strict=True)),
                    Fraction(0),
                )
    shown, half = round_half_up(exact, places), Decimal(5).scaleb(-places - 1)
    return KnownPoints(
        unit=unit,
        name=name,
        factors=factors,
        lower=float(shown - half),
        upper=float(shown + half),
        joins=joins,
    )


def decodable_points(
    answers: AnswerCounts, points: Sequence[KnownPoints], *, effort: Effort | None = None
) -> tuple[DecodablePoints, ...]:
    """List official points from which an answer follows.

    Each is tried alone, by somebody who knows how many answered each item and, where more than one
    did, one of the answers. ``ZERO`` and ``MAXIMUM`` are points at an end of what the unit could
    get; ``UNIQUE`` are others that leave some answer a single possible code.

    Parameters
    ----------
    answers : AnswerCounts
    points : sequence of KnownPoints
    effort : Effort, optional
        An attempt that is cut short counts as an answer found.

    Returns
    -------
    tuple of DecodablePoints

    Examples
    --------
    >>> answers = AnswerCounts(
    ...     units=("A",), unit_groups=("so",), groups=("CC",), items=("q",), values=(0, 1),
    ...     counts=np.array([[[[0, 3]]]]), asked=np.array([[3]]),
    ... )
    >>> known = points_known(answers, "A", "C", {"CC": {"q": Fraction(2)}}, places=2)
    >>> found = decodable_points(answers, [known])[0]
    >>> found.unit, found.criterion, str(found.reason), found.answers
    ('A', 'C', 'maximum', (('CC', 'q'),))
    """
    found = []
    for known in points:
        told = _told(answers, known, effort or Effort())
        if told:
            reason = _reason(answers, known)
            found.append(
                DecodablePoints(unit=known.unit, criterion=known.name, reason=reason, answers=told)
            )
    return tuple(found)


def _told(answers: AnswerCounts, known: KnownPoints, effort: Effort) -> tuple[tuple[str, str], ...]:
    """List the (group, item) pairs of which some answer follows from these points."""
    counts = answers.counts[answers.units.index(known.unit)]
    pairs = np.argwhere(known.factors.any(axis=2))
    truth = np.concatenate([counts[g, i] for g, i in pairs]) if pairs.size else np.zeros(0)
    levels = len(answers.values)
    targets: list[Target] = []
    owners: list[int] = []
    for place, (g, i) in enumerate(pairs):
        columns = np.arange(place * levels, (place + 1) * levels)
        new = beside_insiders(columns, counts[g, i])
        targets += new
        owners += [place] * len(new)
    system = _unit_system(truth.astype(np.int64), known, pairs, levels)
    tries = Effort(rounds=1, nodes=effort.nodes, breaches=len(targets) + 1)
    open_ = breaches(system, np.zeros(0, dtype=np.bool_), targets, effort=tries)
    places = sorted({owners[breach.target] for breach in open_})
    return tuple((answers.groups[pairs[p][0]], answers.items[pairs[p][1]]) for p in places)


def _unit_system(
    truth: NDArray[np.int64], known: KnownPoints, pairs: NDArray[np.int64], levels: int
) -> LinearSystem:
    bases = truth.reshape(-1, levels).sum(axis=1)
    rows = np.vstack(
        [
            np.kron(np.eye(len(pairs)), np.ones(levels)),
            known.factors[pairs[:, 0], pairs[:, 1]].ravel(),
        ]
    )
    return LinearSystem(
        rows=csr_array(rows),
        lower=np.append(bases, known.lower).astype(np.float64),
        upper=np.append(bases, known.upper).astype(np.float64),
        owner=np.full(len(rows), FREE),
        depth=np.ones(len(rows), dtype=np.int64),
        ceiling=np.repeat(bases, levels),
        truth=truth,
    )


def _reason(answers: AnswerCounts, known: KnownPoints) -> DecodableReason:
    bases = answers.counts[answers.units.index(known.unit)].sum(axis=2)
    most = float((known.factors.max(axis=2) * bases).sum())
    least = float((known.factors.min(axis=2) * bases).sum())
    if known.upper >= most - 1e-9:
        return DecodableReason.MAXIMUM
    return DecodableReason.ZERO if known.lower <= least + 1e-9 else DecodableReason.UNIQUE
