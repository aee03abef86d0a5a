"""Alembic's own commands for developers, with the configuration of the program.

``python -m survey.migrations -x database=sqlite:///dev.sqlite3 revision --autogenerate -m "…"``
"""

import sys

from alembic.config import CommandLine

from survey.services.schema import configuration


def main(arguments: list[str]) -> None:
    """Run one alembic command."""
    command_line = CommandLine(prog="python -m survey.migrations")
    options = command_line.parser.parse_args(arguments)
    if not hasattr(options, "cmd"):
        command_line.parser.error("name a command, such as history or revision")
    config = configuration()
    config.cmd_opts = options
    command_line.run_cmd(config, options)


if __name__ == "__main__":
    main(sys.argv[1:])
