"""Errors become statuses and pages here and nowhere else.

The pages need no database and no script, so they still come when the database is away; 503 says
that nothing was lost, because a draft is only dropped by the commit that takes the answers.
"""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from questionnaires import REMEDIES, TEMPLATES, Problem, ProblemCode, Questionnaire
from survey import errors
from webforms.fields import printed_number
from webforms.labels import words
from webforms.logs import report_error
from webforms.visitor import chosen_language

__all__ = [
    "STATUSES",
    "answer_message",
    "fault_message",
    "init_app",
    "message",
    "page",
    "status_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    title: object
    advice: object


_PAGES: Mapping[int, _Page] = MappingProxyType(
    {
        400: _Page(
            title=_l("The request could not be read"),
            advice=_l("Go back, load the page again and repeat the last step."),
        ),
        403: _Page(
            title=_l("This page is not open to you"),
            advice=_l("Sign in with an account that may do this, or ask an administrator."),
        ),
        404: _Page(
            title=_l("There is no such page"),
            advice=_l("Check the address; if you came by a link, ask whoever gave it to you."),
        ),
        405: _Page(
            title=_l("This address cannot be used in this way"),
            advice=_l("Go back to the page before and use its buttons."),
        ),
        409: _Page(
            title=_l("This is not possible now"),
            advice=_l("Go back and load the page again to see how things stand."),
        ),
        410: _Page(
            title=_l("This link is no longer valid"),
            advice=_l("Nothing more can be sent with it."),
        ),
        413: _Page(
            title=_l("What was sent is too large"),
            advice=_l("Send a smaller file or a shorter text."),
        ),
        429: _Page(
            title=_l("Too many attempts"),
            advice=_l("Wait a minute, then try again."),
        ),
        500: _Page(
            title=_l("Something went wrong on our side"),
            advice=_l("The last step was not stored. Try again; if it happens once more, tell us."),
        ),
        503: _Page(
            title=_l("The service is not available for a moment"),
            advice=_l(
                "The last step was not stored; what was stored before is still there. "
                "Wait a minute, then try again."
            ),
        ),
    }
)

STATUSES: Mapping[type[errors.SurveyError], int] = MappingProxyType(
    {
        errors.RefusedInputError: 400,
        errors.WrongKeyError: 400,
        errors.SignInRefusedError: 403,
        errors.NotPermittedError: 403,
        errors.NotFoundError: 404,
        errors.NotAllowedNowError: 409,
        errors.NotReadyError: 409,
        errors.DifferentAnswersError: 409,
        errors.StaleFormError: 409,
        errors.DraftLockedError: 409,
        errors.FormFinishedError: 409,
        errors.KeyedAlreadyError: 409,
        errors.TooManyFormsError: 409,
        errors.NoReserveLeftError: 409,
        errors.UnfinishedKeyingError: 409,
        errors.BallotsDoNotMatchError: 409,
        errors.InvitationUsedError: 410,
        errors.LockedOutError: 429,
        errors.BackupDiffersError: 500,
        errors.BusyDatabaseError: 503,
    }
)
"""Every refusal of `survey` and its status; the nearest parent class counts."""


_IN_WORDS = frozenset({"what", "action"})


def status_of(error: errors.SurveyError) -> int:
    """Return the status of the page that answers ``error``; 500 where none was expected."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def message(error: errors.SurveyError) -> str:
    """Say ``error`` in the visitor's language, its codes and its words with it."""
    values = {name: _word(name, str(value)) for name, value in error.values.items()}
    if isinstance(error, errors.NotReadyError):
        values["missing"] = "; ".join(map(_, error.missing))
    return _say(error.template, values)


def _word(name: str, value: str) -> str:
    """Say a value of an error: codes and words have a translation, the rest stands as it is."""
    said = words(name, value)
    return _(said) if name in _IN_WORDS and said == value else said


def fault_message(fault: object) -> str:
    """Say one reason of a refused input in the visitor's language.

    Parameters
    ----------
    fault : an error of `survey`, a problem of `questionnaires`, anything with an English
        ``template`` and its ``values``, or a plain sentence

    Returns
    -------
    str
        What is wrong and what to do.
    """
    if isinstance(fault, errors.SurveyError):
        return message(fault)
    if isinstance(fault, Problem):
        parts = (TEMPLATES[fault.code], REMEDIES[fault.code])
        return " ".join(_say(part, _numbers(fault)) for part in parts)
    template = getattr(fault, "template", None)
    if isinstance(template, str):
        values = getattr(fault, "values", {})
        return _say(template, {name: words(name, str(value)) for name, value in values.items()})
    return _say(str(fault), {})


def answer_message(questionnaire: Questionnaire, problem: Problem) -> str:
    """Say what is wrong with an answer to somebody who sees wordings and no codes.

    Parameters
    ----------
    questionnaire : the one that is answered
    problem : of its checks

    Returns
    -------
    str
        What is wrong and what to do, in the visitor's language.
    """
    item = questionnaire.questions_by_id.get(problem.place)
    if item is None:
        return fault_message(problem)
    language = chosen_language()
    texts = {
        option.code: f"“{questionnaire.text_in(option.text, language)}”"
        for option in questionnaire.options_of(item)
    }
    values = {**problem.values, "number": printed_number(questionnaire, item.id)}
    if problem.code is ProblemCode.EXCLUSIVE_CHOICE:
        values["value"] = texts.get(values["value"], values["value"])
    if problem.code is ProblemCode.CODE_NOT_IN_LIST:
        values["allowed"] = ", ".join(texts.values())
    return fault_message(replace(problem, values=values))


def _numbers(problem: Problem) -> Mapping[str, str]:
    """Write the bounds of a decimal with the visitor's mark before the decimals."""
    if problem.code is not ProblemCode.OUT_OF_RANGE or chosen_language() == "en":
        return problem.values
    bounds = {name: problem.values[name].replace(".", ",") for name in ("value", "min", "max")}
    return {**problem.values, **bounds}


def _say(template: str, values: Mapping[str, object]) -> str:
    sentence: str = _(template)
    return sentence % values if values else sentence


def page(
    status: int, *, reason: str = "", faults: Sequence[str] = (), error_id: str = ""
) -> tuple[str, int]:
    """Return the page for ``status``.

    Parameters
    ----------
    status : HTTP status
    reason, faults : sentences already in the visitor's language
    error_id : under which the log knows the error

    Returns
    -------
    str, int
        HTML and status.
    """
    known = _PAGES.get(status, _PAGES[400 if status < 500 else 500])
    body = render_template(
        "problem.html", status=status, page=known, reason=reason, faults=faults, error_id=error_id
    )
    return body, status


def init_app(app: Flask) -> None:
    """Answer every error of ``app`` with its page."""
    app.register_error_handler(errors.SurveyError, _refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(CSRFError, _not_our_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: errors.SurveyError) -> ResponseReturnValue:
    faults = error.faults if isinstance(error, errors.RefusedInputError) else ()
    return page(status_of(error), reason=message(error), faults=[*map(fault_message, faults)])


def _stale(error: StaleDataError) -> ResponseReturnValue:
    del error
    return _refused(errors.StaleFormError())


def _not_our_form(error: CSRFError) -> ResponseReturnValue:
    del error
    reason = _(
        "The form did not come with the mark that this site gives out. Cookies may be switched "
        "off, or the page was opened before a new sign-in."
    )
    return page(400, reason=reason)


def _http(error: HTTPException) -> ResponseReturnValue | HTTPException:
    if isinstance(error, RequestRedirect) or error.code is None or error.code < 400:
        return error
    headers = [item for item in error.get_headers() if item[0] in {"Allow", "Retry-After"}]
    return *page(error.code), headers


def _unexpected(error: Exception) -> ResponseReturnValue:
    return page(503 if _is_storage(error) else 500, error_id=report_error(error))


def _is_storage(error: Exception) -> bool:
    """Say whether the database or the disk is away, rather than the program wrong."""
    if isinstance(error, DBAPIError):
        return type(error).__name__ in {"OperationalError", "InterfaceError", "InternalError"}
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}
    return isinstance(error, PoolTimeoutError) and isinstance(error, SQLAlchemyError)
