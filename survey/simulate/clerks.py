"""Simulated clerks: sign in, key forms with now and then a slip, settle differences."""

from collections.abc import Mapping

import numpy as np

from questionnaires import (
    Answer,
    DateItem,
    DecimalItem,
    Question,
    Questionnaire,
    ScaleItem,
)
from survey.simulate.visitor import Page, UnexpectedPageError, Visitor

SLIP = 0.004
"""Share of scale answers that a simulated clerk keys wrongly."""


class Clerk:
    """A clerk at a keyboard, signed in."""

    def __init__(self, base_url: str, *, username: str, password: str) -> None:
        self._visitor = Visitor(base_url)
        page = self._visitor.get("/dang-nhap")
        form = page.form(having="password")
        page = self._visitor.send(page, form, {"username": [username], "password": [password]})
        if page.path.startswith("/dang-nhap"):
            raise UnexpectedPageError(f"the sign-in of {username} was refused")

    def open_batch(self, *, round_code: str, label: str) -> str:
        """Open a batch of paper forms and return its path."""
        page = self._visitor.get("/nhap-lieu/")
        form = page.form(having="label")
        page = self._visitor.send(page, form, {"round": [round_code], "label": [label]})
        if "/nhap-lieu/lo/" not in page.path:
            raise UnexpectedPageError(f"the batch was not opened: {page.path} ({page.status})")
        return page.path

    def key(self, batch: str, serial: str, keyed: Mapping[str, str]) -> None:
        """Key one form of the batch."""
        page = self._visitor.get(batch)
        page = self._visitor.send(page, page.form(having="serial"), {"serial": [serial]})
        form = page.form(having=next(iter(keyed)))
        page = self._visitor.send(page, form, {name: [text] for name, text in keyed.items()})
        _expect(page, batch)

    def settle(self, paper: Mapping[str, Mapping[str, str]]) -> int:
        """Decide every form whose two keyings differ by looking at the paper; count them."""
        page = self._visitor.get("/nhap-lieu/doi-chieu/")
        waiting = [serial for serial in paper if f"/nhap-lieu/doi-chieu/{serial}" in page.text]
        for serial in waiting:
            page = self._visitor.get(f"/nhap-lieu/doi-chieu/{serial}")
            self._decide(page, paper[serial])
        return len(waiting)

    def close(self) -> None:
        """Leave."""
        self._visitor.close()

    def _decide(self, page: Page, truth: Mapping[str, str]) -> None:
        form = next(form for form in page.forms() if form.method == "post" and form.choices)
        values: dict[str, list[str]] = {}
        for item in form.choices:
            values[item] = ["other"]
            values[f"{item}__other"] = [truth.get(item, "")]
        answered = self._visitor.send(page, form, values)
        _expect(answered, "/nhap-lieu/doi-chieu")


def as_keyed(answers: Mapping[str, Answer], questionnaire: Questionnaire) -> dict[str, str]:
    """Return the answers as a clerk types them, in the order of the form."""
    return {
        name: _typed(item, answer)
        for name, item in questionnaire.questions_by_id.items()
        if (answer := answers.get(name)) is not None
    }


def _typed(item: Question, answer: Answer) -> str:
    if isinstance(answer, tuple):
        return " ".join(answer)
    if isinstance(item, DecimalItem):
        return str(answer).replace(".", ",")
    return "".join(reversed(str(answer).split("-"))) if isinstance(item, DateItem) else str(answer)


def with_slips(
    keyed: Mapping[str, str], questionnaire: Questionnaire, rng: np.random.Generator
) -> dict[str, str]:
    """Return ``keyed`` with the slips of a busy hand."""
    typed = dict(keyed)
    for name in keyed:
        item = questionnaire.questions_by_id[name]
        if isinstance(item, ScaleItem) and rng.random() < SLIP:
            codes = [option.code for option in questionnaire.scales[item.scale].options]
            typed[name] = codes[int(rng.integers(len(codes)))]
    return typed


def _expect(page: Page, path: str) -> None:
    if page.status != 200 or not page.path.startswith(path):
        raise UnexpectedPageError(f"expected {path}, got {page.path} ({page.status})")
