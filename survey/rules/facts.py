"""What the register and the plan know about a respondent's stratum, as facts for skip logic.

A fact is never asked: nine people of one unit would answer it in three ways.
"""

from collections.abc import Mapping
from typing import Final

from sampling import Selection

__all__ = ["HANDLES_PROCEDURES", "KNOWN_FACTS", "SAMPLE_SELECTION", "facts_for"]

HANDLES_PROCEDURES: Final = "unit.handles_procedures"
SAMPLE_SELECTION: Final = "sample.selection"
KNOWN_FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    HANDLES_PROCEDURES: ("yes", "no"),
    SAMPLE_SELECTION: ("drawn", "all", "picked"),
}
"""Facts that conditions may use, with their values."""


def facts_for(
    unit_facts: Mapping[str, str], *, selection: Selection, size: int, population: int
) -> dict[str, str]:
    """Give the facts of one stratum.

    Parameters
    ----------
    unit_facts : mapping
        What the register holds about the unit (`Unit.facts`).
    selection : Selection
    size, population : int
        People asked, and people who could be asked.

    Returns
    -------
    dict of str to str
        ``sample.selection`` is "picked" where the unit chose by hand, "all" where everybody is
        asked, else "drawn".

    Examples
    --------
    >>> facts_for({}, selection=Selection.LIST, size=4, population=4)
    {'sample.selection': 'all'}
    """
    drawn = "all" if size == population else "drawn"
    return {**unit_facts, SAMPLE_SELECTION: "picked" if selection is Selection.PICKED else drawn}
