"""What a supervisor asks: is the process alive, and can it take answers.

`/healthz` touches nothing; `/readyz` asks the database, its migration and the disk, and names
what is missing without saying where it is.
"""

import shutil

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from survey.services.schema import is_ready
from survey.settings import Settings
from webforms.access import public
from webforms.config import settings
from webforms.db import store

__all__ = ["LEAST_FREE_BYTES", "blueprint"]

LEAST_FREE_BYTES = 50 * 1024 * 1024
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Say whether answers can be stored; 503 with the failing parts where not."""
    parts = {"database": is_ready(store()), "disk": _has_room(settings())}
    body = jsonify(status="ok" if all(parts.values()) else "not ready", **parts)
    return body, 200 if all(parts.values()) else 503


def _has_room(chosen: Settings) -> bool:
    try:
        return shutil.disk_usage(chosen.home).free >= LEAST_FREE_BYTES
    except OSError:
        return False
