"""The skip-logic language: grammar, three values, round trips."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import Expression, ExpressionError, evaluate, parse, to_text
from questionnaires.expressions import references

KNOWN = {"A1", "A4", "C1", "n", "unit.handles_procedures"}
LEAVES = st.one_of(
    st.tuples(
        st.sampled_from(["=", "!="]),
        st.tuples(st.just("v"), st.sampled_from(sorted(KNOWN))),
        st.text(alphabet="LD19 '", max_size=4)
        | st.text(alphabet='CC"', max_size=3)
        | st.integers(-999, 999)
        | st.tuples(st.just("v"), st.sampled_from(sorted(KNOWN))),
    ),
    st.tuples(
        st.sampled_from(["<", "<=", ">", ">="]),
        st.integers(-5, 5),
        st.tuples(st.just("v"), st.just("n")),
    ),
    st.tuples(
        st.just("selected"), st.tuples(st.just("v"), st.just("C1")), st.sampled_from(["1", "3"])
    ),
)


def _grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    joined = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        st.tuples(st.just("not"), inner),
        joined.map(lambda parts: ("and", *parts)),
        joined.map(lambda parts: ("or", *parts)),
    )


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(LEAVES, _grow, max_leaves=8)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "A1": st.sampled_from(["LD", "CC", "94", "99"]),
        "A4": st.sampled_from(["1", "2"]),
        "C1": st.sets(st.sampled_from("123")).map(tuple),
        "n": st.integers(-6, 6) | st.just("#98"),
        "unit.handles_procedures": st.sampled_from(["yes", "no"]),
    },
)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("${A1} = 'LD'", ("=", ("v", "A1"), "LD")),
        ('"LD"!=${ A1 }', ("!=", "LD", ("v", "A1"))),
        ("${n}>=-3", (">=", ("v", "n"), -3)),
        ("selected(${C1}, '3')", ("selected", ("v", "C1"), "3")),
        (
            "${unit.handles_procedures} = 'yes'",
            ("=", ("v", "unit.handles_procedures"), "yes"),
        ),
        (
            "${A1} = 'LD' or ${A4} = '1' and not(${n} < 2)",
            (
                "or",
                ("=", ("v", "A1"), "LD"),
                ("and", ("=", ("v", "A4"), "1"), ("not", ("<", ("v", "n"), 2))),
            ),
        ),
    ],
)
def test_condition_is_read_as_this_tree(text: str, tree: Expression) -> None:
    assert parse(text, KNOWN) == tree


@given(EXPRESSIONS)
def test_condition_written_and_read_again_is_the_same(tree: Expression) -> None:
    assert parse(to_text(tree), KNOWN) == tree


@given(EXPRESSIONS)
def test_tree_is_plain_json(tree: Expression) -> None:
    def tuples(value: Any) -> Any:
        return tuple(map(tuples, value)) if isinstance(value, list) else value

    assert tuples(json.loads(json.dumps(tree))) == tree


def test_condition_that_would_blow_up_is_refused_at_once() -> None:
    for text in ("not(" * 30 + "${n} = 1" + ")" * 30, "${n} - " * 200 + "1 = 1", "-" * 1900):
        with pytest.raises(ExpressionError, match=r"simplify it"):
            parse(text, KNOWN)
    with pytest.raises(ExpressionError, match=r"2408 characters.*shorten it"):
        parse("${n} = 1 or " * 200 + "${n} = 1", KNOWN)


@given(st.text(alphabet="${}A14()='\"<>!, andornotselected+-*div.\n", max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    column, again = 1, None
    try:
        again = parse(text, KNOWN)
    except ExpressionError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
    assert again is None or parse(to_text(again), KNOWN) == again


YES = "${A4} = '1'"
NO = "${A4} = '2'"
OPEN = "${A1} = 'LD'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{YES} and {OPEN}", None),
        (f"{NO} and {OPEN}", False),
        (f"{OPEN} and {NO}", False),
        (f"{YES} or {OPEN}", True),
        (f"{OPEN} or {YES}", True),
        (f"{NO} or {OPEN}", None),
        (f"not({OPEN})", None),
        (f"not({NO})", True),
        (f"{YES} and {YES}", True),
        (f"{NO} or {NO}", False),
        ("selected(${C1}, '3')", None),
    ],
)
def test_unanswered_operand_follows_kleene(text: str, expected: bool | None) -> None:  # noqa: FBT001
    assert evaluate(parse(text, KNOWN), {"A4": "1"}) is expected


@given(EXPRESSIONS, VALUES, VALUES)
def test_decided_condition_stays_decided_when_more_is_answered(
    tree: Expression, some: dict[str, Any], more: dict[str, Any]
) -> None:
    early = evaluate(tree, some)
    assert early is None or evaluate(tree, more | some) is early


@given(EXPRESSIONS, VALUES)
def test_negation_turns_the_answer_around(tree: Expression, values: dict[str, Any]) -> None:
    plain, negated = evaluate(tree, values), evaluate(("not", tree), values)
    assert negated is (None if plain is None else not plain)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("${A1} = '99'", {"A1": "99"}, True),
        ("${A1} != 'LD'", {"A1": "95"}, True),
        ("${n} > 3", {"n": "#95"}, None),
        ("${n} > 3", {"n": 4}, True),
        ("${n} >= 4", {"n": 4}, True),
        ("${n} < 4", {"n": 4}, False),
        ("${n} <= 4", {"n": 4}, True),
        ("${n} = 4", {"n": "4"}, False),
        ("selected(${C1}, '3')", {"C1": ("1", "3")}, True),
        ("selected(${C1}, '3')", {"C1": ("13",)}, False),
        ("selected(${C1}, '3')", {"C1": "33"}, False),
    ],
)
def test_comparison_knows_missing_codes_numbers_and_choices(
    text: str,
    values: dict[str, Any],
    expected: bool | None,  # noqa: FBT001
) -> None:
    assert evaluate(parse(text, KNOWN), values) is expected


def test_references_are_listed_once_in_order() -> None:
    tree = parse("${A4} = '1' or not(${n} > 1 and ${A4} = '2') or selected(${C1}, '1')", KNOWN)
    assert references(tree) == ("A4", "n", "C1")
