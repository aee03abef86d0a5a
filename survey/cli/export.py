"""`khaosat export …`: the plan, the letters around it and the index as files."""

from datetime import UTC, datetime
from pathlib import Path

import click

from survey.cli.context import home_option, ready_store, release_option
from survey.rules.lifecycle import Action
from survey.services import rounds

_to = click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), required=True)


@click.group()
def export() -> None:
    """Write the plan, letters or the index; the ending of a file's name chooses the format."""


@export.command()
@click.argument("code")
@_to
@home_option
def plan(code: str, target: Path, home: Path | None) -> None:
    """Write the sample plan as .xlsx, .docx, or .json to draw it again without a database.

    Example: khaosat export plan bp2022 --to ke-hoach.docx
    """
    from survey.services import alternatives, plan_file  # noqa: PLC0415 - loads sampling
    from survey.services import export as files  # noqa: PLC0415 - loads the document libraries
    from survey.services import plan as plans  # noqa: PLC0415 - same

    writers = {".xlsx": files.plan_xlsx, ".docx": files.plan_docx}
    writer = writers.get(target.suffix)
    if writer is None and target.suffix != ".json":
        raise click.UsageError(f"{target}: write a name ending in .xlsx, .docx or .json")
    with ready_store(home) as store, store.read() as session:
        found = rounds.find_round(session, code)
        if writer is None:
            content = plan_file.plan_json(session, found).encode()
        else:
            table = plans.plan_table(session, found)
            outcomes = alternatives.beside_plan(session, found)
            content = writer(table, found.declared, outcomes=outcomes, simulated=found.simulated)
    target.write_bytes(content)
    click.echo(f"{target}: written.")


@export.command()
@click.argument("code")
@release_option
@click.option("--unit", help="Code of one unit: a page for it to take away.")
@_to
@home_option
def index(code: str, release: str, unit: str | None, target: Path, home: Path | None) -> None:
    """Write the index at one release class as .xlsx or .json.

    Example: khaosat export index bp2022 --release council --to chi-so.xlsx
    """
    from stats.disclosure import ReleaseClass  # noqa: PLC0415 - loads the statistics stack
    from survey.services import analyse, report  # noqa: PLC0415 - same
    from survey.services import export as files  # noqa: PLC0415 - same

    with ready_store(home) as store, store.read() as session:
        document = analyse.stored_index(session, rounds.find_round(session, code))
    shown = report.index_report(document, ReleaseClass(release), "vi", unit=unit)
    if target.suffix == ".xlsx":
        target.write_bytes(files.index_xlsx(shown))
    elif target.suffix == ".json":
        target.write_text(files.index_json(shown), encoding="utf-8")
    else:
        raise click.UsageError(f"{target}: write a name ending in .xlsx or .json")
    click.echo(f"{target}: written.")


@export.command()
@click.argument("code")
@click.option(
    "--contacts",
    type=click.IntRange(0, 20),
    default=0,
    show_default=True,
    help="How often everybody who has not answered was contacted.",
)
@_to
@home_option
def reserves(code: str, contacts: int, target: Path, home: Path | None) -> None:
    """Write the proposal to invite reserves after non-response as .docx, for the office only.

    Example: khaosat export reserves bp2022 --contacts 3 --to du-phong.docx
    """
    from survey.services import export as files  # noqa: PLC0415 - loads the document libraries
    from survey.services import replan  # noqa: PLC0415 - loads sampling

    if target.suffix != ".docx":
        raise click.UsageError(f"{target}: write a name ending in .docx")
    with ready_store(home) as store, store.read() as session:
        found = rounds.find_round(session, code)
        found.require(Action.INVITE)
        units = replan.replanned(session, found, contacts=contacts)
        content = files.reserves_docx(
            units,
            found.declared,
            contacts=contacts,
            counted_at=datetime.now(UTC),
            simulated=found.simulated,
        )
    target.write_bytes(content)
    click.echo(f"{target}: written.")


@export.command()
@click.argument("code")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--unit", help="Code of one unit; all units without it.")
@home_option
def letters(code: str, folder: Path, unit: str | None, home: Path | None) -> None:
    """Write the letters to units (.docx) and their staff-list templates (.xlsx) into a folder.

    Example: khaosat export letters bp2022 --to cong-van
    """
    from survey.services import letters as files  # noqa: PLC0415 - loads the document libraries

    with ready_store(home) as store, store.read() as session:
        found = files.letters_of(session, rounds.find_round(session, code), unit_code=unit)
    folder.mkdir(parents=True, exist_ok=True)
    for file in found:
        (folder / file.name).write_bytes(file.content)
    click.echo(f"{folder}: {len(found)} files written.")
