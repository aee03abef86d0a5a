"""Random streams: where every draw of this room takes its numbers from.

Only raw 64-bit words are used. NumPy promises that a bit generator's words never change, but lets
``Generator.permutation``, ``integers`` and ``choice`` change between releases, and a draw must be
redrawn equal years later on another computer. What is made from the words here uses whole numbers
and single correctly rounded operations only.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from sampling.errors import DrawError
from sampling.frame import is_count

__all__ = [
    "UNIFORM_BITS",
    "below",
    "permutation",
    "refuse_bad_seed",
    "stream",
    "uniform_integers",
    "uniforms",
]

UNIFORM_BITS = 53  # the bits of a word that a float64 holds exactly
_SEED_LIMIT = 2**63  # a seed fits a signed 64-bit column
_WORD = 2**64


def refuse_bad_seed(seed: int) -> None:
    """Refuse a seed that a signed 64-bit column cannot hold.

    Parameters
    ----------
    seed : int

    Raises
    ------
    DrawError
        No whole number, below 0 or above 2⁶³ − 1.

    Examples
    --------
    >>> refuse_bad_seed(2022)
    """
    if not (is_count(seed) and seed < _SEED_LIMIT):
        raise DrawError(f"the seed is {seed}; it must be a whole number from 0 to 2^63 - 1")


def stream(seed: int, *names: str) -> np.random.Generator:
    """Open the random stream that belongs to a seed and a name.

    PCG64 seeded by ``SeedSequence([seed, w₁ … w₈])``, where w are the big-endian 32-bit words of
    SHA-256 of the names in UTF-8, joined by U+001F. Streams of different names are independent,
    so that what is drawn in one place does not depend on what was drawn before it.

    Parameters
    ----------
    seed : int
        From 0, below 2⁶³.
    *names : str
        Codes in NFC, from the largest to the smallest unit.

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    >>> int(stream(2022, "SO01", "LD").bit_generator.random_raw())
    8646474794954366716
    """
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    words = [int.from_bytes(digest[start : start + 4], "big") for start in range(0, 32, 4)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def below(bound: int, rng: np.random.Generator) -> int:
    """Draw a whole number uniform on 0 … bound − 1 by rejection.

    The first raw word x below the largest multiple of the bound under 2⁶⁴, modulo the bound.

    Parameters
    ----------
    bound : int
        From 1 to 2⁶⁴.
    rng : numpy.random.Generator
        On a bit generator with 64-bit words; it is advanced by the words used.

    Returns
    -------
    int

    Examples
    --------
    >>> below(6, stream(1))
    4
    """
    _refuse_short_words(rng)
    limit = _WORD - _WORD % bound
    while True:
        word = int(rng.bit_generator.random_raw())
        if word < limit:
            return word % bound


def uniform_integers(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw whole numbers uniform on 0 … 2⁵³ − 1: the upper bits of one raw word each.

    Parameters
    ----------
    count : int
    rng : numpy.random.Generator
        On a bit generator with 64-bit words.

    Returns
    -------
    array of int64, shape (count,)

    Examples
    --------
    >>> uniform_integers(2, stream(1)).tolist()
    [7840923436606020, 3790163838336566]
    """
    _refuse_short_words(rng)
    words = np.asarray(rng.bit_generator.random_raw(count), dtype=np.uint64)
    return (words >> np.uint64(64 - UNIFORM_BITS)).astype(np.int64)


def uniforms(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw numbers uniform on [0, 1) in steps of 2⁻⁵³, one raw word each.

    Parameters
    ----------
    count : int
    rng : numpy.random.Generator
        On a bit generator with 64-bit words.

    Returns
    -------
    array of float64, shape (count,)

    Examples
    --------
    >>> uniforms(1, stream(1)).tolist()
    [0.8705173733643012]
    """
    return np.ldexp(uniform_integers(count, rng).astype(np.float64), -UNIFORM_BITS)


def permutation(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Shuffle 0 … count − 1: sort by one raw word each.

    Two equal words (chance under count² / 2⁶⁵) keep the order of their numbers.

    Parameters
    ----------
    count : int
    rng : numpy.random.Generator
        On a bit generator with 64-bit words.

    Returns
    -------
    array of int64, shape (count,)

    Examples
    --------
    >>> sorted(permutation(5, stream(1)).tolist())
    [0, 1, 2, 3, 4]
    """
    _refuse_short_words(rng)
    words = np.asarray(rng.bit_generator.random_raw(count), dtype=np.uint64)
    return np.argsort(words, kind="stable").astype(np.int64)


def _refuse_short_words(rng: np.random.Generator) -> None:
    """Refuse the one bit generator of NumPy that speaks 32-bit words."""
    if isinstance(rng.bit_generator, np.random.MT19937):
        raise DrawError(
            "the bit generator MT19937 gives 32-bit words, the draw needs 64; "
            "use numpy.random.default_rng(seed)"
        )
