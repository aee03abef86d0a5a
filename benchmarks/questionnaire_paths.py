"""What one respondent costs: routing, checking, sealing and opening, beside their floors.

And what a definition of 200 items costs: its check, beside the reading of its YAML alone; one route
through it; the form of a respondent who rates twenty units.
"""

import timeit
from collections.abc import Callable

from nacl.public import PrivateKey, SealedBox

from questionnaires import (
    Answer,
    Door,
    Questionnaire,
    RatedUnit,
    canonical,
    check,
    rating_form,
    read_questionnaire,
    route,
)
from questionnaires.library import shipped
from questionnaires.yamltext import load
from survey.records.collection import Mode
from survey.rules.ballots import (
    OpenBallot,
    ballot_size,
    new_private_key,
    open_ballot,
    public_key_of,
    seal_ballot,
)
from survey.simulate.people import Habits, Person, opinions

FACTS = {"unit.handles_procedures": "yes", "sample.selection": "drawn"}


def seconds(work: Callable[[], object]) -> float:
    """Return the best of five medians of one call, in seconds."""
    timer = timeit.Timer(work)
    count, _ = timer.autorange()
    return min(timer.repeat(repeat=5, number=count)) / count


LONG_HEAD = """\
schema: khaosat/questionnaire/1
id: long
version: "1"
language: vi
title: Phiếu dài
estimated_minutes: 60
scales:
  s: {options: [{code: "1", text: Kém}, {code: "2", text: Vừa}, {code: "3", text: Tốt}]}
sections:
"""
KINDS = (
    'type: single, options: [{code: "1", text: Có}, {code: "2", text: Không}]',
    "type: integer, min: 0, max: 100",
    "type: scale, scale: s",
    'type: decimal, min: "0", max: "99.5", places: 1',
    'type: multi, options: [{code: "1", text: Một}, {code: "2", text: Hai}, {code: "3", text: Ba}]',
)


def long_definition(items: int) -> str:
    """Write a definition of ``items`` items in sections of 20; every second one has a condition."""
    lines = [LONG_HEAD]
    for n in range(items):
        if n % 20 == 0:
            repeat = "    repeat: {over: rated_units, most: 20}\n" if n == 20 else ""
            lines.append(f"  - id: S{n}\n    title: Phần {n}\n{repeat}    items:\n")
        text = f"{{vi: Câu hỏi số {n} của phiếu khảo sát, en: Question {n} of the form}}"
        choice, number = n // 20 * 20, n // 20 * 20 + 1
        shown = f"\"${{Q{choice}}} = '1' or ${{Q{number}}} + 1 > 5\""
        condition = f", show_if: {shown}" if n % 2 and n > number else ""
        lines.append(f"      - {{id: Q{n}, text: {text}{condition}, {KINDS[n % 5]}}}\n")
    return "".join(lines)


def long_answers(questionnaire: Questionnaire) -> dict[str, Answer]:
    """Answer every question, so that every condition is decided."""
    forms: dict[str, Answer] = {"multi": ("1",), "integer": 7, "decimal": "1.5"}
    return {item.id: forms.get(item.type, "1") for item in questionnaire.questions}


def long_form_rows() -> list[tuple[str, float, float, str]]:
    """Measure on a definition of 200 items."""
    text = long_definition(200)
    questionnaire = read_questionnaire(text)
    answers = long_answers(questionnaire)
    units = [RatedUnit(code=str(n), name=f"Đơn vị {n}") for n in range(20)]
    reading = seconds(lambda: load(text))
    write = seconds(lambda: canonical(questionnaire, answers))
    return [
        ("check 200 items", seconds(lambda: read_questionnaire(text)), reading, "YAML alone"),
        ("route 200 items", seconds(lambda: route(questionnaire, answers, {})), write, "JSON"),
        (
            "form of 20 units",
            seconds(lambda: rating_form(questionnaire, units)),
            reading,
            "YAML alone",
        ),
    ]


def rows() -> list[tuple[str, float, float, str]]:
    """Measure on the officials' questionnaire of the example."""
    questionnaire = shipped("officials_par")
    person = Person(unit="SO01", group="CC", slot=1)
    answers = opinions(
        person, questionnaire, seed=1, groups=("LD", "CC"), habits=Habits(left_blank=0)
    )
    size = ballot_size(questionnaire)
    private = new_private_key()
    public = public_key_of(private)
    ballot = OpenBallot(
        answers=answers,
        stratum_id="0" * 32,
        rater_key="1" * 32,
        too_fast=False,
        group_differs=False,
        mode=Mode.WEB,
        keying_batch=None,
    )
    sealed = seal_ballot(ballot, questionnaire, public_key=public, size=size)
    text = bytes(size)
    sealer, opener = SealedBox(PrivateKey(private).public_key), SealedBox(PrivateKey(private))
    write = seconds(lambda: canonical(questionnaire, answers))
    return [
        *long_form_rows(),
        ("route", seconds(lambda: route(questionnaire, answers, FACTS)), write, "canonical JSON"),
        (
            "check",
            seconds(lambda: check(questionnaire, answers, FACTS, door=Door.WEB)),
            write,
            "canonical JSON",
        ),
        (
            "seal a ballot",
            seconds(lambda: seal_ballot(ballot, questionnaire, public_key=public, size=size)),
            seconds(lambda: sealer.encrypt(text)),
            "libsodium alone",
        ),
        (
            "open a ballot",
            seconds(lambda: open_ballot(sealed, private_key=private)),
            seconds(lambda: opener.decrypt(sealed)),
            "libsodium alone",
        ),
    ]
