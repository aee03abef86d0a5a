"""What a draw hands over to the estimation: weight, strata, psu and fpc, and joint probabilities.

Columns rather than objects, as `sampling.probabilities` does it; a blank name of a stratum becomes
a word, because files do not tell a blank from a missing value.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sampling import SamplingError
from sampling.household import HouseholdRule, Member, kish_order, person_weight
from sampling.household import within_household_chance as chance_within
from sampling.multistage import StageSample, stage_columns
from survey.errors import RefusedInputError
from survey.services.household_file import HouseholdPart
from survey.services.select_methods import StratumDraw

__all__ = ["Columns", "draw_columns", "joint_table", "member_columns", "stage_table"]

Columns = dict[str, Sequence[str | int | float]]

_MOST_ROWS = 5_000  # of a joint matrix in a file: 25 million pairs
_DRAWN = "drawn"
_JOINT = "The request for joint probabilities"


def draw_columns(draws: Sequence[StratumDraw]) -> Columns:
    """Lay the selected units out as the columns of a design of one stage.

    Parameters
    ----------
    draws : sequence of StratumDraw

    Returns
    -------
    Columns
        ``code probability weight strata psu fpc``. A certain unit is a stratum of its own with fpc
        1; fpc is infinity where drawing goes by size, so that the variance is estimated as if
        drawn with replacement.
    """
    codes = [code for draw in draws for code in draw.selected]
    chances = [chance for draw in draws for chance in draw.probabilities.tolist()]
    sure = [flag for draw in draws for flag in draw.certain.tolist()]
    fpcs = [draw.fpc for draw in draws for _ in draw.selected]
    names = [draw.stratum for draw in draws for _ in draw.selected]
    return {
        "code": codes,
        "probability": chances,
        "weight": [1 / chance for chance in chances],
        "strata": [_stratum(*each) for each in zip(names, codes, sure, strict=True)],
        "psu": codes,
        "fpc": [_fpc(*each) for each in zip(sure, fpcs, strict=True)],
    }


def joint_table(draws: Sequence[StratumDraw]) -> tuple[list[str], list[list[float]]]:
    """Compute the joint inclusion probabilities of the selected units; strata are independent.

    Parameters
    ----------
    draws : sequence of StratumDraw

    Returns
    -------
    list of n str
        Codes, as in `draw_columns`.
    list of n lists of n float
        First-order probabilities on the diagonal; for Pareto sampling the exact ones.

    Raises
    ------
    RefusedInputError
        They are not known for the method, or there are too many.
    """
    codes = [code for draw in draws for code in draw.selected]
    if len(codes) > _MOST_ROWS:
        fault = f"{len(codes)} units have {len(codes) ** 2} pairs; {_MOST_ROWS} units are allowed"
        raise RefusedInputError(what=_JOINT, faults=[fault])
    try:
        blocks = [_block(draw) for draw in draws]
    except SamplingError as error:
        raise RefusedInputError(what=_JOINT, faults=[error]) from error
    first = np.concatenate([block.diagonal() for block in blocks])
    joint = first[:, None] * first
    start = 0
    for block in blocks:
        end = start + len(block)
        joint[start:end, start:end] = block
        start = end
    return codes, joint.tolist()


def stage_table(sample: StageSample) -> Columns:
    """Lay the drawn units of the last stage out as the columns of a design of all stages.

    Parameters
    ----------
    sample : StageSample

    Returns
    -------
    Columns
        ``probability`` over all stages and the columns of `sampling.multistage.stage_columns`.
    """
    columns: Columns = {"probability": [unit.probability for unit in sample.units]}
    for name, values in stage_columns(sample).items():
        cells = values.tolist()
        columns[name] = [cell or _DRAWN for cell in cells] if name.startswith("strata") else cells
    return columns


def member_columns(
    sample: StageSample,
    visited: Sequence[HouseholdPart],
    chosen: Mapping[str, Member],
    *,
    rule: HouseholdRule,
) -> Columns:
    """Lay the chosen members out as the columns of a design, a member weighing what it stands for.

    Parameters
    ----------
    sample : StageSample
        The draw of the households.
    visited : sequence of HouseholdPart
    chosen : mapping of str to Member
        By household.
    rule : HouseholdRule

    Returns
    -------
    Columns
        ``household line eligible`` and those of `stage_table`, where ``probability`` and
        ``weight`` are the member's. Reserves are left out: whom they replace decides their weight.
    """
    table = stage_table(sample)
    places = {"/".join(unit.path): row for row, unit in enumerate(sample.units)}
    homes = [home for home in visited if home.code in places]
    rows = [places[home.code] for home in homes]
    columns: Columns = {
        "household": [home.code for home in homes],
        "line": [chosen[home.code].line for home in homes],
        "eligible": [len(home.members) for home in homes],
    }
    columns |= {name: [cells[row] for row in rows] for name, cells in table.items()}
    weights = [
        _member_weight(home, chosen[home.code], sample.units[row].probability, rule)
        for home, row in zip(homes, rows, strict=True)
    ]
    columns["probability"] = [1 / weight for weight in weights]
    columns["weight"] = weights
    return columns


def _stratum(stratum: str, code: str, sure: bool) -> str:  # noqa: FBT001 - mapped over columns
    """Name the stratum that a unit's variance is computed in."""
    inner = f"certain/{code}" if sure else _DRAWN
    if not stratum:
        return inner
    return f"{stratum}/{inner}" if sure else stratum


def _fpc(sure: bool, fpc: float) -> int | float:  # noqa: FBT001 - mapped over columns
    """Give the population that a unit's variance is corrected by; whole numbers without a point."""
    if sure:
        return 1
    return fpc if math.isinf(fpc) else int(fpc)


def _block(draw: StratumDraw) -> NDArray[np.float64]:
    """Compute the pairs within a stratum."""
    if draw.joint is None:
        fault = f"none are known for the method {draw.record.method}"
        raise RefusedInputError(what=_JOINT, faults=[fault])
    return draw.joint()


def _member_weight(
    home: HouseholdPart, chosen: Member, household: float, rule: HouseholdRule
) -> float:
    """Weigh a chosen member by the household's chance and its own within it."""
    order = [member.line for member in kish_order([each.as_member() for each in home.members])]
    place = order.index(chosen.line) + 1
    return person_weight(household, chance_within(rule, eligible=len(order), place=place))
