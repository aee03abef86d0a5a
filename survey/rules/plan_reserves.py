"""A sample after non-response as values: counts by stratum, reserves to invite, precision.

Counts only: which of the invited people fell out is not known to the office, so reserves come in
their drawn order, whoever they stand in for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from survey.rules.outlook import Asked, outlook

__all__ = ["Precision", "ReplannedStratum", "ReplannedUnit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplannedStratum:
    """One respondent group of a unit, in counts."""

    stratum_id: str
    respondent_group: str
    population: int
    planned: int
    """People the plan asks, without reserves."""

    invited: int
    answered: int
    refused: int
    ineligible: int
    open: int
    """Invited, and not heard of so far."""

    reserves_left: int
    next_positions: tuple[int, ...]
    """Places in the unit's list of the reserves that the rule allows to be invited now."""

    @property
    def releasable(self) -> int:
        """Reserves that the rule allows to be invited now."""
        return len(self.next_positions)

    @property
    def released(self) -> int:
        """Reserves invited so far."""
        return max(0, self.invited - self.planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Expected half-widths of a proportion of one half; None where a group has no answer."""

    planned: float | None
    """If everybody whom the plan asks had answered."""

    now: float | None
    """With the answers that have come in."""

    released: float | None
    """If the releasable reserves answered as well; no change where there are none."""

    @classmethod
    def of(cls, strata: Iterable[ReplannedStratum], *, level: float) -> Self:
        """Compute the half-widths over one or more strata.

        Parameters
        ----------
        strata : iterable of ReplannedStratum
        level : float
            Of confidence.

        Returns
        -------
        Precision
        """
        rows = list(strata)
        return cls(
            planned=_half_width(rows, lambda row: row.planned, level),
            now=_half_width(rows, lambda row: row.answered, level),
            released=_half_width(rows, lambda row: row.answered + row.releasable, level),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplannedUnit:
    """A unit with its strata and what its answers buy."""

    round_unit_id: str
    code: str
    name: str
    unit_group: str
    strata: tuple[ReplannedStratum, ...]
    precision: Precision

    @property
    def releasable(self) -> int:
        """Reserves of all groups that may be invited now."""
        return sum(stratum.releasable for stratum in self.strata)


def _half_width(
    rows: Sequence[ReplannedStratum], size: Callable[[ReplannedStratum], int], level: float
) -> float | None:
    """Compute one half-width; nobody counts twice in a stratum."""
    asked = [Asked(population=row.population, size=min(size(row), row.population)) for row in rows]
    return outlook(asked, level=level).half_width
