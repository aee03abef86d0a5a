"""The shape of a draw's file: the frame's columns, the request, a record per stratum.

Where the draw was to overlap an earlier one by so many units, that draw's whole file is within,
because the starting point follows from it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from survey.services.draw_parts import Part
from survey.services.select_methods import SelectRequest, StratumList

__all__ = ["KIND", "DrawFile", "FramePart", "StratumPart", "selected_of"]

KIND: Final = "khaosat/draw/1"

Numbers = tuple[int | float, ...]


class FramePart(Part):
    """The columns that a draw looks at, a row per unit in the frame's order."""

    code: tuple[str, ...]
    stratum: tuple[str, ...] | None = None
    size: Numbers | None = None
    balance: Mapping[str, Numbers] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        """Refuse columns of different lengths."""
        columns = {"stratum": self.stratum, "size": self.size, **self.balance}
        for name, column in columns.items():
            if column is not None and len(column) != len(self.code):
                raise ValueError(
                    f"{name} has {len(column)} values for {len(self.code)} codes; give one each"
                )
        return self

    def strata(self) -> list[StratumList]:
        """Divide the frame into its strata, by name.

        Returns
        -------
        list of StratumList
        """
        names = self.stratum or ("",) * len(self.code)
        rows: dict[str, list[int]] = {}
        for row, name in enumerate(names):
            rows.setdefault(name, []).append(row)
        return [self._stratum(name, rows[name]) for name in sorted(rows)]

    def _stratum(self, name: str, rows: Sequence[int]) -> StratumList:
        """Take the rows of one stratum."""
        return StratumList(
            stratum=name,
            codes=[self.code[row] for row in rows],
            sizes=None if self.size is None else [self.size[row] for row in rows],
            variables={
                variable: [column[row] for row in rows] for variable, column in self.balance.items()
            },
        )


class StratumPart(Part):
    """The record of one stratum's draw, and its reserves in their order."""

    stratum: str
    record: Mapping[str, Any]
    reserves: tuple[str, ...] = ()


class DrawFile(Part):
    """A draw: frame, request, records, the draw that it was coordinated with, and the digest."""

    kind: Literal["khaosat/draw/1"] = KIND
    source: str
    columns: Mapping[str, str]
    frame: FramePart
    request: SelectRequest
    strata: tuple[StratumPart, ...]
    before: "DrawFile | None" = None
    digest: str = ""


def selected_of(file: DrawFile) -> list[str]:
    """List the codes that a file says were selected, stratum by stratum.

    Parameters
    ----------
    file : DrawFile

    Returns
    -------
    list of str
    """
    return [str(code) for part in file.strata for code in part.record.get("selected", ())]
