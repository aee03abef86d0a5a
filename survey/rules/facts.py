"""What the register and the plan know about a respondent's stratum, as facts for skip logic.

A fact is never asked: nine people of one unit would answer it in three ways.
"""

from collections.abc import Mapping
from typing import Final

from sampling import Selection

__all__ = [
    "AREA",
    "HANDLES_PROCEDURES",
    "KNOWN_FACTS",
    "RATER_KIND",
    "SAMPLE_SELECTION",
    "fact_column",
    "facts_for",
]

HANDLES_PROCEDURES: Final = "unit.handles_procedures"
SAMPLE_SELECTION: Final = "sample.selection"
RATER_KIND: Final = "rater.kind"
AREA: Final = "area."
"""Begins the facts about where a unit lies; a round's document says which its register holds."""

KNOWN_FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    HANDLES_PROCEDURES: ("yes", "no"),
    SAMPLE_SELECTION: ("drawn", "all", "picked"),
    f"{AREA}urban": ("urban", "rural"),
    f"{AREA}terrain": ("mountain", "island", "other"),
    RATER_KIND: ("HDND", "LDX", "TPX", "LDS", "TPS"),
}
"""Facts that conditions may use, with their values."""


def fact_column(name: str) -> str:
    """Name the register's column of a fact.

    Examples
    --------
    >>> fact_column("area.urban")
    'area_urban'
    """
    return name.replace(".", "_")


def facts_for(
    unit_facts: Mapping[str, str],
    *,
    group: str,
    selection: Selection,
    size: int,
    population: int,
) -> dict[str, str]:
    """Give the facts of one stratum.

    Parameters
    ----------
    unit_facts : mapping
        What the register holds about the unit (`Unit.facts`).
    group : str
        The respondent group; it is the kind of rater where its code is one.
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
    >>> facts_for({}, group="HDND", selection=Selection.LIST, size=4, population=4)
    {'sample.selection': 'all', 'rater.kind': 'HDND'}
    """
    drawn = "all" if size == population else "drawn"
    facts = {**unit_facts, SAMPLE_SELECTION: "picked" if selection is Selection.PICKED else drawn}
    return facts | ({RATER_KIND: group} if group in KNOWN_FACTS[RATER_KIND] else {})
