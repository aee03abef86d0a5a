"""Ballots and drafts: one size, one seal, and nothing legible without the right secret."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import Answer
from survey.errors import DraftLockedError, RefusedInputError, WrongKeyError
from survey.rules.ballots import (
    LABEL_LENGTH,
    OpenBallot,
    answers_mac,
    ballot_size,
    check_submission_id,
    group_differs,
    new_private_key,
    open_ballot,
    pad,
    public_key_of,
    receipt_code,
    seal_ballot,
    submission_hash,
    too_fast,
    unpad,
)
from survey.rules.drafts import DraftContent, new_draft, open_draft, seal_draft
from tests.survey.open_round import NOW, QUESTIONNAIRE

KEY = new_private_key()
SIZE = ballot_size(QUESTIONNAIRE)
SHORT: dict[str, Answer] = {"DY": "1", "A1": "CC"}
LONG: dict[str, Answer] = SHORT | {"Q1": "99", "Q2": "94", "N": 10**12, "T": "𝄞" * 40}


def ballot(answers: dict[str, Answer], *, batch: str | None = None) -> OpenBallot:
    return OpenBallot(
        answers=answers,
        stratum_id="a" * 32,
        rater_key="b" * 32,
        too_fast=True,
        group_differs=False,
        mode="web" if batch is None else "paper",
        keying_batch=batch,
    )


def sealed(content: OpenBallot) -> bytes:
    return seal_ballot(content, QUESTIONNAIRE, public_key=public_key_of(KEY), size=SIZE)


def test_ballot_opens_to_what_was_sealed() -> None:
    content = ballot(LONG, batch="Lô 1")
    assert open_ballot(sealed(content), private_key=KEY) == content


def test_every_ballot_has_one_size_web_or_paper_empty_or_full() -> None:
    contents = [ballot(SHORT), ballot(LONG), ballot(LONG, batch="𝄞" * LABEL_LENGTH), ballot({})]
    assert {len(sealed(content)) for content in contents} == {SIZE + 48}


def test_equal_ballots_do_not_look_equal() -> None:
    assert sealed(ballot(SHORT)) != sealed(ballot(SHORT))


def test_another_key_opens_nothing() -> None:
    with pytest.raises(WrongKeyError):
        open_ballot(sealed(ballot(SHORT)), private_key=new_private_key())


def test_changed_ballot_does_not_open() -> None:
    content = sealed(ballot(SHORT))
    with pytest.raises(WrongKeyError):
        open_ballot(content[:-1] + bytes([content[-1] ^ 1]), private_key=KEY)


def test_size_is_a_multiple_of_256_that_holds_the_longest_label_of_quotes() -> None:
    assert SIZE % 256 == 0
    assert len(sealed(ballot(LONG, batch='"\\' * (LABEL_LENGTH // 2)))) == SIZE + 48


@given(st.binary(max_size=60))
def test_padding_is_undone_whatever_the_content(content: bytes) -> None:
    assert len(pad(content, 64)) == 64
    assert unpad(pad(content, 64)) == content


def test_content_that_does_not_fit_is_refused_with_its_size() -> None:
    with pytest.raises(ValueError, match="61 bytes do not fit into 60"):
        pad(b"x" * 61, 64)


def test_two_minutes_are_not_too_fast_but_a_second_less_is() -> None:
    assert not too_fast(NOW, NOW + timedelta(seconds=120))
    assert too_fast(NOW, NOW + timedelta(seconds=119))


@pytest.mark.parametrize(
    ("answers", "differs"),
    [({"A1": "LD"}, False), ({"A1": "CC"}, True), ({}, False), ({"A1": "95"}, False)],
)
def test_group_differs_only_where_another_group_is_stated(
    answers: dict[str, Answer], *, differs: bool
) -> None:
    assert group_differs(QUESTIONNAIRE, answers, "LD") is differs


def test_proofs_of_a_submission_do_not_repeat_without_its_id() -> None:
    one, two = (new_draft(NOW).submission_id for _ in range(2))
    assert submission_hash(one) != submission_hash(two)
    assert answers_mac(one, b"{}") != answers_mac(two, b"{}")
    assert answers_mac(one, b"{}") != answers_mac(one, b'{"A1":"LD"}')


def test_receipt_is_the_same_each_time_and_is_not_made_from_what_is_stored() -> None:
    submission_id = new_draft(NOW).submission_id
    assert receipt_code(submission_id) == receipt_code(submission_id)
    assert receipt_code(submission_id) != receipt_code(submission_hash(submission_id))


@pytest.mark.parametrize("submission_id", ["", "1", "a" * 21, "a" * 87, "ế" * 30, "a b" * 10])
def test_submission_id_that_could_be_guessed_is_refused(submission_id: str) -> None:
    with pytest.raises(RefusedInputError, match="not given out"):
        check_submission_id(submission_id)


def saved(content: DraftContent) -> bytes:
    secret = ("token", "device")
    return seal_draft(content, QUESTIONNAIRE, secret=secret, invitation_id="one", size=SIZE)


def with_answers(answers: dict[str, Answer]) -> DraftContent:
    return DraftContent(
        answers=answers, started=NOW, consented=True, submission_id=new_draft(NOW).submission_id
    )


def test_draft_opens_with_its_token_and_device() -> None:
    content = with_answers(LONG)
    opened = open_draft(saved(content), secret=("token", "device"), invitation_id="one")
    assert opened == content


@pytest.mark.parametrize(
    ("secret", "invitation_id"),
    [
        (("token", "other"), "one"),
        (("other", "device"), "one"),
        (("token", "device"), "two"),
        (("tokend", "evice"), "one"),
    ],
)
def test_draft_stays_closed_with_anything_else(secret: tuple[str, str], invitation_id: str) -> None:
    with pytest.raises(DraftLockedError):
        open_draft(saved(with_answers(SHORT)), secret=secret, invitation_id=invitation_id)


def test_every_draft_has_one_size() -> None:
    drafts = [new_draft(NOW), with_answers(SHORT), with_answers(LONG)]
    assert {len(saved(content)) for content in drafts} == {SIZE + 28}


def test_equal_drafts_do_not_look_equal() -> None:
    content = with_answers(SHORT)
    assert saved(content) != saved(content)


def test_draft_longer_than_the_questionnaire_allows_is_refused() -> None:
    with pytest.raises(RefusedInputError, match="longer than the questionnaire"):
        saved(with_answers({"T": "x" * SIZE}))
