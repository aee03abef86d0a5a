"""`khaosat sample crosswalk`: the register of a new year when units merge or are divided."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from survey.cli.context import console
from survey.services import crosswalk_file
from survey.services.crosswalk_file import CarriedRegister
from survey.services.uploads import UploadedTable

__all__ = ["crosswalk"]

_file = click.Path(path_type=Path, dir_okay=False, exists=True)
_to = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("units", type=_file)
@click.argument("changes", type=_file)
@click.option("--staff", type=_file, help="Staff lists of the old register (XLSX or CSV).")
@click.option("--to", "target", type=_to, required=True, help="New register (.xlsx or .csv).")
@click.option("--staff-to", type=_to, help="Staff lists of a new register in .csv.")
def crosswalk(
    units: Path, changes: Path, staff: Path | None, target: Path, staff_to: Path | None
) -> None:
    """Make a new register from UNITS, the old one, and CHANGES; `sample import` reads it.

    CHANGES has one line for each share of an old unit that goes to a new one: columns old, new,
    share (1, 0.25 or 1/3) and valid_from, and where a new unit needs them name, unit_group,
    parent, handles_procedures and list_date. Units that no line names stay as they are.

    Example: khaosat sample crosswalk units-2024.csv changes.csv --to units-2025.xlsx
    """
    if target.suffix not in {".csv", ".xlsx"}:
        raise click.UsageError(f"{target}: write a name ending in .csv or .xlsx")
    carried = crosswalk_file.carry_register(
        _uploaded(units), _uploaded(changes), staff=_uploaded(staff) if staff else None
    )
    if target.suffix == ".xlsx":
        target.write_bytes(crosswalk_file.register_xlsx(carried))
    elif carried.has_lists and staff_to is None:
        raise click.UsageError(
            "the new register has staff lists: name a file for them with --staff-to, "
            "or write the register as .xlsx"
        )
    else:
        target.write_bytes(crosswalk_file.register_csv(carried))
    if staff_to is not None:
        staff_to.write_bytes(crosswalk_file.staff_csv(carried))
    _print(carried)
    click.echo(f"{target}: written. Next: khaosat sample import CODE {target}")


def _uploaded(file: Path) -> UploadedTable:
    return UploadedTable(filename=file.name, content=file.read_bytes())


def _print(carried: CarriedRegister) -> None:
    """Print what made each new unit, totals before and after, and lists that must be asked for."""
    console.print(_sources(carried))
    console.print(_totals(carried))
    if carried.lists_needed:
        named = ", ".join(f"{unit}/{group}" for unit, group in carried.lists_needed)
        console.print(f"Shares do not say who went where; ask for new staff lists: {escape(named)}")


def _sources(carried: CarriedRegister) -> Table:
    """Lay out every line under the new unit that it leads to, with the people it brings."""
    people = {(count.old, count.new, count.group): count.people for count in carried.counts}
    table = Table("new unit", "from", title="The lines that made each new unit")
    for name in ("share", *carried.groups):
        table.add_column(name, justify="right")
    for unit in carried.new_units:
        lines = [line for line in carried.lines if line.new == unit.code]
        for line in sorted(lines, key=lambda line: line.old):
            counts = [people.get((line.old, line.new, group)) for group in carried.groups]
            shown = ("–" if count is None else str(count) for count in counts)
            table.add_row(escape(unit.code), escape(line.old), str(line.share), *shown)
        totals = (str(unit.populations.get(group, "–")) for group in carried.groups)
        table.add_row(f"[bold]{escape(unit.code)}[/bold]", escape(unit.name), "", *totals)
        table.add_section()
    return table


def _totals(carried: CarriedRegister) -> Table:
    """Lay out units and people before and after."""
    table = Table("", title="Before and after")
    for name in ("units", *carried.groups):
        table.add_column(name, justify="right")
    sides = (("before", len(carried.before.units), False), ("after", len(carried.units), True))
    for name, count, after in sides:
        totals = (str(carried.total(group, after=after)) for group in carried.groups)
        table.add_row(name, str(count), *totals)
    return table
