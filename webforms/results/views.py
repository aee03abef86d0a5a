"""The results' requests: the index page, its charts, its files.

What an edition shows is decided by `survey.services.report`; a statistician's look at everything
is written into the audit log, as the only reading of this site that is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from stats.disclosure import ReleaseClass
from survey.documents.index_chart import dot_interval_chart, dot_interval_png
from survey.documents.strips_chart import band_strips_chart, band_strips_png
from survey.errors import NotFoundError
from survey.records.rounds import IndexSnapshot, Round
from survey.rules.index_document import IndexDocument
from survey.rules.lifecycle import Action, RoundState, allows
from survey.rules.permissions import releases
from survey.rules.report import IndexReport
from survey.services import analyse, audit, rounds
from survey.services.export import index_json, index_xlsx
from survey.services.report import index_report, release_label
from webforms.access import current_account, everyone_signed_in
from webforms.clock import now
from webforms.db import reading, transaction
from webforms.files import JSON, XLSX, download
from webforms.results.forms import choose_release, in_order
from webforms.visitor import visitor

blueprint = Blueprint("results", __name__, url_prefix="/ket-qua", template_folder="templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """A round whose index the reader may see."""

    code: str
    title: str
    state: RoundState
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The index at hand, and which edition of it the reader gets."""

    document: IndexDocument
    release: ReleaseClass
    allowed: tuple[ReleaseClass, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edition:
    """The edition at hand, and the others that the reader may choose, with their names."""

    report: IndexReport
    release: ReleaseClass
    choices: Mapping[ReleaseClass, str]
    unit: str | None
    """The one unit whose page this is."""

    units: Mapping[str, str]
    """Units that can be handed a page of their own, by code."""

    @property
    def name(self) -> str:
        """Name of a file that holds this edition."""
        return f"{self.release}-{self.unit}" if self.unit else str(self.release)


@blueprint.get("/")
@everyone_signed_in
def shelves() -> Response:
    """List the rounds whose index the reader may see."""
    role, language = current_account().role, visitor().language
    with reading() as session:
        found = [
            _Shelf(
                code=round_.code,
                title=round_.declared.title.in_language(language),
                state=round_.state,
                simulated=round_.simulated,
            )
            for round_ in rounds.rounds(session)
            if allows(round_.state, Action.SEE_INDEX)
            and releases(role, published=round_.state is RoundState.PUBLISHED)
        ]
    return _html(render_template("results/rounds.html", shelves=found))


@blueprint.get("/<code>/")
@everyone_signed_in
def index(code: str) -> Response:
    """Show the index."""
    edition = _edition(code, "page")
    return _html(render_template("results/index.html", code=code, edition=edition))


@blueprint.get("/<code>/chi-so.xlsx")
@everyone_signed_in
def as_xlsx(code: str) -> Response:
    """Hand over the index as a workbook."""
    edition = _edition(code, "xlsx")
    name = f"{code}-{edition.name}.xlsx"
    return download(index_xlsx(edition.report), name=name, kind=XLSX)


@blueprint.get("/<code>/chi-so.json")
@everyone_signed_in
def as_json(code: str) -> Response:
    """Hand over the index as JSON."""
    edition = _edition(code, "json")
    name = f"{code}-{edition.name}.json"
    return download(index_json(edition.report).encode(), name=name, kind=JSON)


@blueprint.get("/<code>/bieu-do/<unit_group>.svg")
@everyone_signed_in
def chart_svg(code: str, unit_group: str) -> Response:
    """Draw the chart of a unit group."""
    report = _charted(code, unit_group)
    return Response(dot_interval_chart(report, unit_group), mimetype="image/svg+xml")


@blueprint.get("/<code>/bieu-do/<unit_group>.png")
@everyone_signed_in
def chart_png(code: str, unit_group: str) -> Response:
    """Draw the chart of a unit group for a text document."""
    report = _charted(code, unit_group)
    return Response(dot_interval_png(report, unit_group), mimetype="image/png")


@blueprint.get("/<code>/kha-nang/<unit_group>.svg")
@everyone_signed_in
def strips_svg(code: str, unit_group: str) -> Response:
    """Draw the band-probability strips of a unit group."""
    report = _stripped(code, unit_group)
    return Response(band_strips_chart(report, unit_group), mimetype="image/svg+xml")


@blueprint.get("/<code>/kha-nang/<unit_group>.png")
@everyone_signed_in
def strips_png(code: str, unit_group: str) -> Response:
    """Draw the band-probability strips of a unit group for a text document."""
    report = _stripped(code, unit_group)
    return Response(band_strips_png(report, unit_group), mimetype="image/png")


def _edition(code: str, purpose: str) -> _Edition:
    """Prepare the edition asked for; a look at everything is written into the audit log."""
    look = _look(code)
    if look.release is ReleaseClass.STATISTICIAN:
        _record_look(code, purpose)
    unit = request.args.get("don-vi") or None
    report = index_report(look.document, look.release, visitor().language, unit=unit)
    labels = {choice: release_label(choice, visitor().language) for choice in look.allowed}
    return _Edition(
        report=report, release=look.release, choices=labels, unit=unit, units=_units(look)
    )


def _units(look: _Look) -> Mapping[str, str]:
    """Name the units that can be handed a page of their own."""
    if look.release is not ReleaseClass.UNIT:
        return {}
    return {unit.code: unit.name for group in look.document.unit_groups for unit in group.units}


def _look(code: str) -> _Look:
    """Hold the edition asked for against what the reader may see."""
    role, language = current_account().role, visitor().language
    with reading() as session:
        round_ = rounds.find_round(session, code)
        round_.require(Action.SEE_INDEX)
        allowed = releases(role, published=round_.state is RoundState.PUBLISHED)
        release = choose_release(
            request.args.get("ban"),
            allowed,
            role=role,
            name=lambda edition: release_label(edition, language),
        )
        document = analyse.document_of(_latest(session, round_))
    return _Look(document=document, release=release, allowed=tuple(in_order(allowed)))


def _latest(session: Session, round_: Round) -> IndexSnapshot:
    snapshot = analyse.latest_snapshot(session, round_)
    if snapshot is None:
        raise NotFoundError(what="index", key=round_.code)
    return snapshot


def _record_look(code: str, purpose: str) -> None:
    with transaction() as session:
        audit.record(
            session,
            actor=current_account().username,
            action="index.view",
            subject=code,
            detail={"release": str(ReleaseClass.STATISTICIAN), "as": purpose},
            now=now(),
        )


def _charted(code: str, unit_group: str) -> IndexReport:
    report = _drawn(code)
    if report.chart(unit_group) is None:
        raise NotFoundError(what="chart", key=unit_group)
    return report


def _stripped(code: str, unit_group: str) -> IndexReport:
    report = _drawn(code)
    if report.strip(unit_group) is None:
        raise NotFoundError(what="chart", key=unit_group)
    return report


def _drawn(code: str) -> IndexReport:
    """Prepare the edition of a chart: it shows no more to the statistician than to the council."""
    look = _look(code)
    release = min(look.release, ReleaseClass.COUNCIL, key=list(ReleaseClass).index)
    return index_report(look.document, release, visitor().language)


def _html(text: str) -> Response:
    return Response(text, mimetype="text/html")
