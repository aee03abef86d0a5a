"""Every kind of question through the survey: made as a round, sent, closed, laid out, simulated."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from questionnaires import (
    Answer,
    Door,
    Questionnaire,
    Severity,
    canonical,
    check,
    keep_in_play,
    largest_answer_size,
    parse_answers,
    read_questionnaire,
)
from questionnaires.library import shipped
from survey.errors import RefusedInputError
from survey.records.collection import Response
from survey.records.rounds import Round
from survey.records.store import Store
from survey.rules.ballots import (
    LABEL_LENGTH,
    ORDERS,
    OpenBallot,
    ballot_size,
    draw_order_seed,
    new_private_key,
    open_ballot,
    public_key_of,
    seal_ballot,
)
from survey.rules.drafts import DraftContent, new_draft, open_draft, seal_draft
from survey.rules.keyings import differing, document_of
from survey.services.close import begin_closing, finish_closing
from survey.services.collect import submit
from survey.services.register import UploadedTable, parse_register, template_xlsx
from survey.services.rounds import find_round, questionnaire_of, read_round, version_of
from survey.services.tabulate import responses_table
from survey.simulate import clerks, people
from tests.kinds import QUESTIONNAIRE, ROUND, UNITS
from tests.survey.closed_round import NOW, close_with
from tests.survey.open_round import CODE, answers_of, opened
from tests.survey.open_round import people as persons

FACTS = {"area.urban": "rural"}
LARGEST: Mapping[str, Answer] = {
    "DY": "94",
    "A1": "94",
    "A1_9": "𝄞" * 60,
    "A2": "2022-12-31",
    "A3": ("1", "2"),
    "A3_9": "𝄞" * 200,
    "A4": "99.5",
    "A5": "#95",
    "A6": 999_999_999_999_999,
    "BG1": "99",
    "BG2": "99",
    "BG3": "99",
    "C1": "𝄞" * 30,
    "C2": "𝄞" * 200,
}
GIVEN: Mapping[str, object] = {
    "DY": "1",
    "A1": "9",
    "A1_9": "Việc riêng",
    "A2": "2022-10-31",
    "A3": ["1", "3"],
    "A4": "0.5",
    "A5": 4,
    "A6": "#95",
    "BG1": "3",
    "BG3": "1",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write the round of every kind."""
    (tmp_path / "round.yaml").write_text(ROUND, encoding="utf-8")
    (tmp_path / "small.yaml").write_text(QUESTIONNAIRE, encoding="utf-8")
    (tmp_path / "units.csv").write_text(UNITS.replace("positions", "list", 1), encoding="utf-8")
    staff = [f"S1,{group},{n},Người {group} {n}" for group in ("LD", "CC") for n in range(1, 13)]
    lines = ["unit,group,position,name", *staff[:6], *staff[12:]]
    (tmp_path / "staff.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


@pytest.fixture
def kinds(folder: Path) -> Questionnaire:
    """Read the questionnaire."""
    return read_questionnaire(folder / "small.yaml")


def _ballot(answers: Mapping[str, Answer]) -> OpenBallot:
    return OpenBallot(
        answers=answers,
        stratum_id="a" * 32,
        rater_key="b" * 32,
        too_fast=False,
        group_differs=False,
        mode="paper",
        keying_batch="𝄞" * LABEL_LENGTH,
        order_seed=ORDERS - 1,
    )


def test_answers_of_every_kind_at_their_largest_reach_the_bound_and_fit(
    kinds: Questionnaire,
) -> None:
    key = new_private_key()
    size = ballot_size(kinds)
    ballot = _ballot(LARGEST)
    assert len(canonical(kinds, LARGEST)) == largest_answer_size(kinds)
    sealed = seal_ballot(ballot, kinds, public_key=public_key_of(key), size=size)
    assert len(sealed) == size + 48
    assert open_ballot(sealed, private_key=key) == ballot


def test_a_draft_keeps_the_order_and_fits_at_its_largest(kinds: Questionnaire) -> None:
    begun = new_draft(NOW, kinds)
    content = DraftContent(
        answers=LARGEST,
        started=NOW,
        consented=True,
        submission_id=begun.submission_id,
        order_seed=begun.order_seed,
    )
    secret = ("token", "device")
    size = ballot_size(kinds)
    sealed = seal_draft(content, kinds, secret=secret, invitation_id="i", size=size)
    assert open_draft(sealed, secret=secret, invitation_id="i") == content


def test_an_order_is_drawn_only_where_options_have_one(
    kinds: Questionnaire, tmp_path: Path
) -> None:
    drawn = {draw_order_seed(kinds) for _ in range(200)}
    assert drawn <= set(range(ORDERS))
    assert len(drawn) > 30
    file = tmp_path / "fixed.yaml"
    file.write_text(QUESTIONNAIRE.replace("        order: random\n", ""), encoding="utf-8")
    assert draw_order_seed(read_questionnaire(file)) is None


@pytest.mark.parametrize(
    ("item", "one", "two"),
    [
        ("A4", "3,5", "3.50"),
        ("A4", "-0", "0,0"),
        ("A2", "31/10/2022", "2022-10-31"),
        ("A2", "1/2/2022", "01-02-2022"),
        ("A6", "7", "+7"),
    ],
)
def test_two_keyings_that_mean_the_same_are_equal(
    kinds: Questionnaire, item: str, one: str, two: str
) -> None:
    wide = read_with_places(kinds)
    first, second = (parse_answers(wide, {item: [text]})[0] for text in (one, two))
    assert first
    assert document_of(wide, first) == document_of(wide, second)
    assert differing(wide, first, second) == []


def read_with_places(kinds: Questionnaire) -> Questionnaire:
    """Let A4 have two decimals."""
    first = kinds.sections[0]
    items = tuple(
        item.model_copy(update={"places": 2}) if item.id == "A4" else item for item in first.items
    )
    changed = first.model_copy(update={"items": items})
    return kinds.model_copy(update={"sections": (changed, *kinds.sections[1:])})


@pytest.fixture
def closed(
    sqlite_store: Store, folder: Path, make_round: Callable[[Path], str]
) -> tuple[pd.DataFrame, Any]:
    """Close the round with two forms of S2 and lay them out."""
    code = make_round(folder / "round.yaml")
    with sqlite_store.write() as session:
        round_: Round = find_round(session, code)
        bare = {"DY": "1", "A1": "1", "A2": "2022-10-01", "A4": "2.5"}
        close_with(session, round_, {("S2", "CC"): [dict(GIVEN), bare]})
        table, book = responses_table(session, round_)
        assert book.fingerprint == version_of(session, round_).fingerprint == round_.questionnaire
    return table.sort_values("A1", ascending=False).reset_index(drop=True), book


def test_columns_have_the_types_of_their_questions(closed: tuple[pd.DataFrame, Any]) -> None:
    table, _ = closed
    one, two = table.to_dict("records")
    assert one["A2"] == dt.date(2022, 10, 31)
    assert one["A4"] == Decimal("0.5")
    assert isinstance(one["A4"], Decimal)
    assert one["A3"] == "1 3"
    assert one["A1_9"] == "Việc riêng"
    assert one["A6"] == "#95"
    assert two["AC"] == Decimal(150)
    assert one["BG1"] == "3"
    assert pd.isna(two["BG1"])


def test_not_asked_is_apart_from_left_blank(closed: tuple[pd.DataFrame, Any]) -> None:
    table, _ = closed
    one, two = table.to_dict("records")
    assert one["A5"] == "#96"  # written on paper although the form skips it
    assert one["AC"] == "#96"
    assert one["BG3"] == "96"
    assert (one["BG2"], two["BG2"]) == ("96", "96")
    assert two["A1_9"] == "#96"
    assert pd.isna(two["A5"])
    assert pd.isna(two["A6"])
    assert one["A3_9"] == "#96"


def test_every_answer_counts_where_nothing_is_scored(closed: tuple[pd.DataFrame, Any]) -> None:
    table, _ = closed
    assert table["valid"].tolist() == [True, True]
    assert table["weight"].sum() == pytest.approx(12)


def test_the_codebook_names_every_column_and_the_options_of_other_days(
    closed: tuple[pd.DataFrame, Any],
) -> None:
    table, book = closed
    names = [column.name for column in book.columns]
    assert list(table.columns)[-len(names) :] == names
    by_name = {column.name: column for column in book.columns}
    assert {"AC", "A1_9", "BG1"} <= by_name.keys()
    assert "4" in {code.code for code in by_name["A1"].codes}
    assert by_name["A1_9"].disclosure == "free_text_review"


def test_the_form_is_that_of_the_first_day_and_the_version_is_whole(
    sqlite_store: Store, folder: Path, make_round: Callable[[Path], str], kinds: Questionnaire
) -> None:
    code = make_round(folder / "round.yaml")
    with sqlite_store.read() as session:
        round_ = find_round(session, code)
        asked, version = questionnaire_of(session, round_), version_of(session, round_)
        assert questionnaire_of(session, round_) is asked
    assert version == kinds
    assert round_.questionnaire == version.fingerprint
    codes = [[o.code for o in each.options_of(each.item("A1"))] for each in (asked, version)]
    assert codes == [["1", "2", "3", "9"], ["1", "2", "3", "4", "9"]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("fieldwork_from: 2022-10-03\n", "", "write “fieldwork_from”"),
        ("unit_facts: [area.urban]\n", "", "the fact “area.urban” of every unit"),
        ("small.yaml", "shipped:cross_rating", "once for each unit that a respondent rates"),
    ],
)
def test_a_round_that_cannot_be_asked_is_refused_with_what_is_missing(
    folder: Path, old: str, new: str, said: str
) -> None:
    (folder / "round.yaml").write_text(ROUND.replace(old, new), encoding="utf-8")
    with pytest.raises(RefusedInputError) as caught:
        read_round(folder / "round.yaml")
    assert said in " ".join(map(str, caught.value.faults))


@pytest.mark.parametrize("name", ["sipas_citizen", "transaction", "officials_par"])
def test_a_round_can_be_made_from_a_shipped_questionnaire(folder: Path, name: str) -> None:
    document = ROUND.replace("small.yaml", f"shipped:{name}").replace(
        "unit_facts: [area.urban]", "unit_facts: [area.urban, area.terrain]"
    )
    (folder / "round.yaml").write_text(document, encoding="utf-8")
    _, questionnaire = read_round(folder / "round.yaml")
    assert questionnaire.questions


def test_facts_of_units_are_read_from_their_columns_and_offered_in_the_template(
    folder: Path,
) -> None:
    document, _ = read_round(folder / "round.yaml")
    table = UploadedTable(filename="units.csv", content=UNITS.encode())
    parsed = parse_register(units=table, staff=None, document=document)
    assert [unit.facts["area.urban"] for unit in parsed.units] == ["urban", "rural"]
    assert template_xlsx(document)
    wrong = UploadedTable(filename="units.csv", content=UNITS.replace("rural", "xã").encode())
    with pytest.raises(RefusedInputError) as caught:
        parse_register(units=wrong, staff=None, document=document)
    assert "it is one of: urban, rural" in str(caught.value.faults[0])


def _people() -> list[people.Person]:
    return [people.Person(unit="S1", group="CC", slot=slot) for slot in range(150)]


@pytest.mark.parametrize(
    ("name", "kinds_answered"),
    [
        ("", {"single", "multi", "scale", "integer", "decimal", "date", "text"}),
        ("sipas_citizen", {"single", "multi", "scale", "integer", "text"}),
        ("transaction", {"scale", "text"}),
    ],
)
def test_simulated_people_answer_every_kind_as_the_pages_accept(
    kinds: Questionnaire, name: str, kinds_answered: set[str]
) -> None:
    whole = shipped(name) if name else kinds
    questionnaire = whole.as_of(dt.date(2022, 10, 3))
    answered: set[str] = set()
    for person in _people():
        found = people.opinions(
            person, questionnaire, seed=1, groups=("CC", "LD"), habits=people.Habits()
        )
        kept = keep_in_play(questionnaire, found, FACTS)
        problems = check(questionnaire, kept, FACTS, door=Door.WEB)
        assert [each for each in problems if each.severity is Severity.HARD] == []
        answered |= kept.keys()
    assert {questionnaire.questions_by_id[item].type for item in answered} >= kinds_answered


def test_what_simulated_clerks_type_is_read_as_what_was_answered(kinds: Questionnaire) -> None:
    for person in _people()[:20]:
        found = people.opinions(person, kinds, seed=1, groups=("CC",), habits=people.Habits())
        typed = clerks.as_keyed(found, kinds)
        assert typed.keys() == found.keys()
        assert "," in typed["A4"]


def test_the_order_of_options_stays_with_the_response(sqlite_store: Store) -> None:
    sheet = opened(sqlite_store, {"S1": (2, 2)})
    seeds = {"LD": 7, "CC": None}
    for person in persons(sqlite_store)[:4]:
        with sqlite_store.write() as session:
            submit(
                session,
                round_code=CODE,
                token=person.token,
                submission_id=new_draft(NOW).submission_id,
                answers=answers_of(person),
                started=NOW,
                now=NOW,
                order_seed=seeds[person.group],
            )
    with sqlite_store.write() as session:
        round_ = find_round(session, CODE)
        begin_closing(session, round_, actor="office", now=NOW)
        finish_closing(
            session,
            round_,
            key_text=sheet.text,
            discard_unfinished=False,
            actor="office",
            now=NOW,
        )
        found = session.execute(select(Response.answers, Response.order_seed)).all()
    assert sorted((answers["A1"], seed or 0) for answers, seed in found) == [
        ("CC", 0),
        ("CC", 0),
        ("LD", 7),
        ("LD", 7),
    ]
