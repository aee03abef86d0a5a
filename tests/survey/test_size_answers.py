"""How many answers, and what they buy: the command prints what the sampling room computes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import survey
from sampling.sizes import Conditions, proportion_size
from survey.cli.sample import sample
from survey.errors import RefusedInputError
from survey.rules.size_answers import Clusters, SizeQuestion, bought, needed

UNITS = Path(survey.__file__).parent / "examples" / "binh_phuoc_2022" / "units.csv"


def asked(*options: str) -> dict[str, dict[str, float]]:
    done = CliRunner().invoke(sample, ["size", *options, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    return {line["key"]: line for line in (*found["sizes"], *found["errors"])}


def test_slovin_stands_beside_cochran_and_says_what_it_hides() -> None:
    done = CliRunner().invoke(sample, ["size", "--population", "1200"], env={"COLUMNS": "140"})

    rows = [line for line in done.output.splitlines() if "│" in line]
    assert any("Slovin" in row and " 300 " in row and "hides p = 0.5, z = 2" in row for row in rows)
    assert any("Cochran" in row and " 292 " in row for row in rows)


def test_nine_of_sixty_is_what_vietnams_own_formula_says() -> None:
    done = CliRunner().invoke(sample, ["size", "--population", "60", "--n", "9"])

    assert "±30.7 %" in done.output
    assert "±30.4 %" in done.output
    assert "too few answers" in " ".join(done.output.replace("│", " ").split())


def test_clusters_and_silence_enlarge_the_sample() -> None:
    lines = asked(
        *("--population", "1200", "--icc", "0.05", "--cluster-size", "9", "--response", "0.8")
    )

    conditions = Conditions(population=1200, design_effect=1.4, response_rate=0.8)
    size = proportion_size(0.05, conditions=conditions)
    assert (lines["proportion"]["answers"], lines["proportion"]["to_ask"]) == (
        size.answers,
        size.to_ask,
    )
    assert lines["slovin"]["answers"] == 300
    # A declared design effect and that of clusters multiply.
    both = SizeQuestion(deff=1.2, clusters=Clusters(mean_size=9, icc=0.05))
    assert both.conditions.design_effect == pytest.approx(1.68)


def test_every_kind_of_result_has_its_size_and_the_size_its_error() -> None:
    known = [
        *("--deviation", "3.4", "--ratio", "0.8", "10", "2", "2", "0.9", "--domain", "0.2"),
        *("--change", "0.05", "--overlap", "0.5", "--correlation", "0.6", "--error", "0.08"),
    ]
    sizes = asked(*known, "--half-width", "0.5")
    assert list(sizes) == [
        *("cochran", "mean", "ratio", "domain", "difference", "power"),
    ]

    for key, goal in (("mean", 0.5), ("domain", 0.08), ("difference", 0.08)):
        n = str(int(sizes[key]["answers"]))
        assert asked(*known, "--n", n)[key]["value"] == pytest.approx(goal, rel=0.02)
    n = str(int(sizes["power"]["answers"]))
    assert asked(*known, "--n", n)["power"]["value"] == pytest.approx(0.8, abs=0.01)
    assert asked(*known, "--n", n)["detectable"]["value"] == pytest.approx(0.05, rel=0.02)


def test_two_rounds_that_need_more_people_than_there_are_say_so() -> None:
    question = SizeQuestion(population=1200, change=0.04, overlap=0.5, correlation=0.6)
    lines = {line.key: line for line in needed(question)}

    assert lines["power"].answers < 1200
    assert not lines["power"].reachable
    assert lines["difference"].reachable


def test_one_answer_tells_no_spread() -> None:
    lines = asked("--n", "1", "--deviation", "3")

    assert lines["mean"]["value"] is None
    shown = CliRunner().invoke(sample, ["size", "--n", "1", "--deviation", "3"])
    assert "unknown" in shown.output


def test_a_register_gives_n_and_what_each_unit_would_need() -> None:
    done = CliRunner().invoke(sample, ["size", "--register", str(UNITS), "--group", "LD", "--json"])
    found = json.loads(done.output)

    assert found["asked"]["population"] == 519
    assert found["units"][0] == {"unit": "SO01", "population": 14, "slovin": 14, "cochran": 14}
    assert sum(unit["population"] for unit in found["units"]) == 519


@pytest.mark.parametrize(
    "options",
    [
        ["--population", "60", "--register", str(UNITS)],
        ["--group", "LD"],
        ["--icc", "0.1"],
        ["--half-width", "0.5"],
        ["--deviation", "0.5"],
        ["--register", str(UNITS), "--group", "XX"],
        ["--error", "0"],
    ],
)
def test_options_that_mean_nothing_together_are_refused(options: list[str]) -> None:
    assert CliRunner().invoke(sample, ["size", *options]).exit_code == 2


@pytest.mark.parametrize(
    "options",
    [["--population", "60", "--n", "61"], ["--p", "1"], ["--p", "0.9", "--change", "0.2"]],
)
def test_numbers_out_of_range_are_refused_with_the_room_they_have(options: list[str]) -> None:
    done = CliRunner().invoke(sample, ["size", *options])

    assert isinstance(done.exception, RefusedInputError)


def test_all_numbers_out_of_range_are_named_at_once_by_their_options() -> None:
    options = ["--level", "1.5", "--p", "2", "--response", "0", "--deff", "-1", "--overlap", "3"]
    options += ["--correlation", "9", "--power", "1", "--change", "0.1"]
    done = CliRunner().invoke(sample, ["size", *options])
    assert isinstance(done.exception, RefusedInputError)
    named = [str(fault).split()[0] for fault in done.exception.faults]
    assert named == [
        *("--level", "--p", "--power", "--response", "--deff", "--overlap", "--correlation", "--p")
    ]


def test_a_register_with_a_unit_twice_is_refused_rather_than_counted_once(tmp_path: Path) -> None:
    header, first, *rest = UNITS.read_text("utf-8-sig").splitlines()
    twice = tmp_path / "units.csv"
    twice.write_text(
        "\n".join([header, first, first.replace("Văn phòng", "Phòng"), *rest]), "utf-8"
    )
    done = CliRunner().invoke(sample, ["size", "--register", str(twice)])
    assert isinstance(done.exception, RefusedInputError)
    assert [str(fault).count("The code also stands") for fault in done.exception.faults] == [1, 1]


def test_what_is_bought_agrees_with_what_is_needed() -> None:
    question = SizeQuestion(population=1200)
    (_, cochran) = needed(question)

    (_, line) = bought(question, cochran.answers)
    assert line.value == pytest.approx(0.05, rel=0.005)
