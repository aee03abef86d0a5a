"""The house keeps its own rules: docstrings, exports, documents, no traces of a machine."""

import ast
import importlib
import re
import subprocess
from pathlib import Path

import pytest

from survey.settings import SETTINGS

ROOT = Path(__file__).parents[2]
ROOMS = ("questionnaires", "sampling", "stats", "survey", "webforms")
MODULES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if "migrations/versions" not in path.as_posix()
)


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_module_says_in_one_sentence_what_lives_in_it(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":", "?"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_grows_beyond_six_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 600, "aim for 400; split it"


@pytest.mark.parametrize(
    "name",
    [
        "questionnaires",
        "sampling",
        "sampling.allocation",
        "sampling.assignments",
        "sampling.balanced",
        "sampling.collation",
        "sampling.coordination",
        "sampling.crosswalk",
        "sampling.household",
        "sampling.household_records",
        "sampling.listed",
        "sampling.multistage",
        "sampling.pps",
        "sampling.records",
        "sampling.reserves",
        "sampling.selection",
        "sampling.sizes",
        "questionnaires.expressions",
        "questionnaires.xlsform",
        "stats",
        "stats.cross_rating",
        "stats.disclosure",
        "stats.goals",
        "stats.index",
        "stats.intervals",
        "stats.nonresponse",
        "stats.quality",
        "stats.rank_sets",
        "stats.ranking",
        "stats.response_rates",
        "stats.satisfaction",
        "stats.trend",
    ],
)
def test_public_module_exports_what_it_names_and_documents_it(name: str) -> None:
    module = importlib.import_module(name)

    for exported in module.__all__:
        thing = getattr(module, exported)
        assert callable(thing) is False or thing.__doc__, f"{name}.{exported} has no docstring"


def test_configuration_table_is_the_settings_of_the_code() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \| (.+) \|$", text, flags=re.MULTILINE)

    assert rows == [(each.variable, each.default, each.effect) for each in SETTINGS]


def test_services_and_pages_leave_reading_to_the_queries() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if re.search(r"from sqlalchemy import .*\bselect\b", path.read_text(encoding="utf-8"))
    }

    assert {name for name in readers if not name.startswith("survey/queries/")} == {
        "survey/services/backup.py",  # copies tables, not records
        "survey/services/close.py",  # names the keyings of a round inside a DELETE
        "survey/services/collect.py",  # holds the right to answer while its draft is written
    }


def test_every_step_of_a_round_is_written_into_the_audit_log() -> None:
    silent = [
        f"{path.name}: {function.name}"
        for path in (ROOT / "survey" / "services").rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        and {"move", "note_sheet"} & _called(function)
        and "record" not in _called(function)
    ]

    assert silent == []


def _called(function: ast.FunctionDef) -> set[str]:
    """Name what a function calls, methods by their own name."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else ast.unparse(call) for call in calls}


def test_environment_is_read_at_the_edges_only() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if re.search(r"os\.environ|os\.getenv", path.read_text(encoding="utf-8"))
    }

    assert readers == {"survey/cli/context.py", "survey/cli/server.py", "webforms/config.py"}


def test_no_file_holds_a_path_of_a_machine_or_a_host_of_a_registry() -> None:
    traces = re.compile(
        r"/wor[k]/|/roo[t]/|/tm[p]/k|\.\./share[d]|bash[_]jobs|files\.pythonhosted\.or[g]|"
        r"pypi\.or[g]|registry\.npmj[s]"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked_files()
        if path.suffix not in {".png", ".mo", ".xlsx", ".docx", ".pdf"}
        for match in [traces.search(path.read_text(encoding="utf-8", errors="ignore"))]
        if match
    ]

    assert found == []


def test_make_targets_named_in_the_readmes_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, flags=re.MULTILINE))

    for readme in ("README.md", "README.vi.md", "CONTRIBUTING.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^)make ([a-z0-9-]+)", text, flags=re.MULTILINE))
        assert named <= targets, readme


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(
        re.findall(r"\((\d{4}-[a-z-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    )

    assert listed == {path.name for path in folder.glob("[0-9]*.md")}
