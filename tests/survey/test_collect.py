"""Answering on the web: one right, one ballot, whatever is repeated, raced or replayed."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from questionnaires import Answer, Problem, ProblemCode
from survey.errors import (
    DifferentAnswersError,
    DraftLockedError,
    InvitationUsedError,
    NotAllowedNowError,
    NotFoundError,
    RefusedInputError,
    SurveyError,
    UnknownLinkError,
)
from survey.records.collection import Ballot, Disposition, Draft, Invitation, Submission
from survey.records.people import Event
from survey.records.store import Store
from survey.rules.ballots import open_ballot
from survey.rules.drafts import DraftContent, new_draft
from survey.rules.keys import decode_sheet
from survey.services.close import begin_closing, finish_closing
from survey.services.collect import (
    Receipt,
    discard_draft,
    end_without_answers,
    load_draft,
    open_visit,
    save_draft,
    submit,
)
from survey.services.rounds import find_round
from tests.survey.open_round import CODE, NOW, Person, answers_of, opened, people


def sent(
    store: Store,
    person: Person,
    answers: dict[str, Answer],
    *,
    submission_id: str | None = None,
    now: datetime = NOW + timedelta(minutes=5),
) -> Receipt:
    with store.write() as session:
        return submit(
            session,
            round_code=CODE,
            token=person.token,
            submission_id=submission_id or new_draft(NOW).submission_id,
            answers=answers,
            started=NOW,
            now=now,
        )


def count(store: Store, record: type) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(record)) or 0


def dispositions(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(session.scalars(select(Invitation.disposition)))


def test_sending_uses_the_right_and_leaves_one_sealed_ballot(store: Store) -> None:
    sheet = opened(store, {"A": (1, 1)})
    person = people(store)[1]
    receipt = sent(store, person, answers_of(person, 7, "góp ý"))
    assert not receipt.again
    assert dispositions(store) == [Disposition.UNUSED, Disposition.USED]
    with store.read() as session:
        sealed = session.scalars(select(Ballot.sealed)).one()
    ballot = open_ballot(sealed, private_key=decode_sheet(sheet.text, round_code=CODE)[1])
    assert ballot.answers == answers_of(person, 7, "góp ý")
    assert (ballot.mode, ballot.keying_batch) == ("web", None)
    assert (ballot.too_fast, ballot.group_differs) == (False, False)


def test_flags_that_need_the_live_session_are_sealed_inside(store: Store) -> None:
    sheet = opened(store, {"A": (1, 1)})
    person = people(store)[1]
    answers = answers_of(person) | {"A1": "CC"}
    sent(store, person, answers, now=NOW + timedelta(seconds=119))
    with store.read() as session:
        sealed = session.scalars(select(Ballot.sealed)).one()
    ballot = open_ballot(sealed, private_key=decode_sheet(sheet.text, round_code=CODE)[1])
    assert (ballot.too_fast, ballot.group_differs) == (True, True)


def test_answers_off_the_path_are_dropped(store: Store) -> None:
    sheet = opened(store, {"A": (1, 1)})
    person = people(store)[0]
    sent(store, person, answers_of(person) | {"Q2": "5"})
    with store.read() as session:
        sealed = session.scalars(select(Ballot.sealed)).one()
    ballot = open_ballot(sealed, private_key=decode_sheet(sheet.text, round_code=CODE)[1])
    assert "Q2" not in ballot.answers


def test_respondents_leave_no_event(store: Store) -> None:
    opened(store, {"A": (1, 2)})
    one, two, three = people(store)
    before = count(store, Event)
    sent(store, one, answers_of(one))
    with store.write() as session:
        visit = open_visit(session, round_code=CODE, token=two.token)
        save_draft(session, visit, token=two.token, device="d", content=new_draft(NOW))
        end_without_answers(session, round_code=CODE, token=three.token, disposition="refused")
    assert count(store, Event) == before


def test_sending_the_same_again_gives_the_same_receipt(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    submission_id = new_draft(NOW).submission_id
    first = sent(store, person, answers_of(person), submission_id=submission_id)
    again = sent(store, person, answers_of(person), submission_id=submission_id)
    assert (again.code, again.again) == (first.code, True)
    assert count(store, Ballot) == 1


def test_same_id_with_other_answers_is_refused(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    submission_id = new_draft(NOW).submission_id
    sent(store, person, answers_of(person), submission_id=submission_id)
    with pytest.raises(DifferentAnswersError):
        sent(store, person, answers_of(person, 9), submission_id=submission_id)
    assert count(store, Ballot) == 1


def test_second_use_of_a_link_is_refused(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    sent(store, person, answers_of(person))
    with pytest.raises(InvitationUsedError):
        sent(store, person, answers_of(person))
    with store.read() as session, pytest.raises(InvitationUsedError):
        open_visit(session, round_code=CODE, token=person.token)


def test_replay_while_closing_gets_its_receipt_but_new_answers_do_not(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    one, two = people(store)
    submission_id = new_draft(NOW).submission_id
    sent(store, one, answers_of(one), submission_id=submission_id)
    with store.write() as session:
        begin_closing(session, find_round(session, CODE), actor="office", now=NOW)
    assert sent(store, one, answers_of(one), submission_id=submission_id).again
    with pytest.raises(NotAllowedNowError):
        sent(store, two, answers_of(two))


def test_every_link_of_a_closed_round_says_that_the_round_is_over(store: Store) -> None:
    sheet = opened(store, {"A": (1, 1)})
    used, unused = people(store)
    sent(store, used, answers_of(used))
    with store.write() as session:
        round_ = find_round(session, CODE)
        begin_closing(session, round_, actor="office", now=NOW)
        finish_closing(
            session,
            round_,
            key_text=sheet.text,
            discard_unfinished=False,
            actor="office",
            now=NOW,
        )
    for person in (used, unused):
        with store.read() as session, pytest.raises(NotAllowedNowError):
            open_visit(session, round_code=CODE, token=person.token)
        with pytest.raises(NotAllowedNowError):
            sent(store, person, answers_of(person))


def test_wrong_token_and_wrong_round_are_not_found_and_the_token_is_not_repeated(
    store: Store,
) -> None:
    opened(store, {"A": (1, 1)})
    with store.read() as session:
        with pytest.raises(UnknownLinkError) as caught:
            open_visit(session, round_code=CODE, token="secret-token")
        assert "secret-token" not in str(caught.value)
        with pytest.raises(NotFoundError):
            open_visit(session, round_code="other", token="secret-token")


def test_link_of_one_round_opens_nothing_in_another(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    opened(store, {"A": (1, 1)}, code="other")
    person, _ = people(store)
    with store.read() as session, pytest.raises(UnknownLinkError):
        open_visit(session, round_code="other", token=person.token)


def test_opening_a_link_changes_nothing(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    with store.write() as session:
        visit = open_visit(session, round_code=CODE, token=person.token)
        assert not session.dirty
        assert not session.new
    assert (visit.unit_name, visit.respondent_group) == ("Sở smallA", "CC")
    assert visit.facts["sample.selection"] == "all"
    assert dispositions(store) == [Disposition.UNUSED, Disposition.UNUSED]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Q1": "7"}, ProblemCode.CODE_NOT_IN_LIST),
        ({"Q1": "95"}, ProblemCode.MISSING_CODE_AT_DOOR),
        ({"N": -1}, ProblemCode.OUT_OF_RANGE),
        ({"T": "x" * 41}, ProblemCode.TEXT_TOO_LONG),
        ({"A1": ""}, ProblemCode.REQUIRED),
    ],
)
def test_answers_that_cannot_be_stored_are_refused_and_the_right_stays(
    store: Store, change: dict[str, Answer], code: ProblemCode
) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    with pytest.raises(RefusedInputError) as caught:
        sent(store, person, answers_of(person) | change)
    problems = [fault for fault in caught.value.faults if isinstance(fault, Problem)]
    assert [problem.code for problem in problems] == [code]
    assert dispositions(store) == [Disposition.UNUSED, Disposition.UNUSED]


@pytest.mark.parametrize("change", [{"DY": "2"}, {"A1": "KH"}])
def test_form_that_ended_early_is_not_a_submission(store: Store, change: dict[str, Answer]) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    with pytest.raises(RefusedInputError, match="end the form early"):
        sent(store, person, answers_of(person) | change)


def test_declining_ends_the_right_without_a_ballot(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    for _ in range(2):
        with store.write() as session:
            end_without_answers(session, round_code=CODE, token=person.token, disposition="refused")
    assert dispositions(store) == [Disposition.REFUSED, Disposition.UNUSED]
    assert count(store, Ballot) == 0
    with pytest.raises(InvitationUsedError):
        sent(store, person, answers_of(person))
    with store.write() as session:
        with pytest.raises(InvitationUsedError):
            end_without_answers(
                session, round_code=CODE, token=person.token, disposition="ineligible"
            )
        with pytest.raises(NotFoundError):
            end_without_answers(session, round_code=CODE, token=person.token, disposition="used")


def draft_of(person: Person) -> DraftContent:
    return DraftContent(
        answers=answers_of(person, 3, "đang viết"),
        started=NOW,
        consented=True,
        submission_id=new_draft(NOW).submission_id,
    )


def test_draft_comes_back_on_its_device_and_the_newest_wins(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    content = draft_of(person)
    for each in (new_draft(NOW), content):
        with store.write() as session:
            visit = open_visit(session, round_code=CODE, token=person.token)
            save_draft(session, visit, token=person.token, device="mine", content=each)
    with store.read() as session:
        visit = open_visit(session, round_code=CODE, token=person.token)
        assert load_draft(session, visit, token=person.token, device="mine") == content
        with pytest.raises(DraftLockedError):
            load_draft(session, visit, token=person.token, device="another")
    assert count(store, Draft) == 1


def test_discarded_draft_is_gone(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    with store.write() as session:
        visit = open_visit(session, round_code=CODE, token=person.token)
        save_draft(session, visit, token=person.token, device="d", content=draft_of(person))
        discard_draft(session, visit)
        assert load_draft(session, visit, token=person.token, device="d") is None


def test_sending_deletes_the_draft_and_a_late_window_cannot_save_one(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    with store.write() as session:
        visit = open_visit(session, round_code=CODE, token=person.token)
        save_draft(session, visit, token=person.token, device="d", content=draft_of(person))
    sent(store, person, answers_of(person))
    assert count(store, Draft) == 0
    with store.write() as session, pytest.raises(InvitationUsedError):
        save_draft(session, visit, token=person.token, device="d", content=draft_of(person))


def test_failed_transaction_leaves_right_and_draft(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    with store.write() as session:
        visit = open_visit(session, round_code=CODE, token=person.token)
        save_draft(session, visit, token=person.token, device="d", content=draft_of(person))

    def send_and_fail() -> None:
        with store.write() as session:
            submit(
                session,
                round_code=CODE,
                token=person.token,
                submission_id=new_draft(NOW).submission_id,
                answers=answers_of(person),
                started=NOW,
                now=NOW,
            )
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        send_and_fail()
    assert dispositions(store) == [Disposition.UNUSED, Disposition.UNUSED]
    assert (count(store, Draft), count(store, Ballot), count(store, Submission)) == (1, 0, 0)


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """Run all verbs at the same moment; a refusal is a result."""
    barrier = threading.Barrier(len(verbs))
    results: list[object] = []

    def run(verb: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results.append(verb())
        except SurveyError as error:
            results.append(error)

    threads = [threading.Thread(target=run, args=[verb]) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_twenty_submissions_of_one_invitation_at_once_make_one_ballot(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    results = at_once(*(lambda n=n: sent(store, person, answers_of(person, n)) for n in range(20)))
    assert sum(isinstance(result, Receipt) for result in results) == 1
    assert sum(isinstance(result, InvitationUsedError) for result in results) == 19
    assert (count(store, Ballot), count(store, Submission)) == (1, 1)


def test_one_submission_sent_ten_times_at_once_gets_ten_equal_receipts(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, _ = people(store)
    submission_id = new_draft(NOW).submission_id
    results = at_once(
        *[lambda: sent(store, person, answers_of(person), submission_id=submission_id)] * 10
    )
    assert {result.code for result in results if isinstance(result, Receipt)} == {
        sent(store, person, answers_of(person), submission_id=submission_id).code
    }
    assert sum(isinstance(result, Receipt) and not result.again for result in results) == 1
    assert count(store, Ballot) == 1


def test_different_people_at_once_all_succeed(store: Store) -> None:
    opened(store, {"A": (4, 4)})
    everybody = people(store)
    results = at_once(
        *(lambda each=each: sent(store, each, answers_of(each)) for each in everybody)
    )
    assert all(isinstance(result, Receipt) for result in results)
    assert count(store, Ballot) == 8


def test_closing_at_the_same_moment_loses_no_ballot_and_takes_none_late(store: Store) -> None:
    opened(store, {"A": (5, 5)})
    everybody = people(store)

    def begin() -> str:
        with store.write() as session:
            begin_closing(session, find_round(session, CODE), actor="office", now=NOW)
        return "closing"

    results = at_once(
        begin, *(lambda each=each: sent(store, each, answers_of(each)) for each in everybody)
    )
    accepted = sum(isinstance(result, Receipt) for result in results)
    refused = sum(isinstance(result, NotAllowedNowError) for result in results)
    assert "closing" in results
    assert accepted + refused == 10
    assert count(store, Ballot) == accepted
    assert dispositions(store).count(Disposition.USED) == accepted
