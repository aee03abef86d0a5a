"""The one-minute form after a procedure: one screen, six questions, nothing about the person."""

import pytest

from questionnaires import Disclosure, Questionnaire, route, text_in
from questionnaires.library import shipped


@pytest.fixture(scope="module")
def transaction() -> Questionnaire:
    return shipped("transaction")


def test_one_screen_has_six_questions_at_most(transaction: Questionnaire) -> None:
    assert len(transaction.sections) == 1
    assert transaction.consent is None
    assert len(transaction.questions) == 6
    assert transaction.estimated_minutes == 1


def test_only_the_overall_question_must_be_answered(transaction: Questionnaire) -> None:
    assert [question.id for question in transaction.questions if question.required] == ["H1"]


def test_nothing_identifies_the_person(transaction: Questionnaire) -> None:
    disclosure = {question.id: question.disclosure for question in transaction.questions}
    assert disclosure.pop("H6") is Disclosure.FREE_TEXT_REVIEW
    assert set(disclosure.values()) == {Disclosure.ORDINARY}
    assert transaction.facts == ()
    assert "không ghi họ tên" in text_in(transaction.item("H6").text, "vi")


@pytest.mark.parametrize(
    ("overall", "asked"),
    [("5", False), ("4", False), ("3", False), ("2", True), ("1", True), ("97", False)],
)
def test_only_the_dissatisfied_say_with_what(
    transaction: Questionnaire, *, overall: str, asked: bool
) -> None:
    assert ("H5" in route(transaction, {"H1": overall}, {}).items) is asked


def test_no_question_asks_about_bribes_where_an_official_can_look_on(
    transaction: Questionnaire,
) -> None:
    said = " ".join(text_in(question.text, "vi") for question in transaction.questions)
    for word in ("tiền", "nhũng nhiễu", "phiền hà", "phí"):
        assert word not in said


def test_guidance_is_worded_as_in_the_citizens_form(transaction: Questionnaire) -> None:
    citizens = shipped("sipas_citizen")
    assert transaction.item("H3").text == citizens.item("T12").text
    assert transaction.scales["hailong5"].options == citizens.scales["hailong5"].options
