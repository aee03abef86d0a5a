"""Two keyings of one form, compared from plain values: what differs, and what may be decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from questionnaires import Answer, Answers, Questionnaire, canonical, from_canonical
from survey.errors import RefusedInputError
from survey.rules.ballots import LABEL_LENGTH
from survey.rules.faults import Fault

__all__ = [
    "KEYING_FAULTS",
    "Difference",
    "answers_in",
    "check_decisions",
    "check_label",
    "corrections",
    "differing",
    "document_of",
]

KEYING_FAULTS: Final[Mapping[str, str]] = {
    "label": "“%(label)s” is no label: write 1 to %(most)s characters on one line.",
    "undecided": "Question %(number)s is not decided yet.",
    "not-differing": "Question %(item)s is not one that the two keyings differ on.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A question that was keyed in two ways; None where nothing was keyed."""

    item: str
    first: Answer | None
    second: Answer | None


def check_label(label: str) -> str:
    """Read the label of a batch.

    Parameters
    ----------
    label : str

    Returns
    -------
    str
        Without outer spaces.

    Raises
    ------
    RefusedInputError
        It is empty, longer than 32 characters or has line ends.
    """
    clean = label.strip()
    if not (0 < len(clean) <= LABEL_LENGTH and clean.isprintable()):
        fault = _fault("label", label=clean[:LABEL_LENGTH], most=LABEL_LENGTH)
        raise RefusedInputError(what="The label", faults=[fault])
    return clean


def document_of(questionnaire: Questionnaire, answers: Answers) -> dict[str, Any]:
    """Lay a keying out as JSON values, in the one form in which equal keyings are equal.

    Parameters
    ----------
    questionnaire : Questionnaire
    answers : answers by item id

    Returns
    -------
    dict
    """
    keyed = from_canonical(canonical(questionnaire, answers))
    return {
        item: list(answer) if isinstance(answer, tuple) else answer
        for item, answer in keyed.items()
    }


def answers_in(document: Mapping[str, Any]) -> dict[str, Answer]:
    """Read what `document_of` wrote.

    Parameters
    ----------
    document : mapping

    Returns
    -------
    dict
        Answers by item id.
    """
    return {
        item: tuple(answer) if isinstance(answer, list) else answer
        for item, answer in document.items()
    }


def differing(questionnaire: Questionnaire, first: Answers, second: Answers) -> list[Difference]:
    """Compare two keyings question by question.

    Parameters
    ----------
    questionnaire : Questionnaire
    first, second : answers by item id

    Returns
    -------
    list of Difference
        In the order of the questionnaire.
    """
    return [
        Difference(item=item.id, first=first.get(item.id), second=second.get(item.id))
        for item in questionnaire.questions
        if first.get(item.id) != second.get(item.id)
    ]


def check_decisions(
    questionnaire: Questionnaire,
    found: list[Difference],
    decisions: Mapping[str, Answer | None],
) -> None:
    """Refuse decisions that are missing or that nobody asked for.

    Parameters
    ----------
    questionnaire : Questionnaire
    found : list of Difference
    decisions : answers by item id, None for no answer

    Raises
    ------
    RefusedInputError
        With each difference left open and each decision about something else.
    """
    open_items = [difference.item for difference in found]
    faults = [
        _fault("undecided", item=item, number=questionnaire.number_of(item))
        for item in open_items
        if item not in decisions
    ]
    faults += [_fault("not-differing", item=item) for item in decisions if item not in open_items]
    if faults:
        raise RefusedInputError(what="The decision", faults=faults)


def corrections(keyed: Answers, final: Answers) -> tuple[int, int]:
    """Count a keyer's questions, and how many of them were settled otherwise.

    Parameters
    ----------
    keyed, final : answers by item id

    Returns
    -------
    int, int
        Questions with an answer in either, and those that differ.
    """
    items = keyed.keys() | final.keys()
    return len(items), sum(keyed.get(item) != final.get(item) for item in items)


def _fault(code: str, **values: object) -> Fault:
    return Fault(code=f"keying-{code}", template=KEYING_FAULTS[code], values=values)
