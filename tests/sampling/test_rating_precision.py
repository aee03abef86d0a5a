"""Expected precision of a cross-rating against full covariances and the formula of a design."""

import math

import numpy as np
import pytest

from sampling import AssignmentError
from sampling.assignments import balanced_design, expected_precision
from sampling.sizes import normal_quantile

Z = normal_quantile(0.95)
BLOCKS = {"r1": ("A", "B"), "r2": ("B", "C"), "r3": ("A", "C", "D"), "r4": ("A",)}


def test_the_adjusted_width_is_that_of_generalised_least_squares() -> None:
    between, within, units = 1.3, 0.7, "ABCD"
    rows = [(rater, unit) for rater, block in BLOCKS.items() for unit in block]
    shared = np.array([[one[0] == other[0] for other in rows] for one in rows], float)
    covariance = within**2 * np.eye(len(rows)) + between**2 * shared
    design = np.array([[unit == name for name in units] for _, unit in rows], float)
    expected = np.linalg.inv(design.T @ np.linalg.inv(covariance) @ design)
    outlooks = expected_precision(BLOCKS, rater_deviation=between, residual_deviation=within)
    widths = [(one.adjusted / Z) ** 2 for one in outlooks]
    assert widths == pytest.approx(np.diag(expected).tolist())
    difference = np.mean(
        [math.sqrt(expected[0, 0] + expected[k, k] - 2 * expected[0, k]) for k in (1, 2, 3)]
    )
    assert outlooks[0].difference == pytest.approx(Z * difference)


def test_a_balanced_design_under_strong_severity_has_its_textbook_variance() -> None:
    design = balanced_design(7, 3, 7)
    assert design is not None
    blocks = {str(k): tuple(map(str, block)) for k, block in enumerate(design.blocks)}
    outlook = expected_precision(blocks, rater_deviation=1e4, residual_deviation=1.5)[0]
    assert (outlook.difference / Z) ** 2 == pytest.approx(2 * 3 * 1.5**2 / (1 * 7), rel=1e-5)


def test_without_severity_the_adjusted_width_is_the_raw_one() -> None:
    for one in expected_precision(BLOCKS, rater_deviation=0, residual_deviation=2):
        assert one.raw == pytest.approx(one.adjusted)
        assert one.raw == pytest.approx(Z * 2 / math.sqrt(one.raters))


def test_adjusting_never_widens() -> None:
    for one in expected_precision(BLOCKS, rater_deviation=1, residual_deviation=1):
        assert one.adjusted <= one.raw + 1e-12


def test_deviations_and_blocks_that_cannot_be_are_refused() -> None:
    with pytest.raises(AssignmentError, match="-1 between raters"):
        expected_precision(BLOCKS, rater_deviation=-1, residual_deviation=1)
    with pytest.raises(AssignmentError, match="none of 1 raters"):
        expected_precision({"r": ()}, rater_deviation=1, residual_deviation=1)
