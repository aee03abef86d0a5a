"""Facts of a stratum."""

import pytest

from sampling import Selection
from survey.rules.facts import KNOWN_FACTS, facts_for


@pytest.mark.parametrize(
    ("selection", "size", "population", "expected"),
    [
        (Selection.LIST, 3, 9, "drawn"),
        (Selection.POSITIONS, 3, 9, "drawn"),
        (Selection.POSITIONS, 3, 3, "all"),
        (Selection.PICKED, 3, 3, "picked"),
    ],
)
def test_a_respondent_is_told_how_people_were_chosen(
    selection: Selection, size: int, population: int, expected: str
) -> None:
    given = {"unit.handles_procedures": "no"}
    facts = facts_for(given, group="CC", selection=selection, size=size, population=population)
    assert facts == {"unit.handles_procedures": "no", "sample.selection": expected}
    assert all(value in KNOWN_FACTS[name] for name, value in facts.items())


def test_a_group_that_is_a_kind_of_rater_is_known_as_one() -> None:
    facts = facts_for({}, group="LDX", selection=Selection.LIST, size=3, population=9)
    assert facts["rater.kind"] == "LDX"
