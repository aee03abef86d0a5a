"""The index as computed once: the document of a snapshot, complete and without a view on looks.

Points are kept three times: as the exact fraction that everything shown is rounded from, as a long
decimal for readers without fractions, and rounded as the round declares. Nothing in here decides
who may see what; a snapshot is for the statistician, every other reader gets a report.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sampling import Selection
from stats.index import round_half_up
from stats.ranking import LeftOut
from survey.rules.round_document import (
    BandsRule,
    BilingualText,
    DisclosureRule,
    RespondentGroup,
    ScoringRule,
)

__all__ = [
    "CaseTotals",
    "CriterionDefinition",
    "CriterionResult",
    "GroupResponses",
    "IndexDocument",
    "IntervalResult",
    "NoInterval",
    "NoPoints",
    "NotSurveyed",
    "Points",
    "Provenance",
    "QualityCounts",
    "RankResult",
    "ScoredItem",
    "UnitGroupResult",
    "UnitResult",
]

_LONG = 12


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NoPoints(StrEnum):
    """Why a unit or a criterion has no points."""

    TOO_FEW_ANSWERS = "too_few_answers"
    NOT_APPLICABLE = "not_applicable"
    NOBODY_ASKED = "nobody_asked"


class NoInterval(StrEnum):
    """Why a unit has points but no interval."""

    PICKED = "picked"
    NOT_CERTIFIED = "not_certified"


class Points(_Part):
    """An exact number of points."""

    fraction: str
    decimal: Decimal
    rounded: Decimal

    @classmethod
    def of(cls, exact: Fraction, places: int) -> "Points":
        """Keep ``exact``, rounded half-up to ``places`` for display.

        Examples
        --------
        >>> Points.of(Fraction(15, 8), 2).rounded
        Decimal('1.88')
        """
        return cls(
            fraction=str(exact),
            decimal=round_half_up(exact, _LONG),
            rounded=round_half_up(exact, places),
        )

    @property
    def exact(self) -> Fraction:
        """The number itself."""
        return Fraction(self.fraction)


class CaseTotals(_Part):
    """How many were to be asked, and what became of them."""

    planned: int
    size: int
    shortfall: int
    web: int
    paper: int
    refused: int
    ineligible: int
    unreached: int
    valid: int
    """Answers with enough scored items to count; the others are received but not used."""

    response_rate: Decimal | None
    """AAPOR RR1 in [0, 1]: everybody not reached counts as eligible."""

    estimated_rate: Decimal | None
    """AAPOR RR3: those not reached are eligible at the rate seen among the others."""

    @property
    def answered(self) -> int:
        """Answers received, on the web and on paper."""
        return self.web + self.paper


class GroupResponses(_Part):
    """The cases of one respondent group of a unit."""

    group: str
    population: int
    estimated_population: str
    """Eligible people as a fraction, N·eligible/known; the register's N where all are eligible."""

    cases: CaseTotals


class ScoredItem(_Part):
    """A question and the points it carries within its criterion."""

    item: str
    points: Decimal


class CriterionDefinition(_Part):
    """A criterion of the survey part, as the questionnaire defines it."""

    code: str
    official_code: str | None
    field: str
    name: BilingualText
    maximum: Decimal
    items: tuple[ScoredItem, ...]


class CriterionResult(_Part):
    """A unit's points on one criterion, or why there are none."""

    code: str
    maximum: Decimal
    points: Points | None
    reason: NoPoints | None


class IntervalResult(_Part):
    """How sure a unit's converted total is; in points of the index."""

    estimate: float
    se: float | None
    df: float | None
    low: float
    high: float
    level: float
    method: str
    notes: tuple[str, ...]


class RankResult(_Part):
    """How sure a unit's rank and band are, among the units whose sampling error can be computed.

    Probabilities are shares of the draws, as found; how they may be printed is the report's matter.
    """

    place: int
    """The official points' rank among these units; the rank of all where none is left out."""

    low: int
    high: int
    """Ranks left when the draws' tails are cut off, at the round's confidence level."""

    top3: float
    bands: Mapping[str, float]
    """By code of the band; empty where the round shows no bands."""

    certain: bool
    """Nothing about the unit's own points is left to chance."""

    rank_set: tuple[int, int] | None
    """Ranks not ruled out, for all units at once; none where a unit has no standard error."""


class QualityCounts(_Part):
    """Signs of quality; counts of answers or of sets of answers, never an answer itself."""

    too_fast: int
    group_differs: int
    straight_lines: int
    identical_sets: int


class UnitResult(_Part):
    """Everything computed about one unit."""

    code: str
    name: str
    selection: Selection
    groups: tuple[GroupResponses, ...]
    cases: CaseTotals
    withheld: NoPoints | None
    criteria: tuple[CriterionResult, ...]
    items: Mapping[str, Decimal | None]
    """Scores of the questions in [0, 1], to 6 places; empty where the unit is withheld."""

    maximum: Decimal
    total: Points | None
    """Sum of the criteria, out of ``maximum``."""

    converted: Points | None
    """The total out of the survey part's full points, as if every criterion applied."""

    rank: int | None
    interval: IntervalResult | None
    no_interval: NoInterval | None
    band: str | None
    flags: tuple[str, ...]
    quality: QualityCounts
    ranking: RankResult | None = None
    no_ranking: LeftOut | None = None
    """Why there is no ``ranking``; both are empty in snapshots older than these fields."""


class NotSurveyed(_Part):
    """A unit of the round that has no quota and so no index."""

    code: str
    name: str


class UnitGroupResult(_Part):
    """The units ranked together."""

    code: str
    label: BilingualText
    counted_as: str
    cases: CaseTotals
    units: tuple[UnitResult, ...]
    not_surveyed: tuple[NotSurveyed, ...]
    within_error: tuple[int, int] | None = None
    """The official ranks farthest apart whose difference is within the error of the survey."""


class Provenance(_Part):
    """What the numbers come from, so that they can be computed again."""

    round_code: str
    questionnaire: str
    questionnaire_version: str
    questionnaire_fingerprint: str
    plan_digest: str
    scoring: ScoringRule
    simulated: bool
    software: str
    draws: int | None = None
    seed: str | None = None
    """SHA-256 of the answers and rules, from which the draws of ranks come; the same again."""


class IndexDocument(_Part):
    """The survey part of an index, for all units of a round."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)

    schema_: Literal["khaosat.index/1"] = Field(default="khaosat.index/1", alias="schema")
    title: BilingualText
    province: str
    year: int
    points_total: Decimal
    respondent_groups: tuple[RespondentGroup, ...]
    criteria: tuple[CriterionDefinition, ...]
    bands: BandsRule
    disclosure: DisclosureRule
    unit_groups: tuple[UnitGroupResult, ...]
    provenance: Provenance

    def unit_group(self, code: str) -> UnitGroupResult:
        """Return the unit group with ``code``."""
        return next(group for group in self.unit_groups if group.code == code)
