"""Satisfaction indices by hand, by two routes, and what they must never depend on."""

import json
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import Design
from stats.errors import (
    DesignError,
    LonelyPsuError,
    MissingValuesError,
    ScoreError,
    VariableError,
)
from stats.limits import mean_limits
from stats.satisfaction import (
    Aspect,
    BlockPlan,
    ChoicePlan,
    FactorPlan,
    FactorRule,
    IndexKey,
    IndexRule,
    ItemScore,
    Level,
    RoundingRule,
    RoundingStage,
    Satisfaction,
    SatisfactionPlan,
    contrast,
    exact_satisfaction,
    satisfaction,
)

WORKED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "worked_examples" / "worked_examples.json").read_text(
        "utf-8"
    )
)
ITEMS = ("a", "b", "c", "d", "e")


def block(code: str, *factors: FactorPlan, aspect: Aspect = Aspect.SATISFACTION) -> BlockPlan:
    return BlockPlan(code=code, aspect=aspect, factors=factors)


F1 = FactorPlan(code="F1", items=("a", "b"))
F2 = FactorPlan(code="F2", items=("c",), overall="o2")
F3 = FactorPlan(code="F3", items=("d", "e"))
POLICY, SERVICE = block("P", F1), block("S", F2, F3)
PLAN = SatisfactionPlan(blocks=(POLICY, SERVICE))
ONE = SatisfactionPlan(blocks=(block("B", FactorPlan(code="F", items=("a",))),))


def index_of(result: Satisfaction, level: Level = Level.INDEX, code: str = "") -> float:
    return result.find(level, code).value


# ---- exact points ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "example",
    [row for row in WORKED["criterion_points"] if not row["value_map"].startswith("step")],
    ids=lambda row: row["value_map"],
)
def test_item_scores_are_those_of_the_worked_examples(example: dict[str, Any]) -> None:
    codes = [
        code
        for code, count in zip((5, 4, 3, 2, 1), example["counts_5_to_1"], strict=True)
        for _ in range(count)
    ]
    scores = {"linear_0_25": ItemScore.MEAN, "satisfied": ItemScore.TOP_TWO}
    plan = SatisfactionPlan(blocks=ONE.blocks, item_score=scores[example["value_map"]])
    result = exact_satisfaction([{"a": code} for code in codes], plan)
    score = result.shares[IndexKey(level=Level.ITEM, code="a")]
    assert str(score) == example["item_score"]
    weighted = satisfaction(Design.from_table(pd.DataFrame({"a": codes})), plan)
    assert index_of(weighted, Level.ITEM, "a") == pytest.approx(float(score), rel=1e-15)


def test_the_width_of_a_province_on_few_communes_is_the_printed_one() -> None:
    example = WORKED["sipas_province"]
    se = math.sqrt(3 * example["p"] * (1 - example["p"]) / example["n_per_province"])
    low, high = mean_limits(example["p"], se, df=3, level=0.95)
    assert [round(100 * se, 2), round(100 * (high - low) / 2, 2)] == example["deff3_t_df3"]


def test_rules_of_factor_and_index_by_hand() -> None:
    answers = [
        {"a": 5, "b": 4, "c": 2, "o2": 4, "d": 5, "e": 3, "all": 3},
        {"a": 4, "b": 1, "c": 4, "o2": 4, "d": 3},
        {"a": 3, "d": 5},
    ]
    # items: a 2/3, b 1/2, c 1/2, d 2/3, e 0
    f1, f2, f3 = Fraction(7, 12), Fraction(1, 2), Fraction(1, 3)
    expected = {FactorRule.MEAN_OF_ITEMS: (f1 + (f2 + f3) / 2) / 2}
    expected[FactorRule.POOLED_ANSWERS] = (Fraction(3, 5) + (f2 + Fraction(2, 4)) / 2) / 2
    for rule, index in expected.items():
        found = exact_satisfaction(answers, SatisfactionPlan(blocks=PLAN.blocks, factor_rule=rule))
        assert found.shares[IndexKey(level=Level.INDEX)] == index
        assert found.points == 10 * index
    fixed = SatisfactionPlan(
        blocks=PLAN.blocks,
        index_rule=IndexRule.FIXED_WEIGHTS,
        weights={"P": Decimal(3), "S": Decimal(2)},
    )
    found = exact_satisfaction(answers, fixed)
    assert found.shares[IndexKey(level=Level.INDEX)] == (3 * f1 + 2 * (f2 + f3) / 2) / 5
    assert found.shares[IndexKey(level=Level.ALL_SATISFIED)] == 0


def test_overall_items_stand_for_factor_and_index() -> None:
    plan = SatisfactionPlan(
        blocks=(block("S", F2),),
        factor_rule=FactorRule.OVERALL_ITEM,
        index_rule=IndexRule.OVERALL_ITEM,
        overall="o",
    )
    found = exact_satisfaction([{"c": 5, "o2": 2, "o": 4}, {"c": 5, "o2": 4, "o": 4}], plan)
    assert found.shares[IndexKey(level=Level.FACTOR, code="F2")] == Fraction(1, 2)
    assert found.shares[IndexKey(level=Level.INDEX)] == 1
    assert found.shares[IndexKey(level=Level.ALL_SATISFIED)] == 1  # c alone: o and o2 only check


@pytest.mark.parametrize(
    ("stage", "official"),
    [
        # items 1/3 and 2/3, 1/3 and 1; exact points 70/12 = 5.83333…
        (RoundingStage.POINTS, "5.83"),
        (RoundingStage.ITEM, "5.83"),  # 33 67 33 100 % → 58.25 %
        (RoundingStage.FACTOR, "5.85"),  # 50 67 % → 58.5 %
        (RoundingStage.BLOCK, "5.85"),
        (RoundingStage.INDEX, "5.80"),  # 58 %
    ],
)
def test_points_are_rounded_at_the_declared_stage(stage: RoundingStage, official: str) -> None:
    plan = SatisfactionPlan(
        blocks=(block("P", F1), block("S", FactorPlan(code="F2", items=("c", "d"))))
    )
    answers = [
        {"a": 5, "b": 4, "c": 4, "d": 5},
        {"a": 1, "b": 5, "c": 3, "d": 4},
        {"a": 2, "b": 3, "c": 3, "d": 5},
    ]
    places = 2 if stage is RoundingStage.POINTS else 0
    found = exact_satisfaction(answers, plan, rounding=RoundingRule(stage=stage, places=places))
    assert str(found.official) == official


def test_a_half_is_rounded_up_and_never_seen_by_a_float() -> None:
    answers = [{"a": 5}] * 1681 + [{"a": 1}] * 319
    found = exact_satisfaction(answers, ONE)
    assert (found.points, str(found.official)) == (Fraction(1681, 200), "8.41")


def test_two_numbers_of_decimals_for_one_stage_are_refused() -> None:
    with pytest.raises(ScoreError, match="give one number"):
        RoundingRule(stage=RoundingStage.POINTS, places=1, points_places=2)


def test_nobody_valid_gives_no_points() -> None:
    assert exact_satisfaction([{}], PLAN).official is None


def test_a_code_outside_the_scale_is_refused_with_its_respondent() -> None:
    with pytest.raises(ScoreError, match="item 'a' is 97 for respondent 2 of 2"):
        exact_satisfaction([{"a": 5}, {"a": 97}], ONE)
    people = pd.DataFrame({"a": [5, 97]})
    with pytest.raises(VariableError, match=r"'a' is 97 in row 2 \(1 of 2 rows\)"):
        satisfaction(Design.from_table(people), ONE)


# ---- aspects stay apart -----------------------------------------------------------------------


MIXED = SatisfactionPlan(
    blocks=(
        block("P", F1),
        BlockPlan(
            code="Q",
            aspect=Aspect.PERCEPTION,
            scale=4,
            factors=(FactorPlan(code="FQ", items=("p",)),),
        ),
    ),
    choices=(ChoicePlan(code="M", options=("m1", "m2", "m3"), most=2),),
)
WHO = pd.DataFrame(
    {
        "a": [5, 4, 2, 4],
        "b": [4, 4, 4, 1],
        "p": [4, 3, 2, 1],
        "m1": [1, 1, 0, np.nan],
        "m2": [0, 1, 0, np.nan],
        "m3": [0, 0, 1, np.nan],
    }
)


def test_perception_and_expectation_are_reported_apart_and_leave_the_index_alone() -> None:
    result = satisfaction(Design.from_table(WHO), MIXED, missing="available")
    assert index_of(result) == index_of(result, Level.FACTOR, "F1") == 0.75
    assert index_of(result, Level.BLOCK, "Q") == 0.5  # the two best of four answers
    shares = {row.key.code: row.value for row in result.of_aspect(Aspect.EXPECTATION)}
    assert shares == pytest.approx({"m1": 2 / 3, "m2": 1 / 3, "m3": 1 / 3})
    assert "missing:M:1" in result.notes
    assert {row.key.level for row in result.of_aspect(Aspect.PERCEPTION)} == {
        Level.ITEM,
        Level.FACTOR,
        Level.BLOCK,
    }


def test_aspects_are_never_mixed() -> None:
    result = satisfaction(Design.from_table(WHO), MIXED, missing="available")
    a, p = (IndexKey(level=Level.ITEM, code=code) for code in "ap")
    with pytest.raises(VariableError, match=r"one aspect; got \['perception', 'satisfaction'\]"):
        contrast(result, {a: 1.0, p: -1.0})
    with pytest.raises(ScoreError, match=r"not satisfaction: \['Q \(perception\)'\]"):
        SatisfactionPlan(
            blocks=MIXED.blocks,
            index_rule=IndexRule.FIXED_WEIGHTS,
            weights={"P": Decimal(1), "Q": Decimal(1)},
        )
    with pytest.raises(ScoreError, match=r"item repeated: \['a'\]"):
        SatisfactionPlan(blocks=(*MIXED.blocks, block("Z", FactorPlan(code="Z", items=("a",)))))


def test_choices_beyond_their_number_or_torn_are_refused() -> None:
    many = WHO.assign(m3=[0, 1, 1, np.nan])
    with pytest.raises(VariableError, match=r"'M' has 3 answers in row 2 \(1 of 4 rows\)"):
        satisfaction(Design.from_table(many), MIXED, missing="available")
    torn = WHO.assign(m3=[0, np.nan, 1, np.nan])
    with pytest.raises(VariableError, match="only some of its options in row 2"):
        satisfaction(Design.from_table(torn), MIXED, missing="available")
    choices = SatisfactionPlan(blocks=(), choices=MIXED.choices)
    with pytest.raises(ScoreError, match="3 answers from respondent 1"):
        exact_satisfaction([{"m1": 1, "m2": 1, "m3": 1}], choices)
    with pytest.raises(ScoreError, match="2 of 3 options for respondent 1"):
        exact_satisfaction([{"m1": 1, "m2": 1}], choices)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"index_rule": IndexRule.OVERALL_ITEM}, "names none"),
        ({"factor_rule": FactorRule.OVERALL_ITEM}, "2 name none"),
        ({"index_rule": IndexRule.FIXED_WEIGHTS}, "one positive weight for each"),
        ({"weights": {"P": Decimal(1)}}, "one positive weight for each"),
        ({"blocks": ()}, "nothing is asked"),
        ({"blocks": (block("P"),)}, "nothing is asked"),
        ({"overall": "o", "overall_scale": 2}, "3 answers or more"),
    ],
)
def test_plans_that_contradict_themselves_are_refused(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ScoreError, match=message):
        SatisfactionPlan(**({"blocks": PLAN.blocks} | options))


# ---- estimates --------------------------------------------------------------------------------


def test_missing_answers_are_refused_until_the_caller_says_so() -> None:
    people = pd.DataFrame({"a": [5, np.nan, 2]})
    with pytest.raises(MissingValuesError, match=r"'a' has no valid answer in row 2 \(1 of 3"):
        satisfaction(Design.from_table(people), ONE)
    result = satisfaction(Design.from_table(people), ONE, missing="available")
    assert (index_of(result), result.notes) == (0.5, ("missing:a:1",))


def test_an_item_nobody_answered_leaves_its_factor_and_is_named() -> None:
    people = pd.DataFrame({"a": [5, 2], "b": [np.nan, np.nan]})
    result = satisfaction(
        Design.from_table(people), SatisfactionPlan(blocks=(POLICY,)), missing="available"
    )
    assert index_of(result) == 0.5
    assert "empty::item:b" in result.notes
    with pytest.raises(VariableError, match="no item 'b' in domain None"):
        result.find(Level.ITEM, "b")


def test_kiosk_and_qr_answers_get_no_error_at_all() -> None:
    result = satisfaction(Design.from_table(WHO[["a"]]), ONE, interval="none")
    row = result.find(Level.INDEX)
    assert row.value == 0.75
    assert np.isnan([row.se, row.low, row.high, row.deff]).all()
    assert result.covariance is None
    assert result.notes == ("no_probability_sample",)
    with pytest.raises(VariableError, match="no probability sample"):
        contrast(result, {row.key: 1.0})


def test_unanimous_answers_of_a_sample_have_no_interval_and_those_of_a_census_no_width() -> None:
    people = pd.DataFrame({"a": [5, 4, 5, 4], "N": [4] * 4, "M": [9] * 4})
    sampled = satisfaction(Design.from_table(people, fpc="M"), ONE)
    assert math.isnan(sampled.find(Level.INDEX).low)
    assert "unanimous::index:" in sampled.notes
    census = satisfaction(Design.from_table(people, fpc="N"), ONE).find(Level.INDEX)
    assert (census.low, census.high, census.se) == (1.0, 1.0, 0.0)
    gap = people.assign(a=[5, 2, 5, np.nan])
    short = satisfaction(Design.from_table(gap, fpc="N"), ONE, missing="available")
    assert math.isnan(short.find(Level.INDEX).low)  # one of four never answered


def test_degrees_of_freedom_are_communes_minus_strata_that_answered() -> None:
    people = pd.DataFrame(
        {
            "a": [5, 1, 4, 2, 5, 3, 4, 1],
            "b": [5, 1, 4, 2, 5, np.nan, np.nan, np.nan],
            "commune": [1, 1, 2, 2, 3, 3, 4, 4],
            "h": list("uuuurrrr"),
        }
    )
    design = Design.from_table(people, psu="commune", strata="h", ultimate_cluster=True)
    result = satisfaction(design, SatisfactionPlan(blocks=(POLICY,)), missing="available")
    a, b, index = (result.find(Level.ITEM, "a"), result.find(Level.ITEM, "b"), result.rows[-1])
    assert [(r.df, r.psus, r.strata, r.n) for r in (a, b, index)] == [
        (2, 4, 2, 8),
        (1, 3, 2, 5),
        (2, 4, 2, 8),
    ]


def test_a_stratum_with_one_commune_is_refused_and_domains_have_no_lonely_rule_of_their_own() -> (
    None
):
    people = pd.DataFrame({"a": [5, 2, 4], "commune": [1, 2, 3], "h": ["u", "u", "r"]})
    with pytest.raises(LonelyPsuError, match="1 of 2 strata"):
        satisfaction(Design.from_table(people, psu="commune", strata="h"), ONE)
    design = Design.from_table(people, lonely="adjust", adjust_domain_lonely=True)
    with pytest.raises(DesignError, match="adjust_domain_lonely"):
        satisfaction(design, ONE)


@pytest.mark.parametrize(
    "options", [{"missing": "drop"}, {"interval": "wald"}, {"level": 1.0}, {"by": "nowhere"}]
)
def test_unknown_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(VariableError):
        satisfaction(Design.from_table(WHO[["a"]]), ONE, **options)


def test_a_row_without_a_domain_is_refused() -> None:
    people = pd.DataFrame({"a": [5, 2], "d": ["x", None]})
    with pytest.raises(MissingValuesError, match=r"domain 'd' is missing in row 2"):
        satisfaction(Design.from_table(people), ONE, by="d")


def test_a_frame_has_one_row_per_value_and_domain() -> None:
    people = WHO.assign(d=["x", "x", "y", "y"])
    frame = satisfaction(Design.from_table(people), ONE, by="d").to_frame()
    assert frame["domain"].fillna("").tolist() == [""] * 5 + ["x"] * 5 + ["y"] * 5
    assert frame["points"].tolist() == (10 * frame["value"]).tolist()


# ---- properties -------------------------------------------------------------------------------


@st.composite
def surveys(draw: st.DrawFn) -> pd.DataFrame:
    """Answers of 12 to 30 people in 2 strata of 3 communes, some not valid."""
    size = draw(st.integers(12, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    answers = rng.integers(1, 6, (size, 6)).astype(float)
    answers[rng.random(answers.shape) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    answers[:6, 0] = rng.integers(1, 6, 6)
    people = pd.DataFrame(answers, columns=[*ITEMS, "o2"])
    people["commune"] = np.arange(size) % 6
    people["h"] = people["commune"] % 2
    people["area"] = rng.integers(0, 3, size)
    people["w"] = rng.uniform(0.5, 4, size)
    return people


def estimated(people: pd.DataFrame, plan: SatisfactionPlan = PLAN) -> Satisfaction:
    design = Design.from_table(people, weight="w", strata="h", psu="commune")
    return satisfaction(design, plan, by="area", missing="available")


PLANS = [
    SatisfactionPlan(blocks=PLAN.blocks, item_score=score, factor_rule=rule)
    for score in ItemScore
    for rule in (FactorRule.MEAN_OF_ITEMS, FactorRule.POOLED_ANSWERS)
]


def same(ours: Satisfaction, theirs: Satisfaction) -> None:
    assert [row.key for row in ours.rows] == [row.key for row in theirs.rows]
    for one, other in zip(ours.rows, theirs.rows, strict=True):
        assert (one.df, one.n) == (other.df, other.n)
        np.testing.assert_allclose(
            [one.value, one.se], [other.value, other.se], rtol=1e-9, atol=1e-12
        )
    assert ours.covariance is not None
    assert theirs.covariance is not None
    np.testing.assert_allclose(ours.covariance, theirs.covariance, rtol=1e-9, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(surveys(), st.sampled_from(PLANS), st.randoms(use_true_random=False))
def test_order_of_rows_and_names_of_strata_and_scale_of_weights_do_not_count(
    people: pd.DataFrame, plan: SatisfactionPlan, random: Any
) -> None:
    order = random.sample(range(len(people)), len(people))
    changed = people.iloc[order].reset_index(drop=True)
    changed["h"] = changed["h"].map({0: "z", 1: "a"})
    changed["commune"] = "c" + (7 - changed["commune"]).astype(str)
    changed["w"] = 3 * changed["w"]
    same(estimated(people, plan), estimated(changed, plan))


@settings(max_examples=25, deadline=None)
@given(surveys(), st.sampled_from(PLANS))
def test_covariance_of_all_values_is_positive_semidefinite_with_the_variances_on_its_diagonal(
    people: pd.DataFrame, plan: SatisfactionPlan
) -> None:
    result = estimated(people, plan)
    assert result.covariance is not None
    assert np.linalg.eigvalsh(result.covariance).min() >= -1e-12
    errors = [row.se**2 for row in result.rows]
    np.testing.assert_allclose(np.diag(result.covariance), errors, rtol=1e-9, atol=1e-20)


@settings(max_examples=25, deadline=None)
@given(surveys(), st.sampled_from(PLANS))
def test_a_mean_lies_between_its_parts_and_limits_hold_the_value(
    people: pd.DataFrame, plan: SatisfactionPlan
) -> None:
    result = estimated(people, plan)
    for factor in (F1, F3):
        items = [
            row.value
            for row in result.rows
            if row.key.code in factor.items and row.key.domain is None
        ]
        value = index_of(result, Level.FACTOR, factor.code) if items else math.nan
        assert not items or min(items) - 1e-12 <= value <= max(items) + 1e-12
    for row in result.rows:
        assert -1e-12 <= row.value <= 1 + 1e-12
        assert math.isnan(row.low) or row.low <= row.value <= row.high


@settings(max_examples=25, deadline=None)
@given(surveys(), st.sampled_from(ITEMS))
def test_domains_put_together_by_the_weights_of_their_answers_are_the_whole(
    people: pd.DataFrame, item: str
) -> None:
    result = estimated(people)
    valid = people[people[item].notna()]
    shares = valid.groupby("area")["w"].sum() / valid["w"].sum()
    parts = [
        share * result.find(Level.ITEM, item, domain=domain).value
        for domain, share in zip(shares.index.tolist(), shares.tolist(), strict=True)
    ]
    if parts:
        assert sum(parts) == pytest.approx(index_of(result, Level.ITEM, item), rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(surveys(), st.sampled_from(PLANS))
def test_equal_weights_give_the_exact_points(people: pd.DataFrame, plan: SatisfactionPlan) -> None:
    answers = [
        {item: int(row[item]) for item in (*ITEMS, "o2") if not math.isnan(row[item])}
        for row in people.to_dict("records")
    ]
    exact = exact_satisfaction(answers, plan).shares
    weighted = estimated(people.assign(w=2.5), plan)
    found = {row.key: row.value for row in weighted.rows if row.key.domain is None}
    assert found.keys() == exact.keys()
    for key, value in found.items():
        assert value == pytest.approx(float(exact[key]), rel=1e-12, abs=1e-12)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=9), st.sampled_from(list(ItemScore)))
def test_a_better_answer_never_lowers_the_points_and_all_best_is_ten(
    codes: list[int], score: ItemScore
) -> None:
    plan = SatisfactionPlan(blocks=ONE.blocks, item_score=score)
    points = exact_satisfaction([{"a": code} for code in codes], plan).points
    better = exact_satisfaction([{"a": min(code + 1, 5)} for code in codes], plan).points
    best = exact_satisfaction([{"a": 5} for _ in codes], plan)
    assert points is not None
    assert better is not None
    assert points <= better
    assert (best.points, str(best.official)) == (Fraction(10), "10.00")
    assert best.shares[IndexKey(level=Level.ALL_SATISFIED)] == 1


def test_leaving_flagged_forms_out_of_a_weighted_index_has_a_standard_error() -> None:
    rng = np.random.default_rng(4)
    people = pd.DataFrame({"a": rng.integers(1, 6, 60), "commune": np.repeat(np.arange(12), 5)})
    people["flagged"] = np.where(rng.random(60) < 0.2, "yes", "no")
    result = satisfaction(Design.from_table(people, psu="commune"), ONE, by="flagged")
    whole, unflagged = (IndexKey(level=Level.INDEX, domain=domain) for domain in (None, "no"))
    change = contrast(result, {whole: -1.0, unflagged: 1.0})
    kept = people[people["flagged"] == "no"]["a"]
    assert change.value == pytest.approx((kept >= 4).mean() - (people["a"] >= 4).mean())
    separate = [result.find(Level.INDEX, domain=domain).se for domain in (None, "no")]
    assert 0 < change.se < min(separate)  # one sample within the other: nearly the same people


def test_limits_in_points_are_ten_times_the_limits() -> None:
    row = satisfaction(Design.from_table(WHO[["a"]]), ONE).find(Level.INDEX)
    assert row.points_limits == (10 * row.low, 10 * row.high)
    assert row.points == 7.5


def test_who_answered_nothing_is_neither_satisfied_nor_not() -> None:
    people = pd.DataFrame({"a": [5, 2, np.nan], "b": [4, np.nan, np.nan]})
    plan = SatisfactionPlan(blocks=(POLICY,))
    row = satisfaction(Design.from_table(people), plan, missing="available").find(
        Level.ALL_SATISFIED
    )
    exact = exact_satisfaction([{"a": 5, "b": 4}, {"a": 2}, {}], plan)
    assert (row.value, row.n) == (0.5, 2)
    assert exact.shares[row.key] == Fraction(1, 2)


def test_the_two_best_of_four_answers_are_three_and_four() -> None:
    answers = [{"a": 5, "b": 4, "p": code} for code in (4, 3, 2, 1)]
    shares = exact_satisfaction(answers, MIXED).shares
    assert shares[IndexKey(level=Level.FACTOR, code="FQ")] == Fraction(1, 2)
    assert shares[IndexKey(level=Level.INDEX)] == 1
