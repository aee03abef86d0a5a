"""Reserves: in which order they replace, and when they may.

A reserve is released by rule, never by choice: only in its stratum, only in the drawn order, and
only for an outcome that the rule allows after the contacts it demands. Otherwise the easy people
replace the busy ones, and nobody can tell from the answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sampling.errors import DrawError

__all__ = [
    "Outcome",
    "OutcomeKind",
    "Release",
    "ReserveRule",
    "release_reserves",
]


class OutcomeKind(StrEnum):
    """What became of a drawn person."""

    ANSWERED = "answered"
    REFUSED = "refused"
    NOT_REACHED = "not_reached"
    INELIGIBLE = "ineligible"
    GONE = "gone"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one position of the list, after so many contacts."""

    position: int
    kind: OutcomeKind
    contacts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRule:
    """Which outcomes let a reserve replace, and after how many contacts at least."""

    contacts: Mapping[OutcomeKind, int]

    @classmethod
    def standard(cls) -> "ReserveRule":
        """Replace ineligible and gone people at once, refusals after 1 contact, others after 3.

        Returns
        -------
        ReserveRule
        """
        return cls(
            contacts={
                OutcomeKind.INELIGIBLE: 0,
                OutcomeKind.GONE: 0,
                OutcomeKind.REFUSED: 1,
                OutcomeKind.NOT_REACHED: 3,
            }
        )

    def __post_init__(self) -> None:
        for kind, contacts in self.contacts.items():
            if kind in (OutcomeKind.ANSWERED, OutcomeKind.OPEN):
                raise DrawError(
                    f"the rule releases a reserve for the outcome {kind.value!r}; a person who "
                    "answered or may still answer is not replaced"
                )
            if contacts < 0:
                raise DrawError(f"the rule asks for {contacts} contacts; ask for 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Who replaces whom, who waits for more contacts, and how many places nobody is left for."""

    replacements: tuple[tuple[int, int], ...]
    waiting: tuple[int, ...]
    unfilled: int


def release_reserves(
    selected: Sequence[int],
    reserve: Sequence[int],
    outcomes: Sequence[Outcome],
    *,
    rule: ReserveRule,
) -> Release:
    """Say which reserves may be asked now, in the drawn order.

    People to be replaced are taken in the order of their positions, reserves in theirs; a reserve
    who fails is replaced like anybody else.

    Parameters
    ----------
    selected : sequence of int
        Drawn positions of one stratum.
    reserve : sequence of int
        Its reserves, in the order of the plan.
    outcomes : sequence of Outcome
        One per person asked so far; people without one are still open.
    rule : ReserveRule

    Returns
    -------
    Release
        ``replacements`` are (position that failed, reserve) for all releases up to now, the ones
        before included: the same outcomes give the same list.

    Raises
    ------
    DrawError
        An outcome of a position that was not drawn or whose turn has not come, or two for one.

    Examples
    --------
    >>> gone = Outcome(position=3, kind=OutcomeKind.GONE)
    >>> release_reserves([2, 3], [8, 4], [gone], rule=ReserveRule.standard()).replacements
    ((3, 8),)
    """
    known = _by_position(outcomes, {*selected, *reserve})
    asked, left = sorted(selected), list(reserve)
    replacements: list[tuple[int, int]] = []
    waiting: list[int] = []
    unfilled = 0
    for position in asked:  # grows while it is walked: reserves may fail too
        outcome = known.get(position)
        if outcome is None or outcome.kind not in rule.contacts:
            continue
        if outcome.contacts < rule.contacts[outcome.kind]:
            waiting.append(position)
        elif left:
            replacements.append((position, left.pop(0)))
            asked.append(replacements[-1][1])
        else:
            unfilled += 1
    early = sorted(set(known) - set(asked))
    if early:
        raise DrawError(
            f"reserve(s) {early} have an outcome before their turn ({len(early)} of {len(known)} "
            "outcomes); ask reserves in their order, and only in place of somebody"
        )
    return Release(replacements=tuple(replacements), waiting=tuple(waiting), unfilled=unfilled)


def _by_position(outcomes: Sequence[Outcome], drawn: set[int]) -> dict[int, Outcome]:
    """Index outcomes, refusing what does not belong to the stratum."""
    known: dict[int, Outcome] = {}
    for outcome in outcomes:
        if outcome.position not in drawn:
            raise DrawError(
                f"position {outcome.position} has an outcome, but was neither drawn nor a reserve "
                f"of this stratum ({len(drawn)} positions were)"
            )
        if outcome.position in known:
            raise DrawError(
                f"position {outcome.position} has two outcomes, {known[outcome.position].kind} and "
                f"{outcome.kind}; keep the final one"
            )
        known[outcome.position] = outcome
    return known
