"""The command line: one file per command group, loaded only when it is called.

Loading lazily keeps `khaosat --help` quick although some commands need the statistics stack.
Exit status: 0 done, 1 refused input with one clear line, 2 wrong usage.
"""

import importlib
import logging
import sys

import click

from survey.errors import SurveyError
from survey.settings import SettingsError

_GROUPS = {
    "init": "survey.cli.init:init",
    "demo": "survey.cli.demo:demo",
    "serve": "survey.cli.serve:serve",
    "round": "survey.cli.rounds:round_",
    "questionnaire": "survey.cli.questionnaire:questionnaire",
    "sample": "survey.cli.sample:sample",
    "entry": "survey.cli.entry:entry",
    "index": "survey.cli.index:index",
    "export": "survey.cli.export:export",
    "account": "survey.cli.account:account",
    "db": "survey.cli.database:database",
}
_SHORT_HELP = {
    "init": "Set up an installation: folder, key, database, first administrator.",
    "demo": "Run the survey of Bình Phước 2022 from plan to index with simulated answers.",
    "serve": "Serve the web pages.",
    "round": "Create, open, watch, close and scrub a round.",
    "questionnaire": "Check, show, compare, convert, print and try out a questionnaire.",
    "sample": "Plan a round's sample, draw from any list, and redo every draw.",
    "entry": "Watch the keying of paper forms.",
    "index": "Compute, show and check the index.",
    "export": "Write the plan, the letters to units or the index to files.",
    "account": "Manage staff accounts.",
    "db": "Upgrade, back up, check and restore the database.",
}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are run, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _GROUPS:
            return None
        module, name = _GROUPS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_SHORT_HELP.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="khaosat", prog_name="khaosat")
def khaosat() -> None:
    """Plan, run and evaluate a province's administration reform survey.

    Settings come from the environment (KHAOSAT_HOME, KHAOSAT_DATABASE_URL, …; see
    docs/configuration.md). Example: khaosat demo --dir demo
    """


def main() -> None:
    """Run the command line; refusals become one clear line and exit status 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        khaosat()
    except (SurveyError, SettingsError) as refusal:
        click.echo(f"khaosat: {refusal}", err=True)
        sys.exit(1)
