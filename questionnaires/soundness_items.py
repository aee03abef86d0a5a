"""Checks of items: ids that are unique when everything is written out, and bounds that fit.

Ids of lines beside options are made here from two parts, so their length and letters are checked
where they come together.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import BaseModel

from questionnaires.expansion import specify_id
from questionnaires.findings import (
    Finding,
    Path,
    asked_items,
    is_item_id,
    repeated_values,
    written_items,
)
from questionnaires.questions import (
    CalculationItem,
    DateItem,
    DecimalItem,
    GridItem,
    IntegerItem,
    Item,
    MultiItem,
    ScaleItem,
    SingleItem,
)
from questionnaires.texts import closest
from questionnaires.tree import Definition

__all__ = ["item_findings"]


def item_findings(definition: Definition) -> Iterator[Finding]:
    """Check ids, printed numbers and the settings of every kind of item."""
    yield from _ids(definition)
    yield from _printed_numbers(definition)
    yield from _other_ids(definition)
    yield from _stratum_checks(definition)
    for path, item, _ in written_items(definition):
        yield from _made_ids(path, item)
        yield from _scale(definition, path, item)
        yield from _bounds(path, item)
        yield from _choices(path, item)
        yield from _calculation(path, item)


def _ids(definition: Definition) -> Iterator[Finding]:
    entries = ((asked.id_path, asked.item.id) for asked in asked_items(definition))
    yield from repeated_values(entries, what="item id")


def _made_ids(path: Path, item: Item) -> Iterator[Finding]:
    if not isinstance(item, SingleItem | MultiItem):
        return
    for n, option in enumerate(item.options):
        made = specify_id(item.id, option.code)
        if option.specify is not None and not is_item_id(made):
            message = f"the line beside option {option.code!r} would have the id {made!r}"
            remedy = "use an id and a code of letters, digits and _, together at most 31 long"
            yield Finding(path=(*path, "options", n, "specify"), message=message, remedy=remedy)


def _printed_numbers(definition: Definition) -> Iterator[Finding]:
    numbers = (
        ((*asked.path, "printed_number"), asked.item.printed_number)
        for asked in asked_items(definition)
    )
    entries = ((path, number) for path, number in numbers if number is not None)
    yield from repeated_values(entries, what="printed_number")


def _other_ids(definition: Definition) -> Iterator[Finding]:
    named = (("sections", "id"), ("criteria", "code"), ("facts", "id"), ("blocks", "id"))
    for name, key in named:
        parts: Sequence[BaseModel] = getattr(definition, name)
        entries = (((name, n, key), str(getattr(part, key))) for n, part in enumerate(parts))
        yield from repeated_values(entries, what=f"{name} {key}")


def _stratum_checks(definition: Definition) -> Iterator[Finding]:
    items = ((path, item) for path, item, _ in written_items(definition))
    checked = [p for p, item in items if isinstance(item, SingleItem) and item.stratum_check]
    for path in checked[1:]:
        yield Finding(
            path=(*path, "stratum_check"),
            message=f"{len(checked)} items have stratum_check",
            remedy="keep it on the one item that asks for the respondent group",
        )


def _scale(definition: Definition, path: Path, item: Item) -> Iterator[Finding]:
    if isinstance(item, ScaleItem | GridItem) and item.scale not in definition.scales:
        close = closest(item.scale, list(definition.scales))
        remedy = f"did you mean {close!r}?" if close else "define it under scales"
        message = f"scale {item.scale!r} is unknown"
        yield Finding(path=(*path, "scale"), message=message, remedy=remedy)


def _bounds(path: Path, item: Item) -> Iterator[Finding]:
    if not isinstance(item, IntegerItem | DecimalItem | DateItem):
        return
    if item.min is not None and item.max is not None and _is_above(item):
        message = f"min {item.min} is above max {item.max}"
        yield Finding(path=(*path, "min"), message=message, remedy="swap them")
    if isinstance(item, DecimalItem):
        for name, bound in (("min", item.min), ("max", item.max)):
            if bound != round(bound, item.places):
                message = f"{name} {bound} has more than the {item.places} places of the answers"
                remedy = "round it, or allow more places"
                yield Finding(path=(*path, name), message=message, remedy=remedy)


def _is_above(item: IntegerItem | DecimalItem | DateItem) -> bool:
    if isinstance(item, DateItem):
        return item.min is not None and item.max is not None and item.min > item.max
    return Decimal(item.min) > Decimal(item.max)


def _choices(path: Path, item: Item) -> Iterator[Finding]:
    if not isinstance(item, MultiItem):
        return
    if (item.max_choices or 1) > len(item.options):
        message = f"max_choices {item.max_choices} is above the {len(item.options)} options"
        remedy = "lower it or leave it out"
        yield Finding(path=(*path, "max_choices"), message=message, remedy=remedy)
    at = [((*path, "exclusive", n), code) for n, code in enumerate(item.exclusive)]
    yield from repeated_values(at, what="exclusive code", remedy="list it once")
    codes = [option.code for option in item.options]
    special = {option.code for option in item.special}
    for place, code in at:
        if code in special:
            message = f"exclusive code {code!r} is a special one"
            yield Finding(path=place, message=message, remedy="remove it; 97 and 99 stand alone")
        elif code not in codes:
            close = closest(code, codes)
            remedy = f"did you mean {close!r}?" if close else f"codes are {', '.join(codes)}"
            message = f"exclusive code {code!r} is no option"
            yield Finding(path=place, message=message, remedy=remedy)


def _calculation(path: Path, item: Item) -> Iterator[Finding]:
    if not isinstance(item, CalculationItem):
        return
    for name in ("required", "constraints"):
        if getattr(item, name):
            message = f"calculation {item.id} has {name}, but nobody answers it"
            remedy = "put this on the last question that it is computed from"
            yield Finding(path=(*path, name), message=message, remedy=remedy)
