"""Conditions as sentences on paper, and what can be decided before anybody has answered."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from questionnaires import Questionnaire, parse
from questionnaires.names import kinds_of
from survey.documents.conditions import decided, instruction
from survey.documents.paper_pdf import print_questionnaire
from tests.survey.every_kind import every_kind


@pytest.fixture(scope="module")
def questionnaire(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return every_kind(tmp_path_factory.mktemp("paper"))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("answered(${A1})", "câu 1 có câu trả lời"),
        ("not(answered(${A4}))", "câu 4 để trống"),
        ("count-selected(${A3}) >= 2", "số ô được chọn ở câu 3 từ 2 trở lên"),
        ("${A2} >= date('2022-10-01')", "câu 2 từ ngày 01/10/2022 trở đi"),
        ("${A2} < date('2022-10-01')", "câu 2 trước ngày 01/10/2022"),
        ("${A4} > 2.5", "câu 4 lớn hơn 2,5"),
        ("2.5 <= ${A4}", "câu 4 từ 2,5 trở lên"),
        ("${AC} > 30", "“Số phút chờ” lớn hơn 30"),
        ("${A5} = -3", "câu 5 bằng -3"),
        ("${A4} + 1 > ${A5}", "(câu 4 + 1) lớn hơn câu 5"),
        ("round(${A4} * 2, 1) != 3", "(câu 4 × 2) làm tròn đến 1 chữ số thập phân khác 3"),
        ("coalesce(${A4}, 0) > 1", "câu 4 (nếu để trống thì lấy 0) lớn hơn 1"),
        ("min(${A4}, 3) > 1", "(số nhỏ nhất trong câu 4; 3) lớn hơn 1"),
        (
            "if(${A1} = '1', ${A4}, 0) > 2",
            "(câu 4 nếu câu 1 chọn “Đã đến”, nếu không thì 0) lớn hơn 2",
        ),
        ("not(selected(${A3}, '1'))", "không phải (câu 3 có chọn “Nộp hồ sơ”)"),
        ("not(${A1} = '1')", "câu 1 không chọn “Đã đến”"),
        ("not(${A4} > 2.5)", "câu 4 không quá 2,5"),
        ("not(${A2} >= date('2022-10-01'))", "câu 2 trước ngày 01/10/2022"),
        ("${A5} = '#95'", "câu 5 được ghi là “không đọc được”"),
        ("${A5} != '#97'", "câu 5 không được ghi là “không áp dụng”"),
        ("selected(${A3}, '98')", "câu 3 được ghi là “không trả lời”"),
        (
            "${A5} = '#95' or ${A5} = '#97'",
            "câu 5 được ghi là “không đọc được” hoặc “không áp dụng”",
        ),
        ("${A1} = '1' or ${A1} = '2'", "câu 1 chọn “Đã đến” hoặc “Chưa đến”"),
        (
            "${A1} = '1' or ${R1} = '1' or ${R1} = '2'",
            "câu 1 chọn “Đã đến” hoặc câu 14 chọn “Có” hoặc “Không”",
        ),
        (
            "${unit.kind} = 'so' or ${unit.kind} = 'xa'",
            "loại cơ quan: sở hoặc loại cơ quan: xã",
        ),
    ],
)
def test_a_condition_is_written_in_words(
    questionnaire: Questionnaire, condition: str, words: str
) -> None:
    items = (*questionnaire.questions, *questionnaire.calculations)
    tree = parse(condition, kinds_of(items, questionnaire.facts))
    assert instruction(questionnaire, tree, {}) == f"Chỉ trả lời nếu {words}."


@pytest.mark.parametrize(
    ("condition", "known", "outcome"),
    [
        ("answered(${A1})", {}, None),
        ("coalesce(${A1}, '2') = '1'", {}, None),
        ("answered(${A1})", {"A1": "1"}, True),
        ("${unit.kind} = 'so' or answered(${A1})", {"unit.kind": "so"}, True),
        ("${unit.kind} = 'so' or answered(${A1})", {"unit.kind": "xa"}, None),
        ("${unit.kind} = 'so' and answered(${A1})", {"unit.kind": "xa"}, False),
        ("not(${unit.kind} = 'so')", {"unit.kind": "so"}, False),
        ("not(answered(${A1}))", {}, None),
    ],
)
def test_only_what_is_known_decides(
    condition: str, known: Mapping[str, str], *, outcome: bool | None
) -> None:
    assert decided(parse(condition, {"A1", "unit.kind"}), known) is outcome


def test_a_question_about_an_unanswered_one_is_printed(tmp_path: Path) -> None:
    base = every_kind(tmp_path)
    section = base.sections[3]
    asked = section.items[2].model_copy(update={"show_if": "answered(${C1})"})
    items = (*section.items[:2], asked)
    changed = base.model_copy(
        update={"sections": (*base.sections[:3], section.model_copy(update={"items": items}))}
    )
    assert any(box.item == "C3" for box in print_questionnaire(changed).template.boxes)
