"""What office programs do to a file is undone or refused politely, never guessed at."""

import json
import unicodedata
from pathlib import Path

import pytest

from questionnaires import (
    DefinitionError,
    Questionnaire,
    questionnaire_from_json,
    read_questionnaire,
)
from questionnaires.mending import straightened
from questionnaires.writing import to_document


@pytest.mark.parametrize("quoted", ["‘LD’", "’LD’", "‚LD’", "“LD”", "„LD“", "”LD”"])
def test_quotes_that_a_word_processor_curled_are_read_as_straight_ones(
    every_kind_yaml: str, quoted: str
) -> None:
    condition = "show_if: \"selected(${A3}, 'a')\""
    straight = every_kind_yaml.replace(condition, "show_if: \"${A1} = 'LD'\"")
    curled = every_kind_yaml.replace(condition, f"show_if: '${{A1}} = {quoted}'")

    read = read_questionnaire(curled)

    assert read.conditions == read_questionnaire(straight).conditions
    assert not set("‘’‚“”„") & set(read.canonical_json)


def test_curled_quote_inside_a_text_stays() -> None:
    assert straightened("${T1} = 'it’s' and ${T2} = “a‘b”") == "${T1} = 'it’s' and ${T2} = \"a‘b\""


def test_curled_quote_without_a_partner_is_refused_with_its_column(every_kind_yaml: str) -> None:
    with pytest.raises(DefinitionError, match=r"show_if.*‘.*column 9.*straight quotes"):
        read_questionnaire(every_kind_yaml.replace("selected(${A3}, 'a')", "${A1} = ‘LD"))


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("min: 0, max: 99", 'min: "0", max: "99"'),
        ("estimated_minutes: 1\n", 'estimated_minutes: "1"\n'),
        ("max_choices: 2", 'max_choices: "2"'),
        ("max_length: 20", "max_length: '20'"),
    ],
)
def test_number_written_as_text_is_read_as_the_number(
    every_kind: Questionnaire, every_kind_yaml: str, written: str, quoted: str
) -> None:
    assert written in every_kind_yaml
    again = read_questionnaire(every_kind_yaml.replace(written, quoted))

    assert again.fingerprint == every_kind.fingerprint


@pytest.mark.parametrize("text", ["muoi", "1.5", "", "9" * 30, "１２"])
def test_text_that_is_no_whole_number_is_still_refused(every_kind_yaml: str, text: str) -> None:
    with pytest.raises(DefinitionError, match="estimated_minutes"):
        read_questionnaire(every_kind_yaml.replace("minutes: 1\n", f'minutes: "{text}"\n'))


def test_line_ends_of_three_systems_in_one_file_are_read_with_the_right_lines(
    tmp_path: Path, every_kind: Questionnaire, every_kind_yaml: str
) -> None:
    lines = every_kind_yaml.split("\n")
    mixed = "".join(line + ("\r\n", "\n", "\r")[n % 3] for n, line in enumerate(lines))
    file = tmp_path / "mixed.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + unicodedata.normalize("NFD", mixed).encode())

    assert read_questionnaire(file).fingerprint == every_kind.fingerprint

    file.write_bytes(mixed.replace("scale: s3, text: Mức một", "scale: s4, text: Mức một").encode())
    with pytest.raises(DefinitionError) as caught:
        read_questionnaire(file)
    wrong = next(n for n, line in enumerate(lines, start=1) if "Mức một" in line)
    assert caught.value.faults[0].line == wrong


def test_file_of_fifty_megabytes_is_refused_before_it_is_in_memory(tmp_path: Path) -> None:
    for name in ("large.yaml", "large.json"):
        file = tmp_path / name
        with file.open("wb") as opened:
            opened.truncate(50 * 2**20)
        with pytest.raises(
            DefinitionError, match=r"more than 8000000 bytes; this cannot be"
        ) as found:
            read_questionnaire(file)
        assert found.value.faults[0].file == name


@pytest.mark.parametrize("opening", ["[", '{"a":', "- "])
def test_values_nested_without_end_are_refused_in_every_format(opening: str) -> None:
    for depth in (40, 5_000, 100_000):
        for read in (read_questionnaire, questionnaire_from_json):
            with pytest.raises(DefinitionError) as found:
                read(opening * depth)
            assert found.value.faults[0].remedy


def test_json_file_is_refused_with_the_line_of_each_fault(
    tmp_path: Path, every_kind: Questionnaire
) -> None:
    document = to_document(every_kind)
    document["sections"][1]["items"][0]["scale"] = "s4"
    text = json.dumps(document, ensure_ascii=False, indent=2)
    file = tmp_path / "form.json"
    file.write_text(text, encoding="utf-8-sig")

    with pytest.raises(DefinitionError) as found:
        read_questionnaire(file)

    (fault,) = found.value.faults
    lines = text.splitlines()
    assert fault.path == "sections[B].items[Q1].scale"
    assert (
        lines[fault.line - 1].strip() == '"scale": "s4"' + ","[: lines[fault.line - 1].count(",")]
    )


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ('{"id": "a",\n "id": "b"}', "'id' stands twice", 2),
        ('{"id": "a",\n "b": {"c": 1,\n  "c": 2}}', "'c' stands twice", 3),
        ('{"id": "a",\n}', "Illegal trailing comma|Expecting property name", 2),
        ('{"estimated_minutes": ' + "9" * 5_000 + "}", "is missing", 1),
        ('{"estimated_minutes": NaN}', "'estimated_minutes' is 'NaN'", 1),
        ('{"estimated_minutes": 1e999}', "'estimated_minutes' is 'inf'", 1),
        ("", "Expecting value", 1),
    ],
)
def test_fault_of_json_itself_is_named_with_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(DefinitionError, match=message) as found:
        questionnaire_from_json(text)

    assert found.value.faults[0].line == line
    assert found.value.faults[0].remedy
