"""The skip-logic language: text in the manner of XLSForm, a tree that is plain JSON, three values.

    condition  = conjunct {"or" conjunct}
    conjunct   = term {"and" term}
    term       = "not(" condition ")" | "(" condition ")" | comparison
               | "selected(" variable "," string ")"
    comparison = operand ("=" | "!=" | "<" | "<=" | ">" | ">=") operand
    operand    = "${" name "}" | 'text' | "text" | whole number

The tree: ``("=", ("v", "A1"), "LD")``, ``("and", …)``, ``("not", …)``, ``("selected", ("v", "C1"),
"3")``; `json.dumps` gives the lists that the browser's evaluator reads.

Two decisions. An operand without an answer makes a comparison unknown (None), never true or false.
A missing code is an answer for ``=`` and ``!=`` (``${Q01} = '99'`` is how "no opinion" is asked
for), whereas ``<`` and its kin know whole numbers only: anything else makes them unknown.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

from questionnaires.errors import ExpressionError
from questionnaires.texts import closest

__all__ = ["Expression", "Value", "evaluate", "parse", "references", "to_text"]

Expression: TypeAlias = "tuple[str | int | Expression, ...]"
_Node: TypeAlias = "str | int | Expression"
Value: TypeAlias = str | int | Sequence[str]

_LONGEST: Final = 2000
_DEEPEST: Final = 20
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<variable>\$\{\s*(?P<name>[A-Za-z][A-Za-z0-9_.]*)\s*\})
    | (?P<string>'[^'\n]*'|"[^"\n]*")
    | (?P<number>-?[0-9]{1,15}(?![0-9A-Za-z_.]))
    | (?P<word>[A-Za-z_][A-Za-z0-9_.\-]*)
    | (?P<sign>!=|<=|>=|==|&&|\|\||[=<>(),])
    )""",
    re.VERBOSE,
)
_WORDS: Final = frozenset({"and", "or"})
_MISSPELT: Final = {
    "==": "write a single =",
    "&&": "write and",
    "||": "write or",
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str
    column: int


def parse(text: str, known: Collection[str]) -> Expression:
    """Read a condition.

    Parameters
    ----------
    text : such as ``${A1} = 'LD' or ${A4} = '1'``
    known : names that ``${…}`` may use: item ids and register facts

    Returns
    -------
    Expression
        Nested tuples of strings and whole numbers.

    Raises
    ------
    ExpressionError
        When the text does not follow the grammar, is longer than 2,000 characters or nested more
        than 20 deep, or names something unknown; carries the column and a remedy.

    Examples
    --------
    >>> parse("${A1} = 'LD' or not(${n} > 3)", {"A1", "n"})
    ('or', ('=', ('v', 'A1'), 'LD'), ('not', ('>', ('v', 'n'), 3)))
    """
    if len(text) > _LONGEST:
        message = f"the condition has {len(text)} characters, more than {_LONGEST}"
        raise ExpressionError(message, text=text[:40] + "…", column=_LONGEST, remedy="shorten it")
    return _Parser(text, known).whole()


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            column = position + len(text[position:]) - len(text[position:].lstrip()) + 1
            message = f"{text[column - 1]!r} cannot be read here"
            remedy = "write ${name}, 'code' in straight quotes, or a whole number"
            raise ExpressionError(message, text=text, column=column, remedy=remedy)
        kind = "variable" if match["variable"] else match.lastgroup
        value = match["name"] if kind == "variable" else match[kind]
        yield _Token(kind, value, match.start(kind) + 1)
        position = match.end()
    yield _Token("end", "", end + 1)


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, known: Collection[str]) -> None:
        self._text = text
        self._known = known
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Expression:
        tree = self._condition()
        if self._peek.kind != "end":
            self._fail("the condition should end", "join conditions with and / or")
        return tree

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _at(self, kind: str, value: str) -> bool:
        return self._peek.kind == kind and self._peek.value == value

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next += token.kind != "end"
        return token

    def _fail(self, message: str, remedy: str, token: _Token | None = None) -> NoReturn:
        at = token or self._peek
        found = f", found {at.value!r}" if at.kind != "end" else ", found the end"
        remedy = _MISSPELT.get(at.value, remedy)
        if at.kind == "word" and at.value.lower() in _WORDS:
            remedy = f"write {at.value.lower()} in small letters between complete conditions"
        raise ExpressionError(message + found, text=self._text, column=at.column, remedy=remedy)

    def _expect(self, sign: str) -> None:
        if not self._at("sign", sign):
            self._fail(f"{sign} is expected", f"add {sign}")
        self._take()

    def _condition(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            message = f"the condition is nested more than {_DEEPEST} deep"
            column = self._peek.column
            raise ExpressionError(message, text=self._text, column=column, remedy="simplify it")
        parts = [self._conjunct()]
        while self._at("word", "or"):
            self._take()
            parts.append(self._conjunct())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else ("or", *parts)

    def _conjunct(self) -> Expression:
        parts = [self._term()]
        while self._at("word", "and"):
            self._take()
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else ("and", *parts)

    def _term(self) -> Expression:
        if self._at("sign", "("):
            return self._bracketed()
        if self._at("word", "not"):
            self._take()
            return ("not", self._bracketed())
        if self._at("word", "selected"):
            self._take()
            return self._selected()
        return self._comparison()

    def _bracketed(self) -> Expression:
        self._expect("(")
        tree = self._condition()
        self._expect(")")
        return tree

    def _selected(self) -> Expression:
        self._expect("(")
        variable = self._operand()
        if not isinstance(variable, tuple):
            self._fail("selected( needs a ${name} first", "write selected(${C1}, '3')")
        self._expect(",")
        code = self._operand()
        if not isinstance(code, str):
            self._fail("selected( needs a code in quotes", "write selected(${C1}, '3')")
        self._expect(")")
        return ("selected", variable, code)

    def _comparison(self) -> Expression:
        start = self._peek
        left = self._operand()
        sign = self._peek
        if sign.kind != "sign" or sign.value not in _COMPARISONS:
            self._fail("a comparison is expected", "write one of = != < <= > >=")
        self._take()
        right = self._operand()
        if not isinstance(left, tuple) and not isinstance(right, tuple):
            self._fail("nothing here depends on an answer", "use a ${name} on one side", start)
        if sign.value not in {"=", "!="} and (isinstance(left, str) or isinstance(right, str)):
            self._fail("texts have no order", "compare whole numbers, without quotes", sign)
        return (sign.value, left, right)

    def _operand(self) -> str | int | tuple[str, str]:
        token = self._peek
        if token.kind == "variable":
            return self._variable()
        if token.kind == "string":
            return self._take().value[1:-1]
        if token.kind == "number":
            return int(self._take().value)
        remedy = "write ${name}, 'code' in quotes, or a whole number"
        if token.kind == "word":
            remedy = f"put the code in quotes: '{token.value}', or a name in ${{{token.value}}}"
        return self._fail("a name, a code or a number is expected", remedy)

    def _variable(self) -> tuple[str, str]:
        token = self._take()
        if token.value not in self._known:
            close = closest(token.value, sorted(self._known))
            hint = f"did you mean ${{{close}}}?" if close else "use the id of an earlier item"
            message = f"${{{token.value}}} is unknown"
            raise ExpressionError(message, text=self._text, column=token.column, remedy=hint)
        return ("v", token.value)


def evaluate(expression: Expression, values: Mapping[str, Value]) -> bool | None:
    """Decide a condition with Kleene's three values.

    Parameters
    ----------
    expression : tree from `parse`
    values : answers and facts by name; a name without an answer is absent

    Returns
    -------
    bool or None
        None where the answers given so far do not decide.

    References
    ----------
    Kleene (1952), Introduction to Metamathematics, §64 (strong tables).

    Examples
    --------
    >>> tree = parse("${A1} = 'LD' or ${A4} = '1'", {"A1", "A4"})
    >>> evaluate(tree, {"A4": "1"}), evaluate(tree, {"A4": "2"})
    (True, None)
    """
    operator, *rest = expression
    if operator == "and":
        return _all(rest, values)
    if operator == "or":
        negated = _all([("not", part) for part in rest], values)
        return None if negated is None else not negated
    if operator == "not":
        inner = evaluate(_tree(rest[0]), values)
        return None if inner is None else not inner
    left, right = (_value(part, values) for part in rest)
    if left is None or right is None:
        return None
    return _compare(str(operator), left, right)


def _all(parts: Sequence[_Node], values: Mapping[str, Value]) -> bool | None:
    unknown = False
    for part in parts:
        decided = evaluate(_tree(part), values)
        if decided is False:
            return False
        unknown = unknown or decided is None
    return None if unknown else True


def _tree(part: _Node) -> Expression:
    if not isinstance(part, tuple):
        message = f"a condition is expected where the tree has {part!r}; build it with parse()"
        raise TypeError(message)
    return part


def _value(part: _Node, values: Mapping[str, Value]) -> Value | None:
    return values.get(str(part[1])) if isinstance(part, tuple) else part


def _compare(operator: str, left: Value, right: Value) -> bool | None:
    if operator == "selected":
        return right in left if not isinstance(left, str | int) else left == right
    if operator in {"=", "!="}:
        return (left == right) is (operator == "=")
    if not isinstance(left, int) or not isinstance(right, int):
        return None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[
        operator
    ]


def references(expression: Expression) -> tuple[str, ...]:
    """List the names a condition depends on, in order of appearance, each once."""
    if expression[0] == "v":
        return (str(expression[1]),)
    found = (name for part in expression if isinstance(part, tuple) for name in references(part))
    return tuple(dict.fromkeys(found))


def to_text(expression: Expression) -> str:
    """Write a condition; `parse` reads it back to the same tree.

    Parameters
    ----------
    expression : tree from `parse`

    Returns
    -------
    str
        One line with single spaces; brackets around every and / or inside another.

    Examples
    --------
    >>> to_text(("and", ("=", ("v", "A1"), "LD"), (">", ("v", "n"), 3)))
    "${A1} = 'LD' and ${n} > 3"
    """
    operator, *rest = expression
    if operator in {"and", "or"}:
        return f" {operator} ".join(_inner(_tree(part)) for part in rest)
    if operator == "not":
        return f"not({to_text(_tree(rest[0]))})"
    if operator == "selected":
        return f"selected({_operand_text(rest[0])}, {_operand_text(rest[1])})"
    return f"{_operand_text(rest[0])} {operator} {_operand_text(rest[1])}"


def _inner(part: Expression) -> str:
    return f"({to_text(part)})" if part[0] in {"and", "or"} else to_text(part)


def _operand_text(part: _Node) -> str:
    if isinstance(part, tuple):
        return f"${{{part[1]}}}"
    if isinstance(part, int):
        return str(part)
    return f'"{part}"' if "'" in part else f"'{part}'"
