"""Response, cooperation, refusal and contact rates from final dispositions.

All the rates of the AAPOR Standard Definitions, as exact fractions under their own names: the
reader who compares two surveys must see which denominator each used.
"""

from dataclasses import dataclass, fields
from fractions import Fraction

from stats.errors import ScoreError

__all__ = ["Dispositions", "OutcomeRates", "eligible_share", "outcome_rates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispositions:
    """How many cases ended how; every invited case is in one of them.

    ``unknown`` are cases whose eligibility was never learnt (AAPOR's UH and UO together), such as
    an invitation to which nothing came back; ``non_contact`` are eligible people known to exist
    who were not reached; ``other`` are eligible people reached who could not answer (illness,
    absence, language).
    """

    complete: int
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown: int = 0
    ineligible: int = 0

    @property
    def eligible(self) -> int:
        """Cases known to be eligible."""
        return self.complete + self.partial + self.refusal + self.non_contact + self.other

    @property
    def cases(self) -> int:
        """All cases."""
        return self.eligible + self.unknown + self.ineligible


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRates:
    """Rates in [0, 1]; ``None`` where the denominator is empty.

    ``e`` is the share of the unknown that was counted as eligible in rr3, rr4, ref2 and con2;
    ``None`` where nothing is known to estimate it from.
    """

    e: Fraction | None
    rr1: Fraction | None
    rr2: Fraction | None
    rr3: Fraction | None
    rr4: Fraction | None
    rr5: Fraction | None
    rr6: Fraction | None
    coop1: Fraction | None
    coop2: Fraction | None
    coop3: Fraction | None
    coop4: Fraction | None
    ref1: Fraction | None
    ref2: Fraction | None
    ref3: Fraction | None
    con1: Fraction | None
    con2: Fraction | None
    con3: Fraction | None


def outcome_rates(counts: Dispositions, *, e: Fraction | None = None) -> OutcomeRates:
    """Compute the rates of the AAPOR Standard Definitions.

    With I complete, P partial, R refusal, NC non-contact, O other, U unknown and
    E = I + P + R + NC + O: RR1 = I/(E + U), RR3 = I/(E + eU), RR5 = I/E; RR2, RR4, RR6 have
    I + P above the line. COOP1 = I/(I + P + R + O), COOP3 = I/(I + P + R); COOP2 and COOP4 have
    I + P above. REF1, REF2, REF3 have R over the denominators of RR1, RR3, RR5; CON1, CON2, CON3
    have I + P + R + O over them.

    Parameters
    ----------
    counts : Dispositions
    e : Fraction in [0, 1], optional
        By default ``eligible_share``: as eligible as the cases that are known.

    Returns
    -------
    OutcomeRates

    Raises
    ------
    ScoreError
        On a negative count, or e outside [0, 1].

    References
    ----------
    AAPOR (2023), Standard Definitions, 10th edition, "Calculating rates".

    Examples
    --------
    >>> counts = Dispositions(complete=6, partial=1, refusal=1, unknown=2, ineligible=2)
    >>> rates = outcome_rates(counts)
    >>> str(rates.rr1), str(rates.rr3), str(rates.rr6), str(rates.coop3)
    ('3/5', '5/8', '7/8', '3/4')
    """
    _check(counts, e)
    share = eligible_share(counts) if e is None else e
    known = Fraction(counts.eligible)
    widest = known + counts.unknown
    likely = known + share * counts.unknown if share is not None else None
    if not counts.unknown:
        likely = known
    answered = counts.complete + counts.partial
    asked = answered + counts.refusal
    reached = asked + counts.other
    return OutcomeRates(
        e=share,
        rr1=_rate(counts.complete, widest),
        rr2=_rate(answered, widest),
        rr3=_rate(counts.complete, likely),
        rr4=_rate(answered, likely),
        rr5=_rate(counts.complete, known),
        rr6=_rate(answered, known),
        coop1=_rate(counts.complete, Fraction(reached)),
        coop2=_rate(answered, Fraction(reached)),
        coop3=_rate(counts.complete, Fraction(asked)),
        coop4=_rate(answered, Fraction(asked)),
        ref1=_rate(counts.refusal, widest),
        ref2=_rate(counts.refusal, likely),
        ref3=_rate(counts.refusal, known),
        con1=_rate(reached, widest),
        con2=_rate(reached, likely),
        con3=_rate(reached, known),
    )


def eligible_share(counts: Dispositions) -> Fraction | None:
    """Return the share of eligible cases among those whose eligibility is known.

    The proportional allocation of the unknown (Council of American Survey Research Organizations,
    1982). None where nothing is known.

    Examples
    --------
    >>> eligible_share(Dispositions(complete=3, ineligible=1))
    Fraction(3, 4)
    """
    known = counts.eligible + counts.ineligible
    return Fraction(counts.eligible, known) if known else None


def _rate(part: int, whole: Fraction | None) -> Fraction | None:
    return Fraction(part) / whole if whole else None


def _check(counts: Dispositions, e: Fraction | None) -> None:
    for field in fields(counts):
        value = getattr(counts, field.name)
        if value < 0:
            raise ScoreError(f"{field.name} must be 0 or more, not {value}")
    if e is not None and not 0 <= e <= 1:
        raise ScoreError(f"e is a share in [0, 1], not {e}")
