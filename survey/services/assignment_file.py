"""Who rates whom: a request read with all its faults, and a file that anybody can assign again.

The file holds codes and no names: an assignment never depends on names. Names stay in the office's
own lists and in the workbook made from them.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from questionnaires.yamltext import Located
from sampling import Difference, SamplingError
from sampling.assignments import (
    Assignments,
    Rater,
    RatingFault,
    RatingNeed,
    RatingRequest,
    assign,
    check_request,
    verify_assignments,
)
from survey.errors import RefusedInputError
from survey.rules.faults import Fault
from survey.rules.rating_document import NamedRater, RatedUnit, RatingDocument
from survey.rules.rating_table import RatingTable, rating_table
from survey.rules.register_lines import LineReader, TableText
from survey.services.uploads import UploadedTable, read_table
from survey.services.yaml_document import field_faults, load_yaml

__all__ = [
    "KIND",
    "RATING_FAULTS",
    "CrossRating",
    "assign_request",
    "assignments_json",
    "read_request",
    "table_of",
    "verify_json",
]

KIND: Final = "khaosat/assignments/1"
RATING_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "table-path": (
            "%(file)s: “%(field)s” is “%(value)s”; write the name of a CSV or XLSX file beside "
            "this one."
        ),
    }
)
_UNIT_COLUMNS: Final = ("code", "name")
_RATER_COLUMNS: Final = ("code", "name", "kind", "unit")
_NEEDS_EVERY_LINE: Final = frozenset(
    {
        RatingFault.EMPTY,
        RatingFault.CONFLICT_UNKNOWN,
        RatingFault.TOO_FEW_PLACES,
        RatingFault.TOO_FEW_RATERS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossRating:
    """A request without fault: the document, and its lists wherever they stood."""

    document: RatingDocument
    raters: tuple[NamedRater, ...]
    units: tuple[RatedUnit, ...]

    @property
    def request(self) -> RatingRequest:
        """What the sampling room needs of it."""
        document = self.document
        return RatingRequest(
            raters=tuple(Rater(code=r.code, unit=r.unit, kind=r.kind) for r in self.raters),
            units=tuple(unit.code for unit in self.units),
            needs=tuple(
                RatingNeed(kind=kind.code, per_unit=kind.per_unit, most_units=kind.most_units)
                for kind in document.kinds
            ),
            conflicts=tuple((line.rater, line.unit) for line in document.conflicts),
            unit_conflicts=tuple((line.raters_of, line.unit) for line in document.unit_conflicts),
            own_unit=document.own_unit,
        )


def read_request(path: Path) -> CrossRating:
    """Read a request and the tables beside it, and check everything before anything is assigned.

    Parameters
    ----------
    path : Path
        YAML in UTF-8, schema khaosat/rating/1.

    Returns
    -------
    CrossRating

    Raises
    ------
    RefusedInputError
        ``faults`` holds every fault of the document, of its tables and of the request. Where a
        line could not be read, what can only be judged from all lines waits for the next reading.
    """
    located = _composed(load_yaml(path, what="The cross-rating request"))
    named = located.value if isinstance(located.value, dict) else {}
    unit_table, unit_faults = _table(path, named.get("units_file"), "units_file", _UNIT_COLUMNS)
    rater_table, rater_faults = _table(
        path, named.get("raters_file"), "raters_file", _RATER_COLUMNS
    )
    units, more_unit_faults = _units(unit_table)
    raters, more_rater_faults = _raters(rater_table)
    faults: list[object] = [*unit_faults, *more_unit_faults, *rater_faults, *more_rater_faults]
    try:
        document = RatingDocument.model_validate(located.value)
    except ValidationError as error:
        faults = [*field_faults(error, located, file=path.name), *faults]
        raise RefusedInputError(what="The cross-rating request", faults=faults) from error
    cross = CrossRating(
        document=document,
        raters=document.raters or tuple(raters),
        units=document.units or tuple(units),
    )
    problems = check_request(cross.request)
    faults += [each for each in problems if not (faults and each.code in _NEEDS_EVERY_LINE)]
    if faults:
        raise RefusedInputError(what="The cross-rating request", faults=faults)
    return cross


def assign_request(cross: CrossRating, *, seed: int) -> Assignments:
    """Assign raters to units.

    Parameters
    ----------
    cross : CrossRating
    seed : int
        From 0, below 2⁶³.

    Returns
    -------
    Assignments

    Raises
    ------
    RefusedInputError
        The seed is out of range, conflicts leave units short (they are named), or the units
        cannot be linked.
    """
    try:
        return assign(cross.request, seed=seed)
    except SamplingError as error:
        raise RefusedInputError(what="The cross-rating request", faults=[error]) from error


def table_of(cross: CrossRating, assignments: Assignments) -> RatingTable:
    """Lay an assignment out with the names of the office's lists."""
    return rating_table(
        cross.document,
        assignments,
        request=cross.request,
        raters=cross.raters,
        units=cross.units,
    )


def assignments_json(cross: CrossRating, assignments: Assignments) -> str:
    """Write an assignment with all that is needed to make it again.

    Parameters
    ----------
    cross : CrossRating
    assignments : Assignments
        Made from it.

    Returns
    -------
    str
        JSON with kind, title, fictional, digest, request, spread and assignments; no names.
    """
    request, spread = cross.request, cross.document.spread
    content = {
        "kind": KIND,
        "title": cross.document.title,
        "fictional": cross.document.fictional,
        "digest": assignments.digest,
        "request": {
            "raters": [[one.code, one.kind, one.unit] for one in request.raters],
            "units": list(request.units),
            "needs": [[one.kind, one.per_unit, one.most_units] for one in request.needs],
            "conflicts": [list(pair) for pair in request.conflicts],
            "unit_conflicts": [list(pair) for pair in request.unit_conflicts],
            "own_unit": request.own_unit,
        },
        "spread": {
            "rater": spread.rater,
            "residual": spread.residual,
            "level": spread.level,
            "source": spread.source,
        },
        "assignments": assignments.to_dict(),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def verify_json(content: bytes) -> Difference | None:
    """Assign a file's request again from its seed and name the first difference.

    Parameters
    ----------
    content : bytes
        What `assignments_json` wrote; UTF-8.

    Returns
    -------
    Difference or None
        None when the file is what its seed and request give.

    Raises
    ------
    RefusedInputError
        This is no assignment's file, or its request or seed cannot carry an assignment.
    """
    try:
        found = _AssignmentFile.model_validate_json(content)
        assignments = Assignments.from_dict(found.assignments)
        difference = verify_assignments(assignments, found.request.as_request())
    except ValidationError as error:
        faults = [_said(fault) for fault in error.errors(include_url=False)]
        raise RefusedInputError(what="The assignment file", faults=faults) from error
    except SamplingError as error:
        raise RefusedInputError(what="The assignment file", faults=[error]) from error
    if difference is None and assignments.digest != found.digest:
        return Difference(place="digest", expected=assignments.digest, found=found.digest)
    return difference


class _FilePart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_Texts = Annotated[tuple[str, ...], Field(strict=False)]
_Pairs = Annotated[tuple[Annotated[tuple[str, str], Field(strict=False)], ...], Field(strict=False)]


class _RequestPart(_FilePart):
    raters: Annotated[
        tuple[Annotated[tuple[str, str, str], Field(strict=False)], ...], Field(strict=False)
    ]
    units: _Texts
    needs: Annotated[
        tuple[Annotated[tuple[str, int, int], Field(strict=False)], ...], Field(strict=False)
    ]
    conflicts: _Pairs
    unit_conflicts: _Pairs
    own_unit: bool

    def as_request(self) -> RatingRequest:
        """Give the request to the sampling room."""
        return RatingRequest(
            raters=tuple(
                Rater(code=code, kind=kind, unit=unit) for code, kind, unit in self.raters
            ),
            units=self.units,
            needs=tuple(
                RatingNeed(kind=kind, per_unit=per_unit, most_units=most_units)
                for kind, per_unit, most_units in self.needs
            ),
            conflicts=self.conflicts,
            unit_conflicts=self.unit_conflicts,
            own_unit=self.own_unit,
        )


class _AssignmentFile(_FilePart):
    kind: Literal["khaosat/assignments/1"]
    title: str
    fictional: bool
    digest: str
    request: _RequestPart
    spread: Mapping[str, Any]
    assignments: Mapping[str, Any]


def _composed(located: Located) -> Located:
    """Compose accents everywhere: an editor on another system may have taken them apart."""

    def composed(value: object) -> object:
        if isinstance(value, str):
            return unicodedata.normalize("NFC", value)
        if isinstance(value, list):
            return [composed(part) for part in value]
        if isinstance(value, dict):
            return {composed(key): composed(part) for key, part in value.items()}
        return value

    return Located(value=composed(located.value), lines=located.lines)


def _table(
    path: Path, name: object, field: str, columns: Sequence[str]
) -> tuple[TableText, list[object]]:
    """Read a table beside the document; an empty one where none is named or none is there."""
    if isinstance(name, str):
        file = path.parent / name
        if Path(name).name == name and file.is_file():
            uploaded = UploadedTable(filename=name, content=file.read_bytes())
            table = read_table(uploaded, sheet=field.removesuffix("_file"), columns=columns)
            return table, [*table.faults]
    nothing = TableText(file="", lines=(), columns=frozenset(), faults=())
    if not isinstance(name, str):  # none, or something that the schema refuses
        return nothing, []
    values = {"file": path.name, "field": field, "value": name}
    template = RATING_FAULTS["table-path"]
    return nothing, [Fault(code="rating-table-path", template=template, values=values)]


def _units(table: TableText) -> tuple[list[RatedUnit], list[object]]:
    """Read the lines of the units' table."""
    found, faults = [], list[object]()
    for line in table.lines:
        reader = LineReader(table=table, line=line)
        code, name = reader.code("code"), reader.text("name", most=300, required=False)
        faults += reader.faults
        if code:
            found.append(RatedUnit(code=code, name=name or ""))
    return found, faults


def _raters(table: TableText) -> tuple[list[NamedRater], list[object]]:
    """Read the lines of the raters' table."""
    found, faults = [], list[object]()
    for line in table.lines:
        reader = LineReader(table=table, line=line)
        code, kind, unit = (reader.code(column) for column in ("code", "kind", "unit"))
        name = reader.text("name", most=300, required=False)
        faults += reader.faults
        if code and kind and unit:
            found.append(NamedRater(code=code, name=name or "", kind=kind, unit=unit))
    return found, faults


def _said(fault: Mapping[str, Any]) -> str:
    """Say where a file departs from its schema."""
    place = ".".join(str(part) for part in fault["loc"]) or "the file"
    return f"{place}: {fault['msg']}"
