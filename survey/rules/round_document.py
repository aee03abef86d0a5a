"""The round as its office writes it: one YAML document, checked before anything is stored.

The document holds what the round *declares* (quotas, scoring, bands, disclosure limits); what
happens to it later (state, keys, draws) is in the records.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from stats.index import Band, GroupWeighting, HiddenRule, TieRule, check_bands

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,32}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,32}$")]
_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,]\d{3})+")


def _no_grouped_thousands(value: object) -> object:
    """Refuse 18.000: it would be read as eighteen, where a Vietnamese reader sees thousands."""
    if isinstance(value, str) and _THOUSANDS.fullmatch(value.strip()):
        plain = re.sub(r"[.,]", "", value)
        msg = f"must be an amount without a sign between thousands; write {plain}"
        raise ValueError(msg)
    return value


Money = Annotated[
    Decimal,
    Field(ge=0, le=10**12, decimal_places=2),
    BeforeValidator(_no_grouped_thousands),
]


class Anonymity(StrEnum):
    """How far answers are kept from names; fixed once the round is open."""

    ANONYMOUS = "anonymous"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BilingualText(_Part):
    """A text in Vietnamese, and in English where it is shown in both."""

    vi: str = Field(min_length=1)
    en: str | None = None

    def in_language(self, language: str) -> str:
        """Return the text in ``language``; Vietnamese where there is no other."""
        return self.en if language == "en" and self.en else self.vi


class Issuer(_Part):
    """Who signs the round's documents (layout of Nghị định 30/2020/NĐ-CP)."""

    superior: str
    office: str
    place: str
    number_suffix: str
    signer_title: str
    signer_name: str = ""


class RespondentGroup(_Part):
    """A group of respondents inside a unit, such as LD leaders and CC officials."""

    code: Code
    label: BilingualText


class UnitGroupRule(_Part):
    """Units ranked together, and how many are asked in each of them (none: no survey)."""

    code: Code
    label: BilingualText
    counted_as: str = Field(description="cơ quan, đơn vị, …")
    quotas: Mapping[Code, Annotated[int, Field(ge=0)]] = {}


class TimelineStep(_Part):
    """One line of the round's timetable."""

    task: str
    when: str
    lead: str
    support: str = ""
    begins: date | None = None
    ends: date | None = None


class SamplingRule(_Part):
    """How the sample is drawn."""

    reserves: int = Field(ge=0, le=20)


class FixedCost(_Part):
    """A cost that does not depend on the size of the sample."""

    label: str = Field(min_length=1)
    amount: Money


class CostRule(_Part):
    """What the survey costs, in đồng; the budget of a plan is computed from it."""

    paper_form: Money = Field(description="one paper form: printing, delivery, keying it twice")
    online_form: Money = Field(description="one form on the web: printing its invitation")
    paper_share: Decimal = Field(ge=0, le=1, description="expected share of forms on paper")
    unit_visit: Money = Decimal(0)
    visits_per_unit: int = Field(default=0, ge=0, le=20)
    fixed: tuple[FixedCost, ...] = ()
    source: str = Field(default="", description="where the unit costs come from")
    funding: str = Field(default="", description="which budget pays, as the plan says it")


class ScoringRule(_Part):
    """How answers become points."""

    value_map: str
    group_weighting: GroupWeighting
    fixed_weights: Mapping[Code, Decimal] | None = None
    hidden_items: HiddenRule
    places: int = Field(ge=0, le=4)
    ties: TieRule
    minimum_answers: int = Field(ge=1)
    valid_share: Decimal = Field(ge=0, le=1)
    confidence_level: float = Field(gt=0.5, lt=1)

    @model_validator(mode="after")
    def _fixed_weights_belong_to_fixed_weighting(self) -> Self:
        if (self.group_weighting is GroupWeighting.FIXED) != (self.fixed_weights is not None):
            msg = "fixed_weights is written exactly when group_weighting is 'fixed'"
            raise ValueError(msg)
        return self


class BandRule(_Part):
    """One band of the classification, in points of 100."""

    code: Code
    label: BilingualText
    lower: Decimal
    lower_closed: bool
    upper: Decimal
    upper_closed: bool

    def as_band(self) -> Band:
        """Return the band as the index computes with it."""
        return Band(
            code=self.code,
            label=self.label.vi,
            lower=self.lower,
            lower_closed=self.lower_closed,
            upper=self.upper,
            upper_closed=self.upper_closed,
        )


class BandsRule(_Part):
    """The classification; bands of the survey part alone are off unless asked for."""

    show: bool = False
    source: str
    bands: tuple[BandRule, ...]

    @model_validator(mode="after")
    def _bands_meet(self) -> Self:
        found = check_bands([band.as_band() for band in self.bands])
        if found:
            faults = "; ".join(
                f"{each.fault} at {each.at}: {', '.join(each.codes)}" for each in found
            )
            msg = f"the bands do not meet: {faults}"
            raise ValueError(msg)
        return self


class DisclosureRule(_Part):
    """Limits below which a result stays closed."""

    minimum_cell: int = Field(ge=3)
    minimum_units: int = Field(ge=2)
    largest_share: Decimal = Field(gt=0, le=1)


class RoundDocument(_Part):
    """One round of an index, as declared by its office."""

    schema_: Literal["khaosat.round/1"] = Field(alias="schema")
    code: Slug
    title: BilingualText
    province: str
    year: int = Field(ge=2000, le=2100)
    anonymity: Anonymity
    questionnaire: str = Field(description="a file beside this one, or shipped:NAME")
    issuer: Issuer
    legal_basis: tuple[str, ...] = ()
    timeline: tuple[TimelineStep, ...] = ()
    respondent_groups: tuple[RespondentGroup, ...] = Field(min_length=1)
    unit_groups: tuple[UnitGroupRule, ...] = Field(min_length=1)
    unit_facts: tuple[Literal["area.urban", "area.terrain"], ...] = Field(
        default=(), description="facts of every unit that the register has a column for"
    )
    fieldwork_from: date | None = Field(
        default=None, description="first day of asking: which options with a window are offered"
    )
    sampling: SamplingRule
    costs: CostRule | None = None
    scoring: ScoringRule
    bands: BandsRule
    disclosure: DisclosureRule
    recipients: tuple[str, ...] = ()
    archive: str = ""

    @model_validator(mode="after")
    def _groups_are_known_and_single(self) -> Self:
        groups = [group.code for group in self.respondent_groups]
        unit_groups = [group.code for group in self.unit_groups]
        for kind, codes in (("respondent_groups", groups), ("unit_groups", unit_groups)):
            twice = sorted({code for code in codes if codes.count(code) > 1})
            if twice:
                msg = f"{kind}: the code(s) {', '.join(twice)} stand twice; give each its own"
                raise ValueError(msg)
        for unit_group in self.unit_groups:
            unknown = sorted(set(unit_group.quotas) - set(groups))
            if unknown:
                msg = (
                    f"unit_groups.{unit_group.code}.quotas names {', '.join(unknown)}, "
                    f"which is no respondent group; known are {', '.join(groups)}"
                )
                raise ValueError(msg)
        return self

    def group_label(self, code: str, language: str) -> str:
        """Return the label of respondent group ``code``."""
        return next(
            group.label.in_language(language)
            for group in self.respondent_groups
            if group.code == code
        )

    def unit_group(self, code: str) -> UnitGroupRule:
        """Return the unit group with ``code``."""
        return next(group for group in self.unit_groups if group.code == code)
