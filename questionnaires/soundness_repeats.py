"""Checks of repeated sections: ids that still fit with their suffix, and nothing looking inside.

An answer about one of many units cannot steer, end or head the questionnaire: there is one path for
the respondent and many units on it. References are checked with the other conditions.
"""

from collections.abc import Iterator
from typing import Final

from questionnaires.expansion import names_for, names_in
from questionnaires.findings import Asked, Finding, Path, asked_items, is_item_id
from questionnaires.questions import SingleItem
from questionnaires.tree import Definition, Repeat

__all__ = ["repeat_findings"]

_NUMBER_LENGTH: Final = 8
_CONDITION_LENGTH: Final = 2000


def repeat_findings(definition: Definition) -> Iterator[Finding]:
    """Check every section that is asked once for each rated unit."""
    for s, section in enumerate(definition.sections):
        if section.repeat is not None and not is_item_id(_last(section.id, section.repeat)):
            path: Path = ("sections", s, "id")
            yield _too_long(path, section.id, section.repeat)
    for asked in asked_items(definition):
        if asked.section is None or asked.section.repeat is None:
            continue
        repeat = asked.section.repeat
        if not is_item_id(_last(asked.item.id, repeat)):
            yield _too_long(asked.id_path, asked.item.id, repeat)
        number = asked.item.printed_number
        if number is not None and len(f"{number}.{repeat.most}") > _NUMBER_LENGTH:
            message = f"printed_number {number!r} becomes '{number}.{repeat.most}' when repeated"
            remedy = f"shorten it; at most {_NUMBER_LENGTH} characters are printed"
            yield Finding(path=(*asked.path, "printed_number"), message=message, remedy=remedy)
        yield from _long_conditions(asked, repeat)
        if isinstance(asked.item, SingleItem):
            yield from _steering(asked.path, asked.item)
    yield from _taken_ids(definition)


def _last(name: str, repeat: Repeat) -> str:
    return f"{name}_{repeat.most}"


def _too_long(path: Path, name: str, repeat: Repeat) -> Finding:
    message = f"id {name!r} becomes {_last(name, repeat)!r} when repeated, more than 32 characters"
    return Finding(path=path, message=message, remedy="shorten the id")


def _long_conditions(asked: Asked, repeat: Repeat) -> Iterator[Finding]:
    """Report expressions that outgrow the language's limit when every name gets its suffix."""
    rules = enumerate(getattr(asked.item, "constraints", ()))
    texts: list[tuple[Path, str | None]] = [
        (("show_if",), asked.item.show_if),
        (("value",), getattr(asked.item, "value", None)),
        *((("constraints", n, "that"), rule.that) for n, rule in rules),
    ]
    for below, text in texts:
        size = len(text or "") + len(names_in(text)) * len(f"_{repeat.most}")
        if size > _CONDITION_LENGTH:
            message = f"the expression grows to {size} characters when repeated"
            remedy = f"shorten it; at most {_CONDITION_LENGTH} can be read"
            yield Finding(path=(*asked.path, *below), message=message, remedy=remedy)


def _steering(path: Path, item: SingleItem) -> Iterator[Finding]:
    if item.stratum_check:
        message = f"item {item.id} has stratum_check in a repeated section"
        remedy = "ask for the respondent group once, in a section that is not repeated"
        yield Finding(path=(*path, "stratum_check"), message=message, remedy=remedy)
    for n, option in enumerate(item.options):
        if option.ends is not None:
            message = f"option {option.code!r} ends the questionnaire in a repeated section"
            remedy = "end it in a section that is not repeated, or hide the rest by show_if"
            yield Finding(path=(*path, "options", n, "ends"), message=message, remedy=remedy)


def _taken_ids(definition: Definition) -> Iterator[Finding]:
    """Report ids that two items would share when units are written out, such as Q1_2 and Q1."""
    taken = {
        asked.item.id: asked.item.id
        for asked in asked_items(definition)
        if asked.section is None or asked.section.repeat is None
    }
    clashing = set[str]()
    for section in definition.sections:
        most = 0 if section.repeat is None else section.repeat.most
        for number in range(1, most + 1):
            for name, new in names_for(section, number).items():
                if taken.setdefault(new, name) != name:
                    clashing.add(name)
    for asked in asked_items(definition):
        if asked.item.id in clashing:
            message = f"id {asked.item.id!r} gets the id of another item when repeated"
            yield Finding(path=asked.id_path, message=message, remedy="rename one of the two")
