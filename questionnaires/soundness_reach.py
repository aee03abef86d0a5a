"""The search for questions that can never show, by trying every case that matters.

Answers that no condition tells apart are one case: a code that is named, one that is not, a missing
code, no answer; around every number and day that a condition compares with, the value itself and
its neighbours. A question is reported only where all cases were tried; where a condition computes
with a number of more than 200 values, or where the cases are more than the cap, it passes. What a
constraint forbids still counts as possible.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from questionnaires.expansion import PlainItem
from questionnaires.expressions import (
    Expression,
    Value,
    compute,
    decimal_text,
    evaluate,
    parse,
    parse_value,
    references,
)
from questionnaires.findings import Finding, Path, asked_items, item_path
from questionnaires.names import kinds_of
from questionnaires.questions import CalculationItem
from questionnaires.soundness_cases import Cases
from questionnaires.tree import Definition

__all__ = ["unreachable"]

_CASES_A_QUESTION: Final = 5_000
_CASES_IN_ALL: Final = 50_000
_CAN_FALL_BACK: Final = frozenset({"answered", "coalesce", "min", "max", "count-selected", "if"})
"""Operators by which a condition that is false can become true when more is answered."""


def unreachable(definition: Definition) -> Iterator[Finding]:
    """Report sections, items and paragraphs that no answers and no facts can bring up.

    Parameters
    ----------
    definition : its conditions are sound

    Yields
    ------
    Finding
        One a section or an item; what only waits for another dead question is not repeated.
    """
    search = _Search(definition)
    for n, paragraph in enumerate(definition.intro):
        if paragraph.show_if is not None and search.is_dead([search.tree(paragraph.show_if)]):
            yield _finding(("intro", n, "show_if"), "the paragraph can never show")
    dead: set[Path] = set()
    yield from _dead_sections(definition, search, dead)
    yield from _dead_items(definition, search, dead)


def _dead_sections(definition: Definition, search: "_Search", dead: set[Path]) -> Iterator[Finding]:
    for s, section in enumerate(definition.sections):
        if not section.enabled or section.show_if is None:
            continue
        tree = search.tree(section.show_if)
        if search.is_dead([tree]):
            dead.add(("sections", s))
            if not search.waits_for_dead([tree]):
                path: Path = ("sections", s, "show_if")
                yield _finding(path, f"section {section.id} can never show")
            search.bury_section(section.id)


def _dead_items(definition: Definition, search: "_Search", dead: set[Path]) -> Iterator[Finding]:
    for asked in asked_items(definition):
        item, section = asked.item, asked.section
        if asked.is_generated or item.show_if is None or section is None or not section.enabled:
            continue
        conditions = search.conditions[item.id]
        if {asked.path[:2], item_path(asked.path)} & dead or not search.is_dead(conditions):
            continue
        dead.add(asked.path)
        if not search.waits_for_dead(conditions):
            yield _finding((*asked.path, "show_if"), f"item {item.id} can never show")
        search.bury(item.id)


def _finding(path: Path, message: str) -> Finding:
    remedy = "its condition holds for no answers to the questions before it; correct one of them"
    return Finding(path=path, message=message, remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """A name that a condition uses: when it has a value, and which."""

    name: str
    opens: tuple[Expression, ...]
    computed: Expression | None
    places: int
    cases: tuple[Value, ...]


class _Search:
    """Tries cases of one definition, with a cap on all of them together."""

    def __init__(self, definition: Definition) -> None:
        asked = list(asked_items(definition))
        self._definition = definition
        self._known = kinds_of((one.item for one in asked), definition.facts)
        self._trees: dict[str, Expression] = {}
        self._left = _CASES_IN_ALL
        self._dead: set[str] = set()
        self.conditions: dict[str, tuple[Expression, ...]] = {}
        self._items: dict[str, PlainItem] = {}
        self._order = {fact.id: n for n, fact in enumerate(definition.facts)}
        for one in asked:
            texts = [one.section.show_if if one.section else None, one.item.show_if]
            trees = tuple(self.tree(text) for text in texts if text is not None)
            self.conditions[one.item.id] = trees
            self._items[one.item.id] = one.item
            self._order[one.item.id] = len(self._order)

    def tree(self, text: str) -> Expression:
        """Read a condition once."""
        if text not in self._trees:
            self._trees[text] = parse(text, self._known)
        return self._trees[text]

    def bury(self, name: str) -> None:
        """Remember a dead question."""
        self._dead.add(name)

    def bury_section(self, name: str) -> None:
        """Remember all questions of a dead section."""
        for asked in asked_items(self._definition):
            if asked.section is not None and asked.section.id == name:
                self._dead.add(asked.item.id)

    def waits_for_dead(self, conditions: Sequence[Expression]) -> bool:
        """Tell whether conditions depend, by whatever way, on a question found dead before."""
        return not self._dead.isdisjoint(self._involved(conditions))

    def is_dead(self, conditions: Sequence[Expression]) -> bool:
        """Tell whether no case makes all conditions true."""
        involved = self._involved(conditions)
        trees = [*conditions, *(tree for name in involved for tree in self._trees_of(name))]
        cases = Cases(self._definition, trees)
        names = []
        exact = True
        for name in involved:
            found, complete = cases.of(self._items.get(name), name)
            exact = exact and complete
            names.append(self._name(name, found))
        attempt = _Attempt(conditions, names, min(_CASES_A_QUESTION, self._left))
        found_one = attempt.holds_from(0, {})
        self._left -= attempt.used
        return exact and not found_one and not attempt.is_exhausted

    def _involved(self, conditions: Sequence[Expression]) -> list[str]:
        """List the names that the conditions depend on, directly or by others, in order."""
        waiting = [name for tree in conditions for name in references(tree)]
        found = set[str]()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [after for tree in self._trees_of(name) for after in references(tree)]
        return sorted(found, key=self._order.__getitem__)

    def _trees_of(self, name: str) -> tuple[Expression, ...]:
        value = self._computed(name)
        return (*self.conditions.get(name, ()), *(() if value is None else (value,)))

    def _computed(self, name: str) -> Expression | None:
        item = self._items.get(name)
        if not isinstance(item, CalculationItem):
            return None
        if item.value not in self._trees:
            self._trees[item.value] = parse_value(item.value, self._known)
        return self._trees[item.value]

    def _name(self, name: str, cases: tuple[Value, ...]) -> _Name:
        item = self._items.get(name)
        return _Name(
            name=name,
            opens=self.conditions.get(name, ()),
            computed=self._computed(name),
            places=item.places if isinstance(item, CalculationItem) else 0,
            cases=cases,
        )


class _Attempt:
    """One search through the cases, name by name, in the order of the questionnaire."""

    def __init__(self, conditions: Sequence[Expression], names: Sequence[_Name], most: int) -> None:
        self._conditions = conditions
        self._names = names
        self._most = most
        self._settled = not any(_uses(tree, _CAN_FALL_BACK) for tree in conditions)
        self.used = 0

    @property
    def is_exhausted(self) -> bool:
        return self.used >= self._most

    def holds_from(self, n: int, values: Mapping[str, Value]) -> bool:
        """Tell whether the conditions hold for these values or any case of the names from n."""
        self.used += 1
        if self.is_exhausted:
            return False
        decided = [evaluate(tree, values) for tree in self._conditions]
        if all(decided) and (self._settled or n == len(self._names)):
            return True
        if n == len(self._names) or (self._settled and False in decided):
            return False
        name = self._names[n]
        return any(
            self.holds_from(n + 1, values if case is None else {**values, name.name: case})
            for case in _cases(name, values)
        )


def _cases(name: _Name, values: Mapping[str, Value]) -> Sequence[Value | None]:
    """List the values a name can have beside the others; None stands for no answer."""
    if not all(evaluate(tree, values) for tree in name.opens):
        return (None,)
    if name.computed is None:
        return (*name.cases, None)
    result = compute(name.computed, values)
    return (decimal_text(result, name.places) if isinstance(result, Fraction) else None,)


def _uses(tree: object, operators: frozenset[str]) -> bool:
    if not isinstance(tree, tuple):
        return False
    return tree[0] in operators or any(_uses(part, operators) for part in tree[1:])
