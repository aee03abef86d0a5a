"""How many answers are needed, and what a number of answers buys, by every formula side by side.

Each line says what it assumes: Slovin's formula is printed in Vietnamese guides without saying so,
and its number is often less precise, or less needed, than it looks.
"""

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

from sampling.sizes import (
    Conditions,
    RatioSpread,
    SampleSize,
    TwoWaves,
    cochran,
    design_effect,
    detectable_change,
    difference_half_width,
    difference_size,
    domain_half_width,
    domain_size,
    implied_error,
    mean_half_width,
    mean_size,
    normal_quantile,
    power_of_change,
    proportion_half_width,
    proportion_size,
    ratio_half_width,
    ratio_size,
    size_to_detect,
    slovin,
)

__all__ = ["Clusters", "ErrorLine", "SizeLine", "SizeQuestion", "bought", "needed"]

_SLOVIN = (
    "hides p = 0.5, z = 2 (95.4 %), one simple random sample without clusters, everybody answers, "
    "one result for all"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """How many people are asked together, how alike they are, and how unequal the clusters are."""

    mean_size: float
    icc: float
    size_cv: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeQuestion:
    """What is known when a size is asked for; what is None is not asked.

    ``error`` and ``p`` are proportions, ``half_width``, ``deviation`` and ``ratio`` in the unit of
    the answers, ``change`` in proportions between two rounds.
    """

    population: int | None = None
    error: float = 0.05
    level: float = 0.95
    p: float = 0.5
    deff: float = 1.0
    clusters: Clusters | None = None
    response: float = 1.0
    half_width: float | None = None
    deviation: float | None = None
    ratio: RatioSpread | None = None
    domain: float | None = None
    change: float | None = None
    overlap: float = 0.0
    correlation: float = 0.0
    power: float = 0.8

    @property
    def conditions(self) -> Conditions:
        """The circumstances that all formulas but Slovin's share."""
        clustered = (
            design_effect(self.clusters.mean_size, self.clusters.icc, size_cv=self.clusters.size_cv)
            if self.clusters
            else 1.0
        )
        return Conditions(
            population=self.population,
            level=self.level,
            design_effect=self.deff * clustered,
            response_rate=self.response,
        )

    @property
    def waves(self) -> TwoWaves:
        """Two rounds of this proportion, the second changed by ``change``."""
        return TwoWaves.of_proportions(
            self.p, self.p + (self.change or 0), overlap=self.overlap, correlation=self.correlation
        )

    @property
    def two_rounds(self) -> bool:
        """Whether a comparison of two rounds is asked for."""
        return self.change is not None or self.overlap > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLine:
    """Answers needed by one formula, people to ask for them, and what that rests on."""

    key: str
    what: str
    answers: int
    to_ask: int
    reachable: bool
    assumes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLine:
    """What n answers buy by one formula; ``is_share`` tells a proportion from points.

    ``value`` is None where n answers cannot tell.
    """

    key: str
    what: str
    value: float | None
    is_share: bool
    assumes: str


def needed(question: SizeQuestion) -> list[SizeLine]:
    """Compute the answers needed by every formula that the question has the numbers for.

    Parameters
    ----------
    question : SizeQuestion

    Returns
    -------
    list of SizeLine
        Slovin first where N is known, then Cochran, then what was asked for.

    Raises
    ------
    SampleSizeError
        A number is out of its range.

    Examples
    --------
    >>> [(line.key, line.answers) for line in needed(SizeQuestion(population=1200))]
    [('slovin', 300), ('cochran', 292)]
    """
    return [*_proportion_sizes(question), *_other_sizes(question), *_change_sizes(question)]


def bought(question: SizeQuestion, size: int) -> list[ErrorLine]:
    """Compute what a number of answers is worth by every formula that applies.

    Parameters
    ----------
    question : SizeQuestion
    size : int
        n, answers.

    Returns
    -------
    list of ErrorLine

    Raises
    ------
    SampleSizeError
        A number is out of its range, or n is more than N.

    Examples
    --------
    >>> lines = bought(SizeQuestion(population=60), 9)
    >>> [(line.key, f"{line.value:.3f}") for line in lines]
    [('slovin', '0.307'), ('proportion', '0.304')]
    """
    return [*_single_errors(question, size), *_change_errors(question, size)]


def _line(key: str, what: str, size: SampleSize, assumes: str) -> SizeLine:
    """Show a size that knows its steps."""
    return SizeLine(
        key=key,
        what=what,
        answers=size.answers,
        to_ask=size.to_ask,
        reachable=size.reachable,
        assumes=assumes,
    )


def _round_line(question: SizeQuestion, key: str, what: str, size: SampleSize) -> SizeLine:
    """Show the size of each of two rounds; both together may need more people than there are."""
    line = _line(key, what, size, f"n of each round; {_of_rounds(question)}")
    people = line.to_ask * (2 - question.overlap)
    enough = question.population is None or people <= question.population
    return dataclasses.replace(line, reachable=line.reachable and enough)


def _plain(key: str, what: str, answers: int, assumes: str) -> SizeLine:
    """Show a size that takes everybody to answer."""
    return SizeLine(
        key=key, what=what, answers=answers, to_ask=answers, reachable=True, assumes=assumes
    )


def _proportion_sizes(question: SizeQuestion) -> Iterator[SizeLine]:
    """Compute the sizes for one proportion."""
    population, error = question.population, question.error
    if population is not None:
        yield _plain("slovin", f"Slovin, e = {error:g}", slovin(population, error), _SLOVIN)
    z = normal_quantile(question.level)
    correction = "with finite correction" if population is not None else "an unlimited population"
    size = cochran(population, error, p=question.p, z=z)
    assumed = f"p = {question.p:g}, z = {z:.3f}, {correction}; everybody answers, no clusters"
    yield _plain("cochran", f"Cochran, ± {error:g}", size, assumed)
    conditions = question.conditions
    if conditions.design_effect != 1 or conditions.response_rate != 1:
        design = proportion_size(error, p=question.p, conditions=conditions)
        yield _line("proportion", f"a proportion, ± {error:g}", design, _of(question))


def _other_sizes(question: SizeQuestion) -> Iterator[SizeLine]:
    """Compute the sizes for a mean, a ratio and a domain where they are asked for."""
    conditions, width = question.conditions, question.half_width
    if width is not None and question.deviation is not None:
        size = mean_size(width, deviation=question.deviation, conditions=conditions)
        assumed = f"S = {question.deviation:g}; {_of(question)}"
        yield _line("mean", f"a mean, ± {width:g}", size, assumed)
    if width is not None and question.ratio is not None:
        size = ratio_size(width, spread=question.ratio, conditions=conditions)
        assumed = f"R = {question.ratio.ratio:g}, linearised; {_of(question)}"
        yield _line("ratio", f"a ratio, ± {width:g}", size, assumed)
    if question.domain is not None:
        spread = _spread(question)
        size = domain_size(
            question.error, share=question.domain, deviation=spread, conditions=conditions
        )
        what = f"a proportion in a {question.domain:.0%} domain, ± {question.error:g}"
        assumed = f"n of the whole sample, which meets the domain by chance; {_of(question)}"
        yield _line("domain", what, size, assumed)


def _change_sizes(question: SizeQuestion) -> Iterator[SizeLine]:
    """Compute the sizes of each round for a comparison of two."""
    if not question.two_rounds:
        return
    waves, conditions = question.waves, question.conditions
    size = difference_size(question.error, waves=waves, conditions=conditions)
    what = f"difference of two rounds, ± {question.error:g}"
    yield _round_line(question, "difference", what, size)
    if question.change:
        size = size_to_detect(
            question.change, waves=waves, power=question.power, conditions=conditions
        )
        what = f"a change of {question.change:+g} found with power {question.power:g}"
        yield _round_line(question, "power", what, size)


def _single_errors(question: SizeQuestion, size: int) -> Iterator[ErrorLine]:
    """Compute what n buys in one round."""
    if question.population is not None:
        error = implied_error(size, question.population)
        yield _error("slovin", "Slovin's own formula turned round", error, _SLOVIN)
    conditions = question.conditions
    width = proportion_half_width(size, p=question.p, conditions=conditions)
    rough = size * min(question.p, 1 - question.p) < 10
    doubt = "; too few answers for the normal curve, take it as the least" if rough else ""
    what = f"a proportion of {question.p:g}"
    yield _error("proportion", what, width, f"{_of(question)}{doubt}")
    if question.deviation is not None:
        width = mean_half_width(size, deviation=question.deviation, conditions=conditions)
        assumed = f"S = {question.deviation:g}, t with n − 1; {_of(question)}"
        yield _error("mean", "a mean", width, assumed, is_share=False)
    if question.ratio is not None:
        width = ratio_half_width(size, spread=question.ratio, conditions=conditions)
        yield _error("ratio", "a ratio", width, _of(question), is_share=False)
    if question.domain is not None:
        width = domain_half_width(
            size, share=question.domain, deviation=_spread(question), conditions=conditions
        )
        what = f"a proportion in a {question.domain:.0%} domain"
        yield _error("domain", what, width, f"the domain is met by chance; {_of(question)}")


def _change_errors(question: SizeQuestion, size: int) -> Iterator[ErrorLine]:
    """Compute what n in each round buys for a comparison of two."""
    if not question.two_rounds:
        return
    waves, conditions, assumed = question.waves, question.conditions, _of_rounds(question)
    width = difference_half_width(size, waves=waves, conditions=conditions)
    yield _error("difference", "difference of two rounds", width, assumed)
    least = detectable_change(size, waves=waves, power=question.power, conditions=conditions)
    what = f"smallest change found with power {question.power:g}"
    yield _error("detectable", what, least, assumed)
    if question.change:
        power = power_of_change(size, change=question.change, waves=waves, conditions=conditions)
        yield _error("power", f"power for a change of {question.change:+g}", power, assumed)


def _error(key: str, what: str, value: float, assumes: str, *, is_share: bool = True) -> ErrorLine:
    """Show what n buys; None where it cannot tell, as one answer tells no spread."""
    known = value if math.isfinite(value) else None
    return ErrorLine(key=key, what=what, value=known, is_share=is_share, assumes=assumes)


def _spread(question: SizeQuestion) -> float:
    """Compute the standard deviation of one yes-or-no answer."""
    return math.sqrt(question.p * (1 - question.p))


def _of(question: SizeQuestion) -> str:
    """Say the level, the design effect and the response that a line rests on."""
    conditions = question.conditions
    return (
        f"{conditions.level * 100:g} % confidence, design effect {conditions.design_effect:.3g}, "
        f"{conditions.response_rate * 100:g} % answer"
    )


def _of_rounds(question: SizeQuestion) -> str:
    """Say what joins two rounds beside what a single one rests on."""
    joined = f"overlap {question.overlap:g}, correlation {question.correlation:g}"
    return f"{joined}; {_of(question)}"
