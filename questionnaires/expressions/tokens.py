"""A condition's text cut into tokens, each with the column where it begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from questionnaires.errors import ExpressionError

__all__ = ["Token", "tokens"]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<variable>\$\{\s*(?P<name>[A-Za-z][A-Za-z0-9_.]*)\s*\})
    | (?P<string>'[^'\n]*'|"[^"\n]*")
    | (?P<number>[0-9]{1,15}(?:\.[0-9]{1,9})?(?![0-9A-Za-z_.]))
    | (?P<word>[A-Za-z_][A-Za-z0-9_.\-]*)
    | (?P<sign>!=|<=|>=|==|&&|\|\||[=<>(),+*/-])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text; ``column`` counts from 1, ``kind`` is a group of the pattern or "end"."""

    kind: str
    value: str
    column: int


def tokens(text: str) -> Iterator[Token]:
    """Cut a text into tokens; the last one is its end.

    Parameters
    ----------
    text : a condition or calculation

    Yields
    ------
    Token

    Raises
    ------
    ExpressionError
        When a character belongs to no token, such as a typographic quotation mark.
    """
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            column = position + len(text[position:]) - len(text[position:].lstrip()) + 1
            message = f"{text[column - 1]!r} cannot be read here"
            remedy = "write ${name}, 'code' in straight quotes, or a number of at most 15 digits"
            raise ExpressionError(message, text=text, column=column, remedy=remedy)
        kind = "variable" if match["variable"] else match.lastgroup
        value = match["name"] if kind == "variable" else match[kind]
        yield Token(kind, value, match.start(kind) + 1)
        position = match.end()
    yield Token("end", "", end + 1)
