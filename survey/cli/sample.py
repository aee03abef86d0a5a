"""`khaosat sample …`: the unit register, the draw, and the plan an auditor can redo."""

import math
from pathlib import Path

import click
from rich.table import Table

from sampling import Difference
from survey.cli.context import ACTOR, console, home_option, now, ready_store
from survey.rules.plan_table import PlanCell, PlanGroup, PlanTable, PlanTotal
from survey.services import alternatives, plan, plan_file, register, replan, rounds

_code = click.argument("code")
_file = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def sample() -> None:
    """Import the unit register; draw, compare, show, verify and re-plan the sample."""


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
@click.argument("plan_or_code")
@home_option
def verify(plan_or_code: str, home: Path | None) -> None:
    """Redo the draw of a round, or of a plan FILE (.json), and name the first difference.

    A file needs no database: it comes from `khaosat export plan CODE --to plan.json`.

    Example: khaosat sample verify bp2022

    Example: khaosat sample verify plan.json
    """
    if plan_or_code.endswith(".json"):
        _verify_file(Path(plan_or_code))
        return
    with ready_store(home) as store, store.read() as session:
        difference = plan.verify_plan(session, rounds.find_round(session, plan_or_code))
    _say(difference)
    click.echo("The plan is what its seed and the register give.")


def _verify_file(file: Path) -> None:
    """Redo the draw of a plan's file."""
    if not file.is_file():
        raise click.UsageError(f"{file}: there is no such file")
    check = plan_file.verify_json(file.read_bytes())
    _say(check.difference)
    click.echo(f"{file}: the plan of {check.round_code} is what its seed and frame give.")
    click.echo(f"Its digest: {check.digest}. Compare it with the one on the signed plan.")
    if not check.frame_digest_redone:
        click.echo("The digest of the register was not redone: staff lists are not in the file.")


def _say(difference: Difference | None) -> None:
    """End with the first difference, if there is one."""
    if difference is not None:
        raise click.ClickException(f"the plan is not what its seed gives: {difference}")


@sample.command()
@_code
@home_option
def compare(code: str, home: Path | None) -> None:
    """Lay the declared quotas beside other ways to share as many forms.

    No seed is needed: sharing forms among units leaves nothing to chance.

    Example: khaosat sample compare bp2022
    """
    with ready_store(home) as store, store.read() as session:
        found = alternatives.compared(session, rounds.find_round(session, code))
    table = Table(title="Expected ± of a proportion of one half: units, and the province")
    table.add_column("allocation", no_wrap=True)
    for name in ("n", "đồng", "min", "median", "max", "max in", "province"):
        table.add_column(name, justify="right")
    for each in found:
        shares = (each.narrowest, each.median, each.widest)
        table.add_row(
            str(each.rule),
            str(each.size),
            f"{each.budget.total:,.0f}" if each.budget else "–",
            *(_share(share) for share in shares),
            each.widest_unit,
            _share(each.province),
        )
    console.print(table)


def _share(share: float) -> str:
    return "–" if math.isinf(share) else f"{share:.1%}"


@sample.command("replan")
@_code
@click.option(
    "--contacts",
    type=click.IntRange(0, 20),
    default=0,
    show_default=True,
    help="How often everybody who has not answered was contacted.",
)
@home_option
def replan_(code: str, contacts: int, home: Path | None) -> None:
    """Say which reserves the rule allows to be invited now, in counts, and what they would buy.

    Example: khaosat sample replan bp2022 --contacts 3
    """
    with ready_store(home) as store, store.read() as session:
        found = replan.replanned(session, rounds.find_round(session, code), contacts=contacts)
    table = Table("unit", title="Answers so far, and reserves that may be invited now")
    for name in ("group", "answered", "open", "fell out", "release", "± now", "± then"):
        table.add_column(name, justify="right")
    for unit in found:
        for row in unit.strata:
            table.add_row(
                unit.code,
                row.respondent_group,
                f"{row.answered}/{row.invited}",
                str(row.open),
                str(row.refused + row.ineligible),
                str(row.releasable),
                _optional(unit.now),
                _optional(unit.released),
            )
    console.print(table)


def _optional(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


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
