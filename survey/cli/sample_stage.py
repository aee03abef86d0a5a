"""`khaosat sample stage`: one stage of a multi-stage draw, under the units drawn before."""

from pathlib import Path
from typing import TypedDict, Unpack

import click
from rich.markup import escape
from rich.table import Table

from sampling.multistage import StageMethod, StageSample
from survey.cli.context import console
from survey.cli.sample_files import (
    names_option,
    print_columns,
    print_digest,
    read_table_file,
    refuse_usage,
    table_bytes,
    target_faults,
    write_whole,
)
from survey.services.draw_columns import Columns, stage_table
from survey.services.draw_parts import file_bytes
from survey.services.select_frame import StageColumns, read_stage_units
from survey.services.stage_file import StageRequest, depth_of, read_before, stage_file

__all__ = ["stage"]

_out = click.Path(path_type=Path, dir_okay=False)
_in = click.Path(path_type=Path, dir_okay=False, exists=True)

_METHODS = {
    "simple": StageMethod.SIMPLE,
    "systematic": StageMethod.SYSTEMATIC,
    "pps-systematic": StageMethod.PPS_SYSTEMATIC,
    "sampford": StageMethod.PPS_SAMPFORD,
    "brewer": StageMethod.PPS_BREWER,
    "tille": StageMethod.PPS_TILLE,
    "pareto": StageMethod.PPS_PARETO,
}
_EQUAL = ("simple", "systematic")


class _Options(TypedDict):
    """Options of the command, as click hands them over."""

    name: str
    code: str
    parent: tuple[str, ...]
    method: str
    n: int
    size: str | None
    stratum: str | None
    forced: str | None
    reserves: int
    seed: int
    after: Path | None
    target: Path
    columns: Path | None


@click.command()
@click.argument("units", type=_in)
@click.option("--name", required=True, help="Of the stage, for instance commune.")
@click.option("--code", required=True, metavar="COLUMN", help="Code of a unit within its parent.")
@names_option("--parent", "Codes of the stages before, from the first down.")
@click.option("--method", required=True, type=click.Choice(list(_METHODS)))
@click.option(
    "--n", type=click.IntRange(1), required=True, help="Of each parent and stratum; all if fewer."
)
@click.option("--size", metavar="COLUMN", help="Whole numbers; needed where sizes decide.")
@click.option("--stratum", metavar="COLUMN", help="Draw within each of its values, by parent.")
@click.option("--forced", metavar="COLUMN", help="yes or x: taken with certainty.")
@click.option(
    "--reserves", type=click.IntRange(0), default=0, show_default=True, help="As --n, in order."
)
@click.option("--seed", type=click.IntRange(0), required=True, help="Recorded with the stage.")
@click.option("--after", type=_in, help="File (.json) of the stage or draw before.")
@click.option("--to", "target", type=_out, required=True, help="File (.json) to write, for verify.")
@click.option("--columns", type=_out, help="weight, strata, psu, fpc by stage (.csv or .xlsx).")
def stage(units: Path, **options: Unpack[_Options]) -> None:
    """Draw one stage from the list UNITS (CSV or XLSX), under every unit of the stage before.

    The file holds the stages before it: verifying the last one redoes them all.

    Example: khaosat sample stage communes.csv --name commune --code ma_xa --size so_ho
    --method pps-systematic --n 6 --reserves 2 --seed 2026 --to communes.json

    Example: khaosat sample stage villages.csv --name village --parent ma_xa --code ma_thon
    --method simple --n 2 --seed 2027 --after communes.json --to villages.json
    """
    targets = {"--to": options["target"], "--columns": options["columns"]}
    endings = {"--to": (".json",), "--columns": (".csv", ".xlsx")}
    refuse_usage([*_usage_faults(options), *target_faults(targets, endings, source=units)])
    after = options["after"]
    before = None if after is None else read_before(after.read_bytes(), file=after.name)
    depth = 0 if before is None else depth_of(before)
    if len(options["parent"]) != depth:
        raise click.UsageError(
            f"--parent names {len(options['parent'])} column(s); {depth} stage(s) were drawn "
            "before, name the column of each"
        )
    columns = StageColumns(
        code=options["code"],
        parents=options["parent"],
        size=options["size"],
        stratum=options["stratum"],
        forced=options["forced"],
    )
    made, sample = stage_file(
        read_stage_units(read_table_file(units), columns),
        StageRequest(
            name=options["name"],
            take=options["n"],
            method=_METHODS[options["method"]],
            reserves=options["reserves"],
            seed=options["seed"],
        ),
        source=units.name,
        columns=columns.named(),
        before=before,
    )
    files = {options["target"]: file_bytes(made)}
    if options["columns"]:
        files[options["columns"]] = table_bytes(stage_table(sample), options["columns"])
    write_whole(files)
    _print(sample)
    print_digest(options["seed"], made.digest, options["target"])


def _usage_faults(options: _Options) -> list[str]:
    """Say which options do not go together."""
    if (options["method"] in _EQUAL) == (options["size"] is None):
        return []
    if options["size"] is None:
        return [f"--method {options['method']} needs --size"]
    return [f"--method {options['method']} gives equal chances; leave --size out"]


def _print(sample: StageSample) -> None:
    """Print counts by parent, who is certain, the drawn units and the reserves."""
    counts: dict[str, list[int]] = {}
    for unit in sample.units:
        place = " / ".join(part for part in (*unit.path[:-1], unit.stratum) if part) or "all"
        seen = counts.setdefault(place, [unit.population, 0, 0])
        seen[1] += 1
        seen[2] += unit.certain
    table = Table(title=escape(f"Stage {sample.stage.name}: {sample.stage.method.value}"))
    table.add_column("parent / stratum")
    for name in ("N", "drawn", "certain"):
        table.add_column(name, justify="right")
    for place, (population, drawn, certain) in counts.items():
        table.add_row(escape(place), str(population + certain), str(drawn), str(certain))
    console.print(table)
    sure = ["/".join(unit.path) for unit in sample.units if unit.certain]
    if sure:
        click.echo(f"Taken with certainty ({len(sure)}): {', '.join(sure)}")
    if sample.reserves:
        spare = ", ".join("/".join(path) for path in sample.reserves)
        click.echo(f"Reserves, by parent and stratum in the order in which they replace: {spare}")
    shown: Columns = {
        "unit": ["/".join(unit.path) for unit in sample.units],
        "chance": [unit.chance for unit in sample.units],
        "over all stages": [unit.probability for unit in sample.units],
        "weight": [1 / unit.probability for unit in sample.units],
    }
    print_columns("Drawn", shown)
