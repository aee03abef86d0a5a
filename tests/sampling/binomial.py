"""Exact limits for counts of a Monte-Carlo test."""

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike


def binomial_limits(trials: int, chance: float, risk: float) -> tuple[int, int]:
    """Give the exact limits that a binomial count leaves with at most ``risk`` on each side."""
    logs = [
        math.lgamma(trials + 1)
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * math.log(chance)
        + (trials - k) * math.log1p(-chance)
        for k in range(trials + 1)
    ]
    below = list(itertools.accumulate(math.exp(value) for value in logs))
    above = list(itertools.accumulate(math.exp(value) for value in reversed(logs)))[::-1]
    low = next(k for k in range(trials + 1) if below[k] > risk)
    high = next(k for k in range(trials, -1, -1) if above[k] > risk)
    return low, high


def refuse_other_frequencies(counts: ArrayLike, trials: int, chances: ArrayLike) -> None:
    """Refuse counts that correct draws leave once in 1,000 seeds; all counts share that risk."""
    found, wanted = np.asarray(counts).ravel(), np.asarray(chances, dtype=float).ravel()
    assert found.shape == wanted.shape
    for place, (count, chance) in enumerate(zip(found.tolist(), wanted.tolist(), strict=True)):
        if chance < 1e-12 or chance > 1 - 1e-12:
            assert count == round(trials * chance), place
            continue
        low, high = binomial_limits(trials, chance, 0.001 / (2 * len(found)))
        assert low <= count <= high, (place, low, count, high)
