"""XLSForm in: forms as field people write them."""

import io
from pathlib import Path

import openpyxl
import pytest

from questionnaires import (
    CalculationItem,
    DateItem,
    DecimalItem,
    IntegerItem,
    MultiItem,
    NoteItem,
    Questionnaire,
    SingleItem,
    TextItem,
)
from questionnaires.xlsform import read_xlsform
from tests.questionnaires.workbooks import CHOICES, faults, form, workbook

GOLDEN = Path(__file__).parents[1] / "golden"


def item_of(
    row: str, columns: str = "type | name | label | constraint | constraint_message"
) -> object:
    return read_xlsform(form(f"{columns}\n{row}")).sections[0].items[0]


def conditions(relevant: str) -> str | None:
    """Read a condition on a last row, after one question of every kind."""
    questionnaire = read_xlsform(
        form(
            f"""
type                 | name | label | relevant
select_one yn        | q    | Có không?
select_multiple viec | m    | Việc gì?
integer              | n    | Mấy lần?
decimal              | k    | Bao xa?
date                 | d    | Ngày nào?
text                 | t    | Vì sao?
note                 | x    | Cảm ơn | {relevant}
"""
        )
    )
    return questionnaire.item("x").show_if


def test_plain_form_becomes_a_usable_questionnaire() -> None:
    questionnaire = read_xlsform(
        form(
            """
type          | name | label
note          | chao | Xin chào Ông/Bà
select_one yn | q1   | Ông/Bà đã nộp hồ sơ chưa?
integer       | q2   | Mấy lần?
"""
        )
    )

    assert isinstance(questionnaire, Questionnaire)
    assert [item.id for item in questionnaire.questions] == ["q1", "q2"]
    assert questionnaire.language == "vi"
    assert (questionnaire.version, questionnaire.estimated_minutes) == ("1", 1)


def test_settings_and_languages_are_read(tmp_path: Path) -> None:
    path = tmp_path / "phieu.xlsx"
    path.write_bytes(
        form(
            """
type | name | label::Tiếng Việt (vi) | label::English (en) | hint::Tiếng Việt (vi)
text | q1   | Ý kiến                 | Opinion             | Ngắn gọn
text | q2   | Khác
""",
            settings="""
form_title | form_id | version | default_language
Phiếu hỏi  | phieu   | 2       | Tiếng Việt (vi)
""",
        )
    )

    questionnaire = read_xlsform(path)

    assert (questionnaire.title, questionnaire.id, questionnaire.version) == (
        "Phiếu hỏi",
        "phieu",
        "2",
    )
    assert questionnaire.item("q1").text == {"vi": "Ý kiến", "en": "Opinion"}
    assert questionnaire.item("q1").hint == "Ngắn gọn"
    assert questionnaire.item("q2").text == "Khác"


def test_groups_become_sections_and_inner_groups_pass_their_condition_on() -> None:
    questionnaire = read_xlsform(
        form(
            """
type          | name | label      | relevant
select_one yn | q1   | Có không?
begin group   | B    | Phần B     | ${q1} = 1
begin_group   | b1   | Về việc đó | ${q1} != ''
integer       | n    | Mấy lần?
text          | t    | Vì sao?    | ${n} > '3'
end group
end_group     | B    | Phần B
decimal       | k    | Bao xa?
"""
        )
    )

    assert [section.id for section in questionnaire.sections] == ["PHAN1", "B", "PHAN2"]
    assert questionnaire.sections[1].show_if == "${q1} = '1'"
    assert isinstance(questionnaire.item("b1"), NoteItem)
    assert questionnaire.item("n").show_if == "answered(${q1})"
    assert questionnaire.item("t").show_if == "(answered(${q1})) and (${n} > 3)"


@pytest.mark.parametrize(
    ("row", "kind", "expected"),
    [
        ("integer | n | Tuổi | . >= 18 and . < 60", IntegerItem, {"min": 18, "max": 59}),
        ("integer | n | Tuổi", IntegerItem, {"min": -999_999_999, "max": 999_999_999}),
        ("decimal | k | Km | .<=12.5", DecimalItem, {"places": 2}),
        ("date | d | Ngày | . >= date('2025-07-01')", DateItem, {"max": None}),
        ("text | t | Ý kiến | string-length(.) <= 40", TextItem, {"max_length": 40, "short": True}),
        ("select_multiple viec | m | Việc | count-selected(.) <= 2", MultiItem, {"max_choices": 2}),
        ("select multiple viec | m | Việc", MultiItem, {"exclusive": ()}),
        ("select one yn | q | Có?", SingleItem, {"required": False}),
    ],
)
def test_types_and_limits_are_read(row: str, kind: type, expected: dict[str, object]) -> None:
    item = item_of(row)

    assert isinstance(item, kind)
    assert {name: getattr(item, name) for name in expected} == expected


def test_range_acts_as_a_whole_number_between_its_ends() -> None:
    item = item_of("range | r | Điểm | start=0 end=10 step=1", "type | name | label | parameters")

    assert isinstance(item, IntegerItem)
    assert (item.min, item.max) == (0, 10)


def test_what_is_no_limit_stays_a_constraint_with_its_message() -> None:
    item = item_of("integer | n | Số | . >= 0 and . != 13 | Không chọn 13")

    assert isinstance(item, IntegerItem)
    assert item.min == 0
    assert [(rule.that, rule.message) for rule in item.constraints] == [
        ("${n} != 13", "Không chọn 13")
    ]


def test_message_of_a_limit_is_kept_with_the_limit_as_constraint() -> None:
    item = item_of("integer | n | Tuổi | . >= 18 | Từ đủ 18 tuổi")

    assert isinstance(item, IntegerItem)
    assert item.min == 18
    assert [(rule.that, rule.message) for rule in item.constraints] == [
        ("${n} >= 18", "Từ đủ 18 tuổi")
    ]


def test_calculation_keeps_the_places_it_is_rounded_to() -> None:
    table = """
type      | name | label | calculation
integer   | n    | Số
calculate | c    |       | round(${n} div 3, 1)
calculate | d    |       | ${n} div 3
"""
    first, second = read_xlsform(form(table)).calculations

    assert isinstance(first, CalculationItem)
    assert (first.places, second.places) == (1, 6)


def test_or_other_adds_an_option_with_a_line_to_write_on() -> None:
    questionnaire = read_xlsform(form("type|name|label\nselect_one viec or_other|q|Việc gì?"))

    assert questionnaire.specified == {"q_other": ("q", "other")}


def test_codes_97_and_99_become_special_options() -> None:
    item = item_of("select_one viec | q | Việc gì?")

    assert isinstance(item, SingleItem)
    assert [option.code for option in item.special] == ["99"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("selected(${q}, '1')", "${q} = '1'"),
        ("not(selected( ${q} , ‘1’ ))", "not(${q} = '1')"),
        ("selected(${m}, 'a')", "selected(${m}, 'a')"),
        ("${q}=1 or 0 = ${q}", "${q}='1' or '0' = ${q}"),
        ("${q} = “1” and ${n} >= '2'", '${q} = "1" and ${n} >= 2'),
        ("${t} = ''", "not(answered(${t}))"),
        ("${m} != ''", "answered(${m})"),
        ("${d} > '2025-01-31'", "${d} > date('2025-01-31')"),
        ("round(${k} + (${n} - 1)) = 3", "round(${k} + (${n} - 1), 0) = 3"),
        ("round(${k}, 2) > 2.5", "round(${k}, 2) > 2.5"),
        (
            "if(${q} = '1', ${n}, 0) > coalesce(${k}, 1)",
            "if(${q} = '1', ${n}, 0) > coalesce(${k}, 1)",
        ),
        ("count-selected(${m}) > 1\u200b", "count-selected(${m}) > 1"),
    ],
)
def test_expressions_are_read_as_people_write_them(written: str, read: str) -> None:
    assert conditions(written) == read


def test_headings_in_any_case_with_old_names_are_known() -> None:
    table = """
Type | NAME | Label | Relevance | Constraint Message | constraint | Khaosat :: Number
text | t    | Ý kiến | | Ngắn thôi | ${t} != 'x' | 7
"""
    item = read_xlsform(form(table)).item("t")

    assert item.printed_number == "7"


def test_numbers_in_cells_are_codes_and_texts() -> None:
    choices = "list_name | name | label\nyn | 1.0 | 2020\nyn | 2 | 2021"
    options = read_xlsform(form("type|name|label\nselect_one yn|q|Năm nào?", choices)).options_of(
        read_xlsform(form("type|name|label\nselect_one yn|q|Năm nào?", choices)).questions[0]
    )

    assert [(option.code, option.text) for option in options] == [("1", "2020"), ("2", "2021")]


def test_cells_are_cleaned_of_what_spreadsheets_leave_in_them() -> None:
    decomposed = "Y\u0301 kie\u0302\u0301n"
    table = (
        f"type|name|label\n\ufefftext\u00a0|\u00a0t|\u00a0{decomposed}_x000D_\\ncủa Ông/Bà\u00a0"
    )

    assert read_xlsform(form(table)).item("t").text == "Ý kiến\ncủa Ông/Bà"


def test_blank_merged_and_hidden_parts_do_no_harm() -> None:
    book = openpyxl.Workbook()
    survey = book.active
    assert survey is not None
    survey.title = "Survey "
    for row in (["type", "name", "label"], [], [None, "  "], ["text", "t", "Ý kiến"], [], []):
        survey.append(row)
    survey.merge_cells("C4:E4")
    survey.sheet_state = "hidden"
    survey.row_dimensions[4].hidden = True
    book.create_sheet("Sheet2")
    book.create_sheet("#ghi chú").append(["đừng đọc"])
    stream = io.BytesIO()
    book.save(stream)

    assert [item.id for item in read_xlsform(stream.getvalue()).questions] == ["t"]


def test_true_and_false_of_spreadsheets_are_yes_and_no() -> None:
    book = openpyxl.Workbook()
    survey = book.active
    assert survey is not None
    survey.title = "survey"
    for row in (["type", "name", "label", "required"], ["text", "t", "Ý kiến", True]):
        survey.append(row)
    stream = io.BytesIO()
    book.save(stream)

    item = read_xlsform(stream.getvalue()).questions[0]

    assert item.required


def test_comment_columns_are_passed_over() -> None:
    assert faults(form("type|name|label|# ghi chú\ntext|t|Ý kiến|hỏi lại phòng")) == ()


def test_list_that_no_question_uses_is_kept_as_a_scale() -> None:
    questionnaire = read_xlsform(form("type|name|label\ntext|t|Ý kiến"))

    assert sorted(questionnaire.scales) == ["viec", "yn"]


def test_file_saved_by_libreoffice_reads_as_the_file_it_was_made_from() -> None:
    folder = GOLDEN / "xlsform_libreoffice"
    saved = read_xlsform(folder / "form.xlsx")

    assert saved.fingerprint == (folder / "fingerprint.txt").read_text(encoding="utf-8").strip()


def test_title_comes_from_the_file_where_no_settings_say_it(tmp_path: Path) -> None:
    path = tmp_path / "Phiếu 2025.xlsx"
    path.write_bytes(workbook({"survey": "type|name|label\ntext|t|Ý kiến", "choices": CHOICES}))

    questionnaire = read_xlsform(path)

    assert (questionnaire.title, questionnaire.id) == ("Phiếu 2025", "Phi-u-2025")
