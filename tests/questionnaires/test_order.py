"""The order in which a respondent sees options."""

from collections import Counter
from fractions import Fraction
from math import comb

from hypothesis import given
from hypothesis import strategies as st

from questionnaires import Option, Questionnaire, option_order, read_questionnaire

SHUFFLED = """\
schema: khaosat/questionnaire/1
id: order
version: "1"
language: vi
title: Thứ tự
estimated_minutes: 1
sections:
  - id: A
    title: A
    items:
      - id: M
        type: multi
        order: random
        text: Chọn
        options: [{code: a, text: A}, {code: z, text: Khác, last: true}, {code: b, text: B},
                  {code: c, text: C}, {code: d, text: D}]
        special: [{code: "99", text: Không biết}]
      - {id: N, type: single, order: random, text: N,
         options: [{code: a, text: A}, {code: b, text: B}, {code: c, text: C}, {code: d, text: D}]}
"""
FORM = read_questionnaire(SHUFFLED)
CHANCE = Fraction(1, 10**6)


def codes(options: tuple[Option, ...]) -> list[str]:
    return [option.code for option in options]


@given(seed=st.integers())
def test_random_order_is_a_permutation_with_the_last_ones_last(seed: int) -> None:
    shown = option_order(FORM, FORM.item("M"), seed)
    assert sorted(codes(shown)) == sorted(codes(FORM.options_of(FORM.item("M"))))
    assert codes(shown)[-2:] == ["z", "99"]


@given(seed=st.integers())
def test_written_order_stays_whatever_the_seed(every_kind: Questionnaire, seed: int) -> None:
    for item in every_kind.items:
        assert option_order(every_kind, item, seed) == every_kind.options_of(item)


def test_order_of_a_seed_is_the_same_on_every_machine_and_for_ever() -> None:
    orders = ["".join(codes(option_order(FORM, FORM.item("M"), seed))[:4]) for seed in range(6)]
    assert orders == ["abcd", "cbda", "dcba", "cabd", "bcda", "adbc"]


def binomial_limit(n: int, p: Fraction, chance: Fraction) -> int:
    """Smallest k with P(X > k) below the chance, summed exactly."""
    tail, k = Fraction(1), -1
    while tail > chance:
        k += 1
        tail -= comb(n, k) * p**k * (1 - p) ** (n - k)
    return k


def test_every_order_is_about_as_frequent_as_every_other() -> None:
    n = 480
    item = FORM.item("M")
    seen = Counter("".join(codes(option_order(FORM, item, seed))[:4]) for seed in range(n))
    assert len(seen) == 24
    # 24 orders, each too frequent or too rare with a chance of one in a million.
    assert max(seen.values()) <= binomial_limit(n, Fraction(1, 24), CHANCE)
    assert n - min(seen.values()) <= binomial_limit(n, Fraction(23, 24), CHANCE)


def test_orders_of_two_items_do_not_follow_each_other() -> None:
    n = 480
    same = sum(
        codes(option_order(FORM, FORM.item("M"), seed))[:4]
        == codes(option_order(FORM, FORM.item("N"), seed))
        for seed in range(n)
    )
    assert same <= binomial_limit(n, Fraction(1, 24), CHANCE)
