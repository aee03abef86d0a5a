"""`khaosat questionnaire check`: every fault with its place, or what the questionnaire has."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from survey.cli.context import now
from survey.cli.questionnaire_source import day_option, definition

if TYPE_CHECKING:  # loads pydantic
    from questionnaires import Questionnaire

__all__ = ["check"]

_MOST_NAMED = 6
_LABEL_BYTES = 80


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…")
@day_option
@click.option("--untranslated", metavar="LANGUAGE", help="List all texts without this language.")
@click.pass_context
def check(
    ctx: click.Context,
    sources: Sequence[str],
    *,
    day: dt.datetime | None,
    untranslated: str | None,
) -> None:
    """List every fault with file and line, or say what a questionnaire has.

    SOURCE is a file (.yaml, .yml, .json, .xlsx) or shipped:NAME; several are checked at once.
    Exit status 1 when any has a fault; warnings do not count.

    Example: khaosat questionnaire check form.yaml shipped:transaction
    """
    from questionnaires import DefinitionError  # noqa: PLC0415 - lazy

    refused = 0
    for source in sources:
        try:
            questionnaire = definition(source)
        except DefinitionError as error:
            refused += 1
            click.echo(f"{source}: {_many(len(error.faults), 'fault')}")
            for fault in error.faults:
                click.echo(f"  {fault}")
            continue
        for line in _summary(source, questionnaire, (day or now()).date()):
            click.echo(line)
        if untranslated is not None:
            for line in _texts_without(questionnaire, untranslated):
                click.echo(line)
    if refused:
        ctx.exit(1)


def _summary(source: str, questionnaire: "Questionnaire", day: dt.date) -> Iterator[str]:
    """Say what a sound questionnaire has, then what is worth a look."""
    from questionnaires import untranslated  # noqa: PLC0415 - lazy
    from questionnaires.translations import languages_of  # noqa: PLC0415 - same

    yield f"{source}: no fault. {questionnaire.id} {questionnaire.version}"
    yield f"  fingerprint {questionnaire.fingerprint}"
    yield f"  {', '.join(_counts(questionnaire))}"
    parts = []
    for language in languages_of(questionnaire):
        missing = len(untranslated(questionnaire, language))
        said = f"{_many(missing, 'text')} untranslated" if missing else "complete"
        parts.append(f"{language} ({said})")
    yield f"  languages: {', '.join(parts)}"
    for warning in _warnings(questionnaire, day):
        yield f"  warning: {warning}"


def _texts_without(questionnaire: "Questionnaire", language: str) -> Iterator[str]:
    """List what a translator has to write."""
    from questionnaires import untranslated  # noqa: PLC0415 - lazy

    found = untranslated(questionnaire, language)
    yield f"  {_many(len(found), 'text')} without {language}{':' if found else ''}"
    yield from (f"    {each.path}: {each.text}" for each in found)


def _counts(questionnaire: "Questionnaire") -> Iterator[str]:
    sections = questionnaire.enabled_sections
    off = len(questionnaire.sections) - len(sections)
    yield _many(len(sections), "section") + (f" ({off} more switched off)" if off else "")
    yield _many(len(questionnaire.questions), "question")
    if questionnaire.calculations:
        yield _many(len(questionnaire.calculations), "calculation")
    if questionnaire.criteria:
        points = sum(questionnaire.points.values())
        yield f"{points} points in {_many(len(questionnaire.criteria), 'criterion')}"
    if questionnaire.blocks:
        factors = sum(len(block.factors) for block in questionnaire.blocks)
        yield f"{_many(factors, 'factor')} in {_many(len(questionnaire.blocks), 'block')}"
    yield _many(questionnaire.estimated_minutes, "minute")


def _many(count: int, noun: str) -> str:
    plural = "criteria" if noun == "criterion" else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def _warnings(questionnaire: "Questionnaire", day: dt.date) -> Iterator[str]:
    """Find what is no fault and still worth a look."""
    from questionnaires import untranslated  # noqa: PLC0415 - lazy

    for language in questionnaire.languages:
        missing = [each.path for each in untranslated(questionnaire, language)]
        if missing:
            yield f"no wording in {language}: {_named(missing)}"
    long = [item.id for item in questionnaire.questions if _is_cut(questionnaire, item.label, item)]
    if long:
        yield (
            f"no short label and a question of more than {_LABEL_BYTES} bytes, which statistical "
            f"packages cut: {_named(long)}"
        )
    silent = [item.id for item in questionnaire.questions if item.show_if and item.universe is None]
    silent = [name for name in silent if name not in questionnaire.specified]
    if silent:
        yield f"a condition, but no universe that says in words who is asked: {_named(silent)}"
    offered = questionnaire.as_of(day)
    gone = [
        f"{item.id} {option.code}"
        for item in questionnaire.questions
        for option in questionnaire.options_of(item)
        if option not in offered.options_of(offered.item(item.id))
    ]
    if gone:
        yield f"options that are not offered on {day.isoformat()}: {_named(gone)}"


def _is_cut(questionnaire: "Questionnaire", label: object, item: object) -> bool:
    text = getattr(item, "text", "")
    words = questionnaire.text_in(text, questionnaire.language)
    return label is None and len(words.encode()) > _LABEL_BYTES


def _named(names: Sequence[str]) -> str:
    """Name a few and count the rest."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
