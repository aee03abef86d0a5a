"""The staff menu: which rooms there are and who may enter them."""

from dataclasses import dataclass

from flask import Flask, request
from flask_babel import lazy_gettext as _l

from survey.rules.permissions import Permission, releases
from webforms.visitor import StaffAccount, visitor

__all__ = ["Room", "init_app", "rooms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One entry of the menu."""

    path: str
    name: object
    about: object
    permission: Permission | None
    """None: whoever may see an edition of an index."""

    def opens_to(self, account: StaffAccount) -> bool:
        """Whether ``account`` may enter."""
        if self.permission is None:
            return bool(releases(account.role, published=True))
        return account.may(self.permission)

    @property
    def is_here(self) -> bool:
        """Whether the current page is inside this room, and in no narrower one."""
        inside = [room.path for room in _ROOMS if request.path.startswith(room.path)]
        return self.path == max(inside, key=len, default="")


_ROOMS = (
    Room(
        path="/van-phong/",
        name=_l("Rounds"),
        about=_l("Units, sample plan, invitations, progress, closing and index of each round"),
        permission=Permission.WATCH_PROGRESS,
    ),
    Room(
        path="/ket-qua/",
        name=_l("Index"),
        about=_l("The index of each round, as far as your role may see it"),
        permission=None,
    ),
    Room(
        path="/nhap-lieu/",
        name=_l("Data entry"),
        about=_l("Key paper forms in batches, each form twice by two people"),
        permission=Permission.KEY_FORMS,
    ),
    Room(
        path="/nhap-lieu/doi-chieu/",
        name=_l("Differences"),
        about=_l("Decide where two keyings of one form differ"),
        permission=Permission.ADJUDICATE,
    ),
    Room(
        path="/tai-khoan/",
        name=_l("Accounts"),
        about=_l("Create accounts, set roles, reset passwords, switch accounts off"),
        permission=Permission.MANAGE_ACCOUNTS,
    ),
    Room(
        path="/nhat-ky",
        name=_l("Audit log"),
        about=_l("What staff did and when, as a chain that shows any tampering"),
        permission=Permission.READ_AUDIT,
    ),
)


def rooms() -> list[Room]:
    """Return the rooms that the signed-in account may enter."""
    account = visitor().account
    return [room for room in _ROOMS if account is not None and room.opens_to(account)]


def init_app(app: Flask) -> None:
    """Give the templates of ``app`` the menu."""
    app.jinja_env.globals["rooms"] = rooms
