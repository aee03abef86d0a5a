"""The comparison of two versions, read as whoever lays their answers side by side."""

from collections.abc import Callable

import pytest

from questionnaires import Questionnaire, read_questionnaire
from questionnaires.difference import Comparability, Kind, compare
from questionnaires.library import SHIPPED, shipped

DOCUMENT = """
schema: khaosat/questionnaire/1
id: nho
version: "1"
language: vi
title: Phiếu thử
estimated_minutes: 2
scales:
  muc: {options: [{code: "2", text: Tốt}, {code: "1", text: Kém}]}
value_maps: {linear: {"2": "1.00", "1": "0.00"}}
sections:
  - id: A
    title: Phần A
    items:
      - id: A1
        type: single
        text: Ông/Bà giữ vị trí nào?
        options: [{code: LD, text: Lãnh đạo}, {code: CC, text: Công chức}]
      - {id: A2, type: integer, text: Số năm công tác, min: 0, max: 40}
  - id: B
    title: Phần B
    items:
      - {id: Q1, type: scale, scale: muc, text: "Tính khả thi của kế hoạch"}
      - {id: Q2, type: scale, scale: muc, text: Mức độ rõ ràng}
points_total: "2.00"
criteria:
  - code: X
    field: f
    name: Tiêu chí
    max: "2.00"
    items: [{item: Q1, points: "1.00"}, {item: Q2, points: "1.00"}]
scoring: {value_map: linear, min_answered_share: "0.50"}
"""


@pytest.fixture
def changed() -> Callable[..., Questionnaire]:
    """Read the document with some of its words replaced."""

    def read(*replacements: tuple[str, str]) -> Questionnaire:
        text = DOCUMENT.replace('version: "1"', 'version: "2"')
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        return read_questionnaire(text)

    return read


def kinds(new: Questionnaire, item: str) -> list[tuple[Kind, str]]:
    """Name the changes of one item against the document."""
    comparison = compare(read_questionnaire(DOCUMENT), new)
    return [
        (change.kind, change.place)
        for each in comparison.items
        if each.item == item
        for change in each.changes
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_questionnaire_does_not_differ_from_itself(name: str) -> None:
    comparison = compare(shipped(name), shipped(name))
    assert comparison.is_same
    assert len(comparison.having(Comparability.FULL)) == len(comparison.items)


@pytest.mark.parametrize(
    ("old", "new", "item", "expected"),
    [
        ("Ông/Bà giữ vị trí nào?", "Ông/Bà giữ vị trí  nào", "A1", [(Kind.LABEL_ONLY, "text")]),
        ("Ông/Bà giữ vị trí nào?", "Chức vụ?", "A1", [(Kind.MEANING_CHANGED, "text")]),
        (
            "{code: CC, text: Công chức}",
            "{code: CC, text: Công chức}, {code: NV, text: Nhân viên}",
            "A1",
            [(Kind.OPTIONS_ADDED, "option NV")],
        ),
        ("{code: CC, text: Công chức}", "{code: CC, text: Viên chức}", "A1",
         [(Kind.MEANING_CHANGED, "option CC")]),
        ("min: 0, max: 40", "min: 0, max: 45", "A2", [(Kind.RANGE_CHANGED, "max")]),
        ("min: 0, max: 40", "min: 0, max: 40, required: true", "A2",
         [(Kind.CHECKS_CHANGED, "required")]),
        ("min: 0, max: 40", 'min: 0, max: 40, show_if: "${A1} = \'LD\'"', "A2",
         [(Kind.ASKED_OF_OTHERS, "show_if")]),
        ("type: integer, text: Số năm công tác, min: 0, max: 40",
         "type: text, max_length: 20, text: Số năm công tác", "A2",
         [(Kind.MEANING_CHANGED, "type")]),
        ('{code: "2", text: Tốt}', '{code: "2", text: Rất tốt}', "Q2",
         [(Kind.MEANING_CHANGED, "option 2")]),
        ('{code: "2", text: Tốt}', '{code: "3", text: Rất tốt}, {code: "2", text: Tốt}',
         "Q1", [(Kind.OPTIONS_ADDED, "option 3")]),
    ],
)  # fmt: skip
def test_each_change_is_named_for_what_it_means(
    changed: Callable[..., Questionnaire],
    old: str,
    new: str,
    item: str,
    expected: list[tuple[Kind, str]],
) -> None:
    replacements = [(old, new)]
    if '"3"' in new:
        replacements.append(('linear: {"2"', 'linear: {"3": "1.00", "2"'))
    assert kinds(changed(*replacements), item) == expected


def test_points_change_the_score_and_leave_the_answers_comparable(
    changed: Callable[..., Questionnaire],
) -> None:
    new = changed(
        ('{item: Q1, points: "1.00"}', '{item: Q1, points: "1.50"}'),
        ('{item: Q2, points: "1.00"}', '{item: Q2, points: "0.50"}'),
    )
    assert kinds(new, "Q1") == [(Kind.SCORING_CHANGED, "points")]
    comparison = compare(read_questionnaire(DOCUMENT), new)
    assert comparison.having(Comparability.FULL) == ("A1", "A2", "Q1", "Q2")
    assert not comparison.is_same


def test_the_condition_of_a_section_counts_for_its_items(
    changed: Callable[..., Questionnaire],
) -> None:
    title = "    title: Phần B\n"
    condition = "    show_if: \"${A1} = 'LD'\"\n    if_hidden: criterion_not_applicable\n"
    new = changed((title, title + condition))
    assert kinds(new, "Q1") == kinds(new, "Q2") == [(Kind.ASKED_OF_OTHERS, "show_if")]


def test_one_item_that_moved_is_the_only_one_reported(
    changed: Callable[..., Questionnaire],
) -> None:
    first = '      - {id: Q1, type: scale, scale: muc, text: "Tính khả thi của kế hoạch"}\n'
    second = "      - {id: Q2, type: scale, scale: muc, text: Mức độ rõ ràng}\n"
    new = changed((first + second, second + first))
    comparison = compare(read_questionnaire(DOCUMENT), new)
    assert [each.item for each in comparison.items if each.changes] in (["Q1"], ["Q2"])


def test_items_that_came_and_went_are_comparable_with_nothing(
    changed: Callable[..., Questionnaire],
) -> None:
    new = changed(("{id: A2, type: integer", "{id: A3, type: integer"))
    comparison = compare(read_questionnaire(DOCUMENT), new)
    assert comparison.having(Comparability.NONE) == ("A3", "A2")
    assert kinds(new, "A3") == [(Kind.ADDED, "item")]
    assert kinds(new, "A2") == [(Kind.REMOVED, "item")]


def test_a_translation_is_a_label_and_no_meaning(changed: Callable[..., Questionnaire]) -> None:
    new = changed(("text: Số năm công tác", "text: {vi: Số năm công tác, en: Years of service}"))
    assert kinds(new, "A2") == [(Kind.LABEL_ONLY, "text[en]")]


def test_another_layout_of_one_condition_is_no_change(
    changed: Callable[..., Questionnaire],
) -> None:
    one = changed(("min: 0, max: 40", "min: 0, max: 40, show_if: \"${A1} = 'LD'\""))
    other = changed(("min: 0, max: 40", "min: 0, max: 40, show_if: '${ A1 }=\"LD\"'"))
    assert compare(one, other).is_same


def test_the_title_and_the_value_map_are_changes_of_the_document(
    changed: Callable[..., Questionnaire],
) -> None:
    new = changed(("title: Phiếu thử", "title: Phiếu khác"), ('"1": "0.00"', '"1": "0.10"'))
    found = [(c.kind, c.place) for c in compare(read_questionnaire(DOCUMENT), new).document]
    assert found == [
        (Kind.MEANING_CHANGED, "title"),
        (Kind.SCORING_CHANGED, "value_maps.linear"),
    ]


def test_new_instructions_above_a_section_change_what_its_items_mean(
    changed: Callable[..., Questionnaire],
) -> None:
    new = changed(("title: Phần B", "title: Phần B\n    instructions: Về ba năm qua"))
    assert kinds(new, "Q1") == kinds(new, "Q2") == [(Kind.MEANING_CHANGED, "instructions")]
    assert kinds(new, "A2") == []


def test_what_is_read_around_the_questions_is_a_change_of_the_document(
    changed: Callable[..., Questionnaire],
) -> None:
    note = "  - id: B\n    title: Phần khác\n    items:\n      - {id: N, type: note, text: Xin đọc}"
    new = changed(
        ("estimated_minutes: 2", "estimated_minutes: 2\nintro: [{text: Xin chào}]"),
        ("  - id: B\n    title: Phần B\n    items:", note),
    )
    comparison = compare(read_questionnaire(DOCUMENT), new)
    assert [(change.kind, change.place) for change in comparison.document] == [
        (Kind.MEANING_CHANGED, "section B"),
        (Kind.MEANING_CHANGED, "intro 1"),
        (Kind.MEANING_CHANGED, "note N"),
    ]
    assert not comparison.is_same


def test_days_of_an_option_decide_who_could_choose_it(
    changed: Callable[..., Questionnaire],
) -> None:
    option = "{code: LD, text: Lãnh đạo}, {code: CC, text: Công chức}"
    windowed = "{code: LD, text: Lãnh đạo}, {code: KH, text: Khác}, "
    windowed += "{code: CC, text: Công chức, valid_from: 2025-07-01, last: true}"
    assert kinds(changed((option, windowed)), "A1") == [
        (Kind.OPTIONS_ADDED, "option KH"),
        (Kind.ASKED_OF_OTHERS, "option CC, days"),
        (Kind.LABEL_ONLY, "option CC, last"),
    ]


def test_the_factor_an_item_counts_in_changes_the_score_only(
    changed: Callable[..., Questionnaire],
) -> None:
    block = "blocks:\n  - {id: K, title: K, aspect: perception, factors: [{id: F, title: F,"
    new = changed(("points_total", f"{block} items: [Q1]}}]}}\npoints_total"))
    assert kinds(new, "Q1") == [(Kind.SCORING_CHANGED, "factors")]
    assert kinds(new, "Q2") == []
