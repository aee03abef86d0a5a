"""Checks of a definition as a whole: references, routing order, codes, sums.

Everything is collected rather than raised, because a person who writes a questionnaire wants the
whole list at once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel

from questionnaires.choices import KEYED_MISSING, MissingCode, Option
from questionnaires.errors import ExpressionError
from questionnaires.expressions import Expression, parse
from questionnaires.questions import (
    IfHidden,
    IntegerItem,
    MultiItem,
    NoteItem,
    Question,
    ScaleItem,
    SingleItem,
)
from questionnaires.texts import closest
from questionnaires.tree import Definition, Fact, Section

__all__ = ["Finding", "Path", "findings"]

Path = tuple[str | int, ...]
_ORDERS = frozenset({"<", "<=", ">", ">="})
_RESERVED = frozenset(MissingCode)
_SHOWN_SPECIAL = frozenset({MissingCode.NOT_APPLICABLE, MissingCode.DONT_KNOW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault of a definition, by its path in the document."""

    path: Path
    message: str
    remedy: str


def findings(definition: Definition) -> list[Finding]:
    """Check everything that needs more than one field.

    Parameters
    ----------
    definition : fields already valid one by one

    Returns
    -------
    list of Finding
        Empty when the definition can be used.
    """
    checks = (
        _duplicates,
        _languages,
        _option_lists,
        _items,
        _conditions,
        _criteria,
        _scored_items_hidden,
        _value_maps,
        _dates,
    )
    return [finding for check in checks for finding in check(definition)]


def _located(definition: Definition) -> Iterator[tuple[Path, Question | NoteItem, Section | None]]:
    """Every item with its path, the consent first, disabled sections included."""
    if definition.consent is not None:
        yield ("consent",), definition.consent, None
    for s, section in enumerate(definition.sections):
        for i, item in enumerate(section.items):
            yield ("sections", s, "items", i), item, section


def _repeated(
    entries: Iterable[tuple[Path, str]], *, what: str, first: bool = True
) -> Iterator[Finding]:
    seen: Counter[str] = Counter()
    for path, value in entries:
        seen[value] += 1
        if seen[value] > 1:
            once = "give each its own" if first else "list it once"
            message = f"{what} {value!r} is used {seen[value]} times"
            yield Finding(path=path, message=message, remedy=once)


def _duplicates(definition: Definition) -> Iterator[Finding]:
    located = list(_located(definition))
    yield from _repeated((((*path, "id"), item.id) for path, item, _ in located), what="item id")
    numbers = (((*p, "printed_number"), i.printed_number) for p, i, _ in located)
    yield from _repeated(((p, n) for p, n in numbers if n is not None), what="printed_number")
    for name, key in (("sections", "id"), ("criteria", "code"), ("facts", "id")):
        parts: Sequence[BaseModel] = getattr(definition, name)
        entries = (((name, n, key), str(getattr(part, key))) for n, part in enumerate(parts))
        yield from _repeated(entries, what=f"{name} {key}")
    checked = [p for p, i, _ in located if isinstance(i, SingleItem) and i.stratum_check]
    for path in checked[1:]:
        yield Finding(
            path=(*path, "stratum_check"),
            message=f"{len(checked)} items have stratum_check",
            remedy="keep it on the one item that asks for the respondent group",
        )


def _languages(definition: Definition) -> Iterator[Finding]:
    for path, value in _texts(definition, ()):
        if definition.language not in value:
            yield Finding(
                path=path,
                message=f"the text lacks the document's language {definition.language!r}",
                remedy=f"add {definition.language}: …",
            )


def _texts(value: object, path: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Every translated text: the only mappings in a definition whose values are strings."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        for n, part in enumerate(value):
            yield from _texts(part, (*path, n))
    elif isinstance(value, dict):
        if value and all(isinstance(part, str) for part in value.values()):
            yield path, value
        for key, part in value.items():
            yield from _texts(part, (*path, str(key)))


def _option_lists(definition: Definition) -> Iterator[Finding]:
    lists: list[tuple[Path, tuple[Option, ...], bool]] = []
    for name, scale in definition.scales.items():
        lists.append((("scales", name, "options"), scale.options, False))
        lists.append((("scales", name, "special"), scale.special, False))
    for n, fact in enumerate(definition.facts):
        lists.append((("facts", n, "options"), fact.options, False))
    for path, item, _ in _located(definition):
        if isinstance(item, SingleItem | MultiItem):
            single = isinstance(item, SingleItem)
            lists.append(((*path, "options"), item.options, single))
            lists.append(((*path, "special"), item.special, False))
    for path, options, may_end in lists:
        yield from _option_list(path, options, may_end=may_end)


def _option_list(path: Path, options: tuple[Option, ...], *, may_end: bool) -> Iterator[Finding]:
    codes = (((*path, n, "code"), option.code) for n, option in enumerate(options))
    yield from _repeated(codes, what="code")
    special = path[-1] == "special"
    for n, option in enumerate(options):
        at = (*path, n, "code")
        if special and option.code not in _SHOWN_SPECIAL:
            message = f"code {option.code!r} is not one that a respondent is shown as special"
            remedy = "only 97 and 99 are; 94, 95 and 98 are for keying, 96 follows from routing"
            yield Finding(path=at, message=message, remedy=remedy)
        if not special and option.code in _RESERVED:
            message = f"code {option.code!r} is reserved for missing answers"
            yield Finding(path=at, message=message, remedy="use another code, 94 to 99 are taken")
        if option.ends is not None and not may_end:
            message = f"option {option.code!r} ends the questionnaire"
            remedy = "ends belongs to the options of a single item"
            yield Finding(path=(*path, n, "ends"), message=message, remedy=remedy)


def _items(definition: Definition) -> Iterator[Finding]:
    for path, item, _ in _located(definition):
        if isinstance(item, ScaleItem) and item.scale not in definition.scales:
            close = closest(item.scale, list(definition.scales))
            remedy = f"did you mean {close!r}?" if close else "define it under scales"
            message = f"scale {item.scale!r} is unknown"
            yield Finding(path=(*path, "scale"), message=message, remedy=remedy)
        if isinstance(item, IntegerItem) and item.min > item.max:
            message = f"min {item.min} is above max {item.max}"
            yield Finding(path=(*path, "min"), message=message, remedy="swap them")
        if isinstance(item, MultiItem) and (item.max_choices or 1) > len(item.options):
            message = f"max_choices {item.max_choices} is above the {len(item.options)} options"
            remedy = "lower it or leave it out"
            yield Finding(path=(*path, "max_choices"), message=message, remedy=remedy)


class _Names:
    """Names that conditions may use, as far as the reading has come."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self.facts: dict[str, Fact] = {fact.id: fact for fact in definition.facts}
        self.earlier: dict[str, Question] = {}
        self._all = {item.id: (item, section) for _, item, section in _located(definition)}

    def check(self, path: Path, text: str, *, facts_only: bool = False) -> Iterator[Finding]:
        path = (*path, "show_if")
        usable = self.facts.keys() if facts_only else self.facts.keys() | self.earlier.keys()
        try:
            tree = parse(text, usable | self._all.keys())
        except ExpressionError as error:
            message = f"{error.message}, column {error.column}"
            yield Finding(path=path, message=message, remedy=error.remedy)
            return
        for operator, left, right in _comparisons(tree):
            for name, other in ((left, right), (right, left)):
                if not isinstance(name, tuple):
                    continue
                problem = (
                    self._misused(str(name[1]), operator, other)
                    if name[1] in usable
                    else self._out_of_reach(str(name[1]), facts_only=facts_only)
                )
                if problem:
                    yield Finding(path=path, message=problem[0], remedy=problem[1])

    def _out_of_reach(self, name: str, *, facts_only: bool) -> tuple[str, str]:
        item, section = self._all[name]
        if facts_only:
            return f"${{{name}}} is an answer", "the introduction is read first; use facts only"
        if section is not None and not section.enabled:
            return f"${{{name}}} is in section {section.id}, which is off", "enable that section"
        if isinstance(item, NoteItem):
            return f"${{{name}}} is a note, it has no answer", "refer to a question"
        message = f"${{{name}}} is not asked before this place"
        return message, "refer to earlier questions only, or move this one down"

    def _misused(self, name: str, operator: str, other: object) -> tuple[str, str] | None:
        """Compare the kind of a name with its operator and the other operand."""
        asked = self.facts.get(name) or self.earlier[name]
        if isinstance(asked, MultiItem) is not (operator == "selected"):
            use = "selected(…)" if isinstance(asked, MultiItem) else "= or !="
            return f"{operator} does not fit ${{{name}}}", f"use {use} with this kind of question"
        if operator in _ORDERS and not isinstance(asked, IntegerItem):
            return f"${{{name}}} has no order", "compare codes with = or != and join with or"
        if isinstance(other, tuple):
            return None
        if isinstance(asked, IntegerItem) is not isinstance(other, int):
            remedy = "no quotes" if isinstance(asked, IntegerItem) else f"write '{other}' in quotes"
            return f"{other!r} is not an answer to ${{{name}}}", remedy
        return self._unknown_code(name, asked, other)

    def _unknown_code(
        self, name: str, asked: Question | Fact, other: object
    ) -> tuple[str, str] | None:
        options: tuple[Option, ...] = getattr(asked, "options", ())
        if isinstance(asked, ScaleItem) and asked.scale in self._definition.scales:
            options = self._definition.scales[asked.scale].options
        codes = [option.code for option in options]
        if not codes or not isinstance(other, str) or other in {*codes, *KEYED_MISSING}:
            return None
        close = closest(other, codes)
        remedy = f"did you mean '{close}'?" if close else f"codes are {', '.join(codes)}"
        return f"{other!r} is no code of ${{{name}}}", remedy


def _comparisons(tree: Expression) -> Iterator[tuple[str, object, object]]:
    if tree[0] in {"and", "or", "not"}:
        for part in tree[1:]:
            if isinstance(part, tuple):
                yield from _comparisons(part)
    else:
        yield str(tree[0]), tree[1], tree[2]


def _conditions(definition: Definition) -> Iterator[Finding]:
    names = _Names(definition)
    yield from _opening_conditions(definition, names)
    for s, section in enumerate(definition.sections):
        if section.show_if is not None:
            yield from names.check(("sections", s), section.show_if)
        for i, item in enumerate(section.items):
            if item.show_if is not None:
                yield from names.check(("sections", s, "items", i), item.show_if)
            if section.enabled and not isinstance(item, NoteItem):
                names.earlier.setdefault(item.id, item)


def _opening_conditions(definition: Definition, names: _Names) -> Iterator[Finding]:
    for n, paragraph in enumerate(definition.intro):
        if paragraph.show_if is not None:
            yield from names.check(("intro", n), paragraph.show_if, facts_only=True)
    if definition.consent is not None:
        if definition.consent.show_if is not None:
            message = "the consent question has a condition"
            remedy = "remove show_if; everybody is asked for consent"
            yield Finding(path=("consent", "show_if"), message=message, remedy=remedy)
        names.earlier[definition.consent.id] = definition.consent


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
    asked = {item.id: (item, section) for _, item, section in _located(definition)}
    entries = [
        (("criteria", c, "items", i, "item"), part.item)
        for c, criterion in enumerate(definition.criteria)
        for i, part in enumerate(criterion.items)
    ]
    yield from _repeated(entries, what="scored item", first=False)
    for path, name in entries:
        if name not in asked:
            close = closest(name, list(asked))
            remedy = f"did you mean {close!r}?" if close else "use the id of a scale item"
            yield Finding(path=path, message=f"item {name!r} is unknown", remedy=remedy)
            continue
        item, section = asked[name]
        if not isinstance(item, ScaleItem):
            message = f"item {name!r} is of type {item.type}, it has no scale to score"
            yield Finding(path=path, message=message, remedy="score items of type scale only")
        if section is not None and not section.enabled:
            message = f"item {name!r} is in section {section.id}, which is off"
            remedy = "enable the section or take the item out of the criterion"
            yield Finding(path=path, message=message, remedy=remedy)


def _scored_items_hidden(definition: Definition) -> Iterator[Finding]:
    """Ask of every scored item that may stay hidden what becomes of its points."""
    groups = [{part.item for part in criterion.items} for criterion in definition.criteria]
    scored = set[str]().union(*groups)
    remedy = f"add if_hidden: {' or '.join(IfHidden)}"
    for s, section in enumerate(definition.sections):
        inside = {item.id for item in section.items}
        if section.show_if is not None and inside & scored and section.if_hidden is None:
            message = f"section {section.id} has scored items and may stay hidden"
            path: Path = ("sections", s, "show_if")
            yield Finding(
                path=path,
                message=message,
                remedy=f"add if_hidden: {IfHidden.CRITERION_NOT_APPLICABLE}",
            )
        if section.if_hidden is not None and any(g & inside and g - inside for g in groups):
            message = f"if_hidden of section {section.id} would drop part of a criterion"
            path = ("sections", s, "if_hidden")
            yield Finding(path=path, message=message, remedy="put the whole criterion in it")
        for i, item in enumerate(section.items):
            hidden = item.show_if is not None and not isinstance(item, NoteItem)
            if hidden and item.id in scored and getattr(item, "if_hidden", None) is None:
                path = ("sections", s, "items", i, "show_if")
                message = f"item {item.id} is scored and may stay hidden"
                yield Finding(path=path, message=message, remedy=remedy)


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
    if definition.scoring is None:
        return
    if definition.scoring.value_map not in definition.value_maps:
        message = f"value map {definition.scoring.value_map!r} is unknown"
        remedy = f"known are {', '.join(definition.value_maps) or 'none'}"
        yield Finding(path=("scoring", "value_map"), message=message, remedy=remedy)
    yield from _uncovered_codes(definition)


def _uncovered_codes(definition: Definition) -> Iterator[Finding]:
    scored = {part.item for criterion in definition.criteria for part in criterion.items}
    items = (item for _, item, _ in _located(definition) if item.id in scored)
    used = dict.fromkeys(item.scale for item in items if isinstance(item, ScaleItem))
    for scale in filter(definition.scales.__contains__, used):
        for name, values in definition.value_maps.items():
            codes = [option.code for option in definition.scales[scale].options]
            without = [code for code in codes if code not in values]
            if without:
                message = f"value map {name!r} has no value for {', '.join(without)} of {scale!r}"
                remedy = "give every code of a scored scale a value"
                yield Finding(path=("value_maps", name), message=message, remedy=remedy)


def _dates(definition: Definition) -> Iterator[Finding]:
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
