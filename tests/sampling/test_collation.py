"""The Vietnamese order of names, against ICU and by the rules of the alphabet."""

import itertools
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.collation import collation_key, person_key

GOLDEN = Path(__file__).parents[1] / "golden" / "collation" / "sorted.txt"
SORTED = GOLDEN.read_text(encoding="utf-8").splitlines()
VIETNAMESE = st.text("aăâbcdđeêiouơưyàảãáạằệỡỹAĐÊ 19,-", max_size=8)


def test_names_syllables_and_units_stand_in_the_order_of_icu() -> None:
    by_code_point = sorted(SORTED)
    assert by_code_point != SORTED
    assert sorted(by_code_point, key=collation_key) == SORTED


def test_the_alphabet_has_its_own_letters() -> None:
    letters = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
    assert sorted(sorted(letters), key=collation_key) == letters


def test_tones_decide_after_all_letters() -> None:
    tones = ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(sorted(tones), key=collation_key) == tones
    assert collation_key("Hồ Bình") < collation_key("Hô Cường")


def test_numbers_count_by_their_value() -> None:
    rooms = ["Phòng 9", "Phòng 10", "Phòng 10a", "Phòng 100", "Phòng Kế toán"]
    assert sorted(sorted(rooms), key=collation_key) == rooms


@given(text=VIETNAMESE)
def test_composed_and_decomposed_spelling_are_one(text: str) -> None:
    assert collation_key(unicodedata.normalize("NFD", text)) == collation_key(text)


@given(texts=st.lists(VIETNAMESE | st.text(max_size=6), max_size=8))
def test_any_text_has_its_place_and_only_the_same_text_shares_it(texts: list[str]) -> None:
    order = sorted(texts, key=collation_key)
    for one, other in itertools.pairwise(order):
        same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
        assert (collation_key(one) == collation_key(other)) == same


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Trần Văn An", "Lê Thị Bình"),
        ("Đỗ Văn An", "Lê Thị An"),
        ("Lê Công An", "Lê Thị An"),
        ("Lê An, Phòng Tổ chức", "Lê Thị An"),
        ("Lê An (Thanh tra)", "Lê Thị An (Văn phòng)"),
        ("Lê An – Văn phòng", "Bùi Ân - Thanh tra"),
        ("", "An"),
    ],
)
def test_people_stand_by_given_name_then_family_name(first: str, second: str) -> None:
    assert sorted([second, first], key=person_key) == [first, second]
