"""What a clerk types, and the page it is typed on.

The keying form is made from the questionnaire, not declared as a WTForms class: every item is one
text field holding codes, and what a code may be is for `questionnaires` to say.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from questionnaires import (
    Answer,
    DateItem,
    DecimalItem,
    IntegerItem,
    MultiItem,
    Problem,
    ProblemCode,
    Question,
    Questionnaire,
    TextItem,
    WrittenItem,
    parse_answers,
)
from questionnaires.choices import KEYED_MISSING, MISSING_LABELS
from survey.errors import RefusedInputError, SurveyError
from survey.records.collection import PaperState
from survey.rules.ballots import LABEL_LENGTH
from survey.rules.invitations import check_serial
from survey.rules.keyings import Difference
from survey.services.adjudicate import FormToDecide
from survey.services.keying import EntryOutcome
from webforms.fields import printed_number, shown
from webforms.problems import fault_message

__all__ = [
    "BatchForm",
    "Decisions",
    "DifferenceRow",
    "KeyedAnswers",
    "KeyingField",
    "KeyingPart",
    "SerialForm",
    "faults_of",
    "flag_messages",
    "keying_parts",
    "missing_labels",
    "read_typed",
    "saved_message",
]

_FLAGS: Mapping[ProblemCode, object] = {
    ProblemCode.UNANSWERED: _l("Left empty: questions %(numbers)s."),
    ProblemCode.NOT_IN_PLAY: _l("Answered although the form skips them: questions %(numbers)s."),
}
_SEPARATORS = re.compile(r"[\s,;.]+")
_DAY_IN_DIGITS = re.compile(r"^(\d{2})(\d{2})(\d{4})$")


class BatchForm(FlaskForm):  # type: ignore[misc]
    """Names a pile of paper forms."""

    round = SelectField(_l("Round"), validators=[InputRequired()])
    label = StringField(
        _l("Name of the batch"),
        validators=[InputRequired(_l("Give the batch a name.")), Length(max=LABEL_LENGTH)],
        render_kw={"maxlength": LABEL_LENGTH},
    )

    def offer(self, rounds: Sequence[tuple[str, str]]) -> None:
        """Offer rounds as (code, title)."""
        self.round.choices = list(rounds)


class SerialForm(FlaskForm):  # type: ignore[misc]
    """Asks for the serial number printed on the form at hand."""

    serial = StringField(
        _l("Serial number of the form"),
        validators=[InputRequired(_l("Type the serial number.")), Length(max=40)],
        render_kw={"autofocus": True, "inputmode": "numeric"},
    )

    def checked(self) -> str:
        """Return the serial as nine digits, or refuse what is none."""
        if not self.validate_on_submit():
            raise RefusedInputError(what="The serial", faults=self.serial.errors)
        return check_serial(self.serial.data)

    def refuse(self, refusal: SurveyError) -> None:
        """Keep a refusal at the field."""
        self.serial.errors = [fault_message(fault) for fault in faults_of(refusal)]


def faults_of(refusal: SurveyError) -> Sequence[object]:
    """Return the reasons of a refusal, one or many."""
    return refusal.faults if isinstance(refusal, RefusedInputError) else (refusal,)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyingField:
    """One item as the clerk sees it: a number, a text, a field and the codes it takes."""

    name: str
    number: str
    text: str
    stem: str
    """What stands above the first row of a grid."""

    kind: str
    """"single" moves on when its code is complete; "multi", "line" and "text" wait for Enter."""

    codes: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    """Code and wording of the printed answers."""

    value: str
    faults: tuple[str, ...]
    autofocus: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyingPart:
    """The items under one printed heading."""

    title: str
    fields: tuple[KeyingField, ...]


class KeyedAnswers:
    """What was typed into the keying form, kept as typed until it can be stored."""

    def __init__(self, questionnaire: Questionnaire, posted: Mapping[str, str]) -> None:
        self._questionnaire = questionnaire
        self.typed = {item.id: posted.get(item.id, "") for item in questionnaire.questions}

    def read(self) -> dict[str, Answer]:
        """Return the answers, or refuse what cannot be read as any."""
        answers, problems = read_typed(self._questionnaire, self.typed)
        if problems:
            raise RefusedInputError(what="The form", faults=problems)
        return answers


def read_typed(
    questionnaire: Questionnaire, typed: Mapping[str, str]
) -> tuple[dict[str, Answer], list[Problem]]:
    """Read one text per item id as answers, by the rules of `questionnaires`."""
    items = questionnaire.questions_by_id
    split = {name: _split(questionnaire, items[name], text) for name, text in typed.items()}
    return parse_answers(questionnaire, split)


def _split(questionnaire: Questionnaire, item: Question, text: str) -> list[str]:
    """Give one value per code; ``135`` and ``1 3 5`` are the same three choices."""
    codes = {code.upper(): code for code in questionnaire.keying_codes(item)}
    if isinstance(item, DateItem):
        text = _DAY_IN_DIGITS.sub(r"\1/\2/\3", text.strip())
    if not isinstance(item, MultiItem):
        return [codes.get(text.strip().upper(), text)]
    found: list[str] = []
    for part in _SEPARATORS.split(text.strip()):
        whole = part.upper() in codes or any(letter.upper() not in codes for letter in part)
        found += [part] if whole else list(part)
    return [codes.get(part.upper(), part) for part in found]


def written(item: Question, answer: Answer | None) -> str:
    """Return an answer as a clerk types it."""
    if answer is None:
        return ""
    typed = shown(item, answer)
    return typed if isinstance(typed, str) else " ".join(typed)


def keying_parts(
    questionnaire: Questionnaire,
    language: str,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Sequence[object] = (),
) -> list[KeyingPart]:
    """Lay the questionnaire out for keying: every item in printed order, on the path or not."""
    faults = [problem for problem in problems if isinstance(problem, Problem)]
    drawing = _Drawing(questionnaire, language, typed or {}, faults)
    headings = [
        (questionnaire.text_in(section.title, language), section.items)
        for section in questionnaire.enabled_sections
    ]
    if questionnaire.consent is not None:
        headings.insert(0, (_("Consent"), (questionnaire.consent,)))
    return [
        KeyingPart(
            title=title,
            fields=tuple(
                drawing.field(questionnaire.questions_by_id[item.id])
                for item in items
                if item.id in questionnaire.questions_by_id
            ),
        )
        for title, items in headings
    ]


class _Drawing:
    """Draws items of one questionnaire in one language."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        language: str,
        typed: Mapping[str, str],
        problems: Sequence[Problem],
    ) -> None:
        self._questionnaire = questionnaire
        self._language = language
        self._typed = typed
        self._problems = problems
        places = {problem.place for problem in problems}
        ids = [item.id for item in questionnaire.questions]
        self._start = next((name for name in ids if name in places), ids[0])
        self._stems = {
            rows[0]: questionnaire.text_in(questionnaire.item(grid).text, language)
            for grid, rows in questionnaire.grid_rows.items()
        }

    def _text(self, item: Question) -> str:
        """Write a question with the unit of its number."""
        text = self._questionnaire.text_in(item.text, self._language)
        if not isinstance(item, IntegerItem | DecimalItem) or item.unit is None:
            return text
        return f"{text} ({self._questionnaire.text_in(item.unit, self._language)})"

    def field(self, item: Question) -> KeyingField:
        """Draw one item."""
        questionnaire, language = self._questionnaire, self._language
        return KeyingField(
            name=item.id,
            number=printed_number(questionnaire, item.id),
            text=self._text(item),
            stem=self._stems.get(item.id, ""),
            kind=_kind(item),
            codes=questionnaire.keying_codes(item),
            labels=answer_labels(questionnaire, item, language),
            value=self._typed.get(item.id, ""),
            faults=tuple(
                fault_message(problem) for problem in self._problems if problem.place == item.id
            ),
            autofocus=item.id == self._start,
        )


def _kind(item: Question) -> str:
    if isinstance(item, TextItem) and not item.short:
        return "text"
    if isinstance(item, WrittenItem):
        return "line"
    return "multi" if isinstance(item, MultiItem) else "single"


def _whole_text(questionnaire: Questionnaire, item: Question, language: str) -> str:
    """Return a question where it stands alone: a row after the stem of its grid."""
    texts = (questionnaire.stem_of(item.id), item.text)
    return " ".join(questionnaire.text_in(text, language) for text in texts if text is not None)


def answer_labels(
    questionnaire: Questionnaire, item: Question, language: str
) -> tuple[tuple[str, str], ...]:
    """Return code and wording of the printed answers; reserved codes stand once at the top."""
    return tuple(
        (option.code, questionnaire.text_in(option.text, language))
        for option in questionnaire.options_of(item)
        if option.code not in set(KEYED_MISSING)
    )


def missing_labels(language: str) -> list[tuple[str, str]]:
    """Return the reserved codes that every item takes, with their meaning."""
    return [(code.value, MISSING_LABELS[code][language]) for code in KEYED_MISSING]


def saved_message(serial: str, outcome: EntryOutcome) -> str:
    """Say what became of a form that was saved."""
    said = {
        PaperState.KEYED: _("Form %(serial)s is saved (first keying).", serial=serial),
        PaperState.SEALED: _(
            "Form %(serial)s is saved: both keyings agree, the form is sealed.", serial=serial
        ),
        PaperState.DIFFERING: _(
            "Form %(serial)s is saved: the two keyings differ; a third person will decide.",
            serial=serial,
        ),
    }
    return str(said[outcome.state])


def flag_messages(outcome: EntryOutcome) -> list[str]:
    """Say what the clerk may want to look at again on paper; one line for each kind of flag."""
    said: list[str] = []
    for code, template in _FLAGS.items():
        numbers = [each.values["number"] for each in outcome.problems if each.code is code]
        if numbers:
            said.append(str(template) % {"numbers": ", ".join(numbers)})
    rest = (each for each in outcome.problems if each.code not in _FLAGS)
    return [*said, *(fault_message(problem) for problem in rest)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One item that was keyed in two ways."""

    name: str
    number: str
    text: str
    first: str
    second: str
    labels: tuple[tuple[str, str], ...]
    long: bool
    chosen: str
    other: str
    fault: str


class Decisions:
    """The third person's choice for each differing item, kept as chosen."""

    def __init__(self, form: FormToDecide, posted: Mapping[str, str]) -> None:
        self._questionnaire = form.questionnaire
        self._differences = form.differences
        items = [row.item for row in form.differences]
        self._chosen = {item: posted.get(item, "") for item in items}
        self._other = {item: posted.get(f"{item}__other", "") for item in items}
        self.simulated = form.simulated
        self.faults: dict[str, str] = {}

    def read(self) -> dict[str, Answer | None]:
        """Return the decided answer of every differing item (none: left blank on paper).

        Raises
        ------
        RefusedInputError
            An item is undecided, or the other reading cannot be read.
        """
        others = {name: text for name, text in self._other.items() if self._chosen[name] == "other"}
        answers, problems = read_typed(self._questionnaire, others)
        self.faults = {problem.place: fault_message(problem) for problem in problems}
        decided = {row.item: self._decide(row, answers) for row in self._differences}
        if self.faults:
            raise RefusedInputError(what="The decision", faults=())
        return decided

    def _decide(self, row: Difference, others: Mapping[str, Answer]) -> Answer | None:
        match self._chosen[row.item]:
            case "first":
                return row.first
            case "second":
                return row.second
            case "other":
                return others.get(row.item)
        number = printed_number(self._questionnaire, row.item)
        self.faults[row.item] = _("Question %(number)s: choose one of the three.", number=number)
        return None

    def note(self, faults: Iterable[object]) -> None:
        """Keep what the service refused, each at its item."""
        for fault in faults:
            place = fault.place if isinstance(fault, Problem) else ""
            self.faults.setdefault(place, fault_message(fault))

    def rows(self, language: str) -> list[DifferenceRow]:
        """Lay the differing items out side by side."""
        return [self._row(row, language) for row in self._differences]

    def _row(self, row: Difference, language: str) -> DifferenceRow:
        questionnaire = self._questionnaire
        item = questionnaire.questions_by_id[row.item]
        return DifferenceRow(
            name=row.item,
            number=printed_number(questionnaire, row.item),
            text=_whole_text(questionnaire, item, language),
            first=written(item, row.first),
            second=written(item, row.second),
            labels=answer_labels(questionnaire, item, language),
            long=_kind(item) == "text",
            chosen=self._chosen[row.item],
            other=self._other[row.item],
            fault=self.faults.get(row.item, ""),
        )
