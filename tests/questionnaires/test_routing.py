"""Which questions are in play."""

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import (
    Answer,
    Disposition,
    Questionnaire,
    calculated,
    intro_in_play,
    keep_in_play,
    route,
    text_in,
)

Strategies = Callable[[Questionnaire], st.SearchStrategy[dict[str, Answer]]]
YES = {"unit.handles_procedures": "yes"}
SECTION_B3 = {"Q07", "Q08a", "Q08b", "Q09", "Q10"}


@given(data=st.data(), handles=st.sampled_from(["yes", "no", None]))
def test_officials_route_agrees_with_the_rules_written_out(
    officials: Questionnaire, keyed_answers: Strategies, data: st.DataObject, handles: str | None
) -> None:
    answers = data.draw(keyed_answers(officials))
    expected = [item.id for item in officials.questions]
    for item, ending in (("DY", "2"), ("A1", "KH"), ("A2", "1")):
        if answers.get(item) == ending:
            expected = expected[: expected.index(item) + 1]
            break
    leader = answers.get("A1") == "LD"
    hidden = set[str]()
    hidden |= set() if handles == "yes" else SECTION_B3 | {"Q23"}
    hidden |= set() if leader else {"Q20"}
    hidden |= set() if leader or answers.get("A4") == "1" else {"Q04"}
    path = route(officials, answers, {"unit.handles_procedures": handles} if handles else {})
    assert list(path.items) == [name for name in expected if name not in hidden]


@pytest.mark.parametrize("which", ["every_kind", "new_kinds", "rating"])
@given(data=st.data())
def test_route_of_what_the_route_keeps_is_the_same_route(
    which: str, request: pytest.FixtureRequest, keyed_answers: Strategies, data: st.DataObject
) -> None:
    questionnaire: Questionnaire = request.getfixturevalue(which)
    answers = data.draw(keyed_answers(questionnaire))
    kept = keep_in_play(questionnaire, answers, {})
    assert route(questionnaire, kept, {}) == route(questionnaire, answers, {})
    assert keep_in_play(questionnaire, kept, {}) == kept


@given(days=st.integers(0, 90), distance=st.decimals("0.01", "1000", places=2), known=st.booleans())
def test_calculations_are_exact_rounded_and_steer_what_follows(
    new_kinds: Questionnaire,
    days: int,
    distance: Decimal,
    known: bool,  # noqa: FBT001
) -> None:
    end = (dt.date(2025, 2, 1) + dt.timedelta(days=days)).isoformat()
    answers: dict[str, Answer] = {"E2": str(distance), "E4": end}
    if known:
        answers["E3"] = "2025-02-01"
    rate = (days / distance).quantize(Decimal("0.01"), ROUND_HALF_UP)
    expected = {"DAYS": str(days), "RATE": str(rate)} if known else {}
    assert calculated(new_kinds, answers, {}) == expected
    assert ("T1" in route(new_kinds, answers, {}).items) is (known and days > 30)


def test_calculation_off_the_path_or_by_nothing_is_absent(new_kinds: Questionnaire) -> None:
    dates: dict[str, Answer] = {"E3": "2025-02-01", "E4": "2025-02-03"}
    assert calculated(new_kinds, dates | {"E2": "-0.50"}, {}) == {"DAYS": "2"}
    assert calculated(new_kinds, dates | {"E2": "0.00"}, {}) == {"DAYS": "2"}
    assert calculated(new_kinds, dates, {}) == {"DAYS": "2"}


def test_calculation_is_never_shown_and_never_posted(new_kinds: Questionnaire) -> None:
    path = route(new_kinds, {"E3": "2025-02-01", "E4": "2025-02-03"}, {})
    assert not {"DAYS", "RATE"} & {*path.items, *(i.id for i in path.sections[0].items)}
    assert [item.id for item in new_kinds.calculations] == ["DAYS", "RATE"]
    assert "DAYS" not in {item.id for item in new_kinds.items}


@given(data=st.data(), urban=st.sampled_from(["yes", "no"]))
def test_answers_off_the_path_change_nothing(
    every_kind: Questionnaire, keyed_answers: Strategies, data: st.DataObject, urban: str
) -> None:
    answers = data.draw(keyed_answers(every_kind))
    facts = {"unit.urban": urban}
    kept = keep_in_play(every_kind, answers, facts)
    path = route(every_kind, answers, facts)
    assert route(every_kind, kept, facts) == path
    assert kept == {name: answers[name] for name in path.items if name in answers}


@pytest.mark.parametrize(
    ("answers", "ended", "last"),
    [
        ({"DY": "2"}, Disposition.REFUSED, "DY"),
        ({"DY": "1", "A1": "KH"}, Disposition.INELIGIBLE, "A1"),
        ({"A1": "LD", "A2": "1"}, Disposition.INELIGIBLE, "A2"),
        ({"A1": "LD", "A2": "2"}, None, "C2"),
        ({}, None, "C2"),
    ],
)
def test_ending_answer_is_the_last_in_play(
    officials: Questionnaire, answers: dict[str, Answer], ended: Disposition | None, last: str
) -> None:
    path = route(officials, answers, YES)
    assert (path.ended, path.items[-1]) == (ended, last)


def test_stale_answer_on_an_abandoned_path_opens_nothing(every_kind: Questionnaire) -> None:
    stale: dict[str, Answer] = {"A2": 0, "Q1": "99"}
    assert "C1" in route(every_kind, stale | {"A2": 1}, {}).items
    assert "C1" not in route(every_kind, stale, {}).items


def test_section_without_visible_items_is_left_out(every_kind: Questionnaire) -> None:
    path = route(every_kind, {"A1": "LD", "A2": 0}, {"unit.urban": "no"})
    assert [part.section.id for part in path.sections] == ["A"]


def test_note_is_shown_in_its_section(every_kind: Questionnaire) -> None:
    path = route(every_kind, {}, {})
    assert [item.id for item in path.sections[0].items] == ["N0", "A1", "A2", "A3"]


def test_disabled_section_is_kept_but_never_asked(officials: Questionnaire) -> None:
    assert officials.item("D1").id == "D1"
    assert "D1" not in {item.id for item in officials.items}
    assert "D1" not in route(officials, {"D1": "1"}, YES).items


@pytest.mark.parametrize(
    ("facts", "said"),
    [({"sample.selection": "drawn"}, True), ({"sample.selection": "picked"}, False), ({}, False)],
)
def test_chosen_at_random_is_said_only_of_drawn_samples(
    officials: Questionnaire,
    facts: dict[str, str],
    said: bool,  # noqa: FBT001
) -> None:
    shown = " ".join(text_in(text, "vi") for text in intro_in_play(officials, facts))
    assert ("được chọn ngẫu nhiên" in shown) is said
