"""Questions that can never show: found by the cases that matter, as by all cases."""

import itertools
import time
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import Answer, DefinitionError, Questionnaire, read_questionnaire, route
from questionnaires.soundness_reach import unreachable

HEAD = """\
schema: khaosat/questionnaire/1
id: reach
version: "1"
language: vi
title: Thử
estimated_minutes: 1
facts:
  - {id: unit.level, text: Cấp, options: [{code: tinh, text: Tỉnh}, {code: xa, text: Xã}]}
sections:
  - id: S
    title: S
    items:
      - {id: A, type: single, text: A, options: [{code: "1", text: Một}, {code: "2", text: Hai},
         {code: "3", text: Ba}, {code: "4", text: Bốn, ends: ineligible}]}
      - {id: M, type: multi, text: M, max_choices: 2, exclusive: [x], options: [{code: a, text: A},
         {code: b, text: B}, {code: c, text: C}, {code: x, text: X}]}
      - {id: N, type: integer, text: N, min: 0, max: 9}
      - {id: D, type: decimal, text: D, min: "0", max: "2.5", places: 1}
      - {id: T, type: date, text: T, min: 2025-01-01, max: 2025-12-31}
      - {id: V, type: integer, text: V, min: 0, max: 5, show_if: "${A} = '1'"}
      - {id: W, type: text, text: W, max_length: 9, show_if: "${V} > 3"}
      - {id: K, type: calculation, text: K, value: "${V} * 2 + ${N}"}
      - {id: BIG, type: integer, text: BIG, min: 0, max: 100000}
"""


def form(condition: str) -> str:
    return HEAD + f'      - {{id: Z, type: note, text: Z, show_if: "{condition}"}}\n'


ALIVE = [
    "${A} = '1' and ${A} != '2'",
    "${A} = '98'",
    "not(${A} = '1') and ${A} != '2'",
    "selected(${M}, 'a') and selected(${M}, 'b')",
    "selected(${M}, 'x') and not(selected(${M}, 'a'))",
    "count-selected(${M}) = 2 and not(selected(${M}, 'a'))",
    "${N} > 8",
    "${N} < 1",
    "${D} > 2.4 and ${D} != 2.5 or ${D} = 0.1",
    "${D} > 0.1 and ${D} < 0.3",
    "${T} >= date('2025-12-31')",
    "${T} > date('2025-03-01') and ${T} < date('2025-03-03')",
    "${V} > 4 and ${W} = 'x'",
    "${K} = 19",
    "not(answered(${A}))",
    "not(answered(${A})) and ${unit.level} = 'xa'",
    "coalesce(${V}, 7) = 7 and ${A} = '1'",
    "${BIG} > 99999 and ${BIG} != 100000 or ${BIG} = 5",
    "${BIG} + ${N} = 50000",
    "${N} != 20",
    "${N} = '#98'",
    "not(answered(${K})) and ${V} = 1",
    "${W} = 'a' or ${W} != 'b'",
]
DEAD = [
    "${A} = '1' and ${A} = '2'",
    "${A} = '4'",
    "${A} = '1' and not(${A} = '1' or ${A} = '3')",
    "selected(${M}, 'a') and selected(${M}, 'b') and selected(${M}, 'c')",
    "selected(${M}, 'x') and selected(${M}, 'a')",
    "count-selected(${M}) > 2",
    "${N} > 9",
    "${N} < 0",
    "${N} > 3 and ${N} < 4",
    "${D} > 2.5",
    "${D} > 0.1 and ${D} < 0.2",
    "${D} = 0.15",
    "${T} > date('2025-12-31')",
    "${T} > date('2025-03-01') and ${T} < date('2025-03-02')",
    "${V} = 1 and ${A} = '2'",
    "answered(${V}) and not(${A} = '1')",
    "${W} = 'x' and ${V} = 3",
    "${K} > 19",
    "${K} = 1 and ${V} > 0",
    "answered(${K}) and ${A} = '3'",
    "${unit.level} = 'xa' and ${unit.level} = 'tinh'",
    "not(answered(${A})) and answered(${V})",
    "${BIG} > 100000",
    "not(answered(${K})) and ${V} = 1 and ${N} = 1",
]


@pytest.mark.parametrize("condition", ALIVE)
def test_question_that_some_answers_bring_up_is_accepted(condition: str) -> None:
    assert read_questionnaire(form(condition)).item("Z")


@pytest.mark.parametrize("condition", DEAD)
def test_question_that_no_answers_bring_up_is_reported_with_line_and_remedy(
    condition: str,
) -> None:
    text = form(condition)
    with pytest.raises(DefinitionError) as refused:
        read_questionnaire(text)
    (fault,) = refused.value.faults
    assert fault.path == "sections[S].items[Z].show_if"
    assert fault.line == len(text.splitlines())
    assert fault.message == "item Z can never show"
    assert "correct one of them" in fault.remedy


def test_question_that_waits_for_a_dead_one_is_not_reported_again() -> None:
    text = form("${V} > 5").replace("type: note", "type: integer, min: 0, max: 5")
    text += "      - {id: Y, type: note, text: Y, show_if: '${Z} = 1'}\n"
    with pytest.raises(DefinitionError) as refused:
        read_questionnaire(text)
    assert [fault.path for fault in refused.value.faults] == ["sections[S].items[Z].show_if"]


def test_dead_section_is_reported_once_and_a_dead_grid_too() -> None:
    text = HEAD + (
        '  - id: R\n    title: R\n    show_if: "${N} > 9"\n    items:\n'
        "      - {id: Z, type: note, text: Z, show_if: \"${A} = '1'\"}\n"
        "  - id: G\n    title: G\n    items:\n"
        '      - {id: G1, type: grid, scale: s, text: G, show_if: "${N} > 9",\n'
        "         rows: [{id: Ga, text: a}, {id: Gb, text: b, show_if: \"${A} = '1'\"}]}\n"
        "scales: {s: {options: [{code: '1', text: a}, {code: '2', text: b}]}}\n"
    )
    with pytest.raises(DefinitionError) as refused:
        read_questionnaire(text)
    assert [fault.path for fault in refused.value.faults] == [
        "sections[R].show_if", "sections[G].items[G1].show_if",
    ]  # fmt: skip


def test_condition_of_a_section_and_of_its_item_are_taken_together() -> None:
    text = HEAD + (
        "  - id: R\n    title: R\n    show_if: \"${A} = '1'\"\n    items:\n"
        "      - {id: Y, type: note, text: Y}\n"
        "      - {id: Z, type: note, text: Z, show_if: \"${A} = '2'\"}\n"
    )
    with pytest.raises(DefinitionError, match=r"items\[Z\].show_if: item Z can never"):
        read_questionnaire(text)


def test_paragraph_that_no_facts_bring_up_is_reported() -> None:
    text = form("${N} > 1") + (
        "intro:\n  - {text: A, show_if: \"${unit.level} = 'xa' and ${unit.level} != 'xa'\"}\n"
    )
    with pytest.raises(DefinitionError, match=r"intro\[0\].show_if: the paragraph can never show"):
        read_questionnaire(text)


SMALL = """\
schema: khaosat/questionnaire/1
id: small
version: "1"
language: vi
title: Thử
estimated_minutes: 1
sections:
  - id: S
    title: S
    items:
      - {id: A, type: single, text: A, options: [{code: "1", text: Một}, {code: "2", text: Hai}]}
      - {id: N, type: integer, text: N, min: 0, max: 3}
      - {id: V, type: integer, text: V, min: 0, max: 2, show_if: "SECOND"}
      - {id: K, type: calculation, text: K, value: "${V} + ${N}"}
      - {id: Z, type: note, text: Z, show_if: "THIRD"}
"""
ATOMS = [
    "${A} = '1'", "${A} != '1'", "${A} = '2'", "${A} = '98'", "${N} > 2", "${N} < 1", "${N} = 1",
    "${N} >= 2", "answered(${A})", "not(answered(${N}))", "coalesce(${N}, 3) = 3",
]  # fmt: skip
LATE = [
    "${V} = 2", "${V} < 1", "answered(${V})", "not(answered(${V}))", "${K} > 4", "${K} = 0",
    "${V} > ${N}", "not(answered(${K}))",
]  # fmt: skip


def conditions(atoms: list[str]) -> st.SearchStrategy[str]:
    joined = st.sampled_from([" and ", " and ", " or "])
    return st.recursive(
        st.sampled_from(atoms),
        lambda inner: (
            st.builds(lambda a, s, b: f"({a}){s}({b})", inner, joined, inner)
            | inner.map(lambda text: f"not({text})")
        ),
        max_leaves=5,
    )


def every_case() -> list[Mapping[str, Answer]]:
    ranges: list[tuple[str, list[Answer | None]]] = [
        ("A", [None, "1", "2", "94", "98"]),
        ("N", [None, 0, 1, 2, 3, "#98"]),
        ("V", [None, 0, 1, 2, "#98"]),
    ]
    names = [name for name, _ in ranges]
    found: list[Mapping[str, Answer]] = []
    for values in itertools.product(*(listed for _, listed in ranges)):
        pairs = zip(names, values, strict=True)
        found.append({name: value for name, value in pairs if value is not None})
    return found


CASES = every_case()


@settings(deadline=None)  # routes through every case of a small form
@given(second=conditions(ATOMS), third=conditions(ATOMS + LATE))
def test_search_finds_what_trying_every_answer_finds(second: str, third: str) -> None:
    text = SMALL.replace("SECOND", second).replace("THIRD", third)
    live = read_questionnaire(SMALL.replace("SECOND", "${N} > 0").replace("THIRD", "${N} > 0"))
    sections = (
        live.sections[0].model_copy(update={"items": with_conditions(live, second, third)}),
    )
    view = live.view({"sections": sections})
    seen = set[str]()
    for answers in CASES:
        seen |= {"V", "Z"} & set(route(view, answers, {}).items)
    expected = {"V", "Z"} - seen
    if ("V" in expected and "${V}" in third) or ("${K}" in third and "V" in expected):
        expected -= {"Z"}
    reported = {finding.message.split()[1] for finding in unreachable(view)}
    assert reported == expected, text


def with_conditions(live: Questionnaire, second: str, third: str) -> tuple[object, ...]:
    changed = {"V": second, "Z": third}
    return tuple(
        item.model_copy(update={"show_if": changed[item.id]}) if item.id in changed else item
        for item in live.sections[0].items
    )


def test_conditions_with_too_many_cases_pass_and_end_soon() -> None:
    asked = "".join(
        f"      - {{id: H{n}, type: integer, text: H, min: 0, max: 150}}\n" for n in range(12)
    )
    notes = "".join(
        f'      - {{id: S{n}, type: note, text: S, show_if: "{sums(n)}"}}\n' for n in range(2, 13)
    )
    start = time.perf_counter()
    questionnaire = read_questionnaire(HEAD + asked + notes)
    assert time.perf_counter() - start < 5
    answers: dict[str, Answer] = {f"H{n}": 150 for n in range(12)}
    assert "S12" in route(questionnaire, answers, {}).items


def sums(n: int) -> str:
    return " + ".join(f"${{H{k}}}" for k in range(n)) + f" > {150 * n - 1}"
