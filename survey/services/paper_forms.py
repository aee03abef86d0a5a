"""Paper forms as keying and deciding share them: found, held, checked, and sealed once agreed on.

A form that is agreed on is sealed like a web ballot, at once and without an audit row: events have
times, and a row of keyings in the order of a pile would say more than the pile does.
"""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from questionnaires import Answers, Door, Problem, Questionnaire, Severity, check
from survey.errors import FormFinishedError, NotFoundError, RefusedInputError, StaleFormError
from survey.queries.collection import entries_of, facts_of, form_with_stratum
from survey.queries.units import lock_stratum
from survey.records.base import new_key
from survey.records.collection import (
    Entry,
    KeyerStatistic,
    KeyingBatch,
    Mode,
    PaperForm,
    PaperState,
)
from survey.records.rounds import Round
from survey.records.units import RoundUnit
from survey.rules.ballots import OpenBallot, group_differs
from survey.rules.invitations import check_serial, printed_serial
from survey.rules.keyings import Difference, answers_in, corrections, differing
from survey.services.collect import store_ballot
from survey.services.rounds import questionnaire_of

__all__ = [
    "checked",
    "find_form",
    "flush",
    "hold_form",
    "keyed_differently",
    "refuse_finished",
    "round_of_form",
    "seal",
]


def find_form(session: Session, round_: Round, serial: str) -> PaperForm:
    """Find a form of a round.

    Parameters
    ----------
    session : Session
    round_ : Round
    serial : str
        As typed.

    Returns
    -------
    PaperForm
        With stratum and unit.

    Raises
    ------
    RefusedInputError
        The serial is none.
    NotFoundError
        The round has no form of this serial.
    """
    digits = check_serial(serial)
    form = form_with_stratum(session, digits, RoundUnit.round_id == round_.id)
    if form is None:
        raise NotFoundError(what="paper form", key=printed_serial(digits))
    return form


def hold_form(session: Session, round_: Round, serial: str) -> PaperForm:
    """Find a form as `find_form` does, and let nobody else count the forms of its stratum."""
    form = find_form(session, round_, serial)
    lock_stratum(session, form.stratum_id)
    return find_form(session, round_, serial)


def round_of_form(session: Session, serial: str) -> Round:
    """Find the round that a form belongs to; raises as `find_form` does."""
    digits = check_serial(serial)
    form = form_with_stratum(session, digits)
    if form is None:
        raise NotFoundError(what="paper form", key=printed_serial(digits))
    return session.get_one(Round, form.stratum.round_unit.round_id)


def refuse_finished(form: PaperForm) -> None:
    """Refuse a sealed form with `FormFinishedError`."""
    if form.state is PaperState.SEALED:
        raise FormFinishedError(serial=printed_serial(form.serial))


def checked(
    session: Session, questionnaire: Questionnaire, form: PaperForm, answers: Answers
) -> list[Problem]:
    """Refuse answers with hard problems (`RefusedInputError`) and return the soft ones."""
    facts = facts_of(session, form.stratum)
    problems = check(questionnaire, answers, facts, door=Door.CLERK)
    hard = [problem for problem in problems if problem.severity is Severity.HARD]
    if hard:
        raise RefusedInputError(what="The form", faults=hard)
    return problems


def keyed_differently(questionnaire: Questionnaire, entries: Sequence[Entry]) -> list[Difference]:
    """Compare the two keyings of a form, question by question."""
    first, second = (answers_in(entry.answers) for entry in entries)
    return differing(questionnaire, first, second)


def flush(session: Session) -> None:
    """Write a form's new state; `StaleFormError` where somebody else was faster."""
    try:
        session.flush()
    except StaleDataError as error:
        raise StaleFormError from error


def seal(session: Session, round_: Round, form: PaperForm, final: Answers) -> None:
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
