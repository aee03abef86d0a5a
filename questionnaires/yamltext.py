"""YAML to plain values with the line of each, in a small and safe part of the language.

Only the YAML 1.2 core types exist: "no" is a text and 2022-12-31 is no date. Anchors and aliases
are refused: a definition never needs them, and nested ones can fill the memory from ten lines.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

__all__ = ["Located", "YamlFault", "load"]

Path = tuple[str | int, ...]
_LONGEST: Final = 2_000_000
_DEEPEST: Final = 30
_CORE: Final = "tag:yaml.org,2002:"
_RESOLVERS: Final = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$",
        "-+.0123456789",
    ),
    ("null", r"^(?:~|null|Null|NULL|)$", ("~", "n", "N", "")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Plain values, and the line (from 1) where each path begins."""

    value: Any
    lines: Mapping[Path, int]


class YamlFault(Exception):  # noqa: N818 (a fault of the text, turned into a Fault by reading)
    """What is wrong with the YAML text itself."""

    def __init__(self, message: str, *, line: int, remedy: str) -> None:
        self.message = message
        self.line = line
        self.remedy = remedy
        super().__init__(f"line {line}: {message}; {remedy}")


class _Loader(yaml.SafeLoader):
    """SafeLoader with the core types only, without aliases, tags or deep nesting."""

    yaml_implicit_resolvers: Any = {}  # noqa: RUF012 (yaml declares it on the instance)
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 (yaml's signature)
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            mark = "*" if isinstance(event, yaml.AliasEvent) else "&"
            message = f"{mark}{event.anchor} is a YAML alias or anchor, which is not used here"
            raise YamlFault(message, line=line, remedy="write the values out where they belong")
        if getattr(event, "tag", None) is not None:
            message = f"the tag {event.tag} is not used here"
            raise YamlFault(message, line=line, remedy="remove it; put texts in quotes")
        self.depth += 1
        if self.depth > _DEEPEST:
            message = f"the values are nested more than {_DEEPEST} deep"
            raise YamlFault(message, line=line, remedy="check the brackets and indentation")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


# PyYAML keys its resolvers by first letter; its own table would bring YAML 1.1 back.
for _name, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(_CORE + _name, re.compile(_pattern), list(_first))


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
    YamlFault
        When the text is no single YAML document, repeats a key, uses an anchor or tag, or is
        larger than 2 million characters.
    """
    if len(text) > _LONGEST:
        message = f"the document has {len(text)} characters, more than {_LONGEST}"
        raise YamlFault(message, line=1, remedy="this cannot be a questionnaire; check the file")
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _translated(error) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"character {error.character!r} cannot stand in a YAML file"
        raise YamlFault(message, line=line, remedy="delete it") from error
    lines: dict[Path, int] = {}
    if node is None:
        raise YamlFault("the document is empty", line=1, remedy="write a questionnaire in it")
    return Located(value=_plain(node, (), lines), lines=lines)


def _translated(error: yaml.MarkedYAMLError) -> YamlFault:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "cannot be read"
    remedy = "check indentation, colons and quotes around this line"
    if "'\\t'" in problem:
        problem, remedy = "a tab stands in the indentation", "indent with spaces"
    return YamlFault(problem, line=mark.line + 1 if mark else 1, remedy=remedy)


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:  # noqa: ANN401
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_plain(part, (*path, n), lines) for n, part in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, part in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            remedy = "write a word before the colon"
            raise YamlFault("a key is not a plain word", line=line, remedy=remedy)
        if key.value in found:
            message = f"the key {key.value!r} stands twice in one place"
            raise YamlFault(message, line=line, remedy="keep one of them")
        found[key.value] = _plain(part, (*path, key.value), lines)
        lines[(*path, key.value)] = line
    return found


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text = str(node.value)
    kind = node.tag.removeprefix(_CORE)
    if kind == "bool":
        return text.lower() == "true"
    if kind == "null":
        return None
    if kind == "int":
        return int(text) if len(text) < 20 else text
    return float(text) if kind == "float" else text
