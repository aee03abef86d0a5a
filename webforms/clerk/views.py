"""The clerk's requests: batches, forms, decisions.

The second keyer's page is drawn from the questionnaire alone; no view here reads an entry before
it is saved, so the first keying cannot leak into the second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from survey.errors import NotFoundError, RefusedInputError, SurveyError
from survey.records.rounds import Round
from survey.rules.invitations import printed_serial
from survey.rules.lifecycle import Action, allows
from survey.rules.permissions import Permission
from survey.services import adjudicate as adjudicating
from survey.services import keying, rounds
from webforms.access import current_account, needs
from webforms.clerk.forms import (
    BatchForm,
    Decisions,
    KeyedAnswers,
    SerialForm,
    faults_of,
    flag_messages,
    keying_parts,
    missing_labels,
    saved_message,
)
from webforms.db import reading, transaction
from webforms.problems import fault_message
from webforms.visitor import visitor

__all__ = ["blueprint"]

blueprint = Blueprint("clerk", __name__, url_prefix="/nhap-lieu", template_folder="templates")


@blueprint.app_template_filter()
def serial(digits: str) -> str:
    """Write a serial as it is printed on the form."""
    return printed_serial(digits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pile:
    """A batch as pages show it."""

    id: str
    label: str
    round_title: str
    simulated: bool
    group_labels: Mapping[str, str]


def _rounds_to_key(session: Session) -> list[Round]:
    return [each for each in rounds.rounds(session) if allows(each.state, Action.KEY_FORMS)]


def _piles(session: Session) -> list[_Pile]:
    language = visitor().language
    return [
        _Pile(
            id=batch.id,
            label=batch.label,
            round_title=round_.declared.title.in_language(language),
            simulated=round_.simulated,
            group_labels={
                group.code: group.label.in_language(language)
                for group in round_.declared.respondent_groups
            },
        )
        for round_ in _rounds_to_key(session)
        for batch in keying.batches(session, round_)
    ]


def _pile(batch_id: str) -> _Pile:
    with reading() as session:
        found = next((pile for pile in _piles(session) if pile.id == batch_id), None)
    if found is None:
        raise NotFoundError(what="batch", key=batch_id)
    return found


def _choices(session: Session) -> list[tuple[str, str]]:
    language = visitor().language
    return [
        (round_.code, f"{round_.code}: {round_.declared.title.in_language(language)}")
        for round_ in _rounds_to_key(session)
    ]


def _answer(template: str, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - whatever a template takes
    text = render_template(f"clerk/{template}", **values)
    return Response(text, status=status, mimetype="text/html")


@blueprint.get("/")
@needs(Permission.KEY_FORMS)
def batches() -> Response:
    """List the batches of every round that takes paper forms."""
    return _batches_page(BatchForm())


@blueprint.post("/lo")
@needs(Permission.KEY_FORMS)
def open_batch() -> Response:
    """Open a batch and go to its first form."""
    form = BatchForm()
    with reading() as session:
        form.offer(_choices(session))
    if not form.validate_on_submit():
        return _batches_page(form, status=400)
    with transaction() as session:
        round_ = rounds.find_round(session, form.round.data)
        account_id = current_account().id
        opened = keying.open_batch(session, round_, label=form.label.data, account_id=account_id)
        batch_id = opened.id
    return redirect(url_for("clerk.batch", batch_id=batch_id), 303)


def _batches_page(form: BatchForm, *, status: int = 200) -> Response:
    with reading() as session:
        piles = _piles(session)
        form.offer(_choices(session))
    may_decide = current_account().may(Permission.ADJUDICATE)
    return _answer("batches.html", status=status, piles=piles, form=form, may_decide=may_decide)


@blueprint.get("/lo/<batch_id>")
@needs(Permission.KEY_FORMS)
def batch(batch_id: str) -> Response:
    """Ask for the serial of the next form, and say what became of the last."""
    return _answer("batch.html", pile=_pile(batch_id), form=SerialForm())


@blueprint.post("/lo/<batch_id>")
@needs(Permission.KEY_FORMS)
def choose_form(batch_id: str) -> Response:
    """Go to the form with the serial typed."""
    form = SerialForm()
    try:
        serial = form.checked()
        with reading() as session:
            keying.form_to_key(session, batch_id, serial=serial, account_id=current_account().id)
    except SurveyError as refusal:
        form.refuse(refusal)
        return _answer("batch.html", status=400, pile=_pile(batch_id), form=form)
    return redirect(url_for("clerk.form", batch_id=batch_id, serial=serial), 303)


@blueprint.get("/lo/<batch_id>/phieu/<serial>")
@needs(Permission.KEY_FORMS)
def form(batch_id: str, serial: str) -> Response:
    """Show an empty form to key."""
    return _form_page(_form_at_hand(batch_id, serial), batch_id)


@blueprint.post("/lo/<batch_id>/phieu/<serial>")
@needs(Permission.KEY_FORMS)
def save_form(batch_id: str, serial: str) -> Response:
    """Store one keying; what cannot be stored comes back as typed."""
    paper = _form_at_hand(batch_id, serial)
    keyed = KeyedAnswers(paper.questionnaire, request.form)
    account_id = current_account().id
    try:
        with transaction() as session:
            outcome = keying.save_entry(
                session, batch_id, serial=serial, account_id=account_id, answers=keyed.read()
            )
    except SurveyError as refusal:
        return _form_page(paper, batch_id, keyed=keyed, problems=faults_of(refusal), status=400)
    _tell_saved(serial, outcome)
    return redirect(url_for("clerk.batch", batch_id=batch_id), 303)


def _tell_saved(serial: str, outcome: keying.EntryOutcome) -> None:
    """Say on the next page what became of the form, and what to look at again on paper."""
    flags = flag_messages(outcome)
    saved = saved_message(printed_serial(serial), outcome)
    text = render_template("clerk/_saved.html", saved=saved, flags=flags)
    flash(Markup(text), "warning" if flags else "success")  # noqa: S704 - the template escapes


def _form_at_hand(batch_id: str, serial: str) -> keying.FormToKey:
    with reading() as session:
        return keying.form_to_key(session, batch_id, serial=serial, account_id=current_account().id)


def _form_page(
    paper: keying.FormToKey,
    batch_id: str,
    *,
    keyed: KeyedAnswers | None = None,
    problems: Sequence[object] = (),
    status: int = 200,
) -> Response:
    language = visitor().language
    typed = keyed.typed if keyed else {}
    return _answer(
        "keying.html",
        status=status,
        paper=paper,
        pile=_pile(batch_id),
        parts=keying_parts(paper.questionnaire, language, typed=typed, problems=problems),
        problems=[(getattr(each, "place", ""), fault_message(each)) for each in problems],
        reserved=missing_labels(language),
    )


@blueprint.get("/doi-chieu/")
@needs(Permission.ADJUDICATE)
def differing() -> Response:
    """List the forms whose two keyings differ."""
    language = visitor().language
    with reading() as session:
        waiting = [
            (round_.declared.title.in_language(language), adjudicating.waiting(session, round_))
            for round_ in _rounds_to_key(session)
        ]
    return _answer("differing.html", waiting=[(title, forms) for title, forms in waiting if forms])


@blueprint.get("/doi-chieu/<serial>")
@needs(Permission.ADJUDICATE)
def decide(serial: str) -> Response:
    """Show the differing items of a form side by side."""
    return _decision_page(serial, _decisions(serial, {}))


@blueprint.post("/doi-chieu/<serial>")
@needs(Permission.ADJUDICATE)
def adjudicate(serial: str) -> Response:
    """Seal a form as a third person decided it."""
    decisions = _decisions(serial, request.form)
    account_id = current_account().id
    try:
        with transaction() as session:
            adjudicating.adjudicate(
                session, serial=serial, account_id=account_id, decisions=decisions.read()
            )
    except RefusedInputError as refusal:
        decisions.note(refusal.faults)
        return _decision_page(serial, decisions, status=400)
    flash(_("Form %(serial)s is decided and sealed.", serial=printed_serial(serial)), "success")
    return redirect(url_for("clerk.differing"), 303)


def _decisions(serial: str, posted: Mapping[str, str]) -> Decisions:
    account_id = current_account().id
    with reading() as session:
        form = adjudicating.form_to_decide(session, serial, account_id=account_id)
    return Decisions(form, posted)


def _decision_page(serial: str, decisions: Decisions, *, status: int = 200) -> Response:
    rows = decisions.rows(visitor().language)
    return _answer("decide.html", status=status, serial=serial, rows=rows, decisions=decisions)
