"""How many units two draws by permanent random numbers share, and where the later has to start."""

from collections.abc import Mapping, Sequence

from sampling import SamplingError
from sampling.coordination import Start, expected_overlap, shift_for_overlap
from sampling.errors import SizeError
from sampling.streams import UNIFORM_BITS
from survey.errors import RefusedInputError
from survey.services.draw_model import DrawFile, FramePart, selected_of
from survey.services.select_methods import (
    COORDINATED,
    SelectRequest,
    StratumList,
    chances_of,
)

__all__ = ["in_stratum", "overlap_of", "start_for_overlap", "take_faults"]

_CIRCLE: int = 2**UNIFORM_BITS
_OVERLAP = "The overlap"


def start_for_overlap(frame: FramePart, request: SelectRequest, before: DrawFile) -> int:
    """Find where a draw has to start for the overlap that it asks for.

    Parameters
    ----------
    frame : FramePart
    request : SelectRequest
        With ``overlap``: units drawn before that may be drawn again, on average.
    before : DrawFile

    Returns
    -------
    int
        Steps of 2⁻⁵³ round the circle.

    Raises
    ------
    RefusedInputError
        One of the draws is not by permanent random numbers, their seeds differ, or no starting
        point gives the overlap.
    """
    faults = [*_coordination_faults(request, before)]
    if faults or request.overlap is None:
        raise RefusedInputError(what=_OVERLAP, faults=faults or ["no overlap is asked"])
    first, second = _both_chances(frame, request, before)
    try:
        shift = shift_for_overlap(first, second, overlap=request.overlap)
    except SamplingError as error:
        raise RefusedInputError(what=_OVERLAP, faults=[error]) from error
    return (before.request.start + shift.steps) % _CIRCLE


def overlap_of(file: DrawFile) -> tuple[float, int]:
    """Say how many units two coordinated draws share: on average, and in fact.

    Parameters
    ----------
    file : DrawFile
        With the draw before within.

    Returns
    -------
    tuple of float and int

    Raises
    ------
    RefusedInputError
        There is no draw before.
    """
    if file.before is None:
        raise RefusedInputError(what=_OVERLAP, faults=["no earlier draw is within"])
    first, second = _both_chances(file.frame, file.request, file.before)
    shift = Start(steps=(file.request.start - file.before.request.start) % _CIRCLE)
    units = [{*selected_of(each)} for each in (file, file.before)]
    return expected_overlap(first, second, shift=shift), len(units[0] & units[1])


def take_faults(strata: Sequence[StratumList], take: Mapping[str, int]) -> list[str]:
    """Compare what is asked of each stratum with what stands in it.

    Parameters
    ----------
    strata : sequence of StratumList
    take : mapping of str to int
        n by stratum.

    Returns
    -------
    list of str
    """
    known = {units.stratum: len(units.codes) for units in strata}
    faults = [
        f"n is given for the stratum {name!r}, which the frame does not have"
        for name in sorted(set(take) - set(known))
    ]
    for name, population in known.items():
        asked = take.get(name)
        if asked is None:
            faults.append(in_stratum(name, "no n is given"))
        elif not 1 <= asked <= population:
            faults.append(
                in_stratum(
                    name,
                    f"{asked} units are asked of {population}; ask for 1 to {population}, or leave "
                    "the stratum out of the frame",
                )
            )
    return faults


def in_stratum(stratum: str, fault: str) -> str:
    """Say in which stratum a fault is, where there are strata.

    Parameters
    ----------
    stratum, fault : str

    Returns
    -------
    str
    """
    return f"stratum {stratum!r}: {fault}" if stratum else fault


def _coordination_faults(request: SelectRequest, before: DrawFile) -> list[str]:
    """Say why two draws cannot be coordinated."""
    faults = [
        f"{which} draw is by {method.value}, which has no permanent random numbers; use one of "
        f"{', '.join(each.value for each in COORDINATED)}"
        for which, method in (("this", request.method), ("the earlier", before.request.method))
        if method not in COORDINATED
    ]
    if request.seed != before.request.seed:
        faults.append(
            f"the seed is {request.seed}, the earlier draw's {before.request.seed}; permanent "
            "numbers are permanent only under one seed"
        )
    return faults


def _both_chances(
    frame: FramePart, request: SelectRequest, before: DrawFile
) -> tuple[list[float], list[float]]:
    """Give the chances of all units of two frames under both draws; 0 outside a frame."""
    one = _chances(before.frame, before.request, file="The earlier draw")
    two = _chances(frame, request, file="The frame")
    codes = sorted({*one, *two})
    return [one.get(code, 0.0) for code in codes], [two.get(code, 0.0) for code in codes]


def _chances(frame: FramePart, request: SelectRequest, *, file: str) -> dict[str, float]:
    """Compute the chances of a frame's units."""
    strata = frame.strata()
    faults = take_faults(strata, request.take)
    found: dict[str, float] = {}
    for units in strata if not faults else ():
        try:
            found |= chances_of(units, request)
        except SizeError as error:
            faults += [in_stratum(units.stratum, str(problem)) for problem in error.problems]
    if faults:
        raise RefusedInputError(what=file, faults=faults)
    return found
