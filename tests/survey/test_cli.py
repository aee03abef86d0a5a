"""The command line: exit statuses, one clear line, and what `--help` may load."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

import survey
from stats.disclosure import ReleaseClass
from survey.cli.context import RELEASES
from survey.records.rounds import Round
from survey.records.store import Store
from survey.rules.lifecycle import RoundState

EXAMPLE = Path(survey.__file__).parent / "examples" / "binh_phuoc_2022"
PASSWORD = "một mật khẩu đủ dài"
SAMPLE_FILES = (
    "assign",
    "crosswalk",
    "household",
    "import-staff",
    "members",
    "select",
    "size",
    "stage",
)
HEAVY = ("numpy", "pandas", "sqlalchemy", "altair", "docx", "typst", "flask")


def khaosat(
    *arguments: str, home: Path | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if "KHAOSAT" not in name}
    if home is not None:
        environment["KHAOSAT_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "survey.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        input=stdin,
        env=environment,
    )


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set an installation up once; every test copies it."""
    folder = tmp_path_factory.mktemp("initialised") / "home"
    done = khaosat("init", "--password-stdin", home=folder, stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def home(tmp_path: Path, initialised: Path) -> Path:
    return shutil.copytree(initialised, tmp_path / "home")


def test_help_loads_none_of_the_heavy_libraries() -> None:
    script = (
        "import sys\nfrom survey.cli import khaosat\n"
        "khaosat(['--help'], standalone_mode=False)\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_every_command_has_help_with_an_example() -> None:
    groups = {
        "round": (
            "create",
            "list",
            "make-keys",
            "check-sheet",
            "open",
            "progress",
            "begin-closing",
            "close",
            "scrub",
            "destroy-key",
        ),
        "sample": ("import", "draw", "show", "verify", "compare", "replan", *SAMPLE_FILES),
        "entry": ("unfinished", "batches"),
        "index": ("score", "show", "publish"),
        "export": ("plan", "index", "letters"),
        "account": ("add", "list"),
        "db": ("upgrade", "backup", "check", "restore"),
    }
    script = (
        "from click.testing import CliRunner\nfrom survey.cli import khaosat\n"
        f"groups = {groups!r}\n"
        "calls = [('init',), ('demo',), ('serve',)] + "
        "[(g, c) for g, cs in groups.items() for c in cs]\n"
        "for call in calls:\n"
        "    result = CliRunner().invoke(khaosat, [*call, '--help'])\n"
        "    assert result.exit_code == 0, (call, result.output)\n"
        "    assert 'Example' in result.output, call\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_init_can_be_run_again_and_keeps_the_key(home: Path) -> None:
    key = (home / "secret.key").read_text(encoding="ascii")

    again = khaosat("init", "--password-stdin", home=home)

    assert again.returncode == 0
    assert "exist already" in again.stdout
    assert (home / "secret.key").read_text(encoding="ascii") == key


@pytest.mark.parametrize("place", [".", "secret.key", "khaosat.sqlite3"])
def test_new_installation_is_readable_by_its_owner_only(tmp_path: Path, place: str) -> None:
    home = tmp_path / "new"
    khaosat("init", "--password-stdin", home=home, stdin="short\n")
    assert (home / place).stat().st_mode & 0o077 == 0


def test_backup_that_will_not_expire_says_so_while_answers_come_in(
    home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "elsewhere.zip"
    assert khaosat("round", "create", str(EXAMPLE / "round.yaml"), home=home).returncode == 0
    quiet = khaosat("db", "backup", "--to", str(target), home=home)
    store = Store.at(f"sqlite:///{home / 'khaosat.sqlite3'}")
    with store.write() as session:
        session.execute(update(Round).values(state=RoundState.OPEN))
    store.dispose()
    warned = khaosat("db", "backup", "--to", str(target), home=home)
    assert (quiet.returncode, warned.returncode) == (0, 0)
    assert "Delete it when the round has closed" in warned.stderr
    assert quiet.stderr == ""


def test_a_short_password_is_refused_in_one_clear_line(tmp_path: Path) -> None:
    done = khaosat("init", "--password-stdin", home=tmp_path, stdin="short\n")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "12" in done.stderr


def test_a_command_before_init_says_what_to_do(tmp_path: Path) -> None:
    done = khaosat("round", "list", home=tmp_path / "nowhere")

    assert done.returncode == 1
    assert "khaosat init" in done.stderr
    assert "Traceback" not in done.stderr


def test_release_classes_of_the_command_line_are_those_of_the_index() -> None:
    assert list(RELEASES) == [each.value for each in ReleaseClass]


def test_wrong_usage_exits_with_two() -> None:
    assert khaosat("serve", "--port", "no").returncode == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "example.org"])  # noqa: S104 - refused
def test_debug_never_listens_beyond_this_machine(home: Path, host: str) -> None:
    done = khaosat("serve", "--debug", "--host", host, home=home)

    assert done.returncode == 2
    assert "loopback" in done.stderr


@pytest.mark.parametrize("command", [["serve"], ["demo", "--no-serve", "--dir", "demo"]])
def test_a_taken_port_is_refused_before_anything_is_made(
    home: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(home)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = khaosat(*command, "--port", port, home=home)
    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (home / "demo").exists()


def test_sqlite_takes_one_worker(home: Path) -> None:
    done = khaosat("serve", "--workers", "2", home=home)

    assert done.returncode == 2
    assert "PostgreSQL" in done.stderr


def test_plan_of_the_example_from_the_command_line(home: Path, tmp_path: Path) -> None:
    steps = [
        ("round", "create", str(EXAMPLE / "round.yaml")),
        (
            "sample",
            "import",
            "bp2022",
            str(EXAMPLE / "units.csv"),
            "--staff",
            str(EXAMPLE / "staff.csv"),
        ),
        ("sample", "draw", "bp2022", "--seed", "7"),
        ("sample", "verify", "bp2022"),
        ("export", "plan", "bp2022", "--to", str(tmp_path / "plan.xlsx")),
    ]

    done = [khaosat(*step, home=home) for step in steps]

    assert [each.returncode for each in done] == [0] * len(steps), [each.stderr for each in done]
    assert "367 forms by plan" in done[2].stdout
    assert (tmp_path / "plan.xlsx").stat().st_size > 5000


def test_a_broken_register_is_refused_with_every_fault_and_nothing_stored(
    home: Path, tmp_path: Path
) -> None:
    khaosat("round", "create", str(EXAMPLE / "round.yaml"), home=home)
    broken = tmp_path / "units.csv"
    broken.write_text(
        (EXAMPLE / "units.csv")
        .read_text(encoding="utf-8")
        .replace("SO02,Sở Nội vụ,cap_so,,yes,16,34", "SO02,Sở Nội vụ,cap_xx,,yes,-1,34"),
        encoding="utf-8",
    )

    done = khaosat("sample", "import", "bp2022", str(broken), home=home)

    assert done.returncode == 1
    assert "cap_xx" in done.stderr
    assert "-1" in done.stderr
    assert "Traceback" not in done.stderr


def test_backup_is_checked_and_restored_elsewhere(home: Path, tmp_path: Path) -> None:
    khaosat("round", "create", str(EXAMPLE / "round.yaml"), home=home)
    archive = tmp_path / "backup.zip"

    made = khaosat("db", "backup", "--to", str(archive), home=home)
    checked = khaosat("db", "check", str(archive))
    restored = khaosat("db", "restore", str(archive), home=tmp_path / "new")
    listed = khaosat("round", "list", "--json", home=tmp_path / "new")

    assert [each.returncode for each in (made, checked, restored, listed)] == [0, 0, 0, 0]
    assert '"bp2022"' in listed.stdout
