"""`khaosat entry …`: how far the keying of paper forms has come."""

from pathlib import Path

import click

from survey.cli.context import home_option, ready_store
from survey.services import keying, rounds


@click.group()
def entry() -> None:
    """Watch the keying of paper forms; keying itself happens in the browser."""


@entry.command()
@click.argument("code")
@home_option
def unfinished(code: str, home: Path | None) -> None:
    """List the forms that wait for a second keying or a decision.

    Example: khaosat entry unfinished bp2022
    """
    with ready_store(home) as store, store.read() as session:
        serials = keying.unfinished(session, rounds.find_round(session, code))
    click.echo("\n".join(serials) or "Every keyed form is finished.")


@entry.command()
@click.argument("code")
@home_option
def batches(code: str, home: Path | None) -> None:
    """List the keying batches of a round.

    Example: khaosat entry batches bp2022
    """
    with ready_store(home) as store, store.read() as session:
        for batch in keying.batches(session, rounds.find_round(session, code)):
            click.echo(batch.label)
