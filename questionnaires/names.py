"""What kind of value each name of a questionnaire has in conditions and calculations.

The expression language knows no items; this is the one place where the two meet.
"""

from collections.abc import Iterable
from typing import Final

from questionnaires.expansion import PlainItem
from questionnaires.expressions import Kind
from questionnaires.tree import Fact

__all__ = ["kinds_of"]

_KINDS: Final = {
    "single": Kind.CODE,
    "scale": Kind.CODE,
    "multi": Kind.CODES,
    "integer": Kind.NUMBER,
    "decimal": Kind.DECIMAL,
    "calculation": Kind.DECIMAL,
    "date": Kind.DATE,
    "text": Kind.TEXT,
    "note": Kind.TEXT,
}


def kinds_of(items: Iterable[PlainItem], facts: Iterable[Fact]) -> dict[str, Kind]:
    """Pair the names that an expression may use with the kinds of their values.

    Parameters
    ----------
    items : items as they are asked; a note has no value, whoever refers to it is told elsewhere
    facts : register facts, which are codes

    Returns
    -------
    dict
        Kind by item or fact id, for `expressions.parse`.
    """
    known = dict.fromkeys((fact.id for fact in facts), Kind.CODE)
    return known | {item.id: _KINDS[item.type] for item in items}
