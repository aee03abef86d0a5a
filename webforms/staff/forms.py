"""Forms of the staff pages; they judge the values alone and ask no database."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.core import Field
from wtforms.validators import DataRequired, EqualTo, Length, Regexp

from survey.rules.permissions import Role
from survey.services.accounts import SHORTEST_PASSWORD
from webforms.labels import label

__all__ = ["AccountForm", "NewPasswordForm", "PasswordForm", "SignInForm"]


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


class SignInForm(FlaskForm):  # type: ignore[misc]
    """User name and password."""

    username = StringField(
        _l("User name"),
        [DataRequired(_l("Write your user name.")), Length(max=60)],
        filters=[_stripped],
    )
    password = PasswordField(
        _l("Password"), [DataRequired(_l("Write your password.")), Length(max=1000)]
    )


def _new_password(name: object) -> Field:
    return PasswordField(
        name,
        [
            DataRequired(_l("Write the new password.")),
            Length(
                min=SHORTEST_PASSWORD,
                max=1000,
                message=_l("A password has at least 12 characters."),
            ),
        ],
    )


def _repeated() -> Field:
    return PasswordField(
        _l("New password again"), [EqualTo("new", _l("The two new passwords differ."))]
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """Change of the own password."""

    old = PasswordField(
        _l("Present password"), [DataRequired(_l("Write your password.")), Length(max=1000)]
    )
    new = _new_password(_l("New password"))
    again = _repeated()


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A password that an administrator sets for somebody else."""

    new = _new_password(_l("New password"))
    again = _repeated()


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A new account."""

    username = StringField(
        _l("User name"),
        [
            DataRequired(_l("Write a user name.")),
            Length(max=60),
            Regexp(
                r"^[a-z0-9][a-z0-9._-]*$",
                message=_l("Use small letters without accents, digits, dot, dash."),
            ),
        ],
        filters=[_stripped],
    )
    display_name = StringField(
        _l("Name shown"),
        [DataRequired(_l("Write the name that pages show.")), Length(max=200)],
        filters=[_stripped],
    )
    role = SelectField(_l("Role"), validators=[DataRequired(_l("Choose a role."))])
    new = _new_password(_l("Password"))
    again = _repeated()

    def __init__(self) -> None:
        super().__init__()
        self.role.choices = [("", "—"), *((role.value, label(role)) for role in Role)]
