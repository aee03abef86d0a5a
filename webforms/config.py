"""Settings of the web server: the environment is read here and nowhere below.

Cookies are ``Secure`` unless the installation says that it is a loopback one, and only an
address on 127.0.0.1 is believed when it says so.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app

from survey.settings import Settings, SettingsError, settings_from

__all__ = ["check_settings", "flask_config", "init_app", "settings", "settings_from_environment"]

_EXTENSION = "khaosat.settings"
LARGEST_POST = 256 * 1024
"""A larger form is refused before it is read; files of the office have a limit of their own."""


def settings_from_environment() -> Settings:
    """Read the settings from the environment of this process.

    Raises
    ------
    SettingsError
        A value cannot be used; the message names the variable.
    """
    return settings_from(os.environ)


def init_app(app: Flask, chosen: Settings) -> None:
    """Give ``app`` the settings of its installation."""
    app.config.from_mapping(flask_config(chosen))
    app.extensions[_EXTENSION] = chosen


def settings() -> Settings:
    """Return the settings of the current app's installation."""
    found: Settings = current_app.extensions[_EXTENSION]
    return found


def check_settings(chosen: Settings) -> None:
    """Refuse settings that would send cookies over an open line.

    Raises
    ------
    SettingsError
        ``insecure_loopback`` is on and the public address is not http on 127.0.0.1, or it is off
        and the public address is not https.
    """
    address = urlsplit(chosen.public_url)
    if chosen.insecure_loopback and address.hostname != "127.0.0.1":
        msg = (
            f"KHAOSAT_INSECURE_LOOPBACK is 1 but KHAOSAT_PUBLIC_URL is {chosen.public_url!r}; "
            "it is for http://127.0.0.1 only: use https and leave it off"
        )
        raise SettingsError(msg)
    if not chosen.insecure_loopback and address.scheme != "https":
        msg = (
            f"KHAOSAT_PUBLIC_URL is {chosen.public_url!r}: cookies travel over https only; "
            "put a certificate in front, or set KHAOSAT_INSECURE_LOOPBACK=1 on 127.0.0.1"
        )
        raise SettingsError(msg)


def flask_config(chosen: Settings) -> dict[str, Any]:
    """Return Flask's configuration for ``settings``.

    Raises
    ------
    SettingsError
        The settings contradict each other, or there is no secret key.
    """
    check_settings(chosen)
    return {
        "SECRET_KEY": chosen.read_secret_key(),
        "SESSION_COOKIE_NAME": "khaosat",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": not chosen.insecure_loopback,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": LARGEST_POST,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "WTF_CSRF_TIME_LIMIT": None,
        # Our pages send no referrer, so Flask-WTF has none to compare; the token decides.
        "WTF_CSRF_SSL_STRICT": False,
        "BOOTSTRAP_SERVE_LOCAL": True,
        "RATELIMIT_STORAGE_URI": "memory://",
        "RATELIMIT_HEADERS_ENABLED": False,
    }
