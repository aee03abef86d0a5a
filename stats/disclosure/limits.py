"""The limits of a round, and which count may be shown under them.

A difference of two shown counts is a count like any other, so the same rule judges cells,
complements and differences. That a share is never 0 or 100 % follows: the empty side fails.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stats.errors import DisclosureError

__all__ = ["DisclosureLimits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureLimits:
    """What a round declares about small cells.

    Parameters
    ----------
    minimum_cell : int
        Answers a shown count needs.
    minimum_units : int
        Units they must come from.
    largest_share : Fraction
        Largest share of the answers that may come from one unit.
    protection : int
        Smallest width of what an attacker can find out about a withheld count: 1 leaves two
        values possible, 2 three.
    insiders : int
        Answers of every finest cell that the attacker knows: 1 covers any single respondent.
    differences : bool
        Whether complements and differences of two shown counts must pass as well.
    rounding_base : int
        Shown counts are rounded half-up to multiples of it; 1 shows them as they are.
    share_places : int
        Decimals of a shown percentage.
    """

    minimum_cell: int = 10
    minimum_units: int = 3
    largest_share: Fraction = Fraction(1, 2)
    protection: int = 2
    insiders: int = 1
    differences: bool = True
    rounding_base: int = 1
    share_places: int = 1

    def __post_init__(self) -> None:
        for name, least in (
            ("minimum_cell", 1),
            ("minimum_units", 1),
            ("protection", 1),
            ("insiders", 0),
            ("rounding_base", 1),
            ("share_places", 0),
        ):
            if getattr(self, name) < least:
                raise DisclosureError(
                    f"{name} is {getattr(self, name)}; it must be {least} or more"
                )
        if not 0 < self.largest_share <= 1:
            raise DisclosureError(
                f"largest_share is {self.largest_share}; it must be over 0 and not over 1"
            )

    def allows(self, by_unit: NDArray[np.int64]) -> bool:
        """Tell whether a count may be shown, given how many of its answers each unit gave.

        Parameters
        ----------
        by_unit : array of shape (units,)

        Examples
        --------
        >>> limits = DisclosureLimits()
        >>> limits.allows(np.array([4, 4, 4])), limits.allows(np.array([8, 2, 2]))
        (True, False)
        """
        total = int(by_unit.sum())
        return (
            total >= self.minimum_cell
            and int((by_unit > 0).sum()) >= self.minimum_units
            and Fraction(int(by_unit.max(initial=0))) <= self.largest_share * total
        )

    def shows_an_end(self, count: int, base: int) -> bool:
        """Tell whether the rounded percentage would read 0 or 100.

        Examples
        --------
        >>> DisclosureLimits(share_places=0).shows_an_end(12, 4000)
        True
        """
        if base == 0:
            return True
        steps = 100 * 10**self.share_places
        rounded = (2 * count * steps + base) // (2 * base)
        return rounded in (0, steps)

    def shown_interval(self, count: int) -> tuple[int, int]:
        """Return the smallest and the largest count that are shown like ``count``.

        Examples
        --------
        >>> DisclosureLimits(rounding_base=5).shown_interval(12)
        (8, 12)
        """
        base = self.rounding_base
        shown = self.rounded(count)
        return max(shown - base // 2, 0), shown + (base - 1) // 2

    def rounded(self, count: int) -> int:
        """Return ``count`` as it is shown.

        Examples
        --------
        >>> DisclosureLimits(rounding_base=5).rounded(12)
        10
        """
        base = self.rounding_base
        return (2 * count + base) // (2 * base) * base
