"""The plan as a value and as JSON: its strata, its totals, and what a stored one must look like.

A stored plan is read strictly, field by field: a council compares documents years later, and a
plan that was almost understood would be worse than one that is refused.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sampling.allocation import NoQuota, Total, sum_strata, totals_by_unit_group
from sampling.errors import PlanError
from sampling.frame import Selection

__all__ = ["Difference", "Plan", "PlannedStratum"]


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
