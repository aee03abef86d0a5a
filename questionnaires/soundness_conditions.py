"""Checks of conditions, constraints and calculations: what they name, in which order, which codes.

Routing goes through the questionnaire once, so a condition may only look back; one that looks
forward is reported as a cycle where the two wait for each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from questionnaires.choices import KEYED_MISSING, Option
from questionnaires.errors import ExpressionError
from questionnaires.expansion import PlainItem, specify_id, written_out
from questionnaires.expressions import Kind, Node, kind_of, parse, parse_value
from questionnaires.findings import Finding, Path, asked_items
from questionnaires.names import kinds_of
from questionnaires.questions import CalculationItem, GridItem, Item, NoteItem, ScaleItem
from questionnaires.soundness_order import Dependencies
from questionnaires.texts import closest
from questionnaires.tree import Definition, Fact, Section

__all__ = ["condition_findings"]

_NUMERIC = frozenset({Kind.NUMBER, Kind.DECIMAL})


def condition_findings(definition: Definition) -> Iterator[Finding]:
    """Check every expression of a definition against what may be known at its place."""
    checker = _Checker(definition)
    yield from _opening(definition, checker)
    for s, section in enumerate(definition.sections):
        path: Path = ("sections", s)
        place = _Place(section=section, own=f"section {section.id}")
        if section.show_if is not None:
            yield from checker.condition((*path, "show_if"), section.show_if, place)
        for i, item in enumerate(section.items):
            yield from _item(checker, (*path, "items", i), item, section)


def _opening(definition: Definition, checker: "_Checker") -> Iterator[Finding]:
    """Check the introduction, which is read before anything is answered, and the consent."""
    for n, paragraph in enumerate(definition.intro):
        if paragraph.show_if is not None:
            place = _Place(section=None, own=None)
            yield from checker.condition(("intro", n, "show_if"), paragraph.show_if, place)
    consent = definition.consent
    if consent is None:
        return
    if consent.show_if is not None:
        message = "the consent question has a condition"
        remedy = "remove show_if; everybody is asked for consent"
        yield Finding(path=("consent", "show_if"), message=message, remedy=remedy)
    checker.earlier[consent.id] = consent
    yield from _constraints(checker, ("consent",), consent, None)


def _item(checker: "_Checker", path: Path, item: Item, section: Section) -> Iterator[Finding]:
    """Check what an item says, then make its answers known to the ones below."""
    place = _Place(section=section, own=item.id)
    sound = True
    if item.show_if is not None:
        found = list(checker.condition((*path, "show_if"), item.show_if, place))
        yield from found
        sound = not found
    if isinstance(item, CalculationItem):
        yield from checker.calculation((*path, "value"), item.value, place)
    if isinstance(item, GridItem):
        yield from _rows(checker, path, item, section, sound=sound)
    elif not isinstance(item, NoteItem | CalculationItem):
        checker.learn(item, section)
        yield from _constraints(checker, path, item, section)
    if not isinstance(item, GridItem):
        checker.learn_with_lines(item, section)


def _rows(
    checker: "_Checker", path: Path, grid: GridItem, section: Section, *, sound: bool
) -> Iterator[Finding]:
    parts = [part for below, part in written_out(grid) if below]
    for n, (row, part) in enumerate(zip(grid.rows, parts, strict=True)):
        at = (*path, "rows", n)
        place = _Place(section=section, own=row.id)
        if row.show_if is not None:
            found = list(checker.condition((*at, "show_if"), row.show_if, place))
            yield from found
            if sound and not found and part.show_if is not None:
                yield from checker.condition((*at, "show_if"), part.show_if, place)
        checker.learn(part, section)
        yield from _constraints(checker, at, part, section)


def _constraints(
    checker: "_Checker", path: Path, item: PlainItem, section: Section | None
) -> Iterator[Finding]:
    place = _Place(section=section, own=f"the constraint of {item.id}")
    for n, constraint in enumerate(getattr(item, "constraints", ())):
        at = (*path, "constraints", n, "that")
        yield from checker.condition(at, constraint.that, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an expression stands: its section and the node of the order that waits for it."""

    section: Section | None
    own: str | None


class _Checker:
    """Knows what is asked before the place that the reading has come to."""

    def __init__(self, definition: Definition) -> None:
        asked = list(asked_items(definition))
        self._definition = definition
        self._facts: dict[str, Fact] = {fact.id: fact for fact in definition.facts}
        self._all = {one.item.id: (one.item, one.section) for one in asked}
        self._known = kinds_of((one.item for one in asked), definition.facts)
        self._order = Dependencies(definition)
        self.earlier: dict[str, PlainItem] = {}

    def learn(self, item: PlainItem, section: Section) -> None:
        """Make an item's answer known to what follows, if it is asked at all."""
        if section.enabled and not isinstance(item, NoteItem):
            self.earlier.setdefault(item.id, item)

    def learn_with_lines(self, item: PlainItem, section: Section) -> None:
        """Do so with the item and the lines beside its options."""
        lines = [specify_id(item.id, option.code) for option in getattr(item, "options", ())]
        for name in (item.id, *lines):
            part, inside = self._all.get(name, (None, None))
            if part is not None and inside is section:
                self.learn(part, section)

    def condition(self, path: Path, text: str, place: _Place) -> Iterator[Finding]:
        """Check a condition."""
        try:
            tree = parse(text, self._known)
        except ExpressionError as error:
            yield _unreadable(path, error)
            return
        yield from self._names(path, tree, place)

    def calculation(self, path: Path, text: str, place: _Place) -> Iterator[Finding]:
        """Check a calculation, which has to give a number."""
        try:
            tree = parse_value(text, self._known)
        except ExpressionError as error:
            yield _unreadable(path, error)
            return
        kind = kind_of(tree, self._known)
        if kind is not None and kind not in _NUMERIC:
            message = f"the calculation gives a {kind.value}, not a number"
            remedy = "use numbers; the days between two dates are their difference"
            yield Finding(path=path, message=message, remedy=remedy)
        yield from self._names(path, tree, place)

    def _names(self, path: Path, tree: Node, place: _Place) -> Iterator[Finding]:
        for name in dict.fromkeys(_variables(tree)):
            problem = self._out_of_reach(name, place)
            if problem:
                yield Finding(path=path, message=problem[0], remedy=problem[1])
        for name, code in _codes(tree):
            problem = self._unknown_code(name, code)
            if problem:
                yield Finding(path=path, message=problem[0], remedy=problem[1])

    def _out_of_reach(self, name: str, place: _Place) -> tuple[str, str] | None:
        if name in self._facts:
            return None
        item, section = self._all[name]
        if place.own is None:
            return f"${{{name}}} is an answer", "the introduction is read first; use facts only"
        if section is not None and section.repeat is not None and section is not place.section:
            message = f"${{{name}}} is in section {section.id}, which is repeated for each unit"
            return message, "refer to items outside repeated sections"
        if name in self.earlier:
            return None
        if section is not None and not section.enabled:
            return f"${{{name}}} is in section {section.id}, which is off", "enable that section"
        return self._too_early(item, place.own)

    def _too_early(self, item: PlainItem, own: str) -> tuple[str, str]:
        name = item.id
        if isinstance(item, NoteItem):
            return f"${{{name}}} is a note, it has no answer", "refer to a question"
        cycle = self._order.cycle(own, name)
        if cycle:
            message = f"{own} waits for itself in a cycle: {' → '.join(cycle)}"
            return message, "take one of these references away"
        message = f"${{{name}}} is not asked before this place"
        return message, "refer to earlier questions only, or move this one down"

    def _unknown_code(self, name: str, code: str) -> tuple[str, str] | None:
        asked = self._facts.get(name) or self._all[name][0]
        options: tuple[Option, ...] = getattr(asked, "options", ())
        if isinstance(asked, ScaleItem) and asked.scale in self._definition.scales:
            options = self._definition.scales[asked.scale].options
        codes = [option.code for option in options]
        if not codes or code in {*codes, *KEYED_MISSING}:
            return None
        close = closest(code, codes)
        remedy = f"did you mean '{close}'?" if close else f"codes are {', '.join(codes)}"
        return f"{code!r} is no code of ${{{name}}}", remedy


def _unreadable(path: Path, error: ExpressionError) -> Finding:
    message = f"{error.message}, column {error.column}"
    return Finding(path=path, message=message, remedy=error.remedy)


def _variables(tree: Node) -> Iterator[str]:
    if not isinstance(tree, tuple):
        return
    if tree[0] == "v":
        yield str(tree[1])
        return
    for part in tree[1:]:
        yield from _variables(part)


def _codes(tree: Node) -> Iterator[tuple[str, str]]:
    """Pairs of a name and a code that it is compared with, or asked to have chosen."""
    if not isinstance(tree, tuple) or tree[0] in {"v", "n", "date"}:
        return
    if tree[0] in {"=", "!=", "selected"}:
        for variable, other in ((tree[1], tree[2]), (tree[2], tree[1])):
            if isinstance(variable, tuple) and variable[0] == "v" and isinstance(other, str):
                yield str(variable[1]), other
    for part in tree[1:]:
        yield from _codes(part)
