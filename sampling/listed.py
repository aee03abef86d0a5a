"""Drawing coded units of one list with equal chances, and the seed of each of several lists.

A plan draws positions, because the names stay with the unit; here the list itself is at hand, so
the record holds codes, and its order matters only where the method walks along it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sampling.errors import DrawError
from sampling.frame import nfc
from sampling.plan import Difference
from sampling.records import (
    ORDER,
    DrawRecord,
    Parameter,
    digest_of_frame,
    digest_of_order,
    first_difference,
    result_digest,
)
from sampling.selection import draw_positions, draw_systematic
from sampling.streams import below, refuse_bad_seed, stream

__all__ = ["ListMethod", "ListedSample", "draw_listed", "stratum_seed", "verify_listed"]

VERSION = 1  # of the algorithms: one more whenever the same seed would draw other units
_SEEDS = 2**63


class ListMethod(StrEnum):
    """How units are drawn with equal chances: any set alike, or every (N/n)-th along the list."""

    SIMPLE = "simple"
    SYSTEMATIC = "systematic"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListedSample:
    """Rows of the drawn units, the reserves in the order in which they replace, and the record.

    ``rows`` are in the order of their codes, for `ListMethod.SYSTEMATIC` in that of the list.
    """

    rows: NDArray[np.int64]
    reserves: tuple[str, ...]
    record: DrawRecord


def stratum_seed(seed: int, stratum: str) -> int:
    """Derive the seed of one stratum, so that strata are drawn independently.

    Parameters
    ----------
    seed : int
        From 0, below 2⁶³.
    stratum : str
        NFC and NFD spelling give the same seed; blank for a frame without strata.

    Returns
    -------
    int
        Uniform below 2⁶³ from the stream of the seed and "stratum", stratum; ``seed`` itself for a
        frame without strata.

    Raises
    ------
    DrawError
        The seed is out of range.

    Examples
    --------
    >>> stratum_seed(2022, ""), stratum_seed(2022, "đô thị")
    (2022, 4280875829597107141)
    """
    refuse_bad_seed(seed)
    return below(_SEEDS, stream(seed, "stratum", nfc(stratum))) if stratum else seed


def draw_listed(
    codes: Sequence[str], size: int, *, method: ListMethod, seed: int, reserves: int = 0
) -> ListedSample:
    """Draw n of N coded units with equal chances n/N, and reserves behind them.

    The stream is that of the seed and "list", the method's name.

    Parameters
    ----------
    codes : sequence of N str
        For `ListMethod.SYSTEMATIC` in the order to walk along; else any order gives the same units.
    size : int
        n, from 0 to N.
    method : ListMethod
    seed : int
        From 0, below 2⁶³.
    reserves : int
        From 0; fewer where the list ends.

    Returns
    -------
    ListedSample

    Raises
    ------
    DrawError
        Codes that stand twice, n above N, or numbers out of range.

    Examples
    --------
    >>> draw_listed(["B", "A", "C"], 2, method=ListMethod.SIMPLE, seed=1).record.selected
    ('A', 'B')
    """
    refuse_bad_seed(seed)
    named = [nfc(code) for code in codes]
    _refuse_twice(named)
    order = list(range(len(named)))
    if method is ListMethod.SIMPLE:
        order.sort(key=named.__getitem__)
    walk = draw_positions if method is ListMethod.SIMPLE else draw_systematic
    places, spare = walk(len(order), size, reserves, stream(seed, "list", method.value))
    rows = np.array([order[place - 1] for place in places], dtype=np.int64)
    selected = tuple(named[row] for row in rows.tolist())
    behind = tuple(named[order[place - 1]] for place in spare)
    walked: tuple[tuple[str, Parameter], ...] = ()
    if method is ListMethod.SYSTEMATIC:
        walked = ((ORDER, digest_of_order(named)),)
    return ListedSample(
        rows=rows,
        reserves=behind,
        record=DrawRecord(
            method=f"list-{method.value}",
            version=VERSION,
            seed=seed,
            frame_digest=digest_of_frame(named),
            parameters=(*walked, ("reserves", reserves), ("size", size)),
            selected=selected,
            result_digest=result_digest([*selected, *behind]),
        ),
    )


def verify_listed(record: DrawRecord, codes: Sequence[str]) -> Difference | None:
    """Draw again from a record and name the first difference.

    Parameters
    ----------
    record : DrawRecord
    codes : sequence of N str

    Returns
    -------
    Difference or None
        None when the record is the draw.

    Raises
    ------
    PlanError
        The record lacks a parameter.
    DrawError
        The record names no method of this module, or the list cannot carry the draw.
    """
    again = draw_listed(
        codes,
        record.whole("size"),
        method=record.drawn_by("list", ListMethod, "of drawing from a list"),
        seed=record.seed,
        reserves=record.whole("reserves"),
    )
    return first_difference(again.record, record)


def _refuse_twice(codes: Sequence[str]) -> None:
    """Refuse codes that would not tell units apart."""
    twice = sorted(code for code, count in Counter(codes).items() if count > 1)
    if twice:
        raise DrawError(
            f"{len(twice)} of {len(set(codes))} codes stand more than once: {twice[:10]}; give "
            "every unit a code of its own"
        )
