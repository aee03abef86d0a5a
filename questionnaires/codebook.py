"""Questionnaire to columns: what each column of a table of answers means.

A question that takes several answers stays one column of codes here; whoever writes a file format
without lists splits it.
"""

from dataclasses import dataclass

from questionnaires.choices import KEYED_MISSING, MISSING_LABELS, MissingCode
from questionnaires.questionnaire import WRITTEN_MISSING, Questionnaire
from questionnaires.questions import Disclosure, IntegerItem, Question, TextItem
from questionnaires.texts import text_in

__all__ = ["CodeLabel", "Codebook", "Column", "codebook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLabel:
    """One code of a column, in words; ``missing`` codes are no answers."""

    code: str
    label: str
    missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: ``type`` is the kind of question (single, multi, scale, integer, text)."""

    name: str
    label: str
    type: str
    codes: tuple[CodeLabel, ...]
    disclosure: Disclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """The columns of a questionnaire's answers, with the version they were given under."""

    questionnaire: str
    version: str
    fingerprint: str
    language: str
    columns: tuple[Column, ...]


def codebook(questionnaire: Questionnaire, language: str) -> Codebook:
    """Describe the table of answers.

    Parameters
    ----------
    questionnaire : Questionnaire
    language : tag of the labels' language; the document's own is used where a label lacks it

    Returns
    -------
    Codebook
        One column per question that takes an answer, in order.
    """
    return Codebook(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        fingerprint=questionnaire.fingerprint,
        language=language,
        columns=tuple(_column(questionnaire, item, language) for item in questionnaire.questions),
    )


def _column(questionnaire: Questionnaire, item: Question, language: str) -> Column:
    return Column(
        name=item.id,
        label=questionnaire.text_in(item.text, language),
        type=item.type,
        codes=_codes(questionnaire, item, language),
        disclosure=item.disclosure,
    )


def _codes(questionnaire: Questionnaire, item: Question, language: str) -> tuple[CodeLabel, ...]:
    """List the options as worded, then every missing code that the wording does not cover."""
    shown = {
        option.code: questionnaire.text_in(option.text, language)
        for option in questionnaire.options_of(item)
    }
    prefix = WRITTEN_MISSING if isinstance(item, IntegerItem | TextItem) else ""
    reserved = sorted((*KEYED_MISSING, MissingCode.NOT_ASKED))
    own = [
        CodeLabel(code=code, label=label, missing=False)
        for code, label in shown.items()
        if code not in reserved
    ]
    missing = [
        CodeLabel(
            code=prefix + code.value,
            label=shown.get(code.value) or text_in(MISSING_LABELS[code], language),
            missing=True,
        )
        for code in reserved
    ]
    return (*own, *missing)
