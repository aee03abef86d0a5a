"""What every command needs: the settings, the store, the clock and where progress is shown."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from survey.records.store import Store
from survey.services import schema
from survey.settings import Settings, SettingsError, settings_from

ACTOR = "cli"
console = Console()

RELEASES = ("public", "unit", "council", "statistician")
"""Release classes by name: listing them here keeps `--help` free of the statistics stack."""

release_option = click.option(
    "--release",
    type=click.Choice(RELEASES),
    default="public",
    show_default=True,
    help="Audience that decides what is shown.",
)
home_option = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the installation; overrides KHAOSAT_HOME.",
)


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def settings(home: Path | None) -> Settings:
    """Read the settings of this process."""
    return settings_from(os.environ, home=home)


@contextmanager
def ready_store(home: Path | None) -> Iterator[Store]:
    """Open the database, refusing one that is not at this version's schema."""
    store = Store.at(settings(home).database_url)
    try:
        if schema.current(store) != schema.head():
            raise SettingsError(
                "the database is missing or of another version: run `khaosat init` for a new "
                "installation, `khaosat db upgrade` for an older one"
            )
        yield store
    finally:
        store.dispose()


def progress_bar() -> Progress:
    """Return a progress bar for work of known length."""
    return Progress(
        TextColumn("{task.description:<44}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


@contextmanager
def stepping(description: str, *, steps: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar for work of a few unequal steps; call what it yields after each."""
    with progress_bar() as bar:
        task = bar.add_task(description, total=steps)
        yield lambda: bar.advance(task)
