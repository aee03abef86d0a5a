"""What one respondent costs: routing, checking, sealing and opening, beside their floors."""

import timeit
from collections.abc import Callable
from pathlib import Path

from nacl.public import PrivateKey, SealedBox

import survey
from questionnaires import Door, canonical, check, read_questionnaire, route
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

EXAMPLE = Path(survey.__file__).parent / "examples" / "binh_phuoc_2022"
FACTS = {"unit.handles_procedures": "yes", "sample.selection": "drawn"}


def seconds(work: Callable[[], object]) -> float:
    """Return the best of five medians of one call, in seconds."""
    timer = timeit.Timer(work)
    count, _ = timer.autorange()
    return min(timer.repeat(repeat=5, number=count)) / count


def rows() -> list[tuple[str, float, float, str]]:
    """Measure on the officials' questionnaire of the example."""
    questionnaire = read_questionnaire(EXAMPLE / "par_officials.yaml")
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
