"""The letters around a draw: what each says, what it leaves out, and the template read back."""

import io
import unicodedata
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import docx
import openpyxl
import pytest
from click.testing import CliRunner

from sampling import Selection
from survey.cli.export import export
from survey.documents.letters_docx import Reminded, UnitLetter, request_letter
from survey.errors import NotFoundError, RefusedInputError
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


def test_a_certificate_is_dated_by_the_unit_that_signs_it(store: Store, small_round: str) -> None:
    text = _text(_files(store, small_round, "S2")["S2-xac-nhan.docx"])
    assert "……………, ngày … tháng … năm …" in text
    assert "ngày 07 tháng 10" not in text


def test_a_unit_may_keep_its_names_and_report_numbers(store: Store, small_round: str) -> None:
    text = _text(_files(store, small_round, "S2")["S2-de-nghi-danh-sach.docx"])
    assert "4. Trường hợp không gửi họ tên" in text
    assert "ký giấy xác nhận đã áp dụng đúng" in text


@pytest.mark.parametrize(
    ("archive", "number"),
    [("VT, CCHC", "/SNV-CCHC"), ("VT", "/SNV"), ("", "/SNV"), ("VT, (T27KH)", "/SNV")],
)
def test_a_letters_number_names_the_division_that_drafts_it(
    store: Store, small_round: str, archive: str, number: str
) -> None:
    with store.read() as session:
        declared = rounds.find_round(session, small_round).declared
    issuer = declared.issuer.model_copy(update={"number_suffix": "/KH-SNV"})
    letter = UnitLetter(
        document=declared.model_copy(update={"archive": archive, "issuer": issuer}),
        unit_name="Sở Một",
        groups=["LD"],
        day=None,
        simulated=False,
    )
    text = _text(request_letter(letter, attachment="a.xlsx"))
    assert f"Số:          {number}\n" in text


def test_a_unit_whose_names_are_here_is_not_reminded_of_them(
    store: Store, small_round: str, now: datetime
) -> None:
    _without_plan(store, small_round, now)
    with store.read() as session:
        found = letters.units_with_letters(session, rounds.find_round(session, "moi"))
    assert {unit.code: unit.reminded for unit in found} == {
        "S1": None,
        "S2": Reminded.STAFF_LIST,
    }


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


def _without_plan(store: Store, code: str, now: datetime) -> None:
    """Create a second round, with a list of S1 and numbers of S2, and draw nothing."""
    with store.write() as session:
        known = rounds.find_round(session, code)
        rounds.create_round(
            session,
            document=known.declared.model_copy(update={"code": "moi"}),
            questionnaire=rounds.questionnaire_of(session, known),
            simulated=False,
            actor="cli",
            now=now,
        )
    units = _UNITS_HEADER + (
        "S1,Sở Một,cap_so,,yes,1,1,list,2022-09-30,2022-01-01,\n"
        "S2,Sở Hai,cap_so,,yes,5,20,positions,2022-09-30,2022-01-01,\n"
    )
    staff = "unit,group,position,name\nS1,LD,1,Người Một\nS1,CC,1,Người Hai\n"
    with store.write() as session:
        made = rounds.find_round(session, "moi")
        parsed = register.parse_register(
            units=register.UploadedTable(filename="units.csv", content=units.encode()),
            staff=register.UploadedTable(filename="staff.csv", content=staff.encode()),
            document=made.declared,
        )
        register.import_register(session, made, parsed, actor="cli", now=now)


def test_before_the_draw_units_are_reminded_of_their_lists(
    store: Store, small_round: str, now: datetime
) -> None:
    _without_plan(store, small_round, now)
    files = _files(store, "moi")
    assert "gửi danh sách theo mẫu" in _text(files["S2-don-doc.docx"])
    assert "S2-xac-nhan.docx" not in files
    assert "MÔ PHỎNG" not in _text(files["S2-don-doc.docx"])


def _filled(
    store: Store, code: str, names: Mapping[int, str] | None = None, *, more: int = 0
) -> bytes:
    """Fill in the template of S2: a name a row, other names at some rows, more rows at the end."""
    template = _files(store, code, "S2")["S2-mau-danh-sach.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book["staff"]
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 4).value = (names or {}).get(row, f"Người {row}")
    for extra in range(1, more + 1):
        sheet.append(["S2", "CC", str(20 + extra), f"Người thừa {extra}"])
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue()


def _read_back(store: Store, code: str, content: bytes) -> register.Register:
    """Import a filled template with a register that counts 5 leaders and 20 officials."""
    units = _UNITS_HEADER + "S2,Sở Hai,cap_so,,yes,5,20,list,2022-09-30,2022-01-01,\n"
    with store.read() as session:
        document = rounds.find_round(session, code).declared
    return register.parse_register(
        units=register.UploadedTable(filename="units.csv", content=units.encode()),
        staff=register.UploadedTable(filename="S2.xlsx", content=content),
        document=document,
    )


def test_a_filled_template_is_read_back_by_the_importer(store: Store, small_round: str) -> None:
    strata = _read_back(store, small_round, _filled(store, small_round)).frame().strata
    assert [(s.group, len(s.people), s.selection) for s in strata] == [
        ("LD", 5, Selection.LIST),
        ("CC", 20, Selection.LIST),
    ]


def test_a_name_in_combining_letters_is_the_same_name(store: Store, small_round: str) -> None:
    apart = unicodedata.normalize("NFD", "Đặng Thị Ước")
    filled = _filled(store, small_round, {2: apart})
    people = _read_back(store, small_round, filled).frame().strata[0].people
    assert people[0].name == "Đặng Thị Ước"
    with pytest.raises(RefusedInputError, match="“Đặng Thị Ước” is listed 2 times"):
        _read_back(store, small_round, _filled(store, small_round, {2: apart, 9: "Đặng Thị Ước"}))


def test_faults_of_a_returned_template_are_told_together(store: Store, small_round: str) -> None:
    filled = _filled(store, small_round, {3: "Người 2"}, more=1)
    with pytest.raises(RefusedInputError) as refused:
        _read_back(store, small_round, filled)
    text = str(refused.value)
    assert "“Người 2” is listed 2 times" in text
    assert "the staff list has 21 people, the register says 20" in text


def _header_of(content: bytes) -> str:
    """Read the printed header of the first sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    return sheet.partition("<oddHeader>")[2].partition("</oddHeader>")[0]


def test_a_template_is_guarded_and_prints_on_one_page_wide(store: Store, small_round: str) -> None:
    template = _files(store, small_round, "S2")["S2-mau-danh-sach.xlsx"]
    sheet = openpyxl.load_workbook(io.BytesIO(template))["staff"]
    assert sheet.max_row == 1 + 5 + 20
    rules = sheet.data_validations.dataValidation
    assert len(rules) == 4
    assert all(rule.error for rule in rules)
    (twins,) = sheet.conditional_formatting
    assert [rule.type for rule in twins.rules] == ["duplicateValues"]
    assert (sheet.print_title_rows, sheet.page_setup.fitToHeight) == ("$1:$1", 0)
    assert "Sở Hai" in _header_of(template)


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
