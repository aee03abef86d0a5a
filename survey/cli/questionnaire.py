"""`khaosat questionnaire …`: check, read, compare, convert, print and try out a questionnaire.

None of these needs a database or a round; docs/questionnaire-commands.md walks through all.
"""

import click

from survey.cli.questionnaire_check import check
from survey.cli.questionnaire_files import codebook, convert, diff
from survey.cli.questionnaire_print import print_
from survey.cli.questionnaire_show import show
from survey.cli.questionnaire_try import try_

__all__ = ["questionnaire"]


@click.group()
def questionnaire() -> None:
    """Check, show, compare, convert, print and try out a questionnaire.

    SOURCE is a file (.yaml, .yml, .json, or .xlsx as XLSForm) or shipped:NAME, one of
    shipped:officials_par, shipped:cross_rating, shipped:sipas_citizen, shipped:transaction.
    """


for _command in (check, show, diff, convert, print_, codebook, try_):
    questionnaire.add_command(_command)
