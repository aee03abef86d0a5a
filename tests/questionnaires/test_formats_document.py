"""docs/questionnaire-formats.md says what the code does, and its schema fits what we ship."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from questionnaires import json_schema
from questionnaires.difference import Change, Comparability, ItemComparison, Kind
from questionnaires.library import SHIPPED, shipped_path
from questionnaires.yamltext import load

DOCUMENT = Path(__file__).parents[2] / "docs" / "questionnaire-formats.md"
WORDS = {
    Comparability.FULL: "fully",
    Comparability.IN_COMMON: "in common",
    Comparability.NONE: "not",
}


def test_table_of_changes_is_that_of_the_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| .+ \| (fully|in common|not)\b.*\|$", text, re.MULTILINE)
    expected = []
    for kind in Kind:
        change = Change(kind=kind, place="", old="", new="")
        item = ItemComparison(item="A1", changes=(change,))
        expected.append((kind.value, WORDS[item.comparability]))
    assert listed == expected


def document(name: str) -> Any:
    return load(shipped_path(name).read_text(encoding="utf-8")).value


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(json_schema())
    return Draft202012Validator(json_schema())


@pytest.mark.parametrize("name", SHIPPED)
def test_schema_accepts_what_is_shipped(validator: Draft202012Validator, name: str) -> None:
    assert [error.message for error in validator.iter_errors(document(name))] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("sections", 0, "subheading"), []),
        (("sections", 0, "items", 0, "type"), "radio"),
        (("scoring", "min_answered_share"), 0.5),
        (("estimated_minutes",), "một"),
    ],
)
def test_schema_marks_what_an_editor_should_mark(
    validator: Draft202012Validator, place: tuple[str | int, ...], value: object
) -> None:
    wrong = document("transaction")
    inside = wrong
    for part in place[:-1]:
        inside = inside[part]
    inside[place[-1]] = value
    assert list(validator.iter_errors(wrong))


def test_examples_of_the_document_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = shipped_path("transaction").read_text(encoding="utf-8")
    (tmp_path / "questionnaire.yaml").write_text(source, encoding="utf-8")
    blocks = re.findall(r"```python\n(.+?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(blocks[0], names)  # noqa: S102 (our own document)
    form = names["read_questionnaire"](tmp_path / "questionnaire.yaml")
    names |= {"questionnaire": form, "last_year": form, "this_year": form}
    for block in blocks[1:]:
        exec(block, names)  # noqa: S102 (our own document)
    assert names["xml"].startswith(b"<?xml")
    assert names["dt"] is dt
    assert (tmp_path / "codebook.html").stat().st_size > 1000
