"""The visitor's words for states, roles and actions, whose values are English codes.

Several audiences need them, and error messages carry the codes, so they are said once. There is a
table per class because equal texts of two StrEnums are equal keys: "open" is a state and an action.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from flask import Flask
from flask_babel import lazy_gettext as _l

from sampling import Selection
from survey.rules.budget import CostKind
from survey.rules.lifecycle import Action, RoundState
from survey.rules.permissions import Permission, Role

__all__ = ["deed", "init_app", "label", "words"]

_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, object]] = MappingProxyType(
    {
        RoundState: {
            RoundState.DRAFT: _l("Being prepared"),
            RoundState.OPEN: _l("Collecting answers"),
            RoundState.CLOSING: _l("Closing"),
            RoundState.CLOSED: _l("Closed"),
            RoundState.SCORED: _l("Index computed"),
            RoundState.PUBLISHED: _l("Published"),
        },
        Action: {
            Action.IMPORT_REGISTER: _l("Import the register of units"),
            Action.DRAW: _l("Draw the sample"),
            Action.MAKE_KEYS: _l("Make the keys"),
            Action.CHECK_SHEET: _l("Read back a recovery sheet"),
            Action.OPEN: _l("Open the round"),
            Action.INVITE: _l("Issue invitations"),
            Action.ISSUE_PAPER: _l("Hand out paper forms"),
            Action.CERTIFY: _l("Record a unit's certificate"),
            Action.ANSWER: _l("Answer the questionnaire"),
            Action.KEY_FORMS: _l("Key paper forms"),
            Action.ADJUDICATE: _l("Decide differences between keyings"),
            Action.BEGIN_CLOSING: _l("Begin closing"),
            Action.FINISH_CLOSING: _l("Finish closing"),
            Action.SCRUB: _l("Scrub the database"),
            Action.DESTROY_KEY: _l("Destroy the key"),
            Action.SCORE: _l("Compute the index"),
            Action.SEE_INDEX: _l("See the index"),
            Action.PUBLISH: _l("Publish the index"),
        },
        Role: {
            Role.ADMIN: _l("Administrator"),
            Role.OFFICE: _l("Survey office"),
            Role.CLERK: _l("Data entry clerk"),
            Role.STATISTICIAN: _l("Statistician"),
            Role.VIEWER: _l("Viewer"),
        },
        Permission: {
            Permission.MANAGE_ACCOUNTS: _l("Manage accounts"),
            Permission.READ_AUDIT: _l("Read the audit log"),
            Permission.RUN_ROUND: _l("Run a round"),
            Permission.WATCH_PROGRESS: _l("Watch the progress"),
            Permission.KEY_FORMS: _l("Key paper forms"),
            Permission.ADJUDICATE: _l("Decide differences between keyings"),
            Permission.SCORE: _l("Compute the index"),
        },
        CostKind: {
            CostKind.PAPER_FORM: _l("Forms on paper"),
            CostKind.ONLINE_FORM: _l("Forms on the web"),
            CostKind.UNIT_VISIT: _l("Visits to units"),
        },
        Selection: {
            Selection.LIST: _l("by name"),
            Selection.POSITIONS: _l("by place in the list"),
            Selection.PICKED: _l("picked by the unit"),
        },
    }
)
_MEANING: Mapping[str, tuple[type[StrEnum], ...]] = MappingProxyType(
    {
        "action": (Action, Permission),
        "state": (RoundState,),
        "allowed": (RoundState,),
        "role": (Role,),
        "selection": (Selection,),
    }
)
_DEEDS: Mapping[str, object] = MappingProxyType(
    {
        "activate": _l("Switch an account on"),
        "begin_closing": _l("Begin closing"),
        "certify": _l("Record a unit's certificate"),
        "change_password": _l("Change the password"),
        "check_sheet": _l("Read back a recovery sheet"),
        "create_account": _l("Create the account"),
        "create_round": _l("Create the round"),
        "deactivate": _l("Switch an account off"),
        "destroy_key": _l("Destroy the key"),
        "draw_plan": _l("Draw the sample"),
        "finish_closing": _l("Finish closing"),
        "hand_out_paper": _l("Hand out paper forms"),
        "import_register": _l("Import the register of units"),
        "import_staff": _l("Import staff lists"),
        "index.publish": _l("Publish the index"),
        "index.score": _l("Compute the index"),
        "index.view": _l("See the statistician's edition"),
        "issue_links": _l("Issue invitations"),
        "make_keys": _l("Make the keys"),
        "open_round": _l("Open the round"),
        "release_reserve": _l("Invite the next reserve"),
        "reset_password": _l("Set a password"),
        "scrub": _l("Scrub the database"),
        "sign_in": _l("Sign in"),
        "sign_in_failed": _l("Sign-in refused"),
    }
)


def label(choice: StrEnum) -> str:
    """Return the visitor's word for a state, role, action or permission."""
    return str(_LABELS.get(type(choice), {}).get(choice, choice.value))


def words(field: str, codes: str) -> str:
    """Replace the codes in an error's value by the visitor's words.

    Parameters
    ----------
    field : name of the value, which tells what its codes are: action, state, allowed, role or
        selection
    codes : one code, or several separated by ", "

    Returns
    -------
    str
        Codes that are unknown stay as they are.
    """
    return ", ".join(_word(field, code) for code in codes.split(", "))


def _word(field: str, code: str) -> str:
    kinds = (kind for kind in _MEANING.get(field, ()) if code in set(kind))
    return next((label(kind(code)) for kind in kinds), code)


def deed(code: str) -> str:
    """Return the visitor's words for what the audit log records; an unknown code stays."""
    return str(_DEEDS.get(code, code))


def init_app(app: Flask) -> None:
    """Give the templates of ``app`` the filters ``label`` and ``deed``."""
    app.jinja_env.filters.update(label=label, deed=deed)
