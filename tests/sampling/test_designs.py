"""Balanced designs: every construction really is balanced, and impossible ones are not claimed."""

import numpy as np
import pytest

from sampling.assignments import balanced_design, concurrence

KNOWN = [
    (4, 4, 3, "complete blocks"),
    (6, 4, 15, "all subsets"),
    (7, 3, 7, "cyclic difference family"),
    (13, 4, 13, "cyclic difference family"),
    (31, 6, 31, "cyclic difference family"),
    (13, 4, 39, "cyclic difference family"),
    (15, 3, 35, "cyclic difference family"),
    (6, 3, 10, "cyclic difference family with a fixed point"),
    (8, 4, 14, "cyclic difference family with a fixed point"),
    (9, 3, 12, "lines of an affine plane"),
    (25, 5, 30, "lines of an affine plane"),
    (9, 6, 12, "complement of lines of an affine plane"),
    (15, 7, 45, "3 × cyclic difference family"),
]


@pytest.mark.parametrize(("units", "size", "blocks", "name"), KNOWN)
def test_a_known_design_is_found_and_balanced(
    units: int, size: int, blocks: int, name: str
) -> None:
    design = balanced_design(units, size, blocks)
    assert design is not None
    assert design.construction == name
    assert len(design.blocks) == blocks
    assert all(len(set(block)) == size for block in design.blocks)
    counts = concurrence(design.blocks, units)
    assert set(np.diag(counts).tolist()) == {blocks * size // units}
    assert set(counts[~np.eye(units, dtype=bool)].tolist()) == {design.pairs}


@pytest.mark.parametrize(
    ("units", "size", "blocks"),
    [
        (6, 4, 9),  # λ is no whole number
        (7, 3, 6),  # r is no whole number
        (16, 6, 8),  # fewer blocks than units (Fisher)
        (22, 7, 22),  # excluded by Bruck, Ryser and Chowla
        (7, 1, 7),  # nobody compares anything
        (7, 8, 7),
        (7, 3, 0),
    ],
)
def test_what_does_not_exist_is_not_claimed(units: int, size: int, blocks: int) -> None:
    assert balanced_design(units, size, blocks) is None


def test_small_numbers_are_searched_without_a_false_claim() -> None:
    for units in range(2, 10):
        for size in range(2, units + 1):
            for blocks in range(1, 31):
                design = balanced_design(units, size, blocks)
                if design is None:
                    continue
                counts = concurrence(design.blocks, units)
                assert np.ptp(np.diag(counts)) == 0
                assert set(counts[~np.eye(units, dtype=bool)].tolist()) == {design.pairs}
