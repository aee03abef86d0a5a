"""Exceptions of the room, for refused definitions and programmer's mistakes.

A respondent's mistake is never an exception: `questionnaires.checks` returns it as a `Problem`.

    QuestionnaireError
    ├── DefinitionError (ValueError)   a definition that cannot be used, with every fault in it
    ├── ExpressionError (ValueError)   one skip-logic text that cannot be read
    ├── AnswersError (ValueError)      bytes that are no canonical answers
    ├── UnitsError (ValueError)        units that cannot be rated on one form
    └── UnknownItemError (KeyError)    an item that the questionnaire does not have
"""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "AnswersError",
    "DefinitionError",
    "ExpressionError",
    "Fault",
    "QuestionnaireError",
    "UnitsError",
    "UnknownItemError",
]


class QuestionnaireError(Exception):
    """Base of everything this room raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a definition: where it is, what is wrong, what to do."""

    file: str
    line: int
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " + (f"{self.path}: " if self.path else "")
        return f"{place}{self.message}; {self.remedy}"


class DefinitionError(QuestionnaireError, ValueError):
    """A definition that cannot be used; `faults` lists everything found, in file order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        count = len(self.faults)
        head = f"the questionnaire has {count} fault{'' if count == 1 else 's'}:"
        return "\n".join([head, *(f"  {fault}" for fault in self.faults)])


class ExpressionError(QuestionnaireError, ValueError):
    """A skip-logic text that cannot be read; `column` counts from 1."""

    def __init__(self, message: str, *, text: str, column: int, remedy: str) -> None:
        self.message = message
        self.text = text
        self.column = column
        self.remedy = remedy
        super().__init__(f"column {column}: {message}; {remedy} («{text}»)")


class AnswersError(QuestionnaireError, ValueError):
    """Bytes or values that are no canonical answers."""


class UnitsError(QuestionnaireError, ValueError):
    """Units that cannot be rated on one form."""


class UnknownItemError(QuestionnaireError, KeyError):
    """An item id that the questionnaire does not have."""

    def __str__(self) -> str:
        return str(self.args[0])
