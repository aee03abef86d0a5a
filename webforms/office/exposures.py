"""The points that give answers away, as the list that is signed before publication.

Pure: the index has flagged them; here they only get the words of the page.
"""

from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from stats.disclosure import ExposureKind
from survey.rules.index_document import IndexDocument, UnitResult

__all__ = ["ExposedPoints", "exposed_points"]

_PREFIX = "exposed_"
_TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedPoints:
    """One line of the list."""

    unit: str
    criterion: str
    points: Decimal | None
    reason: str


def exposed_points(document: IndexDocument, language: str) -> list[ExposedPoints]:
    """List the flagged points of all units, in the order of the index.

    Parameters
    ----------
    document : IndexDocument
    language : of the reader

    Returns
    -------
    list of ExposedPoints
        Empty where no official point is at nothing or at its maximum.
    """
    names = {entry.code: entry.name.in_language(language) for entry in document.criteria}
    reasons = {
        ExposureKind.ZERO: _("nobody gave a point"),
        ExposureKind.MAXIMUM: _("everybody gave full points"),
    }
    return [
        ExposedPoints(
            unit=unit.name,
            criterion=_("total") if code == _TOTAL else f"{code} {names[code]}",
            points=_points(unit, code),
            reason=reasons[ExposureKind(kind)],
        )
        for group in document.unit_groups
        for unit in group.units
        for kind, code in _flags(unit)
    ]


def _flags(unit: UnitResult) -> list[tuple[str, str]]:
    flags = [flag.removeprefix(_PREFIX) for flag in unit.flags if flag.startswith(_PREFIX)]
    return [(kind, code) for kind, _colon, code in (flag.partition(":") for flag in flags)]


def _points(unit: UnitResult, code: str) -> Decimal | None:
    if code == _TOTAL:
        return unit.total.rounded if unit.total else None
    points = next(entry.points for entry in unit.criteria if entry.code == code)
    return points.rounded if points else None
