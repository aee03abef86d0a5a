"""Random streams: raw words, exact fractions, names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import DrawError
from sampling.streams import below, permutation, refuse_bad_seed, stream, uniform_integers, uniforms


def test_the_words_of_a_stream_are_pinned() -> None:
    # SeedSequence and PCG64 themselves are checked against a second program in tests/golden/draw.
    words = [int(stream(2022, "SO01", "LD").bit_generator.random_raw()) for _ in range(2)]
    assert words == [8646474794954366716] * 2


def test_streams_of_different_names_differ_even_when_joined_alike() -> None:
    firsts = {
        int(stream(1, *names).bit_generator.random_raw())
        for names in (("a", "b"), ("ab",), ("a",), ("b", "a"), ("a", "b", ""))
    }
    assert len(firsts) == 5


@given(st.integers(0, 2**63 - 1))
def test_uniforms_are_the_upper_53_bits_of_one_word_each(seed: int) -> None:
    words = [int(word) for word in stream(seed).bit_generator.random_raw(5)]
    assert uniform_integers(5, stream(seed)).tolist() == [word >> 11 for word in words]
    assert uniforms(5, stream(seed)).tolist() == [(word >> 11) / 2**53 for word in words]


@given(st.integers(1, 2**64), st.integers(0, 2**32))
def test_a_number_below_a_bound_is_below_it(bound: int, seed: int) -> None:
    assert 0 <= below(bound, stream(seed)) < bound


@given(st.integers(0, 200), st.integers(0, 2**32))
def test_a_permutation_holds_every_number_once(count: int, seed: int) -> None:
    assert sorted(permutation(count, stream(seed)).tolist()) == list(range(count))


def test_a_generator_of_32_bit_words_is_refused_by_every_use() -> None:
    rng = np.random.Generator(np.random.MT19937(1))
    for use in (lambda: below(6, rng), lambda: uniforms(2, rng), lambda: permutation(2, rng)):
        with pytest.raises(DrawError, match="MT19937 gives 32-bit words"):
            use()


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused_with_its_value(seed: int) -> None:
    with pytest.raises(DrawError, match=f"the seed is {seed}"):
        refuse_bad_seed(seed)
