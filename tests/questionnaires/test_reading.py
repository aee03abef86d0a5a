"""Definitions in: tolerant of how a file is saved, strict about what it says."""

import json
import unicodedata
from pathlib import Path

import pytest

from questionnaires import (
    DefinitionError,
    Questionnaire,
    json_schema,
    questionnaire_from_json,
    read_questionnaire,
)

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize("saved", ["plain", "bom", "crlf", "nfd", "all"])
def test_file_is_read_however_the_editor_saved_it(
    tmp_path: Path, every_kind: Questionnaire, every_kind_yaml: str, saved: str
) -> None:
    text = every_kind_yaml
    if saved in {"nfd", "all"}:
        text = unicodedata.normalize("NFD", text)
    if saved in {"crlf", "all"}:
        text = text.replace("\n", "\r\n")
    encoding = "utf-8-sig" if saved in {"bom", "all"} else "utf-8"
    file = tmp_path / "form.yaml"
    file.write_bytes(text.encode(encoding))
    assert read_questionnaire(file).fingerprint == every_kind.fingerprint


# One line of the sound definition, what is written instead, the path and message, the remedy.
FAULTS = [
    ("id: every-kind", "id: every kind", "id: 'id' is 'every kind'", "64 letters"),
    ("id: A3, type: multi", "id: 3A, type: multi", "items[3A].id: 'id' is '3A'", "a letter first"),
    ("code: c, text: C", "code: c d, text: C", "'code' is 'c d'", "at most 16 letters"),
    ("  - id: C\n", "  - id: C\n    enabled: có\n", "'enabled' is 'có'", "write true or false"),
    ("selected(${A3}, 'a')", "1 < ${A2} < 5", "should end, found '<', column 11",
     "compare two at a time, such as 1 < ${n} and ${n} < 5"),
    ('version: "1"', "version: 1", "'version' must be text, found '1' (int)", "put it in quotes"),
    ("language: vi", "lanuagge: vi", "'lanuagge' is unknown here", "did you mean 'language'?"),
    ("language: vi", "language: fr", "lacks the document's language 'fr'", "add fr: …"),
    ("title: Phần B", "title: [Phần B]", "sections[B].title: 'title' must be text", "write a text"),
    ("{vi: Phần A, en", "{vi: Phần A, EN", "a language tag", "language tag"),
    ("estimated_minutes: 1", "estimated_minutes: true", "'estimated_minutes' is 'True'", "whole"),
    ("estimated_minutes: 1\n", "", "'estimated_minutes' is missing", "add estimated_minutes: …"),
    ("scale: s3, text: Mức một", "scale: s4, text: Mức một",
     "sections[B].items[Q1].scale: scale 's4' is unknown", "did you mean 's3'?"),
    ("id: Q2, type: scale", "id: Q1, type: scale",
     "item id 'Q1' is used 2 times", "give each its own"),
    ("id: A3, type: multi", "id: A3, type: mlti",
     "sections[A].items[A3]: type 'mlti' is unknown", "did you mean 'multi'?"),
    ("id: A3, type: multi", "id: A3, kind: multi", "the item has no type", "add type: one of"),
    ("scale: s3, text: Mức một", "scale: s3, txet: Mức một",
     "sections[B].items[Q1].txet: 'txet' is unknown here", "did you mean 'text'?"),
    ("'a')\"", "'z')\"", "sections[B].items[Q2].show_if: 'z' is no code of ${A3}", "did you mean"),
    ("selected(${A3}, 'a')", "selected(${A8}, 'a')", "unknown item A8, column 10", "did you mean"),
    ("selected(${A3}, 'a')", "${A3} = 'a'", "= does not fit ${A3}", "use selected(…)"),
    ("selected(${A3}, 'a')", "selected(${A1}, 'LD')", "selected does not fit ${A1}", "use = or !="),
    ("selected(${A3}, 'a')", "${A1} = 'LX'", "'LX' is no code of ${A1}", "did you mean 'LD'?"),
    ("selected(${A3}, 'a')", "${Q1} > 2", "${Q1} has no order", "compare codes with ="),
    ("selected(${A3}, 'a')", "${A2} = '2'", "'2' is not an answer to ${A2}", "without quotes"),
    ("selected(${A3}, 'a')", "${Q1} = 2", "2 is not an answer to ${Q1}", "write '2' in quotes"),
    ("selected(${A3}, 'a')", "${C1} = 'x'", "${C1} is not asked before", "earlier questions"),
    ("selected(${A3}, 'a')", "${Q2} = '3'", "Q2 waits for itself in a cycle: Q2 → Q2", "take one"),
    ("selected(${A3}, 'a')", "${D1} = 'x'", "${D1} is in section OFF, which is off", "enable"),
    ("selected(${A3}, 'a')", "${N0} = 'x'", "${N0} is a note", "refer to a question"),
    ("${A2} > 0 or", "${Q1} = '3' or",
     "sections[B].show_if: section B waits for itself in a cycle: section B → Q1 → section B",
     "take one of these references away"),
    ("${A2} > 0 or", "${C1} = 'x' or", "cycle: section B → C1 → Q1 → section B", "take one"),
    ("\"${unit.urban} = 'yes'\"}", "\"${A1} = 'LD'\"}", "intro[1].show_if: ${A1} is an answer",
     "use facts only"),
    ("text: Đồng ý?", "text: Đồng ý?\n  show_if: \"${unit.urban} = 'no'\"",
     "the consent question has a condition", "remove show_if"),
    ('points: "1.5"', 'points: "1.0"',
     "criteria[K.1].max: the items of K.1 sum to 1.5, its max is 2.0", "sum to max"),
    ('points_total: "2.0"', 'points_total: "22.0"',
     "points_total: the criteria have 2.0 points, points_total is 22.0", "sum to points_total"),
    ('points: "1.5"', "points: 1.5", "must be a decimal number in quotes, found '1.5' (float)",
     'write it like "0.80"'),
    ('points: "1.5"', 'points: "1,5"', "found '1,5' (str)", "with a point"),
    ('points: "1.5"', 'points: "NaN"', "found 'NaN' (str)", "with a point"),
    ("item: Q2, points", "item: Q9, points", "item 'Q9' is unknown", "did you mean"),
    ("item: Q2, points", "item: Q1, points", "scored item 'Q1' is used 2 times", "list it once"),
    ("item: Q2, points", "item: A1, points", "item 'A1' is of type single", "type scale only"),
    ("item: Q2, points", "item: D1, points", "item 'D1' is in section OFF", "enable the section"),
    ("         if_hidden: drop_and_rescale", "         required: false",
     "item Q2 is scored and may stay hidden", "add if_hidden: drop_and_rescale"),
    ("    if_hidden: criterion_not_applicable\n", "",
     "section B has scored items and may stay hidden", "criterion_not_applicable"),
    ("value_map: linear", "value_map: square", "value map 'square' is unknown", "known are linear"),
    ('"2": "0.5", ', "", "value map 'linear' has no value for 2 of 's3'", "every code"),
    ('"3": "1"', '"3": "1.2"', "value 1.2 is outside 0 to 1", "share of the item"),
    ('{code: "99", text: Không biết}', '{code: "98", text: Không biết}',
     "scales.s3.special[98].code: code '98' is not one that a respondent is shown", "only 97 and"),
    ("code: c, text: C", 'code: "95", text: C', "code '95' is reserved", "use another code"),
    ("code: c, text: C", "code: a, text: C", "code 'a' is used 2 times", "give each its own"),
    ("code: c, text: C", "code: 5, text: C", "'code' must be text, found '5' (int)", "in quotes"),
    ("code: c, text: C", "code: c, text: C, ends: refused", "option 'c' ends the questionnaire",
     "options of a single item"),
    ("max_choices: 2", "max_choices: 4", "max_choices 4 is above the 3 options", "lower it"),
    ("min: 0, max: 99", "min: 100, max: 99", "min 100 is above max 99", "swap them"),
    ("type: integer, text: Số lần", 'type: integer, printed_number: "1", text: Số lần',
     "printed_number '1' is used 2 times", "give each its own"),
    ("facts:", "reference_period: {label: Năm, from: 2022-13-01, to: 2022-12-31}\nfacts:",
     "not a date", "write days as 2022-12-31"),
    ("  - id: C\n", "  - id: C\n    id: D\n", "the key 'id' stands twice", "keep one"),
    ("  - id: C\n", "  - id: C\n\ttitle: x\n", "a tab stands in the indentation", "with spaces"),
    ("facts:", "facts: &f", "&f is a YAML alias or anchor", "write the values out"),
    ("id: every-kind", "id: !!python/name:os.system x", "is not used here", "remove it"),
    ("title: Phần B", 'title: "\\ud800"', "half a character", "remove that"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message", "remedy"), FAULTS)
def test_fault_is_named_with_its_line_its_path_and_a_remedy(
    tmp_path: Path, every_kind_yaml: str, old: str, new: str, message: str, remedy: str
) -> None:
    assert old in every_kind_yaml
    file = tmp_path / "form.yaml"
    file.write_text(every_kind_yaml.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as refused:
        read_questionnaire(file)
    lines = [line for line in str(refused.value).splitlines() if message in line]
    assert lines, str(refused.value)
    assert remedy in lines[0]
    assert lines[0].startswith("  form.yaml:")


def test_line_of_a_fault_is_the_line_in_the_file(every_kind_yaml: str) -> None:
    text = every_kind_yaml.replace("scale: s3, text: Mức một", "scale: s4, text: Mức một")
    expected = next(n for n, line in enumerate(text.splitlines(), 1) if "s4" in line)
    with pytest.raises(DefinitionError) as refused:
        read_questionnaire(text)
    assert [fault.line for fault in refused.value.faults] == [expected]


def test_line_of_a_fault_is_the_line_of_its_key(every_kind_yaml: str) -> None:
    text = every_kind_yaml.replace('points_total: "2.0"', 'points_total:\n\n  "3.0"')
    expected = next(n for n, line in enumerate(text.splitlines(), 1) if "points_total" in line)
    with pytest.raises(DefinitionError) as refused:
        read_questionnaire(text)
    assert [fault.line for fault in refused.value.faults] == [expected]


def test_all_faults_are_listed_at_once_in_file_order(every_kind_yaml: str) -> None:
    text = every_kind_yaml.replace("scale: s3", "scale: s4").replace('"1.5"', '"1.6"')
    with pytest.raises(DefinitionError) as refused:
        read_questionnaire(text)
    lines = [fault.line for fault in refused.value.faults]
    assert len(lines) == 3
    assert lines == sorted(lines)
    assert str(refused.value).startswith("the questionnaire has 3 faults:")


def test_alias_bomb_is_refused_at_its_first_anchor() -> None:
    with pytest.raises(DefinitionError, match=r"<text>:1: &a is a YAML alias or anchor"):
        read_questionnaire(BOMB)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the document is empty"),
        ("form.yaml", "the document is 'form.yaml'.*begin it with schema: khaosat/questionnaire/1"),
        ("- id: form", "the document is a list.*begin it with schema"),
        ("[" * 500 + "]" * 500, "nested more than 30 deep"),
        ("a: b: c", "mapping values are not allowed"),
        ("a: 'x", "unexpected end"),
        ("a: 1\n---\nb: 2\n", "another document|expected a single document"),
        ("? [x]\n: 1", "a key is not a plain word"),
        ("a: \x07", "cannot stand in a YAML file"),
        ("x" * 2_000_001, "more than 2000000"),
    ],
)
def test_text_that_is_no_definition_is_refused_politely(text: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        read_questionnaire(text)


def test_file_in_another_encoding_is_refused_with_the_byte(tmp_path: Path) -> None:
    file = tmp_path / "form.yaml"
    file.write_bytes("id: x\ntitle: Phiếu".encode("utf-16"))
    with pytest.raises(DefinitionError, match=r"form.yaml:1: byte 0 \(0xff\) is not UTF-8"):
        read_questionnaire(file)


def test_words_and_dates_of_old_yaml_stay_text(every_kind_yaml: str) -> None:
    text = every_kind_yaml.replace('code: "no"', "code: no").replace('code: "yes"', "code: yes")
    assert [o.code for o in read_questionnaire(text).facts[0].options] == ["yes", "no"]


@pytest.mark.parametrize("text", ["{", "[]", '"\\ud800"', "[" * 100_000])
def test_json_that_is_no_definition_is_refused_politely(text: str) -> None:
    with pytest.raises(DefinitionError, match="<json>:1: "):
        questionnaire_from_json(text)


def test_json_schema_describes_every_kind_and_asks_for_points_in_quotes() -> None:
    schema = json.loads(json.dumps(json_schema()))
    kinds = schema["$defs"]["Section"]["properties"]["items"]["items"]["discriminator"]["mapping"]
    assert set(kinds) == {
        "single", "multi", "scale", "integer", "decimal", "date", "text", "note", "calculation",
        "grid",
    }  # fmt: skip
    assert schema["$defs"]["ItemPoints"]["properties"]["points"]["type"] == "string"
    assert "schema" in schema["required"]
