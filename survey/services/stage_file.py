"""One stage of a multi-stage draw as a file, with the files of the stages before it within.

The list of a stage exists only after the stage before was drawn, so each stage is a file of its
own; holding the earlier ones makes the last file redo the whole chain. The first stage may also be
a draw of `survey.services.draw_file`, for methods that stages do not have.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from sampling import Difference, SamplingError
from sampling.multistage import DrawnUnit, Stage, StageMethod, StageSample, StageUnit, draw_stage
from sampling.records import DrawRecord, result_digest
from survey.errors import RefusedInputError
from survey.services.draw_file import DrawFile, draw_again, file_difference, refuse_altered
from survey.services.draw_parts import (
    Part,
    compare_items,
    compare_records,
    compare_values,
    digest_of,
    placed,
    read_part,
    refused_file,
)
from survey.services.select_methods import StratumDraw

__all__ = [
    "KIND",
    "Before",
    "StageFile",
    "StageRequest",
    "UnitPart",
    "before_difference",
    "depth_of",
    "read_before",
    "sample_of",
    "stage_file",
    "verify_json",
]

KIND: Final = "khaosat/stage/1"
_WHAT = "The stage's file"


class UnitPart(Part):
    """One unit of a stage's list."""

    code: str
    parent: tuple[str, ...] = ()
    size: int = 1
    stratum: str = ""
    forced: bool = False

    def as_unit(self) -> StageUnit:
        """Give the unit to the sampling room.

        Returns
        -------
        StageUnit
        """
        return StageUnit(
            code=self.code,
            parent=self.parent,
            size=self.size,
            stratum=self.stratum,
            forced=self.forced,
        )


class StageRequest(Part):
    """What was asked of a stage: its name, how many per parent and stratum, how, with reserves."""

    name: str
    take: int
    method: StageMethod
    reserves: int = 0
    seed: int

    def as_stage(self) -> Stage:
        """Give the stage to the sampling room.

        Returns
        -------
        Stage
        """
        return Stage(name=self.name, take=self.take, method=self.method, reserves=self.reserves)


class StageFile(Part):
    """A stage: list, request, record, reserves by path, the stage before it, and the digest."""

    kind: Literal["khaosat/stage/1"] = KIND
    source: str
    columns: Mapping[str, str]
    units: tuple[UnitPart, ...]
    request: StageRequest
    record: Mapping[str, Any]
    reserves: tuple[str, ...] = ()
    before: "Before | None" = None
    digest: str = ""


Before = Annotated[StageFile | DrawFile, Field(discriminator="kind")]
_BEFORE: TypeAdapter[StageFile | DrawFile] = TypeAdapter(Before)


def read_before(content: bytes, *, file: str) -> StageFile | DrawFile:
    """Read the file of a draw or of a stage.

    Parameters
    ----------
    content : bytes
    file : str
        Named in messages.

    Returns
    -------
    StageFile or DrawFile

    Raises
    ------
    RefusedInputError
        It is neither.
    """
    try:
        return _BEFORE.validate_json(content)
    except ValidationError as error:
        known = (KIND, DrawFile.model_fields["kind"].default)
        raise refused_file(content, known, error, file=file) from error


def stage_file(
    units: tuple[UnitPart, ...],
    request: StageRequest,
    *,
    source: str,
    columns: Mapping[str, str],
    before: StageFile | DrawFile | None = None,
) -> tuple[StageFile, StageSample]:
    """Draw a stage and lay it out as a file.

    Parameters
    ----------
    units : tuple of UnitPart
        The list; units under parents that were not drawn are passed over.
    request : StageRequest
    source : str
        Name of the list's file, for people.
    columns : mapping of str to str
        Columns of that file by what they were used for, for people.
    before : StageFile or DrawFile, optional

    Returns
    -------
    StageFile
    StageSample

    Raises
    ------
    RefusedInputError
        The list or the request cannot carry the stage, with every fault.
    """
    if before is not None:
        refuse_altered(before_difference(before), file="The stage before")
    try:
        earlier = None if before is None else sample_of(before)
        sample = draw_stage(
            [unit.as_unit() for unit in units],
            request.as_stage(),
            seed=request.seed,
            before=earlier,
        )
    except SamplingError as error:
        raise RefusedInputError(what=source, faults=_lines(error)) from error
    unsigned = StageFile(
        source=source,
        columns=columns,
        units=units,
        request=request,
        record=sample.record.to_dict(),
        reserves=_reserves(sample),
        before=before,
    )
    return unsigned.model_copy(update={"digest": digest_of(unsigned)}), sample


def sample_of(file: StageFile | DrawFile) -> StageSample:
    """Draw a stage again with all stages before it.

    Parameters
    ----------
    file : StageFile or DrawFile

    Returns
    -------
    StageSample

    Raises
    ------
    SamplingError, RefusedInputError
        What the file holds cannot carry the draw.
    """
    if isinstance(file, DrawFile):
        return _first_stage(draw_again(file))
    return draw_stage(
        [unit.as_unit() for unit in file.units],
        file.request.as_stage(),
        seed=file.request.seed,
        before=None if file.before is None else sample_of(file.before),
    )


def depth_of(file: StageFile | DrawFile) -> int:
    """Count the stages of a file: codes in the path of its units.

    Parameters
    ----------
    file : StageFile or DrawFile

    Returns
    -------
    int
        From 1.
    """
    if isinstance(file, DrawFile) or file.before is None:
        return 1
    return 1 + depth_of(file.before)


def verify_json(content: bytes) -> Difference | None:
    """Draw all stages of a file again and name the first difference, the first stage's first.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    Difference or None

    Raises
    ------
    RefusedInputError
        This is no such file, or what it holds cannot carry a draw.
    """
    file = read_part(StageFile, content, file=_WHAT)
    try:
        return before_difference(file)
    except SamplingError as error:
        raise RefusedInputError(what=_WHAT, faults=[error]) from error


def before_difference(file: StageFile | DrawFile) -> Difference | None:
    """Compare a file, and those within it, with what drawing again gives.

    Parameters
    ----------
    file : StageFile or DrawFile

    Returns
    -------
    Difference or None

    Raises
    ------
    SamplingError, RefusedInputError
        What it holds cannot carry a draw.
    """
    if isinstance(file, DrawFile):
        return file_difference(file)
    if file.before is not None:
        found = placed("before", before_difference(file.before))
        if found:
            return found
    again = sample_of(file)
    return (
        compare_records("record", again.record, file.record)
        or compare_items("reserves", _reserves(again), file.reserves)
        or compare_values("digest", digest_of(file), file.digest)
    )


def _lines(error: SamplingError) -> list[str]:
    """Take the faults of a list apart; its first line only counts them."""
    first, *faults = str(error).splitlines()
    return [fault.strip() for fault in faults] or [first]


def _reserves(sample: StageSample) -> tuple[str, ...]:
    return tuple("/".join(path) for path in sample.reserves)


def _first_stage(draws: tuple[StratumDraw, ...]) -> StageSample:
    """Lay a draw out as a first stage.

    Only its units and its record's result digest are looked at by the stages after it; the stage
    stands for whatever the method was.
    """
    units = [unit for draw in draws for unit in _drawn_units(draw)]
    selected = tuple(code for draw in draws for code in draw.selected)
    slashed = [code for code in selected if "/" in code]
    if slashed:
        fault = f"codes hold a slash, by which stages are joined: {', '.join(slashed)}"
        raise RefusedInputError(what=_WHAT, faults=[fault])
    spare = tuple(code for draw in draws for code in draw.reserves)
    first = draws[0].record
    return StageSample(
        stage=Stage(name="select", take=max(len(units), 1), method=StageMethod.SIMPLE),
        units=tuple(units),
        reserves=tuple((code,) for code in spare),
        before=None,
        record=DrawRecord(
            method="select",
            version=first.version,
            seed=first.seed,
            frame_digest=first.frame_digest,
            parameters=(),
            selected=selected,
            result_digest=result_digest([draw.record.result_digest for draw in draws]),
        ),
    )


def _drawn_units(draw: StratumDraw) -> list[DrawnUnit]:
    """Lay the units of one stratum out as drawn at a first stage."""
    certain = int(draw.certain.sum())
    chances = draw.probabilities.tolist()
    return [
        DrawnUnit(
            path=(code,),
            stratum=draw.stratum,
            certain=sure,
            chance=chance,
            probability=chance,
            population=draw.population - certain,
            taken=len(draw.selected) - certain,
            by_size=bool(np.isinf(draw.fpc)),
        )
        for code, sure, chance in zip(draw.selected, draw.certain.tolist(), chances, strict=True)
    ]
