"""Base weights as columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sampling import Frame, FrameStratum, Quota, Selection, base_weights, draw

QUOTAS = [Quota(unit_group="cap_so", group="LD", size=5)]


def frame(*populations: int, selection: Selection = Selection.POSITIONS) -> Frame:
    return Frame(
        strata=tuple(
            FrameStratum(
                unit=f"SO{k:02}",
                unit_group="cap_so",
                group="LD",
                population=population,
                selection=selection,
            )
            for k, population in enumerate(populations)
        )
    )


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=9))
def test_the_weights_of_a_stratum_add_up_to_its_population(populations: list[int]) -> None:
    columns = base_weights(draw(frame(*populations), QUOTAS, seed=1, reserves=0))
    np.testing.assert_allclose(columns["size"] * columns["weight"], populations, rtol=1e-14)
    np.testing.assert_allclose(columns["probability"] * columns["weight"], 1, rtol=1e-14)


def test_a_stratum_taken_whole_has_weight_and_probability_one() -> None:
    columns = base_weights(draw(frame(3), QUOTAS, seed=1, reserves=0))
    assert (columns["probability"].item(), columns["weight"].item()) == (1.0, 1.0)


def test_a_stratum_of_nobody_has_neither() -> None:
    columns = base_weights(draw(frame(0, 10), QUOTAS, seed=1, reserves=0))
    assert np.isnan([columns["probability"][0], columns["weight"][0]]).all()
    assert columns["weight"][1] == 2.0


def test_a_quota_of_nobody_has_probability_zero_and_no_weight() -> None:
    nobody = [Quota(unit_group="cap_so", group="LD", size=0)]
    columns = base_weights(draw(frame(10), nobody, seed=1, reserves=0))
    assert columns["probability"].item() == 0
    assert np.isnan(columns["weight"].item())


def test_a_picked_stratum_has_a_scale_but_no_probability() -> None:
    columns = base_weights(draw(frame(10, selection=Selection.PICKED), QUOTAS, seed=1, reserves=0))
    assert np.isnan(columns["probability"].item())
    assert (columns["weight"].item(), columns["selection"].item()) == (2.0, "picked")
