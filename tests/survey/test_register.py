"""A unit register is taken as a whole, or refused with every fault of it."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sampling import Selection, check_frame
from survey.errors import RefusedInputError
from survey.rules.register import Register
from survey.rules.register_faults import RegisterFault
from survey.rules.round_document import RoundDocument
from survey.services.register import UploadedTable, parse_register, template_xlsx
from survey.services.rounds import read_round

_HEAD = (
    "code,name,unit_group,parent,handles_procedures,population_LD,population_CC,"
    "selection,list_date,valid_from,valid_to\n"
)
_GOOD = "S1,Sở Một,cap_so,,yes,4,6,positions,2022-09-30,2022-01-01,\n"
_LISTED = "S1,Sở Một,cap_so,,yes,2,1,list,2022-09-30,2022-01-01,\n"
_STAFF_HEAD = "unit,group,position,name\n"
_STAFF = _STAFF_HEAD + "S1,LD,1,An\nS1,LD,2,Bình\nS1,CC,1,Chi\n"

_NO_LIST = (2, "selection", "staff-missing")
_GAP = (3, "position", "frame-position-gap")


@pytest.fixture
def document(small_round_file: Path) -> RoundDocument:
    return read_round(small_round_file)[0]


def _table(name: str, text: str | bytes) -> UploadedTable:
    return UploadedTable(filename=name, content=text.encode() if isinstance(text, str) else text)


def _parse(document: RoundDocument, units: str | bytes, staff: str | None = None) -> Register:
    return parse_register(
        units=_table("units.csv", units),
        staff=None if staff is None else _table("staff.csv", staff),
        document=document,
    )


def _faults(
    document: RoundDocument, units: str | bytes, staff: str | None = None
) -> list[RegisterFault]:
    with pytest.raises(RefusedInputError) as refused:
        _parse(document, units, staff)
    return [fault for fault in refused.value.faults if isinstance(fault, RegisterFault)]


def _places(faults: list[RegisterFault]) -> list[tuple[int | None, str | None, str]]:
    return [(fault.row, fault.column, fault.code) for fault in faults]


def test_a_good_register_is_read_in_the_order_of_its_lines(document: RoundDocument) -> None:
    register = _parse(document, _HEAD + "S2" + _GOOD[2:].replace("Một", "Hai") + _GOOD)
    assert [unit.code for unit in register.units] == ["S2", "S1"]
    unit = register.units[1]
    assert (unit.name, unit.populations, unit.selection) == (
        "Sở Một",
        {"LD": 4, "CC": 6},
        Selection.POSITIONS,
    )
    assert (unit.list_date, unit.valid_from, unit.valid_to) == (
        date(2022, 9, 30),
        date(2022, 1, 1),
        None,
    )
    assert unit.facts == {"unit.handles_procedures": "yes"}
    assert check_frame(register.frame()) == []


def test_staff_lists_are_read_by_position(document: RoundDocument) -> None:
    shuffled = _STAFF_HEAD + "S1,LD,2,Bình\nS1,CC,1,Chi\nS1,LD,1,An\n"
    register = _parse(document, _HEAD + _LISTED, shuffled)
    assert [person.name for person in register.units[0].staff["LD"]] == ["An", "Bình"]


def test_columns_may_stand_in_any_order(document: RoundDocument) -> None:
    rows = [line.split(",") for line in (_HEAD + _GOOD).splitlines()]
    turned = "\n".join(",".join(reversed(row)) for row in rows)
    assert _parse(document, turned).units[0].code == "S1"


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("code", "", "value-missing"),
        ("code", "S 1", "code-spaces"),
        ("code", "S" * 33, "cell-long"),
        ("code", "=S1", "cell-formula"),
        ("name", "", "value-missing"),
        ("name", "Sở " + "x" * 300, "cell-long"),
        ("name", "Sở\x07Một", "cell-unprintable"),
        ("unit_group", "cap_tinh", "unit-group-unknown"),
        ("unit_group", "", "value-missing"),
        ("parent", "S9", "parent-unknown"),
        ("parent", "S1", "parent-circle"),
        ("handles_procedures", "", "value-missing"),
        ("handles_procedures", "co", "not-yes-or-no"),
        ("population_LD", "", "value-missing"),
        ("population_LD", "-4", "number-negative"),
        ("population_LD", "−4", "number-negative"),
        ("population_LD", "4.5", "number-not-whole"),
        ("population_LD", '"4,5"', "number-not-whole"),
        ("population_LD", "bốn", "number-not-whole"),
        ("population_LD", "²", "number-not-whole"),
        ("population_LD", "1.234", "number-grouped"),
        ("population_LD", '"1,234"', "number-grouped"),
        ("population_LD", "1 234", "number-grouped"),
        ("population_LD", "1\u00a0234\u00a0567", "number-grouped"),
        ("population_LD", "1000001", "number-large"),
        ("population_LD", "9" * 1500, "number-large"),
        ("population_LD", "=2+2", "cell-formula"),
        ("selection", "", "value-missing"),
        ("selection", "random", "selection-unknown"),
        ("selection", "LIST", "selection-unknown"),
        ("list_date", "", "value-missing"),
        ("list_date", "30.9.2022", "date-unreadable"),
        ("list_date", "31/02/2022", "date-unreadable"),
        ("list_date", "2022-13-01", "date-unreadable"),
        ("list_date", "2021-12-31", "list-before-unit"),
        ("valid_from", "", "value-missing"),
        ("valid_from", "0022-01-01", "date-unreadable"),
        ("valid_from", "2023-01-01", "unit-not-valid-in-year"),
        ("valid_to", "2021-12-31", "dates-reversed"),
    ],
)
def test_a_wrong_cell_is_refused_at_its_place(
    document: RoundDocument, column: str, value: str, code: str
) -> None:
    columns = _HEAD.strip().split(",")
    cells = _GOOD.strip("\n").split(",")
    cells[columns.index(column)] = value
    if column == "valid_from":
        cells[columns.index("list_date")] = "2024-01-01"
    places = _places(_faults(document, _HEAD + ",".join(cells) + "\n"))
    assert (2, column, code) in places
    # Without its group a unit cannot fill the group that has quotas.
    assert {place[2] for place in places} <= {code, "unit-group-empty"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("yes", "yes"), ("Có", "yes"), ("KHÔNG", "no"), ("kho\u0302ng", "no"), ("no", "no")],
)
def test_yes_and_no_are_read_in_both_languages(
    document: RoundDocument, value: str, expected: str
) -> None:
    register = _parse(document, _HEAD + _GOOD.replace("yes", value))
    assert register.units[0].facts["unit.handles_procedures"] == expected


def test_dates_are_read_in_both_declared_forms(document: RoundDocument) -> None:
    register = _parse(document, _HEAD + _GOOD.replace("2022-09-30", "30/9/2022"))
    assert register.units[0].list_date == date(2022, 9, 30)


def test_a_unit_that_ended_before_the_year_is_refused(document: RoundDocument) -> None:
    line = "S1,Sở Một,cap_so,,yes,4,6,picked,,2020-01-01,2021-12-31\n"
    fault = _faults(document, _HEAD + line)[0]
    assert str(fault) == (
        "units.csv, row 2, valid_to: “2021-12-31” The unit does not exist in 2022, the year of "
        "the round (2020-01-01 to 2021-12-31)."
    )


def test_units_nobody_asks_need_little(document: RoundDocument) -> None:
    register = _parse(document, _HEAD + _GOOD + "X1,Xã Một,cap_xa,S1,,,,,,2022-01-01,\n")
    commune = register.units[1]
    assert (commune.populations, commune.facts, commune.parent) == ({}, {}, "S1")
    assert [unit.unit for unit in register.frame().uncounted] == ["X1"]


def test_twin_codes_are_found_whatever_their_spelling(document: RoundDocument) -> None:
    composed, decomposed, capital = "Sở1", "So\u031b\u03091", "SỞ1"
    lines = "".join(
        _GOOD.replace("S1", code).replace("Một", f"Một {code}")
        for code in (composed, decomposed, capital)
    )
    faults = [f for f in _faults(document, _HEAD + lines) if f.code == "code-twice"]
    assert [(fault.row, fault.values["rows"]) for fault in faults] == [
        (2, "3, 4"),
        (3, "2, 4"),
        (4, "2, 3"),
    ]


def test_one_unit_under_two_codes_is_found(document: RoundDocument) -> None:
    faults = _faults(document, _HEAD + _GOOD + _GOOD.replace("S1", "S2").replace("Sở", "SỞ "))
    assert _places(faults) == [(2, "name", "unit-twice"), (3, "name", "unit-twice")]


def test_units_below_each_other_are_found(document: RoundDocument) -> None:
    lines = [
        _GOOD.replace("S1", f"S{n}").replace("Một", str(n)).replace("cap_so,", f"cap_so,S{up}")
        for n, up in ((1, 2), (2, 3), (3, 1), (4, 1))
    ]
    faults = _faults(document, _HEAD + "".join(lines))
    assert [(fault.row, fault.values["circle"]) for fault in faults] == [
        (2, "S1 → S2 → S3 → S1"),
        (3, "S2 → S3 → S1 → S2"),
        (4, "S3 → S1 → S2 → S3"),
    ]


def test_a_group_with_quotas_needs_units(document: RoundDocument) -> None:
    faults = _faults(document, _HEAD + "X1,Xã Một,cap_xa,,,,,,,2022-01-01,\n")
    assert _places(faults) == [(None, "unit_group", "unit-group-empty")]


def test_missing_unknown_and_repeated_columns_are_named(document: RoundDocument) -> None:
    head = _HEAD.replace("valid_to", "name").replace("population_CC", "population_XX")
    faults = _faults(document, head + _GOOD)
    assert _places(faults) == [
        (1, "name", "column-twice"),
        (1, "population_CC", "column-missing"),
        (1, "valid_to", "column-missing"),
        (1, "population_XX", "column-unknown"),
    ]


def test_a_cell_beside_the_columns_is_named_as_spreadsheets_do(document: RoundDocument) -> None:
    faults = _faults(document, _HEAD + _GOOD.strip() + ",x\n")
    assert _places(faults) == [(2, "L", "cell-without-column")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("S1,CC", "S9,CC", [_NO_LIST, (4, "unit", "staff-unit-unknown")]),
        ("CC", "XX", [_NO_LIST, (4, "group", "staff-group-unknown")]),
        ("LD,2", "LD,3", [_GAP]),
        ("LD,2", "LD,1", [_GAP, (3, "position", "frame-position-twice")]),
        ("LD,2", "LD,0", [(3, "position", "position-from-one")]),
        ("LD,2", "LD,hai", [(3, "position", "number-not-whole")]),
        ("Bình", "", [(3, "name", "value-missing")]),
        ("Bình", "  an ", [(3, "name", "frame-person-twice")]),
        ("Chi", "AN", [(4, "name", "frame-person-twice")]),
        ("Chi", "Chi\nS1,LD,3,Dung", [(2, "population_LD", "frame-list-length")]),
    ],
)
def test_staff_lists_are_judged(
    document: RoundDocument, before: str, after: str, expected: list[tuple[int, str, str]]
) -> None:
    staff = _STAFF.replace(before, after)
    assert _places(_faults(document, _HEAD + _LISTED, staff)) == expected


def test_units_drawn_from_lists_need_them(document: RoundDocument) -> None:
    faults = _faults(document, _HEAD + _LISTED)
    assert _places(faults) == [_NO_LIST, _NO_LIST]
    assert [(fault.values["group"], fault.values["count"]) for fault in faults] == [
        ("LD", 2),
        ("CC", 1),
    ]


def test_a_list_that_would_not_be_used_is_refused(document: RoundDocument) -> None:
    faults = _faults(document, _HEAD + _LISTED.replace("list", "positions"), _STAFF)
    assert {fault.code for fault in faults} == {"frame-list-unused"}
    assert faults[0].file == "units.csv"


def test_a_list_of_an_uncounted_group_is_refused(document: RoundDocument) -> None:
    units = _HEAD + _GOOD + "X1,Xã Một,cap_xa,,,,,,,2022-01-01,\n"
    faults = _faults(document, units, _STAFF_HEAD + "X1,LD,1,An\n")
    assert _places(faults) == [(2, "unit", "staff-not-counted")]


def test_namesakes_in_two_units_are_two_people(document: RoundDocument) -> None:
    units = _HEAD + _LISTED + _LISTED.replace("S1", "S2").replace("Một", "Hai")
    staff = _STAFF + _STAFF.removeprefix(_STAFF_HEAD).replace("S1", "S2")
    assert len(_parse(document, units, staff).units) == 2


def test_every_fault_of_both_files_is_said_at_once(document: RoundDocument) -> None:
    units = (
        _HEAD + ",Sở Không Mã,cap_so,,yes,4,6,positions,2022-09-30,2022-01-01,\n"
        "S2,Sở Hai,cap_so,S8,maybe,-1,1.234,list,hôm qua,2022-01-01,2021-01-01\n"
        "S3,Sở Ba,cap_bo,,yes,4,6,positions,2022-09-30,2022-01-01,\n"
    )
    staff = _STAFF_HEAD + "S2,LD,1,An\nS2,LD,1,an\nS7,LD,1,\n"
    assert _places(_faults(document, units, staff)) == [
        (2, "code", "value-missing"),
        (3, "parent", "parent-unknown"),
        (3, "handles_procedures", "not-yes-or-no"),
        (3, "population_LD", "number-negative"),
        (3, "population_CC", "number-grouped"),
        (3, "list_date", "date-unreadable"),
        (3, "valid_to", "dates-reversed"),
        (4, "unit_group", "unit-group-unknown"),
        (3, "name", "frame-person-twice"),
        (3, "position", "frame-position-gap"),
        (3, "position", "frame-position-twice"),
        (4, "name", "value-missing"),
        (4, "unit", "staff-unit-unknown"),
    ]


def test_a_mistyped_unit_of_a_whole_list_is_one_fault_with_its_count(
    document: RoundDocument,
) -> None:
    staff = _STAFF_HEAD + "".join(f"S9,CC,{place},Người {place}\n" for place in range(1, 8))
    found = [
        fault
        for fault in _faults(document, _HEAD + _GOOD, staff)
        if fault.code == "staff-unit-unknown"
    ]
    assert [fault.row for fault in found] == [2]
    assert "7 row(s)" in str(found[0])


def test_a_refusal_can_be_read_as_one_text(document: RoundDocument) -> None:
    with pytest.raises(RefusedInputError) as refused:
        _parse(document, _HEAD + _GOOD.replace(",4,", ",1.234,"))
    assert str(refused.value) == (
        "The unit register was refused: 1 fault(s). Nothing was stored.\n"
        "  - units.csv, row 2, population_LD: “1.234” Write a whole number with digits only, such "
        "as 1234, without separators."
    )


def _filled_template(document: RoundDocument) -> openpyxl.Workbook:
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx(document)))
    for sheet, text in (("units", _LISTED), ("staff", _STAFF.removeprefix(_STAFF_HEAD))):
        for line in text.splitlines():
            book[sheet].append(line.split(","))
    return book


def _saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_template_filled_in_is_one_upload(document: RoundDocument) -> None:
    content = _saved(_filled_template(document))
    register = parse_register(units=_table("register.xlsx", content), staff=None, document=document)
    assert [person.name for person in register.units[0].staff["LD"]] == ["An", "Bình"]


def test_the_empty_template_says_that_it_is_empty(document: RoundDocument) -> None:
    faults = _faults(document, template_xlsx(document))
    assert _places(faults) == [(None, None, "file-empty")]


def test_the_template_explains_every_column(document: RoundDocument) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx(document)))
    assert book.sheetnames == ["units", "staff", "Hướng dẫn"]
    rows = list(book["Hướng dẫn"].iter_rows(min_row=2, values_only=True))
    columns = [cell.value for sheet in ("units", "staff") for cell in book[sheet][1]]
    assert [row[1] for row in rows] == columns
    assert "Tổng số người thuộc nhóm “Lãnh đạo”" in str(rows[5][2])


def test_faults_of_a_second_sheet_name_the_sheet(document: RoundDocument) -> None:
    book = _filled_template(document)
    book["staff"]["D2"] = None
    faults = _faults(document, _saved(book))
    assert str(faults[0]) == "units.csv [staff], row 2, name: The value is missing; write it."


def test_workbook_cells_keep_what_was_typed(document: RoundDocument) -> None:
    book = _filled_template(document)
    units = book["units"]
    units["E2"], units["F2"], units["G2"] = True, 2, 1.0
    units["I2"], units["J2"] = date(2022, 9, 30), "1/1/2022"
    unit = parse_register(
        units=_table("r.xlsx", _saved(book)), staff=None, document=document
    ).units[0]
    assert unit.populations == {"LD": 2, "CC": 1}
    assert (unit.list_date, unit.valid_from) == (date(2022, 9, 30), date(2022, 1, 1))
    assert unit.facts == {"unit.handles_procedures": "yes"}


def test_formulas_errors_and_numbers_for_codes_are_refused(document: RoundDocument) -> None:
    book = _filled_template(document)
    units = book["units"]
    units["A2"], units["B2"], units["F2"], units["G2"] = 1, '=UPPER("a")', "#N/A", 1.5
    units["F2"].data_type = "e"
    faults = [fault for fault in _faults(document, _saved(book)) if fault.file == "units.csv"]
    assert _places(faults) == [
        (2, "code", "code-number"),
        (2, "name", "cell-formula"),
        (2, "population_LD", "cell-error"),
        (2, "population_CC", "number-not-whole"),
    ]


@pytest.mark.parametrize(
    ("prefix", "separator"), [("", ","), ("\ufeff", ","), ("", ";"), ("\ufeff", "\t")]
)
def test_csv_as_spreadsheets_write_it(document: RoundDocument, prefix: str, separator: str) -> None:
    text = prefix + (_HEAD + _GOOD).replace(",", separator).replace("\n", "\r\n")
    assert _parse(document, text).units[0].name == "Sở Một"


def test_decomposed_names_are_composed(document: RoundDocument) -> None:
    register = _parse(document, _HEAD + _GOOD.replace("Sở Một", "So\u031b\u0309 Mo\u0323\u0302t"))
    assert register.units[0].name == "Sở Một"


def test_blank_lines_are_counted_but_not_read(document: RoundDocument) -> None:
    faults = _faults(document, _HEAD + "\n,,,,,,,,,,\n" + _GOOD.replace("yes", "maybe"))
    assert _places(faults) == [(4, "handles_procedures", "not-yes-or-no")]
