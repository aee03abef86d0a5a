"""The sample after non-response: which reserves the rule lets in, and what they would buy.

The office may know counts and never who answered, so the rule of the sampling room is applied to
counts: refusals and ineligible people are counted when they say so themselves; everybody else who
is still open counts as not reached only when the office states how often all of them were
contacted. In a stratum the reserves come in their drawn order, whoever fell out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from sampling import PlannedStratum, Selection
from sampling.reserves import OutcomeKind, ReserveRule
from survey.errors import NotFoundError, RefusedInputError
from survey.queries.units import planned_strata, strata_of_round, stratum_with_id
from survey.records.rounds import Round
from survey.records.units import Stratum
from survey.rules.faults import Fault
from survey.rules.lifecycle import Action
from survey.rules.plan_reserves import Precision, ReplannedStratum, ReplannedUnit
from survey.services.invite import release_reserve
from survey.services.rounds import hold_round
from survey.services.watch import StratumProgress, progress

__all__ = ["REPLAN_FAULTS", "ReplannedStratum", "ReplannedUnit", "release_by_rule", "replanned"]

REPLAN_FAULTS: Final[dict[str, str]] = {
    "not-yet": (
        "In “%(unit)s” the rule allows no further reserve now: %(fell_out)s fell out, "
        "%(released)s reserve(s) were invited in their place."
    ),
}


def replanned(session: Session, round_: Round, *, contacts: int) -> list[ReplannedUnit]:
    """Lay out, unit by unit, what has come in and which reserves may be invited next.

    Parameters
    ----------
    session : Session
    round_ : Round
        Open or later; only while it is open can anybody be released.
    contacts : int
        How often everybody who has not answered was contacted, from 0.

    Returns
    -------
    list of ReplannedUnit
        By unit group and unit code; empty before the draw. Units that pick their people are left
        out: they have no reserves.
    """
    plan = planned_strata(session, round_.id)
    strata = {stratum.id: stratum for stratum in strata_of_round(session, round_.id)}
    by_unit: dict[str, list[StratumProgress]] = {}
    for row in progress(session, round_):
        stratum = strata[row.stratum_id]
        if stratum.round_unit.selection is not Selection.PICKED and stratum.plan_key in plan:
            by_unit.setdefault(row.round_unit_id, []).append(row)
    document = round_.declared
    order = [group.code for group in document.respondent_groups]
    unit_groups = [rule.code for rule in document.unit_groups]
    level = document.scoring.confidence_level
    return [
        _unit(
            [
                _stratum(
                    row,
                    strata[row.stratum_id],
                    plan[strata[row.stratum_id].plan_key],
                    contacts,
                )
                for row in sorted(rows, key=lambda row: order.index(row.respondent_group))
            ],
            rows[0],
            level,
        )
        for rows in sorted(by_unit.values(), key=lambda rows: unit_groups.index(rows[0].unit_group))
    ]


def release_by_rule(
    session: Session, stratum_id: str, *, contacts: int, actor: str, now: datetime
) -> None:
    """Invite the next reserve of a stratum if the rule allows one; see `replanned`.

    Parameters
    ----------
    session : Session
    stratum_id : str
    contacts : int
    actor : str
    now : datetime
        Aware.

    Raises
    ------
    NotFoundError
        There is no such stratum.
    NotAllowedNowError
        The round is not open.
    RefusedInputError
        As many reserves as fell out are invited already.
    NoReserveLeftError
        All are released.
    """
    stratum = stratum_with_id(session, stratum_id)
    if stratum is None:
        raise NotFoundError(what="stratum", key=stratum_id)
    round_ = hold_round(session, stratum.round_unit.round.code, exclusive=True)
    round_.require(Action.INVITE)
    units = replanned(session, round_, contacts=contacts)
    found = [row for unit in units for row in unit.strata if row.stratum_id == stratum_id]
    if not any(row.releasable or not row.reserves_left for row in found):
        raise _not_yet(stratum, found)
    release_reserve(session, stratum_id, actor=actor, now=now)


def _not_yet(stratum: Stratum, found: Sequence[ReplannedStratum]) -> RefusedInputError:
    """Refuse a release that the rule does not allow."""
    values = {
        "unit": stratum.round_unit.unit.name,
        "fell_out": sum(row.refused + row.ineligible for row in found),
        "released": sum(row.released for row in found),
    }
    fault = Fault(code="not-yet", template=REPLAN_FAULTS["not-yet"], values=values)
    return RefusedInputError(what="The release", faults=[fault])


def _stratum(
    row: StratumProgress, stratum: Stratum, planned: PlannedStratum, contacts: int
) -> ReplannedStratum:
    """Count one stratum and apply the rule to its counts."""
    answered = row.used + row.paper_sealed
    still_open = max(0, row.invited - answered - row.refused - row.ineligible)
    replaceable = _replaceable(
        {
            OutcomeKind.REFUSED: (row.refused, max(1, contacts)),  # to refuse is to be in contact
            OutcomeKind.INELIGIBLE: (row.ineligible, contacts),
            OutcomeKind.NOT_REACHED: (still_open, contacts),
        }
    )
    released = max(0, row.invited - planned.size)
    releasable = max(0, min(row.reserves_left, replaceable - released))
    return ReplannedStratum(
        stratum_id=row.stratum_id,
        respondent_group=row.respondent_group,
        population=stratum.population,
        planned=planned.size,
        invited=row.invited,
        answered=answered,
        refused=row.refused,
        ineligible=row.ineligible,
        open=still_open,
        reserves_left=row.reserves_left,
        next_positions=tuple(planned.reserve[released : released + releasable]),
    )


def _replaceable(counts: dict[OutcomeKind, tuple[int, int]]) -> int:
    """Count the people whom the standing rule lets a reserve replace, by kind and contacts."""
    needed = ReserveRule.standard().contacts
    return sum(count for kind, (count, contacts) in counts.items() if contacts >= needed[kind])


def _unit(
    strata: Sequence[ReplannedStratum], label: StratumProgress, level: float
) -> ReplannedUnit:
    """Lay one unit out with its expected half-widths."""
    return ReplannedUnit(
        round_unit_id=label.round_unit_id,
        code=label.unit_code,
        name=label.unit_name,
        unit_group=label.unit_group,
        strata=tuple(strata),
        precision=Precision.of(strata, level=level),
    )
