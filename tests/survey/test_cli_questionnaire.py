"""`khaosat questionnaire`: every fault with its place, nothing lost on the way, exit codes kept."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from questionnaires import json_schema, untranslated
from questionnaires.library import SHIPPED, shipped, shipped_path
from questionnaires.writing import to_yaml
from survey.cli.questionnaire import questionnaire
from tests.survey.every_kind import TEXT


def call(*arguments: object, stdin: str | None = None) -> tuple[int, str]:
    """Run a command; its status, and what it or its refusal says."""
    done = CliRunner().invoke(questionnaire, [str(each) for each in arguments], input=stdin)
    refused = done.exception is not None and not isinstance(done.exception, SystemExit)
    said = str(done.exception) if refused else ""
    return done.exit_code, done.output + said


@pytest.fixture
def form(tmp_path: Path) -> Path:
    file = tmp_path / "form.yaml"
    file.write_text(shipped_path("transaction").read_text(encoding="utf-8"), encoding="utf-8")
    return file


def changed(form: Path, old: str, new: str, *, name: str = "changed.yaml") -> Path:
    text = form.read_text(encoding="utf-8")
    assert old in text
    file = form.with_name(name)
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_check_of_all_shipped_forms_says_what_they_have() -> None:
    status, said = call("check", *(f"shipped:{name}" for name in SHIPPED), "--day", "2025-03-01")

    assert status == 0
    assert said.count("no fault") == len(SHIPPED)
    for part in (
        shipped("officials_par").fingerprint,
        "10 sections (1 more switched off), 38 questions, 22.00 points in 8 criteria, 12 minutes",
        "languages: vi (complete), en (complete)",
        "1 section, 6 questions, 2 factors in 1 block, 1 minute\n",
    ):
        assert part in said


def test_check_lists_every_fault_of_every_file_with_line_path_and_remedy(form: Path) -> None:
    wrong = changed(form, "scale: hailong5\n        required", "scale: hailong4\n        required")
    wrong = changed(wrong, "max_length: 300", "max_lenght: 300", name="wrong.yaml")
    lines = wrong.read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines, 1) if "hailong4" in line)
    second = next(n for n, line in enumerate(lines, 1) if "max_lenght" in line)

    status, said = call("check", form, wrong, "shipped:oficials_par", form.with_name("none.yaml"))

    assert status == 1
    assert f"{form}: no fault" in said
    assert f"wrong.yaml:{second}: sections[GD].items[H6].max_lenght: " in said
    assert "did you mean 'max_length'?" in said
    assert "did you mean 'officials_par'?" in said
    assert "none.yaml:1: there is no such file; name one, or shipped:NAME" in said

    status, said = call(
        "check", changed(form, "scale: hailong5\n        req", "scale: x\n        req")
    )
    assert (status, f"changed.yaml:{first}: sections[GD].items[H1].scale: " in said) == (1, True)


def test_check_warns_of_what_is_no_fault_and_still_worth_a_look(form: Path) -> None:
    text = form.read_text(encoding="utf-8")
    text = text.replace("languages: [vi]", "languages: [vi, en]")
    text = text.replace('        label: "Điều chưa hài lòng nhất"\n', "")
    text = text.replace('        universe: "Người không', '        hint: "Người không')
    text = text.replace('"Chờ đợi lâu"}', '"Chờ đợi lâu", valid_until: "2025-06-30"}')
    text = text.replace(
        "Điều gì làm Ông/Bà chưa hài", "Trong lần làm thủ tục vừa rồi, điều gì chưa hài"
    )
    form.write_text(text, encoding="utf-8")

    status, said = call("check", form, "--day", "2025-07-01")

    assert status == 0
    assert "en (35 texts untranslated)" in said
    assert "warning: no wording in en: title, subtitle, intro[0].text" in said
    assert "which statistical packages cut: H5" in said
    assert "no universe that says in words who is asked: H5" in said
    assert "not offered on 2025-07-01: H5 1" in said
    assert "not offered" not in call("check", form, "--day", "2025-06-30")[1]


def test_check_lists_every_text_that_a_translator_has_to_write() -> None:
    status, said = call("check", "shipped:cross_rating", "--untranslated", "en")
    missing = untranslated(shipped("cross_rating"), "en")
    assert status == 0
    assert f"{len(missing)} texts without en:" in said
    assert all(f"    {each.path}: {each.text}\n" in said for each in missing)
    assert (
        "0 texts without vi\n" in call("check", "shipped:cross_rating", "--untranslated", "vi")[1]
    )


def test_file_of_another_kind_is_refused_with_the_kinds_there_are(tmp_path: Path) -> None:
    status, said = call("show", tmp_path / "form.docx")

    assert status == 1
    assert "name a .yaml, .json or .xlsx file, or shipped:NAME" in said


def test_show_leaves_out_what_the_facts_rule_out_and_names_it() -> None:
    everything = call("show", "shipped:officials_par")[1]
    status, said = call("show", "shipped:officials_par", "--facts", "unit.handles_procedures=no")

    assert status == 0
    assert "only if ${unit.handles_procedures} = 'yes'" in everything
    assert "Never asked" not in everything
    assert "Never asked with these facts: Q" in said
    assert len(said) < len(everything)
    for part in ("5 Rất tốt · 4 Tốt · 3 ", "Q01: scale", "1.00 points"):
        assert part in everything


def test_show_says_how_much_an_answer_may_hold(tmp_path: Path) -> None:
    file = tmp_path / "kinds.yaml"
    file.write_text(TEXT, encoding="utf-8")
    said = call("show", str(file))[1]
    for part in ("8 stands alone", "at most 1000 characters", "decimal places: 1"):
        assert part in said


def test_show_speaks_the_language_asked_for_and_refuses_one_there_is_not() -> None:
    assert "Very good" in call("show", "shipped:officials_par", "--language", "en")[1]

    status, said = call("show", "shipped:officials_par", "--language", "fr")

    assert status == 2
    assert "no text is worded in it; there is vi, en" in said


def test_wrong_facts_are_refused_with_those_there_are() -> None:
    status, said = call("show", "shipped:cross_rating", "--facts", "rater.kind=X", "--facts", "a=b")

    assert status == 1
    assert "choose HDND or LDX or TPX or LDS or TPS" in said
    assert "no fact 'a'; there are rater.kind" in said


def test_show_writes_repeated_sections_once_for_each_unit(tmp_path: Path) -> None:
    units = tmp_path / "units.csv"
    units.write_text("code,name\nSNV,Sở Nội vụ\nSTC,Sở Tài chính\n", encoding="utf-8")

    assert "asked once for each rated unit, at most 40" in call("show", "shipped:cross_rating")[1]
    status, said = call("show", "shipped:cross_rating", "--units", units)
    assert status == 0
    assert "== DG_1: Đánh giá Sở Nội vụ" in said
    assert "== DG_2: Đánh giá Sở Tài chính" in said

    status, said = call("show", "shipped:transaction", "--units", units)
    assert (status, "asks about no units" in said) == (1, True)
    units.write_text("code,name\nSNV,Sở Nội vụ\nSNV,Sở Tài chính\n", encoding="utf-8")
    assert call("show", "shipped:cross_rating", "--units", units)[0] == 1


@pytest.mark.parametrize("ending", ["yaml", "yml", "json", "xlsx"])
@pytest.mark.parametrize("name", SHIPPED)
def test_converted_file_is_the_same_questionnaire(tmp_path: Path, name: str, ending: str) -> None:
    target = tmp_path / f"form.{ending}"

    status, said = call("convert", f"shipped:{name}", "--to", target)
    back, _ = call("convert", target, "--to", tmp_path / "back.yaml")

    assert (status, back) == (0, 0)
    assert "nothing of the questionnaire was lost" in said
    assert shipped(name).fingerprint in said
    assert (tmp_path / "back.yaml").read_text(encoding="utf-8") == to_yaml(shipped(name))


def test_text_that_no_cell_holds_is_refused_with_its_cell_and_nothing_is_written(
    form: Path,
) -> None:
    wrong = changed(form, "Đánh giá của Ông/Bà", r"Đánh giá\u0001")
    target = form.with_name("form.xlsx")

    status, said = call("convert", wrong, "--to", target)

    assert (status, target.exists()) == (1, False)
    assert "survey!" in said
    assert call("convert", wrong, "--to", form.with_name("kept.yaml"))[0] == 0


def test_convert_says_that_comments_stay_behind(form: Path) -> None:
    said = call("convert", form, "--to", form.with_name("new.yaml"))[1]

    assert "6 lines of comments" in said


def test_convert_writes_the_schema_and_refuses_other_endings_and_its_own_source(form: Path) -> None:
    schema = form.with_name("khaosat.schema.json")

    assert call("convert", form, "--to", schema)[0] == 0
    assert json.loads(schema.read_text(encoding="utf-8")) == json_schema()
    status, said = call("convert", form, "--to", form.with_name("form.doc"))
    assert (status, ".schema.json" in said) == (2, True)
    status, said = call("convert", form, "--to", form)
    assert (status, "this is the source itself" in said) == (2, True)
    assert call("convert", form, "--to", form.with_name("no") / "such.yaml")[0] == 1


def test_codebook_is_written_in_three_formats_and_two_languages(tmp_path: Path) -> None:
    for ending in ("md", "html", "xml"):
        target = tmp_path / f"codebook.{ending}"
        status, said = call("codebook", "shipped:officials_par", "--to", target, "--language", "en")
        assert (status, "38 columns" in said) == (0, True)
        assert "Very good" in target.read_text(encoding="utf-8")
    assert ET.parse(tmp_path / "codebook.xml").getroot().tag.endswith("codeBook")  # noqa: S314 (our own file)
    assert call("codebook", "shipped:officials_par", "--to", tmp_path / "x.pdf")[0] == 2


def test_diff_says_what_changed_and_exits_like_diff(form: Path) -> None:
    new = changed(form, 'Thái độ phục vụ của công chức"\n', 'Thái độ của cán bộ"\n')

    assert call("diff", form, "shipped:transaction")[0] == 0
    status, said = call("diff", form, new)
    assert status == 1
    assert "H2" in said
    assert "Thái độ của cán bộ" in said
    assert "Both say version 1.0: give the new one its own." in said
    quicker = changed(form, "estimated_minutes: 1", "estimated_minutes: 2", name="quicker.yaml")
    status, said = call("diff", form, quicker)
    assert (status, "differ elsewhere, such as in their version or minutes" in said) == (0, True)
    assert call("diff", form, form.with_name("none.yaml"))[0] == 2


def test_diff_for_programs_holds_every_change_and_what_stays_comparable(form: Path) -> None:
    new = changed(form, "max_choices: 2", "max_choices: 3")

    status, said = call("diff", form, new, "--json")

    found = json.loads(said)
    by_item = {each["item"]: each for each in found["items"]}
    assert (status, found["is_same"]) == (1, False)
    assert by_item["H5"]["comparability"] == "in_common"
    assert by_item["H5"]["changes"] == [
        {"kind": "range_changed", "place": "max_choices", "old": "2", "new": "3"}
    ]
    assert by_item["H1"] == {"item": "H1", "comparability": "full", "changes": []}


def test_help_comes_at_once_and_loads_no_questionnaires() -> None:
    program = (
        "import sys\nfrom survey.cli import khaosat\n"
        "for words in ('--help', 'questionnaire --help', 'questionnaire try --help'):\n"
        "    khaosat(words.split(), standalone_mode=False)\n"
        "heavy = ('pydantic', 'numpy', 'openpyxl', 'yaml')\n"
        "print('loaded', [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "questionnaire" in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded []"


def test_refusal_of_the_program_itself_is_one_message_without_a_traceback(form: Path) -> None:
    wrong = changed(form, "type: multi", "type: multii")
    program = Path(sys.executable).with_name("khaosat")
    environment = {name: text for name, text in os.environ.items() if "KHAOSAT" not in name}

    done = subprocess.run(
        [program, "questionnaire", "show", wrong],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    assert done.returncode == 1
    assert "did you mean 'multi'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_printed_form_of_a_converted_file_has_its_template(form: Path) -> None:
    target, template = form.with_name("form.pdf"), form.with_name("form.json")

    status, said = call("print", form, "--to", target, "--template", template)

    assert status == 0, said
    assert target.read_bytes().startswith(b"%PDF")
    assert json.loads(template.read_text(encoding="utf-8"))
