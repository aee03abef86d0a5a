"""`khaosat questionnaire try`: the walk of a respondent, from a pipe."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import Door, ProblemCode, Severity, check, option_order
from questionnaires.library import SHIPPED, shipped
from survey.cli.questionnaire import questionnaire
from survey.errors import RefusedInputError


def walk(*arguments: object, lines: str) -> str:
    """Answer line by line (separated by /) and give everything that was shown."""
    words = ["try", *(str(each) for each in arguments)]
    done = CliRunner().invoke(
        questionnaire, words, input="".join(f"{x}\n" for x in lines.split("/"))
    )
    assert done.exit_code == 0, done.output
    return done.output


def answers(shown: str) -> dict[str, object]:
    found = re.search(r"^Answers: (.*)$", shown, re.MULTILINE)
    assert found
    read: dict[str, object] = json.loads(found[1])
    return read


def test_contented_person_is_not_asked_what_went_wrong() -> None:
    shown = walk("shipped:transaction", "--seed", 7, lines="5/4/5/97/Cảm ơn")

    assert answers(shown) == {"H1": "5", "H2": "4", "H3": "5", "H4": "97", "H6": "Cảm ơn"}
    assert "The form is finished." in shown
    assert "Path (6): H1 H H2 H3 H4 H6" in shown
    assert "Not asked (1): H5" in shown


def test_options_come_in_the_order_of_the_seed_which_is_shown() -> None:
    shown = walk("shipped:transaction", "--seed", 11, lines="1////3 1/")

    item = shipped("transaction").questions_by_id["H5"]
    order = [option.code for option in option_order(shipped("transaction"), item, 11)]
    asked = shown.partition("5. Điều gì làm")[2].partition("H5:")[0]
    assert re.findall(r"^ +(\d+)  ", asked, re.MULTILINE) == order
    assert order != sorted(order)
    assert "Seed 11: it orders the options of H5." in shown
    assert answers(shown) == {"H1": "1", "H5": ["1", "3"]}


def test_seed_is_drawn_and_told_where_none_is_given() -> None:
    seeds = {
        re.search(r"^Seed (\d+)$", walk("shipped:transaction", lines=":q"), re.MULTILINE)[1]  # type: ignore[index]
        for _ in range(3)
    }

    assert len(seeds) == 3


def test_wrong_answers_are_refused_with_a_remedy_and_asked_for_again() -> None:
    shown = walk("shipped:transaction", lines="/9/2////1 2 3/1 x/2 1/")

    assert "! Question 1 has no answer yet. Choose or write an answer." in shown
    assert "! 9 is not among the answers to question 1." in shown
    assert "! Question 5 takes at most 2 choices, 3 are chosen." in shown
    assert "! x is not among the answers to question 5." in shown
    assert answers(shown) == {"H1": "2", "H5": ["1", "2"]}


def test_going_back_keeps_answers_and_drops_those_left_off_the_path() -> None:
    shown = walk("shipped:transaction", lines="1/2/3/4/5/</</</</</5/////")

    assert "H2 [2]: " in shown
    assert answers(shown) == {"H1": "5", "H2": "2", "H3": "3", "H4": "4"}
    assert "Answered, then left off the path: H5" in shown


def test_back_from_the_first_question_stays_there_and_an_answer_can_be_taken_away() -> None:
    shown = walk("shipped:transaction", lines="</5/4/</:clear////")

    assert "This is the first question." in shown
    assert answers(shown) == {"H1": "5"}


def test_stopping_and_the_end_of_the_input_show_what_there_is() -> None:
    for lines in ("5/4/:q", "5/4"):
        shown = walk("shipped:transaction", lines=lines)
        assert "Stopped before the end." in shown
        assert answers(shown) == {"H1": "5", "H2": "4"}


def test_answer_that_ends_the_form_ends_it() -> None:
    shown = walk("shipped:officials_par", lines="2")

    assert "An answer ended the form: refused." in shown
    assert "Path (1): DY" in shown


def test_facts_open_the_introduction_and_the_questions_they_open_for_respondents() -> None:
    facts = ("--facts", "sample.selection=drawn", "--facts", "unit.handles_procedures=yes")
    lines = "/".join(["1", *["<", "1"], ":q"])

    told = walk("shipped:officials_par", *facts, "--language", "en", lines=lines)
    untold = walk("shipped:officials_par", "--language", "en", lines=lines)

    assert "You were chosen at random" in told
    assert "You were chosen at random" not in untold
    assert "Do you agree to take part in the survey?" in told


def test_broken_constraint_is_told_in_the_words_of_the_form_and_asked_again() -> None:
    shown = walk("shipped:sipas_citizen", "--day", "2025-03-01", lines="1/2/1/3/5/2/:q")

    assert "không thể nhiều hơn số người trong hộ" in shown
    assert answers(shown)["S3"] == 2
    assert "Computed: S3W = 2" in shown


def test_units_are_rated_one_after_the_other_and_told_apart_at_the_end(tmp_path: Path) -> None:
    units = tmp_path / "units.csv"
    units.write_text("code,name\nSNV,Sở Nội vụ\nSTC,Sở Tài chính\n", encoding="utf-8")
    lines = "/".join(["1", "1", *"5432154321", "99", "6 1", "họp giao ban", ""])

    shown = walk("shipped:cross_rating", "--units", units, lines=lines)

    assert "== Đánh giá Sở Nội vụ" in shown
    assert answers(shown)["C1_6"] == "họp giao ban"
    (first,) = re.findall(r"^  SNV Sở Nội vụ: (.*)$", shown, re.MULTILINE)
    (second,) = re.findall(r"^  STC Sở Tài chính: (.*)$", shown, re.MULTILINE)
    assert json.loads(first) | {"G10": "1", "K1": "1"} == json.loads(first)
    assert json.loads(second) == {
        "C1": ["1", "6"], "C1_6": "họp giao ban", "DY": "1", "K1": "99",
    }  # fmt: skip


TYPED = st.sampled_from(["1", "2", "3", "5", "9", "<", ":clear", "", "1 2", "#95", "99", "x, 1"])


@settings(max_examples=25)
@given(
    name=st.sampled_from([name for name in SHIPPED if name != "cross_rating"]),
    lines=st.lists(TYPED | st.text(max_size=20), max_size=60),
    seed=st.integers(0, 2**70),
)
def test_whatever_is_typed_only_sound_answers_are_kept(
    name: str, lines: list[str], seed: int
) -> None:
    typed = "/".join(["1", *(line.replace("/", "").replace("\n", "") for line in lines)])

    shown = walk(f"shipped:{name}", "--seed", seed, "--day", "2025-03-01", lines=typed)

    kept = {
        item: tuple(answer) if isinstance(answer, list) else answer
        for item, answer in answers(shown).items()
    }
    problems = check(shipped(name), kept, {}, door=Door.WEB)  # type: ignore[arg-type]
    hard = {problem.code for problem in problems if problem.severity is Severity.HARD}
    assert hard <= {ProblemCode.REQUIRED}, "only what was not reached is missing"


def test_form_about_units_needs_units(tmp_path: Path) -> None:
    done = CliRunner().invoke(questionnaire, ["try", "shipped:cross_rating"])
    assert done.exit_code == 2
    assert "section DG is asked about units: give --units" in done.output

    many = tmp_path / "units.csv"
    rows = "".join(f"U{n},Đơn vị {n}\n" for n in range(41))
    many.write_text("code,name\n" + rows, encoding="utf-8")
    with pytest.raises(RefusedInputError, match="41 units, but section DG takes 40"):
        CliRunner().invoke(
            questionnaire,
            ["try", "shipped:cross_rating", "--units", str(many)],
            catch_exceptions=False,
        )
