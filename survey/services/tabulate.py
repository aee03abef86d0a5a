"""Answers to tables: per unit and stratum for the index, one row a response for statisticians.

Off-path answers are dropped here once, for every reader: on paper they are stored as written.
A response with too few answered items is kept and counted, but carries no weight.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from questionnaires import (
    Answer,
    CalculationItem,
    Codebook,
    DateItem,
    DecimalItem,
    MissingCode,
    Question,
    Questionnaire,
    Route,
    WrittenItem,
    codebook,
    evaluate,
    from_canonical,
    route,
)
from questionnaires.questionnaire import WRITTEN_MISSING
from sampling import PlannedStratum, Selection
from stats.quality import eligible_population
from survey.errors import NotReadyError
from survey.queries.collection import outcomes_of_round, responses_of_round
from survey.queries.units import strata_by_round_unit, units_in_order
from survey.records.collection import Mode, Response, StratumOutcome
from survey.records.rounds import Round
from survey.records.units import RoundUnit, Stratum
from survey.rules.facts import facts_for
from survey.rules.lifecycle import Action
from survey.services.plan import plan_of
from survey.services.rounds import questionnaire_of, version_of

__all__ = [
    "TabulatedResponse",
    "TabulatedStratum",
    "TabulatedUnit",
    "responses_table",
    "unit_answers",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TabulatedResponse:
    """One response: its answers on the path, and the values of the scored ones.

    ``scored`` are fractions in [0, 1] by item; what is missing or off the path is absent, as are
    the ``calculated`` numbers that the answers do not decide. ``in_play`` are the questions and
    calculations on the path.
    """

    answers: Mapping[str, Answer]
    calculated: Mapping[str, str]
    in_play: frozenset[str]
    scored: Mapping[str, Fraction]
    valid: bool
    mode: Mode
    keying_batch: str | None
    too_fast: bool
    group_differs: bool
    order_seed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TabulatedStratum:
    """One respondent group of a unit: plan, outcome and responses."""

    planned: PlannedStratum
    outcome: StratumOutcome
    responses: tuple[TabulatedResponse, ...]

    @property
    def valid(self) -> tuple[TabulatedResponse, ...]:
        """The responses that count."""
        return tuple(response for response in self.responses if response.valid)

    @property
    def eligible(self) -> Fraction:
        """Eligible people, estimated from those whose eligibility is known."""
        found = self.outcome.web + self.outcome.paper + self.outcome.refused
        known = found + self.outcome.ineligible
        if not known:
            return Fraction(self.planned.population)
        return eligible_population(self.planned.population, eligible=found, known=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class TabulatedUnit:
    """One unit of the round; without strata where it has no quota."""

    code: str
    name: str
    unit_group: str
    selection: Selection
    certified: bool
    facts: Mapping[str, str]
    strata: tuple[TabulatedStratum, ...]


def unit_answers(session: Session, round_: Round) -> tuple[TabulatedUnit, ...]:
    """Lay out the answers of a closed round by unit and stratum.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    tuple of TabulatedUnit
        All units of the round, in the order of the register.

    Raises
    ------
    NotReadyError
        The round is not closed, so its answers are still sealed.
    """
    found = outcomes_of_round(session, round_.id)
    if round_.closed_at is None or not found:
        raise NotReadyError(action=Action.SCORE, missing=["the round is not closed"])
    plan = plan_of(session, round_)
    sources = _Sources(
        planned={(stratum.unit, stratum.group): stratum for stratum in plan.strata},
        outcomes=found,
        received=_received_by_stratum(session, round_),
        reader=_Reader(questionnaire_of(session, round_), round_),
    )
    strata = strata_by_round_unit(session, round_.id)
    return tuple(
        sources.unit(row, strata.get(row.id, ())) for row in units_in_order(session, round_.id)
    )


def responses_table(session: Session, round_: Round) -> tuple[pd.DataFrame, Codebook]:
    """Lay out the answers of a closed round as a table, ready for a design.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    DataFrame, Codebook
        One row per response, in random order within a stratum: ``unit``, ``unit_group``,
        ``group``, ``mode``, ``keying_batch``, ``too_fast``, ``group_differs``, ``order_seed``
        (for `questionnaires.option_order`; missing where options stood as written), ``valid``,
        ``weight`` (eligible people per valid answer, missing where not valid), ``strata``,
        ``fpc`` (people in the stratum), then a column per question and per calculation, grids as
        one column a row and "other, specify" as a column of its own. Whole numbers are int,
        decimals and calculations `decimal.Decimal`, days `datetime.date`; several choices are
        joined by blanks. What is off the path holds code 96 (``#96`` where something is written or
        computed); what is left blank, or not decided by the answers, is missing. The codebook is
        that of the version the answers were given under, with options of other days too.

    Raises
    ------
    NotReadyError
        The round is not closed.
    """
    questionnaire = questionnaire_of(session, round_)
    rows = [
        _design_columns(unit, stratum, response) | _item_columns(questionnaire, response)
        for unit in unit_answers(session, round_)
        for stratum in unit.strata
        for response in stratum.responses
    ]
    items = (*questionnaire.questions, *questionnaire.calculations)
    columns = [*_DESIGN, *(item.id for item in items)]
    return pd.DataFrame(rows, columns=columns), codebook(version_of(session, round_), "vi")


_DESIGN = (
    "unit",
    "unit_group",
    "group",
    "mode",
    "keying_batch",
    "too_fast",
    "group_differs",
    "order_seed",
    "valid",
    "weight",
    "strata",
    "fpc",
)


class _Reader:
    """Turns stored answers into values, as one round's questionnaire and rules say."""

    def __init__(self, questionnaire: Questionnaire, round_: Round) -> None:
        scoring = round_.declared.scoring
        self._questionnaire = questionnaire
        self._share = scoring.valid_share
        values = questionnaire.value_maps.get(scoring.value_map, {})
        self._map = {code: Fraction(value) for code, value in values.items()}
        self._scored = frozenset(item.id for item in questionnaire.scored_items)

    def read(self, row: Response, facts: Mapping[str, str]) -> TabulatedResponse:
        """Keep what is on the path and give the scored answers their values."""
        stored = from_canonical(json.dumps(row.answers).encode())
        path = route(self._questionnaire, stored, facts)
        answers = {name: stored[name] for name in path.items if name in stored}
        scored = {name: answers.get(name) for name in path.items if name in self._scored}
        values = {
            name: self._map[answer]
            for name, answer in scored.items()
            if isinstance(answer, str) and answer in self._map
        }
        return TabulatedResponse(
            answers=answers,
            calculated=path.calculated,
            in_play=frozenset(path.items) | _computed(self._questionnaire, path),
            scored=values,
            valid=self._is_valid(answers, scored.values(), len(values)),
            mode=row.mode,
            keying_batch=row.keying_batch,
            too_fast=row.too_fast,
            group_differs=row.group_differs,
            order_seed=row.order_seed,
        )

    def _is_valid(
        self, answers: Mapping[str, Answer], scored: Iterable[Answer | None], answered: int
    ) -> bool:
        """Judge the share of applicable scored items that were answered.

        "Not applicable" is no missing answer. Where nothing is scored any answer beside the
        consent counts.
        """
        if not self._scored:
            consent = self._questionnaire.consent
            return any(consent is None or name != consent.id for name in answers)
        applicable = sum(answer != MissingCode.NOT_APPLICABLE for answer in scored)
        return answered > 0 and answered >= self._share * applicable


def _computed(questionnaire: Questionnaire, path: Route) -> frozenset[str]:
    """Name the calculations that the conditions allow, decided or not."""
    conditions = questionnaire.conditions

    def opens(name: str) -> bool:
        return name not in conditions or evaluate(conditions[name], path.values) is True

    return frozenset(
        item.id
        for section in questionnaire.enabled_sections
        if opens(f"§{section.id}")
        for item in section.items
        if isinstance(item, CalculationItem) and opens(item.id)
    )


def _received_by_stratum(session: Session, round_: Round) -> dict[str, list[Response]]:
    found: dict[str, list[Response]] = defaultdict(list)
    for row in responses_of_round(session, round_.id):
        found[row.stratum_id].append(row)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sources:
    """What a unit's strata are put together from."""

    planned: Mapping[tuple[str, str], PlannedStratum]
    outcomes: Mapping[str, StratumOutcome]
    received: Mapping[str, Sequence[Response]]
    reader: _Reader

    def unit(self, row: RoundUnit, strata: Sequence[Stratum]) -> TabulatedUnit:
        return TabulatedUnit(
            code=row.unit.code,
            name=row.unit.name,
            unit_group=row.unit_group,
            selection=row.selection,
            certified=row.certified_at is not None,
            facts=row.unit.facts,
            strata=tuple(
                self._stratum(stratum, self.planned[row.unit.code, stratum.respondent_group], row)
                for stratum in strata
                if (row.unit.code, stratum.respondent_group) in self.planned
            ),
        )

    def _stratum(self, row: Stratum, planned: PlannedStratum, unit: RoundUnit) -> TabulatedStratum:
        facts = facts_for(
            unit.unit.facts,
            group=planned.group,
            selection=planned.selection,
            size=planned.size,
            population=planned.population,
        )
        return TabulatedStratum(
            planned=planned,
            outcome=self.outcomes[row.id],
            responses=tuple(
                self.reader.read(response, facts) for response in self.received.get(row.id, ())
            ),
        )


def _design_columns(
    unit: TabulatedUnit, stratum: TabulatedStratum, response: TabulatedResponse
) -> dict[str, Any]:
    weight = float(stratum.eligible / len(stratum.valid)) if response.valid else None
    return {
        "unit": unit.code,
        "unit_group": unit.unit_group,
        "group": stratum.planned.group,
        "mode": response.mode.value,
        "keying_batch": response.keying_batch,
        "too_fast": response.too_fast,
        "group_differs": response.group_differs,
        "order_seed": response.order_seed,
        "valid": response.valid,
        "weight": weight,
        "strata": f"{unit.code}/{stratum.planned.group}",
        "fpc": stratum.planned.population,
    }


def _item_columns(questionnaire: Questionnaire, response: TabulatedResponse) -> dict[str, Any]:
    found: dict[str, Answer] = {**response.answers, **response.calculated}
    return {
        item.id: _cell(item, found.get(item.id), asked=item.id in response.in_play)
        for item in (*questionnaire.questions, *questionnaire.calculations)
    }


def _cell(
    item: Question | CalculationItem, answer: Answer | None, *, asked: bool
) -> str | int | Decimal | dt.date | None:
    """Give an answer the type of its column; codes for no answer stay text."""
    if not asked:
        coded = not isinstance(item, WrittenItem | CalculationItem)
        return str(MissingCode.NOT_ASKED) if coded else f"#{MissingCode.NOT_ASKED}"
    if isinstance(answer, tuple):
        return " ".join(answer)
    if not isinstance(answer, str) or answer.startswith(WRITTEN_MISSING):
        return answer
    if isinstance(item, DecimalItem | CalculationItem):
        return Decimal(answer)
    return dt.date.fromisoformat(answer) if isinstance(item, DateItem) else answer
