"""The guide to the questionnaire commands does what it says, line by line."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey.cli import khaosat
from survey.cli.questionnaire import questionnaire

GUIDE = (Path(__file__).parents[2] / "docs" / "questionnaire-commands.md").read_text(
    encoding="utf-8"
)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


def next_version(text: str) -> str:
    """Apply the change that the guide prints."""
    lines = blocks("diff")[0].splitlines()
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        assert (old[0], new[0]) == ("-", "+")
        assert text.count(old[1:]) == 1
        text = text.replace(old[1:], new[1:])
    return text


def run(line: str, folder: Path) -> str:
    command, _, remark = line.partition("#")
    command, _, source = command.partition("<")
    sent = (folder / source.strip()).read_text(encoding="utf-8") if source else None
    done = CliRunner().invoke(khaosat, shlex.split(command)[1:], input=sent)
    expected = int(remark.rpartition(" ")[2]) if remark else 0
    assert done.exit_code == expected, (line, done.output, done.exception)
    return done.output


def test_every_command_runs_and_says_what_the_guide_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (form,) = blocks("yaml")
    fault, answers, result = blocks("text")
    Path("form.yaml").write_text(form, encoding="utf-8")
    Path("form-2.yaml").write_text(next_version(form), encoding="utf-8")
    Path("answers.txt").write_text(answers, encoding="utf-8")
    Path("units.csv").write_text(blocks("csv")[0], encoding="utf-8")
    Path("wrong").mkdir()
    wrong = form.replace("${A3} = '1' or", "${A9} = '1' or")
    Path("wrong/form.yaml").write_text(wrong, encoding="utf-8")
    commands = [line for block in blocks("sh") for line in block.splitlines()]

    said = {line: run(line, tmp_path) for line in commands}

    assert len(said) == 17
    assert result in "".join(said.values())
    assert fault in run("khaosat questionnaire check wrong/form.yaml  # exit status 1", tmp_path)
    assert "warning" not in said["khaosat questionnaire check form.yaml"]
    assert "Satisfied" in said[commands[3]]
    (compared,) = (
        text for line, text in said.items() if line.endswith("form-2.yaml  # exit status 1")
    )
    assert "Ông/Bà đã chờ bao lâu?" in compared


def test_guide_names_every_command() -> None:
    rows = set(re.findall(r"^\| `(\w+) ", GUIDE, flags=re.MULTILINE))

    assert rows == set(questionnaire.commands)
