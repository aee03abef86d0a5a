"""No sentence of the interface is without its Vietnamese."""

import subprocess
import sys
from pathlib import Path

from survey.language import translations

ROOT = Path(__file__).parents[2]


def test_every_message_has_its_vietnamese_and_the_catalogue_is_current() -> None:
    result = subprocess.run(
        [sys.executable, "scripts/catalogue", "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr


def test_compiled_catalogue_says_what_the_written_one_says() -> None:
    assert translations("vi").gettext("Sign in") == "Đăng nhập"
