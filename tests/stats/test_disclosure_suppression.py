"""What is withheld is enough, is no more than needed where that can be proven, and is marked."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.disclosure import (
    AnswerCounts,
    CellKind,
    DisclosureLimits,
    Effort,
    KnownPoints,
    ProtectedRow,
    Release,
    Withheld,
    choose_cells,
    describe_release,
    protect,
)
from stats.errors import DisclosureError

LIMITS = DisclosureLimits(minimum_cell=3, minimum_units=1, largest_share=Fraction(1), protection=1)
THOROUGH = Effort(rounds=300, nodes=5000)


def answers_of(counts: np.ndarray, kinds: tuple[str, ...], *, blanks: int = 0) -> AnswerCounts:
    units, groups, items, levels = counts.shape
    return AnswerCounts(
        units=tuple(f"U{place}" for place in range(units)),
        unit_groups=kinds,
        groups=tuple(f"G{place}" for place in range(groups)),
        items=tuple(f"q{place}" for place in range(items)),
        values=tuple(range(levels)),
        counts=counts,
        asked=counts.sum(axis=3).max(axis=2) + blanks,
    )


def all_tables(ceilings: list[int], levels: int) -> np.ndarray:
    """Every table of counts with a row for each ceiling and no more answers in it than that."""
    rows = [
        [row for row in product(range(most + 1), repeat=levels) if sum(row) <= most]
        for most in ceilings
    ]
    return np.array([np.concatenate(table) for table in product(*rows)])


def chosen(release: Release, effort: Effort) -> np.ndarray:
    return choose_cells(
        release.system,
        release.targets,
        costs=release.costs,
        primary=release.primary,
        effort=effort,
    ).withheld


def small_answers(*, kinds: int, groups: int) -> st.SearchStrategy[AnswerCounts]:
    """One unit to a unit group, one item with two levels, at most three answers a group."""
    row = st.tuples(st.integers(0, 2), st.integers(0, 3)).filter(lambda pair: 0 < sum(pair) <= 3)
    table = st.lists(row, min_size=kinds * groups, max_size=kinds * groups)
    return table.map(
        lambda rows: answers_of(
            np.array(rows).reshape(kinds, groups, 1, 2), tuple(f"K{k}" for k in range(kinds))
        )
    )


def consistent(rows: tuple[ProtectedRow, ...], answers: AnswerCounts) -> np.ndarray:
    """All tables that an outsider with one insider in every cell cannot rule out."""
    kinds, groups, _, levels = answers.counts.shape
    tables = all_tables(answers.asked.ravel().tolist(), levels)
    tables = tables.reshape(-1, kinds, groups, levels)
    tables = tables[(tables >= np.minimum(answers.counts[:, :, 0], 1)).all(axis=(1, 2, 3))]
    for row in rows:
        cut = tables[:, in_domain(row, answers)[0]][:, :, in_domain(row, answers)[1]]
        counts = cut.sum(axis=(1, 2))
        fits = np.ones(len(tables), dtype=bool)
        for level, shown in enumerate(row.counts):
            if shown is not Withheld.SUPPRESSED:
                fits &= counts[:, level] == shown
        if row.answers is not Withheld.SUPPRESSED:
            fits &= counts.sum(axis=1) == row.answers
        if row.mean is not Withheld.SUPPRESSED:
            with np.errstate(invalid="ignore"):
                means = counts @ np.array(answers.values) / counts.sum(axis=1)
            fits &= np.abs(means - float(row.mean)) <= 0.00501
        tables = tables[fits]
    return tables


def in_domain(row: ProtectedRow, answers: AnswerCounts) -> tuple[list[int], list[int]]:
    units = [u for u, kind in enumerate(answers.unit_groups) if row.unit_group in (kind, None)]
    groups = [g for g, group in enumerate(answers.groups) if row.group in (group, None)]
    return units, groups


@settings(max_examples=5, deadline=None)
@given(small_answers(kinds=2, groups=2), st.sampled_from([0, 2]))
def test_every_withheld_count_keeps_two_values_among_all_tables_there_are(
    answers: AnswerCounts, rounds: int
) -> None:
    release = protect(answers, LIMITS, effort=Effort(rounds=rounds))
    tables = consistent(release.rows, answers)
    exposed = " ".join(release.exposed)
    for row in release.rows:
        units, groups = in_domain(row, answers)
        counts = tables[:, units][:, :, groups].sum(axis=(1, 2))
        for level, shown in enumerate(row.counts):
            true = int(answers.counts[np.ix_(units, groups, [0], [level])].sum())
            if true < LIMITS.minimum_cell and f"group {answers.groups[groups[0]]}" not in exposed:
                assert shown is Withheld.SUPPRESSED
                assert len(set(counts[:, level].tolist())) >= 2, (row, level)


@settings(max_examples=10, deadline=None)
@given(small_answers(kinds=1, groups=2))
def test_no_cheaper_choice_of_cells_is_safe(answers: AnswerCounts) -> None:
    release = describe_release(answers, LIMITS)
    choice = choose_cells(
        release.system,
        release.targets,
        costs=release.costs,
        primary=release.primary,
        effort=THOROUGH,
    )
    targets = [t for place, t in enumerate(release.targets) if place not in choice.exposed]
    tables = all_tables(answers.asked.ravel().tolist(), 2)
    values = tables @ release.system.rows.toarray().T
    known = (values >= release.system.lower - 1e-9) & (values <= release.system.upper + 1e-9)
    aims = np.array(
        [tables[:, list(target.unknowns)] @ np.array(target.factors) for target in targets]
    ).reshape(len(targets), len(tables))
    widths = np.array([target.width for target in targets])

    def is_safe(withheld: np.ndarray) -> bool:
        shown = np.append(~withheld, True)[release.system.owner]
        left = aims[:, known[:, shown].all(axis=1)]
        return bool((left.max(axis=1) - left.min(axis=1) >= widths).all()) if targets else True

    free = np.flatnonzero(~release.primary)
    least = None
    for extra in product([False, True], repeat=free.size):
        withheld = release.primary.copy()
        withheld[free] = extra
        loss = int(release.costs[withheld].sum())
        if (least is None or loss < least) and is_safe(withheld):
            least = loss

    assert choice.optimal
    assert is_safe(choice.withheld)
    assert choice.loss == least


def district(seed: int = 5) -> AnswerCounts:
    """Two unit groups of six units, one respondent group, five levels."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.array([0.3, 0.5, 2.0, 5.0, 3.0]), size=(12, 1, 1))
    counts = np.array([[[rng.multinomial(8, p) for p in row] for row in unit] for unit in shares])
    return answers_of(counts, ("so",) * 6 + ("huyen",) * 6)


def test_nothing_withheld_says_whether_it_is_small_or_protects_another() -> None:
    release = protect(district(), DisclosureLimits())

    assert release.secondary > 0
    assert {str(mark) for mark in Withheld} == {"suppressed"}
    for row in release.rows:
        assert (row.mean is Withheld.SUPPRESSED) == (row.standard_error is Withheld.SUPPRESSED)
        for number in (row.answers, *row.counts, *row.shares, row.mean):
            assert number is not None


def test_no_share_reads_nothing_or_everything() -> None:
    release = protect(district(), DisclosureLimits(share_places=0))

    shown = [s for row in release.rows for s in row.shares if s is not Withheld.SUPPRESSED]
    assert shown
    assert all(0 < share < 100 for share in shown)


def test_the_same_release_is_protected_in_the_same_way() -> None:
    first, second = (protect(district(), DisclosureLimits()) for _ in range(2))

    assert first.rows == second.rows


@pytest.mark.parametrize("effort", [Effort(rounds=0), Effort(rounds=1, nodes=1)])
def test_little_effort_withholds_more_never_less(effort: Effort) -> None:
    release = describe_release(district(seed=8), DisclosureLimits())
    choice = choose_cells(
        release.system,
        release.targets,
        costs=release.costs,
        primary=release.primary,
        effort=effort,
    )

    assert not choice.optimal
    assert (choice.withheld >= release.primary).all()
    assert choice.loss >= int(release.costs[release.primary].sum())


def test_a_complement_that_is_too_small_closes_the_cell_or_its_base() -> None:
    counts = np.array([[[[2, 10]]], [[[2, 10]]], [[[1, 12]]]])
    release = protect(answers_of(counts, ("so",) * 3), DisclosureLimits())
    (row,) = release.rows

    assert row.counts[0] is Withheld.SUPPRESSED
    assert Withheld.SUPPRESSED in (row.counts[1], row.answers)


def test_a_unit_with_over_half_of_the_answers_closes_the_cell() -> None:
    counts = np.array([[[[20, 20]]], [[[5, 5]]], [[[5, 5]]]])
    release = describe_release(answers_of(counts, ("so",) * 3), DisclosureLimits())

    assert release.primary.all()


def test_rounded_counts_are_multiples_of_the_base() -> None:
    release = protect(district(), DisclosureLimits(rounding_base=5))

    for row in release.rows:
        for count in (row.answers, *row.counts):
            assert count is Withheld.SUPPRESSED or int(count) % 5 == 0


def test_points_of_units_are_in_the_same_system() -> None:
    answers = district(seed=3)
    answers.counts[0, 0, 0] = (0, 0, 0, 1, 7)
    factors = np.tile(np.arange(5) / 20, (1, 1, 1))
    points = [
        KnownPoints(unit=unit, name="C", factors=factors, lower=value, upper=value)
        for unit, counts in zip(answers.units, answers.counts, strict=True)
        for value in [float((factors * counts).sum())]
    ]
    release = describe_release(answers, DisclosureLimits(), points)
    withheld = chosen(release, Effort())

    assert any(target.detailed for target in release.targets)
    assert sum(cell.kind is CellKind.MEAN for cell in release.cells) == 3
    assert (withheld >= release.primary).all()


def test_points_that_the_answers_contradict_are_refused() -> None:
    answers = district()
    wrong = KnownPoints(unit="U0", name="C", factors=np.ones((1, 1, 5)), lower=99, upper=99)

    with pytest.raises(DisclosureError, match="points 'C' of unit 'U0' lie between 99 and 99"):
        describe_release(answers, DisclosureLimits(), [wrong])


def test_more_answers_than_people_are_refused_with_their_place() -> None:
    counts = np.array([[[[2, 10]]]])
    with pytest.raises(DisclosureError, match="group 'G0' of unit 'U0'"):
        answers_of(counts, ("so",), blanks=-1)
