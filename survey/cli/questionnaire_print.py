"""`khaosat questionnaire print`: a paper form without a round, blank or in numbered copies.

Serials are new at every call and belong to no round, so these copies are for trying out and for
surveys that are keyed elsewhere; a round's own forms come from its page of the unit.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from survey.cli.context import now, stepping
from survey.cli.questionnaire_source import (
    day_option,
    facts_option,
    read_facts,
    read_source,
    read_units,
    units_option,
    write_file,
)
from survey.errors import RefusedInputError

__all__ = ["print_"]

_MOST_COPIES = 5_000
_file = click.Path(path_type=Path, dir_okay=False)


@click.command("print")
@click.argument("source")
@click.option("--to", "target", type=_file, required=True, help="The PDF to write.")
@click.option(
    "--copies",
    type=click.IntRange(0, _MOST_COPIES),
    default=0,
    show_default=True,
    help="Numbered copies, each with a serial and QR codes; 0 writes one blank form.",
)
@click.option("--template", type=_file, help="JSON to write: where every box stands, in mm.")
@units_option
@facts_option
@day_option
def print_(  # noqa: PLR0913 - one parameter for each option
    source: str,
    *,
    target: Path,
    copies: int,
    template: Path | None,
    units: Path | None,
    facts: Sequence[str],
    day: datetime | None,
) -> None:
    """Print a questionnaire on A4 in Vietnamese, and its template for reading scans.

    SOURCE is a file (.yaml, .yml, .json, .xlsx) or shipped:NAME.

    Example: khaosat questionnaire print shipped:officials_par --copies 20 --to phieu.pdf
    """
    from questionnaires.errors import UnitsError  # noqa: PLC0415 - loads pydantic
    from survey.documents.paper_pdf import print_questionnaire  # noqa: PLC0415 - loads Typst

    _refuse_endings(target, template)
    questionnaire = read_source(source).as_of((day or now()).date())
    known = read_facts(questionnaire, facts)
    rated = () if units is None else read_units(units, questionnaire)
    with stepping(f"{target.name}", steps=copies + 1) as step:
        try:
            printed = print_questionnaire(
                questionnaire,
                serials=_serials(copies),
                units=rated,
                facts=known,
                advance=step,
            )
        except UnitsError as error:
            raise RefusedInputError(what=f"{units}", faults=[error]) from error
    write_file(target, printed.pdf, source=source)
    click.echo(f"{target}: written, {printed.template.pages} page(s) a copy.")
    if template is not None:
        write_file(template, printed.template.to_json().encode(), source=source)
        click.echo(f"{template}: written, {len(printed.template.boxes)} boxes.")


def _refuse_endings(target: Path, template: Path | None) -> None:
    """Refuse names that would open in the wrong program."""
    if target.suffix.lower() != ".pdf":
        raise click.UsageError(f"--to {target}: write a name ending in .pdf")
    if template is not None and template.suffix.lower() != ".json":
        raise click.UsageError(f"--template {template}: write a name ending in .json")


def _serials(count: int) -> tuple[str, ...]:
    """Draw serials, all different."""
    from survey.rules.invitations import new_serial  # noqa: PLC0415 - as above

    drawn: set[str] = set()
    while len(drawn) < count:
        drawn.add(new_serial())
    return tuple(sorted(drawn))
