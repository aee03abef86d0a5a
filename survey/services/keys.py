"""The keys of a round and its opening: from here on answers can be sealed but not read.

The private key passes through `make_keys` once, on its way to paper; nothing here stores it. A
round does not open before both sheets have been read back, because a lost key is a lost survey.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from sampling import PlannedStratum
from survey.errors import NotReadyError, OtherRoundsKeyError
from survey.queries.collection import serials_taken
from survey.queries.units import sample_plan, strata_of_round
from survey.records.base import new_key
from survey.records.collection import Disposition, Invitation, PaperForm, PaperState
from survey.records.rounds import Round
from survey.records.units import Stratum
from survey.rules.ballots import (
    OpenBallot,
    new_private_key,
    open_ballot,
    public_key_of,
    seal_ballot,
)
from survey.rules.invitations import new_serial
from survey.rules.keys import SHEETS, KeySheet, decode_sheet, encode_sheet
from survey.rules.lifecycle import Action
from survey.services.audit import record
from survey.services.rounds import hold_round, questionnaire_of

__all__ = [
    "MISSING_FAULTS",
    "check_sheet",
    "make_keys",
    "missing_before_opening",
    "open_round",
    "private_key_from",
]

MISSING_FAULTS: Final = {
    "plan": "the sample has not been drawn",
    "keys": "the keys have not been made",
    "sheet-1": "recovery sheet 1 has not been read back",
    "sheet-2": "recovery sheet 2 has not been read back",
}
"""Everything that `missing_before_opening` may name."""


def make_keys(
    session: Session, round_: Round, *, actor: str, now: datetime
) -> tuple[KeySheet, KeySheet]:
    """Make the round's key pair and the two recovery sheets.

    While the round is a draft this can be done again: the new keys replace the old ones, whose
    sheets then open nothing.

    Parameters
    ----------
    session : Session
    round_ : Round
    actor : str
    now : datetime

    Returns
    -------
    tuple of KeySheet
        Each holds the whole private key, for two custodians; it exists nowhere else.

    Raises
    ------
    NotAllowedNowError
        The round is no longer a draft.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.MAKE_KEYS)
    private_key = new_private_key()
    round_.public_key = public_key_of(private_key)
    round_.canary = seal_ballot(
        _canary_of(round_),
        questionnaire_of(session, round_),
        public_key=round_.public_key,
        size=round_.ballot_size,
    )
    round_.sheets_checked = 0
    detail = {"public_key": round_.public_key.hex()}
    record(session, actor=actor, action="make_keys", subject=round_.code, detail=detail, now=now)
    first, second = (encode_sheet(private_key, number, round_code=round_.code) for number in SHEETS)
    return first, second


def check_sheet(session: Session, round_: Round, *, text: str, actor: str, now: datetime) -> int:
    """Read a recovery sheet back and prove that it opens the round's canary ballot.

    Parameters
    ----------
    session : Session
    round_ : Round
    text : str
        As typed or scanned from the printed sheet.
    actor : str
    now : datetime

    Returns
    -------
    int
        The sheet's number.

    Raises
    ------
    WrongKeyError
        The text is damaged, or another round's or an older key's.
    NotReadyError
        No keys have been made.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.CHECK_SHEET)
    number, _ = private_key_from(round_, text)
    round_.note_sheet(number)
    detail = {"sheet": number}
    record(session, actor=actor, action="check_sheet", subject=round_.code, detail=detail, now=now)
    return number


def private_key_from(round_: Round, text: str) -> tuple[int, bytes]:
    """Read a key sheet and prove that its key is this round's.

    Parameters
    ----------
    round_ : Round
    text : str

    Returns
    -------
    int, bytes
        The sheet's number and the private key.

    Raises
    ------
    WrongKeyError
        The text is damaged, or another round's or an older key's.
    NotReadyError
        The round has no keys.
    """
    if round_.public_key is None or round_.canary is None:
        raise NotReadyError(action=Action.CHECK_SHEET, missing=[MISSING_FAULTS["keys"]])
    number, private_key = decode_sheet(text, round_code=round_.code)
    if public_key_of(private_key) != round_.public_key:
        raise OtherRoundsKeyError(round=round_.code)
    if open_ballot(round_.canary, private_key=private_key) != _canary_of(round_):
        raise OtherRoundsKeyError(round=round_.code)
    return number, private_key


def missing_before_opening(session: Session, round_: Round) -> list[str]:
    """Name what must be done before the round can open.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    list of str
        Out of `MISSING_FAULTS`; empty when the round can open.
    """
    missing = [] if sample_plan(session, round_.id) else ["plan"]
    if round_.public_key is None:
        missing.append("keys")
    else:
        missing += [f"sheet-{number}" for number in SHEETS if number not in round_.sheets_read]
    return [MISSING_FAULTS[each] for each in missing]


def open_round(session: Session, round_: Round, *, actor: str, now: datetime) -> None:
    """Open the round: a right to answer for everyone drawn, and a stock of numbered paper forms.

    All paper forms are made here, sorted by their random serials, so that neither handing one out
    nor its place in the file says anything about people.

    Parameters
    ----------
    session : Session
    round_ : Round
    actor : str
    now : datetime

    Raises
    ------
    NotReadyError
        See `missing_before_opening`.
    NotAllowedNowError
        The round is not a draft.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.OPEN)
    missing = missing_before_opening(session, round_)
    stored = sample_plan(session, round_.id)
    if missing or stored is None:
        raise NotReadyError(action=Action.OPEN, missing=missing)
    strata = {stratum.plan_key: stratum for stratum in strata_of_round(session, round_.id)}
    pairs = [(planned, strata[planned.unit, planned.group]) for planned in stored.plan.strata]
    invitations = [row for pair in pairs for row in _invitations(*pair)]
    forms = _paper_forms(session, pairs)
    for table, rows in ((Invitation, invitations), (PaperForm, forms)):
        if rows:
            session.execute(insert(table), rows)
    round_.move(Action.OPEN)
    round_.opened_at = now
    detail = {"invitations": len(invitations), "paper_forms": len(forms), "plan": stored.digest}
    record(session, actor=actor, action="open_round", subject=round_.code, detail=detail, now=now)


def _canary_of(round_: Round) -> OpenBallot:
    """Fill a ballot that nobody cast, to try keys on."""
    return OpenBallot(
        answers={},
        stratum_id=round_.id,
        rater_key=round_.id,
        too_fast=False,
        group_differs=False,
        mode="canary",
        keying_batch=None,
    )


def _invitations(planned: PlannedStratum, stratum: Stratum) -> Iterator[dict[str, Any]]:
    """Make the rights of one stratum; a stratum that picks its people has no positions."""
    positions = planned.selected or (None,) * planned.size
    for slot, position in enumerate(positions, start=1):
        yield {
            "id": new_key(),
            "stratum_id": stratum.id,
            "slot": slot,
            "position": position,
            "token_hash": None,
            "disposition": Disposition.UNUSED,
        }


def _paper_forms(
    session: Session, pairs: list[tuple[PlannedStratum, Stratum]]
) -> list[dict[str, Any]]:
    """Make the stock of every stratum, one form for each person drawn, reserves included."""
    owners = [
        stratum.id for planned, stratum in pairs for _ in range(planned.size + len(planned.reserve))
    ]
    taken = serials_taken(session)
    fresh: dict[str, str] = {}
    for owner in owners:
        serial = new_serial()
        while serial in taken or serial in fresh:
            serial = new_serial()
        fresh[serial] = owner
    return [
        {"serial": serial, "stratum_id": owner, "state": PaperState.BLANK, "version": 1}
        for serial, owner in sorted(fresh.items())
    ]
