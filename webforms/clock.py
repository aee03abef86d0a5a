"""The one place of the web server that asks what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, current_app

__all__ = ["Clock", "init_app", "now", "utc_now"]

Clock = Callable[[], datetime]
_EXTENSION = "khaosat.clock"


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def init_app(app: Flask, clock: Clock) -> None:
    """Let ``app`` tell the time by ``clock``."""
    app.extensions[_EXTENSION] = clock


def now() -> datetime:
    """Return the present moment by the clock of the current app."""
    clock: Clock = current_app.extensions[_EXTENSION]
    return clock()
