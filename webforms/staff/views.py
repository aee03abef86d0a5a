"""Sign-in, home, password, accounts and audit log.

A failed sign-in is counted in the database, so its transaction commits like a good one: the
service returns the outcome instead of raising it.
"""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from survey.errors import LockedOutError, RefusedInputError, SignInRefusedError
from survey.rules.permissions import Permission, Role
from survey.services import accounts, audit, rounds
from webforms import limits, visitor
from webforms.access import current_account, everyone_signed_in, needs, public
from webforms.addresses import local_path
from webforms.clock import now
from webforms.db import reading, transaction
from webforms.formatting import moment
from webforms.problems import fault_message
from webforms.staff.forms import AccountForm, NewPasswordForm, PasswordForm, SignInForm

__all__ = ["blueprint"]

blueprint = Blueprint("staff", __name__, template_folder="templates")
EVENTS_SHOWN = 200


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Show staff their rooms and rounds, and everybody else what this site is."""
    if visitor.visitor().account is None:
        return render_template("staff/start.html")
    with reading() as session:
        return render_template("staff/home.html", rounds=rounds.rounds(session))


@blueprint.get("/dang-nhap")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form."""
    return render_template("staff/sign_in.html", form=SignInForm())


@blueprint.post("/dang-nhap")
@public
@limits.limiter.limit(limits.FAILED_SIGN_INS, deduct_when=limits.refused)
def try_sign_in() -> ResponseReturnValue:
    """Sign in, or count the failure."""
    form = SignInForm()
    if not form.validate():
        return render_template("staff/sign_in.html", form=form), 400
    with transaction() as session:
        outcome = accounts.sign_in(
            session, username=form.username.data, password=form.password.data, now=now()
        )
    if outcome.account is not None:
        visitor.sign_in(outcome.account)
        return redirect(local_path(request.args.get("next")), 303)
    if outcome.locked_until is None:
        form.form_errors.append(_(SignInRefusedError.template))
        return render_template("staff/sign_in.html", form=form), 403
    form.form_errors.append(_(LockedOutError.template) % {"until": moment(outcome.locked_until)})
    return render_template("staff/sign_in.html", form=form), 429


@blueprint.post("/dang-xuat")
@public
def sign_out() -> ResponseReturnValue:
    """End the sign-in here and everywhere, also for whoever copied its cookie."""
    account = visitor.visitor().account
    visitor.sign_out()
    if account is not None:
        with transaction() as session:
            accounts.end_sign_ins(session, account.id)
    return redirect(url_for("staff.sign_in"), 303)


@blueprint.get("/doi-mat-khau")
@everyone_signed_in
def password() -> ResponseReturnValue:
    """Show the form that changes the own password."""
    return render_template("staff/password.html", form=PasswordForm())


@blueprint.post("/doi-mat-khau")
@everyone_signed_in
@limits.limiter.limit(limits.FAILED_SIGN_INS, deduct_when=limits.refused)
def change_password() -> ResponseReturnValue:
    """Change the own password; every other sign-in of the account ends."""
    form, me = PasswordForm(), current_account()
    if not form.validate():
        return render_template("staff/password.html", form=form), 400
    try:
        with transaction() as session:
            accounts.change_password(
                session, me.id, old=form.old.data, new=form.new.data, actor=me.username, now=now()
            )
            account = accounts.account_by_id(session, me.id)
    except (SignInRefusedError, RefusedInputError) as error:
        return _again("staff/password.html", form, error)
    if account is not None:
        visitor.sign_in(account)
    flash(_("The password was changed. Other devices are signed out."), "success")
    return redirect(url_for("staff.home"), 303)


@blueprint.get("/tai-khoan/")
@needs(Permission.MANAGE_ACCOUNTS)
def all_accounts() -> ResponseReturnValue:
    """List the accounts."""
    with reading() as session:
        return render_template("staff/accounts.html", accounts=accounts.accounts(session))


@blueprint.get("/tai-khoan/moi")
@needs(Permission.MANAGE_ACCOUNTS)
def new_account() -> ResponseReturnValue:
    """Show the form for a new account."""
    return render_template("staff/account.html", form=AccountForm())


@blueprint.post("/tai-khoan/moi")
@needs(Permission.MANAGE_ACCOUNTS)
def create_account() -> ResponseReturnValue:
    """Create an account."""
    form = AccountForm()
    if not form.validate():
        return render_template("staff/account.html", form=form), 400
    try:
        with transaction() as session:
            accounts.create_account(
                session,
                username=form.username.data,
                display_name=form.display_name.data,
                role=Role(form.role.data),
                password=form.new.data,
                actor=current_account().username,
                now=now(),
            )
    except RefusedInputError as error:
        return _again("staff/account.html", form, error)
    flash(_("The account “%(name)s” was created.", name=form.username.data), "success")
    return redirect(url_for("staff.all_accounts"), 303)


@blueprint.get("/tai-khoan/<account_id>/mat-khau")
@needs(Permission.MANAGE_ACCOUNTS)
def other_password(account_id: str) -> ResponseReturnValue:
    """Show the form that sets somebody else's password."""
    return _other_password_page(account_id, NewPasswordForm()), 200


@blueprint.post("/tai-khoan/<account_id>/mat-khau")
@needs(Permission.MANAGE_ACCOUNTS)
def reset_password(account_id: str) -> ResponseReturnValue:
    """Set somebody else's password; that account's sign-ins end."""
    form = NewPasswordForm()
    if not form.validate():
        return _other_password_page(account_id, form), 400
    with transaction() as session:
        accounts.reset_password(
            session, account_id, new=form.new.data, actor=current_account().username, now=now()
        )
    flash(_("The password was set. The account is signed out everywhere."), "success")
    return redirect(url_for("staff.all_accounts"), 303)


def _other_password_page(account_id: str, form: Form) -> str:
    with reading() as session:
        account = accounts.account_by_id(session, account_id)
    return render_template("staff/other_password.html", form=form, account=account)


@blueprint.post("/tai-khoan/<account_id>/trang-thai")
@needs(Permission.MANAGE_ACCOUNTS)
def set_active(account_id: str) -> ResponseReturnValue:
    """Switch an account on or off."""
    active = request.form.get("active") == "1"
    with transaction() as session:
        accounts.set_active(
            session, account_id, active=active, actor=current_account().username, now=now()
        )
    flash(_("The account was switched on.") if active else _("The account was switched off."))
    return redirect(url_for("staff.all_accounts"), 303)


@blueprint.get("/nhat-ky")
@needs(Permission.READ_AUDIT)
def audit_log() -> ResponseReturnValue:
    """Show the newest events and whether the chain is whole."""
    with reading() as session:
        return render_template(
            "staff/audit.html",
            events=audit.recent(session, EVENTS_SHOWN),
            broken=audit.first_broken_link(session),
        )


def _again(
    template: str, form: Form, error: SignInRefusedError | RefusedInputError
) -> ResponseReturnValue:
    """Show the form again with what the service refused."""
    faults = error.faults if isinstance(error, RefusedInputError) else (error,)
    form.form_errors.extend(map(fault_message, faults))
    return render_template(template, form=form), 400
