"""The wheel alone is enough: templates, catalogues, migrations and examples are in it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KHAOSAT_", "PYTHON"))
    }
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, input=stdin
    )


@pytest.mark.timeout(900)
def test_wheel_installed_alone_sets_up_an_installation_and_loads_the_example(
    tmp_path: Path,
) -> None:
    built = run(
        *(sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)),
        cwd=tmp_path,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    venv = tmp_path / "venv"
    assert run(sys.executable, "-m", "venv", str(venv), cwd=tmp_path).returncode == 0
    installed = run(
        *(str(venv / "bin" / "python"), "-m", "pip", "install", "-qq"),
        *("-c", str(ROOT / "constraints.txt"), str(wheel)),
        cwd=tmp_path,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    khaosat = str(venv / "bin" / "khaosat")

    initialised = run(
        *(khaosat, "init", "--home", str(tmp_path / "home"), "--password-stdin"),
        cwd=tmp_path,
        stdin="một mật khẩu dài\n",
    )
    shipped = next((venv / "lib").glob("python*/site-packages/survey/examples/*/round.yaml"))
    created = run(
        *(khaosat, "round", "create", str(shipped), "--home", str(tmp_path / "home")),
        cwd=tmp_path,
    )
    pages = run(
        *(str(venv / "bin" / "python"), "-c"),
        "from importlib.resources import files\n"
        "import webforms, survey\n"
        "assert files('webforms').joinpath('templates/public.html').is_file()\n"
        "assert files('survey').joinpath('translations/vi/LC_MESSAGES/messages.mo').is_file()\n"
        "assert files('survey').joinpath('examples/cross_rating/raters.csv').is_file()\n"
        "assert list(files('survey').joinpath('documents').glob('*.typ'))\n"
        "from questionnaires.library import SHIPPED, shipped\n"
        "assert all(shipped(name).questions for name in SHIPPED)",
        cwd=tmp_path,
    )

    assert initialised.returncode == 0, initialised.stderr
    assert created.returncode == 0, created.stderr
    assert pages.returncode == 0, pages.stderr
