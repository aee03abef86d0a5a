"""Pages accept exactly what the checks accept, offer exactly what may be chosen."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from questionnaires import (
    Answer,
    Door,
    NoteItem,
    Problem,
    Questionnaire,
    Severity,
    check,
    keep_in_play,
    parse_answers,
    questionnaire_from_json,
    route,
)
from webforms.fields import compiled_fields, shown
from webforms.pages import Page, QuestionForm, Verdict, consent_page, judge, page_of

DEFINITION = """\
{"schema": "khaosat/questionnaire/1", "id": "pages", "version": "1", "language": "vi",
 "title": "Phiếu", "estimated_minutes": 1,
 "consent": {"id": "DY", "type": "single", "text": "Đồng ý?", "required": true,
  "options": [{"code": "1", "text": "Có"}, {"code": "2", "text": "Không", "ends": "refused"}]},
 "scales": {"s": {"options": [{"code": "2", "text": "Tốt"}, {"code": "1", "text": "Kém"}],
  "special": [{"code": "99", "text": "Không rõ"}]}},
 "sections": [{"id": "A", "title": "Một", "items": [
  {"id": "data", "type": "single", "text": "Tên trùng với WTForms", "required": true,
   "options": [{"code": "LD", "text": "Lãnh đạo"}, {"code": "CC", "text": "Công chức"},
               {"code": "KH", "text": "Khác", "ends": "ineligible"}]},
  {"id": "N", "type": "note", "text": "Xin đọc"},
  {"id": "errors", "type": "integer", "text": "Số", "min": 0, "max": 60, "required": true},
  {"id": "S", "type": "scale", "scale": "s", "text": "Mức", "show_if": "${data} = 'LD'",
   "required": true},
  {"id": "M", "type": "multi", "text": "Nhiều", "max_choices": 2,
   "options": [{"code": "1", "text": "A"}, {"code": "2", "text": "B"}, {"code": "3", "text": "C"}],
   "special": [{"code": "99", "text": "Không rõ"}]},
  {"id": "T", "type": "text", "text": "Chữ", "max_length": 5, "show_if": "${errors} > 3"},
  {"id": "D", "type": "decimal", "text": "Giờ", "min": "-1.5", "max": "9", "places": 2,
   "constraints": [{"that": "${D} <= ${errors}", "message": "Nhiều giờ hơn số năm"},
    {"that": "${D} != 2", "message": "Đúng hai giờ?", "severity": "soft"}]},
  {"id": "N1", "type": "date", "text": "Ngày", "min": "2022-01-01", "max": "2022-12-31",
   "show_if": "${D} > 1"},
  {"id": "C", "type": "calculation", "text": "Phút", "value": "${D} * 60"},
  {"id": "K", "type": "text", "short": true, "text": "Nghề", "max_length": 6,
   "show_if": "${C} > 60"},
  {"id": "G", "type": "grid", "scale": "s", "text": "Đánh giá", "rows": [
   {"id": "G1", "text": "Nhanh"}, {"id": "G2", "text": "Đúng", "show_if": "${N1} != '#99'"}]},
  {"id": "O", "type": "single", "text": "Nơi", "order": "random",
   "options": [{"code": "1", "text": "A"}, {"code": "2", "text": "B"},
    {"code": "9", "text": "Khác", "last": true, "specify": {"text": "Ghi rõ", "max_length": 4}}]},
  {"id": "P", "type": "multi", "text": "Việc", "exclusive": ["8"],
   "options": [{"code": "1", "text": "A"}, {"code": "8", "text": "Không"},
    {"code": "9", "text": "Khác", "specify": {"text": "Ghi rõ"}}]}]}]}
"""
FORM = questionnaire_from_json(DEFINITION)
BEFORE: Mapping[str, Answer] = {"DY": "1"}
NAMES = [item.id for item in FORM.questions if item.id != "DY"]

VALUES = (
    *("", " ", "LD", "CC", "KH", *"123489", "99", "97", "94", "60", "61", "-1", " 7 ", "2,50"),
    *("1.5", "-0,0", "1,234", "31/10/2022", "2022-2-29", "31-12-2023", "#99"),
)
values = st.sampled_from(VALUES) | st.text(max_size=7)
posts = st.dictionaries(st.sampled_from(NAMES), st.lists(values, max_size=3), max_size=len(NAMES))


def _page(answers: Mapping[str, Answer] = BEFORE) -> Page:
    page = page_of(FORM, "A", route(FORM, answers, {}))
    assert page is not None
    return page


def _verdict(post: Mapping[str, list[str]]) -> Verdict:
    return judge(_page(), MultiDict(post), answers=BEFORE, facts={})


def _hard(post: Mapping[str, list[str]]) -> list[Problem]:
    """Say what the checks alone find in a post, without any page."""
    parsed, unreadable = parse_answers(FORM, post)
    answers = keep_in_play(FORM, {**BEFORE, **parsed}, {})
    in_play = route(FORM, answers, {}).items
    found = [p for p in check(FORM, answers, {}, door=Door.WEB) if p.severity is Severity.HARD]
    return [p for p in unreadable if p.place in in_play] + found


@settings(deadline=None)  # a busy machine is no failure
@given(posts)
def test_page_lets_through_exactly_what_the_checks_let_through(post: dict[str, list[str]]) -> None:
    verdict = _verdict(post)
    waits = [name for name in verdict.revealed if FORM.questions_by_id[name].required]
    assert (not verdict.problems and not waits) == (not _hard(post))


@settings(deadline=None)  # a busy machine is no failure
@given(posts)
def test_every_problem_is_named_at_its_question(post: dict[str, list[str]]) -> None:
    verdict = _verdict(post)
    shown_here = {item.id for item in verdict.page.questions}
    assert {problem.place for problem in verdict.problems} <= shown_here
    assert set(verdict.form._fields) == set(verdict.page.fields) >= shown_here


@settings(deadline=None)  # a busy machine is no failure
@given(posts)
def test_what_is_kept_in_the_draft_can_be_shown_and_stored(post: dict[str, list[str]]) -> None:
    kept = _verdict(post).answers
    problems = check(FORM, keep_in_play(FORM, kept, {}), {}, door=Door.WEB)
    hard = {problem.code for problem in problems if problem.severity is Severity.HARD}
    assert hard <= {"required"}
    form = QuestionForm(_page(kept), answers=kept)
    items = FORM.questions_by_id
    assert {name: form[name].data for name in kept if name in form} == {
        name: shown(items[name], answer) for name, answer in kept.items() if name in form
    }


@given(posts)
def test_what_the_page_shows_again_is_read_as_the_same_answers(post: dict[str, list[str]]) -> None:
    kept = _verdict(post).answers
    form = QuestionForm(_page(kept), answers=kept)
    again = {name: form[name].data for name in kept if name in form}
    typed = {name: [data] if isinstance(data, str) else data for name, data in again.items()}
    assert parse_answers(FORM, typed) == ({name: kept[name] for name in again}, [])


@settings(deadline=None)  # a busy machine is no failure
@given(posts, posts)
def test_second_post_replaces_the_first(
    one: dict[str, list[str]], two: dict[str, list[str]]
) -> None:
    first = _verdict(one)
    page = page_of(FORM, "A", route(FORM, first.answers, {})) or _page()
    again = judge(page, MultiDict(two), answers=first.answers, facts={})
    assert again.answers == _verdict(two).answers


def test_every_choice_on_the_page_is_accepted_and_no_other() -> None:
    for item in FORM.questions:
        field = compiled_fields(FORM)[item.id].kwargs
        offered = [choice.value for choice in field.get("choices", [])]
        assert offered == [option.code for option in FORM.options_of(item)]


def test_question_opened_by_the_same_post_is_revealed_not_missed() -> None:
    verdict = _verdict({"data": ["LD"], "errors": ["4"]})
    assert verdict.revealed == ("S", "T")
    assert verdict.problems == ()


def test_question_closed_by_the_same_post_is_dropped_silently() -> None:
    answers = {**BEFORE, "data": "LD", "errors": 2, "S": "1"}
    post = MultiDict({"data": "CC", "errors": "2", "S": "1"})
    verdict = judge(_page(answers), post, answers=answers, facts={})
    assert verdict.problems == ()
    assert "S" not in verdict.answers


def test_answer_that_ends_is_told() -> None:
    assert _verdict({"data": ["KH"]}).ended == "ineligible"


def test_unreadable_number_is_refused_once_and_stays_on_the_page() -> None:
    verdict = _verdict({"data": ["CC"], "errors": ["năm"]})
    assert [problem.code for problem in verdict.problems] == ["not_a_number"]
    assert verdict.form["errors"].data == "năm"
    assert "errors" not in verdict.answers


def test_notes_are_on_the_page_and_take_no_answer() -> None:
    page = _page()
    assert any(isinstance(item, NoteItem) for item in page.items)
    assert "N" not in QuestionForm(page, answers={})


def test_fields_are_made_once_per_version() -> None:
    twin = questionnaire_from_json(DEFINITION)
    assert compiled_fields(twin) is compiled_fields(FORM)
    other = FORM.model_copy(update={"version": "2"})
    assert compiled_fields(other) is not compiled_fields(FORM)


def test_consent_page_holds_the_consent_question_alone() -> None:
    page = consent_page(FORM)
    assert page is not None
    assert [item.id for item in page.items] == ["DY"]
    without: Questionnaire = FORM.model_copy(update={"consent": None})
    assert consent_page(without) is None


@pytest.mark.parametrize("section", ["B", ""])
def test_section_that_is_not_in_play_has_no_page(section: str) -> None:
    assert page_of(FORM, section, route(FORM, BEFORE, {})) is None
