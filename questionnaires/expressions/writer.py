"""Trees back to text, so that a person reads what was understood."""

from typing import Final

from questionnaires.expressions.trees import COMPARISONS, Expression, Node

__all__ = ["node_text", "to_text"]

_SUMS: Final = frozenset({"+", "-"})
_PRODUCTS: Final = frozenset({"*", "div"})
_FLAT: Final = frozenset({"+", "*"})
_JOINS: Final = frozenset({"and", "or"})


def to_text(expression: Expression) -> str:
    """Write a condition or calculation; `parse` or `parse_value` reads it back to the same tree.

    Parameters
    ----------
    expression : tree from `parse` or `parse_value`

    Returns
    -------
    str
        One line with single spaces; brackets around every and / or inside another.

    Examples
    --------
    >>> to_text(("and", ("=", ("v", "A1"), "LD"), (">", ("v", "n"), 3)))
    "${A1} = 'LD' and ${n} > 3"
    """
    operator, *parts = expression
    if operator in _JOINS:
        return f" {operator} ".join(_bracketed(part, _JOINS) for part in parts)
    if operator in COMPARISONS:
        return f"{node_text(parts[0])} {operator} {node_text(parts[1])}"
    if operator in _SUMS | _PRODUCTS:
        return _arithmetic(str(operator), parts)
    return _primary(str(operator), parts)


def node_text(node: Node) -> str:
    """Write any part of a tree, a code or a number too."""
    if isinstance(node, tuple):
        return to_text(node)
    if isinstance(node, int):
        return str(node)
    return f'"{node}"' if "'" in node else f"'{node}'"


def _arithmetic(operator: str, parts: list[Node]) -> str:
    """Join operands; only the first may be of the same rank without brackets."""
    in_brackets = _SUMS if operator in _SUMS else _SUMS | _PRODUCTS
    looser: frozenset[str] = frozenset() if operator in _SUMS else _SUMS
    same = {operator} & _FLAT  # a sum in front of a sum keeps its brackets
    first = _bracketed(parts[0], looser | same)
    return f" {operator} ".join([first, *(_bracketed(part, in_brackets) for part in parts[1:])])


def _primary(operator: str, parts: list[Node]) -> str:
    if operator == "v":
        return f"${{{parts[0]}}}"
    if operator == "n":
        return str(parts[0])
    if operator == "neg":
        return f"-{_operand(parts[0])}"
    return f"{operator}({', '.join(map(node_text, parts))})"


def _operand(part: Node) -> str:
    """Write what a minus stands before; a bare number would swallow it."""
    if isinstance(part, int):
        return f"({part})"
    return _bracketed(part, _SUMS | _PRODUCTS | {"n"})


def _bracketed(part: Node, operators: frozenset[str]) -> str:
    text = node_text(part)
    return f"({text})" if isinstance(part, tuple) and part[0] in operators else text
