"""The demonstration, run as a newcomer runs it: from an empty folder to the report."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("browser")]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def run_demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "survey.cli", "demo", "--no-serve", "--dir", str(folder)]
    return subprocess.run(
        [*command, "--port", str(free_port()), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the demonstration once; give its folder and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    done = run_demo(folder, "--seed", "2022")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder, done.stdout


def index_of(folder: Path, release: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(
        (folder / f"chi-so-{release}.json").read_text(encoding="utf-8")
    )
    return loaded


def test_plan_index_and_sign_in_are_printed(demo: tuple[Path, str]) -> None:
    _, printed = demo

    assert "367 forms by plan, 350 people can be asked, 17 short" in printed
    assert "Sở Công Thương" in printed
    assert "sonoivu" in printed


def test_every_document_of_the_round_is_left_behind(demo: tuple[Path, str]) -> None:
    folder, _ = demo

    expected = [
        "ke-hoach.xlsx",
        "ke-hoach.docx",
        "giay-moi-SO01.pdf",
        "phieu-giay-SO01.pdf",
        "chi-so-public.xlsx",
        "chi-so-council.json",
        "bieu-do-cap_so.svg",
        "bien-ban-huy-khoa.docx",
    ]
    assert [name for name in expected if not (folder / name).stat().st_size > 1000] == []


def test_neither_key_nor_recovery_sheets_are_left(demo: tuple[Path, str]) -> None:
    folder, _ = demo

    assert not (folder / "khoa.txt").exists()
    assert not (folder / "phieu-khoi-phuc.pdf").exists()


def test_public_edition_says_simulated_and_knows_no_interval(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    public, council = index_of(folder, "public"), index_of(folder, "council")

    assert "MÔ PHỎNG" in json.dumps(public, ensure_ascii=False)
    assert '"low"' not in json.dumps(public)
    assert '"low"' in json.dumps(council)


def test_same_seed_gives_the_same_index_and_another_seed_another(
    demo: tuple[Path, str], tmp_path: Path
) -> None:
    folder, _ = demo
    again, other = tmp_path / "again", tmp_path / "other"
    assert run_demo(again, "--seed", "2022").returncode == 0
    assert run_demo(other, "--seed", "1").returncode == 0

    first, second, third = (index_of(each, "council")["tables"] for each in (folder, again, other))
    assert first == second
    assert first != third


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("irreplaceable", encoding="utf-8")

    done = run_demo(tmp_path)

    assert done.returncode == 1
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "irreplaceable"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_the_demonstration_ends_its_server(
    tmp_path: Path, sent: signal.Signals
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "survey.cli", "demo", "--dir", str(tmp_path / "demo")]
    with subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if "sending invitations" in line:
                break
        running.send_signal(sent)
        running.communicate(timeout=60)

    with socket.socket() as visitor, pytest.raises(ConnectionRefusedError):
        visitor.connect(("127.0.0.1", port))
