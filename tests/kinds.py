"""An invented round whose questionnaire has every kind of question, and its register.

It is small enough to be answered in a test, and everything in it can be opened, sent, keyed, closed
and laid out as a table.
"""

__all__ = ["QUESTIONNAIRE", "ROUND", "UNITS"]

QUESTIONNAIRE = """\
schema: khaosat/questionnaire/1
id: kinds
version: "1"
language: vi
title: {vi: Phiếu thử mọi loại câu hỏi, en: Trial form of every kind}
estimated_minutes: 5
facts:
  - id: area.urban
    text: Khu vực
    options: [{code: urban, text: Đô thị}, {code: rural, text: Nông thôn}]
consent:
  id: DY
  type: single
  text: Ông/Bà có đồng ý tham gia không?
  required: true
  options: [{code: "1", text: Đồng ý}, {code: "2", text: Không đồng ý, ends: refused}]
scales:
  muc3:
    options: [{code: "3", text: Tốt}, {code: "2", text: Vừa}, {code: "1", text: Kém}]
    special: [{code: "99", text: Không đủ thông tin}]
value_maps:
  linear: {"3": "1.00", "2": "0.50", "1": "0.00"}
sections:
  - id: A
    title: {vi: Lần đến gần nhất, en: The last visit}
    items:
      - id: A1
        printed_number: "1"
        type: single
        order: random
        required: true
        text: Ông/Bà đến cơ quan vì việc gì?
        options:
          - {code: "1", text: Nộp hồ sơ}
          - {code: "2", text: Nhận kết quả}
          - {code: "3", text: Hỏi thông tin}
          - {code: "4", text: Việc chỉ có năm 2021, valid_until: "2021-12-31"}
          - {code: "9", text: Việc khác, last: true, specify: {text: Xin ghi rõ, max_length: 60}}
      - id: A2
        printed_number: "2"
        type: date
        required: true
        text: Ngày đến gần nhất
        min: "2022-01-01"
        max: "2022-12-31"
      - id: A3
        printed_number: "3"
        type: multi
        order: random
        max_choices: 2
        exclusive: ["8"]
        text: Ông/Bà đã dùng những kênh nào?
        options:
          - {code: "1", text: Trực tiếp}
          - {code: "2", text: Trực tuyến}
          - {code: "3", text: Bưu chính}
          - {code: "8", text: Không dùng kênh nào, last: true}
          - {code: "9", text: Kênh khác, last: true, specify: {text: Xin ghi rõ kênh khác}}
      - id: A4
        printed_number: "4"
        type: decimal
        text: Thời gian chờ
        hint: Tính từ khi đến nơi.
        min: "0"
        max: "99.5"
        places: 1
        unit: giờ
        constraints:
          - that: "${A4} <= 8"
            message: Thời gian chờ hơn 8 giờ; có đúng không?
            severity: soft
      - id: AC
        type: calculation
        text: Số phút chờ
        value: "${A4} * 60"
        show_if: "${A1} = '1'"
      - id: A5
        printed_number: "5"
        type: integer
        text: Chênh lệch so với giấy hẹn
        min: -30
        max: 30
        unit: ngày
        show_if: "${A4} > 1"
      - id: A6
        printed_number: "6"
        type: integer
        text: Số lần đến
        min: 1
        max: 999999999999999
        constraints:
          - that: "${A6} > ${A5}"
            message: Số lần đến phải lớn hơn số ngày chênh lệch.
  - id: B
    title: {vi: Đánh giá, en: Judgement}
    items:
      - {id: BN, type: note, text: Phần này hỏi về chất lượng phục vụ.}
      - id: BG
        printed_number: "7"
        type: grid
        scale: muc3
        text: "Ông/Bà đánh giá như thế nào về:"
        rows:
          - {id: BG1, printed_number: 7a, text: Chỗ ngồi chờ}
          - {id: BG2, printed_number: 7b, text: Nơi để xe, show_if: "${area.urban} = 'urban'"}
          - {id: BG3, printed_number: 7c, text: Biển chỉ dẫn, show_if: "${A1} = '1'"}
  - id: C
    title: {vi: Ý kiến, en: Opinions}
    items:
      - {id: C1, type: text, short: true, max_length: 30, text: Nghề nghiệp, printed_number: "8"}
      - {id: C2, type: text, max_length: 200, text: Góp ý, printed_number: "9"}
"""

ROUND = """\
schema: khaosat.round/1
code: nho-2022
title: {vi: Đợt thử mọi loại, en: Round of every kind}
province: tỉnh Thử
year: 2022
anonymity: anonymous
questionnaire: small.yaml
unit_facts: [area.urban]
fieldwork_from: 2022-10-03
issuer: {superior: ỦY BAN, office: SỞ NỘI VỤ, place: Thử, number_suffix: /KH, signer_title: GĐ}
respondent_groups:
  - {code: LD, label: {vi: Lãnh đạo, en: Leaders}}
  - {code: CC, label: {vi: Công chức, en: Officials}}
unit_groups:
  - {code: cap_so, label: {vi: Cấp sở, en: Departments}, counted_as: cơ quan,
     quotas: {LD: 3, CC: 4}}
sampling: {reserves: 1}
scoring: {value_map: linear, group_weighting: population, hidden_items: per_item, places: 2,
          ties: min, minimum_answers: 5, valid_share: "0.50", confidence_level: 0.95}
bands:
  source: tự đặt
  bands:
    - {code: TAT_CA, label: {vi: Tất cả}, lower: "0", lower_closed: true, upper: "100",
       upper_closed: true}
disclosure: {minimum_cell: 10, minimum_units: 3, largest_share: "0.5"}
"""

UNITS = """\
code,name,unit_group,parent,handles_procedures,area_urban,population_LD,population_CC,selection,\
list_date,valid_from,valid_to
S1,Sở Một,cap_so,,yes,urban,6,12,positions,2022-09-30,2022-01-01,
S2,Sở Hai,cap_so,,no,rural,6,12,positions,2022-09-30,2022-01-01,
"""
