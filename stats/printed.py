"""Probabilities as a council reads them: to the nearest ten per cent, and no surer than they are.

Nine answers do not carry a probability to the per cent. What rounds to 0 or 100 is printed as
"under 5 %" and "over 95 %"; certainty is printed only where nothing was left to chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from stats.bands import round_half_up
from stats.errors import ScoreError

__all__ = ["PrintedKind", "PrintedProbability", "print_probabilities", "print_probability"]


class PrintedKind(StrEnum):
    """How a printed probability is to be read."""

    UNDER = "under"  # less than 5 %
    ABOUT = "about"  # to the nearest ten per cent
    OVER = "over"  # more than 95 %
    CERTAIN = "certain"  # 0 or 100 %, known without sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedProbability:
    """A probability as it may be printed; a page words it in its own language."""

    kind: PrintedKind
    percent: int

    @property
    def text(self) -> str:
        """The English wording."""
        match self.kind:
            case PrintedKind.UNDER | PrintedKind.OVER:
                return f"{self.kind} {self.percent} %"
            case PrintedKind.ABOUT:
                return f"about {self.percent} %"
            case PrintedKind.CERTAIN:
                return f"{self.percent} %"


def print_probability(probability: float, *, certain: bool = False) -> PrintedProbability:
    """Round a probability to the nearest ten per cent, half up, between 10 and 90.

    Parameters
    ----------
    probability : float in [0, 1]
    certain : bool
        The unit's points have no uncertainty; allows 0 and 100 %.

    Raises
    ------
    ScoreError
        When it is no probability.

    Examples
    --------
    >>> [print_probability(p).text for p in (0.0, 0.04, 0.05, 0.449, 0.95, 0.96)]
    ['under 5 %', 'under 5 %', 'about 10 %', 'about 40 %', 'about 90 %', 'over 95 %']
    >>> print_probability(1.0, certain=True).text
    '100 %'
    """
    if not -1e-9 <= probability <= 1 + 1e-9:
        raise ScoreError(f"a probability lies in [0, 1], not at {probability}")
    if certain and probability in (0.0, 1.0):
        return PrintedProbability(kind=PrintedKind.CERTAIN, percent=int(100 * probability))
    if probability < 0.05:
        return PrintedProbability(kind=PrintedKind.UNDER, percent=5)
    if probability > 0.95:
        return PrintedProbability(kind=PrintedKind.OVER, percent=95)
    tens = int(round_half_up(Fraction(probability).limit_denominator(10**9) * 10, 0))
    return PrintedProbability(kind=PrintedKind.ABOUT, percent=10 * min(max(tens, 1), 9))


def print_probabilities(
    probabilities: Sequence[float], *, certain: bool = False
) -> tuple[tuple[PrintedProbability, ...], bool]:
    """Print the probabilities of one unit's bands or ranks, and tell whether they add up to 100.

    Each is rounded by itself: forcing the sum would make one of them less true. Where the flag is
    False the table has to say that rounded figures need not add up.

    Examples
    --------
    >>> printed, adds_up = print_probabilities([0.62, 0.35, 0.03])
    >>> [entry.text for entry in printed], adds_up
    (['about 60 %', 'about 40 %', 'under 5 %'], False)
    """
    printed = tuple(print_probability(p, certain=certain) for p in probabilities)
    inexact = any(entry.kind in (PrintedKind.UNDER, PrintedKind.OVER) for entry in printed)
    return printed, not inexact and sum(entry.percent for entry in printed) == 100
