"""The attacker finds planted answers in unprotected releases, and none in protected ones."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from stats.disclosure import (
    AnswerCounts,
    ChangeRefusal,
    DecodableReason,
    DisclosureLimits,
    KnownPoints,
    ProtectedRow,
    RoundTotal,
    Withheld,
    change_refusal,
    decodable_points,
    points_known,
    protect,
    revealed_groups,
)
from tests.stats.attacker import (
    Attacker,
    answers_from_mean_and_deviation,
    appraised_removed,
    flagged_form,
    moved_person,
    unpooled,
)

LEVELS = 3


def round_of_answers(seed: int = 11) -> AnswerCounts:
    """Five departments and four districts, two groups, one item on three levels."""
    rng = np.random.default_rng(seed)
    kinds = ("so",) * 5 + ("huyen",) * 4
    counts = np.array([[[rng.multinomial(4, [0.1, 0.4, 0.5])] for _ in range(2)] for _ in kinds])
    return AnswerCounts(
        units=tuple(f"U{place}" for place in range(9)),
        unit_groups=kinds,
        groups=("LD", "CC"),
        items=("q",),
        values=(0, 1, 2),
        counts=counts,
        asked=counts.sum(axis=3)[:, :, 0],
    )


def unknowns(
    answers: AnswerCounts, unit_group: str | None, group: str | None, level: int
) -> list[int]:
    number = np.arange(answers.counts.size).reshape(answers.counts.shape)
    return [
        int(number[u, g, 0, level])
        for (u, kind), (g, name) in product(
            enumerate(answers.unit_groups), enumerate(answers.groups)
        )
        if unit_group in (kind, None) and group in (name, None)
    ]


def attacker_of(answers: AnswerCounts, rows: tuple[ProtectedRow, ...]) -> Attacker:
    """Hold the tables, and how many of each group of each unit answered."""
    attacker = Attacker(ceilings=np.repeat(answers.asked.ravel(), LEVELS).tolist())
    for stratum, most in enumerate(answers.asked.ravel()):
        places = range(stratum * LEVELS, (stratum + 1) * LEVELS)
        attacker.knows(dict.fromkeys(places, 1.0), 0, int(most))
    for row in rows:
        each = [unknowns(answers, row.unit_group, row.group, level) for level in range(LEVELS)]
        base = [place for places in each for place in places]
        for places, shown in [*zip(each, row.counts, strict=True), (base, row.answers)]:
            if shown is not Withheld.SUPPRESSED:
                attacker.knows(dict.fromkeys(places, 1.0), int(shown), int(shown))
        if row.mean is not Withheld.SUPPRESSED:
            for end, sign in ((float(row.mean) - 0.00501, 1), (float(row.mean) + 0.00501, -1)):
                attacker.knows(
                    {p: sign * (v - end) for v, ps in enumerate(each) for p in ps}, 0, np.inf
                )
    return attacker


def shown_openly(answers: AnswerCounts) -> tuple[ProtectedRow, ...]:
    """Only the cells below ten are left out, as if that were enough."""
    rows = []
    for unit_group, group in product(("so", "huyen", None), ("LD", "CC", None)):
        counts = [
            int(answers.counts.ravel()[unknowns(answers, unit_group, group, level)].sum())
            for level in range(LEVELS)
        ]
        rows.append(
            ProtectedRow(
                unit_group=unit_group,
                group=group,
                item="q",
                answers=sum(counts),
                counts=tuple(c if c >= 10 else Withheld.SUPPRESSED for c in counts),
                shares=(Withheld.SUPPRESSED,) * LEVELS,
                mean=Withheld.SUPPRESSED,
                standard_error=Withheld.SUPPRESSED,
            )
        )
    return tuple(rows)


def test_leaving_out_small_cells_alone_lets_the_attacker_solve_for_them() -> None:
    answers = round_of_answers()
    attacker = attacker_of(answers, shown_openly(answers))

    found = {}
    for row in shown_openly(answers):
        for level, shown in enumerate(row.counts):
            places = unknowns(answers, row.unit_group, row.group, level)
            low, high = attacker.bounds(places)
            if shown is Withheld.SUPPRESSED and high - low < 0.5:
                found[row.unit_group, row.group, level] = round(low)

    assert found
    for (unit_group, group, level), value in found.items():
        true = answers.counts.ravel()[unknowns(answers, unit_group, group, level)].sum()
        assert value == true


@pytest.mark.parametrize("seed", [11, 12])
def test_a_protected_release_leaves_every_withheld_count_two_values(seed: int) -> None:
    answers = round_of_answers(seed)
    limits = DisclosureLimits(minimum_cell=10)
    release = protect(answers, limits)
    attacker = attacker_of(answers, release.rows)

    assert release.exposed == ()
    for row in release.rows:
        for level, shown in enumerate(row.counts):
            places = unknowns(answers, row.unit_group, row.group, level)
            if shown is Withheld.SUPPRESSED:
                low, high = attacker.bounds(places)
                true = answers.counts.ravel()[places].sum()
                assert low - 1e-6 <= true <= high + 1e-6
                assert high - low >= 1 - 1e-6
            else:
                assert int(shown) >= limits.minimum_cell


def test_an_insider_cannot_tell_a_colleague_from_tables_and_points() -> None:
    answers = round_of_answers()
    factors = np.zeros((2, 1, LEVELS))
    factors[0, 0], factors[1, 0] = np.arange(LEVELS) * 0.02, np.arange(LEVELS) * 0.11
    points = [
        KnownPoints(unit=unit, name="C", factors=factors, lower=value - 0.05, upper=value + 0.05)
        for unit, counts in zip(answers.units, answers.counts, strict=True)
        for value in [float((factors * counts).sum())]
    ]
    release = protect(answers, DisclosureLimits(), points)
    attacker = attacker_of(answers, release.rows)
    for place, known in enumerate(points):
        start = place * 2 * LEVELS
        weights = {start + offset: float(f) for offset, f in enumerate(factors.ravel())}
        attacker.knows(weights, known.lower, known.upper)
        for group in range(2):
            stratum = range(start + group * LEVELS, start + (group + 1) * LEVELS)
            attacker.knows(dict.fromkeys(stratum, 1.0), 4, 4)

    exposed = set(release.exposed)
    for (unit, name), (group, label) in product(
        enumerate(answers.units[:2]), enumerate(answers.groups)
    ):
        levels = [(unit * 2 + group) * LEVELS + level for level in range(LEVELS)]
        for own in [place for place in levels if answers.counts.ravel()[place]]:
            codes = attacker.codes_of_another(levels, own)
            if f"unit {name}, group {label}, item q" not in exposed:
                assert len(codes) >= 2, (name, label)


def test_mean_and_deviation_of_four_people_give_their_answers_away() -> None:
    found = answers_from_mean_and_deviation("3.75", "1.50", people=4, values=range(1, 6))

    assert found == [(2, 3, 5, 5)] or (2, 3, 5, 5) in found
    assert len(answers_from_mean_and_deviation("4.75", "0.50", people=4, values=range(1, 6))) == 1


def test_a_cell_of_four_people_shows_neither_mean_nor_deviation() -> None:
    counts = np.array([[[[0, 1, 3]]]])
    answers = AnswerCounts(
        units=("A",),
        unit_groups=("so",),
        groups=("CC",),
        items=("q",),
        values=(0, 1, 2),
        counts=counts,
        asked=np.array([[4]]),
    )
    (row,) = protect(answers, DisclosureLimits()).rows

    assert {row.mean, row.standard_error, row.answers, *row.counts} == {Withheld.SUPPRESSED}


def test_two_weightings_give_group_means_away_and_one_does_not() -> None:
    population = (Fraction(8, 48), Fraction(40, 48))
    pooled = (Fraction(5, 9), Fraction(4, 9))
    means = (Fraction("19.03"), Fraction("15.95"))
    points = [
        sum((w * m for w, m in zip(ws, means, strict=True)), Fraction(0))
        for ws in (population, pooled)
    ]

    assert unpooled(points, (population, pooled)) == pytest.approx((19.03, 15.95))
    assert unpooled(points[:1], (population,)) is None
    assert revealed_groups([dict(zip(("LD", "CC"), population, strict=True))]) == ()


def test_an_index_with_and_without_a_form_gives_its_score_away() -> None:
    forms = [Fraction(n, 2) for n in (1, 2, 2, 1, 0)]
    everybody, others = sum(forms) / Fraction(5), sum(forms[:4]) / Fraction(4)

    assert flagged_form(everybody, others, forms=5) == forms[4]


def test_total_minus_appraised_points_is_the_survey_and_at_its_end_decodable() -> None:
    answers = AnswerCounts(
        units=("A",),
        unit_groups=("so",),
        groups=("CC",),
        items=("q",),
        values=(0, 1, 2),
        counts=np.array([[[[0, 0, 4]]]]),
        asked=np.array([[4]]),
    )
    survey = appraised_removed(Fraction("63.50"), Fraction("61.50"))
    known = points_known(answers, "A", "total", {"CC": {"q": survey}}, places=2)
    attacker = Attacker(ceilings=[4, 4, 4])
    attacker.knows({0: 1, 1: 1, 2: 1}, 4, 4)
    attacker.knows(dict(enumerate(known.factors.ravel().tolist())), known.lower, known.upper)

    assert attacker.codes_of_another([0, 1, 2], own=2) == {2}
    (listed,) = decodable_points(answers, [known])
    assert (listed.reason, listed.answers) == (DecodableReason.MAXIMUM, (("CC", "q"),))


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([4, 0, 0], DecodableReason.ZERO),
        ([0, 0, 4], DecodableReason.MAXIMUM),
        ([0, 1, 3], DecodableReason.UNIQUE),
        ([1, 1, 2], None),
    ],
)
def test_official_points_that_tell_an_answer_are_listed_with_the_reason(
    counts: list[int], reason: DecodableReason | None
) -> None:
    answers = AnswerCounts(
        units=("A",),
        unit_groups=("so",),
        groups=("CC",),
        items=("q",),
        values=(0, 1, 2),
        counts=np.array([[[counts]]]),
        asked=np.array([[4]]),
    )
    known = points_known(answers, "A", "C", {"CC": {"q": Fraction(2)}}, places=2)

    assert [each.reason for each in decodable_points(answers, [known])] == (
        [reason] if reason else []
    )


def test_two_censuses_with_one_mover_give_his_answer_away_and_the_change_is_withheld() -> None:
    first = [Fraction(n, 4) for n in (4, 3, 3, 2, 1)]
    second = [*first[:4], Fraction(3, 4)]
    change = moved_person(sum(first) / Fraction(5), sum(second) / Fraction(5), people=5)
    everybody = RoundTotal(population=5, answered=5)

    assert change == second[4] - first[4]
    assert change_refusal(everybody, everybody, shared=4, is_total=True) is (
        ChangeRefusal.SAME_PEOPLE
    )
    assert change_refusal(everybody, everybody, shared=None, is_total=True) is not None
    assert change_refusal(everybody, everybody, shared=2, is_total=True) is None
    assert change_refusal(everybody, everybody, shared=2, is_total=False) is (
        ChangeRefusal.NOT_A_TOTAL
    )
