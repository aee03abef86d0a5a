"""Closing, scrubbing and destroying the key: all or nothing, and again after a crash."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import delete, func, make_url, select, update

from questionnaires import Answer
from survey.errors import (
    BallotsDoNotMatchError,
    BusyDatabaseError,
    DamagedBallotsError,
    DamagedKeyError,
    NotAllowedNowError,
    NotReadyError,
    OtherRoundsKeyError,
    UnfinishedKeyingError,
)
from survey.records.base import Record
from survey.records.collection import (
    Ballot,
    Disposition,
    Draft,
    Entry,
    Invitation,
    KeyerStatistic,
    KeyingBatch,
    PaperForm,
    Response,
    StratumOutcome,
    Submission,
)
from survey.records.people import Event
from survey.records.store import Store, make_engine
from survey.records.units import StaffMember
from survey.rules.ballots import OpenBallot, seal_ballot
from survey.rules.drafts import new_draft
from survey.rules.keys import KeySheet
from survey.rules.lifecycle import RoundState
from survey.services.audit import first_broken_link
from survey.services.backup import managed_backup
from survey.services.close import Closing, begin_closing, finish_closing
from survey.services.collect import end_without_answers, open_visit, save_draft
from survey.services.destroy import destroy_key
from survey.services.invite import hand_out_paper, paper_serials
from survey.services.keying import open_batch, save_entry
from survey.services.rounds import find_round
from survey.services.scrub import scrub
from survey.services.watch import progress
from survey.settings import Settings, settings_from
from tests.survey.open_round import (
    CODE,
    NOW,
    QUESTIONNAIRE,
    Person,
    answers_of,
    clerk,
    opened,
    people,
    send,
    stratum_of,
)

PURGED = (Ballot, Draft, Submission, Entry, PaperForm, KeyingBatch, Invitation, StaffMember)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_from({}, home=tmp_path / "home")


def rows(store: Store, record: type[Record]) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(record)) or 0


def state(store: Store) -> RoundState:
    with store.read() as session:
        return find_round(session, CODE).state


def begin(store: Store) -> list[str]:
    with store.write() as session:
        return begin_closing(session, find_round(session, CODE), actor="office", now=NOW)


def finish(store: Store, sheet: KeySheet, *, discard: bool = False) -> Closing:
    with store.write() as session:
        return finish_closing(
            session,
            find_round(session, CODE),
            key_text=sheet.text,
            discard_unfinished=discard,
            actor="office",
            now=NOW,
        )


def key_paper(store: Store, person: Person, *answers: dict[str, Answer]) -> str:
    """Hand the person paper and let each of the given keyings be made by another clerk."""
    with store.write() as session:
        stratum = stratum_of(session, person)
        hand_out_paper(session, stratum, slots=[person.slot], actor="office", now=NOW)
        serial = paper_serials(session, stratum)[0]
        for number, keyed in enumerate(answers):
            account = clerk(session, f"{person.unit}{person.group}{person.slot}{number}")
            round_ = find_round(session, CODE)
            batch = open_batch(session, round_, label="Lô 1", account_id=account)
            save_entry(session, batch.id, serial=serial, account_id=account, answers=keyed)
    return serial


def collected(store: Store) -> tuple[KeySheet, list[Person]]:
    """Collect from one unit: two on the web, one on paper, one refusal, one draft, one silent."""
    sheet = opened(store, {"A": (4, 2)})
    everybody = people(store)
    official, other, *leaders = everybody
    send(store, official, answers_of(official, 1, "công chức nói"))
    send(store, leaders[0], answers_of(leaders[0], 2))
    key_paper(store, leaders[1], *[answers_of(leaders[1], 3)] * 2)
    with store.write() as session:
        end_without_answers(session, round_code=CODE, token=other.token, disposition="refused")
        visit = open_visit(session, round_code=CODE, token=leaders[2].token)
        save_draft(session, visit, token=leaders[2].token, device="d", content=new_draft(NOW))
    return sheet, everybody


def test_closing_turns_ballots_into_responses_and_purges_the_rest(store: Store) -> None:
    sheet, _ = collected(store)
    assert begin(store) == []
    assert finish(store, sheet) == Closing(opened=3)
    assert [rows(store, record) for record in PURGED] == [0] * len(PURGED)
    with store.read() as session:
        responses = session.scalars(select(Response)).all()
        found = {(each.answers["N"], each.mode, each.keying_batch) for each in responses}
        assert found == {(1, "web", None), (2, "web", None), (3, "paper", "Lô 1")}
        assert {each.answers.get("T") for each in responses} == {None, "công chức nói"}
        assert len({each.rater_key for each in responses}) == 3
        assert find_round(session, CODE).closed_at == NOW
    assert state(store) is RoundState.CLOSED
    assert rows(store, KeyerStatistic) == 2


def test_what_became_of_the_invitations_remains_as_counts(store: Store) -> None:
    sheet, _ = collected(store)
    with store.read() as session:
        before = progress(session, find_round(session, CODE))
    begin(store)
    finish(store, sheet)
    with store.read() as session:
        outcomes = Counter(
            (each.web, each.paper, each.refused, each.ineligible, each.unreached)
            for each in session.scalars(select(StratumOutcome))
        )
        after = progress(session, find_round(session, CODE))
    assert outcomes == Counter([(1, 0, 1, 0, 0), (1, 1, 0, 0, 2)])
    assert [(each.invited, each.used, each.paper_sealed, each.refused) for each in before] == [
        (each.invited, each.used, each.paper_sealed, each.refused) for each in after
    ]


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [({"DY": "2"}, (0, 0, 1, 0, 0)), ({"DY": "1", "A1": "KH"}, (0, 0, 0, 1, 0))],
)
def test_paper_that_says_no_is_counted_and_is_no_response(
    store: Store, ending: dict[str, Answer], outcome: tuple[int, ...]
) -> None:
    sheet = opened(store, {"A": (1, 1)})
    leader = people(store)[1]
    key_paper(store, leader, ending, ending)
    begin(store)
    assert finish(store, sheet).opened == 1
    assert rows(store, Response) == 0
    with store.read() as session:
        found = {
            (each.web, each.paper, each.refused, each.ineligible, each.unreached)
            for each in session.scalars(select(StratumOutcome))
        }
    assert found == {outcome, (0, 0, 0, 0, 1)}


def test_unfinished_forms_stop_closing_unless_discarded(store: Store) -> None:
    sheet = opened(store, {"A": (1, 1)})
    leader = people(store)[1]
    serial = key_paper(store, leader, answers_of(leader))
    assert begin(store) == [serial]
    with pytest.raises(UnfinishedKeyingError, match=serial):
        finish(store, sheet)
    assert finish(store, sheet, discard=True).opened == 0
    with store.read() as session:
        unreached = session.scalars(select(StratumOutcome.unreached)).all()
    assert list(unreached) == [1, 1]


def test_closing_takes_its_steps_in_order(store: Store) -> None:
    sheet, _ = collected(store)
    with pytest.raises(NotAllowedNowError):
        finish(store, sheet)
    begin(store)
    with pytest.raises(NotAllowedNowError):
        begin(store)
    finish(store, sheet)
    with pytest.raises(NotAllowedNowError):
        finish(store, sheet)


def unchanged_after(store: Store, error: type[Exception], sheet: KeySheet) -> bool:
    """Try to close, expect a refusal, and say whether everything is as it was."""
    before = [rows(store, record) for record in (*PURGED, Response, StratumOutcome)]
    with pytest.raises(error):
        finish(store, sheet)
    after = [rows(store, record) for record in (*PURGED, Response, StratumOutcome)]
    return before == after and state(store) is RoundState.CLOSING


def test_wrong_key_changes_nothing(store: Store) -> None:
    sheet, _ = collected(store)
    stranger = opened(store, {"A": (1, 1)}, code="other")
    begin(store)
    damaged = KeySheet(number=1, groups=("AAAAA", *sheet.groups[1:]), qr="")
    assert unchanged_after(store, OtherRoundsKeyError, stranger)
    assert unchanged_after(store, DamagedKeyError, damaged)
    assert finish(store, sheet).opened == 3


def test_lost_ballot_is_noticed(store: Store) -> None:
    sheet, _ = collected(store)
    begin(store)
    with store.write() as session:
        lost = session.scalars(select(Ballot.id)).first()
        session.execute(delete(Ballot).where(Ballot.id == lost))
    assert unchanged_after(store, BallotsDoNotMatchError, sheet)


def test_damaged_ballot_is_noticed(store: Store) -> None:
    sheet, _ = collected(store)
    begin(store)
    with store.write() as session:
        ballot = session.scalars(select(Ballot)).first()
        assert ballot is not None
        ballot.sealed = ballot.sealed[:-1] + b"\0\0"
    assert unchanged_after(store, DamagedBallotsError, sheet)


def test_ballot_exchanged_for_one_of_another_stratum_is_noticed(store: Store) -> None:
    sheet, _ = collected(store)
    begin(store)
    with store.write() as session:
        round_ = find_round(session, CODE)
        forged = OpenBallot(
            answers={"DY": "1", "A1": "LD"},
            stratum_id="f" * 32,
            rater_key="e" * 32,
            too_fast=False,
            group_differs=False,
            mode="web",
            keying_batch=None,
        )
        ballot = session.scalars(select(Ballot)).first()
        assert ballot is not None
        assert round_.public_key is not None
        size = round_.ballot_size
        ballot.sealed = seal_ballot(forged, QUESTIONNAIRE, public_key=round_.public_key, size=size)
    assert unchanged_after(store, BallotsDoNotMatchError, sheet)


def test_invitation_marked_used_by_hand_is_noticed(store: Store) -> None:
    sheet, _ = collected(store)
    begin(store)
    with store.write() as session:
        used = update(Invitation).where(Invitation.disposition == Disposition.UNUSED)
        session.execute(used.values(disposition=Disposition.USED))
    assert unchanged_after(store, BallotsDoNotMatchError, sheet)


def test_crash_in_the_middle_leaves_the_round_closing_and_it_can_be_run_again(
    store: Store,
) -> None:
    sheet, _ = collected(store)
    begin(store)

    def crash() -> None:
        with store.write() as session:
            finish_closing(
                session,
                find_round(session, CODE),
                key_text=sheet.text,
                discard_unfinished=False,
                actor="office",
                now=NOW,
            )
            raise OSError("power cut")

    with pytest.raises(OSError, match="power cut"):
        crash()
    assert state(store) is RoundState.CLOSING
    assert (rows(store, Ballot), rows(store, Response)) == (3, 0)
    assert finish(store, sheet).opened == 3


def test_other_rounds_are_left_alone(store: Store) -> None:
    sheet, _ = collected(store)
    opened(store, {"A": (3, 2)}, code="other")
    person, *_ = people(store, code="other")
    send(store, person, answers_of(person), code="other")
    begin(store)
    finish(store, sheet)
    assert [rows(store, each) for each in (Ballot, Submission, Invitation)] == [1, 1, 5]
    assert rows(store, PaperForm) == 5
    assert rows(store, StaffMember) == 5


def test_events_of_closing_count_and_stay_chained(store: Store) -> None:
    sheet, _ = collected(store)
    begin(store)
    finish(store, sheet)
    with store.read() as session:
        assert first_broken_link(session) is None
        last = session.scalars(select(Event).order_by(Event.number.desc()).limit(1)).one()
        assert (last.action, last.detail) == ("finish_closing", {"opened": 3, "discarded": 0})


def closed(store: Store) -> KeySheet:
    sheet, _ = collected(store)
    begin(store)
    finish(store, sheet)
    return sheet


def scrubbed(store: Store, settings: Settings, *, patience: int = 5) -> list[str]:
    return scrub(store, CODE, settings=settings, actor="office", now=NOW, patience=patience)


def test_scrub_does_every_step_and_can_be_run_again(store: Store, settings: Settings) -> None:
    closed(store)
    done = scrubbed(store, settings)
    assert len(done) == (2 if store.is_sqlite else 5)
    assert not any("NOT DONE" in step for step in done)
    assert scrubbed(store, settings) == done
    with store.read() as session:
        assert find_round(session, CODE).scrubbed_at == NOW
    assert rows(store, Response) == 3


def test_scrub_waits_for_closing(store: Store, settings: Settings) -> None:
    collected(store)
    begin(store)
    with pytest.raises(NotAllowedNowError):
        scrubbed(store, settings)


def test_scrub_deletes_backups_of_the_collection_and_keeps_later_ones(
    store: Store, settings: Settings
) -> None:
    sheet, _ = collected(store)
    early = managed_backup(store, settings, now=NOW)
    begin(store)
    finish(store, sheet)
    late = managed_backup(store, settings, now=NOW.replace(hour=5))
    assert "Backups made during collection were deleted." in scrubbed(store, settings)
    assert (early.exists(), late.exists()) == (False, True)


def test_scrub_keeps_what_an_open_round_still_needs(store: Store, settings: Settings) -> None:
    closed(store)
    opened(store, {"A": (3, 2)}, code="other")
    person, *_ = people(store, code="other")
    send(store, person, answers_of(person), code="other")
    scrubbed(store, settings)
    assert [rows(store, each) for each in (Ballot, Submission, Invitation)] == [1, 1, 5]


@contextmanager
def somebody_reading(store: Store) -> Iterator[None]:
    """Hold a reading transaction open on another connection."""
    other = Store(make_engine(store.engine.url.render_as_string(hide_password=False)))
    try:
        with other.read() as session:
            session.scalars(select(Response.id)).all()
            yield
    finally:
        other.dispose()


def test_scrub_that_is_kept_from_finishing_says_so_and_resumes(
    store: Store, settings: Settings
) -> None:
    closed(store)
    with somebody_reading(store), pytest.raises(BusyDatabaseError, match="run the step again"):
        scrubbed(store, settings, patience=1)
    with store.read() as session:
        assert find_round(session, CODE).scrubbed_at is None
    assert scrubbed(store, settings)


@pytest.mark.postgres
def test_reader_of_another_table_would_keep_deleted_rows_alive_and_is_waited_for(
    postgres_store: Store, settings: Settings
) -> None:
    closed(postgres_store)
    other = Store(make_engine(postgres_store.engine.url.render_as_string(hide_password=False)))
    with other.engine.connect() as connection:
        reading = connection.execution_options(isolation_level="REPEATABLE READ")
        reading.execute(select(Event.number))
        with pytest.raises(BusyDatabaseError):
            scrubbed(postgres_store, settings, patience=1)
    other.dispose()
    assert scrubbed(postgres_store, settings)


@pytest.mark.postgres
def test_steps_without_privilege_are_reported_not_failed(
    postgres_store: Store, settings: Settings
) -> None:
    closed(postgres_store)
    url = postgres_store.engine.url
    with psycopg.connect(_plain(url.render_as_string(hide_password=False))) as admin:
        admin.execute("DROP ROLE IF EXISTS modest")
        admin.execute("CREATE ROLE modest LOGIN PASSWORD 'modest'")
        admin.execute("GRANT USAGE ON SCHEMA public TO modest")
        admin.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO modest"
        )
    modest = Store(make_engine(_as_modest(url.render_as_string(hide_password=False))))
    try:
        done = scrubbed(modest, settings)
    finally:
        modest.dispose()
        with psycopg.connect(_plain(url.render_as_string(hide_password=False))) as admin:
            admin.execute("DROP OWNED BY modest")
            admin.execute("DROP ROLE modest")
    assert len(done) == 5
    assert all(step.startswith("NOT DONE") for step in done)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _as_modest(url: str) -> str:
    changed = make_url(url).set(username="modest", password="modest")
    return changed.render_as_string(hide_password=False)


def test_sqlite_file_has_no_free_page_after_a_scrub(
    sqlite_store: Store, settings: Settings
) -> None:
    closed(sqlite_store)
    scrubbed(sqlite_store, settings)
    with sqlite_store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA freelist_count").scalar() == 0


def test_key_is_destroyed_after_a_backup_was_restored(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    sheet = closed(store)
    scrubbed(store, settings)
    key_file = tmp_path / "key.txt"
    key_file.write_text(f"{sheet.text}\n", encoding="utf-8")
    made = destroy_key(store, settings, CODE, key_file=key_file, actor="office", now=NOW)
    assert not key_file.exists()
    assert (made.key_file, made.sheets, made.responses) == ("key.txt", (1, 2), 3)
    assert (settings.backup_folder / made.backup).exists()
    with store.read() as session:
        round_ = find_round(session, CODE)
        assert round_.key_destroyed_at == NOW
        assert made.public_key == (round_.public_key or b"").hex()


def test_key_is_destroyed_without_a_file_where_only_sheets_exist(
    store: Store, settings: Settings
) -> None:
    closed(store)
    scrubbed(store, settings)
    made = destroy_key(store, settings, CODE, key_file=None, actor="office", now=NOW)
    assert made.key_file is None


def test_key_waits_for_the_scrub(store: Store, settings: Settings) -> None:
    closed(store)
    with pytest.raises(NotReadyError, match="has not been scrubbed"):
        destroy_key(store, settings, CODE, key_file=None, actor="office", now=NOW)


def test_file_with_another_key_is_not_destroyed(
    sqlite_store: Store, settings: Settings, tmp_path: Path
) -> None:
    closed(sqlite_store)
    scrubbed(sqlite_store, settings)
    stranger = opened(sqlite_store, {"A": (1, 1)}, code="other")
    key_file = tmp_path / "key.txt"
    key_file.write_text(stranger.text, encoding="utf-8")
    with pytest.raises(OtherRoundsKeyError):
        destroy_key(sqlite_store, settings, CODE, key_file=key_file, actor="office", now=NOW)
    assert key_file.read_text(encoding="utf-8") == stranger.text
    with sqlite_store.read() as session:
        assert find_round(session, CODE).key_destroyed_at is None
