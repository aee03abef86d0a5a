"""Satisfaction indices of a sample: estimates, errors, and the covariance among all of them.

One linearisation pass over every value of every domain: the covariance it gives is what
differences of factors, districts and rounds need. Rows outside a domain stay in the design.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stats.design import Design, column_of
from stats.errors import DesignError, MissingValuesError, VariableError
from stats.limits import logit_limits, mean_limits
from stats.linearization import CENSUS_REST, Floats, linearized_covariance, simple_variance
from stats.satisfaction_exact import (
    ExactSatisfaction,
    RoundingRule,
    RoundingStage,
    exact_satisfaction,
)
from stats.satisfaction_linear import Linearised, answers_of, linearised, refuse_missing
from stats.satisfaction_plan import (
    Aspect,
    BlockPlan,
    ChoicePlan,
    FactorPlan,
    FactorRule,
    IndexKey,
    IndexRule,
    ItemScore,
    Level,
    SatisfactionPlan,
    aspects_of,
)
from stats.satisfaction_result import NO_ERROR, Contrast, IndexEstimate, Satisfaction, contrast

__all__ = [
    "Aspect",
    "BlockPlan",
    "ChoicePlan",
    "Contrast",
    "ExactSatisfaction",
    "FactorPlan",
    "FactorRule",
    "IndexEstimate",
    "IndexKey",
    "IndexRule",
    "ItemScore",
    "Level",
    "RoundingRule",
    "RoundingStage",
    "Satisfaction",
    "SatisfactionPlan",
    "contrast",
    "exact_satisfaction",
    "satisfaction",
]


def satisfaction(
    design: Design,
    plan: SatisfactionPlan,
    *,
    by: str | None = None,
    missing: str = "refuse",
    level: float = 0.95,
    interval: str = "logit",
) -> Satisfaction:
    """Estimate every item, factor, block and index, and every option of the choice questions.

    Ratios of weighted totals with Taylor linearisation. Strata × communes as PSU with
    ``Design.from_table(…, strata=…, psu=…, ultimate_cluster=True)`` gives the ultimate cluster
    variance.

    Parameters
    ----------
    design : Design of n rows
        Items are columns of codes 1 … scale, options of 0 and 1; not valid is missing.
    plan : SatisfactionPlan
    by : column, optional
        Sub-province domains, estimated beside the whole. Rows outside stay in the design.
    missing : {"refuse", "available"}
        Each item is estimated on those who answered it; the counts stand in ``notes``.
    level : float in (0, 1)
    interval : {"logit", "mean", "none"}
        Limits on the logit scale with t, or symmetric, which may leave [0, 1]. "none" for kiosk
        and QR answers and picked people: no probability sample, so no error at all.

    Returns
    -------
    Satisfaction
        The whole first (domain ``None``), then the domains in the order of their values.

    Raises
    ------
    VariableError
        On an absent column, a code outside its scale, more choices than allowed, or an option
        that is none.
    MissingValuesError
        On an answer that is not valid under ``"refuse"``, or a missing domain.
    DesignError
        On ``adjust_domain_lonely``: domains share one pass, so they have no lonely PSUs of
        their own.
    LonelyPsuError
        On a stratum with one PSU under ``lonely="fail"``.

    References
    ----------
    Särndal, Swensson, Wretman (1992), 4.3, 5.5-5.8. Checked against: tests/golden/satisfaction_r.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"a": [5, 4, 2, 4], "b": [4, 4, 4, 1], "commune": [1, 1, 2, 2]})
    >>> block = BlockPlan(code="B", aspect=Aspect.SATISFACTION,
    ...                   factors=(FactorPlan(code="F", items=("a", "b")),))
    >>> result = satisfaction(
    ...     Design.from_table(people, psu="commune"), SatisfactionPlan(blocks=(block,))
    ... )
    >>> index = result.find(Level.INDEX)
    >>> index.value, index.se, index.df, round(index.deff, 2)
    (0.75, 0.25, 1, 3.0)
    """
    _refuse_options(design, missing, level, interval)
    answers = answers_of(design.table, plan)
    if missing == "refuse":
        refuse_missing(answers, design.domain)
    counts = {name: int((mask & design.domain).sum()) for name, mask in answers.missing.items()}
    notes = [f"missing:{name}:{count}" for name, count in counts.items() if count]
    parts = [
        linearised(answers, np.where(rows, design.weights, 0.0), plan, domain)
        for domain, rows in _domains(design, by).items()
    ]
    notes += [f"empty:{_name(key)}" for part in parts for key in part.empty]
    if interval == "none":
        rows = [row for part in parts for row in _without_error(design, part, plan)]
        return Satisfaction(
            plan=plan,
            rows=tuple(rows),
            covariance=None,
            level=level,
            notes=(*notes, "no_probability_sample"),
        )
    influence = np.column_stack([part.influence for part in parts])
    covariance = _covariance(design, influence)
    rows = _estimates(design, parts, plan, covariance, level=level, interval=interval)
    unanimous = [row.key for row in rows if row.is_unanimous]
    return Satisfaction(
        plan=plan,
        rows=tuple(rows),
        covariance=covariance,
        level=level,
        notes=(*notes, *(f"unanimous:{_name(key)}" for key in unanimous)),
    )


def _refuse_options(design: Design, missing: str, level: float, interval: str) -> None:
    if missing not in {"refuse", "available"}:
        raise VariableError(f"missing is 'refuse' or 'available', not {missing!r}")
    if interval not in {"logit", "mean", "none"}:
        raise VariableError(f"interval is 'logit', 'mean' or 'none', not {interval!r}")
    if not 0 < level < 1:
        raise VariableError(f"level must lie strictly between 0 and 1, not {level}")
    if design.rule.adjust_domain_lonely:
        raise DesignError(
            "adjust_domain_lonely does not go with satisfaction indices: all domains share one "
            "pass; leave it out"
        )


def _domains(design: Design, by: str | None) -> dict[str | int | None, NDArray[np.bool_]]:
    """Rows of the whole and of every domain."""
    found: dict[str | int | None, NDArray[np.bool_]] = {None: design.domain}
    if by is None:
        return found
    column = column_of(design.table, by)
    absent = np.flatnonzero(column.isna().to_numpy() & design.domain)
    if absent.size:
        raise MissingValuesError(
            f"domain {by!r} is missing in row {absent[0] + 1} ({absent.size} of "
            f"{int(design.domain.sum())} rows); give every row one"
        )
    for value in sorted(column[design.domain].unique()):
        label = int(value) if isinstance(value, int | np.integer) else str(value)
        found[label] = (column == value).to_numpy() & design.domain
    return found


def _covariance(design: Design, influence: Floats) -> Floats:
    rows = np.flatnonzero(design.domain)
    stages = [stage.rows(rows) for stage in design.stages]
    covariance = linearized_covariance(influence[rows], stages, design.rule)
    symmetric: Floats = (covariance + covariance.T) / 2
    return symmetric


def _estimates(
    design: Design,
    parts: list[Linearised],
    plan: SatisfactionPlan,
    covariance: Floats,
    *,
    level: float,
    interval: str,
) -> list[IndexEstimate]:
    errors = iter(np.sqrt(np.maximum(np.diag(covariance), 0.0)))
    limits = logit_limits if interval == "logit" else mean_limits
    made = []
    for part in parts:
        for place, row in enumerate(_without_error(design, part, plan)):
            error = float(next(errors))
            rows = np.flatnonzero(part.carries[:, place])
            if error > NO_ERROR:
                low, high = limits(row.value, error, df=row.df, level=level)
                alone = part.influence[rows, place : place + 1]
                simple = simple_variance(design.weights[rows], alone, replace=True)
                deff = error**2 / float(simple[0])
                made.append(replace(row, se=error, low=low, high=high, deff=deff))
            else:
                bound = row.value if _is_census(design, part, rows) else math.nan
                made.append(replace(row, se=0.0, low=bound, high=bound))
    return made


def _without_error(design: Design, part: Linearised, plan: SatisfactionPlan) -> list[IndexEstimate]:
    aspects = aspects_of(plan)
    first = design.stages[0]
    made = []
    for place, (key, value) in enumerate(zip(part.keys, part.shares.tolist(), strict=True)):
        rows = np.flatnonzero(part.carries[:, place])
        psus, strata = len(np.unique(first.psu[rows])), len(np.unique(first.stratum[rows]))
        made.append(
            IndexEstimate(
                key=key,
                aspect=aspects[key.level, key.code],
                value=value,
                se=math.nan,
                df=psus - strata,
                low=math.nan,
                high=math.nan,
                deff=math.nan,
                n=len(rows),
                psus=psus,
                strata=strata,
            )
        )
    return made


def _is_census(design: Design, part: Linearised, rows: NDArray[np.intp]) -> bool:
    """Tell whether everybody was taken and everybody in the domain answered."""
    return len(rows) == part.people and all(
        stage.fraction is not None and bool((stage.fraction[rows] > 1 - CENSUS_REST).all())
        for stage in design.stages
    )


def _name(key: IndexKey) -> str:
    return f"{'' if key.domain is None else key.domain}:{key.level}:{key.code}"
