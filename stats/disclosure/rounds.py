"""What may be said of a change between two rounds.

Two censuses of nearly the same people differ by the answers of those who came and went, so the
difference of two totals is then an answer of theirs.
"""

from dataclasses import dataclass
from enum import StrEnum

from stats.errors import DisclosureError

__all__ = ["ChangeRefusal", "RoundTotal", "change_refusal"]


class ChangeRefusal(StrEnum):
    """Why a change is withheld."""

    NOT_A_TOTAL = "not_a_total"
    SAME_PEOPLE = "same_people"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTotal:
    """How a unit's number of one round came about: people, and answers used."""

    population: int
    answered: int

    def __post_init__(self) -> None:
        if not 0 <= self.answered <= self.population:
            raise DisclosureError(
                f"{self.answered} answers from {self.population} people; correct the count"
            )

    @property
    def census(self) -> bool:
        """Whether everybody answered."""
        return self.answered == self.population


def change_refusal(
    before: RoundTotal, after: RoundTotal, *, shared: int | None, is_total: bool
) -> ChangeRefusal | None:
    """Say why the change of a unit between two rounds is withheld; ``None`` if it may be shown.

    Parameters
    ----------
    before, after : RoundTotal
    shared : int, optional
        People who answered in both rounds. Anonymous rounds do not know it; the largest possible
        number is then taken.
    is_total : bool
        Whether the number is the unit's total; changes of anything finer are never shown.

    Returns
    -------
    ChangeRefusal or None
        Withheld when both rounds were censuses that share N − 2 people or more, N being the
        larger population.

    Examples
    --------
    >>> nine = RoundTotal(population=9, answered=9)
    >>> change_refusal(nine, nine, shared=7, is_total=True)
    <ChangeRefusal.SAME_PEOPLE: 'same_people'>
    >>> change_refusal(nine, nine, shared=6, is_total=True)
    """
    most = min(before.answered, after.answered)
    if shared is not None and not 0 <= shared <= most:
        raise DisclosureError(f"shared is {shared}; it must lie between 0 and {most}")
    if not is_total:
        return ChangeRefusal.NOT_A_TOTAL
    same = most if shared is None else shared
    close = same >= max(before.population, after.population) - 2
    return ChangeRefusal.SAME_PEOPLE if before.census and after.census and close else None
