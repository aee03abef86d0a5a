"""Unfinished answers, encrypted under what only the respondent holds: the link and the device.

Neither is enough alone. Whoever printed the links cannot read a draft without the device's secret,
and a stolen cookie opens nothing without the link.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from questionnaires import Answers, Questionnaire, canonical, from_canonical
from survey.errors import DraftLockedError, RefusedInputError
from survey.rules.ballots import draw_order_seed, pad, unpad
from survey.rules.faults import Fault

__all__ = ["DRAFT_FAULT", "DraftContent", "new_draft", "open_draft", "seal_draft"]

DRAFT_FAULT: Final = "The answers are longer than the questionnaire allows; shorten the texts."
_NONCE_SIZE = 12
_SUBMISSION_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContent:
    """Answers so far, when the form was first opened, consent, and the id of the later submission.

    ``order_seed`` keeps the order of options the same from page to page.

    All of it is known to nobody but the respondent until it is sent, the moment included.
    """

    answers: Answers
    started: datetime
    consented: bool
    submission_id: str
    order_seed: int | None = None


def new_draft(now: datetime, questionnaire: Questionnaire | None = None) -> DraftContent:
    """Begin a draft.

    Parameters
    ----------
    now : datetime
        Aware.
    questionnaire : Questionnaire, optional
        Without it options stand as written.

    Returns
    -------
    DraftContent
        Without answers or consent, with a submission id of 192 random bits.
    """
    submission_id = secrets.token_urlsafe(_SUBMISSION_BYTES)
    return DraftContent(
        answers={},
        started=now,
        consented=False,
        submission_id=submission_id,
        order_seed=None if questionnaire is None else draw_order_seed(questionnaire),
    )


def seal_draft(
    content: DraftContent,
    questionnaire: Questionnaire,
    *,
    secret: tuple[str, str],
    invitation_id: str,
    size: int,
) -> bytes:
    """Encrypt a draft.

    HKDF-SHA256 over token ‖ device, ChaCha20-Poly1305 with the invitation as associated data.

    Parameters
    ----------
    content : DraftContent
    questionnaire : Questionnaire
    secret : tuple of str
        The link's token and the device's secret.
    invitation_id : str
        A draft moved to another invitation does not open.
    size : int
        Bytes to pad to, from `ballot_size`.

    Returns
    -------
    bytes
        ``size`` + 28 of them, whatever was answered.

    Raises
    ------
    RefusedInputError
        The answers are longer than the questionnaire allows.
    """
    document = {
        "answers": json.loads(canonical(questionnaire, content.answers)),
        "started": content.started.isoformat(),
        "consented": content.consented,
        "submission": content.submission_id,
        "order": content.order_seed,
    }
    plain = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        padded = pad(plain, size)
    except ValueError as error:
        fault = Fault(code="draft-size", template=DRAFT_FAULT)
        raise RefusedInputError(what="The draft", faults=[fault]) from error
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return nonce + _cipher(secret).encrypt(nonce, padded, invitation_id.encode())


def open_draft(sealed: bytes, *, secret: tuple[str, str], invitation_id: str) -> DraftContent:
    """Decrypt a draft.

    Parameters
    ----------
    sealed : bytes
        From `seal_draft`.
    secret : tuple of str
        The link's token and the device's secret.
    invitation_id : str

    Returns
    -------
    DraftContent

    Raises
    ------
    DraftLockedError
        Token, device or invitation is another one, or the draft was changed.
    """
    nonce, body = sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:]
    try:
        plain = _cipher(secret).decrypt(nonce, body, invitation_id.encode())
    except InvalidTag as error:
        raise DraftLockedError from error
    document = json.loads(unpad(plain))
    return DraftContent(
        answers=from_canonical(json.dumps(document["answers"]).encode()),
        started=datetime.fromisoformat(document["started"]),
        consented=document["consented"],
        submission_id=document["submission"],
        order_seed=document["order"],
    )


def _cipher(secret: tuple[str, str]) -> ChaCha20Poly1305:
    """Derive a draft's key; the lengths keep token and device from running into each other."""
    token, device = (part.encode("utf-8", "surrogatepass") for part in secret)
    material = len(token).to_bytes(2) + token + device
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"khaosat draft 1")
    return ChaCha20Poly1305(derived.derive(material))
