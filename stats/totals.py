"""Means, totals, ratios and proportions of a design, overall and by domain.

Each estimator is only an estimate and its influence values; the variance is the same for all of
them. Several variables are each estimated on their own answers unless ``listwise`` is written.
"""

from collections.abc import Sequence

import numpy as np

from stats.design import Design, column_of
from stats.errors import VariableError
from stats.estimate import Estimate
from stats.estimation import Limits, Names, estimate, names_of, options_of
from stats.limits import logit_limits, mean_limits
from stats.linearization import Floats
from stats.targets import levels_of, numeric_target, paired, targets_of

__all__ = ["mean", "proportion", "ratio", "total"]


def mean(  # noqa: PLR0913 - the estimation door: R's arguments, all but two by keyword
    design: Design,
    variables: Names,
    *,
    by: Names | None = None,
    missing: str = "refuse",
    deff: bool | str = False,
    level: float = 0.95,
    df: str | float = "domain",
) -> Estimate:
    """Estimate population means.

    Weighted (Hájek) mean with Taylor linearisation; a categorical column gives the share of each
    of its levels.

    Parameters
    ----------
    design : Design of n rows
    variables : column or columns
    by : column or columns, optional
        One domain per combination of values.
    missing : {"refuse", "available", "listwise"}
        Missing answers are refused, or left out per variable, or per row over all variables of
        the call; the count stands in ``notes``.
    deff : bool or "replace"
        Design effect against simple random sampling without (with) replacement.
    level : float in (0, 1)
    df : {"domain", "design"} or number
        PSUs minus strata over the domain's rows, over all rows in play, or a number (infinity
        is the normal).

    Returns
    -------
    Estimate
        In units of the variable; no limits where df is not positive.

    Raises
    ------
    VariableError
        On an absent column, infinite values, or a by-variable named as a result column.
    MissingValuesError
        On missing values under ``"refuse"``.
    LonelyPsuError
        On a stratum with one PSU under ``lonely="fail"``.

    References
    ----------
    Särndal, Swensson, Wretman (1992), 5.6-5.8. Checked against: tests/golden/survey_r.

    Examples
    --------
    >>> from pandas import DataFrame
    >>> from stats import Design
    >>> people = DataFrame({"y": [1.0, 2.0, 3.0], "w": [1.0, 1.0, 2.0]})
    >>> design = Design.from_table(people, weight="w")
    >>> mean(design, "y").to_frame()["estimate"].item()
    2.25
    """
    return estimate(
        design,
        [target for name in names_of(variables) for target in targets_of(design.table, name)],
        _mean,
        by=names_of(by),
        options=options_of(missing=missing, deff=deff, level=level, df=df),
    )


def total(  # noqa: PLR0913 - as mean
    design: Design,
    variables: Names,
    *,
    by: Names | None = None,
    missing: str = "refuse",
    deff: bool | str = False,
    level: float = 0.95,
    df: str | float = "domain",
) -> Estimate:
    """Estimate population totals.

    Horvitz-Thompson; a categorical column gives the number of people at each of its levels.

    Parameters
    ----------
    design, variables, by, missing, deff, level, df
        As for ``mean``. A missing answer left out counts as zero: mind the coverage.

    Returns
    -------
    Estimate
        In units of the variable.

    Raises
    ------
    VariableError, MissingValuesError, LonelyPsuError
        As for ``mean``.

    References
    ----------
    Särndal, Swensson, Wretman (1992), 2.8. Checked against: tests/golden/survey_r.

    Examples
    --------
    >>> from pandas import DataFrame
    >>> from stats import Design
    >>> people = DataFrame({"y": [1.0, 2.0, 3.0], "w": [1.0, 1.0, 2.0]})
    >>> total(Design.from_table(people, weight="w"), "y").to_frame()["estimate"].item()
    9.0
    """
    return estimate(
        design,
        [target for name in names_of(variables) for target in targets_of(design.table, name)],
        _total,
        by=names_of(by),
        options=options_of(missing=missing, deff=deff, level=level, df=df),
    )


def ratio(  # noqa: PLR0913 - as mean
    design: Design,
    numerators: Names,
    denominators: Names,
    *,
    by: Names | None = None,
    missing: str = "refuse",
    level: float = 0.95,
    df: str | float = "domain",
) -> Estimate:
    """Estimate ratios of totals, one for every numerator and denominator.

    Linearised: influence w (y − R x) / Σ w x.

    Parameters
    ----------
    design : Design of n rows
    numerators, denominators : numeric column or columns
    by, missing, level, df
        As for ``mean``; a pair is available where both are.

    Returns
    -------
    Estimate
        ``variable`` reads ``y/x``; NaN where the denominator's total is zero.

    Raises
    ------
    VariableError, MissingValuesError, LonelyPsuError
        As for ``mean``; also on a column that is not numeric.

    References
    ----------
    Särndal, Swensson, Wretman (1992), 5.6. Checked against: tests/golden/survey_r.

    Examples
    --------
    >>> from pandas import DataFrame
    >>> from stats import Design
    >>> people = DataFrame({"y": [1.0, 2.0], "x": [2.0, 4.0]})
    >>> ratio(Design.from_table(people), "y", "x").to_frame()["estimate"].item()
    0.5
    """
    targets = [
        paired(numeric_target(design.table, top), numeric_target(design.table, below))
        for top in names_of(numerators)
        for below in names_of(denominators)
    ]
    return estimate(
        design,
        targets,
        _ratio,
        by=names_of(by),
        options=options_of(missing=missing, level=level, df=df),
    )


def proportion(  # noqa: PLR0913 - as mean
    design: Design,
    variables: Names,
    *,
    by: Names | None = None,
    missing: str = "refuse",
    level: float = 0.95,
    df: str | float = "domain",
    interval: str = "logit",
) -> Estimate:
    """Estimate the share of the population at each value of a column.

    Every value counts as a level, whatever the column's type. The standard error is the mean's.

    Parameters
    ----------
    design, variables, by, missing, level, df
        As for ``mean``.
    interval : {"logit", "mean"}
        On the logit scale with t (R's ``xlogit``, and algebraically its ``logit``), or
        symmetric, which may leave [0, 1].

    Returns
    -------
    Estimate
        Shares in [0, 1]; no logit limits for a share of 0 or 1.

    Raises
    ------
    VariableError, MissingValuesError, LonelyPsuError
        As for ``mean``; also on another interval.

    References
    ----------
    Korn, Graubard (1999), 2.4. Checked against: tests/golden/survey_r.

    Examples
    --------
    >>> from pandas import DataFrame
    >>> from stats import Design
    >>> people = DataFrame({"answer": ["yes", "yes", "yes", "no"]})
    >>> result = proportion(Design.from_table(people), "answer")
    >>> [(row.level, row.estimate) for row in result.rows]
    [('no', 0.25), ('yes', 0.75)]
    """
    limits: dict[str, Limits] = {"logit": logit_limits, "mean": mean_limits}
    if interval not in limits:
        raise VariableError(f"interval is one of {sorted(limits)}, not {interval!r}")
    return estimate(
        design,
        [
            target
            for name in names_of(variables)
            for target in levels_of(name, column_of(design.table, name))
        ],
        _mean,
        by=names_of(by),
        options=options_of(missing=missing, level=level, df=df),
        limits=limits[interval],
    )


def _mean(weights: Floats, columns: Sequence[Floats]) -> tuple[Floats, Floats]:
    (values,) = columns
    scaled = weights / weights.sum()
    estimates = scaled @ values
    return estimates, (values - estimates) * scaled[:, None]


def _total(weights: Floats, columns: Sequence[Floats]) -> tuple[Floats, Floats]:
    (values,) = columns
    return weights @ values, values * weights[:, None]


def _ratio(weights: Floats, columns: Sequence[Floats]) -> tuple[Floats, Floats]:
    tops, bases = columns
    base = weights @ bases
    base = np.where(base == 0, np.nan, base)
    estimates = (weights @ tops) / base
    return estimates, (tops - bases * estimates) * weights[:, None] / base
