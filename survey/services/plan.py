"""The sample plan of a round: frame, draw, what was drawn, and the draw made again.

The plan is stored as the sampling room wrote it. Everything shown is laid out from that document
and the register, so that an auditor who repeats the draw repeats what everybody saw.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from sampling import (
    Difference,
    DrawError,
    Frame,
    FrameError,
    FrameStratum,
    Person,
    Plan,
    Quota,
    QuotaError,
    Selection,
    UncountedUnit,
    draw,
    verify,
)
from survey.errors import NotFoundError, NotReadyError, RefusedInputError
from survey.queries.units import (
    round_unit_with_id,
    sample_plan,
    staff_by_stratum,
    strata_by_round_unit,
    units_in_order,
)
from survey.records.rounds import Round
from survey.records.units import RoundUnit, SamplePlan, StaffMember, Stratum
from survey.rules.faults import Fault
from survey.rules.lifecycle import Action
from survey.rules.plan_table import ListedUnit, PlanTable, build_plan_table
from survey.rules.round_document import RoundDocument
from survey.services import audit
from survey.services.rounds import hold_round

__all__ = [
    "PLAN_FAULTS",
    "certify",
    "draw_plan",
    "frame_of",
    "plan_of",
    "plan_table",
    "quotas_of",
    "verify_plan",
]

NO_REGISTER_FAULT: Final = "import the unit register first"
NOT_DRAWN_FAULT: Final = "the sample has not been drawn"
PLAN_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no-positions": (
            "“%(value)s” has no drawn positions to certify: "
            "its way of selection is “%(selection)s”."
        ),
    }
)


def quotas_of(document: RoundDocument) -> list[Quota]:
    """List the quotas that a round declares; a quota of nobody is no quota.

    Parameters
    ----------
    document : RoundDocument

    Returns
    -------
    list of Quota
    """
    return [
        Quota(unit_group=unit_group.code, group=group, size=size)
        for unit_group in document.unit_groups
        for group, size in unit_group.quotas.items()
        if size > 0
    ]


def frame_of(session: Session, round_: Round) -> Frame:
    """Build the frame from the register that the round holds.

    The names of staff lists are dropped when a round closes. From then on a list stands with its
    length only: the draw can still be repeated, as it never depends on names, but the frame's
    digest can no longer be.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    Frame
    """
    strata = strata_by_round_unit(session, round_.id)
    staff = staff_by_stratum(session, round_.id)
    units = units_in_order(session, round_.id)
    return Frame(
        strata=tuple(
            _frame_stratum(unit, stratum, staff.get(stratum.id, []))
            for unit in units
            for stratum in strata.get(unit.id, [])
        ),
        uncounted=tuple(
            UncountedUnit(unit=unit.unit.code, unit_group=unit.unit_group)
            for unit in units
            if unit.id not in strata
        ),
    )


def draw_plan(session: Session, round_: Round, *, seed: int, actor: str, now: datetime) -> Plan:
    """Draw the sample and keep it; while the round is a draft, a new draw replaces the old one.

    Every draw leaves an event with its seed, so that drawing until it suits cannot be hidden.

    Parameters
    ----------
    session : Session
    round_ : Round
    seed : int
        From 0, below 2⁶³.
    actor : str
    now : datetime
        Aware.

    Returns
    -------
    Plan

    Raises
    ------
    NotAllowedNowError
        The round is no draft.
    NotReadyError
        No register has been imported.
    RefusedInputError
        The register or the seed cannot carry a draw.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.DRAW)
    frame = frame_of(session, round_)
    if not frame.strata:
        raise NotReadyError(action=Action.DRAW, missing=[NO_REGISTER_FAULT])
    plan = _drawn(frame, round_.declared, seed)
    _replace(session, round_, plan, now)
    detail = {"seed": seed, "plan": plan.digest, "frame": plan.frame_digest}
    audit.record(
        session, actor=actor, action="draw_plan", subject=round_.code, detail=detail, now=now
    )
    return plan


def plan_of(session: Session, round_: Round) -> Plan:
    """Give the plan as it was drawn.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    Plan

    Raises
    ------
    NotReadyError
        Nothing has been drawn.
    """
    return _stored(session, round_).plan


def verify_plan(session: Session, round_: Round) -> Difference | None:
    """Draw again from the stored seed and name the first difference.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    Difference or None
        None when the stored plan is the draw. A stored digest that is not the document's is a
        difference too. After closing, when names are gone, the frame's digest is not compared.

    Raises
    ------
    NotReadyError
        Nothing has been drawn.
    """
    stored = _stored(session, round_)
    plan = stored.plan
    difference = verify(plan, frame_of(session, round_), quotas_of(round_.declared))
    names_are_gone = round_.closed_at is not None
    if difference is not None and not (names_are_gone and difference.place == "frame_digest"):
        return difference
    if plan.digest != stored.digest:
        return Difference(place="digest", expected=stored.digest, found=plan.digest)
    return None


def plan_table(session: Session, round_: Round) -> PlanTable:
    """Lay the plan out as pages, workbooks and official documents draw it.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    PlanTable
        Units in the order of the register.

    Raises
    ------
    NotReadyError
        Nothing has been drawn.
    """
    stored = _stored(session, round_)
    strata = strata_by_round_unit(session, round_.id)
    staff = staff_by_stratum(session, round_.id)
    units = [
        _listed(unit, strata.get(unit.id, []), staff) for unit in units_in_order(session, round_.id)
    ]
    return build_plan_table(stored.plan, round_.declared, units, drawn_at=stored.drawn_at)


def certify(session: Session, round_unit_id: str, *, actor: str, now: datetime) -> None:
    """Record a unit's certificate that it applied the drawn positions to its dated list.

    Parameters
    ----------
    session : Session
    round_unit_id : str
    actor : str
    now : datetime
        Aware. A second certificate changes nothing.

    Raises
    ------
    NotFoundError
        There is no such unit.
    NotAllowedNowError
        The round's state does not allow it.
    NotReadyError
        Nothing has been drawn.
    RefusedInputError
        The unit has no drawn positions.
    """
    unit = round_unit_with_id(session, round_unit_id)
    if unit is None:
        raise NotFoundError(what="unit of a round", key=round_unit_id)
    hold_round(session, unit.round.code, exclusive=True).require(Action.CERTIFY)
    _stored(session, unit.round)
    if unit.selection is not Selection.POSITIONS:
        values = {"value": unit.unit.name, "selection": unit.selection.value}
        fault = Fault(code="no-positions", template=PLAN_FAULTS["no-positions"], values=values)
        raise RefusedInputError(what="The certificate", faults=[fault])
    if unit.certified_at is not None:
        return
    unit.certified_at = now
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="certify",
        subject=unit.round.code,
        detail={"unit": unit.unit.code},
        now=now,
    )


def _frame_stratum(unit: RoundUnit, stratum: Stratum, staff: Sequence[StaffMember]) -> FrameStratum:
    """Lay one stratum out for the sampling room."""
    people = tuple(Person(position=member.position, name=member.name) for member in staff)
    if unit.selection is Selection.LIST and not people:
        places = range(1, stratum.population + 1)
        people = tuple(Person(position=k, name=f"({stratum.respondent_group} {k})") for k in places)
    return FrameStratum(
        unit=unit.unit.code,
        unit_group=unit.unit_group,
        group=stratum.respondent_group,
        population=stratum.population,
        selection=unit.selection,
        people=people,
    )


def _drawn(frame: Frame, document: RoundDocument, seed: int) -> Plan:
    """Draw, turning refusals of the sampling room into ones that a person can read."""
    try:
        return draw(frame, quotas_of(document), seed=seed, reserves=document.sampling.reserves)
    except FrameError as error:
        raise RefusedInputError(what="The unit register", faults=error.problems) from error
    except (QuotaError, DrawError) as error:
        raise RefusedInputError(what="The draw", faults=[error]) from error


def _replace(session: Session, round_: Round, plan: Plan, now: datetime) -> None:
    """Keep a plan in the place of an earlier one; certificates belonged to the earlier one."""
    earlier = sample_plan(session, round_.id)
    if earlier is not None:
        session.delete(earlier)
        session.flush()
    for unit in units_in_order(session, round_.id):
        unit.certified_at = None
    session.add(
        SamplePlan(round_id=round_.id, drawn_at=now, digest=plan.digest, document=plan.to_dict())
    )
    session.flush()


def _stored(session: Session, round_: Round) -> SamplePlan:
    """Find the stored plan, refusing to go on without one."""
    stored = sample_plan(session, round_.id)
    if stored is None:
        raise NotReadyError(action="see the plan", missing=[NOT_DRAWN_FAULT])
    return stored


def _listed(
    unit: RoundUnit, strata: Sequence[Stratum], staff: Mapping[str, Sequence[StaffMember]]
) -> ListedUnit:
    """Lay one unit out for the plan's table."""
    return ListedUnit(
        round_unit_id=unit.id,
        code=unit.unit.code,
        name=unit.unit.name,
        unit_group=unit.unit_group,
        selection=unit.selection,
        list_date=unit.list_date,
        certified_at=unit.certified_at,
        stratum_ids={stratum.respondent_group: stratum.id for stratum in strata},
        names={
            stratum.respondent_group: {
                member.position: member.name for member in staff.get(stratum.id, [])
            }
            for stratum in strata
        },
    )
