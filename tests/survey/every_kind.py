"""An invented questionnaire with every kind of item, every way to skip, and awkward wordings."""

from pathlib import Path

from questionnaires import Questionnaire, read_questionnaire

TEXT = """\
schema: khaosat/questionnaire/1
id: every-kind
version: "1.0"
language: vi
languages: [vi]
title: "Phiếu thử mọi loại câu hỏi"
estimated_minutes: 5
facts:
  - id: unit.kind
    text: "Loại cơ quan"
    options:
      - {code: "so", text: "Sở"}
      - {code: "xa", text: "Xã"}
intro:
  - text: "Kính thưa Ông/Bà! Phiếu này chỉ dùng để thử."
consent:
  id: DY
  type: single
  required: true
  text: "Ông/Bà có đồng ý không?"
  options:
    - {code: "1", text: "Đồng ý"}
    - {code: "2", text: "Không đồng ý", ends: refused}
scales:
  muc5:
    options:
      - {code: "5", text: "Rất tốt"}
      - {code: "4", text: "Tốt"}
      - {code: "3", text: "Trung bình"}
      - {code: "2", text: "Kém"}
      - {code: "1", text: "Rất kém"}
    special:
      - {code: "97", text: "Không áp dụng"}
      - {code: "99", text: "Không đủ thông tin để đánh giá"}
  muc11:
    options:
      - {code: "10", text: "10"}
      - {code: "9", text: "9"}
      - {code: "8", text: "8"}
      - {code: "7", text: "7"}
      - {code: "6", text: "6"}
      - {code: "5", text: "5"}
      - {code: "4", text: "4"}
      - {code: "3", text: "3"}
      - {code: "2", text: "2"}
      - {code: "1", text: "1"}
      - {code: "0", text: "0"}
sections:
  - id: A
    title: "A. Chọn"
    items:
      - id: A1
        printed_number: "1"
        type: single
        order: random
        text: "Ông/Bà đã đến Bộ phận Một cửa chưa?"
        options:
          - {code: "1", text: "Đã đến"}
          - {code: "2", text: "Chưa đến"}
          - {code: "9", text: "Khác", last: true, specify: {text: "Xin ghi rõ", max_length: 60}}
      - id: A2
        printed_number: "2"
        type: date
        show_if: "${A1} != '2'"
        text: "Ngày đến gần nhất"
        min: "2022-01-01"
        max: "2022-12-31"
      - id: A3
        printed_number: "3"
        type: multi
        max_choices: 2
        exclusive: ["8"]
        show_if: "${A1} != '2'"
        text: "Ông/Bà làm việc gì?"
        options:
          - {code: "1", text: "Nộp hồ sơ"}
          - {code: "2", text: "Nhận kết quả"}
          - {code: "3", text: "Đến năm 2021", valid_until: "2021-12-31"}
          - {code: "8", text: "Không việc nào", last: true}
          - {code: "9", text: "Việc khác", last: true, specify: {text: "Xin ghi rõ việc khác"}}
      - id: A4
        printed_number: "4"
        type: decimal
        text: "Thời gian chờ"
        min: "0"
        max: "99.5"
        places: 1
        unit: "giờ"
      - id: AC
        type: calculation
        text: "Số phút chờ"
        value: "${A4} * 60"
        show_if: "${A1} = '1'"
      - id: A5
        printed_number: "5"
        type: integer
        show_if: "${A4} > 1"
        text: "Chênh lệch so với giấy hẹn"
        min: -30
        max: 30
        unit: "ngày"
      - id: A6
        printed_number: "6"
        type: integer
        text: "Một số rất lớn"
        min: 0
        max: 999999999999999
  - id: B
    title: "B. Bảng"
    items:
      - id: BN
        type: note
        text: "Phần này hỏi về chất lượng phục vụ."
      - id: BG
        type: grid
        scale: muc5
        text: "Ông/Bà đánh giá như thế nào về:"
        rows:
          - {id: BG1, printed_number: "7", text: "Chỗ ngồi chờ"}
          - {id: BG2, printed_number: "8", text: "Biển chỉ dẫn", show_if: "${A1} = '1'"}
          - {id: BG3, printed_number: "9", text: "Trang thiết bị", show_if: "${A1} = '1'"}
          - id: BG4
            printed_number: "10"
            text: "Trụ sở"
            hint: "Kể cả nơi để xe."
            show_if: "${unit.kind} = 'so'"
      - id: BW
        type: grid
        scale: muc11
        text: "Xin cho điểm từ 10 đến 0:"
        rows:
          - {id: BW1, printed_number: "11", text: "Nhanh"}
          - {id: BW2, printed_number: "12", text: "Đúng"}
      - id: B9
        printed_number: "13"
        type: scale
        scale: muc5
        text: "Nhìn chung"
  - id: R
    title: "R. Đánh giá ${unit.name}"
    repeat: {over: rated_units, most: 5}
    items:
      - id: R1
        printed_number: "14"
        type: single
        text: "Ông/Bà có biết ${unit.name} không?"
        options:
          - {code: "1", text: "Có"}
          - {code: "2", text: "Không"}
          - {code: "3", text: "Khác", specify: {text: "Xin ghi rõ"}}
      - id: RG
        type: grid
        scale: muc5
        show_if: "${R1} != '2'"
        text: "Về ${unit.name}, Ông/Bà đánh giá như thế nào về:"
        rows:
          - {id: RG1, printed_number: "15", text: "Phối hợp"}
          - {id: RG2, printed_number: "16", text: "Văn bản"}
  - id: C
    title: "C. Ý kiến"
    items:
      - id: C1
        printed_number: "17"
        type: text
        short: true
        max_length: 100
        text: "Nghề nghiệp"
      - id: C2
        printed_number: "18"
        type: single
        text: "Ông/Bà có góp ý thêm không?"
        options:
          - {code: "1", text: "Có"}
          - {code: "2", text: "Không"}
      - id: C3
        printed_number: "19"
        type: text
        max_length: 1000
        show_if: "${C2} = '1'"
        text: "Góp ý"
"""


def every_kind(folder: Path) -> Questionnaire:
    """Read the questionnaire, by way of a file in ``folder``."""
    file = folder / "every_kind.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return read_questionnaire(file)
