"""Questionnaires out: canonical JSON, and YAML as a person would write it.

Settings left at their default are not written, so a format that gains an optional setting keeps
the fingerprints of the questionnaires that do not use it. Texts stand in quotes even where YAML
would do without, because "no", 1.0 and 2025-06-30 change their type in some reader otherwise.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from questionnaires.questionnaire import Questionnaire

__all__ = ["to_canonical_json", "to_document", "to_yaml"]

_KEYS: Final = (
    "schema", "id", "code", "item", "points", "field", "version", "language", "languages",
    "printed_number", "type", "scale", "order", "required", "stratum_check", "max_choices",
    "exclusive", "max_length", "short", "min", "max", "places", "unit", "enabled", "over", "most",
    "show_if", "if_hidden", "disclosure", "disclosure_note", "label", "universe", "title",
    "subtitle", "name", "official_code", "that", "message", "severity", "text", "hint", "value",
    "ends", "last", "valid_from", "valid_until", "specify", "constraints", "estimated_minutes",
    "reference_period", "from", "to", "instructions", "aspect", "repeat", "facts", "intro",
    "consent", "scales", "value_maps", "options", "special", "rows", "sections", "points_total",
    "criteria", "blocks", "factors", "items", "scoring", "value_map", "min_answered_share",
    "report_min_cell",
)  # fmt: skip
"""Every key in the order of writing; one order serves all parts, since no two disagree."""

_RANK: Final = {key: rank for rank, key in enumerate(_KEYS)}
_BARE: Final = frozenset(
    {
        "schema", "id", "type", "language", "languages", "scale", "order", "if_hidden",
        "disclosure", "severity", "ends", "over", "item", "items", "aspect", "value_map",
    }
)  # fmt: skip
"""Keys whose values are words of the format; everything else that is text stands in quotes."""

_LINED: Final = frozenset({"options", "special", "rows", "factors", "repeat", "specify", "scoring"})
"""Keys under which a short mapping stands on one line."""

_PARTED: Final = frozenset(
    {"facts", "intro", "consent", "scales", "value_maps", "sections", "points_total", "blocks"}
)
"""Keys that an empty line stands before."""

_LONGEST_LINE: Final = 96
_ENDLESS: Final = 2**31
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[.\-/][A-Za-z0-9_]+)*")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_MISREAD: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan"})


def to_canonical_json(questionnaire: Questionnaire) -> str:
    """Write a questionnaire as the JSON that its fingerprint is taken of.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    str
        Sorted keys, no spaces, NFC; `reading.questionnaire_from_json` gives an equal object back.
    """
    return questionnaire.canonical_json


def to_document(questionnaire: Questionnaire) -> dict[str, Any]:
    """Write a questionnaire as the plain values of its document.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    dict
        Dicts, lists, texts, whole numbers and booleans, with keys in the order of the shipped
        files and without settings left at their default.
    """
    dumped = questionnaire.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    document: dict[str, Any] = _ordered(dumped)
    return document


def to_yaml(questionnaire: Questionnaire) -> str:
    """Write a questionnaire as YAML to be read and changed by a person.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    str
        Block style with short options on one line; `reading.read_questionnaire` gives an equal
        object with the same fingerprint back. Comments of a file are no part of a questionnaire.

    Examples
    --------
    >>> from questionnaires.library import shipped
    >>> print("".join(to_yaml(shipped("transaction")).splitlines(keepends=True)[:3]), end="")
    schema: khaosat/questionnaire/1
    id: transaction
    version: "1.0"
    """
    document = to_document(questionnaire)
    parts = (_written({key: value}) for key, value in document.items())
    spaced = (
        f"\n{part}" if key in _PARTED else part for part, key in zip(parts, document, strict=True)
    )
    return "".join(spaced)


def _ordered(value: Any) -> Any:  # noqa: ANN401 (plain values)
    if isinstance(value, list):
        return [_ordered(part) for part in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    if all(key in _RANK for key in keys):
        keys.sort(key=_RANK.__getitem__)
    return {key: _ordered(value[key]) for key in keys}


class _Dumper(yaml.SafeDumper):
    """PyYAML's writer, with the entries of a list indented below its key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 (PyYAML's)
        del indentless
        super().increase_indent(flow, indentless=False)


def _written(part: Mapping[str, Any]) -> str:
    node = _node(part, key="", depth=0)
    text: str = yaml.serialize(node, Dumper=_Dumper, allow_unicode=True, width=_ENDLESS)
    return text


def _node(value: Any, *, key: str, depth: int) -> yaml.Node:  # noqa: ANN401 (plain values)
    """Build the node of a value that stands under ``key``, or in the list under it."""
    if isinstance(value, dict):
        pairs = [
            (_scalar(name, ""), _node(part, key=name, depth=depth + 1))
            for name, part in value.items()
        ]
        return yaml.MappingNode(
            "tag:yaml.org,2002:map", pairs, flow_style=_fits(value, key=key, depth=depth)
        )
    if isinstance(value, list):
        entries = [_node(part, key=key, depth=depth + 1) for part in value]
        return yaml.SequenceNode(
            "tag:yaml.org,2002:seq", entries, flow_style=_fits(value, key=key, depth=depth)
        )
    return _scalar(value, key)


def _fits(value: Any, *, key: str, depth: int) -> bool:  # noqa: ANN401 (plain values)
    """Tell whether a mapping or list stands on one line: it is short and of a kind that may."""
    if depth == 0:
        return False
    if isinstance(value, list):
        simple = all(not isinstance(part, list | dict) for part in value)
    else:
        is_flat = all(_LANGUAGE.fullmatch(name) or name not in _RANK for name in value)
        simple = (is_flat and bool(value)) or key in _LINED or set(value) == {"item", "points"}
    return simple and len(_on_one_line(value)) + 2 * depth + len(key) <= _LONGEST_LINE


def _on_one_line(value: Any) -> str:  # noqa: ANN401 (plain values)
    if isinstance(value, dict):
        inner = (f"{key}: {_on_one_line(part)}" for key, part in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_on_one_line, value)) + "]"
    return f'"{value}"'


def _scalar(value: str | float | bool, key: str) -> yaml.ScalarNode:  # noqa: FBT001 (a value)
    if isinstance(value, bool):
        return yaml.ScalarNode("tag:yaml.org,2002:bool", str(value).lower())
    if isinstance(value, int | float):
        return yaml.ScalarNode("tag:yaml.org,2002:int", str(value))
    is_plain = _PLAIN.fullmatch(value) is not None and value.lower() not in _MISREAD
    quoted = not is_plain or not (key in _BARE or key == "")
    return yaml.ScalarNode("tag:yaml.org,2002:str", value, style='"' if quoted else None)
