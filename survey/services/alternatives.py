"""Other ways to share a round's forms, from its register and quotas; nothing is stored."""

from sqlalchemy.orm import Session

from sampling import InfeasibleError, check_frame
from survey.errors import NotReadyError, RefusedInputError
from survey.records.rounds import Round
from survey.rules.alternatives import Outcome, Rule, alternatives
from survey.services.plan import NO_REGISTER_FAULT, frame_of, quotas_of

__all__ = ["Outcome", "Rule", "beside_plan", "compared"]


def compared(session: Session, round_: Round) -> tuple[Outcome, ...]:
    """Lay the round's quotas beside other ways to share as many forms.

    Parameters
    ----------
    session : Session
    round_ : Round
        In any state; the register as it is now.

    Returns
    -------
    tuple of Outcome
        The declared quotas first; empty where nobody's people are drawn.

    Raises
    ------
    NotReadyError
        No register has been imported.
    RefusedInputError
        The register cannot carry a draw, or there are fewer forms than groups.
    """
    frame, document = frame_of(session, round_), round_.declared
    if not frame.strata:
        raise NotReadyError(action="compare allocations", missing=[NO_REGISTER_FAULT])
    problems = check_frame(frame)
    if problems:
        raise RefusedInputError(what="The unit register", faults=problems)
    level = document.scoring.confidence_level
    try:
        return alternatives(frame, quotas_of(document), level=level, costs=document.costs)
    except InfeasibleError as error:
        raise RefusedInputError(what="The comparison", faults=[error]) from error


def beside_plan(session: Session, round_: Round) -> tuple[Outcome, ...]:
    """Lay out what a plan's documents print beside it, without holding them up.

    Parameters
    ----------
    session : Session
    round_ : Round
        With a plan.

    Returns
    -------
    tuple of Outcome
        As `compared` gives them; empty where there are fewer forms than groups to share them.
    """
    try:
        return compared(session, round_)
    except RefusedInputError:
        return ()
