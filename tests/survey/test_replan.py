"""The sample after non-response: counts in, reserves that the rule lets in, their effect."""

import io
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

from sampling import Selection
from survey.cli.export import export
from survey.cli.sample import sample
from survey.documents.plan_reserves_docx import reserves_document
from survey.errors import (
    NoReserveLeftError,
    NotAllowedNowError,
    NotFoundError,
    RefusedInputError,
)
from survey.records.store import Store
from survey.rules.outlook import Asked, outlook
from survey.services import audit, invite, replan, rounds
from survey.services.collect import end_without_answers
from survey.services.plan import plan_of
from tests.survey.open_round import (
    CODE,
    NOW,
    Person,
    answers_of,
    draft,
    opened,
    people,
    send,
    stratum_of,
)

_SIZES = {"A": (14, 30), "B": (12, 40)}


def _units(store: Store, *, contacts: int = 0) -> dict[str, replan.ReplannedUnit]:
    with store.read() as session:
        found = replan.replanned(session, rounds.find_round(session, CODE), contacts=contacts)
    return {unit.code.removeprefix(CODE): unit for unit in found}


def _of(store: Store, unit: str, group: str) -> list[Person]:
    return [p for p in people(store) if (p.unit, p.group) == (f"{CODE}{unit}", group)]


def _end(store: Store, person: Person, disposition: str) -> None:
    with store.write() as session:
        end_without_answers(session, round_code=CODE, token=person.token, disposition=disposition)


def _release(store: Store, person: Person, *, contacts: int = 0) -> None:
    with store.write() as session:
        replan.release_by_rule(
            session, stratum_of(session, person), contacts=contacts, actor="office", now=NOW
        )


def test_nobody_is_replaced_before_anything_has_come_in(store: Store) -> None:
    opened(store, _SIZES)
    units = _units(store)
    assert [unit.releasable for unit in units.values()] == [0, 0]
    leaders, officials = units["A"].strata
    assert (leaders.respondent_group, leaders.planned, leaders.open) == ("LD", 10, 10)
    assert (officials.population, officials.reserves_left) == (30, 1)
    assert units["A"].precision.now is None
    planned = [Asked(population=14, size=10), Asked(population=30, size=10)]
    assert units["A"].precision.planned == outlook(planned, level=0.95).half_width


def test_a_refusal_lets_one_reserve_in_and_no_second(store: Store) -> None:
    opened(store, _SIZES)
    first, second, *_ = _of(store, "A", "LD")
    _end(store, first, "refused")
    assert _units(store)["A"].strata[0].releasable == 1
    _release(store, first)
    after = _units(store)["A"].strata[0]
    assert (after.releasable, after.released, after.invited) == (0, 1, 11)
    with store.read() as session:
        assert audit.recent(session, 1)[0].action == "release_reserve"
    _end(store, second, "refused")
    with pytest.raises(NoReserveLeftError):
        _release(store, second)


def test_somebody_of_another_group_is_replaced_at_once(store: Store) -> None:
    opened(store, _SIZES)
    person = _of(store, "B", "CC")[0]
    _end(store, person, "ineligible")
    stratum = _units(store)["B"].strata[1]
    assert (stratum.ineligible, stratum.releasable) == (1, 1)


def test_silence_is_replaced_after_three_contacts_only(store: Store) -> None:
    opened(store, _SIZES)
    person = _of(store, "A", "CC")[0]
    assert [_units(store, contacts=n)["A"].strata[1].releasable for n in (0, 2, 3)] == [0, 0, 1]
    with pytest.raises(RefusedInputError) as refused:
        _release(store, person, contacts=2)
    assert "0 fell out, 0 reserve(s)" in str(refused.value)
    _release(store, person, contacts=3)
    assert _units(store, contacts=3)["A"].strata[1].reserves_left == 0


def test_answers_and_reserves_narrow_the_interval(store: Store) -> None:
    opened(store, _SIZES)
    refusing, *answering = [person for person in people(store) if person.unit == f"{CODE}A"]
    for person in answering:
        send(store, person, answers_of(person))
    _end(store, refusing, "refused")
    unit = _units(store)["A"]
    assert sum(stratum.answered for stratum in unit.strata) == 19
    found = unit.precision
    assert found.planned is not None
    assert found.now is not None
    assert found.released == found.planned < found.now


def test_units_that_pick_their_people_have_no_reserves(store: Store) -> None:
    with store.write() as session:
        draft(session, _SIZES, selection=Selection.PICKED)
    assert _units(store) == {}


def test_nobody_is_released_in_a_round_that_is_not_open(store: Store) -> None:
    with store.write() as session:
        draft(session, _SIZES)
    person = Person(unit=f"{CODE}A", group="LD", slot=1, name="", token="")
    with pytest.raises(NotAllowedNowError):
        _release(store, person, contacts=3)
    with store.write() as session, pytest.raises(NotFoundError):
        replan.release_by_rule(session, "no such", contacts=3, actor="office", now=NOW)


def test_a_reserve_invited_without_cause_counts_against_the_next(store: Store) -> None:
    opened(store, _SIZES)
    person = _of(store, "A", "LD")[0]
    with store.write() as session:
        invite.release_reserve(session, stratum_of(session, person), actor="office", now=NOW)
    _end(store, person, "refused")
    assert _units(store)["A"].strata[0].releasable == 0


def test_the_command_line_shows_counts(tmp_path: Path, sqlite_store: Store) -> None:
    opened(sqlite_store, _SIZES)
    call = ["replan", CODE, "--contacts", "3", "--home", str(tmp_path)]
    done = CliRunner().invoke(sample, call)
    assert done.exit_code == 0, done.output
    assert "0/10" in done.output
    assert "Nobody has been invited yet" not in done.output
    assert "Người Thứ" not in done.output


def test_the_next_reserve_is_the_next_in_the_drawn_order(store: Store) -> None:
    opened(store, _SIZES)
    _end(store, _of(store, "A", "CC")[0], "refused")
    with store.read() as session:
        round_ = rounds.find_round(session, CODE)
        (drawn,) = [
            s for s in plan_of(session, round_).strata if s.unit[-1] == "A" and s.group == "CC"
        ]
    assert _units(store)["A"].strata[1].next_positions == drawn.reserve[:1]


def test_the_proposal_counts_and_names_places_but_nobody(store: Store) -> None:
    opened(store, _SIZES)
    _end(store, _of(store, "A", "LD")[0], "refused")
    with store.read() as session:
        round_ = rounds.find_round(session, CODE)
        units = replan.replanned(session, round_, contacts=2)
        content = reserves_document(units, round_.declared, contacts=2, counted_at=NOW)
    drawn = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in drawn.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(paragraph.text for paragraph in drawn.paragraphs), *cells])
    assert "đã mời 40 người; 0 người đã trả lời, 1 người từ chối" in text
    assert "liên hệ 02 lần" in text
    assert "mời 01 người dự phòng tại 01 cơ quan, đơn vị" in text
    assert "hiện nay chưa tính được vì có nhóm chưa ai trả lời" in text
    (place,) = _units(store)["A"].strata[0].next_positions
    assert [row.cells[-1].text for row in drawn.tables[2].rows[1:]] == [str(place)]
    assert "Người Thứ" not in text


def test_a_proposal_without_anybody_to_invite_says_so(store: Store) -> None:
    opened(store, _SIZES)
    with store.read() as session:
        round_ = rounds.find_round(session, CODE)
        units = replan.replanned(session, round_, contacts=0)
        content = reserves_document(units, round_.declared, contacts=0, counted_at=NOW)
    drawn = docx.Document(io.BytesIO(content))
    assert any("chưa có trường hợp nào" in paragraph.text for paragraph in drawn.paragraphs)
    assert drawn.tables[2].rows[1].cells[0].text == "Không có"


def test_no_proposal_is_written_before_anybody_is_invited(
    tmp_path: Path, sqlite_store: Store
) -> None:
    with sqlite_store.write() as session:
        draft(session, _SIZES)
    target = tmp_path / "du-phong.docx"
    call = ["reserves", CODE, "--home", str(tmp_path), "--to", str(target)]
    refused = CliRunner().invoke(export, call)
    assert isinstance(refused.exception, NotAllowedNowError)
    assert not target.exists()


def test_the_command_line_writes_the_proposal(tmp_path: Path, sqlite_store: Store) -> None:
    opened(sqlite_store, _SIZES)
    target = tmp_path / "du-phong.docx"
    call = ["reserves", CODE, "--contacts", "3", "--home", str(tmp_path), "--to"]
    done = CliRunner().invoke(export, [*call, str(target)])
    assert done.exit_code == 0, done.output
    words = [paragraph.text for paragraph in docx.Document(str(target)).paragraphs]
    assert any("liên hệ 03 lần" in text for text in words)
    refused = CliRunner().invoke(export, [*call, str(tmp_path / "du-phong.pdf")])
    assert refused.exit_code == 2
    assert "ending in .docx" in refused.output
