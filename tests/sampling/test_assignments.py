"""Who rates whom: needs, burdens, conflicts, links, and an assignment made again."""

import dataclasses
import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import AssignmentError, DrawError
from sampling.assignments import (
    Assignments,
    Rater,
    RatingFault,
    RatingNeed,
    RatingRequest,
    assign,
    check_request,
    verify_assignments,
)
from sampling.rating_optimiser import parts
from sampling.rating_request import MESSAGES


def request_of(count: int, leaders: int, officials: int, **changes: object) -> RatingRequest:
    """Ask for three leaders and two officials per unit, unless changed."""
    names = tuple(f"SO{row:02}" for row in range(count))
    raters = [
        Rater(code=f"{unit}-{kind}{row}", unit=unit, kind=kind)
        for unit in names
        for kind, each in (("LD", leaders), ("CC", officials))
        for row in range(each)
    ]
    needs = [
        RatingNeed(kind=kind, per_unit=per_unit, most_units=4)
        for kind, per_unit, each in (("LD", 3, leaders), ("CC", 2, officials))
        if each
    ]
    request = RatingRequest(raters=tuple(raters), units=names, needs=tuple(needs))
    return dataclasses.replace(request, **changes)


def counts_by_unit(made: Assignments, kind: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for rating in made.ratings:
        if rating.kind == kind:
            found[rating.unit] = found.get(rating.unit, 0) + 1
    return found


def test_seven_units_rate_one_another_in_a_balanced_design() -> None:
    made = assign(request_of(7, 1, 0), seed=1)
    assert made.methods == (("LD", "balanced design, cyclic difference family"),)
    _, together = made.together()
    assert set(together[~np.eye(7, dtype=bool)].tolist()) == {1}
    assert all(
        unit != rater.split("-")[0] for rater, units in made.blocks().items() for unit in units
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 9), st.integers(1, 2), st.just(1), st.integers(0, 2**40))
def test_needs_caps_and_conflicts_are_kept_and_units_are_linked(
    units: int, leaders: int, officials: int, seed: int
) -> None:
    conflicts = (("SO00-LD0", "SO01"), ("SO01-LD0", "SO02"))
    request = request_of(units, leaders, officials, conflicts=conflicts)
    made = assign(request, seed=seed)
    for need in request.needs:
        assert set(counts_by_unit(made, need.kind).values()) == {need.per_unit}
        burdens = [
            sum(one.rater == rater.code for one in made.ratings)
            for rater in request.raters
            if rater.kind == need.kind
        ]
        assert max(burdens) <= need.most_units
        assert max(burdens) - min(burdens) <= 1
    pairs = [(one.rater, one.unit) for one in made.ratings]
    assert len(set(pairs)) == len(pairs)
    assert not set(pairs) & request.forbidden()
    linked = made.together()[1] > 0
    assert np.all(np.linalg.matrix_power(linked.astype(float), units) > 0)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_request_changes_nothing(shuffler: object) -> None:
    request = request_of(6, 2, 1)
    columns = {
        name: tuple(sorted(getattr(request, name), key=lambda _: shuffler.random()))  # type: ignore[attr-defined]
        for name in ("raters", "units", "needs")
    }
    mixed = dataclasses.replace(request, **columns)
    assert assign(mixed, seed=5) == assign(request, seed=5)


def test_another_seed_assigns_otherwise() -> None:
    request = request_of(6, 2, 1)
    assert assign(request, seed=1).ratings != assign(request, seed=2).ratings


def test_exchanges_leave_pairs_more_even_than_chance() -> None:
    _, together = assign(request_of(20, 2, 2), seed=3).together()
    meetings = together[~np.eye(20, dtype=bool)]
    assert meetings.max() - meetings.min() <= 1


def test_declared_units_keep_apart() -> None:
    apart = (("SO00", "SO01"), ("SO01", "SO00"))
    made = assign(request_of(6, 2, 1, unit_conflicts=apart), seed=1)
    homes = {(one.rater.split("-")[0], one.unit) for one in made.ratings}
    assert not homes & set(apart)


def test_raters_may_rate_their_own_unit_when_the_request_says_so() -> None:
    request = request_of(
        2, 1, 0, own_unit=True, needs=(RatingNeed(kind="LD", per_unit=2, most_units=2),)
    )
    assert len(assign(request, seed=1).ratings) == 4


def test_an_assignment_verifies_against_its_request_and_survives_json() -> None:
    request = request_of(7, 2, 1)
    made = assign(request, seed=9)
    again = Assignments.from_dict(json.loads(json.dumps(made.to_dict())))
    assert again == made
    assert again.digest == made.digest
    assert verify_assignments(again, request) is None


def test_a_changed_rating_is_the_first_difference() -> None:
    request = request_of(7, 2, 1)
    made = assign(request, seed=9)
    ratings = list(made.ratings)
    ratings[3] = dataclasses.replace(ratings[3], unit="SO99")
    difference = verify_assignments(dataclasses.replace(made, ratings=tuple(ratings)), request)
    assert difference is not None
    assert difference.place == "ratings[3]"
    assert "SO99" in difference.found


def test_a_missing_rating_is_the_first_difference() -> None:
    request = request_of(7, 2, 1)
    made = assign(request, seed=9)
    difference = verify_assignments(dataclasses.replace(made, ratings=made.ratings[:-1]), request)
    assert difference is not None
    assert difference.found == "no rating"


def test_another_request_differs_by_its_digest() -> None:
    made = assign(request_of(7, 2, 1), seed=9)
    difference = verify_assignments(made, request_of(7, 2, 1, conflicts=(("SO00-LD0", "SO03"),)))
    assert difference is not None
    assert difference.place == "request_digest"


def test_decomposed_codes_are_the_same_codes() -> None:
    composed = request_of(4, 2, 0, units=("Đà Lạt", "SO01", "SO02", "SO03"))
    decomposed = dataclasses.replace(
        composed, units=tuple(unicodedata.normalize("NFD", unit) for unit in composed.units)
    )
    assert decomposed.units != composed.units
    assert assign(decomposed, seed=1) == assign(composed, seed=1)


def test_every_fault_of_a_request_is_listed_at_once() -> None:
    request = request_of(
        3,
        1,
        0,
        units=("SO00", "SO01", "SO01"),
        raters=(
            Rater(code="r", unit="SO00", kind="LD"),
            Rater(code="r", unit="SO00", kind="HD"),
            Rater(code=" ", unit="SO00", kind="LD"),
        ),
        needs=(
            RatingNeed(kind="LD", per_unit=0, most_units=1),
            RatingNeed(kind="LD", per_unit=1, most_units=1),
        ),
        conflicts=(("nobody", "SO00"),),
    )
    faults = {problem.code for problem in check_request(request)}
    assert faults == {
        RatingFault.UNIT_TWICE,
        RatingFault.RATER_TWICE,
        RatingFault.NEED_TWICE,
        RatingFault.NEED_OUT_OF_RANGE,
        RatingFault.KIND_UNKNOWN,
        RatingFault.CODE_BLANK,
        RatingFault.CONFLICT_UNKNOWN,
    }
    with pytest.raises(AssignmentError, match="the request has 7 problem"):
        assign(request, seed=1)


def test_every_fault_has_its_message() -> None:
    assert set(MESSAGES) == set(RatingFault)


def test_an_empty_request_is_one_fault() -> None:
    (problem,) = check_request(RatingRequest(raters=(), units=(), needs=()))
    assert problem.code is RatingFault.EMPTY


def test_too_few_places_are_counted() -> None:
    request = request_of(5, 1, 0, needs=(RatingNeed(kind="LD", per_unit=3, most_units=2),))
    (problem,) = check_request(request)
    assert problem.code is RatingFault.TOO_FEW_PLACES
    assert "15 ratings; 5 raters of at most 2 units give 10" in problem.message


def test_a_unit_that_too_few_may_rate_is_named() -> None:
    conflicts = tuple((f"SO0{row}-LD0", "SO00") for row in (1, 2, 3))
    problems = check_request(request_of(5, 1, 0, conflicts=conflicts))
    assert [(problem.code, problem.place) for problem in problems] == [
        (RatingFault.TOO_FEW_RATERS, "SO00")
    ]


def test_conflicts_that_meet_name_the_units_left_short() -> None:
    # SO02 and SO03 are left to the leader of SO01 and to each other's, one unit each
    conflicts = (("SO00-LD0", "SO02"), ("SO00-LD0", "SO03"), ("SO02-LD0", "SO03"))
    request = request_of(
        4,
        1,
        0,
        conflicts=(*conflicts, ("SO03-LD0", "SO02")),
        needs=(RatingNeed(kind="LD", per_unit=1, most_units=1),),
    )
    assert not check_request(request)
    with pytest.raises(
        AssignmentError, match=r"leave 1 of 4 units short .*: SO0[23] \(1\); 1 of 4"
    ):
        assign(request, seed=1)


def test_conflicts_that_keep_units_in_two_parts_are_refused() -> None:
    apart = tuple(
        (f"SO0{one}", f"SO0{other}")
        for one in range(6)
        for other in range(6)
        if one // 3 != other // 3
    )
    request = request_of(
        6, 2, 0, unit_conflicts=apart, needs=(RatingNeed(kind="LD", per_unit=4, most_units=2),)
    )
    with pytest.raises(AssignmentError, match="the units fall into 2 parts that no rater links"):
        assign(request, seed=1)


def test_units_that_no_rater_can_link_are_refused() -> None:
    request = request_of(4, 1, 0, needs=(RatingNeed(kind="LD", per_unit=1, most_units=1),))
    with pytest.raises(AssignmentError, match=r"need 3 links, .* make 0 .* name at most 1 raters"):
        assign(request, seed=1)


def test_parts_of_units_are_told_apart() -> None:
    marks = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 1, 0, 0, 0]], bool)
    assert parts([marks]).tolist() == [0, 0, 1, 1, 2]


def test_a_seed_out_of_range_is_refused() -> None:
    with pytest.raises(DrawError, match="the seed is -1"):
        assign(request_of(5, 2, 1), seed=-1)


@pytest.mark.parametrize("content", [{}, {"seed": "x"}, {"seed": 1, "version": 1}])
def test_what_is_no_assignment_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(AssignmentError, match="this is no assignment that version 1 writes"):
        Assignments.from_dict(content)


@pytest.mark.parametrize("number", [float("nan"), 2.5, True])
def test_a_need_that_is_no_whole_number_is_a_fault(number: float) -> None:
    raters = tuple(Rater(code=f"r{k}", unit=f"SO{k}", kind="LD") for k in range(4))
    need = RatingNeed(kind="LD", per_unit=number, most_units=3)  # type: ignore[arg-type]
    request = RatingRequest(raters=raters, units=("SO0", "SO1"), needs=(need,))
    assert RatingFault.NEED_OUT_OF_RANGE in {problem.code for problem in check_request(request)}
