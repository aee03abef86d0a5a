"""The office's blueprint and what all its views share: the round at hand.

A round is copied into a frozen `RoundHead` inside the transaction, because a page is drawn after
the session has ended.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from flask import Blueprint, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from survey.records.rounds import Round
from survey.rules.lifecycle import Action, RoundState, allows
from survey.rules.round_document import RoundDocument
from survey.services.rounds import find_round

__all__ = ["RoundHead", "blueprint", "page", "round_head"]

blueprint = Blueprint("office", __name__, url_prefix="/van-phong", template_folder="templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundHead:
    """What every page of the office shows of a round, and what its steps depend on."""

    code: str
    document: RoundDocument
    state: RoundState
    simulated: bool
    keys_made: bool
    sheets_checked: frozenset[int]
    opened_at: datetime | None
    closed_at: datetime | None
    scrubbed_at: datetime | None
    key_destroyed_at: datetime | None

    @classmethod
    def of(cls, round_: Round) -> Self:
        """Copy what pages need from the record."""
        return cls(
            code=round_.code,
            document=round_.declared,
            state=round_.state,
            simulated=round_.simulated,
            keys_made=round_.public_key is not None,
            sheets_checked=round_.sheets_read,
            opened_at=round_.opened_at,
            closed_at=round_.closed_at,
            scrubbed_at=round_.scrubbed_at,
            key_destroyed_at=round_.key_destroyed_at,
        )

    def allows(self, action: str) -> bool:
        """Say whether the round's state allows ``action``; templates pass its name."""
        return allows(self.state, Action(action))

    @property
    def unit_group_codes(self) -> list[str]:
        """The unit groups in the order of the round's document."""
        return [group.code for group in self.document.unit_groups]

    @property
    def both_sheets_checked(self) -> bool:
        """Whether the key can be trusted to be on paper."""
        return self.sheets_checked == {1, 2}


def round_head(session: Session, code: str) -> RoundHead:
    """Find a round and copy what pages need of it."""
    return RoundHead.of(find_round(session, code))


def page(template: str, head: RoundHead, /, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - whatever a template takes
    """Draw a page of the office about one round."""
    text = render_template(f"office/{template}", head=head, document=head.document, **values)
    return Response(text, status=status, mimetype="text/html")
