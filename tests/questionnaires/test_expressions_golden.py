"""The skip-logic language against cases worked by hand, and Python against the browser."""

import doctest
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from py_mini_racer import JSEvalException

from questionnaires import ExpressionError
from questionnaires.expressions import (
    Kind,
    compute,
    decimal_text,
    evaluate,
    kind_of,
    parse,
    parse_value,
    references,
    to_text,
)
from tests.questionnaires.twins import KINDS, Browser, compare, in_python, random_cases, tupled

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "skip_logic" / "cases.json").read_text(encoding="utf-8")
)
KNOWN = {name: Kind(kind) for name, kind in GOLDEN["kinds"].items()}
MISTAKES = [
    ("and", 3, 4),
    ("or", ("+", 1, 2)),
    ("not", "x"),
    ("=", ("if", "x", 1, 2), 1),
]
STORED = [
    ("3.5", 2, "3.50"),
    ("-0.5", 2, "-0.50"),
    ("-0.004", 2, "0.00"),
    ("-0.005", 2, "-0.01"),
    ("0.05", 1, "0.1"),
    ("12", 0, "12"),
    ("-12.5", 0, "-13"),
    ("0", 0, "0"),
    ("0", 3, "0.000"),
    ("99.995", 2, "100.00"),
    ("1000000", 1, "1000000.0"),
]
READ = {"condition": parse, "value": parse_value}


def golden_cases() -> list[tuple[Any, dict[str, Any], Any]]:
    read = [(parse(text, KNOWN), *rest) for text, *rest in GOLDEN["conditions"]]
    read += [(parse_value(text, KNOWN), *rest) for text, *rest in GOLDEN["values"]]
    return [*read, *GOLDEN["trees"]]


def _texts() -> Iterator[tuple[str, str]]:
    for mode, part in (("condition", "conditions"), ("value", "values")):
        yield from ((mode, text) for text in dict.fromkeys(case[0] for case in GOLDEN[part]))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


def test_python_gives_the_results_worked_by_hand() -> None:
    wrong = [
        (tree, values, expected, found)
        for tree, values, expected in golden_cases()
        if (found := in_python((tree, values))) != expected or type(found) is not type(expected)
    ]

    assert wrong == []


def test_browser_gives_the_results_worked_by_hand(browser: Browser) -> None:
    cases = golden_cases()

    found = browser.results([(tree, values) for tree, values, _ in cases])

    assert [
        (case, result)
        for case, result in zip(cases, found, strict=True)
        if result != case[2] or type(result) is not type(case[2])
    ] == []


@pytest.mark.parametrize(("mode", "text"), list(_texts()))
def test_text_is_written_and_read_again_as_the_same_tree(mode: str, text: str) -> None:
    tree = READ[mode](text, KNOWN)

    assert READ[mode](to_text(tree), KNOWN) == tree


@pytest.mark.parametrize(("mode", "text", "message"), GOLDEN["refused"])
def test_refusal_names_column_fault_and_remedy(mode: str, text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        READ[mode](text, KNOWN)

    shown = text if len(text) <= 2000 else text[:40] + "…"
    assert str(refused.value) == f"{message} («{shown}»)"
    assert refused.value.text == shown


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("${n} - 1 - 2", ("-", ("-", ("v", "n"), 1), 2)),
        ("${n} + 1 + 2 - 3 + 4", ("+", ("-", ("+", ("v", "n"), 1, 2), 3), 4)),
        ("${n} * 2 * 3 div 4", ("div", ("*", ("v", "n"), 2, 3), 4)),
        ("${n} + 2 * 3", ("+", ("v", "n"), ("*", 2, 3))),
        ("(${n} + 2) * 3", ("*", ("+", ("v", "n"), 2), 3)),
        ("${n} + (2 + 3)", ("+", ("v", "n"), ("+", 2, 3))),
        ("(${n} + 2) + 3", ("+", ("+", ("v", "n"), 2), 3)),
        ("${n} * (2 * 3)", ("*", ("v", "n"), ("*", 2, 3))),
        ("(${n} * 2) * 3", ("*", ("*", ("v", "n"), 2), 3)),
        ("${n} * (2 div 3)", ("*", ("v", "n"), ("div", 2, 3))),
        ("${n} - (2 - 3)", ("-", ("v", "n"), ("-", 2, 3))),
        ("-${n} * 2", ("*", ("neg", ("v", "n")), 2)),
        ("-(${n} * 2)", ("neg", ("*", ("v", "n"), 2))),
        ("-(${n} + 2)", ("neg", ("+", ("v", "n"), 2))),
        ("--${n}", ("neg", ("neg", ("v", "n")))),
        ("-(3) + ${n}", ("+", ("neg", 3), ("v", "n"))),
        ("-(2.5) + ${n}", ("+", ("neg", ("n", "2.5")), ("v", "n"))),
        ("-2.5 + ${n}", ("+", ("n", "-2.5"), ("v", "n"))),
        ("${n} - -3", ("-", ("v", "n"), -3)),
        ("-max(${n}, 1)", ("neg", ("max", ("v", "n"), 1))),
        ("${D} + 0", ("+", ("v", "D", "decimal"), 0)),
        ("${born} + 1", ("+", ("v", "born", "date"), 1)),
        ("if(answered(${T}), \"it's\", 'no')", ("if", ("answered", ("v", "T")), "it's", "no")),
        ("date('2022-10-31') - ${born}", ("-", ("date", "2022-10-31"), ("v", "born", "date"))),
    ],
)
def test_calculation_is_read_as_this_tree_and_written_as_it_was(text: str, tree: Any) -> None:
    assert parse_value(text, KNOWN) == tree
    assert to_text(tree) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("${A1}", Kind.CODE),
        ("${C1}", Kind.CODES),
        ("${n}", Kind.NUMBER),
        ("${D}", Kind.DECIMAL),
        ("${born}", Kind.DATE),
        ("${T}", Kind.TEXT),
        ("${n} + ${m} * 2", Kind.NUMBER),
        ("${n} + ${m} - 0.5", Kind.DECIMAL),
        ("${n} * ${D}", Kind.DECIMAL),
        ("${D} - 1 + 1", Kind.DECIMAL),
        ("${n} div 2", Kind.DECIMAL),
        ("-${n}", Kind.NUMBER),
        ("-${D}", Kind.DECIMAL),
        ("round(${D}, 0)", Kind.NUMBER),
        ("round(${n}, 1)", Kind.DECIMAL),
        ("min(${n}, 1)", Kind.NUMBER),
        ("max(${n}, 1, ${D}, 2)", Kind.DECIMAL),
        ("max(${born}, ${seen})", Kind.DATE),
        ("${born} + ${n} + 1", Kind.DATE),
        ("${n} + ${born}", Kind.DATE),
        ("${born} - 1", Kind.DATE),
        ("${seen} - ${born} + 1", Kind.NUMBER),
        ("count-selected(${C1})", Kind.NUMBER),
        ("if(${n} = 1, ${A1}, 'x')", Kind.TEXT),
        ("coalesce(${A1}, ${A4})", Kind.CODE),
        ("coalesce(${D}, 0)", Kind.DECIMAL),
        ("coalesce(0, ${D})", Kind.DECIMAL),
        ("coalesce('x', ${A1})", Kind.TEXT),
        ("date('2022-01-01') + ${n}", Kind.DATE),
        ("${n} + 0.5", Kind.DECIMAL),
    ],
)
def test_calculation_gives_this_kind(text: str, kind: Kind) -> None:
    assert kind_of(parse_value(text, KNOWN), KNOWN) is kind


def test_condition_is_of_its_own_kind_and_a_mismatch_is_a_value_error() -> None:
    assert kind_of(parse("${n} = 1 and not(answered(${A1}))", KNOWN), KNOWN) is Kind.CONDITION
    assert kind_of(parse("selected(${C1}, '1') or ${n} < 2", KNOWN), KNOWN) is Kind.CONDITION
    with pytest.raises(ValueError, match=r"\$\{n\} has no order; compare codes") as refused:
        kind_of(("<", ("v", "n"), 3), {"n": Kind.CODE})
    assert getattr(refused.value, "operand", None) == 0


def test_names_without_kinds_go_with_everything() -> None:
    for text, *_ in GOLDEN["conditions"]:
        if "#" not in text:
            tree = parse(text, set(KNOWN))
            assert parse(to_text(tree), set(KNOWN)) == tree
    assert parse_value("${n} + ${born}", ["n", "born"]) == ("+", ("v", "n"), ("v", "born"))
    assert parse("max(${n}, 1) = coalesce(${m}, 3)", ["n", "m"])
    assert parse("${n} = if(${m} = 1, ${m}, 'x')", ["n", "m"])
    assert parse_value("${n} * -${m}", ["n", "m"]) == ("*", ("v", "n"), ("neg", ("v", "m")))


@pytest.mark.parametrize("tree", MISTAKES)
def test_tree_that_no_parser_builds_is_a_programmers_mistake(browser: Browser, tree: Any) -> None:
    with pytest.raises(TypeError, match=r"a condition is expected where .* build it with parse"):
        evaluate(tree, {})
    with pytest.raises(JSEvalException, match=r"a condition is expected where the tree has"):
        browser.results([(tree, {})])


@pytest.mark.parametrize(("number", "places", "text"), STORED)
def test_calculation_is_stored_as_this_text_by_both(
    browser: Browser, number: str, places: int, text: str
) -> None:
    assert decimal_text(Fraction(number), places) == text
    assert browser.decimal_text(["v", "D", "decimal"], places, {"D": number}) == text


def test_calculation_without_a_number_is_stored_by_nobody(browser: Browser) -> None:
    assert browser.decimal_text(["v", "D", "decimal"], 2, {}) is None
    assert browser.decimal_text(["v", "A1"], 2, {"A1": "x"}) is None


def test_limits_are_reached_before_they_are_passed() -> None:
    shortest = "${n} = 1"
    assert parse(shortest + " " * (2000 - len(shortest)), KNOWN)
    assert parse("(" * 19 + shortest + ")" * 19, KNOWN)
    assert parse("(${n}) = (1) and " * 30 + "(${n}) = 1", KNOWN)
    assert parse("${n} - " + "1 - " * 97 + "1 = 1", KNOWN)
    for text in ("${n} - " + "1 - " * 98 + "1 = 1", "(" * 20 + shortest + ")" * 20):
        with pytest.raises(ExpressionError, match=r"simplify it"):
            parse(text, KNOWN)
    with pytest.raises(ExpressionError, match=r"simplify it"):
        parse("(${n}) = (1) and " + "(" * 25 + shortest + ")" * 25, KNOWN)


def test_brackets_that_were_closed_do_not_count_and_open_ones_do() -> None:
    inside = "(${n} = 1) and "
    assert parse("(" * 15 + inside + "(" * 4 + "${n} = 1" + ")" * 19, KNOWN)
    with pytest.raises(ExpressionError, match=r"nested more than 20 deep"):
        parse("(" * 15 + inside + "(" * 5 + "${n} = 1" + ")" * 20, KNOWN)


def test_last_of_three_conditions_has_to_be_one() -> None:
    with pytest.raises(ExpressionError, match=r"column 31: a comparison is expected"):
        parse("${n} = 1 and ${n} = 2 and ${n}", KNOWN)


def test_right_side_of_a_comparison_is_read_like_the_left() -> None:
    n = ("v", "n")
    assert parse("9 = ${n} + 1 + 2", KNOWN) == ("=", 9, ("+", n, 1, 2))
    assert parse("9 = ${n} * 1 * 2", KNOWN) == ("=", 9, ("*", n, 1, 2))
    with pytest.raises(ExpressionError, match=r"column 8: \$\{n\} is a number and date"):
        parse("${n} < date('2022-10-31')", KNOWN)


def test_a_very_long_unknown_name_gets_no_suggestion() -> None:
    for size, hint in ((64, "did you mean"), (65, "use the id of an earlier item")):
        with pytest.raises(ExpressionError, match=hint):
            parse("${" + "A" * size + "} = 1", ["A" * 63])


def test_python_and_browser_agree_on_random_cases_most_of_them_known() -> None:
    seen = compare(seed=7, count=20_000)

    assert seen["unknown"] < 0.2 * 20_000
    assert min(seen["true"], seen["false"]) > 0.15 * 20_000


def test_random_trees_are_well_typed() -> None:
    for tree, _ in random_cases(seed=8, count=500):
        if isinstance(tree, tuple) and references(tree) and len(to_text(tree)) <= 2000:
            kind_of(tree, KINDS)


def test_lists_and_tuples_of_codes_count_alike() -> None:
    tree = parse_value("count-selected(${C1})", KNOWN)
    assert compute(tree, {"C1": ["1", "2"]}) == compute(tree, {"C1": ("1", "2")}) == 2
    assert evaluate(parse("selected(${C1}, '2')", KNOWN), {"C1": ["1", "2"]}) is True
    assert tupled([1, [2]]) == (1, (2,))


def test_examples_of_the_documentation_hold() -> None:
    page = Path(__file__).parents[2] / "docs" / "skip-logic.md"

    failed, tried = doctest.testfile(str(page), module_relative=False)

    assert (failed, tried > 10) == (0, True)
