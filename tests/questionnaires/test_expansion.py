"""Short forms written out: grids, lines beside options, days and rated units."""

import datetime as dt

import pytest

from questionnaires import Questionnaire, ScaleItem, TextItem, codebook, route
from questionnaires.choices import Disposition


def test_grid_becomes_a_note_and_a_scale_item_a_row(new_kinds: Questionnaire) -> None:
    assert new_kinds.grid_rows == {"G1": ("G1a", "G1b")}
    assert [item.type for item in map(new_kinds.item, ("G1", "G1a", "G1b"))] == [
        "note", "scale", "scale",
    ]  # fmt: skip
    second = new_kinds.item("G1b")
    assert isinstance(second, ScaleItem)
    assert second.show_if == "(${E2} >= 1.50) and (${G1a} != '3')"
    assert new_kinds.stem_of("G1b") == "Ông/Bà đánh giá thế nào?"
    assert new_kinds.stem_of("E1") is None


def test_line_beside_an_option_is_a_text_item_in_play_when_it_is_chosen(
    new_kinds: Questionnaire,
) -> None:
    line = new_kinds.item("E1_9")
    assert isinstance(line, TextItem)
    assert (line.max_length, line.short) == (40, True)
    assert new_kinds.specified == {"E1_9": ("E1", "9"), "M1_9": ("M1", "9")}
    assert "E1_9" in route(new_kinds, {"E1": "9"}, {}).items
    assert "E1_9" not in route(new_kinds, {"E1": "1"}, {}).items
    assert "M1_9" in route(new_kinds, {"M1": ("1", "9")}, {}).items


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (dt.date(2025, 6, 30), ["1", "2", "9"]),
        (dt.date(2025, 7, 1), ["1", "3", "9"]),
    ],
)
def test_options_are_offered_on_the_days_of_their_window_both_included(
    new_kinds: Questionnaire, day: dt.date, codes: list[str]
) -> None:
    view = new_kinds.as_of(day)
    assert [option.code for option in view.options_of(view.item("E1"))] == codes
    assert view.fingerprint != new_kinds.fingerprint
    assert view.as_of(day).version_fingerprint == new_kinds.fingerprint
    assert codebook(view, "vi").fingerprint == new_kinds.fingerprint
    assert "E1_9" in route(view, {"E1": "9"}, {}).items


def test_questionnaire_without_windows_is_its_own_view_on_any_day(
    officials: Questionnaire,
) -> None:
    assert officials.as_of(dt.date(2030, 1, 1)) is officials


def test_disposition_of_an_ending_survives_the_view(every_kind: Questionnaire) -> None:
    assert route(every_kind.view({}), {"DY": "2"}, {}).ended is Disposition.REFUSED
