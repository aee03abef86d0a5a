"""What a given n buys: Slovin's error and the expected half-width, checked by hand."""

import math

import pytest

from survey.rules.outlook import Asked, outlook


def test_nine_of_sixty_is_vietnams_own_thirty_point_seven_percent() -> None:
    found = outlook([Asked(population=60, size=9)], level=0.95)
    assert found.implied_error == pytest.approx(0.3073, abs=5e-5)
    expected = 1.959964 * math.sqrt(0.25 / 9 * (60 - 9) / (60 - 1))  # Cochran (1977), 3.8
    assert found.half_width == pytest.approx(expected, rel=1e-6)


def test_groups_count_by_their_people() -> None:
    found = outlook([Asked(population=8, size=5), Asked(population=40, size=4)], level=0.95)
    leaders = (8 / 48) ** 2 * 0.25 * 8 / 7 * (1 / 5 - 1 / 8)
    officials = (40 / 48) ** 2 * 0.25 * 40 / 39 * (1 / 4 - 1 / 40)
    assert found.half_width == pytest.approx(1.959964 * math.sqrt(leaders + officials), rel=1e-6)


def test_asking_everybody_leaves_no_error() -> None:
    found = outlook([Asked(population=1, size=1), Asked(population=3, size=3)], level=0.95)
    assert (found.implied_error, found.half_width) == (0.0, 0.0)


def test_a_group_that_nobody_speaks_for_leaves_no_half_width() -> None:
    found = outlook([Asked(population=8, size=0), Asked(population=40, size=4)], level=0.95)
    assert found.half_width is None
    assert found.implied_error == pytest.approx(math.sqrt(1 / 4 - 1 / 48))


def test_strata_of_nobody_do_not_count() -> None:
    some = outlook([Asked(population=0, size=0), Asked(population=60, size=9)], level=0.95)
    assert some == outlook([Asked(population=60, size=9)], level=0.95)


@pytest.mark.parametrize("strata", [[], [Asked(population=5, size=0)]])
def test_no_sample_has_no_error(strata: list[Asked]) -> None:
    found = outlook(strata, level=0.95)
    assert (found.implied_error, found.half_width) == (None, None)
