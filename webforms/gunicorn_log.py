"""Gunicorn's own log without what it would quote of a request: the address and the path.

Chosen with ``--logger-class webforms.gunicorn_log.QuietLogger``.
"""

import logging
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

__all__ = ["QuietLogger"]

_QUOTING = ("Invalid request from", "Error handling request")


class QuietLogger(Logger):  # type: ignore[misc]
    """Keeps no access log and says of a broken request only that there was one."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """Set gunicorn's log up and put the filter before it."""
        super().setup(cfg)
        self.error_log.addFilter(without_request)

    def access(self, *_: object) -> None:
        """Write nothing: a line per request would tell who answered when."""


def without_request(record: logging.LogRecord) -> bool:
    """Take address, path and traceback out of a record about a request."""
    if str(record.msg).startswith(_QUOTING):
        record.msg, record.args = "A request could not be answered.", ()
        record.exc_info, record.exc_text = None, None
    return True
