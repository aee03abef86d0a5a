"""Files to print and sign: what they say, in which layout, and that machines can read them back."""

import io
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import docx
import pypdfium2
import pytest
import zxingcpp
from openpyxl import load_workbook

from questionnaires import Questionnaire, parse
from sampling import Selection
from stats.disclosure import ReleaseClass
from survey.documents.conditions import instruction
from survey.documents.destruction_docx import destruction_document
from survey.documents.index_chart import dot_interval_chart, dot_interval_png
from survey.documents.invitations_pdf import invitation_sheet
from survey.documents.paper_pdf import paper_forms
from survey.documents.plan_docx import plan_document
from survey.documents.plan_xlsx import plan_workbook
from survey.documents.recovery_pdf import recovery_sheets
from survey.documents.strips_chart import band_strips_chart, band_strips_png
from survey.records.store import Store
from survey.rules.invitations import IssuedLink, new_serial, printed_serial
from survey.rules.keys import DestructionRecord, KeySheet, encode_sheet
from survey.rules.plan_table import PlanTable
from survey.rules.report import IndexReport, ReportStrips, StripCell, StripUnit
from survey.rules.round_document import RoundDocument
from survey.services.compute import compute_index
from survey.services.plan import plan_table
from survey.services.report import index_report
from survey.services.rounds import read_round
from tests.survey.closed_round import EXAMPLE, close_at_random, draft_round

_NOW = datetime(2022, 10, 7, 20, 5, tzinfo=UTC)
_LETTERS = (
    "a à á ả ã ạ ă ằ ắ ẳ ẵ ặ â ầ ấ ẩ ẫ ậ b c d đ e è é ẻ ẽ ẹ ê ề ế ể ễ ệ g h i ì í ỉ ĩ ị k l m n "
    "o ò ó ỏ õ ọ ô ồ ố ổ ỗ ộ ơ ờ ớ ở ỡ ợ p q r s t u ù ú ủ ũ ụ ư ừ ứ ử ữ ự v x y ỳ ý ỷ ỹ ỵ"
)
_DRAWN = {"unit.handles_procedures": "yes", "sample.selection": "drawn"}


@pytest.fixture(scope="module")
def definitions() -> tuple[RoundDocument, Questionnaire]:
    return read_round(EXAMPLE / "round.yaml")


@pytest.fixture(scope="module")
def document(definitions: tuple[RoundDocument, Questionnaire]) -> RoundDocument:
    return definitions[0]


@pytest.fixture(scope="module")
def questionnaire(definitions: tuple[RoundDocument, Questionnaire]) -> Questionnaire:
    return definitions[1]


@pytest.fixture(scope="module")
def drawn(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path
) -> tuple[PlanTable, Mapping[ReleaseClass, IndexReport]]:
    """Give the whole example's plan, and reports of an index computed from made-up answers."""
    file = tmp_path_factory.mktemp("documents") / "round.sqlite3"
    shutil.copyfile(migrated_sqlite_file, file)
    store = Store.at(f"sqlite:///{file}")
    with store.write() as session:
        round_ = draft_round(session)
        plan = plan_table(session, round_)
        close_at_random(session, round_, seed=11)
        index = compute_index(session, round_)
    store.dispose()
    return plan, {release: index_report(index, release, "vi") for release in ReleaseClass}


@pytest.fixture(scope="module")
def plan(drawn: tuple[PlanTable, Mapping[ReleaseClass, IndexReport]]) -> PlanTable:
    return drawn[0]


@pytest.fixture(scope="module")
def report(drawn: tuple[PlanTable, Mapping[ReleaseClass, IndexReport]]) -> IndexReport:
    return drawn[1][ReleaseClass.COUNCIL]


def _pages(pdf: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(pdf)
    texts = [" ".join(page.get_textpage().get_text_range().split()) for page in opened]
    opened.close()
    return texts


def _codes(pdf: bytes, page: int) -> set[str]:
    """Read the QR codes of a page as a scanner at 200 dots per inch sees them."""
    opened = pypdfium2.PdfDocument(pdf)
    picture = opened[page].render(scale=200 / 72, grayscale=True).to_numpy().squeeze().copy()
    opened.close()
    return {code.text for code in zxingcpp.read_barcodes(picture)}


def _words(content: bytes) -> str:
    opened = docx.Document(io.BytesIO(content))
    lines = [paragraph.text for paragraph in opened.paragraphs]
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join([*lines, *cells])


def _links(count: int, **changes: Any) -> list[IssuedLink]:
    given: dict[str, Any] = {"position": 7, "name": "Nguyễn Thị Phương Thảo", "reserve": False}
    given |= changes
    return [
        IssuedLink(
            slot=slot,
            respondent_group="LD",
            url=f"https://khaosat.example/t/bp2022/{'x' * 25}{slot}",
            **given,
        )
        for slot in range(1, count + 1)
    ]


@pytest.fixture(scope="module")
def sheets() -> tuple[KeySheet, ...]:
    return tuple(encode_sheet(bytes(range(32)), n, round_code="bp2022") for n in (1, 2))


def test_each_custodian_gets_a_page_with_the_whole_key(
    document: RoundDocument, sheets: Sequence[KeySheet]
) -> None:
    pdf = recovery_sheets(document, sheets, made_at=_NOW)
    pages = _pages(pdf)
    assert len(pages) == 2
    for number, (page, sheet) in enumerate(zip(pages, sheets, strict=True)):
        assert all(group in page for group in sheet.groups)
        assert f"TỜ KHÔI PHỤC KHÓA SỐ {sheet.number} / 2" in page
        assert "mất cả hai tờ là mất toàn bộ câu trả lời" in page
        assert _codes(pdf, number) == {sheet.qr}


def test_times_are_vietnamese(document: RoundDocument, sheets: Sequence[KeySheet]) -> None:
    (first, _) = _pages(recovery_sheets(document, sheets, made_at=_NOW))
    assert "03 giờ 05 phút, ngày 08/10/2022" in first


def test_every_vietnamese_letter_is_printed(
    document: RoundDocument, sheets: Sequence[KeySheet]
) -> None:
    letters = f"{_LETTERS} {_LETTERS.upper()}"
    title = document.title.model_copy(update={"vi": letters})
    pdf = recovery_sheets(document.model_copy(update={"title": title}), sheets, made_at=_NOW)
    assert letters in _pages(pdf)[0]


def test_an_invitation_holds_its_link_and_its_code(document: RoundDocument) -> None:
    links = _links(4)
    pdf = invitation_sheet(document, "Sở Y tế", links, simulated=False)
    pages = _pages(pdf)
    assert len(pages) == 2
    assert _codes(pdf, 0) == {link.url for link in links[:3]}
    assert _codes(pdf, 1) == {links[3].url}
    assert links[0].url in pages[0].replace(" ", "")
    assert "không gắn với tên Ông/Bà" in pages[0]
    assert "Nguyễn Thị Phương Thảo" in pages[0]


def test_an_invitation_without_a_staff_list_names_the_position(document: RoundDocument) -> None:
    (page,) = _pages(
        invitation_sheet(document, "Sở Y tế", _links(1, name=None, reserve=True), simulated=False)
    )
    assert "Số thứ tự 7 trong danh sách" in page
    assert "Dự phòng" in page


def test_an_invitation_of_a_picked_unit_names_nobody(document: RoundDocument) -> None:
    (page,) = _pages(
        invitation_sheet(document, "Sở Y tế", _links(1, name=None, position=None), simulated=False)
    )
    assert "đơn vị tự chọn người nhận" in page


def test_markup_in_a_name_stays_text(document: RoundDocument) -> None:
    name = 'Phòng #lorem(9) *A* $x$ "B" <script> \\ @c'
    (page,) = _pages(invitation_sheet(document, name, _links(1), simulated=False))
    assert name in page.replace("“", '"').replace("”", '"')


def _paper(
    document: RoundDocument,
    questionnaire: Questionnaire,
    serials: Sequence[str],
    facts: Mapping[str, str],
) -> bytes:
    return paper_forms(
        document,
        questionnaire,
        unit_name="Sở Y tế",
        respondent_group="CC",
        serials=serials,
        simulated=False,
        facts=facts,
    ).pdf


def test_every_page_of_a_paper_form_carries_its_serial(
    document: RoundDocument, questionnaire: Questionnaire
) -> None:
    serials = [new_serial(), new_serial()]
    pdf = _paper(document, questionnaire, serials, _DRAWN)
    pages = _pages(pdf)
    each = len(pages) // 2
    for number, page in enumerate(pages):
        serial = serials[number // each]
        assert printed_serial(serial) in page
        assert f"Trang {number % each + 1}/{each}" in page
        assert _codes(pdf, number) == {f"bp2022:{serial}:{number % each + 1}"}


def test_a_paper_form_asks_every_question_and_offers_the_shown_codes(
    document: RoundDocument, questionnaire: Questionnaire
) -> None:
    text = " ".join(_pages(_paper(document, questionnaire, [new_serial()], _DRAWN)))
    plain = re.sub(r"\s", "", text)
    for item in questionnaire.questions:
        wording = questionnaire.text_in(item.text, "vi")
        assert re.sub(r"\s", "", wording) in plain, item.id
    assert "97 Không áp dụng đối với cơ quan, đơn vị" in text
    assert "Đánh dấu nhiều ô" not in text  # codes 94, 95 and 98 are for keying only
    assert "Không trả lời" not in text


def test_conditions_are_printed_in_plain_words(
    document: RoundDocument, questionnaire: Questionnaire
) -> None:
    text = " ".join(_pages(_paper(document, questionnaire, [new_serial()], _DRAWN)))
    assert (
        "Chỉ trả lời nếu câu 3 chọn “Có” hoặc câu 1 chọn “Lãnh đạo cấp phòng và tương đương”."
    ) in text
    assert "Chỉ trả lời nếu câu 1 chọn “Lãnh đạo cấp phòng và tương đương”." in text
    assert "trực tiếp giải quyết thủ tục hành chính" not in text  # the register knows


def test_what_the_register_closes_is_not_printed(
    document: RoundDocument, questionnaire: Questionnaire
) -> None:
    facts = _DRAWN | {"unit.handles_procedures": "no"}
    text = " ".join(_pages(_paper(document, questionnaire, [new_serial()], facts)))
    assert "B3. Cải cách thủ tục hành chính" not in text
    assert "B4. Cải cách tổ chức bộ máy" in text


def test_only_drawn_people_are_told_that_chance_chose_them(
    document: RoundDocument, questionnaire: Questionnaire
) -> None:
    for way, said in (("drawn", True), ("picked", False)):
        facts = _DRAWN | {"sample.selection": way}
        text = " ".join(_pages(_paper(document, questionnaire, [new_serial()], facts)))
        assert ("được chọn ngẫu nhiên" in text) is said


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("${A4} != '1'", "Chỉ trả lời nếu câu 3 không chọn “Có”."),
        ("selected(${C1}, '3')", "Chỉ trả lời nếu câu 36 có chọn “Thủ tục hành chính”."),
        (
            "not(${A4} = '1') and (${A1} = 'LD' or ${A2} = '4')",
            (
                "Chỉ trả lời nếu câu 3 không chọn “Có” và (câu 1 chọn “Lãnh đạo cấp phòng "
                "và tương đương” hoặc câu 2 chọn “Từ 10 năm trở lên”)."
            ),
        ),
        (
            "${unit.handles_procedures} = 'yes'",
            (
                "Chỉ trả lời nếu cơ quan, đơn vị trực tiếp giải quyết thủ tục hành chính cho "
                "người dân, tổ chức: có."
            ),
        ),
    ],
)
def test_a_condition_becomes_a_sentence(
    questionnaire: Questionnaire, condition: str, sentence: str
) -> None:
    known = {item.id for item in questionnaire.questions}
    known |= {fact.id for fact in questionnaire.facts}
    assert instruction(questionnaire, parse(condition, known), {}) == sentence


def test_a_fulfilled_condition_says_nothing(questionnaire: Questionnaire) -> None:
    assert instruction(questionnaire, questionnaire.conditions["§B3"], _DRAWN) is None


def test_the_plan_says_what_the_decree_asks(document: RoundDocument, plan: PlanTable) -> None:
    text = _words(plan_document(plan, document, day=date(2022, 10, 7)))
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "SỞ NỘI VỤ",
        "/KH-SNV",
        "Bình Phước, ngày 07 tháng 10 năm 2022",
        "KẾ HOẠCH",
        "Nơi nhận:",
        "- Lưu: VT, CCHC.",
        "GIÁM ĐỐC",
        "triển khai thực hiện./.",
    ):
        assert expected in text


def test_the_plan_counts_as_plans_do(document: RoundDocument, plan: PlanTable) -> None:
    text = _words(plan_document(plan, document))
    assert (
        "Cấp sở (180 phiếu), gồm: lãnh đạo cấp phòng và tương đương (05 người/cơ quan × 20 cơ quan)"
        " và công chức (04 người/cơ quan × 20 cơ quan)."
    ) in text
    assert "Cấp huyện (187 phiếu)" in text
    assert "(12 người/đơn vị × 11 đơn vị)" in text
    assert "Tổng số phiếu theo kế hoạch: 367 phiếu" in text
    assert "Cấp xã (111 đơn vị): không giao số phiếu" in text


def test_the_plan_names_every_shortfall(document: RoundDocument, plan: PlanTable) -> None:
    text = _words(plan_document(plan, document))
    assert "Số người chọn được là 350, thiếu 17" in text
    assert "Thanh tra tỉnh: nhóm lãnh đạo cấp phòng và tương đương có 01 người, thiếu 04" in text
    short = [u for g in plan.groups for u in g.units if u.total.shortfall]
    assert all(f"+ {unit.name}: nhóm" in text for unit in short)


def test_the_plan_table_ends_with_its_totals(document: RoundDocument, plan: PlanTable) -> None:
    opened = docx.Document(io.BytesIO(plan_document(plan, document)))
    table = next(t for t in opened.tables if t.rows[0].cells[-1].text == "Cách chọn")
    last = [cell.text for cell in table.rows[-1].cells]
    assert last[0] == "Tổng cộng"
    assert last[-4:-1] == ["367", "350", "17"]
    sums = [
        [c.text for c in row.cells][-4] for row in table.rows if row.cells[0].text[:4] == "Cộng"
    ]
    assert sums == ["180", "187"]


def test_the_plan_travels_without_names(document: RoundDocument, plan: PlanTable) -> None:
    names = [p.name for g in plan.groups for u in g.units for c in u.cells for p in c.selected]
    listed = [name for name in names if name]
    assert listed
    text = _words(plan_document(plan, document))
    assert not any(name in text for name in listed)


def test_official_documents_keep_the_decrees_layout(
    document: RoundDocument, plan: PlanTable
) -> None:
    opened = docx.Document(io.BytesIO(plan_document(plan, document)))
    first = opened.sections[0]
    lengths = [first.page_width, first.page_height, first.left_margin, first.right_margin]
    lengths += [first.top_margin, first.bottom_margin]
    assert [length and round(length.mm) for length in lengths] == [210, 297, 30, 20, 20, 20]
    assert opened.styles["Normal"].font.name == "Times New Roman"
    assert first.different_first_page_header_footer
    assert "PAGE" in first.header.paragraphs[0]._p.xml  # noqa: SLF001 - fields have no name
    assert not first.first_page_header.paragraphs[0].text


def test_the_workbook_adds_up_by_itself(document: RoundDocument, plan: PlanTable) -> None:
    content = plan_workbook(plan, document)
    formulas = load_workbook(io.BytesIO(content))["Cấp sở"]
    values = load_workbook(io.BytesIO(content), data_only=True)["Cấp sở"]
    row = next(r for r in range(1, 60) if formulas.cell(r, 1).value == "Cộng Cấp sở")
    assert str(formulas.cell(row, 15).value).startswith("=SUM(")
    assert [values.cell(row, column).value for column in (15, 16, 17)] == [180, 169, 11]
    assert sum(int(str(values.cell(r, 15).value)) for r in range(6, row)) == 180


def test_every_sum_of_the_workbook_is_what_its_cells_give(
    document: RoundDocument, plan: PlanTable
) -> None:
    content = plan_workbook(plan, document)
    formulas = load_workbook(io.BytesIO(content))
    values = load_workbook(io.BytesIO(content), data_only=True)
    checked = 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            text = str(cell.value)
            if text.startswith("=SUM(") or re.fullmatch(r"=[A-Z]+\d+-[A-Z]+\d+", text):
                checked += 1
                assert (
                    _computed(values, sheet.title, text)
                    == values[sheet.title][cell.coordinate].value
                ), (sheet.title, cell.coordinate)
    assert checked > 200


def _computed(values: Any, title: str, formula: str) -> float:
    """Add up, or subtract, the stored values of the cells that a formula names."""

    def total(part: str) -> float:
        sheet, _, cells = part.rpartition("!")
        area = values[sheet.strip("'") or title][cells]
        rows = area if isinstance(area, tuple) else ((area,),)
        found = [cell.value for row in rows for cell in row]
        return sum(value for value in found if isinstance(value, int | float))

    if formula.startswith("=SUM("):
        return sum(map(total, formula[5:-1].split(",")))
    first, second = formula[1:].split("-")
    return total(first) - total(second)


def test_every_sheet_prints_on_a4_with_its_heading_repeated(
    document: RoundDocument, plan: PlanTable
) -> None:
    book = load_workbook(io.BytesIO(plan_workbook(plan, document)))
    for sheet in book:
        assert (str(sheet.page_setup.paperSize), sheet.page_setup.fitToHeight) == ("9", 0)
        if sheet.title != "Cách chọn mẫu":  # fits on one page
            assert sheet.print_title_rows, sheet.title


def test_a_signature_never_leaves_its_last_paragraph(
    document: RoundDocument, plan: PlanTable
) -> None:
    opened = docx.Document(io.BytesIO(plan_document(plan, document)))
    last = next(p for p in opened.paragraphs if p.text.endswith("triển khai thực hiện./."))
    assert last.paragraph_format.keep_with_next
    assert last.paragraph_format.keep_together
    money = next(t for t in opened.tables if t.rows[0].cells[-1].text == "Thành tiền (đồng)")
    *rows, total = money.rows
    kept = [p.paragraph_format.keep_with_next for row in rows for p in row.cells[0].paragraphs]
    assert all(kept)
    assert not total.cells[0].paragraphs[0].paragraph_format.keep_with_next


def test_the_workbook_tells_how_to_draw_again(document: RoundDocument, plan: PlanTable) -> None:
    sheet = load_workbook(io.BytesIO(plan_workbook(plan, document)))["Cách chọn mẫu"]
    known = {sheet.cell(r, 1).value: sheet.cell(r, 2).value for r in range(1, 15)}
    assert known["Số khởi tạo"] == "2022"
    assert known["Mã băm của kế hoạch (SHA-256)"] == plan.digest


def test_a_name_that_looks_like_a_formula_stays_a_name(
    document: RoundDocument, plan: PlanTable
) -> None:
    group = plan.groups[0]
    evil = _replaced(group.units[0], name='=HYPERLINK("http://x","y")', code="+1")
    changed = _replaced(plan, groups=(_replaced(group, units=(evil, *group.units[1:])),))
    sheet = load_workbook(io.BytesIO(plan_workbook(changed, document)))["Cấp sở"]
    assert sheet["A6"].data_type == sheet["B6"].data_type == "s"
    assert sheet["B6"].value == evil.name


def _replaced(value: Any, **changes: Any) -> Any:
    import dataclasses  # noqa: PLC0415 - only here

    return dataclasses.replace(value, **changes)


def test_a_picked_unit_is_named_as_such(document: RoundDocument, plan: PlanTable) -> None:
    picked = [u.name for g in plan.groups for u in g.units if u.selection is Selection.PICKED]
    assert picked == ["Sở Lao động - Thương binh và Xã hội"]
    text = _words(plan_document(plan, document))
    assert f"({picked[0]}) không đủ điều kiện tính sai số" in text


def test_the_record_of_destruction_can_be_signed(document: RoundDocument) -> None:
    record = DestructionRecord(
        round_code="bp2022",
        title=document.title.vi,
        destroyed_at=_NOW,
        actor="van.phong",
        public_key="ab" * 32,
        sheets=(1, 2),
        key_file=None,
        backup="sau-dong.zip",
        backup_digest="cd" * 32,
        responses=297,
        responses_digest="ef" * 32,
    )
    text = _words(destruction_document(record, document))
    assert "BIÊN BẢN" in text
    assert "/BB-SNV" in text
    assert "Hồi 03 giờ 05 phút, ngày 08/10/2022" in text
    assert "297 phiếu trả lời khớp" in text
    assert {"ab" * 32, "cd" * 32, "ef" * 32} <= set(text.splitlines())
    assert "NGƯỜI GIỮ TỜ SỐ 2" in text


def _chart_texts(svg: bytes) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 - the program's own drawing
    return ["".join(node.itertext()) for node in root.iter() if node.tag.endswith("}text")]


def test_the_chart_names_every_unit_and_writes_commas(report: IndexReport) -> None:
    chart = report.chart("cap_so")
    assert chart is not None
    texts = _chart_texts(dot_interval_chart(report, "cap_so"))
    assert {f"{unit.rank}. {unit.name}" for unit in chart.units} <= set(texts)
    numbers = [text for text in texts if re.fullmatch(r"\d+,\d\d .*– \d+,\d\d\)", text)]
    assert len(numbers) == sum(not unit.without_interval for unit in chart.units)
    assert any("Chưa đủ phiếu hợp lệ" in text for text in texts)


def test_the_chart_needs_no_colour(report: IndexReport) -> None:
    svg = dot_interval_chart(report, "cap_so").decode()
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) - {"none", "transparent"}
    greys = {"black", "white"}
    assert all(c in greys or re.fullmatch(r"#(..)\1\1|#(.)\2\2", c) for c in colours)


def test_the_public_chart_draws_no_interval(
    drawn: tuple[PlanTable, Mapping[ReleaseClass, IndexReport]],
) -> None:
    texts = _chart_texts(dot_interval_chart(drawn[1][ReleaseClass.PUBLIC], "cap_so"))
    assert not any("–" in text and "(" in text for text in texts)


def test_the_chart_as_a_picture_is_a_png(report: IndexReport) -> None:
    assert dot_interval_png(report, "cap_huyen", scale=1).startswith(b"\x89PNG\r\n")


def test_a_unit_group_without_points_has_no_chart(report: IndexReport) -> None:
    with pytest.raises(LookupError, match=r"cap_xa.*cap_so"):
        dot_interval_chart(report, "cap_xa")


@pytest.fixture
def striped(report: IndexReport) -> IndexReport:
    """Give the report strips of three bands for two units."""
    shares = {
        "Sở Tư pháp": (("dưới 5 %", 0), ("30 %", 30), ("70 %", 70)),
        "Sở Y tế": (("dưới 5 %", 0), ("dưới 5 %", 0), ("trên 95 %", 95)),
    }
    units = tuple(
        StripUnit(
            name=name,
            rank=rank,
            cells=tuple(
                StripCell(text=text, percent=percent, official=place == 2)
                for place, (text, percent) in enumerate(cells)
            ),
        )
        for rank, (name, cells) in enumerate(shares.items(), start=1)
    )
    strips = ReportStrips(
        unit_group="cap_so",
        table="cap_so-certainty",
        title="SỐ LIỆU MÔ PHỎNG – Cấp sở",
        subtitle="Khả năng đạt từng mức",
        caveat="Chênh lệch giữa hạng 1 và hạng 2 nằm trong sai số điều tra.",
        bands=("Xuất sắc", "Tốt", "Hoàn thành nhiệm vụ được giao"),
        units=units,
        left_out=("Ban Dân tộc",),
        left_out_title="Không tính khả năng:",
    )
    return replace(report, strips=(strips,))


def test_strips_write_every_number_and_what_must_be_said(striped: IndexReport) -> None:
    texts = _chart_texts(band_strips_chart(striped, "cap_so"))
    (strips,) = striped.strips
    assert {f"{unit.rank}. {unit.name}" for unit in strips.units} <= set(texts)
    written = sorted(text for text in texts if text.endswith("%"))
    assert written == sorted(cell.text for unit in strips.units for cell in unit.cells)
    whole = " ".join(texts)
    for said in (strips.title, strips.subtitle, strips.caveat, "Không tính khả năng: Ban Dân tộc"):
        assert said is not None
        assert said in whole


def test_strips_need_no_colour_and_letters_stand_out(striped: IndexReport) -> None:
    root = ET.fromstring(band_strips_chart(striped, "cap_so"))  # noqa: S314 - the program's own
    marks = [node for node in root.iter() if node.get("aria-roledescription") == "rect mark"]
    fills = [str(node.get("fill")) for node in marks]
    greys = [int(fill[1:3], 16) for fill in fills]
    assert all(re.fullmatch(r"#(..)\1\1", fill) for fill in fills)
    assert len(set(greys)) == 4  # under 5, 30, 70, over 95: the likelier the darker
    assert min(greys) == greys[-1]
    outlined = [node for node in marks if node.get("stroke") == "black"]
    assert len(outlined) == 2


def test_strips_as_a_picture_are_a_png(striped: IndexReport) -> None:
    assert band_strips_png(striped, "cap_so-certainty", scale=1).startswith(b"\x89PNG\r\n")


def test_a_report_without_strips_draws_none(report: IndexReport) -> None:
    with pytest.raises(LookupError, match="no strips of unit group 'cap_so'"):
        band_strips_chart(report, "cap_so")


def test_a_chart_carries_the_caveat_with_it(report: IndexReport) -> None:
    chart = report.chart("cap_so")
    assert chart is not None
    caveat = "Chênh lệch giữa hạng 5 và hạng 9 nằm trong sai số điều tra."
    said = replace(report, charts=(replace(chart, caveat=caveat),))
    assert caveat in " ".join(_chart_texts(dot_interval_chart(said, "cap_so")))


def test_every_document_of_a_simulated_round_says_so(
    document: RoundDocument,
    questionnaire: Questionnaire,
    plan: PlanTable,
    sheets: Sequence[KeySheet],
    report: IndexReport,
) -> None:
    label = "SỐ LIỆU MÔ PHỎNG"
    pdfs: list[Callable[[], bytes]] = [
        lambda: recovery_sheets(document, sheets, made_at=_NOW, simulated=True),
        lambda: invitation_sheet(document, "Sở Y tế", _links(4), simulated=True),
        lambda: (
            paper_forms(
                document,
                questionnaire,
                unit_name="Sở Y tế",
                respondent_group="CC",
                serials=[new_serial()],
                simulated=True,
            ).pdf
        ),
    ]
    for make in pdfs:
        assert all(label in page for page in _pages(make()))
    assert label in _words(plan_document(plan, document, simulated=True))
    workbook = load_workbook(io.BytesIO(plan_workbook(plan, document, simulated=True)))
    assert all(label in str(sheet["A1"].value) for sheet in workbook)
    assert any(label in text for text in _chart_texts(dot_interval_chart(report, "cap_so")))
