"""The commands that the sampling guide prints do what it says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey.cli import khaosat

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "sampling.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("## Who rates whom, crosswalk and sizes")[2].partition("\n## ")[0]


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)


def test_commands_of_the_section_on_files_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "survey" / "examples", tmp_path / "survey" / "examples")
    (changes,) = blocks("csv")
    (tmp_path / "changes.csv").write_text(changes, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = ""
    commands = [line for block in blocks("sh") for line in block.splitlines()]

    for command in commands:
        done = CliRunner().invoke(khaosat, shlex.split(command)[1:])
        assert done.exit_code == 0, (command, done.output)
        said += done.output

    assert len(commands) == 8
    assert {"cheo.json", "cheo.xlsx", "units-2023.xlsx"} <= {f.name for f in tmp_path.iterdir()}
    for words in ("All 13 units are linked", "±30.7 %", "│ after", "a change of +0.05"):
        assert words in said, words
