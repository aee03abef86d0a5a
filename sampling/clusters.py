"""What clusters, unequal weights and silence cost: the factors that sizes are multiplied by.

The intra-class correlation is a property of the people and may be carried from one survey to the
next; the design effect belongs to one design and may not, because it grows with the cluster.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from sampling.errors import SampleSizeError
from sampling.frame import is_count
from sampling.size_values import refuse_not_above_zero, refuse_outside

__all__ = [
    "design_effect",
    "effective_size",
    "intraclass_correlation",
    "invitations_for",
    "weighting_effect",
]


def design_effect(mean_size: float, icc: float, *, size_cv: float = 0.0) -> float:
    """Compute the design effect of clusters, 1 + (m̄(1 + cv²) − 1)·ρ.

    Parameters
    ----------
    mean_size : float
        m̄, answers per cluster, from 1.
    icc : float
        ρ, intra-class correlation, in [−1, 1].
    size_cv : float
        Coefficient of variation of the answers per cluster; 0 when all are equal, which gives
        1 + (m̄ − 1)·ρ.

    Returns
    -------
    float

    Raises
    ------
    SampleSizeError
        m̄ below 1, a negative cv, ρ outside [−1, 1], or a ρ so low that the effect is not above 0.

    References
    ----------
    Kish (1965), equation 5.4.1; Eldridge, Ashby and Kerry (2006) for unequal clusters.

    Examples
    --------
    >>> design_effect(21, 0.1)
    3.0
    """
    if not (math.isfinite(mean_size) and mean_size >= 1):
        raise SampleSizeError(f"mean_size is {mean_size}; a cluster has from 1 answer")
    if not -1 <= icc <= 1 or size_cv < 0:
        raise SampleSizeError(
            f"icc is {icc} and size_cv {size_cv}; icc must lie in [-1, 1], size_cv be from 0"
        )
    effect = 1 + (mean_size * (1 + size_cv**2) - 1) * icc
    if effect <= 0:
        raise SampleSizeError(
            f"icc is {icc} with {mean_size} answers per cluster; it cannot be below -1/(m - 1)"
        )
    return effect


def weighting_effect(weights: ArrayLike) -> float:
    """Compute the design effect of unequal weights, n·Σw²/(Σw)², as if they were unrelated to y.

    Parameters
    ----------
    weights : array of shape (n,)
        From 0, not all 0.

    Returns
    -------
    float
        From 1 (all equal) to n. Multiply it with that of clusters.

    Raises
    ------
    SampleSizeError
        No weights, a negative one, or all are 0.

    References
    ----------
    Kish (1992), Weighting for unequal P_i.

    Examples
    --------
    >>> weighting_effect([1.0, 1.0, 1.0, 5.0])
    1.75
    """
    values = np.asarray(weights, dtype=np.float64)
    total = float(values.sum())
    if values.size == 0 or not np.all(values >= 0) or not (math.isfinite(total) and total > 0):
        raise SampleSizeError(
            f"{int(np.sum(~(values >= 0)))} of {values.size} weights are negative or missing, "
            f"their sum is {total}; give weights from 0, not all 0"
        )
    return float(values.size * np.sum(values**2) / total**2)


def effective_size(size: float, design_effect: float) -> float:
    """Compute n/deff, the simple random sample that would be as precise.

    Parameters
    ----------
    size : float
    design_effect : float
        Above 0.

    Returns
    -------
    float

    Raises
    ------
    SampleSizeError
        The design effect is not above 0.

    Examples
    --------
    >>> effective_size(580, 3)
    193.33333333333334
    """
    refuse_not_above_zero(design_effect, "design_effect")
    return size / design_effect


def intraclass_correlation(clusters: Sequence[Sequence[float]]) -> float:
    """Estimate ρ from one-way analysis of variance, (B − W)/(B + (m₀ − 1)·W).

    m₀ = (n − Σm²/n)/(k − 1) answers per cluster. The estimate may be negative; take 0 for
    planning then.

    Parameters
    ----------
    clusters : sequence of k sequences of answers
        From two clusters, one of them with from two answers.

    Returns
    -------
    float

    Raises
    ------
    SampleSizeError
        Fewer than two clusters with answers, no cluster with two, or answers all equal.

    References
    ----------
    Donner (1986), equation 2.1 (the analysis-of-variance estimator).

    Examples
    --------
    >>> intraclass_correlation([[1, 1, 1], [3, 3, 3]])
    1.0
    """
    groups = [np.asarray(cluster, dtype=np.float64) for cluster in clusters if len(cluster)]
    sizes = np.array([group.size for group in groups])
    count, total = len(groups), int(sizes.sum())
    if count < 2 or total == count:
        raise SampleSizeError(
            f"{total} answers in {count} clusters tell nothing of likeness within clusters; "
            "give two clusters, one of them with two answers"
        )
    means = np.array([group.mean() for group in groups])
    grand = float(np.concatenate(groups).mean())
    between = float(np.sum(sizes * (means - grand) ** 2)) / (count - 1)
    within = sum(float(np.sum((group - group.mean()) ** 2)) for group in groups) / (total - count)
    typical = (total - float(np.sum(sizes**2)) / total) / (count - 1)
    spread = between + (typical - 1) * within
    if spread == 0:
        raise SampleSizeError(f"all {total} answers are equal; no correlation is defined")
    return (between - within) / spread


def invitations_for(answers: int, response_rate: float, *, assurance: float = 0.9) -> int:
    """Compute how many to invite so that enough answer with the assurance wanted.

    The smallest k with P(Binomial(k, r) ≥ n) ≥ assurance. Dividing n by r, as guides do, is
    enough in about half of all surveys only.

    Parameters
    ----------
    answers : int
        n, from 0.
    response_rate : float
        r, above 0 and at most 1; people answer independently of one another.
    assurance : float
        Above 0 and below 1.

    Returns
    -------
    int

    Raises
    ------
    SampleSizeError
        An argument outside its range.

    Examples
    --------
    >>> invitations_for(9, 0.8), invitations_for(9, 1)
    (13, 9)
    """
    if not is_count(answers):
        raise SampleSizeError(f"answers is {answers}; it must be a whole number from 0")
    refuse_outside(assurance, "assurance", above=0, below=1)
    if not 0 < response_rate <= 1:
        raise SampleSizeError(f"response_rate is {response_rate}; it must be above 0, at most 1")
    low, high = answers, max(1, answers)
    while _chance(high, answers, response_rate) < assurance:
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        if _chance(middle, answers, response_rate) >= assurance:
            high = middle
        else:
            low = middle + 1
    return low


def _chance(invited: int, answers: int, response_rate: float) -> float:
    """Compute P(Binomial(invited, r) ≥ answers)."""
    if answers == 0:
        return 1.0
    if invited < answers:
        return 0.0
    return float(betainc(answers, invited - answers + 1, response_rate))  # counts past 2³¹ too
