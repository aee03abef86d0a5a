"""`khaosat questionnaire show`: a questionnaire read in the terminal, whole or as one group's."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.questionnaire_source import (
    facts_option,
    language_option,
    read_facts,
    read_source,
    read_units,
    spoken,
    units_option,
)
from survey.errors import RefusedInputError

if TYPE_CHECKING:  # loads pydantic
    from questionnaires import Question, Questionnaire, RatingForm
    from questionnaires.expansion import PlainItem
    from questionnaires.texts import Text
    from questionnaires.tree import Section

__all__ = ["option_lines", "rated_form", "show", "wrapped"]

_WIDTH = 96


@click.command()
@click.argument("source")
@language_option
@facts_option
@units_option
def show(source: str, *, language: str | None, facts: Sequence[str], units: Path | None) -> None:
    """Show a questionnaire: texts, options, conditions and points.

    With --facts, what is never asked of such a respondent is left out and named at the end. With
    --units, repeated sections are written once for each unit.

    Example: khaosat questionnaire show shipped:officials_par --facts unit.handles_procedures=no
    """
    questionnaire = read_source(source)
    tag = spoken(questionnaire, language)
    known = read_facts(questionnaire, facts)
    if units is not None:
        questionnaire = rated_form(questionnaire, units).questionnaire
    page = _Page(questionnaire=questionnaire, language=tag, facts=known, left_out=[])
    for line in page.lines():
        click.echo(line)


def rated_form(questionnaire: "Questionnaire", units: Path) -> "RatingForm":
    """Write the form of one respondent out, who rates the units of a file.

    Parameters
    ----------
    questionnaire : Questionnaire
    units : CSV or XLSX

    Returns
    -------
    RatingForm

    Raises
    ------
    RefusedInputError
        The file is no list of units, or this questionnaire cannot be asked about them.
    """
    from questionnaires import UnitsError, rating_form  # noqa: PLC0415 - lazy

    rated = read_units(units, questionnaire)
    try:
        return rating_form(questionnaire, rated)
    except UnitsError as error:
        raise RefusedInputError(what=str(units), faults=[error]) from error


def wrapped(text: str, indent: str = "") -> str:
    """Break a text into lines of the terminal's usual width.

    Parameters
    ----------
    text : its own line ends are kept
    indent : stands before every line

    Returns
    -------
    str
    """
    return "\n".join(
        textwrap.fill(line, _WIDTH, initial_indent=indent, subsequent_indent=indent)
        for line in text.split("\n")
    )


def option_lines(
    questionnaire: "Questionnaire", options: Sequence[object], language: str, indent: str
) -> Iterator[str]:
    """Write options with their codes, and what is special about them.

    Parameters
    ----------
    questionnaire : Questionnaire
    options : sequence of Option
        In the order in which they are shown.
    language : tag
    indent : stands before every line

    Yields
    ------
    str
    """
    from questionnaires import Option  # noqa: PLC0415 - lazy

    for option in options:
        assert isinstance(option, Option)  # noqa: S101 - for the type checker
        marks = [f"ends the form: {option.ends}"] if option.ends else []
        marks += [f"from {option.valid_from}"] if option.valid_from else []
        marks += [f"until {option.valid_until}"] if option.valid_until else []
        shown = f"  [{'; '.join(marks)}]" if marks else ""
        yield f"{indent}{option.code:>4}  {questionnaire.text_in(option.text, language)}{shown}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Writes a questionnaire line by line; ``left_out`` gathers what the facts rule out."""

    questionnaire: "Questionnaire"
    language: str
    facts: Mapping[str, str]
    left_out: list[str]

    def lines(self) -> Iterator[str]:
        yield from self._head()
        if self.questionnaire.consent is not None:
            yield ""
            yield from self._item(self.questionnaire.consent)
        for section, items in self.questionnaire.plain_sections:
            yield from self._section(section, items)
        if self.left_out:
            yield ""
            yield wrapped(f"Never asked with these facts: {', '.join(self.left_out)}")

    def _said(self, text: "Text") -> str:
        return self.questionnaire.text_in(text, self.language)

    def _rules_out(self, name: str) -> bool:
        """Tell whether the facts alone decide that something is not shown."""
        from questionnaires import evaluate  # noqa: PLC0415 - lazy

        tree = self.questionnaire.conditions.get(name)
        return bool(self.facts) and tree is not None and evaluate(tree, self.facts) is False

    def _condition(self, name: str) -> str:
        from questionnaires import to_text  # noqa: PLC0415 - lazy

        tree = self.questionnaire.conditions.get(name)
        return "" if tree is None else f"only if {to_text(tree)}"

    def _head(self) -> Iterator[str]:
        from questionnaires import evaluate, parse  # noqa: PLC0415 - lazy

        about = self.questionnaire
        yield wrapped(self._said(about.title))
        if about.subtitle is not None:
            yield wrapped(self._said(about.subtitle))
        minutes = (
            "1 minute" if about.estimated_minutes == 1 else f"{about.estimated_minutes} minutes"
        )
        yield f"{about.id} {about.version}, about {minutes}"
        names = {fact.id for fact in about.facts}
        for paragraph in about.intro:
            decided = None
            if paragraph.show_if is not None and self.facts:
                decided = evaluate(parse(paragraph.show_if, names), self.facts)
            if decided is False:
                continue
            yield ""
            if paragraph.show_if is not None and decided is None:
                yield f"  [only if {paragraph.show_if}]"
            yield wrapped(self._said(paragraph.text), "  ")

    def _section(self, section: "Section", items: Sequence["PlainItem"]) -> Iterator[str]:
        if self._rules_out(f"§{section.id}"):
            self.left_out.extend(item.id for item in items)
            return
        yield ""
        yield wrapped(f"== {section.id}: {self._said(section.title)}")
        marks = [self._condition(f"§{section.id}")]
        if section.repeat is not None:
            marks.append(f"asked once for each rated unit, at most {section.repeat.most}")
        yield from (f"   [{mark}]" for mark in marks if mark)
        for text in (section.instructions, section.disclosure_note):
            if text is not None:
                yield wrapped(self._said(text), "   ")
        for item in items:
            if self._rules_out(item.id):
                self.left_out.append(item.id)
                continue
            yield ""
            yield from self._item(item)

    def _item(self, item: "PlainItem") -> Iterator[str]:
        from questionnaires import CalculationItem, NoteItem  # noqa: PLC0415 - lazy

        number = f"{item.printed_number}. " if item.printed_number else ""
        yield wrapped(f"{number}{self._said(item.text)}", "  ")
        if item.hint is not None:
            yield wrapped(self._said(item.hint), "    ")
        yield f"    [{item.id}: {', '.join(self._marks(item))}]"
        if condition := self._condition(item.id):
            yield wrapped(f"[{condition}]", "    ")
        if isinstance(item, CalculationItem):
            yield wrapped(f"[= {item.value}]", "    ")
        elif not isinstance(item, NoteItem):
            yield from self._answers(item)

    def _answers(self, item: "Question") -> Iterator[str]:
        options = self.questionnaire.options_of(item)
        if item.type == "scale":
            steps = (f"{option.code} {self._said(option.text)}" for option in options)
            yield wrapped(" · ".join(steps), "    ")
        else:
            yield from option_lines(self.questionnaire, options, self.language, "    ")
        for rule in item.constraints:
            yield wrapped(f"[{rule.severity}: {rule.that}: {self._said(rule.message)}]", "    ")

    def _marks(self, item: "PlainItem") -> Iterator[str]:
        yield item.type
        low, high = getattr(item, "min", None), getattr(item, "max", None)
        if low is not None or high is not None:
            yield f"{'…' if low is None else low} to {'…' if high is None else high}"
        unit = getattr(item, "unit", None)
        if unit is not None:
            yield self._said(unit)
        if getattr(item, "required", False):
            yield "required"
        yield from _limits(item)
        if getattr(item, "order", "as_written") != "as_written":
            yield "options in random order"
        if (points := self.questionnaire.points.get(item.id)) is not None:
            yield f"{points} points"


def _limits(item: "PlainItem") -> Iterator[str]:
    """Say how much an answer may hold."""
    if (most := getattr(item, "max_choices", None)) is not None:
        yield f"at most {most}"
    if exclusive := getattr(item, "exclusive", ()):
        yield f"{' '.join(exclusive)} stands alone"
    if (length := getattr(item, "max_length", None)) is not None:
        yield f"at most {length} characters"
    if (places := getattr(item, "places", None)) is not None:
        yield f"decimal places: {places}"
