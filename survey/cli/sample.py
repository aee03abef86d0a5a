"""`khaosat sample …`: the unit register, the draw, and the plan an auditor can redo."""

from pathlib import Path

import click
from rich.table import Table

from survey.cli.context import ACTOR, console, home_option, now, ready_store
from survey.rules.plan_table import PlanCell, PlanGroup, PlanTable, PlanTotal
from survey.services import plan, register, rounds

_code = click.argument("code")
_file = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def sample() -> None:
    """Import the unit register, draw, show and verify the sample plan."""


@sample.command("import")
@_code
@click.argument("units", type=_file)
@click.option("--staff", type=_file, help="Staff lists (XLSX or CSV).")
@home_option
def import_(code: str, units: Path, staff: Path | None, home: Path | None) -> None:
    """Import the register UNITS (XLSX or CSV); all of it or nothing.

    Example: khaosat sample import bp2022 units.csv --staff staff.csv
    """
    with ready_store(home) as store, store.write() as session:
        found = rounds.find_round(session, code)
        parsed = register.parse_register(
            units=register.UploadedTable(filename=units.name, content=units.read_bytes()),
            staff=register.UploadedTable(filename=staff.name, content=staff.read_bytes())
            if staff
            else None,
            document=found.declared,
        )
        count = register.import_register(session, found, parsed, actor=ACTOR, now=now())
    click.echo(f"{count} units imported. Next: khaosat sample draw {code} --seed …")


@sample.command()
@_code
@click.option("--seed", type=click.IntRange(0), required=True, help="Recorded with the plan.")
@home_option
def draw(code: str, seed: int, home: Path | None) -> None:
    """Draw the sample; the same seed and register give the same plan everywhere.

    Example: khaosat sample draw bp2022 --seed 2022
    """
    with ready_store(home) as store, store.write() as session:
        found = rounds.find_round(session, code)
        plan.draw_plan(session, found, seed=seed, actor=ACTOR, now=now())
        print_plan(plan.plan_table(session, found))


@sample.command()
@_code
@home_option
def show(code: str, home: Path | None) -> None:
    """Show the plan.

    Example: khaosat sample show bp2022
    """
    with ready_store(home) as store, store.read() as session:
        print_plan(plan.plan_table(session, rounds.find_round(session, code)))


@sample.command()
@_code
@home_option
def verify(code: str, home: Path | None) -> None:
    """Redo the draw from its seed and say whether it gives the stored plan.

    Example: khaosat sample verify bp2022
    """
    with ready_store(home) as store, store.read() as session:
        difference = plan.verify_plan(session, rounds.find_round(session, code))
    if difference is not None:
        raise click.ClickException(f"the plan is not what its seed gives: {difference}")
    click.echo("The plan is what its seed and the register give.")


def print_plan(plan_table: PlanTable) -> None:
    """Print the plan as one table a unit group, with totals and shortfalls."""
    for group in plan_table.groups:
        if not group.quotas:
            console.print(f"{group.label.vi}: {len(group.units)} {group.counted_as}, no quota")
            continue
        console.print(_group_table(group))
    total = plan_table.total
    console.print(
        f"{total.planned} forms by plan, {total.size} people can be asked, "
        f"{total.shortfall} short. Seed {plan_table.seed}, digest {plan_table.digest[:16]}…"
    )


def _group_table(group: PlanGroup) -> Table:
    """Lay out one unit group: people asked of those planned, and N, by respondent group."""
    table = Table("unit", title=f"{group.label.vi}: asked/planned of N", show_footer=True)
    table.columns[0].footer = "total"
    for sums in (*group.totals, group.total):
        table.add_column(sums.respondent_group or "total", _asked(sums), justify="right")
    table.add_column("selection")
    for unit in group.units:
        counts = [_asked(cell) for cell in unit.cells]
        table.add_row(unit.name, *counts, _asked(unit.total), str(unit.selection))
    return table


def _asked(counts: PlanCell | PlanTotal) -> str:
    return f"{counts.size}/{counts.planned} of {counts.population}"
