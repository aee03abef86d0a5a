"""Invitations: links are printed once and kept only as hashes, reserves and paper take their place.

Nothing here lists who has answered. (Printing links again shows which are unused: that is the
price of replacing a lost letter.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from sampling import PlannedStratum
from survey.errors import NoReserveLeftError, NotFoundError, RefusedInputError
from survey.queries.collection import (
    change_unused,
    facts_of,
    invitations_of_stratum,
    serials_of_stratum,
)
from survey.queries.units import (
    lock_stratum,
    names_on_lists,
    planned_strata,
    strata_of_unit,
    stratum_with_id,
)
from survey.records.collection import Disposition, Invitation
from survey.records.rounds import Round
from survey.records.units import Stratum
from survey.rules.faults import Fault
from survey.rules.invitations import IssuedLink, new_token, token_hash
from survey.rules.lifecycle import Action
from survey.services.audit import record
from survey.services.rounds import hold_round

__all__ = [
    "SLOT_FAULT",
    "Invited",
    "hand_out_paper",
    "invited",
    "issue_links",
    "paper_facts",
    "paper_serials",
    "release_reserve",
]

SLOT_FAULT: Final = "Number %(slot)s has no unused link: it was used, withdrawn or never issued."


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody who is invited; whether the right has been used is not said."""

    slot: int
    position: int | None
    name: str | None
    reserve: bool


def issue_links(
    session: Session,
    round_unit_id: str,
    *,
    public_url: str,
    reissue: bool,
    actor: str,
    now: datetime,
) -> list[IssuedLink]:
    """Make the links of a unit, to be printed at once: they cannot be shown a second time.

    Parameters
    ----------
    session : Session
    round_unit_id : str
    public_url : str
        Address of the installation, without a slash at the end.
    reissue : bool
        Also replace the links that were issued before and not used; the old ones then open
        nothing, and drafts begun with them are lost.
    actor : str
    now : datetime

    Returns
    -------
    list of IssuedLink
        By respondent group and slot; nothing for invitations used, ended or given paper.

    Raises
    ------
    NotFoundError
        There is no such unit in any round.
    NotAllowedNowError
        The round is not open.
    """
    strata = strata_of_unit(session, round_unit_id)
    if not strata:
        raise NotFoundError(what="unit of a round", key=round_unit_id)
    round_ = _held_round(session, strata[0], Action.INVITE)
    plan = planned_strata(session, round_.id)
    address = f"{public_url.rstrip('/')}/t/{round_.code}"
    links = [
        link
        for stratum in strata
        if (planned := plan.get(stratum.plan_key)) is not None
        for link in _links(session, stratum, planned, address=address, reissue=reissue)
    ]
    _record(session, "issue_links", strata[0], actor=actor, now=now, count=len(links))
    return links


def release_reserve(session: Session, stratum_id: str, *, actor: str, now: datetime) -> None:
    """Invite the stratum's next reserve, in the order drawn; print its link with `issue_links`.

    Parameters
    ----------
    session : Session
    stratum_id : str
    actor : str
    now : datetime

    Raises
    ------
    NotFoundError
        There is no such stratum.
    NoReserveLeftError
        All are released, or the unit picked its people and none was drawn.
    NotAllowedNowError
        The round is not open.
    """
    round_, stratum = _held(session, stratum_id, Action.INVITE)
    planned = planned_strata(session, round_.id)[stratum.plan_key]
    count = len(invitations_of_stratum(session, stratum_id))
    released = count - planned.size
    if released >= len(planned.reserve):
        unit, group = stratum.round_unit.unit.name, stratum.respondent_group
        raise NoReserveLeftError(unit=unit, group=group, drawn=len(planned.reserve))
    position = planned.reserve[released]
    session.add(Invitation(stratum_id=stratum_id, slot=count + 1, position=position))
    session.flush()
    _record(session, "release_reserve", stratum, actor=actor, now=now, count=1)


def hand_out_paper(
    session: Session, stratum_id: str, *, slots: Sequence[int], actor: str, now: datetime
) -> None:
    """Withdraw the links of people who get a paper form instead.

    Which form a person gets is not recorded and must not be: each draws a copy from the
    stratum's pile (`paper_serials`).

    Parameters
    ----------
    session : Session
    stratum_id : str
    slots : sequence of int
        Places in the stratum's sample, as printed on the list of links.
    actor : str
    now : datetime

    Raises
    ------
    RefusedInputError
        A slot has no unused right; names each, and withdraws none.
    NotAllowedNowError
        The round is not open.
    """
    _, stratum = _held(session, stratum_id, Action.ISSUE_PAPER)
    faults = [
        Fault(code="slot", template=SLOT_FAULT, values={"slot": slot})
        for slot in dict.fromkeys(slots)
        if change_unused(
            session,
            Invitation.stratum_id == stratum_id,
            Invitation.slot == slot,
            disposition=Disposition.PAPER,
            token_hash=None,
        )
        is None
    ]
    if faults:
        raise RefusedInputError(what="The list of numbers", faults=faults)
    _record(session, "hand_out_paper", stratum, actor=actor, now=now, count=len(set(slots)))


def paper_serials(session: Session, stratum_id: str) -> list[str]:
    """List the serials of the stratum's whole stock of paper forms.

    Print the stock once, as one pile to draw from: a second print is a second copy of the same
    serials, and only one of the two can be keyed. At most as many come back as were handed out.

    Parameters
    ----------
    session : Session
    stratum_id : str

    Returns
    -------
    list of str
        Sorted; nine digits each.
    """
    return serials_of_stratum(session, stratum_id)


def paper_facts(session: Session, stratum_id: str) -> dict[str, str]:
    """Return what is known of a stratum, so that its paper forms ask only what concerns it.

    Parameters
    ----------
    session : Session
    stratum_id : str

    Returns
    -------
    dict of str to str
        Facts by the name that conditions use.

    Raises
    ------
    NotFoundError
        There is no such stratum.
    """
    return facts_of(session, _found(session, stratum_id))


def invited(session: Session, stratum_id: str) -> list[Invited]:
    """List who is invited in a stratum, to choose who gets paper.

    Parameters
    ----------
    session : Session
    stratum_id : str

    Returns
    -------
    list of Invited
        By slot; everybody, whatever has become of the invitation.

    Raises
    ------
    NotFoundError
        There is no such stratum.
    """
    stratum = _found(session, stratum_id)
    planned = planned_strata(session, stratum.round_unit.round_id)[stratum.plan_key]
    names = names_on_lists(session, stratum_id)
    return [
        Invited(
            slot=invitation.slot,
            position=invitation.position,
            name=None if invitation.position is None else names.get(invitation.position),
            reserve=invitation.slot > planned.size,
        )
        for invitation in invitations_of_stratum(session, stratum_id)
    ]


def _found(session: Session, stratum_id: str) -> Stratum:
    """Find a stratum with its unit and round."""
    stratum = stratum_with_id(session, stratum_id)
    if stratum is None:
        raise NotFoundError(what="stratum", key=stratum_id)
    return stratum


def _held(session: Session, stratum_id: str, action: Action) -> tuple[Round, Stratum]:
    """Hold a stratum, after its round in a state that allows ``action``."""
    stratum = _found(session, stratum_id)
    round_ = _held_round(session, stratum, action)
    lock_stratum(session, stratum_id)
    return round_, stratum


def _held_round(session: Session, stratum: Stratum, action: Action) -> Round:
    """Hold the stratum's round in a state that allows ``action``."""
    round_ = hold_round(session, stratum.round_unit.round.code, exclusive=False)
    round_.require(action)
    return round_


def _links(
    session: Session, stratum: Stratum, planned: PlannedStratum, *, address: str, reissue: bool
) -> list[IssuedLink]:
    """Give new tokens to a stratum's unused invitations."""
    names = names_on_lists(session, stratum.id)
    links = []
    for invitation in invitations_of_stratum(session, stratum.id):
        if invitation.token_hash is not None and not reissue:
            continue
        token = new_token()
        new_hash = token_hash(token)
        if change_unused(session, Invitation.id == invitation.id, token_hash=new_hash) is None:
            continue
        position = invitation.position
        links.append(
            IssuedLink(
                slot=invitation.slot,
                position=position,
                name=None if position is None else names.get(position),
                respondent_group=stratum.respondent_group,
                reserve=invitation.slot > planned.size,
                url=f"{address}/{token}",
            )
        )
    return links


def _record(
    session: Session, action: str, stratum: Stratum, *, actor: str, now: datetime, count: int
) -> None:
    """Write who did what for which unit, in counts: a list of slots would name people."""
    unit = stratum.round_unit.unit.code
    group = None if action == "issue_links" else stratum.respondent_group
    detail = {"unit": unit, "group": group, "count": count}
    code = stratum.round_unit.round.code
    record(session, actor=actor, action=action, subject=code, detail=detail, now=now)
