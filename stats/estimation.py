"""The walk every estimator takes: domains, usable answers, influence values, limits.

Targets that rest on the same answers go through the variance together, which also gives their
covariance; a target with other missing answers goes alone, on its own.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.design import Design, column_of
from stats.errors import MissingValuesError, VariableError
from stats.estimate import Estimate, EstimateRow, refuse_reserved_names
from stats.limits import mean_limits
from stats.linearization import Floats, linearized_covariance, simple_variance
from stats.targets import Target

__all__ = ["Estimator", "Limits", "Names", "Options", "estimate", "names_of", "options_of"]

Names = str | Sequence[str]
Rows = NDArray[np.intp]

# weights (k,) and columns (k, p) each -> estimates (p,) and influence values (k, p)
Estimator = Callable[[Floats, Sequence[Floats]], tuple[Floats, Floats]]
Limits = Callable[..., tuple[float, float]]


class Missing(StrEnum):
    """What to do with missing answers."""

    REFUSE = "refuse"
    AVAILABLE = "available"
    LISTWISE = "listwise"


class Deff(StrEnum):
    """The design a design effect compares with."""

    NONE = "none"
    WITHOUT_REPLACEMENT = "without"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Checked options of an estimator's call."""

    missing: Missing
    deff: Deff
    level: float
    df: str | float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Domain:
    """One domain: its by-values, its rows and their degrees of freedom."""

    key: tuple[Hashable, ...]
    rows: Rows
    df: float


def names_of(names: Names | None) -> tuple[str, ...]:
    """Return one or several column names as a tuple.

    Examples
    --------
    >>> names_of("y"), names_of(None)
    (('y',), ())
    """
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def options_of(*, missing: str, level: float, df: str | float, deff: bool | str = False) -> Options:
    """Check the options of a call.

    Examples
    --------
    >>> options_of(missing="refuse", level=0.95, df="domain").deff
    <Deff.NONE: 'none'>
    """
    effects = {False: Deff.NONE, True: Deff.WITHOUT_REPLACEMENT, "replace": Deff.REPLACE}
    if missing not in list(Missing):
        raise VariableError(f"missing is one of {[str(m) for m in Missing]}, not {missing!r}")
    if deff not in effects:
        raise VariableError(f"deff is False, True or 'replace', not {deff!r}")
    if not 0 < level < 1:
        raise VariableError(f"level must lie strictly between 0 and 1, not {level}")
    if isinstance(df, str) and df not in {"domain", "design"}:
        raise VariableError(f"df is 'domain', 'design' or a number, not {df!r}")
    return Options(missing=Missing(missing), deff=effects[deff], level=level, df=df)


def estimate(
    design: Design,
    targets: Sequence[Target],
    estimator: Estimator,
    *,
    by: tuple[str, ...],
    options: Options,
    limits: Limits = mean_limits,
) -> Estimate:
    """Estimate targets in every domain.

    Examples
    --------
    >>> from stats.targets import targets_of
    >>> design = Design.from_table(pd.DataFrame({"y": [1.0, 3.0]}))
    >>> def count(weights, columns):
    ...     return weights @ columns[0], columns[0] * weights[:, None]
    >>> options = options_of(missing="refuse", level=0.95, df="domain")
    >>> estimate(design, targets_of(design.table, "y"), count, by=(), options=options).rows[0].se
    2.0
    """
    refuse_reserved_names(by)
    if not targets:
        raise VariableError("no variable to estimate; name at least one column")
    valid, notes = _usable(design, targets, options.missing)
    blocks = _blocks(valid)
    rows: list[EstimateRow] = []
    covariances = []
    for domain in _domains(design, by, options):
        found: dict[int, EstimateRow] = {}
        for block in blocks:
            used = domain.rows[valid[block[0]][domain.rows]]
            chosen = [targets[position] for position in block]
            count = int(np.count_nonzero(design.weights[used]))
            if count:
                solution = _solve(design, chosen, used, estimator, options.deff)
                covariances.append(solution[1])
                made = _rows(chosen, domain, count, solution, options=options, limits=limits)
                found |= dict(zip(block, made, strict=True))
            else:
                notes += [f"empty:{name}" for name in dict.fromkeys(t.variable for t in chosen)]
        rows += [found[position] for position in sorted(found)]
    return Estimate(
        by=by,
        rows=tuple(rows),
        level=options.level,
        covariance=covariances[0] if len(covariances) == 1 else None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _usable(
    design: Design, targets: Sequence[Target], missing: Missing
) -> tuple[list[NDArray[np.bool_]], list[str]]:
    """Each target's usable rows, and how many answers of rows in play are left out."""
    valid = [target.valid for target in targets]
    lacking = {t.variable: int((design.domain & ~t.valid).sum()) for t in targets}
    lacking = {name: count for name, count in lacking.items() if count}
    if missing is Missing.REFUSE and lacking:
        name, count = next(iter(lacking.items()))
        of_name = next(target.valid for target in targets if target.variable == name)
        row = int(np.flatnonzero(design.domain & ~of_name)[0]) + 1
        raise MissingValuesError(
            f"{name!r} is missing in row {row} ({count} of {int(design.domain.sum())} rows; "
            f"{len(lacking)} variables concerned); say missing='available' or 'listwise'"
        )
    if missing is Missing.LISTWISE:
        valid = [np.logical_and.reduce(valid)] * len(targets)
    return valid, [f"missing:{name}:{count}" for name, count in lacking.items()]


def _blocks(valid: Sequence[NDArray[np.bool_]]) -> list[list[int]]:
    """Positions of targets that rest on the same rows, in order."""
    alike: dict[bytes, list[int]] = {}
    for position, mask in enumerate(valid):
        alike.setdefault(np.packbits(mask).tobytes(), []).append(position)
    return list(alike.values())


def _domains(design: Design, by: tuple[str, ...], options: Options) -> list[_Domain]:
    rows = np.flatnonzero(design.domain)
    whole = design.degrees_of(rows)
    if not by:
        return [_domain(design, (), rows, whole, options)]
    keys = pd.DataFrame({name: column_of(design.table, name).iloc[rows] for name in by})
    absent = keys.isna().any(axis=1).to_numpy()
    if absent.any() and options.missing is Missing.REFUSE:
        raise MissingValuesError(
            f"by-variables {list(by)} are missing in row {rows[absent][0] + 1} "
            f"({int(absent.sum())} of {rows.size} rows); say missing='available' to leave them out"
        )
    groups = keys.reset_index(drop=True).groupby(list(by), sort=True, observed=True).indices
    return [
        _domain(
            design,
            key if isinstance(key, tuple) else (key,),
            np.sort(rows[positions]),
            whole,
            options,
        )
        for key, positions in groups.items()
    ]


def _domain(
    design: Design, key: tuple[Hashable, ...], rows: Rows, whole: int, options: Options
) -> _Domain:
    if options.df == "domain":
        df: float = design.degrees_of(rows)
    else:
        df = whole if isinstance(options.df, str) else options.df
    return _Domain(key=key, rows=rows, df=df)


def _solve(
    design: Design, targets: Sequence[Target], rows: Rows, estimator: Estimator, deff: Deff
) -> tuple[Floats, Floats, Floats]:
    """Estimates, their covariance and design effects on some rows."""
    weights = design.weights[rows]
    width = len(targets[0].columns)
    columns = [
        np.column_stack([target.columns[place][rows] for target in targets])
        for place in range(width)
    ]
    estimates, influence = estimator(weights, columns)
    stages = [stage.rows(rows) for stage in design.stages]
    covariance = linearized_covariance(influence, stages, design.rule)
    effects = np.full(len(targets), np.nan)
    if deff is not Deff.NONE:
        replace = deff is Deff.REPLACE
        effects = np.diag(covariance) / simple_variance(weights, influence, replace=replace)
    return estimates, covariance, effects


def _rows(
    targets: Sequence[Target],
    domain: _Domain,
    used: int,
    solution: tuple[Floats, Floats, Floats],
    *,
    options: Options,
    limits: Limits,
) -> Iterator[EstimateRow]:
    estimates, covariance, effects = solution
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))  # NaN stays NaN
    for target, value, se, effect in zip(targets, estimates, errors, effects, strict=True):
        low, high = limits(float(value), float(se), df=domain.df, level=options.level)
        yield EstimateRow(
            by=domain.key,
            variable=target.variable,
            level=target.level,
            estimate=float(value),
            se=float(se),
            df=domain.df,
            low=low,
            high=high,
            deff=float(effect),
            n=used,
        )
