"""Whether the intervals cover, and the band probabilities mean what they say.

Two-stage populations (units, then people) are made first and their digest is compared with the
one below before any method runs: nobody can tune them to a method. Every figure is printed with
its Monte-Carlo error, clustered by unit because a population is sampled several times.

Run ``python benchmarks/index_coverage.py`` for all tables (some minutes); the suite runs
``coverage`` and ``reliability`` on the first provinces.
"""

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stats.bands import Band, band_of, round_half_up
from stats.errors import ScoreError
from stats.intervals import composite_interval, pooled_covariance, satterthwaite_interval
from stats.rank_sets import simultaneous_rank_sets
from stats.ranking import (
    PublishingRules,
    RankingUnit,
    ScoringRules,
    draw_points,
    rank_posterior,
)
from stats.scores import CriterionPoints, GroupWeighting, ItemPoints, StratumAnswers, UnitAnswers

PROVINCES = 200
SAMPLES = 10  # of each unit, for coverage
SHAPES = ("normal",) * 8 + ("skewed",) * 5 + ("straight-line top",) * 4 + ("unanimous",) * 3
CLASSES = ((6, 15), (16, 30), (31, 60))
LEADERS, OFFICIALS = 5, 4
STEPS = 108  # a composite is the sum of 27 answers of 0 to 4
SPREADS = {"usual": 0.05, "wide": 0.10}
SEED = 20221207
DIGESTS = {
    "usual": "25d169043b8db60a45ba2023675b3abc749e8f481e6fcebee06d1c965ad26344",
    "wide": "322e04f5777126546acd21397084ff110651b20fa9c0aabd5c34af7ac173bedb",
}
CRITERIA = (
    CriterionPoints(
        code="C", maximum=Decimal(100), items=(ItemPoints(item="q", points=Decimal(100)),)
    ),
)
POPULATION = GroupWeighting.POPULATION
BANDS = tuple(
    Band(
        code=code,
        label=code,
        lower=None if lower is None else Decimal(lower),
        lower_closed=lower is not None,
        upper=None if upper is None else Decimal(upper),
        upper_closed=upper == 100,
    )
    for code, lower, upper in (
        ("XUAT_SAC", 95, 100),
        ("TOT", 85, 95),
        ("KHA", 75, 85),
        ("TRUNG_BINH", 70, 75),
        ("YEU", None, 70),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unit:
    """A unit's people: composites in steps of 1/108, leaders and officials."""

    name: str
    shape: str
    leaders: NDArray[np.int16]
    officials: NDArray[np.int16]

    @property
    def size(self) -> int:
        """All people of the unit."""
        return self.leaders.size + self.officials.size

    @property
    def truth(self) -> Fraction:
        """Percent that asking everybody would give."""
        return Fraction(
            100 * (int(self.leaders.sum()) + int(self.officials.sum())), STEPS * self.size
        )

    @property
    def size_class(self) -> str:
        """Name the class of N."""
        low, high = next(c for c in CLASSES if c[0] <= self.size <= c[1])
        return f"{low}-{high}"


Province = tuple[Unit, ...]


def make_provinces(spread: str, seed: int = SEED) -> tuple[Province, ...]:
    """Make the populations and refuse them when they are not the ones of the digest."""
    rng = np.random.Generator(np.random.PCG64([seed, list(SPREADS).index(spread)]))
    provinces = tuple(
        tuple(_unit(f"U{row:02}", shape, SPREADS[spread], rng) for row, shape in enumerate(SHAPES))
        for _ in range(PROVINCES)
    )
    digest = hashlib.sha256()
    for unit in (unit for province in provinces for unit in province):
        digest.update(f"{unit.name} {unit.shape} {unit.leaders.size}".encode())
        for people in (unit.leaders, unit.officials):
            digest.update(people.astype("<i2").tobytes())
    if digest.hexdigest() != DIGESTS[spread]:
        raise SystemExit(
            f"the {spread} populations have digest {digest.hexdigest()}, not {DIGESTS[spread]}: "
            "this NumPy draws otherwise; figures would not be comparable"
        )
    return provinces


def _unit(name: str, shape: str, spread: float, rng: np.random.Generator) -> Unit:
    people = int(rng.integers(6, 61))
    leaders = max(2, round(people * rng.uniform(0.15, 0.35)))
    shift = rng.normal(0, spread)
    reach = rng.uniform(0.10, 0.20)
    parts = [
        _people(shape, count, shift + extra, reach, rng)
        for count, extra in ((leaders, 0.04), (people - leaders, 0.0))
    ]
    if shape == "unanimous":
        parts = [np.full(part.size, np.clip(0.8 + shift, 0, 1)) for part in parts]
    steps = [np.floor(np.clip(part, 0, 1) * STEPS + 0.5).astype(np.int16) for part in parts]
    return Unit(name=name, shape=shape, leaders=steps[0], officials=steps[1])


def _people(
    shape: str, count: int, shift: float, reach: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw people as shares of all points."""
    normal, exponential = rng.normal(0, 0.11, count), rng.exponential(1.0, count)
    top, below = rng.random(count) < 0.9, rng.uniform(0.3, 0.9, count)
    match shape:
        case "normal":
            return 0.75 + shift + normal
        case "skewed":
            return 0.95 + shift - reach * exponential
        case "straight-line top":
            return np.where(top, 1.0, below + shift)
        case _:
            return np.zeros(count)


def sampled(unit: Unit, response: float, rng: np.random.Generator) -> UnitAnswers:
    """Ask 5 leaders and 4 officials (all where fewer); each answers with the same chance."""
    strata = []
    for group, people, asked in (
        ("LD", unit.leaders, LEADERS),
        ("CC", unit.officials, OFFICIALS),
    ):
        chosen = rng.permutation(people)[:asked]
        answered = chosen[rng.random(chosen.size) < response]
        values = tuple({"q": Fraction(int(value), STEPS)} for value in answered)
        strata.append(StratumAnswers(group=group, population=people.size, values=values))
    return UnitAnswers(unit=unit.name, strata=tuple(strata))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one interval did."""

    shape: str
    size_class: str
    place: tuple[int, str]  # province and unit: the cluster
    covered: bool
    covered_plain: bool | None
    half_width: float
    census: bool


def coverage(provinces: Iterable[Province], response: float, samples: int) -> list[Tally]:
    """Tell of interval after interval whether it holds the percent of all people."""
    rng = np.random.Generator(np.random.PCG64([SEED, 7, int(100 * response)]))
    found = []
    for number, province in enumerate(provinces):
        for _ in range(samples):
            answers = [sampled(unit, response, rng) for unit in province]
            pooled = pooled_covariance(answers, CRITERIA)
            for unit, answer in zip(province, answers, strict=True):
                if not any(stratum.values for stratum in answer.strata):
                    continue  # withheld
                interval = composite_interval(answer, CRITERIA, weighting=POPULATION, pooled=pooled)
                truth = float(unit.truth)
                found.append(
                    Tally(
                        shape=unit.shape,
                        size_class=unit.size_class,
                        place=(number, unit.name),
                        covered=interval.low - 1e-9 <= truth <= interval.high + 1e-9,
                        covered_plain=_plain_covers(answer, truth),
                        half_width=(interval.high - interval.low) / 2,
                        census=interval.se == 0,
                    )
                )
    return found


def _plain_covers(answer: UnitAnswers, truth: float) -> bool | None:
    """Tell the same of the plain t interval; None where it does not exist."""
    whole = sum(Fraction(stratum.population) for stratum in answer.strata)
    try:
        plain = satterthwaite_interval(
            [
                (
                    s.population / whole,
                    int(s.population),
                    [100 * float(row["q"]) for row in s.values],
                )
                for s in answer.strata
            ]
        )
    except ScoreError:
        return None
    return plain.low - 1e-9 <= truth <= plain.high + 1e-9


def share(flags: Sequence[float], places: Sequence[tuple[int, str]]) -> tuple[float, float]:
    """Return a mean and its standard error with units as clusters."""
    values = np.array(flags, dtype=np.float64)
    clusters = np.unique([f"{number} {name}" for number, name in places], return_inverse=True)[1]
    sums = np.bincount(clusters, values - values.mean())
    count = sums.size
    error = np.sqrt((sums**2).sum() * count / max(count - 1, 1)) / values.size
    return float(values.mean()), float(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One probability and what was true."""

    place: tuple[int, str]
    probability: float
    happened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Forecasts of bands, of the first three, and what rank intervals and sets did."""

    bands: list[Forecast]
    top3: list[Forecast]
    rank_interval: list[bool]
    interval_width: list[int]
    sets_hold: list[bool]  # one per province
    set_width: list[int]


def reliability(
    provinces: Iterable[Province], response: float, *, draws: int = 1000
) -> Reliability:
    """Sample each province once and compare what was said with what is true."""
    rng = np.random.Generator(np.random.PCG64([SEED, 11, int(100 * response)]))
    scoring = ScoringRules(criteria=CRITERIA, weighting=POPULATION, survey_points=Decimal(100))
    publishing = PublishingRules(places=2, bands=BANDS)
    result = Reliability(
        bands=[], top3=[], rank_interval=[], interval_width=[], sets_hold=[], set_width=[]
    )
    for number, province in enumerate(provinces):
        answers = [sampled(unit, response, rng) for unit in province]
        found = draw_points(
            [RankingUnit(answers=a) for a in answers], scoring, rng=rng, draws=draws
        )
        posterior = rank_posterior(found, publishing)
        units = {unit.name: unit for unit in province}
        rounded = {name: round_half_up(units[name].truth, 2) for name in posterior.units}
        ranks = {
            name: 1 + sum(other > value for other in rounded.values())
            for name, value in rounded.items()
        }
        top = posterior.top(3)
        spans = posterior.rank_interval()
        for row, name in enumerate(posterior.units):
            if posterior.certain[row]:
                continue
            band = band_of(rounded[name], BANDS).code
            place = (number, name)
            result.bands.extend(
                Forecast(place=place, probability=float(p), happened=code == band)
                for code, p in zip(posterior.bands, posterior.band_probability[row], strict=True)
            )
            result.top3.append(
                Forecast(place=place, probability=float(top[row]), happened=ranks[name] <= 3)
            )
            result.rank_interval.append(spans[row][0] <= ranks[name] <= spans[row][1])
            result.interval_width.append(spans[row][1] - spans[row][0] + 1)
        _judge_sets(answers, units, result, rng)
    return result


def _judge_sets(
    answers: Sequence[UnitAnswers],
    units: dict[str, Unit],
    result: Reliability,
    rng: np.random.Generator,
) -> None:
    """Whether all rank sets of the province hold together."""
    pooled = pooled_covariance(answers, CRITERIA)
    there = [answer for answer in answers if any(s.values for s in answer.strata)]
    intervals = [
        composite_interval(a, CRITERIA, weighting=POPULATION, pooled=pooled) for a in there
    ]
    found = simultaneous_rank_sets(
        [interval.estimate for interval in intervals],
        [interval.se or 0.0 for interval in intervals],
        df=[interval.df or np.inf for interval in intervals],
        rng=rng,
        draws=1000,
    )
    truths = [units[answer.unit].truth for answer in there]
    result.sets_hold.append(
        all(
            best <= 1 + sum(other > truth for other in truths)
            and len(truths) - sum(other < truth for other in truths) <= worst
            for truth, (best, worst) in zip(truths, found.sets, strict=True)
        )
    )
    result.set_width.extend(worst - best + 1 for best, worst in found.sets)


def calibration(
    forecasts: Sequence[Forecast], least: int = 200
) -> list[tuple[float, float, float, int]]:
    """Per tenth: mean probability, observed share, standard error of the gap, cases."""
    table = []
    for tenth in range(10):
        inside = [f for f in forecasts if min(int(f.probability * 10), 9) == tenth]
        if len(inside) >= least:
            places = [f.place for f in inside]
            gap, error = share([f.happened - f.probability for f in inside], places)
            mean = float(np.mean([f.probability for f in inside]))
            table.append((mean, mean + gap, error, len(inside)))
    return table


def worst_gap(table: Sequence[tuple[float, float, float, int]]) -> tuple[float, float]:
    """Return the largest distance between said and seen, and its standard error."""
    said, seen, error, _ = max(table, key=lambda row: abs(row[1] - row[0]))
    return abs(seen - said), error


def print_coverage(provinces: Sequence[Province], response: float) -> None:
    """Print the coverage table of one response rate."""
    tallies = coverage(provinces, response, SAMPLES)
    print(f"\n## Shrunk-t coverage, {response:.0%} of those asked answer\n")
    print("| shape | N | intervals | coverage % | ± | plain t % | half-width | exact % |")
    print("|---|---|---|---|---|---|---|---|")
    shapes = dict.fromkeys(SHAPES)
    names = [f"{low}-{high}" for low, high in CLASSES]
    cells = (
        [(s, n) for s in shapes for n in names] + [(s, "all") for s in shapes] + [("all", "all")]
    )
    for shape, name in cells:
        inside = [t for t in tallies if shape in ("all", t.shape) and name in ("all", t.size_class)]
        covered, error = share([t.covered for t in inside], [t.place for t in inside])
        plain = np.mean([t.covered_plain for t in inside if t.covered_plain is not None])
        width = np.mean([t.half_width for t in inside])
        exact = np.mean([t.census for t in inside])
        print(
            f"| {shape} | {name} | {len(inside)} | {100 * covered:.1f} | {100 * error:.1f} | "
            f"{100 * plain:.1f} | {width:.2f} | {100 * exact:.0f} |"
        )


def print_reliability(provinces: Sequence[Province], spread: str, response: float) -> None:
    """Print what was said against what was seen."""
    found = reliability(provinces, response)
    print(f"\n## Said and seen, {spread} spread, {response:.0%} answer\n")
    for title, forecasts, least in (("band", found.bands, 200), ("first three", found.top3, 50)):
        table = calibration(forecasts, least)
        gap, error = worst_gap(table)
        print(f"{title}: worst gap {gap:.3f} ± {error:.3f}\n")
        print("| said | seen | ± | cases |\n|---|---|---|---|")
        for said, seen, each, cases in table:
            print(f"| {said:.3f} | {seen:.3f} | {each:.3f} | {cases} |")
        print()
    held, sets = np.mean(found.rank_interval), np.mean(found.sets_hold)
    print(
        f"95 % rank interval: holds the true rank in {100 * held:.1f} % of "
        f"{len(found.rank_interval)}, {np.mean(found.interval_width):.1f} places wide\n"
        f"Simultaneous rank sets: all hold in {100 * sets:.1f} % of {len(found.sets_hold)} "
        f"provinces, {np.mean(found.set_width):.1f} places wide"
    )


def rows() -> list[tuple[str, float, float, str]]:
    """Measure: what, seconds, seconds of the floor, and the floor's name."""
    province = make_provinces("usual")[:5]
    start = time.perf_counter()
    coverage(province, 1.0, 2)
    middle = time.perf_counter()
    reliability(province, 1.0)
    end = time.perf_counter()
    return [("ranks and bands of 5 provinces", end - middle, middle - start, "200 intervals")]


if __name__ == "__main__":
    POPULATIONS = {spread: make_provinces(spread) for spread in SPREADS}
    for name in POPULATIONS:
        print(f"{name} populations: sha256 {DIGESTS[name]}, {PROVINCES} × {len(SHAPES)} units")
    for rate in (1.0, 0.85):
        print_coverage(POPULATIONS["usual"], rate)
    for name, people in POPULATIONS.items():
        for rate in (1.0, 0.85):
            print_reliability(people, name, rate)
