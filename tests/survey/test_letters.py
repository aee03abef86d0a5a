"""The letters around a draw: what each says, what it leaves out, and the template read back."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import docx
import openpyxl
import pytest
from click.testing import CliRunner

from sampling import Selection
from survey.cli.export import export
from survey.errors import NotFoundError
from survey.records.store import Store
from survey.services import letters, plan, register, rounds
from tests.survey.open_round import CODE, draft, opened

_UNITS_HEADER = (
    "code,name,unit_group,parent,handles_procedures,population_LD,population_CC,selection,"
    "list_date,valid_from,valid_to\n"
)


def _files(store: Store, code: str, unit: str | None = None) -> dict[str, bytes]:
    with store.read() as session:
        found = rounds.find_round(session, code)
        drawn = letters.letters_of(session, found, unit_code=unit, day=date(2022, 10, 7))
    return {file.name: file.content for file in drawn}


def _text(content: bytes) -> str:
    opened_ = docx.Document(io.BytesIO(content))
    lines = [paragraph.text for paragraph in opened_.paragraphs]
    cells = [cell.text for table in opened_.tables for row in table.rows for cell in row.cells]
    return "\n".join([*lines, *cells])


def test_every_asked_unit_gets_its_letters(store: Store, small_round: str) -> None:
    assert sorted(_files(store, small_round)) == [
        "S1-de-nghi-danh-sach.docx",
        "S1-mau-danh-sach.xlsx",
        "S2-de-nghi-danh-sach.docx",
        "S2-don-doc.docx",
        "S2-mau-danh-sach.xlsx",
        "S2-xac-nhan.docx",
        "S3-de-nghi-danh-sach.docx",
        "S3-mau-danh-sach.xlsx",
    ]


def test_a_request_has_the_layout_of_an_official_letter(store: Store, small_round: str) -> None:
    text = _text(_files(store, small_round, "S1")["S1-de-nghi-danh-sach.docx"])
    for expected in (
        "SỐ LIỆU MÔ PHỎNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "V/v lập danh sách nhân sự để chọn mẫu điều tra",
        "Kính gửi: Sở Một",
        "Thử, ngày 07 tháng 10 năm 2022",
        "lãnh đạo; công chức",
        "“S1-mau-danh-sach.xlsx”",
        "- Như trên;",
        "quan tâm thực hiện./.",
    ):
        assert expected in text
    assert "/SNV" in text
    assert "/KH-" not in text


def test_a_certificate_holds_the_drawn_positions(store: Store, small_round: str) -> None:
    content = _files(store, small_round, "S2")["S2-xac-nhan.docx"]
    with store.read() as session:
        drawn = plan.plan_of(session, rounds.find_round(session, small_round))
    by_group = {s.group: s for s in drawn.strata if s.unit == "S2"}
    rows = [
        [cell.text for cell in row.cells]
        for row in docx.Document(io.BytesIO(content)).tables[1].rows
    ]
    for row, group in zip(rows[1:], ("LD", "CC"), strict=True):
        stratum = by_group[group]
        assert row[2:] == [
            str(stratum.population),
            ", ".join(map(str, stratum.selected)),
            ", ".join(map(str, stratum.reserve)),
        ]
    text = _text(content)
    assert "SỞ HAI" in text
    assert "được lập ngày 30 tháng 9 năm 2022" in text
    assert drawn.digest[:16] in text


def test_letters_name_nobody(store: Store, small_round: str) -> None:
    files = _files(store, small_round)
    texts = [_text(content) for name, content in files.items() if name.endswith(".docx")]
    assert not any("Lãnh đạo 1" in text or "Công chức 1" in text for text in texts)


def test_a_reminder_is_about_what_is_outstanding(
    store: Store, small_round: str, now: datetime
) -> None:
    text = _text(_files(store, small_round, "S2")["S2-don-doc.docx"])
    assert "chưa nhận được giấy xác nhận" in text
    with store.write() as session:
        table = plan.plan_table(session, rounds.find_round(session, small_round))
        plan.certify(session, table.groups[0].units[1].round_unit_id, actor="lan", now=now)
    assert "S2-don-doc.docx" not in _files(store, small_round, "S2")


def test_a_reminder_to_answer_counts_nothing(store: Store) -> None:
    opened(store, {"A": (12, 12)})
    (name,) = [name for name in _files(store, CODE) if name.endswith("don-doc.docx")]
    text = _text(_files(store, CODE)[name])
    assert "nhắc chung" in text
    assert "không hỏi từng người đã trả lời hay chưa" in text
    assert "20" not in text.replace("2022", "")


def test_before_the_draw_units_are_reminded_of_their_lists(
    store: Store, small_round: str, now: datetime
) -> None:
    with store.write() as session:
        known = rounds.find_round(session, small_round)
        rounds.create_round(
            session,
            document=known.declared.model_copy(update={"code": "moi"}),
            questionnaire=rounds.questionnaire_of(session, known),
            simulated=False,
            actor="cli",
            now=now,
        )
    units = _UNITS_HEADER + "S2,Sở Hai,cap_so,,yes,5,20,positions,2022-09-30,2022-01-01,\n"
    with store.write() as session:
        made = rounds.find_round(session, "moi")
        table = register.UploadedTable(filename="units.csv", content=units.encode())
        parsed = register.parse_register(units=table, staff=None, document=made.declared)
        register.import_register(session, made, parsed, actor="cli", now=now)
    files = _files(store, "moi")
    assert "gửi danh sách theo mẫu" in _text(files["S2-don-doc.docx"])
    assert "S2-xac-nhan.docx" not in files
    assert "MÔ PHỎNG" not in _text(files["S2-don-doc.docx"])


def test_a_filled_template_is_read_back_by_the_importer(store: Store, small_round: str) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(_files(store, small_round, "S2")["S2-mau-danh-sach.xlsx"])
    )
    sheet = book["staff"]
    assert len(sheet.data_validations.dataValidation) == 4
    assert sheet.max_row == 1 + 5 + 20
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 4).value = f"Người {row}"
    filled = io.BytesIO()
    book.save(filled)
    units = _UNITS_HEADER + "S2,Sở Hai,cap_so,,yes,5,20,list,2022-09-30,2022-01-01,\n"
    with store.read() as session:
        document = rounds.find_round(session, small_round).declared
    parsed = register.parse_register(
        units=register.UploadedTable(filename="units.csv", content=units.encode()),
        staff=register.UploadedTable(filename="S2.xlsx", content=filled.getvalue()),
        document=document,
    )
    strata = parsed.frame().strata
    assert [(s.group, len(s.people), s.selection) for s in strata] == [
        ("LD", 5, Selection.LIST),
        ("CC", 20, Selection.LIST),
    ]


def test_an_unknown_unit_is_refused(store: Store, small_round: str) -> None:
    with pytest.raises(NotFoundError):
        _files(store, small_round, "X1")  # in the register, but nobody is asked there


def test_a_code_cannot_leave_the_folder(store: Store) -> None:
    with store.write() as session:
        draft(session, {"/../../x": (12, 12)})
    names = _files(store, CODE)
    assert names
    assert not any("/" in name or ".." in name for name in names)


def test_an_archive_is_the_same_every_time() -> None:
    files = [letters.LetterFile(name="a.docx", content=b"x")]
    packed = letters.zipped(files)
    assert packed == letters.zipped(files)
    assert zipfile.ZipFile(io.BytesIO(packed)).read("a.docx") == b"x"


def test_the_command_line_writes_a_folder(tmp_path: Path, small_sqlite_round: str) -> None:
    folder = tmp_path / "cong-van"
    call = ["letters", small_sqlite_round, "--to", str(folder), "--unit", "S2"]
    done = CliRunner().invoke(export, [*call, "--home", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert len(list(folder.iterdir())) == 4
