"""`khaosat sample …`: the unit register, the draw, and the plan an auditor can redo."""

import math
from pathlib import Path

import click
from rich.table import Table

from sampling import Difference
from survey.cli import (
    assign,
    crosswalk,
    sample_household,
    sample_select,
    sample_stage,
    size,
    staff,
)
from survey.cli.context import ACTOR, console, home_option, now, ready_store
from survey.rules.plan_table import PlanCell, PlanGroup, PlanTable, PlanTotal
from survey.services import alternatives, plan, register, replan, rounds, verifiable

_code = click.argument("code")
_file = click.Path(path_type=Path, dir_okay=False, exists=True)


_SECTIONS = {
    "A round's plan (in the database)": (
        "import",
        "import-staff",
        "draw",
        "show",
        "compare",
        "replan",
    ),
    "A sample of any list (no database)": (
        "size",
        "crosswalk",
        "select",
        "stage",
        "household",
        "members",
        "assign",
    ),
    "Redo it": ("verify",),
}


class _Sections(click.Group):
    """A group that lists its commands by what they are for."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        named = {name for names in _SECTIONS.values() for name in names}
        rest = tuple(name for name in self.list_commands(ctx) if name not in named)
        for title, names in {**_SECTIONS, "Further": rest}.items():
            commands = [(name, self.commands[name]) for name in names if name in self.commands]
            if commands:
                with formatter.section(title):
                    formatter.write_dl(
                        [(name, command.get_short_help_str(150)) for name, command in commands]
                    )


@click.group(cls=_Sections)
def sample() -> None:
    """Draw samples, and redo them: the plan of a round, or a sample of any list.

    Every draw is made by a seed and written with all that is needed to make it again.
    """


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
@click.argument("file_or_code")
@home_option
def verify(file_or_code: str, home: Path | None) -> None:
    """Redo the draw of a round, or of any draw's FILE (.json), and name the first difference.

    A file needs no database: `khaosat export plan CODE --to plan.json` writes the plan's; select,
    stage, household, members and assign write theirs, with every file before them within.

    Example: khaosat sample verify bp2022

    Example: khaosat sample verify draw.json
    """
    if file_or_code.endswith(".json"):
        _verify_file(Path(file_or_code))
        return
    with ready_store(home) as store, store.read() as session:
        difference = plan.verify_plan(session, rounds.find_round(session, file_or_code))
    _say("the plan", difference)
    click.echo("The plan is what its seed and the register give.")


def _verify_file(file: Path) -> None:
    """Redo the draw of a file, whatever kind it is."""
    if not file.is_file():
        raise click.UsageError(f"{file}: there is no such file")
    check = verifiable.verify_content(file.read_bytes(), file=file.name)
    _say(check.title, check.difference)
    click.echo(f"{file}: {check.title} is what its seed and frame give.")
    click.echo(f"Its digest: {check.digest}. {check.remarks[0]}")
    for remark in check.remarks[1:]:
        click.echo(remark)


def _say(title: str, difference: Difference | None) -> None:
    """End with the first difference, if there is one."""
    if difference is not None:
        raise click.ClickException(
            f"{title} is not what its seed gives: {difference.place}: the draw gives "
            f"{difference.expected}, the file says {difference.found}"
        )


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
    console.print(
        "n and ± leave out units that picked their people by hand: nothing is drawn there."
    )


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
    for name in ("group", "answered", "open", "fell out", "release places", "± now", "± then"):
        table.add_column(name, justify="right")
    for unit in found:
        for row in unit.strata:
            table.add_row(
                unit.code,
                row.respondent_group,
                f"{row.answered}/{row.invited}",
                str(row.open),
                str(row.refused + row.ineligible),
                ", ".join(map(str, row.next_positions)) or "–",
                _optional(unit.precision.now),
                _optional(unit.precision.released),
            )
    console.print(table)
    if not any(row.invited for unit in found for row in unit.strata):
        console.print("Nobody has been invited yet, so there is nobody to replace.")


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


sample.add_command(sample_select.select)
sample.add_command(sample_stage.stage)
sample.add_command(sample_household.household)
sample.add_command(sample_household.members)
sample.add_command(assign.assign)
sample.add_command(crosswalk.crosswalk)
sample.add_command(size.size)
sample.add_command(staff.import_staff)
