"""`khaosat sample import-staff`: the lists that units returned, without the register again."""

from pathlib import Path

import click

from survey.cli.context import ACTOR, home_option, now, ready_store
from survey.services import rounds, staff_lists
from survey.services.uploads import UploadedTable

__all__ = ["import_staff"]


@click.command("import-staff")
@click.argument("code")
@click.argument(
    "files",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    nargs=-1,
    required=True,
    metavar="FILE…",
)
@home_option
def import_staff(code: str, files: tuple[Path, ...], home: Path | None) -> None:
    """Import staff lists (XLSX or CSV) that units returned; all of them or nothing.

    Each list replaces what was known of its unit, which is drawn by name from now on. Head counts
    and other units stay as they are; a plan that was drawn is dropped.

    Example: khaosat sample import-staff bp2022 SO01-mau-danh-sach.xlsx SO02-mau-danh-sach.xlsx
    """
    uploaded = [UploadedTable(filename=file.name, content=file.read_bytes()) for file in files]
    tables = staff_lists.read_staff_files(uploaded)
    with ready_store(home) as store, store.write() as session:
        found = rounds.find_round(session, code)
        done = staff_lists.import_staff(session, found, tables, actor=ACTOR, now=now())
    click.echo(f"{done.people} people of {len(done.units)} unit(s) imported.")
    if done.dropped_plan:
        click.echo("The plan was dropped: it was drawn before these lists came.")
    click.echo(f"Next: khaosat sample draw {code} --seed …")
