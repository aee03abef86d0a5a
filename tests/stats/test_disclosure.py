"""What may be shown to whom."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.disclosure import (
    Content,
    ExposureKind,
    ReleaseClass,
    StratumFlag,
    may_publish,
    may_see,
    merge_small_criteria,
    officially_exposed,
    public_total,
    revealed_groups,
    stratum_flags,
)
from stats.errors import ScoreError
from stats.index import (
    CriterionPoints,
    GroupWeighting,
    ItemPoints,
    StratumAnswers,
    UnitAnswers,
    score_unit,
)

ONE = Fraction(1)


def criterion(code: str, size: int) -> CriterionPoints:
    return CriterionPoints(
        code=code,
        maximum=Decimal(size),
        items=tuple(ItemPoints(item=f"{code}.{i}", points=Decimal(1)) for i in range(size)),
    )


@pytest.mark.parametrize(
    ("audience", "seen"),
    [
        (ReleaseClass.PUBLIC, {Content.TOTAL, Content.BAND, Content.RANK}),
        (
            ReleaseClass.UNIT,
            {
                Content.TOTAL,
                Content.BAND,
                Content.RANK,
                Content.CRITERION_POINTS,
                Content.OFFICIAL_TOTAL,
                Content.RESPONSE_RATE,
            },
        ),
        (ReleaseClass.COUNCIL, set(Content) - {Content.ITEM, Content.GROUP}),
        (ReleaseClass.STATISTICIAN, set(Content)),
    ],
)
def test_each_audience_sees_its_class_and_no_more(
    audience: ReleaseClass, seen: set[Content]
) -> None:
    assert {content for content in Content if may_see(audience, content)} == seen


@pytest.mark.parametrize(
    ("n", "units", "share", "allowed"),
    [(10, 3, 0.5, True), (9, 3, 0.4, False), (10, 2, 0.5, False), (30, 5, 0.51, False)],
)
def test_a_cell_needs_answers_units_and_no_dominant_unit(
    n: int, units: int, *, share: float, allowed: bool
) -> None:
    assert may_publish(n, units, largest_share=share) is allowed


def test_the_public_total_is_coarse() -> None:
    assert str(public_total(Fraction(33, 2) + Fraction(1, 20))) == "16.6"


def test_a_line_that_stays_small_joins_the_next_smallest() -> None:
    lines = merge_small_criteria(
        [criterion("1.1", 1), criterion("2.1", 4), criterion("3.1", 3)],
        {"1.1": "1", "2.1": "2", "3.1": "3"},
    )
    assert [line.codes for line in lines] == [("1.1", "3.1"), ("2.1",)]
    assert lines[0].fields == ("1", "3")


def test_a_criterion_without_a_field_is_refused() -> None:
    with pytest.raises(ScoreError, match=r"criteria without a field: \['1.1'\]"):
        merge_small_criteria([criterion("1.1", 1)], {})


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from("xyz")), min_size=1, max_size=8))
def test_released_lines_hold_every_criterion_once_and_none_is_small(
    shape: list[tuple[int, str]],
) -> None:
    criteria = [criterion(f"c{number}", size) for number, (size, _) in enumerate(shape)]
    fields = {f"c{number}": field for number, (_, field) in enumerate(shape)}
    lines = merge_small_criteria(criteria, fields)
    codes = [code for line in lines for code in line.codes]
    assert sorted(codes) == sorted(fields)
    assert len(lines) == 1 or all(line.items >= 3 for line in lines)


def test_points_at_an_end_of_the_scale_are_listed() -> None:
    high, low = criterion("high", 3), criterion("low", 3)
    middle = criterion("middle", 3)
    values = {entry.item: ONE for entry in high.items}
    values |= {entry.item: Fraction(0) for entry in low.items}
    values |= {entry.item: Fraction(1, 2) for entry in middle.items}
    unit = UnitAnswers(
        unit="A", strata=(StratumAnswers(group="CC", population=9, values=(values, values)),)
    )
    score = score_unit(unit, [high, low, middle], weighting=GroupWeighting.POPULATION)
    found = officially_exposed([score], [high, low, middle])
    assert [(one.unit, one.code, one.kind) for one in found] == [
        ("A", "high", ExposureKind.MAXIMUM),
        ("A", "low", ExposureKind.ZERO),
    ]


def test_one_group_alone_is_revealed_by_its_own_points() -> None:
    assert revealed_groups([{"LD": ONE}]) == ("LD",)
    assert revealed_groups([]) == ()


@pytest.mark.parametrize(
    ("population", "values", "flags"),
    [
        (5, [{"a": ONE}, {"a": Fraction(0)}], []),
        (5, [{"a": ONE}], [StratumFlag.ONE_ANSWER]),
        (1, [{"a": ONE}], [StratumFlag.ONE_PERSON, StratumFlag.ONE_ANSWER]),
        (1, [], [StratumFlag.ONE_PERSON]),
        (5, [{"a": ONE}, {"a": ONE}], [StratumFlag.UNANIMOUS]),
    ],
)
def test_strata_that_point_at_a_person_are_flagged(
    population: int, values: list[dict[str, Fraction]], flags: list[StratumFlag]
) -> None:
    stratum = StratumAnswers(group="CC", population=population, values=tuple(values))
    assert list(stratum_flags(stratum)) == flags
