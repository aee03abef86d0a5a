"""What changed between two versions, in plain words for whoever lays their answers side by side.

`rows` is a table without looks, which a command line, a page or a notebook draws as it likes;
`to_text` is the same as a report to read.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from questionnaires.difference import Change, Comparability, Comparison, ItemComparison, Kind

__all__ = ["COMPARABLE", "DifferenceRow", "rows", "to_text"]

_WIDTH: Final = 100
_NAMES: Final[Mapping[Kind, str]] = {
    Kind.LABEL_ONLY: "label only",
    Kind.MOVED: "moved",
    Kind.SCORING_CHANGED: "scoring changed",
    Kind.CHECKS_CHANGED: "checks changed",
    Kind.OPTIONS_ADDED: "option added",
    Kind.OPTIONS_REMOVED: "option removed",
    Kind.RANGE_CHANGED: "range changed",
    Kind.ASKED_OF_OTHERS: "asked of others",
    Kind.MEANING_CHANGED: "meaning changed",
    Kind.ADDED: "added",
    Kind.REMOVED: "removed",
}
_MEANINGS: Final[Mapping[Kind, str]] = {
    Kind.LABEL_ONLY: "the answers mean the same; take the new label",
    Kind.MOVED: "the answers mean the same; another place may change how people answer",
    Kind.SCORING_CHANGED: "the answers mean the same; compute the scores of both versions one way",
    Kind.CHECKS_CHANGED: "the answers mean the same; mistakes and blanks may be more or fewer",
    Kind.OPTIONS_ADDED: "earlier respondents could not choose it; compare what both versions offer",
    Kind.OPTIONS_REMOVED: "later respondents could not choose it; compare what both versions offer",
    Kind.RANGE_CHANGED: "compare only answers that both versions accept",
    Kind.ASKED_OF_OTHERS: "compare only people whom both versions ask",
    Kind.MEANING_CHANGED: (
        "do not compare, unless a person judges that both wordings ask the same and notes it"
    ),
    Kind.ADDED: "there are no earlier answers",
    Kind.REMOVED: "there are no later answers",
}
COMPARABLE: Final[Mapping[Comparability, str]] = {
    Comparability.FULL: "fully",
    Comparability.IN_COMMON: "for what both versions have in common",
    Comparability.NONE: "not",
}
"""How far answers are comparable, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One change in words; ``item`` is empty for what belongs to no item.

    ``change`` names it, ``place`` says where, ``old`` and ``new`` show both versions, ``meaning``
    says what it means for analysis and ``comparable`` how far the item's answers stay comparable
    after all its changes.
    """

    item: str
    change: str
    place: str
    old: str
    new: str
    meaning: str
    comparable: str


def rows(comparison: Comparison) -> tuple[DifferenceRow, ...]:
    """List the changes in words.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    tuple of DifferenceRow
        Those of the document first, then by item in the order of the new version; unchanged items
        have none.

    Examples
    --------
    >>> from questionnaires.difference import compare
    >>> from questionnaires.library import shipped
    >>> rows(compare(shipped("transaction"), shipped("transaction")))
    ()
    """
    document = (_row("", change, "") for change in comparison.document)
    items = (
        _row(item.item, change, COMPARABLE[item.comparability])
        for item in comparison.items
        for change in item.changes
    )
    return (*document, *items)


def _row(item: str, change: Change, comparable: str) -> DifferenceRow:
    return DifferenceRow(
        item=item,
        change=_NAMES[change.kind],
        place=change.place,
        old=change.old,
        new=change.new,
        meaning=_MEANINGS[change.kind],
        comparable=comparable,
    )


def to_text(comparison: Comparison) -> str:
    """Write a comparison as a report.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    str
        Lines of about 100 characters: what changed in the document, what changed item by item and
        what that means, and at the end which answers stay comparable.
    """
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"{comparison.old} → {comparison.new}"
    if comparison.is_same:
        yield ""
        yield "Nothing changed that anybody reads or computes with."
    if comparison.document:
        yield ""
        yield "The questionnaire as a whole"
        for change in comparison.document:
            yield from _change(change)
    changed = [item for item in comparison.items if item.changes]
    if changed:
        yield ""
        yield f"Questions that changed: {len(changed)} of {len(comparison.items)}"
    for item in changed:
        yield from _item(item)
    yield ""
    yield "Answers of both versions are comparable"
    for comparability, words in COMPARABLE.items():
        yield from _listed(words, comparison.having(comparability))


def _item(item: ItemComparison) -> Iterator[str]:
    yield ""
    yield f"{item.item}: comparable {COMPARABLE[item.comparability]}".replace(
        "comparable not", "not comparable"
    )
    for change in item.changes:
        yield from _change(change)


def _change(change: Change) -> Iterator[str]:
    yield f"  * {_NAMES[change.kind]} ({change.place})"
    if change.old:
        yield from _wrapped("      was: ", change.old)
    if change.new:
        yield from _wrapped("      now: ", change.new)
    yield from _wrapped("      so:  ", _MEANINGS[change.kind])


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        width=_WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
    )


def _listed(words: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from _wrapped(f"  {words} ({len(items)}): ", ", ".join(items))
