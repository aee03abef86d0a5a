"""Tokens, serials and device codes: random, and checked as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import RefusedInputError
from survey.rules.invitations import (
    check_serial,
    device_code,
    device_from_code,
    new_device,
    new_serial,
    new_token,
    printed_serial,
    token_hash,
)
from survey.rules.printed_codes import ALPHABET


def test_tokens_have_130_bits_and_never_repeat() -> None:
    tokens = {new_token() for _ in range(2000)}
    assert len(tokens) == 2000
    assert {len(token) for token in tokens} == {26}
    assert {letter for token in tokens for letter in token} == set(ALPHABET.lower())


def test_token_can_stand_in_an_address_as_it_is() -> None:
    assert new_token().isalnum()


def test_hash_of_any_text_is_defined_because_links_come_from_outside() -> None:
    assert token_hash("\ud800 ớ") != token_hash("")


def test_serial_is_nine_digits_and_survives_being_printed() -> None:
    serial = new_serial()
    assert len(serial) == 9
    assert check_serial(printed_serial(serial)) == serial
    assert check_serial(f"  {serial[:3]} {serial[3:]}\t") == serial


@given(st.integers(0, 8), st.integers(1, 9))
def test_any_single_wrong_digit_is_refused(place: int, shift: int) -> None:
    serial = new_serial()
    wrong = str((int(serial[place]) + shift) % 10)
    with pytest.raises(RefusedInputError):
        check_serial(serial[:place] + wrong + serial[place + 1 :])


@pytest.mark.parametrize("place", range(8))
def test_neighbours_exchanged_are_refused(place: int) -> None:
    serial = next(s for s in iter(new_serial, "") if s[place] != s[place + 1])
    with pytest.raises(RefusedInputError):
        check_serial(serial[:place] + serial[place + 1] + serial[place] + serial[place + 2 :])


@pytest.mark.parametrize(
    "text", ["", "12345678", "1234567890", "12345678a", "１２３４５６７８９", "²" * 9]
)
def test_what_is_not_nine_digits_is_refused_with_what_was_typed(text: str) -> None:
    with pytest.raises(RefusedInputError, match="nine digits"):
        check_serial(text)


def test_device_code_comes_back_as_typed_by_a_person() -> None:
    device = new_device()
    code = device_code(device)
    assert [len(group) for group in code.split("-")] == [5, 5, 5, 5]
    assert device_from_code(code.lower().replace("-", " ")) == device


def test_device_secrets_never_repeat() -> None:
    assert len({new_device() for _ in range(1000)}) == 1000


def test_damaged_device_code_names_its_group() -> None:
    code = device_code(new_device())
    wrong = "7" if code[7] != "7" else "8"
    with pytest.raises(RefusedInputError, match="Group 2"):
        device_from_code(code[:7] + wrong + code[8:])
