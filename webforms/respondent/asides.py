"""Beside the way: another device, ending without answers, language, notices."""

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from questionnaires import Disposition
from survey.errors import DraftLockedError, InvitationUsedError, RefusedInputError
from survey.language import LANGUAGES
from survey.rules.invitations import device_code, device_from_code
from survey.services import collect
from webforms import limits
from webforms.access import public
from webforms.addresses import local_path
from webforms.db import reading, transaction
from webforms.problems import fault_message
from webforms.respondent import cookies
from webforms.respondent.desk import blueprint, held, sit_down
from webforms.respondent.views import per_invitation
from webforms.visitor import chosen_language, remember_language

__all__: list[str] = []


@blueprint.get("/phieu/<round_code>/tiep-tuc")
@public
def resume(round_code: str) -> ResponseReturnValue:
    """Show the code for another device, or ask for it where another device holds the draft."""
    try:
        with reading() as session:
            desk = sit_down(session, round_code)
    except DraftLockedError:
        return _code_page(round_code, ())
    if not desk.begun:
        return redirect(desk.way_on(), 303)
    return render_template("respondent/pause.html", desk=desk, code=device_code(desk.holder.device))


def _refused(response: Response) -> bool:
    return response.status_code == 400


@blueprint.post("/phieu/<round_code>/tiep-tuc")
@public
@limits.limiter.limit(limits.WRONG_CODES, key_func=per_invitation, deduct_when=_refused)
def take_up(round_code: str) -> ResponseReturnValue:
    """Take the draft over with the code, or throw it away and start again."""
    if request.form.get("start_over"):
        return _start_over(round_code)
    holder = held(round_code)
    try:
        device = device_from_code(request.form.get("code", ""))
        with reading() as session:
            visit = collect.open_visit(session, round_code=round_code, token=holder.token)
            collect.load_draft(session, visit, token=holder.token, device=device)
    except RefusedInputError as error:
        return _code_page(round_code, [fault_message(fault) for fault in error.faults]), 400
    except DraftLockedError:
        return _code_page(round_code, [_("This code does not belong to this invitation.")]), 400
    response = make_response(redirect(url_for("respondent.intro", round_code=round_code), 303))
    cookies.give_device(response, holder.token, device)
    return response


def _start_over(round_code: str) -> ResponseReturnValue:
    holder = held(round_code)
    with transaction() as session:
        visit = collect.open_visit(session, round_code=round_code, token=holder.token)
        collect.discard_draft(session, visit)
    return redirect(url_for("respondent.intro", round_code=round_code), 303)


def _code_page(round_code: str, faults: list[str] | tuple[()]) -> str:
    holder = held(round_code)
    with reading() as session:
        visit = collect.open_visit(session, round_code=round_code, token=holder.token)
    return render_template("respondent/code.html", visit=visit, holder=holder, faults=faults)


@blueprint.get("/phieu/<round_code>/ket-thuc/<disposition>")
@public
def ending(round_code: str, disposition: str) -> ResponseReturnValue:
    """Say what ending here means, and ask for a yes."""
    kind = _disposition(disposition)
    with reading() as session:
        desk = sit_down(session, round_code)
    if not desk.may_end(kind):
        return redirect(desk.way_on(), 303)
    return render_template("respondent/ending.html", desk=desk, disposition=kind)


@blueprint.post("/phieu/<round_code>/ket-thuc/<disposition>")
@public
@limits.limiter.limit(limits.POSTS, key_func=per_invitation)
def end(round_code: str, disposition: str) -> ResponseReturnValue:
    """End without answers; the draft goes with it. Pressed twice it is the same end."""
    kind = _disposition(disposition)
    with transaction() as session:
        try:
            if not sit_down(session, round_code).may_end(kind):
                raise NotFound
        except InvitationUsedError:
            pass  # the service says whether it ended in this way
        token = held(round_code).token
        collect.end_without_answers(session, round_code=round_code, token=token, disposition=kind)
    thanks = url_for("respondent.ended", round_code=round_code, disposition=disposition)
    response = make_response(redirect(thanks, 303))
    cookies.forget_device(response, token)
    return response


@blueprint.get("/phieu/<round_code>/ket-thuc/<disposition>/cam-on")
@public
def ended(round_code: str, disposition: str) -> ResponseReturnValue:
    """Thank; nothing is looked up any more."""
    del round_code
    return render_template("respondent/ended.html", disposition=_disposition(disposition))


def _disposition(text: str) -> Disposition:
    if text not in set(Disposition):
        raise NotFound
    return Disposition(text)


@blueprint.get("/ngon-ngu/<language>")
@public
def choose_language(language: str) -> ResponseReturnValue:
    """Remember the language and go back to the page, if it is one of ours that can be opened."""
    if language not in LANGUAGES:
        raise NotFound
    wanted = local_path(request.args.get("next"))
    exists = current_app.url_map.bind("").test(wanted.partition("?")[0], method="GET")
    response = make_response(redirect(wanted if exists else "/", 303))
    return remember_language(response, language)


@blueprint.get("/quyen-rieng-tu")
@public
def privacy() -> ResponseReturnValue:
    """Show the privacy notice."""
    return render_template(f"respondent/privacy.{chosen_language()}.html")


@blueprint.get("/tro-nang")
@public
def accessibility() -> ResponseReturnValue:
    """Show the accessibility statement."""
    return render_template(f"respondent/accessibility.{chosen_language()}.html")
