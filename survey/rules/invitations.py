"""Tokens of links, serials of paper forms, secrets of devices: all from the system's entropy.

None of them is ever drawn from the plan's seed: a seed is published so that a draw can be redone,
and whoever knows it must not be able to make the links.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from survey.errors import RefusedInputError, WrongKeyError
from survey.rules.faults import Fault
from survey.rules.printed_codes import ALPHABET, GROUP, groups_of, read_groups

__all__ = [
    "SERIAL_FAULT",
    "IssuedLink",
    "check_serial",
    "device_code",
    "device_from_code",
    "new_device",
    "new_serial",
    "new_token",
    "printed_serial",
    "token_hash",
]

SERIAL_FAULT: Final = (
    "“%(text)s” is no serial: it must be the nine digits printed on the form; compare them."
)
_TOKEN_LENGTH = 26  # 130 bits
_DEVICE_SIZE = 10  # 80 bits: they protect only beside a token, against whoever printed the links
_SERIAL_LENGTH = 9
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedLink:
    """A link as it is printed once; the database keeps only its token's hash."""

    slot: int
    position: int | None
    name: str | None
    respondent_group: str
    reserve: bool
    url: str


def new_token() -> str:
    """Draw the token of one link.

    Returns
    -------
    str
        26 small letters and digits without i, l, o and u (130 bits): it survives being read out
        and typed by hand, and no mail program breaks it at a sign.
    """
    return "".join(secrets.choice(ALPHABET) for _ in range(_TOKEN_LENGTH)).lower()


def token_hash(token: str) -> str:
    """Return what the database knows of a token.

    A plain hash is enough: 130 random bits cannot be guessed, however fast the guessing.

    Parameters
    ----------
    token : str
        As it came in, any text.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_serial() -> str:
    """Draw the serial of one paper form.

    Returns
    -------
    str
        Eight random digits and Damm's check digit.
    """
    digits = "".join(secrets.choice("0123456789") for _ in range(_SERIAL_LENGTH - 1))
    return digits + str(_damm(digits))


def check_serial(text: str) -> str:
    """Read a serial as typed.

    Any one wrong digit and any two neighbours exchanged are noticed.

    Parameters
    ----------
    text : str
        With or without spaces and dashes.

    Returns
    -------
    str
        Nine digits.

    Raises
    ------
    RefusedInputError
        It is no serial; nothing was looked up.

    References
    ----------
    Damm (2004), Total anti-symmetrische Quasigruppen, Marburg.

    Examples
    --------
    >>> check_serial("572-400 013")
    '572400013'
    """
    digits = "".join(letter for letter in text if letter not in " -–.\t")
    well_formed = len(digits) == _SERIAL_LENGTH and digits.isascii() and digits.isdigit()
    if not well_formed or _damm(digits):
        fault = Fault(code="serial", template=SERIAL_FAULT, values={"text": text.strip()[:20]})
        raise RefusedInputError(what="The serial", faults=[fault])
    return digits


def printed_serial(serial: str) -> str:
    """Write a serial as it is printed.

    Parameters
    ----------
    serial : str
        Nine digits.

    Returns
    -------
    str

    Examples
    --------
    >>> printed_serial("572400013")
    '572-400-013'
    """
    return "-".join(serial[start : start + 3] for start in range(0, len(serial), 3))


def _damm(digits: str) -> int:
    """Run Damm's quasigroup over ``digits``; with the check digit at the end it gives 0."""
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state


def new_device() -> str:
    """Draw the secret that a device keeps in a cookie, which opens drafts together with a token.

    Returns
    -------
    str
        20 characters, four of them checks, so that it can be copied to another device.
    """
    return "".join(groups_of(secrets.token_bytes(_DEVICE_SIZE)))


def device_code(device: str) -> str:
    """Write a device's secret as the respondent copies it to another device.

    Parameters
    ----------
    device : str
        From `new_device`.

    Returns
    -------
    str
        Four groups of five characters, joined by dashes.
    """
    return "-".join(device[start : start + GROUP] for start in range(0, len(device), GROUP))


def device_from_code(text: str) -> str:
    """Read a device's secret as typed by a respondent, or as it stands in a cookie.

    Parameters
    ----------
    text : str
        Spaces, dashes and case do not matter; O is read as 0, I and L as 1.

    Returns
    -------
    str
        As `new_device` gave it.

    Raises
    ------
    RefusedInputError
        A group is damaged or missing; names it.
    """
    try:
        return "".join(groups_of(read_groups(text, size=_DEVICE_SIZE)))
    except WrongKeyError as error:
        raise RefusedInputError(what="The code", faults=[error]) from error
