"""Bands, ranks and pairwise chances of 150 units from 4,000 draws: the promise is under 2 s.

Beside a plain loop over urns of the same kind at a size the loop can manage (10 units, 200 draws),
its seconds scaled up by units × draws. Seconds are those of the processor, so that a busy machine
does not count; the work runs on one core.
"""

import time
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from stats.bands import Band
from stats.polya import Urn
from stats.ranking import (
    PublishingRules,
    RankingUnit,
    ScoringRules,
    draw_points,
    rank_posterior,
)
from stats.scores import CriterionPoints, GroupWeighting, ItemPoints, StratumAnswers, UnitAnswers

UNITS, DRAWS = 150, 4000
FEW_UNITS, FEW_DRAWS = 10, 200
PRIOR = 2
ITEMS = tuple(f"q{number}" for number in range(27))
CRITERIA = (
    CriterionPoints(
        code="C",
        maximum=Decimal(27),
        items=tuple(ItemPoints(item=item, points=Decimal(1)) for item in ITEMS),
    ),
)
SCORING = ScoringRules(
    criteria=CRITERIA, weighting=GroupWeighting.POPULATION, survey_points=Decimal(22)
)
PUBLISHING = PublishingRules(
    places=2,
    bands=(
        Band(
            code="TOT", label="Tốt", lower=Decimal(85), lower_closed=True, upper=None,
            upper_closed=False,
        ),
        Band(
            code="YEU", label="Yếu", lower=None, lower_closed=False, upper=Decimal(85),
            upper_closed=False,
        ),
    ),
)  # fmt: skip


def made_up_units(count: int, gaps: float) -> list[RankingUnit]:
    """Make units of 5 leaders and 4 officials; a share of answers is missing."""
    rng = np.random.Generator(np.random.PCG64(2022))
    units = []
    for number in range(count):
        strata = []
        for group, people, asked in (
            ("LD", rng.integers(6, 13), 5),
            ("CC", rng.integers(15, 49), 4),
        ):
            level = rng.integers(1, 4)
            rows = tuple(
                {
                    item: Fraction(int(np.clip(level + rng.integers(-1, 2), 0, 4)), 4)
                    for item in ITEMS
                    if rng.random() >= gaps
                }
                for _ in range(asked)
            )
            strata.append(StratumAnswers(group=group, population=int(people), values=rows))
        units.append(RankingUnit(answers=UnitAnswers(unit=f"U{number:03}", strata=tuple(strata))))
    return units


def plain_posterior(urns: Sequence[Urn], draws: int, rng: np.random.Generator) -> int:
    """Draw ball after ball, then compare every pair of units: what the fast one must beat."""
    wins = 0
    for _ in range(draws):
        sums = []
        for urn in urns:
            balls = urn.seen[0].tolist()
            for _ in range(urn.unseen):
                place = int(rng.random() * (len(balls) + PRIOR))
                stranger = float(urn.pool[int(rng.random() * len(urn.pool))])
                balls.append(balls[place] if place < len(balls) else stranger)
            sums.append(sum(balls))
        wins += sum(one > other for one in sums for other in sums)
    return wins


def few_urns() -> list[Urn]:
    """Make the strata of the loop's units, without going through answers."""
    rng = np.random.Generator(np.random.PCG64(2))
    pool = rng.random(90)
    return [
        Urn(seen=rng.random((1, asked)), unseen=unseen, pool=pool)
        for _ in range(FEW_UNITS)
        for asked, unseen in ((5, 4), (4, 27))
    ]


def seconds(units: list[RankingUnit]) -> float:
    """Time the way from answers to every probability, the best of three."""
    times = []
    for _ in range(3):
        rng = np.random.Generator(np.random.PCG64(1))
        start = time.process_time()
        rank_posterior(draw_points(units, SCORING, rng=rng, draws=DRAWS), PUBLISHING)
        times.append(time.process_time() - start)
    return min(times)


def rows() -> list[tuple[str, float, float, str]]:
    """Measure: what, seconds, seconds of the floor, and the floor's name."""
    start = time.process_time()
    plain_posterior(few_urns(), FEW_DRAWS, np.random.Generator(np.random.PCG64(1)))
    loop = (time.process_time() - start) * UNITS * DRAWS / (FEW_UNITS * FEW_DRAWS)
    return [
        (f"150 units, 27 items, 4,000 draws, {name}", seconds(units), loop, "plain loop, scaled up")
        for name, units in (
            ("every item answered", made_up_units(UNITS, 0.0)),
            ("5 % of the items missing", made_up_units(UNITS, 0.05)),
        )
    ]
