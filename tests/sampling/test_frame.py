"""What a frame refuses, and what its digest sees."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import (
    Frame,
    FrameFault,
    FrameProblem,
    FrameStratum,
    Person,
    Selection,
    UncountedUnit,
    check_frame,
)


def stratum(
    unit: str = "SO01",
    group: str = "LD",
    population: int = 3,
    *,
    unit_group: str = "cap_so",
    names: str = "",
) -> FrameStratum:
    people = tuple(
        Person(position=position, name=name)
        for position, name in enumerate((part.strip() for part in names.split(";")), start=1)
    )
    return FrameStratum(
        unit=unit,
        unit_group=unit_group,
        group=group,
        population=population,
        selection=Selection.LIST if names else Selection.POSITIONS,
        people=people if names else (),
    )


def listed(*people: tuple[int, str], population: int | None = None) -> FrameStratum:
    return FrameStratum(
        unit="SO01",
        unit_group="cap_so",
        group="LD",
        population=len(people) if population is None else population,
        selection=Selection.LIST,
        people=tuple(Person(position=position, name=name) for position, name in people),
    )


def faults(*strata: FrameStratum) -> list[FrameFault]:
    return [problem.code for problem in check_frame(Frame(strata=strata))]


def test_a_sound_frame_has_no_problem() -> None:
    frame = Frame(
        strata=(stratum(names="An; Bình; Chi"), stratum(group="CC", population=0)),
        uncounted=(UncountedUnit(unit="XA001", unit_group="cap_xa"),),
    )
    assert check_frame(frame) == []


def test_an_empty_frame_is_a_problem() -> None:
    assert faults() == [FrameFault.EMPTY]


def test_a_stratum_given_twice_is_reported_once_with_its_count() -> None:
    problems = check_frame(Frame(strata=(stratum(), stratum(population=4), stratum())))
    assert [str(problem) for problem in problems] == [
        "SO01/LD: this unit and group is given 3 times; keep one line per unit and group"
    ]


def test_unit_codes_that_differ_only_in_composition_are_one_unit() -> None:
    decomposed = unicodedata.normalize("NFD", "Sở-01")
    assert faults(stratum("Sở-01"), stratum(decomposed)) == [FrameFault.STRATUM_TWICE]


def test_a_unit_in_two_unit_groups_is_named_with_both() -> None:
    (problem,) = check_frame(Frame(strata=(stratum(), stratum(group="CC", unit_group="cap_huyen"))))
    assert problem.code is FrameFault.UNIT_IN_TWO_GROUPS
    assert "(cap_huyen, cap_so)" in problem.message


def test_an_uncounted_unit_with_strata_is_a_conflict() -> None:
    frame = Frame(strata=(stratum(),), uncounted=(UncountedUnit(unit="SO01", unit_group="cap_so"),))
    assert [problem.code for problem in check_frame(frame)] == [FrameFault.UNCOUNTED_CONFLICT]


def test_an_uncounted_unit_listed_twice_is_a_conflict() -> None:
    commune = UncountedUnit(unit="XA001", unit_group="cap_xa")
    problems = check_frame(Frame(strata=(stratum(),), uncounted=(commune, commune)))
    assert "listed without head counts 2 time(s)" in problems[0].message


def test_a_negative_head_count_is_named() -> None:
    (problem,) = check_frame(Frame(strata=(stratum(population=-2),)))
    assert str(problem).startswith("SO01/LD: the number of people is -2;")


def test_a_list_shorter_than_the_register_names_both_numbers() -> None:
    (problem,) = check_frame(Frame(strata=(stratum(population=5, names="An; Bình; Chi"),)))
    assert "has 3 people, the register says 5" in problem.message


def test_a_missing_list_is_a_list_of_nobody() -> None:
    (problem,) = check_frame(Frame(strata=(listed(population=4),)))
    assert (problem.code, problem.params) == (FrameFault.LIST_LENGTH, {"count": 0, "value": 4})


def test_a_list_beside_another_way_of_selection_is_refused() -> None:
    picked = FrameStratum(
        unit="SO01",
        unit_group="cap_so",
        group="LD",
        population=1,
        selection=Selection.PICKED,
        people=(Person(position=1, name="An"),),
    )
    (problem,) = check_frame(Frame(strata=(picked,)))
    assert "but the selection is 'picked'" in problem.message


def test_a_person_listed_in_both_spellings_of_unicode_is_found() -> None:
    twin = unicodedata.normalize("NFD", "nguyễn  thị Ế")
    (problem,) = check_frame(Frame(strata=(stratum(population=2, names=f"Nguyễn Thị Ế; {twin}"),)))
    assert problem.code is FrameFault.PERSON_TWICE
    assert "“Nguyễn Thị Ế” is listed 2 times in this unit (LD 1, LD 2)" in problem.message


def test_a_person_in_both_groups_of_a_unit_is_found() -> None:
    leaders = stratum(population=2, names="An; Bình")
    officials = stratum(group="CC", population=2, names="Chi; An")
    (problem,) = check_frame(Frame(strata=(leaders, officials)))
    assert "(LD 1, CC 2)" in problem.message


def test_namesakes_in_different_units_are_two_people() -> None:
    assert faults(stratum(population=1, names="An"), stratum("SO02", "LD", 1, names="An")) == []


def test_a_gap_in_positions_is_named() -> None:
    (problem,) = check_frame(Frame(strata=(listed((1, "An"), (2, "Bình"), (4, "Chi")),)))
    assert "positions must run from 1 to 3; nobody stands at 3" in problem.message


def test_a_long_gap_shows_its_first_positions_only() -> None:
    people = tuple((position, f"Người {position}") for position in range(11, 21))
    (problem,) = check_frame(Frame(strata=(listed(*people),)))
    assert "nobody stands at 1, 2, 3, 4, 5, …;" in problem.message


def test_a_position_given_twice_is_reported_with_the_gap_it_leaves() -> None:
    assert faults(listed((1, "An"), (1, "Bình"))) == [
        FrameFault.POSITION_GAP,
        FrameFault.POSITION_TWICE,
    ]


def test_a_blank_name_is_reported_with_its_position() -> None:
    (problem,) = check_frame(Frame(strata=(listed((1, "An"), (2, "  ")),)))
    assert problem.message.startswith("the name at position 2 is blank")


@pytest.mark.parametrize("code", ["", "  ", " SO01", "SO\x1f01", "SO01\n"])
def test_a_code_that_identifies_nothing_is_refused(code: str) -> None:
    assert faults(stratum(code)) == [FrameFault.CODE_UNUSABLE]


def test_an_uncounted_unit_needs_a_usable_code_too() -> None:
    frame = Frame(strata=(stratum(),), uncounted=(UncountedUnit(unit=" ", unit_group="cap_xa"),))
    assert [problem.code for problem in check_frame(frame)] == [FrameFault.CODE_UNUSABLE]


def test_all_problems_are_found_at_once() -> None:
    assert set(faults(stratum(population=-1), stratum(""), listed((2, "")))) == {
        FrameFault.STRATUM_TWICE,
        FrameFault.NEGATIVE_POPULATION,
        FrameFault.CODE_UNUSABLE,
        FrameFault.POSITION_GAP,
        FrameFault.NAME_BLANK,
    }


@pytest.mark.parametrize("fault", FrameFault)
def test_every_fault_has_a_message_with_a_remedy(fault: FrameFault) -> None:
    params: dict[str, str | int] = {"value": "v", "count": 2, "strata": 1, "places": "LD 1"}
    message = FrameProblem(code=fault, params=params).message
    assert "%(" not in message
    assert ";" in message


@given(order=st.permutations(range(6)))
def test_the_digest_does_not_depend_on_order(order: list[int]) -> None:
    strata = [stratum(f"SO0{k}", "LD", 2, names="An; Bình") for k in range(6)]
    shuffled = Frame(strata=tuple(strata[k] for k in order))
    assert shuffled.digest == Frame(strata=tuple(strata)).digest


def test_the_digest_does_not_depend_on_the_spelling_of_unicode() -> None:
    composed = Frame(strata=(stratum(population=1, names="Nguyễn Thị Ế"),))
    decomposed = Frame(
        strata=(stratum(population=1, names=unicodedata.normalize("NFD", "Nguyễn Thị Ế")),)
    )
    assert composed.digest == decomposed.digest


@pytest.mark.parametrize(
    "changed",
    [
        stratum("SO02", population=2, names="An; Bình"),
        stratum(population=2, names="An; Binh"),
        stratum(population=2, names="Bình; An"),
        stratum(population=3, names="An; Bình"),
        stratum(group="CC", population=2, names="An; Bình"),
        stratum(population=2, unit_group="cap_xa", names="An; Bình"),
        stratum(population=2),
    ],
)
def test_the_digest_sees_every_change(changed: FrameStratum) -> None:
    frame = Frame(strata=(stratum(population=2, names="An; Bình"),))
    assert Frame(strata=(changed,)).digest != frame.digest


def test_the_digest_sees_uncounted_units() -> None:
    commune = UncountedUnit(unit="XA001", unit_group="cap_xa")
    assert (
        Frame(strata=(stratum(),), uncounted=(commune,)).digest != Frame(strata=(stratum(),)).digest
    )


def test_a_stratum_is_found_by_its_codes_in_either_spelling() -> None:
    frame = Frame(strata=(stratum("Sở-01"),))
    assert frame.stratum(unicodedata.normalize("NFD", "Sở-01"), "LD") is frame.strata[0]


def test_an_unknown_stratum_is_named() -> None:
    with pytest.raises(
        KeyError, match=r"no stratum of unit 'SO09', group 'LD' \(it has 1 strata\)"
    ):
        Frame(strata=(stratum(),)).stratum("SO09", "LD")


def test_a_person_is_found_by_position() -> None:
    assert stratum(names="An; Bình; Chi").person(2).name == "Bình"


def test_an_unlisted_position_is_named() -> None:
    with pytest.raises(KeyError, match=r"nobody is listed at position 4 \(3 people listed\)"):
        stratum(names="An; Bình; Chi").person(4)


@pytest.mark.parametrize("count", [float("nan"), float("inf"), 2.5, True])
def test_a_head_count_that_is_no_whole_number_is_named(count: float) -> None:
    (problem,) = check_frame(Frame(strata=(stratum(population=count),)))  # type: ignore[arg-type]
    assert str(problem).endswith(f"is {count}; it must be a whole number from 0")
