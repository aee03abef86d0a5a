"""How sure a unit's points are: intervals that target the official estimand.

The default is the shrunk t: with four or five answers the plain t interval fails where people
agree (66 % coverage of straight-line tops), so a stratum's variance leans on the pooled
variance of its group over the unit group, worth two answers. One composite per respondent keeps
the halo within a person: criterion variances are never summed.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.covariance import (
    PooledCovariance,
    answer_table,
    pooled_covariance,
    shrunk_covariance,
)
from stats.distributions import t_quantile
from stats.errors import ScoreError
from stats.scores import (
    CriterionPoints,
    GroupWeighting,
    HiddenRule,
    StratumAnswers,
    UnitAnswers,
    by_respondent,
    coefficients,
    score_unit,
)

__all__ = [
    "Interval",
    "IntervalMethod",
    "IntervalNote",
    "PooledCovariance",
    "composite_interval",
    "pooled_covariance",
    "satterthwaite_interval",
]


class IntervalMethod(StrEnum):
    """How an interval was made."""

    T_SATTERTHWAITE = "t_satterthwaite"
    SHRUNK_T = "shrunk_t"
    BOUNDS = "bounds"  # no variance can be estimated: only what the unseen could still be


class IntervalNote(StrEnum):
    """What a reader of an interval must know; ``code:group`` where it concerns one group."""

    CENSUS = "census"  # everybody answered everything: nothing is uncertain
    SINGLE_ANSWER = "single_answer"  # m_h = 1: the variance is the group's
    UNANIMOUS = "unanimous"  # s² = 0 within the stratum: the variance is the group's in part
    GROUP_UNANSWERED = "group_unanswered"  # m_h = 0: its weight went to the other groups
    ITEM_NONRESPONSE = "item_nonresponse"  # some items are valid for fewer people than answered
    NO_VARIANCE = "no_variance"  # neither the stratum nor its group shows any variance
    VARIANCE_FLOORED = "variance_floored"  # pairwise covariances gave a negative variance
    CLIPPED = "clipped"  # cut to what the unseen answers could still be


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and how sure it is.

    ``se`` and ``df`` are ``None`` where no variance can be estimated, ``df`` also where the
    variance is zero.
    """

    estimate: float
    se: float | None
    df: float | None
    low: float
    high: float
    level: float
    method: IntervalMethod
    notes: tuple[str, ...] = ()

    def scaled(self, factor: Fraction | float) -> "Interval":
        """Return the interval in other units, as ``UnitScore.conversion()`` gives them."""
        by = float(factor)
        if not by > 0:
            raise ScoreError(f"scale factor must be positive, not {factor}")
        return replace(
            self,
            estimate=self.estimate * by,
            se=None if self.se is None else self.se * by,
            low=self.low * by,
            high=self.high * by,
        )


def satterthwaite_interval(
    strata: Sequence[tuple[float | Fraction, int, ArrayLike]], level: float = 0.95
) -> Interval:
    """Return the plain t interval of a stratified mean of composites, with fpc.

    V = Σ W_h² (1 − m_h/N_h) s_h²/m_h on Satterthwaite degrees of freedom, leaving out strata
    with V_h = 0.

    Parameters
    ----------
    strata : sequence of (W_h, N_h, y_h)
        Official weight, population and the composites of one stratum, shape (m_h,).
    level : float in (0, 1)

    Returns
    -------
    Interval
        In the units of y.

    Raises
    ------
    ScoreError
        When a stratum has no answer, more answers than people, a non-finite value, or a single
        answer that is not a census.

    References
    ----------
    Cochran (1977), Sampling Techniques, 5.4. Checked against: tests/golden/worked_examples.

    Examples
    --------
    >>> result = satterthwaite_interval([(0.5, 5, [1, 2, 3, 4, 5]), (0.5, 40, [2.0, 4.0])])
    >>> result.estimate, round(result.se, 4), result.df
    (3.0, 0.4873, 1.0)
    """
    _check_level(level)
    parts = [_plain_stratum(*stratum) for stratum in strata]
    if not parts:
        raise ScoreError("an interval needs at least one stratum; none was given")
    estimate = math.fsum(part.estimate for part in parts)
    se, df = _satterthwaite(parts)
    reach = 0.0 if df is None else t_quantile((1 + level) / 2, df) * se
    return Interval(
        estimate=estimate,
        se=se,
        df=df,
        low=estimate - reach,
        high=estimate + reach,
        level=level,
        method=IntervalMethod.T_SATTERTHWAITE,
        notes=(IntervalNote.CENSUS,) if all(part.census for part in parts) else (),
    )


def composite_interval(  # noqa: PLR0913 - the scoring arguments are score_unit's own, plus two
    unit: UnitAnswers,
    criteria: Sequence[CriterionPoints],
    *,
    weighting: GroupWeighting,
    fixed: Mapping[str, Decimal] | None = None,
    not_applicable: Collection[str] = (),
    hidden: HiddenRule = HiddenRule.PER_ITEM,
    pooled: Mapping[str, PooledCovariance],
    level: float = 0.95,
) -> Interval:
    """Return the shrunk-t interval of a unit's total points.

    With c_hi the coefficient of s_ih in the official total,
    V_h = Σ_ij c_hi c_hj (m_hij/(m_hi m_hj) − 1/N_h) S̃_h,ij, floored at 0, where S̃_h leans on
    the group's pooled covariance with the weight of two answers. ν_h = m_h + 1, Satterthwaite
    over strata with V_h > 0, clipped to what the unseen answers could still be. With every item
    answered this is Σ W_h² (1 − m_h/N_h) s̃_h²/m_h on composites. Pooled weights count as fixed.

    Parameters
    ----------
    unit, criteria, weighting, fixed, not_applicable, hidden
        As given to ``score_unit``.
    pooled : mapping of group to PooledCovariance
        From ``pooled_covariance`` over the unit group, with the same ``hidden``.
    level : float in (0, 1)

    Returns
    -------
    Interval
        In points; ``estimate`` equals ``float(score_unit(...).total)``. ``BOUNDS`` where some
        group shows no variance anywhere because nobody can be compared.

    Raises
    ------
    ScoreError
        When the unit has no valid answer, or a group has no pooled covariance.

    Examples
    --------
    >>> from stats.scores import ItemPoints
    >>> item = ItemPoints(item="q", points=Decimal(2))
    >>> criterion = CriterionPoints(code="C", maximum=Decimal(2), items=(item,))
    >>> unit = UnitAnswers(unit="A", strata=(StratumAnswers(group="LD", population=6, values=tuple(
    ...     {"q": Fraction(v, 4)} for v in (4, 3, 3, 2, 4))),))
    >>> pooled = pooled_covariance([unit], [criterion])
    >>> sure = composite_interval(unit, [criterion], weighting=GroupWeighting.POPULATION,
    ...                           pooled=pooled)
    >>> sure.estimate, round(sure.low, 3), round(sure.high, 3)
    (1.6, 1.413, 1.667)
    """
    _check_level(level)
    score = score_unit(
        unit,
        criteria,
        weighting=weighting,
        fixed=fixed,
        not_applicable=not_applicable,
        hidden=hidden,
    )
    if score.total is None:
        raise ScoreError(f"unit {unit.unit!r} has no valid answer; there is nothing to estimate")
    if hidden is HiddenRule.PER_RESPONDENT:
        unit, criteria = by_respondent(unit, criteria)
    shares = coefficients(
        unit, criteria, weighting=weighting, fixed=fixed, not_applicable=not_applicable
    )
    parts = [
        _shrunk_stratum(stratum, shares[stratum.group], pooled)
        for stratum in unit.strata
        if shares[stratum.group]
    ]
    unanswered = [s.group for s in unit.strata if not any(s.values)]
    notes = [f"{IntervalNote.GROUP_UNANSWERED}:{group}" for group in unanswered]
    notes += [note for part in parts for note in part.notes]
    return _clipped_interval(float(score.total), parts, level=level, notes=notes)


class _Part(NamedTuple):
    """What one stratum brings to an interval."""

    estimate: float
    variance: float  # NaN where nothing tells it
    nu: float
    census: bool
    lowest: Fraction = Fraction(0)
    highest: Fraction = Fraction(0)
    notes: tuple[str, ...] = ()


def _plain_stratum(weight: float | Fraction, population: int, values: ArrayLike) -> _Part:
    answers = np.asarray(values, dtype=np.float64)
    count = answers.size
    if not 0 < count <= population or not np.isfinite(answers).all():
        raise ScoreError(
            f"a stratum of {population} people cannot give {count} finite answers: "
            f"{answers.tolist()[:5]}"
        )
    census = count == population
    if count == 1 and not census:
        raise ScoreError(
            f"one answer from {population} people has no variance of its own; "
            "composite_interval leans on the group's"
        )
    variance = 0.0
    if not census:
        spread = float(np.var(answers, ddof=1))
        variance = float(weight) ** 2 * (1 - count / population) * spread / count
    return _Part(float(weight) * float(np.mean(answers)), variance, count - 1, census)


def _shrunk_stratum(
    stratum: StratumAnswers, shares: Mapping[str, Fraction], pooled: Mapping[str, PooledCovariance]
) -> _Part:
    answered = [values for values in stratum.values if not shares.keys().isdisjoint(values)]
    seen = sum(
        (share * values[i] for i, share in shares.items() for values in answered if i in values),
        Fraction(0),
    )
    unseen = sum(
        (
            share * (stratum.population - sum(item in values for values in answered))
            for item, share in shares.items()
        ),
        Fraction(0),
    )
    variance, notes = _stratum_variance(stratum, answered, shares, pooled)
    return _Part(
        estimate=0.0,
        variance=variance,
        nu=len(answered) + 1,
        census=not unseen,
        lowest=seen / stratum.population,
        highest=(seen + unseen) / stratum.population,
        notes=tuple(f"{note}:{stratum.group}" for note in notes),
    )


def _stratum_variance(
    stratum: StratumAnswers,
    answered: Sequence[Mapping[str, Fraction]],
    shares: Mapping[str, Fraction],
    pooled: Mapping[str, PooledCovariance],
) -> tuple[float, list[IntervalNote]]:
    """V_h and what its reader must know."""
    if stratum.group not in pooled:
        raise ScoreError(
            f"no pooled covariance for group {stratum.group!r}; there are {sorted(pooled)}"
        )
    table = answer_table(answered, tuple(shares))
    complete = not np.isnan(table).any()
    if complete and len(answered) == stratum.population:
        return 0.0, []
    notes = [] if complete else [IntervalNote.ITEM_NONRESPONSE]
    if len(answered) == 1:
        notes.append(IntervalNote.SINGLE_ANSWER)
    elif complete and _agree(answered, shares):
        notes.append(IntervalNote.UNANIMOUS)
    variance = _quadratic(table, stratum, shares, pooled[stratum.group])
    if variance == 0 or math.isnan(variance):
        notes.append(IntervalNote.NO_VARIANCE)
    elif variance < 0:
        notes.append(IntervalNote.VARIANCE_FLOORED)
        variance = 0.0
    return variance, notes


def _quadratic(
    table: NDArray[np.float64],
    stratum: StratumAnswers,
    shares: Mapping[str, Fraction],
    pooled: PooledCovariance,
) -> float:
    """Σ_ij c_i c_j (m_ij/(m_i m_j) − 1/N) S̃_ij."""
    valid = (~np.isnan(table)).astype(np.float64)
    both = valid.T @ valid
    each = np.diag(both)
    factor = both / np.outer(each, each) - 1 / float(stratum.population)
    share = np.array([float(value) for value in shares.values()])
    return float(share @ (factor * shrunk_covariance(table, pooled, tuple(shares))) @ share)


def _agree(answered: Sequence[Mapping[str, Fraction]], shares: Mapping[str, Fraction]) -> bool:
    """Whether all composites are the same number."""
    return len({sum(share * values[i] for i, share in shares.items()) for values in answered}) == 1


def _satterthwaite(parts: Sequence[_Part]) -> tuple[float, float | None]:
    """Find the standard error and degrees of freedom over the strata with V_h > 0."""
    uncertain = [part for part in parts if part.variance > 0]
    if not uncertain:
        return 0.0, None
    variance = math.fsum(part.variance for part in uncertain)
    shares = [(part.variance / variance) ** 2 / part.nu for part in uncertain]
    return math.sqrt(variance), 1 / math.fsum(shares)


def _clipped_interval(
    estimate: float, parts: Sequence[_Part], *, level: float, notes: list[str]
) -> Interval:
    lowest = float(sum((part.lowest for part in parts), Fraction(0)))
    highest = float(sum((part.highest for part in parts), Fraction(0)))
    method, se, df = IntervalMethod.SHRUNK_T, None, None
    low, high = lowest, highest
    if any(math.isnan(part.variance) for part in parts):
        method = IntervalMethod.BOUNDS
    else:
        se, df = _satterthwaite(parts)
        reach = 0.0 if df is None else t_quantile((1 + level) / 2, df) * se
        low, high = max(lowest, estimate - reach), min(highest, estimate + reach)
        if low > estimate - reach or high < estimate + reach:
            notes = [*notes, IntervalNote.CLIPPED]
    if all(part.census for part in parts):
        notes = [*notes, IntervalNote.CENSUS]
    return Interval(
        estimate=estimate,
        se=se,
        df=df,
        low=low,
        high=high,
        level=level,
        method=method,
        notes=tuple(str(note) for note in notes),
    )


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ScoreError(f"level must lie strictly between 0 and 1, not {level}")
