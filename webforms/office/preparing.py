"""Before a round opens: overview, register of units, sample plan.

Everything here can be done again until the round opens; a new register drops the plan.
"""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from sampling import Difference
from survey.errors import NotFoundError, NotReadyError, RefusedInputError
from survey.records.rounds import Round
from survey.rules.permissions import Permission
from survey.rules.plan_table import PlanTable
from survey.services import alternatives, analyse, export, rounds, staff_lists
from survey.services import plan as plans
from survey.services import register as registers
from survey.services.register_view import registered_units
from webforms.access import current_account, needs
from webforms.clock import now
from webforms.db import reading, transaction
from webforms.files import DOCX, XLSX, download
from webforms.office.counts import registered
from webforms.office.desk import RoundHead, blueprint, page
from webforms.office.forms import DrawForm, RedrawForm, RegisterForm, StaffListsForm
from webforms.office.steps import Progress, steps
from webforms.problems import fault_message


@blueprint.get("/")
@needs(Permission.WATCH_PROGRESS)
def overviews() -> Response:
    """List the rounds."""
    with reading() as session:
        heads = [RoundHead.of(round_) for round_ in rounds.rounds(session)]
    return Response(render_template("office/rounds.html", heads=heads), mimetype="text/html")


@blueprint.get("/<code>/")
@needs(Permission.WATCH_PROGRESS)
def overview(code: str) -> Response:
    """Show the steps of a round, and which of them is next."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, progress = RoundHead.of(round_), _progress(session, round_)
    return page("overview.html", head, steps=steps(head, progress))


def _progress(session: Session, round_: Round) -> Progress:
    frame = plans.frame_of(session, round_)
    return Progress(
        has_units=bool(frame.strata or frame.uncounted),
        has_plan=_table(session, round_) is not None,
        has_index=analyse.latest_snapshot(session, round_) is not None,
    )


def _table(session: Session, round_: Round) -> PlanTable | None:
    try:
        return plans.plan_table(session, round_)
    except NotReadyError:
        return None


@blueprint.get("/<code>/don-vi")
@needs(Permission.RUN_ROUND)
def register(code: str) -> Response:
    """Ask for the register of units."""
    return _register_page(code, RegisterForm())


@blueprint.post("/<code>/don-vi")
@needs(Permission.RUN_ROUND)
def import_register(code: str) -> Response:
    """Import the register: all of it, or nothing and every fault."""
    form = RegisterForm()
    if not form.validate_on_submit():
        return _register_page(code, form, status=400)
    try:
        count = _import(code, *form.tables())
    except RefusedInputError as refusal:
        return _register_page(code, form, faults=refusal.faults, status=400)
    flash(_("Units imported: %(count)s.", count=count), "success")
    return redirect(url_for("office.register", code=code), 303)


def _import(
    code: str, units: registers.UploadedTable, staff: registers.UploadedTable | None
) -> int:
    """Parse outside the transaction: a large file must not keep the database waiting."""
    with reading() as session:
        document = rounds.find_round(session, code).declared
    parsed = registers.parse_register(units=units, staff=staff, document=document)
    with transaction() as session:
        return registers.import_register(
            session,
            rounds.find_round(session, code),
            parsed,
            actor=current_account().username,
            now=now(),
        )


@blueprint.post("/<code>/don-vi/danh-sach")
@needs(Permission.RUN_ROUND)
def import_staff(code: str) -> Response:
    """Import staff lists that units returned: all of them, or nothing and every fault."""
    form, other = StaffListsForm(), RegisterForm(formdata=None)
    if not form.validate_on_submit():
        return _register_page(code, other, lists=form, status=400)
    tables = staff_lists.read_staff_files(form.tables())
    try:
        with transaction() as session:
            round_, actor = rounds.find_round(session, code), current_account().username
            done = staff_lists.import_staff(session, round_, tables, actor=actor, now=now())
    except RefusedInputError as refusal:
        return _register_page(code, other, lists=form, faults=refusal.faults, status=400)
    values = {"people": done.people, "units": len(done.units)}
    flash(_("Staff lists imported: %(people)s people of %(units)s units.", **values), "success")
    if done.dropped_plan:
        flash(_("The plan was dropped: draw the sample again."), "warning")
    return redirect(url_for("office.register", code=code), 303)


def _register_page(
    code: str,
    form: RegisterForm,
    *,
    lists: StaffListsForm | None = None,
    faults: Sequence[object] = (),
    status: int = 200,
) -> Response:
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, units = RoundHead.of(round_), registered_units(session, round_)
    return page(
        "register.html",
        head,
        status=status,
        form=form,
        lists=lists or StaffListsForm(formdata=None),
        faults=[(fault, fault_message(fault)) for fault in faults],
        units=registered(units, head.unit_group_codes),
    )


@blueprint.get("/<code>/don-vi/mau.xlsx")
@needs(Permission.RUN_ROUND)
def register_template(code: str) -> Response:
    """Hand over an empty register with the right columns."""
    with reading() as session:
        document = rounds.find_round(session, code).declared
    return download(registers.template_xlsx(document), name=f"{code}-don-vi.xlsx", kind=XLSX)


@blueprint.get("/<code>/ke-hoach")
@needs(Permission.RUN_ROUND)
def plan(code: str) -> Response:
    """Show the plan, or ask for the seed of the draw."""
    return _plan_page(code, DrawForm())


@blueprint.post("/<code>/ke-hoach")
@needs(Permission.RUN_ROUND)
def draw(code: str) -> Response:
    """Draw the sample; a draw that replaces another asks for the round's code."""
    with reading() as session:
        drawn = _table(session, rounds.find_round(session, code)) is not None
    form = RedrawForm(code) if drawn else DrawForm()
    if not form.validate_on_submit():
        return _plan_page(code, form, status=400)
    try:
        with transaction() as session:
            round_ = rounds.find_round(session, code)
            actor = current_account().username
            plans.draw_plan(session, round_, seed=form.seed.data, actor=actor, now=now())
    except RefusedInputError as refusal:
        return _plan_page(code, form, faults=refusal.faults, status=400)
    flash(_("The sample is drawn."), "success")
    return redirect(url_for("office.plan", code=code), 303)


@blueprint.get("/<code>/ke-hoach/kiem-tra")
@needs(Permission.RUN_ROUND)
def verify_plan(code: str) -> Response:
    """Draw again from the seed and say whether that gives the stored plan."""
    with reading() as session:
        difference = plans.verify_plan(session, rounds.find_round(session, code))
    return _plan_page(code, DrawForm(), verified=True, difference=difference)


def _plan_page(
    code: str,
    form: DrawForm,
    *,
    verified: bool = False,
    difference: Difference | None = None,
    faults: Sequence[object] = (),
    status: int = 200,
) -> Response:
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, table = RoundHead.of(round_), _table(session, round_)
        has_units = bool(plans.frame_of(session, round_).strata)
    if table is not None and not isinstance(form, RedrawForm):
        form = RedrawForm(code)
    return page(
        "plan.html",
        head,
        status=status,
        table=table,
        has_units=has_units,
        form=form,
        verified=verified,
        difference=difference,
        faults=[fault_message(fault) for fault in faults],
    )


@blueprint.get("/<code>/ke-hoach.xlsx")
@needs(Permission.RUN_ROUND)
def plan_as_xlsx(code: str) -> Response:
    """Hand over the plan as a workbook."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, table = RoundHead.of(round_), plans.plan_table(session, round_)
        outcomes = alternatives.beside_plan(session, round_)
    content = export.plan_xlsx(table, head.document, outcomes=outcomes, simulated=head.simulated)
    return download(content, name=f"{code}-ke-hoach.xlsx", kind=XLSX)


@blueprint.get("/<code>/ke-hoach.docx")
@needs(Permission.RUN_ROUND)
def plan_as_docx(code: str) -> Response:
    """Hand over the plan as the official document to sign."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, table = RoundHead.of(round_), plans.plan_table(session, round_)
        outcomes = alternatives.beside_plan(session, round_)
    content = export.plan_docx(table, head.document, outcomes=outcomes, simulated=head.simulated)
    return download(content, name=f"{code}-ke-hoach.docx", kind=DOCX)


@blueprint.post("/<code>/xac-nhan/<round_unit_id>")
@needs(Permission.RUN_ROUND)
def certify(code: str, round_unit_id: str) -> Response:
    """Record that a unit certified the drawn positions."""
    with transaction() as session:
        table = plans.plan_table(session, rounds.find_round(session, code))
        units = (unit.round_unit_id for group in table.groups for unit in group.units)
        if round_unit_id not in units:
            raise NotFoundError(what="unit of a round", key=round_unit_id)
        plans.certify(session, round_unit_id, actor=current_account().username, now=now())
    flash(_("The certificate is recorded."), "success")
    return redirect(url_for("office.plan", code=code) + f"#{round_unit_id}", 303)
