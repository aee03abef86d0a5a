"""The variance of a linear estimator from its influence values, stage by stage.

Only arrays come in: influence values of the rows in play and each stage's codes for them. PSU
counts are those of the full design, so a PSU without a row in play counts as zero: dropping it
would treat a domain as a new sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from stats.errors import LonelyPsuError

__all__ = [
    "CENSUS_REST",
    "LonelyPsu",
    "Stage",
    "VarianceRule",
    "linearized_covariance",
    "simple_variance",
]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

CENSUS_REST = 1e-7  # below this unsampled share a stratum counts as taken whole


class LonelyPsu(StrEnum):
    """What a stratum with a single PSU contributes (names as in R's ``survey.lonely.psu``)."""

    FAIL = "fail"
    REMOVE = "remove"  # nothing
    ADJUST = "adjust"  # its PSU total, not centred: right for means
    AVERAGE = "average"  # what the other strata contribute on average
    CERTAINTY = "certainty"  # nothing: it was taken with certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceRule:
    """The choices a variance depends on beside the design itself."""

    lonely: LonelyPsu = LonelyPsu.FAIL
    adjust_domain_lonely: bool = False
    ultimate_cluster: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """One stage of selection; arrays of shape (rows,).

    ``stratum`` and ``psu`` are dense codes, unique over the whole design (a later stage's strata
    lie within one PSU of the stage before, ``parent``). ``count`` is the number of PSUs in the
    row's stratum, ``fraction`` the sampling fraction, ``None`` for drawing with replacement.
    """

    stratum: Codes
    psu: Codes
    parent: Codes
    count: Codes
    fraction: Floats | None
    labels: tuple[str, ...]

    def rows(self, rows: NDArray[np.intp]) -> "Stage":
        """Return the stage for some rows only, counts unchanged."""
        return Stage(
            stratum=self.stratum[rows],
            psu=self.psu[rows],
            parent=self.parent[rows],
            count=self.count[rows],
            fraction=None if self.fraction is None else self.fraction[rows],
            labels=self.labels,
        )


def linearized_covariance(influence: Floats, stages: Sequence[Stage], rule: VarianceRule) -> Floats:
    """Return the covariance matrix of p estimates from influence values of shape (rows, p).

    Stage i+1 counts n_i/N_i of its variance, and only where it has sampling fractions;
    otherwise the first stage stands for all of them (ultimate cluster).

    References
    ----------
    Särndal, Swensson, Wretman (1992), 4.3 and 5.5. Checked against: tests/golden/survey_r.

    Examples
    --------
    >>> stage = Stage(stratum=np.zeros(3, int), psu=np.arange(3), parent=np.zeros(3, int),
    ...               count=np.full(3, 3), fraction=None, labels=("all",))
    >>> linearized_covariance(np.array([[1.0], [2.0], [3.0]]), [stage], VarianceRule()).item()
    3.0
    """
    width = influence.shape[1]
    covariance = np.zeros((width, width))
    passed_on = np.ones(len(influence))
    for number, stage in enumerate(stages):
        if number and (stage.fraction is None or rule.ultimate_cluster):
            break
        covariance += _stage_covariance(influence, stage, passed_on, rule)
        if stage.fraction is None:
            break
        passed_on = passed_on * stage.fraction
    return covariance


def simple_variance(weights: Floats, influence: Floats, *, replace: bool) -> Floats:
    """Return the variances of p estimates under simple random sampling of as many rows.

    Influence over weight is, up to a shift, y for a total and (y − mean)/N for a mean. NaN where
    there is no variance to compare with. ``replace``: drawn with replacement.

    Examples
    --------
    >>> influence = np.array([[1.0], [2.0], [3.0]])
    >>> simple_variance(np.ones(3), influence, replace=True).tolist()
    [3.0]
    """
    counted = weights > 0
    weights, influence = weights[counted], influence[counted]
    count, people = len(weights), float(weights.sum())
    if count < 2:
        return np.full(influence.shape[1], np.nan)
    values = influence / weights[:, None]
    deviations = values - weights @ values / people
    spread = (weights @ deviations**2) / people * count / (count - 1)
    rest = 1.0 if replace else 1 - count / people
    variance: Floats = spread * people**2 * rest / count
    return np.where(variance > 0, variance, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Strata:
    """Strata in play: arrays of shape (strata,)."""

    of_psu: Codes  # shape (PSUs in play,)
    present: Codes  # PSUs in play
    count: Codes  # PSUs in the full design
    rest: Floats  # 1 − f
    parent: Codes
    passed_on: Floats
    codes: Codes


def _stage_covariance(
    influence: Floats, stage: Stage, passed_on: Floats, rule: VarianceRule
) -> Floats:
    totals, first_rows = _psu_totals(influence, stage.psu)
    strata = _strata_in_play(stage, first_rows, passed_on)
    _refuse_lonely(strata, stage, rule)
    centred = _is_centred(strata, rule)
    means = np.zeros((len(strata.count), influence.shape[1]))
    np.add.at(means, strata.of_psu, totals)
    means *= (centred / strata.count)[:, None]
    scale = strata.passed_on * strata.rest * _bessel(strata.count) * _averaging(strata, rule)
    deviations = totals - means[strata.of_psu]
    unseen = scale * (strata.count - strata.present)  # PSUs without a row: total zero
    covariance: Floats = (deviations * scale[strata.of_psu][:, None]).T @ deviations
    covariance += (means * unseen[:, None]).T @ means
    return covariance


def _psu_totals(influence: Floats, psu: Codes) -> tuple[Floats, NDArray[np.intp]]:
    """PSU totals, and one row of each PSU."""
    _, first_rows, place = np.unique(psu, return_index=True, return_inverse=True)
    totals = np.empty((len(first_rows), influence.shape[1]))
    for column in range(influence.shape[1]):
        totals[:, column] = np.bincount(place, influence[:, column], minlength=len(first_rows))
    return totals, first_rows


def _strata_in_play(stage: Stage, first_rows: NDArray[np.intp], passed_on: Floats) -> _Strata:
    codes, first, of_psu, present = np.unique(
        stage.stratum[first_rows], return_index=True, return_inverse=True, return_counts=True
    )
    rows = first_rows[first]
    fraction = np.zeros(len(rows)) if stage.fraction is None else stage.fraction[rows]
    rest = np.where(1 - fraction < CENSUS_REST, 0.0, 1 - fraction)
    return _Strata(
        of_psu=of_psu,
        present=present,
        count=stage.count[rows],
        rest=rest,
        parent=stage.parent[rows],
        passed_on=passed_on[rows],
        codes=codes,
    )


def _refuse_lonely(strata: _Strata, stage: Stage, rule: VarianceRule) -> None:
    lonely = strata.codes[(strata.count == 1) & (strata.rest > 0)]
    if rule.lonely is LonelyPsu.FAIL and lonely.size:
        names = sorted(stage.labels[code] for code in lonely)
        raise LonelyPsuError(
            f"{len(names)} of {len(strata.count)} strata have a single PSU: {names[:5]}; "
            'join strata, or say lonely="remove", "adjust", "average" or "certainty"'
        )


def _is_centred(strata: _Strata, rule: VarianceRule) -> NDArray[np.bool_]:
    if rule.lonely is not LonelyPsu.ADJUST:
        return np.ones(len(strata.count), dtype=np.bool_)
    several = strata.present > 1
    return several if rule.adjust_domain_lonely else several | (strata.count > 1)


def _bessel(count: Codes) -> Floats:
    return np.where(count > 1, count / np.maximum(count - 1, 1), 1.0)


def _averaging(strata: _Strata, rule: VarianceRule) -> Floats:
    """Factor of each stratum under ``average``: 0 if lonely, else strata / strata not lonely."""
    if rule.lonely is not LonelyPsu.AVERAGE:
        return np.ones(len(strata.count))
    lonely = strata.count == 1
    if rule.adjust_domain_lonely:
        lonely = lonely | (strata.present == 1)
    lonely = lonely & (strata.rest > 0)
    _, of_parent = np.unique(strata.parent, return_inverse=True)
    strata_there = np.bincount(of_parent)
    usable = np.bincount(of_parent, weights=~lonely)
    factor = np.divide(strata_there, usable, out=np.full(len(usable), np.nan), where=usable > 0)[
        of_parent
    ]
    return np.where(lonely & ~np.isnan(factor), 0.0, factor)
