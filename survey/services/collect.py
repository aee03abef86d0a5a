"""Answering on the web, seen from the database: open a link, keep a draft, send once.

No function here writes an audit row, a time or a counter, and none may: whatever stood beside a
submission in the order of arrival would join a person to an answer.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from questionnaires import (
    Answers,
    Door,
    Questionnaire,
    Severity,
    canonical,
    check,
    keep_in_play,
    route,
)
from survey.errors import (
    DifferentAnswersError,
    InvitationUsedError,
    NotFoundError,
    NotReadyError,
    RefusedInputError,
    UnknownLinkError,
)
from survey.queries.collection import Case, case_of_token, change_unused, sealed_draft
from survey.records.base import new_key
from survey.records.collection import (
    Ballot,
    Disposition,
    Draft,
    Invitation,
    Mode,
    Submission,
)
from survey.records.rounds import Round
from survey.rules.ballots import (
    OpenBallot,
    answers_mac,
    check_submission_id,
    group_differs,
    receipt_code,
    seal_ballot,
    submission_hash,
    too_fast,
)
from survey.rules.drafts import DraftContent, open_draft, seal_draft
from survey.rules.faults import Fault
from survey.rules.invitations import token_hash
from survey.rules.lifecycle import Action
from survey.services.rounds import find_round, hold_round, questionnaire_of

__all__ = [
    "ENDED_FAULT",
    "Receipt",
    "Visit",
    "discard_draft",
    "end_without_answers",
    "load_draft",
    "open_visit",
    "save_draft",
    "store_ballot",
    "submit",
]

ENDED_FAULT: Final = "The answers end the form early, so there is nothing to send."
_ENDINGS = (Disposition.REFUSED, Disposition.INELIGIBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a link opens."""

    invitation_id: str
    round_id: str
    round_code: str
    unit_name: str
    respondent_group: str
    facts: Mapping[str, str]
    questionnaire: Questionnaire
    simulated: bool
    draft_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a respondent keeps; ``again`` says that these answers had already arrived."""

    code: str
    again: bool


def open_visit(session: Session, *, round_code: str, token: str) -> Visit:
    """Open a link. Nothing is changed: mail programs open links to look at them.

    Parameters
    ----------
    session : Session
    round_code, token : str
        As they stand in the link.

    Returns
    -------
    Visit

    Raises
    ------
    NotFoundError
        There is no such round, or the link is none of its links (`UnknownLinkError`).
    NotAllowedNowError
        The round is not open; nothing is said about the link.
    InvitationUsedError
        The link has been used, ended or withdrawn.
    """
    round_ = find_round(session, round_code)
    round_.require(Action.ANSWER)
    case = _case(session, round_, token)
    if case.disposition is not Disposition.UNUSED:
        raise InvitationUsedError
    return Visit(
        invitation_id=case.invitation_id,
        round_id=round_.id,
        round_code=round_.code,
        unit_name=case.unit_name,
        respondent_group=case.respondent_group,
        facts=case.facts,
        questionnaire=questionnaire_of(session, round_),
        simulated=round_.simulated,
        draft_size=round_.ballot_size,
    )


def load_draft(session: Session, visit: Visit, *, token: str, device: str) -> DraftContent | None:
    """Read unfinished answers.

    Parameters
    ----------
    session : Session
    visit : Visit
    token, device : str
        The link's token and the device's secret.

    Returns
    -------
    DraftContent or None
        None when nothing has been saved.

    Raises
    ------
    DraftLockedError
        A draft exists that this device's secret does not open.
    """
    sealed = sealed_draft(session, visit.invitation_id)
    if sealed is None:
        return None
    return open_draft(sealed, secret=(token, device), invitation_id=visit.invitation_id)


def save_draft(
    session: Session, visit: Visit, *, token: str, device: str, content: DraftContent
) -> None:
    """Keep unfinished answers, readable only with the link and this device.

    Parameters
    ----------
    session : Session
    visit : Visit
    token, device : str
        The link's token and the device's secret.
    content : DraftContent

    Raises
    ------
    InvitationUsedError
        The answers were sent meanwhile, perhaps from another window.
    RefusedInputError
        The answers are longer than the questionnaire allows.
    """
    sealed = seal_draft(
        content,
        visit.questionnaire,
        secret=(token, device),
        invitation_id=visit.invitation_id,
        size=visit.draft_size,
    )
    # The row lock makes two windows take turns, so that insert-or-update needs no retry.
    right = select(Invitation.disposition).where(Invitation.id == visit.invitation_id)
    if session.scalars(right.with_for_update()).one_or_none() is not Disposition.UNUSED:
        raise InvitationUsedError
    draft_id = Draft.invitation_id
    change = update(Draft).where(draft_id == visit.invitation_id).values(sealed=sealed)
    if session.scalars(change.returning(draft_id)).one_or_none() is None:
        session.add(Draft(invitation_id=visit.invitation_id, sealed=sealed))
        session.flush()


def discard_draft(session: Session, visit: Visit) -> None:
    """Delete unfinished answers, to start over.

    Parameters
    ----------
    session : Session
    visit : Visit
    """
    session.execute(delete(Draft).where(Draft.invitation_id == visit.invitation_id))


def submit(  # noqa: PLR0913 - what a person sends is five things, and the clock is an argument
    session: Session,
    *,
    round_code: str,
    token: str,
    submission_id: str,
    answers: Answers,
    started: datetime,
    now: datetime,
    order_seed: int | None = None,
) -> Receipt:
    """Take the answers of one respondent: use up the right and drop a sealed ballot.

    One transaction; the round cannot close in the middle of it. Sending again what has arrived
    gives the same receipt, also while the round is closing.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    round_code, token : str
        As they stand in the link.
    submission_id : str
        Of the draft.
    answers : answers by item id
        Answers to questions that are not in play are dropped.
    started, now : datetime
        Aware; only whether they lie two minutes apart is kept, inside the seal.
    order_seed : int, optional
        Of the draft: the order in which options were shown, kept inside the seal.

    Returns
    -------
    Receipt

    Raises
    ------
    RefusedInputError
        The answers cannot be stored; ``faults`` are the hard problems.
    InvitationUsedError
        The right was used by another submission, ended or withdrawn.
    DifferentAnswersError
        The submission id has arrived with other answers.
    NotAllowedNowError
        The round is not open.
    NotFoundError
        There is no such round or link.
    """
    check_submission_id(submission_id)
    round_ = hold_round(session, round_code, exclusive=False)
    case = _case(session, round_, token)
    questionnaire = questionnaire_of(session, round_)
    kept = _storable(questionnaire, keep_in_play(questionnaire, answers, case.facts), case.facts)
    mac = answers_mac(submission_id, canonical(questionnaire, kept))
    if _arrived(session, submission_id, mac):
        return Receipt(code=receipt_code(submission_id), again=True)
    round_.require(Action.ANSWER)
    used = Disposition.USED
    if change_unused(session, Invitation.id == case.invitation_id, disposition=used) is None:
        # On PostgreSQL the UPDATE waited for a transaction that may have brought these answers.
        if _arrived(session, submission_id, mac):
            return Receipt(code=receipt_code(submission_id), again=True)
        raise InvitationUsedError
    ballot = OpenBallot(
        answers=kept,
        stratum_id=case.stratum_id,
        rater_key=new_key(),
        too_fast=too_fast(started, now),
        group_differs=group_differs(questionnaire, kept, case.respondent_group),
        mode=Mode.WEB,
        keying_batch=None,
        order_seed=order_seed,
    )
    store_ballot(session, round_, questionnaire, ballot)
    proof = {"id_hash": submission_hash(submission_id), "answers_mac": mac}
    session.add(Submission(round_id=round_.id, **proof))
    session.flush()
    return Receipt(code=receipt_code(submission_id), again=False)


def end_without_answers(session: Session, *, round_code: str, token: str, disposition: str) -> None:
    """Record that a person declined or is not one of those to be asked; no ballot is made.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    round_code, token : str
        As they stand in the link.
    disposition : str
        "refused" or "ineligible"; the same a second time changes nothing.

    Raises
    ------
    InvitationUsedError
        The right has been used, or ended in the other way.
    NotAllowedNowError
        The round is not open.
    NotFoundError
        There is no such round, link or ending.
    """
    if disposition not in _ENDINGS:
        raise NotFoundError(what="way to end", key=disposition)
    round_ = hold_round(session, round_code, exclusive=False)
    round_.require(Action.ANSWER)
    case = _case(session, round_, token)
    ending = Disposition(disposition)
    if case.disposition is ending:
        return
    if change_unused(session, Invitation.id == case.invitation_id, disposition=ending) is None:
        raise InvitationUsedError


def store_ballot(
    session: Session, round_: Round, questionnaire: Questionnaire, ballot: OpenBallot
) -> None:
    """Seal a ballot and drop it among the others.

    Parameters
    ----------
    session : Session
    round_ : Round
        Held by this transaction.
    questionnaire : Questionnaire
    ballot : OpenBallot

    Raises
    ------
    NotReadyError
        The round has no key.
    """
    if round_.public_key is None:
        raise NotReadyError(action=Action.ANSWER, missing=["the keys have not been made"])
    size = round_.ballot_size
    sealed = seal_ballot(ballot, questionnaire, public_key=round_.public_key, size=size)
    session.add(Ballot(round_id=round_.id, sealed=sealed))
    session.flush()


def _case(session: Session, round_: Round, token: str) -> Case:
    """Find the invitation of a token; once invitations are gone, say that the round is over."""
    case = case_of_token(session, round_.id, token_hash(token))
    if case is None:
        round_.require(Action.ANSWER)
        raise UnknownLinkError(round_code=round_.code)
    return case


def _storable(questionnaire: Questionnaire, answers: Answers, facts: Mapping[str, str]) -> Answers:
    """Refuse answers that cannot be stored."""
    problems = check(questionnaire, answers, facts, door=Door.WEB)
    faults: list[object] = [each for each in problems if each.severity is Severity.HARD]
    if route(questionnaire, answers, facts).ended is not None:
        faults.append(Fault(code="ended", template=ENDED_FAULT))
    if faults:
        raise RefusedInputError(what="The submission", faults=faults)
    return answers


def _arrived(session: Session, submission_id: str, mac: str) -> bool:
    """Say whether these very answers have arrived under this id."""
    stored = select(Submission.answers_mac).where(
        Submission.id_hash == submission_hash(submission_id)
    )
    known = session.scalars(stored).one_or_none()
    if known is None:
        return False
    if not hmac.compare_digest(known, mac):
        raise DifferentAnswersError
    return True
