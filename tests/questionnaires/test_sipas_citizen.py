"""The citizens' questionnaire says what its review asked for, row by row."""

import datetime as dt
from collections.abc import Mapping

import pytest

from questionnaires import (
    Answer,
    Disclosure,
    Disposition,
    Door,
    MultiItem,
    ProblemCode,
    Questionnaire,
    ScaleItem,
    Severity,
    SingleItem,
    check,
    route,
    text_in,
)
from questionnaires.library import shipped
from questionnaires.order import option_order
from questionnaires.routing import calculated
from questionnaires.tree import Aspect

STEM = "Về lần làm thủ tục gần nhất, Ông/Bà hài lòng ở mức nào với:"
ADULT: Mapping[str, Answer] = {"DY": "1", "S1": "2", "S2": "1", "S3H": 5, "S3": 3}
SERVICE_ROWS = {
    "TC": ["T01", "T02a", "T02b", "T03", "T04"],
    "TT": ["T05", "T06", "T07", "T08", "T09"],
    "CB": ["T10", "T11a", "T11b", "T12", "T13", "T14", "T15"],
    "KQ": ["T16", "T17", "T18", "T19"],
    "GY": ["T20", "T21", "T22"],
}


@pytest.fixture(scope="module")
def sipas() -> Questionnaire:
    return shipped("sipas_citizen")


def _said(questionnaire: Questionnaire, item: str) -> str:
    return text_in(questionnaire.item(item).text, "vi")


def _shown(questionnaire: Questionnaire, answers: Mapping[str, Answer]) -> set[str]:
    return set(route(questionnaire, answers, {}).items)


def _factors(questionnaire: Questionnaire, block: str) -> dict[str, tuple[str, ...]]:
    (found,) = (part for part in questionnaire.blocks if part.id == block)
    return {factor.id: factor.items for factor in found.factors}


def test_22_service_items_in_five_factors_have_24_rows(sipas: Questionnaire) -> None:
    rows = {grid: list(sipas.grid_rows[grid]) for grid in SERVICE_ROWS}
    assert rows == SERVICE_ROWS
    names = [name for part in rows.values() for name in part]
    assert len(names) == 24
    assert {name.rstrip("ab") for name in names} == {f"T{n:02}" for n in range(1, 23)}


def test_every_service_row_stands_under_the_neutral_stem(sipas: Questionnaire) -> None:
    for grid, rows in SERVICE_ROWS.items():
        assert _said(sipas, grid) == STEM
        for row in rows:
            stem = sipas.stem_of(row)
            assert stem is not None
            assert text_in(stem, "vi") == STEM
            wording = _said(sipas, row)
            assert not wording.endswith("?")
            assert not any(word in wording for word in ("đầy đủ", "tốt", "thuận tiện", "tích cực"))


@pytest.mark.parametrize(
    ("item", "wording"),
    [
        ("T02a", "Chỗ ngồi chờ, bàn viết"),
        ("T02b", "Biển chỉ dẫn"),
        ("T12", "Việc hướng dẫn kê khai, hoàn thiện hồ sơ"),
        ("T21", "Việc xử lý phản ánh, kiến nghị"),
        (
            "N1",
            (
                "Để hoàn thành thủ tục gần nhất, Ông/Bà đã đến cơ quan nhà nước mấy lần? "
                "(ghi 0 nếu không phải đến)"
            ),
        ),
        (
            "N4",
            "Khi làm thủ tục gần nhất, Ông/Bà có bị công chức gây phiền hà, sách nhiễu không?",
        ),
        (
            "S7",
            "Trong 12 tháng qua, Ông/Bà có gửi phản ánh, kiến nghị nào đến cơ quan nhà nước không?",
        ),
        ("N3a", "Khi trễ hẹn, cơ quan giải quyết có thông báo cho Ông/Bà không?"),
        ("N3b", "Khi trễ hẹn, cơ quan giải quyết có xin lỗi Ông/Bà không?"),
    ],
)
def test_wording_is_the_reviewed_one(sipas: Questionnaire, item: str, wording: str) -> None:
    assert _said(sipas, item) == wording


def test_adults_are_counted_with_the_respondent_and_within_the_household(
    sipas: Questionnaire,
) -> None:
    assert "kể cả Ông/Bà" in _said(sipas, "S3")
    assert "kể cả Ông/Bà" in _said(sipas, "S3H")
    answers = {**ADULT, "S3": 6}
    found = [p for p in check(sipas, answers, {}, door=Door.WEB) if p.place == "S3"]
    assert [(p.code, p.severity) for p in found] == [(ProblemCode.CONSTRAINT, Severity.HARD)]
    assert not [p for p in check(sipas, ADULT, {}, door=Door.WEB) if p.place == "S3"]


@pytest.mark.parametrize(("adults", "weight"), [(1, "1"), (4, "4"), (5, "4")])
def test_household_weight_is_the_number_of_adults_cut_at_four(
    sipas: Questionnaire, adults: int, weight: str
) -> None:
    answers = {**ADULT, "S3H": 9, "S3": adults}
    assert calculated(sipas, answers, {}) == {"S3W": weight}


def test_visits_may_be_none_and_a_direct_procedure_without_any_is_queried(
    sipas: Questionnaire,
) -> None:
    online = {**ADULT, "S4": "1", "S4H": "2", "N1": 0}
    assert not [p for p in check(sipas, online, {}, door=Door.WEB) if p.place == "N1"]
    direct = {**online, "S4H": "1"}
    found = [p for p in check(sipas, direct, {}, door=Door.WEB) if p.place == "N1"]
    assert [(p.code, p.severity) for p in found] == [(ProblemCode.CONSTRAINT, Severity.SOFT)]


@pytest.mark.parametrize("item", ["N4", "N5"])
def test_sensitive_question_may_stay_blank_and_is_keyed_as_refused(
    sipas: Questionnaire, item: str
) -> None:
    asked = sipas.questions_by_id[item]
    assert isinstance(asked, SingleItem)
    assert [text_in(option.text, "vi") for option in sipas.options_of(asked)] == ["Không", "Có"]
    assert not asked.required
    assert asked.hint is not None
    assert "để trống" in text_in(asked.hint, "vi")
    assert "98" in sipas.keying_codes(asked)


@pytest.mark.parametrize(
    ("answers", "ended"),
    [
        ({"DY": "2"}, Disposition.REFUSED),
        ({"DY": "1", "S1": "0"}, Disposition.INELIGIBLE),
        ({"DY": "1", "S1": "1", "S2": "2"}, Disposition.INELIGIBLE),
        (ADULT, None),
    ],
)
def test_screening_ends_for_refusals_minors_and_newcomers(
    sipas: Questionnaire, answers: Mapping[str, Answer], ended: Disposition | None
) -> None:
    assert route(sipas, answers, {}).ended is ended


def test_people_without_a_procedure_skip_the_service_part_only(sipas: Questionnaire) -> None:
    shown = _shown(sipas, {**ADULT, "S4": "2"})
    service = {row for rows in SERVICE_ROWS.values() for row in rows}
    assert not shown & (service | {"S4H", "S5", "S6", "O1", "N1", "N4", "N5"})
    assert {"S7", "P1KT", "P2CC", "P7", "P8", "P9", "O2", "M1", "M2", "D1", "D2", "D3"} <= shown


@pytest.mark.parametrize(
    ("channel", "shown"),
    [
        ("1", {"T02a", "T02b", "T03"}),
        ("2", {"T04"}),
        ("3", {"T02a", "T02b", "T03", "T04"}),
        ("4", set()),
    ],
)
def test_seats_and_website_are_asked_of_those_who_met_them(
    sipas: Questionnaire, channel: str, shown: set[str]
) -> None:
    answers = {**ADULT, "S4": "1", "S4H": channel}
    assert _shown(sipas, answers) & {"T02a", "T02b", "T03", "T04"} == shown


@pytest.mark.parametrize(("sent", "asked"), [("1", {"T21", "T22"}), ("2", set())])
def test_handling_of_feedback_is_asked_of_those_who_sent_some(
    sipas: Questionnaire, sent: str, asked: set[str]
) -> None:
    shown = _shown(sipas, {**ADULT, "S4": "1", "S4H": "1", "S7": sent})
    assert "T20" in shown
    assert shown & {"T21", "T22"} == asked


@pytest.mark.parametrize(
    ("result", "asked"), [("1", False), ("2", True), ("3", True), ("4", False), ("99", False)]
)
def test_notice_and_apology_are_asked_of_the_overdue(
    sipas: Questionnaire, *, result: str, asked: bool
) -> None:
    shown = _shown(sipas, {**ADULT, "S4": "1", "S4H": "1", "N2": result})
    assert ({"N3a", "N3b"} <= shown) is asked


@pytest.mark.parametrize(
    ("item", "code", "line"), [("S5", "K", "S5_K"), ("S6", "19", "S6_19"), ("M1", "11", "M1_11")]
)
def test_another_answer_is_written_out(
    sipas: Questionnaire, item: str, code: str, line: str
) -> None:
    base = {**ADULT, "S4": "1", "S4H": "1"}
    chosen: Answer = (code,) if isinstance(sipas.item(item), MultiItem) else code
    assert line in _shown(sipas, {**base, item: chosen})
    assert line not in _shown(sipas, base)
    assert sipas.specified[line] == (item, code)


def test_district_level_is_offered_until_it_was_abolished(sipas: Questionnaire) -> None:
    def levels(day: dt.date) -> list[str]:
        dated = sipas.as_of(day)
        return [option.code for option in dated.options_of(dated.item("S5"))]

    assert levels(dt.date(2025, 6, 30)) == ["X", "H", "T", "K", "99"]
    assert levels(dt.date(2025, 7, 1)) == ["X", "T", "K", "99"]


def test_place_is_two_facts_of_the_register_and_no_question(sipas: Questionnaire) -> None:
    facts = {fact.id: [option.code for option in fact.options] for fact in sipas.facts}
    assert facts["area.urban"] == ["urban", "rural"]
    assert facts["area.terrain"] == ["mountain", "island", "other"]
    assert "D4" not in sipas.questions_by_id


def test_blocks_are_the_three_aspects(sipas: Questionnaire) -> None:
    assert {block.id: block.aspect for block in sipas.blocks} == {
        "B_QT": Aspect.PERCEPTION,
        "B_CS": Aspect.SATISFACTION,
        "B_DV": Aspect.SATISFACTION,
        "B_MD": Aspect.EXPECTATION,
    }
    assert _factors(sipas, "B_CS") == {"CS_LV": ("P2",), "CS_QTR": ("PQ",)}
    assert list(_factors(sipas, "B_DV").values()) == [(grid,) for grid in SERVICE_ROWS]
    assert _factors(sipas, "B_MD") == {"MD": ("M1",)}


def test_overall_questions_are_in_no_factor(sipas: Questionnaire) -> None:
    overall = {"T0C", "T1C", "T2C", "T3C", "T4C", "P8", "O1", "O2"}
    inside = {item for block in sipas.blocks for factor in block.factors for item in factor.items}
    assert not overall & inside
    for name in overall:
        asked = sipas.item(name)
        assert isinstance(asked, ScaleItem)
        assert asked.scale == "hailong5"
        assert _said(sipas, name).startswith("Nhìn chung, Ông/Bà hài lòng ở mức nào với")


def test_policy_rows_are_the_same_nine_twice_and_the_process_is_seven(
    sipas: Questionnaire,
) -> None:
    interest, result = ([_said(sipas, row) for row in sipas.grid_rows[g]] for g in ("P1", "P2"))
    assert interest == result
    assert len(result) == 9
    assert list(sipas.grid_rows["PQ"]) == ["P3a", "P3b", "P4", "P5a", "P5b", "P6", "P7"]


@pytest.mark.parametrize(("item", "last"), [("M1", "11"), ("P9", "5")])
def test_lists_without_an_order_of_their_own_are_shuffled(
    sipas: Questionnaire, item: str, last: str
) -> None:
    asked = sipas.item(item)
    orders = {
        tuple(option.code for option in option_order(sipas, asked, seed)) for seed in range(20)
    }
    assert len(orders) > 5
    assert {order[-1] for order in orders} == {last}


def test_not_taking_part_stands_alone(sipas: Questionnaire) -> None:
    answers: dict[str, Answer] = {**ADULT, "S4": "2", "P9": ("1", "5")}
    found = [p.code for p in check(sipas, answers, {}, door=Door.WEB) if p.place == "P9"]
    assert found == [ProblemCode.EXCLUSIVE_CHOICE]


def test_who_is_asked_cannot_be_told_from_ordinary_items(sipas: Questionnaire) -> None:
    quasi = {q.id for q in sipas.questions if q.disclosure is Disclosure.QUASI_IDENTIFIER}
    assert quasi == {"S1", "D1", "D2", "D3"}
    review = {q.id for q in sipas.questions if q.disclosure is Disclosure.FREE_TEXT_REVIEW}
    assert review == {"S5_K", "S6_19", "M1_11", "M2"}
    assert [section.id for section in sipas.sections if not section.enabled] == ["DT"]
