"""The shipped questionnaire says what its review asked for."""

import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest
from pydantic import BaseModel

from questionnaires import (
    IfHidden,
    Option,
    Questionnaire,
    ScaleItem,
    SingleItem,
    intro_in_play,
    text_in,
)


def _texts(value: object) -> Iterator[str | Mapping[str, str]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            part = getattr(value, name)
            if name in {"text", "title", "subtitle", "instructions", "hint", "name", "label"}:
                yield from () if part is None else (part,)
            else:
                yield from _texts(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))


def _labels(options: tuple[Option, ...]) -> list[str]:
    return [text_in(option.text, "vi") for option in options]


def test_points_sum_to_22_and_every_criterion_has_three_items_or_more(
    officials: Questionnaire,
) -> None:
    assert sum(officials.points.values()) == Decimal("22.00") == officials.points_total
    assert min(len(criterion.items) for criterion in officials.criteria) >= 3
    assert len(officials.scored_items) == 32


def test_every_shown_text_is_vietnamese_and_english(officials: Questionnaire) -> None:
    texts = list(_texts(officials))
    assert len(texts) > 130
    for text in texts:
        assert not isinstance(text, str)
        assert set(text) == {"vi", "en"}
        assert all(unicodedata.is_normalized("NFC", wording) for wording in text.values())


@pytest.mark.parametrize(
    ("scale", "labels"),
    [
        ("muc5", ["Rất tốt", "Tốt", "Trung bình", "Kém", "Rất kém"]),
        (
            "dongy5",
            [
                "Hoàn toàn đồng ý",
                "Đồng ý",
                "Không đồng ý cũng không phản đối",
                "Không đồng ý",
                "Hoàn toàn không đồng ý",
            ],
        ),
    ],
)
def test_scales_are_relabelled(officials: Questionnaire, scale: str, labels: list[str]) -> None:
    assert _labels(officials.scales[scale].options) == labels


@pytest.mark.parametrize(
    ("item", "first", "last"),
    [
        ("Q17b", "Không có", "Rất phổ biến"),
        ("Q25", "Nhanh hơn nhiều", "Chậm hơn nhiều"),
        ("Q26", "Tốt hơn nhiều", "Kém hơn nhiều"),
    ],
)
def test_item_has_its_own_scale_with_the_favourable_answer_worth_everything(
    officials: Questionnaire, item: str, first: str, last: str
) -> None:
    asked = officials.item(item)
    assert isinstance(asked, ScaleItem)
    options = officials.scales[asked.scale].options
    assert (text_in(options[0].text, "vi"), text_in(options[-1].text, "vi")) == (first, last)
    values = [officials.value_maps["linear"][option.code] for option in options]
    assert values == [Decimal(text) for text in ("1.00", "0.75", "0.50", "0.25", "0.00")]


@pytest.mark.parametrize(
    ("item", "wording"),
    [
        ("Q01", "Mức độ thường xuyên của người đứng đầu trong chỉ đạo cải cách hành chính"),
        ("Q02a", "Tính khả thi của kế hoạch cải cách hành chính"),
        ("Q02b", "Mức độ rõ ràng trong phân công trách nhiệm thực hiện kế hoạch"),
        ("Q08a", "Mức độ đúng hạn trong giải quyết hồ sơ thủ tục hành chính"),
        ("Q08b", "Việc xin lỗi và hẹn lại khi hồ sơ quá hạn"),
        ("Q15a", "Tính khách quan, công bằng trong bổ nhiệm công chức"),
        ("Q15b", "Mức độ phù hợp giữa bố trí công chức và vị trí việc làm"),
        ("Q17a", "Việc chấp hành kỷ luật, kỷ cương hành chính của công chức"),
        ("Q17b", "Tình trạng công chức gây phiền hà, nhũng nhiễu"),
        (
            "Q25",
            (
                "So với năm trước, thời gian giải quyết công việc của cơ quan, đơn vị "
                "thay đổi như thế nào?"
            ),
        ),
        ("Q26", "So với năm trước, chất lượng phục vụ người dân, tổ chức thay đổi như thế nào?"),
        ("Q27a", "Việc thực hiện trách nhiệm giải trình với người dân, tổ chức"),
        ("Q27b", "Việc tổ chức đối thoại với người dân, tổ chức"),
    ],
)
def test_wording_is_the_reviewed_one(officials: Questionnaire, item: str, wording: str) -> None:
    assert text_in(officials.item(item).text, "vi") == wording


def test_no_answer_is_never_offered_to_a_respondent(officials: Questionnaire) -> None:
    shown = {option.code for item in officials.items for option in officials.options_of(item)}
    assert not shown & {"94", "95", "96", "98"}


def test_handling_procedures_is_a_fact_and_not_a_question(officials: Questionnaire) -> None:
    assert "A3" not in officials.questions_by_id
    assert "unit.handles_procedures" in {fact.id for fact in officials.facts}
    section = next(section for section in officials.sections if section.id == "B3")
    assert section.if_hidden is IfHidden.CRITERION_NOT_APPLICABLE


def test_introduction_says_what_remains_possible(officials: Questionnaire) -> None:
    said = " ".join(text_in(text, "vi") for text in intro_in_play(officials, {}))
    assert "ẩn danh trong phạm vi nhóm" in said
    assert "nhóm của Ông/Bà chỉ có một người" in said
    assert "có thể được cung cấp cho cơ quan, đơn vị và Hội đồng thẩm định" in said
    assert "nếu mọi người trả lời giống nhau, câu trả lời có thể suy ra được" in said


def test_respondent_group_is_asked_once_and_demographics_are_off(
    officials: Questionnaire,
) -> None:
    assert isinstance(officials.stratum_item, SingleItem)
    assert officials.stratum_item.id == "A1"
    assert [section.id for section in officials.sections if not section.enabled] == ["D"]


def test_printed_numbers_run_from_one_without_a_gap(officials: Questionnaire) -> None:
    numbers = [officials.number_of(item.id) for item in officials.questions[1:]]
    assert numbers == [str(n) for n in range(1, 38)]


def test_reference_period_is_the_rounds_year(officials: Questionnaire) -> None:
    period = officials.reference_period
    assert period is not None
    assert [day.isoformat() for day in period.dates(2022)] == ["2022-01-01", "2022-12-31"]


def test_format_that_grows_keeps_the_fingerprint_of_the_officials(
    officials: Questionnaire,
) -> None:
    assert officials.fingerprint == (
        "c30e1441662bfa69cb5c8ac6473174addb052cc7214725dfe19ce2b5000e8c28"
    )
