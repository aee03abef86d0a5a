"""How precise a cross-rating will be for each unit, before anybody has rated.

The model is rating = unit + rater + chance, raters drawn at random: a severe rater lowers all the
units that he or she rates. The raw mean of a unit carries its raters' severity; the adjusted one
takes off what shared raters tell of it, which only a linked design can.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.errors import AssignmentError
from sampling.size_values import normal_quantile

__all__ = ["RatingOutlook", "expected_precision"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingOutlook:
    """What an assignment promises one unit, half-widths in the unit of the ratings.

    ``raw`` of the plain mean of its raters, ``adjusted`` of the mean corrected for severity;
    ``difference`` of the adjusted difference to another unit, averaged over all others.
    """

    unit: str
    raters: int
    raw: float
    adjusted: float
    difference: float


def expected_precision(
    blocks: Mapping[str, Sequence[str]],
    *,
    rater_deviation: float,
    residual_deviation: float,
    level: float = 0.95,
) -> tuple[RatingOutlook, ...]:
    """Compute the half-width that each unit may expect.

    Raw: z·√((σ_r² + σ_e²)/m). Adjusted: generalised least squares with the information
    (diag(m) − Σ_raters θ_k·nnᵀ/k)/σ_e², θ_k = kσ_r²/(σ_e² + kσ_r²) for a rater of k units.

    Parameters
    ----------
    blocks : mapping of rater to units
        As `Assignments.blocks` gives them.
    rater_deviation : float
        σ_r, how raters differ in severity, from 0.
    residual_deviation : float
        σ_e, what is left of a rating, above 0.
    level : float

    Returns
    -------
    tuple of RatingOutlook
        In the order of the units' codes.

    Raises
    ------
    AssignmentError
        Nobody rates, or a deviation out of range.

    References
    ----------
    Cochran and Cox (1957), chapter 9 (recovery of inter-block information); John and Williams
    (1995), Cyclic and computer generated designs. Checked against: 2kσ²/(λv), the variance of an
    intra-block difference in a balanced design.

    Examples
    --------
    >>> blocks = {"r1": ("A", "B"), "r2": ("B", "C"), "r3": ("A", "C")}
    >>> first = expected_precision(blocks, rater_deviation=2.0, residual_deviation=1.0)[0]
    >>> round(first.raw, 2), round(first.adjusted, 2), round(first.difference, 2)
    (3.1, 2.72, 2.22)
    """
    finite = math.isfinite(rater_deviation) and math.isfinite(residual_deviation)
    if not (finite and residual_deviation > 0 and rater_deviation >= 0):
        raise AssignmentError(
            f"deviations are {rater_deviation} between raters and {residual_deviation} within; "
            "the first must be from 0, the second above 0"
        )
    units = sorted({unit for block in blocks.values() for unit in block})
    if not units:
        raise AssignmentError(f"none of {len(blocks)} raters rates any unit")
    z = normal_quantile(level)
    places = {unit: row for row, unit in enumerate(units)}
    rows = [[places[unit] for unit in block] for block in blocks.values()]
    counts = np.bincount([row for block in rows for row in block], minlength=len(units))
    covariance = _covariance(rows, counts, rater_deviation**2, residual_deviation**2)
    single = np.diag(covariance)
    apart = np.sqrt(np.maximum(single[:, None] + single[None, :] - 2 * covariance, 0.0))
    return tuple(
        RatingOutlook(
            unit=unit,
            raters=int(counts[row]),
            raw=z * math.hypot(rater_deviation, residual_deviation) / math.sqrt(counts[row]),
            adjusted=z * math.sqrt(single[row]),
            difference=z * float(apart[row].sum()) / max(len(units) - 1, 1),
        )
        for row, unit in enumerate(units)
    )


def _covariance(
    blocks: Sequence[Sequence[int]], counts: NDArray[np.int64], between: float, within: float
) -> NDArray[np.float64]:
    """Invert the information on the units."""
    information = np.diag(counts.astype(np.float64))
    for block in blocks:
        weight = between / (within + len(block) * between)
        information[np.ix_(block, block)] -= weight
    return np.asarray(within * np.linalg.inv(information), dtype=np.float64)
