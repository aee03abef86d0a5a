"""Rounding, bands and ranks of exact values.

Half-up means away from zero at the half, as the rounds write it; Python's own ``round`` is
half-even and floats hide the half, so neither is used and floats are refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from stats.errors import ScoreError

__all__ = [
    "Band",
    "BandFault",
    "BandProblem",
    "TieRule",
    "band_of",
    "check_bands",
    "rank",
    "rescale_without_survey",
    "round_half_up",
]


class TieRule(StrEnum):
    """How equal values share a rank."""

    MIN = "min"  # 1, 2, 2, 4
    DENSE = "dense"  # 1, 2, 2, 3


class BandFault(StrEnum):
    """What is wrong between two bands, or within one."""

    GAP = "gap"
    OVERLAP = "overlap"
    EMPTY = "empty"
    REPEATED_CODE = "repeated_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A class of values; an end of ``None`` is open without limit."""

    code: str
    label: str
    lower: Decimal | None
    lower_closed: bool
    upper: Decimal | None
    upper_closed: bool

    def holds(self, value: Fraction) -> bool:
        """Tell whether the value lies in this band."""
        above = self.lower is None or (
            value >= Fraction(self.lower) if self.lower_closed else value > Fraction(self.lower)
        )
        below = self.upper is None or (
            value <= Fraction(self.upper) if self.upper_closed else value < Fraction(self.upper)
        )
        return above and below


@dataclass(frozen=True, slots=True, kw_only=True)
class BandProblem:
    """A fault of a set of bands: its kind, the bands concerned and the value where it is."""

    fault: BandFault
    codes: tuple[str, ...]
    at: Decimal | None


def round_half_up(value: Fraction | Decimal | int, places: int) -> Decimal:
    """Round half away from zero, exactly, to ``places`` decimals.

    Parameters
    ----------
    value : Fraction, Decimal or int
    places : int
        Decimals kept, zero or more; the result always shows that many.

    Raises
    ------
    ScoreError
        On a float (it has lost the half already), a non-finite value or negative ``places``.

    Examples
    --------
    >>> round_half_up(Decimal("84.995"), 2)
    Decimal('85.00')
    >>> round_half_up(Fraction(15, 8), 2)
    Decimal('1.88')
    """
    if places < 0:
        raise ScoreError(f"places must be 0 or more, not {places}")
    scaled = _exact(value) * 10**places
    whole = (2 * abs(scaled) + 1) // 2
    digits = tuple(int(digit) for digit in str(whole))
    return Decimal((int(scaled < 0), digits, -places))


def band_of(value: Fraction | Decimal, bands: Sequence[Band]) -> Band:
    """Return the band that holds the value.

    Round first or not as the round declares: 84.995 is Tốt if rounded, Khá if not.

    Raises
    ------
    ScoreError
        When no band, or more than one, holds it.

    Examples
    --------
    >>> good = Band(code="T", label="Tốt", lower=Decimal(85), lower_closed=True,
    ...             upper=Decimal(95), upper_closed=False)
    >>> band_of(Decimal("85.00"), [good]).code
    'T'
    """
    exact = _exact(value)
    holding = [band for band in bands if band.holds(exact)]
    if len(holding) != 1:
        raise ScoreError(
            f"value {value} lies in {len(holding)} bands {[b.code for b in holding]} of "
            f"{[b.code for b in bands]}; check_bands lists gaps and overlaps"
        )
    return holding[0]


def check_bands(bands: Sequence[Band]) -> list[BandProblem]:
    """List gaps, overlaps, empty bands and repeated codes; an empty list is a sound set.

    Examples
    --------
    >>> low = Band(code="K", label="Khá", lower=Decimal(75), lower_closed=True,
    ...            upper=Decimal(85), upper_closed=False)
    >>> high = Band(code="T", label="Tốt", lower=Decimal(85), lower_closed=False,
    ...             upper=Decimal(95), upper_closed=False)
    >>> check_bands([high, low])
    [BandProblem(fault=<BandFault.GAP: 'gap'>, codes=('K', 'T'), at=Decimal('85'))]
    """
    codes = [band.code for band in bands]
    problems = [
        BandProblem(fault=BandFault.REPEATED_CODE, codes=(code,), at=None)
        for code in dict.fromkeys(codes)
        if codes.count(code) > 1
    ]
    problems += [
        BandProblem(fault=BandFault.EMPTY, codes=(band.code,), at=band.lower)
        for band in bands
        if _is_empty(band)
    ]
    ordered = sorted((band for band in bands if not _is_empty(band)), key=_lower_key)
    for low, high in pairwise(ordered):
        fault = _between(low, high)
        if fault is not None:
            problems.append(
                BandProblem(
                    fault=fault,
                    codes=(low.code, high.code),
                    at=low.upper if fault is BandFault.GAP else high.lower,
                )
            )
    return problems


def rank(
    values: Mapping[str, Decimal | None], ties: TieRule = TieRule.MIN
) -> Mapping[str, int | None]:
    """Rank values, best (highest) first; ``None`` is withheld and takes no place.

    Pass values already rounded at the declared stage: ties are ties of what is published.

    Examples
    --------
    >>> points = {"a": Decimal("9.0"), "b": Decimal("8.5"), "c": Decimal("8.50"), "d": Decimal(7)}
    >>> rank(points)
    {'a': 1, 'b': 2, 'c': 2, 'd': 4}
    >>> rank(points | {"e": None}, TieRule.DENSE)
    {'a': 1, 'b': 2, 'c': 2, 'd': 3, 'e': None}
    """
    present = [value for value in values.values() if value is not None]
    if ties is TieRule.DENSE:
        present = list(set(present))
    return {
        name: None if value is None else 1 + sum(other > value for other in present)
        for name, value in values.items()
    }


def rescale_without_survey(
    appraised: Decimal | Fraction, appraised_max: Decimal | Fraction
) -> Fraction:
    """Return the index in percent when there was no survey: 100 A_u / M_A.

    Raises
    ------
    ScoreError
        When the maximum is not positive or the points lie outside it.

    Examples
    --------
    >>> rescale_without_survey(Decimal("63.00"), Decimal("70.00"))
    Fraction(90, 1)
    """
    points, maximum = _exact(appraised), _exact(appraised_max)
    if maximum <= 0 or not 0 <= points <= maximum:
        raise ScoreError(f"appraised points {appraised} do not lie in 0 … {appraised_max}")
    return 100 * points / maximum


def _exact(value: Fraction | Decimal | int) -> Fraction:
    if isinstance(value, float) or (isinstance(value, Decimal) and not value.is_finite()):
        raise ScoreError(f"exact value expected, not {value!r}; pass a Fraction or a Decimal")
    return Fraction(value)


def _is_empty(band: Band) -> bool:
    if band.lower is None or band.upper is None or band.lower < band.upper:
        return False
    return band.lower > band.upper or not (band.lower_closed and band.upper_closed)


def _lower_key(band: Band) -> tuple[bool, Decimal, bool]:
    return (band.lower is not None, band.lower or Decimal(0), not band.lower_closed)


def _between(low: Band, high: Band) -> BandFault | None:
    """Fault at the border of two neighbours, the lower one first."""
    if low.upper is None or high.lower is None or low.upper > high.lower:
        return BandFault.OVERLAP
    if low.upper < high.lower:
        return BandFault.GAP
    if low.upper_closed and high.lower_closed:
        return BandFault.OVERLAP
    return None if low.upper_closed or high.lower_closed else BandFault.GAP
