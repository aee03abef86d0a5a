"""What the files of all draws have in common: strict parts, one digest, one way to be written.

A file holds the list that was drawn from, the request and the record of the draw, so that anybody
can draw again from the file alone. Its digest covers everything else in it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from sampling import Difference
from sampling.records import DrawRecord, first_difference
from survey.errors import RefusedInputError

__all__ = [
    "Part",
    "compare_items",
    "compare_records",
    "compare_values",
    "digest_of",
    "faults_of",
    "file_bytes",
    "placed",
    "read_part",
    "refused_file",
]


class Part(BaseModel):
    """A part of a file: frozen, without unknown fields, every value of the type written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_Part = TypeVar("_Part", bound=Part)


def digest_of(part: Part) -> str:
    """Hash everything in a file but its digest.

    Parameters
    ----------
    part : Part

    Returns
    -------
    str
        SHA-256, hexadecimal, of the canonical JSON.
    """
    content = part.model_dump(mode="json", exclude={"digest"})
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def file_bytes(part: Part) -> bytes:
    """Write a file: the same draw gives the same bytes.

    Parameters
    ----------
    part : Part

    Returns
    -------
    bytes
        JSON, UTF-8.
    """
    content = part.model_dump(mode="json")
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def read_part(kind: type[_Part], content: bytes, *, file: str) -> _Part:
    """Read a file, refusing what departs from its schema with every place.

    Parameters
    ----------
    kind : type of Part
    content : bytes
    file : str
        Named in the message.

    Returns
    -------
    Part

    Raises
    ------
    RefusedInputError
    """
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        known = kind.model_fields["kind"].default
        raise refused_file(content, [known], error, file=file) from error


def refused_file(
    content: bytes, known: Sequence[str], error: ValidationError, *, file: str
) -> RefusedInputError:
    """Say that a file is of another kind, or else in which places it departs from its schema.

    Parameters
    ----------
    content : bytes
    known : sequence of str
        The kinds that would do.
    error : ValidationError
        What reading it gave.
    file : str
        Named in the message.

    Returns
    -------
    RefusedInputError
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    kind = found.get("kind", found.get("schema")) if isinstance(found, dict) else None
    if kind is None or kind in known:
        return RefusedInputError(what=file, faults=faults_of(error))
    fault = f"this is a file of kind {kind!r}; give one of {', '.join(map(repr, known))}"
    return RefusedInputError(what=file, faults=[fault])


def faults_of(error: ValidationError) -> list[str]:
    """Say in which places a file departs from its schema.

    Parameters
    ----------
    error : ValidationError

    Returns
    -------
    list of str
    """
    return [_said(fault) for fault in error.errors(include_url=False)]


def compare_values(place: str, expected: object, found: object) -> Difference | None:
    """Compare one value of a file with what drawing again gives.

    Parameters
    ----------
    place : str
    expected, found : object

    Returns
    -------
    Difference or None
    """
    if expected == found:
        return None
    return Difference(place=place, expected=repr(expected), found=repr(found))


def compare_items(
    place: str, expected: tuple[object, ...], found: tuple[object, ...]
) -> Difference | None:
    """Compare two lists and name the first item that differs, or the length.

    Parameters
    ----------
    place : str
    expected, found : tuple

    Returns
    -------
    Difference or None
    """
    for row, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            return Difference(place=f"{place}[{row}]", expected=repr(one), found=repr(other))
    if len(expected) == len(found):
        return None
    return Difference(place=place, expected=f"{len(expected)} items", found=f"{len(found)} items")


def compare_records(
    place: str, expected: DrawRecord, found: Mapping[str, Any]
) -> Difference | None:
    """Compare a record of a file with that of the draw made again.

    Parameters
    ----------
    place : str
    expected : DrawRecord
    found : mapping
        As `DrawRecord.to_dict` wrote it.

    Returns
    -------
    Difference or None

    Raises
    ------
    PlanError
        What was found is no record.
    """
    return placed(place, first_difference(expected, DrawRecord.from_dict(found)))


def placed(place: str, difference: Difference | None) -> Difference | None:
    """Put a difference within a part of a file.

    Parameters
    ----------
    place : str
    difference : Difference or None

    Returns
    -------
    Difference or None
    """
    if difference is None:
        return None
    return Difference(
        place=f"{place}.{difference.place}",
        expected=difference.expected,
        found=difference.found,
    )


def _said(fault: Mapping[str, Any]) -> str:
    """Say where a file departs from its schema."""
    place = ".".join(str(part) for part in fault["loc"]) or "the file"
    return f"{place}: {fault['msg']}"
