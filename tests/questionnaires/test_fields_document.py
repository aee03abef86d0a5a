"""docs/questionnaire-fields.md names every field there is, and its example is sound."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from questionnaires import Questionnaire, json_schema, read_questionnaire
from questionnaires.choices import Option, Specify
from questionnaires.questions import CalculationItem, Constraint, GridItem, GridRow, NoteItem
from questionnaires.tree import Section

TEXT = (Path(__file__).parents[2] / "docs" / "questionnaire-fields.md").read_text(encoding="utf-8")
EVERYWHERE = {"id", "type", "text", "hint", "show_if", "printed_number"}


def fields(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_every_field_of_the_format_is_named() -> None:
    parts = [json_schema(), *json_schema()["$defs"].values()]
    named = {name for part in parts for name in part.get("properties", {})}
    assert {"show_if", "official_code", "min_answered_share"} <= named
    assert not sorted(name for name in named if not re.search(rf"`{name}[`:]", TEXT))


@pytest.mark.parametrize("model", [Questionnaire, Section, Option, Specify, Constraint])
def test_tables_of_the_parts_name_their_fields(model: type[BaseModel]) -> None:
    rows = "\n".join(line for line in TEXT.splitlines() if line.startswith("| `"))
    assert not sorted(name for name in fields(model) if f"`{name}`" not in rows)


def test_table_of_kinds_names_the_fields_of_each() -> None:
    (union,) = [
        part["properties"]["items"]["items"]["discriminator"]["mapping"]
        for part in json_schema()["$defs"].values()
        if "discriminator" in str(part.get("properties", {}).get("items"))
    ]
    asked = fields(GridRow)
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|(.*)\|$", TEXT, re.MULTILINE)
    kinds = {kind: rest for kind, rest in rows if kind in union}
    assert set(kinds) == set(union)
    for kind, rest in kinds.items():
        properties = json_schema()["$defs"][union[kind].rpartition("/")[2]]["properties"]
        own = set(properties) - asked - EVERYWHERE
        said = set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", rest)))
        assert said == own, kind
    assert not fields(NoteItem) - EVERYWHERE
    assert {"value", "places"} <= fields(CalculationItem)


def test_example_is_sound_and_has_every_kind(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
    file = tmp_path / "form.yaml"
    file.write_text(example, encoding="utf-8")
    questionnaire = read_questionnaire(file)
    kinds = {item.type for section in questionnaire.sections for item in section.items}
    assert kinds == {
        "single", "multi", "scale", "integer", "decimal", "date", "text", "note", "calculation",
        "grid",
    }  # fmt: skip
    assert any(isinstance(item, GridItem) for item in questionnaire.sections[1].items)
    assert questionnaire.sections[-1].repeat is not None
