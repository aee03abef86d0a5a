"""A cross-rating as its office writes it: who rates whom, how often, and who must not rate whom.

Lists of people and units stand in the document or in a table beside it, because a province has
hundreds of raters and its office keeps them in a spreadsheet.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

__all__ = [
    "ConflictLine",
    "NamedRater",
    "RatedUnit",
    "RatingDocument",
    "RatingKind",
    "Spread",
    "UnitConflictLine",
]

_Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\S{1,32}$")]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
_Whole = Annotated[int, Field(strict=True, ge=1, le=10_000)]
_Deviation = Annotated[float, Field(ge=0, le=10**6, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RatingKind(_Part):
    """A kind of raters: how many of them each unit gets, and the most units that one rates."""

    code: _Code
    label: _Name = Field(min_length=1)
    per_unit: _Whole
    most_units: _Whole


class RatedUnit(_Part):
    """A unit to be rated."""

    code: _Code
    name: _Name = ""


class NamedRater(_Part):
    """A rater; ``unit`` is where the rater belongs, whether that is rated or not."""

    code: _Code
    name: _Name = ""
    kind: _Code
    unit: _Code


class ConflictLine(_Part):
    """A rater who does not rate a unit."""

    rater: _Code
    unit: _Code
    reason: _Name = ""


class UnitConflictLine(_Part):
    """A unit whose people do not rate another."""

    raters_of: _Code
    unit: _Code
    reason: _Name = ""


class Spread(_Part):
    """How ratings are expected to differ, in the points that raters give.

    ``rater`` between severe and mild raters, ``residual`` what is left of a single rating.
    """

    rater: _Deviation
    residual: Annotated[float, Field(gt=0, le=10**6, allow_inf_nan=False)]
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    source: _Name = Field(min_length=1, description="an earlier round, or a guess: say which")


class RatingDocument(_Part):
    """The request of a cross-rating, version 1."""

    schema_: Literal["khaosat/rating/1"] = Field(alias="schema")
    title: _Name = Field(min_length=1)
    fictional: bool = Field(default=False, strict=True, description="marks whatever is made of it")
    kinds: tuple[RatingKind, ...] = Field(min_length=1)
    units: tuple[RatedUnit, ...] = ()
    units_file: str | None = None
    raters: tuple[NamedRater, ...] = ()
    raters_file: str | None = None
    own_unit: bool = Field(default=False, strict=True)
    conflicts: tuple[ConflictLine, ...] = ()
    unit_conflicts: tuple[UnitConflictLine, ...] = ()
    spread: Spread

    @model_validator(mode="after")
    def _every_list_stands_in_one_place(self) -> Self:
        for name in ("units", "raters"):
            inline, file = bool(getattr(self, name)), getattr(self, f"{name}_file") is not None
            if inline == file:
                given = "both are given" if inline else "neither is given"
                raise ValueError(f"write “{name}” or “{name}_file”; {given}")
        return self
