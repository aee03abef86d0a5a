"""Deciding where two keyings of a paper form differ: a third person, with the form in hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from questionnaires import Answer, Questionnaire
from survey.errors import KeyedAlreadyError, NotFoundError
from survey.queries.collection import entries_of, forms_in
from survey.records.collection import Entry, PaperForm, PaperState
from survey.records.rounds import Round
from survey.rules.invitations import printed_serial
from survey.rules.keyings import Difference, answers_in, check_decisions
from survey.rules.lifecycle import Action
from survey.services import paper_forms as papers
from survey.services.rounds import hold_round, questionnaire_of

__all__ = ["DifferingForm", "FormToDecide", "adjudicate", "form_to_decide", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingForm:
    """A form that waits for a decision; ``keyed_by`` are the accounts that may not make it."""

    serial: str
    unit_name: str
    respondent_group: str
    items: int
    keyed_by: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormToDecide:
    """A form as the third person sees it; ``differences`` are in the order of the form."""

    serial: str
    questionnaire: Questionnaire
    differences: Sequence[Difference]
    simulated: bool


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
                items=len(papers.keyed_differently(questionnaire_of(session, round_), entries)),
                keyed_by=frozenset(entry.keyed_by for entry in entries),
            )
        )
    return found


def form_to_decide(session: Session, serial: str, *, account_id: str) -> FormToDecide:
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
    FormToDecide
        Which of the two keyings is "first" stays the same.

    Raises
    ------
    KeyedAlreadyError
        The account has keyed the form itself.
    FormFinishedError
        There is nothing to decide.
    NotFoundError
        There is no such form.
    NotAllowedNowError
        The round takes no decisions.
    """
    round_ = papers.round_of_form(session, serial)
    round_.require(Action.ADJUDICATE)
    form = papers.find_form(session, round_, serial)
    entries = _undecided(session, form, account_id)
    questionnaire = questionnaire_of(session, round_)
    return FormToDecide(
        serial=form.serial,
        questionnaire=questionnaire,
        differences=papers.keyed_differently(questionnaire, entries),
        simulated=round_.simulated,
    )


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
    code = papers.round_of_form(session, serial).code
    round_ = hold_round(session, code, exclusive=False)
    round_.require(Action.ADJUDICATE)
    form = papers.hold_form(session, round_, serial)
    entries = _undecided(session, form, account_id)
    questionnaire = questionnaire_of(session, round_)
    check_decisions(questionnaire, papers.keyed_differently(questionnaire, entries), decisions)
    keyed = answers_in(entries[0].answers) | dict(decisions)
    final = {item: answer for item, answer in keyed.items() if answer is not None}
    papers.checked(session, questionnaire, form, final)
    form.state = PaperState.SEALED
    papers.flush(session)
    papers.seal(session, round_, form, final)


def _undecided(session: Session, form: PaperForm, account_id: str) -> list[Entry]:
    """Return the two keyings of a form that this account may decide about."""
    papers.refuse_finished(form)
    if form.state is not PaperState.DIFFERING:
        raise NotFoundError(what="pair of differing keyings of form", key=form.serial)
    entries = entries_of(session, form.serial)
    if any(entry.keyed_by == account_id for entry in entries):
        raise KeyedAlreadyError(serial=printed_serial(form.serial))
    return entries
