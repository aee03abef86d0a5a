"""A report before it has looks: tables of numbers, marks and notes, and what a chart draws.

A number that is not shown is a mark with its meaning, never an empty cell: a reader must be able
to tell "withheld" from "forgotten".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from stats.disclosure import ReleaseClass

__all__ = [
    "Cell",
    "ChartUnit",
    "Column",
    "IndexReport",
    "Kind",
    "Mark",
    "MarkText",
    "ReportChart",
    "ReportStrips",
    "ReportTable",
    "StripCell",
    "StripUnit",
]


class Kind(StrEnum):
    """What a column holds, so that whoever draws it aligns and formats it."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"  # values in [0, 1]
    PRINTED = "printed"  # a few words with a number, on one line: "under 5 %"


class Mark(StrEnum):
    """Why a cell holds no number."""

    WITHHELD = "withheld"
    NOT_APPLICABLE = "not_applicable"
    NOBODY_ASKED = "nobody_asked"
    NO_INTERVAL = "no_interval"
    NOT_DEFINED = "not_defined"


Cell = str | int | Decimal | Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkText:
    """A mark as printed in a cell, and the line that explains it below the table."""

    sign: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; ``places`` are the decimals of a number, or of a percentage."""

    key: str
    label: str
    kind: Kind
    places: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """One table; ``marks`` explains every mark that stands in its rows, and no other."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    marks: Mapping[Mark, MarkText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartUnit:
    """One line of a chart; without ends where the reader may not see them or there are none."""

    name: str
    rank: int
    value: Decimal
    low: Decimal | None
    high: Decimal | None
    without_interval: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChart:
    """What the dot-and-interval chart of one unit group shows, best unit first."""

    unit_group: str
    title: str
    subtitle: str
    axis: str
    maximum: Decimal
    places: int
    units: tuple[ChartUnit, ...]
    without_interval: str
    withheld: tuple[str, ...]
    withheld_title: str
    language: str
    caveat: str | None = None
    """What must be said of the ranks wherever the chart goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripCell:
    """The probability of one band, as printed; ``percent`` is the shade, never finer than that."""

    text: str
    percent: int
    official: bool
    """Whether the unit's points lie in this band."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripUnit:
    """One strip: a unit and its cells, in the order of the bands."""

    name: str
    rank: int
    cells: tuple[StripCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStrips:
    """What the band-probability strips of one unit group show, best unit first."""

    unit_group: str
    table: str
    """Key of the table with the same numbers."""

    title: str
    subtitle: str
    caveat: str | None
    bands: tuple[str, ...]
    units: tuple[StripUnit, ...]
    left_out: tuple[str, ...]
    left_out_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What one audience may see of an index, in one language."""

    title: str
    subtitle: str
    simulated: str | None
    release: ReleaseClass
    release_label: str
    language: str
    tables: tuple[ReportTable, ...]
    charts: tuple[ReportChart, ...]
    notes_title: str
    notes: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]
    strips: tuple[ReportStrips, ...] = ()

    def chart(self, unit_group: str) -> ReportChart | None:
        """Return the chart of a unit group; none where no unit of it has points."""
        return next((chart for chart in self.charts if chart.unit_group == unit_group), None)

    def strip(self, key: str) -> ReportStrips | None:
        """Return the strips of a unit group, by its code or by the key of their table."""
        return next((each for each in self.strips if key in {each.unit_group, each.table}), None)

    def table(self, key: str) -> ReportTable:
        """Return the table with ``key``."""
        return next(table for table in self.tables if table.key == key)
