"""Draws by size: every method's frequencies, order of the frame, records and refusals."""

import dataclasses
import itertools
import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import DrawError, PlanError
from sampling.errors import SizeError
from sampling.pps import (
    Inclusion,
    PpsMethod,
    SizedFrame,
    draw_pps,
    draw_rows,
    joint_probabilities,
    pps_inclusion,
    verify_pps,
)
from sampling.records import DrawRecord, first_difference
from sampling.streams import stream
from tests.sampling.binomial import binomial_limits

CODES = ["SO01", "SO02", "SO03", "SO04", "SO05", "SO06"]
FRAME = SizedFrame(sizes=[3, 7, 2, 9, 5, 4], codes=CODES)
SPREAD = SizedFrame(sizes=[40, 7, 2, 9, 5, 4, 0], codes=[*CODES, "SO07"], zeros=True)
EXACT = [method for method in PpsMethod if method is not PpsMethod.PARETO]


def counts_of(inclusion: Inclusion, method: PpsMethod, trials: int) -> np.ndarray:
    rng = stream(288, method.value)
    counts = np.zeros((len(inclusion.probabilities),) * 2, dtype=int)
    for _ in range(trials):
        rows = draw_rows(inclusion, method, rng)
        counts[np.ix_(rows, rows)] += 1
    return counts


@pytest.mark.parametrize("method", PpsMethod)
def test_units_and_pairs_are_drawn_as_often_as_their_probabilities_say(method: PpsMethod) -> None:
    trials, inclusion = 3000, pps_inclusion(FRAME, 3)
    joint = joint_probabilities(inclusion, method)
    counts = counts_of(inclusion, method, trials)
    # 21 counts, two sides, seven methods: correct draws leave these limits once in 1,000 seeds.
    for i, j in itertools.combinations_with_replacement(range(6), 2):
        if joint[i, j] < 1e-12:
            assert counts[i, j] == 0
            continue
        low, high = binomial_limits(trials, joint[i, j], 0.001 / (21 * 2 * 7))
        assert low <= counts[i, j] <= high, (i, j)


@pytest.mark.parametrize("method", EXACT)
def test_first_order_probabilities_are_exactly_those_asked(method: PpsMethod) -> None:
    inclusion = pps_inclusion(SPREAD, 4)
    joint = joint_probabilities(inclusion, method)
    np.testing.assert_allclose(joint.diagonal(), inclusion.probabilities, rtol=1e-12)


def test_pareto_comes_near_the_probabilities_asked_but_says_what_it_gives() -> None:
    inclusion = pps_inclusion(FRAME, 3)
    exact = joint_probabilities(inclusion, PpsMethod.PARETO).diagonal()
    assert exact.sum() == pytest.approx(3, rel=1e-12)
    assert 1e-4 < np.abs(exact - inclusion.probabilities).max() < 0.02


@pytest.mark.parametrize("method", PpsMethod)
def test_certain_units_are_always_drawn_and_units_of_size_0_never(method: PpsMethod) -> None:
    for seed in range(30):
        sample = draw_pps(SPREAD, 3, method=method, seed=seed)
        assert len(sample.rows) == 3
        assert sample.record.selected[0] == "SO01"
        assert sample.certain.tolist() == [True, False, False]
        assert "SO07" not in sample.record.selected


@pytest.mark.parametrize("method", [m for m in PpsMethod if m is not PpsMethod.SYSTEMATIC])
@given(order=st.permutations(range(6)), seed=st.integers(0, 2**63 - 1))
def test_a_frame_sorted_anew_gives_the_same_record(
    method: PpsMethod, order: list[int], seed: int
) -> None:
    moved = SizedFrame(
        sizes=[np.asarray(FRAME.sizes)[row] for row in order], codes=[CODES[row] for row in order]
    )
    first = draw_pps(FRAME, 3, method=method, seed=seed)
    second = draw_pps(moved, 3, method=method, seed=seed)
    assert first.record == second.record
    assert verify_pps(first.record, moved) is None
    assert [moved.name(row) for row in second.rows.tolist()] == list(second.record.selected)


@given(
    st.sampled_from(list(PpsMethod)),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=25),
    st.integers(0, 2**63 - 1),
    st.data(),
)
def test_a_draw_has_its_size_and_distinct_units(
    method: PpsMethod, sizes: list[int], seed: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(sizes)))
    sample = draw_pps(SizedFrame(sizes=sizes), size, method=method, seed=seed)
    assert sample.rows.tolist() == sorted(set(sample.rows.tolist()))
    assert len(sample.rows) == size
    assert set(sample.inclusion.certain) <= set(sample.rows.tolist())


def test_a_systematic_draw_follows_the_order_of_the_frame() -> None:
    frame = SizedFrame(sizes=[1] * 12, codes=[f"X{k:02}" for k in range(12)][::-1])
    rows = draw_pps(frame, 4, method=PpsMethod.SYSTEMATIC, seed=5).rows
    assert np.diff(rows).tolist() == [3, 3, 3]


def test_the_draws_of_a_seed_are_pinned() -> None:
    frame = SizedFrame(
        sizes=[k * k % 97 + 1.5 for k in range(80)], codes=[f"X{k:02}" for k in range(80)]
    )
    drawn = {
        method.value: draw_pps(frame, 30, method=method, seed=2022).record.result_digest[:16]
        for method in PpsMethod
    }
    # If this fails, earlier draws can no longer be verified: raise sampling.pps.VERSION.
    assert drawn == {
        "systematic": "21b6a264447cc009",
        "sampford": "62c18e213b53649f",
        "pareto": "cef275620297ab8f",
        "tille": "6d34e2bff879c910",
        "midzuno": "34f2c065be8cf072",
        "brewer": "962e6ac170f9ff7c",
        "maximum_entropy": "cb9e5074ff20f56e",
    }


@pytest.mark.parametrize("method", PpsMethod)
def test_a_record_survives_json_and_verifies(method: PpsMethod) -> None:
    record = draw_pps(SPREAD, 3, method=method, seed=2022).record
    again = DrawRecord.from_dict(json.loads(json.dumps(record.to_dict())))
    assert again == record
    assert verify_pps(again, SPREAD) is None


def test_verification_names_a_changed_unit_first() -> None:
    record = draw_pps(FRAME, 3, method=PpsMethod.BREWER, seed=2022).record
    other = next(code for code in CODES if code not in record.selected)
    forged = dataclasses.replace(record, selected=(*record.selected[:2], other))
    assert str(verify_pps(forged, FRAME)) == (
        f"selected[2]: the draw gives {record.selected[2]!r}, the plan says {other!r}"
    )


def test_verification_names_a_missing_unit_a_version_and_a_changed_frame() -> None:
    record = draw_pps(FRAME, 3, method=PpsMethod.TILLE, seed=2022).record
    shorter = dataclasses.replace(record, selected=record.selected[:2])
    renamed = SizedFrame(sizes=FRAME.sizes, codes=[*CODES[:-1], "SO99"])
    places = [
        verify_pps(shorter, FRAME),
        verify_pps(dataclasses.replace(record, version=9), FRAME),
        verify_pps(dataclasses.replace(record, result_digest="0"), FRAME),
    ]
    assert [place.place for place in places if place] == ["selected", "version", "result_digest"]
    assert verify_pps(record, renamed) is not None


def test_a_record_of_another_method_is_refused() -> None:
    record = draw_pps(FRAME, 3, method=PpsMethod.TILLE, seed=2022).record
    with pytest.raises(DrawError, match="'lottery' is no method of drawing by size"):
        verify_pps(dataclasses.replace(record, method="lottery"), FRAME)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": "2022"}, "record.seed must be of type int, not '2022'"),
        ({"selected": [1]}, r"record.selected\[0\] must be of type str, not 1"),
        ({"parameters": {"size": 1.5}}, "record.parameters.size must be text or whole, not 1.5"),
        ({"extra": 1}, r"missing \[\], unknown \['extra'\]"),
        ({"version": True}, "record.version must be of type int, not True"),
    ],
)
def test_a_broken_record_names_the_place(change: dict[str, object], message: str) -> None:
    content = draw_pps(FRAME, 3, method=PpsMethod.TILLE, seed=2022).record.to_dict()
    with pytest.raises(PlanError, match=message):
        DrawRecord.from_dict({**content, **change})


def test_a_record_without_its_parameter_is_refused() -> None:
    record = draw_pps(FRAME, 3, method=PpsMethod.TILLE, seed=2022).record
    kept = record.parameters[:1]
    with pytest.raises(PlanError, match=r"has no parameter 'size'; it has \['certainty'\]"):
        verify_pps(dataclasses.replace(record, parameters=kept), FRAME)
    with pytest.raises(PlanError, match="size is '3'; it must be a whole number"):
        verify_pps(dataclasses.replace(record, parameters=(*kept, ("size", "3"))), FRAME)


def test_a_record_of_an_unknown_choice_is_refused_with_the_known_ones() -> None:
    record = draw_pps(FRAME, 3, method=PpsMethod.TILLE, seed=2022).record
    forged = dataclasses.replace(record, parameters=(("certainty", "maybe"), ("size", 3)))
    with pytest.raises(PlanError, match="certainty is 'maybe'; it must be one of take, refuse"):
        verify_pps(forged, FRAME)


def test_faults_name_the_units_by_code() -> None:
    with pytest.raises(SizeError, match=r"SO02 has -7") as caught:
        draw_pps(SizedFrame(sizes=[3, -7, 0], codes=CODES[:3]), 1, method=PpsMethod.PARETO, seed=1)
    assert len(caught.value.problems) == 2


def test_a_table_that_would_not_fit_is_refused_with_a_remedy() -> None:
    frame = SizedFrame(sizes=np.arange(1, 50_001))
    with pytest.raises(DrawError, match=r"5000 from 50000 units.*Pareto or systematically"):
        draw_pps(frame, 5000, method=PpsMethod.SAMPFORD, seed=1)


def test_every_sample_of_a_fixed_frame_can_be_drawn_by_sampford() -> None:
    inclusion = pps_inclusion(FRAME, 2)
    rng = stream(1)
    seen = Counter(
        tuple(draw_rows(inclusion, PpsMethod.SAMPFORD, rng).tolist()) for _ in range(2000)
    )
    assert set(seen) == set(itertools.combinations(range(6), 2))


def test_a_frame_walked_along_in_another_order_is_named_as_such() -> None:
    record = draw_pps(FRAME, 3, method=PpsMethod.SYSTEMATIC, seed=5).record
    backwards = SizedFrame(sizes=[4, 5, 9, 2, 7, 3], codes=CODES[::-1])
    difference = verify_pps(record, backwards)
    assert difference is not None
    assert difference.place == "order of the list"
    assert "give the list in the order of the draw" in difference.found
    tille = draw_pps(FRAME, 3, method=PpsMethod.TILLE, seed=5).record
    assert verify_pps(tille, backwards) is None


def test_the_first_parameter_that_differs_is_named() -> None:
    record = draw_pps(FRAME, 3, method=PpsMethod.TILLE, seed=5).record
    changed = dataclasses.replace(record, parameters=(*record.parameters, ("zones", 4)))
    difference = first_difference(record, changed)
    assert difference is not None
    assert (
        str(difference) == "parameters.zones: the draw gives 'no such parameter', the plan says 4"
    )


@pytest.mark.parametrize("size", [float("nan"), 2.0, 1.5])
def test_a_sample_size_that_is_no_whole_number_is_refused(size: float) -> None:
    with pytest.raises(SizeError, match=f"the sample size is {size}; ask for a whole number"):
        draw_pps(FRAME, size, method=PpsMethod.TILLE, seed=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", PpsMethod)
def test_units_a_breath_below_certainty_still_give_the_size_asked(method: PpsMethod) -> None:
    frame = SizedFrame(sizes=[999_999_999, 10**9, 10**9 + 1, 3])
    assert len(draw_pps(frame, 3, method=method, seed=1).rows) == 3
