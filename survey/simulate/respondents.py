"""Simulated respondents: open the link, consent, answer section by section, check, send."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from questionnaires import Answer, Questionnaire
from survey.simulate.visitor import Form, Page, UnexpectedPageError, Visitor

_MOST_PAGES = 60


def answer_online(
    base_url: str, link: str, answers: Mapping[str, Answer], questionnaire: Questionnaire
) -> str:
    """Answer one invitation through the web pages.

    Parameters
    ----------
    base_url : where the server listens
    link : the invitation's link
    answers : what the person would answer to each question
    questionnaire : for the name of the consent question

    Returns
    -------
    str
        The path of the last page: the receipt, or the page after an ending answer.

    Raises
    ------
    UnexpectedPageError
        A page was not what a respondent can go on from.
    """
    visitor = Visitor(base_url)
    try:
        page = visitor.get(urlsplit(link).path)
        for _ in range(_MOST_PAGES):
            _check(page)
            form = _form_to_fill(page)
            if form is None:
                return page.path
            page = visitor.send(page, form, _filled(form, answers, questionnaire))
    finally:
        visitor.close()
    raise UnexpectedPageError(f"{page.path}: no end after {_MOST_PAGES} pages")


def _check(page: Page) -> None:
    if page.status != HTTPStatus.OK:
        raise UnexpectedPageError(f"{page.path} answered {page.status}")


def _form_to_fill(page: Page) -> Form | None:
    forms = [form for form in page.forms() if form.method == "post" and "/phieu/" in page.path]
    return forms[0] if forms else None


def _filled(
    form: Form, answers: Mapping[str, Answer], questionnaire: Questionnaire
) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name in {*form.choices, *form.fields} & questionnaire.questions_by_id.keys():
        answer = answers.get(name)
        if answer is None:
            continue
        codes = list(answer) if isinstance(answer, tuple) else [str(answer)]
        offered = form.choices.get(name)
        values[name] = [code for code in codes if offered is None or code in offered]
    if ("action", "continue") in form.buttons:
        values["action"] = ["continue"]
    return values
