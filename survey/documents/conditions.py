"""Conditions in plain Vietnamese, for readers who have no program: "Chỉ trả lời nếu …".

What the register already knows about a unit is decided here and not printed: nobody is asked to
judge whether their own office handles procedures.
"""

from collections.abc import Mapping

from questionnaires import Expression, Questionnaire, evaluate
from questionnaires.texts import text_in

__all__ = ["instruction", "is_closed"]

_ORDER = {"<": "nhỏ hơn", "<=": "không quá", ">": "lớn hơn", ">=": "từ", "=": "bằng", "!=": "khác"}


def is_closed(condition: "Expression | None", facts: Mapping[str, str]) -> bool:
    """Say whether the facts alone keep something from being asked."""
    return condition is not None and evaluate(condition, facts) is False


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
    if condition is None or evaluate(condition, facts) is True:
        return None
    return f"Chỉ trả lời nếu {_words(questionnaire, condition)}."


def _words(questionnaire: Questionnaire, condition: Expression) -> str:
    operator, *parts = condition
    if operator in {"and", "or"}:
        word = " và " if operator == "and" else " hoặc "
        return word.join(_inner(questionnaire, part) for part in parts)
    if operator == "not":
        return f"không phải ({_words(questionnaire, _tree(parts[0]))})"
    left, right = parts
    if not isinstance(left, tuple):  # a constant on the left reads better on the right
        left, right = right, left
        operator = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(str(operator), operator)
    return _comparison(questionnaire, str(operator), _tree(left), right)


def _inner(questionnaire: Questionnaire, part: "str | int | Expression") -> str:
    tree = _tree(part)
    words = _words(questionnaire, tree)
    return f"({words})" if tree[0] in {"and", "or"} else words


def _tree(part: "str | int | Expression") -> Expression:
    assert isinstance(part, tuple)  # noqa: S101 - the parser builds nothing else here
    return part


def _comparison(
    questionnaire: Questionnaire,
    operator: str,
    variable: Expression,
    value: "str | int | Expression",
) -> str:
    name = str(variable[1])
    fact = next((fact for fact in questionnaire.facts if fact.id == name), None)
    if fact is not None:
        text = text_in(fact.text, "vi")
        chosen = next(text_in(o.text, "vi") for o in fact.options if o.code == value)
        sign = "không phải là " if operator == "!=" else ""
        return f"{text[:1].lower()}{text[1:]}: {sign}{chosen.lower()}"
    place = f"câu {questionnaire.number_of(name)}"
    if isinstance(value, tuple):
        return f"{place} {_ORDER[operator]} câu {questionnaire.number_of(str(value[1]))}"
    if isinstance(value, int):
        return f"{place} {_ORDER[operator]} {value}"
    verb = {"!=": "không chọn", "selected": "có chọn"}.get(operator, "chọn")
    return f"{place} {verb} “{_option(questionnaire, name, value)}”"


def _option(questionnaire: Questionnaire, name: str, code: str) -> str:
    options = questionnaire.options_of(questionnaire.item(name))
    return next((text_in(option.text, "vi") for option in options if option.code == code), code)
