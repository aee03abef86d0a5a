"""`khaosat db …`: upgrade, back up, check and restore the database."""

from pathlib import Path

import click

from survey.cli.context import home_option, now, ready_store, settings
from survey.records.store import Store
from survey.services import backup as backups
from survey.services import schema

_NOT_MANAGED = (
    "made while answers come in, and not in the managed folder: nothing will delete it for you. "
    "Delete it when the round has closed, or the answers are not anonymous."
)


@click.group()
def database() -> None:
    """Upgrade, back up, check and restore the database."""


@database.command()
@home_option
def upgrade(home: Path | None) -> None:
    """Bring the database to this version's schema.

    Example: khaosat db upgrade
    """
    store = Store.at(settings(home).database_url)
    try:
        schema.upgrade(store)
        click.echo(f"The database is at schema {schema.current(store)}.")
    finally:
        store.dispose()


@database.command()
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="File.")
@home_option
def backup(target: Path | None, home: Path | None) -> None:
    """Write a verified backup while the server runs.

    Without --to it is a managed backup: one made while answers come in expires at closing.
    Example: khaosat db backup
    """
    with ready_store(home) as store:
        if target is None:
            path = backups.managed_backup(store, settings(home), now=now())
        else:
            manifest = backups.backup(store, target=target, now=now())
            path = target
            if manifest.kind == "collection":
                click.echo(f"{path}: {_NOT_MANAGED}", err=True)
    click.echo(f"{path}: written and read back.")


@database.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def check(archive: Path) -> None:
    """Check that a backup is whole.

    Example: khaosat db check khaosat-20261120.zip
    """
    manifest = backups.check(archive)
    click.echo(f"{archive}: whole; {sum(manifest.rows.values())} rows, schema {manifest.head}.")


@database.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@home_option
def restore(archive: Path, home: Path | None) -> None:
    """Restore a backup into a new, empty installation.

    Example: khaosat db restore backup.zip --home /srv/khaosat-new
    """
    chosen = settings(home)
    chosen.write_secret_key()
    store = Store.at(chosen.database_url)
    try:
        schema.upgrade(store)
        backups.restore(archive, store)
    finally:
        store.dispose()
    click.echo(f"{chosen.home}: restored from {archive}.")
