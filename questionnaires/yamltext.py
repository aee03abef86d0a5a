"""YAML to plain values with the line of each, in a small and safe part of the language.

Only the YAML 1.2 core types exist: "no" is a text and 2022-12-31 is no date. Anchors and aliases
are refused: a definition never needs them, and nested ones can fill the memory from ten lines.
Values are built from the parser's events, so that nothing is resolved or constructed on the way.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

__all__ = ["DEEPEST", "LONGEST", "Located", "TextFault", "load"]

Path = tuple[str | int, ...]
LONGEST: Final = 2_000_000
DEEPEST: Final = 30
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_NULL = re.compile(r"~|null|Null|NULL|")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: ten times as fast, which a long form needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Plain values, and the line (from 1) where each path begins."""

    value: Any
    lines: Mapping[Path, int]


class TextFault(Exception):  # noqa: N818 (a fault of the text, turned into a Fault by reading)
    """What is wrong with the text itself, before anybody asks what it says."""

    def __init__(self, message: str, *, line: int, remedy: str) -> None:
        self.message = message
        self.line = line
        self.remedy = remedy
        super().__init__(f"line {line}: {message}; {remedy}")


def load(text: str) -> Located:
    """Read one YAML document.

    Parameters
    ----------
    text : the document, already decoded

    Returns
    -------
    Located
        Dicts, lists, texts, whole numbers, floats, booleans and None.

    Raises
    ------
    TextFault
        When the text is no single YAML document, repeats a key, uses an anchor or tag, or is
        larger than 2 million characters.
    """
    if len(text) > LONGEST:
        message = f"the document has {len(text)} characters, more than {LONGEST}"
        raise TextFault(message, line=1, remedy="this cannot be a questionnaire; check the file")
    unprintable = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if unprintable is not None:
        line = text.count("\n", 0, unprintable.start()) + 1
        message = f"character {unprintable[0]!r} cannot stand in a YAML file"
        raise TextFault(message, line=line, remedy="delete it")
    try:
        return _Builder(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as error:
        raise _translated(error, text) from error


def _translated(error: yaml.MarkedYAMLError, text: str) -> TextFault:
    mark = error.problem_mark or error.context_mark
    line = min(mark.line + 1, len(_BREAK.split(text))) if mark else 1  # libyaml: one too many
    problem = error.problem or error.context or "cannot be read"
    remedy = "check indentation, colons and quotes around this line"
    at = next(iter(text.split("\n")[line - 1 : line]), "")
    if "\t" in at[: len(at) - len(at.lstrip())]:
        problem, remedy = "a tab stands in the indentation", "indent with spaces"
    elif "Unicode character escape" in problem:
        problem, remedy = "an escape stands for half a character", "remove that \\u escape"
    return TextFault(problem, line=line, remedy=remedy)


class _Builder:
    """Builds plain values from the events of one document, noting where each begins."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._lines: dict[Path, int] = {}
        self._depth = 0

    def document(self) -> Located:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise TextFault("the document is empty", line=1, remedy="write a questionnaire in it")
        value = self._value(next(self._events), ())
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            message, line = "another document begins here", after.start_mark.line + 1
            raise TextFault(message, line=line, remedy="keep one questionnaire in a file")
        return Located(value=value, lines=self._lines)

    def _value(self, event: Any, path: Path) -> Any:  # noqa: ANN401 (yaml's events are untyped)
        line = event.start_mark.line + 1
        _refuse(event, line)
        self._lines.setdefault(path, line)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        self._depth += 1
        if self._depth > DEEPEST:
            message = f"the values are nested more than {DEEPEST} deep"
            raise TextFault(message, line=line, remedy="check the brackets and indentation")
        is_list = isinstance(event, yaml.SequenceStartEvent)
        found = self._sequence(path) if is_list else self._mapping(path)
        self._depth -= 1
        return found

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            _refuse(event, line)
            if not isinstance(event, yaml.ScalarEvent):
                remedy = "write a word before the colon"
                raise TextFault("a key is not a plain word", line=line, remedy=remedy)
            key = str(event.value)
            if key in found:
                message = f"the key {key!r} stands twice in one place"
                raise TextFault(message, line=line, remedy="keep one of them")
            self._lines[(*path, key)] = line
            found[key] = self._value(next(self._events), (*path, key))
        return found


def _refuse(event: Any, line: int) -> None:  # noqa: ANN401 (yaml's events are untyped)
    """Refuse what the small language leaves out: aliases, anchors and tags."""
    if event.anchor is not None:
        mark = "*" if isinstance(event, yaml.AliasEvent) else "&"
        message = f"{mark}{event.anchor} is a YAML alias or anchor, which is not used here"
        raise TextFault(message, line=line, remedy="write the values out where they belong")
    if event.tag is not None:
        message = f"the tag {event.tag} is not used here"
        raise TextFault(message, line=line, remedy="remove it; put texts in quotes")


def _scalar(event: Any) -> str | int | float | bool | None:  # noqa: ANN401 (untyped)
    text = str(event.value)
    if not event.implicit[0]:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if _WHOLE.fullmatch(text):
        return int(text) if len(text) < 20 else text
    return float(text) if _FLOAT.fullmatch(text) else text
