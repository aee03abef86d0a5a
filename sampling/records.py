"""The record of a draw: what an auditor needs to make it again, and what it gave.

One record serves every method of this room beside the plan's own. It holds codes and whole numbers
only, so that two computers agree on it to the last byte; what is estimated from the draw is
computed again when needed.
"""

import dataclasses
import hashlib
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from sampling.errors import DrawError, PlanError
from sampling.frame import nfc
from sampling.plan import Difference

__all__ = [
    "ORDER",
    "DrawRecord",
    "Parameter",
    "digest_of_frame",
    "digest_of_order",
    "first_difference",
    "result_digest",
]

ORDER = "order_digest"  # the parameter of methods that walk along the list

Parameter = str | int | bool | None
_Choice = TypeVar("_Choice", bound=StrEnum)

_KINDS: Mapping[str, type] = {
    "method": str,
    "version": int,
    "seed": int,
    "frame_digest": str,
    "parameters": dict,
    "selected": list,
    "result_digest": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRecord:
    """Frame digest, seed, method, version and parameters of a draw, and the units it selected.

    ``selected`` holds codes, or row numbers from 0 as text for a frame without codes, in the order
    that the method gives them.
    """

    method: str
    version: int
    seed: int
    frame_digest: str
    parameters: tuple[tuple[str, Parameter], ...]
    selected: tuple[str, ...]
    result_digest: str

    def parameter(self, name: str) -> Parameter:
        """Look a parameter up.

        Parameters
        ----------
        name : str

        Returns
        -------
        str, int, bool or None

        Raises
        ------
        PlanError
            The record has no such parameter.
        """
        for known, value in self.parameters:
            if known == name:
                return value
        raise PlanError(
            f"the record of a draw by {self.method} has no parameter {name!r}; it has "
            f"{[known for known, _ in self.parameters]}"
        )

    def whole(self, name: str) -> int:
        """Look a parameter up that is a whole number.

        Parameters
        ----------
        name : str

        Returns
        -------
        int

        Raises
        ------
        PlanError
            The record has no such parameter, or it is no whole number.
        """
        value = self.parameter(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise PlanError(f"record.parameters.{name} is {value!r}; it must be a whole number")
        return value

    def drawn_by(self, prefix: str, kind: type[_Choice], what: str) -> _Choice:
        """Look up by which of several methods the draw was made.

        Parameters
        ----------
        prefix : str
            That the record puts before the method, with a hyphen.
        kind : type of StrEnum
        what : str
            For the message: "of drawing by size".

        Returns
        -------
        member of kind

        Raises
        ------
        DrawError
            The draw was made by none of them.
        """
        names = {f"{prefix}-{method.value}": method for method in kind}
        if self.method not in names:
            raise DrawError(
                f"{self.method!r} is no method {what}; it must be one of {', '.join(names)}"
            )
        return names[self.method]

    def choice(self, name: str, kind: type[_Choice]) -> _Choice:
        """Look a parameter up that is one of several choices.

        Parameters
        ----------
        name : str
        kind : type of StrEnum

        Returns
        -------
        member of kind

        Raises
        ------
        PlanError
            The record has no such parameter, or it is none of the choices.
        """
        value = self.parameter(name)
        if value not in list(kind):
            raise PlanError(
                f"record.parameters.{name} is {value!r}; it must be one of {', '.join(kind)}"
            )
        return kind(str(value))

    def to_dict(self) -> dict[str, Any]:
        """Lay the record out as JSON values.

        Returns
        -------
        dict
        """
        content = dataclasses.asdict(self)
        return {
            **content,
            "parameters": dict(self.parameters),
            "selected": list(self.selected),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "DrawRecord":
        """Read what `to_dict` wrote.

        Parameters
        ----------
        content : mapping

        Returns
        -------
        DrawRecord

        Raises
        ------
        PlanError
            A field is missing, unknown or of another type than `to_dict` writes.
        """
        missing, unknown = sorted(set(_KINDS) - set(content)), sorted(set(content) - set(_KINDS))
        if missing or unknown:
            raise PlanError(f"this is no record of a draw: missing {missing}, unknown {unknown}")
        for name, kind in _KINDS.items():
            if not isinstance(content[name], kind) or isinstance(content[name], bool):
                raise PlanError(
                    f"record.{name} must be of type {kind.__name__}, not {content[name]!r}"
                )
        for name, value in content["parameters"].items():
            if not isinstance(value, str | int | None):
                raise PlanError(f"record.parameters.{name} must be text or whole, not {value!r}")
        for row, code in enumerate(content["selected"]):
            if not isinstance(code, str):
                raise PlanError(f"record.selected[{row}] must be of type str, not {code!r}")
        return cls(
            **{
                **content,
                "parameters": tuple(sorted(content["parameters"].items())),
                "selected": tuple(content["selected"]),
            }
        )


def result_digest(selected: Sequence[str]) -> str:
    """Hash the codes of a selection in their order.

    Parameters
    ----------
    selected : sequence of str

    Returns
    -------
    str
        SHA-256, hexadecimal, of the canonical JSON list.

    Examples
    --------
    >>> result_digest(["SO01", "SO02"])[:16]
    '0504a005bf126535'
    """
    text = json.dumps(list(selected), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_frame(codes: Sequence[str] | None, *columns: ArrayLike) -> str:
    """Hash a frame of units: their codes in NFC and their columns of numbers, row by row.

    Parameters
    ----------
    codes : sequence of N str or None
        With codes the order of the rows does not matter; without, it does.
    *columns : array-like, shape (N,) or (N, k)
        Whole numbers enter as signed 64-bit, others as IEEE 754 doubles, little-endian.

    Returns
    -------
    str
        SHA-256, hexadecimal.

    Examples
    --------
    >>> digest_of_frame(["A", "B"], [1, 2]) == digest_of_frame(["B", "A"], [2, 1])
    True
    """
    digest = hashlib.sha256()
    order: Any = slice(None)
    if codes is not None:
        named = [nfc(code) for code in codes]
        order = np.array(sorted(range(len(named)), key=named.__getitem__), dtype=np.int64)
        text = json.dumps(sorted(named), ensure_ascii=False, separators=(",", ":"))
        digest.update(text.encode())
    for column in columns:
        values = np.asarray(column)
        kind = "<i8" if np.issubdtype(values.dtype, np.integer) else "<f8"
        digest.update(struct.pack("<2sq", kind[1:].encode(), values.size))
        digest.update(np.ascontiguousarray(values[order], dtype=kind).data)
    return digest.hexdigest()


def digest_of_order(codes: Sequence[str]) -> str:
    """Hash the order of a list, which `digest_of_frame` leaves out.

    Parameters
    ----------
    codes : sequence of str
        In the order that the method walks along; NFC and NFD spelling are one.

    Returns
    -------
    str
        SHA-256, hexadecimal.

    Examples
    --------
    >>> digest_of_order(["A", "B"]) == digest_of_order(["B", "A"])
    False
    """
    return result_digest([nfc(code) for code in codes])


def first_difference(again: DrawRecord, found: DrawRecord) -> Difference | None:
    """Name the first place where a record departs from the draw it claims to be.

    Method and version come first, then parameters, then the order of the list where it is the only
    thing that changed, the selected units, and the digests last: a changed selection is then named
    by its unit rather than by a hash.

    Parameters
    ----------
    again : DrawRecord
        The draw, made again.
    found : DrawRecord
        The record in question.

    Returns
    -------
    Difference or None
        None when the record is the draw.
    """
    steps: list[Callable[[], Difference | None]] = [
        lambda: _compare(again, found, "method"),
        lambda: _compare(again, found, "version"),
        lambda: _compare(again, found, "seed"),
        lambda: _compare_parameters(again, found),
        lambda: _compare_order(again, found),
        lambda: _compare_selected(again.selected, found.selected),
        lambda: _compare(again, found, "frame_digest"),
        lambda: _compare(again, found, "result_digest"),
    ]
    return next((difference for step in steps if (difference := step())), None)


def _compare(again: DrawRecord, found: DrawRecord, name: str) -> Difference | None:
    """Compare one field."""
    expected, actual = getattr(again, name), getattr(found, name)
    if expected == actual:
        return None
    return Difference(place=name, expected=repr(expected), found=repr(actual))


def _compare_parameters(again: DrawRecord, found: DrawRecord) -> Difference | None:
    """Name the first parameter that differs, the order of the list apart."""
    expected, actual = (
        {name: value for name, value in record.parameters if name != ORDER}
        for record in (again, found)
    )
    for name in sorted({*expected, *actual}):
        one, other = (side.get(name, "no such parameter") for side in (expected, actual))
        if one != other:
            return Difference(place=f"parameters.{name}", expected=repr(one), found=repr(other))
    return None


def _compare_order(again: DrawRecord, found: DrawRecord) -> Difference | None:
    """Say that the same units were drawn from a list in another order."""
    given, drawn = (dict(record.parameters).get(ORDER) for record in (again, found))
    if given == drawn or again.frame_digest != found.frame_digest:
        return None
    return Difference(
        place="order of the list",
        expected=f"the order in which the units are given now ({given})",
        found=f"the same units in another order ({drawn}), along which the method walks; "
        "give the list in the order of the draw",
    )


def _compare_selected(expected: tuple[str, ...], found: tuple[str, ...]) -> Difference | None:
    """Name the first selected unit that differs, or the length."""
    for row, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            return Difference(place=f"selected[{row}]", expected=repr(one), found=repr(other))
    if len(expected) == len(found):
        return None
    return Difference(
        place="selected", expected=f"{len(expected)} units", found=f"{len(found)} units"
    )
