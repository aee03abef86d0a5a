"""XLSForm in, refused: what is not supported, files that are none, files made to do harm."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires import DefinitionError, Questionnaire
from questionnaires.xlsform import read_xlsform, write_xlsform
from tests.questionnaires.workbooks import CHOICES, faults, form, workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def places(content: bytes) -> list[str]:
    return [fault.path for fault in faults(content)]


def one(content: bytes) -> str:
    found = faults(content)

    assert len(found) == 1, found
    return str(found[0])


def archive(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return stream.getvalue()


def repacked(content: bytes, changes: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        members = {name: read.read(name) for name in read.namelist()}
    return archive(members | changes)


@pytest.mark.parametrize(
    ("row", "place", "says"),
    [
        ("geopoint | x | Vị trí", "survey!A2", "type 'geopoint' is not supported"),
        ("image | x | Ảnh", "survey!A2", "type 'image' is not supported"),
        ("deviceid | x", "survey!A2", "nothing about device, person or times is recorded"),
        ("rank yn | x | Hạng", "survey!A2", "type 'rank yn' is not supported"),
        ("txet | x | Ý kiến", "survey!A2", "did you mean 'text'?"),
        ("select_one | x | Ý kiến", "survey!A2", "write the name of its list behind it"),
        ("select_one yx | x | Ý kiến", "survey!A2", "did you mean 'yn'?"),
        ("text | 2x | Ý kiến", "survey!B2", "a letter first"),
        ("text | | Ý kiến", "survey!A2", "fill in name"),
        ("text | x", "survey!B2", "fill in label"),
        ("text | x | Chào ${q}", "survey!C2", "${q} stands in a text"),
        ("integer | x | Số | . > today()", "survey!D2", "today() is not supported"),
        ("text | x | Số | regex(., '[0-9]+')", "survey!D2", "regex() is not supported"),
        ("text | x | Số | . != pulldata('a', 'b')", "survey!D2", "pulldata() is not supported"),
        ("integer | x | Số | . >> 3", "survey!D2", "column"),
        ("integer | x | Số | | ${n} = 1", "survey!E2", "unknown item n"),
        ("text | x | Số | | indexed-repeat(${x}, ${r}, 1) = 1", "survey!E2", "indexed-repeat()"),
        ("text | x | Số | | | new", "survey!F2", "appearance 'new' of a text is not supported"),
        ("select_one yn | x | Có | | | | seed=3", "survey!G2", "parameter seed=3"),
        ("text | x | Số | | | | | 5", "survey!H2", "column 'default' is not supported"),
        ("select_one yn | x | Có | | | | | | a=${x}", "survey!I2", "'choice_filter' is not supp"),
        ("text | x | Số | | | | | | | ${x} = 1", "survey!J2", "required is '${x} = 1'"),
        ("note | x | Đọc | . > 1", "survey!D2", "has no meaning on a row of type 'note'"),
        ("text | x | =A1&B1", "survey!C2", "formula '=A1&B1'"),
        ("begin repeat | x | Người\ntext|y|Tên\nend repeat", "survey!A2", "repeats go over"),
        ("end group", "survey!A2", "end_group closes no group"),
        ("text|x|Một\ntext|x|Hai", "survey!B3", "item id 'x' is used 2 times"),
        ("text|x|Một| | | | | | | | có lẽ", "survey!K2", "in a column without heading"),
    ],
)
def test_fault_is_named_at_its_cell(row: str, place: str, says: str) -> None:
    header = (
        "type | name | label | constraint | relevant | appearance | parameters | default"
        " | choice_filter | required"
    )
    found = [fault for fault in faults(form(f"{header}\n{row}")) if fault.path == place]

    assert [fault for fault in found if says in str(fault)], faults(form(f"{header}\n{row}"))
    assert all(fault.remedy for fault in found)


def test_everything_is_reported_at_once_in_the_order_of_the_workbook() -> None:
    survey = """
type          | name | label | relevant     | media::image
geopoint      | gps  | Ở đâu
select_one yx | q1   | Có?   |              | a.png
text          | q2   | Vì sao? | ${q9} = 1
"""
    choices = "list_name | name | label\nyn | 95 | Có\nyn | | Không"

    assert places(
        form(survey, choices, entities="a | b\n1 | 2", settings="style | xyz\nx | y")
    ) == [
        "survey!A2",
        "survey!A3",
        "survey!E3",
        "survey!D4",
        "choices!A2",
        "choices!B2",
        "choices!A3",
        "settings!B1",
        "entities!A1",
    ]


def test_what_follows_from_a_fault_is_not_reported_again() -> None:
    survey = """
type     | name | label  | relevant
geopoint | gps  | Ở đâu
text     | t    | Vì sao | ${gps} != ''
"""
    assert places(form(survey)) == ["survey!A2"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"type,name,label\n", "no Excel workbook"),
        (OLE + bytes(600), "old Excel file (.xls)"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (archive({"mimetype": b"application/vnd.oasis"}), "OpenDocument"),
        (archive({"xl/workbook.bin": b""}), ".xlsb"),
        (
            archive({"word/document.xml": b"<a/>", "[Content_Types].xml": b"<a/>"}),
            "no Excel workbook",
        ),
        (archive({"xl/workbook.xml": b"<a", "[Content_Types].xml": b"<a"}), "damaged"),
        (form("type|name|label\ntext|t|T")[:900], "damaged"),
        (workbook({"Câu hỏi": "type|name"}), "there is no sheet survey, only 'Câu hỏi'"),
        (workbook({"survey": ""}), "sheet survey has no question"),
    ],
)
def test_file_of_another_kind_is_refused_with_a_remedy(content: bytes, says: str) -> None:
    assert says in one(content)


def test_file_of_50_mib_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "to.xlsx"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(50 * 2**20)

    with pytest.raises(DefinitionError, match=r"the file has 50\.0 MiB, more than 8"):
        read_xlsform(path)


def test_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(form("type|name|label\ntext|t|T"), {"xl/media/a.bin": bytes(40 * 2**20)})

    assert len(bomb) < 2**20
    assert "unpacks to 40 MiB" in one(bomb)


def test_entities_are_refused() -> None:
    part = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'

    assert "defines entities" in one(
        repacked(form("type|name|label\ntext|t|T"), {"xl/sharedStrings.xml": part})
    )


def test_sheet_without_end_is_refused() -> None:
    rows = "\n".join(f"text|t{n}|T" for n in range(10_001))

    assert "more than 10000 rows" in one(form(f"type|name|label\n{rows}"))


def test_error_value_of_a_cell_is_named() -> None:
    book = openpyxl.Workbook()
    survey = book.active
    assert survey is not None
    survey.title = "survey"
    survey.append(["type", "name", "label"])
    survey.append(["text", "t", "#REF!"])
    stream = io.BytesIO()
    book.save(stream)

    assert "survey!C2: the cell holds the error #REF!" in str(faults(stream.getvalue())[0])


@pytest.mark.parametrize(
    ("survey", "place"),
    [
        ("type|name|label|labelx\ntext|t|T|x", "survey!D1"),
        ("type|name|label|Label\ntext|t|T|x", "survey!D1"),
        ("type|name|label|label::Klingon\ntext|t|T|x", "survey!D1"),
        ("type|name|label|khaosat::nummer\ntext|t|T|x", "survey!D1"),
    ],
)
def test_heading_that_is_not_known_is_named(survey: str, place: str) -> None:
    assert places(form(survey)) == [place]


def test_sheet_that_is_misspelt_is_named() -> None:
    content = workbook({"survey": "type|name|label\ntext|t|T", "choice": CHOICES})

    assert "did you mean 'choices'?" in one(content)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("khaosat::relevant", "${A2} > 7"),
        ("khaosat::constraints", "[]"),
        ("khaosat::constraints", "[{"),
        ("khaosat::kind", "matrix"),
        ("khaosat::role", "helper"),
        ("khaosat::places", "x"),
        ("khaosat::disclosure", "secret"),
    ],
)
def test_custom_column_that_contradicts_or_cannot_be_read_is_named(column: str, text: str) -> None:
    survey = f"""
type    | name | label | constraint     | relevant | {column}
decimal | A2   | Số
decimal | A3   | Số    | . >= 1 and (. != ${{A2}}) | ${{A2}} > 3 | {text}
"""
    assert "survey!F3" in places(form(survey))


def _changed(content: bytes, changes: list[tuple[int, object]]) -> bytes:
    """Put other values into some cells, counted over all sheets."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    filled = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    for number, value in changes:
        filled[number % len(filled)].value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _read_or_refused(content: bytes) -> None:
    found = faults(content)

    assert all(fault.message and fault.remedy and fault.line for fault in found)
    assert found or isinstance(read_xlsform(content), Questionnaire)


ODD = st.sampled_from(
    (
        *("", "x", "${x", "${A1} = ", "=1+1", "((((", "yes", "1e999", "select_one", "begin group"),
        *(
            "end group",
            "khaosat::x",
            "label::",
            "[]",
            "{",
            "null",
            "@{A1}",
            "’",
            "\u200b",
            "a" * 500,
        ),
    )
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, 5000), ODD | st.integers() | st.booleans() | st.floats(-9, 9)),
        min_size=1,
        max_size=6,
    )
)
def test_spoilt_cells_are_read_or_refused_with_place_and_remedy(
    new_kinds: Questionnaire, changes: list[tuple[int, object]]
) -> None:
    _read_or_refused(_changed(write_xlsform(new_kinds), changes))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 20_000), st.integers(0, 255), st.integers(0, 3))
def test_spoilt_bytes_are_read_or_refused(
    new_kinds: Questionnaire, place: int, byte: int, cut: int
) -> None:
    content = bytearray(write_xlsform(new_kinds))
    content[place % len(content)] = byte
    _read_or_refused(bytes(content[: len(content) - cut * 37]))


@pytest.mark.parametrize("kind", ["note", "integer", "select_one E1", "calculate"])
def test_line_beside_an_option_that_became_another_kind_is_refused_with_its_cell(
    new_kinds: Questionnaire, kind: str
) -> None:
    opened = openpyxl.load_workbook(io.BytesIO(write_xlsform(new_kinds)))
    rows = opened["survey"].iter_rows(min_row=2)
    (line,) = (row for row in rows if row[1].value == "E1_9")
    line[0].value = kind
    changed = io.BytesIO()
    opened.save(changed)
    said = "\n".join(map(str, faults(changed.getvalue())))
    assert "E1_9" in said
    assert f"{line[0].row}: survey!" in said
