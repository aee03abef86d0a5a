"""Signs of quality: response rates, straight lines, duplicates, effects of who keyed or asked.

Rates are exact fractions named after what they assume about people not reached, because one
"response rate" without that assumption cannot be compared. Flags only: nothing is removed.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stats.effects import GroupEffect, group_effect
from stats.errors import ScoreError
from stats.form_signs import (
    AnswerState,
    ItemNonresponse,
    SealedCounts,
    SealedShare,
    StraightLine,
    UnitUnanimity,
    item_nonresponse,
    sealed_share,
    straight_lines,
    unanimous_units,
)
from stats.near_duplicates import DuplicatePair, NearDuplicates, near_duplicates
from stats.sensitivity import (
    FlaggedForms,
    SensitivitySummary,
    UnitSensitivity,
    sensitivity_by_unit,
    sensitivity_over_units,
)

__all__ = [
    "AnswerState",
    "CaseCounts",
    "DuplicatePair",
    "FlaggedForms",
    "GroupEffect",
    "ItemNonresponse",
    "NearDuplicates",
    "ResponseRates",
    "SealedCounts",
    "SealedShare",
    "SensitivitySummary",
    "StraightLine",
    "UnitSensitivity",
    "UnitUnanimity",
    "eligible_population",
    "group_effect",
    "identical_answers",
    "is_straight_line",
    "item_nonresponse",
    "near_duplicates",
    "response_rates",
    "sealed_share",
    "sensitivity_by_unit",
    "sensitivity_over_units",
    "straight_lines",
    "unanimous_units",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCounts:
    """Final dispositions of the people (or list positions) that were invited."""

    used: int
    refused: int
    ineligible: int
    not_reached: int
    partial: int = 0

    @property
    def invited(self) -> int:
        """All cases."""
        return self.used + self.partial + self.refused + self.ineligible + self.not_reached


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRates:
    """Rates in [0, 1]; ``None`` where the denominator is empty.

    ``minimum`` counts everybody not reached as eligible (AAPOR RR1), ``with_partials`` counts
    partial answers as answers (RR2), ``estimated`` counts those not reached as eligible at the
    rate seen among the others (RR3). ``refusal`` and ``contact`` share RR1's denominator.
    """

    minimum: Fraction | None
    with_partials: Fraction | None
    estimated: Fraction | None
    refusal: Fraction | None
    contact: Fraction | None


def response_rates(counts: CaseCounts) -> ResponseRates:
    """Compute response, refusal and contact rates.

    Raises
    ------
    ScoreError
        On a negative count.

    References
    ----------
    AAPOR (2023), Standard Definitions, 10th edition: RR1, RR2, RR3, REF1, CON1.

    Examples
    --------
    >>> rates = response_rates(CaseCounts(used=6, refused=1, ineligible=2, not_reached=1))
    >>> rates.minimum, rates.estimated
    (Fraction(3, 4), Fraction(27, 35))
    """
    _check_counts(counts)
    eligible = counts.used + counts.partial + counts.refused
    base = Fraction(eligible + counts.not_reached)
    known = eligible + counts.ineligible
    share = Fraction(eligible, known) if known else Fraction(1)
    return ResponseRates(
        minimum=_rate(counts.used, base),
        with_partials=_rate(counts.used + counts.partial, base),
        estimated=_rate(counts.used, eligible + share * counts.not_reached),
        refusal=_rate(counts.refused, base),
        contact=_rate(eligible, base),
    )


def eligible_population(population: int, *, eligible: int, known: int) -> Fraction:
    """Estimate the eligible people of a stratum: N_h · eligible / known.

    Parameters
    ----------
    population : int
        N_h of the register.
    eligible, known : int
        People found eligible, and people whose eligibility is known.

    Raises
    ------
    ScoreError
        When the counts are not 0 ≤ eligible ≤ known ≤ population, or nothing is known.

    Examples
    --------
    >>> eligible_population(40, eligible=3, known=4)
    Fraction(30, 1)
    """
    if not 0 <= eligible <= known <= population or not known:
        raise ScoreError(
            f"need 0 <= eligible <= known <= population and known > 0; "
            f"got {eligible}, {known}, {population}"
        )
    return Fraction(population * eligible, known)


def is_straight_line(answers: Sequence[Hashable], *, minimum: int = 20) -> bool:
    """Tell whether one code was given to at least ``minimum`` of the scored items.

    ``answers`` holds the codes of items that were answered; missing ones are left out before.

    Examples
    --------
    >>> is_straight_line(["5"] * 19 + ["4"] * 8), is_straight_line(["5"] * 20 + ["1"])
    (False, True)
    """
    return any(answers.count(code) >= minimum for code in set(answers))


def identical_answers(
    vectors: Sequence[Sequence[Hashable]], *, minimum: int = 5
) -> tuple[tuple[int, ...], ...]:
    """Find sets of at least ``minimum`` respondents of a unit with the very same answers.

    Returns
    -------
    tuple of tuples of positions in ``vectors``, in order of first appearance

    Examples
    --------
    >>> identical_answers(["54", "55", "54", "53", "54"], minimum=3)
    ((0, 2, 4),)
    """
    alike: dict[tuple[Hashable, ...], list[int]] = {}
    for position, vector in enumerate(vectors):
        alike.setdefault(tuple(vector), []).append(position)
    return tuple(tuple(found) for found in alike.values() if len(found) >= minimum)


def _rate(part: int, whole: Fraction) -> Fraction | None:
    return Fraction(part) / whole if whole else None


def _check_counts(counts: CaseCounts) -> None:
    for name in ("used", "refused", "ineligible", "not_reached", "partial"):
        if getattr(counts, name) < 0:
            raise ScoreError(f"{name} must be 0 or more, not {getattr(counts, name)}")
