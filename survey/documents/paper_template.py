"""Where everything stands on a printed form, for a program that reads scans.

The places come from the finished pages, not from a second drawing of them; lengths are in
millimetres from the top left of the page, and a box is given by the middle of its outline.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from questionnaires.expansion import RatedUnit

__all__ = [
    "TEMPLATE_SCHEMA",
    "Area",
    "Box",
    "BoxKind",
    "Mark",
    "PaperTemplate",
    "areas_told",
    "boxes_told",
]

TEMPLATE_SCHEMA: Final = "khaosat/paper-template/1"


class BoxKind(StrEnum):
    """What is expected in a box."""

    TICK = "tick"
    CHARACTER = "character"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle on a page, in millimetres from its top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A black square near a corner of every page."""

    corner: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box to mark or to write in.

    ``item`` is an item id as answers are stored; for a unit to be written in it is the id of the
    section's writing with ``.unit_name`` or ``.unit_code``. A tick has its option's ``code``, a
    character its ``position`` from 0, a text area its number of ``lines``.
    """

    item: str
    kind: BoxKind
    page: int
    x: float
    y: float
    width: float
    height: float
    code: str | None = None
    position: int | None = None
    lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTemplate:
    """Everything a reader of scans has to know of one printed form.

    ``qr_content`` is what the code of every page says, with {serial} and {page} to be filled in;
    ``qr`` is the area of its picture, quiet zone included.
    """

    questionnaire_id: str
    version: str
    fingerprint: str
    facts: Mapping[str, str]
    units: tuple[RatedUnit, ...]
    pages: int
    page_width: float
    page_height: float
    marks: tuple[Mark, ...]
    qr: Area
    qr_content: str
    serial: Area
    boxes: tuple[Box, ...]

    def to_json(self) -> str:
        """Write the template as JSON, boxes in the order they are printed."""
        document = {
            "schema": TEMPLATE_SCHEMA,
            "questionnaire": {
                "id": self.questionnaire_id,
                "version": self.version,
                "fingerprint": self.fingerprint,
            },
            "facts": dict(self.facts),
            "units": [asdict(unit) for unit in self.units],
            "lengths": "mm",
            "pages": self.pages,
            "page": {"width": self.page_width, "height": self.page_height},
            "marks": [asdict(mark) for mark in self.marks],
            "qr": asdict(self.qr) | {"content": self.qr_content},
            "serial": asdict(self.serial),
            "boxes": [_without_none(asdict(box)) for box in self.boxes],
        }
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def areas_told(frame: Mapping[str, Any]) -> dict[str, Any]:
    """Read what the pages tell of their frame, as fields of `PaperTemplate`."""
    return {
        "page_width": frame["width"],
        "page_height": frame["height"],
        "marks": tuple(Mark(**_rounded(mark)) for mark in frame["marks"]),
        "qr": Area(**_rounded(frame["qr"])),
        "serial": Area(**_rounded(frame["serial"])),
    }


def boxes_told(boxes: Sequence[Mapping[str, Any]]) -> tuple[Box, ...]:
    """Read what the pages tell of their boxes."""
    return tuple(Box(**_rounded(box) | {"kind": BoxKind(box["kind"])}) for box in boxes)


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Keep micrometres: no printer has more."""
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in values.items()
    }


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
