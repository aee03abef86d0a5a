"""Marks: why a cell holds no number, in the reader's words."""

from collections.abc import Iterable

from survey.rules.report import Cell, Mark, MarkText
from survey.services.report.edition import Edition

__all__ = ["marks_in"]


def marks_in(edition: Edition, rows: Iterable[tuple[Cell, ...]]) -> dict[Mark, MarkText]:
    """Explain the marks that stand in ``rows``."""
    _ = edition.gettext
    minimum = edition.document.provenance.scoring.minimum_answers
    texts = {
        Mark.WITHHELD: MarkText(
            sign=_("[few]"),
            meaning=_("fewer than %(minimum)s valid answers: not scored, not ranked")
            % {"minimum": minimum},
        ),
        Mark.NOT_APPLICABLE: MarkText(
            sign=_("[n/a]"), meaning=_("the criterion does not apply to the unit")
        ),
        Mark.NOBODY_ASKED: MarkText(
            sign=_("[none]"), meaning=_("no valid answer to these questions")
        ),
        Mark.NO_INTERVAL: MarkText(
            sign=_("[no]"), meaning=_("does not qualify for a sampling error")
        ),
        Mark.NOT_DEFINED: MarkText(sign="[–]", meaning=_("not defined")),
    }
    found = {cell for row in rows for cell in row if isinstance(cell, Mark)}
    return {mark: texts[mark] for mark in Mark if mark in found}
