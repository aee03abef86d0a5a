"""The ordered steps of a round, and which of them is next.

Pure: the page asks with plain facts, so the order of a round can be read, and tested, in one place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from survey.rules.lifecycle import RoundState
from survey.rules.permissions import Permission
from webforms.office.desk import RoundHead

__all__ = ["Progress", "Step", "StepState", "steps"]


class StepState(StrEnum):
    """How a step stands."""

    DONE = "done"
    NEXT = "next"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a round as the overview shows it."""

    name: str
    explanation: str
    endpoint: str
    permission: Permission
    state: StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the steps depend on beside the round itself."""

    has_units: bool
    has_plan: bool
    has_index: bool


def steps(head: RoundHead, progress: Progress) -> list[Step]:
    """Return the steps of a round in order; the first that is not done is next."""
    found: list[Step] = []
    for done, (name, explanation, endpoint, permission) in zip(
        _done(head, progress), _catalogue(), strict=True
    ):
        is_next = not done and all(step.state is StepState.DONE for step in found)
        waiting = StepState.NEXT if is_next else StepState.LATER
        state = StepState.DONE if done else waiting
        found.append(
            Step(
                name=name,
                explanation=explanation,
                endpoint=endpoint,
                permission=permission,
                state=state,
            )
        )
    return found


def _done(head: RoundHead, progress: Progress) -> Sequence[bool]:
    order = list(RoundState)
    beyond = {state for state in order if order.index(state) <= order.index(head.state)}
    return (
        progress.has_units,
        progress.has_plan,
        head.both_sheets_checked,
        RoundState.OPEN in beyond,
        RoundState.CLOSING in beyond,  # invitations and answers: done when nobody can answer
        RoundState.CLOSED in beyond,
        head.scrubbed_at is not None,
        head.key_destroyed_at is not None,
        progress.has_index,
        RoundState.PUBLISHED in beyond,
    )


def _catalogue() -> Sequence[tuple[str, str, str, Permission]]:
    run, score = Permission.RUN_ROUND, Permission.SCORE
    return (
        (_("Register of units"), _("Who can be asked, and how many."), "office.register", run),
        (_("Sample plan"), _("Who is asked: drawn with a seed, signed."), "office.plan", run),
        (_("Keys"), _("Two recovery sheets, each read back."), "office.keys", run),
        (_("Opening"), _("From here on the plan is fixed."), "office.opening", run),
        (
            _("Invitations, paper and answers"),
            _("Print, send, watch how many have answered."),
            "office.invitations",
            run,
        ),
        (_("Close the round"), _("The ballots are opened with the key."), "office.closing", run),
        (_("Scrubbing"), _("Traces leave the database and its files."), "office.closing", run),
        (
            _("Destroying the key"),
            _("After a tested backup; a record to sign."),
            "office.closing",
            run,
        ),
        (_("Index"), _("Points, ranks and intervals."), "office.publishing", score),
        (_("Publication"), _("The public edition becomes visible."), "office.publishing", score),
    )
