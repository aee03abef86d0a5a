"""Questionnaires in: YAML or JSON to a sound `Questionnaire`, or every fault with file and line.

A `Path` is read as a file and a `str` is the document itself: guessing which of the two a string
means would one day open a file that nobody meant.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from questionnaires.choices import Document, Option, Scale, Specify
from questionnaires.errors import DefinitionError, Fault
from questionnaires.findings import Path as Place
from questionnaires.jsontext import lines_of, values_of
from questionnaires.mending import mended
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import (
    CalculationItem,
    Constraint,
    DateItem,
    DecimalItem,
    GridItem,
    GridRow,
    IntegerItem,
    MultiItem,
    NoteItem,
    ScaleItem,
    SingleItem,
    TextItem,
)
from questionnaires.texts import closest, nfc
from questionnaires.tree import (
    Block,
    Criterion,
    Fact,
    Factor,
    ItemPoints,
    Paragraph,
    ReferencePeriod,
    Repeat,
    Scoring,
    Section,
)
from questionnaires.yamltext import LONGEST, Located, TextFault, load

__all__ = ["json_schema", "questionnaire_from_json", "read_questionnaire", "validated"]

_ITEM_KINDS: Final[dict[str, type[Document]]] = {
    "single": SingleItem,
    "multi": MultiItem,
    "scale": ScaleItem,
    "integer": IntegerItem,
    "decimal": DecimalItem,
    "date": DateItem,
    "text": TextItem,
    "note": NoteItem,
    "calculation": CalculationItem,
    "grid": GridItem,
}
_PARENTS: Final[dict[str, type[Document]]] = {
    "facts": Fact,
    "intro": Paragraph,
    "consent": SingleItem,
    "reference_period": ReferencePeriod,
    "scales": Scale,
    "sections": Section,
    "criteria": Criterion,
    "scoring": Scoring,
    "options": Option,
    "special": Option,
    "specify": Specify,
    "constraints": Constraint,
    "rows": GridRow,
    "repeat": Repeat,
    "blocks": Block,
    "factors": Factor,
}
Lines = Mapping[Place, int]
_TOO_SHORT: Final = frozenset({"too_short", "string_too_short"})


def read_questionnaire(source: Path | str) -> Questionnaire:
    """Read a questionnaire written in YAML, or in JSON where the file's name says so.

    Parameters
    ----------
    source : a Path of a UTF-8 file (byte order mark, CRLF and decomposed accents are accepted), or
        the text of the document

    Returns
    -------
    Questionnaire

    Raises
    ------
    DefinitionError
        When the definition cannot be used; lists every fault with file, line, path and remedy.
    OSError
        When the file cannot be read.
    """
    if isinstance(source, str):
        return _from_yaml(source, "<text>")
    text = _decoded(source)
    if source.suffix.lower() == ".json":
        return _from_json(text, source.name)
    return _from_yaml(text, source.name)


_MOST_BYTES: Final = 4 * LONGEST
"""No text of the longest that is read has more in UTF-8."""


def _decoded(file: Path) -> str:
    """Read a file as text, refusing a huge one before it is in memory."""
    with file.open("rb") as opened:
        content = opened.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        message = f"the file has more than {_MOST_BYTES} bytes"
        remedy = "this cannot be a questionnaire; check the file"
        raise DefinitionError([_fault(file.name, 1, message, remedy)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start} (0x{content[error.start]:02x}) is not UTF-8"
        fault = _fault(file.name, line, message, "save the file as UTF-8")
        raise DefinitionError([fault]) from error


def _from_yaml(text: str, file: str) -> Questionnaire:
    try:
        located = load(nfc(text.removeprefix("\ufeff")))
    except TextFault as error:
        fault = _fault(file, error.line, error.message, error.remedy)
        raise DefinitionError([fault]) from error
    return validated(located.value, lambda: located.lines, file)


def questionnaire_from_json(text: str) -> Questionnaire:
    """Read a questionnaire from JSON, such as `writing.to_canonical_json` writes.

    Parameters
    ----------
    text : JSON document

    Returns
    -------
    Questionnaire

    Raises
    ------
    DefinitionError
        When the text is no JSON or the definition cannot be used.
    """
    return _from_json(text, "<json>")


def _from_json(text: str, file: str) -> Questionnaire:
    composed = nfc(text.removeprefix("\ufeff"))
    try:
        value = values_of(composed)
    except TextFault as error:
        fault = _fault(file, error.line, error.message, error.remedy)
        raise DefinitionError([fault]) from error
    return validated(value, lambda: lines_of(composed), file)


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of questionnaire documents, for completion in editors.

    Returns
    -------
    dict
        The schema knows single fields; references between them are checked when reading.
    """
    schema = Questionnaire.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _fault(file: str, line: int, message: str, remedy: str) -> Fault:
    return Fault(file=file, line=line, path="", message=message, remedy=remedy)


def validated(value: object, lines: Callable[[], Lines], file: str) -> Questionnaire:
    """Build a questionnaire from plain values.

    Parameters
    ----------
    value : the document
    lines : gives the line of each path; asked for only when there are faults to place
    file : its name, for messages

    Returns
    -------
    Questionnaire

    Raises
    ------
    DefinitionError
        When the definition cannot be used; its faults stand in the order of their lines.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        message = f"{error.object[error.start]!r} is half a character"
        fault = _fault(file, 1, message, "remove that \\u escape")
        raise DefinitionError([fault]) from error
    try:
        return Questionnaire.model_validate(mended(value), by_alias=True, by_name=False)
    except ValidationError as error:
        reader = _FaultReader(Located(value=value, lines=lines()), file)
        listed = error.errors()
        found = [details for details in listed if not _is_echo(details, listed)]
        faults = [fault for details in found for fault in reader.faults(details)]
        faults.sort(key=lambda fault: fault.line)
        raise DefinitionError(faults) from error


def _is_echo(details: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """Tell whether a list is called too short only because an entry in it is at fault."""
    loc = details["loc"]
    inside = (other["loc"] for other in found if len(other["loc"]) > len(loc))
    return details["type"] == "too_short" and any(other[: len(loc)] == loc for other in inside)


class _FaultReader:
    """Turns pydantic's error details into faults that name line, path and remedy."""

    def __init__(self, located: Located, file: str) -> None:
        self._value = located.value
        self._lines = located.lines
        self._file = file

    def faults(self, details: ErrorDetails) -> list[Fault]:
        if details["type"] == "unsound":
            found = details["ctx"]["findings"]
            return [self._at(f.path, f.message, f.remedy) for f in found]
        path = self._in_document(details["loc"])
        name = details["loc"][-1] if details["loc"] else "document"
        message, remedy = _worded(details, name, path)
        return [self._at(path, message, remedy)]

    def _in_document(self, loc: Place) -> Place:
        """Drop the parts of pydantic's location that are no keys, such as the kind of an item."""
        value, path = self._value, []
        for n, part in enumerate(loc):
            if n >= 2 and loc[0] == "sections" and loc[n - 2] == "items":
                continue  # the kind of an item; "scale" would also be found as a key
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                continue
            path.append(part)
        return tuple(path)

    def _at(self, path: Place, message: str, remedy: str) -> Fault:
        known = next(p for n in range(len(path) + 1) if (p := path[: len(path) - n]) in self._lines)
        return Fault(
            file=self._file,
            line=self._lines[known],
            path=self._shown(path),
            message=message,
            remedy=remedy,
        )

    def _shown(self, path: Place) -> str:
        """Write a path with the ids people know, such as sections[B1].items[Q02a].show_if."""
        value, text = self._value, ""
        for part in path:
            value = _child(value, part)
            if isinstance(part, str):
                text += f".{part}" if text else part
            else:
                text += f"[{_label(value, part)}]"
        return text


def _child(value: Any, part: str | int) -> Any:  # noqa: ANN401 (plain YAML values)
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return None


def _label(value: object, index: int) -> str:
    if isinstance(value, Mapping):
        for key in ("id", "code", "item"):
            if isinstance(value.get(key), str):
                return str(value[key])
    return str(index)


def _worded(details: ErrorDetails, name: str | int, path: Place) -> tuple[str, str]:
    kind, given = details["type"], details.get("input")
    if kind == "missing":
        return f"{name!r} is missing", f"add {name}: …"
    if kind == "extra_forbidden":
        close = closest(str(name), _keys_at(details["loc"]))
        return f"{name!r} is unknown here", f"did you mean {close!r}?" if close else "remove it"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return _item_kind(given)
    return _worded_value(details, path)


_OWN_TYPES: Final = {
    "decimal_text": (
        "must be a decimal number in quotes, found {}",
        'write it like "0.80", with a point and in quotes',
    ),
    "day": ("must be a day, found {}", "write it like 2025-06-30"),
    "label": (
        "is longer than 80 bytes of UTF-8: {}",
        "shorten it; statistical packages cut labels there",
    ),
}


_PATTERNS: Final = {
    r"^[A-Za-z][A-Za-z0-9_]{0,31}$": "use at most 32 letters, digits and _, a letter first",
    r"^[A-Za-z0-9_.\-]{1,16}$": "use at most 16 letters, digits and _ . -",
    r"^[A-Za-z][A-Za-z0-9_.\-]{0,63}$": "use at most 64 letters, digits and _ . -, a letter first",
    r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$": "write two small names with a dot, such as unit.level",
    r"^[a-z]{2}(-[A-Z]{2})?$": "write a language tag, such as vi",
    r"^(\$\{round\.year\}|[0-9]{4})-[0-9]{2}-[0-9]{2}$": (
        "write a day like 2025-06-30 or ${round.year}-06-30"
    ),
}
_BEGINNING: Final = "begin it with schema: khaosat/questionnaire/1 on a line of its own"
_SHAPES: Final = {
    "int_type": "write a whole number, without quotes or point",
    "int_parsing_size": "write a smaller number",
    "bool_type": "write true or false, without quotes",
    "tuple_type": "write a list, each entry after a dash",
    "dict_type": "write it as name: value, one a line or in { }",
    "model_type": "write it as name: value, one a line or in { }",
    "model_attributes_type": "write it as name: value, one a line or in { }",
}


def _worded_value(details: ErrorDetails, path: Place) -> tuple[str, str]:
    kind, given = details["type"], details.get("input")
    if not details["loc"]:
        return f"the document is {_shown_value(given)}, not named fields", _BEGINNING
    if kind in _OWN_TYPES:
        message, remedy = _OWN_TYPES[kind]
        return f"{_named(path)} {message.format(_shown_value(given))}", remedy
    if kind in {"string_type", "text"}:
        message = f"{_named(path)} must be text, found {_shown_value(given)}"
        return message, "put it in quotes" if isinstance(given, int | float) else "write a text"
    if kind in _TOO_SHORT:
        return f"{_named(path)} is too short", details["msg"]
    return f"{_named(path)} is {_shown_value(given)}", _remedy(details)


def _remedy(details: ErrorDetails) -> str:
    """Say what to write instead, in the words of whoever writes the file."""
    kind, context = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], details["msg"])
    if kind in {"literal_error", "enum"}:
        return f"use {context['expected']}"
    return _SHAPES.get(kind, details["msg"])


def _named(path: Place) -> str:
    return repr(path[-1]) if path and isinstance(path[-1], str) else "the entry"


def _shown_value(value: object) -> str:
    kinds = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return kinds.get(type(value)) or f"{str(value)[:40]!r} ({type(value).__name__})"


def _item_kind(given: object) -> tuple[str, str]:
    kind = given.get("type") if isinstance(given, Mapping) else None
    known = ", ".join(_ITEM_KINDS)
    if kind is None:
        return "the item has no type", f"add type: one of {known}"
    close = closest(str(kind), list(_ITEM_KINDS))
    return f"type {kind!r} is unknown", f"did you mean {close!r}?" if close else f"use {known}"


def _keys_at(loc: Place) -> list[str]:
    """Keys that the mapping at a location may have, from the model that stands there."""
    model: type[BaseModel] = Questionnaire
    for n, part in enumerate(loc[:-1]):
        if part == "items":
            kind = loc[n + 2] if n + 2 < len(loc) else ""
            model = _ITEM_KINDS.get(str(kind), ItemPoints if loc[0] == "criteria" else model)
        elif isinstance(part, str):
            model = _PARENTS.get(part, model)
    return [field.alias or name for name, field in model.model_fields.items()]
