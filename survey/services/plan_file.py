"""A plan as one file that anybody can draw again without a database, and the drawing again.

The file holds the plan, its digest, the frame and the quotas, and no names: a draw never depends
on them. Where staff lists are known the frame's digest does, so there it cannot be redone from the
file, and the answer says so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from sampling import (
    Difference,
    Frame,
    FrameStratum,
    Person,
    Plan,
    Quota,
    SamplingError,
    Selection,
    UncountedUnit,
    verify,
)
from survey.errors import RefusedInputError
from survey.records.rounds import Round
from survey.services.plan import frame_of, plan_of, quotas_of

__all__ = ["PlanCheck", "plan_json", "verify_json"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Stratum(_Part):
    unit: str
    unit_group: str
    group: str
    population: int = Field(ge=0, le=10**6)
    selection: Literal["list", "positions", "picked"]

    def as_stratum(self) -> FrameStratum:
        """Give the stratum to the sampling room, with numbers for the names of a list."""
        selection = Selection(self.selection)
        listed = range(1, self.population + 1) if selection is Selection.LIST else ()
        return FrameStratum(
            unit=self.unit,
            unit_group=self.unit_group,
            group=self.group,
            population=self.population,
            selection=selection,
            people=tuple(Person(position=k, name=f"({self.group} {k})") for k in listed),
        )


class _Uncounted(_Part):
    unit: str
    unit_group: str


class _Quota(_Part):
    unit_group: str
    group: str
    size: int = Field(ge=1)


class _PlanFile(_Part):
    schema_: Literal["khaosat.plan/1"] = Field(alias="schema")
    round: str
    digest: str
    plan: Mapping[str, Any]
    frame: tuple[_Stratum, ...] = Field(strict=False)
    uncounted: tuple[_Uncounted, ...] = Field(strict=False)
    quotas: tuple[_Quota, ...] = Field(strict=False)

    def as_frame(self) -> Frame:
        """Give the frame to the sampling room."""
        return Frame(
            strata=tuple(stratum.as_stratum() for stratum in self.frame),
            uncounted=tuple(
                UncountedUnit(unit=part.unit, unit_group=part.unit_group) for part in self.uncounted
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCheck:
    """What drawing a plan's file again has shown."""

    round_code: str
    digest: str
    difference: Difference | None
    """The first difference; None when the plan is the draw."""

    frame_digest_redone: bool
    """False where staff lists are known: their names are not in the file."""


def plan_json(session: Session, round_: Round) -> str:
    """Write the stored plan with all that is needed to draw it again.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    str
        JSON with schema, round, digest, plan, frame, uncounted and quotas.

    Raises
    ------
    NotReadyError
        Nothing has been drawn.
    """
    plan, frame = plan_of(session, round_), frame_of(session, round_)
    content = {
        "schema": "khaosat.plan/1",
        "round": round_.code,
        "digest": plan.digest,
        "plan": plan.to_dict(),
        "frame": [
            {
                "unit": stratum.unit,
                "unit_group": stratum.unit_group,
                "group": stratum.group,
                "population": stratum.population,
                "selection": stratum.selection.value,
            }
            for stratum in frame.strata
        ],
        "uncounted": [
            {"unit": part.unit, "unit_group": part.unit_group} for part in frame.uncounted
        ],
        "quotas": [
            {"unit_group": quota.unit_group, "group": quota.group, "size": quota.size}
            for quota in quotas_of(round_.declared)
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def verify_json(text: str | bytes) -> PlanCheck:
    """Draw the plan of a file again and name the first difference.

    Parameters
    ----------
    text : str or bytes
        What `plan_json` wrote; UTF-8.

    Returns
    -------
    PlanCheck

    Raises
    ------
    RefusedInputError
        This is no plan's file, or its frame, quotas or seed cannot carry a draw.
    """
    try:
        found = _PlanFile.model_validate_json(text)
        plan, frame = Plan.from_dict(found.plan), found.as_frame()
        quotas = [
            Quota(unit_group=each.unit_group, group=each.group, size=each.size)
            for each in found.quotas
        ]
        difference = verify(plan, frame, quotas)
    except ValidationError as error:
        faults = [_said(fault) for fault in error.errors(include_url=False)]
        raise RefusedInputError(what="The plan file", faults=faults) from error
    except SamplingError as error:
        raise RefusedInputError(what="The plan file", faults=[error]) from error
    redone = all(stratum.selection is not Selection.LIST for stratum in frame.strata)
    if difference is not None and difference.place == "frame_digest" and not redone:
        difference = None
    if difference is None and plan.digest != found.digest:
        difference = Difference(place="digest", expected=plan.digest, found=found.digest)
    return PlanCheck(
        round_code=found.round,
        digest=plan.digest,
        difference=difference,
        frame_digest_redone=redone,
    )


def _said(fault: Mapping[str, Any]) -> str:
    """Say where a file departs from its schema."""
    place = ".".join(str(part) for part in fault["loc"]) or "the file"
    return f"{place}: {fault['msg']}"
