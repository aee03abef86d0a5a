"""Cleaning of typed text and suggestions."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.texts import clean_text, closest


@given(st.text())
def test_cleaned_text_is_clean_and_stays_as_it_is(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not [c for c in cleaned if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("mlti", "multi"), ("Multi", "multi"), ("snigle", "single"), ("zzz", ""), ("", "")],
)
def test_suggestion_is_near_or_absent(word: str, expected: str) -> None:
    assert closest(word, ["single", "multi", "scale"]) == expected
