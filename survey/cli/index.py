"""`khaosat index …`: compute, show and publish the index."""

from pathlib import Path

import click

from survey.cli.context import ACTOR, home_option, now, ready_store, release_option
from survey.services import analyse, rounds


@click.group()
def index() -> None:
    """Compute, show and check the index."""


@index.command()
@click.argument("code")
@home_option
def score(code: str, home: Path | None) -> None:
    """Compute the index of a closed round and keep it as a snapshot.

    Example: khaosat index score bp2022
    """
    with ready_store(home) as store, store.write() as session:
        snapshot = analyse.score(session, rounds.find_round(session, code), actor=ACTOR, now=now())
    click.echo(f"Index computed; digest {snapshot.digest[:16]}…")
    click.echo(f"Next: khaosat index show {code}")


@index.command()
@click.argument("code")
@release_option
@home_option
def show(code: str, release: str, home: Path | None) -> None:
    """Print the index at one release class as JSON.

    Example: khaosat index show bp2022 --release council
    """
    from stats.disclosure import ReleaseClass  # noqa: PLC0415 - loads the statistics stack
    from survey.services import export, report  # noqa: PLC0415 - same

    with ready_store(home) as store, store.read() as session:
        document = analyse.stored_index(session, rounds.find_round(session, code))
    click.echo(export.index_json(report.index_report(document, ReleaseClass(release), "vi")))


@index.command()
@click.argument("code")
@home_option
def publish(code: str, home: Path | None) -> None:
    """Publish the latest snapshot: viewers may see its public edition.

    Example: khaosat index publish bp2022
    """
    with ready_store(home) as store, store.write() as session:
        analyse.publish(session, rounds.find_round(session, code), actor=ACTOR, now=now())
    click.echo(f"Round {code} is published.")
