"""The beginning of collection and the view on it: keys, opening, the response monitor.

The sheets with the key are made for one download and kept nowhere.
"""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from survey.documents.recovery_pdf import recovery_sheets
from survey.errors import WrongKeyError
from survey.rules.permissions import Permission
from survey.services import keys as key_service
from survey.services import rounds, watch
from webforms.access import current_account, needs
from webforms.clock import now
from webforms.db import reading, transaction
from webforms.files import PDF, download
from webforms.office.counts import monitor
from webforms.office.desk import RoundHead, blueprint, page, round_head
from webforms.office.forms import ConfirmForm, KeyTextForm
from webforms.problems import message


@blueprint.get("/<code>/khoa")
@needs(Permission.RUN_ROUND)
def keys(code: str) -> Response:
    """Show how far the keys are: made, printed, read back."""
    return _keys_page(code, ConfirmForm(code), KeyTextForm())


@blueprint.post("/<code>/khoa")
@needs(Permission.RUN_ROUND)
def make_keys(code: str) -> Response:
    """Make the key pair and hand over the two recovery sheets, once."""
    form = ConfirmForm(code)
    if not form.validate_on_submit():
        return _keys_page(code, form, KeyTextForm(), status=400)
    moment = now()
    with transaction() as session:
        round_ = rounds.find_round(session, code)
        pair = key_service.make_keys(session, round_, actor=current_account().username, now=moment)
        sheets = recovery_sheets(round_.declared, pair, made_at=moment, simulated=round_.simulated)
    return download(sheets, name=f"{code}-khoa.pdf", kind=PDF)


@blueprint.post("/<code>/khoa/doc-lai")
@needs(Permission.RUN_ROUND)
def check_sheet(code: str) -> Response:
    """Read a recovery sheet back: it must open the canary ballot."""
    form = KeyTextForm()
    if not form.validate_on_submit():
        return _keys_page(code, ConfirmForm(code), form, status=400)
    try:
        with transaction() as session:
            round_ = rounds.find_round(session, code)
            number = key_service.check_sheet(
                session, round_, text=form.key.data, actor=current_account().username, now=now()
            )
    except WrongKeyError as refusal:
        form.refuse(form.key, [message(refusal)])
        return _keys_page(code, ConfirmForm(code), form, status=400)
    flash(_("Sheet %(number)s is sound: it opens this round's ballots.", number=number), "success")
    return redirect(url_for("office.keys", code=code), 303)


def _keys_page(code: str, make: ConfirmForm, check: KeyTextForm, *, status: int = 200) -> Response:
    with reading() as session:
        head = round_head(session, code)
    return page("keys.html", head, status=status, make=make, check=check)


@blueprint.get("/<code>/mo")
@needs(Permission.RUN_ROUND)
def opening(code: str) -> Response:
    """Show what is missing before the round can open."""
    return _opening_page(code, ConfirmForm(code))


@blueprint.post("/<code>/mo")
@needs(Permission.RUN_ROUND)
def open_round(code: str) -> Response:
    """Open the round."""
    form = ConfirmForm(code)
    if not form.validate_on_submit():
        return _opening_page(code, form, status=400)
    with transaction() as session:
        round_ = rounds.find_round(session, code)
        key_service.open_round(session, round_, actor=current_account().username, now=now())
    flash(_("The round is open."), "success")
    return redirect(url_for("office.invitations", code=code), 303)


def _opening_page(code: str, form: ConfirmForm, *, status: int = 200) -> Response:
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head = RoundHead.of(round_)
        missing = key_service.missing_before_opening(session, round_)
    return page("opening.html", head, status=status, missing=missing, form=form)


@blueprint.get("/<code>/theo-doi")
@needs(Permission.WATCH_PROGRESS)
def responses(code: str) -> Response:
    """Show how many have answered, by unit and group."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, progress = RoundHead.of(round_), watch.progress(session, round_)
    return page("responses.html", head, groups=monitor(progress, head.unit_group_codes))
