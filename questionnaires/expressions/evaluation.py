"""What a tree says about answers: conditions in Kleene's three values, values exactly.

``webforms/static/skip.js`` is this module's twin; a differential test holds the two together, so a
change here is a change there.
"""

import datetime as dt
import operator as signs
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias

from questionnaires.choices import MissingCode
from questionnaires.expressions.numbers import (
    Number,
    bounded,
    day_of,
    number_of,
    rounded,
    shifted,
)
from questionnaires.expressions.trees import CONDITIONS, ORDERS, Expression, Node, Value

__all__ = ["compute", "evaluate", "references"]

_Known: TypeAlias = str | Number | dt.date | Sequence[str]
_MISSING: Final = frozenset(code.value for code in MissingCode)
_WRITTEN_MISSING: Final = "#"
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": signs.lt,
    "<=": signs.le,
    ">": signs.gt,
    ">=": signs.ge,
}


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
    >>> from questionnaires.expressions import parse
    >>> tree = parse("${A1} = 'LD' or ${A4} = '1'", {"A1", "A4"})
    >>> evaluate(tree, {"A4": "1"}), evaluate(tree, {"A4": "2"})
    (True, None)
    """
    operator, *parts = expression
    if operator == "and":
        return _joined(parts, values, deciding=False)
    if operator == "or":
        return _joined(parts, values, deciding=True)
    if operator == "not":
        inner = evaluate(_condition(parts[0]), values)
        return None if inner is None else not inner
    if operator == "answered":
        return _is_answered(values.get(_name(parts[0])))
    return _compared(str(operator), _value(parts[0], values), _value(parts[1], values))


def _is_answered(answer: Value | None) -> bool:
    """Say whether something was answered; 0 is an answer, an empty text or choice is none."""
    return isinstance(answer, int) or bool(answer)


def _name(variable: Node) -> str:
    assert isinstance(variable, tuple)  # noqa: S101 (the parser builds nothing else here)
    return str(variable[1])


def _joined(parts: Sequence[Node], values: Mapping[str, Value], *, deciding: bool) -> bool | None:
    """Join by "and", which a False decides, or by "or", which a True decides."""
    unknown = False
    for part in parts:
        decided = evaluate(_condition(part), values)
        if decided is deciding:
            return deciding
        unknown = unknown or decided is None
    return None if unknown else not deciding


def _condition(part: Node) -> Expression:
    if not isinstance(part, tuple) or part[0] not in CONDITIONS:
        message = f"a condition is expected where the tree has {part!r}; build it with parse()"
        raise TypeError(message)
    return part


def _compared(operator: str, left: _Known | None, right: _Known | None) -> bool | None:
    if left is None or right is None:
        return None
    if operator == "selected":
        return right in left if isinstance(left, tuple | list) else left == right
    if operator in ORDERS:
        return _ORDER[operator](left, right) if _are_alike(left, right) else None
    return (left == right) is (operator == "=")


def _are_alike(left: _Known, right: _Known) -> bool:
    """Say whether two values have an order: both numbers or both days."""
    kind = dt.date if isinstance(left, dt.date) else (int, Fraction)
    return isinstance(left, kind) and isinstance(right, kind)


def compute(expression: Node, values: Mapping[str, Value]) -> Fraction | str | None:
    """Compute a value exactly.

    Parameters
    ----------
    expression : tree from `parse_value`
    values : answers and facts by name; a name without an answer is absent

    Returns
    -------
    Fraction, str or None
        A number, a code or text, a day as "2022-10-31"; None where the answers do not determine
        it, among them division by zero and numbers beyond 10^48.

    Examples
    --------
    >>> from questionnaires.expressions import parse_value
    >>> tree = parse_value("round(${sum} div 3, 2)", {"sum"})
    >>> compute(tree, {"sum": 8}), compute(tree, {})
    (Fraction(267, 100), None)
    """
    value = _value(expression, values)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    return Fraction(value) if isinstance(value, int | Fraction) else None


def _value(node: Node, values: Mapping[str, Value]) -> _Known | None:
    """Evaluate a node that gives a value."""
    if not isinstance(node, tuple):
        return node
    operator, *parts = node
    if operator == "v":
        return _answer(values.get(str(parts[0])), *parts[1:])
    if operator in _LITERALS:
        return _LITERALS[operator](str(parts[0]))
    if operator == "if":
        decided = evaluate(_condition(parts[0]), values)
        return None if decided is None else _value(parts[1] if decided else parts[2], values)
    operands = [_value(part, values) for part in parts]
    if operator == "coalesce":
        return next((operand for operand in operands if operand is not None), None)
    return None if None in operands else _FUNCTIONS[str(operator)](*operands)


_LITERALS: Final[Mapping[Node, Callable[[str], _Known | None]]] = {"n": number_of, "date": day_of}


def _answer(answer: Value | None, reading: Node = "") -> _Known | None:
    """Read an answer as its kind is stored; a missing code stays the text it is."""
    if not reading or not isinstance(answer, str) or answer.startswith(_WRITTEN_MISSING):
        return answer
    return number_of(answer) if reading == "decimal" else day_of(answer)


def _sum(*operands: _Known) -> _Known | None:
    return _folded(_added, operands)


def _product(*operands: _Known) -> _Known | None:
    return _folded(_multiplied, operands)


def _folded(
    step: Callable[[_Known, _Known], _Known | None], operands: Sequence[_Known]
) -> _Known | None:
    """Apply ``step`` from left to right until something is unknown."""
    total: _Known | None = operands[0]
    for operand in operands[1:]:
        if total is None:
            return None
        total = step(total, operand)
    return total


def _added(left: _Known, right: _Known) -> _Known | None:
    if isinstance(left, int | Fraction) and isinstance(right, int | Fraction):
        return bounded(left + right)
    if isinstance(left, dt.date) and isinstance(right, int | Fraction):
        return shifted(left, right)
    if isinstance(left, int | Fraction) and isinstance(right, dt.date):
        return shifted(right, left)
    return None


def _difference(left: _Known, right: _Known) -> _Known | None:
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        return (left - right).days
    return _added(left, -right) if isinstance(right, int | Fraction) else None


def _multiplied(left: _Known, right: _Known) -> _Known | None:
    if isinstance(left, int | Fraction) and isinstance(right, int | Fraction):
        return bounded(left * right)
    return None


def _quotient(left: _Known, right: _Known) -> _Known | None:
    if isinstance(left, int | Fraction) and isinstance(right, int | Fraction) and right != 0:
        return bounded(Fraction(left) / right)
    return None


def _negated(operand: _Known) -> _Known | None:
    return -operand if isinstance(operand, int | Fraction) else None


def _round(operand: _Known, places: _Known) -> _Known | None:
    if isinstance(operand, int | Fraction) and isinstance(places, int):
        return bounded(rounded(operand, places))
    return None


def _least(*operands: _Known) -> _Known | None:
    return _extreme(min, operands)


def _greatest(*operands: _Known) -> _Known | None:
    return _extreme(max, operands)


def _extreme(choose: Callable[[Any], _Known], operands: Sequence[_Known]) -> _Known | None:
    alike = all(_are_alike(operands[0], operand) for operand in operands)
    return choose(operands) if alike else None


def _count(chosen: _Known) -> _Known | None:
    """Count the codes chosen; a missing code that stands alone is no choice."""
    if not isinstance(chosen, tuple | list) or (len(chosen) == 1 and chosen[0] in _MISSING):
        return None
    return len(chosen)


_FUNCTIONS: Final[Mapping[str, Callable[..., _Known | None]]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "div": _quotient,
    "neg": _negated,
    "round": _round,
    "min": _least,
    "max": _greatest,
    "count-selected": _count,
}


def references(expression: Expression) -> tuple[str, ...]:
    """List the names a tree depends on, in order of appearance, each once."""
    if expression[0] == "v":
        return (str(expression[1]),)
    found = (name for part in expression if isinstance(part, tuple) for name in references(part))
    return tuple(dict.fromkeys(found))
