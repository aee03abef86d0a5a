"""After the answers: closing in two steps, scrubbing, the end of the key, index, publication.

Every step that cannot be undone asks for the round's code; the key is typed, used and forgotten.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from survey.documents.destruction_docx import destruction_document
from survey.errors import UnfinishedKeyingError, WrongKeyError
from survey.records.rounds import IndexSnapshot
from survey.rules.permissions import Permission
from survey.services import analyse, close, destroy, keying, rounds
from survey.services import scrub as scrubbing
from webforms.access import current_account, needs
from webforms.clock import now
from webforms.config import settings
from webforms.db import reading, store, transaction
from webforms.files import DOCX, download
from webforms.office.desk import RoundHead, blueprint, page, round_head
from webforms.office.exposures import ExposedPoints, exposed_points
from webforms.office.forms import ConfirmForm, FinishClosingForm
from webforms.problems import message
from webforms.visitor import visitor


@blueprint.get("/<code>/dong")
@needs(Permission.RUN_ROUND)
def closing(code: str) -> Response:
    """Show the steps from the last answer to the destroyed key, and where the round stands."""
    return _closing_page(code)


@blueprint.post("/<code>/dong")
@needs(Permission.RUN_ROUND)
def begin_closing(code: str) -> Response:
    """Refuse new answers from now on."""
    form = ConfirmForm(code)
    if not form.validate_on_submit():
        return _closing_page(code, begin=form)
    with transaction() as session:
        round_ = rounds.find_round(session, code)
        close.begin_closing(session, round_, actor=current_account().username, now=now())
    flash(_("No answers are taken any more."), "success")
    return redirect(url_for("office.closing", code=code), 303)


@blueprint.post("/<code>/dong/hoan-tat")
@needs(Permission.RUN_ROUND)
def finish_closing(code: str) -> Response:
    """Open all ballots with the key, shuffle them and drop every link to a person."""
    form = FinishClosingForm(code)
    if not form.validate_on_submit():
        return _closing_page(code, finish=form)
    try:
        opened = _finish(code, form)
    except (WrongKeyError, UnfinishedKeyingError) as refusal:
        form.refuse(form.key, [message(refusal)])
        return _closing_page(code, finish=form)
    flash(_("Answers opened: %(count)s.", count=opened), "success")
    return redirect(url_for("office.closing", code=code), 303)


def _finish(code: str, form: FinishClosingForm) -> int:
    with transaction() as session:
        closed = close.finish_closing(
            session,
            rounds.find_round(session, code),
            key_text=form.key.data,
            discard_unfinished=form.discard_unfinished.data,
            actor=current_account().username,
            now=now(),
        )
    return closed.opened


@blueprint.post("/<code>/lam-sach")
@needs(Permission.RUN_ROUND)
def scrub(code: str) -> Response:
    """Take the traces of collection out of the database and its files."""
    form = ConfirmForm(code)
    if not form.validate_on_submit():
        return _closing_page(code, scrub=form)
    steps = scrubbing.scrub(
        store(), code, settings=settings(), actor=current_account().username, now=now()
    )
    left = [step for step in steps if step in scrubbing.SCRUB_FAULTS.values()]
    for step in left:
        flash(_(step), "warning")
    if not left:
        flash(_("The database and its files are scrubbed."), "success")
    return redirect(url_for("office.closing", code=code), 303)


@blueprint.post("/<code>/huy-khoa")
@needs(Permission.RUN_ROUND)
def destroy_key(code: str) -> Response:
    """Test a backup, destroy the key and hand over the record to sign."""
    form = ConfirmForm(code)
    if not form.validate_on_submit():
        return _closing_page(code, destroy=form)
    actor = current_account().username
    done = destroy.destroy_key(store(), settings(), code, key_file=None, actor=actor, now=now())
    with reading() as session:
        head = round_head(session, code)
    record = destruction_document(done, head.document, simulated=head.simulated)
    return download(record, name=f"{code}-bien-ban.docx", kind=DOCX)


def _closing_page(code: str, **posted: ConfirmForm) -> Response:
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head = RoundHead.of(round_)
        unfinished = keying.unfinished(session, round_)
    forms = {name: ConfirmForm(code) for name in ("begin", "scrub", "destroy")}
    forms |= {"finish": FinishClosingForm(code)} | posted
    return page("closing.html", head, status=400 if posted else 200, unfinished=unfinished, **forms)


@blueprint.get("/<code>/cong-bo")
@needs(Permission.SCORE)
def publishing(code: str) -> Response:
    """Show the latest index and what must be decided before it is published."""
    return _publishing_page(code, ConfirmForm(code))


@blueprint.post("/<code>/tinh-chi-so")
@needs(Permission.SCORE)
def score(code: str) -> Response:
    """Compute the index and keep it as a snapshot."""
    with transaction() as session:
        round_ = rounds.find_round(session, code)
        analyse.score(session, round_, actor=current_account().username, now=now())
    flash(_("The index is computed."), "success")
    return redirect(url_for("office.publishing", code=code), 303)


@blueprint.post("/<code>/cong-bo")
@needs(Permission.RUN_ROUND)
def publish(code: str) -> Response:
    """Publish the latest index."""
    form = ConfirmForm(code)
    if not form.validate_on_submit():
        return _publishing_page(code, form, status=400)
    with transaction() as session:
        round_ = rounds.find_round(session, code)
        analyse.publish(session, round_, actor=current_account().username, now=now())
    flash(_("The public edition is published."), "success")
    return redirect(url_for("office.publishing", code=code), 303)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    """The latest index, as the page of its publication shows it."""

    computed_at: datetime
    published_at: datetime | None
    digest: str
    exposed: list[ExposedPoints]

    @classmethod
    def of(cls, snapshot: IndexSnapshot) -> Self:
        return cls(
            computed_at=snapshot.computed_at,
            published_at=snapshot.published_at,
            digest=snapshot.digest,
            exposed=exposed_points(analyse.document_of(snapshot), visitor().language),
        )


def _publishing_page(code: str, form: ConfirmForm, *, status: int = 200) -> Response:
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head = RoundHead.of(round_)
        latest = analyse.latest_snapshot(session, round_)
        snapshot = _Snapshot.of(latest) if latest else None
    return page("publishing.html", head, status=status, snapshot=snapshot, form=form)
