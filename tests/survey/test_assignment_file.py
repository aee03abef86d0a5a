"""Who rates whom, from the office's request to files that an auditor can make again."""

import io
import json
import shutil
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import survey
from survey.cli.sample import sample
from survey.documents.assignments_xlsx import assignments_workbook
from survey.errors import RefusedInputError
from survey.services import assignment_file
from survey.services.assignment_file import CrossRating

EXAMPLE = Path(survey.__file__).parent / "examples" / "cross_rating"
INLINE = """\
schema: khaosat/rating/1
title: Bảy cơ quan
kinds:
  - {code: LD, label: Lãnh đạo, per_unit: 3, most_units: 3}
units: [{code: A}, {code: B}, {code: C}, {code: D}, {code: E}, {code: F}, {code: G}]
raters:
"""
SPREAD = "spread: {rater: 2, residual: 1, source: phỏng đoán}\n"


def inline(raters: int = 7, *, more: str = "") -> str:
    lines = "".join(f"  - {{code: r{k}, kind: LD, unit: X{k}}}\n" for k in range(raters))
    return INLINE + lines + SPREAD + more


def written(folder: Path, text: str) -> Path:
    file = folder / "request.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refusals(file: Path) -> list[str]:
    with pytest.raises(RefusedInputError) as refused:
        assignment_file.read_request(file)
    return [str(fault) for fault in refused.value.faults]


@pytest.fixture(scope="module")
def example() -> CrossRating:
    return assignment_file.read_request(EXAMPLE / "request.yaml")


@pytest.fixture(scope="module")
def content(example: CrossRating) -> bytes:
    made = assignment_file.assign_request(example, seed=2025)
    return assignment_file.assignments_json(example, made).encode()


def test_the_example_is_met_with_even_burdens_and_no_conflict(example: CrossRating) -> None:
    made = assignment_file.assign_request(example, seed=2025)
    table = assignment_file.table_of(example, made)

    pairs = {(rating.rater, rating.unit) for rating in made.ratings}
    assert not pairs & example.request.forbidden()
    assert example.request.forbidden() >= {("DB01", "SO03"), ("DB03", "SO02"), ("LX04", "SO07")}
    assert [kind.burdens for kind in table.kinds] == [{3: 2, 4: 18}, {4: 26}, {3: 16, 4: 14}]
    assert [kind.method.split(",")[0] for kind in table.kinds] == [
        "integer programme and interchange",
        "balanced design",
        "integer programme and interchange",
    ]
    assert table.parts == 1
    for unit in table.units:
        assert [len(raters) for raters in unit.raters.values()] == [6, 8, 8]


def test_a_file_is_made_again_from_its_seed(content: bytes) -> None:
    assert assignment_file.verify_json(content) is None


def test_a_file_holds_no_name(content: bytes, example: CrossRating) -> None:
    text = content.decode()

    assert not any(rater.name in text for rater in example.raters)
    assert not any(unit.name in text for unit in example.units)


@pytest.mark.parametrize(
    ("place", "said"),
    [("ratings", "ratings[0]"), ("request", "request_digest"), ("digest", "digest")],
)
def test_a_changed_file_is_told_by_its_first_difference(
    content: bytes, place: str, said: str
) -> None:
    changed = json.loads(content)
    if place == "ratings":
        ratings = changed["assignments"]["ratings"]
        ratings[0][2] = next(unit for unit in changed["request"]["units"] if unit != ratings[0][2])
    elif place == "request":
        changed["request"]["conflicts"].pop()
    else:
        changed["digest"] = "0" * 64

    difference = assignment_file.verify_json(json.dumps(changed).encode())

    assert difference is not None
    assert difference.place == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"own_unit": false', b'"own_unit": "no"', "request.own_unit"),
        (b'"seed": 2025', b'"seed": -1', "seed"),
        (b'"seed": 2025', b'"seed": "x"', "no assignment"),
        (b'"kind": "khaosat/assignments/1"', b'"kind": "khaosat/other/1"', "kind"),
        (b"{", b"", "the file"),
    ],
)
def test_what_is_no_assignment_is_refused(
    content: bytes, old: bytes, new: bytes, said: str
) -> None:
    assert old in content
    with pytest.raises(RefusedInputError, match=said):
        assignment_file.verify_json(content.replace(old, new, 1))


def test_lists_may_stand_in_the_document(tmp_path: Path) -> None:
    cross = assignment_file.read_request(written(tmp_path, inline()))
    table = assignment_file.table_of(cross, assignment_file.assign_request(cross, seed=1))

    assert table.kinds[0].method == "balanced design, cyclic difference family"
    assert table.shared == (1, 1)
    # 2kσ²/(λv) of an intra-block difference is the limit where raters differ without end.
    assert table.units[0].outlook.difference == pytest.approx(1.96 * (6 / 7) ** 0.5, rel=0.05)


def test_accents_written_apart_are_the_same_request(tmp_path: Path) -> None:
    text = inline().replace("code: A", "code: SỞ").replace("kind: LD", "kind: ĐẠI")
    text = text.replace("code: LD", "code: ĐẠI")
    made = [
        assignment_file.read_request(written(tmp_path, unicodedata.normalize(form, text)))
        for form in ("NFC", "NFD")
    ]

    assert made[0].request == made[1].request
    tables = [
        assignment_file.table_of(each, assignment_file.assign_request(each, seed=1))
        for each in made
    ]
    assert tables[0] == tables[1]


def test_a_workbook_beside_the_document_is_read_like_a_csv(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "x")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (EXAMPLE / "raters.csv").read_text(encoding="utf-8").splitlines():
        sheet.append(line.split(","))
    book.save(folder / "raters.xlsx")
    request = folder / "request.yaml"
    text = request.read_text(encoding="utf-8").replace("raters.csv", "raters.xlsx")
    request.write_text(text, encoding="utf-8")

    cross = assignment_file.read_request(request)

    original = assignment_file.read_request(EXAMPLE / "request.yaml")
    assert cross.request.digest == original.request.digest


def test_every_fault_of_document_and_tables_is_named_at_once(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "x")
    request, raters = folder / "request.yaml", folder / "raters.csv"
    text = request.read_text(encoding="utf-8").replace("per_unit: 6", "per_unit: 0")
    request.write_text(text.replace("units.csv", "../units.csv"), encoding="utf-8")
    lines = raters.read_text(encoding="utf-8").splitlines()
    raters.write_text("\n".join([*lines, "DB 99,,HDND,HDND", "DB98,,,"]), encoding="utf-8")

    said = refusals(request)

    assert len(said) == 5
    assert "request.yaml, line 10: “kinds.0.per_unit”" in said[0]
    assert "write the name of a CSV or XLSX file beside this one" in said[1]
    assert [line.split(":")[0] for line in said[2:]] == [
        "raters.csv, row 78, code",
        "raters.csv, row 79, kind",
        "raters.csv, row 79, unit",
    ]


def test_every_fault_of_the_request_itself_is_named_at_once(tmp_path: Path) -> None:
    text = inline(more="conflicts: [{rater: r9, unit: A}, {rater: r1, unit: Z}]\n")
    text = text.replace("{code: G}", "{code: A}").replace("r6, kind: LD", "r6, kind: PX")

    said = refusals(written(tmp_path, text))

    assert said == [
        "A: this unit is given 2 times; keep one",
        "r6: no need is written for raters of this kind (PX); write one",
        "r9/A: the conflict names r9, which is neither rater nor unit",
        "r1/Z: the conflict names Z, which is neither rater nor unit",
    ]


def test_an_impossible_request_says_what_would_help(tmp_path: Path) -> None:
    (fault,) = refusals(written(tmp_path, inline(5)))
    assert fault == (
        "LD: 7 units need 3 raters each, 21 ratings; 5 raters of at most 3 units give 15; allow "
        "more units per rater, or ask more raters"
    )
    both = inline(more="units_file: units.csv\n")
    assert "both are given" in refusals(written(tmp_path, both))[0]


def test_the_workbook_lists_both_sides_and_how_it_was_made(example: CrossRating) -> None:
    made = assignment_file.assign_request(example, seed=2025)
    file = io.BytesIO(assignments_workbook(assignment_file.table_of(example, made)))
    book = openpyxl.load_workbook(file)

    assert book.sheetnames == ["Theo người đánh giá", "Theo đơn vị", "Cách lập"]
    by_rater = {
        row[0]: [cell.split(" – ")[0] for cell in row[5:] if cell]
        for row in book["Theo người đánh giá"].iter_rows(min_row=5, values_only=True)
        if row[0]
    }
    by_unit = {
        row[0]: sorted(", ".join(str(row[place]) for place in (2, 4, 6)).split(", "))
        for row in book["Theo đơn vị"].iter_rows(min_row=5, max_row=17, values_only=True)
    }
    blocks = made.blocks()
    assert by_rater == {rater: list(units) for rater, units in blocks.items()}
    assert by_unit == {
        unit: sorted(rater for rater, units in blocks.items() if unit in units)
        for unit in example.request.units
    }
    method = {str(cell.value) for row in book["Cách lập"].iter_rows() for cell in row}
    assert {made.digest, example.request.digest, "2025"} <= method
    assert all("DỮ LIỆU VÍ DỤ" in str(sheet["A1"].value) for sheet in book.worksheets)


def test_the_command_writes_both_files_and_verify_reads_one(tmp_path: Path) -> None:
    target, xlsx = tmp_path / "cheo.json", tmp_path / "cheo.xlsx"
    options = ["--seed", "2025", "--to", str(target), "--xlsx", str(xlsx)]
    done = CliRunner().invoke(sample, ["assign", str(EXAMPLE / "request.yaml"), *options])

    assert done.exit_code == 0, done.output
    for words in ("balanced design", "18 × 4", "All 13 units are linked", "Fictional data"):
        assert words in done.output
    assert xlsx.read_bytes().startswith(b"PK")
    checked = CliRunner().invoke(sample, ["verify", str(target)])
    assert checked.exit_code == 0, checked.output
    assert json.loads(target.read_bytes())["digest"] in checked.output
    target.write_text(target.read_text(encoding="utf-8").replace('"DB05"', '"DB06"', 1))
    assert CliRunner().invoke(sample, ["verify", str(target)]).exit_code != 0
