"""`sample select`: files an office has, every fault at once, nothing half written."""

import csv
import io
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click import ClickException
from click.testing import CliRunner

import survey
from sampling.coordination import Coordination
from sampling.listed import ListMethod
from sampling.pps import PpsMethod
from stats.design import Design
from survey.cli.sample import sample
from survey.cli.sample_files import write_whole
from survey.services.select_methods import BALANCED, COORDINATED, LISTED, SIZED, SelectMethod

COMMUNES = Path(survey.__file__).parent / "examples" / "multi_stage" / "communes.csv"
HEADER = ["ma_xa", "khu_vuc", "so_ho"]
ROWS = [
    [f"X{number:02}", "đô thị" if number % 3 == 0 else "nông thôn", str(100 + 13 * number)]
    for number in range(1, 16)
]


def call(*arguments: object) -> tuple[int, str]:
    """Run a command; its status, and what it or its refusal says."""
    done = CliRunner().invoke(sample, [str(argument) for argument in arguments])
    said = str(done.exception) if done.exception and done.exit_code == 1 else ""
    return done.exit_code, done.output + said


def written(path: Path, rows: list[list[str]], header: list[str] = HEADER) -> Path:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([header, *rows])
    path.write_text(file.getvalue(), encoding="utf-8")
    return path


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    return written(tmp_path / "xa.csv", ROWS)


def select(frame: Path, *more: object, method: str = "sampford") -> tuple[int, str]:
    size = () if method in ("simple", "systematic") else ("--size", "so_ho")
    common = ("--code", "ma_xa", "--method", method, *size, "--seed", 2026)
    return call("select", frame, *common, "--to", frame.parent / "draw.json", *more)


@pytest.mark.parametrize("method", [method.value for method in SelectMethod])
def test_every_method_draws_and_is_verified(frame: Path, method: str) -> None:
    balance = ("--balance", "so_ho") if method == "cube" else ()
    status, said = select(frame, "--n", 5, "--stratum", "khu_vuc", *balance, method=method)
    assert status == 0, said
    assert "digest" in said
    target = frame.parent / "draw.json"
    status, said = call("verify", target)
    assert (status, "the draw is what its seed and frame give" in said) == (0, True)
    content = json.loads(target.read_text("utf-8"))
    selected = content["strata"][0]["record"]["selected"]
    content["strata"][0]["record"]["selected"] = ["X99", *selected[1:]]
    target.write_text(json.dumps(content), "utf-8")
    status, said = call("verify", target)
    assert status == 1
    assert f"selected[0]: the draw gives '{selected[0]}', the file says 'X99'" in said


def test_the_command_has_every_method_that_the_room_has() -> None:
    assert set(SIZED.values()) == set(PpsMethod)
    assert set(COORDINATED.values()) == set(Coordination)
    assert set(LISTED.values()) == set(ListMethod)
    assert len(SelectMethod) == len({*SIZED, *COORDINATED, *LISTED, BALANCED})
    _, said = call("select", "--help")
    assert all(method.value in said for method in SelectMethod)


def test_csv_and_xlsx_of_one_frame_give_one_sample(tmp_path: Path) -> None:
    written(tmp_path / "xa.csv", ROWS)
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [HEADER, *ROWS]:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(tmp_path / "xa.xlsx")
    strata = []
    for name in ("xa.csv", "xa.xlsx"):
        assert select(tmp_path / name, "--n", 4)[0] == 0
        content = json.loads((tmp_path / "draw.json").read_text("utf-8"))
        strata.append((content["frame"], content["strata"]))
    assert strata[0] == strata[1]


def test_the_same_seed_gives_the_same_files_byte_for_byte(frame: Path, tmp_path: Path) -> None:
    names = ("draw.json", "w.csv", "w.xlsx", "joint.csv")
    kept = []
    for columns in ("w.csv", "w.xlsx") * 2:
        options = ("--columns", tmp_path / columns, "--joint", tmp_path / "joint.csv")
        assert select(frame, "--n", 4, *options)[0] == 0
        kept.append([(tmp_path / n).read_bytes() for n in names if (tmp_path / n).exists()])
    assert kept[1] == kept[2] == kept[3]


def test_the_columns_carry_a_design(tmp_path: Path) -> None:
    target = tmp_path / "w.csv"
    status, said = call(
        *("select", COMMUNES, "--code", "ma_xa", "--size", "so_ho", "--method", "tille"),
        *("--n", 5, "--seed", 1, "--keep", "ten_xa,so_ho", "--columns", target),
        *("--to", tmp_path / "draw.json"),
    )
    assert status == 0, said
    assert "taken with certainty (1): X01 (3360)" in said
    table = pd.read_csv(target)
    assert table["ten_xa"].str.startswith("Xã ví dụ").all()
    design = Design.from_table(table, weight="weight", strata="strata", psu="psu", fpc="fpc")
    assert design is not None
    households = pd.read_csv(COMMUNES)["so_ho"].sum()
    assert (table["weight"] * table["so_ho"]).sum() == pytest.approx(households)


def test_n_from_a_column_and_reserves_in_order(tmp_path: Path) -> None:
    rows = [[*row, "2" if row[1] == "đô thị" else "3"] for row in ROWS]
    frame = written(tmp_path / "xa.csv", rows, [*HEADER, "mau"])
    options = ("--stratum", "khu_vuc", "--n-column", "mau", "--reserves", 2)
    status, said = select(frame, *options, method="simple")
    assert status == 0, said
    content = json.loads((tmp_path / "draw.json").read_text("utf-8"))
    assert content["request"]["take"] == {"nông thôn": 3, "đô thị": 2}
    assert [len(part["reserves"]) for part in content["strata"]] == [2, 2]
    assert ", ".join(content["strata"][0]["reserves"]) in said


def test_every_fault_is_listed_at_once_with_its_rows(tmp_path: Path) -> None:
    accented = "Xã 1"
    rows = [
        *ROWS[:3],
        ["X01", "nông thôn", "120"],
        [unicodedata.normalize("NFD", accented), "nông thôn", ""],
        [accented, "nông thôn", "-4"],
        ["", "", "1,5"],
        ["X20", "đô thị", "0"],
        ["=1+1", "đô thị", "12"],
        ["X21", "nông thôn", "1_000"],
        ["X22", "nông thôn", "nan"],
    ]
    frame = written(tmp_path / "xa.csv", rows)
    status, said = select(
        frame, "--n", 4, "--stratum", "khu_vuc", "--balance", "dan", method="cube"
    )
    assert status == 1
    for fault in (
        "row 8, column 'ma_xa': the cell is blank",
        "row 10, column 'ma_xa': the cell holds a formula",
        "2 rows (2, 5): the code 'X01' stands 2 times; give every unit",
        "2 rows (6, 7): the code 'Xã 1' stands 2 times in 2 spellings that look alike",
        "row 8, column 'khu_vuc': the cell is blank",
        "row 6, column 'so_ho': the cell is blank; write a number",
        "row 7, column 'so_ho': '-4' is below 0",
        "row 8, column 'so_ho': '1,5' is no number",
        "row 9, column 'so_ho': the number is 0",
        "row 11, column 'so_ho': '1_000' is no number",
        "row 12, column 'so_ho': 'nan' is no number",
        "there is no column 'dan': the columns are 'ma_xa', 'khu_vuc', 'so_ho'",
        "stratum 'đô thị': 4 units are asked of 3",
    ):
        assert fault in said, fault
    assert f"{said.count('  - ')} fault(s)" in said
    assert list(tmp_path.iterdir()) == [frame]


def test_a_misspelt_column_is_met_with_the_likely_one(frame: Path) -> None:
    status, said = call(
        *("select", frame, "--code", "ma_xã", "--method", "simple", "--n", 2),
        *("--seed", 1, "--to", frame.parent / "draw.json"),
    )
    assert status == 1
    assert "no column 'ma_xã': did you mean 'ma_xa'? the columns are" in said


def test_sizes_over_the_limit_are_refused_on_request_and_zeros_accepted(tmp_path: Path) -> None:
    rows = [*ROWS[:6], ["X90", "đô thị", "9000"], ["X91", "đô thị", "0"]]
    frame = written(tmp_path / "xa.csv", rows)
    status, said = select(frame, "--n", 3, "--zeros", "--certainty", "refuse")
    assert (status, "X90 has 9000" in said) == (1, True)
    assert not (tmp_path / "draw.json").exists()
    status, said = select(frame, "--n", 3, "--zeros")
    assert (status, "taken with certainty (1): X90 (9000)" in said) == (0, True)
    status, said = select(frame, "--n", 8, "--zeros")
    assert (status, "8 units are asked of 7 with a size above 0" in said) == (1, True)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("xa.csv", b"", "no unit below the first row"),
        ("xa.csv", b"ma_xa,so_ho\n", "no unit below the first row"),
        ("xa.csv", b"ma_xa,ma_xa\nA,B\n", "the column 'ma_xa' stands 2 times"),
        ("xa.csv", "ma_xa\nXã\n".encode("utf-16"), "neither CSV nor XLSX"),
        ("xa.csv", "ma_xa\nXã\n".encode("latin-1"), "row 2 is not UTF-8"),
        ("xa.csv", b'ma_xa\n"A\n', "is no CSV"),
        ("xa.csv", b"%PDF-1.7 ...", "neither CSV nor XLSX"),
        ("xa.json", b'{"ma_xa": 1}', "neither CSV nor XLSX"),
        ("xa.xlsx", b"ma_xa\nA\n", "no workbook"),
        ("xa.xlsx", b"PK\x03\x04 broken", "the workbook cannot be read"),
        ("xa.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "save it as .xlsx"),
    ],
)
def test_a_wrong_kind_of_file_is_refused(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    frame = tmp_path / name
    frame.write_bytes(content)
    status, output = select(frame, "--n", 1, method="simple")
    assert (status, said in output) == (1, True), output
    assert list(tmp_path.iterdir()) == [frame]


@pytest.mark.parametrize(
    ("method", "options", "said"),
    [
        ("simple", (), "give either --n or --n-column"),
        ("simple", ("--n", 2, "--size", "so_ho"), "equal chances; leave --size out"),
        ("sampford", ("--n", 2, "--reserves", 1), "--reserves goes with"),
        ("sampford", ("--n-column", "mau"), "--n-column needs --stratum"),
        ("sampford", ("--n", 2, "--balance", "so_ho"), "--balance and --method cube go together"),
        ("sampford", ("--n", 2, "--order", "frame"), "--order goes with"),
        ("sampford", ("--n", 2, "--start", 0.5), "need permanent random numbers"),
        ("poisson", ("--n", 2, "--start", 1), "--start is 1; it must be from 0, below 1"),
        ("poisson", ("--n", 2, "--overlap", 1), "--last and --overlap go together"),
        ("sequential-poisson", ("--n", 2, "--joint", "j.csv"), "no joint probabilities are known"),
        ("simple", ("--n", 2, "--columns", "w.txt"), "ending in .csv or .xlsx"),
        ("simple", ("--n", 2, "--columns", "no/w.csv"), "there is no folder no"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    frame: Path, method: str, options: tuple[object, ...], said: str
) -> None:
    status, output = select(frame, *options, method=method)
    assert (status, said in " ".join(output.split())) == (2, True), output
    assert list(frame.parent.iterdir()) == [frame]


def test_the_frame_is_not_written_over(frame: Path) -> None:
    before = frame.read_bytes()
    status, said = select(frame, "--n", 2, "--columns", frame, method="simple")
    assert (status, "is read or written already" in said) == (2, True)
    assert frame.read_bytes() == before


def test_a_place_that_cannot_be_written_leaves_no_file(tmp_path: Path) -> None:
    blocked = tmp_path / "draw.json"
    blocked.mkdir()
    with pytest.raises(ClickException, match=r"draw\.json.*not written"):
        write_whole({blocked: b"{}", tmp_path / "w.csv": b"code"})
    assert list(tmp_path.iterdir()) == [blocked]


def test_next_years_sample_starts_where_the_overlap_asks(frame: Path, tmp_path: Path) -> None:
    assert select(frame, "--n", 5, method="sequential-poisson")[0] == 0
    (tmp_path / "draw.json").rename(tmp_path / "2025.json")
    again = ("--n", 5, "--last", tmp_path / "2025.json", "--overlap", 0)
    status, said = select(frame, *again, method="sequential-poisson")
    assert (status, "Asked again: 0 units; 0.0 on average." in said) == (0, True), said
    assert call("verify", tmp_path / "draw.json")[0] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "this is no JSON"),
        (b"[1]", "the file holds a list"),
        (b"{}", "kind is 'None'; it must be one of 'khaosat/draw/1'"),
        (b'{"kind": "khaosat/draw/9"}', "kind is 'khaosat/draw/9'"),
        (b'{"strata": [{"a": 1, "a": 2}]}', "the key 'a' stands more than once; keep it once"),
        (b'{"kind": "khaosat/draw/1"}', "frame: Field required"),
        (b'{"kind": "khaosat/stage/1"}', "units: Field required"),
        (b'{"kind": "khaosat/household/1"}', "households: Field required"),
        (b'{"kind": "khaosat/household-members/1"}', "visited: Field required"),
        (b'{"kind": "khaosat/assignments/1"}', "assignments: Field required"),
        (b'{"schema": "khaosat.plan/1"}', "plan: Field required"),
    ],
)
def test_verify_takes_each_kind_to_its_reader(tmp_path: Path, content: bytes, said: str) -> None:
    target = tmp_path / "any.json"
    target.write_bytes(content)
    status, output = call("verify", target)
    assert (status, said in output) == (1, True), output


def test_the_program_itself_draws_and_refuses(frame: Path) -> None:
    environment = {name: text for name, text in os.environ.items() if "KHAOSAT" not in name}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "survey.cli", "sample", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    target = frame.parent / "draw.json"
    common = ("select", frame, "--code", "ma_xa", "--method", "simple", "--seed", 1)
    refused = run(*common, "--n", 99, "--to", target)
    assert (refused.returncode, target.exists()) == (1, False)
    assert "xa.csv was refused: 1 fault(s)" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert run(*common, "--n", 3, "--to", target).returncode == 0
    assert "is what its seed and frame give" in run("verify", target).stdout
