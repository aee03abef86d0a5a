"""Staff accounts: passwords, lockout, and who may be closed."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from survey.errors import NotFoundError, RefusedInputError, SignInRefusedError
from survey.records.people import Account
from survey.records.store import Store
from survey.rules.permissions import Role
from survey.services import accounts, audit

PASSWORD = "mưa nắng bốn mùa"


def _create(store: Store, now: datetime, **changes: Any) -> Account:
    given = {
        "username": "lan",
        "display_name": "Nguyễn Thị Lan",
        "role": Role.CLERK,
        "password": PASSWORD,
        "actor": "cli",
        "now": now,
    }
    with store.write() as session:
        return accounts.create_account(session, **{**given, **changes})


def _sign_in(
    store: Store, now: datetime, *, password: str = PASSWORD, name: str = "lan"
) -> accounts.SignIn:
    with store.write() as session:
        return accounts.sign_in(session, username=name, password=password, now=now)


def test_the_right_password_signs_in(store: Store, now: datetime) -> None:
    made = _create(store, now)
    found = _sign_in(store, now)
    assert found.account is not None
    assert (found.account.id, found.locked_until) == (made.id, None)
    assert PASSWORD not in made.password_hash
    assert made.password_hash.startswith("$argon2id$")


def test_name_is_read_whatever_its_case_and_spaces(sqlite_store: Store, now: datetime) -> None:
    _create(sqlite_store, now)
    assert _sign_in(sqlite_store, now, name=" Lan ").account is not None


def test_decomposed_accents_are_the_same_password(sqlite_store: Store, now: datetime) -> None:
    _create(sqlite_store, now, password="tiếng Việt có dấu")
    decomposed = "tie\u0302\u0301ng Vie\u0323\u0302t co\u0301 da\u0302\u0301u"
    assert _sign_in(sqlite_store, now, password=decomposed).account is not None


def test_five_failures_lock_for_a_quarter_of_an_hour(store: Store, now: datetime) -> None:
    _create(store, now)
    answers = [_sign_in(store, now, password="sai" * 5) for _ in range(5)]
    assert [answer.locked_until for answer in answers] == [
        None,
        None,
        None,
        None,
        now + timedelta(minutes=15),
    ]
    refused = _sign_in(store, now + timedelta(minutes=14))
    assert (refused.account, refused.locked_until) == (None, now + timedelta(minutes=15))
    assert _sign_in(store, now + timedelta(minutes=15)).account is not None


def test_locks_double_up_to_a_day(sqlite_store: Store, now: datetime) -> None:
    _create(sqlite_store, now)
    minutes = []
    for _ in range(13):
        answer = _sign_in(sqlite_store, now, password="sai" * 5)
        if answer.locked_until is not None:
            minutes.append((answer.locked_until - now).total_seconds() / 60)
            now = answer.locked_until
    assert minutes == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_guesses_while_locked_do_not_count(sqlite_store: Store, now: datetime) -> None:
    _create(sqlite_store, now)
    for _ in range(8):
        answer = _sign_in(sqlite_store, now, password="sai" * 5)
    assert answer.locked_until == now + timedelta(minutes=15)


def test_success_forgets_failures(sqlite_store: Store, now: datetime) -> None:
    _create(sqlite_store, now)
    for _ in range(4):
        _sign_in(sqlite_store, now, password="sai" * 5)
    _sign_in(sqlite_store, now)
    assert _sign_in(sqlite_store, now, password="sai" * 5).locked_until is None


def test_unknown_and_inactive_names_are_answered_alike(sqlite_store: Store, now: datetime) -> None:
    made = _create(sqlite_store, now)
    with sqlite_store.write() as session:
        accounts.set_active(session, made.id, active=False, actor="cli", now=now)
        before = audit.recent(session, 1)[0].number
    nobody = accounts.SignIn(account=None, locked_until=None)
    assert _sign_in(sqlite_store, now) == nobody
    assert _sign_in(sqlite_store, now, name=PASSWORD) == nobody
    with sqlite_store.read() as session:
        assert audit.recent(session, 1)[0].number == before


def test_unknown_names_take_as_long_as_known_ones(sqlite_store: Store, now: datetime) -> None:
    _create(sqlite_store, now)
    _sign_in(sqlite_store, now, name="minh")  # the decoy is hashed once a process
    shortest = {}
    for name in ("lan", "minh"):
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            _sign_in(sqlite_store, now, name=name, password="sai" * 5)
            times.append(time.perf_counter() - begin)
        shortest[name] = min(times)
    assert shortest["minh"] > shortest["lan"] / 2


def test_attempts_are_recorded_without_passwords(sqlite_store: Store, now: datetime) -> None:
    _create(sqlite_store, now)
    _sign_in(sqlite_store, now, password="sai" * 5)
    _sign_in(sqlite_store, now)
    with sqlite_store.read() as session:
        events = audit.recent(session, 3)
    assert [event.action for event in events] == ["sign_in", "sign_in_failed", "create_account"]
    assert events[1].detail == {"role": "clerk", "failures": 1}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "Lan Anh"}, "username-unusable"),
        ({"username": "lân"}, "username-unusable"),
        ({"username": "x"}, "username-unusable"),
        ({"display_name": "  "}, "display-name-blank"),
        ({"display_name": "x" * 201}, "display-name-long"),
        ({"password": "mười một ch"}, "password-short"),
        ({"password": "ab" * 251}, "password-long"),
        ({"password": "abababababab"}, "password-plain"),
        ({"username": "nguyenlan", "password": "NguyenLan2022"}, "password-plain"),
    ],
)
def test_unusable_accounts_are_refused(
    sqlite_store: Store, now: datetime, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(RefusedInputError) as refused:
        _create(sqlite_store, now, **changes)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_every_fault_of_an_account_is_said_at_once(sqlite_store: Store, now: datetime) -> None:
    with pytest.raises(RefusedInputError, match="11 characters; it needs at least 12") as refused:
        _create(sqlite_store, now, username="", display_name="", password="mười một ch")
    assert len(refused.value.faults) == 3


def test_a_taken_name_is_refused(store: Store, now: datetime) -> None:
    _create(store, now)
    with pytest.raises(RefusedInputError, match="“lan” is taken"):
        _create(store, now)


def test_changing_the_password_ends_other_sessions(store: Store, now: datetime) -> None:
    made = _create(store, now)
    with store.write() as session:
        accounts.change_password(
            session, made.id, old=PASSWORD, new="một mật khẩu khác", actor="lan", now=now
        )
    with store.read() as session:
        changed = accounts.account_by_id(session, made.id)
    assert changed is not None
    assert changed.session_key != made.session_key
    assert _sign_in(store, now).account is None
    assert _sign_in(store, now, password="một mật khẩu khác").account is not None


def test_changing_needs_the_old_password(sqlite_store: Store, now: datetime) -> None:
    made = _create(sqlite_store, now)
    with pytest.raises(SignInRefusedError), sqlite_store.write() as session:
        accounts.change_password(
            session, made.id, old="không phải", new="một mật khẩu khác", actor="lan", now=now
        )
    assert _sign_in(sqlite_store, now).account is not None


def test_reset_ends_a_lock(sqlite_store: Store, now: datetime) -> None:
    made = _create(sqlite_store, now)
    for _ in range(5):
        _sign_in(sqlite_store, now, password="sai" * 5)
    with sqlite_store.write() as session:
        accounts.reset_password(session, made.id, new="một mật khẩu khác", actor="cli", now=now)
    assert _sign_in(sqlite_store, now, password="một mật khẩu khác").account is not None


def test_the_last_administrator_stays(store: Store, now: datetime) -> None:
    first = _create(store, now, username="admin1", role=Role.ADMIN)
    with pytest.raises(RefusedInputError, match="“admin1” is the last"), store.write() as session:
        accounts.set_active(session, first.id, active=False, actor="admin1", now=now)
    _create(store, now, username="admin2", role=Role.ADMIN)
    with store.write() as session:
        accounts.set_active(session, first.id, active=False, actor="admin2", now=now)
    with store.read() as session:
        assert [(a.username, a.active) for a in accounts.accounts(session)] == [
            ("admin1", False),
            ("admin2", True),
        ]


def test_an_unknown_account_is_not_found(sqlite_store: Store, now: datetime) -> None:
    with pytest.raises(NotFoundError), sqlite_store.write() as session:
        accounts.set_active(session, "0" * 32, active=False, actor="cli", now=now)
