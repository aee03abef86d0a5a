"""Limits: what one request may carry, and how often one may try.

Ordinary respondent pages have no rate limit per address: a whole agency answers from behind one.
Only what looks like guessing is counted (wrong tokens, wrong codes, failed sign-ins), and posts per
invitation.
"""

from itertools import chain

from flask import Flask, abort, request
from flask.wrappers import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

__all__ = ["FAILED_SIGN_INS", "POSTS", "WRONG_CODES", "WRONG_TOKENS", "init_app", "limiter"]

WRONG_TOKENS = "30 per minute"
WRONG_CODES = "10 per minute"
POSTS = "120 per minute"
FAILED_SIGN_INS = "60 per minute"
LARGEST_UPLOAD = 64 * 1024 * 1024
"""A register of 50 MB is still read far enough to be refused politely."""

_FILES_GO_TO = frozenset({"office.import_register", "office.import_staff"})

limiter = Limiter(key_func=get_remote_address, default_limits=[])
"""Stateless until `init_app`; Flask-Limiter's decorators need it at import."""


def init_app(app: Flask) -> None:
    """Switch the limits of ``app`` on, with counters of its own."""
    app.before_request(_let_files_in)
    app.before_request(_refuse_unreadable)
    limiter.init_app(app)


def _let_files_in() -> None:
    """Let signed-in staff of the office send files; whoever is not has been turned away before."""
    if request.endpoint in _FILES_GO_TO:
        request.max_content_length = LARGEST_UPLOAD


def _refuse_unreadable() -> None:
    """Refuse what no page of ours sends: zero bytes, which PostgreSQL cannot take, and files."""
    if request.endpoint is None:
        return
    fields = [*request.args.items(multi=True), *request.form.items(multi=True)]
    if any("\0" in text for text in (request.path, *chain.from_iterable(fields))):
        abort(400)
    if request.files and request.endpoint not in _FILES_GO_TO:
        abort(400)


def refused(response: Response) -> bool:
    """Say whether a response answers a failed attempt: only those are counted."""
    return response.status_code >= 400
