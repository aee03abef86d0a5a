"""`khaosat sample household` and `members`: whom to interview in each drawn household."""

from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from sampling.household import HouseholdRule
from survey.cli.sample_files import (
    print_columns,
    print_digest,
    read_table_file,
    refuse_usage,
    table_bytes,
    target_faults,
    write_whole,
)
from survey.services.draw_columns import Columns, member_columns
from survey.services.draw_parts import file_bytes, read_part
from survey.services.household_file import (
    HouseholdFile,
    household_file,
    members_file,
    refuse_other_interviews,
    tables_of,
)
from survey.services.select_frame import MemberColumns, read_members
from survey.services.stage_file import read_before, sample_of

__all__ = ["household", "members"]

_out = click.Path(path_type=Path, dir_okay=False)
_in = click.Path(path_type=Path, dir_okay=False, exists=True)
_RULES = {"kish": HouseholdRule.KISH, "last-birthday": HouseholdRule.LAST_BIRTHDAY}


@click.command()
@click.argument("draw", type=_in)
@click.option("--rule", type=click.Choice(list(_RULES)), required=True)
@click.option("--seed", type=click.IntRange(0), required=True, help="Recorded; not on the sheet.")
@click.option(
    "--visit",
    type=click.DateTime(["%Y-%m-%d"]),
    help="last-birthday: the day fixed for all first visits.",
)
@click.option("--to", "target", type=_out, required=True, help="File (.json) to write, for verify.")
@click.option("--sheet", type=_out, required=True, help="For the interviewers (.xlsx or .csv).")
def household(
    draw: Path, *, rule: str, seed: int, visit: datetime | None, target: Path, sheet: Path
) -> None:
    """Fix whom to interview in every household of a DRAW (.json), reserves included.

    Each household gets its Kish table by the seed before anybody knocks, or the day from which
    birthdays are counted back. The sheet is in Vietnamese.

    Example: khaosat sample household households.json --rule kish --seed 2029
    --to doors.json --sheet phieu.xlsx
    """
    targets = {"--to": target, "--sheet": sheet}
    endings = {"--to": (".json",), "--sheet": (".xlsx", ".csv")}
    faults = [*target_faults(targets, endings, source=draw)]
    if (rule == "last-birthday") != (visit is not None):
        faults.append("--visit goes with --rule last-birthday, and is needed there")
    refuse_usage(faults)
    made = household_file(
        read_before(draw.read_bytes(), file=draw.name),
        rule=_RULES[rule],
        seed=seed,
        visit=None if visit is None else visit.date(),
    )
    write_whole({target: file_bytes(made), sheet: _sheet_bytes(made, sheet)})
    _print_tables(made)
    print_digest(seed, made.digest, target)


def _sheet_bytes(made: HouseholdFile, target: Path) -> bytes:
    """Draw the interviewers' sheet."""
    from survey.documents.household_sheet import (  # noqa: PLC0415 - loads the XLSX library
        household_sheet_csv,
        household_sheet_xlsx,
    )
    from survey.services.household_sheets import sheet_of  # noqa: PLC0415 - same

    sheet = sheet_of(made)
    write = household_sheet_xlsx if target.suffix.lower() == ".xlsx" else household_sheet_csv
    return write(sheet)


def _print_tables(made: HouseholdFile) -> None:
    """Count the households, and show their tables."""
    click.echo(f"{len(made.households)} households and {len(made.reserves)} reserves.")
    if made.rule is HouseholdRule.KISH:
        tables = tables_of(made)
        shown: Columns = {
            "household": list(tables),
            "table": [table.value for table in tables.values()],
        }
        print_columns("Kish tables", shown)


class _Options(TypedDict):
    """Options of the command, as click hands them over."""

    household: str
    line: str
    sex: str | None
    age: str | None
    birthday: str | None
    interviewed: str | None
    target: Path
    columns: Path | None


@click.command()
@click.argument("doors", type=_in)
@click.argument("people", type=_in)
@click.option(
    "--household", required=True, metavar="COLUMN", help="The household, as on the sheet."
)
@click.option("--line", required=True, metavar="COLUMN", help="The member's line number.")
@click.option("--sex", metavar="COLUMN", help="nam or nữ, male or female; the Kish table needs it.")
@click.option("--age", metavar="COLUMN", help="In years; the Kish table needs it.")
@click.option("--birthday", metavar="COLUMN", help="Day/month; the last birthday needs it.")
@click.option("--interviewed", metavar="COLUMN", help="x: this member was; others are refused.")
@click.option("--to", "target", type=_out, required=True, help="File (.json) to write, for verify.")
@click.option("--columns", type=_out, help="Members' weights and design (.csv or .xlsx).")
def members(doors: Path, people: Path, **options: Unpack[_Options]) -> None:
    """Record the chosen member of every visited household, from its eligible members.

    DOORS is the file of `khaosat sample household`, PEOPLE a list (CSV or XLSX) with a row per
    eligible member. Verifying the result redoes every stage, the tables and the choice.

    Example: khaosat sample members doors.json people.csv --household ma_ho --line stt --sex gioi
    --age tuoi --to members.json --columns weights.csv
    """
    targets = {"--to": options["target"], "--columns": options["columns"]}
    endings = {"--to": (".json",), "--columns": (".csv", ".xlsx")}
    before = read_part(HouseholdFile, doors.read_bytes(), file=doors.name)
    kish = before.rule is HouseholdRule.KISH
    faults = [*target_faults(targets, endings, source=people)]
    if kish and not (options["sex"] and options["age"]):
        faults.append("the households were given Kish tables: --sex and --age are needed")
    if not kish and not options["birthday"]:
        faults.append("the last birthday decides in these households: --birthday is needed")
    refuse_usage(faults)
    columns = MemberColumns(
        household=options["household"],
        line=options["line"],
        sex=options["sex"],
        age=options["age"],
        birthday=options["birthday"],
        interviewed=options["interviewed"],
    )
    visited, asked = read_members(read_table_file(people), columns, before)
    made, chosen = members_file(before, visited, source=people.name)
    refuse_other_interviews(chosen, asked, source=people.name)
    table = member_columns(sample_of(before.before), visited, chosen, rule=before.rule)
    files = {options["target"]: file_bytes(made)}
    if options["columns"]:
        files[options["columns"]] = table_bytes(table, options["columns"])
    write_whole(files)
    shown = ("household", "line", "eligible", "weight")
    print_columns("Chosen members", {name: table[name] for name in shown})
    left_out = len(visited) - len(table["household"])
    if left_out:
        click.echo(
            f"{left_out} visited reserves have no weight here: whom they replace decides it."
        )
    print_digest(before.seed, made.digest, options["target"])
