"""Reserves: order, waiting, exhaustion, and outcomes out of turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import DrawError
from sampling.reserves import Outcome, OutcomeKind, ReserveRule, release_reserves

RULE = ReserveRule.standard()
SELECTED, RESERVE = (2, 3, 5, 6, 7), (8, 4)


def gone(position: int) -> Outcome:
    return Outcome(position=position, kind=OutcomeKind.GONE)


def test_reserves_replace_in_their_drawn_order() -> None:
    release = release_reserves(SELECTED, RESERVE, [gone(6), gone(3)], rule=RULE)
    assert release.replacements == ((3, 8), (6, 4))
    assert (release.waiting, release.unfilled) == ((), 0)


def test_a_reserve_that_fails_is_replaced_by_the_next() -> None:
    release = release_reserves(SELECTED, RESERVE, [gone(3), gone(8)], rule=RULE)
    assert release.replacements == ((3, 8), (8, 4))


def test_places_without_a_reserve_left_are_counted() -> None:
    outcomes = [gone(position) for position in SELECTED]
    assert release_reserves(SELECTED, RESERVE, outcomes, rule=RULE).unfilled == 3


@pytest.mark.parametrize(
    ("kind", "contacts", "waits"),
    [
        (OutcomeKind.NOT_REACHED, 2, True),
        (OutcomeKind.NOT_REACHED, 3, False),
        (OutcomeKind.REFUSED, 0, True),
        (OutcomeKind.REFUSED, 1, False),
        (OutcomeKind.INELIGIBLE, 0, False),
    ],
)
def test_replacement_waits_for_the_contacts_of_the_rule(
    kind: OutcomeKind, contacts: int, *, waits: bool
) -> None:
    outcome = Outcome(position=5, kind=kind, contacts=contacts)
    release = release_reserves(SELECTED, RESERVE, [outcome], rule=RULE)
    assert (release.waiting == (5,), release.replacements == ((5, 8),)) == (waits, not waits)


@pytest.mark.parametrize("kind", [OutcomeKind.ANSWERED, OutcomeKind.OPEN])
def test_nobody_who_answered_or_may_answer_is_replaced(kind: OutcomeKind) -> None:
    outcome = Outcome(position=5, kind=kind, contacts=9)
    assert release_reserves(SELECTED, RESERVE, [outcome], rule=RULE).replacements == ()
    with pytest.raises(DrawError, match=f"for the outcome '{kind.value}'"):
        ReserveRule(contacts={kind: 1})


@given(st.sets(st.sampled_from(SELECTED)), st.randoms())
def test_outcomes_in_any_order_release_the_same(failed: set[int], random: object) -> None:
    outcomes = [gone(position) for position in failed]
    first = release_reserves(SELECTED, RESERVE, outcomes, rule=RULE)
    random.shuffle(outcomes)  # type: ignore[attr-defined]
    assert release_reserves(SELECTED, RESERVE, outcomes, rule=RULE) == first
    assert [reserve for _, reserve in first.replacements] == list(RESERVE[: len(failed)])


def test_a_reserve_asked_before_its_turn_is_refused() -> None:
    answered = Outcome(position=4, kind=OutcomeKind.ANSWERED)
    with pytest.raises(DrawError, match=r"reserve\(s\) \[4\] have an outcome before their turn"):
        release_reserves(SELECTED, RESERVE, [gone(3), answered], rule=RULE)


def test_positions_outside_the_stratum_and_double_outcomes_are_refused() -> None:
    with pytest.raises(DrawError, match="position 9 has an outcome, but was neither drawn"):
        release_reserves(SELECTED, RESERVE, [gone(9)], rule=RULE)
    with pytest.raises(DrawError, match="position 3 has two outcomes, gone and gone"):
        release_reserves(SELECTED, RESERVE, [gone(3), gone(3)], rule=RULE)


def test_a_rule_of_negative_contacts_is_refused() -> None:
    with pytest.raises(DrawError, match="asks for -1 contacts"):
        ReserveRule(contacts={OutcomeKind.GONE: -1})
