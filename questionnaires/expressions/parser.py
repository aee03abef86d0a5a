"""Recursive descent from text to tree; docs/skip-logic.md has the grammar as tables.

Kinds are checked while reading, because only here is the column of an operand known.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Final, NamedTuple, NoReturn

from questionnaires.errors import ExpressionError
from questionnaires.expressions.evaluation import references
from questionnaires.expressions.kinds import (
    Kind,
    KindMismatchError,
    Names,
    Operand,
    kind_of_name,
    result_of,
)
from questionnaires.expressions.numbers import day_of
from questionnaires.expressions.tokens import Token, tokens
from questionnaires.expressions.trees import COMPARISONS, Expression, Node
from questionnaires.texts import closest

__all__ = ["parse", "parse_value"]

_LONGEST: Final = 2000
_LONGEST_NAME: Final = 64
_DEEPEST: Final = 20
_DEEPEST_TREE: Final = 100
_MOST_PLACES: Final = 6
_SUMS: Final = frozenset({"+", "-"})
_PRODUCTS: Final = frozenset({"*", "div"})
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_USES: Final = {
    "answered": "answered(${C1})",
    "coalesce": "coalesce(${n}, 0)",
    "count-selected": "count-selected(${C1})",
    "date": "date('2022-10-31')",
    "if": "if(${A1} = 'LD', 1, 0)",
    "max": "max(${n}, 1)",
    "min": "min(${n}, 1)",
    "round": "round(${n}, 2)",
    "selected": "selected(${C1}, '3')",
}
_COUNTS: Final[Mapping[str, tuple[int, float]]] = {
    "answered": (1, 1),
    "coalesce": (2, inf),
    "count-selected": (1, 1),
    "if": (3, 3),
    "max": (2, inf),
    "min": (2, inf),
    "round": (2, 2),
    "selected": (2, 2),
}
_OF_NAMES: Final = frozenset({"answered", "count-selected", "selected"})
_READINGS: Final = {Kind.DECIMAL: "decimal", Kind.DATE: "date"}
_MISSPELT: Final = {
    "==": "write a single =",
    "&&": "write and",
    "||": "write or",
    "/": "write div",
}


def parse(text: str, known: Names) -> Expression:
    """Read a condition.

    Parameters
    ----------
    text : such as ``${A1} = 'LD' or ${n} div 2 > 1.5``
    known : names that ``${…}`` may use, item ids and register facts: a mapping to their kinds, or
        a plain collection, with which kinds are not checked and answers of decimal and date items
        are compared as the texts they are

    Returns
    -------
    Expression
        Nested tuples of strings and whole numbers.

    Raises
    ------
    ExpressionError
        When the text does not follow the grammar, is longer than 2,000 characters or nested more
        than 20 deep, names something unknown or joins what does not go together; carries the
        column and a remedy.

    Examples
    --------
    >>> parse("${A1} = 'LD' or not(${n} > 3)", {"A1": Kind.CODE, "n": Kind.NUMBER})
    ('or', ('=', ('v', 'A1'), 'LD'), ('not', ('>', ('v', 'n'), 3)))
    """
    return _Parser(_short(text), known).whole(condition=True)


def parse_value(text: str, known: Names) -> Expression:
    """Read a calculation: a number, a code, a text or a day from answers.

    Parameters
    ----------
    text : such as ``round((${Q1} + ${Q2}) div 2, 1)``
    known : as for `parse`

    Returns
    -------
    Expression

    Raises
    ------
    ExpressionError
        As `parse`, and when the text is a condition or depends on no name.

    Examples
    --------
    >>> parse_value("${Q1} + 0.5", {"Q1": Kind.NUMBER})
    ('+', ('v', 'Q1'), ('n', '0.5'))
    """
    return _Parser(_short(text), known).whole(condition=False)


def _short(text: str) -> str:
    if len(text) > _LONGEST:
        message = f"the condition has {len(text)} characters, more than {_LONGEST}"
        raise ExpressionError(message, text=text[:40] + "…", column=_LONGEST, remedy="shorten it")
    return text


class _Part(NamedTuple):
    """A piece of tree with its kind, the column where it begins and its depth."""

    tree: Node
    kind: Kind | None
    column: int
    depth: int


class _Parser:
    """One reading of one text."""

    def __init__(self, text: str, known: Names) -> None:
        self._text = text
        self._known = known
        self._tokens = list(tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self, *, condition: bool) -> Expression:
        part = self._expression()
        if condition:
            self._need_condition(part)
        if self._peek.kind != "end":
            chained = self._peek.value in _COMPARISONS
            twice = "compare two at a time, such as 1 < ${n} and ${n} < 5"
            joined = "join conditions with and / or"
            self._fail("the condition should end", twice if chained else joined)
        if not condition:
            self._need_value(part)
        assert isinstance(part.tree, tuple)  # noqa: S101 (both needs refuse anything else)
        return part.tree

    def _need_condition(self, part: _Part) -> None:
        if part.kind is not Kind.CONDITION:
            self._fail("a comparison is expected", "write one of = != < <= > >=")

    def _need_value(self, part: _Part) -> None:
        if part.kind is Kind.CONDITION:
            self._refuse("a value is expected, this is a condition", "write if(…, 1, 0)", part)
        if not _depends(part):
            self._refuse("nothing here depends on an answer", "use a ${name}", part)

    @property
    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _at(self, kind: str, *values: str) -> bool:
        return self._peek.kind == kind and self._peek.value in values

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += token.kind != "end"
        return token

    def _fail(self, message: str, remedy: str) -> NoReturn:
        """Refuse the next token."""
        at = self._peek
        found = f", found {at.value!r}" if at.kind != "end" else ", found the end"
        remedy = _MISSPELT.get(at.value, remedy)
        if at.kind == "word" and at.value.lower() in {"and", "or"}:
            remedy = f"write {at.value.lower()} in small letters between complete conditions"
        raise ExpressionError(message + found, text=self._text, column=at.column, remedy=remedy)

    def _refuse(self, message: str, remedy: str, at: _Part | Token) -> NoReturn:
        """Refuse something that was read."""
        raise ExpressionError(message, text=self._text, column=at.column, remedy=remedy)

    def _expect(self, sign: str) -> None:
        if not self._at("sign", sign):
            self._fail(f"{sign} is expected", f"add {sign}")
        self._take()

    def _node(self, operator: Token, name: str, parts: list[_Part]) -> _Part:
        """Build a part of the tree after checking that its operands go together."""
        depth = 1 + max(part.depth for part in parts)
        if depth > _DEEPEST_TREE:
            self._refuse(f"more than {_DEEPEST_TREE} steps deep", "simplify it", operator)
        try:
            kind = result_of(name, [Operand(part.tree, part.kind) for part in parts])
        except KindMismatchError as error:
            at = operator if error.operand is None else parts[error.operand]
            self._refuse(error.message, error.remedy, at)
        return _Part((name, *(part.tree for part in parts)), kind, parts[0].column, depth)

    def _expression(self) -> _Part:
        """Read conditions joined by "or", or a value: which of the two, the caller asks."""
        return self._nested(
            lambda: self._joined("or", lambda: self._joined("and", self._comparison))
        )

    def _joined(self, word: str, read: Callable[[], _Part]) -> _Part:
        parts = [read()]
        sign = self._peek
        while self._at("word", word):
            self._need_condition(parts[-1])
            self._take()
            parts.append(read())
        if len(parts) == 1:
            return parts[0]
        self._need_condition(parts[-1])
        return self._node(sign, word, parts)

    def _comparison(self) -> _Part:
        left = self._chain(_SUMS, "+", lambda: self._chain(_PRODUCTS, "*", self._signed))
        sign = self._peek
        if not self._at("sign", *COMPARISONS):
            return left
        self._take()
        right = self._chain(_SUMS, "+", lambda: self._chain(_PRODUCTS, "*", self._signed))
        part = self._node(sign, sign.value, [left, right])
        if not _depends(part):
            self._refuse("nothing here depends on an answer", "use a ${name} on one side", left)
        return part

    def _chain(self, operators: frozenset[str], flat: str, read: Callable[[], _Part]) -> _Part:
        """Read operands from left to right; those of ``flat`` stand side by side in one node."""
        parts = [read()]
        sign: Token | None = None
        while self._peek.kind in {"sign", "word"} and self._peek.value in operators:
            following = self._take()
            if sign is not None and not following.value == sign.value == flat:
                parts = [self._node(sign, sign.value, parts)]
            sign = following
            parts.append(read())
        return parts[0] if sign is None else self._node(sign, sign.value, parts)

    def _signed(self) -> _Part:
        if not self._at("sign", "-"):
            return self._primary()
        minus = self._take()
        if self._peek.kind == "number":
            return self._number(minus)
        return self._node(minus, "neg", [self._nested(self._signed)])

    def _nested(self, read: Callable[[], _Part]) -> _Part:
        self._depth += 1
        if self._depth > _DEEPEST:
            message = f"the condition is nested more than {_DEEPEST} deep"
            self._refuse(message, "simplify it", self._peek)
        part = read()
        self._depth -= 1
        return part

    def _primary(self) -> _Part:
        token = self._peek
        if token.kind in {"variable", "string", "number"}:
            return self._operand()
        if self._at("sign", "("):
            return self._in_brackets()
        if self._at("word", "not"):
            self._take()
            return self._node(token, "not", [self._in_brackets(condition=True)])
        if self._at("word", *_USES):
            return self._function(self._take())
        remedy = "write ${name}, 'code' in quotes, or a number"
        if token.kind == "word":
            remedy = f"put the code in quotes: '{token.value}', or a name in ${{{token.value}}}"
        return self._fail("a name, a code or a number is expected", remedy)

    def _operand(self) -> _Part:
        token = self._peek
        if token.kind == "variable":
            return self._variable()
        if token.kind == "number":
            return self._number()
        return _Part(self._take().value[1:-1], Kind.TEXT, token.column, 1)

    def _variable(self) -> _Part:
        token = self._take()
        name = token.value
        if name not in self._known:
            close = closest(name, sorted(self._known)) if len(name) <= _LONGEST_NAME else ""
            remedy = f"did you mean {close}?" if close else "use the id of an earlier item"
            what = "fact" if "." in name else "item"
            self._refuse(f"unknown {what} {name}", remedy, token)
        kind = kind_of_name(name, self._known)
        reading = (_READINGS[kind],) if kind in _READINGS else ()
        return _Part(("v", name, *reading), kind, token.column, 1)

    def _number(self, minus: Token | None = None) -> _Part:
        token = self._take()
        text = token.value if minus is None else f"-{token.value}"
        column = (minus or token).column
        if "." in text:
            return _Part(("n", text), Kind.DECIMAL, column, 1)
        return _Part(int(text), Kind.NUMBER, column, 1)

    def _in_brackets(self, *, condition: bool = False) -> _Part:
        self._expect("(")
        part = self._expression()
        if condition:
            self._need_condition(part)
        self._expect(")")
        return part

    def _function(self, name: Token) -> _Part:
        self._expect("(")
        if name.value == "date":
            return self._day(name)
        parts = [self._expression()]
        if name.value in _OF_NAMES and not _is_name(parts[0]):
            self._fail(f"{name.value}( needs a ${{name}} first", f"write {_USES[name.value]}")
        while self._at("sign", ","):
            self._take()
            parts.append(self._expression())
        if name.value == "selected" and not isinstance(parts[-1].tree, str):
            self._fail("selected( needs a code in quotes", f"write {_USES['selected']}")
        self._expect(")")
        self._check_count(name, len(parts))
        if name.value == "round":
            self._check_places(parts[1])
        return self._node(name, name.value, parts)._replace(column=name.column)

    def _check_count(self, name: Token, found: int) -> None:
        fewest, most = _COUNTS[name.value]
        if not fewest <= found <= most:
            expected = f"{fewest}" if fewest == most else f"at least {fewest}"
            message = f"{name.value}( takes {expected} value{'s' * (most > 1)}, found {found}"
            self._refuse(message, f"write {_USES[name.value]}", name)

    def _check_places(self, places: _Part) -> None:
        if not isinstance(places.tree, int) or not 0 <= places.tree <= _MOST_PLACES:
            message = f"round( needs a number of decimals from 0 to {_MOST_PLACES}"
            self._refuse(message, f"write {_USES['round']}", places)

    def _day(self, name: Token) -> _Part:
        token = self._peek
        if token.kind != "string":
            self._fail("date( needs a day in quotes", f"write {_USES['date']}")
        day = self._take().value[1:-1]
        if day_of(day) is None:
            self._refuse(f"{day!r} is no day of the calendar", f"write {_USES['date']}", token)
        self._expect(")")
        return _Part(("date", day), Kind.DATE, name.column, 1)


def _is_name(part: _Part) -> bool:
    return isinstance(part.tree, tuple) and part.tree[0] == "v"


def _depends(part: _Part) -> bool:
    return isinstance(part.tree, tuple) and bool(references(part.tree))
