"""Faults of the settings that the newer kinds bring, each with its place and a remedy."""

import datetime as dt

import pytest

from questionnaires import DefinitionError, read_questionnaire

# A place in the sound definition, what is written there instead, the path and message, the remedy.
NEW_FAULTS = [
    ('exclusive: ["0"]', 'exclusive: ["8"]',
     "sections[E].items[M1].exclusive[0]: exclusive code '8' is no option", "did you mean"),
    ('exclusive: ["0"]', 'exclusive: ["0", "0"]', "exclusive code '0' is used 2 times", "once"),
    ("specify: {text: Xin ghi rõ}", "ends: refused",
     "option '9' ends the questionnaire", "options of a single item"),
    ('{code: "1", text: Bộ phận Một cửa}',
     '{code: "1", text: Một cửa, ends: refused, specify: {text: Ghi}}',
     "option '1' ends the questionnaire before its line is shown", "remove specify"),
    ("{code: tinh, text: Tỉnh}", "{code: tinh, text: Tỉnh, specify: {text: Ghi}}",
     "facts[unit.level].options[tinh].specify: option 'tinh' has specify", "single and multi"),
    ('{code: "3", text: Tốt}', '{code: "3", text: Tốt, specify: {text: Ghi}}',
     "scales.s3.options[3].specify: option '3' has specify", "single and multi"),
    ('{code: "99", text: Không biết}', '{code: "99", text: K, valid_from: 2025-01-01}',
     "option '99' has valid_from", "come and go"),
    ("id: E2, type: decimal", "id: E1_9, type: decimal",
     "item id 'E1_9' is used 2 times", "give each its own"),
    ("id: G1b", "id: E4", "sections[E].items[G1].rows[E4].id: item id 'E4' is used 2 times",
     "give each its own"),
    ("id: G1b", "id: G1", "item id 'G1' is used 2 times", "give each its own"),
    ("printed_number: 7a", 'printed_number: "7"', "printed_number '7' is used 2 times", "own"),
    ('code: "9", text: Nơi khác', "code: a.b, text: Nơi khác",
     "the line beside option 'a.b' would have the id 'E1_a.b'", "letters, digits and _"),
    ("      - id: E1\n", "      - id: E123456789012345678901234567890\n",
     "would have the id 'E123456789012345678901234567890_9'", "at most 31 long"),
    ("text: Khác, specify: {text: Xin ghi rõ}", "text: Khác, specify: {}",
     "sections[E].items[M1].options[9].specify: 'text' is missing", "add text: …"),
    ("text: Xin ghi rõ, max_length", "text: Xin ghi rõ, maxlength",
     "'maxlength' is unknown here", "did you mean 'max_length'?"),
    ("valid_from: 2025-07-01", "valid_from: 2025-13-01",
     "'valid_from' must be a day, found '2025-13-01' (str)", "write it like 2025-06-30"),
    ("valid_from: 2025-07-01", "valid_from: 2025-07-02, valid_until: 2025-07-01",
     "option '3' is offered from 2025-07-02 until 2025-07-01, on no day", "swap them"),
    ('min: "-0.50", max: "1000"', 'min: "1000", max: "0.50"', "min 1000 is above max 0.50", "swap"),
    ('min: "-0.50"', 'min: "-0.555"',
     "sections[E].items[E2].min: min -0.555 has more than the 2 places", "round it, or allow"),
    ('min: "-0.50"', "min: -0.50", "'min' must be a decimal number in quotes", "in quotes"),
    ("min: 2025-01-01", "min: 2026-01-01", "min 2026-01-01 is above max 2025-12-31", "swap them"),
    ("scale: s3\n", "scale: s4\n", "sections[E].items[G1].scale: scale 's4' is unknown", "'s3'?"),
    ("label: {vi: Nơi nộp", "label: {vi: " + "Nơi nộp " * 9,
     "'label' is longer than 80 bytes of UTF-8", "shorten it"),
    ("languages: [vi, en]", "languages: [vi, vi]", "language 'vi' is used 2 times", "list it once"),
    ('"${E4} >= ${E3}"', '"${E4} >= ${DAYS}"',
     "constraints[0].that: ${E4} is a day and ${DAYS} is a number, column 10", "one kind"),
    ('"${E4} >= ${E3}"', '"${E4} >= date(\'2025-01-01\') and ${G1a} = \'1\'"',
     "sections[E].items[E4].constraints[0].that: ${G1a} is not asked before", "earlier questions"),
    ('"${E4} >= ${E3}"', '"${E4} >= "', "constraints[0].that: ", "column"),
    ('value: "${E4} - ${E3}"', 'value: "${E4}"',
     "sections[E].items[DAYS].value: the calculation gives a date, not a number", "difference"),
    ('value: "${E4} - ${E3}"', 'value: "${E4} - ${E9}"', "unknown item E9", "did you mean"),
    ('value: "${E4} - ${E3}"', 'value: "${RATE} + 1"',
     "items[DAYS].value: DAYS waits for itself in a cycle: DAYS → RATE → DAYS", "take one of"),
    ('value: "${E4} - ${E3}"', 'value: "1"\n        show_if: "${T1} = \'x\'"',
     "DAYS waits for itself in a cycle: DAYS → T1 → DAYS", "take one of these"),
    ('value: "${E4} - ${E3}"', 'value: "${E2}"\n        required: true',
     "calculation DAYS has required, but nobody answers it", "last question"),
    ("${G1a} != '3'", "${G1a} != '4'", "rows[G1b].show_if: '4' is no code of ${G1a}", "mean"),
    ("${G1a} != '3'", "${G1b} != '3'", "G1b waits for itself in a cycle: G1b → G1b", "take one"),
    ("${DAYS} > 30", "${G1} = '3'", "${G1} is a note", "refer to a question"),
    ("${DAYS} > 30", "${E1} = '4'", "'4' is no code of ${E1}", "did you mean"),
]  # fmt: skip


def faults_of(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as refused:
        read_questionnaire(text)
    return str(refused.value).splitlines()[1:]


@pytest.mark.parametrize(("old", "new", "message", "remedy"), NEW_FAULTS)
def test_fault_of_a_new_setting_is_named_with_path_and_remedy(
    new_kinds_yaml: str, old: str, new: str, message: str, remedy: str
) -> None:
    assert old in new_kinds_yaml
    found = faults_of(new_kinds_yaml.replace(old, new, 1))
    lines = [line for line in found if message in line]
    assert lines, found
    assert remedy in lines[0]


LONG = " and ".join(["${Q1} != '3'"] * 110)
RATING_FAULTS = [
    ("${Q1} != '3' and ${A1} = '1'", LONG,
     "sections[B].items[Q2].show_if: the expression grows to 2195 characters when repeated",
     "at most 2000"),
    ("id: Q3\n", "id: Q345678901234567890123456789_1\n",
     "id 'Q345678901234567890123456789_1' becomes 'Q345678901234567890123456789_1_12'",
     "shorten the id"),
    ("id: B\n", "id: B1234567890123456789012345678901\n", "when repeated, more than 32", "shorten"),
    ("id: A1,", "id: Q1_3,", "id 'Q1' gets the id of another item when repeated", "rename one"),
    ("id: Gb,", "id: Q3_2,", "gets the id of another item when repeated", "rename one"),
    ('printed_number: "1"', 'printed_number: "123456"',
     "printed_number '123456' becomes '123456.12' when repeated", "at most 8"),
    ("{id: C1, type: text,", '{id: C1, type: text, show_if: "${Q1} = \'3\'",',
     "sections[C].items[C1].show_if: ${Q1} is in section B, which is repeated for each unit",
     "outside repeated sections"),
    ("text: Chậm trễ", "text: Chậm trễ, label: '${unit.name}'",
     "${unit.name} stands in a label of at most 80 bytes", "leave the name out"),
    ("text: Nhóm", 'text: "${unit.name}"',
     "sections[A].items[A1].text: ${unit.name} stands outside a repeated section", "in words"),
    ("title: Phiếu đánh giá chéo", "title: Phiếu ${unit.name}",
     "title: ${unit.name} stands outside a repeated section", "in words"),
    ("type: single\n        text: Việc chính",
     "type: single\n        stratum_check: true\n        text: Việc chính",
     "item Q3 has stratum_check in a repeated section", "ask for the respondent group once"),
    ('{code: "1", text: Hồ sơ}', '{code: "1", text: Hồ sơ, ends: refused}',
     "option '1' ends the questionnaire in a repeated section", "not repeated"),
    ("most: 12", "most: 0", "'most' is '0'", "greater than"),
    ("over: rated_units", "over: units", "'over' is 'units'", "rated_units"),
    ('{code: "2", text: Không, ends: refused}', '{code: "2", text: K, specify: {text: Ghi}}',
     "consent.options[2].specify: option '2' has specify", "question of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message", "remedy"), RATING_FAULTS)
def test_fault_of_a_repeated_section_is_named_with_path_and_remedy(
    rating_yaml: str, old: str, new: str, message: str, remedy: str
) -> None:
    assert old in rating_yaml
    found = faults_of(rating_yaml.replace(old, new, 1))
    lines = [line for line in found if message in line]
    assert lines, found
    assert remedy in lines[0]


def blocks(*factors: str) -> str:
    listed = "".join(f"      - {factor}\n" for factor in factors)
    return f"blocks:\n  - id: X\n    title: X\n    aspect: satisfaction\n    factors:\n{listed}"


@pytest.mark.parametrize(
    ("factors", "message", "remedy"),
    [
        (["{id: F, title: F, items: [G1c]}"], "blocks[X].factors[F].items[0]: item 'G1c'", "mean"),
        (["{id: F, title: F, items: [E1]}"], "'E1' is of type single, it has no scale", "grids"),
        (["{id: F, title: F, items: [G1, G1a]}"], "item of block X 'G1a' is used 2", "one factor"),
        (
            ["{id: F, title: F, items: [G1a]}", "{id: H, title: H, items: [G1a]}"],
            "blocks[X].factors[H].items[0]: item of block X 'G1a' is used 2 times",
            "keep it in one factor",
        ),
        (
            ["{id: F, title: F, items: [G1a]}", "{id: F, title: H, items: [G1b]}"],
            "factor id of block X 'F' is used 2 times",
            "give each its own",
        ),
    ],
)
def test_fault_of_a_factor_is_named(
    new_kinds_yaml: str, factors: list[str], message: str, remedy: str
) -> None:
    (found,) = faults_of(new_kinds_yaml + blocks(*factors))
    assert message in found
    assert remedy in found


def test_grid_stands_for_its_rows_in_a_factor(new_kinds_yaml: str) -> None:
    text = new_kinds_yaml + blocks("{id: F, title: F, items: [G1]}")
    assert read_questionnaire(text).blocks[0].factors[0].items == ("G1",)


@pytest.mark.parametrize(
    ("windows", "day", "count"),
    [
        (["valid_until: 2025-06-30", "valid_from: 2025-07-01", ""], None, 0),
        (["valid_until: 2025-06-30", "valid_from: 2025-07-02", ""], dt.date(2025, 7, 1), 1),
        (["valid_from: 2025-07-01", "valid_from: 2025-07-01", ""], dt.date.min, 1),
        (["valid_until: 2025-06-30", "valid_until: 2025-06-30", ""], dt.date(2025, 7, 1), 1),
        (["valid_until: 9999-12-31", "", ""], None, 0),
    ],
)
def test_first_day_with_fewer_than_two_options_is_named(
    windows: list[str], day: dt.date | None, count: int
) -> None:
    options = ", ".join(
        f"{{code: '{n}', text: T{', ' + window if window else ''}}}"
        for n, window in enumerate(windows)
    )
    text = HEAD + f"      - {{id: A, type: single, text: A, options: [{options}]}}\n"
    if day is None:
        assert read_questionnaire(text).item("A")
        return
    (found,) = faults_of(text)
    assert f"items[A].options: on {day} only {count} of the 3 options are offered" in found
    assert "at least two options on every day" in found


HEAD = """\
schema: khaosat/questionnaire/1
id: small
version: "1"
language: vi
title: Nhỏ
estimated_minutes: 1
sections:
  - id: S
    title: S
    items:
"""
