"""The demonstration's report: the files it leaves and the table it prints."""

from pathlib import Path

from rich.table import Table

from stats.disclosure import ReleaseClass
from survey.documents.destruction_docx import destruction_document
from survey.documents.index_chart import dot_interval_chart, dot_interval_png
from survey.documents.strips_chart import band_strips_chart, band_strips_png
from survey.records.store import Store
from survey.rules.index_document import IndexDocument
from survey.rules.keys import DestructionRecord
from survey.rules.report import ReportChart
from survey.services import alternatives, analyse, export, plan, report, rounds


def write_report(store: Store, code: str, folder: Path, destroyed: DestructionRecord) -> None:
    """Write plan, index, charts and the record of the key's destruction into ``folder``."""
    with store.read() as session:
        found = rounds.find_round(session, code)
        declared = found.declared
        table = plan.plan_table(session, found)
        outcomes = alternatives.beside_plan(session, found)
    for ending, writer in (("xlsx", export.plan_xlsx), ("docx", export.plan_docx)):
        content = writer(table, declared, outcomes=outcomes, simulated=True)
        (folder / f"ke-hoach.{ending}").write_bytes(content)
    (folder / "bien-ban-huy-khoa.docx").write_bytes(
        destruction_document(destroyed, declared, simulated=True)
    )
    document = _document(store, code)
    for release in (ReleaseClass.PUBLIC, ReleaseClass.COUNCIL):
        shown = report.index_report(document, release, "vi")
        stem = folder / f"chi-so-{release.value}"
        stem.with_suffix(".xlsx").write_bytes(export.index_xlsx(shown))
        stem.with_suffix(".json").write_text(export.index_json(shown), encoding="utf-8")
    for chart in shown.charts:
        stem = folder / f"bieu-do-{chart.unit_group}"
        stem.with_suffix(".svg").write_bytes(dot_interval_chart(shown, chart.unit_group))
        stem.with_suffix(".png").write_bytes(dot_interval_png(shown, chart.unit_group))
    for strips in shown.strips:
        stem = folder / f"kha-nang-{strips.unit_group}"
        stem.with_suffix(".svg").write_bytes(band_strips_chart(shown, strips.unit_group))
        stem.with_suffix(".png").write_bytes(band_strips_png(shown, strips.unit_group))


def index_tables(store: Store, code: str) -> list[Table]:
    """Return the council's edition of the index as one table a unit group, for the terminal."""
    shown = report.index_report(_document(store, code), ReleaseClass.COUNCIL, "vi")
    return [_drawn(chart) for chart in shown.charts]


def _document(store: Store, code: str) -> IndexDocument:
    with store.read() as session:
        return analyse.stored_index(session, rounds.find_round(session, code))


def _drawn(chart: ReportChart) -> Table:
    table = Table("#", "unit", title=chart.title, caption=_caption(chart), title_justify="left")
    table.add_column(chart.axis, justify="right")
    table.add_column("95 %", justify="center")
    for unit in chart.units:
        ends = "–" if unit.low is None else f"{unit.low} … {unit.high}"
        table.add_row(str(unit.rank), unit.name, str(unit.value), ends)
    return table


def _caption(chart: ReportChart) -> str:
    lines = []
    if any(unit.without_interval for unit in chart.units):
        lines.append("–  no interval: people picked by hand, or drawn places not certified")
    if chart.withheld:
        lines.append(f"{chart.withheld_title} {'; '.join(chart.withheld)}")
    return "\n".join(lines)
