"""A draw as one file that anybody can make again without a database, and the making again.

The file holds the columns of the frame that the draw looks at, the request, and a record per
stratum. Where the draw was to overlap an earlier one by so many units, that draw's whole file is
within, because the starting point follows from it.
"""

from collections.abc import Mapping

from sampling import Difference, SamplingError
from sampling.errors import SizeError
from survey.errors import RefusedInputError
from survey.services.draw_model import KIND, DrawFile, FramePart, StratumPart
from survey.services.draw_overlap import in_stratum, start_for_overlap, take_faults
from survey.services.draw_parts import (
    compare_items,
    compare_records,
    compare_values,
    digest_of,
    placed,
    read_part,
)
from survey.services.select_methods import SelectRequest, StratumDraw, draw_stratum

__all__ = [
    "KIND",
    "DrawFile",
    "FramePart",
    "draw_again",
    "draw_file",
    "file_difference",
    "refuse_altered",
    "verify_json",
]

_WHAT = "The draw's file"


def draw_file(
    frame: FramePart,
    request: SelectRequest,
    *,
    source: str,
    columns: Mapping[str, str],
    before: DrawFile | None = None,
) -> tuple[DrawFile, tuple[StratumDraw, ...]]:
    """Draw every stratum of a frame and lay the draw out as a file.

    Parameters
    ----------
    frame : FramePart
    request : SelectRequest
        ``take`` names every stratum. With ``before``, its starting point is replaced by the one
        that gives ``overlap``.
    source : str
        Name of the frame's file, for people.
    columns : mapping of str to str
        Columns of that file by what they were used for, for people.
    before : DrawFile, optional
        Last year's draw.

    Returns
    -------
    DrawFile
    tuple of StratumDraw

    Raises
    ------
    RefusedInputError
        With every fault of every stratum.
    """
    if before is not None:
        refuse_altered(file_difference(before), file="The earlier draw")
        request = request.model_copy(update={"start": start_for_overlap(frame, request, before)})
    draws = _draws(frame, request, file=source)
    unsigned = DrawFile(
        source=source,
        columns=columns,
        frame=frame,
        request=request,
        strata=tuple(_stratum_part(draw) for draw in draws),
        before=before,
    )
    return unsigned.model_copy(update={"digest": digest_of(unsigned)}), draws


def refuse_altered(difference: Difference | None, *, file: str) -> None:
    """Refuse to build on an earlier file that is not what its seed gives.

    Parameters
    ----------
    difference : Difference or None
    file : str
        Named in the message.

    Raises
    ------
    RefusedInputError
        There is a difference.
    """
    if difference is not None:
        raise RefusedInputError(what=file, faults=[difference])


def draw_again(file: DrawFile) -> tuple[StratumDraw, ...]:
    """Draw from a file's frame and request.

    Parameters
    ----------
    file : DrawFile

    Returns
    -------
    tuple of StratumDraw

    Raises
    ------
    RefusedInputError
        The frame or the request cannot carry a draw.
    """
    return _draws(file.frame, file.request, file=_WHAT)


def verify_json(content: bytes) -> Difference | None:
    """Draw again from a draw's file and name the first difference.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    Difference or None
        None when the file is the draw.

    Raises
    ------
    RefusedInputError
        This is no such file, or what it holds cannot carry a draw.
    """
    file = read_part(DrawFile, content, file=_WHAT)
    try:
        return file_difference(file)
    except SamplingError as error:
        raise RefusedInputError(what=_WHAT, faults=[error]) from error


def file_difference(file: DrawFile) -> Difference | None:
    """Compare a file with the draw that its frame and request give; the earlier draw first.

    Parameters
    ----------
    file : DrawFile

    Returns
    -------
    Difference or None

    Raises
    ------
    RefusedInputError, PlanError
        What it holds cannot carry a draw, or holds no record.
    """
    if file.before is not None:
        found = placed("before", file_difference(file.before)) or compare_values(
            "request.start",
            start_for_overlap(file.frame, file.request, file.before),
            file.request.start,
        )
        if found:
            return found
    again = draw_again(file)
    names = compare_items(
        "strata",
        tuple(draw.stratum for draw in again),
        tuple(part.stratum for part in file.strata),
    )
    if names:
        return names
    for draw, part in zip(again, file.strata, strict=True):
        found = _stratum_difference(draw, part)
        if found:
            return found
    return compare_values("digest", digest_of(file), file.digest)


def _draws(frame: FramePart, request: SelectRequest, *, file: str) -> tuple[StratumDraw, ...]:
    """Draw every stratum, gathering the faults of all."""
    strata = frame.strata()
    faults = take_faults(strata, request.take)
    draws = []
    for units in strata if not faults else ():
        try:
            draws.append(draw_stratum(units, request))
        except SizeError as error:
            faults += [in_stratum(units.stratum, str(problem)) for problem in error.problems]
        except SamplingError as error:
            faults.append(in_stratum(units.stratum, str(error)))
    if faults:
        raise RefusedInputError(what=file, faults=faults)
    return tuple(draws)


def _stratum_part(draw: StratumDraw) -> StratumPart:
    return StratumPart(stratum=draw.stratum, record=draw.record.to_dict(), reserves=draw.reserves)


def _stratum_difference(draw: StratumDraw, part: StratumPart) -> Difference | None:
    """Compare one stratum of a file with its draw."""
    place = f"strata[{draw.stratum}]" if draw.stratum else "strata[0]"
    return compare_records(place, draw.record, part.record) or compare_items(
        f"{place}.reserves", draw.reserves, part.reserves
    )
