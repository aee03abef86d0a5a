"""What may be shown to whom: release classes, coarsening, and what gives people away.

A unit has nine forms, so no statistical cell rule can protect a unit's own results: they are
protected by who sees them and how coarsely. Rules judge plain counts; nothing here draws a table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np

from stats.bands import round_half_up
from stats.errors import ScoreError
from stats.scores import CriterionPoints, StratumAnswers, UnitScore

__all__ = [
    "Content",
    "Exposure",
    "ExposureKind",
    "ReleaseClass",
    "ReleasedCriterion",
    "StratumFlag",
    "may_publish",
    "may_see",
    "merge_small_criteria",
    "officially_exposed",
    "public_total",
    "revealed_groups",
    "stratum_flags",
    "unanimous_items",
]

SMALLEST_CRITERION = 3  # items


class ReleaseClass(StrEnum):
    """Audiences, from the widest to the narrowest; each sees what the ones before it see."""

    PUBLIC = "public"
    UNIT = "unit"
    COUNCIL = "council"
    STATISTICIAN = "statistician"

    def includes(self, other: "ReleaseClass") -> bool:
        """Tell whether this audience sees what is released to ``other``.

        Examples
        --------
        >>> ReleaseClass.COUNCIL.includes(ReleaseClass.UNIT)
        True
        """
        order = list(ReleaseClass)
        return order.index(self) >= order.index(other)


class Content(StrEnum):
    """Kinds of result about one unit."""

    TOTAL = "total"  # coarsened by public_total
    BAND = "band"
    RANK = "rank"
    CRITERION_POINTS = "criterion_points"  # lines of merge_small_criteria
    OFFICIAL_TOTAL = "official_total"  # at official decimals
    RESPONSE_RATE = "response_rate"
    INTERVAL = "interval"
    BAND_PROBABILITY = "band_probability"
    RANK_PROBABILITY = "rank_probability"
    ITEM = "item"  # of one unit: above unit level see may_publish
    GROUP = "group"  # of one unit


_WIDEST_AUDIENCE: Mapping[Content, ReleaseClass] = {
    Content.TOTAL: ReleaseClass.PUBLIC,
    Content.BAND: ReleaseClass.PUBLIC,
    Content.RANK: ReleaseClass.PUBLIC,
    Content.CRITERION_POINTS: ReleaseClass.UNIT,
    Content.OFFICIAL_TOTAL: ReleaseClass.UNIT,
    Content.RESPONSE_RATE: ReleaseClass.UNIT,
    Content.INTERVAL: ReleaseClass.COUNCIL,
    Content.BAND_PROBABILITY: ReleaseClass.COUNCIL,
    Content.RANK_PROBABILITY: ReleaseClass.COUNCIL,
    Content.ITEM: ReleaseClass.STATISTICIAN,
    Content.GROUP: ReleaseClass.STATISTICIAN,
}


class ExposureKind(StrEnum):
    """Official points that tell what everybody answered."""

    ZERO = "zero"
    MAXIMUM = "maximum"


class StratumFlag(StrEnum):
    """Why a stratum's answers may point at a person."""

    ONE_PERSON = "one_person"
    ONE_ANSWER = "one_answer"
    UNANIMOUS = "unanimous"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedCriterion:
    """One line of criterion points: the codes whose points it sums, and its items."""

    codes: tuple[str, ...]
    fields: tuple[str, ...]
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Points at an end of the scale; ``code`` is ``None`` for the total."""

    unit: str
    code: str | None
    kind: ExposureKind


def may_see(audience: ReleaseClass, content: Content) -> bool:
    """Tell whether an audience may see a kind of result about one unit.

    Examples
    --------
    >>> may_see(ReleaseClass.UNIT, Content.INTERVAL)
    False
    >>> may_see(ReleaseClass.COUNCIL, Content.INTERVAL)
    True
    """
    return audience.includes(_WIDEST_AUDIENCE[content])


def public_total(total: Fraction | Decimal, *, places: int = 1) -> Decimal:
    """Coarsen a unit's survey total for the public: half-up to 0.1.

    Examples
    --------
    >>> public_total(Decimal("16.4633"))
    Decimal('16.5')
    """
    return round_half_up(total, places)


def may_publish(
    n: int,
    units: int,
    *,
    largest_share: float,
    minimum: int = 10,
    min_units: int = 3,
    max_share: float = 0.5,
) -> bool:
    """Tell whether an item or group cell above unit level may be published.

    Parameters
    ----------
    n : int
        Answers in the cell.
    units : int
        Units they come from.
    largest_share : float in [0, 1]
        Share of the answers that come from the largest unit.
    minimum, min_units, max_share
        The round's limits. A cell that fails is suppressed together with its standard error,
        and so is a cell whose complement or difference from a published one fails.

    Examples
    --------
    >>> may_publish(12, 4, largest_share=0.4), may_publish(12, 4, largest_share=0.6)
    (True, False)
    """
    return n >= minimum and units >= min_units and largest_share <= max_share


def merge_small_criteria(
    criteria: Sequence[CriterionPoints],
    fields: Mapping[str, str],
    *,
    minimum: int = SMALLEST_CRITERION,
) -> tuple[ReleasedCriterion, ...]:
    """Group criteria into the lines that may be released.

    A field with a criterion of fewer than ``minimum`` items is released as one line (were the
    others printed beside the field, the small one would follow by subtraction). A line that is
    still too small joins the next smallest, for the same reason.

    Parameters
    ----------
    criteria : sequence of CriterionPoints
    fields : mapping of criterion code to field
    minimum : int
        Items a line needs.

    Raises
    ------
    ScoreError
        When a criterion has no field.

    Examples
    --------
    >>> from stats.scores import ItemPoints
    >>> def criterion(code, size):
    ...     items = tuple(ItemPoints(item=f"{code}{i}", points=Decimal(1)) for i in range(size))
    ...     return CriterionPoints(code=code, maximum=Decimal(size), items=items)
    >>> lines = merge_small_criteria(
    ...     [criterion("1.1", 3), criterion("1.2", 1), criterion("2.1", 4)],
    ...     {"1.1": "1", "1.2": "1", "2.1": "2"},
    ... )
    >>> [line.codes for line in lines]
    [('1.1', '1.2'), ('2.1',)]
    """
    missing = [c.code for c in criteria if c.code not in fields]
    if missing:
        raise ScoreError(f"criteria without a field: {missing} ({len(missing)} of {len(criteria)})")
    lines: list[ReleasedCriterion] = []
    for field in dict.fromkeys(fields[criterion.code] for criterion in criteria):
        members = [criterion for criterion in criteria if fields[criterion.code] == field]
        small = any(len(criterion.items) < minimum for criterion in members)
        lines += [_line(members, field)] if small else [_line([c], field) for c in members]
    return tuple(_without_small_lines(lines, minimum))


def officially_exposed(
    scores: Sequence[UnitScore], criteria: Sequence[CriterionPoints]
) -> tuple[Exposure, ...]:
    """List official points at 0 or at their maximum, for a signed decision before publication.

    Such points say that every respondent gave the lowest, or the highest, answer.

    Examples
    --------
    >>> score = UnitScore(unit="A", items={}, criteria={"C": Fraction(0)}, maximum=Fraction(2),
    ...                   total=Fraction(0))
    >>> criterion = CriterionPoints(code="C", maximum=Decimal(2), items=())
    >>> [(found.code, str(found.kind)) for found in officially_exposed([score], [criterion])]
    [('C', 'zero'), (None, 'zero')]
    """
    maxima: Mapping[str, Decimal] = {criterion.code: criterion.maximum for criterion in criteria}
    found = []
    for score in scores:
        lines = [(code, points, Fraction(maxima[code])) for code, points in score.criteria.items()]
        for code, points, maximum in [*lines, (None, score.total, score.maximum)]:
            if points is not None and points in (0, maximum):
                kind = ExposureKind.ZERO if points == 0 else ExposureKind.MAXIMUM
                found.append(Exposure(unit=score.unit, code=code, kind=kind))
    return tuple(found)


def revealed_groups(weightings: Sequence[Mapping[str, Fraction]]) -> tuple[str, ...]:
    """Name the groups whose own mean follows from points published under several weightings.

    Pooled and population-weighted points together are two equations in two group means: that is
    why a unit gets one official weighting only.

    Parameters
    ----------
    weightings : sequence of mappings of group to weight, one per published number

    Examples
    --------
    >>> population = {"LD": Fraction(8, 48), "CC": Fraction(40, 48)}
    >>> pooled = {"LD": Fraction(5, 9), "CC": Fraction(4, 9)}
    >>> revealed_groups([population]), revealed_groups([population, pooled])
    ((), ('LD', 'CC'))
    """
    groups = list(dict.fromkeys(group for weights in weightings for group in weights))
    matrix = np.array([[float(w.get(g, 0)) for g in groups] for w in weightings]).reshape(
        len(weightings), len(groups)
    )
    rank = np.linalg.matrix_rank(matrix) if matrix.size else 0
    return tuple(
        group
        for group, one in zip(groups, np.eye(len(groups)), strict=True)
        if np.linalg.matrix_rank(np.vstack([matrix, one])) == rank
    )


def stratum_flags(stratum: StratumAnswers) -> tuple[StratumFlag, ...]:
    """Say why a stratum's answers may point at a person.

    Examples
    --------
    >>> stratum_flags(StratumAnswers(group="LD", population=1, values=({"q": Fraction(1)},)))
    (<StratumFlag.ONE_PERSON: 'one_person'>, <StratumFlag.ONE_ANSWER: 'one_answer'>)
    """
    flags = []
    if stratum.population == 1:
        flags.append(StratumFlag.ONE_PERSON)
    if len(stratum.values) == 1:
        flags.append(StratumFlag.ONE_ANSWER)
    if unanimous_items(stratum):
        flags.append(StratumFlag.UNANIMOUS)
    return tuple(flags)


def unanimous_items(stratum: StratumAnswers) -> tuple[str, ...]:
    """Name the items that at least two people answered, all of them alike.

    Examples
    --------
    >>> values = ({"a": Fraction(1), "b": Fraction(0)}, {"a": Fraction(1), "b": Fraction(1)})
    >>> unanimous_items(StratumAnswers(group="LD", population=5, values=values))
    ('a',)
    """
    given: dict[str, list[Fraction]] = {}
    for values in stratum.values:
        for item, value in values.items():
            given.setdefault(item, []).append(value)
    return tuple(item for item, found in given.items() if len(found) > 1 and len(set(found)) == 1)


def _line(members: Sequence[CriterionPoints], field: str) -> ReleasedCriterion:
    return ReleasedCriterion(
        codes=tuple(criterion.code for criterion in members),
        fields=(field,),
        items=sum(len(criterion.items) for criterion in members),
    )


def _without_small_lines(lines: list[ReleasedCriterion], minimum: int) -> list[ReleasedCriterion]:
    while len(lines) > 1 and min(line.items for line in lines) < minimum:
        first, second = sorted(range(len(lines)), key=lambda place: lines[place].items)[:2]
        place, gone = min(first, second), max(first, second)
        merged = ReleasedCriterion(
            codes=lines[place].codes + lines[gone].codes,
            fields=tuple(dict.fromkeys(lines[place].fields + lines[gone].fields)),
            items=lines[place].items + lines[gone].items,
        )
        lines = [*lines[:place], merged, *lines[place + 1 : gone], *lines[gone + 1 :]]
    return lines
