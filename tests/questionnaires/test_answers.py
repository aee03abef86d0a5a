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
    describe,
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


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("3,5", "3.50"),
        (" 3.5 ", "3.50"),
        ("-0,5", "-0.50"),
        ("\u22120.5", "-0.50"),
        ("+007", "7.00"),
        ("-0", "0.00"),
        ("1000", "1000.00"),
        ("#98", "#98"),
        ("2,999", ProblemCode.TOO_MANY_PLACES),
        ("1.000", ProblemCode.TOO_MANY_PLACES),
        ("1.000,5", ProblemCode.NOT_A_DECIMAL),
        ("1 000", ProblemCode.NOT_A_DECIMAL),
        ("3,", ProblemCode.NOT_A_DECIMAL),
        ("1e3", ProblemCode.NOT_A_DECIMAL),
        ("٣", ProblemCode.NOT_A_DECIMAL),
        ("NaN", ProblemCode.NOT_A_DECIMAL),
    ],
)
def test_decimal_is_read_with_comma_or_point_and_thousands_are_never_guessed(
    new_kinds: Questionnaire, typed: str, read: str | ProblemCode
) -> None:
    answers, problems = parse_answers(new_kinds, {"E2": [typed]})
    if isinstance(read, ProblemCode):
        assert (answers, [problem.code for problem in problems]) == ({}, [read])
        assert describe(problems[0])
    else:
        assert (answers, problems) == ({"E2": read}, [])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("31/10/2025", "2025-10-31"),
        ("1/2/2025", "2025-02-01"),
        ("31-10-2025", "2025-10-31"),
        ("2025-10-31", "2025-10-31"),
        ("2025-1-9", "2025-01-09"),
        ("29/02/2024", "2024-02-29"),
        ("#95", "#95"),
        ("29/02/2025", None),
        ("10/31/2025", None),
        ("31.10.25", None),
        ("31/10/25", None),
        ("2025/10/31", None),
        ("00/00/0000", None),
        ("hôm qua", None),
    ],
)
def test_day_is_read_in_three_forms_and_has_to_exist(
    new_kinds: Questionnaire, typed: str, read: str | None
) -> None:
    answers, problems = parse_answers(new_kinds, {"E3": [typed]})
    assert answers == ({} if read is None else {"E3": read})
    assert [p.code for p in problems] == ([ProblemCode.NOT_A_DATE] if read is None else [])


_NAMES = ["A1", "A2", "A3", "Q1", "C1", "zz", "E1", "E1_9", "E2", "E3", "M1", "G1", "G1a", "DAYS"]
_TYPED = st.text(max_size=30) | st.text(alphabet="0123456789-/.,# ", max_size=12)


@pytest.mark.parametrize("which", ["every_kind", "new_kinds"])
@given(raw=st.dictionaries(st.sampled_from(_NAMES), st.lists(_TYPED, max_size=3)))
def test_any_post_is_read_without_an_exception_and_can_be_written(
    which: str, request: pytest.FixtureRequest, raw: dict[str, list[str]]
) -> None:
    questionnaire: Questionnaire = request.getfixturevalue(which)
    answers, _ = parse_answers(questionnaire, raw)
    assert from_canonical(canonical(questionnaire, answers)) == answers


@given(data=st.data())
def test_stored_answer_typed_again_is_the_same_answer(
    new_kinds: Questionnaire, keyed_answers: Strategies, data: st.DataObject
) -> None:
    answers = data.draw(keyed_answers(new_kinds))
    stored = {name: value for name, value in answers.items() if value not in ((), "")}
    raw = {n: list(v) if isinstance(v, tuple) else [str(v)] for n, v in stored.items()}
    again, problems = parse_answers(new_kinds, raw)
    assert not problems
    assert canonical(new_kinds, again) == canonical(new_kinds, stored)


@pytest.mark.parametrize("which", ["every_kind", "new_kinds"])
@given(data=st.data())
def test_canonical_bytes_read_back_and_depend_on_content_only(
    which: str, request: pytest.FixtureRequest, keyed_answers: Strategies, data: st.DataObject
) -> None:
    every_kind: Questionnaire = request.getfixturevalue(which)
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


@pytest.mark.parametrize("which", ["officials", "every_kind", "new_kinds", "rating"])
@given(data=st.data())
def test_no_accepted_answers_are_larger_than_the_bound(
    which: str, request: pytest.FixtureRequest, keyed_answers: Strategies, data: st.DataObject
) -> None:
    questionnaire: Questionnaire = request.getfixturevalue(which)
    answers = data.draw(keyed_answers(questionnaire))
    hard = [
        problem
        for problem in check(questionnaire, answers, {}, door=Door.CLERK)
        if problem.severity is Severity.HARD and problem.code is not ProblemCode.CONSTRAINT
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


def test_bound_on_the_size_is_reached_by_every_new_kind(new_kinds: Questionnaire) -> None:
    largest: dict[str, Answer] = {
        "E1": "94", "E1_9": "𝄞" * 40, "E2": "1000.00", "E3": "2025-12-31", "E4": "2025-12-31",
        "M1": ("1", "2", "9"), "M1_9": "𝄞" * 200, "G1a": "94", "G1b": "94", "T1": "𝄞" * 30,
    }  # fmt: skip
    assert set(largest) == set(new_kinds.questions_by_id)
    found = check(new_kinds, largest, {}, door=Door.IMPORT)
    assert not [problem for problem in found if problem.severity is Severity.HARD]
    assert len(canonical(new_kinds, largest)) == largest_answer_size(new_kinds)


@pytest.mark.parametrize("filler", ["\x01", "\u2028", "\ud800", "\u202e", "\ufb2c", "\r"])
def test_character_that_would_break_the_bound_is_not_accepted(
    every_kind: Questionnaire, filler: str
) -> None:
    problems = check(every_kind, {"C1": f"a{filler}a"}, {}, door=Door.IMPORT)
    assert ProblemCode.TEXT_NOT_CLEAN in {problem.code for problem in problems}


def test_canonical_answers_are_plain_json(every_kind: Questionnaire) -> None:
    assert json.loads(canonical(every_kind, {"A3": ("a",)})) == {"A3": ["a"]}
