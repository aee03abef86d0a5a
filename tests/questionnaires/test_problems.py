"""The catalogue of problems."""

import pytest

from questionnaires import (
    REMEDIES,
    TEMPLATES,
    Door,
    Problem,
    ProblemCode,
    Questionnaire,
    Severity,
    check,
    describe,
)


def test_every_code_has_a_message_and_a_remedy() -> None:
    assert set(TEMPLATES) == set(REMEDIES) == set(ProblemCode)


def test_description_names_the_printed_number_the_value_and_the_remedy(
    every_kind: Questionnaire,
) -> None:
    (problem, *_) = (
        p for p in check(every_kind, {"A1": "XX"}, {}, door=Door.CLERK) if p.place == "A1"
    )
    assert describe(problem) == (
        "XX is not among the answers to question 1. Choose one of: LD, KH."
    )


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        ("A1", "XX"),
        ("A1", 1),
        ("A2", 100),
        ("A3", ("a", "b", "c")),
        ("A3", ("a", "94")),
        ("C1", "x" * 30),
        ("C1", "\x07"),
        ("Q1", "94"),
        ("zz", "1"),
    ],
)
def test_every_problem_found_can_be_described(
    every_kind: Questionnaire, item: str, answer: object
) -> None:
    problems = check(every_kind, {item: answer}, {}, door=Door.WEB)  # type: ignore[dict-item]
    for problem in problems:
        assert "%(" not in describe(problem)


def test_percent_sign_in_a_value_is_shown_as_it_is() -> None:
    values = {"item": "Q1", "number": "1", "value": "5%(x)s", "allowed": "1"}
    code = ProblemCode.CODE_NOT_IN_LIST
    problem = Problem(code=code, severity=Severity.HARD, place="Q1", values=values)
    assert describe(problem).startswith("5%(x)s is not among")
