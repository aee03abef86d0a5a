"""`khaosat sample assign`: who rates whom, from a request to files that can be checked."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from survey.cli.context import console
from survey.rules.rating_table import KindRow, RatingTable
from survey.services import assignment_file

__all__ = ["assign"]

_to = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("request", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--seed", type=click.IntRange(0), required=True, help="Recorded with the result.")
@click.option("--to", "target", type=_to, required=True, help="File (.json) to write, for verify.")
@click.option("--xlsx", type=_to, help="Workbook in Vietnamese, with names.")
def assign(request: Path, seed: int, target: Path, xlsx: Path | None) -> None:
    """Assign raters to units by the YAML REQUEST (schema khaosat/rating/1) and a seed.

    The same request and seed give the same assignment everywhere; `khaosat sample verify` makes it
    again from the .json file. No database is needed.

    Example: khaosat sample assign request.yaml --seed 2025 --to cheo.json --xlsx cheo.xlsx
    """
    from survey.documents.assignments_xlsx import (  # noqa: PLC0415 - loads the XLSX library
        assignments_workbook,
    )

    if target.suffix != ".json":
        raise click.UsageError(f"{target}: write a name ending in .json")
    if xlsx is not None and xlsx.suffix != ".xlsx":
        raise click.UsageError(f"{xlsx}: write a name ending in .xlsx")
    cross = assignment_file.read_request(request)
    made = assignment_file.assign_request(cross, seed=seed)
    table = assignment_file.table_of(cross, made)
    target.write_text(assignment_file.assignments_json(cross, made), encoding="utf-8")
    if xlsx is not None:
        xlsx.write_bytes(assignments_workbook(table))
    _print(table)
    click.echo(f"{target}: written. Check it with: khaosat sample verify {target}")
    if xlsx is not None:
        click.echo(f"{xlsx}: written. It holds names; the .json file holds codes only.")


def _print(table: RatingTable) -> None:
    """Print the design, the links, the burdens and the expected precision."""
    if table.fictional:
        console.print("[bold]Fictional data[/bold]")
    console.print(_kind_table(table))
    least, most = table.shared
    links = (
        f"All {len(table.units)} units are linked through raters"
        if table.parts == 1
        else f"The {len(table.units)} units fall into {table.parts} parts that no rater links"
    )
    console.print(f"{links}; two units share from {least} to {most} raters.")
    console.print(_precision_table(table))
    console.print(f"Seed {table.seed}, digest {table.digest}", soft_wrap=True)


def _kind_table(table: RatingTable) -> Table:
    """Lay out one row a kind of raters."""
    made = Table(title=f"{escape(table.title)}: who rates whom")
    made.add_column("kind", no_wrap=True)
    made.add_column("design")
    for name in ("per unit", "raters", "most units"):
        made.add_column(name, justify="right")
    made.add_column("burden: raters × units")
    for kind in table.kinds:
        counts = (kind.per_unit, kind.raters, kind.most_units)
        made.add_row(escape(kind.code), kind.method, *map(str, counts), _burdens(kind))
    return made


def _burdens(kind: KindRow) -> str:
    return ", ".join(f"{count} × {units}" for units, count in kind.burdens.items())


def _precision_table(table: RatingTable) -> Table:
    """Lay out the half-widths that each unit may expect."""
    spread = table.spread
    title = (
        f"Expected ± at {spread.level:g}: raters differ by {spread.rater:g}, "
        f"ratings by {spread.residual:g} ({escape(spread.source)})"
    )
    made = Table("unit", "name", title=title)
    for name in ("raters", "raw mean", "adjusted", "difference to another"):
        made.add_column(name, justify="right")
    for unit in table.units:
        outlook = unit.outlook
        widths = (outlook.raw, outlook.adjusted, outlook.difference)
        shown = (f"{width:.1f}" for width in widths)
        made.add_row(escape(unit.code), escape(unit.name), str(outlook.raters), *shown)
    return made
