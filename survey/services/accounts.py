"""Staff accounts: making them, signing in, and locking out whoever guesses.

A failed sign-in is a value and not an exception: the count of failures has to be committed, and
an exception would roll it back.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.orm import Session

from survey.errors import NotFoundError, RefusedInputError, SignInRefusedError
from survey.queries.people import account_named, all_accounts, number_of_active
from survey.records.base import new_key
from survey.records.people import Account
from survey.rules.faults import Fault
from survey.rules.permissions import Role
from survey.services import audit

__all__ = [
    "ACCOUNT_FAULTS",
    "SHORTEST_PASSWORD",
    "AccountFault",
    "SignIn",
    "account_by_id",
    "accounts",
    "change_password",
    "create_account",
    "end_sign_ins",
    "reset_password",
    "set_active",
    "sign_in",
]

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 500
FAILURES_BEFORE_LOCK: Final = 5
FIRST_LOCK: Final = timedelta(minutes=15)
LONGEST_LOCK: Final = timedelta(hours=24)
_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
_HASHER: Final = PasswordHasher()


class AccountFault(StrEnum):
    """What can be wrong with an account or a password."""

    USERNAME_UNUSABLE = "username-unusable"
    USERNAME_TAKEN = "username-taken"
    NAME_BLANK = "display-name-blank"
    NAME_LONG = "display-name-long"
    PASSWORD_SHORT = "password-short"  # noqa: S105 - the name of a fault
    PASSWORD_LONG = "password-long"  # noqa: S105 - the same
    PASSWORD_PLAIN = "password-plain"  # noqa: S105 - the same
    LAST_ADMINISTRATOR = "last-administrator"


ACCOUNT_FAULTS: Final[Mapping[AccountFault, str]] = MappingProxyType(
    {
        AccountFault.USERNAME_UNUSABLE: (
            "The user name “%(value)s” cannot be used: write 2 to 60 small letters without "
            "accents, digits, dots, dashes or underscores."
        ),
        AccountFault.USERNAME_TAKEN: "The user name “%(value)s” is taken; choose another one.",
        AccountFault.NAME_BLANK: "The name shown on screen is blank; write it.",
        AccountFault.NAME_LONG: (
            "The name shown on screen has %(count)s characters; write at most %(most)s."
        ),
        AccountFault.PASSWORD_SHORT: (
            "The password has %(count)s characters; it needs at least %(least)s."
        ),
        AccountFault.PASSWORD_LONG: (
            "The password has %(count)s characters; write at most %(most)s."
        ),
        AccountFault.PASSWORD_PLAIN: (
            "The password is easy to guess: it holds the user name or fewer than five different "
            "characters. Choose another one."
        ),
        AccountFault.LAST_ADMINISTRATOR: (
            "“%(value)s” is the last active administrator; make another one first."
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What came of an attempt: the account, or none and until when further ones are refused."""

    account: Account | None
    locked_until: datetime | None


def create_account(  # noqa: PLR0913 - an account has six parts
    session: Session,
    *,
    username: str,
    display_name: str,
    role: Role,
    password: str,
    actor: str,
    now: datetime,
) -> Account:
    """Make a staff account.

    Parameters
    ----------
    session : Session
    username : str
        Small letters without accents, digits, dots, dashes and underscores.
    display_name : str
    role : Role
    password : str
        At least 12 characters; stored as its argon2id hash only.
    actor : str
    now : datetime
        Aware.

    Returns
    -------
    Account

    Raises
    ------
    RefusedInputError
        With every fault of the name and the password.
    """
    display_name = unicodedata.normalize("NFC", display_name).strip()
    faults = [
        *_username_faults(session, username),
        *_name_faults(display_name),
        *_password_faults(password, username),
    ]
    if faults:
        raise RefusedInputError(what="The account", faults=faults)
    account = Account(
        username=username,
        display_name=display_name,
        role=role,
        password_hash=_HASHER.hash(_composed(password)),
        session_key=new_key(),
        active=True,
        failures=0,
        created_at=now,
    )
    session.add(account)
    session.flush()
    _record(session, account, "create_account", actor, now)
    return account


def sign_in(session: Session, *, username: str, password: str, now: datetime) -> SignIn:
    """Check a name and a password; the caller commits, whatever comes back.

    Five failures in a row lock the account for 15 minutes, and every further one for twice as
    long as the last, at most a day. An unknown name takes as long as a known one; it is not
    recorded, because people type passwords into the wrong field.

    Parameters
    ----------
    session : Session
        One that writes.
    username, password : str
    now : datetime
        Aware.

    Returns
    -------
    SignIn
        Inactive accounts are answered like unknown ones.
    """
    decoy = _decoy_hash()
    account = account_named(session, username.strip().lower())
    if account is None or not account.active:
        _fits(decoy, password)
        return SignIn(account=None, locked_until=None)
    fits = _fits(account.password_hash, password)
    if account.locked_until is not None and now < account.locked_until:
        return SignIn(account=None, locked_until=account.locked_until)
    if not fits:
        return _count_failure(session, account, now)
    account.failures, account.locked_until = 0, None
    if _HASHER.check_needs_rehash(account.password_hash):
        account.password_hash = _HASHER.hash(_composed(password))
    session.flush()
    _record(session, account, "sign_in", account.username, now)
    return SignIn(account=account, locked_until=None)


def change_password(
    session: Session, account_id: str, *, old: str, new: str, actor: str, now: datetime
) -> None:
    """Change one's own password; all other sessions of the account end.

    Parameters
    ----------
    session : Session
    account_id : str
    old, new : str
    actor : str
    now : datetime
        Aware.

    Raises
    ------
    SignInRefusedError
        The old password is wrong.
    RefusedInputError
        The new password cannot be used.
    NotFoundError
        There is no such account.
    """
    account = _existing(session, account_id)
    if not _fits(account.password_hash, old):
        raise SignInRefusedError
    _set_password(account, new)
    session.flush()
    _record(session, account, "change_password", actor, now)


def end_sign_ins(session: Session, account_id: str) -> None:
    """End every sign-in of an account: a cookie that was copied opens nothing any more.

    Parameters
    ----------
    session : Session
    account_id : str

    Raises
    ------
    NotFoundError
        There is no such account.
    """
    _existing(session, account_id).session_key = new_key()


def reset_password(
    session: Session, account_id: str, *, new: str, actor: str, now: datetime
) -> None:
    """Give an account a new password and end its lock; all its sessions end.

    Parameters
    ----------
    session : Session
    account_id : str
    new : str
    actor : str
    now : datetime
        Aware.

    Raises
    ------
    RefusedInputError
        The new password cannot be used.
    NotFoundError
        There is no such account.
    """
    account = _existing(session, account_id)
    _set_password(account, new)
    account.failures, account.locked_until = 0, None
    session.flush()
    _record(session, account, "reset_password", actor, now)


def set_active(
    session: Session, account_id: str, *, active: bool, actor: str, now: datetime
) -> None:
    """Close an account or open it again; closing ends its sessions.

    Parameters
    ----------
    session : Session
    account_id : str
    active : bool
    actor : str
    now : datetime
        Aware.

    Raises
    ------
    RefusedInputError
        It is the last active administrator.
    NotFoundError
        There is no such account.
    """
    account = _existing(session, account_id)
    if account.active == active:
        return
    last = account.role is Role.ADMIN and number_of_active(session, Role.ADMIN) == 1
    if not active and last:
        fault = _fault(AccountFault.LAST_ADMINISTRATOR, value=account.username)
        raise RefusedInputError(what="The change", faults=[fault])
    account.active, account.session_key = active, new_key()
    session.flush()
    _record(session, account, "activate" if active else "deactivate", actor, now)


def accounts(session: Session) -> list[Account]:
    """List all accounts.

    Parameters
    ----------
    session : Session

    Returns
    -------
    list of Account
        By user name.
    """
    return all_accounts(session)


def account_by_id(session: Session, account_id: str) -> Account | None:
    """Find the account that a session's cookie names.

    Parameters
    ----------
    session : Session
    account_id : str

    Returns
    -------
    Account or None
    """
    return session.get(Account, account_id)


def _composed(password: str) -> str:
    """Compose accents: keyboards differ in how they send ế."""
    return unicodedata.normalize("NFC", password)


@cache
def _decoy_hash() -> str:
    """Hash something to compare with where there is no account."""
    return _HASHER.hash(new_key())


def _fits(password_hash: str, password: str) -> bool:
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _HASHER.verify(password_hash, _composed(password))
    except VerificationError:
        return False


def _count_failure(session: Session, account: Account, now: datetime) -> SignIn:
    account.failures += 1
    beyond = account.failures - FAILURES_BEFORE_LOCK
    if beyond >= 0:
        # Beyond 2⁷ × 15 minutes the day is reached anyway; no huge power is computed.
        account.locked_until = now + min(FIRST_LOCK * 2 ** min(beyond, 7), LONGEST_LOCK)
    session.flush()
    _record(session, account, "sign_in_failed", account.username, now, failures=account.failures)
    return SignIn(account=None, locked_until=account.locked_until if beyond >= 0 else None)


def _existing(session: Session, account_id: str) -> Account:
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFoundError(what="account", key=account_id)
    return account


def _set_password(account: Account, password: str) -> None:
    faults = _password_faults(password, account.username)
    if faults:
        raise RefusedInputError(what="The password", faults=faults)
    account.password_hash = _HASHER.hash(_composed(password))
    account.session_key = new_key()


def _fault(code: AccountFault, **values: object) -> Fault:
    return Fault(code=code.value, template=ACCOUNT_FAULTS[code], values=values)


def _username_faults(session: Session, username: str) -> list[Fault]:
    if not _USERNAME.fullmatch(username):
        return [_fault(AccountFault.USERNAME_UNUSABLE, value=username)]
    if account_named(session, username) is not None:
        return [_fault(AccountFault.USERNAME_TAKEN, value=username)]
    return []


def _name_faults(display_name: str) -> list[Fault]:
    if not display_name:
        return [_fault(AccountFault.NAME_BLANK)]
    if len(display_name) > 200:
        return [_fault(AccountFault.NAME_LONG, count=len(display_name), most=200)]
    return []


def _password_faults(password: str, username: str) -> list[Fault]:
    password = _composed(password)
    count = len(password)
    if count < SHORTEST_PASSWORD:
        return [_fault(AccountFault.PASSWORD_SHORT, count=count, least=SHORTEST_PASSWORD)]
    if count > LONGEST_PASSWORD:
        return [_fault(AccountFault.PASSWORD_LONG, count=count, most=LONGEST_PASSWORD)]
    holds_name = len(username) > 3 and username in password.lower()
    if holds_name or len(set(password)) < 5:
        return [_fault(AccountFault.PASSWORD_PLAIN)]
    return []


def _record(
    session: Session, account: Account, action: str, actor: str, now: datetime, **detail: object
) -> None:
    """Write an event about an account."""
    detail = {"role": account.role.value, **detail}
    audit.record(
        session, actor=actor, action=action, subject=account.username, detail=detail, now=now
    )
