"""Drawing units with chances proportional to size: draws, joint chances, verification.

One door for seven methods, because an office compares them on the same frame; which first- and
second-order probabilities each has is said at `PpsMethod`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling import pps_draws, pps_joint
from sampling.inclusion import Certainty, Inclusion, SizedFrame, pps_inclusion
from sampling.plan import Difference
from sampling.pps_draws import Remainder
from sampling.records import (
    ORDER,
    DrawRecord,
    Parameter,
    digest_of_order,
    first_difference,
    result_digest,
)
from sampling.streams import refuse_bad_seed, stream

__all__ = [
    "Certainty",
    "Inclusion",
    "PpsMethod",
    "PpsSample",
    "SizedFrame",
    "draw_pps",
    "draw_rows",
    "joint_probabilities",
    "pps_inclusion",
    "verify_pps",
]

VERSION = 1  # of the algorithms: one more whenever the same seed would draw other units

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class PpsMethod(StrEnum):
    """How units with unequal chances are drawn in a sample of fixed size.

    ``SYSTEMATIC`` keeps the frame's order as stratification, but many pairs can never be drawn
    together. ``SAMPFORD``, ``MAXIMUM_ENTROPY``, ``TILLE`` (elimination) and ``BREWER`` have exact
    first-order probabilities and, but for Brewer's method in large samples, exact joint ones.
    ``MIDZUNO`` may have pairs of chance 0. ``PARETO`` ranks permanent or fresh random numbers; its
    first-order probabilities come near the wanted ones, and are exact in `joint_probabilities`.
    """

    SYSTEMATIC = "systematic"
    SAMPFORD = "sampford"
    PARETO = "pareto"
    TILLE = "tille"
    MIDZUNO = "midzuno"
    BREWER = "brewer"
    MAXIMUM_ENTROPY = "maximum_entropy"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PpsSample:
    """Rows of the drawn units with their probabilities and the record of the draw.

    ``rows`` are in the order of their codes, ascending for `PpsMethod.SYSTEMATIC` and without
    codes.
    The probabilities are those asked; Pareto sampling gives slightly others, which stand on the
    diagonal of `joint`.
    """

    rows: Rows
    probabilities: Floats
    certain: NDArray[np.bool_]
    method: PpsMethod
    inclusion: Inclusion
    record: DrawRecord

    def joint(self) -> Floats:
        """Compute the joint inclusion probabilities of the drawn units.

        Returns
        -------
        array of float64, shape (n, n)
            See `joint_probabilities`.
        """
        return joint_probabilities(self.inclusion, self.method, rows=self.rows)


def draw_pps(
    frame: SizedFrame,
    size: int,
    *,
    method: PpsMethod,
    seed: int,
    certainty: Certainty = Certainty.TAKE,
) -> PpsSample:
    """Draw n units with chances proportional to their sizes.

    The stream is that of the seed and the method's name. Units with codes are drawn in the order
    of their codes, so that sorting the frame anew changes nothing; `PpsMethod.SYSTEMATIC` and
    frames without codes follow the order given.

    Parameters
    ----------
    frame : SizedFrame of N units
    size : int
        n, certain units included.
    method : PpsMethod
    seed : int
        From 0, below 2⁶³.
    certainty : Certainty

    Returns
    -------
    PpsSample

    Raises
    ------
    SizeError
        As in `pps_inclusion`.
    DrawError
        The seed is out of range, or the method's table would be too large.

    Examples
    --------
    >>> frame = SizedFrame(sizes=[90, 9, 1, 1], codes=["A", "B", "C", "D"])
    >>> draw_pps(frame, 3, method=PpsMethod.SAMPFORD, seed=2022).record.selected
    ('A', 'B', 'C')
    """
    refuse_bad_seed(seed)
    inclusion = pps_inclusion(frame, size, certainty=certainty)
    order = _drawing_order(frame, inclusion, method)
    chosen = draw_rows(inclusion, method, stream(seed, "pps", method.value), order=order)
    if method is not PpsMethod.SYSTEMATIC:
        chosen = frame.by_code(chosen)
    selected = tuple(frame.name(row) for row in chosen.tolist())
    record = DrawRecord(
        method=f"pps-{method.value}",
        version=VERSION,
        seed=seed,
        frame_digest=frame.digest,
        parameters=(
            ("certainty", certainty.value),
            *_walked(frame, method),
            ("size", size),
            ("zeros", frame.zeros),
        ),
        selected=selected,
        result_digest=result_digest(selected),
    )
    return PpsSample(
        rows=chosen,
        probabilities=inclusion.probabilities[chosen],
        certain=np.isin(chosen, inclusion.certain),
        method=method,
        inclusion=inclusion,
        record=record,
    )


def draw_rows(
    inclusion: Inclusion,
    method: PpsMethod,
    rng: np.random.Generator,
    *,
    order: Rows | None = None,
) -> Rows:
    """Draw rows with given inclusion probabilities; the certain ones are among them.

    Parameters
    ----------
    inclusion : Inclusion
    method : PpsMethod
    rng : numpy.random.Generator
        On a bit generator with 64-bit words.
    order : array of int64, optional
        The order in which the method meets ``inclusion.rows``; theirs without it.

    Returns
    -------
    array of int64, shape (n,)
        Ascending.

    Raises
    ------
    DrawError
        The method's table would be too large.

    Examples
    --------
    >>> inclusion = pps_inclusion(SizedFrame(sizes=[90, 9, 1, 1]), 3)
    >>> draw_rows(inclusion, PpsMethod.BREWER, stream(2022)).tolist()
    [0, 1, 2]
    """
    if inclusion.rest is None:
        return inclusion.certain
    rest = inclusion.rest if order is None else _reordered(inclusion.rest, order)
    drawn = _KERNELS[method](rest, rng)
    places = drawn if order is None else order[drawn]
    return np.sort(np.concatenate([inclusion.certain, inclusion.rows[places]]))


def verify_pps(record: DrawRecord, frame: SizedFrame) -> Difference | None:
    """Draw again from a record and name the first difference.

    Parameters
    ----------
    record : DrawRecord
    frame : SizedFrame
        The frame that it claims to be drawn from.

    Returns
    -------
    Difference or None
        None when the record is the draw.

    Raises
    ------
    PlanError
        The record lacks a parameter.
    DrawError
        The record names no method of this module, or its frame cannot carry the draw.
    """
    again = draw_pps(
        frame,
        record.whole("size"),
        method=record.drawn_by("pps", PpsMethod, "of drawing by size"),
        seed=record.seed,
        certainty=record.choice("certainty", Certainty),
    )
    return first_difference(again.record, record)


def joint_probabilities(
    inclusion: Inclusion, method: PpsMethod, *, rows: ArrayLike | None = None
) -> Floats:
    """Compute joint inclusion probabilities of units under a method.

    Parameters
    ----------
    inclusion : Inclusion of N units
    method : PpsMethod
        `PpsMethod.SYSTEMATIC` along the frame's order.
    rows : array-like of int, shape (m,), optional
        Units wanted, for instance the drawn ones; all N without it.

    Returns
    -------
    array of float64, shape (m, m)
        Symmetric, with first-order probabilities on the diagonal: for `PpsMethod.PARETO` the exact
        ones, which differ a little from those of the inclusion.

    Raises
    ------
    DrawError
        The method has no formula that would end for so many units.

    Examples
    --------
    >>> inclusion = pps_inclusion(SizedFrame(sizes=[2, 1, 1]), 1)
    >>> joint_probabilities(inclusion, PpsMethod.BREWER).tolist()
    [[0.5, 0.0, 0.0], [0.0, 0.25, 0.0], [0.0, 0.0, 0.25]]
    """
    count = len(inclusion.probabilities)
    wanted = np.arange(count) if rows is None else np.asarray(rows, dtype=np.int64)
    first = inclusion.probabilities[wanted]
    joint = first[:, None] * first  # right where one of the two is certain or out of scope
    place = np.full(count, -1, dtype=np.int64)
    place[inclusion.rows] = np.arange(len(inclusion.rows))
    left = np.flatnonzero(place[wanted] >= 0)
    if inclusion.rest is not None and left.size:
        joint[np.ix_(left, left)] = _JOINT[method](inclusion.rest, place[wanted[left]])
        exact = joint.diagonal().copy()
        sure = np.flatnonzero(first == 1)
        joint[sure] = np.where(first == 1, 1.0, exact)
        joint[:, sure] = joint[sure].T
    np.fill_diagonal(joint, np.where(place[wanted] >= 0, joint.diagonal(), first))
    return joint


def _walked(frame: SizedFrame, method: PpsMethod) -> tuple[tuple[str, Parameter], ...]:
    """Record the order of the codes where the method walks along it."""
    if frame.codes is None or method is not PpsMethod.SYSTEMATIC:
        return ()
    return ((ORDER, digest_of_order(frame.codes)),)


def _drawing_order(frame: SizedFrame, inclusion: Inclusion, method: PpsMethod) -> Rows | None:
    """Order the units left by code where the method does not depend on their order."""
    if frame.codes is None or method is PpsMethod.SYSTEMATIC or inclusion.rest is None:
        return None
    return np.searchsorted(inclusion.rows, frame.by_code(inclusion.rows))


def _reordered(rest: Remainder, order: Rows) -> Remainder:
    """Put the units left in another order."""
    return Remainder(sizes=rest.sizes[order], total=rest.total, size=rest.size)


_KERNELS: Mapping[PpsMethod, Callable[[Remainder, np.random.Generator], Rows]] = {
    PpsMethod.SYSTEMATIC: pps_draws.systematic,
    PpsMethod.SAMPFORD: pps_draws.sampford,
    PpsMethod.PARETO: pps_draws.pareto,
    PpsMethod.TILLE: pps_draws.tille,
    PpsMethod.MIDZUNO: pps_draws.midzuno,
    PpsMethod.BREWER: pps_draws.brewer,
    PpsMethod.MAXIMUM_ENTROPY: pps_draws.maximum_entropy,
}
_JOINT: Mapping[PpsMethod, Callable[[Remainder, Rows], Floats]] = {
    PpsMethod.SYSTEMATIC: pps_joint.systematic_joint,
    PpsMethod.SAMPFORD: pps_joint.sampford_joint,
    PpsMethod.PARETO: pps_joint.pareto_joint,
    PpsMethod.TILLE: pps_joint.tille_joint,
    PpsMethod.MIDZUNO: pps_joint.midzuno_joint,
    PpsMethod.BREWER: pps_joint.brewer_joint,
    PpsMethod.MAXIMUM_ENTROPY: pps_joint.maximum_entropy_joint,
}
