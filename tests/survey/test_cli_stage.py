"""Stage after stage to one person at a door: each file redoes all before it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import survey
from sampling.household import KISH_TABLES, KishTable
from stats.design import Design
from survey.cli.sample import sample
from survey.errors import RefusedInputError

EXAMPLE = Path(survey.__file__).parent / "examples" / "multi_stage"


def call(*arguments: object) -> tuple[int, str]:
    """Run a command; its status, and what it or its refusal says."""
    done = CliRunner().invoke(sample, [str(argument) for argument in arguments])
    said = str(done.exception) if isinstance(done.exception, RefusedInputError) else ""
    return done.exit_code, done.output + said


def good(*arguments: object) -> str:
    status, said = call(*arguments)
    assert status == 0, said
    return said


COMMUNES = (
    *("stage", EXAMPLE / "communes.csv", "--name", "commune", "--code", "ma_xa"),
    *("--size", "so_ho", "--forced", "bat_buoc", "--method", "pps-systematic"),
    *("--n", 4, "--reserves", 2, "--seed", 2026),
)
VILLAGES = (
    *("stage", EXAMPLE / "villages.csv", "--name", "village", "--code", "ma_thon"),
    *("--parent", "ma_xa", "--size", "so_ho", "--method", "sampford", "--n", 2, "--seed", 2027),
)
HOUSEHOLDS = (
    *("stage", EXAMPLE / "households.csv", "--name", "household", "--code", "ma_ho"),
    *("--parent", "ma_xa,ma_thon", "--method", "simple", "--n", 3, "--reserves", 1),
    *("--seed", 2028),
)
PEOPLE = ("--household", "ho", "--line", "stt", "--sex", "gioi", "--age", "tuoi")


def drawn(folder: Path) -> Path:
    """Draw the three stages; the last file."""
    one, two, three = (folder / f"{name}.json" for name in ("communes", "villages", "households"))
    good(*COMMUNES, "--to", one)
    good(*VILLAGES, "--after", one, "--to", two)
    good(*HOUSEHOLDS, "--after", two, "--to", three, "--columns", folder / "design.csv")
    return three


@pytest.fixture(scope="module")
def households(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="module")
def doors(households: Path) -> Path:
    target = households.parent / "doors.json"
    sheet = households.parent / "sheet.xlsx"
    rule = ("--rule", "kish", "--seed", 2029)
    good("household", households, *rule, "--to", target, "--sheet", sheet)
    return target


@pytest.fixture(scope="module")
def members(doors: Path) -> Path:
    target = doors.parent / "members.json"
    weights = doors.parent / "weights.csv"
    people = EXAMPLE / "people.csv"
    good("members", doors, people, *PEOPLE, "--to", target, "--columns", weights)
    return target


def changed(path: Path, target: Path, steps: tuple[str | int, ...], value: object) -> Path:
    """Copy a file with one value changed."""
    content: Any = json.loads(path.read_text("utf-8"))
    place = content
    for step in steps[:-1]:
        place = place[step]
    assert place[steps[-1]] != value
    place[steps[-1]] = value
    target.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return target


def test_certain_units_and_reserves_are_named(tmp_path: Path) -> None:
    said = good(*COMMUNES, "--to", tmp_path / "c.json")
    assert "Taken with certainty (2): X01, X04" in said
    content = json.loads((tmp_path / "c.json").read_text("utf-8"))
    assert len(content["reserves"]) == 2
    assert ", ".join(content["reserves"]) in said


def test_the_same_seeds_give_the_same_chain_byte_for_byte(households: Path, tmp_path: Path) -> None:
    assert drawn(tmp_path).read_bytes() == households.read_bytes()


def test_the_last_file_is_verified_alone(members: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.json"
    alone.write_bytes(members.read_bytes())
    assert "is what its seed and frame give" in good("verify", alone)


BEFORE = ("before",) * 4


@pytest.mark.parametrize(
    ("steps", "value", "said"),
    [
        (("record", "selected", 0), "X01/T2/H3=9", "record.selected[0]: the draw gives"),
        (("visited", 0, "members", 0, "age"), 150, "record."),
        (("before", "record", "selected", 2), "X99=A", "before.record.selected[2]: the draw"),
        (("before", "households", 0), "X01/T9/H9", "before.households[0]: the draw gives"),
        (("before", "seed"), 1, "before.record.seed: the draw gives 1, the file says 2029"),
        (("before", "before", "reserves", 0), "X01/T2/H9", "before.before.reserves[0]: the draw"),
        (("before", "before", "before", "request", "seed"), 1, "before.before.before.record.seed"),
        ((*BEFORE, "units", 0, "size"), 99999, "before.before.before.before.record"),
        ((*BEFORE, "digest"), "0", "before.before.before.before.digest"),
    ],
)
def test_a_change_anywhere_in_the_chain_is_named(
    members: Path, tmp_path: Path, steps: tuple[str | int, ...], value: object, said: str
) -> None:
    status, output = call("verify", changed(members, tmp_path / "x.json", steps, value))
    assert (status, said in output) == (1, True), output


def test_nothing_is_drawn_upon_a_changed_stage(households: Path, tmp_path: Path) -> None:
    bad = changed(households, tmp_path / "h.json", ("record", "selected", 0), "X01/T1/H1")
    target = tmp_path / "doors.json"
    options = ("--rule", "kish", "--seed", 1, "--to", target, "--sheet", tmp_path / "s.csv")
    status, said = call("household", bad, *options)
    assert (status, "record.selected[0]" in said, target.exists()) == (1, True, False)


def test_weights_and_design_of_three_stages_are_handed_over(households: Path) -> None:
    table = pd.read_csv(households.parent / "design.csv", dtype={"strata_1": str})
    assert len(table) == 24
    design = Design.from_table(
        table,
        weight="weight",
        strata=["strata_1", "strata_2", "strata_3"],
        psu=["psu_1", "psu_2", "psu_3"],
    )
    assert design is not None
    by_hand = 1 / table["probability"]
    assert table["weight"].to_list() == pytest.approx(by_hand.to_list())


def test_a_member_weighs_more_than_the_household_by_its_eligible_members(members: Path) -> None:
    table = pd.read_csv(members.parent / "weights.csv")
    homes = pd.read_csv(members.parent / "design.csv").set_index("psu_3")["weight"]
    simple = table[table["eligible"] <= 4]  # among five, Kish's chances differ a little
    ratio = simple["weight"] / simple["household"].map(homes)
    assert ratio.to_list() == pytest.approx(simple["eligible"].to_list())


def test_the_sheet_holds_every_household_with_its_table_and_no_seed(doors: Path) -> None:
    content = json.loads(doors.read_text("utf-8"))
    book = openpyxl.load_workbook(doors.parent / "sheet.xlsx")
    rows = list(book["Phiếu chọn người"].iter_rows(values_only=True))
    paths = ["/".join(str(cell) for cell in row[:3]) for row in rows[1:]]
    assert paths == [*content["households"], *content["reserves"]]
    given = dict(each.split("=") for each in content["record"]["selected"])
    for path, row in zip(paths, rows[1:], strict=True):
        assert row[4] == given[path]
        assert row[5:11] == tuple(str(k) for k in KISH_TABLES[KishTable(given[path])])
    assert [row[3] for row in rows[1:]].count("Dự phòng 1") == 8
    assert not any("2029" in str(cell) for row in rows for cell in row)


def test_the_sheet_is_printed_on_a4_and_no_step_overlaps_the_next(doors: Path) -> None:
    book = openpyxl.load_workbook(doors.parent / "sheet.xlsx")
    for page in book:
        assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
        setup = page.sheet_properties.pageSetUpPr
        assert setup is not None
        assert setup.fitToPage
    steps = book["Hướng dẫn"]
    wide = steps.column_dimensions["A"].width
    for row in range(2, steps.max_row + 1):
        lines = 1 + len(str(steps.cell(row, 1).value)) // wide
        assert steps.row_dimensions[row].height >= 15 * lines


def test_last_birthday_counts_back_from_the_fixed_day(households: Path, tmp_path: Path) -> None:
    files = ("--to", tmp_path / "d.json", "--sheet", tmp_path / "s.csv")
    rule = ("--rule", "last-birthday", "--seed", 5)
    status, said = call("household", households, *rule, *files)
    assert (status, "--visit goes with" in said) == (2, True)
    good("household", households, *rule, "--visit", "2026-10-05", *files)
    rows = list(csv.reader(io.StringIO((tmp_path / "s.csv").read_text("utf-8-sig"))))
    assert (rows[0][4], rows[1][4], len(rows)) == ("Ngày ấn định", "05/10/2026", 33)
    target = tmp_path / "m.json"
    options = ("--household", "ho", "--line", "stt", "--birthday", "ngay_sinh", "--to", target)
    said = good("members", tmp_path / "d.json", EXAMPLE / "people.csv", *options)
    assert "Chosen members" in said
    good("verify", target)


def people(tmp_path: Path, rows: list[str]) -> Path:
    target = tmp_path / "people.csv"
    target.write_text("\n".join(["ho,stt,gioi,tuoi,gap", *rows]), "utf-8")
    return target


def test_another_member_interviewed_is_refused_with_the_chosen_one(
    doors: Path, tmp_path: Path
) -> None:
    content = json.loads(doors.read_text("utf-8"))
    code = content["households"][0]
    rows = [f"{code},{line},nam,{60 - line}," for line in range(1, 4)]
    target = tmp_path / "m.json"
    options = (*PEOPLE, "--interviewed", "gap", "--to", target)
    good("members", doors, people(tmp_path, rows), *options)
    chosen = json.loads(target.read_text("utf-8"))["record"]["selected"][0].rpartition("=")[2]
    target.unlink()
    other = int(chosen) % 3
    rows[other] += "x"
    status, said = call("members", doors, people(tmp_path, rows), *options)
    expected = f"household {code}: the rule chooses line {chosen}, line {other + 1} was interviewed"
    assert (status, expected in said, target.exists()) == (1, True, False), said


def test_faults_of_the_members_list_come_at_once(doors: Path, tmp_path: Path) -> None:
    code = json.loads(doors.read_text("utf-8"))["households"][0]
    rows = [f"{code},1,nam,40,", f"{code},1,nữ,38,", f"{code},2,?,200,", f"{code},x,nam,,z"]
    options = (*PEOPLE, "--interviewed", "gap", "--to", tmp_path / "m.json")
    status, said = call("members", doors, people(tmp_path, rows), *options)
    assert status == 1
    for fault in (
        f"2 rows (2, 3): the code '{code}/1' stands 2 times",
        "row 4, column 'gioi': '?' is none of",
        "row 4, column 'tuoi': nobody is 200 years old",
        "row 5, column 'stt': 'x' is no number",
        "row 5, column 'tuoi': the cell is blank",
        "row 5, column 'gap': 'z' is none of",
    ):
        assert fault in said, fault


def test_strangers_are_refused_and_the_needed_columns_asked(doors: Path, tmp_path: Path) -> None:
    listed = people(tmp_path, ["X77/T1/H1,1,nam,40,"])
    status, said = call("members", doors, listed, *PEOPLE, "--to", tmp_path / "m.json")
    assert (status, "1 of 1 households were neither drawn nor reserves" in said) == (1, True)
    status, said = call("members", doors, listed, *PEOPLE[:4], "--to", tmp_path / "m.json")
    assert (status, "--sex and --age are needed" in " ".join(said.split())) == (2, True)


def test_a_stage_names_as_many_parents_as_stages_before(households: Path, tmp_path: Path) -> None:
    target = ("--to", tmp_path / "v.json")
    status, said = call(*VILLAGES, *target)
    assert (status, "names 1 column(s); 0 stage(s)" in said) == (2, True)
    status, said = call(*VILLAGES, "--after", households, *target)
    assert (status, "names 1 column(s); 3 stage(s)" in said) == (2, True)


def test_faults_of_a_stages_list_are_listed_with_rows(tmp_path: Path) -> None:
    one = tmp_path / "c.json"
    good(*COMMUNES, "--to", one)
    listed = tmp_path / "v.csv"
    listed.write_text("ma_xa,ma_thon,so_ho\nX01,T1,5\nX01,T1,7\nX01,,2.5\nX01,T3,-2\n", "utf-8")
    call_ = (VILLAGES[0], listed, *VILLAGES[2:])
    status, said = call(*call_, "--after", one, "--to", tmp_path / "v.json")
    assert status == 1
    for fault in (
        "2 rows (2, 3): the code 'X01/T1' stands 2 times",
        "row 4, column 'ma_thon': the cell is blank",
        "row 4, column 'so_ho': '2.5' is not whole",
        "row 5, column 'so_ho': '-2' is below 0",
    ):
        assert fault in said, fault
    listed.write_text("ma_xa,ma_thon,so_ho\nX01,T1,0\nX01,T/2,7\nX04,T1,3\n", "utf-8")
    status, said = call(*call_, "--after", one, "--to", tmp_path / "v.json")
    assert status == 1
    assert "2 of 4 drawn parents have no unit" in said
    assert "X01/T1 has 0" in said
    assert "codes hold a slash: T/2" in said
    assert said.count("  - ") == 3


def test_a_file_of_another_kind_is_named_as_what_it_is(doors: Path, tmp_path: Path) -> None:
    status, said = call(*VILLAGES, "--after", doors, "--to", tmp_path / "v.json")
    assert status == 1
    expected = (
        "this is a file of kind 'khaosat/household/1'; give one of 'khaosat/stage/1', "
        "'khaosat/draw/1'"
    )
    assert expected in said


def test_a_draw_whose_codes_hold_a_slash_carries_no_stage(tmp_path: Path) -> None:
    listed = tmp_path / "xa.csv"
    listed.write_text("ma_xa\nX/1\nX/2\n", "utf-8")
    first = ("--method", "simple", "--n", 2, "--seed", 7, "--to", tmp_path / "draw.json")
    good("select", listed, "--code", "ma_xa", *first)
    after = ("--after", tmp_path / "draw.json", "--to", tmp_path / "v.json")
    status, said = call(*VILLAGES, *after)
    assert (status, "codes hold a slash, by which stages are joined: X/1, X/2" in said) == (1, True)


def test_a_household_may_be_named_by_its_own_code_where_it_is_one(tmp_path: Path) -> None:
    listed = tmp_path / "ho.csv"
    listed.write_text("ma_ho\nH1\nH2\nH3\n", "utf-8")
    draw, doors_ = tmp_path / "draw.json", tmp_path / "doors.json"
    first = ("--method", "simple", "--n", 2, "--reserves", 1, "--seed", 7, "--to", draw)
    good("select", listed, "--code", "ma_ho", *first)
    sheet = ("--sheet", tmp_path / "s.csv")
    good("household", draw, "--rule", "kish", "--seed", 8, "--to", doors_, *sheet)
    code = json.loads(doors_.read_text("utf-8"))["households"][0]
    target = ("--to", tmp_path / "m.json")
    said = good("members", doors_, people(tmp_path, [f"{code},1,nam,40,"]), *PEOPLE, *target)
    assert "1.5" in said  # three households, two drawn, one member


def test_a_stage_follows_a_draw_by_a_method_that_stages_do_not_have(tmp_path: Path) -> None:
    first = tmp_path / "draw.json"
    good(
        *("select", EXAMPLE / "communes.csv", "--code", "ma_xa", "--method", "max-entropy"),
        *("--size", "so_ho", "--n", 4, "--seed", 7, "--to", first),
    )
    two = tmp_path / "villages.json"
    good(*VILLAGES, "--after", first, "--to", two, "--columns", tmp_path / "w.csv")
    good("verify", two)
    table = pd.read_csv(tmp_path / "w.csv")
    sizes = pd.read_csv(EXAMPLE / "communes.csv").set_index("ma_xa")["so_ho"]
    drawn_ = table[table["code_1"] != "X01"]  # X01 is certain
    chance = drawn_["code_1"].map(sizes) * 3 / (sizes.sum() - sizes["X01"])
    villages = pd.read_csv(EXAMPLE / "villages.csv")
    totals = villages.groupby("ma_xa")["so_ho"].sum()
    of_village = villages.set_index(["ma_xa", "ma_thon"])["so_ho"]
    keys = list(zip(drawn_["code_1"], drawn_["code_2"], strict=True))
    within = of_village.loc[keys].to_numpy() * 2 / drawn_["code_1"].map(totals).to_numpy()
    assert drawn_["probability"].to_list() == pytest.approx((chance * within).to_list())
    bad = changed(two, tmp_path / "x.json", ("before", "strata", 0, "record", "selected", 1), "X9")
    assert "before.strata[0].selected[1]" in call("verify", bad)[1]
