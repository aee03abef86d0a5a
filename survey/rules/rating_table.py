"""Who rates whom, laid out for people: by rater, by unit, and how good the whole is.

Names come from the office's own lists and go no further than its workbook; the file that an
auditor redoes holds codes only.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sampling.assignments import (
    Assignments,
    RatingOutlook,
    RatingRequest,
    expected_precision,
)
from sampling.rating_optimiser import parts
from survey.rules.rating_document import NamedRater, RatedUnit, RatingDocument, Spread

__all__ = ["KindRow", "RaterRow", "RatingTable", "UnitRow", "rating_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """A kind of raters: what was asked, how it was met, and how even the burden is."""

    code: str
    label: str
    per_unit: int
    most_units: int
    method: str
    raters: int
    burdens: Mapping[int, int]
    """Raters by the number of units that they rate; 0 for raters who are not needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterRow:
    """A rater and the codes of the units to rate; none where the rater is not needed."""

    code: str
    name: str
    kind: str
    unit: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit, its raters by kind, and the precision that it may expect."""

    code: str
    name: str
    raters: Mapping[str, tuple[str, ...]]
    outlook: RatingOutlook


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingTable:
    """The whole assignment."""

    title: str
    fictional: bool
    seed: int
    version: int
    digest: str
    request_digest: str
    kinds: tuple[KindRow, ...]
    raters: tuple[RaterRow, ...]
    units: tuple[UnitRow, ...]
    spread: Spread
    parts: int
    """Groups of units that raters link; 1 when every two units can be compared."""

    shared: tuple[int, int]
    """The least and the most raters that two units share."""


def rating_table(
    document: RatingDocument,
    assignments: Assignments,
    *,
    request: RatingRequest,
    raters: Sequence[NamedRater],
    units: Sequence[RatedUnit],
) -> RatingTable:
    """Lay an assignment out.

    Parameters
    ----------
    document : RatingDocument
    assignments : Assignments
    request : RatingRequest
        What it was made from.
    raters : sequence of NamedRater
    units : sequence of RatedUnit
        Both in the office's own order.

    Returns
    -------
    RatingTable
    """
    blocks, spread = assignments.blocks(), document.spread
    outlooks = {
        each.unit: each
        for each in expected_precision(
            blocks,
            rater_deviation=spread.rater,
            residual_deviation=spread.residual,
            level=spread.level,
        )
    }
    return RatingTable(
        title=document.title,
        fictional=document.fictional,
        seed=assignments.seed,
        version=assignments.version,
        digest=assignments.digest,
        request_digest=request.digest,
        kinds=tuple(_kinds(document, assignments, raters)),
        raters=tuple(
            RaterRow(
                code=one.code,
                name=one.name,
                kind=one.kind,
                unit=one.unit,
                units=blocks.get(one.code, ()),
            )
            for one in raters
        ),
        units=tuple(_unit(one, document, assignments, outlooks) for one in units),
        spread=spread,
        parts=_parts(assignments),
        shared=_shared(assignments),
    )


def _kinds(
    document: RatingDocument, assignments: Assignments, raters: Sequence[NamedRater]
) -> list[KindRow]:
    """Sum each kind up."""
    burdens, methods = assignments.burdens(), dict(assignments.methods)
    rows = []
    for kind in document.kinds:
        loads = [burdens.get(one.code, 0) for one in raters if one.kind == kind.code]
        rows.append(
            KindRow(
                code=kind.code,
                label=kind.label,
                per_unit=kind.per_unit,
                most_units=kind.most_units,
                method=methods[kind.code],
                raters=len(loads),
                burdens=dict(sorted(Counter(loads).items())),
            )
        )
    return rows


def _unit(
    unit: RatedUnit,
    document: RatingDocument,
    assignments: Assignments,
    outlooks: Mapping[str, RatingOutlook],
) -> UnitRow:
    """Find the raters of a unit."""
    found = [rating for rating in assignments.ratings if rating.unit == unit.code]
    return UnitRow(
        code=unit.code,
        name=unit.name,
        raters={
            kind.code: tuple(one.rater for one in found if one.kind == kind.code)
            for kind in document.kinds
        },
        outlook=outlooks[unit.code],
    )


def _parts(assignments: Assignments) -> int:
    """Count the groups of units that raters link."""
    blocks = assignments.blocks()
    units = sorted({rating.unit for rating in assignments.ratings})
    marks = np.array([[unit in block for unit in units] for block in blocks.values()], dtype=bool)
    return int(parts([marks]).max()) + 1


def _shared(assignments: Assignments) -> tuple[int, int]:
    """Find the least and the most raters that two units share; (0, 0) for a single unit."""
    units, together = assignments.together()
    counts = together[np.triu_indices(len(units), 1)]
    return (int(counts.min()), int(counts.max())) if counts.size else (0, 0)
