"""What one unit gets of an index: points, an interval, a band, and signs of quality.

A unit that chose its people by hand, or never certified the drawn list positions, gets points but
no interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

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
    round_half_up,
    score_unit,
)
from stats.intervals import PooledCovariance, composite_interval
from stats.quality import CaseCounts, identical_answers, is_straight_line, response_rates
from survey.rules.index_document import (
    CaseTotals,
    CriterionResult,
    GroupResponses,
    IntervalResult,
    NoInterval,
    NoPoints,
    Points,
    QualityCounts,
    UnitResult,
)
from survey.rules.round_document import RoundDocument
from survey.services.tabulate import TabulatedStratum, TabulatedUnit

__all__ = [
    "Rules",
    "ScoredUnit",
    "case_totals",
    "converted_points",
    "reason_without_interval",
    "scored_unit",
    "unit_result",
]

_SHARE_PLACES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What every unit of the round is scored by."""

    document: RoundDocument
    questionnaire: Questionnaire
    criteria: tuple[CriterionPoints, ...]
    points_total: Decimal

    @classmethod
    def of(cls, document: RoundDocument, questionnaire: Questionnaire) -> "Rules":
        """Read the rules off the round's document and its questionnaire."""
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
        """The questions that carry points, in the order of the criteria."""
        return [part.item for criterion in self.criteria for part in criterion.items]

    def points(self, exact: Fraction | None) -> Points | None:
        """Keep exact points together with their declared rounding."""
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
class ScoredUnit:
    """A unit between its score and its place among the others."""

    unit: TabulatedUnit
    answers: UnitAnswers
    score: UnitScore
    withheld: NoPoints | None


def scored_unit(unit: TabulatedUnit, rules: Rules) -> ScoredUnit:
    """Score one unit; with fewer valid answers than the round's minimum it is withheld."""
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
    return ScoredUnit(
        unit=unit,
        answers=answers,
        score=score_unit(answers, rules.criteria, **rules.scoring(unit)),
        withheld=NoPoints.TOO_FEW_ANSWERS if few else None,
    )


def converted_points(entry: ScoredUnit, rules: Rules) -> Points | None:
    """Give the points that units are ranked by, out of the survey part's full points."""
    if entry.withheld is not None:
        return None
    return rules.points(entry.score.converted(rules.points_total))


def reason_without_interval(unit: TabulatedUnit) -> NoInterval | None:
    """Say why a unit's sampling error cannot be computed; None where it can."""
    if unit.selection is Selection.PICKED:
        return NoInterval.PICKED
    if unit.selection is Selection.POSITIONS and not unit.certified:
        return NoInterval.NOT_CERTIFIED
    return None


def unit_result(
    entry: ScoredUnit,
    converted: Points | None,
    place: int | None,
    pooled: Mapping[str, PooledCovariance],
    rules: Rules,
) -> UnitResult:
    """Put together what the index says of one unit.

    Parameters
    ----------
    entry : ScoredUnit
    converted : Points or None
        From `converted_points`.
    place : int or None
        Rank within the unit group.
    pooled : mapping of str to PooledCovariance
        By respondent group, over the units of the unit group that have an interval.
    rules : Rules

    Returns
    -------
    UnitResult
    """
    unit = entry.unit
    reason = reason_without_interval(unit)
    shown = entry.withheld is None
    return UnitResult(
        code=unit.code,
        name=unit.name,
        selection=unit.selection,
        groups=tuple(_group_responses(stratum) for stratum in unit.strata),
        cases=case_totals(unit.strata),
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


def _criterion(entry: ScoredUnit, criterion: CriterionPoints, rules: Rules) -> CriterionResult:
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


def _interval(
    entry: ScoredUnit, pooled: Mapping[str, PooledCovariance], rules: Rules
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


def _band(found: UnitScore, rules: Rules) -> str | None:
    """Class the percentage after rounding, the one stage at which the round rounds."""
    percent = found.converted(Decimal(100))
    if percent is None:
        return None
    bands = [band.as_band() for band in rules.document.bands.bands]
    return band_of(round_half_up(percent, rules.document.scoring.places), bands).code


def _flags(entry: ScoredUnit, rules: Rules) -> list[str]:
    """Say what may point at a person, as ``kind:place``."""
    flags = [
        f"{flag}:{stratum.group}"
        for stratum in entry.answers.strata
        for flag in stratum_flags(stratum)
    ]
    exposed = officially_exposed([entry.score], rules.criteria)
    return [*flags, *(f"exposed_{found.kind}:{found.code or 'total'}" for found in exposed)]


def _quality(unit: TabulatedUnit, rules: Rules) -> QualityCounts:
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
        cases=case_totals([stratum]),
    )


def case_totals(strata: Sequence[TabulatedStratum]) -> CaseTotals:
    """Add up what became of the people of some strata."""
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
