"""Which questions are in play."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import (
    Answer,
    Disposition,
    Questionnaire,
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


def test_routing_the_officials_takes_well_under_a_millisecond(officials: Questionnaire) -> None:
    answers: dict[str, Answer] = {"DY": "1", "A1": "LD", "A2": "3", "A4": "1"}
    took = []
    for _ in range(50):
        start = time.perf_counter()
        route(officials, answers, YES)
        took.append(time.perf_counter() - start)
    assert sorted(took)[len(took) // 2] < 0.001
