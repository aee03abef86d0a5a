"""Who may open which page: nothing is open unless its view says so.

Every view carries one of the three marks below; a view without one is refused to everybody,
so that forgetting a mark can close a page but never open one.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from survey.rules.permissions import Permission, require
from webforms.visitor import StaffAccount, visitor

__all__ = ["current_account", "everyone_signed_in", "init_app", "is_public", "needs", "public"]

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "khaosat_access"
_PUBLIC = "public"
_SIGNED_IN = "signed in"
_ASSETS = frozenset({"static", "bootstrap.static"})


def public(view: View) -> View:
    """Let everybody in: respondents and the sign-in page."""
    return _marked(view, _PUBLIC)


def everyone_signed_in(view: View) -> View:
    """Let in whoever is signed in, whatever the role."""
    return _marked(view, _SIGNED_IN)


def needs(permission: Permission) -> Callable[[View], View]:
    """Let in accounts whose role has ``permission``."""

    def mark(view: View) -> View:
        return _marked(view, permission)

    return mark


def is_public(endpoint: str | None) -> bool:
    """Say whether everybody may open the page, so that nothing on it is done as staff."""
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, _MARK, None) == _PUBLIC


def _marked(view: View, mark: str | Permission) -> View:
    setattr(view, _MARK, mark)
    return view


def init_app(app: Flask) -> None:
    """Guard every page of ``app``."""
    app.before_request(_guard)


def _guard() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in _ASSETS:  # no such page: routing answers 404 or 405
        return None
    mark = getattr(current_app.view_functions[endpoint], _MARK, None)
    if mark == _PUBLIC:
        return None
    if mark is None:
        abort(403)
    account = visitor().account
    if account is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("staff.sign_in", next=wanted), 303)
    if isinstance(mark, Permission):
        require(account.role, mark)
    return None


def current_account() -> StaffAccount:
    """Return the signed-in account of a guarded view."""
    account = visitor().account
    if account is None:
        abort(403)
    return account
