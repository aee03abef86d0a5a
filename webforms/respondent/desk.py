"""The respondent's desk: invitation, questionnaire and draft of one request, looked up once.

A request without an invitation, with a used or unknown one, or with a draft that another device
holds leads to a page that says so; the error handlers here are the only place that decides which.
"""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from questionnaires import (
    Answer,
    Answers,
    DecimalItem,
    Disposition,
    Door,
    IntegerItem,
    Question,
    Questionnaire,
    Route,
    Severity,
    Text,
    check,
    intro_in_play,
    route,
)
from survey.errors import (
    DifferentAnswersError,
    DraftLockedError,
    InvitationUsedError,
    NotAllowedNowError,
    NotFoundError,
    SurveyError,
)
from survey.rules.drafts import DraftContent
from survey.rules.lifecycle import RoundState
from survey.services import collect
from webforms.fields import shown
from webforms.pages import Page, page_of
from webforms.respondent.cookies import Bearer, bearer
from webforms.visitor import chosen_language

__all__ = ["Desk", "OtherInvitationError", "answer_texts", "blueprint", "held", "sit_down"]

blueprint = Blueprint("respondent", __name__, template_folder="templates")


class NoInvitationHereError(Exception):
    """The browser holds no invitation of the round."""


class OtherInvitationError(Exception):
    """The page belongs to another invitation than the one this browser opened last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that a respondent's page needs."""

    holder: Bearer
    visit: collect.Visit
    draft: DraftContent | None

    @property
    def questionnaire(self) -> Questionnaire:
        """The questionnaire of the round."""
        return self.visit.questionnaire

    @property
    def answers(self) -> Answers:
        """The answers so far."""
        return self.draft.answers if self.draft else {}

    @property
    def begun(self) -> bool:
        """Whether the respondent has agreed to take part."""
        return self.draft is not None and self.draft.consented

    @property
    def path(self) -> Route:
        """The questions in play now."""
        return route(self.questionnaire, self.answers, self.visit.facts)

    @property
    def intro(self) -> tuple[Text, ...]:
        """The paragraphs of the introduction that are true for this respondent."""
        return intro_in_play(self.questionnaire, self.visit.facts)

    def page(self, section_id: str) -> Page | None:
        """Return the page of a section; None where it is not in play or nothing has begun."""
        if self.draft is None or not self.begun:
            return None
        return page_of(
            self.questionnaire,
            section_id,
            self.path,
            language=chosen_language(),
            seed=self.draft.order_seed,
        )

    def way_on(self) -> str:
        """Return the address where the respondent goes on: the first section not yet visited."""
        code = self.visit.round_code
        if not self.begun:
            return url_for("respondent.intro", round_code=code)
        open_items = self._open_items()
        for part in self.path.sections:
            ids = {item.id for item in part.items}
            if ids & open_items or not ids & set(self.answers):
                return url_for("respondent.section", round_code=code, section_id=part.section.id)
        return url_for("respondent.check", round_code=code)

    def way_back(self) -> str:
        """Return the address of the question whose answer ended the questionnaire."""
        code, parts = self.visit.round_code, self.path.sections
        if not self.begun or not parts:
            return url_for("respondent.intro", round_code=code)
        return url_for("respondent.section", round_code=code, section_id=parts[-1].section.id)

    def may_end(self, disposition: Disposition) -> bool:
        """Say whether the respondent can end so: anybody may decline, answers make ineligible."""
        return disposition is Disposition.REFUSED or self.path.ended is disposition

    def _open_items(self) -> set[str]:
        found = check(self.questionnaire, self.answers, self.visit.facts, door=Door.WEB)
        return {problem.place for problem in found if problem.severity is Severity.HARD}

    def save(self, session: Session, answers: Answers, *, device: str) -> None:
        """Store the draft with ``answers``, for ``device``."""
        if self.draft is not None:
            collect.save_draft(
                session,
                self.visit,
                token=self.holder.token,
                device=device,
                content=replace(self.draft, answers=answers),
            )


def held(round_code: str) -> Bearer:
    """Return what this browser holds for the round.

    Raises
    ------
    NoInvitationHereError
        It holds nothing.
    OtherInvitationError
        The posted form belongs to another invitation: somebody opened a second link here.
    """
    holder = bearer(round_code)
    if holder is None:
        raise NoInvitationHereError
    if request.form.get("invitation", holder.mark) != holder.mark:
        raise OtherInvitationError
    return holder


def sit_down(session: Session, round_code: str) -> Desk:
    """Look up invitation, questionnaire and draft of this request.

    Raises
    ------
    NoInvitationHereError, OtherInvitationError
        See `held`.
    NotFoundError, InvitationUsedError, NotAllowedNowError, DraftLockedError
        From the service.
    """
    holder = held(round_code)
    visit = collect.open_visit(session, round_code=round_code, token=holder.token)
    draft = collect.load_draft(session, visit, token=holder.token, device=holder.device)
    return Desk(holder=holder, visit=visit, draft=draft)


def answer_texts(questionnaire: Questionnaire, item: Question, answer: Answer) -> list[Text]:
    """Return an answer in words: the chosen options, the number with its unit, or the text."""
    words = {option.code: option.text for option in questionnaire.options_of(item)}
    given = shown(item, answer, chosen_language())
    said = [words.get(code, code) for code in ([given] if isinstance(given, str) else given)]
    if isinstance(item, IntegerItem | DecimalItem) and item.unit is not None:
        said = [f"{given} {questionnaire.text_in(item.unit, chosen_language())}"]
    return said


@blueprint.app_context_processor
def _wording() -> dict[str, Any]:
    return {"say": _say, "answer_texts": answer_texts}


def _say(questionnaire: Questionnaire, text: Text) -> Markup:
    """Write a text of the questionnaire, marked where it is not in the page's language."""
    wanted = chosen_language()
    words = questionnaire.text_in(text, wanted)
    own = questionnaire.language
    if not isinstance(text, str):
        own = next(tag for tag in (wanted, own, *text) if tag in text)
    return (
        escape(words) if own == wanted else Markup('<span lang="{}">{}</span>').format(own, words)
    )


def _stop(kind: str, status: int) -> tuple[str, int]:
    return render_template("respondent/stop.html", kind=kind), status


@blueprint.errorhandler(NoInvitationHereError)
def _no_invitation(error: NoInvitationHereError) -> ResponseReturnValue:
    del error
    return _stop("no-invitation", 400)


@blueprint.errorhandler(OtherInvitationError)
def _other_invitation(error: OtherInvitationError) -> ResponseReturnValue:
    del error
    return _stop("other-invitation", 409)


@blueprint.errorhandler(NotFoundError)
def _unknown(error: NotFoundError) -> ResponseReturnValue:
    del error
    return _stop("unknown", 404)


@blueprint.errorhandler(InvitationUsedError)
def _used(error: InvitationUsedError) -> ResponseReturnValue:
    del error
    return _stop("used", 410)


@blueprint.errorhandler(NotAllowedNowError)
def _not_now(error: NotAllowedNowError) -> ResponseReturnValue:
    early = error.state == RoundState.DRAFT
    return _stop("not-open-yet" if early else "closed", 409 if early else 410)


@blueprint.errorhandler(DifferentAnswersError)
def _different(error: SurveyError) -> ResponseReturnValue:
    del error
    return _stop("different", 409)


@blueprint.errorhandler(DraftLockedError)
def _locked(error: DraftLockedError) -> Response:
    del error
    code = (request.view_args or {})["round_code"]
    return redirect(url_for("respondent.resume", round_code=code), 303)
