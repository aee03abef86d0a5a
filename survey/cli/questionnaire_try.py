"""`khaosat questionnaire try`: answer a questionnaire in the terminal, as a respondent would.

It asks question by question with the routing and the checks of the web pages and stores nothing.
Answers are lines, so a file of answers can be piped in and gives the same walk every time.
"""

import datetime as dt
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.context import now
from survey.cli.questionnaire_show import option_lines, rated_form, wrapped
from survey.cli.questionnaire_source import (
    day_option,
    facts_option,
    language_option,
    read_facts,
    read_source,
    spoken,
    units_option,
)

if TYPE_CHECKING:  # loads pydantic
    from questionnaires import Answer, NoteItem, Question, Questionnaire, RatingForm, Route, Section

__all__ = ["try_"]

_SEEDS = 2**32
_KEYS = (
    "Type the code of an answer, or what you would write; several codes with spaces between.\n"
    "Enter alone leaves a question blank, or keeps the answer in [brackets].\n"
    "<  back to the question before     :clear  take an answer away     :q  stop"
)


@click.command("try")
@click.argument("source")
@language_option
@facts_option
@units_option
@click.option("--seed", type=click.IntRange(0), help="For random order; drawn without it.")
@day_option
def try_(
    source: str,
    *,
    language: str | None,
    facts: Sequence[str],
    units: Path | None,
    seed: int | None,
    day: dt.datetime | None,
) -> None:
    """Answer a questionnaire in the terminal; nothing is stored.

    At the end it shows the answers, the path and what was not asked. Answers may be piped in, one
    a line.

    Example: khaosat questionnaire try shipped:transaction --seed 7
    """
    questionnaire = read_source(source)
    tag = spoken(questionnaire, language)
    known = read_facts(questionnaire, facts)
    form = None
    if units is not None:
        form = rated_form(questionnaire, units)
        questionnaire = form.questionnaire
    repeated = [section.id for section in questionnaire.sections if section.repeat is not None]
    if repeated:
        message = f"section {repeated[0]} is asked about units: give --units, a file with the"
        raise click.UsageError(f"{message} columns code and name")
    trial = _Trial(
        questionnaire=questionnaire.as_of((day or now()).date()),
        facts=known,
        language=tag,
        seed=secrets.randbelow(_SEEDS) if seed is None else seed,
        ask=_line,
    )
    finished = trial.walk()
    for line in trial.result(finished=finished, form=form):
        click.echo(line)


def _line(prompt: str) -> str | None:
    """Ask for one line; None at the end of the input. What is piped in is shown as if typed."""
    click.echo(prompt, nl=False)
    sent = sys.stdin.buffer.readline()
    line = sent.decode("utf-8", errors="replace").rstrip("\r\n")
    if not sys.stdin.isatty():
        click.echo(line)
    return line if sent else None


class _Step(StrEnum):
    NEXT = "next"
    BACK = "back"
    STOP = "stop"


@dataclass(slots=True, kw_only=True)
class _Trial:
    """One walk: the answers so far, and where the next question comes from."""

    questionnaire: "Questionnaire"
    facts: Mapping[str, str]
    language: str
    seed: int
    ask: Callable[[str], str | None]
    answers: dict[str, "Answer"] = field(default_factory=dict)

    def walk(self) -> bool:
        """Ask from the first question to the end; False when stopped before."""
        click.echo(self._opening())
        at, heading = 0, ""
        while True:
            shown = self._shown(self._route())
            if at >= len(shown):
                return True
            section, item = shown[at]
            if section is not None and section.id != heading:
                self._head(section)
            heading = "" if section is None else section.id
            step = self._visit(item)
            if step is _Step.STOP:
                return False
            at = at + 1 if step is _Step.NEXT else self._before(shown, at)

    def _route(self) -> "Route":
        from questionnaires import route  # noqa: PLC0415 - lazy

        return route(self.questionnaire, self.answers, self.facts)

    def _shown(self, path: "Route") -> list[tuple["Section | None", "Question | NoteItem"]]:
        """List what is in play in order, each with its section."""
        consent = self.questionnaire.consent
        first: list[tuple[Section | None, Question | NoteItem]] = []
        if consent is not None and consent.id in path.items:
            first.append((None, consent))
        return first + [(part.section, item) for part in path.sections for item in part.items]

    def _before(
        self, shown: Sequence[tuple["Section | None", "Question | NoteItem"]], at: int
    ) -> int:
        """Find the question before, over notes and over the edges of sections."""
        earlier = [n for n in range(at) if shown[n][1].type != "note"]
        if not earlier:
            click.echo("  This is the first question.")
            return at
        return earlier[-1]

    def _said(self, text: str | dict[str, str]) -> str:
        return self.questionnaire.text_in(text, self.language)

    def _opening(self) -> str:
        from questionnaires import intro_in_play  # noqa: PLC0415 - lazy

        moved = ", ".join(self._moved())
        order = f"Seed {self.seed}: it orders the options of {moved}." if moved else ""
        paragraphs = intro_in_play(self.questionnaire, self.facts)
        intro = [wrapped(self._said(paragraph)) for paragraph in paragraphs]
        parts = [wrapped(self._said(self.questionnaire.title)), *intro, _KEYS, order]
        return "\n\n".join(part for part in parts if part)

    def _moved(self) -> Iterator[str]:
        for item in self.questionnaire.questions:
            if getattr(item, "order", "as_written") != "as_written":
                yield item.id

    def _head(self, section: "Section") -> None:
        click.echo(f"\n== {self._said(section.title)}")
        for text in (section.instructions, section.disclosure_note):
            if text is not None:
                click.echo(wrapped(self._said(text)))

    def _visit(self, item: "Question | NoteItem") -> _Step:
        from questionnaires import NoteItem, option_order  # noqa: PLC0415 - lazy

        number = f"{item.printed_number}. " if item.printed_number else ""
        click.echo("\n" + wrapped(f"{number}{self._said(item.text)}"))
        if item.hint is not None:
            click.echo(wrapped(self._said(item.hint), "  "))
        if isinstance(item, NoteItem):
            return _Step.NEXT
        options = option_order(self.questionnaire, item, self.seed)
        for line in option_lines(self.questionnaire, options, self.language, ""):
            click.echo(line)
        while True:
            step = self._heard(item)
            if step is not None:
                return step

    def _heard(self, item: "Question") -> _Step | None:
        """Take one line; None when it does not do and is asked for again."""
        line = self.ask(self._prompt(item))
        if line is None or line.strip() == ":q":
            return _Step.STOP
        if line.strip() == "<":
            return _Step.BACK
        before = self.answers.get(item.id)
        if line.strip() == ":clear":
            self.answers.pop(item.id, None)
        elif line.strip() and not self._read(item, line):
            return None
        if self._stands(item):
            return _Step.NEXT
        self.answers.pop(item.id, None)
        if before is not None:
            self.answers[item.id] = before
        return None

    def _prompt(self, item: "Question") -> str:
        given = self.answers.get(item.id)
        if given is None:
            return f"{item.id}: "
        return f"{item.id} [{' '.join(given) if isinstance(given, tuple) else given}]: "

    def _read(self, item: "Question", line: str) -> bool:
        """Read what was typed as the answer, or say why it is none."""
        from questionnaires import MultiItem, describe, parse_answers  # noqa: PLC0415 - lazy

        several = isinstance(item, MultiItem)
        values = line.replace(",", " ").split() if several else [line]
        found, problems = parse_answers(self.questionnaire, {item.id: values})
        for problem in problems:
            click.echo(f"  ! {describe(problem)}")
        if not problems:
            self.answers.pop(item.id, None)
            self.answers.update(found)
        return not problems

    def _stands(self, item: "Question") -> bool:
        """Check the answer as a web page does; what is only doubtful is said and kept."""
        from questionnaires import Door, ProblemCode, Severity, check, describe  # noqa: PLC0415

        problems = check(
            self.questionnaire, self.answers, self.facts, door=Door.WEB, language=self.language
        )
        own = [problem for problem in problems if problem.place == item.id]
        for problem in own:
            if problem.code is not ProblemCode.UNANSWERED:
                mark = "!" if problem.severity is Severity.HARD else "?"
                click.echo(f"  {mark} {describe(problem)}")
        return all(problem.severity is not Severity.HARD for problem in own)

    def result(self, *, finished: bool, form: "RatingForm | None") -> Iterator[str]:
        """Say how it ended, the answers, the path, and what was not asked."""
        from questionnaires import canonical, keep_in_play  # noqa: PLC0415 - lazy

        path = self._route()
        kept = keep_in_play(self.questionnaire, self.answers, self.facts)
        yield ""
        if path.ended is not None:
            yield f"An answer ended the form: {path.ended}."
        else:
            yield "The form is finished." if finished else "Stopped before the end."
        yield f"Answers: {canonical(self.questionnaire, kept).decode()}"
        if form is not None:
            for unit, answers in form.split(kept):
                yield f"  {unit.code} {unit.name}: {canonical(form.base, answers).decode()}"
        if path.calculated:
            numbers = (f"{name} = {number}" for name, number in path.calculated.items())
            yield f"Computed: {', '.join(numbers)}"
        yield wrapped(f"Path ({len(path.items)}): {' '.join(path.items)}")
        skipped = [i.id for i in self.questionnaire.questions if i.id not in path.items]
        yield wrapped(f"Not asked ({len(skipped)}): {' '.join(skipped) or '–'}")
        off = [name for name in self.answers if name not in kept]
        if off:
            yield f"Answered, then left off the path: {' '.join(off)}"
        yield f"Seed {self.seed}"
