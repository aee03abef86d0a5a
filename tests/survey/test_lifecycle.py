"""What each state of a round allows."""

import pytest

from survey.errors import NotAllowedNowError
from survey.rules.lifecycle import Action, RoundState, allows, move

PATH = [
    (Action.OPEN, RoundState.OPEN),
    (Action.BEGIN_CLOSING, RoundState.CLOSING),
    (Action.FINISH_CLOSING, RoundState.CLOSED),
    (Action.SCORE, RoundState.SCORED),
    (Action.PUBLISH, RoundState.PUBLISHED),
]


def test_a_round_goes_from_draft_to_published_one_step_at_a_time() -> None:
    state = RoundState.DRAFT

    for action, expected in PATH:
        state = move(action, state)
        assert state is expected


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (Action.OPEN, RoundState.OPEN),
        (Action.BEGIN_CLOSING, RoundState.DRAFT),
        (Action.FINISH_CLOSING, RoundState.OPEN),
        (Action.SCORE, RoundState.CLOSING),
        (Action.PUBLISH, RoundState.CLOSED),
        (Action.OPEN, RoundState.PUBLISHED),
    ],
)
def test_a_step_out_of_turn_is_refused_with_the_states_that_allow_it(
    action: Action, state: RoundState
) -> None:
    with pytest.raises(NotAllowedNowError, match=str(state)) as refusal:
        move(action, state)

    assert refusal.value.allowed_in


def test_web_answers_are_taken_in_an_open_round_only() -> None:
    assert [state for state in RoundState if allows(state, Action.ANSWER)] == [RoundState.OPEN]


def test_paper_handed_in_may_be_settled_while_the_round_is_closing() -> None:
    assert allows(RoundState.CLOSING, Action.ADJUDICATE)
    assert not allows(RoundState.CLOSED, Action.ADJUDICATE)


def test_the_sample_cannot_change_once_the_round_is_open() -> None:
    assert [state for state in RoundState if allows(state, Action.DRAW)] == [RoundState.DRAFT]
