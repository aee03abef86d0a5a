"""How far a round has come, in counts: the office learns how many have answered, never who.

While answers come in, the counts are those of the rights; after closing, those that were kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from sampling import PlannedStratum
from survey.queries.collection import count_forms, count_invitations, outcomes_of_round
from survey.queries.units import planned_strata, strata_of_round
from survey.records.collection import Disposition, PaperState, StratumOutcome
from survey.records.rounds import Round
from survey.records.units import Stratum

__all__ = ["StratumProgress", "progress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumProgress:
    """How far a stratum has come, in counts."""

    stratum_id: str
    round_unit_id: str
    unit_code: str
    unit_name: str
    unit_group: str
    respondent_group: str
    invited: int
    used: int
    paper_out: int
    paper_sealed: int
    refused: int
    ineligible: int
    reserves_left: int


def progress(session: Session, round_: Round) -> list[StratumProgress]:
    """Count how far each stratum has come.

    Parameters
    ----------
    session : Session
    round_ : Round
        Open or later; after closing the counts are the final ones.

    Returns
    -------
    list of StratumProgress
        By unit code and respondent group; only strata with a sample.
    """
    plan = planned_strata(session, round_.id)
    outcomes = outcomes_of_round(session, round_.id)
    rights = count_invitations(session, round_.id)
    forms = count_forms(session, round_.id)
    return [
        _final(stratum, outcomes[stratum.id])
        if stratum.id in outcomes
        else _running(stratum, plan[stratum.plan_key], rights, forms)
        for stratum in strata_of_round(session, round_.id)
        if stratum.plan_key in plan
    ]


def _running(
    stratum: Stratum,
    planned: PlannedStratum,
    rights: Mapping[tuple[str, Disposition], int],
    forms: Mapping[tuple[str, PaperState], int],
) -> StratumProgress:
    """Count a stratum that is still being asked."""
    counts = {each: rights.get((stratum.id, each), 0) for each in Disposition}
    invited_ = sum(counts.values())
    return StratumProgress(
        **_labels(stratum),
        invited=invited_,
        used=counts[Disposition.USED],
        paper_out=counts[Disposition.PAPER],
        paper_sealed=forms.get((stratum.id, PaperState.SEALED), 0),
        refused=counts[Disposition.REFUSED],
        ineligible=counts[Disposition.INELIGIBLE],
        reserves_left=max(0, planned.size + len(planned.reserve) - invited_),
    )


def _final(stratum: Stratum, outcome: StratumOutcome) -> StratumProgress:
    """Count a stratum whose round has closed."""
    answered = outcome.web + outcome.paper
    return StratumProgress(
        **_labels(stratum),
        invited=answered + outcome.refused + outcome.ineligible + outcome.unreached,
        used=outcome.web,
        paper_out=outcome.paper,
        paper_sealed=outcome.paper,
        refused=outcome.refused,
        ineligible=outcome.ineligible,
        reserves_left=0,
    )


def _labels(stratum: Stratum) -> dict[str, str]:
    """Name a stratum."""
    return {
        "stratum_id": stratum.id,
        "round_unit_id": stratum.round_unit_id,
        "unit_code": stratum.round_unit.unit.code,
        "unit_name": stratum.round_unit.unit.name,
        "unit_group": stratum.round_unit.unit_group,
        "respondent_group": stratum.respondent_group,
    }
