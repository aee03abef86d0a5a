"""The plan: which positions of which list are asked, reproducible from a frame and one seed.

Each stratum draws from a random stream of its own, derived from the seed and the stratum's codes.
One stream for the whole frame would make a late correction in one unit redraw every unit after it.
"""

import dataclasses
import hashlib
import json
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling.allocation import (
    AllocatedStratum,
    NoQuota,
    Quota,
    Total,
    allocate,
    sum_strata,
    totals_by_unit_group,
)
from sampling.errors import DrawError, FrameError, PlanError
from sampling.frame import Frame, Selection, check_frame, is_count
from sampling.selection import draw_positions, draw_systematic
from sampling.streams import refuse_bad_seed, stream

__all__ = [
    "METHOD",
    "SYSTEMATIC",
    "VERSION",
    "Difference",
    "Plan",
    "PlannedStratum",
    "draw",
    "verify",
]

METHOD = "srswor-fisher-yates-pcg64"
VERSION = 1  # of the algorithm: one more whenever the same seed would draw other positions
SYSTEMATIC = "systematic-whole-number-pcg64"
_METHODS = {METHOD: draw_positions, SYSTEMATIC: draw_systematic}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStratum:
    """A stratum of a plan; a picked one has slots but no positions."""

    unit: str
    unit_group: str
    group: str
    population: int
    planned: int
    size: int
    shortfall: int
    selection: Selection
    selected: tuple[int, ...]
    reserve: tuple[int, ...]

    @property
    def slots(self) -> range:
        """Numbers of the forms, 1 to ``size``; slot k of a drawn stratum is ``selected[k − 1]``."""
        return range(1, self.size + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything needed to ask the sample and to draw it again, ordered by unit and group."""

    seed: int
    method: str
    version: int
    frame_digest: str
    reserves: int
    strata: tuple[PlannedStratum, ...]
    without_quota: tuple[NoQuota, ...] = ()

    @property
    def digest(self) -> str:
        """Hash the plan's canonical JSON (SHA-256, hexadecimal)."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def totals(self) -> dict[str, Total]:
        """Add up the strata of each unit group.

        Returns
        -------
        dict of str to Total
            By unit group.
        """
        return totals_by_unit_group(self.strata)

    def total(self) -> Total:
        """Add up all strata.

        Returns
        -------
        Total
        """
        return sum_strata(self.strata)

    def to_dict(self) -> dict[str, Any]:
        """Lay the plan out as JSON values.

        The digest is not among them: it is kept beside the document, so that a changed document
        can still be read and `verify` can name what was changed.

        Returns
        -------
        dict
            Of numbers, strings, lists and dicts only.
        """
        content = dataclasses.asdict(self)
        content["strata"] = [
            {
                **stratum,
                "selection": stratum["selection"].value,
                "selected": list(stratum["selected"]),
                "reserve": list(stratum["reserve"]),
            }
            for stratum in content["strata"]
        ]
        content["without_quota"] = list(content["without_quota"])
        return content

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Plan":
        """Read what `to_dict` wrote.

        Parameters
        ----------
        content : mapping

        Returns
        -------
        Plan

        Raises
        ------
        PlanError
            A field is missing, unknown or of another type than `to_dict` writes.
        """
        _refuse_other_fields(cls, content, "plan")
        rest = {
            name: _typed(content[name], kind, f"plan.{name}") for name, kind in _PLAN_KINDS.items()
        }
        return cls(
            **rest,
            strata=tuple(
                _read_stratum(item, f"plan.strata[{row}]")
                for row, item in enumerate(_items(content, "strata"))
            ),
            without_quota=tuple(
                _read_no_quota(item, f"plan.without_quota[{row}]")
                for row, item in enumerate(_items(content, "without_quota"))
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where a plan first departs from the draw it claims to be."""

    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.place}: the draw gives {self.expected}, the plan says {self.found}"


def draw(
    frame: Frame, quotas: Sequence[Quota], *, seed: int, reserves: int, method: str = METHOD
) -> Plan:
    """Allocate the quotas and draw every stratum of the frame.

    Independent between strata; within each, simple random sampling without replacement, or
    systematic sampling along the unit's list.
    The stream of a stratum is PCG64 seeded by ``SeedSequence([seed, w₁ … w₈])``, where w are the
    big-endian 32-bit words of SHA-256(unit ‖ U+001F ‖ group) in NFC and UTF-8. Neither the order
    of the frame nor other units change a stratum's draw.

    Parameters
    ----------
    frame : Frame
    quotas : sequence of Quota
    seed : int
        From 0, below 2⁶³. Publish it only after the lists are dated: who knows the seed before
        can order a list to suit.
    reserves : int
        Reserve positions per stratum; fewer where the list ends.
    method : {METHOD, SYSTEMATIC}
        See `draw_positions` and `draw_systematic`.

    Returns
    -------
    Plan
        Picked strata have ``selected == ()`` and ``reserve == ()``.

    Raises
    ------
    FrameError
        `check_frame` finds problems; the error carries them all.
    QuotaError
        See `allocate`.
    DrawError
        The seed or the number of reserves is out of range, or the method is unknown.

    Examples
    --------
    >>> from sampling import Frame, FrameStratum, Quota, Selection, draw
    >>> leaders = FrameStratum(
    ...     unit="SO01", unit_group="cap_so", group="LD", population=8,
    ...     selection=Selection.POSITIONS)
    >>> quotas = [Quota(unit_group="cap_so", group="LD", size=5)]
    >>> plan = draw(Frame(strata=(leaders,)), quotas, seed=2022, reserves=2)
    >>> plan.strata[0].selected, plan.strata[0].reserve
    ((2, 3, 5, 6, 7), (8, 4))
    """
    _refuse_bad_draw(seed, reserves, method)
    problems = check_frame(frame)
    if problems:
        raise FrameError(problems)
    allocation = allocate(frame, quotas)
    return Plan(
        seed=seed,
        method=method,
        version=VERSION,
        frame_digest=frame.digest,
        reserves=reserves,
        strata=tuple(_drawn(stratum, seed, reserves, method) for stratum in allocation.strata),
        without_quota=allocation.without_quota,
    )


def verify(plan: Plan, frame: Frame, quotas: Sequence[Quota]) -> Difference | None:
    """Draw again from the plan's seed and name the first difference.

    Method and version are compared first, then the strata in order, then what has no quota, and
    the frame's digest last: a changed head count is then named by its unit rather than by a hash,
    and a bare digest difference means that names or the way of selection outside it changed.

    Parameters
    ----------
    plan : Plan
        The plan in question.
    frame : Frame
        The frame that it claims to be drawn from.
    quotas : sequence of Quota

    Returns
    -------
    Difference or None
        None when the plan is the draw.

    Raises
    ------
    FrameError, QuotaError, DrawError
        As in `draw`: the frame, the quotas or the plan's seed cannot carry a draw.
    """
    method = plan.method if plan.method in _METHODS else METHOD
    again = draw(frame, quotas, seed=plan.seed, reserves=plan.reserves, method=method)
    for name in ("method", "version"):
        difference = _compare(again, plan, name, name)
        if difference:
            return difference
    return (
        _compare_strata(again, plan)
        or _compare(again, plan, "without_quota", "without_quota")
        or _compare(again, plan, "frame_digest", "frame_digest")
    )


def _refuse_bad_draw(seed: int, reserves: int, method: str) -> None:
    """Refuse seeds and reserve counts out of range, and methods that nobody wrote."""
    refuse_bad_seed(seed)
    if not is_count(reserves):
        raise DrawError(f"reserves is {reserves}; it must be a whole number from 0")
    if method not in _METHODS:
        raise DrawError(f"the method is {method!r}; it must be one of {', '.join(_METHODS)}")


def _drawn(stratum: AllocatedStratum, seed: int, reserves: int, method: str) -> PlannedStratum:
    """Draw one allocated stratum from its own stream."""
    selected: tuple[int, ...] = ()
    reserve: tuple[int, ...] = ()
    if stratum.selection is not Selection.PICKED:
        rng = stream(seed, stratum.unit, stratum.group)
        selected, reserve = _METHODS[method](stratum.population, stratum.size, reserves, rng)
    return PlannedStratum(
        unit=stratum.unit,
        unit_group=stratum.unit_group,
        group=stratum.group,
        population=stratum.population,
        planned=stratum.planned,
        size=stratum.size,
        shortfall=stratum.shortfall,
        selection=stratum.selection,
        selected=selected,
        reserve=reserve,
    )


def _compare(again: object, found: object, name: str, place: str) -> Difference | None:
    """Compare one attribute, down to the item where it is a tuple."""
    get = operator.attrgetter(name)
    expected, actual = get(again), get(found)
    if expected == actual:
        return None
    if isinstance(expected, tuple) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        row, (expected, actual) = next(pair for pair in pairs if pair[1][0] != pair[1][1])
        place = f"{place}[{row}]"
    return Difference(place=place, expected=repr(expected), found=repr(actual))


def _compare_strata(again: Plan, plan: Plan) -> Difference | None:
    """Compare strata in order: first which, then their fields, positions last."""
    for row in range(max(len(again.strata), len(plan.strata))):
        place = f"strata[{row}]"
        expected, found = (_name_of(side, row) for side in (again, plan))
        if expected != found:
            return Difference(place=place, expected=expected, found=found)
        for field in dataclasses.fields(PlannedStratum):
            difference = _compare(
                again.strata[row], plan.strata[row], field.name, f"{expected}.{field.name}"
            )
            if difference:
                return difference
    return None


def _name_of(plan: Plan, row: int) -> str:
    """Name the stratum in a row, or say that there is none."""
    if row >= len(plan.strata):
        return "no stratum"
    return f"{plan.strata[row].unit}/{plan.strata[row].group}"


_PLAN_KINDS: Mapping[str, type] = {
    "seed": int,
    "method": str,
    "version": int,
    "frame_digest": str,
    "reserves": int,
}
_STRATUM_KINDS: Mapping[str, type] = {
    "unit": str,
    "unit_group": str,
    "group": str,
    "population": int,
    "planned": int,
    "size": int,
    "shortfall": int,
}


def _typed(value: object, kind: type, place: str) -> Any:  # noqa: ANN401 - a JSON value, now checked
    """Refuse a JSON value of another type (true is no number here)."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise PlanError(f"{place} must be of type {kind.__name__}, not {value!r}")
    return value


def _items(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a list of JSON objects."""
    items: list[Mapping[str, Any]] = _typed(content[name], list, f"plan.{name}")
    for row, item in enumerate(items):
        _typed(item, dict, f"plan.{name}[{row}]")
    return items


def _refuse_other_fields(kind: type, content: Mapping[str, Any], place: str) -> None:
    """Refuse missing and unknown fields, naming them."""
    wanted = {field.name for field in dataclasses.fields(kind)}
    missing, unknown = sorted(wanted - set(content)), sorted(set(content) - wanted)
    if missing or unknown:
        raise PlanError(
            f"{place} is not a plan this version writes: missing {missing}, unknown {unknown}"
        )


def _read_stratum(content: Mapping[str, Any], place: str) -> PlannedStratum:
    """Read one stratum."""
    _refuse_other_fields(PlannedStratum, content, place)
    rest = {
        name: _typed(content[name], kind, f"{place}.{name}")
        for name, kind in _STRATUM_KINDS.items()
    }
    if content["selection"] not in list(Selection):
        raise PlanError(
            f"{place}.selection is {content['selection']!r}; it must be one of "
            f"{', '.join(Selection)}"
        )
    return PlannedStratum(
        **rest,
        selection=Selection(content["selection"]),
        selected=_positions(content["selected"], f"{place}.selected"),
        reserve=_positions(content["reserve"], f"{place}.reserve"),
    )


def _positions(content: object, place: str) -> tuple[int, ...]:
    """Read a list of positions."""
    items = _typed(content, list, place)
    return tuple(_typed(item, int, f"{place}[{row}]") for row, item in enumerate(items))


def _read_no_quota(content: Mapping[str, Any], place: str) -> NoQuota:
    """Read one entry of what has no quota."""
    _refuse_other_fields(NoQuota, content, place)
    group = content["group"]
    return NoQuota(
        unit=_typed(content["unit"], str, f"{place}.unit"),
        unit_group=_typed(content["unit_group"], str, f"{place}.unit_group"),
        group=None if group is None else _typed(group, str, f"{place}.group"),
    )
