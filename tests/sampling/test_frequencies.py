"""How often units and pairs are really drawn, against the probabilities that a design claims.

The draws by size have their frequencies in `test_pps`, positions of one list in `test_selection`,
people of a household in `test_household`. Every test has fixed seeds and exact binomial limits.
"""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from sampling import Frame, FrameStratum, Quota, Selection, draw
from sampling.balanced import BalancedFrame, CubeOrder, draw_balanced
from sampling.coordination import Coordination, Start, draw_coordinated, draw_poisson
from sampling.multistage import Stage, StageMethod, StageUnit, draw_stage
from sampling.plan import METHOD, SYSTEMATIC
from sampling.pps import PpsMethod, SizedFrame, joint_probabilities, pps_inclusion
from sampling.probabilities import joint_of_plan, plan_columns
from sampling.selection import draw_systematic, systematic_places
from sampling.streams import stream, uniform_integers
from tests.sampling.binomial import refuse_other_frequencies

Floats = NDArray[np.float64]

SIZES = [3, 7, 2, 9, 5, 4]
CODES = ["SO01", "SO02", "SO03", "SO04", "SO05", "SO06"]
STAGE_JOINT = {
    StageMethod.PPS_SYSTEMATIC: PpsMethod.SYSTEMATIC,
    StageMethod.PPS_SAMPFORD: PpsMethod.SAMPFORD,
    StageMethod.PPS_BREWER: PpsMethod.BREWER,
    StageMethod.PPS_TILLE: PpsMethod.TILLE,
    StageMethod.PPS_PARETO: PpsMethod.PARETO,
}


def pairs_of(samples: list[list[int]], count: int) -> NDArray[np.int64]:
    """Count units on the diagonal and pairs above it; what is below stays 0."""
    counts = np.zeros((count, count), dtype=np.int64)
    for rows in samples:
        counts[np.ix_(rows, rows)] += 1
    return np.triu(counts)


def systematic_pairs(population: int, size: int) -> Floats:
    joint = np.zeros((population, population))
    for start in range(population):
        places = systematic_places(population, size, start)
        joint[np.ix_(places, places)] += 1 / population
    return joint


def test_a_stratified_plan_draws_units_and_pairs_as_its_joint_probabilities_say() -> None:
    trials, sizes = 2000, (5, 4)
    frame = Frame(
        strata=tuple(
            FrameStratum(
                unit=unit,
                unit_group="cap_so",
                group="LD",
                population=people,
                selection=Selection.POSITIONS,
            )
            for unit, people in zip(("SO01", "SO02"), sizes, strict=True)
        )
    )
    quotas = [Quota(unit_group="cap_so", group="LD", size=2)]
    plans = [draw(frame, quotas, seed=seed, reserves=1, method=METHOD) for seed in range(trials)]
    samples = [
        [p - 1 for p in plan.strata[0].selected] + [p + 4 for p in plan.strata[1].selected]
        for plan in plans
    ]
    joint = np.outer([0.4] * 5 + [0.5] * 4, [0.4] * 5 + [0.5] * 4)
    joint[:5, :5], joint[5:, 5:] = 2 / 20, 2 / 12
    np.fill_diagonal(joint, [0.4] * 5 + [0.5] * 4)
    refuse_other_frequencies(pairs_of(samples, 9), trials, np.triu(joint))
    drawn = samples[0]
    assert joint_of_plan(plans[0]) == pytest.approx(joint[np.ix_(drawn, drawn)], rel=1e-14)
    assert (plan_columns(plans[0])["weight"] == 1 / joint.diagonal()[drawn]).all()
    first = [plan.strata[0].reserve[0] - 1 for plan in plans]
    refuse_other_frequencies(np.bincount(first, minlength=5), trials, [1 / 5] * 5)


def test_a_systematic_plan_draws_positions_and_reserves_with_equal_chances() -> None:
    trials, population, size = 3000, 7, 3
    generator = stream(288)
    draws = [draw_systematic(population, size, 2, generator) for _ in range(trials)]
    samples = [[place - 1 for place in selected] for selected, _ in draws]
    joint = systematic_pairs(population, size)
    assert joint.diagonal() == pytest.approx([3 / 7] * 7, rel=1e-14)
    refuse_other_frequencies(pairs_of(samples, population), trials, np.triu(joint))
    for place in range(2):
        reserves = [reserve[place] - 1 for _, reserve in draws]
        refuse_other_frequencies(np.bincount(reserves, minlength=7), trials, [1 / 7] * 7)


def test_a_stratum_of_a_systematic_plan_starts_anywhere() -> None:
    trials = 1500
    stratum = FrameStratum(
        unit="SO01", unit_group="cap_so", group="CC", population=9, selection=Selection.POSITIONS
    )
    quotas = [Quota(unit_group="cap_so", group="CC", size=3)]
    counts = np.zeros(9, dtype=np.int64)
    for seed in range(trials):
        plan = draw(Frame(strata=(stratum,)), quotas, seed=seed, reserves=0, method=SYSTEMATIC)
        counts[np.array(plan.strata[0].selected) - 1] += 1
    refuse_other_frequencies(counts, trials, [1 / 3] * 9)


def test_poisson_units_are_independent_with_exactly_their_chances() -> None:
    trials, chances = 4000, np.array([0.1, 0.25, 0.5, 0.75, 1.0, 0.0])
    generator = stream(2022)
    samples = [
        np.flatnonzero(
            draw_poisson(chances, uniform_integers(6, generator), start=Start.at(0.4))
        ).tolist()
        for _ in range(trials)
    ]
    joint = np.outer(chances, chances)
    np.fill_diagonal(joint, chances)
    refuse_other_frequencies(pairs_of(samples, 6), trials, np.triu(joint))


def sequential_poisson_joint(chances: Floats, size: int) -> Floats:
    """Integrate the chance that one or two ranks u/π are among the n smallest, piece by piece.

    Between the points 1/π everything is a polynomial, which Gauss–Legendre integrates exactly.
    """
    joint = np.zeros((len(chances), len(chances)))
    nodes, weights = np.polynomial.legendre.leggauss(8)
    for low, high in itertools.pairwise([0.0, *sorted(1 / chances)]):
        for x, width in zip((high - low) / 2 * nodes + (high + low) / 2, weights, strict=True):
            below = np.minimum(x * chances, 1.0)
            density = np.where(x * chances < 1, chances, 0.0) * width * (high - low) / 2
            for i, j in itertools.combinations_with_replacement(range(len(chances)), 2):
                others = [below[k] for k in range(len(chances)) if k not in (i, j)]
                ahead = np.array([1.0])  # distribution of the number of others before x
                for p in others:
                    ahead = np.convolve(ahead, [1 - p, p])
                one_or_two = 1 if i == j else 2
                last = density[i] if i == j else density[i] * below[j] + below[i] * density[j]
                joint[i, j] += last * ahead[: size - one_or_two + 1].sum()
    return joint


@pytest.mark.parametrize("method", [Coordination.SEQUENTIAL_POISSON, Coordination.PARETO])
def test_ranked_numbers_draw_units_and_pairs_with_the_exact_chances_of_the_order(
    method: Coordination,
) -> None:
    trials, size = 3000, 3
    frame = SizedFrame(sizes=SIZES, codes=CODES)
    inclusion = pps_inclusion(frame, size)
    exact = (
        joint_probabilities(inclusion, PpsMethod.PARETO)
        if method is Coordination.PARETO
        else sequential_poisson_joint(inclusion.probabilities, size)
    )
    assert np.trace(exact) == pytest.approx(size, rel=1e-12)
    off = 0.01 if method is Coordination.PARETO else 0.05
    assert exact.diagonal() == pytest.approx(inclusion.probabilities, abs=off)
    start = Start.at(0.7)
    samples = [
        draw_coordinated(frame, size, method=method, seed=seed, start=start).rows.tolist()
        for seed in range(trials)
    ]
    refuse_other_frequencies(pairs_of(samples, 6), trials, np.triu(exact))


@pytest.mark.parametrize("order", CubeOrder)
def test_a_balanced_draw_keeps_each_units_chance_and_the_size(order: CubeOrder) -> None:
    trials = 1200
    chances = np.array([0.25, 0.5, 0.75, 0.5, 0.6, 0.4, 1.0, 0.2, 0.8, 0.0])
    frame = BalancedFrame(
        probabilities=chances,
        variables=np.arange(20).reshape(10, 2) * [1, 3] % 7 + 1,
        names=["one", "two"],
    )
    counts = np.zeros(10, dtype=np.int64)
    for seed in range(trials):
        rows = draw_balanced(frame, seed=seed, order=order).rows
        assert len(rows) == 5
        counts[rows] += 1
    refuse_other_frequencies(counts, trials, chances)


def stage_joint(method: StageMethod, size: int) -> Floats:
    """Give the claimed joint probabilities of one stratum of a stage."""
    count = len(SIZES)
    if method is StageMethod.SYSTEMATIC:
        return systematic_pairs(count, size)
    if method is StageMethod.SIMPLE:
        joint = np.full((count, count), size * (size - 1) / (count * (count - 1)))
        np.fill_diagonal(joint, size / count)
        return joint
    return joint_probabilities(pps_inclusion(SizedFrame(sizes=SIZES), size), STAGE_JOINT[method])


@pytest.mark.parametrize("method", StageMethod)
def test_a_stage_draws_units_pairs_and_reserves_as_its_method_claims(method: StageMethod) -> None:
    trials, size = 1500, 3
    units = [
        StageUnit(code=code, size=weight, stratum=stratum)
        for stratum, codes in (("phường", CODES), ("xã", [f"{code}X" for code in CODES]))
        for code, weight in zip(codes, SIZES, strict=True)
    ]
    places = {unit.path: row for row, unit in enumerate(units)}
    stage = Stage(name="commune", take=size, method=method, reserves=1)
    drawn = [draw_stage(units, stage, seed=seed) for seed in range(trials)]
    samples = [[places[unit.path] for unit in sample.units] for sample in drawn]
    own = stage_joint(method, size)
    joint = np.kron(np.ones((2, 2)), np.outer(own.diagonal(), own.diagonal()))
    joint[:6, :6] = joint[6:, 6:] = own
    refuse_other_frequencies(pairs_of(samples, 12), trials, np.triu(joint))
    said = {unit.path: unit.chance for sample in drawn for unit in sample.units}
    tolerance = 0.02 if method is StageMethod.PPS_PARETO else 1e-12
    assert [said[unit.path] for unit in units] == pytest.approx(
        [*own.diagonal()] * 2, abs=tolerance
    )
    if method in (StageMethod.SIMPLE, StageMethod.SYSTEMATIC):
        reserves = [places[path] for sample in drawn for path in sample.reserves]
        refuse_other_frequencies(np.bincount(reserves, minlength=12), trials, [1 / 6] * 12)


def test_all_units_of_a_chain_are_drawn_as_often_as_its_probabilities_say() -> None:
    trials = 1200
    communes = [StageUnit(code=f"X{k}", size=size) for k, size in enumerate([30, 9, 5, 4, 6, 8])]
    villages = [
        StageUnit(code=f"T{v}", parent=commune.path, size=2 + (v + k) % 3)
        for k, commune in enumerate(communes)
        for v in range(4)
    ]
    people = [
        StageUnit(code=f"P{p}", parent=village.path)
        for village in villages
        for p in range(village.size)
    ]
    first = Stage(name="commune", take=3, method=StageMethod.PPS_TILLE)
    second = Stage(name="village", take=2, method=StageMethod.PPS_SAMPFORD)
    third = Stage(name="person", take=1, method=StageMethod.SIMPLE)
    counts: dict[tuple[str, ...], int] = {}
    claims: dict[tuple[str, ...], float] = {}
    for seed in range(trials):
        one = draw_stage(communes, first, seed=seed)
        two = draw_stage(villages, second, seed=seed, before=one)
        three = draw_stage(people, third, seed=seed, before=two)
        for unit in (*one.units, *two.units, *three.units):
            counts[unit.path] = counts.get(unit.path, 0) + 1
            claims.setdefault(unit.path, unit.probability)
            assert unit.probability == claims[unit.path]
    assert len(claims) == len(communes) + len(villages) + len(people)
    assert claims["X0",] == 1.0
    paths = sorted(claims)
    refuse_other_frequencies(
        [counts[path] for path in paths], trials, [claims[path] for path in paths]
    )
