"""The private key of an anonymous round on paper: two recovery sheets, check-digited.

Each of the two sheets holds the whole key, so that one lost sheet does not lose the survey. What
is printed also carries the sheet's number and a mark of the round, so that a key of last year's
round is told apart from a misread one.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from survey.errors import OtherRoundsKeyError
from survey.rules.printed_codes import groups_of, read_groups

__all__ = ["KEY_SIZE", "SHEETS", "DestructionRecord", "KeySheet", "decode_sheet", "encode_sheet"]

KEY_SIZE = 32
SHEETS = (1, 2)
_MARK_SIZE = 4
_PAYLOAD_SIZE = 1 + KEY_SIZE + _MARK_SIZE
_QR_PREFIX = "KHAOSAT-KEY:"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySheet:
    """One recovery sheet: its number, the groups to print and the text of its QR code."""

    number: int
    groups: tuple[str, ...]
    qr: str

    @property
    def text(self) -> str:
        """The groups as one line, as a key file holds them."""
        return "-".join(self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionRecord:
    """What the record of a key's destruction states, for two people to sign."""

    round_code: str
    title: str
    destroyed_at: datetime
    actor: str
    public_key: str
    """Hexadecimal: it names the key without being able to open anything."""

    sheets: tuple[int, ...]
    key_file: str | None
    """Name of the key file that was overwritten and removed; none where there was no file."""

    backup: str
    backup_digest: str
    responses: int
    responses_digest: str


def encode_sheet(private_key: bytes, number: int, *, round_code: str) -> KeySheet:
    """Lay a private key out as a recovery sheet.

    Parameters
    ----------
    private_key : bytes
        32 bytes.
    number : int
        Of the sheet, 1 or 2.
    round_code : str
        Code of the round whose ballots the key opens.

    Returns
    -------
    KeySheet
        15 groups of five characters, the fifth a check.

    Raises
    ------
    ValueError
        The key is not 32 bytes long, or there is no such sheet.
    """
    if len(private_key) != KEY_SIZE or number not in SHEETS:
        raise ValueError(
            f"a sheet holds a key of {KEY_SIZE} bytes and is number 1 or 2, "
            f"not {len(private_key)} bytes and number {number}"
        )
    body = bytes([number]) + private_key
    groups = groups_of(body + _mark(body, round_code))
    return KeySheet(number=number, groups=groups, qr=_QR_PREFIX + "-".join(groups))


def decode_sheet(text: str, *, round_code: str) -> tuple[int, bytes]:
    """Read a recovery sheet back, typed, scanned or from a key file.

    Parameters
    ----------
    text : str
        Spaces, dashes, line ends and case do not matter; O is read as 0, I and L as 1; the text
        of the QR code is accepted as well.
    round_code : str

    Returns
    -------
    int, bytes
        The sheet's number and the private key.

    Raises
    ------
    KeyLengthError
        Characters are missing, or there are too many.
    DamagedKeyError
        A group is not as printed; names it.
    OtherRoundsKeyError
        Every group is as printed, but for another round.
    """
    payload = read_groups(text.strip().upper().removeprefix(_QR_PREFIX), size=_PAYLOAD_SIZE)
    body, mark = payload[: 1 + KEY_SIZE], payload[1 + KEY_SIZE :]
    if mark != _mark(body, round_code) or body[0] not in SHEETS:
        raise OtherRoundsKeyError(round=round_code)
    return body[0], body[1:]


def _mark(body: bytes, round_code: str) -> bytes:
    """Bind sheet number, key and round together."""
    words = b"khaosat key sheet\x1f" + round_code.encode() + b"\x1f" + body
    return hashlib.sha256(words).digest()[:_MARK_SIZE]
