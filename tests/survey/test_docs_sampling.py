"""The commands of docs/sampling.md run as they are printed."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey.cli.sample import sample

ROOT = Path(__file__).parents[2]


def commands() -> list[list[str]]:
    text = (ROOT / "docs" / "sampling.md").read_text(encoding="utf-8")
    text = text.partition("\n## On the command line\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines]


def test_every_printed_command_runs_and_every_file_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "survey").symlink_to(ROOT / "survey")
    monkeypatch.chdir(tmp_path)
    for words in commands():
        assert words[:2] == ["khaosat", "sample"]
        done = CliRunner().invoke(sample, words[2:])
        assert done.exit_code == 0, (words, done.output, done.exception)
    files = sorted(tmp_path.glob("*.json"))
    assert len(files) == 10
    for file in files:
        done = CliRunner().invoke(sample, ["verify", str(file)])
        assert done.exit_code == 0, done.output
