"""Hard and soft checks at the three doors."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import (
    Answer,
    Door,
    ProblemCode,
    Questionnaire,
    Severity,
    check,
    describe,
    keep_in_play,
    route,
)
from questionnaires import ProblemCode as Code

Strategies = Callable[[Questionnaire], st.SearchStrategy[dict[str, Answer]]]
COMPLETE: dict[str, Answer] = {
    "DY": "1", "A1": "LD", "A2": 3, "A3": ("b", "a"), "Q1": "99", "Q2": "1", "C1": "tốt",
}  # fmt: skip
URBAN = {"unit.urban": "yes"}


@pytest.mark.parametrize("door", Door)
def test_complete_answers_pass_every_door(every_kind: Questionnaire, door: Door) -> None:
    assert check(every_kind, COMPLETE, URBAN, door=door) == []


@pytest.mark.parametrize(
    ("item", "answer", "code"),
    [
        ("A1", "XX", Code.CODE_NOT_IN_LIST),
        ("A1", ("LD",), Code.WRONG_FORM),
        ("A1", 1, Code.WRONG_FORM),
        ("Q1", "4", Code.CODE_NOT_IN_LIST),
        ("Q1", "96", Code.MISSING_CODE_AT_DOOR),
        ("A2", 100, Code.OUT_OF_RANGE),
        ("A2", -1, Code.OUT_OF_RANGE),
        ("A2", 10**25, Code.OUT_OF_RANGE),
        ("A2", True, Code.WRONG_FORM),
        ("A2", "3", Code.WRONG_FORM),
        ("A3", ("a", "b", "c"), Code.TOO_MANY_CHOICES),
        ("A3", ("a", "z"), Code.CODE_NOT_IN_LIST),
        ("A3", ("a", "a"), Code.WRONG_FORM),
        ("A3", ("a", "98"), Code.MIXED_WITH_MISSING),
        ("A3", "a", Code.WRONG_FORM),
        ("A3", "98", Code.WRONG_FORM),
        ("C1", "x" * 21, Code.TEXT_TOO_LONG),
        ("C1", "a\x07", Code.TEXT_NOT_CLEAN),
        ("C1", 3, Code.WRONG_FORM),
        ("D1", "x", Code.UNKNOWN_ITEM),
        ("N0", "x", Code.UNKNOWN_ITEM),
    ],
)
@pytest.mark.parametrize("door", Door)
def test_answer_that_cannot_be_stored_is_hard_at_every_door(
    every_kind: Questionnaire, item: str, answer: Answer, code: Code, door: Door
) -> None:
    problems = check(every_kind, COMPLETE | {item: answer}, URBAN, door=door)
    at_item = [(p.code, p.severity) for p in problems if p.place == item]
    assert (code, Severity.HARD) in at_item


@pytest.mark.parametrize("item", ["A1", "A2", "Q1", "C1", "A3"])
@pytest.mark.parametrize("code", ["94", "95", "98"])
def test_codes_for_keying_are_refused_from_the_web_only(
    every_kind: Questionnaire, item: str, code: str
) -> None:
    forms: dict[str, Answer] = {"A2": f"#{code}", "C1": f"#{code}", "A3": (code,)}
    answers = COMPLETE | {item: forms.get(item, code)}
    refused = check(every_kind, answers, URBAN, door=Door.WEB)
    keyed = check(every_kind, answers, URBAN, door=Door.CLERK)
    assert (Code.MISSING_CODE_AT_DOOR, item) in {(p.code, p.place) for p in refused}
    assert all(p.severity is Severity.SOFT for p in keyed)


def test_shown_special_code_is_accepted_from_the_web(officials: Questionnaire) -> None:
    problems = check(officials, {"Q01": "97", "Q02a": "99"}, {}, door=Door.WEB)
    assert not {"Q01", "Q02a"} & {problem.place for problem in problems}


def test_not_applicable_is_refused_from_the_web_where_it_is_not_shown(
    officials: Questionnaire,
) -> None:
    problems = check(officials, {"Q25": "97"}, {}, door=Door.WEB)
    assert ("Q25", Code.MISSING_CODE_AT_DOOR) in {(p.place, p.code) for p in problems}


@pytest.mark.parametrize(
    ("door", "severity"),
    [(Door.WEB, Severity.HARD), (Door.CLERK, Severity.SOFT), (Door.IMPORT, Severity.SOFT)],
)
def test_answer_off_the_path_is_refused_from_the_web_and_flagged_from_paper(
    every_kind: Questionnaire, door: Door, severity: Severity
) -> None:
    (problem,) = check(every_kind, COMPLETE | {"Q1": "3"}, URBAN, door=door)
    assert (problem.code, problem.place) == (ProblemCode.NOT_IN_PLAY, "C1")
    assert problem.severity is severity


@pytest.mark.parametrize(
    ("door", "code", "severity"),
    [
        (Door.WEB, Code.REQUIRED, Severity.HARD),
        (Door.CLERK, Code.UNANSWERED, Severity.SOFT),
        (Door.IMPORT, Code.UNANSWERED, Severity.SOFT),
    ],
)
def test_required_answer_is_demanded_on_the_web_only(
    every_kind: Questionnaire, door: Door, code: Code, severity: Severity
) -> None:
    answers = {name: value for name, value in COMPLETE.items() if name != "A1"}
    (problem,) = check(every_kind, answers, URBAN, door=door)
    assert (problem.place, problem.code, problem.severity) == ("A1", code, severity)


@pytest.mark.parametrize("blank", [None, "", ()])
def test_question_left_blank_is_a_soft_flag(
    every_kind: Questionnaire, blank: Answer | None
) -> None:
    answers = {name: value for name, value in COMPLETE.items() if name != "C1"}
    if blank is not None:
        answers["C1"] = blank
    (problem,) = check(every_kind, answers, URBAN, door=Door.WEB)
    found = (problem.place, problem.code, problem.severity)
    assert found == ("C1", Code.UNANSWERED, Severity.SOFT)


def test_refusal_needs_nothing_more(officials: Questionnaire) -> None:
    assert check(officials, {"DY": "2"}, {}, door=Door.WEB) == []


@given(data=st.data())
def test_only_items_in_play_are_ever_missed_and_only_others_are_off_the_path(
    every_kind: Questionnaire, keyed_answers: Strategies, data: st.DataObject
) -> None:
    answers = data.draw(keyed_answers(every_kind))
    in_play = set(route(every_kind, answers, {}).items)
    for problem in check(every_kind, answers, {}, door=Door.CLERK):
        assert (problem.place in in_play) is (problem.code is Code.UNANSWERED)
    kept = keep_in_play(every_kind, answers, {})
    codes = {problem.code for problem in check(every_kind, kept, {}, door=Door.WEB)}
    assert Code.NOT_IN_PLAY not in codes


NEW: dict[str, Answer] = {
    "E1": "1", "E2": "2.50", "E3": "2025-03-01", "E4": "2025-03-08", "M1": ("1",), "G1a": "1",
    "G1b": "2",
}  # fmt: skip


@pytest.mark.parametrize("door", Door)
def test_complete_answers_of_the_new_kinds_pass_every_door(
    new_kinds: Questionnaire, door: Door
) -> None:
    assert check(new_kinds, NEW, {}, door=door) == []


@pytest.mark.parametrize(
    ("item", "answer", "code", "said"),
    [
        ("E2", "2.5", Code.WRONG_FORM, "wrong form"),
        ("E2", "02.50", Code.WRONG_FORM, "wrong form"),
        ("E2", "-0.00", Code.WRONG_FORM, "wrong form"),
        ("E2", "2,50", Code.WRONG_FORM, "wrong form"),
        ("E2", 3, Code.WRONG_FORM, "wrong form"),
        ("E2", "1000.01", Code.OUT_OF_RANGE, "is 1000.01, outside -0.50 to 1000.00"),
        ("E2", "-0.51", Code.OUT_OF_RANGE, "outside"),
        ("E2", "9" * 40 + ".00", Code.OUT_OF_RANGE, "is …, outside"),
        ("E3", "31/03/2025", Code.WRONG_FORM, "wrong form"),
        ("E3", "2025-02-29", Code.WRONG_FORM, "wrong form"),
        ("E3", "20250301", Code.WRONG_FORM, "wrong form"),
        ("E3", "2024-12-31", Code.TOO_EARLY, "is 31/12/2024, before 01/01/2025"),
        ("E3", "2026-01-01", Code.TOO_LATE, "is 01/01/2026, after 31/12/2025"),
        ("M1", ("0", "1"), Code.EXCLUSIVE_CHOICE, "has the answer 0, which stands alone"),
        ("E4", "2025-02-28", Code.CONSTRAINT, "Question E4: Ngày nhận trước ngày nộp."),
        ("DAYS", "7", Code.UNKNOWN_ITEM, "no question DAYS"),
        ("G1", "1", Code.UNKNOWN_ITEM, "no question G1"),
    ],
)
@pytest.mark.parametrize("door", Door)
def test_answer_of_a_new_kind_that_cannot_be_stored_is_hard_at_every_door(
    new_kinds: Questionnaire, item: str, answer: Answer, code: Code, said: str, *, door: Door
) -> None:
    problems = check(new_kinds, NEW | {item: answer}, {}, door=door)
    hard = [p for p in problems if p.place == item and p.severity is Severity.HARD]
    assert [problem.code for problem in hard] == [code]
    assert said in describe(hard[0])


def test_soft_constraint_flags_and_speaks_the_readers_language(new_kinds: Questionnaire) -> None:
    slow = NEW | {"E4": "2025-06-01"}
    (problem, *_) = check(new_kinds, slow, {}, door=Door.WEB, language="en")
    assert (problem.code, problem.severity) == (Code.CONSTRAINT, Severity.SOFT)
    assert problem.values["message"] == "Hồ sơ kéo dài hơn 60 ngày."
    early = NEW | {"E4": "2025-02-01"}
    (problem,) = check(new_kinds, early, {}, door=Door.WEB, language="en")
    assert problem.values["message"] == "Too early."


def test_answer_with_a_fault_of_its_own_is_not_held_against_a_constraint_too(
    new_kinds: Questionnaire,
) -> None:
    problems = check(new_kinds, NEW | {"E4": "2027-01-01"}, {}, door=Door.CLERK)
    assert [problem.code for problem in problems if problem.place == "E4"] == [Code.TOO_LATE]


@pytest.mark.parametrize("e3", [None, "#95", "2025-13-01"])
def test_constraint_that_the_answers_do_not_decide_passes(
    new_kinds: Questionnaire, e3: str | None
) -> None:
    answers = {name: value for name, value in NEW.items() if name != "E3"}
    if e3 is not None:
        answers["E3"] = e3
    problems = check(new_kinds, answers | {"E4": "2025-01-02"}, {}, door=Door.CLERK)
    assert Code.CONSTRAINT not in {problem.code for problem in problems}


def test_missing_code_is_never_held_against_a_constraint(new_kinds: Questionnaire) -> None:
    assert check(new_kinds, NEW | {"E4": "#98"}, {}, door=Door.CLERK) == []
