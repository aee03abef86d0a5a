"""Pairs of forms with nearly the same answers, by percent match.

All pairs are compared, in blocks of forms: matches are inner products of indicator vectors, so a
round of some thousand forms takes seconds. A high match is a question to ask, not a verdict:
people who agree also match, so read it beside the distribution of every form's nearest match.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.errors import ScoreError, VariableError

__all__ = ["DuplicatePair", "NearDuplicates", "near_duplicates"]

BLOCK = 512  # forms compared with all later ones at a time
SIMPLEST = np.float32  # exact for counts below 2**24; shares are taken in float64


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePair:
    """Two forms by position, the items both answered, and how many they answered alike."""

    first: int
    second: int
    shared: int
    alike: int

    @property
    def match(self) -> float:
        """The share of shared items answered alike."""
        return self.alike / self.shared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearDuplicates:
    """The closest ``pairs``, best match first; ``count`` is how many reach the threshold.

    ``nearest`` has shape (forms,): each form's highest match, NaN where no pair shares enough.
    """

    pairs: tuple[DuplicatePair, ...]
    count: int
    nearest: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Vectors:
    """One-hot answers and marks of answered items, shape (forms, …)."""

    answers: NDArray[np.float32]
    answered: NDArray[np.float32]


def near_duplicates(
    forms: pd.DataFrame, *, threshold: float = 0.85, minimum: int = 20, most: int = 1000
) -> NearDuplicates:
    """Find pairs of forms that match on at least ``threshold`` of the items both answered.

    Parameters
    ----------
    forms : DataFrame, one row per form and one column per item
        Codes of any kind; missing where there is no valid answer, which matches nothing.
    threshold : float in (0, 1]
    minimum : int
        Pairs with fewer shared items are not judged.
    most : int
        Pairs returned, the closest ones; all are counted.

    Raises
    ------
    VariableError
        On a table without rows or columns.
    ScoreError
        On a threshold, minimum or number out of range.

    References
    ----------
    Kuriakose, Robbins (2016), Statistical Journal of the IAOS 32: percent match and its threshold
    0.85, and why it depends on the number of items and the agreement in the population.

    Examples
    --------
    >>> forms = pd.DataFrame({"a": [1, 1, 2], "b": [2, 2, 2], "c": [3, 3, 1], "d": [4, 1, 1]})
    >>> found = near_duplicates(forms, threshold=0.75, minimum=4)
    >>> [(pair.first, pair.second, pair.match) for pair in found.pairs]
    [(0, 1, 0.75)]
    """
    if not (0 < threshold <= 1 and minimum >= 1 and most >= 1):
        raise ScoreError(
            f"need 0 < threshold <= 1, minimum >= 1, most >= 1; got {threshold}, {minimum}, {most}"
        )
    if not forms.size:
        raise VariableError(f"the table has {len(forms)} forms and {forms.shape[1]} items")
    vectors = _vectors(forms)
    nearest = np.full(len(forms), -1.0)
    kept: NDArray[np.float64] = np.empty((0, 4))
    count = 0
    for start in range(0, len(forms), BLOCK):
        alike, shared = _compared(vectors, start)
        match = np.full(alike.shape, -1.0)
        np.divide(alike, shared, out=match, where=shared >= minimum, dtype=np.float64)
        stop = start + len(match)
        nearest[start:stop] = np.maximum(nearest[start:stop], match.max(axis=1))
        nearest[start:] = np.maximum(nearest[start:], match.max(axis=0))
        rows, columns = np.nonzero(match >= threshold)
        count += len(rows)
        found = np.column_stack(
            [rows + start, columns + start, shared[rows, columns], alike[rows, columns]]
        )
        kept = _closest(np.vstack([kept, found]), most)
    pairs = tuple(
        DuplicatePair(first=int(a), second=int(b), shared=int(s), alike=int(k))
        for a, b, s, k in kept
    )
    return NearDuplicates(pairs=pairs, count=count, nearest=np.where(nearest < 0, np.nan, nearest))


def _vectors(forms: pd.DataFrame) -> _Vectors:
    indicators = []
    answered = np.empty(forms.shape, dtype=SIMPLEST)
    for place in range(forms.shape[1]):
        codes, labels = pd.factorize(forms.iloc[:, place])
        answered[:, place] = codes >= 0
        indicators.append((codes[:, None] == _repeated(codes, len(labels))).astype(SIMPLEST))
    return _Vectors(answers=np.hstack(indicators), answered=answered)


def _repeated(codes: NDArray[np.intp], levels: int) -> NDArray[np.intp]:
    """Return codes that more than one form gave: the others cannot match."""
    return np.flatnonzero(np.bincount(codes[codes >= 0], minlength=levels) > 1)


def _compared(vectors: _Vectors, start: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Items alike and items shared of a block with itself and all later forms.

    Pairs already seen, and a form with itself, share nothing.
    """
    stop = min(start + BLOCK, len(vectors.answers))
    alike = vectors.answers[start:stop] @ vectors.answers[start:].T
    shared = vectors.answered[start:stop] @ vectors.answered[start:].T
    shared[np.tril_indices(stop - start)] = 0
    return alike, shared


def _closest(pairs: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Sort pairs by match, then by more shared items, then by position, and keep the first."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -pairs[:, 2], -pairs[:, 3] / pairs[:, 2]))
    return pairs[order[:most]]
