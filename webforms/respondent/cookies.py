"""The respondent's cookies: the token of the link, the device's secret, the receipt.

Each invitation has a device secret of its own, because several officials may share one computer:
copying one person's code to another device must not touch anybody else's draft.
"""

import hashlib
from dataclasses import dataclass

from flask import current_app, request
from flask.wrappers import Response

__all__ = [
    "Bearer",
    "bearer",
    "forget_device",
    "give_device",
    "give_invitation",
    "give_receipt",
    "receipt",
]

_PATH = "/phieu"
_TWO_MONTHS = 60 * 24 * 3600
_LONGEST = 200
_SIMULATED = ".simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """What this browser holds for a round; ``device`` is empty until a draft is begun."""

    token: str
    device: str

    @property
    def mark(self) -> str:
        """Name this invitation to forms and cookies without naming its token."""
        return _mark(self.token)


def _mark(token: str) -> str:
    return hashlib.sha256(f"khaosat mark {token}".encode()).hexdigest()[:16]


def bearer(round_code: str) -> Bearer | None:
    """Return what this browser holds for ``round_code``; None where it opened no link of it."""
    token = request.cookies.get(f"phieu-{round_code}", "")[:_LONGEST]
    if not token:
        return None
    return Bearer(token=token, device=request.cookies.get(f"may-{_mark(token)}", "")[:_LONGEST])


def give_invitation(response: Response, round_code: str, token: str) -> None:
    """Let the browser keep the token until it is closed."""
    _give(response, f"phieu-{round_code}", token, path=_PATH, max_age=None)


def give_device(response: Response, token: str, device: str) -> None:
    """Let the browser keep the device's secret as long as a round may run."""
    _give(response, f"may-{_mark(token)}", device, path=_PATH, max_age=_TWO_MONTHS)


def forget_device(response: Response, token: str) -> None:
    """Take the device's secret away: a copy of the draft, in a backup, opens nowhere any more."""
    response.delete_cookie(
        f"may-{_mark(token)}",
        path=_PATH,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def give_receipt(response: Response, round_code: str, code: str, *, simulated: bool) -> None:
    """Let the browser keep the receipt until it is closed; the address bar never shows it."""
    path = f"{_PATH}/{round_code}/da-gui"
    value = f"{code}{_SIMULATED if simulated else ''}"
    _give(response, "bien-nhan", value, path=path, max_age=None)


def receipt() -> tuple[str, bool] | None:
    """Return the receipt that this browser was given, and whether its round is simulated."""
    value = request.cookies.get("bien-nhan")
    return (value.removesuffix(_SIMULATED), value.endswith(_SIMULATED)) if value else None


def _give(response: Response, name: str, value: str, *, path: str, max_age: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=path,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
