"""Invitations and paper: one page for all units, one for each.

Links are made, printed and forgotten in one request. The page of a unit lists who is invited, so
that paper can be given to somebody; what became of an invitation it does not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from survey.documents.invitations_pdf import invitation_sheet
from survey.documents.paper_pdf import paper_forms
from survey.errors import NotFoundError, RefusedInputError
from survey.rules.invitations import IssuedLink
from survey.rules.permissions import Permission
from survey.services import invite, rounds, watch
from webforms.access import current_account, needs
from webforms.clock import now
from webforms.config import settings
from webforms.db import reading, transaction
from webforms.files import PDF, download
from webforms.office.counts import monitor
from webforms.office.desk import RoundHead, blueprint, page
from webforms.office.forms import HandOutForm, IssueForm
from webforms.problems import fault_message


@dataclass(frozen=True, slots=True, kw_only=True)
class _StratumDesk:
    """A respondent group of the unit: its counts, who is invited, who may get paper."""

    counts: watch.StratumProgress
    invited: Sequence[invite.Invited]
    paper: HandOutForm


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnitDesk:
    """A unit and its respondent groups."""

    head: RoundHead
    round_unit_id: str
    code: str
    name: str
    minutes: int
    """Time that the questionnaire takes, as its definition says."""

    strata: Sequence[_StratumDesk]


def _unit_desk(
    session: Session, code: str, round_unit_id: str, paper: Mapping[str, HandOutForm] | None = None
) -> _UnitDesk:
    """Collect what the page of a unit shows; ``paper`` are forms that were refused."""
    round_ = rounds.find_round(session, code)
    strata = [
        _stratum_desk(session, row, (paper or {}).get(row.stratum_id))
        for row in watch.progress(session, round_)
        if row.round_unit_id == round_unit_id
    ]
    if not strata:
        raise NotFoundError(what="unit of a round", key=round_unit_id)
    first = strata[0].counts
    head = RoundHead.of(round_)
    order = [group.code for group in head.document.respondent_groups]
    strata.sort(key=lambda desk: order.index(desk.counts.respondent_group))
    return _UnitDesk(
        head=head,
        round_unit_id=round_unit_id,
        code=first.unit_code,
        name=first.unit_name,
        minutes=rounds.questionnaire_of(session, round_).estimated_minutes,
        strata=strata,
    )


def _stratum_desk(
    session: Session, counts: watch.StratumProgress, paper: HandOutForm | None
) -> _StratumDesk:
    people = invite.invited(session, counts.stratum_id)
    form = paper or HandOutForm([person.slot for person in people])
    return _StratumDesk(counts=counts, invited=people, paper=form)


def _owner(session: Session, code: str, stratum_id: str) -> watch.StratumProgress:
    """Find the stratum in the round of the address."""
    progress = watch.progress(session, rounds.find_round(session, code))
    found = next((row for row in progress if row.stratum_id == stratum_id), None)
    if found is None:
        raise NotFoundError(what="stratum", key=stratum_id)
    return found


def _unit_page(
    code: str, round_unit_id: str, paper: Mapping[str, HandOutForm] | None = None
) -> Response:
    with reading() as session:
        desk = _unit_desk(session, code, round_unit_id, paper)
    return page("unit.html", desk.head, status=400 if paper else 200, desk=desk, form=IssueForm())


@blueprint.get("/<code>/giay-moi")
@needs(Permission.RUN_ROUND)
def invitations(code: str) -> Response:
    """List the units whose invitations can be printed."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, progress = RoundHead.of(round_), watch.progress(session, round_)
    return page("invitations.html", head, groups=monitor(progress, head.unit_group_codes))


@blueprint.get("/<code>/giay-moi/<round_unit_id>")
@needs(Permission.RUN_ROUND)
def unit(code: str, round_unit_id: str) -> Response:
    """Show one unit: its invitations, reserves and paper."""
    return _unit_page(code, round_unit_id)


@blueprint.post("/<code>/giay-moi/<round_unit_id>")
@needs(Permission.RUN_ROUND)
def issue(code: str, round_unit_id: str) -> Response:
    """Make links and hand over the sheet to print; they cannot be shown a second time."""
    with transaction() as session:
        desk = _unit_desk(session, code, round_unit_id)
        links = _links(session, round_unit_id, reissue=IssueForm().reissue.data)
    if not links:
        flash(_("Every open invitation of this unit already has its link."), "warning")
        return redirect(url_for("office.unit", code=code, round_unit_id=round_unit_id), 303)
    sheet = invitation_sheet(
        desk.head.document,
        desk.name,
        links,
        simulated=desk.head.simulated,
        minutes=desk.minutes,
    )
    return download(sheet, name=f"{code}-{desk.code}-giay-moi.pdf", kind=PDF)


def _links(session: Session, round_unit_id: str, *, reissue: bool) -> list[IssuedLink]:
    return invite.issue_links(
        session,
        round_unit_id,
        public_url=settings().public_url,
        reissue=reissue,
        actor=current_account().username,
        now=now(),
    )


@blueprint.post("/<code>/du-phong/<stratum_id>")
@needs(Permission.RUN_ROUND)
def release_reserve(code: str, stratum_id: str) -> Response:
    """Invite the next reserve of a stratum."""
    with transaction() as session:
        invite.release_reserve(session, stratum_id, actor=current_account().username, now=now())
        owner = _owner(session, code, stratum_id)
    flash(_("The next reserve is invited: print the new link."), "success")
    return redirect(url_for("office.unit", code=code, round_unit_id=owner.round_unit_id), 303)


@blueprint.post("/<code>/phieu-giay/<stratum_id>")
@needs(Permission.RUN_ROUND)
def hand_out_paper(code: str, stratum_id: str) -> Response:
    """Withdraw the links of people who get a paper form instead."""
    with reading() as session:
        owner = _owner(session, code, stratum_id)
        form = HandOutForm(row.slot for row in invite.invited(session, stratum_id))
    if not form.validate_on_submit():
        return _unit_page(code, owner.round_unit_id, paper={stratum_id: form})
    actor, slots = current_account().username, form.slots.data
    try:
        with transaction() as session:
            invite.hand_out_paper(session, stratum_id, slots=slots, actor=actor, now=now())
    except RefusedInputError as refusal:
        form.refuse(form.slots, map(fault_message, refusal.faults))
        return _unit_page(code, owner.round_unit_id, paper={stratum_id: form})
    flash(_("The links are withdrawn: hand out one form of the pile for each."), "success")
    return redirect(url_for("office.unit", code=code, round_unit_id=owner.round_unit_id), 303)


@blueprint.post("/<code>/phieu-giay/<stratum_id>/in")
@needs(Permission.RUN_ROUND)
def print_paper(code: str, stratum_id: str) -> Response:
    """Hand over the stratum's whole pile of numbered paper forms, to print once."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        owner = _owner(session, code, stratum_id)
        forms = paper_forms(
            round_.declared,
            rounds.questionnaire_of(session, round_),
            unit_name=owner.unit_name,
            respondent_group=owner.respondent_group,
            serials=invite.paper_serials(session, stratum_id),
            simulated=round_.simulated,
            facts=invite.paper_facts(session, stratum_id),
        )
    name = f"{code}-{owner.unit_code}-{owner.respondent_group}-phieu-giay.pdf"
    return download(forms.pdf, name=name, kind=PDF)
