"""Changes between rounds: the test by hand, and what must not be compared."""

from datetime import date
from decimal import Decimal
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import stats
from stats import Design
from stats.errors import ScoreError, SeriesBreakError, VariableError
from stats.satisfaction import (
    Aspect,
    BlockPlan,
    FactorPlan,
    IndexRule,
    ItemScore,
    Level,
    Satisfaction,
    SatisfactionPlan,
    satisfaction,
)
from stats.trend import (
    Round,
    SeriesBreak,
    breaks_between,
    change,
    read_breaks,
    satterthwaite,
    segments,
)

BREAKS = read_breaks(files(stats).joinpath("series_breaks.json").read_text(encoding="utf-8"))
FACTOR = FactorPlan(code="F", items=("a", "b"))
BLOCK = BlockPlan(code="B", aspect=Aspect.SATISFACTION, factors=(FACTOR,))
PLAN = SatisfactionPlan(blocks=(BLOCK,))
INDEX = (Level.INDEX, "")


def estimated(
    seed: int, plan: SatisfactionPlan = PLAN, communes: int = 8, **options: str
) -> Satisfaction:
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(rng.integers(1, 6, (5 * communes, 2)), columns=["a", "b"])
    people["commune"] = np.repeat(np.arange(communes), 5)
    return satisfaction(Design.from_table(people, psu="commune"), plan, **options)  # type: ignore[arg-type]


def of_year(year: int, result: Satisfaction | None = None) -> Round:
    return Round(
        label=str(year),
        start=date(year, 1, 1),
        end=date(year, 12, 31),
        result=result or estimated(year),
    )


def test_independent_rounds_are_tested_by_hand_with_satterthwaite() -> None:
    old, new = of_year(2023), of_year(2024)
    before, after = (each.result.find(*INDEX) for each in (old, new))
    found = change(old, new, INDEX, breaks=BREAKS).difference
    one, two = before.se**2, after.se**2
    assert found.value == after.value - before.value
    assert found.se == pytest.approx((one + two) ** 0.5, rel=1e-14)
    assert found.df == pytest.approx((one + two) ** 2 / (one**2 / 7 + two**2 / 7), rel=1e-14)
    assert found.low < found.value < found.high
    assert 0 < found.p < 1


def test_satterthwaite_lies_between_the_smaller_df_and_their_sum() -> None:
    assert satterthwaite([(1.0, 3.0), (1.0, 5.0)]) == pytest.approx(4 / (1 / 3 + 1 / 5))
    assert satterthwaite([(0.0, 3.0), (1.0, 5.0)]) == 5
    assert satterthwaite([(1.0, 0.0), (1.0, 5.0)]) == 0
    assert satterthwaite([]) == 0


def test_a_given_covariance_narrows_the_change_and_takes_the_smaller_df() -> None:
    old, new = of_year(2023), of_year(2024, estimated(2024, communes=12))
    before, after = (each.result.find(*INDEX) for each in (old, new))
    shared = 0.5 * before.se * after.se
    found = change(old, new, INDEX, breaks=BREAKS, covariance=shared).difference
    assert found.se == pytest.approx((before.se**2 + after.se**2 - 2 * shared) ** 0.5)
    assert found.df == 7
    with pytest.raises(VariableError, match="beyond the product"):
        change(old, new, INDEX, breaks=BREAKS, covariance=2 * before.se * after.se)


def test_declared_breaks_are_2022_and_the_end_of_the_districts() -> None:
    assert [each.on for each in BREAKS] == [date(2022, 1, 1), date(2025, 7, 1)]


@pytest.mark.parametrize(
    ("earlier", "later", "crossed"),
    [
        (2020, 2021, []),
        (2021, 2022, ["method-2022"]),
        (2022, 2024, []),
        (2024, 2025, ["district-abolition-2025"]),
        (2025, 2026, ["district-abolition-2025"]),
        (2026, 2027, []),
        (2021, 2027, ["method-2022", "district-abolition-2025"]),
    ],
)
def test_rounds_are_not_compared_across_a_break(
    earlier: int, later: int, crossed: list[str]
) -> None:
    old, new = of_year(earlier), of_year(later)
    assert [each.code for each in breaks_between(old, new, BREAKS)] == crossed
    if crossed:
        with pytest.raises(SeriesBreakError, match=crossed[0]):
            change(old, new, INDEX, breaks=BREAKS)
    else:
        assert change(old, new, INDEX, breaks=BREAKS).difference.se > 0


@pytest.mark.parametrize(("end", "crossed"), [(date(2025, 6, 30), 0), (date(2025, 7, 1), 1)])
def test_a_break_counts_from_its_own_day(end: date, crossed: int) -> None:
    new = Round(label="new", start=date(2025, 1, 1), end=end, result=estimated(2025))
    assert len(breaks_between(of_year(2024), new, BREAKS)) == crossed


def test_a_chart_gets_stretches_that_one_line_may_join() -> None:
    rounds = [of_year(year) for year in (2026, 2020, 2021, 2022, 2023, 2024, 2025)]
    stretches = [[each.label for each in part] for part in segments(rounds, BREAKS)]
    assert stretches == [["2020", "2021"], ["2022", "2023", "2024"], ["2025"], ["2026"]]


def test_rounds_under_other_rules_are_not_compared() -> None:
    mean = SatisfactionPlan(blocks=(BLOCK,), item_score=ItemScore.MEAN)
    old, new = of_year(2023), of_year(2024, estimated(2024, mean))
    for key in (INDEX, (Level.ITEM, "a"), (Level.FACTOR, "F"), (Level.BLOCK, "B")):
        with pytest.raises(SeriesBreakError, match="other rules"):
            change(old, new, key, breaks=BREAKS)
    assert change(old, new, (Level.ALL_SATISFIED, ""), breaks=BREAKS).level is Level.ALL_SATISFIED
    assert len(segments([old, new], BREAKS)) == 2


def test_another_weight_of_the_index_leaves_its_items_comparable() -> None:
    fixed = SatisfactionPlan(
        blocks=(BLOCK,), index_rule=IndexRule.FIXED_WEIGHTS, weights={"B": Decimal(1)}
    )
    old, new = of_year(2023), of_year(2024, estimated(2024, fixed))
    assert change(old, new, (Level.ITEM, "a"), breaks=BREAKS).code == "a"
    with pytest.raises(SeriesBreakError, match="other rules"):
        change(old, new, INDEX, breaks=BREAKS)


def test_what_has_no_error_is_not_tested() -> None:
    kiosk = of_year(2024, estimated(2024, interval="none"))
    with pytest.raises(VariableError, match="no probability sample"):
        change(of_year(2023), kiosk, INDEX, breaks=BREAKS)
    with pytest.raises(VariableError, match="swap them"):
        change(of_year(2024), of_year(2023), INDEX, breaks=BREAKS)


def test_the_change_of_a_unanimous_value_has_no_error() -> None:
    people = pd.DataFrame({"a": [5] * 6, "b": [4] * 6, "commune": [1, 1, 2, 2, 3, 3]})
    agreed = satisfaction(Design.from_table(people, psu="commune"), PLAN)
    found = change(of_year(2023), of_year(2024, agreed), INDEX, breaks=BREAKS).difference
    assert np.isnan([found.se, found.low, found.high, found.p]).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{]", "JSON list"),
        ('[{"code": "a", "on": "2022-13-01", "reason": "r"}]', "JSON list"),
        ('[{"code": "a", "on": "2022-01-01"}]', "JSON list"),
        ('[{"code": "a", "on": "2022-01-01", "reason": " "}]', r"without a reason \['a'\]"),
    ],
)
def test_breaks_that_say_nothing_are_refused(text: str, message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        read_breaks(text)


def test_a_round_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ScoreError, match="before it starts"):
        Round(label="x", start=date(2024, 2, 1), end=date(2024, 1, 1), result=estimated(1))
    assert SeriesBreak(code="a", on=date(2022, 1, 1), reason="r").code == "a"
