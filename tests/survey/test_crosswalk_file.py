"""The register of a new year from that of the old one: counted, placed and importable."""

import io
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import survey
from survey.cli.sample import sample
from survey.errors import RefusedInputError
from survey.services import crosswalk_file, register, rounds
from survey.services.crosswalk_file import CarriedRegister
from survey.services.uploads import UploadedTable

EXAMPLE = Path(survey.__file__).parent / "examples" / "binh_phuoc_2022"
HEAD = "old,new,share,name,unit_group,parent,handles_procedures,list_date,valid_from\n"
UNITS = """\
code,name,unit_group,parent,handles_procedures,population_LD,population_CC,selection,list_date,\
valid_from,valid_to
S1,Sở Một,cap_so,,yes,4,6,positions,2022-09-30,2022-01-01,
S2,Sở Hai,cap_so,,no,5,20,positions,2022-09-30,2022-01-01,
S3,Sở Ba,cap_so,,no,1,9,picked,,2022-01-01,
X1,Xã Một,cap_xa,S3,,,,,,2022-01-01,
"""


def table(text: str, name: str = "changes.csv") -> UploadedTable:
    return UploadedTable(filename=name, content=text.encode())


def carried(changes: str, units: str = UNITS) -> CarriedRegister:
    return crosswalk_file.carry_register(table(units, "units.csv"), table(HEAD + changes))


def refusals(changes: str, units: str = UNITS) -> list[str]:
    with pytest.raises(RefusedInputError) as refused:
        carried(changes, units)
    return [str(fault) for fault in refused.value.faults]


def test_a_merger_and_a_division_keep_everybody() -> None:
    made = carried(
        "S1,S4,1,Sở Bốn,cap_so,,,,2023-03-01\n"
        "S2,S4,1/3,,,,,,\n"
        "S2,S5,2/3,Sở Năm,cap_so,,,2023-04-15,2023-03-01\n"
    )

    assert [unit.code for unit in made.units] == ["S3", "X1", "S4", "S5"]
    fourth, fifth = made.new_units
    assert fourth.populations["LD"] + fifth.populations["LD"] == 9
    assert (fourth.populations["CC"], fifth.populations["CC"]) in {(12, 14), (13, 13)}
    assert fourth.facts == {"unit.handles_procedures": "yes"}
    assert fifth.facts == {"unit.handles_procedures": "no"}
    assert str(fourth.list_date) == "2023-03-01"
    assert str(fifth.list_date) == "2023-04-15"
    assert [made.total(group, after=True) for group in ("LD", "CC")] == [10, 35]
    assert [made.total(group, after=False) for group in ("LD", "CC")] == [10, 35]


def test_a_unit_goes_on_under_its_code_with_what_it_was() -> None:
    made = carried("S1,S2,1,,,,,,2023-03-01\nS2,S2,1,,,,,,\n")

    (second,) = made.new_units
    assert (second.name, second.unit_group, dict(second.populations)) == (
        "Sở Hai",
        "cap_so",
        {"LD": 9, "CC": 26},
    )
    assert str(second.valid_from) == "2023-03-01"


def test_lists_of_whole_units_stay_lists_and_divided_ones_are_asked_for(tmp_path: Path) -> None:
    units = UploadedTable(filename="units.csv", content=(EXAMPLE / "units.csv").read_bytes())
    staff = UploadedTable(filename="staff.csv", content=(EXAMPLE / "staff.csv").read_bytes())
    changes = table(
        HEAD + "SO03,SO21,1,Sở ghép,cap_so,,,,2023-03-01\nSO09,SO21,1,,,,,,\n"
        "SO11,SO22,1/2,Sở Mới,cap_so,,,,2023-03-01\nSO11,SO11,1/2,,,,,,2023-03-01\n"
    )
    made = crosswalk_file.carry_register(units, changes, staff=staff)

    merged = next(unit for unit in made.new_units if unit.code == "SO21")
    assert merged.selection == "list"
    assert [person.position for person in merged.staff["LD"]] == list(range(1, 19))
    assert {unit for unit, _ in made.lists_needed} == {"SO11", "SO22"}
    file = tmp_path / "moi.xlsx"
    file.write_bytes(crosswalk_file.register_xlsx(made))
    document = rounds.read_round(EXAMPLE / "round.yaml")[0].model_copy(update={"year": 2023})
    again = register.parse_register(
        units=UploadedTable(filename=file.name, content=file.read_bytes()),
        staff=None,
        document=document,
    )
    assert again.frame().digest == register.Register(file="", units=made.units).frame().digest


def test_csv_and_workbook_import_into_a_round_alike(small_round_file: Path) -> None:
    made = carried("S1,S4,1,Sở Bốn,cap_so,,,,2022-10-15\nS2,S4,1,,,,,,\n")
    document, _ = rounds.read_round(small_round_file)
    found = [
        register.parse_register(
            units=UploadedTable(filename=name, content=content), staff=None, document=document
        )
        for name, content in (
            ("moi.csv", crosswalk_file.register_csv(made)),
            ("moi.xlsx", crosswalk_file.register_xlsx(made)),
        )
    ]

    assert found[0].units == found[1].units
    assert found[0].frame() == register.Register(file="", units=made.units).frame()


def test_the_workbook_names_the_lines_that_made_each_unit() -> None:
    made = carried("S1,S4,1,Sở Bốn,cap_so,,,,2023-03-01\nS2,S4,1,,,,,,\n")
    book = openpyxl.load_workbook(io.BytesIO(crosswalk_file.register_xlsx(made)))

    rows = list(book["Nguồn gốc"].iter_rows(min_row=2, values_only=True))
    assert rows == [
        ("S4", "Sở Bốn", "S1", "Sở Một", "1", 4, 6),
        ("S4", "Sở Bốn", "S2", "Sở Hai", "1", 5, 20),
    ]


def test_every_fault_of_register_and_changes_is_named_at_once() -> None:
    said = refusals(
        "S1,S4,0.5,Sở Bốn,cap_so,,,,hôm qua\nS2,S5,nửa,,,,,,\nS 3,S5,1,,,,,,\n",
        UNITS.replace("yes,4", "maybe,-4"),
    )

    assert [line.split(":")[0] for line in said] == [
        "units.csv, row 2, handles_procedures",
        "units.csv, row 2, population_LD",
        "changes.csv, row 2, valid_from",
        "changes.csv, row 3, share",
        "changes.csv, row 4, old",
    ]


def test_every_fault_of_the_shares_is_named_at_once() -> None:
    said = refusals(
        "S1,S4,0.5,Sở Bốn,cap_so,,,,2023-03-01\n"
        "S9,S4,1,Sở Khác,,,,,\n"
        "S2,S5,1,,,,,,\n"
        "S3,X1,1,Xã Một,cap_xa,,,,2023-03-01\n"
    )

    assert "different things (Sở Bốn, Sở Khác)" in said[0]
    for line, column in zip(said[1:4], ("name", "unit_group", "valid_from"), strict=True):
        assert line.startswith(f"changes.csv, row 4, {column}: “S5”")
    assert [line.split(";")[0] for line in said[4:]] == [
        "S1: the shares of this unit add up to 1/2 in 1 line(s)",
        "S9: the old frame has no such unit",
        "X1: the code belongs to an old unit that no line names",
    ]


def test_a_new_register_that_could_not_be_imported_is_refused() -> None:
    assert refusals("S3,S6,1,Sở Sáu,cap_so,,,,2023-03-01\n") == [
        "X1, parent: “S3” No row has the code of this parent; add it or leave the cell empty."
    ]
    assert [
        line.split(";")[0] for line in refusals("S1,S6,1,Sở Hai,cap_so,,,2023-01-01,2023-03-01\n")
    ] == [
        "S2, name: “Sở Hai” The same name with the same parent also stands in row(s) S6",
        "S6, name: “Sở Hai” The same name with the same parent also stands in row(s) S2",
        "S6, list_date: “2023-01-01” The list is older than the unit (2023-03-01)",
    ]


def test_a_register_that_counts_nobody_is_refused() -> None:
    assert refusals("S1,S4,1,Sở Bốn,cap_so,,,,2023-03-01\n", UNITS.replace("population_", "so_"))[
        0
    ].startswith("units.csv, row 1, population_…")


def test_the_command_prints_totals_and_its_file_is_imported(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "changes.csv").write_text(
        "old,new,share,name,unit_group,valid_from\nS1,S4,1,Sở Bốn,cap_so,2023-03-01\nS2,S4,1,,,\n",
        encoding="utf-8",
    )
    target = tmp_path / "moi.csv"
    arguments = [str(tmp_path / "units.csv"), str(tmp_path / "changes.csv"), "--to", str(target)]
    done = CliRunner().invoke(sample, ["crosswalk", *arguments])

    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert ["│", "before", "│", "4", "│", "10", "│", "35", "│"] in lines
    assert ["│", "after", "│", "3", "│", "10", "│", "35", "│"] in lines
    assert target.read_text(encoding="utf-8-sig").splitlines()[-1] == (
        "S4,Sở Bốn,cap_so,,yes,9,26,positions,2023-03-01,2023-03-01,"
    )


def test_lists_need_a_file_of_their_own_beside_a_csv(tmp_path: Path) -> None:
    changes = tmp_path / "changes.csv"
    changes.write_text(HEAD + "SO01,SO21,1,Sở Mới,cap_so,,,,2023-03-01\n", encoding="utf-8")
    target, lists = tmp_path / "moi.csv", tmp_path / "ten.csv"
    start = ["crosswalk", str(EXAMPLE / "units.csv"), str(changes), "--to", str(target)]
    start += ["--staff", str(EXAMPLE / "staff.csv")]

    refused = CliRunner().invoke(sample, start)
    assert refused.exit_code == 2
    assert not target.exists()
    assert CliRunner().invoke(sample, [*start, "--staff-to", str(lists)]).exit_code == 0
    old = (EXAMPLE / "staff.csv").read_text(encoding="utf-8").splitlines()
    assert lists.read_text(encoding="utf-8-sig").splitlines() == old
