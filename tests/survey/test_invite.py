"""Links, reserves, paper and progress as the office sees them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from sampling import Selection
from survey.errors import (
    InvitationUsedError,
    NoReserveLeftError,
    NotAllowedNowError,
    NotFoundError,
    RefusedInputError,
    UnknownLinkError,
)
from survey.records.collection import Disposition, Invitation
from survey.records.people import Event
from survey.records.store import Store
from survey.records.units import RoundUnit
from survey.rules.drafts import new_draft
from survey.services.close import begin_closing
from survey.services.collect import (
    end_without_answers,
    load_draft,
    open_visit,
    save_draft,
)
from survey.services.invite import (
    hand_out_paper,
    invited,
    issue_links,
    paper_serials,
    release_reserve,
)
from survey.services.keys import check_sheet, make_keys, open_round
from survey.services.rounds import find_round
from survey.services.watch import progress
from tests.survey.open_round import (
    CODE,
    NOW,
    URL,
    answers_of,
    draft,
    opened,
    people,
    send,
    stratum_of,
)


def links_of_all(store: Store, *, reissue: bool) -> list[str]:
    with store.write() as session:
        units = session.scalars(select(RoundUnit.id).order_by(RoundUnit.place)).all()
        return [
            link.url
            for unit in units
            for link in issue_links(
                session, unit, public_url=URL, reissue=reissue, actor="office", now=NOW
            )
        ]


def test_every_person_gets_a_link_of_the_round(store: Store) -> None:
    opened(store, {"A": (3, 2), "B": (1, 1)})
    urls = links_of_all(store, reissue=False)
    assert len(set(urls)) == 7
    assert all(url.startswith(f"{URL}/t/{CODE}/") for url in urls)


def test_links_carry_slot_position_and_name_for_the_envelope(store: Store) -> None:
    opened(store, {"A": (3, 2)})
    found = people(store)
    assert [(each.group, each.slot) for each in found] == [
        ("CC", 1),
        ("CC", 2),
        ("LD", 1),
        ("LD", 2),
        ("LD", 3),
    ]
    assert {each.name for each in found if each.group == "CC"} == {
        "Người Thứ 1 Của smallA CC",
        "Người Thứ 2 Của smallA CC",
    }


def test_no_token_is_stored_anywhere(store: Store) -> None:
    opened(store, {"A": (3, 2)})
    tokens = [each.token for each in people(store)]
    with store.read() as session:
        rows = [repr(row) for row in session.execute(select(Invitation.__table__))]
        rows += [repr(row) for row in session.execute(select(Event.__table__))]
    assert not any(token in row for token in tokens for row in rows)


def test_links_are_issued_once_unless_asked_again(store: Store) -> None:
    opened(store, {"A": (3, 2)})
    first = links_of_all(store, reissue=False)
    assert links_of_all(store, reissue=False) == []
    again = links_of_all(store, reissue=True)
    assert len(again) == 5
    assert not set(first) & set(again)


def test_reissued_link_replaces_the_old_one_and_its_draft(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    old, *_ = people(store)
    with store.write() as session:
        visit = open_visit(session, round_code=CODE, token=old.token)
        save_draft(session, visit, token=old.token, device="d", content=new_draft(NOW))
    new, *_ = people(store)
    with store.read() as session:
        with pytest.raises(UnknownLinkError):
            open_visit(session, round_code=CODE, token=old.token)
        visit = open_visit(session, round_code=CODE, token=new.token)
        assert load_draft(session, visit, token=new.token, device="d") is None


def test_used_invitation_gets_no_new_link(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    first, _ = people(store)
    send(store, first, answers_of(first))
    assert len(links_of_all(store, reissue=True)) == 1


def test_links_need_an_open_round_and_a_known_unit(store: Store) -> None:
    with store.write() as session:
        draft(session, {"A": (1, 1)})
        unit = session.scalars(select(RoundUnit.id)).one()
        with pytest.raises(NotAllowedNowError):
            issue_links(session, unit, public_url=URL, reissue=False, actor="office", now=NOW)
        with pytest.raises(NotFoundError):
            issue_links(session, "none", public_url=URL, reissue=False, actor="office", now=NOW)


def test_reserves_are_released_in_the_order_drawn_until_none_is_left(store: Store) -> None:
    opened(store, {"A": (12, 2)})
    leader = next(each for each in people(store) if each.group == "LD")
    with store.write() as session:
        stratum = stratum_of(session, leader)
        release_reserve(session, stratum, actor="office", now=NOW)
        with pytest.raises(NoReserveLeftError, match="1 drawn"):
            release_reserve(session, stratum, actor="office", now=NOW)
        everyone = invited(session, stratum)
    assert [(each.slot, each.reserve) for each in everyone][-2:] == [(10, False), (11, True)]
    assert len({each.position for each in everyone}) == 11
    (url,) = links_of_all(store, reissue=False)
    assert url


def test_unit_that_picks_its_people_has_no_reserve(store: Store) -> None:
    with store.write() as session:
        round_ = draft(session, {"A": (4, 3)}, selection=Selection.PICKED)
        for sheet in make_keys(session, round_, actor="office", now=NOW):
            check_sheet(session, round_, text=sheet.text, actor="office", now=NOW)
        open_round(session, round_, actor="office", now=NOW)
    person, *_ = people(store)
    with store.write() as session, pytest.raises(NoReserveLeftError, match="0 drawn"):
        release_reserve(session, stratum_of(session, person), actor="office", now=NOW)


def test_paper_withdraws_the_link_and_writes_no_row_beside_it(store: Store) -> None:
    opened(store, {"A": (3, 2)})
    person = people(store)[2]
    with store.write() as session:
        stratum = stratum_of(session, person)
        before = paper_serials(session, stratum)
        hand_out_paper(session, stratum, slots=[person.slot], actor="office", now=NOW)
        assert paper_serials(session, stratum) == before
        assert len(before) == 3
    with store.read() as session:
        with pytest.raises(UnknownLinkError):
            open_visit(session, round_code=CODE, token=person.token)
        event = session.scalars(select(Event).order_by(Event.number.desc()).limit(1)).one()
        assert event.detail == {"unit": "smallA", "group": "LD", "count": 1}


def test_paper_for_people_who_answered_is_refused_with_every_number(store: Store) -> None:
    opened(store, {"A": (4, 1)})
    leaders = [each for each in people(store) if each.group == "LD"]
    send(store, leaders[1], answers_of(leaders[1]))
    with store.write() as session:
        stratum = stratum_of(session, leaders[0])
        slots = [leaders[0].slot, leaders[1].slot, 77]
        with pytest.raises(RefusedInputError) as caught:
            hand_out_paper(session, stratum, slots=slots, actor="office", now=NOW)
        assert len(caught.value.faults) == 2
        session.rollback()
    with store.read() as session:
        assert open_visit(session, round_code=CODE, token=leaders[0].token)


def test_progress_counts_each_stratum_and_names_nobody(store: Store) -> None:
    opened(store, {"A": (4, 2)})
    everybody = people(store)
    officials = [each for each in everybody if each.group == "CC"]
    leaders = [each for each in everybody if each.group == "LD"]
    send(store, leaders[0], answers_of(leaders[0]))
    with store.write() as session:
        for person, ending in ((leaders[1], "refused"), (officials[0], "ineligible")):
            end_without_answers(session, round_code=CODE, token=person.token, disposition=ending)
        stratum = stratum_of(session, leaders[2])
        hand_out_paper(session, stratum, slots=[leaders[2].slot], actor="office", now=NOW)
    with store.read() as session:
        official, leader = progress(session, find_round(session, CODE))
    counts = [
        (each.invited, each.used, each.paper_out, each.paper_sealed, each.refused, each.ineligible)
        for each in (official, leader)
    ]
    assert counts == [(2, 0, 0, 0, 0, 1), (4, 1, 1, 0, 1, 0)]
    assert leader.unit_name == "Sở smallA"


def test_nothing_is_handed_out_once_closing_has_begun(store: Store) -> None:
    opened(store, {"A": (2, 2)})
    person, *_ = people(store)
    with store.write() as session:
        begin_closing(session, find_round(session, CODE), actor="office", now=NOW)
        stratum = stratum_of(session, person)
        with pytest.raises(NotAllowedNowError):
            hand_out_paper(session, stratum, slots=[1], actor="office", now=NOW)
        with pytest.raises(NotAllowedNowError):
            release_reserve(session, stratum, actor="office", now=NOW)


def test_withdrawn_invitation_is_not_answered_by_a_page_that_was_open(store: Store) -> None:
    opened(store, {"A": (1, 1)})
    person, *_ = people(store)
    with store.write() as session:
        visit = open_visit(session, round_code=CODE, token=person.token)
        stratum = stratum_of(session, person)
        hand_out_paper(session, stratum, slots=[1], actor="office", now=NOW + timedelta(hours=1))
        with pytest.raises(InvitationUsedError):
            save_draft(session, visit, token=person.token, device="d", content=new_draft(NOW))
    with store.read() as session:
        states = session.scalars(select(Invitation.disposition)).all()
    assert sorted(states) == [Disposition.PAPER, Disposition.UNUSED]
