"""`khaosat init`: the folder, the secret key, the database and the first administrator."""

import sys
from pathlib import Path

import click

from survey.cli.context import ACTOR, home_option, now, settings
from survey.records.store import Store
from survey.rules.permissions import Role
from survey.services import accounts, schema


@click.command()
@home_option
@click.option("--admin", default="admin", show_default=True, help="User name of the administrator.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the administrator's password from standard input."
)
def init(home: Path | None, admin: str, password_stdin: bool) -> None:  # noqa: FBT001 - a flag
    """Set up an installation; safe to run again.

    Example: khaosat init --home /srv/khaosat
    """
    chosen = settings(home)
    chosen.write_secret_key()
    store = Store.at(chosen.database_url)
    try:
        schema.upgrade(store)
        with store.read() as session:
            exists = bool(accounts.accounts(session))
        if exists:
            click.echo(f"{chosen.home}: the database is up to date; accounts exist already.")
            return
        if password_stdin:
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = click.prompt(
                f"Password for “{admin}” (12 characters or more)",
                hide_input=True,
                confirmation_prompt=True,
            )
        with store.write() as session:
            accounts.create_account(
                session,
                username=admin,
                display_name="Quản trị hệ thống",
                role=Role.ADMIN,
                password=password,
                actor=ACTOR,
                now=now(),
            )
    finally:
        store.dispose()
    click.echo(f"{chosen.home}: ready. Sign in as “{admin}” after `khaosat serve`.")
