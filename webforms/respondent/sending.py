"""Check your answers, send them, receipt.

The page that is sent carries the answers and a random id, so that pressing twice, or again after a
lost connection, gives the same receipt instead of a second form or a false error. Only a commit
leads to the receipt page.
"""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from questionnaires import (
    Answers,
    AnswersError,
    Door,
    Problem,
    ProblemCode,
    Severity,
    canonical,
    from_canonical,
    keep_in_play,
)
from questionnaires import check as check_answers
from survey.errors import InvitationUsedError, NotAllowedNowError, RefusedInputError
from survey.rules.drafts import DraftContent, new_draft
from survey.services import collect, rounds
from webforms import limits
from webforms.access import public
from webforms.clock import now
from webforms.db import reading, transaction
from webforms.pages import doubts_in
from webforms.problems import answer_message, fault_message, page
from webforms.respondent import cookies
from webforms.respondent.desk import Desk, blueprint, held, sit_down
from webforms.respondent.views import per_invitation
from webforms.visitor import chosen_language

__all__: list[str] = []


@blueprint.get("/phieu/<round_code>/kiem-tra")
@public
def check(round_code: str) -> ResponseReturnValue:
    """Show all answers before they are sent."""
    with reading() as session:
        desk = sit_down(session, round_code)
    if not desk.begun:
        return redirect(desk.way_on(), 303)
    ended = desk.path.ended
    if ended:
        return redirect(url_for("respondent.ending", round_code=round_code, disposition=ended), 303)
    return _check_page(desk)


@blueprint.post("/phieu/<round_code>/kiem-tra")
@public
@limits.limiter.limit(limits.POSTS, key_func=per_invitation)
def send(round_code: str) -> ResponseReturnValue:
    """Hand the answers in; the same id with the same answers gives the same receipt."""
    try:
        answers = from_canonical(request.form["answers"].encode())
    except AnswersError:
        return page(400)
    try:
        with transaction() as session:
            receipt = _hand_in(session, round_code, answers)
            simulated = rounds.find_round(session, round_code).simulated
    except RefusedInputError as error:
        return _refused(round_code, error)
    if receipt is None:
        return redirect(url_for("respondent.intro", round_code=round_code), 303)
    response = make_response(redirect(url_for("respondent.sent", round_code=round_code), 303))
    cookies.forget_device(response, held(round_code).token)
    cookies.give_receipt(response, round_code, receipt.code, simulated=simulated)
    return response


def _hand_in(session: Session, round_code: str, answers: Answers) -> collect.Receipt | None:
    """Submit; None where this browser has begun nothing, so there is nothing it could send."""
    draft = _begun(session, round_code)
    if draft is None:
        return None
    return collect.submit(
        session,
        round_code=round_code,
        token=held(round_code).token,
        submission_id=request.form["submission_id"],
        answers=answers,
        started=draft.started,
        order_seed=draft.order_seed,
        now=now(),
    )


def _begun(session: Session, round_code: str) -> DraftContent | None:
    """Return the draft; when sent before, any: `submit` compares the answers only."""
    try:
        desk = sit_down(session, round_code)
    except (InvitationUsedError, NotAllowedNowError):
        return new_draft(now())
    return desk.draft if desk.begun else None


def _refused(round_code: str, error: RefusedInputError) -> ResponseReturnValue:
    """Show the answers again, with what keeps them from being stored."""
    with reading() as session:
        desk = sit_down(session, round_code)
    if not desk.begun or not all(isinstance(fault, Problem) for fault in error.faults):
        return page(400, faults=[fault_message(fault) for fault in error.faults])
    return _check_page(desk), 400


def _check_page(desk: Desk) -> str:
    questionnaire, facts = desk.questionnaire, desk.visit.facts
    answers = keep_in_play(questionnaire, desk.answers, facts)
    found = check_answers(questionnaire, answers, facts, door=Door.WEB, language=chosen_language())
    hard = {
        item.place: answer_message(questionnaire, item)
        for item in found
        if item.severity is Severity.HARD
    }
    return render_template(
        "respondent/check.html",
        desk=desk,
        answers=answers,
        problems=hard,
        document=canonical(questionnaire, answers).decode(),
        submission_id=desk.draft.submission_id if desk.draft else "",
        unanswered=sum(problem.code is ProblemCode.UNANSWERED for problem in found),
        doubts={item.place: answer_message(questionnaire, item) for item in doubts_in(found)},
    )


@blueprint.get("/phieu/<round_code>/da-gui")
@public
def sent(round_code: str) -> ResponseReturnValue:
    """Show the receipt; it needs no database, so it comes whatever happens after the commit."""
    receipt = cookies.receipt()
    if receipt is None:
        return redirect(url_for("respondent.intro", round_code=round_code), 303)
    code, simulated = receipt
    return render_template("respondent/sent.html", code=code, simulated=simulated)
