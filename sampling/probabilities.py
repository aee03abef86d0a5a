"""Inclusion probabilities and base weights of plans and samples, as plain columns.

Columns rather than objects: they are joined to the answers elsewhere, by unit and group, and the
estimation there does not care who drew the sample. A picked stratum has no inclusion probability
(nobody knows how its people were chosen), hence NaN; its weight N/n only scales it to its size.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sampling.errors import DrawError
from sampling.frame import Selection
from sampling.plan import METHOD, Plan, PlannedStratum
from sampling.pps import PpsSample

__all__ = ["base_weights", "joint_of_plan", "plan_columns", "pps_columns"]

_MOST_ROWS = 20_000  # of a joint matrix: 3.2 GB


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


def plan_columns(plan: Plan) -> dict[str, NDArray[Any]]:
    """Lay the drawn positions of a plan out as the columns of a stratified design.

    Parameters
    ----------
    plan : Plan of n drawn positions
        Picked strata have none: they carry no design.

    Returns
    -------
    dict of str to array of shape (n,)
        ``unit``, ``group``, ``position`` (int64), and for the estimation ``weight`` (N/n),
        ``strata`` (unit/group), ``psu`` (unit/group/position; text) and ``fpc`` (N, int64).

    Examples
    --------
    >>> from sampling import Frame, FrameStratum, Quota, Selection, draw
    >>> officials = FrameStratum(
    ...     unit="SO01", unit_group="cap_so", group="CC", population=40,
    ...     selection=Selection.POSITIONS)
    >>> quotas = [Quota(unit_group="cap_so", group="CC", size=4)]
    >>> columns = plan_columns(draw(Frame(strata=(officials,)), quotas, seed=1, reserves=0))
    >>> columns["weight"].tolist(), columns["psu"][0].item()
    ([10.0, 10.0, 10.0, 10.0], 'SO01/CC/10')
    """
    rows = _drawn_rows(plan)
    strata = [f"{stratum.unit}/{stratum.group}" for stratum, _ in rows]
    psus = [f"{name}/{place}" for name, (_, place) in zip(strata, rows, strict=True)]
    return {
        "unit": np.array([stratum.unit for stratum, _ in rows], dtype=np.str_),
        "group": np.array([stratum.group for stratum, _ in rows], dtype=np.str_),
        "position": np.array([position for _, position in rows], dtype=np.int64),
        "weight": np.array([stratum.population / stratum.size for stratum, _ in rows], np.float64),
        "strata": np.array(strata, dtype=np.str_),
        "psu": np.array(psus, dtype=np.str_),
        "fpc": np.array([stratum.population for stratum, _ in rows], dtype=np.int64),
    }


def joint_of_plan(plan: Plan) -> NDArray[np.float64]:
    """Compute the joint inclusion probabilities of the drawn positions of a plan.

    Within a stratum n(n − 1) / (N(N − 1)), between strata the product.

    Parameters
    ----------
    plan : Plan of n drawn positions
        Of simple random sampling: a systematic draw has pairs of chance 0, and no variance
        estimate without bias.

    Returns
    -------
    array of float64, shape (n, n)
        Rows as in `plan_columns`; first-order probabilities on the diagonal.

    Raises
    ------
    DrawError
        The plan was drawn otherwise, or has more than 20,000 drawn positions.
    """
    if plan.method != METHOD:
        raise DrawError(
            f"the plan was drawn by {plan.method!r}; joint probabilities of a plan are known for "
            f"{METHOD!r} only"
        )
    rows = _drawn_rows(plan)
    if len(rows) > _MOST_ROWS:
        raise DrawError(
            f"{len(rows)} positions have {len(rows) ** 2} pairs; ask for at most {_MOST_ROWS} "
            "positions, or estimate with the columns weight, strata and fpc"
        )
    size = np.array([stratum.size for stratum, _ in rows], dtype=np.float64)
    population = np.array([stratum.population for stratum, _ in rows], dtype=np.float64)
    _, codes = np.unique([f"{s.unit}\x1f{s.group}" for s, _ in rows], return_inverse=True)
    first = size / population
    within = first * (size - 1) / np.maximum(population - 1, 1)
    joint = np.where(codes[:, None] == codes, within[:, None], first[:, None] * first)
    np.fill_diagonal(joint, first)
    return joint


def pps_columns(sample: PpsSample) -> dict[str, NDArray[Any]]:
    """Lay a sample drawn by size out as the columns of a design.

    Parameters
    ----------
    sample : PpsSample of n units

    Returns
    -------
    dict of str to array of shape (n,)
        ``code`` (text), ``probability``, ``weight`` (1 over it), ``strata`` (a certain unit is a
        stratum of its own, the others are ``drawn``), ``psu`` (the code) and ``fpc``: 1 for
        certain units, infinity for the others, whose variance is then estimated as if drawn with
        replacement. For the exact variance take ``sample.joint()`` beside them.

    Examples
    --------
    >>> from sampling.pps import PpsMethod, SizedFrame, draw_pps
    >>> frame = SizedFrame(sizes=[90, 9, 1, 1], codes=["A", "B", "C", "D"])
    >>> columns = pps_columns(draw_pps(frame, 3, method=PpsMethod.BREWER, seed=2022))
    >>> columns["weight"].tolist(), columns["strata"].tolist()
    ([1.0, 1.0, 2.0], ['certain/A', 'certain/B', 'drawn'])
    """
    codes = np.array(sample.record.selected, dtype=np.str_)
    strata = [
        f"certain/{code}" if sure else "drawn"
        for code, sure in zip(sample.record.selected, sample.certain.tolist(), strict=True)
    ]
    return {
        "code": codes,
        "probability": sample.probabilities,
        "weight": 1 / sample.probabilities,
        "strata": np.array(strata, dtype=np.str_),
        "psu": codes,
        "fpc": np.where(sample.certain, 1.0, np.inf),
    }


def _drawn_rows(plan: Plan) -> list[tuple[PlannedStratum, int]]:
    """Walk over the drawn positions of a plan, with their strata."""
    return [(stratum, position) for stratum in plan.strata for position in stratum.selected]


def _divide(
    above: NDArray[np.int64], below: NDArray[np.int64], *, where: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Divide where asked and possible; NaN elsewhere."""
    result = np.full(above.shape, np.nan)
    np.divide(above, below, out=result, where=where & (below > 0))
    return result
