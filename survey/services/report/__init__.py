"""What each audience may see of an index: the only place that decides it.

A reader of class (a) to (d) gets a report in which what is not theirs does not exist; pages and
files draw the report they are given and never reach behind it for the document.
"""

from stats.disclosure import Content, ReleaseClass
from survey.errors import NotFoundError
from survey.language import translations
from survey.rules.index_document import IndexDocument
from survey.rules.report import IndexReport
from survey.services.report.certainty import certainty_table, shows_certainty, strips_of
from survey.services.report.chart import chart_of
from survey.services.report.edition import Edition
from survey.services.report.notes import note_lines, provenance_lines
from survey.services.report.tables import (
    criteria_table,
    items_table,
    responses_table,
    strata_table,
)
from survey.services.report.units import units_table

__all__ = ["index_report", "release_label"]


def index_report(
    document: IndexDocument, release: ReleaseClass, language: str, *, unit: str | None = None
) -> IndexReport:
    """Prepare what an audience may see.

    Parameters
    ----------
    document : IndexDocument
    release : ReleaseClass
        (a) public: totals to 0.1, ranks, response rates of unit groups. (b) unit: official totals,
        points of criteria with at least three items, the unit's response rate. (c) council:
        intervals, bands where the round shows them, and how sure ranks and bands are.
        (d) statistician: everything.
    language : {"vi", "en"}
    unit : str, optional
        Code of the one unit whose row is wanted, for a page handed to that unit.

    Returns
    -------
    IndexReport

    Raises
    ------
    NotFoundError
        ``unit`` is the code of no unit of the index.
    """
    edition = Edition.of(document, release, language)
    _ = edition.gettext
    surveyed = [
        group
        for group in document.unit_groups
        if group.units and (unit is None or unit in {each.code for each in group.units})
    ]
    if not surveyed and unit is not None:
        raise NotFoundError(what="unit", key=unit)
    tables = []
    for group in surveyed:
        tables.append(units_table(edition, group, unit))
        if shows_certainty(edition, group):
            tables.append(certainty_table(edition, group, unit))
    tables.append(responses_table(edition, surveyed))
    if edition.sees(Content.CRITERION_POINTS):
        tables.append(criteria_table(edition))
    if edition.sees(Content.GROUP):
        tables.append(strata_table(edition, surveyed))
    if edition.sees(Content.ITEM):
        tables.append(items_table(edition, surveyed))
    charts = [chart_of(edition, group) for group in surveyed] if unit is None else []
    strips = [strips_of(edition, group) for group in surveyed] if unit is None else []
    return IndexReport(
        title=edition.labelled(document.title.in_language(language)),
        subtitle=f"{document.province[:1].upper()}{document.province[1:]}, {document.year}",
        simulated=_("SIMULATED DATA") if document.provenance.simulated else None,
        release=release,
        release_label=release_label(release, language),
        language=language,
        tables=tuple(tables),
        charts=tuple(chart for chart in charts if chart.units),
        notes_title=_("Notes"),
        notes=tuple(note_lines(edition)),
        provenance=tuple(provenance_lines(edition)),
        strips=tuple(each for each in strips if each is not None),
    )


def release_label(release: ReleaseClass, language: str) -> str:
    """Name the audience of an edition.

    Parameters
    ----------
    release : ReleaseClass
    language : {"vi", "en"}

    Returns
    -------
    str
    """
    _ = translations(language).gettext
    return {
        ReleaseClass.PUBLIC: _("For the public"),
        ReleaseClass.UNIT: _("For the unit concerned"),
        ReleaseClass.COUNCIL: _("For the appraisal council"),
        ReleaseClass.STATISTICIAN: _("For the statistician only"),
    }[release]
