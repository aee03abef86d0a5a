"""Closing an anonymous round: from here on answers can be read, and nobody knows whose they are.

Everything happens in one transaction, so a crash leaves the round closing and nothing changed. One
shuffle over all ballots, with the system's randomness, is what separates arrival from storage.
"""

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from questionnaires import Disposition as Ending
from questionnaires import Questionnaire, canonical, route
from survey.errors import (
    BallotsDoNotMatchError,
    DamagedBallotsError,
    UnfinishedKeyingError,
    WrongKeyError,
)
from survey.queries.collection import (
    count_forms,
    count_invitations,
    facts_of,
    invitations_of_round,
    sealed_ballots,
)
from survey.queries.units import strata_of_round, stratum_ids
from survey.records.base import new_key
from survey.records.collection import (
    Ballot,
    Disposition,
    Draft,
    Entry,
    Invitation,
    KeyingBatch,
    Mode,
    PaperForm,
    PaperState,
    Response,
    StratumOutcome,
    Submission,
)
from survey.records.rounds import Round
from survey.records.units import StaffMember, Stratum
from survey.rules.ballots import OpenBallot, open_ballot
from survey.rules.lifecycle import Action
from survey.services.audit import record
from survey.services.keying import unfinished
from survey.services.keys import private_key_from
from survey.services.rounds import hold_round, questionnaire_of

__all__ = ["Closing", "begin_closing", "finish_closing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How many ballots were opened."""

    opened: int


def begin_closing(session: Session, round_: Round, *, actor: str, now: datetime) -> list[str]:
    """Take no more web answers; paper handed in may still be keyed.

    On PostgreSQL this waits for submissions that have begun, and those that follow are refused.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    round_ : Round
    actor : str
    now : datetime

    Returns
    -------
    list of str
        Serials of paper forms that wait for a second keying or a decision.

    Raises
    ------
    NotAllowedNowError
        The round is not open.
    """
    hold_round(session, round_.code, exclusive=True)
    round_.move(Action.BEGIN_CLOSING)
    pending = unfinished(session, round_)
    detail = {"unfinished": len(pending)}
    record(
        session, actor=actor, action="begin_closing", subject=round_.code, detail=detail, now=now
    )
    return pending


def finish_closing(
    session: Session,
    round_: Round,
    *,
    key_text: str,
    discard_unfinished: bool,
    actor: str,
    now: datetime,
) -> Closing:
    """Open all ballots, shuffle them into responses, and drop every link to a person.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    round_ : Round
    key_text : str
        A recovery sheet, typed, scanned or from a key file.
    discard_unfinished : bool
        Count forms that were not keyed twice as not returned.
    actor : str
    now : datetime

    Returns
    -------
    Closing

    Raises
    ------
    WrongKeyError
        The key is damaged or not this round's.
    UnfinishedKeyingError
        Forms are unfinished and may not be discarded.
    BallotsDoNotMatchError
        Ballots and used rights differ, in all or in a stratum, or a ballot cannot be opened
        (`DamagedBallotsError`). Nothing was changed.
    NotAllowedNowError
        The round is not closing.
    """
    hold_round(session, round_.code, exclusive=True)
    round_.require(Action.FINISH_CLOSING)
    _, private_key = private_key_from(round_, key_text)
    pending = unfinished(session, round_)
    if pending and not discard_unfinished:
        raise UnfinishedKeyingError(serials=pending)
    ballots = _open_all(session, round_, private_key)
    strata = strata_of_round(session, round_.id)
    rights, forms = count_invitations(session, round_.id), count_forms(session, round_.id)
    _refuse_mismatch(round_, strata, ballots, _expected(rights, forms))
    endings = _endings(session, questionnaire_of(session, round_), strata, ballots)
    _write(session, round_, strata, [b for b, end in zip(ballots, endings, strict=True) if not end])
    _write_outcomes(session, rights, forms, list(zip(ballots, endings, strict=True)))
    _purge(session, round_)
    round_.move(Action.FINISH_CLOSING)
    round_.closed_at = now
    detail = {"opened": len(ballots), "discarded": len(pending)}
    record(
        session, actor=actor, action="finish_closing", subject=round_.code, detail=detail, now=now
    )
    return Closing(opened=len(ballots))


def _open_all(session: Session, round_: Round, private_key: bytes) -> list[OpenBallot]:
    """Open every ballot of the round and forget the order they lay in."""
    sealed = sealed_ballots(session, round_.id)
    ballots, damaged = [], 0
    for each in sealed:
        try:
            ballots.append(open_ballot(each, private_key=private_key))
        except WrongKeyError:
            damaged += 1
    if damaged:
        raise DamagedBallotsError(damaged=damaged, ballots=len(sealed))
    secrets.SystemRandom().shuffle(ballots)
    return ballots


def _expected(
    rights: Mapping[tuple[str, Disposition], int], forms: Mapping[tuple[str, PaperState], int]
) -> Counter[tuple[str, str]]:
    """Say how many ballots there must be, by stratum and mode."""
    expected: Counter[tuple[str, str]] = Counter()
    for (stratum_id, disposition), count in rights.items():
        if disposition is Disposition.USED:
            expected[stratum_id, Mode.WEB] = count
    for (stratum_id, state), count in forms.items():
        if state is PaperState.SEALED:
            expected[stratum_id, Mode.PAPER] = count
    return expected


def _refuse_mismatch(
    round_: Round,
    strata: Sequence[Stratum],
    ballots: Sequence[OpenBallot],
    expected: Counter[tuple[str, str]],
) -> None:
    """Refuse when ballots were added or lost, in all or anywhere."""
    if len(ballots) != expected.total():
        raise BallotsDoNotMatchError(place=round_.code, ballots=len(ballots), used=expected.total())
    found = Counter((ballot.stratum_id, ballot.mode) for ballot in ballots)
    names = {each.id: f"{each.round_unit.unit.code}/{each.respondent_group}" for each in strata}
    for stratum_id, mode in sorted(found | expected):
        counts = found[stratum_id, mode], expected[stratum_id, mode]
        if counts[0] != counts[1]:
            place = f"{round_.code} {names.get(stratum_id, '?')} {mode}"
            raise BallotsDoNotMatchError(place=place, ballots=counts[0], used=counts[1])


def _endings(
    session: Session,
    questionnaire: Questionnaire,
    strata: Sequence[Stratum],
    ballots: Sequence[OpenBallot],
) -> list[Ending | None]:
    """Say of each ballot how its answers ended the form early; only paper can."""
    facts = {stratum.id: facts_of(session, stratum) for stratum in strata}
    return [
        route(questionnaire, ballot.answers, facts[ballot.stratum_id]).ended for ballot in ballots
    ]


def _write(
    session: Session, round_: Round, strata: Sequence[Stratum], ballots: Sequence[OpenBallot]
) -> None:
    """Store the shuffled ballots as responses about the rater's own unit."""
    questionnaire = questionnaire_of(session, round_)
    unit_ids = {stratum.id: stratum.round_unit.unit_id for stratum in strata}
    rows: list[dict[str, Any]] = [
        {
            "id": new_key(),
            "round_id": round_.id,
            "questionnaire": round_.questionnaire,
            "stratum_id": ballot.stratum_id,
            "rated_unit_id": unit_ids[ballot.stratum_id],
            "rater_key": ballot.rater_key,
            "mode": Mode(ballot.mode),
            "keying_batch": ballot.keying_batch,
            "too_fast": ballot.too_fast,
            "group_differs": ballot.group_differs,
            "order_seed": ballot.order_seed,
            "answers": json.loads(canonical(questionnaire, ballot.answers)),
        }
        for ballot in ballots
    ]
    if rows:
        session.execute(insert(Response), rows)


def _write_outcomes(
    session: Session,
    rights: Mapping[tuple[str, Disposition], int],
    forms: Mapping[tuple[str, PaperState], int],
    ballots: Sequence[tuple[OpenBallot, Ending | None]],
) -> None:
    """Reduce what became of the invitations to counts per stratum."""
    answered = Counter((ballot.stratum_id, ballot.mode) for ballot, end in ballots if not end)
    ended = Counter((ballot.stratum_id, end) for ballot, end in ballots if end)
    for stratum_id in sorted({stratum_id for stratum_id, _ in rights}):
        counts = {each: rights.get((stratum_id, each), 0) for each in Disposition}
        sealed = forms.get((stratum_id, PaperState.SEALED), 0)
        session.add(
            StratumOutcome(
                stratum_id=stratum_id,
                web=answered[stratum_id, Mode.WEB],
                paper=answered[stratum_id, Mode.PAPER],
                refused=counts[Disposition.REFUSED] + ended[stratum_id, Ending.REFUSED],
                ineligible=counts[Disposition.INELIGIBLE] + ended[stratum_id, Ending.INELIGIBLE],
                unreached=counts[Disposition.UNUSED] + counts[Disposition.PAPER] - sealed,
            )
        )
    session.flush()


def _purge(session: Session, round_: Round) -> None:
    """Delete ballots, drafts, proofs, keyings, paper forms, invitations and staff lists."""
    here = stratum_ids(round_.id)
    serials = select(PaperForm.serial).where(PaperForm.stratum_id.in_(here))
    for statement in (
        delete(Ballot).where(Ballot.round_id == round_.id),
        delete(Submission).where(Submission.round_id == round_.id),
        delete(Draft).where(Draft.invitation_id.in_(invitations_of_round(round_.id))),
        delete(Entry).where(Entry.serial.in_(serials)),
        delete(PaperForm).where(PaperForm.stratum_id.in_(here)),
        delete(KeyingBatch).where(KeyingBatch.round_id == round_.id),
        delete(Invitation).where(Invitation.stratum_id.in_(here)),
        delete(StaffMember).where(StaffMember.stratum_id.in_(here)),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    session.expire_all()
