"""Checks of texts and dates that stand outside the questions: languages, unit names, periods.

A missing translation is no fault, a missing wording in the document's own language is one: it is
what everybody falls back to.
"""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from questionnaires.expansion import UNIT_NAME
from questionnaires.findings import Finding, Path, repeated_values
from questionnaires.tree import Definition

__all__ = ["text_findings", "translated_texts"]


def text_findings(definition: Definition) -> Iterator[Finding]:
    """Check languages, the places of the unit's name and the reference period."""
    yield from _languages(definition)
    yield from _unit_names(definition)
    yield from _period(definition)


def _languages(definition: Definition) -> Iterator[Finding]:
    entries = ((("languages", n), tag) for n, tag in enumerate(definition.languages))
    yield from repeated_values(entries, what="language", remedy="list it once")
    for path, value in translated_texts(definition, ()):
        if definition.language not in value:
            yield Finding(
                path=path,
                message=f"the text lacks the document's language {definition.language!r}",
                remedy=f"add {definition.language}: …",
            )


def translated_texts(value: object, path: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Every translated text: the only mappings in a definition whose values are strings."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from translated_texts(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        for n, part in enumerate(value):
            yield from translated_texts(part, (*path, n))
    elif isinstance(value, dict):
        if value and all(isinstance(part, str) for part in value.values()):
            yield path, value
        for key, part in value.items():
            yield from translated_texts(part, (*path, str(key)))


def _unit_names(definition: Definition) -> Iterator[Finding]:
    """Report the rated unit's name where no unit is known, and in labels, which it may overfill."""
    for path, text in _strings(definition, ()):
        if UNIT_NAME not in text:
            continue
        section = definition.sections[int(path[1])] if path[0] == "sections" else None
        if section is None or section.repeat is None:
            message = f"{UNIT_NAME} stands outside a repeated section"
            yield Finding(path=path, message=message, remedy="name the unit in words")
        elif "label" in path:
            message = f"{UNIT_NAME} stands in a label of at most 80 bytes"
            yield Finding(path=path, message=message, remedy="leave the name out of the label")


def _strings(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _strings(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        for n, part in enumerate(value):
            yield from _strings(part, (*path, n))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _strings(part, (*path, str(key)))


def _period(definition: Definition) -> Iterator[Finding]:
    if definition.reference_period is None:
        return
    remedy = "write days as 2022-12-31 or ${round.year}-12-31, the first before the last"
    try:
        first, last = definition.reference_period.dates(2024)
    except ValueError as error:
        yield Finding(path=("reference_period",), message=f"not a date: {error}", remedy=remedy)
        return
    if first > last:
        message = f"the first day {first} is after the last {last}"
        yield Finding(path=("reference_period",), message=message, remedy=remedy)
