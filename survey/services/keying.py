"""Keying paper forms: two people key each of them blind; keyings that agree seal the form.

Where the two differ, a third person decides (`survey.services.adjudicate`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from questionnaires import Answers, Problem, Questionnaire
from survey.errors import FormWaitsError, KeyedAlreadyError, NotFoundError, TooManyFormsError
from survey.queries.collection import (
    batch_labelled,
    batches_of_round,
    count_forms,
    count_invitations,
    entries_of,
    facts_of,
    forms_in,
    round_of_batch,
)
from survey.records.collection import Disposition, Entry, KeyingBatch, PaperForm, PaperState
from survey.records.rounds import Round
from survey.records.units import Stratum
from survey.rules.invitations import printed_serial
from survey.rules.keyings import answers_in, check_label, document_of
from survey.rules.lifecycle import Action
from survey.services import paper_forms as papers
from survey.services.rounds import hold_round, questionnaire_of

__all__ = [
    "EntryOutcome",
    "FormToKey",
    "batches",
    "form_to_key",
    "open_batch",
    "save_entry",
    "unfinished",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormToKey:
    """A paper form as a clerk keys it; ``second`` says that somebody has keyed it before."""

    serial: str
    unit_name: str
    respondent_group: str
    facts: Mapping[str, str]
    questionnaire: Questionnaire
    second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOutcome:
    """Where a form stands after a keying, and the soft problems that were stored with it."""

    state: PaperState
    problems: list[Problem]


def open_batch(session: Session, round_: Round, *, label: str, account_id: str) -> KeyingBatch:
    """Open a pile of forms, or the one that has this label already.

    Parameters
    ----------
    session : Session
    round_ : Round
    label : str
        At most 32 characters; it stays with the responses, so it must not name a person.
    account_id : str
        Of the clerk.

    Returns
    -------
    KeyingBatch

    Raises
    ------
    RefusedInputError
        The label is empty, too long or has line ends.
    NotAllowedNowError
        The round takes no keyings.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.KEY_FORMS)
    clean = check_label(label)
    found = batch_labelled(session, round_.id, clean)
    if found is None:
        found = KeyingBatch(round_id=round_.id, label=clean, opened_by=account_id)
        session.add(found)
        session.flush()
    return found


def batches(session: Session, round_: Round) -> list[KeyingBatch]:
    """List the round's piles by label.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    list of KeyingBatch
    """
    return batches_of_round(session, round_.id)


def form_to_key(session: Session, batch_id: str, *, serial: str, account_id: str) -> FormToKey:
    """Find the form that a clerk wants to key, and say at once when it cannot be keyed.

    Parameters
    ----------
    session : Session
    batch_id : str
    serial : str
        As typed.
    account_id : str
        Of the clerk.

    Returns
    -------
    FormToKey

    Raises
    ------
    RefusedInputError
        The serial is mistyped.
    NotFoundError
        There is no such batch, or no such form in its round.
    FormFinishedError
        The form is sealed, or waits for a decision (`FormWaitsError`).
    KeyedAlreadyError
        This clerk has keyed it.
    TooManyFormsError
        More forms come back from the stratum than were handed out.
    NotAllowedNowError
        The round takes no keyings.
    """
    round_ = _round_of_batch(session, batch_id)
    round_.require(Action.KEY_FORMS)
    form = papers.find_form(session, round_, serial)
    _refuse_keying(session, round_, form, account_id)
    return FormToKey(
        serial=form.serial,
        unit_name=form.stratum.round_unit.unit.name,
        respondent_group=form.stratum.respondent_group,
        facts=facts_of(session, form.stratum),
        questionnaire=questionnaire_of(session, round_),
        second=form.state is PaperState.KEYED,
    )


def save_entry(
    session: Session, batch_id: str, *, serial: str, account_id: str, answers: Answers
) -> EntryOutcome:
    """Store one keying; a second one equal to the first seals the form.

    What the form says is stored as keyed: an answer where the form says "skip" is a flag.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    batch_id : str
    serial : str
        As typed.
    account_id : str
        Of the clerk.
    answers : answers by item id

    Returns
    -------
    EntryOutcome

    Raises
    ------
    RefusedInputError
        An answer cannot be stored; ``faults`` are the hard problems.
    StaleFormError
        Another clerk saved the same form at the same moment.
    FormFinishedError, KeyedAlreadyError, TooManyFormsError, NotFoundError, NotAllowedNowError
        As in `form_to_key`.
    """
    code = _round_of_batch(session, batch_id).code
    round_ = hold_round(session, code, exclusive=False)
    round_.require(Action.KEY_FORMS)
    form = papers.hold_form(session, round_, serial)
    _refuse_keying(session, round_, form, account_id)
    questionnaire = questionnaire_of(session, round_)
    soft = papers.checked(session, questionnaire, form, answers)
    keyed = document_of(questionnaire, answers)
    earlier = entries_of(session, form.serial)
    session.add(Entry(serial=form.serial, batch_id=batch_id, keyed_by=account_id, answers=keyed))
    agreed = bool(earlier) and earlier[0].answers == keyed
    form.state = _after_keying(first=not earlier, agreed=agreed)
    papers.flush(session)
    if agreed:
        papers.seal(session, round_, form, answers_in(keyed))
    return EntryOutcome(state=form.state, problems=soft)


def unfinished(session: Session, round_: Round) -> list[str]:
    """List the forms that were keyed once or wait for a decision.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    list of str
        Serials, sorted.
    """
    forms = forms_in(session, round_.id, PaperState.KEYED, PaperState.DIFFERING)
    return [form.serial for form in forms]


def _round_of_batch(session: Session, batch_id: str) -> Round:
    """Find the round that a batch belongs to."""
    round_ = round_of_batch(session, batch_id)
    if round_ is None:
        raise NotFoundError(what="batch", key=batch_id)
    return round_


def _refuse_keying(session: Session, round_: Round, form: PaperForm, account_id: str) -> None:
    """Refuse a form that this clerk cannot key now."""
    papers.refuse_finished(form)
    if form.state is PaperState.DIFFERING:
        raise FormWaitsError(serial=printed_serial(form.serial))
    if any(entry.keyed_by == account_id for entry in entries_of(session, form.serial)):
        raise KeyedAlreadyError(serial=printed_serial(form.serial))
    if form.state is PaperState.BLANK:
        _refuse_surplus(session, round_, form)


def _refuse_surplus(session: Session, round_: Round, form: PaperForm) -> None:
    """Refuse a form when as many as were handed out in its stratum have come back."""
    stratum: Stratum = form.stratum
    handed_out = count_invitations(session, round_.id).get((stratum.id, Disposition.PAPER), 0)
    counts = count_forms(session, round_.id)
    back = sum(counts.get((stratum.id, state), 0) for state in PaperState)
    back -= counts.get((stratum.id, PaperState.BLANK), 0)
    if back >= handed_out:
        raise TooManyFormsError(
            handed_out=handed_out,
            unit=stratum.round_unit.unit.name,
            group=stratum.respondent_group,
            serial=printed_serial(form.serial),
        )


def _after_keying(*, first: bool, agreed: bool) -> PaperState:
    """Say where a form stands after one more keying."""
    if first:
        return PaperState.KEYED
    return PaperState.SEALED if agreed else PaperState.DIFFERING
