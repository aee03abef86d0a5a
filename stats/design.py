"""A sampling design over a table: who was drawn, how, and with which weight.

The door takes columns of a data frame, because whoever drew the sample hands over columns; all
later work is on arrays. Every fault of the columns is refused here, with its row: an estimator
further down could only give a wrong number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from stats.errors import DesignError, VariableError
from stats.linearization import Codes, Floats, LonelyPsu, Stage, VarianceRule

__all__ = ["Design", "column_of"]

Columns = str | Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Design:
    """A table of n rows with weights and stages of selection; make one with ``from_table``.

    ``domain`` marks the rows in play, shape (n,): a domain is not a new sample.
    """

    table: pd.DataFrame
    weights: Floats
    stages: tuple[Stage, ...]
    domain: NDArray[np.bool_]
    rule: VarianceRule

    @classmethod
    def from_table(  # noqa: PLR0913 - one keyword per feature of a design, as in R's svydesign
        cls,
        table: pd.DataFrame,
        *,
        weight: str | None = None,
        probs: Columns = None,
        strata: Columns = None,
        psu: Columns = None,
        fpc: Columns = None,
        nest: bool = False,
        ultimate_cluster: bool = False,
        lonely: str = "fail",
        adjust_domain_lonely: bool = False,
    ) -> Self:
        """Describe how the rows of a table were drawn.

        Parameters
        ----------
        table : DataFrame
        weight : column, zero or more
            A row of weight 0 counts among its stratum's PSUs and in no estimate.
        probs : column or one per stage, in (0, 1]
            Instead of ``weight``: the weight is 1 over their product. With neither, it is the
            product over stages of N/n from ``fpc``; without ``fpc`` it is 1.
        strata : column or one per stage
            A stage without one is a single stratum within each unit of the stage before.
        psu : column or one per stage, outermost first
            ``None``: every row is its own. Later stages' ids need only be unique within their
            unit.
        fpc : column or one per stage
            Population sizes of the stratum, or sampling fractions where all values are <= 1.
        nest : bool
            First-stage ids are unique only within their stratum.
        ultimate_cluster : bool
            First-stage variance only.
        lonely : {"fail", "remove", "adjust", "average", "certainty"}
            What a stratum with one PSU contributes.
        adjust_domain_lonely : bool
            Apply "adjust" and "average" also to strata with one PSU left in a domain.

        Returns
        -------
        Design

        Raises
        ------
        DesignError
            On an empty table, weights that are missing or negative or all zero, probabilities
            outside (0, 1], missing strata or ids, a PSU in two strata without ``nest``, or an
            fpc that is not constant in its stratum or below the number drawn.
        VariableError
            On a column that is not in the table.

        Examples
        --------
        >>> people = pd.DataFrame({"h": ["a", "a", "b", "b"], "N": [10, 10, 4, 4]})
        >>> design = Design.from_table(people, strata="h", fpc="N")
        >>> design.weights.tolist(), design.degrees_of_freedom
        ([5.0, 5.0, 2.0, 2.0], 2)
        """
        if not isinstance(table, pd.DataFrame):
            raise DesignError(f"a design needs a pandas DataFrame, not {type(table).__name__}")
        if not len(table):
            raise DesignError("the table has no rows; a design needs at least one")
        rule = VarianceRule(
            lonely=_lonely_rule(lonely),
            adjust_domain_lonely=adjust_domain_lonely,
            ultimate_cluster=ultimate_cluster,
        )
        stages = _stages(table, _names(strata), _names(psu), nest=nest)
        stages = _with_fractions(table, stages, _names(fpc))
        return cls(
            table=table,
            weights=_weights(table, weight, _names(probs), stages),
            stages=stages,
            domain=np.ones(len(table), dtype=np.bool_),
            rule=rule,
        )

    def where(self, mask: ArrayLike) -> Self:
        """Restrict to a domain; the design's PSU counts stay those of the whole sample.

        Parameters
        ----------
        mask : bool array of shape (n,), rows in the table's order

        Raises
        ------
        DesignError
            On another length, or values that are not plain true or false.

        Examples
        --------
        >>> design = Design.from_table(pd.DataFrame({"y": [1.0, 2.0, 3.0]}))
        >>> design.where(design.table["y"] > 1).degrees_of_freedom
        1
        """
        marks = np.asarray(mask)
        if marks.dtype != np.bool_ or marks.shape != self.domain.shape:
            raise DesignError(
                f"a domain is {len(self.domain)} plain true or false values; "
                f"got {marks.dtype} of shape {marks.shape}"
            )
        return replace(self, domain=self.domain & marks)

    @property
    def degrees_of_freedom(self) -> int:
        """PSUs minus strata over the rows in play."""
        return self.degrees_of(np.flatnonzero(self.domain))

    def degrees_of(self, rows: NDArray[np.intp]) -> int:
        """PSUs minus strata over some rows, not counting rows of weight zero.

        Examples
        --------
        >>> Design.from_table(pd.DataFrame({"y": [1.0, 2.0, 3.0]})).degrees_of(np.array([0, 1]))
        1
        """
        first = self.stages[0]
        rows = rows[self.weights[rows] > 0]
        return len(np.unique(first.psu[rows])) - len(np.unique(first.stratum[rows]))


def column_of(table: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """Return a column, or refuse with the columns there are.

    Examples
    --------
    >>> column_of(pd.DataFrame({"y": [1]}), "y").tolist()
    [1]
    """
    if name not in table.columns:
        raise VariableError(f"no column {name!r}; the table has {[str(c) for c in table.columns]}")
    column = table[name]
    if isinstance(column, pd.DataFrame):
        raise VariableError(f"column {name!r} stands {column.shape[1]} times in the table")
    return column


def _names(columns: Columns) -> tuple[str, ...]:
    if columns is None:
        return ()
    return (columns,) if isinstance(columns, str) else tuple(columns)


def _lonely_rule(lonely: str) -> LonelyPsu:
    if lonely not in list(LonelyPsu):
        raise DesignError(f"lonely is one of {[str(rule) for rule in LonelyPsu]}, not {lonely!r}")
    return LonelyPsu(lonely)


def _codes(table: pd.DataFrame, name: str, what: str) -> tuple[Codes, list[str]]:
    """Dense codes of a column and their labels; missing values are refused."""
    codes, labels = pd.factorize(column_of(table, name))
    _refuse_rows(codes < 0, f"{what} {name!r} is missing", "give every row one")
    return codes.astype(np.int64), [str(label) for label in labels]


def _dense(outer: Codes, inner: Codes) -> Codes:
    """Codes of the pairs (outer, inner)."""
    pairs = outer * (int(inner.max()) + 1) + inner
    dense: Codes = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
    return dense


def _stages(
    table: pd.DataFrame, strata: tuple[str, ...], psu: tuple[str, ...], *, nest: bool
) -> tuple[Stage, ...]:
    if len(strata) > max(len(psu), 1):
        raise DesignError(f"{len(strata)} strata columns for {max(len(psu), 1)} stages: {strata}")
    parent = np.zeros(len(table), dtype=np.int64)
    stages = []
    for number, name in enumerate(psu or (None,)):
        given = strata[number] if number < len(strata) else None
        stratum, labels = _strata_of_stage(table, given, parent)
        ids = np.arange(len(table)) if name is None else _codes(table, name, "PSU id")[0]
        if number:
            ids = _dense(parent, ids)
        unit = _dense(stratum, ids)
        if not nest and given is not None:
            _refuse_unnested(table, str(name), ids, unit)
        first = np.unique(unit, return_index=True)[1]
        stages.append(
            Stage(
                stratum=stratum,
                psu=unit,
                parent=parent,
                count=np.bincount(stratum[first])[stratum],
                fraction=None,
                labels=labels,
            )
        )
        parent = unit
    return tuple(stages)


def _strata_of_stage(
    table: pd.DataFrame, name: str | None, parent: Codes
) -> tuple[Codes, tuple[str, ...]]:
    """Codes of (unit of the stage before, stratum), and a label for each code."""
    if name is None:
        units = int(parent.max()) + 1
        return parent, tuple(f"within unit {u + 1} of {units}" for u in range(units))
    codes, labels = _codes(table, name, "stratum")
    stratum = _dense(parent, codes)
    first = np.unique(stratum, return_index=True)[1]
    return stratum, tuple(f"{name}={labels[code]}" for code in codes[first])


def _refuse_unnested(table: pd.DataFrame, name: str, ids: Codes, unit: Codes) -> None:
    first = np.unique(unit, return_index=True)[1]
    repeated = np.bincount(ids[first])[ids[first]] > 1
    if repeated.any():
        examples = sorted({str(value) for value in table[name].iloc[first[repeated]]})
        raise DesignError(
            f"{len(examples)} ids of {name!r} stand in more than one stratum: {examples[:5]}; "
            "say nest=True if ids are unique only within their stratum"
        )


def _with_fractions(
    table: pd.DataFrame, stages: tuple[Stage, ...], fpc: tuple[str, ...]
) -> tuple[Stage, ...]:
    if len(fpc) > len(stages):
        raise DesignError(f"{len(fpc)} fpc columns for {len(stages)} stages: {fpc}")
    given = [
        replace(stage, fraction=_fraction(table, name, stage))
        for stage, name in zip(stages, fpc, strict=False)
    ]
    return (*given, *stages[len(fpc) :])


def _fraction(table: pd.DataFrame, name: str, stage: Stage) -> Floats:
    """Return sampling fractions from population sizes or fractions."""
    values = _positive(table, name, "fpc")
    lowest = np.full(int(stage.stratum.max()) + 1, np.inf)
    np.minimum.at(lowest, stage.stratum, values)
    _refuse_rows(
        values != lowest[stage.stratum],
        f"fpc {name!r} differs within its stratum",
        "give one value per stratum",
        values,
    )
    if (values <= 1).all():
        return values
    _refuse_rows(
        values < stage.count,
        f"fpc {name!r} is below the number of PSUs drawn in its stratum",
        "give population sizes, or sampling fractions in every row",
        values,
    )
    return stage.count / values


def _weights(
    table: pd.DataFrame, weight: str | None, probs: tuple[str, ...], stages: tuple[Stage, ...]
) -> Floats:
    if weight is not None and probs:
        raise DesignError(f"give weight or probs, not both: {weight!r} and {probs}")
    if weight is not None:
        return _nonnegative(table, weight)
    chances = np.ones(len(table))
    for name in probs:
        chance = _positive(table, name, "probability")
        _refuse_rows(chance > 1, f"probability {name!r} is above 1", "give chances", chance)
        chances = chances * chance
    known = [stage.fraction for stage in stages if stage.fraction is not None]
    if not probs and known:
        if len(known) < len(stages):
            raise DesignError(
                f"fpc is given for {len(known)} of {len(stages)} stages, so it cannot make the "
                "weights; give weight or probs"
            )
        chances = np.prod(known, axis=0)
    return 1 / chances


def _positive(table: pd.DataFrame, name: str, what: str) -> Floats:
    """Return a column of positive numbers."""
    values = _numbers(table, name, what)
    _refuse_rows(~(values > 0), f"{what} {name!r} must be positive", "correct these rows", values)
    return values


def _nonnegative(table: pd.DataFrame, name: str) -> Floats:
    """Return the weights; a zero keeps its row in the design but out of every estimate."""
    values = _numbers(table, name, "weight")
    unusable = ~(values >= 0) | np.isinf(values)
    remedy = "drop nonrespondents before estimating, or give them weight 0"
    _refuse_rows(unusable, f"weight {name!r} must be positive", remedy, values)
    if not values.any():
        raise DesignError(f"all {len(values)} weights {name!r} are zero; nobody is left to count")
    return values


def _numbers(table: pd.DataFrame, name: str, what: str) -> Floats:
    column = column_of(table, name)
    if not pd.api.types.is_numeric_dtype(column):
        raise DesignError(f"{what} {name!r} is not numeric but {column.dtype}")
    values: Floats = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return values


def _refuse_rows(
    bad: NDArray[np.bool_], what: str, remedy: str, values: Floats | None = None
) -> None:
    """Refuse marked rows, named by number from 1."""
    rows = np.flatnonzero(bad)
    if rows.size:
        named = ", ".join(
            f"row {row + 1}" + ("" if values is None else f" is {values[row]:g}")
            for row in rows[:3]
        )
        raise DesignError(f"{what}: {named} ({rows.size} of {bad.size} rows); {remedy}")
