"""One ``var`` of a DDI codebook: the question, its values, its codes, its place in the index.

Identifiers begin with a letter for their kind ("V." for a variable, "Q." for a question), since
DDI wants them unique in the whole file and an item may be called like a section.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from questionnaires.choices import MissingCode
from questionnaires.codebook import CodeLabel, Column
from questionnaires.codebook_words import CodebookWords, remarks
from questionnaires.expressions import Expression, references
from questionnaires.markup import add
from questionnaires.questionnaire import WRITTEN_MISSING, Questionnaire

__all__ = ["Routing", "add_variable", "routing", "variable_ids"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Which questions an item's condition or formula looks back to, and which look back to it."""

    back: Mapping[str, tuple[str, ...]]
    ahead: Mapping[str, tuple[str, ...]]


def routing(questionnaire: Questionnaire) -> Routing:
    """Read who refers to whom from the conditions of items and sections.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    Routing
        Ids of questions that take an answer, in order of appearance; facts are no questions.
    """
    asked = questionnaire.questions_by_id
    back: dict[str, tuple[str, ...]] = {}
    for name, trees in _conditions(questionnaire).items():
        names = dict.fromkeys(name for tree in trees for name in references(tree))
        back[name] = tuple(name for name in names if name in asked)
    ahead: dict[str, tuple[str, ...]] = {}
    for name in (name for name in back if name in asked):
        for earlier in back[name]:
            ahead[earlier] = (*ahead.get(earlier, ()), name)
    return Routing(back=back, ahead=ahead)


def _conditions(questionnaire: Questionnaire) -> dict[str, list[Expression]]:
    """Gather the conditions over each item, its section's first."""
    found = {}
    for section, items in questionnaire.plain_sections:
        for item in items:
            places = (f"§{section.id}", item.id)
            trees = (questionnaire.conditions.get(place) for place in places)
            found[item.id] = [tree for tree in trees if tree is not None]
    return found


def variable_ids(names: Sequence[str]) -> str:
    """Write references to variables, as ``var`` attributes take them."""
    return " ".join(f"V.{name}" for name in names)


def _question_ids(names: Sequence[str]) -> str:
    return " ".join(f"Q.{name}" for name in names)


_NATURE: Final = {"single": "nominal", "multi": "nominal", "scale": "ordinal"}
_REPRESENTATION: Final = {
    "single": "code",
    "multi": "code",
    "scale": "code",
    "integer": "numeric",
    "decimal": "numeric",
    "calculation": "numeric",
    "date": "datetime",
    "text": "text",
}
_NUMBERS: Final = frozenset({"integer", "decimal", "calculation"})


def add_variable(
    parent: Element, column: Column, routes: Routing, words: CodebookWords, formula: str = ""
) -> None:
    """Append the description of a column.

    Parameters
    ----------
    parent : the ``dataDscr``
    column : Column
    routes : Routing
    words : for what the codebook itself says, such as disclosure classes
    formula : ids of the variables that a calculation uses, as `variable_ids` writes them
    """
    attributes = {
        "ID": f"V.{column.name}",
        "name": column.name,
        "dcml": "" if column.places is None else str(column.places),
        "intrvl": "contin" if column.type in {*_NUMBERS, "date"} else "discrete",
        "measUnit": column.unit,
        "nature": _NATURE.get(column.type, ""),
        "temporal": "Y" if column.type == "date" else "",
        "representationType": _REPRESENTATION[column.type],
    }
    variable = add(parent, "var", attributes=attributes)
    add(variable, "labl", column.label, _spoken(column, "label"))
    disclosure = words.disclosures[column.disclosure]
    add(variable, "security", disclosure, {"xml:lang": words.language})
    if column.type != "calculation":
        _add_question(variable, column, routes, words)
    _add_ranges(variable, column)
    if column.universe:
        marked = _spoken(column, "universe") | {"clusion": "I"}
        add(variable, "universe", column.universe, marked)
    if column.type == "date" and (column.lowest or column.highest):
        days = f"{words.range}: {column.lowest or '…'} – {column.highest or '…'}"
        add(variable, "txt", days, {"xml:lang": words.language})
    for code in column.codes:
        _add_category(variable, code, words)
    for block, factor in column.factors:
        add(variable, "concept", f"{block} › {factor}", _spoken(column, "factors"))
    if column.type == "calculation":
        derivation = add(variable, "derivation", attributes={"var": formula})
        add(derivation, "drvdesc", column.question, _spoken(column, "question"))
        add(derivation, "drvcmd", column.value, {"syntax": "khaosat"})
    _add_format(variable, column)
    _add_notes(variable, column, words)


def _spoken(column: Column, name: str) -> dict[str, str]:
    """Mark the language of a column's text."""
    return {"xml:lang": column.language_of(name)}


def _add_question(variable: Element, column: Column, routes: Routing, words: CodebookWords) -> None:
    representation = _REPRESENTATION[column.type]
    domain = "multiple" if column.type == "multi" else representation
    attributes = {
        "ID": f"Q.{column.name}",
        "seqNo": column.number,
        "responseDomainType": domain,
    }
    question = add(variable, "qstn", attributes=attributes)
    if column.stem:
        add(question, "preQTxt", column.stem, _spoken(column, "stem"))
    wording = column.question.removeprefix(column.stem).strip()
    add(question, "qstnLit", wording, _spoken(column, "question"))
    if column.hint:
        add(question, "ivuInstr", column.hint, _spoken(column, "hint"))
    if column.most is not None:
        heading = words.characters if column.type == "text" else words.choices
        add(question, "ivuInstr", f"{heading}: {column.most}", {"xml:lang": words.language})
    ahead = routes.ahead.get(column.name, ())
    if ahead:
        add(question, "forward", attributes={"qstn": _question_ids(ahead)})
    if column.condition:
        back = _question_ids(routes.back.get(column.name, ()))
        add(question, "backward", column.condition, {"qstn": back})


def _add_ranges(variable: Element, column: Column) -> None:
    """Add what is valid and what is missing, where DDI can say it: as whole or real numbers."""
    if column.type in _NUMBERS and column.lowest:
        units = "INT" if column.type == "integer" else "REAL"
        bounds = {"UNITS": units, "min": column.lowest, "max": column.highest}
        add(add(variable, "valrng"), "range", attributes=bounds)
    if column.codes and all(code.code.isdecimal() for code in column.codes):
        _add_items(variable, "valrng", [code.code for code in column.codes if not code.missing])
        _add_items(variable, "invalrng", [code.code for code in column.codes if code.missing])


def _add_items(variable: Element, tag: str, codes: Sequence[str]) -> None:
    if not codes:
        return
    parent = add(variable, tag)
    for code in codes:
        add(parent, "item", attributes={"VALUE": code})


def _add_category(variable: Element, code: CodeLabel, words: CodebookWords) -> None:
    attributes = {"missing": "N"}
    if code.missing:
        kind = MissingCode(code.code.removeprefix(WRITTEN_MISSING))
        given = kind.name.lower()
        attributes = {"missing": "Y", "missType": given}  # codespell:ignore misstype
    category = add(variable, "catgry", attributes=attributes)
    add(category, "catValu", code.code)
    add(category, "labl", code.label, {"xml:lang": code.language})
    for remark in remarks(code, words):
        add(category, "txt", remark, {"xml:lang": words.language})


def _add_format(variable: Element, column: Column) -> None:
    attributes = {"type": "numeric" if column.type in _NUMBERS else "character"}
    if column.type == "date":
        attributes |= {"formatname": "YYYY-MM-DD", "schema": "ISO", "category": "date"}
    add(variable, "varFormat", attributes=attributes)


def _add_notes(variable: Element, column: Column, words: CodebookWords) -> None:
    for kind, text in _notes(column, words):
        attributes = {"type": kind, "xml:lang": words.language}
        if kind == "points":
            attributes |= {"subject": column.criterion, **_spoken(column, "criterion")}
        add(variable, "notes", text, attributes)


def _notes(column: Column, words: CodebookWords) -> Iterator[tuple[str, str]]:
    if column.type == "calculation" and column.condition:
        yield "condition", f"{words.condition}: {column.condition}"
    if column.is_per_unit:
        yield "repetition", f"{words.repeated}: {words.each_unit}"
    if column.points is not None:
        yield "points", str(column.points)
