"""What a cross-rating is asked to be: raters, units, needs and conflicts, with every fault named.

A rater never rates the own unit unless the request says so. Other conflicts of interest are
declared, by rater or by the rater's unit, never guessed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sampling.frame import is_count, nfc

__all__ = [
    "Rater",
    "RatingFault",
    "RatingNeed",
    "RatingProblem",
    "RatingRequest",
    "check_request",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rater:
    """Somebody who can rate: a code, the unit that the rater belongs to, and the kind of rater."""

    code: str
    unit: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingNeed:
    """How many raters of a kind each unit gets, and the most units that one of them rates."""

    kind: str
    per_unit: int
    most_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRequest:
    """Everything that an assignment depends on except the seed.

    ``conflicts`` are pairs of rater and unit, ``unit_conflicts`` pairs of a rater's unit and a
    unit; ``own_unit`` true lets raters rate the unit that they belong to.
    """

    raters: tuple[Rater, ...]
    units: tuple[str, ...]
    needs: tuple[RatingNeed, ...]
    conflicts: tuple[tuple[str, str], ...] = ()
    unit_conflicts: tuple[tuple[str, str], ...] = ()
    own_unit: bool = False

    @property
    def digest(self) -> str:
        """Hash the content (SHA-256, hexadecimal); neither order nor NFC/NFD spelling matters."""
        content = {
            "raters": sorted([nfc(one.code), nfc(one.unit), nfc(one.kind)] for one in self.raters),
            "units": sorted(nfc(unit) for unit in self.units),
            "needs": sorted([nfc(one.kind), one.per_unit, one.most_units] for one in self.needs),
            "conflicts": _leveled(self.conflicts),
            "unit_conflicts": _leveled(self.unit_conflicts),
            "own_unit": self.own_unit,
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def forbidden(self) -> set[tuple[str, str]]:
        """List the pairs of rater and unit that must not be, in NFC.

        Returns
        -------
        set of (rater code, unit)
        """
        pairs = {(nfc(rater), nfc(unit)) for rater, unit in self.conflicts}
        apart = {(nfc(home), nfc(unit)) for home, unit in self.unit_conflicts}
        units = [nfc(unit) for unit in self.units]
        for rater in self.raters:
            home = nfc(rater.unit)
            pairs |= {
                (nfc(rater.code), unit)
                for unit in units
                if (home, unit) in apart or (unit == home and not self.own_unit)
            }
        return pairs


class RatingFault(StrEnum):
    """The catalogue of what can be wrong with a request."""

    EMPTY = "rating-empty"
    CODE_BLANK = "rating-code-blank"
    RATER_TWICE = "rating-rater-twice"
    UNIT_TWICE = "rating-unit-twice"
    NEED_TWICE = "rating-need-twice"
    NEED_OUT_OF_RANGE = "rating-need-out-of-range"
    KIND_UNKNOWN = "rating-kind-unknown"
    CONFLICT_UNKNOWN = "rating-conflict-unknown"
    TOO_FEW_PLACES = "rating-too-few-places"
    TOO_FEW_RATERS = "rating-too-few-raters"


# English message ids with %-placeholders: a caller translates the id, then fills in `params`.
MESSAGES: Mapping[RatingFault, str] = {
    RatingFault.EMPTY: "there are %(raters)s raters, %(units)s units and %(needs)s needs; give all",
    RatingFault.CODE_BLANK: "a code is blank; write a plain code",
    RatingFault.RATER_TWICE: "this rater is given %(count)s times; keep one",
    RatingFault.UNIT_TWICE: "this unit is given %(count)s times; keep one",
    RatingFault.NEED_TWICE: "the need of this kind is given %(count)s times; keep one",
    RatingFault.NEED_OUT_OF_RANGE: (
        "a unit needs %(per_unit)s raters and a rater rates at most %(most_units)s units; both "
        "must be whole numbers from 1"
    ),
    RatingFault.KIND_UNKNOWN: "no need is written for raters of this kind (%(value)s); write one",
    RatingFault.CONFLICT_UNKNOWN: "the conflict names %(value)s, which is neither rater nor unit",
    RatingFault.TOO_FEW_PLACES: (
        "%(units)s units need %(per_unit)s raters each, %(needed)s ratings; %(raters)s raters of "
        "at most %(most_units)s units give %(places)s; allow more units per rater, or ask more "
        "raters"
    ),
    RatingFault.TOO_FEW_RATERS: (
        "only %(count)s raters of the kind %(kind)s may rate this unit, it needs %(per_unit)s; "
        "ask more raters or review the conflicts"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingProblem:
    """One problem of a request: its code, its place and the values that its message names."""

    code: RatingFault
    place: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict, hash=False)

    @property
    def template(self) -> str:
        """The English message id, with the placeholders that ``params`` fills."""
        return MESSAGES[self.code]

    @property
    def message(self) -> str:
        """The English message with its values."""
        return self.template % self.params

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def check_request(request: RatingRequest) -> list[RatingProblem]:
    """Find everything that keeps a request from being served.

    Parameters
    ----------
    request : RatingRequest

    Returns
    -------
    list of RatingProblem
        Every problem; empty when the request is sound. A sound request may still be impossible
        where conflicts meet: `sampling.assignments.assign` then names the units left short.

    Examples
    --------
    >>> request = RatingRequest(
    ...     raters=(Rater(code="r1", unit="SO01", kind="LD"),), units=("SO01",),
    ...     needs=(RatingNeed(kind="LD", per_unit=1, most_units=3),))
    >>> print(*check_request(request))  # doctest: +NORMALIZE_WHITESPACE
    SO01: only 0 raters of the kind LD may rate this unit, it needs 1; ask more raters or review
    the conflicts
    """
    if not (request.raters and request.units and request.needs):
        counts = {
            "raters": len(request.raters),
            "units": len(request.units),
            "needs": len(request.needs),
        }
        return [RatingProblem(code=RatingFault.EMPTY, params=counts)]
    problems = [*_repeated(request), *_blank(request), *_needs(request), *_conflicts(request)]
    return problems or [*_places(request), *_eligible(request)]


def _leveled(pairs: tuple[tuple[str, str], ...]) -> list[list[str]]:
    """Sort pairs in NFC, each once."""
    return [list(pair) for pair in sorted({(nfc(one), nfc(other)) for one, other in pairs})]


def _repeated(request: RatingRequest) -> Iterator[RatingProblem]:
    """Report what is given more than once."""
    columns = (
        (RatingFault.RATER_TWICE, [nfc(rater.code) for rater in request.raters]),
        (RatingFault.UNIT_TWICE, [nfc(unit) for unit in request.units]),
        (RatingFault.NEED_TWICE, [nfc(need.kind) for need in request.needs]),
    )
    for code, names in columns:
        for name, count in Counter(names).items():
            if count > 1:
                yield RatingProblem(code=code, place=name, params={"count": count})


def _blank(request: RatingRequest) -> Iterator[RatingProblem]:
    """Report codes that name nothing."""
    codes = [*request.units, *(need.kind for need in request.needs)]
    codes += [part for rater in request.raters for part in (rater.code, rater.unit, rater.kind)]
    for code in codes:
        if not code.strip() or code != code.strip():
            yield RatingProblem(code=RatingFault.CODE_BLANK, place=repr(code))


def _needs(request: RatingRequest) -> Iterator[RatingProblem]:
    """Report needs out of range, and raters whose kind nobody needs."""
    for need in request.needs:
        if not all(is_count(number) and number for number in (need.per_unit, need.most_units)):
            params = {"per_unit": need.per_unit, "most_units": need.most_units}
            yield RatingProblem(code=RatingFault.NEED_OUT_OF_RANGE, place=need.kind, params=params)
    kinds = {nfc(need.kind) for need in request.needs}
    for rater in request.raters:
        if nfc(rater.kind) not in kinds:
            yield RatingProblem(
                code=RatingFault.KIND_UNKNOWN, place=rater.code, params={"value": rater.kind}
            )


def _conflicts(request: RatingRequest) -> Iterator[RatingProblem]:
    """Report conflicts that name nobody."""
    units = {nfc(unit) for unit in request.units}
    raters = {nfc(rater.code) for rater in request.raters}
    homes = {nfc(rater.unit) for rater in request.raters}
    for known, pairs in ((raters, request.conflicts), (homes, request.unit_conflicts)):
        for one, unit in pairs:
            for name, found in ((one, nfc(one) in known), (unit, nfc(unit) in units)):
                if not found:
                    yield RatingProblem(
                        code=RatingFault.CONFLICT_UNKNOWN,
                        place=f"{one}/{unit}",
                        params={"value": name},
                    )


def _places(request: RatingRequest) -> Iterator[RatingProblem]:
    """Report kinds whose raters cannot make enough ratings."""
    counts = Counter(nfc(rater.kind) for rater in request.raters)
    for need in request.needs:
        needed = need.per_unit * len(request.units)
        places = counts[nfc(need.kind)] * min(need.most_units, len(request.units))
        if places < needed:
            yield RatingProblem(
                code=RatingFault.TOO_FEW_PLACES,
                place=need.kind,
                params={
                    "units": len(request.units),
                    "per_unit": need.per_unit,
                    "needed": needed,
                    "raters": counts[nfc(need.kind)],
                    "most_units": need.most_units,
                    "places": places,
                },
            )


def _eligible(request: RatingRequest) -> Iterator[RatingProblem]:
    """Report units that too few raters of a kind may rate."""
    forbidden = request.forbidden()
    for need in request.needs:
        raters = [nfc(one.code) for one in request.raters if nfc(one.kind) == nfc(need.kind)]
        for unit in request.units:
            count = sum((rater, nfc(unit)) not in forbidden for rater in raters)
            if count < need.per_unit:
                yield RatingProblem(
                    code=RatingFault.TOO_FEW_RATERS,
                    place=unit,
                    params={"count": count, "kind": need.kind, "per_unit": need.per_unit},
                )
