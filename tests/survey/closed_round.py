"""A closed round for tests: the example's units and questionnaire, answers drawn from a seed.

Rows are written directly, without the web and without ballots: what follows the closing is tested
here, not how the answers came in.
"""

import csv
import random
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

import survey
from questionnaires import Questionnaire, ScaleItem, SingleItem, route
from sampling import PlannedStratum, Selection
from survey.queries.units import strata_of_round, units_in_order
from survey.records.collection import Mode, Response, StratumOutcome
from survey.records.rounds import Round
from survey.records.units import RoundUnit, StaffMember, Stratum, Unit
from survey.rules.facts import facts_for
from survey.rules.lifecycle import RoundState
from survey.services.plan import draw_plan, plan_of
from survey.services.rounds import create_round, questionnaire_of, read_round

EXAMPLE = Path(survey.__file__).parent / "examples" / "binh_phuoc_2022"
NOW = datetime(2022, 11, 1, 2, 0, tzinfo=UTC)
DAY = date(2022, 9, 30)
GROUPS = ("LD", "CC")


def draft_round(session: Session, *, codes: Collection[str] = (), simulated: bool = True) -> Round:
    """Create the example's round with its plan drawn; with ``codes`` only these units."""
    document, questionnaire = read_round(EXAMPLE / "round.yaml")
    round_ = create_round(
        session,
        document=document,
        questionnaire=questionnaire,
        simulated=simulated,
        actor="cli",
        now=NOW,
    )
    with (EXAMPLE / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        for place, row in enumerate(csv.DictReader(file), start=1):
            if not codes or row["code"] in codes:
                _add_unit(session, round_, row, place)
    session.flush()
    draw_plan(session, round_, seed=2022, actor="cli", now=NOW)
    for unit in units_in_order(session, round_.id):
        if unit.selection is Selection.POSITIONS:
            unit.certified_at = NOW
    session.flush()
    return round_


def _add_unit(session: Session, round_: Round, row: Mapping[str, str], place: int) -> None:
    known = row["handles_procedures"]
    unit = Unit(
        code=row["code"],
        name=row["name"],
        facts={"unit.handles_procedures": known} if known else {},
        valid_from=date(2022, 1, 1),
    )
    session.add(unit)
    session.flush()
    selection = Selection(row["selection"]) if row["selection"] else Selection.POSITIONS
    taking_part = RoundUnit(
        round_id=round_.id,
        unit_id=unit.id,
        place=place,
        unit_group=row["unit_group"],
        selection=selection,
        list_date=DAY,
    )
    session.add(taking_part)
    session.flush()
    for group in GROUPS:
        if row[f"population_{group}"]:
            _add_stratum(session, taking_part, group, int(row[f"population_{group}"]))


def _add_stratum(session: Session, unit: RoundUnit, group: str, population: int) -> None:
    stratum = Stratum(round_unit_id=unit.id, respondent_group=group, population=population)
    session.add(stratum)
    session.flush()
    if unit.selection is Selection.LIST:
        session.add_all(
            StaffMember(stratum_id=stratum.id, position=place, name=f"Người {group} {place:03}")
            for place in range(1, population + 1)
        )


def close_with(
    session: Session,
    round_: Round,
    answers: Mapping[tuple[str, str], Sequence[Mapping[str, object]]],
    *,
    refused: Mapping[tuple[str, str], int] | None = None,
    ineligible: Mapping[tuple[str, str], int] | None = None,
) -> None:
    """Close a round with the given answers by unit code and respondent group."""
    for unit, stratum, planned in planned_strata(session, round_):
        key = (unit.unit.code, stratum.respondent_group)
        given = answers.get(key, ())
        gone = (refused or {}).get(key, 0), (ineligible or {}).get(key, 0)
        paper = len(given) // 3
        session.add(
            StratumOutcome(
                stratum_id=stratum.id,
                web=len(given) - paper,
                paper=paper,
                refused=gone[0],
                ineligible=gone[1],
                unreached=planned.size - len(given) - sum(gone),
            )
        )
        for number, found in enumerate(given):
            session.add(_response(round_, unit, stratum, found, on_paper=number < paper))
    round_.state = RoundState.CLOSED
    round_.closed_at = NOW
    session.flush()


def _response(
    round_: Round,
    unit: RoundUnit,
    stratum: Stratum,
    answers: Mapping[str, object],
    *,
    on_paper: bool,
) -> Response:
    return Response(
        round_id=round_.id,
        questionnaire=round_.questionnaire,
        stratum_id=stratum.id,
        rated_unit_id=unit.unit_id,
        rater_key=random.SystemRandom().randbytes(16).hex(),
        mode=Mode.PAPER if on_paper else Mode.WEB,
        keying_batch="lo-1" if on_paper else None,
        too_fast=False,
        group_differs=False,
        answers=dict(answers),
    )


def planned_strata(
    session: Session, round_: Round
) -> list[tuple[RoundUnit, Stratum, PlannedStratum]]:
    """Return the planned strata with their records."""
    units = {unit.id: unit for unit in units_in_order(session, round_.id)}
    planned = {(part.unit, part.group): part for part in plan_of(session, round_).strata}
    found = []
    for stratum in strata_of_round(session, round_.id):
        unit = units[stratum.round_unit_id]
        part = planned.get((unit.unit.code, stratum.respondent_group))
        if part is not None:
            found.append((unit, stratum, part))
    return found


def same_answers(
    questionnaire: Questionnaire, facts: Mapping[str, str], group: str, code: str
) -> dict[str, object]:
    """Answer every scale on the path with one code."""
    answers: dict[str, object] = {"DY": "1", "A1": group, "A2": "3", "A4": "1"}
    in_play = route(questionnaire, answers, facts).items  # type: ignore[arg-type]
    scales = (item.id for item in questionnaire.questions if isinstance(item, ScaleItem))
    return answers | {item: code for item in scales if item in in_play}


def random_answers(
    questionnaire: Questionnaire,
    facts: Mapping[str, str],
    group: str,
    *,
    level: float,
    rng: random.Random,
) -> dict[str, object]:
    """Answer a questionnaire along its path, around ``level`` in [0, 1]."""
    answers: dict[str, object] = {"DY": "1", "A1": group, "A2": "3"}
    person = rng.gauss(level, 0.12)
    for item in questionnaire.questions:
        if item.id not in route(questionnaire, answers, facts).items:  # type: ignore[arg-type]
            continue
        if isinstance(item, ScaleItem):
            step = round(5 * min(1.0, max(0.0, rng.gauss(person, 0.15))) + 0.5)
            answers[item.id] = "99" if rng.random() < 0.04 else str(min(5, max(1, step)))
        elif isinstance(item, SingleItem) and item.id not in answers:
            answers[item.id] = rng.choice([option.code for option in item.options])
    return answers


def close_at_random(session: Session, round_: Round, *, seed: int, share: float = 0.85) -> None:
    """Close a round with made-up answers, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - made-up answers, to be the same again
    questionnaire = questionnaire_of(session, round_)
    levels: dict[str, float] = {}
    answers: dict[tuple[str, str], list[dict[str, object]]] = {}
    for unit, stratum, planned in sorted(
        planned_strata(session, round_), key=lambda row: (row[0].unit.code, row[2].group)
    ):
        level = levels.setdefault(unit.unit.code, rng.uniform(0.55, 0.9))
        facts = facts_for(
            unit.unit.facts,
            group=stratum.respondent_group,
            selection=planned.selection,
            size=planned.size,
            population=planned.population,
        )
        group = stratum.respondent_group
        answers[unit.unit.code, group] = [
            random_answers(questionnaire, facts, group, level=level, rng=rng)
            for _ in range(planned.size)
            if rng.random() < share
        ]
    close_with(session, round_, answers)
