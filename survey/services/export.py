"""Files of a round, from values that were decided elsewhere.

The heavy drawing libraries are imported with this module, so it is imported by those who hand out
files and by nobody on the way to a first page.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from survey.documents.index_xlsx import index_workbook
from survey.documents.plan_docx import plan_document
from survey.documents.plan_reserves_docx import reserves_document
from survey.documents.plan_xlsx import plan_workbook
from survey.rules.alternatives import Outcome
from survey.rules.plan_reserves import ReplannedUnit
from survey.rules.plan_table import PlanTable
from survey.rules.report import Cell, IndexReport, Mark, ReportTable
from survey.rules.round_document import RoundDocument

__all__ = ["index_json", "index_xlsx", "plan_docx", "plan_xlsx", "reserves_docx"]


def index_xlsx(report: IndexReport) -> bytes:
    """Draw a report as a workbook.

    Parameters
    ----------
    report : IndexReport
        What its audience may see; nothing else gets into the file.

    Returns
    -------
    bytes
        XLSX.
    """
    return index_workbook(report)


def index_json(report: IndexReport) -> str:
    """Write a report as JSON, decimals as strings.

    Parameters
    ----------
    report : IndexReport

    Returns
    -------
    str
        One object: titles, notes, provenance, and ``tables`` with columns and rows. A cell without
        a number is ``{"mark": "withheld"}``, explained under the table's ``marks``.
    """
    content = {
        "schema": "khaosat.index-report/1",
        "title": report.title,
        "subtitle": report.subtitle,
        "simulated": report.simulated is not None,
        "release": str(report.release),
        "release_label": report.release_label,
        "language": report.language,
        "tables": [_table(table) for table in report.tables],
        "notes": list(report.notes),
        "provenance": dict(report.provenance),
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def plan_xlsx(
    table: PlanTable,
    document: RoundDocument,
    *,
    outcomes: Sequence[Outcome] = (),
    simulated: bool = False,
) -> bytes:
    """Draw the sample plan as a workbook; ``outcomes`` are other ways to share its forms."""
    return plan_workbook(table, document, outcomes=outcomes, simulated=simulated)


def plan_docx(
    table: PlanTable,
    document: RoundDocument,
    *,
    outcomes: Sequence[Outcome] = (),
    simulated: bool = False,
    day: date | None = None,
) -> bytes:
    """Draw the sample plan as an official document; ``day`` is the date of signing."""
    return plan_document(table, document, outcomes=outcomes, simulated=simulated, day=day)


def reserves_docx(
    units: Sequence[ReplannedUnit],
    document: RoundDocument,
    *,
    contacts: int,
    counted_at: datetime,
    simulated: bool = False,
) -> bytes:
    """Draw the proposal to invite reserves as a document to sign and file."""
    return reserves_document(
        units, document, contacts=contacts, counted_at=counted_at, simulated=simulated
    )


def _table(table: ReportTable) -> dict[str, Any]:
    return {
        "key": table.key,
        "title": table.title,
        "columns": [
            {"key": column.key, "label": column.label, "kind": str(column.kind)}
            for column in table.columns
        ],
        "rows": [
            {column.key: _plain(cell) for column, cell in zip(table.columns, cells, strict=True)}
            for cells in table.rows
        ],
        "notes": list(table.notes),
        "marks": {str(mark): text.meaning for mark, text in table.marks.items()},
    }


def _plain(cell: Cell) -> str | int | dict[str, str]:
    if isinstance(cell, Mark):
        return {"mark": str(cell)}
    return str(cell) if isinstance(cell, Decimal) else cell
