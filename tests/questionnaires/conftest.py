"""The shipped questionnaire, a small one with every kind of item, and strategies for answers."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from questionnaires import (
    Answer,
    DateItem,
    DecimalItem,
    IntegerItem,
    MultiItem,
    Question,
    Questionnaire,
    TextItem,
    read_questionnaire,
)
from questionnaires.library import shipped, shipped_path
from questionnaires.texts import clean_text

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


NEW_KINDS = """\
schema: khaosat/questionnaire/1
id: new-kinds
version: "1"
language: vi
languages: [vi, en]
title: Phiếu đủ loại câu hỏi
estimated_minutes: 5
facts:
  - id: unit.level
    text: Cấp
    options: [{code: tinh, text: Tỉnh}, {code: xa, text: Xã}]
scales:
  s3:
    options: [{code: "3", text: Tốt}, {code: "2", text: Vừa}, {code: "1", text: Kém}]
    special: [{code: "99", text: Không biết}]
sections:
  - id: E
    title: Thông tin
    items:
      - id: E1
        type: single
        text: Nơi nộp hồ sơ
        label: {vi: Nơi nộp, en: Place}
        order: random
        options:
          - {code: "1", text: Bộ phận Một cửa}
          - {code: "2", text: Ủy ban nhân dân huyện, valid_until: 2025-06-30}
          - {code: "3", text: Trung tâm hành chính công, valid_from: 2025-07-01}
          - {code: "9", text: Nơi khác, last: true, specify: {text: Xin ghi rõ, max_length: 40}}
      - {id: E2, type: decimal, text: Quãng đường, min: "-0.50", max: "1000", places: 2, unit: km}
      - id: E3
        type: date
        text: Ngày nộp
        min: 2025-01-01
        max: 2025-12-31
      - id: E4
        type: date
        text: Ngày nhận
        max: 2026-12-31
        universe: Người đã nộp hồ sơ
        constraints:
          - {that: "${E4} >= ${E3}", message: {vi: Ngày nhận trước ngày nộp., en: Too early.}}
          - {that: "${E4} - ${E3} <= 60", message: Hồ sơ kéo dài hơn 60 ngày., severity: soft}
      - id: DAYS
        type: calculation
        text: Số ngày giải quyết
        value: "${E4} - ${E3}"
      - id: RATE
        type: calculation
        text: Số ngày trên mỗi ki lô mét
        value: "${DAYS} div ${E2}"
        places: 2
        show_if: "${E2} > 0"
      - {id: M1, type: multi, text: Đã làm gì, max_choices: 3, exclusive: ["0"],
         options: [{code: "0", text: Không làm gì}, {code: "1", text: Hỏi}, {code: "2", text: Chờ},
                   {code: "9", text: Khác, specify: {text: Xin ghi rõ}}]}
      - id: G1
        type: grid
        text: Ông/Bà đánh giá thế nào?
        scale: s3
        show_if: "${E2} >= 1.50"
        printed_number: "7"
        rows:
          - {id: G1a, text: Thái độ, printed_number: 7a}
          - {id: G1b, text: Thời gian, show_if: "${G1a} != '3'"}
      - {id: T1, type: text, short: true, text: Vì sao lâu, max_length: 30, show_if: "${DAYS} > 30"}
"""

RATING = """\
schema: khaosat/questionnaire/1
id: rating
version: "1"
language: vi
title: Phiếu đánh giá chéo
estimated_minutes: 5
consent:
  id: DY
  type: single
  text: Đồng ý?
  options: [{code: "1", text: Có}, {code: "2", text: Không, ends: refused}]
scales:
  s3:
    options: [{code: "3", text: Tốt}, {code: "2", text: Vừa}, {code: "1", text: Kém}]
value_maps:
  linear: {"3": "1", "2": "0.5", "1": "0"}
sections:
  - id: A
    title: Chung
    items:
      - {id: A1, type: single, text: Nhóm,
         options: [{code: "1", text: Một}, {code: "2", text: Hai}]}
  - id: B
    title: Đánh giá ${unit.name}
    repeat: {over: rated_units, most: 12}
    items:
      - {id: Q1, type: scale, scale: s3, text: "Phối hợp của ${unit.name}", printed_number: "1"}
      - {id: Q2, type: scale, scale: s3, text: Chậm trễ, show_if: "${Q1} != '3' and ${A1} = '1'",
         if_hidden: drop_and_rescale}
      - id: Q3
        type: single
        text: Việc chính
        options: [{code: "1", text: Hồ sơ}, {code: "9", text: Khác, specify: {text: Ghi rõ}}]
      - {id: G, type: grid, scale: s3, text: Từng mặt, rows: [{id: Ga, text: A}, {id: Gb, text: B}]}
  - id: C
    title: Cuối
    items:
      - {id: C1, type: text, text: Ý kiến, max_length: 50}
points_total: "2"
criteria:
  - {code: K, field: "1", max: "2", name: K,
     items: [{item: Q1, points: "1"}, {item: Q2, points: "0.5"}, {item: Ga, points: "0.5"}]}
scoring: {value_map: linear, min_answered_share: "0.5"}
"""


@pytest.fixture(scope="session")
def new_kinds() -> Questionnaire:
    return read_questionnaire(NEW_KINDS)


@pytest.fixture(scope="session")
def new_kinds_yaml() -> str:
    return NEW_KINDS


@pytest.fixture(scope="session")
def rating() -> Questionnaire:
    return read_questionnaire(RATING)


@pytest.fixture(scope="session")
def rating_yaml() -> str:
    return RATING


@pytest.fixture(scope="session")
def officials() -> Questionnaire:
    return shipped("officials_par")


@pytest.fixture(scope="session")
def officials_yaml() -> str:
    return shipped_path("officials_par").read_text(encoding="utf-8")


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
    if isinstance(item, DecimalItem):
        decimals = st.decimals(item.min, item.max, places=item.places)
        return keyed | decimals.map(lambda number: f"{number + 0:.{item.places}f}")
    if isinstance(item, DateItem):
        first, last = item.min or dt.date.min, item.max or dt.date.max
        return keyed | st.dates(first, last).map(dt.date.isoformat)
    if isinstance(item, MultiItem):
        codes = [option.code for option in item.options]
        together = [code for code in codes if code not in item.exclusive]
        chosen = st.lists(st.sampled_from(together), unique=True, max_size=item.max_choices)
        alone = [*item.exclusive, *questionnaire.keying_codes(item)[len(codes) :]]
        return chosen.map(tuple) | st.sampled_from(alone).map(lambda code: (code,))
    return keyed


@pytest.fixture(scope="session")
def keyed_answers() -> Callable[[Questionnaire], st.SearchStrategy[dict[str, Answer]]]:
    """Answer sets a clerk could key, on or off the path."""

    def build(questionnaire: Questionnaire) -> st.SearchStrategy[dict[str, Answer]]:
        answers = {item.id: _answer(questionnaire, item) for item in questionnaire.questions}
        return st.fixed_dictionaries({}, optional=answers)

    return build
