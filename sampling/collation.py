"""Vietnamese order of names: for lists that people read, and for draws that walk along a list.

The order is that of the Unicode locale data for Vietnamese, written out here in one page instead of
taken from a library: a systematic draw follows it, and must be the same when a library has moved to
the next edition of its tables.
"""

import unicodedata
from itertools import groupby

__all__ = ["CollationKey", "collation_key", "person_key"]

CollationKey = tuple[
    tuple[tuple[int, int], ...], tuple[tuple[int, ...], ...], tuple[bool, ...], str
]

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTERS = {letter: place for place, letter in enumerate(_ALPHABET)}
_SHAPES = {"\u0302", "\u0306", "\u031b"}  # circumflex, breve, horn: other letters, not tones
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SPACE, _SIGN, _NUMBER, _LETTER, _FOREIGN = range(5)


def collation_key(text: str) -> CollationKey:
    """Make a key that sorts text as Vietnamese readers expect.

    Letters come first, in the order a ă â b c d đ e ê … o ô ơ … u ư … y z; texts of the same
    letters are told apart by tones, in the order ngang, huyền, hỏi, ngã, sắc, nặng, and then by
    case, small letters first. Spaces come before signs, signs before numbers, numbers before
    letters; numbers count by their value, so that "Phòng 9" stands before "Phòng 10".

    Parameters
    ----------
    text : str
        NFC and NFD spelling give the same key.

    Returns
    -------
    tuple
        To be compared with other keys of this function only.

    References
    ----------
    Unicode Common Locale Data Repository, collation of ``vi``. Checked against: ICU 72.1 in
    tests/golden/collation.

    Examples
    --------
    >>> sorted(["Đỗ", "Dũng", "Ân", "Ánh", "An", "Phòng 10", "Phòng 9"], key=collation_key)
    ['An', 'Ánh', 'Ân', 'Dũng', 'Đỗ', 'Phòng 9', 'Phòng 10']
    """
    text = unicodedata.normalize("NFC", text)
    parts = [_read(character) for character in text]
    letters: list[tuple[int, int]] = []
    for number, run in groupby(parts, key=lambda part: part[0][0] == _NUMBER):
        places = [place for place, _, _ in run]
        letters += [_value(places)] if number else places
    tones = tuple(tone for (kind, _), tone, _ in parts if kind != _NUMBER)
    capitals = tuple(capital for (kind, _), _, capital in parts if kind != _NUMBER)
    return tuple(letters), tones, capitals, text


def person_key(name: str) -> tuple[CollationKey, CollationKey, str]:
    """Make a key that sorts people as Vietnamese staff lists do: by given name, then the rest.

    The given name is the last word; what stands behind a comma, a bracket or a dash with spaces,
    such as a division that tells namesakes apart, counts last.

    Parameters
    ----------
    name : str
        Family name, middle names, given name.

    Returns
    -------
    tuple

    Examples
    --------
    >>> sorted(["Trần Văn An", "Lê Thị Bình", "Đỗ An", "Lê An (Thanh tra)"], key=person_key)
    ['Đỗ An', 'Lê An (Thanh tra)', 'Trần Văn An', 'Lê Thị Bình']
    """
    own = unicodedata.normalize("NFC", name)
    for mark in (",", "(", " - ", " – "):
        own = own.partition(mark)[0]
    *before, given = own.split() or [""]
    return collation_key(given), collation_key(" ".join(before)), name


def _read(character: str) -> tuple[tuple[int, int], tuple[int, ...], bool]:
    """Read one character: its kind and place, its tones, and whether it is a capital."""
    parts = unicodedata.normalize("NFD", character)
    base, marks = parts[0], parts[1:]
    shaped = base.lower() + "".join(mark for mark in marks if mark in _SHAPES)
    letter = unicodedata.normalize("NFC", shaped)
    if letter not in _LETTERS:
        return _read_other(character), (), character.isupper()
    # A mark that is no tone of Vietnamese follows the tones, by its number.
    tones = (_TONES.get(mark, ord(mark)) for mark in marks if mark not in _SHAPES)
    return (_LETTER, _LETTERS[letter]), tuple(tones), character.isupper()


def _read_other(character: str) -> tuple[int, int]:
    """Place what is no letter of the Latin alphabet."""
    if character.isdecimal():
        return _NUMBER, unicodedata.decimal(character)
    if character.isspace():
        return _SPACE, 0
    return (_FOREIGN if character.isalpha() else _SIGN), ord(character)


def _value(digits: list[tuple[int, int]]) -> tuple[int, int]:
    """Read a run of digits as one number."""
    value = 0
    for _, digit in digits:
        value = 10 * value + digit
    return _NUMBER, value
