"""Conditions in plain Vietnamese, for readers who have no program: "Chỉ trả lời nếu …".

What the register already knows about a unit is decided here and not printed: nobody is asked to
judge whether their own office handles procedures. An answer that is not known yet leaves everything
about it open, also ``answered(…)``, which on a screen is never open.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby
from typing import Final

from questionnaires import MISSING_LABELS, Expression, Questionnaire, evaluate
from questionnaires.expressions import Node, references
from questionnaires.questionnaire import WRITTEN_MISSING
from questionnaires.texts import text_in
from survey.documents.wording import decimal, lowered

__all__ = ["decided", "instruction", "is_closed"]

_ORDER: Final = {
    "<": "nhỏ hơn {}",
    "<=": "không quá {}",
    ">": "lớn hơn {}",
    ">=": "từ {} trở lên",
    "=": "bằng {}",
    "!=": "khác {}",
}
_ORDER_OF_DAYS: Final = {
    "<": "trước {}",
    "<=": "không sau {}",
    ">": "sau {}",
    ">=": "từ {} trở đi",
    "=": "là {}",
    "!=": "khác {}",
}
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE: Final = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MISSING: Final = {code.value: label["vi"] for code, label in MISSING_LABELS.items()}
_SIGNS: Final = {"+": " + ", "-": " – ", "*": " × ", "div": " : "}
_CONSTANTS: Final = frozenset({"n", "date"})


def decided(condition: Expression, known: Mapping[str, str]) -> bool | None:
    """Decide a condition where only some answers are known.

    Parameters
    ----------
    condition : Expression
    known : mapping
        Facts and answers by name.

    Returns
    -------
    bool or None
        None where another answer than the known ones may still decide.
    """
    operator, *parts = condition
    if operator not in {"and", "or", "not"}:
        enough = set(references(condition)) <= set(known)
        return evaluate(condition, known) if enough else None
    found = [decided(_tree(part), known) for part in parts]
    if operator == "not":
        return None if found[0] is None else not found[0]
    settles = operator == "or"
    if settles in found:
        return settles
    return None if None in found else not settles


def is_closed(condition: "Expression | None", facts: Mapping[str, str]) -> bool:
    """Say whether the facts alone keep something from being asked."""
    return condition is not None and decided(condition, facts) is False


def instruction(
    questionnaire: Questionnaire, condition: "Expression | None", facts: Mapping[str, str]
) -> str | None:
    """Write a condition as a sentence.

    Parameters
    ----------
    questionnaire : Questionnaire
        Gives the printed numbers and the wording of options and facts.
    condition : Expression or None
    facts : mapping
        Known facts; empty where the form is printed for nobody in particular.

    Returns
    -------
    str or None
        None where there is nothing to say: no condition, or one that the facts fulfil.
    """
    if condition is None or decided(condition, facts) is True:
        return None
    return f"Chỉ trả lời nếu {_words(questionnaire, condition)}."


def _words(questionnaire: Questionnaire, condition: Expression) -> str:
    operator, *parts = condition
    if operator == "and":
        return " và ".join(_inner(questionnaire, part) for part in parts)
    if operator == "or":
        return " hoặc ".join(_either(questionnaire, parts))
    if operator == "not":
        return _negated(questionnaire, _tree(parts[0]))
    if operator == "answered":
        return f"{_value(questionnaire, parts[0])} có câu trả lời"
    left, right = parts
    if _is_constant(left) and not _is_constant(right):  # reads better on the right
        left, right = right, left
        operator = _TURNED.get(str(operator), operator)
    return _comparison(questionnaire, str(operator), left, right)


def _either(questionnaire: Questionnaire, parts: "list[Node]") -> list[str]:
    """Write alternatives; neighbouring ones on one question name it once."""
    written = []
    for question, group in groupby(parts, key=lambda part: _chosen_of(_tree(part))):
        together = list(group)
        first = _inner(questionnaire, together[0])
        if question is None:
            written += [first, *(_inner(questionnaire, part) for part in together[1:])]
            continue
        codes = [str(_tree(part)[2]) for part in together[1:]]
        others = [f" hoặc “{_option(questionnaire, question, code)}”" for code in codes]
        written.append(first + "".join(others))
    return written


def _chosen_of(tree: Expression) -> str | None:
    """Name the question of a plain "this option is chosen"; a fact is no question."""
    if tree[0] != "=" or not isinstance(tree[1], tuple) or not isinstance(tree[2], str):
        return None
    name = str(tree[1][1])
    return name if len(tree[1]) == 2 and tree[1][0] == "v" and "." not in name else None


def _negated(questionnaire: Questionnaire, tree: Expression) -> str:
    if tree[0] == "answered":
        return f"{_value(questionnaire, tree[1])} để trống"
    if opposite := _OPPOSITE.get(str(tree[0])):
        return _words(questionnaire, (opposite, *tree[1:]))
    return f"không phải ({_words(questionnaire, tree)})"


def _inner(questionnaire: Questionnaire, part: Node) -> str:
    tree = _tree(part)
    words = _words(questionnaire, tree)
    return f"({words})" if tree[0] in {"and", "or"} else words


def _tree(part: Node) -> Expression:
    assert isinstance(part, tuple)  # noqa: S101 - the parser builds nothing else here
    return part


def _is_constant(node: Node) -> bool:
    return not isinstance(node, tuple) or node[0] in _CONSTANTS


def _comparison(questionnaire: Questionnaire, operator: str, left: Node, right: Node) -> str:
    variable = isinstance(left, tuple) and left[0] == "v"
    if variable and isinstance(right, str):
        return _choice(questionnaire, operator, str(_tree(left)[1]), right)
    if isinstance(right, int) and operator == "selected":
        return _choice(questionnaire, operator, str(_tree(left)[1]), str(right))
    days = isinstance(right, tuple) and (right[0] == "date" or right[-1] == "date")
    order = (_ORDER_OF_DAYS if days else _ORDER)[operator]
    return f"{_value(questionnaire, left)} {order.format(_value(questionnaire, right))}"


def _choice(questionnaire: Questionnaire, operator: str, name: str, code: str) -> str:
    """Write that an option is chosen, or that the register knows a fact."""
    fact = next((fact for fact in questionnaire.facts if fact.id == name), None)
    if fact is not None:
        text = lowered(text_in(fact.text, "vi"))
        chosen = next((text_in(o.text, "vi") for o in fact.options if o.code == code), code)
        sign = "không phải là " if operator == "!=" else ""
        return f"{text}: {sign}{chosen.lower()}"
    verb = {"!=": "không chọn", "selected": "có chọn"}.get(operator, "chọn")
    if not _is_offered(questionnaire, name, code) and _missing(code):
        verb = "không được ghi là" if operator == "!=" else "được ghi là"
    return f"{_named(questionnaire, name)} {verb} “{_option(questionnaire, name, code)}”"


def _option(questionnaire: Questionnaire, name: str, code: str) -> str:
    options = questionnaire.options_of(questionnaire.item(name))
    unseen = _missing(code) or code
    return next((text_in(option.text, "vi") for option in options if option.code == code), unseen)


def _is_offered(questionnaire: Questionnaire, name: str, code: str) -> bool:
    options = questionnaire.options_of(questionnaire.item(name))
    return any(option.code == code for option in options)


def _missing(code: str) -> str:
    """Word a code that stands for no answer and is on no form: a clerk keys it; else nothing."""
    return lowered(_MISSING.get(code.removeprefix(WRITTEN_MISSING), ""))


def _named(questionnaire: Questionnaire, name: str) -> str:
    """Name a question by its printed number, what is computed or known by its wording."""
    texts = {item.id: item.text for item in questionnaire.calculations}
    texts |= {fact.id: fact.text for fact in questionnaire.facts}
    if name in texts:
        return f"“{text_in(texts[name], 'vi')}”"
    return f"câu {questionnaire.number_of(name)}"


def _value(questionnaire: Questionnaire, node: Node) -> str:
    if not isinstance(node, tuple):
        return str(node)
    operator, *parts = node
    if operator == "v":
        return _named(questionnaire, str(parts[0]))
    if operator == "n":
        return decimal(Decimal(str(parts[0])))
    if operator == "date":
        return f"ngày {dt.date.fromisoformat(str(parts[0])):%d/%m/%Y}"
    return _computed(questionnaire, str(operator), parts)


def _computed(questionnaire: Questionnaire, operator: str, parts: "list[Node]") -> str:
    """Write a computed value; a condition inside it is written as one."""
    if operator == "if":
        condition = _words(questionnaire, _tree(parts[0]))
        first, second = (_value(questionnaire, part) for part in parts[1:])
        return f"({first} nếu {condition}, nếu không thì {second})"
    values = [_value(questionnaire, part) for part in parts]
    if operator in _SIGNS:
        return f"({_SIGNS[operator].join(values)})"
    if operator == "round":
        return f"{values[0]} làm tròn đến {values[1]} chữ số thập phân"
    if operator == "coalesce":
        return f"{values[0]} (nếu để trống thì lấy {', rồi '.join(values[1:])})"
    lead = {
        "neg": "số đối của",
        "count-selected": "số ô được chọn ở",
        "min": "số nhỏ nhất trong",
        "max": "số lớn nhất trong",
    }[operator]
    return f"{lead} {values[0]}" if len(values) == 1 else f"({lead} {'; '.join(values)})"
