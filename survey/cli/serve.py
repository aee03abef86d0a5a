"""`khaosat serve`: gunicorn with this version's pages, in place of this process."""

import ipaddress
import os
from pathlib import Path

import click

from survey.cli.context import home_option, ready_store, settings
from survey.cli.server import refuse_taken_port, server_command


def is_loopback(host: str) -> bool:
    """Say whether ``host`` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@click.command()
@home_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes; more than one needs PostgreSQL.",
)
@click.option("--debug", is_flag=True, help="Reload on changes; loopback addresses only.")
def serve(
    home: Path | None,
    host: str,
    port: int,
    workers: int,
    debug: bool,  # noqa: FBT001 - a flag
) -> None:
    """Serve the web pages until interrupted.

    Example: khaosat serve --port 8000
    """
    chosen = settings(home)
    if debug and not is_loopback(host):
        raise click.UsageError(f"--debug listens on loopback addresses only, not on {host}")
    if chosen.insecure_loopback and not is_loopback(host):
        raise click.UsageError(
            f"KHAOSAT_INSECURE_LOOPBACK=1 sends cookies without Secure; it cannot listen on {host}"
        )
    with ready_store(home) as store:
        if workers > 1 and store.is_sqlite:
            raise click.UsageError(
                f"SQLite takes one worker, not {workers}; set KHAOSAT_DATABASE_URL to PostgreSQL"
            )
    chosen.read_secret_key()
    refuse_taken_port(host, port)
    command, environment = server_command(chosen, host=host, port=port, workers=workers)
    if debug:
        command.append("--reload")
    click.echo(f"Serving {chosen.home} on http://{host}:{port}; Ctrl-C stops.", err=True)
    os.execvpe(command[0], command, environment)  # noqa: S606 - replaces this process, no shell
