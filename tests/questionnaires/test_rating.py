"""Forms on which one respondent rates many units."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import (
    Answer,
    Questionnaire,
    RatedUnit,
    RatingForm,
    UnitsError,
    rating_form,
    read_questionnaire,
    route,
)
from questionnaires.soundness import findings

Strategies = Callable[[Questionnaire], st.SearchStrategy[dict[str, Answer]]]
UNITS = [RatedUnit(code=f"SO{n:02d}", name=f"Sở thứ {n}") for n in range(1, 13)]
SHARED = {"DY", "A1", "C1"}


def form_for(questionnaire: Questionnaire, count: int) -> RatingForm:
    return rating_form(questionnaire, UNITS[:count])


def test_repeated_section_is_written_once_a_unit_with_its_name(rating: Questionnaire) -> None:
    form = form_for(rating, 2).questionnaire
    assert [section.id for section in form.sections] == ["A", "B_1", "B_2", "C"]
    assert [item.id for item in form.questions] == [
        "DY", "A1", "Q1_1", "Q2_1", "Q3_1", "Q3_1_9", "Ga_1", "Gb_1",
        "Q1_2", "Q2_2", "Q3_2", "Q3_2_9", "Ga_2", "Gb_2", "C1",
    ]  # fmt: skip
    assert form.sections[2].title == "Đánh giá Sở thứ 2"
    assert form.item("Q1_2").text == "Phối hợp của Sở thứ 2"
    assert (form.number_of("Q1_1"), form.number_of("Q1_2")) == ("1.1", "1.2")
    assert form.item("Q2_2").show_if == "${Q1_2} != '3' and ${A1} = '1'"
    assert form.grid_rows == {"G_1": ("Ga_1", "Gb_1"), "G_2": ("Ga_2", "Gb_2")}
    assert form.specified["Q3_2_9"] == ("Q3_2", "9")


def test_form_has_no_scores_of_its_own(rating: Questionnaire) -> None:
    form = form_for(rating, 2).questionnaire
    assert (form.criteria, form.points_total, form.scoring) == ((), None, None)
    assert [item.id for item in rating.scored_items] == ["Q1", "Q2", "Ga"]


@pytest.mark.parametrize("count", [1, 2, 12])
def test_form_is_as_sound_as_its_base(rating: Questionnaire, count: int) -> None:
    assert findings(form_for(rating, count).questionnaire) == []


@given(data=st.data(), count=st.integers(1, 12))
def test_answers_of_units_are_joined_and_split_back(
    rating: Questionnaire, keyed_answers: Strategies, data: st.DataObject, count: int
) -> None:
    form = form_for(rating, count)
    own = keyed_answers(rating).map(
        lambda answers: {name: value for name, value in answers.items() if name not in SHARED}
    )
    rated = data.draw(st.lists(own, min_size=count, max_size=count))
    every = keyed_answers(rating).map(
        lambda answers: {name: value for name, value in answers.items() if name in SHARED}
    )
    shared = data.draw(every)
    written = form.joined([answers | shared for answers in rated])
    assert written.keys() <= form.questionnaire.questions_by_id.keys()
    split = form.split(written)
    assert [unit for unit, _ in split] == list(form.units)
    assert [answers for _, answers in split] == [answers | shared for answers in rated]


@given(data=st.data(), count=st.integers(1, 4))
def test_path_of_a_form_is_the_path_of_the_base_for_each_unit(
    rating: Questionnaire, keyed_answers: Strategies, data: st.DataObject, count: int
) -> None:
    form = form_for(rating, count)
    answers = data.draw(keyed_answers(form.questionnaire))
    whole = route(form.questionnaire, answers, {}).items
    in_play = form.split(dict.fromkeys(whole, "1"))
    for (_, own), (_, seen) in zip(form.split(answers), in_play, strict=True):
        path = [name for name in route(rating, own, {}).items if name != "G"]
        assert set(path) == seen.keys() - {"G"}


def test_questionnaire_without_repeated_sections_is_its_own_form(officials: Questionnaire) -> None:
    form = rating_form(officials, UNITS[:1])
    assert form.questionnaire is officials
    assert form.split({"DY": "1"}) == ((UNITS[0], {"DY": "1"}),)


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ([], "there is no unit to rate; give at least one"),
        ([UNITS[0], UNITS[1], UNITS[0]], "unit 'SO01' is given 2 times; give each unit once"),
        ([RatedUnit(code="X", name=" ")], "unit 'X' has no name"),
        (
            [*UNITS, RatedUnit(code="X", name="X")],
            "13 units, but section B takes 12; give fewer, or raise its most",
        ),
    ],
)
def test_units_that_cannot_be_rated_are_refused(
    rating: Questionnaire, units: list[RatedUnit], message: str
) -> None:
    with pytest.raises(UnitsError, match=re.escape(message)):
        rating_form(rating, units)


def test_answers_for_another_number_of_units_are_refused(rating: Questionnaire) -> None:
    with pytest.raises(UnitsError, match="1 sets of answers for 2 units"):
        form_for(rating, 2).joined([{}])


def test_name_of_a_unit_is_text_and_never_a_condition(rating_yaml: str) -> None:
    questionnaire = read_questionnaire(rating_yaml)
    unit = RatedUnit(code="X", name="Sở ${A1} = '1' or ${Q1}")
    form = rating_form(questionnaire, [unit]).questionnaire
    assert form.item("Q1_1").text == f"Phối hợp của {unit.name}"
    assert findings(form) == []
