"""Paper forms: two blind keyings, a third person's decision, never more forms than handed out."""

import threading

import pytest
from sqlalchemy import func, select

from questionnaires import Answer, ProblemCode
from survey.errors import (
    FormFinishedError,
    FormWaitsError,
    KeyedAlreadyError,
    NotAllowedNowError,
    NotFoundError,
    RefusedInputError,
    StaleFormError,
    SurveyError,
    TooManyFormsError,
)
from survey.records.collection import Ballot, KeyerStatistic, PaperState
from survey.records.people import Event
from survey.records.store import Store
from survey.rules.ballots import OpenBallot, open_ballot
from survey.rules.invitations import new_serial, printed_serial
from survey.rules.keys import KeySheet, decode_sheet
from survey.services.adjudicate import adjudicate, form_to_decide, waiting
from survey.services.close import begin_closing
from survey.services.invite import hand_out_paper, paper_serials
from survey.services.keying import (
    EntryOutcome,
    batches,
    form_to_key,
    open_batch,
    save_entry,
    unfinished,
)
from survey.services.rounds import find_round
from tests.survey.open_round import CODE, NOW, clerk, draft, opened, people, stratum_of

FIRST: dict[str, Answer] = {"DY": "1", "A1": "LD", "Q1": "4", "Q2": "2", "N": 7}


class Desk:
    """Three clerks, one batch, and the serials of the leaders' forms, two of them handed out."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sheet: KeySheet = opened(store, {"A": (4, 2)})
        everybody = people(store)
        leader = next(each for each in everybody if each.group == "LD")
        official = next(each for each in everybody if each.group == "CC")
        with store.write() as session:
            self.clerks = [clerk(session, name) for name in ("an", "binh", "chi")]
            leaders, officials = stratum_of(session, leader), stratum_of(session, official)
            hand_out_paper(session, leaders, slots=[1, 2], actor="office", now=NOW)
            self.serials = paper_serials(session, leaders)
            self.not_handed_out = paper_serials(session, officials)
            round_ = find_round(session, CODE)
            batch = open_batch(session, round_, label="Lô 1", account_id=self.clerks[0])
            self.batch = batch.id

    def key(
        self, who: int, answers: dict[str, Answer] | None = None, *, form: int = 0
    ) -> EntryOutcome:
        with self.store.write() as session:
            return save_entry(
                session,
                self.batch,
                serial=self.serials[form],
                account_id=self.clerks[who],
                answers=FIRST if answers is None else answers,
            )

    def decide(
        self, who: int, decisions: dict[str, Answer | None], *, serial: str | None = None
    ) -> None:
        with self.store.write() as session:
            adjudicate(
                session,
                serial=serial or self.serials[0],
                account_id=self.clerks[who],
                decisions=decisions,
            )

    def ballots(self) -> list[OpenBallot]:
        private_key = decode_sheet(self.sheet.text, round_code=CODE)[1]
        with self.store.read() as session:
            sealed = session.scalars(select(Ballot.sealed)).all()
        return [open_ballot(each, private_key=private_key) for each in sealed]

    def statistics(self) -> list[tuple[int, int, int]]:
        with self.store.read() as session:
            rows = session.execute(
                select(KeyerStatistic.forms, KeyerStatistic.items, KeyerStatistic.corrected)
            )
            return sorted((forms, items, corrected) for forms, items, corrected in rows)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_two_equal_keyings_seal_the_form(desk: Desk) -> None:
    assert desk.key(0).state is PaperState.KEYED
    assert desk.key(1).state is PaperState.SEALED
    (ballot,) = desk.ballots()
    assert ballot.answers == FIRST
    assert (ballot.mode, ballot.keying_batch, ballot.too_fast) == ("paper", "Lô 1", False)
    assert desk.statistics() == [(1, 5, 0), (1, 5, 0)]


def test_paper_and_web_ballots_have_the_same_size(desk: Desk) -> None:
    desk.key(0)
    desk.key(1)
    with desk.store.read() as session:
        sealed = session.scalars(select(Ballot.sealed)).one()
        assert len(sealed) == find_round(session, CODE).ballot_size + 48


def test_keying_writes_no_event(desk: Desk) -> None:
    def events() -> int:
        with desk.store.read() as session:
            return session.scalar(select(func.count()).select_from(Event)) or 0

    before = events()
    desk.key(0)
    desk.key(1, FIRST | {"Q1": "5"})
    desk.decide(2, {"Q1": "5"})
    assert events() == before


def test_second_keying_is_announced_but_not_shown(desk: Desk) -> None:
    desk.key(0)
    with desk.store.read() as session:
        form = form_to_key(
            session,
            desk.batch,
            serial=printed_serial(desk.serials[0]),
            account_id=desk.clerks[1],
        )
    assert (form.second, form.unit_name, form.respondent_group) == (True, "Sở smallA", "LD")
    assert form.facts["sample.selection"] == "all"


def test_one_person_keys_a_form_once(desk: Desk) -> None:
    desk.key(0)
    with pytest.raises(KeyedAlreadyError):
        desk.key(0)


def test_differing_keyings_wait_and_show_what_differs(desk: Desk) -> None:
    desk.key(0)
    assert desk.key(1, {**FIRST, "Q1": "5", "T": "chữ"}).state is PaperState.DIFFERING
    with desk.store.read() as session:
        (form,) = waiting(session, find_round(session, CODE))
        found = form_to_decide(session, desk.serials[0], account_id=desk.clerks[2]).differences
        again = form_to_decide(session, desk.serials[0], account_id=desk.clerks[2]).differences
    assert (form.serial, form.items) == (desk.serials[0], 2)
    assert form.keyed_by == frozenset(desk.clerks[:2])
    assert [each.item for each in found] == ["Q1", "T"]
    assert {found[0].first, found[0].second} == {"4", "5"}
    assert {found[1].first, found[1].second} == {None, "chữ"}
    assert found == again


def test_decision_of_a_third_person_seals_the_form_and_counts_corrections(desk: Desk) -> None:
    desk.key(0)
    desk.key(1, {**FIRST, "Q1": "5", "T": "chữ"})
    desk.decide(2, {"Q1": "5", "T": None})
    (ballot,) = desk.ballots()
    assert ballot.answers == FIRST | {"Q1": "5"}
    assert sorted(corrected for _, _, corrected in desk.statistics()) == [1, 1]


def test_decision_may_be_a_third_reading(desk: Desk) -> None:
    desk.key(0)
    desk.key(1, FIRST | {"Q1": "5"})
    desk.decide(2, {"Q1": "94"})
    assert desk.ballots()[0].answers["Q1"] == "94"
    assert [corrected for _, _, corrected in desk.statistics()] == [1, 1]


@pytest.mark.parametrize("who", [0, 1])
def test_neither_keyer_decides(desk: Desk, who: int) -> None:
    desk.key(0)
    desk.key(1, FIRST | {"Q1": "5"})
    with pytest.raises(KeyedAlreadyError):
        desk.decide(who, {"Q1": "5"})
    with desk.store.read() as session, pytest.raises(KeyedAlreadyError):
        form_to_decide(session, desk.serials[0], account_id=desk.clerks[who])


def test_every_difference_must_be_decided_and_nothing_else(desk: Desk) -> None:
    desk.key(0)
    desk.key(1, FIRST | {"Q1": "5", "N": 8})
    with pytest.raises(RefusedInputError) as caught:
        desk.decide(2, {"Q1": "5", "A1": "CC"})
    assert [str(fault) for fault in caught.value.faults] == [
        "Question N is not decided yet.",
        "Question A1 is not one that the two keyings differ on.",
    ]
    assert desk.ballots() == []


def test_decision_that_cannot_be_stored_is_refused(desk: Desk) -> None:
    desk.key(0)
    desk.key(1, FIRST | {"Q1": "5"})
    with pytest.raises(RefusedInputError):
        desk.decide(2, {"Q1": "8"})
    assert desk.ballots() == []


def test_what_paper_really_says_is_stored_with_flags(desk: Desk) -> None:
    strange: dict[str, Answer] = {"DY": "1", "A1": "CC", "Q1": "94", "Q2": "3", "N": "#95"}
    outcome = desk.key(0, strange)
    codes = {(problem.place, problem.code) for problem in outcome.problems}
    assert ("Q2", ProblemCode.NOT_IN_PLAY) in codes
    desk.key(1, strange)
    (ballot,) = desk.ballots()
    assert ballot.answers == strange
    assert ballot.group_differs


def test_answer_that_no_form_can_say_is_refused(desk: Desk) -> None:
    with pytest.raises(RefusedInputError) as caught:
        desk.key(0, FIRST | {"Q1": "8"})
    assert len(caught.value.faults) == 1
    with desk.store.read() as session:
        assert unfinished(session, find_round(session, CODE)) == []


def test_finished_form_takes_no_further_keying(desk: Desk) -> None:
    desk.key(0)
    desk.key(1)
    with pytest.raises(FormFinishedError):
        desk.key(2)


def test_differing_form_waits_for_its_decision(desk: Desk) -> None:
    desk.key(0)
    desk.key(1, FIRST | {"Q1": "5"})
    with pytest.raises(FormWaitsError):
        desk.key(2)


def test_more_forms_than_handed_out_are_refused(desk: Desk) -> None:
    for form in (0, 1):
        desk.key(0, form=form)
        desk.key(1, form=form)
    with pytest.raises(TooManyFormsError, match=r"2 paper form\(s\) were handed out"):
        desk.key(0, form=2)


def test_form_of_a_stratum_without_paper_is_refused(desk: Desk) -> None:
    with desk.store.read() as session, pytest.raises(TooManyFormsError, match=r"^0 paper"):
        form_to_key(session, desk.batch, serial=desk.not_handed_out[0], account_id=desk.clerks[0])


def test_unknown_serial_batch_or_pair_is_not_found(desk: Desk) -> None:
    with desk.store.read() as session:
        with pytest.raises(NotFoundError):
            form_to_key(session, desk.batch, serial=new_serial(), account_id=desk.clerks[0])
        with pytest.raises(NotFoundError):
            form_to_key(session, "none", serial=desk.serials[0], account_id=desk.clerks[0])
        with pytest.raises(NotFoundError):
            form_to_decide(session, desk.serials[0], account_id=desk.clerks[2])


def test_form_of_another_round_is_not_found(desk: Desk) -> None:
    opened(desk.store, {"A": (2, 2)}, code="other")
    with desk.store.write() as session:
        other = open_batch(
            session, find_round(session, "other"), label="x", account_id=desk.clerks[0]
        )
        with pytest.raises(NotFoundError):
            form_to_key(session, other.id, serial=desk.serials[0], account_id=desk.clerks[0])


def test_batch_with_a_known_label_is_opened_again(desk: Desk) -> None:
    with desk.store.write() as session:
        round_ = find_round(session, CODE)
        again = open_batch(session, round_, label=" Lô 1 ", account_id=desk.clerks[1])
        open_batch(session, round_, label="Lô 0", account_id=desk.clerks[1])
        assert again.id == desk.batch
        assert [each.label for each in batches(session, round_)] == ["Lô 0", "Lô 1"]


@pytest.mark.parametrize("label", ["", "  ", "x" * 33, "a\nb"])
def test_label_that_cannot_be_kept_is_refused(desk: Desk, label: str) -> None:
    with desk.store.write() as session, pytest.raises(RefusedInputError, match="1 to 32"):
        open_batch(session, find_round(session, CODE), label=label, account_id=desk.clerks[0])


def test_paper_may_still_be_keyed_while_closing(desk: Desk) -> None:
    desk.key(0)
    with desk.store.write() as session:
        pending = begin_closing(session, find_round(session, CODE), actor="office", now=NOW)
    assert pending == [desk.serials[0]]
    assert desk.key(1).state is PaperState.SEALED


def test_two_first_keyings_at_once_do_not_both_count(desk: Desk) -> None:
    barrier = threading.Barrier(2)
    results: list[object] = []

    def run(who: int) -> None:
        barrier.wait()
        try:
            results.append(desk.key(who).state)
        except SurveyError as error:
            results.append(type(error))

    threads = [threading.Thread(target=run, args=[who]) for who in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Taking turns is as good as being told to load the form again.
    other = set(results) - {PaperState.KEYED}
    assert len(results) == 2
    assert other in ({PaperState.SEALED}, {StaleFormError})


def test_last_form_handed_out_is_not_taken_twice_at_once(desk: Desk) -> None:
    desk.key(0)
    barrier = threading.Barrier(3)
    results: list[object] = []

    def run(form: int) -> None:
        barrier.wait()
        try:
            results.append(desk.key(form % 3, form=form).state)
        except SurveyError as error:
            results.append(type(error))

    threads = [threading.Thread(target=run, args=[form]) for form in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, results)) == sorted(
        map(str, [PaperState.KEYED, TooManyFormsError, TooManyFormsError])
    )


def test_keying_is_refused_before_the_round_opens(desk: Desk) -> None:
    with desk.store.write() as session:
        round_ = draft(session, {"A": (1, 1)}, code="later")
        with pytest.raises(NotAllowedNowError):
            open_batch(session, round_, label="x", account_id=desk.clerks[0])
