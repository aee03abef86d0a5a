"""The plan: which positions of which list are asked, reproducible from a frame and one seed.

Each stratum draws from a random stream of its own, derived from the seed and the stratum's codes.
One stream for the whole frame would make a late correction in one unit redraw every unit after it.
"""

import dataclasses
import itertools
import operator
from collections.abc import Sequence

from sampling.allocation import AllocatedStratum, NoQuota, Quota, allocate
from sampling.errors import DrawError, FrameError
from sampling.frame import Frame, Selection, check_frame, is_count
from sampling.plan_values import Difference, Plan, PlannedStratum
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
_NOTHING = object()


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
        or _compare_frames(again, plan)
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
    if isinstance(expected, tuple) and isinstance(actual, tuple):
        pairs = enumerate(itertools.zip_longest(expected, actual, fillvalue=_NOTHING))
        row, (expected, actual) = next(pair for pair in pairs if pair[1][0] != pair[1][1])
        place = f"{place}[{row}]"
    return Difference(place=place, expected=_shown(expected), found=_shown(actual))


def _shown(value: object) -> str:
    """Name a value as the plan's file writes it."""
    if value is _NOTHING:
        return "nothing"
    if isinstance(value, NoQuota):
        name = value.unit if value.group is None else f"{value.unit}/{value.group}"
        return repr(f"{name} ({value.unit_group})")
    return repr(str(value)) if isinstance(value, Selection) else repr(value)


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


def _compare_frames(again: Plan, plan: Plan) -> Difference | None:
    """Say what may have changed in a frame that still gives every position of the plan."""
    if again.frame_digest == plan.frame_digest:
        return None
    return Difference(
        place="frame_digest",
        expected=repr(again.frame_digest),
        found=f"{plan.frame_digest!r}; all positions agree, so what changed is a name or the order "
        "of a staff list, a way of selection, or people whom no quota asks: compare the lists",
    )


def _name_of(plan: Plan, row: int) -> str:
    """Name the stratum in a row, or say that there is none."""
    if row >= len(plan.strata):
        return "no stratum"
    return f"{plan.strata[row].unit}/{plan.strata[row].group}"
