"""Nothing stored after closing joins a person to an answer: 1,000 people, attacked by every route.

The attack must fail on the round as it is stored, and succeed on a layout that a careless program
would use; otherwise its failure would mean nothing.
"""

import logging
import random
import secrets
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select, text

from questionnaires import Answer
from survey.records.collection import (
    Ballot,
    Draft,
    Entry,
    Invitation,
    PaperForm,
    Submission,
)
from survey.records.store import Store
from survey.rules.drafts import DraftContent, new_draft
from survey.services.adjudicate import adjudicate
from survey.services.backup import managed_backup
from survey.services.close import begin_closing, finish_closing
from survey.services.collect import open_visit, save_draft
from survey.services.invite import hand_out_paper, paper_serials
from survey.services.keying import open_batch, save_entry
from survey.services.rounds import find_round
from survey.services.scrub import scrub
from survey.settings import settings_from
from tests.survey.attack import (
    Known,
    Layout,
    attack,
    chance_limit,
    database_files,
    traces,
)
from tests.survey.open_round import (
    CODE,
    NOW,
    Person,
    answers_of,
    clerk,
    opened,
    people,
    send,
    stratum_of,
)

UNITS = {f"U{n:02}": (9, 9) if n < 50 else (10, 10) for n in range(55)}
SIZES = [size for pair in UNITS.values() for size in pair]
T = TypeVar("T")
LIMIT = chance_limit(SIZES, false_alarm=1e-8)  # some fifty routes: below 1e-6 together
PROTECTED = Layout(
    responses="response",
    answers="answers",
    columns=["id", "rater_key", "stratum_id, mode, too_fast"],
    people="invitation",
    person="id",
)
NAIVE = Layout(
    responses="naive_response",
    answers="answers",
    columns=["id", "used_at"],
    people="naive_right",
    person="person",
)


def shuffled(everybody: list[T]) -> list[T]:
    """Let people answer in an order that is random and the same in every run."""
    return random.Random(2022).sample(everybody, len(everybody))  # noqa: S311 - no secret


class Collection:
    """1,000 people answer in random order, one in twenty-five on paper."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sheet = opened(store, UNITS)
        self.everybody = people(store)
        self.needles: dict[str, list[bytes]] = {
            "names": [person.name.encode() for person in self.everybody],
            "tokens": [person.token.encode() for person in self.everybody],
        }
        self.web: list[bytes] = []
        self.paper: list[bytes] = []
        self.misread: list[bytes] = []
        with store.write() as session:
            self.clerks = [clerk(session, name) for name in ("an", "binh", "chi")]
            round_ = find_round(session, CODE)
            batch = open_batch(session, round_, label="Lô 1", account_id=self.clerks[0])
            self.batch = batch.id
        order = shuffled(self.everybody)
        truth = {}
        for number, person in enumerate(order):
            marker = f"mk{secrets.token_hex(10)}"
            truth[marker] = person.name
            self._answer(person, marker, number)
        self.known = Known(
            order=[person.name for person in order],
            stratum={person.name: f"{person.unit} {person.group}" for person in order},
            truth=truth,
        )

    def _answer(self, person: Person, marker: str, number: int) -> None:
        if number % 25 == 0:
            self._on_paper(person, marker)
            self.paper.append(marker.encode())
            return
        answers = answers_of(person, number, marker)
        if number % 20 == 1:
            self._draft(person, answers)
        self.needles.setdefault("submission ids", []).append(
            send(self.store, person, answers).encode()
        )
        self.web.append(marker.encode())

    def _draft(self, person: Person, answers: dict[str, Answer]) -> None:
        """Save a draft, copy what is stored of it, then let it be sent."""
        begun = new_draft(NOW)
        content = DraftContent(
            answers=answers, started=NOW, consented=True, submission_id=begun.submission_id
        )
        with self.store.write() as session:
            visit = open_visit(session, round_code=CODE, token=person.token)
            save_draft(session, visit, token=person.token, device="device", content=content)
            sealed = session.scalars(select(Draft.sealed)).one()
        self.needles.setdefault("drafts", []).append(sealed[40:104])

    def _on_paper(self, person: Person, marker: str) -> None:
        """Two clerks key the form in two ways and a third decides for the second."""
        wrong = f"xx{secrets.token_hex(10)}"
        self.misread.append(wrong.encode())
        with self.store.write() as session:
            stratum = stratum_of(session, person)
            hand_out_paper(session, stratum, slots=[person.slot], actor="office", now=NOW)
            serial = self._blank(paper_serials(session, stratum))
        for account, read in zip(self.clerks[:2], (wrong, marker), strict=True):
            with self.store.write() as session:
                answers = answers_of(person, 0, read)
                save_entry(session, self.batch, serial=serial, account_id=account, answers=answers)
        with self.store.write() as session:
            decisions = {"T": marker}
            adjudicate(session, serial=serial, account_id=self.clerks[2], decisions=decisions)

    def _blank(self, serials: list[str]) -> str:
        with self.store.read() as session:
            taken = set(session.scalars(select(Entry.serial)))
        return next(serial for serial in serials if serial not in taken)

    def copy_secrets(self) -> None:
        """Note everything stored now that must be gone later."""
        with self.store.read() as session:
            columns = {
                "token hashes": Invitation.token_hash,
                "invitation ids": Invitation.id,
                "proofs of ids": Submission.id_hash,
                "proofs of answers": Submission.answers_mac,
                "ballot ids": Ballot.id,
            }
            for kind, column in columns.items():
                stored = session.scalars(select(column)).all()
                self.needles[kind] = [value.encode() for value in stored if value]
            ballots = session.scalars(select(Ballot.sealed)).all()
            self.needles["ballots"] = [sealed[40:104] for sealed in ballots]
            forms = session.execute(select(PaperForm.serial, PaperForm.stratum_id)).all()
            # Nine digits alone stand in many a random key: look for them beside their stratum.
            between = b"" if self.store.is_sqlite else b"C"  # PostgreSQL's length of the next text
            self.needles["serials of paper"] = [
                serial.encode() + between + stratum.encode() for serial, stratum in forms
            ]
        self.needles["misread keyings"] = self.misread


def checkpoint(store: Store) -> None:
    """Bring everything into the files, as a copy of the disk would find it."""
    if store.is_sqlite:
        return  # the log beside the file is read as well
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        connection.execute(text("ANALYZE"))
        connection.execute(text("CHECKPOINT"))


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Collect the program's whole log, down to debugging."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


@pytest.mark.timeout(120)
def test_a_thousand_people_cannot_be_joined_to_their_answers(
    store: Store, logged: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    settings = settings_from({}, home=tmp_path / "home")
    collection = Collection(store)
    collection.copy_secrets()
    checkpoint(store)

    during = traces(database_files(store), collection.needles | {"web answers": collection.web})
    assert during["web answers"] == 0, "answers from the web lie open during collection"
    assert during["ballots"] == 1000, "the search finds what is there"
    assert during["names"] == 1000
    assert during["invitation ids"] == 1000
    assert during["misread keyings"] == 40

    with store.write() as session:
        begin_closing(session, find_round(session, CODE), actor="office", now=NOW)
    with store.write() as session:
        finish_closing(
            session,
            find_round(session, CODE),
            key_text=collection.sheet.text,
            discard_unfinished=False,
            actor="office",
            now=NOW + timedelta(hours=1),
        )
    scrub(store, CODE, settings=settings, actor="office", now=NOW + timedelta(hours=2))
    archive = managed_backup(store, settings, now=NOW + timedelta(hours=3))
    checkpoint(store)

    files = [*database_files(store), archive]
    log = logged.text.encode()
    markers = {"answers": collection.web + collection.paper}
    assert traces(files, collection.needles, log, unpacked(archive)) == {}
    assert traces(files, markers)["answers"] == 1000, "the search finds what is there"
    assert traces([], markers, log) == {}

    found = attack(store, PROTECTED, files, archive, collection.known)
    assert len(found) >= 12
    given_away = {route: count for route, count in found.items() if count >= LIMIT}
    assert given_away == {}


def unpacked(archive: Path) -> bytes:
    """Read all members of a backup."""
    with zipfile.ZipFile(archive) as members:
        return b"\n".join(members.read(name) for name in members.namelist())


def test_the_same_attack_succeeds_on_a_naive_layout(store: Store) -> None:
    if not store.is_sqlite:
        with store.engine.connect() as connection:
            connection.execute(text("SELECT pg_switch_wal()"))  # one segment for all of it
    known = naive_collection(store)
    checkpoint(store)
    found = attack(store, NAIVE, database_files(store), None, known)
    routes = ["table order by id", "table order by used_at", "table"]
    routes += ["table order by rowid"] if store.is_sqlite else ["table order by ctid"]
    if not store.is_sqlite:
        routes += ["table order by xmin::text::bigint, ctid", "same transaction"]
    assert {route: found[route] for route in routes if found[route] < 990} == {}
    if not store.is_sqlite:
        assert found["bytes of the log"] > 950  # a marker across two pages of the log is missed
    pages = [count for route, count in found.items() if "pages of" in route]
    assert max(pages) > 900


@pytest.mark.postgres
def test_two_transactions_a_person_are_joined_by_their_rank(postgres_store: Store) -> None:
    known = naive_collection(postgres_store, transactions=2)
    found = attack(postgres_store, NAIVE, [], None, known)
    assert found["rank of transactions"] == 1000
    assert found["same transaction"] == 0


def naive_collection(store: Store, *, transactions: int = 1) -> Known:
    """Let 1,000 people answer into tables as a careless program would make them."""
    sizes = enumerate(SIZES)
    everybody = [(f"{place}-{n}", str(place)) for place, size in sizes for n in range(size)]
    order = shuffled(everybody)
    truth = {f"mk{secrets.token_hex(10)}": person for person, _ in order}
    counter = "INTEGER PRIMARY KEY AUTOINCREMENT" if store.is_sqlite else "SERIAL PRIMARY KEY"
    with store.engine.begin() as connection:
        connection.execute(text("CREATE TABLE naive_right (person TEXT PRIMARY KEY, used INT)"))
        table = f"(id {counter}, used_at TEXT, stratum TEXT, answers TEXT)"
        connection.execute(text(f"CREATE TABLE naive_response {table}"))
        rights = [{"person": person} for person, _ in everybody]
        connection.execute(text("INSERT INTO naive_right VALUES (:person, 0)"), rights)
    use = text("UPDATE naive_right SET used = 1 WHERE person = :person")
    keep = text(
        "INSERT INTO naive_response (used_at, stratum, answers) VALUES (:at, :stratum, :answers)"
    )
    for minute, ((person, stratum), marker) in enumerate(zip(order, truth, strict=True)):
        at = (NOW + timedelta(minutes=minute)).isoformat()
        answers = {"at": at, "stratum": stratum, "answers": f'{{"T": "{marker}"}}'}
        steps = [(use, {"person": person}), (keep, answers)]
        for start in range(transactions):
            with store.engine.begin() as connection:
                for statement, values in steps[start::transactions]:
                    connection.execute(statement, values)
    return Known(order=[person for person, _ in order], stratum=dict(order), truth=truth)


def test_limit_is_near_chance_and_far_from_a_leak() -> None:
    assert len(SIZES) == 110
    assert sum(SIZES) == 1000
    assert 110 < LIMIT < 190
    assert chance_limit([1] * 5, false_alarm=1e-8) > 5
