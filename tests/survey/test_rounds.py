"""Rounds: read with every fault and its line, created once, found by their code."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from questionnaires.library import shipped
from survey.errors import NotFoundError, RefusedInputError
from survey.records.rounds import QuestionnaireVersion
from survey.records.store import Store
from survey.rules.ballots import ballot_size
from survey.rules.lifecycle import RoundState
from survey.services import audit, rounds


def _refusal(file: Path) -> str:
    with pytest.raises(RefusedInputError) as refused:
        rounds.read_round(file)
    return str(refused.value)


def _change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_a_round_and_its_questionnaire_are_read(small_round_file: Path) -> None:
    document, questionnaire = rounds.read_round(small_round_file)
    assert (document.code, document.title.in_language("en")) == ("thu2022", "Trial round")
    assert questionnaire.id == "small"


def test_faults_name_file_line_and_place(small_round_file: Path) -> None:
    _change(small_round_file, "year: 2022", "year: 1822")
    _change(small_round_file, "counted_as: cơ quan", "counted: cơ quan")
    message = _refusal(small_round_file)
    assert "round.yaml was refused: 3 fault(s)" in message
    assert "round.yaml, line 6: “year”: " in message
    assert "(found: 1822)" in message
    assert "“unit_groups.0.counted”: is not known here" in message


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("quotas: {LD: 2, CC: 3}", "quotas: {LD: 2, XX: 3}", "quotas names XX"),
        ("year: 2022", "year: 2022\nyear: 2023", "line 7: the key 'year' stands twice"),
        ("year: 2022", "\tyear: 2022", "round.yaml, line 6: "),
        ("small.yaml", "../small.yaml", "or “shipped:” and a name: officials_par, cross_rating"),
        ("small.yaml", "missing.yaml", "“questionnaire” is “missing.yaml”"),
        ("value_map: linear", "value_map: round", "“round”, which the questionnaire does not have"),
        ("{code: LD,", "{code: L9,", "which is no respondent group"),
    ],
)
def test_a_wrong_document_is_refused(
    small_round_file: Path, before: str, after: str, expected: str
) -> None:
    _change(small_round_file, before, after)
    assert expected in _refusal(small_round_file)


def test_a_round_may_name_a_shipped_questionnaire(small_round_file: Path) -> None:
    _change(small_round_file, "small.yaml", "shipped:officials_par")
    document, questionnaire = rounds.read_round(small_round_file)
    assert document.questionnaire == "shipped:officials_par"
    assert questionnaire == shipped("officials_par")


def test_a_questionnaire_that_is_not_shipped_is_refused(small_round_file: Path) -> None:
    _change(small_round_file, "small.yaml", "shipped:oficials_par")
    message = _refusal(small_round_file)
    assert message.startswith("The questionnaire shipped:oficials_par was refused: 1 fault(s)")
    assert "no questionnaire 'oficials_par' is shipped" in message
    assert "did you mean 'officials_par'?" in message


def test_groups_are_answers_of_the_question_that_asks_for_them(small_round_file: Path) -> None:
    _change(small_round_file, "LD", "L9")
    assert "“L9” is no answer of “A1”" in _refusal(small_round_file)


def test_facts_nobody_knows_are_refused(small_round_file: Path) -> None:
    _change(small_round_file.parent / "small.yaml", "unit.handles_procedures", "unit.colour")
    message = _refusal(small_round_file)
    assert "needs the fact “unit.colour”" in message
    assert "sample.selection, unit.handles_procedures" in message


def test_faults_of_the_questionnaire_come_through(small_round_file: Path) -> None:
    _change(
        small_round_file.parent / "small.yaml", "scale: muc5, text: Chỉ", "scale: muc6, text: Chỉ"
    )
    message = _refusal(small_round_file)
    assert message.startswith("The questionnaire small.yaml was refused: 1 fault(s)")
    assert "scale 'muc6' is unknown" in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "No such file"), (b"\xff\xfe", "it is not UTF-8 (byte 0)"), (b"", "line 1: the doc")],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, expected: str
) -> None:
    file = tmp_path / "r.yaml"
    if content is not None:
        file.write_bytes(content)
    message = _refusal(file)
    assert "r.yaml" in message
    assert expected in message


def test_a_stored_round_declares_what_was_read(
    store: Store, small_round: str, small_round_file: Path, now: datetime
) -> None:
    document, questionnaire = rounds.read_round(small_round_file)
    with store.read() as session:
        found = rounds.find_round(session, small_round)
        assert rounds.questionnaire_of(session, found) == questionnaire
    assert found.declared == document
    assert (found.state, found.simulated, found.created_at) == (RoundState.DRAFT, True, now)
    assert found.ballot_size == ballot_size(questionnaire)


def test_a_code_is_given_once(
    store: Store, small_round: str, small_round_file: Path, now: datetime
) -> None:
    del small_round
    document, questionnaire = rounds.read_round(small_round_file)
    with store.write() as session, pytest.raises(RefusedInputError, match="already a round “thu2"):
        rounds.create_round(
            session,
            document=document,
            questionnaire=questionnaire,
            simulated=False,
            actor="lan",
            now=now,
        )


def test_two_rounds_share_one_version_of_a_questionnaire(
    store: Store, small_round: str, small_round_file: Path, now: datetime
) -> None:
    document, questionnaire = rounds.read_round(small_round_file)
    with store.write() as session:
        rounds.create_round(
            session,
            document=document.model_copy(update={"code": "thu2023", "year": 2023}),
            questionnaire=questionnaire,
            simulated=False,
            actor="lan",
            now=now,
        )
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(QuestionnaireVersion)) == 1
        assert [found.code for found in rounds.rounds(session)] == ["thu2023", small_round]
        assert audit.recent(session, 1)[0].action == "create_round"


def test_an_unknown_round_is_not_found(store: Store) -> None:
    with store.read() as session, pytest.raises(NotFoundError, match="no round “bp1999”"):
        rounds.find_round(session, "bp1999")
