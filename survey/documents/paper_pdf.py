"""Paper forms of one stratum: the questionnaire with codes beside the boxes, a serial on each page.

The serial and its QR code name the form, never a person. Skip logic is printed as a sentence where
a respondent has to decide, and decided here where the register already knows.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from questionnaires import (
    IntegerItem,
    MultiItem,
    NoteItem,
    Option,
    Question,
    Questionnaire,
    ScaleItem,
    Section,
    SingleItem,
    TextItem,
    intro_in_play,
    text_in,
)
from survey.documents.conditions import instruction, is_closed
from survey.documents.typesetting import qr_svg, typeset
from survey.documents.wording import SIMULATED
from survey.rules.invitations import printed_serial
from survey.rules.round_document import RoundDocument

__all__ = ["paper_forms"]

_NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})
_SHORT, _MIDDLE, _LONG = 16, 20, 40
_LINE = 70
_LANGUAGE = "vi"


def paper_forms(  # noqa: PLR0913 - a form belongs to a round, a unit and a group
    document: RoundDocument,
    questionnaire: Questionnaire,
    *,
    unit_name: str,
    respondent_group: str,
    serials: Sequence[str],
    simulated: bool,
    facts: Mapping[str, str] = _NO_FACTS,
) -> bytes:
    """Draw paper forms as one PDF, a copy for each serial.

    Parameters
    ----------
    document : RoundDocument
    questionnaire : Questionnaire
    unit_name : str
    respondent_group : str
        Code of the stratum's group.
    serials : sequence of str
        Nine digits each; at least one.
    simulated : bool
    facts : mapping
        What the register knows of the stratum; sections that it closes are left out.

    Returns
    -------
    bytes
        PDF, A4, text of 11.5 points.
    """
    paper = _Paper(questionnaire, facts)
    consent = questionnaire.consent
    subtitle = questionnaire.subtitle
    values = {
        "simulated": simulated,
        "simulated_label": SIMULATED,
        "issuer": document.issuer.model_dump(),
        "title": text_in(questionnaire.title, _LANGUAGE),
        "subtitle": None if subtitle is None else text_in(subtitle, _LANGUAGE),
        "unit": unit_name,
        "group": document.group_label(respondent_group, _LANGUAGE),
        "intro": [text_in(text, _LANGUAGE) for text in intro_in_play(questionnaire, facts)],
        "consent": None if consent is None else paper.question(consent, number="Đồng ý tham gia"),
        "sections": [paper.section(section) for section in paper.open_sections()],
        "forms": [
            {"serial": printed_serial(serial), "qr": qr_svg(f"{document.code}:{serial}")}
            for serial in serials
        ],
    }
    return typeset("paper.typ", values)


class _Paper:
    """Turns the parts of a questionnaire into what the template draws."""

    def __init__(self, questionnaire: Questionnaire, facts: Mapping[str, str]) -> None:
        self._questionnaire = questionnaire
        self._facts = facts

    def open_sections(self) -> list[Section]:
        conditions = self._questionnaire.conditions
        return [
            section
            for section in self._questionnaire.enabled_sections
            if not is_closed(conditions.get(f"§{section.id}"), self._facts)
        ]

    def section(self, section: Section) -> dict[str, Any]:
        conditions = self._questionnaire.conditions
        return {
            "title": text_in(section.title, _LANGUAGE),
            "instructions": None
            if section.instructions is None
            else text_in(section.instructions, _LANGUAGE),
            "instruction": self._instruction(f"§{section.id}"),
            "questions": [
                self.question(item, number=self._questionnaire.number_of(item.id))
                for item in section.items
                if not is_closed(conditions.get(item.id), self._facts)
            ],
        }

    def question(self, item: Question | NoteItem, *, number: str) -> dict[str, Any]:
        drawn: dict[str, Any] = {
            "kind": item.type,
            "number": number,
            "text": text_in(item.text, _LANGUAGE),
            "hint": None if item.hint is None else text_in(item.hint, _LANGUAGE),
            "instruction": self._instruction(item.id),
            "choose": _choose(item),
        }
        if isinstance(item, TextItem):
            drawn["lines"] = min(6, max(2, item.max_length // (3 * _LINE)))
        elif isinstance(item, IntegerItem):
            drawn |= {"min": item.min, "max": item.max}
        elif not isinstance(item, NoteItem):
            drawn |= self._choices(item)
        return drawn

    def _instruction(self, name: str) -> str | None:
        condition = self._questionnaire.conditions.get(name)
        return instruction(self._questionnaire, condition, self._facts)

    def _choices(self, item: SingleItem | MultiItem | ScaleItem) -> dict[str, Any]:
        source = self._questionnaire.scales[item.scale] if isinstance(item, ScaleItem) else item
        return {
            "options": [_option(option) for option in source.options],
            "special": [_option(option) for option in source.special],
            "columns": _columns(source.options),
        }


def _choose(item: Question | NoteItem) -> str | None:
    if not isinstance(item, MultiItem) or "(chọn" in text_in(item.text, _LANGUAGE):
        return None
    if item.max_choices is None:
        return "có thể chọn nhiều ô"
    return f"chọn tối đa {item.max_choices:02d} ô"


def _option(option: Option) -> dict[str, Any]:
    return {
        "code": option.code,
        "text": text_in(option.text, _LANGUAGE),
        "ends": option.ends is not None,
    }


def _columns(options: Sequence[Option]) -> int:
    """Lay out options by their longest text: short ones in a row, long ones below one another."""
    longest = max(len(text_in(option.text, _LANGUAGE)) for option in options)
    if any(option.ends for option in options) or longest > _LONG:
        return 1
    if longest <= _SHORT:
        return min(len(options), 5)
    return 3 if longest <= _MIDDLE else 2
