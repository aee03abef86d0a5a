"""Files from a stranger's computer are refused politely, whatever they are."""

import io
import zipfile

import openpyxl
import pytest

from survey.rules.register_lines import TableText
from survey.services.uploads import (
    LARGEST_FILE,
    MOST_COLUMNS,
    MOST_ROWS,
    UploadedTable,
    read_table,
)

_COLUMNS = ("a", "b")


def _read(content: bytes, sheet: str = "s") -> TableText:
    return read_table(UploadedTable(filename="f", content=content), sheet=sheet, columns=_COLUMNS)


def _workbook(rows: list[list[object]], title: str = "s") -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _with_member(workbook: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        members = {entry: archive.read(entry) for entry in archive.namelist()}
    return _zip({**members, name: content})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "column-missing"),
        (b"a,b\n", "file-empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old Excel", "file-old-excel"),
        (b"PK\x03\x04 torn", "file-unreadable"),
        (_zip({"hello.txt": b"no workbook"}), "file-unreadable"),
        (_zip({"[Content_Types].xml": b"<not xml"}), "file-unreadable"),
        ("a,b\nS\u1edf,1\n".encode("utf-16"), "file-not-utf8"),
        ("a,b\ncafé,1\n".encode("latin-1"), "file-not-utf8"),
        (b'a,b\n"torn,1\n', "file-unreadable"),
        (b"a,b\n" + b"x" * LARGEST_FILE, "file-too-large"),
        (b"a,b\n" + b"1,2\n" * (MOST_ROWS + 1), "too-many-rows"),
        (b'a,b\n"' + b"x" * 200_000 + b'",1\n', "file-unreadable"),
        (b"a,b\n" + b"x" * 3000 + b",1\n", "cell-long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    faults = _read(content).faults
    assert faults
    assert {fault.code for fault in faults} == {code}
    assert all(str(fault).startswith("f") for fault in faults)


def test_a_workbook_that_unpacks_to_much_is_refused_unread() -> None:
    bomb = _with_member(_workbook([["a", "b"], [1, 2]]), "xl/media/x.bin", b"\0" * (65 * 2**20))
    assert len(bomb) < 2**20
    assert [fault.code for fault in _read(bomb).faults] == ["file-too-large"]


def test_a_workbook_of_fifty_megabytes_is_refused_unread() -> None:
    content = _workbook([["a", "b"], [1, 2]]) + b"\0" * (50 * 2**20)
    assert [fault.code for fault in _read(content).faults] == ["file-too-large"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_defines_entities_is_refused(encoding: str) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'.encode(encoding)
    content = _with_member(_workbook([["a", "b"], [1, 2]]), "xl/sharedStrings.xml", laughs)
    faults = _read(content).faults
    assert [(fault.code, fault.values["reason"]) for fault in faults] == [
        ("file-unreadable", "DOCTYPE")
    ]


def test_a_workbook_that_lies_about_its_size_is_read_whole() -> None:
    content = _workbook([["a", "b"], *([n, n] for n in range(50))])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    lied = sheet.replace(b'<dimension ref="A1:B51"', b'<dimension ref="A1:A2"')
    assert lied != sheet
    table = _read(_with_member(content, "xl/worksheets/sheet1.xml", lied))
    assert len(table.lines) == 50
    assert table.lines[49].cells["b"].text == "49"


def test_a_value_far_below_is_refused_without_filling_the_memory() -> None:
    content = _workbook([["a", "b"], [1, 2]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    row = b'<row r="4000000000"><c r="A4000000000"><v>1</v></c></row>'
    far = sheet.replace(b"</sheetData>", row + b"</sheetData>")
    faults = _read(_with_member(content, "xl/worksheets/sheet1.xml", far)).faults
    assert [fault.code for fault in faults] == ["too-many-rows"]


def test_blank_rows_between_and_below_are_no_lines() -> None:
    table = _read(_workbook([["a", "b"], [None, None], [1, 2], [None, " "], [None, None]]))
    assert [line.row for line in table.lines] == [3]


def test_the_named_sheet_is_read_else_the_first() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for title, value in (("first", "1"), ("second", "2")):
        sheet = book.create_sheet(title)
        sheet.append(["a", "b"])
        sheet.append([value, value])
    book.remove(book.active)
    file = io.BytesIO()
    book.save(file)
    found = [_read(file.getvalue(), sheet).lines[0].cells["a"].text for sheet in ("second", "x")]
    assert found == ["2", "1"]


def test_a_line_of_a_thousand_columns_is_not_read_to_its_end() -> None:
    # Comparing each name with all others takes hours for the million that a file can hold.
    table = _read(",".join(f"c{number}" for number in range(1_000)).encode())
    assert len(table.faults) == MOST_COLUMNS + len(_COLUMNS)


def test_a_broken_workbook_is_one_fault_and_not_a_table_without_columns() -> None:
    table = read_table(
        UploadedTable(filename="units.XLSX", content=b"not a workbook\n"),
        sheet="s",
        columns=_COLUMNS,
    )
    assert [fault.code for fault in table.faults] == ["file-unreadable"]
