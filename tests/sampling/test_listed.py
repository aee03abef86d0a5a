"""Equal chances from a list of codes: order, reserves, independent strata, named differences."""

import dataclasses
import itertools
from collections import Counter

import pytest

from sampling import DrawError
from sampling.listed import ListMethod, draw_listed, stratum_seed, verify_listed
from tests.sampling.binomial import binomial_limits

CODES = [f"X{number:02}" for number in range(1, 13)]


@pytest.mark.parametrize("method", list(ListMethod))
def test_the_record_is_the_draw_and_reserves_are_none_of_the_selected(method: ListMethod) -> None:
    sample = draw_listed(CODES, 4, method=method, seed=7, reserves=3)
    assert [CODES[row] for row in sample.rows] == list(sample.record.selected)
    assert len({*sample.record.selected, *sample.reserves}) == 7
    assert verify_listed(sample.record, CODES) is None


def test_sorting_the_list_anew_changes_a_systematic_draw_only() -> None:
    simple, systematic = (
        {
            draw_listed(order, 4, method=method, seed=7).record.selected
            for order in (CODES, CODES[::-1])
        }
        for method in ListMethod
    )
    assert (len(simple), len(systematic)) == (1, 2)


def test_every_unit_comes_equally_often() -> None:
    counts = Counter(
        code
        for seed in range(1200)
        for code in draw_listed(CODES, 3, method=ListMethod.SIMPLE, seed=seed).record.selected
    )
    low, high = binomial_limits(1200, 0.25, 0.001 / 12)
    assert all(low <= counts[code] <= high for code in CODES)


def test_strata_of_one_seed_do_not_draw_alike() -> None:
    drawn = [
        draw_listed(CODES, 4, method=ListMethod.SIMPLE, seed=stratum_seed(7, name)).rows.tolist()
        for name in ("bắc", "nam", "đông", "tây")
    ]
    assert all(one != other for one, other in itertools.pairwise(drawn))
    assert stratum_seed(7, "bắc") == stratum_seed(7, "bắc")


def test_a_swapped_unit_is_named() -> None:
    record = draw_listed(CODES, 4, method=ListMethod.SIMPLE, seed=7).record
    swapped = dataclasses.replace(record, selected=("X12", *record.selected[1:]))
    found = verify_listed(swapped, CODES)
    assert found is not None
    assert (found.place, found.found) == ("selected[0]", "'X12'")


def test_repeated_codes_too_large_samples_and_strange_records_are_refused() -> None:
    with pytest.raises(DrawError, match=r"1 of 2 codes stand more than once: \['A'\]"):
        draw_listed(["A", "B", "A"], 1, method=ListMethod.SIMPLE, seed=1)
    with pytest.raises(DrawError, match="cannot draw 3 of 2"):
        draw_listed(["A", "B"], 3, method=ListMethod.SIMPLE, seed=1)
    record = draw_listed(CODES, 4, method=ListMethod.SIMPLE, seed=7).record
    with pytest.raises(DrawError, match="no method of drawing from a list"):
        verify_listed(dataclasses.replace(record, method="cube"), CODES)
