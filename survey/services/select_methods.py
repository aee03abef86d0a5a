"""Every method that selects units from one list, behind one call, with what each leaves behind.

A stratum is a list of its own. Its seed is derived from the draw's, except where units carry
permanent random numbers: those belong to the unit, whatever stratum it moves to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sampling.balanced import BalancedFrame, CubeOrder, draw_balanced
from sampling.coordination import Coordination, Start, draw_coordinated
from sampling.listed import ListMethod, draw_listed, stratum_seed
from sampling.pps import (
    Certainty,
    Inclusion,
    PpsMethod,
    SizedFrame,
    draw_pps,
    joint_probabilities,
    pps_inclusion,
)
from sampling.records import DrawRecord
from survey.services.draw_parts import Part

__all__ = [
    "BALANCED",
    "COORDINATED",
    "LISTED",
    "SIZED",
    "WITH_JOINT",
    "SelectMethod",
    "SelectRequest",
    "StratumDraw",
    "StratumList",
    "chances_of",
    "draw_stratum",
]

Floats = NDArray[np.float64]


class SelectMethod(StrEnum):
    """How units are selected, as the command line names it."""

    SIMPLE = "simple"
    SYSTEMATIC = "systematic"
    PPS_SYSTEMATIC = "pps-systematic"
    SAMPFORD = "sampford"
    MAX_ENTROPY = "max-entropy"
    TILLE = "tille"
    MIDZUNO = "midzuno"
    BREWER = "brewer"
    PARETO = "pareto"
    POISSON = "poisson"
    SEQUENTIAL_POISSON = "sequential-poisson"
    PRN_PARETO = "prn-pareto"
    CUBE = "cube"


LISTED: Mapping[SelectMethod, ListMethod] = {
    SelectMethod.SIMPLE: ListMethod.SIMPLE,
    SelectMethod.SYSTEMATIC: ListMethod.SYSTEMATIC,
}
"""Equal chances; these draw reserves too."""

SIZED: Mapping[SelectMethod, PpsMethod] = {
    SelectMethod.PPS_SYSTEMATIC: PpsMethod.SYSTEMATIC,
    SelectMethod.SAMPFORD: PpsMethod.SAMPFORD,
    SelectMethod.MAX_ENTROPY: PpsMethod.MAXIMUM_ENTROPY,
    SelectMethod.TILLE: PpsMethod.TILLE,
    SelectMethod.MIDZUNO: PpsMethod.MIDZUNO,
    SelectMethod.BREWER: PpsMethod.BREWER,
    SelectMethod.PARETO: PpsMethod.PARETO,
}
"""Chances proportional to a size, which they need."""

COORDINATED: Mapping[SelectMethod, Coordination] = {
    SelectMethod.POISSON: Coordination.POISSON,
    SelectMethod.SEQUENTIAL_POISSON: Coordination.SEQUENTIAL_POISSON,
    SelectMethod.PRN_PARETO: Coordination.PARETO,
}
"""By permanent random numbers; the size is optional."""

BALANCED = SelectMethod.CUBE
"""Balanced on variables; the size is optional."""

WITH_JOINT = frozenset({*LISTED, *SIZED, SelectMethod.POISSON, SelectMethod.PRN_PARETO})
"""Methods whose joint inclusion probabilities are known."""


class SelectRequest(Part):
    """What was asked of a draw; ``take`` gives n by stratum, under "" without strata."""

    method: SelectMethod
    seed: int
    take: Mapping[str, int]
    reserves: int = Field(default=0, ge=0)
    certainty: Certainty = Certainty.TAKE
    zeros: bool = False
    order: CubeOrder = CubeOrder.RANDOM
    start: int = Field(default=0, ge=0)
    overlap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumList:
    """The units of one stratum: codes, sizes where there are any, balancing variables by name."""

    stratum: str
    codes: Sequence[str]
    sizes: Sequence[int | float] | None = None
    variables: Mapping[str, Sequence[int | float]] = field(default_factory=dict)

    def sized(self, request: SelectRequest) -> SizedFrame:
        """Give the sampling room a frame, of equal sizes without a column of sizes.

        Parameters
        ----------
        request : SelectRequest

        Returns
        -------
        SizedFrame
        """
        sizes = [1] * len(self.codes) if self.sizes is None else self.sizes
        return SizedFrame(sizes=sizes, codes=self.codes, zeros=request.zeros)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StratumDraw:
    """What a draw gave in one stratum of N units.

    ``fpc`` is N where the chances are equal and the size is fixed, else infinity; ``joint`` makes
    the joint inclusion probabilities of the selected units where they are known.
    """

    stratum: str
    population: int
    asked: int
    probabilities: Floats
    certain: NDArray[np.bool_]
    fpc: float
    record: DrawRecord
    reserves: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    joint: Callable[[], Floats] | None = None

    @property
    def selected(self) -> tuple[str, ...]:
        """Codes of the selected units, in the order of the record."""
        return self.record.selected


def draw_stratum(units: StratumList, request: SelectRequest) -> StratumDraw:
    """Draw one stratum by the method asked.

    Parameters
    ----------
    units : StratumList
    request : SelectRequest

    Returns
    -------
    StratumDraw

    Raises
    ------
    SamplingError
        The units or the request cannot carry the draw; see the method's own function.
    """
    if request.method in LISTED:
        return _listed(units, request)
    if request.method in SIZED:
        return _sized(units, request)
    if request.method in COORDINATED:
        return _coordinated(units, request)
    return _balanced(units, request)


def chances_of(units: StratumList, request: SelectRequest) -> Mapping[str, float]:
    """Compute the chance of each unit under a draw by permanent random numbers or by size.

    Parameters
    ----------
    units : StratumList
    request : SelectRequest

    Returns
    -------
    mapping of str to float

    Raises
    ------
    SizeError
        As in `sampling.pps.pps_inclusion`.
    """
    inclusion = _inclusion(units, request)
    return dict(zip(units.codes, inclusion.probabilities.tolist(), strict=True))


def _inclusion(units: StratumList, request: SelectRequest) -> Inclusion:
    """Compute first-order probabilities of a stratum."""
    take = request.take[units.stratum]
    return pps_inclusion(units.sized(request), take, certainty=request.certainty)


def _listed(units: StratumList, request: SelectRequest) -> StratumDraw:
    """Draw with equal chances."""
    take, population = request.take[units.stratum], len(units.codes)
    method = LISTED[request.method]
    seed = stratum_seed(request.seed, units.stratum)
    sample = draw_listed(units.codes, take, method=method, seed=seed, reserves=request.reserves)

    def joint() -> Floats:
        if method is ListMethod.SYSTEMATIC:
            inclusion = pps_inclusion(SizedFrame(sizes=[1] * population), take)
            return joint_probabilities(inclusion, PpsMethod.SYSTEMATIC, rows=sample.rows)
        pairs = np.full((take, take), take * (take - 1) / (population * max(population - 1, 1)))
        np.fill_diagonal(pairs, take / population)
        return pairs

    return StratumDraw(
        stratum=units.stratum,
        population=population,
        asked=take,
        probabilities=np.full(take, take / population),
        certain=np.zeros(take, dtype=bool),
        fpc=float(population),
        record=sample.record,
        reserves=sample.reserves,
        joint=joint,
    )


def _sized(units: StratumList, request: SelectRequest) -> StratumDraw:
    """Draw with chances proportional to size."""
    take, frame = request.take[units.stratum], units.sized(request)
    sample = draw_pps(
        frame,
        take,
        method=SIZED[request.method],
        seed=stratum_seed(request.seed, units.stratum),
        certainty=request.certainty,
    )
    return StratumDraw(
        stratum=units.stratum,
        population=len(units.codes),
        asked=take,
        probabilities=sample.probabilities,
        certain=sample.certain,
        fpc=float("inf"),
        record=sample.record,
        notes=tuple(sample.inclusion.report(frame)),
        joint=sample.joint,
    )


def _coordinated(units: StratumList, request: SelectRequest) -> StratumDraw:
    """Draw by permanent random numbers; n of equal sizes are a simple random sample."""
    take, frame = request.take[units.stratum], units.sized(request)
    inclusion = _inclusion(units, request)
    sample = draw_coordinated(
        frame,
        take,
        method=COORDINATED[request.method],
        seed=request.seed,
        start=Start(steps=request.start),
    )

    def joint() -> Floats:
        if request.method is SelectMethod.PRN_PARETO:
            return joint_probabilities(inclusion, PpsMethod.PARETO, rows=sample.rows)
        pairs: Floats = sample.probabilities[:, None] * sample.probabilities
        np.fill_diagonal(pairs, sample.probabilities)
        return pairs

    simple = units.sizes is None and request.method is not SelectMethod.POISSON
    return StratumDraw(
        stratum=units.stratum,
        population=len(units.codes),
        asked=take,
        probabilities=sample.probabilities,
        certain=np.isin(sample.rows, inclusion.certain),
        fpc=float(len(units.codes)) if simple else float("inf"),
        record=sample.record,
        notes=tuple(inclusion.report(frame)),
        joint=joint if request.method in WITH_JOINT else None,
    )


def _balanced(units: StratumList, request: SelectRequest) -> StratumDraw:
    """Draw by the cube method."""
    frame, inclusion = units.sized(request), _inclusion(units, request)
    names = tuple(units.variables)
    table = np.array([units.variables[name] for name in names], dtype=np.float64)
    sample = draw_balanced(
        BalancedFrame(
            probabilities=inclusion.probabilities,
            variables=table.reshape(len(names), len(units.codes)).T,
            names=names,
            codes=units.codes,
        ),
        seed=stratum_seed(request.seed, units.stratum),
        order=request.order,
    )
    balance = [
        f"{each.name}: total {each.total:g}, estimated {each.after_landing:g} "
        f"({each.relative_error:+.2%})"
        for each in sample.balance
    ]
    return StratumDraw(
        stratum=units.stratum,
        population=len(units.codes),
        asked=request.take[units.stratum],
        probabilities=sample.probabilities,
        certain=np.isin(sample.rows, inclusion.certain),
        fpc=float("inf"),
        record=sample.record,
        notes=(*inclusion.report(frame), *balance),
    )
