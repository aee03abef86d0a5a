"""Inclusion probabilities and base weights of a plan, as plain columns.

Columns rather than objects: they are joined to the answers elsewhere, by unit and group, and the
estimation there does not care who drew the sample. A picked stratum has no inclusion probability
(nobody knows how its people were chosen), hence NaN; its weight N/n only scales it to its size.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sampling.frame import Selection
from sampling.plan import Plan

__all__ = ["base_weights"]


def base_weights(plan: Plan) -> dict[str, NDArray[Any]]:
    """Compute inclusion probability n/N and base weight N/n of each stratum.

    Simple random sampling without replacement: everybody in a stratum has the same chance.

    Parameters
    ----------
    plan : Plan of k strata

    Returns
    -------
    dict of str to array of shape (k,)
        ``unit``, ``unit_group``, ``group``, ``selection`` (text), ``population``, ``size``
        (int64), ``probability`` (NaN for picked strata and where N = 0) and ``weight`` (people
        per answer planned; NaN where n = 0).

    References
    ----------
    Horvitz and Thompson (1952). Checked against: the identity Σ n·weight = N in
    tests/sampling/test_probabilities.py.

    Examples
    --------
    >>> from sampling import Frame, FrameStratum, Quota, Selection, base_weights, draw
    >>> officials = FrameStratum(
    ...     unit="SO01", unit_group="cap_so", group="CC", population=40,
    ...     selection=Selection.POSITIONS)
    >>> quotas = [Quota(unit_group="cap_so", group="CC", size=4)]
    >>> columns = base_weights(draw(Frame(strata=(officials,)), quotas, seed=1, reserves=0))
    >>> columns["probability"].tolist(), columns["weight"].tolist()
    ([0.1], [10.0])
    """
    population = np.array([stratum.population for stratum in plan.strata], dtype=np.int64)
    size = np.array([stratum.size for stratum in plan.strata], dtype=np.int64)
    drawn = np.array([stratum.selection is not Selection.PICKED for stratum in plan.strata], bool)
    return {
        "unit": np.array([stratum.unit for stratum in plan.strata], dtype=np.str_),
        "unit_group": np.array([stratum.unit_group for stratum in plan.strata], dtype=np.str_),
        "group": np.array([stratum.group for stratum in plan.strata], dtype=np.str_),
        "selection": np.array([stratum.selection.value for stratum in plan.strata], dtype=np.str_),
        "population": population,
        "size": size,
        "probability": _divide(size, population, where=drawn),
        "weight": _divide(population, size, where=np.ones_like(drawn)),
    }


def _divide(
    above: NDArray[np.int64], below: NDArray[np.int64], *, where: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Divide where asked and possible; NaN elsewhere."""
    result = np.full(above.shape, np.nan)
    np.divide(above, below, out=result, where=where & (below > 0))
    return result
