"""Reading posts, canonical bytes and the size of a ballot."""

import json
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import (
    Answer,
    AnswersError,
    Door,
    ProblemCode,
    Questionnaire,
    Severity,
    UnknownItemError,
    canonical,
    check,
    from_canonical,
    largest_answer_size,
    parse_answers,
)

Strategies = Callable[[Questionnaire], st.SearchStrategy[dict[str, Answer]]]


def test_post_is_read_into_typed_answers(every_kind: Questionnaire) -> None:
    raw = {
        "A1": [" LD "],
        "A2": ["07"],
        "A3": ["c", "b", "c"],
        "C1": ["  to\u0302\u0301t\r\nhai\x00\u202e\tba "],
        "Q1": [""],
        "Q2": [],
    }
    answers, problems = parse_answers(every_kind, raw)
    expected = {"A1": "LD", "A2": 7, "A3": ("b", "c"), "C1": "tốt\nhai ba"}
    assert (answers, problems) == (expected, [])


@pytest.mark.parametrize(
    ("name", "posted", "code"),
    [
        ("D1", ["x"], ProblemCode.UNKNOWN_ITEM),
        ("N0", ["x"], ProblemCode.UNKNOWN_ITEM),
        ("csrf\x00" + "x" * 99, ["x"], ProblemCode.UNKNOWN_ITEM),
        ("A1", ["LD", "KH"], ProblemCode.SEVERAL_VALUES),
        ("A2", ["1.5"], ProblemCode.NOT_A_NUMBER),
        ("A2", ["٣"], ProblemCode.NOT_A_NUMBER),
        ("A2", ["9" * 5000], ProblemCode.NOT_A_NUMBER),
    ],
)
def test_unreadable_post_is_a_hard_problem_at_its_place(
    every_kind: Questionnaire, name: str, posted: list[str], code: ProblemCode
) -> None:
    answers, (problem,) = parse_answers(every_kind, {name: posted})
    assert (answers, problem.code, problem.severity) == ({}, code, Severity.HARD)
    assert problem.place == name.replace("\x00", "")[:32]


def test_illegible_number_and_the_number_95_stay_apart(every_kind: Questionnaire) -> None:
    assert parse_answers(every_kind, {"A2": ["95"]})[0] == {"A2": 95}
    assert parse_answers(every_kind, {"A2": ["#95"]})[0] == {"A2": "#95"}


@given(
    raw=st.dictionaries(
        st.sampled_from(["A1", "A2", "A3", "Q1", "C1", "zz"]),
        st.lists(st.text(max_size=30), max_size=3),
    )
)
def test_any_post_is_read_without_an_exception_and_can_be_written(
    every_kind: Questionnaire, raw: dict[str, list[str]]
) -> None:
    answers, _ = parse_answers(every_kind, raw)
    assert from_canonical(canonical(every_kind, answers)) == answers


@given(data=st.data())
def test_canonical_bytes_read_back_and_depend_on_content_only(
    every_kind: Questionnaire, keyed_answers: Strategies, data: st.DataObject
) -> None:
    answers = data.draw(keyed_answers(every_kind))
    order = data.draw(st.permutations(sorted(answers)))
    shuffled = {
        name: tuple(reversed(value)) if isinstance(value := answers[name], tuple) else value
        for name in order
    }
    written = canonical(every_kind, answers)
    assert canonical(every_kind, shuffled) == written
    again = from_canonical(written)
    assert canonical(every_kind, again) == written
    assert again.keys() == {name for name, value in answers.items() if value not in ((), "")}


def test_canonical_bytes_are_sorted_compact_and_composed(every_kind: Questionnaire) -> None:
    decomposed = unicodedata.normalize("NFD", "tốt")
    written = canonical(every_kind, {"C1": decomposed, "A3": ("a", "b"), "A2": 3, "Q1": ""})
    assert written == '{"A2":3,"A3":["b","a"],"C1":"tốt"}'.encode()


def test_canonical_refuses_unknown_items_and_forms(every_kind: Questionnaire) -> None:
    with pytest.raises(UnknownItemError, match="no item 'A9'; did you mean 'A1'"):
        canonical(every_kind, {"A9": "1"})
    with pytest.raises(AnswersError, match="A2 is True"):
        canonical(every_kind, {"A2": True})
    with pytest.raises(AnswersError, match="no character"):
        canonical(every_kind, {"C1": "\ud800"})


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{",
        b'{"A":1.5}',
        b'{"A":null}',
        b'{"A":[]}',
        b"\xff",
        b'{"A":{"b":1}}',
        b'{"A":true}',
        b"[" * 100_000,
    ],
)
def test_bytes_that_are_no_answers_are_refused(data: bytes) -> None:
    with pytest.raises(AnswersError):
        from_canonical(data)


@pytest.mark.parametrize("which", ["officials", "every_kind"])
@given(data=st.data())
def test_no_accepted_answers_are_larger_than_the_bound(
    which: str, request: pytest.FixtureRequest, keyed_answers: Strategies, data: st.DataObject
) -> None:
    questionnaire: Questionnaire = request.getfixturevalue(which)
    answers = data.draw(keyed_answers(questionnaire))
    hard = [
        problem
        for problem in check(questionnaire, answers, {}, door=Door.CLERK)
        if problem.severity is Severity.HARD
    ]
    assert not hard
    assert len(canonical(questionnaire, answers)) <= largest_answer_size(questionnaire)


def test_bound_on_the_size_is_reached(every_kind: Questionnaire) -> None:
    largest: dict[str, Answer] = {
        "DY": "94", "A1": "LD", "A2": "#94", "A3": ("a", "b"),
        "Q1": "94", "Q2": "94", "C1": "𝄞" * 20,
    }  # fmt: skip
    assert not [
        problem
        for problem in check(every_kind, largest, {}, door=Door.IMPORT)
        if problem.severity is Severity.HARD
    ]
    assert len(canonical(every_kind, largest)) == largest_answer_size(every_kind)


@pytest.mark.parametrize("filler", ["\x01", "\u2028", "\ud800", "\u202e", "\ufb2c", "\r"])
def test_character_that_would_break_the_bound_is_not_accepted(
    every_kind: Questionnaire, filler: str
) -> None:
    problems = check(every_kind, {"C1": f"a{filler}a"}, {}, door=Door.IMPORT)
    assert ProblemCode.TEXT_NOT_CLEAN in {problem.code for problem in problems}


def test_canonical_answers_are_plain_json(every_kind: Questionnaire) -> None:
    assert json.loads(canonical(every_kind, {"A3": ("a",)})) == {"A3": ["a"]}
