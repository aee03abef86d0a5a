"""The plan weighed: other ways to share the sample, the plan's own file, reserves after silence.

Nothing here draws; the page of reserves shows counts only and invites no more than the rule allows.
"""

from collections.abc import Sequence

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from survey.errors import RefusedInputError
from survey.rules.alternatives import Rule
from survey.rules.lifecycle import Action
from survey.rules.permissions import Permission
from survey.services import alternatives as allocations
from survey.services import export, plan_file, replan, rounds
from webforms.access import current_account, needs
from webforms.clock import now
from webforms.db import reading, transaction
from webforms.files import DOCX, JSON, download
from webforms.office.desk import RoundHead, blueprint, page
from webforms.problems import fault_message

_MOST_CONTACTS = 20
_RULES = {
    Rule.DECLARED: _l("As the round declares"),
    Rule.EQUAL: _l("Equal in every group of every unit"),
    Rule.PROPORTIONAL: _l("In proportion to people"),
    Rule.NEYMAN: _l("Neyman: by people and spread of one half"),
    Rule.POWER: _l("By the square root of people"),
    Rule.SMALL_UNITS: _l("Small units whole, the rest in proportion"),
}


@blueprint.get("/<code>/ke-hoach/phuong-an")
@needs(Permission.RUN_ROUND)
def alternatives(code: str) -> Response:
    """Lay the declared quotas beside other ways to share as many forms."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, found = RoundHead.of(round_), allocations.compared(session, round_)
    return page("alternatives.html", head, found=found, rules=_RULES)


@blueprint.get("/<code>/ke-hoach.json")
@needs(Permission.RUN_ROUND)
def plan_as_json(code: str) -> Response:
    """Hand over the plan as a file that can be drawn again without this database."""
    with reading() as session:
        content = plan_file.plan_json(session, rounds.find_round(session, code)).encode()
    return download(content, name=f"{code}-ke-hoach.json", kind=JSON)


@blueprint.get("/<code>/bo-sung")
@needs(Permission.RUN_ROUND)
def reserves(code: str) -> Response:
    """Show what has come in and which reserves may be invited."""
    return _reserves_page(code)


@blueprint.get("/<code>/bo-sung.docx")
@needs(Permission.RUN_ROUND)
def reserves_as_docx(code: str) -> Response:
    """Hand over the proposal to invite reserves, to be signed and filed."""
    contacts, at = _contacts(), now()
    with reading() as session:
        round_ = rounds.find_round(session, code)
        round_.require(Action.INVITE)
        head = RoundHead.of(round_)
        units = replan.replanned(session, round_, contacts=contacts)
    content = export.reserves_docx(
        units, head.document, contacts=contacts, counted_at=at, simulated=head.simulated
    )
    return download(content, name=f"{code}-du-phong.docx", kind=DOCX)


@blueprint.post("/<code>/bo-sung/<stratum_id>")
@needs(Permission.RUN_ROUND)
def release_by_rule(code: str, stratum_id: str) -> Response:
    """Invite the next reserve of a stratum, if the rule allows one."""
    contacts, actor = _contacts(), current_account().username
    try:
        with transaction() as session:
            replan.release_by_rule(session, stratum_id, contacts=contacts, actor=actor, now=now())
    except RefusedInputError as refusal:
        return _reserves_page(code, faults=refusal.faults, status=400)
    flash(_("The next reserve is invited: print the new link."), "success")
    return redirect(url_for("office.reserves", code=code, lan=contacts), 303)


def _reserves_page(code: str, *, faults: Sequence[object] = (), status: int = 200) -> Response:
    contacts = _contacts()
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head = RoundHead.of(round_)
        units = replan.replanned(session, round_, contacts=contacts) if head.opened_at else []
    return page(
        "reserves.html",
        head,
        status=status,
        units=units,
        contacts=contacts,
        faults=[fault_message(fault) for fault in faults],
    )


def _contacts() -> int:
    """Read how often people were contacted; anything that is no such number counts as never."""
    given = request.values.get("lan", 0, type=int)
    return min(max(given, 0), _MOST_CONTACTS)
