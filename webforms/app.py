"""The application factory: explicit settings in, one Flask app out.

Blueprints are one per audience and know nothing of each other; what they share stands beside this
file and is switched on here.
"""

from types import TracebackType

from flask import Flask
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from survey.language import TRANSLATIONS
from survey.records.store import Store
from survey.settings import Settings
from webforms import (
    access,
    clerk,
    clock,
    config,
    db,
    formatting,
    headers,
    health,
    labels,
    limits,
    logs,
    menu,
    office,
    problems,
    respondent,
    results,
    staff,
)
from webforms import visitor as visitors

__all__ = ["create_app"]

_Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _QuietFlask(Flask):
    """Flask whose own error log is ours: its line would quote the path, and the token in it."""

    def log_exception(self, exc_info: _Failure) -> None:
        if exc_info[1] is not None:
            logs.report_error(exc_info[1])


def create_app(
    settings: Settings, store: Store | None = None, *, clock_reads: clock.Clock = clock.utc_now
) -> Flask:
    """Build the web application.

    Parameters
    ----------
    settings : of the installation
    store : the database; opened from ``settings`` where none is given
    clock_reads : tells the present moment

    Returns
    -------
    Flask

    Raises
    ------
    survey.settings.SettingsError
        The settings contradict each other, or there is no secret key.
    """
    app = _QuietFlask("webforms", static_folder="static", template_folder="templates")
    config.init_app(app, settings)
    clock.init_app(app, clock_reads)
    db.init_app(app, store or Store.at(settings.database_url))
    _switch_on(app, settings)
    _open_doors(app)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def _switch_on(app: Flask, settings: Settings) -> None:
    """Switch on everything that pages share; the guard runs before the form token is looked at."""
    headers.init_app(app, secure=not settings.insecure_loopback)
    visitors.init_app(app)
    access.init_app(app)
    limits.init_app(app)
    CSRFProtect(app)
    Bootstrap5(app)
    Babel(
        app,
        default_locale="vi",
        default_timezone="Asia/Ho_Chi_Minh",
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=visitors.chosen_language,
    )
    formatting.init_app(app)
    labels.init_app(app)
    menu.init_app(app)
    logs.init_app(app)
    problems.init_app(app)


def _open_doors(app: Flask) -> None:
    """Register the blueprint of every audience."""
    for audience in (health, respondent, staff, clerk, office, results):
        app.register_blueprint(audience.blueprint)
