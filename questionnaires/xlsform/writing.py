"""XLSForm out: a questionnaire as a workbook that pyxform accepts and `read_xlsform` reads back.

Standard columns say as much as XLSForm can; what it cannot say stands in ``khaosat::`` columns and
sheets. Where both say the same, the reader compares them, so neither can be edited alone unseen.
"""

from collections.abc import Iterator

from questionnaires.choices import Option
from questionnaires.questionnaire import Questionnaire
from questionnaires.texts import text_in
from questionnaires.xlsform.layout import (
    BLOCKS,
    CHOICES,
    CRITERIA,
    SETTINGS,
    SURVEY,
    VALUES,
    language_heading,
)
from questionnaires.xlsform.rowsout import SurveyRows, list_names
from questionnaires.xlsform.table import Texts, workbook

__all__ = ["write_xlsform"]

_MIN_CELL = Questionnaire.model_fields["report_min_cell"].default

Row = dict[str, str]


def write_xlsform(questionnaire: Questionnaire) -> bytes:
    """Write a questionnaire as XLSForm.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    bytes
        An XLSX file; `read_xlsform` gives an equal questionnaire with the same fingerprint.

    Raises
    ------
    DefinitionError
        When a text cannot stand in a cell unchanged: control characters, more than 32,767
        characters, or ``${…}`` in a text, which XLSForm software would try to fill in.
    """
    texts = Texts(questionnaire, questionnaire.language)
    names = list_names(questionnaire)
    sheets = {
        SURVEY: list(SurveyRows(questionnaire, texts, names).rows()),
        CHOICES: list(_choices(questionnaire, texts, names)),
        SETTINGS: [_settings(questionnaire, texts)],
        CRITERIA: list(_criteria(questionnaire, texts)),
        VALUES: list(_values(questionnaire)),
        BLOCKS: list(_blocks(questionnaire, texts)),
    }
    return workbook({name: rows for name, rows in sheets.items() if rows})


def _choices(questionnaire: Questionnaire, texts: Texts, names: dict[str, str]) -> Iterator[Row]:
    """Write the options of facts, questions and scales, each list under its name."""
    lists: dict[str, tuple[Option, ...]] = {}
    for fact in questionnaire.facts:
        lists[names[fact.id]] = fact.options
    holders = [questionnaire.consent] if questionnaire.consent is not None else []
    inside = [item for section in questionnaire.sections for item in section.items]
    for item in (*holders, *inside):
        if item.id in names and item.type in {"single", "multi"}:
            lists[names[item.id]] = item.options + item.special
    for name, scale in questionnaire.scales.items():
        lists[names[f"§{name}"]] = scale.options + scale.special
    for name, options in lists.items():
        for option in options:
            yield texts.row(
                {"label": option.text},
                list_name=name,
                name=option.code,
                khaosat__ends=None if option.ends is None else option.ends.value,
                khaosat__valid_from=None if option.valid_from is None else str(option.valid_from),
                khaosat__valid_until=None
                if option.valid_until is None
                else str(option.valid_until),
                khaosat__last="yes" if option.last else None,
            )


def _settings(questionnaire: Questionnaire, texts: Texts) -> Row:
    period, scoring = questionnaire.reference_period, questionnaire.scoring
    title = questionnaire.title
    total, cell = questionnaire.points_total, questionnaire.report_min_cell
    return texts.row(
        {
            "khaosat::title": title if isinstance(title, dict) else None,
            "khaosat::subtitle": questionnaire.subtitle,
            "khaosat::period_label": None if period is None else period.label,
        },
        form_title=text_in(title, questionnaire.language),
        form_id=questionnaire.id,
        version=questionnaire.version,
        default_language=language_heading(questionnaire.language),
        khaosat__languages=" ".join(questionnaire.languages) or None,
        khaosat__estimated_minutes=str(questionnaire.estimated_minutes),
        khaosat__period_from=None if period is None else period.first,
        khaosat__period_to=None if period is None else period.last,
        khaosat__points_total=None if total is None else str(total),
        khaosat__value_map=None if scoring is None else scoring.value_map,
        khaosat__min_answered_share=None if scoring is None else str(scoring.min_answered_share),
        khaosat__report_min_cell=None if cell == _MIN_CELL else str(cell),
    )


def _criteria(questionnaire: Questionnaire, texts: Texts) -> Iterator[Row]:
    for criterion in questionnaire.criteria:
        for n, part in enumerate(criterion.items):
            yield texts.row(
                {"name": None if n else criterion.name},
                code=criterion.code,
                field=None if n else criterion.field,
                max=None if n else str(criterion.max),
                official_code=None if n else criterion.official_code,
                item=part.item,
                points=str(part.points),
            )


def _values(questionnaire: Questionnaire) -> Iterator[Row]:
    for name, values in questionnaire.value_maps.items():
        if not values:
            yield {"map": name}
        for code, value in values.items():
            yield {"map": name, "code": code, "value": str(value)}


def _blocks(questionnaire: Questionnaire, texts: Texts) -> Iterator[Row]:
    for block in questionnaire.blocks:
        for f, factor in enumerate(block.factors):
            for n, item in enumerate(factor.items):
                yield texts.row(
                    {
                        "block_title": None if f or n else block.title,
                        "factor_title": None if n else factor.title,
                    },
                    block=block.id,
                    aspect=None if f or n else block.aspect.value,
                    factor=factor.id,
                    item=item,
                )
