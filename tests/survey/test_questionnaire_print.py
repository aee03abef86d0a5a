"""`khaosat questionnaire print`: files written, progress shown, bad input refused in one line."""

import json
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result

from survey.cli.questionnaire_print import print_
from survey.errors import RefusedInputError
from tests.survey.every_kind import TEXT


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "every_kind.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


def _print(*arguments: object) -> Result:
    return CliRunner().invoke(print_, [str(argument) for argument in arguments])


def _page_count(file: Path) -> int:
    opened = pypdfium2.PdfDocument(file)
    count = len(opened)
    opened.close()
    return count


def test_copies_and_their_template_are_written(source: Path, tmp_path: Path) -> None:
    pdf, template = tmp_path / "phieu.pdf", tmp_path / "phieu.json"
    done = _print(source, "--copies", 3, "--to", pdf, "--template", template)
    assert done.exit_code == 0, done.output
    document = json.loads(template.read_text(encoding="utf-8"))
    assert _page_count(pdf) == 3 * document["pages"]
    assert "4/4" in done.output  # the progress bar: three copies and the finished file
    assert f"{len(document['boxes'])} boxes" in done.output


def test_without_copies_one_blank_form_is_written(tmp_path: Path) -> None:
    pdf = tmp_path / "phieu.pdf"
    done = _print("shipped:transaction", "--to", pdf)
    assert done.exit_code == 0, done.output
    assert _page_count(pdf) == 1


def test_units_of_a_table_get_a_block_each(source: Path, tmp_path: Path) -> None:
    units, template = tmp_path / "units.csv", tmp_path / "phieu.json"
    units.write_text("code,name\nSO01,Sở Y tế\nSO02,Sở Tài chính\n", encoding="utf-8-sig")
    pdf = tmp_path / "phieu.pdf"
    done = _print(source, "--units", units, "--to", pdf, "--template", template)
    assert done.exit_code == 0, done.output
    document = json.loads(template.read_text(encoding="utf-8"))
    assert [unit["name"] for unit in document["units"]] == ["Sở Y tế", "Sở Tài chính"]
    assert {"R1_1", "R1_2"} <= {box["item"] for box in document["boxes"]}


def test_options_out_of_force_are_not_printed(source: Path, tmp_path: Path) -> None:
    codes = {}
    for day in ("2021-12-31", "2022-01-01"):
        template = tmp_path / f"{day}.json"
        _print(source, "--day", day, "--to", tmp_path / "phieu.pdf", "--template", template)
        boxes = json.loads(template.read_text(encoding="utf-8"))["boxes"]
        codes[day] = [box["code"] for box in boxes if box["item"] == "A3"]
    assert codes == {"2021-12-31": ["1", "2", "3", "8", "9"], "2022-01-01": ["1", "2", "8", "9"]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("shipped:officials",), "shipped are officials_par"),
        (("nowhere.yaml",), "there is no such file"),
        (("SOURCE", "--fact", "unit.size=1"), "there are unit.kind"),
        (("SOURCE", "--fact", "unit.kind=huyen"), "choose so or xa"),
        (("shipped:transaction", "--units", "UNITS"), "asks about no units"),
        (("SOURCE", "--units", "TWICE"), "the code 'SO01' stands 2 times"),
        (("SOURCE", "--units", "MANY"), "6 units, but section R takes 5"),
    ],
)
def test_bad_input_is_refused_with_its_remedy(
    source: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    tables = {
        "UNITS": "code,name\nSO01,Sở Y tế\n",
        "TWICE": "code,name\nSO01,Sở Y tế\nSO01,Sở Tài chính\n",
        "MANY": "code,name\n" + "".join(f"SO{n},Sở {n}\n" for n in range(6)),
    }
    files = {"SOURCE": str(source)}
    for name, text in tables.items():
        file = tmp_path / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        files[name] = str(file)
    target = tmp_path / "phieu.pdf"
    done = _print(*(files.get(argument, argument) for argument in arguments), "--to", target)
    assert isinstance(done.exception, RefusedInputError)
    assert message in str(done.exception)
    assert not target.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "phieu.txt"), "write a name ending in .pdf"),
        (("--to", "phieu.pdf", "--template", "phieu.pdf"), "write a name ending in .json"),
        (("--to", "nowhere/phieu.pdf"), "not written: No such file or directory"),
    ],
)
def test_file_that_cannot_be_written_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = _print("shipped:transaction", *arguments)
    assert done.exit_code != 0
    assert message in done.output
    assert not list(tmp_path.iterdir())
