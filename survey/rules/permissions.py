"""Roles of staff and what each may do: denied unless listed.

The office runs the round; an administrator manages accounts and cannot see the round's
results, so that neither of them alone holds everything.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from stats.disclosure import ReleaseClass
from survey.errors import NotPermittedError


class Role(StrEnum):
    """Roles of staff accounts."""

    ADMIN = "admin"
    OFFICE = "office"
    CLERK = "clerk"
    STATISTICIAN = "statistician"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What an account may be allowed to do."""

    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT = "read_audit"
    RUN_ROUND = "run_round"
    WATCH_PROGRESS = "watch_progress"
    KEY_FORMS = "key_forms"
    ADJUDICATE = "adjudicate"
    SCORE = "score"


_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMIN: frozenset({Permission.MANAGE_ACCOUNTS, Permission.READ_AUDIT}),
        Role.OFFICE: frozenset(
            {
                Permission.RUN_ROUND,
                Permission.WATCH_PROGRESS,
                Permission.ADJUDICATE,
                Permission.SCORE,
                Permission.READ_AUDIT,
            }
        ),
        Role.CLERK: frozenset({Permission.KEY_FORMS, Permission.ADJUDICATE}),
        Role.STATISTICIAN: frozenset({Permission.WATCH_PROGRESS, Permission.SCORE}),
        Role.VIEWER: frozenset(),
    }
)

# Class (b), the unit's own page, belongs to unit accounts, which do not exist yet:
# the office hands it over.
_RELEASES: Mapping[Role, frozenset[ReleaseClass]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(),
        Role.OFFICE: frozenset({ReleaseClass.PUBLIC, ReleaseClass.UNIT, ReleaseClass.COUNCIL}),
        Role.CLERK: frozenset(),
        Role.STATISTICIAN: frozenset(ReleaseClass),
        Role.VIEWER: frozenset({ReleaseClass.PUBLIC}),
    }
)


def may(role: Role, permission: Permission) -> bool:
    """Say whether ``role`` has ``permission``."""
    return permission in _PERMISSIONS[role]


def require(role: Role, permission: Permission) -> None:
    """Refuse unless ``role`` has ``permission``.

    Raises
    ------
    NotPermittedError
        The role does not have the permission.
    """
    if not may(role, permission):
        raise NotPermittedError(role=str(role), action=str(permission))


def releases(role: Role, *, published: bool) -> frozenset[ReleaseClass]:
    """Return the release classes that ``role`` may see; a viewer sees published ones only."""
    if role is Role.VIEWER and not published:
        return frozenset()
    return _RELEASES[role]
