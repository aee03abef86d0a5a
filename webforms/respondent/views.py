"""From the link to the last section.

Opening a link changes nothing in the database: mail scanners open links too. The answers of a page
are stored on every way off it, forwards, backwards or to another language.
"""

from collections.abc import Iterable
from dataclasses import replace

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext as _

from questionnaires import Problem
from survey.language import LANGUAGES
from survey.rules.drafts import new_draft
from survey.rules.invitations import new_device
from survey.services import collect
from webforms import limits
from webforms.access import public
from webforms.clock import now
from webforms.db import reading, transaction
from webforms.pages import CHECKED, QuestionForm, Verdict, consent_page, judge
from webforms.problems import answer_message
from webforms.respondent import cookies
from webforms.respondent.desk import Desk, blueprint, sit_down
from webforms.visitor import remember_language

__all__ = ["per_invitation"]

FROM_CHECK = "kiem-tra"


def per_invitation() -> str:
    """Name the sender of a post to the rate limit: the invitation, never the address."""
    holder = cookies.bearer((request.view_args or {}).get("round_code", ""))
    return holder.mark if holder else "none"


def _unknown_link(response: Response) -> bool:
    return response.status_code == 404


@blueprint.get("/t/<round_code>/<token>")
@public
@limits.limiter.limit(limits.WRONG_TOKENS, deduct_when=_unknown_link)
def open_link(round_code: str, token: str) -> ResponseReturnValue:
    """Take the token out of the address bar and into a cookie."""
    with reading() as session:
        collect.open_visit(session, round_code=round_code, token=token)
    response = make_response(redirect(url_for("respondent.intro", round_code=round_code), 303))
    cookies.give_invitation(response, round_code, token)
    return response


@blueprint.get("/phieu/<round_code>/")
@public
def intro(round_code: str) -> ResponseReturnValue:
    """Say what this is, what is promised and what is not; ask for consent."""
    with reading() as session:
        desk = sit_down(session, round_code)
    page = consent_page(desk.questionnaire)
    form = QuestionForm(page, answers=desk.answers) if page else None
    return render_template("respondent/intro.html", desk=desk, page=page, form=form, problems=())


@blueprint.post("/phieu/<round_code>/")
@public
@limits.limiter.limit(limits.POSTS, key_func=per_invitation)
def consent(round_code: str) -> ResponseReturnValue:
    """Begin the draft with the consent, or lead to the page that confirms a refusal."""
    with transaction() as session:
        desk = sit_down(session, round_code)
        page = consent_page(desk.questionnaire)
        verdict = page and judge(page, request.form, answers=desk.answers, facts=desk.visit.facts)
        if verdict and verdict.problems:
            return _questions_again("respondent/intro.html", desk, verdict)
        if verdict and verdict.ended:
            return redirect(_ending_url(round_code, verdict), 303)
        draft = desk.draft or new_draft(now(), desk.questionnaire)
        desk = replace(desk, draft=replace(draft, consented=True))
        device = desk.holder.device or new_device()
        desk.save(session, verdict.answers if verdict else {}, device=device)
    response = make_response(redirect(desk.way_on(), 303))
    cookies.give_device(response, desk.holder.token, device)
    return response


@blueprint.get("/phieu/<round_code>/phan/<section_id>")
@public
def section(round_code: str, section_id: str) -> ResponseReturnValue:
    """Show the questions of a section that are in play now."""
    with reading() as session:
        desk = sit_down(session, round_code)
    page = desk.page(section_id)
    if page is None:
        return redirect(desk.way_on(), 303)
    form = QuestionForm(page, answers=desk.answers)
    return render_template(
        "respondent/section.html", desk=desk, page=page, form=form, problems=(), doubts={}
    )


@blueprint.post("/phieu/<round_code>/phan/<section_id>")
@public
@limits.limiter.limit(limits.POSTS, key_func=per_invitation)
def answer_section(round_code: str, section_id: str) -> ResponseReturnValue:
    """Store the answers of a section and go where the pressed button leads."""
    with transaction() as session:
        desk = sit_down(session, round_code)
        page = desk.page(section_id)
        if page is None:
            return redirect(desk.way_on(), 303)
        verdict = judge(page, request.form, answers=desk.answers, facts=desk.visit.facts)
        desk.save(session, verdict.answers, device=desk.holder.device)
    action = request.form.get("action", "continue")
    if action in LANGUAGES:
        response = make_response(redirect(request.full_path.rstrip("?"), 303))
        return remember_language(response, action)
    if action == "pause":
        return redirect(url_for("respondent.resume", round_code=round_code), 303)
    return _back(round_code, verdict) if action == "back" else _onwards(desk, verdict)


def _back(round_code: str, verdict: Verdict) -> ResponseReturnValue:
    if request.args.get("tu") == FROM_CHECK:
        return redirect(url_for("respondent.check", round_code=round_code), 303)
    if verdict.page.before is None:
        return redirect(url_for("respondent.intro", round_code=round_code), 303)
    return redirect(_section_url(round_code, verdict.page.before), 303)


def _onwards(desk: Desk, verdict: Verdict) -> ResponseReturnValue:
    code, page = desk.visit.round_code, verdict.page
    if verdict.problems or verdict.doubts:
        return _questions_again("respondent/section.html", desk, verdict)
    if verdict.revealed and page.section is not None:
        here = _section_url(code, page.section.id, moi=1, tu=request.args.get("tu"))
        return redirect(f"{here}#{verdict.revealed[0]}", 303)
    if verdict.ended:
        return redirect(_ending_url(code, verdict), 303)
    if page.after is None or request.args.get("tu") == FROM_CHECK:
        return redirect(url_for("respondent.check", round_code=code), 303)
    return redirect(_section_url(code, page.after), 303)


def _questions_again(template: str, desk: Desk, verdict: Verdict) -> ResponseReturnValue:
    """Show the page again with what is wrong or in doubt beside each question and at the top."""
    sentences = _sentences(desk, verdict.problems)
    consent = desk.questionnaire.consent
    if consent is not None and consent.id in sentences:  # it has no number to be called by
        sentences[consent.id] = _("Please say whether you agree to take part.")
    verdict.form.show(sentences)
    doubts = _sentences(desk, verdict.doubts)
    page = render_template(
        template,
        desk=desk,
        page=verdict.page,
        form=verdict.form,
        problems=sentences.items(),
        doubts=doubts,
        checked=[*request.form.getlist(CHECKED), *doubts],
    )
    return page, 400 if sentences else 200


def _sentences(desk: Desk, problems: Iterable[Problem]) -> dict[str, str]:
    return {each.place: answer_message(desk.questionnaire, each) for each in problems}


def _section_url(round_code: str, section_id: str, **query: object) -> str:
    values = {name: value for name, value in query.items() if value}
    return url_for("respondent.section", round_code=round_code, section_id=section_id, **values)  # type: ignore[arg-type]


def _ending_url(round_code: str, verdict: Verdict) -> str:
    return url_for("respondent.ending", round_code=round_code, disposition=verdict.ended)
