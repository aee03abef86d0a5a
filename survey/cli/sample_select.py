"""`khaosat sample select`: a sample of one list, by any method, as a file that can be redone."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click
from rich.markup import escape
from rich.table import Table

from sampling.balanced import CubeOrder
from sampling.coordination import Start
from sampling.pps import Certainty
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
from survey.services import draw_file
from survey.services.draw_columns import draw_columns, joint_table
from survey.services.draw_overlap import overlap_of
from survey.services.draw_parts import file_bytes, read_part
from survey.services.select_frame import SelectColumns, SelectedFrame, read_select_frame
from survey.services.select_methods import (
    BALANCED,
    COORDINATED,
    LISTED,
    SIZED,
    WITH_JOINT,
    SelectMethod,
    SelectRequest,
    StratumDraw,
)

__all__ = ["select"]

_out = click.Path(path_type=Path, dir_okay=False)
_in = click.Path(path_type=Path, dir_okay=False, exists=True)


class _Options(TypedDict):
    """Options of the command, as click hands them over."""

    code: str
    method: str
    n: int | None
    n_column: str | None
    size: str | None
    stratum: str | None
    balance: tuple[str, ...]
    keep: tuple[str, ...]
    seed: int
    reserves: int
    order: str | None
    certainty: str
    zeros: bool
    start: float | None
    last: Path | None
    overlap: float | None
    target: Path
    columns: Path | None
    joint: Path | None


@click.command()
@click.argument("frame", type=_in)
@click.option("--code", required=True, metavar="COLUMN", help="Column of the units' codes.")
@click.option(
    "--method",
    required=True,
    type=click.Choice([method.value for method in SelectMethod]),
    help="See docs/sampling.md: which, and when.",
)
@click.option("--n", type=click.IntRange(1), help="Units to draw; of each stratum, where any.")
@click.option("--n-column", metavar="COLUMN", help="Instead of --n: n of a unit's stratum.")
@click.option("--size", metavar="COLUMN", help="Chances are proportional to this column.")
@click.option("--stratum", metavar="COLUMN", help="Draw within each of its values.")
@names_option("--balance", "Totals that the cube method meets, the most important first.")
@names_option("--keep", "Further columns for --columns, for instance names.")
@click.option("--seed", type=click.IntRange(0), required=True, help="Recorded with the draw.")
@click.option(
    "--reserves",
    type=click.IntRange(0),
    default=0,
    help="In order; only with --method simple or systematic.",
)
@click.option(
    "--order",
    type=click.Choice([order.value for order in CubeOrder]),
    help="cube: how it meets the units.",
)
@click.option(
    "--certainty",
    type=click.Choice([choice.value for choice in Certainty]),
    default=Certainty.TAKE.value,
    show_default=True,
    help="What happens to units whose size makes them certain.",
)
@click.option("--zeros", is_flag=True, help="Units of size 0 are out of scope, no fault.")
@click.option("--start", type=float, help="Permanent numbers: where to start, from 0, below 1.")
@click.option("--last", type=_in, help="Draw file (.json) of last year, to coordinate with.")
@click.option("--overlap", type=click.FloatRange(0), help="Units of --last to ask again, about.")
@click.option("--to", "target", type=_out, required=True, help="File (.json) to write, for verify.")
@click.option("--columns", type=_out, help="weight, strata, psu, fpc (.csv or .xlsx).")
@click.option("--joint", type=_out, help="Joint inclusion probabilities (.csv).")
def select(frame: Path, **options: Unpack[_Options]) -> None:
    """Select units from the FRAME (CSV or XLSX) by a method and a seed; no database is needed.

    The same frame, request and seed give the same file everywhere.

    Example: khaosat sample select communes.csv --code ma_xa --size so_ho --method sampford --n 12
    --seed 2026 --to draw.json --columns sample.csv
    """
    refuse_usage([*_usage_faults(frame, options)])
    columns = SelectColumns(
        code=options["code"],
        size=options["size"],
        stratum=options["stratum"],
        take=options["n_column"],
        balance=options["balance"],
        keep=options["keep"],
    )
    table = read_table_file(frame)
    found = read_select_frame(table, columns, size=options["n"], zeros=options["zeros"])
    last = options["last"]
    made, draws = draw_file.draw_file(
        found.frame,
        _request(options, found),
        source=frame.name,
        columns=columns.named(),
        before=None if last is None else _read_last(last),
    )
    files = {options["target"]: file_bytes(made), **_handed_over(draws, found, options)}
    write_whole(files)
    _print(made, draws)
    print_digest(made.request.seed, made.digest, options["target"])


def _usage_faults(frame: Path, options: _Options) -> Iterator[str]:
    """Say which options do not go together."""
    method = SelectMethod(options["method"])
    if (options["n"] is None) == (options["n_column"] is None):
        yield "give either --n or --n-column"
    if options["n_column"] and not options["stratum"]:
        yield "--n-column needs --stratum; without strata give --n"
    if method in SIZED and not options["size"]:
        yield f"--method {method.value} needs --size"
    if method in LISTED and options["size"]:
        yield f"--method {method.value} gives equal chances; leave --size out"
    yield from _method_faults(method, options)
    yield from _coordination_faults(method, options)
    targets = {
        "--to": options["target"],
        "--columns": options["columns"],
        "--joint": options["joint"],
    }
    endings = {"--to": (".json",), "--columns": (".csv", ".xlsx"), "--joint": (".csv",)}
    yield from target_faults(targets, endings, source=frame)


def _method_faults(method: SelectMethod, options: _Options) -> Iterator[str]:
    """Say which options the method does not have."""
    if method not in LISTED and options["reserves"]:
        yield "--reserves goes with --method simple and systematic; `sample stage` has them by size"
    if (method is BALANCED) != bool(options["balance"]):
        yield "--balance and --method cube go together"
    if method is not BALANCED and options["order"]:
        yield "--order goes with --method cube"
    if options["joint"] and method not in WITH_JOINT:
        yield f"--joint: no joint probabilities are known for --method {method.value}"


def _coordination_faults(method: SelectMethod, options: _Options) -> Iterator[str]:
    """Say which options of permanent random numbers do not go together."""
    values = (options["start"], options["last"], options["overlap"])
    if method not in COORDINATED and any(value is not None for value in values):
        methods = ", ".join(each.value for each in COORDINATED)
        yield f"--start, --last and --overlap need permanent random numbers: --method {methods}"
    if (options["last"] is None) != (options["overlap"] is None):
        yield "--last and --overlap go together"
    if options["last"] is not None and options["start"] is not None:
        yield "--start follows from --last; give one of them"
    if options["start"] is not None and not 0 <= options["start"] < 1:
        yield f"--start is {options['start']:g}; it must be from 0, below 1"


def _request(options: _Options, found: SelectedFrame) -> SelectRequest:
    """Put the request together."""
    start = Start() if options["start"] is None else Start.at(options["start"])
    return SelectRequest(
        method=SelectMethod(options["method"]),
        seed=options["seed"],
        take=found.take,
        reserves=options["reserves"],
        certainty=Certainty(options["certainty"]),
        zeros=options["zeros"],
        order=CubeOrder(options["order"] or CubeOrder.RANDOM),
        start=start.steps,
        overlap=options["overlap"],
    )


def _read_last(path: Path) -> draw_file.DrawFile:
    """Read last year's draw."""
    return read_part(draw_file.DrawFile, path.read_bytes(), file=path.name)


def _handed_over(
    draws: Sequence[StratumDraw], found: SelectedFrame, options: _Options
) -> dict[Path, bytes]:
    """Make the files for the estimation."""
    from survey.documents.table_files import matrix_csv  # noqa: PLC0415 - loads the XLSX library

    files: dict[Path, bytes] = {}
    if options["columns"]:
        columns = draw_columns(draws)
        for name, cells in found.kept.items():
            columns[name] = [cells[str(code)] for code in columns["code"]]
        files[options["columns"]] = table_bytes(columns, options["columns"])
    if options["joint"]:
        files[options["joint"]] = matrix_csv(*joint_table(draws))
    return files


def _print(made: draw_file.DrawFile, draws: Sequence[StratumDraw]) -> None:
    """Print the strata, who is certain and why, and the selected units."""
    table = Table(title=escape(f"{made.source}: {made.request.method.value}"))
    table.add_column("stratum")
    for name in ("N", "n asked", "drawn", "certain", "reserves", "weights"):
        table.add_column(name, justify="right")
    for draw in draws:
        table.add_row(escape(draw.stratum or "all"), *_counts(draw))
    console.print(table)
    for draw in draws:
        for note in draw.notes:
            click.echo(f"{draw.stratum}: {note}" if draw.stratum else note)
        if draw.reserves:
            place = f"{draw.stratum}: reserves" if draw.stratum else "Reserves"
            click.echo(f"{place}, in the order in which they replace: {', '.join(draw.reserves)}")
    if made.before is not None:
        expected, actual = overlap_of(made)
        click.echo(f"Asked again: {actual} units; {expected:.1f} on average.")
    print_columns("Selected", draw_columns(draws))


def _counts(draw: StratumDraw) -> tuple[str, ...]:
    """Count one stratum; weights from the least to the most."""
    weights = sorted((1 / draw.probabilities).tolist())
    ends = f"{weights[0]:.4g} – {weights[-1]:.4g}" if weights else "–"
    return (
        str(draw.population),
        str(draw.asked),
        str(len(draw.selected)),
        str(int(draw.certain.sum())),
        str(len(draw.reserves)),
        ends if not weights or weights[0] != weights[-1] else f"{weights[0]:.4g}",
    )
