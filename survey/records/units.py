"""Units, the strata that a round asks, and the sample drawn from them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sampling import Plan, Selection
from survey.records.base import Code, Digest, RandomKey, Record
from survey.records.rounds import Round


class Unit(Record):
    """An organisation as the register knows it; a code is text and never reused."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
    )

    id: Mapped[RandomKey]
    code: Mapped[Code]
    name: Mapped[str] = mapped_column(String(300))
    parent_code: Mapped[str | None] = mapped_column(String(32))
    facts: Mapped[dict[str, Any]]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class RoundUnit(Record):
    """A unit as it takes part in a round."""

    __tablename__ = "round_unit"
    __table_args__ = (
        UniqueConstraint("round_id", "unit_id"),
        CheckConstraint("place > 0", name="place_from_one"),
    )

    id: Mapped[RandomKey]
    round_id: Mapped[str] = mapped_column(String(32), ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(String(32), ForeignKey("unit.id"), index=True)
    place: Mapped[int]
    """1-based line in the register: official documents list units in the office's own order."""

    unit_group: Mapped[Code]
    selection: Mapped[Selection]
    list_date: Mapped[date | None]
    certified_at: Mapped[datetime | None]
    """When the office recorded the unit's certificate that it applied the drawn positions."""

    round: Mapped[Round] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")


class Stratum(Record):
    """Unit × respondent group, with the number of people who could be asked."""

    __tablename__ = "stratum"
    __table_args__ = (
        UniqueConstraint("round_unit_id", "respondent_group"),
        CheckConstraint("population >= 0", name="population_not_negative"),
    )

    id: Mapped[RandomKey]
    round_unit_id: Mapped[str] = mapped_column(String(32), ForeignKey("round_unit.id"))
    respondent_group: Mapped[Code]
    population: Mapped[int]

    round_unit: Mapped[RoundUnit] = relationship(lazy="raise")

    @property
    def plan_key(self) -> tuple[str, str]:
        """The stratum's name in the plan: unit code and respondent group."""
        return self.round_unit.unit.code, self.respondent_group


class StaffMember(Record):
    """A person on a unit's staff list; personal data, dropped when the round closes."""

    __tablename__ = "staff_member"
    __table_args__ = (UniqueConstraint("stratum_id", "position"),)

    id: Mapped[RandomKey]
    stratum_id: Mapped[str] = mapped_column(String(32), ForeignKey("stratum.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))


class SamplePlan(Record):
    """The drawn plan, as an auditor can redo it: seed, digests and result."""

    __tablename__ = "sample_plan"
    __table_args__ = (UniqueConstraint("round_id"),)

    id: Mapped[RandomKey]
    round_id: Mapped[str] = mapped_column(String(32), ForeignKey("round.id"))
    drawn_at: Mapped[datetime]
    digest: Mapped[Digest]
    document: Mapped[dict[str, Any]]
    """`sampling.Plan.to_dict()`."""

    @property
    def plan(self) -> Plan:
        """The plan as the sampling room drew it."""
        return Plan.from_dict(self.document)
