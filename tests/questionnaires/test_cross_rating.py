"""The cross-rating form: short, once for each unit, and a way out for whoever does not know it."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from questionnaires import Answer, Questionnaire, intro_in_play, route, text_in
from questionnaires.library import shipped
from questionnaires.rating import RatedUnit, RatingForm, rating_form

ROWS = [f"G{n:02}" for n in range(1, 11)]


@pytest.fixture(scope="module")
def cross() -> Questionnaire:
    return shipped("cross_rating")


@pytest.fixture(scope="module")
def form(cross: Questionnaire) -> RatingForm:
    units = [
        RatedUnit(code="SO01", name="Sở Tài chính"),
        RatedUnit(code="SO02", name="Sở Y tế"),
    ]
    return rating_form(cross, units)


def test_ten_items_of_two_points_sum_to_20(cross: Questionnaire) -> None:
    assert [item.id for item in cross.scored_items] == ROWS
    assert set(cross.points.values()) == {Decimal("2.00")}
    assert sum(cross.points.values()) == Decimal("20.00") == cross.points_total


def test_criteria_are_the_six_topics_of_the_model(cross: Questionnaire) -> None:
    fields = {criterion.field: len(criterion.items) for criterion in cross.criteria}
    assert fields == {"1": 2, "2": 2, "4": 2, "5": 2, "6": 1, "7": 1}


def test_a_unit_takes_eleven_questions_at_most(form: RatingForm) -> None:
    sections = form.questionnaire.sections
    assert [section.id for section in sections] == ["DG_1", "DG_2", "C"]
    known = {"DY": "1", "K1_1": "2", "K1_2": "1"}
    shown = route(form.questionnaire, known, {}).items
    assert sum(name.endswith("_1") and name != "G_1" for name in shown) == 11


def test_each_section_names_its_unit(form: RatingForm) -> None:
    first, second, _ = form.questionnaire.sections
    assert text_in(first.title, "vi") == "Đánh giá Sở Tài chính"
    assert text_in(second.items[0].text, "vi") == (
        "Ông/Bà biết về hoạt động của Sở Y tế trong năm đánh giá ở mức nào?"
    )
    assert "${" not in "".join(text_in(item.text, "vi") for item in form.questionnaire.items)


@pytest.mark.parametrize(
    ("known", "rated"), [("2", True), ("1", True), ("99", False), ("97", False)]
)
def test_a_unit_that_is_not_known_or_ones_own_is_left_in_one_answer(
    form: RatingForm, *, known: str, rated: bool
) -> None:
    answers: Mapping[str, Answer] = {"DY": "1", "K1_1": known, "K1_2": "2"}
    shown = set(route(form.questionnaire, answers, {}).items)
    assert ({f"{row}_1" for row in ROWS} <= shown) is rated
    assert {f"{row}_2" for row in ROWS} <= shown


def test_not_enough_information_is_offered_for_the_unit_and_for_every_item(
    cross: Questionnaire,
) -> None:
    for name in ("K1", *ROWS):
        labels = {o.code: text_in(o.text, "vi") for o in cross.options_of(cross.item(name))}
        assert labels["99"] == "Không đủ thông tin để đánh giá"


def test_answers_come_apart_by_unit(form: RatingForm) -> None:
    answers: Mapping[str, Answer] = {
        "DY": "1",
        "K1_1": "2",
        "G01_1": "5",
        "K1_2": "99",
        "C1": ("1",),
    }
    split = [(unit.code, given) for unit, given in form.split(answers)]
    assert split == [
        ("SO01", {"DY": "1", "C1": ("1",), "K1": "2", "G01": "5"}),
        ("SO02", {"DY": "1", "C1": ("1",), "K1": "99"}),
    ]


def test_rows_say_one_thing_and_ask_about_the_unit(cross: Questionnaire) -> None:
    for row in ROWS:
        wording = text_in(cross.item(row).text, "vi")
        assert " và " not in wording
        assert ";" not in wording
        assert not wording.endswith("?")
    stem = cross.stem_of("G01")
    assert stem is not None
    assert "${unit.name}" in text_in(stem, "vi")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("HDND", "với tư cách đại biểu Hội đồng nhân dân cấp tỉnh"),
        ("LDX", "công việc của Ủy ban nhân dân cấp xã với các cơ quan chuyên môn"),
        ("TPX", "công việc của Ủy ban nhân dân cấp xã với các cơ quan chuyên môn"),
        ("LDS", "công việc của cơ quan chuyên môn cấp tỉnh với Ủy ban nhân dân cấp xã"),
        ("TPS", "công việc của cơ quan chuyên môn cấp tỉnh với Ủy ban nhân dân cấp xã"),
    ],
)
def test_each_kind_of_rater_is_told_in_which_capacity_to_answer(
    cross: Questionnaire, kind: str, said: str
) -> None:
    shown = intro_in_play(cross, {"rater.kind": kind})
    assert len(shown) == 5
    assert said in text_in(shown[1], "vi")


def test_introduction_says_that_the_assignment_can_be_laid_beside_a_form(
    cross: Questionnaire,
) -> None:
    said = " ".join(text_in(text, "vi") for text in intro_in_play(cross, {}))
    assert "ai giữ danh sách phân công có thể đối chiếu" in said
    assert "nếu mọi người trả lời giống nhau, câu trả lời có thể suy ra được" in said


def test_forty_units_still_make_a_form(cross: Questionnaire) -> None:
    units = [RatedUnit(code=f"XA{n:03}", name=f"xã Ví dụ {n}") for n in range(1, 41)]
    assert len(rating_form(cross, units).questionnaire.questions) == 1 + 40 * 11 + 3
