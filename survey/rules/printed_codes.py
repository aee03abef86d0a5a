"""Secrets as people copy them: groups of five characters, the last of each a check.

Crockford's alphabet has no I, L, O and U, so what looks like one of them can be read as 1 or 0. The
check is computed in GF(32) with the group's number mixed in: any one wrong character and any two
groups or neighbours exchanged are noticed, and the message can name the group.
"""

import re
from collections.abc import Sequence

from survey.errors import DamagedKeyError, KeyLengthError

__all__ = ["ALPHABET", "GROUP", "groups_of", "read_groups"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 5
_DATA = GROUP - 1
_BITS = 5
_FIELD = 0b100101  # x⁵ + x² + 1, primitive over GF(2)
_PRINTED_NUMBER = re.compile(r"(?<![^\s])[0-9]{1,2}\.(?=\s)")
_LOOKALIKES = str.maketrans("OIL", "011", " \t\r\n-–—._·")


def groups_of(data: bytes) -> tuple[str, ...]:
    """Write ``data`` as groups of four characters and a check.

    Parameters
    ----------
    data : bytes
        Padded with zero bits to a whole number of groups.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> groups_of(b"khaosat!")
    ('DDM6T', '2VVK9', 'C5T2Z', '2000H')
    """
    bits = len(data) * 8
    count = -(-bits // (_BITS * _DATA))
    number = int.from_bytes(data) << (count * _DATA * _BITS - bits)
    symbols = [(number >> (_BITS * place)) & 31 for place in reversed(range(count * _DATA))]
    return tuple(
        _group(symbols[start : start + _DATA], start // _DATA)
        for start in range(0, len(symbols), _DATA)
    )


def read_groups(text: str, *, size: int) -> bytes:
    """Read ``size`` bytes back from groups typed by a person.

    Case, spaces, line ends, dots and dashes do not matter, nor do the numbers ("12.") printed
    before the groups; O is read as 0, I and L as 1.

    Parameters
    ----------
    text : str
    size : int
        Number of bytes written.

    Returns
    -------
    bytes

    Raises
    ------
    KeyLengthError
        Characters are missing, or there are too many.
    DamagedKeyError
        A group's check fails or it holds a character outside the alphabet; names the first one.
    """
    clean = _PRINTED_NUMBER.sub(" ", text.upper()).translate(_LOOKALIKES)
    count = -(-size * 8 // (_BITS * _DATA))
    groups = [clean[start : start + GROUP] for start in range(0, len(clean), GROUP)]
    if len(clean) != count * GROUP:
        damaged = _first_damaged(groups[:count])
        if damaged is not None and len(clean) > count * GROUP // 2:
            raise DamagedKeyError(group=damaged + 1, text=groups[damaged])
        raise KeyLengthError(found=len(clean), expected=count * GROUP)
    damaged = _first_damaged(groups)
    if damaged is not None:
        raise DamagedKeyError(group=damaged + 1, text=groups[damaged])
    number = 0
    for symbol in (ALPHABET.index(letter) for group in groups for letter in group[:_DATA]):
        number = number << _BITS | symbol
    return (number >> (count * _DATA * _BITS - size * 8)).to_bytes(size)


def _first_damaged(groups: Sequence[str]) -> int | None:
    """Return the first group that is not as printed."""
    for index, group in enumerate(groups):
        known = all(letter in ALPHABET for letter in group)
        symbols = [ALPHABET.index(letter) for letter in group[:_DATA]] if known else []
        if len(symbols) < _DATA or group != _group(symbols, index):
            return index
    return None


def _group(symbols: Sequence[int], index: int) -> str:
    """Write four symbols and their check, the value at α of the polynomial they are."""
    check = (index + 1) % 32
    for symbol in symbols:
        check = _times_alpha(check) ^ symbol
    check = _times_alpha(check)
    return "".join(ALPHABET[symbol] for symbol in (*symbols, check))


def _times_alpha(value: int) -> int:
    """Multiply by x in GF(32)."""
    value <<= 1
    return value ^ _FIELD if value & 32 else value
