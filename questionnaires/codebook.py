"""Questionnaire to columns: what each column of a table of answers means.

A question that takes several answers stays one column of codes here; whoever writes a file format
without lists splits it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from questionnaires.choices import KEYED_MISSING, MISSING_LABELS, Disposition, MissingCode, Option
from questionnaires.expressions import to_text
from questionnaires.questionnaire import WRITTEN_MISSING, Questionnaire
from questionnaires.questions import (
    CalculationItem,
    Disclosure,
    IntegerItem,
    MultiItem,
    Question,
    TextItem,
    WrittenItem,
)
from questionnaires.texts import Text, language_in, text_in
from questionnaires.tree import Block, Criterion, Factor

__all__ = ["CodeLabel", "Codebook", "Column", "asked_if", "codebook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLabel:
    """One code of a column, in words; ``missing`` codes are no answers.

    ``ends`` tells how choosing it ends the questionnaire; it is offered from ``valid_from`` to
    ``valid_until``. ``language`` is that of the label.
    """

    code: str
    label: str
    missing: bool
    ends: Disposition | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: ``type`` is the kind of its item, such as single, decimal or calculation.

    ``label`` is the short label, or the question where none is written; ``question`` is always the
    whole wording, after its grid's ``stem``. ``universe`` says in words who is asked and
    ``condition`` as an expression, its section's included; ``value`` is the expression of a
    calculation. ``unit`` is what a number counts, ``places`` how many decimals it has, ``lowest``
    and ``highest`` bound it; ``most`` is how many choices or characters an answer may have.
    ``factors`` are pairs of a block and a factor. With ``is_per_unit`` it is asked once for each
    rated unit. ``languages`` tells the language of each text by its field, which is the document's
    own where a translation is missing. Empty and None where there is nothing to say.
    """

    name: str
    label: str
    type: str
    codes: tuple[CodeLabel, ...]
    disclosure: Disclosure
    question: str
    universe: str
    unit: str
    places: int | None
    number: str = ""
    stem: str = ""
    hint: str = ""
    section: str = ""
    condition: str = ""
    value: str = ""
    lowest: str = ""
    highest: str = ""
    most: int | None = None
    factors: tuple[tuple[str, str], ...] = ()
    criterion: str = ""
    points: Decimal | None = None
    is_per_unit: bool = False
    languages: Mapping[str, str] = field(default_factory=dict, hash=False)

    def language_of(self, name: str) -> str:
        """Tell which language the text of a field is in, "" where it has none."""
        return self.languages.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """The columns of a questionnaire's answers, with the version they were given under."""

    questionnaire: str
    version: str
    fingerprint: str
    language: str
    columns: tuple[Column, ...]
    title: str = ""
    title_language: str = ""


def codebook(questionnaire: Questionnaire, language: str) -> Codebook:
    """Describe the table of answers.

    Parameters
    ----------
    questionnaire : Questionnaire
    language : tag of the labels' language; the document's own is used where a label lacks it

    Returns
    -------
    Codebook
        One column per question that takes an answer, in order, then one per calculation.
    """
    writer = _Writer(
        questionnaire=questionnaire,
        language=language,
        factors=_factors(questionnaire),
        criteria={part.item: each for each in questionnaire.criteria for part in each.items},
    )
    columns = (*questionnaire.questions, *questionnaire.calculations)
    return Codebook(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        fingerprint=questionnaire.version_fingerprint,
        language=language,
        title=writer.said(questionnaire.title),
        title_language=writer.spoken(questionnaire.title),
        columns=tuple(writer.column(item) for item in columns),
    )


def asked_if(questionnaire: Questionnaire, item_id: str) -> str:
    """Write the condition of an item joined with that of its section.

    Parameters
    ----------
    questionnaire : Questionnaire
    item_id : str

    Returns
    -------
    str
        In one layout whatever the document's; empty where the item is always asked.
    """
    section = questionnaire.section_of.get(item_id)
    places = (item_id,) if section is None else (f"§{section.id}", item_id)
    trees = [questionnaire.conditions.get(place) for place in places]
    texts = [to_text(tree) for tree in trees if tree is not None]
    return texts[0] if len(texts) == 1 else " and ".join(f"({text})" for text in texts)


def _factors(questionnaire: Questionnaire) -> Mapping[str, tuple[tuple[Block, Factor], ...]]:
    """List block and factor by item; a grid stands for its rows."""
    found: dict[str, tuple[tuple[Block, Factor], ...]] = {}
    for block in questionnaire.blocks:
        for factor in block.factors:
            for name in factor.items:
                for item in questionnaire.grid_rows.get(name, (name,)):
                    found[item] = (*found.get(item, ()), (block, factor))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Describes items, with what is looked up by item already in place."""

    questionnaire: Questionnaire
    language: str
    factors: Mapping[str, tuple[tuple[Block, Factor], ...]]
    criteria: Mapping[str, Criterion]

    def said(self, text: Text | None) -> str:
        return "" if text is None else self.questionnaire.text_in(text, self.language)

    def spoken(self, text: Text) -> str:
        return language_in(text, self.language, self.questionnaire.language)

    def column(self, item: Question | CalculationItem) -> Column:
        section, criterion = self.questionnaire.section_of.get(item.id), self.criteria.get(item.id)
        factors = self.factors.get(item.id, ())
        texts = {
            "label": item.label or item.text,
            "stem": self.questionnaire.stem_of(item.id),
            "question": item.text,
            "hint": item.hint,
            "universe": item.universe,
            "unit": getattr(item, "unit", None),
            "section": None if section is None else section.title,
            "factors": factors[0][1].title if factors else None,
            "criterion": None if criterion is None else criterion.name,
        }
        said = {name: self.said(text) for name, text in texts.items()}
        return Column(
            name=item.id,
            label=said["label"],
            type=item.type,
            codes=self.codes(item),
            disclosure=item.disclosure,
            question=f"{said['stem']} {said['question']}".strip(),
            universe=said["universe"],
            unit=said["unit"],
            places=0 if isinstance(item, IntegerItem) else getattr(item, "places", None),
            number=item.printed_number or "",
            stem=said["stem"],
            hint=said["hint"],
            section=said["section"],
            condition=asked_if(self.questionnaire, item.id),
            value=self.value(item.id),
            lowest=_bound(getattr(item, "min", None)),
            highest=_bound(getattr(item, "max", None)),
            most=_most(item),
            factors=tuple((self.said(block.title), self.said(one.title)) for block, one in factors),
            criterion="" if criterion is None else f"{criterion.code} {said['criterion']}",
            points=self.questionnaire.points.get(item.id),
            is_per_unit=section is not None and section.repeat is not None,
            languages={n: self.spoken(text) for n, text in texts.items() if text is not None},
        )

    def value(self, name: str) -> str:
        tree = self.questionnaire.formulas.get(name)
        return "" if tree is None else to_text(tree)

    def codes(self, item: Question | CalculationItem) -> tuple[CodeLabel, ...]:
        """List the options as worded, then the missing codes that the wording does not cover."""
        if isinstance(item, CalculationItem):
            return ()
        shown = {option.code: option for option in self.questionnaire.options_of(item)}
        prefix = WRITTEN_MISSING if isinstance(item, WrittenItem) else ""
        reserved = sorted((*KEYED_MISSING, MissingCode.NOT_ASKED))
        own = [self.offered(option) for code, option in shown.items() if code not in reserved]
        return (*own, *(self.missing(code, prefix, shown.get(code.value)) for code in reserved))

    def offered(self, option: Option) -> CodeLabel:
        return CodeLabel(
            code=option.code,
            label=self.said(option.text),
            missing=False,
            ends=option.ends,
            valid_from=option.valid_from,
            valid_until=option.valid_until,
            language=self.spoken(option.text),
        )

    def missing(self, code: MissingCode, prefix: str, shown: Option | None) -> CodeLabel:
        if shown is not None:
            return replace(self.offered(shown), missing=True)
        labels = MISSING_LABELS[code]
        return CodeLabel(
            code=prefix + code.value,
            label=text_in(labels, self.language),
            missing=True,
            language=language_in(labels, self.language),
        )


def _bound(value: object) -> str:
    return "" if value is None else str(value)


def _most(item: Question | CalculationItem) -> int | None:
    if isinstance(item, TextItem):
        return item.max_length
    return item.max_choices if isinstance(item, MultiItem) else None
