"""Influence values of every satisfaction index over the rows of a design.

Base ratios (items, pooled factors, all-satisfied, options) are linearised; what follows from
them is linear, so its influence is the same weighted mean of theirs. Only arrays come out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.errors import MissingValuesError, VariableError
from stats.linearization import Floats
from stats.satisfaction_plan import (
    ChoicePlan,
    FactorRule,
    IndexKey,
    ItemScore,
    Level,
    SatisfactionPlan,
    base_keys,
    steps,
)
from stats.targets import numeric_target

__all__ = ["Answers", "Linearised", "answers_of", "linearised", "refuse_missing"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Numerator and denominator of every base ratio; arrays of shape (n, base ratios)."""

    keys: tuple[IndexKey, ...]
    tops: Floats
    bases: Floats
    missing: Mapping[str, Mask]  # by item or choice, rows without a valid answer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linearised:
    """The values of one domain, with their influence on all rows in play.

    ``shares`` (p,), ``influence`` (rows, p); ``carries`` marks rows with an answer to the value,
    shape (rows, p). ``empty`` are base values nobody in the domain answered, ``people`` the rows
    of positive weight.
    """

    keys: tuple[IndexKey, ...]
    shares: Floats
    influence: Floats
    carries: Mask
    empty: tuple[IndexKey, ...]
    people: int


def answers_of(table: pd.DataFrame, plan: SatisfactionPlan) -> Answers:
    """Turn columns of codes into numerators and denominators.

    Raises
    ------
    VariableError
        On an absent column, a code outside its scale, or more choices than allowed.

    Examples
    --------
    >>> from stats.satisfaction_plan import Aspect, BlockPlan, FactorPlan
    >>> block = BlockPlan(code="B", aspect=Aspect.SATISFACTION,
    ...                   factors=(FactorPlan(code="F", items=("a",)),))
    >>> answers_of(pd.DataFrame({"a": [5, 2]}), SatisfactionPlan(blocks=(block,))).tops.tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    codes = {item: _codes(table, item, range(1, top + 1)) for item, top in plan.scales.items()}
    columns: dict[IndexKey, tuple[Floats, Floats]] = {}
    for item, values in codes.items():
        valid = ~np.isnan(values)
        score = np.where(valid, _score(values, plan.scales[item], plan.item_score), 0.0)
        columns[IndexKey(level=Level.ITEM, code=item)] = score, valid.astype(np.float64)
    missing = {item: np.isnan(values) for item, values in codes.items()}
    if plan.factor_rule is FactorRule.POOLED_ANSWERS:
        columns |= _pooled(plan, columns)
    if plan.satisfaction_blocks:
        columns[IndexKey(level=Level.ALL_SATISFIED)] = _all_satisfied(plan, codes)
    for choice in plan.choices:
        made = _options(table, choice)
        columns |= made
        missing[choice.code] = next(iter(made.values()))[1] == 0
    keys = base_keys(plan)
    return Answers(
        keys=keys,
        tops=np.column_stack([columns[key][0] for key in keys]),
        bases=np.column_stack([columns[key][1] for key in keys]),
        missing=missing,
    )


def refuse_missing(answers: Answers, domain: Mask) -> None:
    """Refuse answers that are not valid, named by item and row.

    Examples
    --------
    >>> none = np.zeros((1, 0))
    >>> refuse_missing(Answers(keys=(), tops=none, bases=none, missing={}), np.array([True]))
    """
    lacking = {name: mask & domain for name, mask in answers.missing.items()}
    lacking = {name: mask for name, mask in lacking.items() if mask.any()}
    if lacking:
        name, mask = next(iter(lacking.items()))
        raise MissingValuesError(
            f"{name!r} has no valid answer in row {int(np.flatnonzero(mask)[0]) + 1} "
            f"({int(mask.sum())} of {int(domain.sum())} rows; {len(lacking)} items concerned); "
            "say missing='available' to estimate each item on those who answered it"
        )


def linearised(
    answers: Answers, weights: Floats, plan: SatisfactionPlan, domain: str | int | None
) -> Linearised:
    """Linearise every value of a plan in one domain.

    Ratio R = Σ w y / Σ w d: influence w (y − R d) / Σ w d. Means of ratios: the same means of
    their influence.

    Parameters
    ----------
    answers : Answers of n rows
    weights : array of shape (n,), zero outside the domain
    plan : SatisfactionPlan
    domain : what the keys are to carry

    References
    ----------
    Särndal, Swensson, Wretman (1992), 5.5 and 5.6. Checked against: tests/golden/satisfaction_r.

    Examples
    --------
    >>> from stats.satisfaction_plan import Aspect, BlockPlan, FactorPlan
    >>> block = BlockPlan(code="B", aspect=Aspect.SATISFACTION,
    ...                   factors=(FactorPlan(code="F", items=("a",)),))
    >>> plan = SatisfactionPlan(blocks=(block,))
    >>> found = answers_of(pd.DataFrame({"a": [5, 2]}), plan)
    >>> linearised(found, np.array([3.0, 1.0]), plan, None).shares.tolist()
    [0.75, 0.75, 0.75, 0.75, 0.75]
    """
    counts = weights @ answers.bases
    there = counts > 0
    keys = [key for key, found in zip(answers.keys, there, strict=True) if found]
    tops, bases = answers.tops[:, there], answers.bases[:, there]
    ratios = (weights @ tops) / counts[there]
    influence = (tops - bases * ratios) * (weights[:, None] / counts[there])
    mixing = _mixing(plan, keys)
    carries = (bases > 0) & (weights > 0)[:, None]
    return Linearised(
        keys=tuple(
            IndexKey(level=key.level, code=key.code, domain=domain) for key in (*keys, *mixing)
        ),
        shares=np.concatenate([ratios, _mixed(mixing, ratios[None, :])[0]]),
        influence=np.column_stack([influence, _mixed(mixing, influence)]),
        carries=np.column_stack(
            [carries, *(carries[:, part > 0].any(axis=1) for part in mixing.values())]
        ),
        empty=tuple(
            IndexKey(level=key.level, code=key.code, domain=domain)
            for key, found in zip(answers.keys, there, strict=True)
            if not found
        ),
        people=int(np.count_nonzero(weights)),
    )


def _mixing(plan: SatisfactionPlan, keys: Sequence[IndexKey]) -> dict[IndexKey, Floats]:
    """Weights of the base ratios in every value made of them."""
    rows = {key: np.eye(len(keys))[place] for place, key in enumerate(keys)}
    made: dict[IndexKey, Floats] = {}
    for step in steps(plan, keys):
        parts = [float(weight) * rows[part] for part, weight in step.parts.items()]
        made[step.key] = rows[step.key] = np.sum(parts, axis=0)
    return made


def _mixed(mixing: Mapping[IndexKey, Floats], columns: Floats) -> Floats:
    if not mixing:
        return np.empty((len(columns), 0))
    mixed: Floats = columns @ np.column_stack(list(mixing.values()))
    return mixed


def _codes(table: pd.DataFrame, name: str, allowed: range) -> Floats:
    """Read a column of codes, NaN where there is no valid answer."""
    (values,) = numeric_target(table, name).columns
    wrong = np.flatnonzero(~np.isnan(values) & ~np.isin(values, list(allowed)))
    if wrong.size:
        raise VariableError(
            f"{name!r} is {values[wrong[0]]:g} in row {wrong[0] + 1} ({wrong.size} of "
            f"{values.size} rows); codes are {allowed.start} to {allowed.stop - 1}; make answers "
            "that are not valid missing"
        )
    return values


def _score(values: Floats, scale: int, rule: ItemScore) -> Floats:
    if rule is ItemScore.TOP_TWO:
        return np.asarray(values >= scale - 1, dtype=np.float64)
    return (values - 1) / (scale - 1)


def _pooled(
    plan: SatisfactionPlan, columns: Mapping[IndexKey, tuple[Floats, Floats]]
) -> dict[IndexKey, tuple[Floats, Floats]]:
    """Sum the items of each factor, so that every valid answer counts once."""
    made = {}
    for factor in (factor for block in plan.blocks for factor in block.factors):
        items = [columns[IndexKey(level=Level.ITEM, code=item)] for item in factor.items]
        made[IndexKey(level=Level.FACTOR, code=factor.code)] = (
            np.sum([tops for tops, _ in items], axis=0),
            np.sum([bases for _, bases in items], axis=0),
        )
    return made


def _all_satisfied(plan: SatisfactionPlan, codes: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Mark who answered a satisfaction item, and whose valid answers are all the two best."""
    items = plan.satisfaction_items
    answered = np.logical_or.reduce([~np.isnan(codes[item]) for item in items])
    below = np.logical_or.reduce([codes[item] < plan.scales[item] - 1 for item in items])
    return (answered & ~below).astype(np.float64), answered.astype(np.float64)


def _options(table: pd.DataFrame, choice: ChoicePlan) -> dict[IndexKey, tuple[Floats, Floats]]:
    values = np.column_stack([_codes(table, name, range(2)) for name in choice.options])
    valid = ~np.isnan(values)
    torn = np.flatnonzero(valid.any(axis=1) & ~valid.all(axis=1))
    if torn.size:
        raise VariableError(
            f"choice {choice.code!r} has only some of its options in row {torn[0] + 1} "
            f"({torn.size} of {len(values)} rows); give all {len(choice.options)} or none"
        )
    chosen = np.nan_to_num(values)
    many = np.flatnonzero(chosen.sum(axis=1) > (choice.most or len(choice.options)))
    if many.size:
        raise VariableError(
            f"choice {choice.code!r} has {int(chosen[many[0]].sum())} answers in row "
            f"{many[0] + 1} ({many.size} of {len(values)} rows); at most {choice.most} are allowed"
        )
    return {
        IndexKey(level=Level.OPTION, code=name): (chosen[:, place], valid[:, place].astype(float))
        for place, name in enumerate(choice.options)
    }
