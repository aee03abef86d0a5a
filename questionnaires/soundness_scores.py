"""Checks of what becomes of answers: criteria and their points, factors, value maps.

A scored item that may stay hidden has to say what becomes of its points; nothing is guessed later.
"""

from collections.abc import Iterator
from decimal import Decimal

from questionnaires.findings import Finding, Path, asked_items, repeated_values, written_items
from questionnaires.questions import GridItem, IfHidden, MultiItem, NoteItem, ScaleItem
from questionnaires.texts import closest
from questionnaires.tree import Aspect, Block, Definition

__all__ = ["score_findings"]


def score_findings(definition: Definition) -> Iterator[Finding]:
    """Check criteria, factors and value maps."""
    yield from _criteria(definition)
    yield from _hidden_sections(definition)
    yield from _hidden_items(definition)
    for b, block in enumerate(definition.blocks):
        yield from _factors(definition, ("blocks", b), block)
    yield from _value_maps(definition)
    yield from _uncovered_codes(definition)


def _criteria(definition: Definition) -> Iterator[Finding]:
    yield from _criteria_items(definition)
    for c, criterion in enumerate(definition.criteria):
        total = sum((part.points for part in criterion.items), Decimal(0))
        if total != criterion.max:
            yield Finding(
                path=("criteria", c, "max"),
                message=f"the items of {criterion.code} sum to {total}, its max is {criterion.max}",
                remedy="make the points of its items sum to max",
            )
    total = sum((criterion.max for criterion in definition.criteria), Decimal(0))
    if definition.criteria and total != definition.points_total:
        yield Finding(
            path=("points_total",),
            message=f"the criteria have {total} points, points_total is {definition.points_total}",
            remedy="make the maxima of the criteria sum to points_total",
        )


def _criteria_items(definition: Definition) -> Iterator[Finding]:
    asked = {one.item.id: one for one in asked_items(definition)}
    entries: list[tuple[Path, str]] = [
        (("criteria", c, "items", i, "item"), part.item)
        for c, criterion in enumerate(definition.criteria)
        for i, part in enumerate(criterion.items)
    ]
    yield from repeated_values(entries, what="scored item", remedy="list it once")
    for path, name in entries:
        if name not in asked:
            yield _unknown(path, name, list(asked), "use the id of a scale item")
            continue
        item, section = asked[name].item, asked[name].section
        if not isinstance(item, ScaleItem):
            message = f"item {name!r} is of type {item.type}, it has no scale to score"
            yield Finding(path=path, message=message, remedy="score items of type scale only")
        if section is not None and not section.enabled:
            message = f"item {name!r} is in section {section.id}, which is off"
            remedy = "enable the section or take the item out of the criterion"
            yield Finding(path=path, message=message, remedy=remedy)


def _unknown(path: Path, name: str, known: list[str], remedy: str) -> Finding:
    close = closest(name, known)
    remedy = f"did you mean {close!r}?" if close else remedy
    return Finding(path=path, message=f"item {name!r} is unknown", remedy=remedy)


def _hidden_sections(definition: Definition) -> Iterator[Finding]:
    """Ask of every section with scored items that may stay hidden what becomes of their points."""
    groups = [{part.item for part in criterion.items} for criterion in definition.criteria]
    scored = set[str]().union(*groups)
    inside: dict[int, set[str]] = {s: set() for s in range(len(definition.sections))}
    for asked in asked_items(definition):
        if asked.section is not None:
            inside[int(asked.path[1])].add(asked.item.id)
    for s, section in enumerate(definition.sections):
        if section.show_if is not None and inside[s] & scored and section.if_hidden is None:
            message = f"section {section.id} has scored items and may stay hidden"
            remedy = f"add if_hidden: {IfHidden.CRITERION_NOT_APPLICABLE}"
            yield Finding(path=("sections", s, "show_if"), message=message, remedy=remedy)
        if section.if_hidden is not None and any(g & inside[s] and g - inside[s] for g in groups):
            message = f"if_hidden of section {section.id} would drop part of a criterion"
            remedy = "put the whole criterion in it"
            yield Finding(path=("sections", s, "if_hidden"), message=message, remedy=remedy)


def _hidden_items(definition: Definition) -> Iterator[Finding]:
    scored = {part.item for criterion in definition.criteria for part in criterion.items}
    remedy = f"add if_hidden: {' or '.join(IfHidden)}"
    for asked in asked_items(definition):
        item = asked.item
        if isinstance(item, NoteItem) or item.id not in scored:
            continue
        if item.show_if is not None and item.if_hidden is None:
            path = (*asked.path, "show_if")
            message = f"item {item.id} is scored and may stay hidden"
            yield Finding(path=path, message=message, remedy=remedy)


def _factors(definition: Definition, path: Path, block: Block) -> Iterator[Finding]:
    """Check that factors name items with a scale, each once in the block.

    Expectations may be chosen from a list too: their result is a share for each option.
    """
    kinds = ScaleItem | MultiItem if block.aspect is Aspect.EXPECTATION else ScaleItem
    rows = {
        item.id: tuple(row.id for row in item.rows)
        for _, item, _ in written_items(definition)
        if isinstance(item, GridItem)
    }
    asked = {one.item.id: one for one in asked_items(definition)}
    ids = (((*path, "factors", f, "id"), factor.id) for f, factor in enumerate(block.factors))
    yield from repeated_values(ids, what=f"factor id of block {block.id}")
    entries: list[tuple[Path, str]] = []
    for f, factor in enumerate(block.factors):
        for i, name in enumerate(factor.items):
            at: Path = (*path, "factors", f, "items", i)
            if name not in asked:
                yield _unknown(at, name, list(asked), "use the id of a scale item or a grid")
                continue
            item, section = asked[name].item, asked[name].section
            if name not in rows and not isinstance(item, kinds):
                message = f"item {name!r} is of type {item.type}, it has no scale"
                yield Finding(path=at, message=message, remedy="use items of type scale or grids")
            if section is not None and not section.enabled:
                message = f"item {name!r} is in section {section.id}, which is off"
                remedy = "enable the section or take the item out of the factor"
                yield Finding(path=at, message=message, remedy=remedy)
            entries += [(at, part) for part in rows.get(name, (name,))]
    remedy = "keep it in one factor of the block"
    yield from repeated_values(entries, what=f"item of block {block.id}", remedy=remedy)


def _value_maps(definition: Definition) -> Iterator[Finding]:
    for name, values in definition.value_maps.items():
        for code, value in values.items():
            if value > 1:
                message = f"value {value} is outside 0 to 1"
                remedy = "give the share of the item's points that the answer earns"
                yield Finding(path=("value_maps", name, code), message=message, remedy=remedy)
    if definition.criteria and definition.scoring is None:
        message = "there are criteria but no scoring"
        yield Finding(path=("criteria",), message=message, remedy="add scoring: {value_map: …}")
    scoring = definition.scoring
    if scoring is not None and scoring.value_map not in definition.value_maps:
        message = f"value map {scoring.value_map!r} is unknown"
        remedy = f"known are {', '.join(definition.value_maps) or 'none'}"
        yield Finding(path=("scoring", "value_map"), message=message, remedy=remedy)


def _uncovered_codes(definition: Definition) -> Iterator[Finding]:
    if definition.scoring is None:
        return
    scored = {part.item for criterion in definition.criteria for part in criterion.items}
    items = (one.item for one in asked_items(definition) if one.item.id in scored)
    used = dict.fromkeys(item.scale for item in items if isinstance(item, ScaleItem))
    for scale in filter(definition.scales.__contains__, used):
        for name, values in definition.value_maps.items():
            codes = [option.code for option in definition.scales[scale].options]
            without = [code for code in codes if code not in values]
            if without:
                message = f"value map {name!r} has no value for {', '.join(without)} of {scale!r}"
                remedy = "give every code of a scored scale a value"
                yield Finding(path=("value_maps", name), message=message, remedy=remedy)
