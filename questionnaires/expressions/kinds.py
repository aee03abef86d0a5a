"""Kinds of values, and which of them an operator can join.

A name whose kind is not told (``None``) goes with everything, so that a text can be read where
nothing but the names is known; the evaluator then compares what it finds.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from questionnaires.choices import MissingCode
from questionnaires.expressions.trees import COMPARISONS, ORDERS, Node
from questionnaires.expressions.writer import node_text

__all__ = ["Kind", "KindMismatchError", "Names", "Operand", "kind_of", "kind_of_name", "result_of"]


class Kind(StrEnum):
    """What an answer, a fact or a value is; CONDITION is for comparisons and their kin only."""

    CODE = "code"
    CODES = "codes"
    NUMBER = "number"
    DECIMAL = "decimal"
    DATE = "date"
    TEXT = "text"
    CONDITION = "condition"


Names = Mapping[str, Kind] | Collection[str]
"""The names that ``${…}`` may use, with their kinds or, as a plain collection, without."""

_NUMERIC: Final = frozenset({Kind.NUMBER, Kind.DECIMAL})
_TEXTS: Final = frozenset({Kind.CODE, Kind.TEXT})
_WITHOUT_ORDER: Final = frozenset({Kind.CODE, Kind.CODES, Kind.TEXT})
_WRITTEN_MISSING: Final = frozenset(f"#{code.value}" for code in MissingCode)
_WORDS: Final[Mapping[Kind | None, str]] = {
    Kind.CODE: "a code",
    Kind.CODES: "several codes",
    Kind.NUMBER: "a number",
    Kind.DECIMAL: "a number",
    Kind.DATE: "a day",
    Kind.TEXT: "a text",
    Kind.CONDITION: "a condition",
}


class Operand(NamedTuple):
    """A part of a tree with its kind; None where the kind is not known."""

    tree: Node
    kind: Kind | None


class KindMismatchError(ValueError):
    """Operands that do not go together; ``operand`` tells which, None means the operator."""

    def __init__(self, message: str, *, remedy: str, operand: int | None = None) -> None:
        self.message = message
        self.remedy = remedy
        self.operand = operand
        super().__init__(f"{message}; {remedy}")


def kind_of_name(name: str, known: Names) -> Kind | None:
    """Look the kind of a name up; None where only names are known."""
    return known[name] if isinstance(known, Mapping) else None


def kind_of(tree: Node, known: Mapping[str, Kind]) -> Kind:
    """Tell what kind of value a tree gives.

    Parameters
    ----------
    tree : from `parse` or `parse_value`
    known : kinds by name, every name of the tree among them

    Returns
    -------
    Kind
        CONDITION for what `evaluate` decides.

    Raises
    ------
    KindMismatchError
        A ValueError, when operands do not go together; the parser raises ExpressionError with the
        column instead.

    Examples
    --------
    >>> kind_of(("-", ("v", "left", "date"), ("v", "came", "date")), dict.fromkeys(
    ...     ["left", "came"], Kind.DATE))
    <Kind.NUMBER: 'number'>
    """
    if not isinstance(tree, tuple):
        return Kind.NUMBER if isinstance(tree, int) else Kind.TEXT
    operator, *parts = tree
    if operator == "v":
        return known[str(parts[0])]
    if operator in _LITERALS:
        return _LITERALS[str(operator)]
    operands = [Operand(part, kind_of(part, known)) for part in parts]
    kind = result_of(str(operator), operands)
    assert kind is not None  # noqa: S101 (every operand has a kind)
    return kind


_LITERALS: Final = {"n": Kind.DECIMAL, "date": Kind.DATE}


def result_of(operator: str, operands: Sequence[Operand]) -> Kind | None:
    """Check the operands of an operator.

    Parameters
    ----------
    operator : as in the tree
    operands : its parts

    Returns
    -------
    Kind or None
        The kind of the result; None where it depends on names of unknown kind.

    Raises
    ------
    KindMismatchError
        When the operands do not fit the operator or each other.
    """
    _refuse_conditions(operator, operands)
    if operator in ORDERS:
        _check_order(operands)
    elif operator in COMPARISONS:
        _check_equality(operator, operands)
    elif operator in {"selected", "count-selected"}:
        _check_several(operator, operands[0])
    elif operator in {"if", "coalesce"}:
        return _shared(operands[1:] if operator == "if" else operands)
    elif operator in _ARITHMETIC:
        _check_numbers(operands)
        return _arithmetic(operator, operands)
    return Kind.NUMBER if operator == "count-selected" else Kind.CONDITION


_JOINS: Final = frozenset({"and", "or", "not"})
_FOR_DAYS: Final = frozenset({"+", "-", "min", "max"})
_WITH_DAYS: Final[Mapping[tuple[Kind | None, str, Kind | None], Kind]] = {
    (Kind.DATE, "+", Kind.NUMBER): Kind.DATE,
    (Kind.NUMBER, "+", Kind.DATE): Kind.DATE,
    (Kind.DATE, "-", Kind.NUMBER): Kind.DATE,
    (Kind.DATE, "-", Kind.DATE): Kind.NUMBER,
}
_DAYS: Final = "subtract days from each other, or move a day by a whole number"
_ARITHMETIC: Final = frozenset({"+", "-", "*", "div", "neg", "round", "min", "max"})


def _rank(kind: Kind | None) -> int:
    """Order kinds that go together: the wider one is higher, the unknown one highest."""
    return len(Kind) if kind is None else list(Kind).index(kind)


def _refuse_conditions(operator: str, operands: Sequence[Operand]) -> None:
    """Hold apart what is true or false and what is a value."""
    for place, operand in enumerate(operands):
        wants = operator in _JOINS or (operator == "if" and place == 0)
        if (operand.kind is Kind.CONDITION) is wants:
            continue
        message = "a comparison is expected" if wants else "a condition is no value"
        remedy = "write one of = != < <= > >=" if wants else "compare answers, numbers or days"
        raise KindMismatchError(message, remedy=remedy, operand=place)


def _check_order(operands: Sequence[Operand]) -> None:
    for place, operand in enumerate(operands):
        if isinstance(operand.tree, str):
            remedy = "compare numbers or days, without quotes"
            raise KindMismatchError("texts have no order", remedy=remedy)
        if operand.kind in _WITHOUT_ORDER:
            message = f"{node_text(operand.tree)} has no order"
            remedy = "compare codes with = or != and join with or"
            raise KindMismatchError(message, remedy=remedy, operand=place)
    _shared(operands)


def _check_equality(operator: str, operands: Sequence[Operand]) -> None:
    left, right = operands
    for place, (one, other) in enumerate([(left, right), (right, left)]):
        if one.kind is Kind.CODES:
            message = f"{operator} does not fit {node_text(one.tree)}"
            remedy = "use selected(…) with this kind of question"
            raise KindMismatchError(message, remedy=remedy, operand=place)
        if _is_missing_answer(one, other):
            return
        remedy = _rewritten(one.tree, other.kind)
        if remedy:
            message = f"{node_text(one.tree)} is not an answer to {node_text(other.tree)}"
            raise KindMismatchError(message, remedy=remedy, operand=place)
    _shared(operands)


def _is_missing_answer(literal: Operand, variable: Operand) -> bool:
    """Say whether a number or day is asked for its missing code: ``${n} = '#95'``."""
    is_name = isinstance(variable.tree, tuple) and variable.tree[0] == "v"
    return is_name and literal.tree in _WRITTEN_MISSING


def _rewritten(literal: Node, kind: Kind | None) -> str:
    """Say how a literal is written that has the wrong form for a kind; "" where it fits."""
    if isinstance(literal, str) and kind in _NUMERIC:
        return "write the number without quotes"
    if isinstance(literal, str) and kind is Kind.DATE:
        return "write date('2022-10-31')"
    if isinstance(literal, int) and kind in _TEXTS:
        return f"write '{literal}' in quotes"
    return ""


def _check_several(operator: str, operand: Operand) -> None:
    if operand.kind not in {Kind.CODES, None}:
        message = f"{operator} does not fit {node_text(operand.tree)}"
        remedy = "use = or != with this kind of question"
        raise KindMismatchError(message, remedy=remedy, operand=0)


def _check_numbers(operands: Sequence[Operand]) -> None:
    for place, operand in enumerate(operands):
        if operand.kind in _WITHOUT_ORDER:
            message = f"{node_text(operand.tree)} is {_WORDS[operand.kind]}, not a number"
            raise KindMismatchError(message, remedy="compute with numbers and days", operand=place)


def _shared(operands: Sequence[Operand]) -> Kind | None:
    """Find the kind that operands have in common; unknown kinds go with everything."""
    shared = operands[0]
    for place, operand in enumerate(operands):
        if operand.kind is None or operand.kind is shared.kind:
            continue
        if shared.kind is None:
            shared = operand
        elif {shared.kind, operand.kind} <= _NUMERIC or {shared.kind, operand.kind} <= _TEXTS:
            shared = max(shared, operand, key=lambda each: _rank(each.kind))
        else:
            one = f"{node_text(shared.tree)} is {_WORDS[shared.kind]}"
            message = f"{one} and {node_text(operand.tree)} is {_WORDS[operand.kind]}"
            raise KindMismatchError(message, remedy="use values of one kind", operand=place)
    return shared.kind


def _arithmetic(operator: str, operands: Sequence[Operand]) -> Kind | None:
    """Find the kind of a computed value; days are moved, subtracted and compared, nothing else."""
    kinds = [operand.kind for operand in operands]
    if Kind.DATE in kinds and operator not in _FOR_DAYS:
        place = kinds.index(Kind.DATE)
        message = f"{operator} does not fit {node_text(operands[place].tree)}, a day"
        raise KindMismatchError(message, remedy=_DAYS, operand=place)
    if operator in {"min", "max"}:
        return _shared(operands)
    if operator in {"+", "-"}:
        return _moved(operator, kinds)
    if operator == "round":
        return Kind.NUMBER if operands[1].tree == 0 else Kind.DECIMAL
    return Kind.DECIMAL if operator == "div" else max(kinds, key=_rank)


def _moved(operator: str, kinds: Sequence[Kind | None]) -> Kind | None:
    kind = kinds[0]
    for place, other in enumerate(kinds[1:], start=1):
        if None in {kind, other}:
            return None
        if Kind.DATE not in {kind, other}:
            kind = max(kind, other, key=_rank)
        elif (kind, operator, other) in _WITH_DAYS:
            kind = _WITH_DAYS[kind, operator, other]
        else:
            whole = "; a number of days is whole" if Kind.DECIMAL in {kind, other} else ""
            message = f"{_WORDS[kind]} {operator} {_WORDS[other]} has no meaning{whole}"
            raise KindMismatchError(message, remedy=_DAYS, operand=place)
    return kind
