"""Recovery sheets: what is printed can be read back, and a slip is found where it was made."""

import re
import threading

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select, text

from sampling import Selection
from survey.errors import (
    DamagedKeyError,
    KeyLengthError,
    NotAllowedNowError,
    NotReadyError,
    OtherRoundsKeyError,
)
from survey.records.collection import Disposition, Invitation, PaperForm
from survey.records.people import Event
from survey.records.rounds import Round
from survey.records.store import Store
from survey.rules.keys import decode_sheet, encode_sheet
from survey.rules.lifecycle import RoundState
from survey.rules.printed_codes import ALPHABET, groups_of, read_groups
from survey.services.keys import check_sheet, make_keys, missing_before_opening, open_round
from survey.services.rounds import find_round
from tests.survey.open_round import CODE, NOW, draft, opened

KEY = bytes(range(32))
SHEET = encode_sheet(KEY, 1, round_code="bp2022")


@given(st.binary(min_size=32, max_size=32), st.sampled_from([1, 2]))
def test_sheet_reads_back_as_printed(key: bytes, number: int) -> None:
    sheet = encode_sheet(key, number, round_code="bp2022")
    assert decode_sheet(sheet.text, round_code="bp2022") == (number, key)
    assert decode_sheet(sheet.qr, round_code="bp2022") == (number, key)


def test_sheet_has_fifteen_groups_of_five() -> None:
    assert [len(group) for group in SHEET.groups] == [5] * 15


def test_case_spaces_dashes_and_lookalikes_do_not_matter() -> None:
    loose = " \n".join(SHEET.groups).lower().replace("0", "o").replace("1", "l")
    assert decode_sheet(loose, round_code="bp2022") == (1, KEY)


def test_numbers_printed_before_the_groups_may_be_copied_with_them() -> None:
    pasted = "\n\n".join(f"{place}.\n\n{group}" for place, group in enumerate(SHEET.groups, 1))
    assert decode_sheet(pasted, round_code="bp2022") == (1, KEY)


@given(st.binary(min_size=10, max_size=40), st.data())
def test_any_single_wrong_character_is_found_in_its_group(data: bytes, draw: st.DataObject) -> None:
    printed = "".join(groups_of(data))
    place = draw.draw(st.integers(0, len(printed) - 1))
    others = [letter for letter in ALPHABET if letter != printed[place]]
    wrong = draw.draw(st.sampled_from(others))
    with pytest.raises(DamagedKeyError) as caught:
        read_groups(printed[:place] + wrong + printed[place + 1 :], size=len(data))
    assert caught.value.values["group"] == place // 5 + 1


@given(st.binary(min_size=10, max_size=40), st.data())
def test_any_two_characters_of_a_group_exchanged_are_found(
    data: bytes, draw: st.DataObject
) -> None:
    printed = list("".join(groups_of(data)))
    group = draw.draw(st.integers(0, len(printed) // 5 - 1)) * 5
    one, two = draw.draw(st.lists(st.integers(0, 4), min_size=2, max_size=2, unique=True))
    assume(printed[group + one] != printed[group + two])
    printed[group + one], printed[group + two] = printed[group + two], printed[group + one]
    with pytest.raises(DamagedKeyError):
        read_groups("".join(printed), size=len(data))


def test_two_groups_exchanged_are_found() -> None:
    groups = list(SHEET.groups)
    groups[2], groups[7] = groups[7], groups[2]
    with pytest.raises(DamagedKeyError, match="Group 3"):
        decode_sheet(" ".join(groups), round_code="bp2022")


def test_missing_character_is_found_where_it_is_missing() -> None:
    with pytest.raises(DamagedKeyError, match="Group 4"):
        decode_sheet(SHEET.text[:20] + SHEET.text[21:], round_code="bp2022")


def test_half_a_sheet_says_how_many_characters_it_has() -> None:
    with pytest.raises(KeyLengthError, match="15 characters instead of 75"):
        decode_sheet("-".join(SHEET.groups[:3]), round_code="bp2022")


def test_character_outside_the_alphabet_is_found() -> None:
    with pytest.raises(DamagedKeyError, match="Group 1"):
        decode_sheet("Ư" + SHEET.text[1:], round_code="bp2022")


def test_sheet_of_another_round_is_told_apart_from_a_damaged_one() -> None:
    with pytest.raises(OtherRoundsKeyError, match="bp2023"):
        decode_sheet(SHEET.text, round_code="bp2023")


def test_key_of_another_size_is_no_sheet() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        encode_sheet(KEY[:31], 1, round_code="bp2022")


def test_round_opens_only_after_plan_keys_and_both_sheets(store: Store) -> None:
    with store.write() as session:
        round_ = draft(session, {"A": (3, 2)})
        assert missing_before_opening(session, round_) == ["the keys have not been made"]
        first, second = make_keys(session, round_, actor="office", now=NOW)
        assert check_sheet(session, round_, text=first.text, actor="office", now=NOW) == 1
        assert missing_before_opening(session, round_) == [
            "recovery sheet 2 has not been read back"
        ]
        with pytest.raises(NotReadyError, match="recovery sheet 2"):
            open_round(session, round_, actor="office", now=NOW)
        assert check_sheet(session, round_, text=second.qr, actor="office", now=NOW) == 2
        open_round(session, round_, actor="office", now=NOW)
    with store.read() as session:
        assert find_round(session, CODE).state is RoundState.OPEN


def test_new_keys_make_the_old_sheets_useless(store: Store) -> None:
    with store.write() as session:
        round_ = draft(session, {"A": (3, 2)})
        old, _ = make_keys(session, round_, actor="office", now=NOW)
        check_sheet(session, round_, text=old.text, actor="office", now=NOW)
        make_keys(session, round_, actor="office", now=NOW)
        assert round_.sheets_checked == 0
        with pytest.raises(OtherRoundsKeyError):
            check_sheet(session, round_, text=old.text, actor="office", now=NOW)


def test_reading_a_sheet_before_keys_are_made_says_so(store: Store) -> None:
    with store.write() as session:
        round_ = draft(session, {"A": (3, 2)})
        with pytest.raises(NotReadyError, match="keys have not been made"):
            check_sheet(session, round_, text=SHEET.text, actor="office", now=NOW)


def test_keys_cannot_be_made_again_once_open(store: Store) -> None:
    opened(store, {"A": (3, 2)})
    with store.write() as session, pytest.raises(NotAllowedNowError):
        make_keys(session, find_round(session, CODE), actor="office", now=NOW)


def test_round_does_not_open_with_keys_that_are_being_made_anew(store: Store) -> None:
    opened_with: list[object] = []

    def open_it() -> None:
        try:
            with store.write() as session:
                open_round(session, find_round(session, CODE), actor="office", now=NOW)
        except NotReadyError as refusal:
            opened_with.append(refusal)

    with store.write() as session:
        round_ = draft(session, {"A": (1, 1)})
        for sheet in make_keys(session, round_, actor="office", now=NOW):
            check_sheet(session, round_, text=sheet.text, actor="office", now=NOW)
    with store.write() as session:
        make_keys(session, find_round(session, CODE), actor="other", now=NOW)
        somebody_else = threading.Thread(target=open_it)
        somebody_else.start()
        somebody_else.join(timeout=0.5)  # waits for these keys, or would open with the old ones
    somebody_else.join()
    assert [type(each) for each in opened_with] == [NotReadyError]
    with store.read() as session:
        assert find_round(session, CODE).state is RoundState.DRAFT


def test_no_event_and_no_column_holds_the_private_key(store: Store) -> None:
    sheet = opened(store, {"A": (3, 2)})
    _, private_key = decode_sheet(sheet.text, round_code=CODE)
    with store.read() as session:
        round_ = find_round(session, CODE)
        stored = [repr(row) for row in session.execute(select(Event.__table__))]
        stored += [repr(row) for row in session.execute(select(Round.__table__))]
        canary = round_.canary or b""
    everything = re.sub(r"[-\s]", "", "".join(stored))
    assert private_key.hex() not in everything
    assert "".join(sheet.groups) not in everything
    assert canary.find(private_key) == -1


def test_opening_makes_one_right_per_person_and_a_stock_of_forms(store: Store) -> None:
    opened(store, {"A": (12, 2)})
    with store.read() as session:
        rights = session.scalars(select(Invitation).order_by(Invitation.slot)).all()
        forms = session.scalars(select(PaperForm.serial)).all()
        assert len(rights) == 10 + 2
        assert len(forms) == 10 + 1 + 2  # a reserve of the larger stratum
        assert all(right.token_hash is None for right in rights)
        assert {right.disposition for right in rights} == {Disposition.UNUSED}


def test_forms_lie_in_the_file_in_the_order_of_their_random_serials(
    postgres_store: Store,
) -> None:
    opened(postgres_store, {"A": (10, 10), "B": (10, 10)})
    with postgres_store.read() as session:
        column = PaperForm.__table__.c.serial
        in_file = session.scalars(select(column).order_by(text("ctid"))).all()
    assert list(in_file) == sorted(in_file)


def test_unit_that_picks_its_people_gets_rights_without_positions(store: Store) -> None:
    with store.write() as session:
        round_ = draft(session, {"A": (4, 3)}, selection=Selection.PICKED)
        for sheet in make_keys(session, round_, actor="office", now=NOW):
            check_sheet(session, round_, text=sheet.text, actor="office", now=NOW)
        open_round(session, round_, actor="office", now=NOW)
        rights = session.scalars(select(Invitation)).all()
    assert sorted(right.slot for right in rights) == [1, 1, 2, 2, 3, 3, 4]
    assert {right.position for right in rights} == {None}


def test_keys_differ_between_rounds(store: Store) -> None:
    opened(store, {"A": (3, 2)}, code="one")
    opened(store, {"A": (3, 2)}, code="two")
    with store.read() as session:
        assert find_round(session, "one").public_key != find_round(session, "two").public_key
