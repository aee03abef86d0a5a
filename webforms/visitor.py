"""Who is asking: the language and the staff sign-in, read once from the cookies.

A sign-in is one signed string: account, the account's session key, the moment of sign-in.
Changing the password changes the session key, so every older sign-in ends with it; nothing
prolongs a sign-in beyond eight hours.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

from flask import Flask, current_app, g, request, session
from flask.wrappers import Response
from flask_login import LoginManager, login_user, logout_user
from flask_login import current_user as _signed_in

from survey.language import LANGUAGES
from survey.records.people import Account
from survey.rules.permissions import Permission, Role, may
from survey.services.accounts import account_by_id
from webforms.clock import now
from webforms.db import reading

__all__ = [
    "StaffAccount",
    "Visitor",
    "chosen_language",
    "init_app",
    "remember_language",
    "sign_in",
    "sign_out",
    "visitor",
]

LONGEST_SIGN_IN = timedelta(hours=8)
_LANGUAGE_COOKIE = "ngon_ngu"
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccount:
    """The signed-in member of staff, as pages and views see them."""

    id: str
    username: str
    display_name: str
    role: Role

    def may(self, permission: Permission | str) -> bool:
        """Say whether the account's role has ``permission``; templates pass its name."""
        return may(self.role, Permission(permission))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever sent the request."""

    account: StaffAccount | None
    language: str


class _SignIn:
    """What Flask-Login keeps: the account and the string that names this sign-in."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, account: Account, at: datetime) -> None:
        self.account = StaffAccount(
            id=account.id,
            username=account.username,
            display_name=account.display_name,
            role=account.role,
        )
        self._name = f"{account.id}.{account.session_key}.{int(at.timestamp())}"

    def get_id(self) -> str:
        """Return the string that goes into the signed session cookie."""
        return self._name


def init_app(app: Flask) -> None:
    """Make ``app`` recognise signed-in staff."""
    manager = LoginManager()
    manager.session_protection = None  # it hashes the address, which changes under way
    manager.user_loader(_load)
    # Its context processor would ask the database on every page, error pages included.
    manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals["visitor"] = visitor
    app.jinja_env.globals["language"] = chosen_language


def _load(name: str) -> _SignIn | None:
    account_id, session_key, seconds = name.split(".")
    at = datetime.fromtimestamp(int(seconds), UTC)
    if now() - at >= LONGEST_SIGN_IN:
        return None
    with reading() as database:
        account = account_by_id(database, account_id)
    if account is None or not account.active:
        return None
    return _SignIn(account, at) if compare_digest(account.session_key, session_key) else None


def visitor() -> Visitor:
    """Return the visitor of this request; asks the database only for signed-in staff."""
    if "visitor" not in g:
        signed_in = _signed_in if "_user_id" in session else None
        g.visitor = Visitor(
            account=getattr(signed_in, "account", None),
            language=chosen_language(),
        )
    found: Visitor = g.visitor
    return found


def chosen_language() -> str:
    """Return the language chosen in the cookie; Vietnamese until another is chosen."""
    if "language" not in g:
        chosen = request.cookies.get(_LANGUAGE_COOKIE, "")
        g.language = chosen if chosen in LANGUAGES else LANGUAGES[0]
    language: str = g.language
    return language


def remember_language(response: Response, language: str) -> Response:
    """Keep the chosen language in a cookie that holds nothing else."""
    response.set_cookie(
        _LANGUAGE_COOKIE,
        language,
        max_age=_YEAR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def sign_in(account: Account) -> None:
    """Begin a sign-in; whatever the session held before is dropped."""
    session.clear()
    login_user(_SignIn(account, now()))
    g.pop("visitor", None)


def sign_out() -> None:
    """End the sign-in and drop the session."""
    logout_user()
    session.clear()
    g.pop("visitor", None)
