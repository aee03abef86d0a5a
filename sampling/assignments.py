"""Who rates whom: cross-rating assignments that a council can have made again in its presence.

Raters are severe or mild, so units are compared fairly only where raters link them: every two
units should share raters equally often, which a balanced incomplete block design does exactly and
an optimiser as evenly as conflicts allow. The same request and seed give the same assignment.
"""

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sampling.designs import BlockDesign, balanced_design, concurrence
from sampling.errors import AssignmentError
from sampling.frame import nfc
from sampling.plan import Difference
from sampling.rating_optimiser import Task, assign_kind, connect
from sampling.rating_precision import RatingOutlook, expected_precision
from sampling.rating_request import (
    Rater,
    RatingFault,
    RatingNeed,
    RatingProblem,
    RatingRequest,
    check_request,
)
from sampling.streams import refuse_bad_seed, stream

__all__ = [
    "VERSION",
    "Assignments",
    "BlockDesign",
    "Rater",
    "Rating",
    "RatingFault",
    "RatingNeed",
    "RatingOutlook",
    "RatingProblem",
    "RatingRequest",
    "assign",
    "balanced_design",
    "check_request",
    "concurrence",
    "expected_precision",
    "verify_assignments",
]

VERSION = 1  # of the algorithm: one more whenever the same seed would give other assignments


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One thing to do: this rater, of this kind, rates this unit."""

    rater: str
    kind: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    """All ratings, ordered by kind, rater and unit, and what they were made from."""

    seed: int
    version: int
    request_digest: str
    methods: tuple[tuple[str, str], ...]
    ratings: tuple[Rating, ...]

    @property
    def digest(self) -> str:
        """Hash the canonical JSON (SHA-256, hexadecimal)."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def burdens(self) -> dict[str, int]:
        """Count the units of each rater who has any.

        Returns
        -------
        dict of str to int
            By rater.
        """
        return dict(sorted(Counter(rating.rater for rating in self.ratings).items()))

    def blocks(self) -> dict[str, tuple[str, ...]]:
        """List the units of each rater who has any.

        Returns
        -------
        dict of str to tuple of str
            By rater.
        """
        found: dict[str, list[str]] = {}
        for rating in self.ratings:
            found.setdefault(rating.rater, []).append(rating.unit)
        return {rater: tuple(units) for rater, units in sorted(found.items())}

    def together(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """Count for every two units the raters that they share.

        Returns
        -------
        tuple of str, and array of int64 of shape (units, units)
            Units in order; the diagonal counts the raters of each.
        """
        units = tuple(sorted({rating.unit for rating in self.ratings}))
        places = {unit: row for row, unit in enumerate(units)}
        blocks = [[places[unit] for unit in block] for block in self.blocks().values()]
        return units, concurrence(blocks, len(units))

    def to_dict(self) -> dict[str, Any]:
        """Lay the assignment out as JSON values.

        Returns
        -------
        dict
            Of numbers, strings, lists and dicts only.
        """
        content = dataclasses.asdict(self)
        content["methods"] = dict(self.methods)
        content["ratings"] = [[one.kind, one.rater, one.unit] for one in self.ratings]
        return content

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Assignments":
        """Read what `to_dict` wrote.

        Parameters
        ----------
        content : mapping

        Returns
        -------
        Assignments

        Raises
        ------
        AssignmentError
            A field is missing or of another shape than `to_dict` writes.
        """
        try:
            return cls(
                seed=int(content["seed"]),
                version=int(content["version"]),
                request_digest=str(content["request_digest"]),
                methods=tuple(sorted((str(k), str(v)) for k, v in content["methods"].items())),
                ratings=tuple(
                    Rating(kind=str(kind), rater=str(rater), unit=str(unit))
                    for kind, rater, unit in content["ratings"]
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise AssignmentError(
                f"this is no assignment that version {VERSION} writes: {error!r}; "
                "read the file that `to_dict` wrote"
            ) from error


def assign(request: RatingRequest, *, seed: int) -> Assignments:
    """Assign raters to units.

    Each unit gets exactly the raters of each kind that it needs; burdens of one kind differ by at
    most one unit where conflicts allow it and never exceed the cap; nobody rates what the request
    excludes; all units are linked through raters. For each kind a balanced incomplete block
    design is used where one is known (`balanced_design`) and conflicts leave a matching of blocks
    to raters; otherwise an integer programme with random costs, then exchanges that even out how
    often two units meet.

    Parameters
    ----------
    request : RatingRequest
    seed : int
        From 0, below 2⁶³; publish it only after raters and conflicts are declared.

    Returns
    -------
    Assignments

    Raises
    ------
    AssignmentError
        `check_request` finds problems (all are listed), conflicts leave units short (they are
        named), or no exchange links all units.
    DrawError
        The seed is out of range.

    References
    ----------
    Bose (1939) for the designs; Eccleston and Hedayat (1974), connectedness and (M,S)-optimality,
    for what the exchanges minimise.

    Examples
    --------
    >>> raters = tuple(
    ...     Rater(code=f"r{k}", unit=f"SO{k}", kind="LD") for k in range(7))
    >>> request = RatingRequest(
    ...     raters=raters, units=tuple(f"SO{k}" for k in range(7)),
    ...     needs=(RatingNeed(kind="LD", per_unit=3, most_units=3),))
    >>> made = assign(request, seed=2022)
    >>> made.methods, made.burdens()["r0"]
    ((('LD', 'balanced design, cyclic difference family'),), 3)
    """
    refuse_bad_seed(seed)
    problems = check_request(request)
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise AssignmentError(
            f"the request has {len(problems)} problem(s), nothing was assigned:\n{lines}"
        )
    units = tuple(sorted(nfc(unit) for unit in request.units))
    needs = sorted(request.needs, key=lambda need: nfc(need.kind))
    methods: list[tuple[str, str]] = []
    done: list[tuple[NDArray[np.bool_], NDArray[np.bool_]]] = []
    together = np.zeros((len(units), len(units)), dtype=np.int64)
    for need in needs:
        task = _task(request, need, units)
        rng = stream(seed, "who-rates-whom", nfc(need.kind))
        marks, method = assign_kind(task, rng, together=together, names=units)
        together = together + marks.T.astype(np.int64) @ marks.astype(np.int64)
        methods.append((nfc(need.kind), method))
        done.append((marks, task.eligible))
    return Assignments(
        seed=seed,
        version=VERSION,
        request_digest=request.digest,
        methods=tuple(methods),
        ratings=_ratings(request, needs, units, connect(done)),
    )


def verify_assignments(assignments: Assignments, request: RatingRequest) -> Difference | None:
    """Assign again from the seed and name the first difference.

    Parameters
    ----------
    assignments : Assignments
        The ones in question.
    request : RatingRequest
        What they claim to be made from.

    Returns
    -------
    Difference or None
        None when they are the same.

    Raises
    ------
    AssignmentError, DrawError
        As in `assign`: the request or the seed cannot carry an assignment.
    """
    again = assign(request, seed=assignments.seed)
    for name in ("version", "request_digest", "methods"):
        expected, found = getattr(again, name), getattr(assignments, name)
        if expected != found:
            return Difference(place=name, expected=repr(expected), found=repr(found))
    for row in range(max(len(again.ratings), len(assignments.ratings))):
        expected, found = (_rating_at(side, row) for side in (again, assignments))
        if expected != found:
            return Difference(place=f"ratings[{row}]", expected=expected, found=found)
    return None


def _task(request: RatingRequest, need: RatingNeed, units: tuple[str, ...]) -> Task:
    """Lay out who of one kind may rate whom."""
    forbidden = request.forbidden()
    eligible = np.array(
        [[(rater, unit) not in forbidden for unit in units] for rater in _codes(request, need)]
    )
    return Task(
        kind=need.kind, eligible=eligible, per_unit=need.per_unit, most_units=need.most_units
    )


def _codes(request: RatingRequest, need: RatingNeed) -> list[str]:
    """List the raters of a kind in order."""
    return sorted(nfc(one.code) for one in request.raters if nfc(one.kind) == nfc(need.kind))


def _ratings(
    request: RatingRequest,
    needs: list[RatingNeed],
    units: tuple[str, ...],
    done: list[NDArray[np.bool_]],
) -> tuple[Rating, ...]:
    """Turn marks into ratings."""
    return tuple(
        Rating(kind=nfc(need.kind), rater=rater, unit=units[column])
        for need, marks in zip(needs, done, strict=True)
        for rater, row in zip(_codes(request, need), marks, strict=True)
        for column in np.flatnonzero(row)
    )


def _rating_at(assignments: Assignments, row: int) -> str:
    """Name the rating in a row, or say that there is none."""
    if row >= len(assignments.ratings):
        return "no rating"
    rating = assignments.ratings[row]
    return f"{rating.kind}/{rating.rater} rates {rating.unit}"
