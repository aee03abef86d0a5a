"""Exact points of a unit."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.index import (
    CriterionPoints,
    GroupWeighting,
    HiddenRule,
    ItemPoints,
    ScoreError,
    StratumAnswers,
    UnitAnswers,
    round_half_up,
    score_unit,
)
from stats.scores import by_respondent, coefficients

ONE, HALF = Fraction(1), Fraction(1, 2)


def criterion(code: str, **points: str) -> CriterionPoints:
    return CriterionPoints(
        code=code,
        maximum=sum(map(Decimal, points.values()), Decimal(0)),
        items=tuple(ItemPoints(item=item, points=Decimal(p)) for item, p in points.items()),
    )


def stratum(
    group: str, population: int | Fraction, *values: Mapping[str, Fraction]
) -> StratumAnswers:
    return StratumAnswers(group=group, population=population, values=values)


def unit(*strata: StratumAnswers) -> UnitAnswers:
    return UnitAnswers(unit="A", strata=strata)


FINANCE = criterion("XHH.6", Q18="1.00", Q19="0.75", Q20="0.75")
LEADERS_ASKED_MORE = unit(
    stratum("LD", 8, *[{"Q18": ONE, "Q19": ONE, "Q20": ONE}] * 5),
    stratum("CC", 40, *[{"Q18": HALF, "Q19": HALF}] * 4),
)


@pytest.mark.parametrize(
    ("hidden", "points"),
    [(HiddenRule.PER_RESPONDENT, "1.46"), (HiddenRule.PER_ITEM, "1.77")],
)
def test_hidden_item_rules_give_the_two_documented_scores(hidden: HiddenRule, points: str) -> None:
    score = score_unit(
        LEADERS_ASKED_MORE, [FINANCE], weighting=GroupWeighting.POPULATION, hidden=hidden
    )
    assert score.total is not None
    assert str(round_half_up(score.total, 2)) == points


def test_item_weights_run_over_strata_that_were_asked_and_answered() -> None:
    score = score_unit(LEADERS_ASKED_MORE, [FINANCE], weighting=GroupWeighting.POPULATION)
    assert score.items == {"Q18": Fraction(28, 48), "Q19": Fraction(28, 48), "Q20": ONE}


def test_points_of_an_item_nobody_was_asked_move_to_the_criterions_other_items() -> None:
    answers = unit(stratum("CC", 40, {"Q18": HALF, "Q19": HALF}))
    score = score_unit(answers, [FINANCE], weighting=GroupWeighting.POPULATION)
    assert score.items["Q20"] is None
    assert score.criteria["XHH.6"] == Fraction(5, 4)
    assert score.maximum == Fraction(5, 2)


def test_a_criterion_not_applicable_leaves_the_denominator() -> None:
    other = criterion("XHH.3", Q07="3.00")
    answers = unit(stratum("CC", 40, {"Q18": HALF, "Q19": HALF, "Q20": HALF, "Q07": ONE}))
    score = score_unit(
        answers,
        [FINANCE, other],
        weighting=GroupWeighting.POPULATION,
        not_applicable=["XHH.3"],
    )
    assert score.criteria["XHH.3"] is None
    assert score.maximum == Fraction(5, 2)
    assert score.converted() == 11


def test_a_criterion_without_a_valid_answer_leaves_the_denominator() -> None:
    other = criterion("XHH.3", Q07="3.00")
    score = score_unit(
        unit(stratum("CC", 40, {"Q18": ONE})), [FINANCE, other], weighting=GroupWeighting.POPULATION
    )
    assert score.criteria == {"XHH.6": Fraction(5, 2), "XHH.3": None}
    assert score.converted(Decimal(100)) == 100


def test_a_unit_without_answers_has_no_total() -> None:
    score = score_unit(unit(stratum("CC", 40)), [FINANCE], weighting=GroupWeighting.POOLED)
    assert score.total is None
    assert score.maximum == 0
    assert score.converted() is None


def test_fixed_weights_are_rescaled_over_the_groups_that_answered() -> None:
    fixed = {"LD": Decimal("0.4"), "CC": Decimal("0.6")}
    score = score_unit(LEADERS_ASKED_MORE, [FINANCE], weighting=GroupWeighting.FIXED, fixed=fixed)
    assert score.items["Q18"] == Fraction(7, 10)
    assert score.items["Q20"] == 1


def test_a_group_without_its_fixed_weight_is_refused_by_name() -> None:
    with pytest.raises(ScoreError, match="no fixed weight for group 'CC' of unit 'A'"):
        score_unit(
            LEADERS_ASKED_MORE,
            [FINANCE],
            weighting=GroupWeighting.FIXED,
            fixed={"LD": Decimal(1)},
        )


def test_more_answers_than_people_are_refused() -> None:
    with pytest.raises(ScoreError, match="group 'LD' of unit 'A' has 2 answers from 1 people"):
        score_unit(
            unit(stratum("LD", 1, {"Q18": ONE}, {"Q18": ONE})),
            [FINANCE],
            weighting=GroupWeighting.POPULATION,
        )


@pytest.mark.parametrize("value", [Fraction(5, 4), Fraction(-1, 4), 0.5])
def test_values_that_are_not_fractions_in_the_unit_interval_are_refused(value: Fraction) -> None:
    with pytest.raises(ScoreError, match=r"'Q18' is .* for respondent 2 of group 'LD'"):
        score_unit(
            unit(stratum("LD", 5, {"Q18": ONE}, {"Q18": value})),
            [FINANCE],
            weighting=GroupWeighting.POPULATION,
        )


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ([replace(FINANCE, maximum=Decimal(3))], "sum to 2.50, its maximum is 3"),
        ([FINANCE, FINANCE], "criterion code repeated"),
        ([FINANCE, criterion("other", Q18="1.00")], "item repeated: \\['Q18'\\]"),
        ([criterion("C", a="0.00")], "points must be positive: \\['a'\\]"),
    ],
)
def test_criteria_that_contradict_themselves_are_refused(
    criteria: list[CriterionPoints], message: str
) -> None:
    with pytest.raises(ScoreError, match=message):
        score_unit(LEADERS_ASKED_MORE, criteria, weighting=GroupWeighting.POPULATION)


def test_not_applicable_must_name_a_criterion() -> None:
    with pytest.raises(ScoreError, match=r"XHH\.9"):
        score_unit(
            LEADERS_ASKED_MORE,
            [FINANCE],
            weighting=GroupWeighting.POPULATION,
            not_applicable=["XHH.9"],
        )


CRITERIA = [FINANCE, criterion("XHH.8", Q25="1.00", Q26="0.75")]
ITEMS = ["Q18", "Q19", "Q20", "Q25", "Q26"]
shares = st.integers(0, 4).map(lambda quarter: Fraction(quarter, 4))
respondents = st.dictionaries(st.sampled_from(ITEMS), shares)


@st.composite
def units(draw: st.DrawFn) -> UnitAnswers:
    strata = []
    for group in ("LD", "CC"):
        values = draw(st.lists(respondents, max_size=5))
        strata.append(stratum(group, len(values) + draw(st.integers(0, 20)), *values))
    return unit(*strata)


weightings = st.sampled_from([GroupWeighting.POPULATION, GroupWeighting.POOLED])
hidden_rules = st.sampled_from(list(HiddenRule))


@given(units(), weightings, hidden_rules)
def test_order_of_people_and_groups_does_not_matter(
    answers: UnitAnswers, weighting: GroupWeighting, hidden: HiddenRule
) -> None:
    turned = unit(*(replace(s, values=tuple(reversed(s.values))) for s in reversed(answers.strata)))
    first = score_unit(answers, CRITERIA, weighting=weighting, hidden=hidden)
    assert score_unit(turned, CRITERIA, weighting=weighting, hidden=hidden) == first


@given(units(), weightings, hidden_rules)
def test_group_names_do_not_matter(
    answers: UnitAnswers, weighting: GroupWeighting, hidden: HiddenRule
) -> None:
    renamed = unit(*(replace(s, group=f"x{s.group}") for s in answers.strata))
    first = score_unit(answers, CRITERIA, weighting=weighting, hidden=hidden)
    assert score_unit(renamed, CRITERIA, weighting=weighting, hidden=hidden) == first


@given(units(), weightings, hidden_rules)
def test_better_answers_never_lower_the_total(
    answers: UnitAnswers, weighting: GroupWeighting, hidden: HiddenRule
) -> None:
    better = unit(
        *(
            replace(
                s,
                values=tuple(
                    {item: (value + 1) / 2 for item, value in values.items()} for values in s.values
                ),
            )
            for s in answers.strata
        )
    )
    before = score_unit(answers, CRITERIA, weighting=weighting, hidden=hidden)
    after = score_unit(better, CRITERIA, weighting=weighting, hidden=hidden)
    assert (before.total is None) == (after.total is None)
    assert (after.total or 0) >= (before.total or 0)
    assert 0 <= (after.total or 0) <= after.maximum


@given(units(), weightings, hidden_rules)
def test_coefficients_reproduce_the_total(
    answers: UnitAnswers, weighting: GroupWeighting, hidden: HiddenRule
) -> None:
    score = score_unit(answers, CRITERIA, weighting=weighting, hidden=hidden)
    scored, criteria = (
        by_respondent(answers, CRITERIA)
        if hidden is HiddenRule.PER_RESPONDENT
        else (answers, CRITERIA)
    )
    shares_of = coefficients(scored, criteria, weighting=weighting)
    total = Fraction(0)
    for group in scored.strata:
        for item, share in shares_of[group.group].items():
            valid = [values[item] for values in group.values if item in values]
            total += share * sum(valid, Fraction(0)) / len(valid)
    assert total == (score.total or 0)
    assert sum(c for group in shares_of.values() for c in group.values()) == score.maximum
