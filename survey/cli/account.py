"""`khaosat account …`: staff accounts, for an operator at the machine."""

import sys
from pathlib import Path

import click

from survey.cli.context import ACTOR, home_option, now, ready_store
from survey.rules.permissions import Role
from survey.services import accounts


@click.group()
def account() -> None:
    """Manage staff accounts."""


@account.command()
@click.argument("username")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", required=True, help="Name shown on screen.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@home_option
def add(username: str, role: str, name: str, password_stdin: bool, home: Path | None) -> None:  # noqa: FBT001 - a flag
    """Add a staff account.

    Example: khaosat account add lan --role clerk --name "Nguyễn Thị Lan"
    """
    with ready_store(home) as store:
        password = (
            sys.stdin.readline().rstrip("\n")
            if password_stdin
            else click.prompt(
                f"Password for “{username}” (12 characters or more)",
                hide_input=True,
                confirmation_prompt=True,
            )
        )
        with store.write() as session:
            accounts.create_account(
                session,
                username=username,
                display_name=name,
                role=Role(role),
                password=password,
                actor=ACTOR,
                now=now(),
            )
    click.echo(f"Account “{username}” ({role}) added.")


@account.command("list")
@home_option
def list_(home: Path | None) -> None:
    """List the staff accounts.

    Example: khaosat account list
    """
    with ready_store(home) as store, store.read() as session:
        for each in accounts.accounts(session):
            state = "" if each.active else "  (inactive)"
            click.echo(f"{each.username}  {each.role}  {each.display_name}{state}")
