"""The structured log: one JSON object a line on standard error.

It holds what happened and never to whom: no token, answer, address, name or path, and nothing
at all about an ordinary respondent request. A message written by a library may hold any of these,
so of foreign records only the logger's name and the kind of error are kept.
"""

import json
import logging
import secrets
import sys
import traceback
from datetime import UTC, datetime

from flask import Flask, request
from flask.wrappers import Response

from webforms.access import is_public
from webforms.visitor import visitor

__all__ = ["JsonLines", "configure", "init_app", "report_error"]

_log = logging.getLogger("khaosat")
_FRAMES = 12


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object; the message of a library is left out."""

    def format(self, record: logging.LogRecord) -> str:
        """Write ``record`` as one line of JSON."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name == _log.name:
            line["event"] = record.msg
            line |= getattr(record, "fields", {})
        elif record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def configure(level: str) -> None:
    """Send every log of the process through the JSON lines, at ``level`` and above."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=level, force=True)


def init_app(app: Flask) -> None:
    """Log each change that staff make through ``app``; the address bar stays out of it."""
    app.after_request(_log_staff_change)


def _log_staff_change(response: Response) -> Response:
    """Log a change by its page; staff are respondents too, and those pages are public."""
    if request.method == "POST" and response.status_code < 400 and not is_public(request.endpoint):
        account = visitor().account
        if account is not None:
            _say("staff_change", account=account.id, endpoint=request.endpoint)
    return response


def report_error(error: BaseException) -> str:
    """Log an unexpected error and return the id that its page shows.

    The message is left out: a database error quotes the values of its statement.
    """
    error_id = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    _say(
        "error",
        level=logging.ERROR,
        id=error_id,
        error=type(error).__name__,
        endpoint=request.endpoint,
        trace=[f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames],
    )
    return error_id


def _say(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    _log.log(level, event, extra={"fields": fields})
