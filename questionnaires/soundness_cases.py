"""The answers that some conditions can tell apart, for every name that the conditions use.

All other answers behave as one of these, so trying these is trying all.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Final

from questionnaires.choices import KEYED_MISSING
from questionnaires.expansion import PlainItem
from questionnaires.expressions import Expression, Node, Value, compute, decimal_text
from questionnaires.questions import (
    DateItem,
    DecimalItem,
    IntegerItem,
    MultiItem,
    ScaleItem,
    SingleItem,
    TextItem,
)
from questionnaires.tree import Definition

__all__ = ["Cases"]

_WHOLE_RANGE: Final = 200
_MOST_NAMED: Final = 8
_MISSING: Final = tuple(code.value for code in KEYED_MISSING)
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "selected"})
_JOINING: Final = frozenset({"and", "or", "not"})
_SOME_DAY: Final = dt.date(2000, 1, 1).toordinal()


@dataclass(slots=True)
class _Use:
    """How conditions look at one name: what they compare it with, or all of its values."""

    constants: dict[str | Fraction, None] = field(default_factory=dict)
    whole: bool = False
    counted: bool = False

    @property
    def codes(self) -> list[str]:
        return [constant for constant in self.constants if isinstance(constant, str)]

    @property
    def numbers(self) -> list[Fraction]:
        return [constant for constant in self.constants if isinstance(constant, Fraction)]


class Cases:
    """The distinct answers of names under a set of expressions."""

    def __init__(self, definition: Definition, trees: Iterable[Expression]) -> None:
        self._definition = definition
        self._uses: dict[str, _Use] = {}
        for tree in trees:
            self._read(tree)

    def of(self, item: PlainItem | None, name: str) -> tuple[tuple[Value, ...], bool]:
        """List the answers that make a difference.

        Parameters
        ----------
        item : the item of that name; None for a fact
        name : its id

        Returns
        -------
        tuple, bool
            Without the case of no answer, which is always there; whether they are all.
        """
        use = self._uses.get(name, _Use())
        if item is None:
            fact = next(fact for fact in self._definition.facts if fact.id == name)
            return tuple(option.code for option in fact.options), True
        if isinstance(item, SingleItem | ScaleItem):
            return self._choice(item, use), True
        if isinstance(item, MultiItem):
            return _choices(item, use)
        missing = _one_more([f"#{code}" for code in _MISSING], use.codes)
        if isinstance(item, IntegerItem | DecimalItem):
            found, complete = _numbers(item, use)
        elif isinstance(item, DateItem):
            found, complete = _days(item, use)
        elif isinstance(item, TextItem):
            found, complete = _texts(item, use), not use.whole
        else:
            return (), True
        return (*found, *missing), complete

    def _choice(self, item: SingleItem | ScaleItem, use: _Use) -> tuple[Value, ...]:
        if isinstance(item, ScaleItem):
            scale = self._definition.scales[item.scale]
            codes = [option.code for option in (*scale.options, *scale.special)]
        else:
            options = (*item.options, *item.special)
            codes = [option.code for option in options if option.ends is None]
        if use.whole:
            return tuple(dict.fromkeys([*codes, *_MISSING]))
        real = [code for code in codes if code not in _MISSING]
        return (*_one_more(real, use.codes), *_one_more(_MISSING, use.codes))

    def _use(self, variable: Expression) -> _Use:
        return self._uses.setdefault(str(variable[1]), _Use())

    def _read(self, tree: Node) -> None:
        """Note how a tree looks at its names."""
        if not isinstance(tree, tuple) or tree[0] in {"n", "date"}:
            return
        operator, *parts = tree
        if operator == "v":
            self._use(tree).whole = True
        elif operator in _COMPARISONS:
            self._read_comparison(parts[0], parts[1])
        elif operator == "answered" and isinstance(parts[0], tuple):
            self._use(parts[0])
        elif operator == "count-selected" and isinstance(parts[0], tuple):
            self._use(parts[0]).counted = True
        else:
            for part in parts:
                self._read(part)

    def _read_comparison(self, left: Node, right: Node) -> None:
        for side, other in ((left, right), (right, left)):
            constant = _constant(other)
            if isinstance(side, tuple) and side[0] == "v" and constant is not None:
                self._use(side).constants[constant] = None
            else:
                self._read(side)


def _constant(node: Node) -> str | Fraction | None:
    """Work out an operand that no answer takes part in."""
    if isinstance(node, int):
        return Fraction(node)
    if isinstance(node, str):
        return node
    return None if _has_variable(node) else compute(node, {})


def _has_variable(node: Node) -> bool:
    return isinstance(node, tuple) and (node[0] == "v" or any(map(_has_variable, node[1:])))


def _one_more(codes: Sequence[str], named: Sequence[str]) -> tuple[str, ...]:
    """Pick the codes that are named and one that stands for all others."""
    found = [code for code in named if code in codes]
    other = next((code for code in codes if code not in named), None)
    return (*found, other) if other is not None else tuple(found)


def _choices(item: MultiItem, use: _Use) -> tuple[tuple[Value, ...], bool]:
    codes = [option.code for option in item.options]
    named = [code for code in use.codes if code in codes]
    several = [code for code in codes if code not in named and code not in item.exclusive]
    alone = [code for code in codes if code not in named and code in item.exclusive][:1]
    fillers = range((len(several) if use.counted else min(1, len(several))) + 1)
    found = [
        chosen
        for count in range(min(len(named), _MOST_NAMED) + 1)
        for picked in itertools.combinations(named[:_MOST_NAMED], count)
        for more in fillers
        if _may_stand(chosen := (*picked, *several[:more]), item)
    ]
    missing = [(code,) for code in _one_more(_MISSING, use.codes)]
    complete = not use.whole and len(named) <= _MOST_NAMED
    return (*found, *((code,) for code in alone), *missing), complete


def _may_stand(chosen: tuple[str, ...], item: MultiItem) -> bool:
    most = item.max_choices or len(item.options)
    alone = len(chosen) < 2 or not set(chosen) & set(item.exclusive)
    return 0 < len(chosen) <= most and alone


def _numbers(item: IntegerItem | DecimalItem, use: _Use) -> tuple[list[Value], bool]:
    """Numbers on the grid of the answers, as they are stored."""
    places = item.places if isinstance(item, DecimalItem) else 0
    scale = 10**places
    first, last = int(item.min * scale), int(item.max * scale)
    steps, complete = _steps(first, last, [number * scale for number in use.numbers], use)
    if isinstance(item, IntegerItem):
        return list(steps), complete
    return [decimal_text(Fraction(step, scale), places) for step in steps], complete


def _days(item: DateItem, use: _Use) -> tuple[list[Value], bool]:
    named = [Fraction(day) for text in use.codes if (day := _ordinal(text)) is not None]
    first = item.min.toordinal() if item.min is not None else 1
    last = item.max.toordinal() if item.max is not None else dt.date.max.toordinal()
    middle = Fraction(min(max(_SOME_DAY, first), last))
    steps, complete = _steps(first, last, [*named, middle], use)
    return [dt.date.fromordinal(step).isoformat() for step in steps], complete


def _ordinal(text: str) -> int | None:
    try:
        return dt.date.fromisoformat(text).toordinal()
    except ValueError:
        return None


def _steps(
    first: int, last: int, named: Sequence[Fraction], use: _Use
) -> tuple[Sequence[int], bool]:
    """List whole numbers from first to last that differ: all, or those around what is named.

    The first stands for all others where nothing that is named lies between.
    """
    if use.whole and last - first < _WHOLE_RANGE:
        return range(first, last + 1), True
    near = (
        step
        for number in named
        for step in (floor(number), ceil(number), floor(number) - 1, ceil(number) + 1)
    )
    found = dict.fromkeys(step for step in (*near, first) if first <= step <= last)
    return list(found), not use.whole


def _texts(item: TextItem, use: _Use) -> list[Value]:
    named = [text for text in use.codes if 0 < len(text) <= item.max_length]
    other = next((letter for letter in "abcdefghijk" if letter not in named), "l")
    return [*named, other]
