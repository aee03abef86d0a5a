"""The states of a round and what each of them allows.

One table holds every permission of a state, so that no other module asks
``if round.state == …``: it asks :func:`allows` or :func:`move`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from survey.errors import NotAllowedNowError


class RoundState(StrEnum):
    """Where a round stands, in the order in which it gets there."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    SCORED = "scored"
    PUBLISHED = "published"


class Action(StrEnum):
    """What somebody may want to do with a round."""

    IMPORT_REGISTER = "import_register"
    DRAW = "draw"
    MAKE_KEYS = "make_keys"
    CHECK_SHEET = "check_sheet"
    OPEN = "open"
    INVITE = "invite"
    ISSUE_PAPER = "issue_paper"
    CERTIFY = "certify"
    ANSWER = "answer"
    KEY_FORMS = "key_forms"
    ADJUDICATE = "adjudicate"
    BEGIN_CLOSING = "begin_closing"
    FINISH_CLOSING = "finish_closing"
    SCRUB = "scrub"
    DESTROY_KEY = "destroy_key"
    SCORE = "score"
    SEE_INDEX = "see_index"
    PUBLISH = "publish"


_ALLOWED: Mapping[RoundState, frozenset[Action]] = MappingProxyType(
    {
        RoundState.DRAFT: frozenset(
            {
                Action.IMPORT_REGISTER,
                Action.DRAW,
                Action.MAKE_KEYS,
                Action.CHECK_SHEET,
                Action.OPEN,
                Action.CERTIFY,
            }
        ),
        RoundState.OPEN: frozenset(
            {
                Action.INVITE,
                Action.ISSUE_PAPER,
                Action.CERTIFY,
                Action.ANSWER,
                Action.KEY_FORMS,
                Action.ADJUDICATE,
                Action.BEGIN_CLOSING,
            }
        ),
        # Web answers are refused from here on; paper already handed in may still be keyed.
        RoundState.CLOSING: frozenset(
            {Action.KEY_FORMS, Action.ADJUDICATE, Action.FINISH_CLOSING, Action.CERTIFY}
        ),
        RoundState.CLOSED: frozenset({Action.SCRUB, Action.DESTROY_KEY, Action.SCORE}),
        RoundState.SCORED: frozenset(
            {
                Action.SCRUB,
                Action.DESTROY_KEY,
                Action.SCORE,
                Action.SEE_INDEX,
                Action.PUBLISH,
            }
        ),
        RoundState.PUBLISHED: frozenset({Action.SEE_INDEX, Action.DESTROY_KEY}),
    }
)

_MOVES: Mapping[Action, RoundState] = MappingProxyType(
    {
        Action.OPEN: RoundState.OPEN,
        Action.BEGIN_CLOSING: RoundState.CLOSING,
        Action.FINISH_CLOSING: RoundState.CLOSED,
        Action.SCORE: RoundState.SCORED,
        Action.PUBLISH: RoundState.PUBLISHED,
    }
)


def allows(state: RoundState, action: Action) -> bool:
    """Say whether a round in ``state`` allows ``action``."""
    return action in _ALLOWED[state]


def require(state: RoundState, action: Action) -> None:
    """Refuse ``action`` unless ``state`` allows it.

    Raises
    ------
    NotAllowedNowError
        The state does not allow the action; the message names the states that do.
    """
    if not allows(state, action):
        states = [str(candidate) for candidate in RoundState if allows(candidate, action)]
        raise NotAllowedNowError(action=str(action), state=str(state), allowed_in=tuple(states))


def move(action: Action, state: RoundState) -> RoundState:
    """Return the state that ``action`` leads to from ``state``.

    Raises
    ------
    NotAllowedNowError
        The state does not allow the action.

    Examples
    --------
    >>> move(Action.OPEN, RoundState.DRAFT)
    <RoundState.OPEN: 'open'>
    """
    require(state, action)
    return _MOVES[action]
