"""What an index would be without flagged forms, for two audiences that must not meet.

An index with and without one flagged form reveals that form's score, so a unit's own change is
marked for the statistician; others get figures over units. Nothing is left out of any result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from stats.disclosure import ReleaseClass
from stats.errors import DisclosureError, ScoreError

__all__ = [
    "FlaggedForms",
    "SensitivitySummary",
    "UnitSensitivity",
    "sensitivity_by_unit",
    "sensitivity_over_units",
]

Form = TypeVar("Form")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedForms:
    """Which forms of a unit, by position, bear a sign."""

    unit: str
    positions: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSensitivity:
    """A unit's index as it is and without its flagged forms; never leaves ``release``."""

    unit: str
    forms: int
    flagged: int
    as_is: Fraction | None
    without: Fraction | None
    release: ReleaseClass = ReleaseClass.STATISTICIAN

    @property
    def change(self) -> Fraction | None:
        """Without minus as it is; ``None`` where either is withheld."""
        if self.as_is is None or self.without is None:
            return None
        return self.without - self.as_is


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivitySummary:
    """The changes over all units; no figure belongs to one of them.

    ``mean_change`` and ``mean_size`` (of absolute changes) are over ``units`` with an index both
    ways, ``withheld`` are the others. ``moved`` counts changes of at least ``tolerance``.
    """

    units: int
    withheld: int
    forms: int
    flagged: int
    mean_change: Fraction
    mean_size: Fraction
    tolerance: Fraction
    moved: int | None
    release: ReleaseClass = ReleaseClass.COUNCIL


def sensitivity_by_unit(
    forms: Mapping[str, Sequence[Form]],
    flagged: Sequence[FlaggedForms],
    score: Callable[[str, Sequence[Form]], Fraction | None],
) -> tuple[UnitSensitivity, ...]:
    """Score every unit with all forms and without the flagged ones; for the statistician only.

    Parameters
    ----------
    forms : mapping of unit to its forms
    flagged : sequence of FlaggedForms
        Units without flags need not be named.
    score : function of a unit and forms
        The round's own rule; ``None`` where it withholds a score.

    Raises
    ------
    ScoreError
        On a flag for an unknown unit or form, or two entries for one unit.

    Examples
    --------
    >>> def best(unit, codes):
    ...     return Fraction(sum(code >= 4 for code in codes), len(codes)) if codes else None
    >>> flags = [FlaggedForms(unit="A", positions=frozenset({2}))]
    >>> (row,) = sensitivity_by_unit({"A": [5, 2, 5]}, flags, best)
    >>> row.change, row.release.value
    (Fraction(-1, 6), 'statistician')
    """
    positions = _positions(forms, flagged)
    rows = []
    for unit, found in forms.items():
        left = [form for place, form in enumerate(found) if place not in positions[unit]]
        as_is = score(unit, found)
        rows.append(
            UnitSensitivity(
                unit=unit,
                forms=len(found),
                flagged=len(positions[unit]),
                as_is=as_is,
                without=score(unit, left) if positions[unit] else as_is,
            )
        )
    return tuple(rows)


def sensitivity_over_units(
    rows: Sequence[UnitSensitivity], *, tolerance: Fraction, minimum: int
) -> SensitivitySummary:
    """Aggregate changes over units, for those who may not see any unit's own.

    Parameters
    ----------
    rows : sequence of UnitSensitivity
    tolerance : Fraction
        In units of the index: a change of this size matters.
    minimum : int
        Smallest number of units *with flagged forms* that may be put together: fewer would give
        one unit's change away. Counts of moved units below it are ``None``.

    Raises
    ------
    DisclosureError
        When fewer units have flagged forms and an index both ways.
    ScoreError
        On a minimum below 2 or a negative tolerance.

    Examples
    --------
    >>> rows = [UnitSensitivity(unit=u, forms=9, flagged=1, as_is=Fraction(8, 10),
    ...         without=Fraction(7, 10)) for u in "ABCDE"]
    >>> summary = sensitivity_over_units(rows, tolerance=Fraction(1, 100), minimum=3)
    >>> summary.mean_change, summary.moved
    (Fraction(-1, 10), 5)
    """
    if minimum < 2 or tolerance < 0:
        raise ScoreError(f"need minimum >= 2 and tolerance >= 0; got {minimum} and {tolerance}")
    known = [(row, row.change) for row in rows if row.change is not None]
    touched = sum(row.flagged > 0 for row, _ in known)
    if touched < minimum:
        raise DisclosureError(
            f"{touched} units have flagged forms and an index both ways; an average over fewer "
            f"than {minimum} would give one unit's answers away, so none is made"
        )
    changes = [change for _, change in known]
    moved = sum(abs(change) >= tolerance and change != 0 for change in changes)
    told = min(moved, len(known) - moved) >= minimum or moved in (0, len(known))
    return SensitivitySummary(
        units=len(known),
        withheld=len(rows) - len(known),
        forms=sum(row.forms for row, _ in known),
        flagged=sum(row.flagged for row, _ in known),
        mean_change=sum(changes, Fraction(0)) / len(changes),
        mean_size=sum(map(abs, changes), Fraction(0)) / len(changes),
        tolerance=tolerance,
        moved=moved if told else None,
    )


def _positions(
    forms: Mapping[str, Sequence[Form]], flagged: Sequence[FlaggedForms]
) -> dict[str, frozenset[int]]:
    positions: dict[str, frozenset[int]] = {unit: frozenset() for unit in forms}
    named = [entry.unit for entry in flagged]
    for entry in flagged:
        known = range(len(forms.get(entry.unit, ())))
        strange = sorted(place for place in entry.positions if place not in known)
        if entry.unit not in forms or named.count(entry.unit) > 1 or strange:
            raise ScoreError(
                f"flags of unit {entry.unit!r} do not fit: {len(known)} forms, positions without a "
                f"form {strange[:5]}, entries for it {named.count(entry.unit)}; give one per unit"
            )
        positions[entry.unit] = entry.positions
    return positions
