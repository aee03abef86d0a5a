"""`khaosat export …`: the plan and the index as files."""

from pathlib import Path

import click

from survey.cli.context import home_option, ready_store
from survey.services import rounds

_to = click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), required=True)


@click.group()
def export() -> None:
    """Write the plan or the index to a file; the ending of its name chooses the format."""


@export.command()
@click.argument("code")
@_to
@home_option
def plan(code: str, target: Path, home: Path | None) -> None:
    """Write the sample plan as .xlsx or .docx.

    Example: khaosat export plan bp2022 --to ke-hoach.docx
    """
    from survey.services import export as files  # noqa: PLC0415 - loads the document libraries
    from survey.services import plan as plans  # noqa: PLC0415 - same

    writers = {".xlsx": files.plan_xlsx, ".docx": files.plan_docx}
    writer = writers.get(target.suffix)
    if writer is None:
        raise click.UsageError(f"{target}: write a name ending in {' or '.join(writers)}")
    with ready_store(home) as store, store.read() as session:
        found = rounds.find_round(session, code)
        table = plans.plan_table(session, found)
        content = writer(table, found.declared, simulated=found.simulated)
    target.write_bytes(content)
    click.echo(f"{target}: written.")


@export.command()
@click.argument("code")
@click.option("--release", default="public", show_default=True, help="public, unit, council, …")
@_to
@home_option
def index(code: str, release: str, target: Path, home: Path | None) -> None:
    """Write the index at one release class as .xlsx or .json.

    Example: khaosat export index bp2022 --release council --to chi-so.xlsx
    """
    from stats.disclosure import ReleaseClass  # noqa: PLC0415 - loads the statistics stack
    from survey.services import analyse, report  # noqa: PLC0415 - same
    from survey.services import export as files  # noqa: PLC0415 - same

    with ready_store(home) as store, store.read() as session:
        document = analyse.stored_index(session, rounds.find_round(session, code))
    shown = report.index_report(document, ReleaseClass(release), "vi")
    if target.suffix == ".xlsx":
        target.write_bytes(files.index_xlsx(shown))
    elif target.suffix == ".json":
        target.write_text(files.index_json(shown), encoding="utf-8")
    else:
        raise click.UsageError(f"{target}: write a name ending in .xlsx or .json")
    click.echo(f"{target}: written.")
