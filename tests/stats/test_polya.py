"""The Pólya urn: against enumeration, and against plain loops fed the same uniforms."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.errors import ScoreError
from stats.polya import Urn, complete_answers, fill_pool, parts, urn_totals


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def plain_bars(uniforms: Sequence[float], total: int) -> list[int]:
    bars: list[int] = []
    for step, uniform in enumerate(uniforms):
        place = int(uniform * (total + step + 1))
        bars.append(total + step if place in bars else place)
    return sorted(bars)


def plain_parts(uniforms: Sequence[float], total: int) -> list[int]:
    bars = [-1, *plain_bars(uniforms, total), total + len(uniforms)]
    return [after - before - 1 for before, after in pairwise(bars)]


def plain_totals(
    urns: Sequence[Urn], prior_weight: int, draws: int, rng: np.random.Generator
) -> list[list[float]]:
    """Make what `urn_totals` makes, number by number, from the same uniforms."""
    totals, strangers = [], []
    for urn in urns:
        balls = urn.seen[0].tolist()
        if not urn.unseen:
            totals.append([sum(balls)] * draws)
            strangers.append([0] * draws)
            continue
        uniforms = rng.random((len(balls) + prior_weight - 1, draws))
        splits = [plain_parts(column.tolist(), urn.unseen) for column in uniforms.T]
        strangers.append([sum(split[:prior_weight]) for split in splits])
        copies = [split[prior_weight:] for split in splits]
        totals.append([sum(b * (1 + c) for b, c in zip(balls, own, strict=True)) for own in copies])
    waiting = [(row, d) for row in range(len(urns)) for d in range(draws) if strangers[row][d]]
    while waiting:
        chosen = rng.random(len(waiting))
        uniforms = rng.random((prior_weight, len(waiting)))
        for place, (row, draw) in enumerate(waiting):
            pool = urns[row].pool
            left = strangers[row][draw]
            cluster = 1 + plain_bars(uniforms[:, place].tolist(), left - 1)[0]
            totals[row][draw] += cluster * float(pool[int(chosen[place] * len(pool))])
            strangers[row][draw] = left - cluster
        waiting = [(row, draw) for row, draw in waiting if strangers[row][draw]]
    return totals


def urn_distribution(
    seen: list[int], unseen: int, prior_weight: int, pool: list[int]
) -> dict[int, Fraction]:
    """Follow every path of the urn, ball by ball, with exact chances."""
    found: Counter[int] = Counter()

    def follow(balls: list[int], left: int, chance: Fraction) -> None:
        if not left:
            found[sum(balls)] += chance  # type: ignore[assignment]
            return
        whole = len(balls) + prior_weight
        for value, count in Counter(balls).items():
            follow([*balls, value], left - 1, chance * Fraction(count, whole))
        for value in pool:
            follow([*balls, value], left - 1, chance * Fraction(prior_weight, whole * len(pool)))

    follow(seen, unseen, Fraction(1))
    return {total: Fraction(chance) for total, chance in found.items()}


@pytest.mark.parametrize(("bars", "total"), [(1, 4), (2, 3), (3, 2)])
def test_every_split_is_alike_over_all_paths(bars: int, total: int) -> None:
    grids = [[(i + 0.5) / (total + s + 1) for i in range(total + s + 1)] for s in range(bars)]
    found = Counter(
        tuple(parts(np.array(path)[:, np.newaxis], total)[:, 0].tolist())
        for path in product(*grids)
    )
    assert len(set(found.values())) == 1
    assert set(found) == {
        split for split in product(range(total + 1), repeat=bars + 1) if sum(split) == total
    }


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=12), st.integers(0, 400))
def test_splits_equal_those_of_a_plain_loop(uniforms: list[float], total: int) -> None:
    assert parts(np.array(uniforms)[:, np.newaxis], total)[:, 0].tolist() == plain_parts(
        uniforms, total
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 8), min_size=1, max_size=5),
            st.integers(0, 30),
            st.lists(st.integers(0, 8), min_size=1, max_size=6),
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 4),
    st.integers(0, 2**32),
)
def test_totals_equal_those_of_a_plain_loop_with_the_same_uniforms(
    strata: list[tuple[list[int], int, list[int]]], prior_weight: int, seed: int
) -> None:
    urns = [
        Urn(
            seen=np.array([seen], dtype=np.float64),
            unseen=unseen,
            pool=np.array(pool, dtype=np.float64),
        )
        for seen, unseen, pool in strata
    ]
    fast = urn_totals(urns, prior_weight=prior_weight, draws=5, rng=generator(seed))
    assert fast.tolist() == plain_totals(urns, prior_weight, 5, generator(seed))


@pytest.mark.parametrize("prior_weight", [1, 2, 3])
def test_totals_have_the_distribution_of_the_urn(prior_weight: int) -> None:
    seen, unseen, pool, draws = [0, 7], 4, [1, 20, 30], 100_000
    exact = urn_distribution(seen, unseen, prior_weight, pool)
    assert sum(exact.values()) == 1
    urn = Urn(seen=np.array([seen], dtype=float), unseen=unseen, pool=np.array(pool, dtype=float))
    totals = urn_totals([urn], prior_weight=prior_weight, draws=draws, rng=generator())[0]
    counts = Counter(totals.astype(int).tolist())
    assert set(counts) <= set(exact)
    gaps = [
        (counts[total] / draws - float(chance)) / np.sqrt(float(chance * (1 - chance)) / draws)
        for total, chance in exact.items()
    ]
    assert max(map(abs, gaps)) < 4.5


def test_gaps_of_one_item_come_from_its_own_urn() -> None:
    """Two valid answers, two gaps: the urn of two balls and A = 1 of the pool goes on twice."""
    table = np.array([[0.0], [7.0], [np.nan], [np.nan]])
    draws = 60_000
    filled = complete_answers(
        table, np.array([[20.0]]), prior_weight=1, draws=draws, rng=generator()
    )
    exact = urn_distribution([0, 7], 2, 1, [20])
    counts = Counter(filled[:, :, 0].sum(axis=1).astype(int).tolist())
    for total, chance in exact.items():
        error = np.sqrt(float(chance * (1 - chance)) / draws)
        assert abs(counts[total] / draws - float(chance)) < 4.5 * error


def test_the_gaps_of_one_person_come_from_one_donor() -> None:
    table = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.5, np.nan, np.nan]])
    filled = complete_answers(
        table, np.array([[0.25, 0.25, 0.25]]), prior_weight=2, draws=400, rng=generator()
    )
    gaps = filled[:, 2, 1:]
    assert set(gaps.ravel().tolist()) == {0.0, 0.25, 1.0}
    assert (gaps[:, 0] == gaps[:, 1]).all()
    assert (filled[:, :2] == table[:2]).all()
    assert (filled[:, 2, 0] == 0.5).all()


def test_large_tables_are_completed_in_pieces() -> None:
    table = np.full((40, 60), 0.5)
    table[0, 0] = np.nan
    filled = complete_answers(
        table, np.full((1, 60), 0.5), prior_weight=1, draws=2500, rng=generator()
    )
    assert filled.shape == (2500, 40, 60)
    assert (filled == 0.5).all()


def test_a_pool_keeps_its_answers_and_fills_its_gaps() -> None:
    table = np.array([[0.1, np.nan], [np.nan, 0.2], [0.3, 0.4], [np.nan, np.nan]])
    filled = fill_pool(table, generator())
    assert not np.isnan(filled).any()
    assert (filled[~np.isnan(table)] == table[~np.isnan(table)]).all()
    assert set(filled[:, 0]) <= {0.1, 0.3}


def test_an_item_nobody_of_the_pool_has_stays_absent() -> None:
    filled = fill_pool(np.array([[0.1, np.nan], [0.2, np.nan]]), generator())
    assert np.isnan(filled[:, 1]).all()


def test_a_prior_worth_nothing_is_refused() -> None:
    with pytest.raises(ScoreError, match="prior_weight must be a whole number, 1 or more, not 0"):
        urn_totals([], prior_weight=0, draws=1, rng=generator())
