"""Expressions between XLSForm's XPath and this library's language, text to text.

The two share names, operators and most functions. What differs is rewritten token by token, with
the kinds of the items at hand; everything else is left to the parser, which knows columns.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from questionnaires.expressions import Kind
from questionnaires.mending import straightened

__all__ = ["conjuncts", "foreign", "from_xlsform", "straight", "to_xlsform", "unwrapped"]

_TOKEN: Final = re.compile(
    r"(?P<literal>'[^'\n]*'|\"[^\"\n]*\")"
    r"|(?P<name>\$\{\s*[^{}\s]*\s*\})"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<word>[^\W\d][\w.\-]*(?::[\w\-]+)?)"
    r"|(?P<own>\.(?![\w.]))"
    r"|(?P<sign>!=|<=|>=|\.\.|[^\s\w])"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_INVISIBLE: Final = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u00ad")
_EQUALITIES: Final = frozenset({"=", "!="})
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_CLOCK: Final = "compare with another question of type date, or with date('2025-12-31')"
_FOREIGN: Final[Mapping[str, str]] = {
    "today": _NO_CLOCK,
    "now": _NO_CLOCK,
    "regex": "leave the format to whoever checks the answers, or ask by options",
    "pulldata": "put what the register knows into the round's units",
    "indexed-repeat": "refer to items outside repeats",
    "jr:choice-name": "compare the code of the answer",
    "jr:itext": "write the text itself",
    "instance": "ask for each level in a question of its own",
    "position": "refer to items outside repeats",
    "once": "take it out",
    "random": "use randomize=true for the order of options",
    "uuid": "take it out; every answer has a number of its own",
    "string-length": "write string-length(.) <= 200 as a constraint of a text",
    "count": "refer to items outside repeats",
    "sum": "add the items with +",
    "concat": "calculations give numbers only",
    "format-date": "compare days as they are",
    "decimal-date-time": "subtract days from each other",
    "int": "write round(…, 0)",
    "number": "ask for a number",
    "string": "compare the answer itself",
    "boolean": "write a comparison",
    "true": "write a comparison, or leave the cell empty",
    "false": "write a comparison, or delete the row",
    "mod": "write it with - * and round()",
    "pow": "multiply with *",
    "selected-at": "ask with selected() for each code",
    "contains": "ask by options",
    "starts-with": "ask by options",
    "substr": "ask for each part in a question of its own",
    "join": "calculations give numbers only",
    "area": "take it out",
    "distance": "take it out",
    "checklist": "write the conditions with and / or",
    "count-non-empty": "write answered(…) for each question",
}


def _tokens(text: str) -> list[tuple[str, str]]:
    return [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(text)]


def straight(text: str) -> str:
    """Straighten the quotes around literals, as Excel bends them; what is inside them stays.

    Examples
    --------
    >>> straight("${A1} = ‘LD’")
    "${A1} = 'LD'"
    """
    return "".join(
        part if kind == "literal" else part.translate(_INVISIBLE)
        for kind, part in _tokens(straightened(text))
    )


def foreign(text: str) -> Iterator[tuple[str, str]]:
    """List what the language does not have, each with a remedy, once.

    Parameters
    ----------
    text : an expression, its quotes straight

    Yields
    ------
    name, remedy
    """
    parts = [token for token in _tokens(text) if token[0] != "space"]
    seen = set[str]()
    for n, (kind, part) in enumerate(parts):
        called = n + 1 < len(parts) and parts[n + 1][1] == "("
        if kind == "word" and part in _FOREIGN and (called or part == "mod") and part not in seen:
            seen.add(part)
            yield part if part == "mod" else f"{part}()", _FOREIGN[part]


def to_xlsform(text: str, own: str = "") -> str:
    """Write an expression for XLSForm.

    Parameters
    ----------
    text : an expression of this library
    own : the item whose constraint it is, which XLSForm writes as a point

    Returns
    -------
    str

    Examples
    --------
    >>> to_xlsform("answered(${ A1 }) and ${n} > 3", own="n")
    "${A1} != '' and . > 3"
    """
    parts = [(kind, _named(part) if kind == "name" else part) for kind, part in _tokens(text)]
    written = _Rewriting(parts)
    for at in written.calls("answered"):
        name, close = written.after(at, 2), written.after(at, 3)
        if written.text(name).startswith("${") and written.text(close) == ")":
            written.replace(at, close, f"{written.text(name)} != ''")
    return written.joined({f"${{{own}}}": "."} if own else {})


def _named(variable: str) -> str:
    return f"${{{variable[2:-1].strip()}}}"


def from_xlsform(text: str, kinds: Mapping[str, Kind], own: str = "") -> str:
    """Read an expression of XLSForm.

    Parameters
    ----------
    text : an expression, its quotes straight
    kinds : kinds of the items by name
    own : the item that a point stands for, in a constraint

    Returns
    -------
    str
        ``selected(…)`` of a question with one answer becomes ``=``, a comparison with ``''``
        becomes ``answered(…)``, numbers and codes get the quotes that their kind needs,
        ``round(x)`` its places.

    Examples
    --------
    >>> kinds = {"A1": Kind.CODE, "n": Kind.NUMBER}
    >>> from_xlsform("selected(${A1}, '2') or . >= '5' or ${A1} != ''", kinds, own="n")
    "${A1} = '2' or ${n} >= 5 or answered(${A1})"
    """
    parts = [
        ("name", f"${{{own}}}") if kind == "own" and own else (kind, part)
        for kind, part in _tokens(text)
    ]
    written = _Rewriting(parts)
    for at in written.calls("selected"):
        _selected(written, at, kinds)
    for at in list(written.significant):
        _comparison(written, at, kinds)
    for at in written.calls("round"):
        _rounded(written, at)
    return written.joined({})


class _Rewriting:
    """Tokens of one expression; replaced stretches keep the spaces around them."""

    def __init__(self, parts: list[tuple[str, str]]) -> None:
        self._parts = parts
        self.significant = [n for n, (kind, _) in enumerate(parts) if kind != "space"]

    def after(self, at: int, steps: int) -> int:
        """Give the index of the token some steps on, or -1."""
        place = self.significant.index(at) + steps
        return self.significant[place] if 0 <= place < len(self.significant) else -1

    def text(self, at: int) -> str:
        return self._parts[at][1] if at >= 0 else ""

    def kind(self, at: int) -> str:
        return self._parts[at][0] if at >= 0 else ""

    def calls(self, word: str) -> list[int]:
        return [at for at in self.significant if self._parts[at] == ("word", word)]

    def replace(self, first: int, last: int, text: str, kind: str = "done") -> None:
        self._parts[first] = (kind, text)
        for n in range(first + 1, last + 1):
            self._parts[n] = ("space", "")
        self.significant = [n for n in self.significant if not first < n <= last]

    def joined(self, instead: Mapping[str, str]) -> str:
        return "".join(
            instead.get(part, part) if kind == "name" else part for kind, part in self._parts
        )


def _kind_at(written: _Rewriting, at: int, kinds: Mapping[str, Kind]) -> Kind | None:
    text = written.text(at)
    return kinds.get(_named(text)[2:-1]) if written.kind(at) == "name" else None


def _selected(written: _Rewriting, at: int, kinds: Mapping[str, Kind]) -> None:
    opening, name, comma, code, close = (written.after(at, step) for step in range(1, 6))
    signs = (written.text(opening), written.text(comma), written.text(close))
    if signs != ("(", ",", ")") or _kind_at(written, name, kinds) is not Kind.CODE:
        return
    if written.kind(code) == "literal":
        written.replace(at, close, f"{written.text(name)} = {written.text(code)}")


def _comparison(written: _Rewriting, at: int, kinds: Mapping[str, Kind]) -> None:
    if at not in written.significant or written.text(at) not in _COMPARISONS:
        return
    left, right = written.after(at, -1), written.after(at, 1)
    for name, other in ((left, right), (right, left)):
        kind = _kind_at(written, name, kinds)
        if kind is None or written.kind(other) not in {"literal", "number"}:
            continue
        if written.text(other) in {"''", '""'} and written.text(at) in _EQUALITIES:
            asked = f"answered({written.text(name)})"
            text = asked if written.text(at) == "!=" else f"not({asked})"
            written.replace(min(left, right), max(left, right), text)
            return
        written.replace(other, other, _requoted(written.text(other), kind))


def _requoted(literal: str, kind: Kind) -> str:
    """Write a number or day with or without quotes, as its kind needs."""
    quoted = literal[0] in "'\""
    inside = literal[1:-1] if quoted else literal
    if kind in {Kind.CODE, Kind.TEXT} and not quoted:
        return f"'{inside}'"
    if kind in {Kind.NUMBER, Kind.DECIMAL} and _NUMBER.fullmatch(inside):
        return inside
    if kind is Kind.DATE and quoted and _DAY.fullmatch(inside):
        return f"date('{inside}')"
    return literal


def _rounded(written: _Rewriting, at: int) -> None:
    depth = 0
    for n in written.significant[written.significant.index(at) + 1 :]:
        text = written.text(n)
        depth += (text == "(") - (text == ")")
        if text == "," and depth == 1:
            return
        if depth == 0:
            if text == ")":
                written.replace(n, n, ", 0)")
            return


def conjuncts(text: str) -> list[str]:
    """Cut a condition at every ``and`` that stands in no brackets.

    Examples
    --------
    >>> conjuncts(". > 1 and (. < 5 and . != 3) and ${A} = 'x and y'")
    ['. > 1', '(. < 5 and . != 3)', "${A} = 'x and y'"]
    """
    parts, depth, found = [""], 0, _tokens(text)
    if any(token == ("word", "or") for token in _at_top(found)):
        return [text.strip()]
    for kind, part in found:
        depth += (part == "(") - (part == ")") if kind == "sign" else 0
        if (kind, part) == ("word", "and") and depth == 0:
            parts.append("")
        else:
            parts[-1] += part
    return [part.strip() for part in parts]


def _at_top(found: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    depth = 0
    for kind, part in found:
        depth += (part == "(") - (part == ")") if kind == "sign" else 0
        if depth == 0:
            yield kind, part


def unwrapped(text: str) -> str:
    """Take away one pair of brackets that encloses everything.

    Examples
    --------
    >>> unwrapped("(${A} = '1')"), unwrapped("(1) or (2)")
    ("${A} = '1'", '(1) or (2)')
    """
    signs = [part for kind, part in _at_top(_tokens(text)) if kind != "space"]
    return text[1:-1] if text.startswith("(") and signs == [")"] else text
