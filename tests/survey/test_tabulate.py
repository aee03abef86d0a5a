"""Answers to tables: what counts, what is off the path, and the columns of a design."""

from fractions import Fraction

import pandas as pd
import pytest

from survey.errors import NotReadyError
from survey.records.rounds import Round
from survey.records.store import Store
from survey.services.rounds import questionnaire_of
from survey.services.tabulate import TabulatedStratum, TabulatedUnit, responses_table, unit_answers
from tests.survey.closed_round import close_with, draft_round, same_answers

_YES = {"unit.handles_procedures": "yes", "sample.selection": "drawn"}
_CODES = ("SO02", "HU01")


def _closed(
    store: Store, answers: list[dict[str, object]], **cases: dict[tuple[str, str], int]
) -> tuple[tuple[TabulatedUnit, ...], pd.DataFrame]:
    """Close a round in which only the officials of SO02 answered."""
    with store.write() as session:
        round_ = draft_round(session, codes=_CODES)
        close_with(session, round_, {("SO02", "CC"): answers}, **cases)
        return unit_answers(session, round_), responses_table(session, round_)[0]


def _officials(units: tuple[TabulatedUnit, ...], code: str = "SO02") -> TabulatedStratum:
    unit = next(unit for unit in units if unit.code == code)
    return next(stratum for stratum in unit.strata if stratum.planned.group == "CC")


def _answers(store: Store, code: str = "4") -> dict[str, object]:
    with store.write() as session:
        round_ = draft_round(session, codes=_CODES)
        found = same_answers(questionnaire_of(session, round_), _YES, "CC", code)
        session.rollback()
    return found


def test_an_open_round_has_no_table(store: Store) -> None:
    with store.write() as session:
        round_: Round = draft_round(session, codes=_CODES)
        with pytest.raises(NotReadyError, match="not closed"):
            unit_answers(session, round_)


def test_codes_of_the_scale_become_exact_values(sqlite_store: Store) -> None:
    units, _ = _closed(sqlite_store, [_answers(sqlite_store)])
    (response,) = _officials(units).responses
    assert response.scored["Q01"] == Fraction(3, 4)
    assert response.valid


def test_missing_codes_have_no_value(sqlite_store: Store) -> None:
    answers = _answers(sqlite_store) | {"Q01": "99", "Q05": "98", "Q06": "95"}
    units, _ = _closed(sqlite_store, [answers])
    (response,) = _officials(units).responses
    assert {"Q01", "Q05", "Q06"}.isdisjoint(response.scored)
    assert response.valid


def test_an_answer_off_the_path_does_not_count(sqlite_store: Store) -> None:
    # Q20 is asked of leaders only; on paper an official may answer it all the same
    units, table = _closed(sqlite_store, [_answers(sqlite_store) | {"Q20": "5"}])
    (response,) = _officials(units).responses
    assert "Q20" not in response.scored
    assert table["Q20"].tolist() == ["96"]


@pytest.mark.parametrize(("blank", "valid"), [(15, 1), (17, 0)])
def test_a_form_with_too_few_answers_is_kept_but_not_used(
    sqlite_store: Store, blank: int, valid: int
) -> None:
    # an official of such a unit is asked 31 scored questions
    answers = _answers(sqlite_store)
    scored = [item for item in answers if item.startswith("Q")]
    assert len(scored) == 31
    for item in scored[:blank]:
        answers[item] = "99"
    units, table = _closed(sqlite_store, [answers])
    assert len(_officials(units).valid) == valid
    assert table["valid"].tolist() == [bool(valid)]
    assert table["weight"].notna().sum() == valid


def test_not_applicable_is_no_missing_answer(sqlite_store: Store) -> None:
    answers = _answers(sqlite_store)
    scored = [item for item in answers if item.startswith("Q")]
    answers |= dict.fromkeys(scored[:20], "97") | dict.fromkeys(scored[20:25], "99")
    units, _ = _closed(sqlite_store, [answers])
    assert _officials(units).responses[0].valid


def test_weights_add_up_to_the_people_of_the_stratum(store: Store) -> None:
    answers = _answers(store)
    _, table = _closed(store, [answers, answers, answers])
    assert table["weight"].sum() == pytest.approx(34)
    assert table["fpc"].tolist() == [34, 34, 34]
    assert set(table["strata"]) == {"SO02/CC"}


def test_people_found_ineligible_shrink_the_stratum(sqlite_store: Store) -> None:
    answers = _answers(sqlite_store)
    units, _ = _closed(sqlite_store, [answers] * 3, ineligible={("SO02", "CC"): 1})
    assert _officials(units).eligible == Fraction(34 * 3, 4)


def test_several_choices_and_texts_stay_readable(sqlite_store: Store) -> None:
    _, table = _closed(
        sqlite_store, [_answers(sqlite_store) | {"C1": ["2", "5"], "C2": "Bớt họp."}]
    )
    assert table.loc[0, "C1"] == "2 5"
    assert table.loc[0, "C2"] == "Bớt họp."
