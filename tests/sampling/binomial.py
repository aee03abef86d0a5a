"""Exact limits for counts of a Monte-Carlo test."""

import itertools
import math


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
