"""The sealed ballot of an anonymous round: what is in it, its one size, its seal and its receipt.

A ballot carries the two quality flags that need the live session, because nothing outside it may
remember when or to whom a form was shown. Web and paper ballots are laid out and sized alike.
"""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from questionnaires import (
    Answers,
    MultiItem,
    OptionOrder,
    Questionnaire,
    SingleItem,
    canonical,
    from_canonical,
    largest_answer_size,
)
from survey.errors import RefusedInputError, WrongKeyError
from survey.rules.faults import Fault
from survey.rules.printed_codes import groups_of

__all__ = [
    "LABEL_LENGTH",
    "ORDERS",
    "SUBMISSION_FAULT",
    "TOO_FAST",
    "OpenBallot",
    "answers_mac",
    "ballot_size",
    "check_submission_id",
    "draw_order_seed",
    "group_differs",
    "new_private_key",
    "open_ballot",
    "pad",
    "public_key_of",
    "receipt_code",
    "seal_ballot",
    "submission_hash",
    "too_fast",
    "unpad",
]

SUBMISSION_FAULT: Final = "Its number was not given out by this program; open the link again."
TOO_FAST = timedelta(minutes=2)
LABEL_LENGTH = 32
"""Longest label of a keying batch, in characters."""

ORDERS: Final = 100
"""How many orders of options there are: few, so that an order seen on a screen is no name."""

_LENGTH_BYTES = 4
_STEP = 256
_SUBMISSION_ID = re.compile(r"[A-Za-z0-9_-]{22,86}")
_KEY = "0" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBallot:
    """What a ballot says once it is opened.

    ``mode`` is "web" or "paper"; ``keying_batch`` is the label of the pile a paper form came from.
    ``order_seed`` tells in which order options in random order were shown; none on paper.
    """

    answers: Answers
    stratum_id: str
    rater_key: str
    too_fast: bool
    group_differs: bool
    mode: str
    keying_batch: str | None
    order_seed: int | None = None


def ballot_size(questionnaire: Questionnaire) -> int:
    """Bound what any ballot or draft of a questionnaire takes, in bytes before sealing.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    int
        A multiple of 256; every ballot and draft is padded to it.
    """
    emptiest = OpenBallot(
        answers={},
        stratum_id=_KEY,
        rater_key=_KEY,
        too_fast=False,
        group_differs=False,
        mode="paper",
        keying_batch="",
        order_seed=ORDERS - 1,
    )
    most = (
        _LENGTH_BYTES
        + len(_written(emptiest, questionnaire))
        + LABEL_LENGTH * 4  # a character of UTF-8; JSON's escapes take two
        + largest_answer_size(questionnaire)
    )
    return -(-most // _STEP) * _STEP


def new_private_key() -> bytes:
    """Draw the private key of a round from the system's entropy.

    Returns
    -------
    bytes
        32 bytes.
    """
    return bytes(PrivateKey.generate())


def public_key_of(private_key: bytes) -> bytes:
    """Return the key that seals what ``private_key`` opens.

    Parameters
    ----------
    private_key : bytes

    Returns
    -------
    bytes
        32 bytes.
    """
    return bytes(PrivateKey(private_key).public_key)


def seal_ballot(
    ballot: OpenBallot, questionnaire: Questionnaire, *, public_key: bytes, size: int
) -> bytes:
    """Seal a ballot, so that only the private key opens it; even its author cannot.

    X25519 with a fresh key pair per ballot, XSalsa20-Poly1305 (libsodium's sealed box).

    Parameters
    ----------
    ballot : OpenBallot
    questionnaire : Questionnaire
        The one that was answered.
    public_key : bytes
        Of the round.
    size : int
        Bytes to pad to, from `ballot_size`.

    Returns
    -------
    bytes
        ``size`` + 48 of them, whatever was answered.

    Raises
    ------
    ValueError
        The ballot does not fit: its answers were not checked.
    """
    box = SealedBox(PublicKey(public_key))
    return box.encrypt(pad(_written(ballot, questionnaire), size))


def open_ballot(sealed: bytes, *, private_key: bytes) -> OpenBallot:
    """Open a sealed ballot.

    Parameters
    ----------
    sealed : bytes
        From `seal_ballot`.
    private_key : bytes

    Returns
    -------
    OpenBallot

    Raises
    ------
    WrongKeyError
        The key does not fit, or the ballot was changed.
    """
    try:
        plain = SealedBox(PrivateKey(private_key)).decrypt(sealed)
    except CryptoError as error:
        raise WrongKeyError from error
    content = json.loads(unpad(plain))
    return OpenBallot(
        answers=from_canonical(json.dumps(content["answers"]).encode()),
        stratum_id=content["stratum"],
        rater_key=content["rater"],
        too_fast=content["too_fast"],
        group_differs=content["group_differs"],
        mode=content["mode"],
        keying_batch=content["batch"],
        order_seed=content["order"],
    )


def pad(content: bytes, size: int) -> bytes:
    """Bring ``content`` to ``size`` bytes, its own length first.

    Parameters
    ----------
    content : bytes
    size : int

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        It does not fit.
    """
    if len(content) > size - _LENGTH_BYTES:
        raise ValueError(
            f"{len(content)} bytes do not fit into {size - _LENGTH_BYTES}; "
            "check the answers against the questionnaire first"
        )
    return (len(content).to_bytes(_LENGTH_BYTES) + content).ljust(size, b"\0")


def unpad(padded: bytes) -> bytes:
    """Undo `pad`.

    Parameters
    ----------
    padded : bytes

    Returns
    -------
    bytes
    """
    length = int.from_bytes(padded[:_LENGTH_BYTES])
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def too_fast(started: datetime, now: datetime) -> bool:
    """Say whether a form was answered in under two minutes.

    Parameters
    ----------
    started, now : datetime
        Aware moments.

    Returns
    -------
    bool
    """
    return now - started < TOO_FAST


def group_differs(questionnaire: Questionnaire, answers: Answers, respondent_group: str) -> bool:
    """Say whether the group a respondent states is not the invitation's.

    Parameters
    ----------
    questionnaire : Questionnaire
        One item of it may be the stratum check.
    answers : answers by item id
    respondent_group : str
        Of the invitation or paper form.

    Returns
    -------
    bool
        False where the question is not asked or not answered.
    """
    item = questionnaire.stratum_item
    if item is None or item.id not in answers:
        return False
    answer = answers[item.id]
    return questionnaire.missing_code(item, answer) is None and answer != respondent_group


def draw_order_seed(questionnaire: Questionnaire) -> int | None:
    """Draw the order in which one respondent sees options in random order.

    The system's randomness, never the link or the plan's seed: whoever knows those must not know
    the order that will stand beside the answers.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    int or None
        From 0 to 99; None where no question has options in random order.
    """
    choices = (item for item in questionnaire.questions if isinstance(item, SingleItem | MultiItem))
    if all(item.order is OptionOrder.AS_WRITTEN for item in choices):
        return None
    return secrets.randbelow(ORDERS)


def check_submission_id(submission_id: str) -> str:
    """Refuse a submission id that somebody could guess.

    Parameters
    ----------
    submission_id : str
        22 to 86 letters, digits, dashes and underscores: 128 random bits or more.

    Returns
    -------
    str
        The id.

    Raises
    ------
    RefusedInputError
        It has another form. A short id would let whoever holds the database try answers against
        the stored `answers_mac`.
    """
    if not _SUBMISSION_ID.fullmatch(submission_id):
        fault = Fault(code="submission-id", template=SUBMISSION_FAULT)
        raise RefusedInputError(what="The submission", faults=[fault])
    return submission_id


def submission_hash(submission_id: str) -> str:
    """Return what the database knows of a submission id.

    Parameters
    ----------
    submission_id : str

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.
    """
    return hashlib.sha256(submission_id.encode()).hexdigest()


def answers_mac(submission_id: str, answers: bytes) -> str:
    """Return proof of which answers came with a submission id, useless without the id.

    Parameters
    ----------
    submission_id : str
    answers : bytes
        Canonical.

    Returns
    -------
    str
        HMAC-SHA256 under the id, 64 hexadecimal digits.
    """
    return hmac.new(submission_id.encode(), answers, hashlib.sha256).hexdigest()


def receipt_code(submission_id: str) -> str:
    """Return the receipt that a respondent sees after sending.

    It is computed, not stored: nobody can look up what was sent by it, and the respondent cannot
    be made to prove it.

    Parameters
    ----------
    submission_id : str

    Returns
    -------
    str
        Two groups of five characters.
    """
    digest = hmac.new(submission_id.encode(), b"receipt", hashlib.sha256).digest()
    return "-".join(groups_of(digest[:5]))


def _written(ballot: OpenBallot, questionnaire: Questionnaire) -> bytes:
    """Lay a ballot out as JSON with the canonical answers inside."""
    content = {
        "answers": json.loads(canonical(questionnaire, ballot.answers)),
        "stratum": ballot.stratum_id,
        "rater": ballot.rater_key,
        "too_fast": ballot.too_fast,
        "group_differs": ballot.group_differs,
        "mode": ballot.mode,
        "batch": ballot.keying_batch,
        "order": ballot.order_seed,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
