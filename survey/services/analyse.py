"""The index of a round: exact points, honest intervals, ranks, kept as a snapshot.

Here the room that asks and the room that estimates are joined. A unit that chose its people by
hand, or never certified the drawn list positions, gets points but no interval.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import IfHidden, Questionnaire, evaluate
from sampling import Selection
from stats.disclosure import officially_exposed, stratum_flags
from stats.index import (
    CriterionPoints,
    ItemPoints,
    StratumAnswers,
    UnitAnswers,
    UnitScore,
    band_of,
    rank,
    round_half_up,
    score_unit,
)
from stats.intervals import PooledCovariance, composite_interval, pooled_covariance
from stats.quality import CaseCounts, identical_answers, is_straight_line, response_rates
from survey.errors import NotReadyError
from survey.records.rounds import IndexSnapshot, Round
from survey.records.units import SamplePlan
from survey.rules.index_document import (
    CaseTotals,
    CriterionDefinition,
    CriterionResult,
    GroupResponses,
    IndexDocument,
    IntervalResult,
    NoInterval,
    NoPoints,
    NotSurveyed,
    Points,
    Provenance,
    QualityCounts,
    ScoredItem,
    UnitGroupResult,
    UnitResult,
)
from survey.rules.lifecycle import Action
from survey.rules.round_document import BilingualText, RoundDocument, UnitGroupRule
from survey.services import audit
from survey.services.rounds import questionnaire_of
from survey.services.tabulate import TabulatedStratum, TabulatedUnit, unit_answers

__all__ = [
    "compute_index",
    "document_of",
    "latest_snapshot",
    "publish",
    "score",
    "stored_index",
]

_SHARE_PLACES = 6


def compute_index(session: Session, round_: Round) -> IndexDocument:
    """Compute the survey part of the index of a closed round.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    IndexDocument

    Raises
    ------
    NotReadyError
        The round is not closed.
    """
    questionnaire = questionnaire_of(session, round_)
    units = unit_answers(session, round_)
    rules = _Rules.of(round_.declared, questionnaire)
    digest = session.scalars(
        select(SamplePlan.digest).where(SamplePlan.round_id == round_.id)
    ).one()
    return IndexDocument(
        title=rules.document.title,
        province=rules.document.province,
        year=rules.document.year,
        points_total=rules.points_total,
        respondent_groups=rules.document.respondent_groups,
        criteria=tuple(_definitions(questionnaire)),
        bands=rules.document.bands,
        disclosure=rules.document.disclosure,
        unit_groups=tuple(
            _unit_group(group, [unit for unit in units if unit.unit_group == group.code], rules)
            for group in rules.document.unit_groups
        ),
        provenance=Provenance(
            round_code=round_.code,
            questionnaire=questionnaire.id,
            questionnaire_version=questionnaire.version,
            questionnaire_fingerprint=questionnaire.fingerprint,
            plan_digest=digest,
            scoring=rules.document.scoring,
            simulated=round_.simulated,
            software=_software(),
        ),
    )


def score(session: Session, round_: Round, *, actor: str, now: datetime) -> IndexSnapshot:
    """Compute the index and keep it as a snapshot; an earlier snapshot stays.

    Raises
    ------
    NotAllowedNowError
        The round is not closed, or already published.
    """
    round_.require(Action.SCORE)
    content = compute_index(session, round_).model_dump(mode="json", by_alias=True)
    snapshot = IndexSnapshot(
        round_id=round_.id, computed_at=now, digest=_digest(content), document=content
    )
    session.add(snapshot)
    round_.move(Action.SCORE)
    audit.record(
        session,
        actor=actor,
        action="index.score",
        subject=round_.code,
        detail={"digest": snapshot.digest},
        now=now,
    )
    session.flush()
    return snapshot


def publish(session: Session, round_: Round, *, actor: str, now: datetime) -> None:
    """Publish the latest snapshot.

    Raises
    ------
    NotAllowedNowError
        The round has not been scored, or is published already.
    NotReadyError
        The database has not been scrubbed, or the key has not been destroyed.
    """
    round_.require(Action.PUBLISH)
    missing = [
        step
        for step, done in (
            ("the database has not been scrubbed", round_.scrubbed_at),
            ("the key has not been destroyed", round_.key_destroyed_at),
        )
        if done is None
    ]
    if missing:
        raise NotReadyError(action="publish", missing="; ".join(missing))
    snapshot = latest_snapshot(session, round_)
    assert snapshot is not None  # noqa: S101 - only score() leads to a state that may publish
    snapshot.published_at = now
    round_.move(Action.PUBLISH)
    audit.record(
        session,
        actor=actor,
        action="index.publish",
        subject=round_.code,
        detail={"digest": snapshot.digest},
        now=now,
    )
    session.flush()


def latest_snapshot(session: Session, round_: Round) -> IndexSnapshot | None:
    """Return the newest snapshot of a round, if there is one."""
    return session.scalars(
        select(IndexSnapshot)
        .where(IndexSnapshot.round_id == round_.id)
        .order_by(IndexSnapshot.computed_at.desc(), IndexSnapshot.id)
        .limit(1)
    ).first()


def document_of(snapshot: IndexSnapshot) -> IndexDocument:
    """Return the document that a snapshot holds."""
    return IndexDocument.model_validate(snapshot.document)


def stored_index(session: Session, round_: Round) -> IndexDocument:
    """Return the document of a round's newest snapshot.

    Raises
    ------
    NotReadyError
        The round has not been scored.
    """
    snapshot = latest_snapshot(session, round_)
    if snapshot is None:
        raise NotReadyError(action="see_index", missing="the index has not been computed")
    return document_of(snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What every unit of the round is scored by."""

    document: RoundDocument
    questionnaire: Questionnaire
    criteria: tuple[CriterionPoints, ...]
    points_total: Decimal

    @classmethod
    def of(cls, document: RoundDocument, questionnaire: Questionnaire) -> "_Rules":
        criteria = tuple(
            CriterionPoints(
                code=criterion.code,
                maximum=criterion.max,
                items=tuple(
                    ItemPoints(item=part.item, points=part.points) for part in criterion.items
                ),
            )
            for criterion in questionnaire.criteria
        )
        total = questionnaire.points_total or sum((c.maximum for c in criteria), Decimal(0))
        return cls(
            document=document,
            questionnaire=questionnaire,
            criteria=criteria,
            points_total=total,
        )

    @property
    def scored_items(self) -> list[str]:
        return [part.item for criterion in self.criteria for part in criterion.items]

    def points(self, exact: Fraction | None) -> Points | None:
        return None if exact is None else Points.of(exact, self.document.scoring.places)

    def scoring(self, unit: TabulatedUnit) -> dict[str, Any]:
        """Return what ``score_unit`` and ``composite_interval`` both take."""
        scoring = self.document.scoring
        return {
            "weighting": scoring.group_weighting,
            "fixed": scoring.fixed_weights,
            "not_applicable": _not_applicable(self.questionnaire, unit.facts),
            "hidden": scoring.hidden_items,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    """A unit between its score and its place among the others."""

    unit: TabulatedUnit
    answers: UnitAnswers
    score: UnitScore
    withheld: NoPoints | None


def _definitions(questionnaire: Questionnaire) -> list[CriterionDefinition]:
    return [
        CriterionDefinition(
            code=criterion.code,
            official_code=criterion.official_code,
            field=criterion.field,
            name=_bilingual(questionnaire, criterion.name),
            maximum=criterion.max,
            items=tuple(ScoredItem(item=part.item, points=part.points) for part in criterion.items),
        )
        for criterion in questionnaire.criteria
    ]


def _bilingual(questionnaire: Questionnaire, text: str | Mapping[str, str]) -> BilingualText:
    english = None if isinstance(text, str) else text.get("en")
    return BilingualText(vi=questionnaire.text_in(text, "vi"), en=english)


def _not_applicable(questionnaire: Questionnaire, facts: Mapping[str, str]) -> frozenset[str]:
    """Name the criteria whose questions the register's facts alone keep from being asked.

    Only a section that says ``criterion_not_applicable`` has this effect; whatever depends on an
    answer stays a matter of each respondent.
    """
    closed = {
        item.id
        for section in questionnaire.enabled_sections
        if section.if_hidden is IfHidden.CRITERION_NOT_APPLICABLE
        and evaluate(questionnaire.conditions[f"§{section.id}"], facts) is False
        for item in section.items
    }
    return frozenset(
        criterion.code
        for criterion in questionnaire.criteria
        if closed.issuperset(part.item for part in criterion.items)
    )


def _unit_group(
    group: UnitGroupRule, units: Sequence[TabulatedUnit], rules: _Rules
) -> UnitGroupResult:
    scored = [_scored(unit, rules) for unit in units if unit.strata]
    pooled = pooled_covariance(
        [entry.answers for entry in scored if _reason_without_interval(entry.unit) is None],
        rules.criteria,
        hidden=rules.document.scoring.hidden_items,
    )
    converted = {entry.unit.code: _converted(entry, rules) for entry in scored}
    ranks = rank(
        {code: None if points is None else points.rounded for code, points in converted.items()},
        rules.document.scoring.ties,
    )
    return UnitGroupResult(
        code=group.code,
        label=group.label,
        counted_as=group.counted_as,
        cases=_cases([stratum for entry in scored for stratum in entry.unit.strata]),
        units=tuple(
            _result(entry, converted[entry.unit.code], ranks[entry.unit.code], pooled, rules)
            for entry in scored
        ),
        not_surveyed=tuple(
            NotSurveyed(code=unit.code, name=unit.name) for unit in units if not unit.strata
        ),
    )


def _scored(unit: TabulatedUnit, rules: _Rules) -> _Scored:
    answers = UnitAnswers(
        unit=unit.code,
        strata=tuple(
            StratumAnswers(
                group=stratum.planned.group,
                population=stratum.eligible,
                values=tuple(response.scored for response in stratum.valid),
            )
            for stratum in unit.strata
        ),
    )
    count = sum(len(stratum.valid) for stratum in unit.strata)
    few = count < rules.document.scoring.minimum_answers
    return _Scored(
        unit=unit,
        answers=answers,
        score=score_unit(answers, rules.criteria, **rules.scoring(unit)),
        withheld=NoPoints.TOO_FEW_ANSWERS if few else None,
    )


def _converted(entry: _Scored, rules: _Rules) -> Points | None:
    if entry.withheld is not None:
        return None
    return rules.points(entry.score.converted(rules.points_total))


def _result(
    entry: _Scored,
    converted: Points | None,
    place: int | None,
    pooled: Mapping[str, PooledCovariance],
    rules: _Rules,
) -> UnitResult:
    unit = entry.unit
    reason = _reason_without_interval(unit)
    shown = entry.withheld is None
    return UnitResult(
        code=unit.code,
        name=unit.name,
        selection=unit.selection,
        groups=tuple(_group_responses(stratum) for stratum in unit.strata),
        cases=_cases(unit.strata),
        withheld=entry.withheld,
        criteria=tuple(_criterion(entry, criterion, rules) for criterion in rules.criteria),
        items={item: _rounded(share) for item, share in entry.score.items.items()} if shown else {},
        maximum=_plain(entry.score.maximum),
        total=rules.points(entry.score.total) if shown else None,
        converted=converted,
        rank=place,
        interval=_interval(entry, pooled, rules) if shown and reason is None else None,
        no_interval=reason if shown else None,
        band=_band(entry.score, rules) if shown and rules.document.bands.show else None,
        flags=tuple(_flags(entry, rules)) if shown else (),
        quality=_quality(unit, rules),
    )


def _criterion(entry: _Scored, criterion: CriterionPoints, rules: _Rules) -> CriterionResult:
    points = entry.score.criteria[criterion.code]
    reason = entry.withheld
    if criterion.code in rules.scoring(entry.unit)["not_applicable"]:
        reason = NoPoints.NOT_APPLICABLE
    elif reason is None and points is None:
        reason = NoPoints.NOBODY_ASKED
    return CriterionResult(
        code=criterion.code,
        maximum=criterion.maximum,
        points=rules.points(points) if reason is None else None,
        reason=reason,
    )


def _reason_without_interval(unit: TabulatedUnit) -> NoInterval | None:
    if unit.selection is Selection.PICKED:
        return NoInterval.PICKED
    if unit.selection is Selection.POSITIONS and not unit.certified:
        return NoInterval.NOT_CERTIFIED
    return None


def _interval(
    entry: _Scored, pooled: Mapping[str, PooledCovariance], rules: _Rules
) -> IntervalResult | None:
    factor = entry.score.conversion(rules.points_total)
    if factor is None:
        return None
    found = composite_interval(
        entry.answers,
        rules.criteria,
        pooled=pooled,
        level=rules.document.scoring.confidence_level,
        **rules.scoring(entry.unit),
    ).scaled(factor)
    return IntervalResult(
        estimate=found.estimate,
        se=found.se,
        df=found.df,
        low=found.low,
        high=found.high,
        level=found.level,
        method=str(found.method),
        notes=found.notes,
    )


def _band(found: UnitScore, rules: _Rules) -> str | None:
    """Class the percentage after rounding, the one stage at which the round rounds."""
    percent = found.converted(Decimal(100))
    if percent is None:
        return None
    bands = [band.as_band() for band in rules.document.bands.bands]
    return band_of(round_half_up(percent, rules.document.scoring.places), bands).code


def _flags(entry: _Scored, rules: _Rules) -> list[str]:
    """Say what may point at a person, as ``kind:place``."""
    flags = [
        f"{flag}:{stratum.group}"
        for stratum in entry.answers.strata
        for flag in stratum_flags(stratum)
    ]
    exposed = officially_exposed([entry.score], rules.criteria)
    return [*flags, *(f"exposed_{found.kind}:{found.code or 'total'}" for found in exposed)]


def _quality(unit: TabulatedUnit, rules: _Rules) -> QualityCounts:
    received = [response for stratum in unit.strata for response in stratum.responses]
    vectors = [
        tuple(response.answers.get(item) for item in rules.scored_items) for response in received
    ]
    lines = [
        [response.answers[item] for item in rules.scored_items if item in response.scored]
        for response in received
    ]
    return QualityCounts(
        too_fast=sum(response.too_fast for response in received),
        group_differs=sum(response.group_differs for response in received),
        straight_lines=sum(is_straight_line(line) for line in lines),
        identical_sets=len(identical_answers(vectors)),
    )


def _group_responses(stratum: TabulatedStratum) -> GroupResponses:
    return GroupResponses(
        group=stratum.planned.group,
        population=stratum.planned.population,
        estimated_population=str(stratum.eligible),
        cases=_cases([stratum]),
    )


def _cases(strata: Sequence[TabulatedStratum]) -> CaseTotals:
    outcomes = [stratum.outcome for stratum in strata]
    web = sum(outcome.web for outcome in outcomes)
    paper = sum(outcome.paper for outcome in outcomes)
    refused = sum(outcome.refused for outcome in outcomes)
    ineligible = sum(outcome.ineligible for outcome in outcomes)
    unreached = sum(outcome.unreached for outcome in outcomes)
    rates = response_rates(
        CaseCounts(used=web + paper, refused=refused, ineligible=ineligible, not_reached=unreached)
    )
    return CaseTotals(
        planned=sum(stratum.planned.planned for stratum in strata),
        size=sum(stratum.planned.size for stratum in strata),
        shortfall=sum(stratum.planned.shortfall for stratum in strata),
        web=web,
        paper=paper,
        refused=refused,
        ineligible=ineligible,
        unreached=unreached,
        valid=sum(len(stratum.valid) for stratum in strata),
        response_rate=_rounded(rates.minimum),
        estimated_rate=_rounded(rates.estimated),
    )


def _rounded(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_half_up(value, _SHARE_PLACES)


def _plain(value: Fraction) -> Decimal:
    """Write a sum of declared decimals as the decimal it is."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _software() -> str:
    try:
        return f"khaosat {version('khaosat')}"
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "khaosat (source)"
