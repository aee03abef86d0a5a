"""The shipped questionnaire, a small one with every kind of item, and strategies for answers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from questionnaires import (
    Answer,
    IntegerItem,
    MultiItem,
    Question,
    Questionnaire,
    TextItem,
    read_questionnaire,
)
from questionnaires.texts import clean_text

OFFICIALS = (
    Path(__file__).parents[2] / "survey" / "examples" / "binh_phuoc_2022" / "par_officials.yaml"
)

EVERY_KIND = """\
schema: khaosat/questionnaire/1
id: every-kind
version: "1"
language: vi
title: {vi: Phiếu thử, en: Trial form}
estimated_minutes: 1
facts:
  - id: unit.urban
    text: Đô thị
    options: [{code: "yes", text: Có}, {code: "no", text: Không}]
intro:
  - {text: Xin chào}
  - {text: Ở đô thị, show_if: "${unit.urban} = 'yes'"}
consent:
  id: DY
  type: single
  text: Đồng ý?
  required: true
  options: [{code: "1", text: Có}, {code: "2", text: Không, ends: refused}]
scales:
  s3:
    options: [{code: "3", text: Tốt}, {code: "2", text: Vừa}, {code: "1", text: Kém}]
    special: [{code: "99", text: Không biết}]
value_maps:
  linear: {"3": "1", "2": "0.5", "1": "0"}
sections:
  - id: A
    title: {vi: Phần A, en: Part A}
    items:
      - {id: N0, type: note, text: Hãy đọc}
      - {id: A1, type: single, text: Nhóm, required: true, stratum_check: true, printed_number: "1",
         options: [{code: LD, text: Lãnh đạo}, {code: KH, text: Khác, ends: ineligible}]}
      - {id: A2, type: integer, text: Số lần, min: 0, max: 99, required: true}
      - {id: A3, type: multi, text: Chọn, max_choices: 2,
         options: [{code: b, text: B}, {code: a, text: A}, {code: c, text: C}]}
  - id: B
    title: Phần B
    show_if: "${A2} > 0 or ${unit.urban} = 'yes'"
    if_hidden: criterion_not_applicable
    items:
      - {id: Q1, type: scale, scale: s3, text: Mức một}
      - {id: Q2, type: scale, scale: s3, text: Mức hai, show_if: "selected(${A3}, 'a')",
         if_hidden: drop_and_rescale}
  - id: C
    title: Phần C
    items:
      - {id: C1, type: text, text: Ý kiến, max_length: 20, show_if: "${Q1} = '99'"}
  - id: OFF
    title: Phần tắt
    enabled: false
    items:
      - {id: D1, type: text, text: Tuổi, max_length: 20}
points_total: "2.0"
criteria:
  - {code: K.1, field: "1", max: "2.0", name: Tiêu chí,
     items: [{item: Q1, points: "1.5"}, {item: Q2, points: "0.5"}]}
scoring: {value_map: linear, min_answered_share: "0.5"}
"""


@pytest.fixture(scope="session")
def officials() -> Questionnaire:
    return read_questionnaire(OFFICIALS)


@pytest.fixture(scope="session")
def officials_yaml() -> str:
    return OFFICIALS.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def every_kind() -> Questionnaire:
    return read_questionnaire(EVERY_KIND)


@pytest.fixture(scope="session")
def every_kind_yaml() -> str:
    return EVERY_KIND


def _texts(item: TextItem) -> st.SearchStrategy[str]:
    letters = st.text(max_size=item.max_length) | st.text(
        alphabet='"\\\n𝄞ộa', max_size=item.max_length
    )
    return letters.map(clean_text).map(lambda text: clean_text(text[: item.max_length]))


def _answer(questionnaire: Questionnaire, item: Question) -> st.SearchStrategy[Answer]:
    keyed = st.sampled_from(questionnaire.keying_codes(item))
    if isinstance(item, TextItem):
        return keyed | _texts(item)
    if isinstance(item, IntegerItem):
        return keyed | st.integers(item.min, item.max)
    if isinstance(item, MultiItem):
        codes = [option.code for option in item.options]
        chosen = st.lists(st.sampled_from(codes), unique=True, max_size=item.max_choices)
        missing = questionnaire.keying_codes(item)[len(codes) :]
        return chosen.map(tuple) | st.sampled_from(missing).map(lambda code: (code,))
    return keyed


@pytest.fixture(scope="session")
def keyed_answers() -> Callable[[Questionnaire], st.SearchStrategy[dict[str, Answer]]]:
    """Answer sets a clerk could key, on or off the path."""

    def build(questionnaire: Questionnaire) -> st.SearchStrategy[dict[str, Answer]]:
        answers = {item.id: _answer(questionnaire, item) for item in questionnaire.questions}
        return st.fixed_dictionaries({}, optional=answers)

    return build
