"""Paper forms: two people key each of them blind, a third decides where they differ.

A form that is agreed on is sealed like a web ballot, at once and without an audit row: events have
times, and a row of keyings in the order of a pile would say more than the pile does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from questionnaires import Answer, Answers, Door, Problem, Questionnaire, Severity, check
from survey.errors import (
    FormFinishedError,
    FormWaitsError,
    KeyedAlreadyError,
    NotFoundError,
    RefusedInputError,
    StaleFormError,
    TooManyFormsError,
)
from survey.queries.collection import (
    count_forms,
    count_invitations,
    entries_of,
    facts_of,
    form_with_stratum,
    forms_in,
    lock_stratum,
    locked_round,
)
from survey.records.base import new_key
from survey.records.collection import (
    Disposition,
    Entry,
    KeyerStatistic,
    KeyingBatch,
    Mode,
    PaperForm,
    PaperState,
)
from survey.records.rounds import Round
from survey.records.units import RoundUnit, Stratum
from survey.rules.ballots import OpenBallot, group_differs
from survey.rules.invitations import check_serial, printed_serial
from survey.rules.keyings import (
    Difference,
    answers_in,
    check_decisions,
    check_label,
    corrections,
    differing,
    document_of,
)
from survey.rules.lifecycle import Action
from survey.services.collect import store_ballot
from survey.services.rounds import questionnaire_of

__all__ = [
    "Difference",
    "DifferingForm",
    "EntryOutcome",
    "FormToKey",
    "adjudicate",
    "batches",
    "differences",
    "form_to_key",
    "open_batch",
    "save_entry",
    "unfinished",
    "waiting",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingForm:
    """A form that waits for a decision; ``keyed_by`` are the accounts that may not make it."""

    serial: str
    unit_name: str
    respondent_group: str
    items: int
    keyed_by: frozenset[str]


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
    round_.require(Action.KEY_FORMS)
    clean = check_label(label)
    wanted = select(KeyingBatch).where(
        KeyingBatch.round_id == round_.id, KeyingBatch.label == clean
    )
    found = session.scalars(wanted).one_or_none()
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
    statement = select(KeyingBatch).where(KeyingBatch.round_id == round_.id)
    return list(session.scalars(statement.order_by(KeyingBatch.label)))


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
    form = _form(session, round_, serial)
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
    round_ = _held_round(session, _round_of_batch(session, batch_id).code, Action.KEY_FORMS)
    form = _held_form(session, round_, serial)
    _refuse_keying(session, round_, form, account_id)
    questionnaire = questionnaire_of(session, round_)
    soft = _checked(questionnaire, answers, facts_of(session, form.stratum))
    keyed = document_of(questionnaire, answers)
    earlier = entries_of(session, form.serial)
    session.add(Entry(serial=form.serial, batch_id=batch_id, keyed_by=account_id, answers=keyed))
    agreed = bool(earlier) and earlier[0].answers == keyed
    form.state = _after_keying(first=not earlier, agreed=agreed)
    _flush(session)
    if agreed:
        _seal(session, round_, form, answers_in(keyed))
    return EntryOutcome(state=form.state, problems=soft)


def waiting(session: Session, round_: Round) -> list[DifferingForm]:
    """List the forms whose two keyings differ.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    list of DifferingForm
        By serial.
    """
    found = []
    for form in forms_in(session, round_.id, PaperState.DIFFERING):
        entries = entries_of(session, form.serial)
        found.append(
            DifferingForm(
                serial=form.serial,
                unit_name=form.stratum.round_unit.unit.name,
                respondent_group=form.stratum.respondent_group,
                items=len(_differing(questionnaire_of(session, round_), entries)),
                keyed_by=frozenset(entry.keyed_by for entry in entries),
            )
        )
    return found


def differences(session: Session, serial: str, *, account_id: str) -> list[Difference]:
    """Lay the two keyings of a form side by side.

    Parameters
    ----------
    session : Session
    serial : str
        As typed.
    account_id : str
        Of the person who decides.

    Returns
    -------
    list of Difference
        In the order of the questionnaire; which of the two is "first" stays the same.

    Raises
    ------
    KeyedAlreadyError
        The account has keyed the form itself.
    FormFinishedError
        There is nothing to decide.
    NotFoundError
        There is no such form.
    """
    form, round_ = _form_anywhere(session, serial)
    entries = _undecided(session, form, account_id)
    return _differing(questionnaire_of(session, round_), entries)


def adjudicate(
    session: Session, *, serial: str, account_id: str, decisions: Mapping[str, Answer | None]
) -> None:
    """Decide every difference with the paper form in hand, and seal the form.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    serial : str
        As typed.
    account_id : str
        Of the person who decides, who has not keyed it.
    decisions : answers by item id
        One for each difference; None where the form has no answer.

    Raises
    ------
    RefusedInputError
        A difference is left undecided, something else is decided, or a decision cannot be stored.
    KeyedAlreadyError, FormFinishedError, NotFoundError
        As in `differences`.
    StaleFormError
        Somebody else decided at the same moment.
    NotAllowedNowError
        The round takes no decisions.
    """
    _, found = _form_anywhere(session, serial)
    round_ = _held_round(session, found.code, Action.ADJUDICATE)
    form = _held_form(session, round_, serial)
    entries = _undecided(session, form, account_id)
    questionnaire = questionnaire_of(session, round_)
    check_decisions(questionnaire, _differing(questionnaire, entries), decisions)
    keyed = answers_in(entries[0].answers) | dict(decisions)
    final = {item: answer for item, answer in keyed.items() if answer is not None}
    _checked(questionnaire, final, facts_of(session, form.stratum))
    form.state = PaperState.SEALED
    _flush(session)
    _seal(session, round_, form, final)


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
    wanted = (
        select(Round)
        .join(KeyingBatch, KeyingBatch.round_id == Round.id)
        .where(KeyingBatch.id == batch_id)
    )
    round_ = session.scalars(wanted).one_or_none()
    if round_ is None:
        raise NotFoundError(what="batch", key=batch_id)
    return round_


def _held_round(session: Session, code: str, action: Action) -> Round:
    """Hold the round in a state that allows ``action``, so that it cannot finish closing."""
    round_ = locked_round(session, code, exclusive=False)
    if round_ is None:
        raise NotFoundError(what="round", key=code)
    round_.require(action)
    return round_


def _held_form(session: Session, round_: Round, serial: str) -> PaperForm:
    """Hold the form's stratum, so that its forms are counted by one person at a time."""
    form = _form(session, round_, serial)
    lock_stratum(session, form.stratum_id)
    return _form(session, round_, serial)


def _form(session: Session, round_: Round, serial: str) -> PaperForm:
    """Find a form of a round."""
    digits = check_serial(serial)
    form = form_with_stratum(session, digits, RoundUnit.round_id == round_.id)
    if form is None:
        raise NotFoundError(what="paper form", key=printed_serial(digits))
    return form


def _form_anywhere(session: Session, serial: str) -> tuple[PaperForm, Round]:
    """Find a form and its round."""
    digits = check_serial(serial)
    form = form_with_stratum(session, digits)
    if form is None:
        raise NotFoundError(what="paper form", key=printed_serial(digits))
    return form, session.get_one(Round, form.stratum.round_unit.round_id)


def _refuse_keying(session: Session, round_: Round, form: PaperForm, account_id: str) -> None:
    """Refuse a form that this clerk cannot key now."""
    _refuse_finished(form)
    if form.state is PaperState.DIFFERING:
        raise FormWaitsError(serial=printed_serial(form.serial))
    if any(entry.keyed_by == account_id for entry in entries_of(session, form.serial)):
        raise KeyedAlreadyError(serial=printed_serial(form.serial))
    if form.state is PaperState.BLANK:
        _refuse_surplus(session, round_, form)


def _refuse_finished(form: PaperForm) -> None:
    """Refuse a sealed form."""
    if form.state is PaperState.SEALED:
        raise FormFinishedError(serial=printed_serial(form.serial))


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


def _checked(
    questionnaire: Questionnaire, answers: Answers, facts: Mapping[str, str]
) -> list[Problem]:
    """Refuse hard problems and return the soft ones."""
    problems = check(questionnaire, answers, facts, door=Door.CLERK)
    hard = [problem for problem in problems if problem.severity is Severity.HARD]
    if hard:
        raise RefusedInputError(what="The form", faults=hard)
    return problems


def _after_keying(*, first: bool, agreed: bool) -> PaperState:
    """Say where a form stands after one more keying."""
    if first:
        return PaperState.KEYED
    return PaperState.SEALED if agreed else PaperState.DIFFERING


def _differing(questionnaire: Questionnaire, entries: Sequence[Entry]) -> list[Difference]:
    """Compare the two keyings of a form."""
    first, second = (answers_in(entry.answers) for entry in entries)
    return differing(questionnaire, first, second)


def _undecided(session: Session, form: PaperForm, account_id: str) -> list[Entry]:
    """Return the two keyings of a form that this account may decide about."""
    _refuse_finished(form)
    if form.state is not PaperState.DIFFERING:
        raise NotFoundError(what="pair of differing keyings of form", key=form.serial)
    entries = entries_of(session, form.serial)
    if any(entry.keyed_by == account_id for entry in entries):
        raise KeyedAlreadyError(serial=printed_serial(form.serial))
    return entries


def _flush(session: Session) -> None:
    """Write the form's new state, unless somebody else was faster."""
    try:
        session.flush()
    except StaleDataError as error:
        raise StaleFormError from error


def _seal(session: Session, round_: Round, form: PaperForm, final: Answers) -> None:
    """Drop the agreed answers as a ballot, and count what each keyer got wrong."""
    questionnaire = questionnaire_of(session, round_)
    entries = entries_of(session, form.serial)
    batch = session.get_one(KeyingBatch, entries[0].batch_id)
    ballot = OpenBallot(
        answers=final,
        stratum_id=form.stratum_id,
        rater_key=new_key(),
        too_fast=False,
        group_differs=group_differs(questionnaire, final, form.stratum.respondent_group),
        mode=Mode.PAPER,
        keying_batch=batch.label,
    )
    store_ballot(session, round_, questionnaire, ballot)
    for entry in sorted(entries, key=lambda entry: entry.keyed_by):
        items, corrected = corrections(answers_in(entry.answers), final)
        _count(session, round_, entry.keyed_by, items=items, corrected=corrected)


def _count(session: Session, round_: Round, account_id: str, *, items: int, corrected: int) -> None:
    """Add a form to a keyer's totals, which are all that outlives the keyings."""
    change = (
        update(KeyerStatistic)
        .where(KeyerStatistic.round_id == round_.id, KeyerStatistic.account_id == account_id)
        .values(
            forms=KeyerStatistic.forms + 1,
            items=KeyerStatistic.items + items,
            corrected=KeyerStatistic.corrected + corrected,
        )
        .returning(KeyerStatistic.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalars(change).one_or_none() is not None:
        return
    first = KeyerStatistic(
        round_id=round_.id, account_id=account_id, forms=1, items=items, corrected=corrected
    )
    try:
        with session.begin_nested():
            session.add(first)
    except IntegrityError:  # another form of the same keyer was sealed at this moment
        session.execute(change)
