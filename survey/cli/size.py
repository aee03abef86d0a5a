"""`khaosat sample size`: how many answers, by which formula, and what a given number is worth."""

import dataclasses
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict, Unpack

import click
from rich.markup import escape
from rich.table import Table

from sampling import SamplingError
from sampling.sizes import RatioSpread, cochran, normal_quantile, slovin
from survey.cli.context import console
from survey.errors import RefusedInputError
from survey.rules.size_answers import (
    Clusters,
    ErrorLine,
    SizeLine,
    SizeQuestion,
    bought,
    needed,
)
from survey.services.observed_register import head_counts
from survey.services.uploads import UploadedTable

__all__ = ["size"]

_file = click.Path(path_type=Path, dir_okay=False, exists=True)


class _Given(TypedDict):
    population: int | None
    register: Path | None
    group: str | None
    error: float
    level: float
    p: float
    deff: float
    icc: float | None
    cluster_size: float | None
    cluster_cv: float
    response: float
    half_width: float | None
    deviation: float | None
    ratio: tuple[float, float, float, float, float] | None
    domain: float | None
    change: float | None
    overlap: float
    correlation: float
    power: float
    n: int | None
    as_json: bool


@click.command()
@click.option("--population", type=click.IntRange(1), help="N; without it, unlimited.")
@click.option("--register", type=_file, help="Take N from a unit register, unit by unit.")
@click.option("--group", help="Count one respondent group of the register only.")
@click.option(
    "--error",
    type=click.FloatRange(1e-6, 1),
    default=0.05,
    show_default=True,
    help="e wanted, a proportion.",
)
@click.option("--level", default=0.95, show_default=True, help="Confidence.")
@click.option("--p", default=0.5, show_default=True, help="Expected proportion.")
@click.option("--deff", default=1.0, show_default=True, help="Design effect, as of weighting.")
@click.option("--icc", type=float, help="Intra-class correlation; needs --cluster-size.")
@click.option("--cluster-size", type=float, help="People asked in a cluster, on average.")
@click.option("--cluster-cv", default=0.0, help="Coefficient of variation of cluster sizes.")
@click.option("--response", default=1.0, show_default=True, help="Share who will answer.")
@click.option(
    "--half-width", type=click.FloatRange(1e-9, 1e9), help="± wanted of a mean or a ratio."
)
@click.option("--deviation", type=click.FloatRange(0, 1e9), help="S, for a mean.")
@click.option("--ratio", type=float, nargs=5, help="R, mean of x, S of y, S of x, correlation.")
@click.option("--domain", type=float, help="Share of a domain that the sample meets by chance.")
@click.option("--change", type=float, help="Change of p between two rounds to be noticed.")
@click.option("--overlap", default=0.0, help="Share of people asked in both rounds.")
@click.option("--correlation", default=0.0, help="Of one person's answers in both rounds.")
@click.option("--power", default=0.8, show_default=True, help="Chance of noticing the change.")
@click.option("--n", type=click.IntRange(1), help="Turn it round: what do n answers buy?")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def size(**given: Unpack[_Given]) -> None:
    """Compute how many answers are needed, or with --n what a number of answers is worth.

    Slovin's formula stands beside Cochran's and says what it hides. No database is needed.

    Example: khaosat sample size --population 1200 --error 0.05 --response 0.8

    Example: khaosat sample size --population 60 --n 9

    Example: khaosat sample size --register units.csv --icc 0.05 --cluster-size 9

    Example: khaosat sample size --population 5000 --change 0.05 --overlap 0.5 --correlation 0.6
    """
    _refuse_halves(given)
    faults = list(_out_of_range(given))
    if faults:
        raise RefusedInputError(what="The question", faults=faults)
    units = _units(given["register"], given["group"])
    population = sum(units.values()) if units else given["population"]
    try:
        question = _question(given, population)
        sizes = needed(question) if given["n"] is None else []
        errors = bought(question, given["n"]) if given["n"] is not None else []
        by_unit = _by_unit(units, question) if sizes else []
    except SamplingError as error:
        raise RefusedInputError(what="The question", faults=[error]) from error
    if given["as_json"]:
        _print_json(question, sizes, errors, by_unit)
        return
    if sizes:
        console.print(_size_table(sizes, population))
    if errors:
        console.print(_error_table(errors, given["n"], population))
    if by_unit:
        console.print(_unit_table(by_unit, question))


def _refuse_halves(given: _Given) -> None:
    """Refuse options that mean nothing without others."""
    if given["population"] is not None and given["register"] is not None:
        raise click.UsageError("give --population or --register, not both")
    if given["group"] is not None and given["register"] is None:
        raise click.UsageError("--group chooses a column of a register: give --register")
    if (given["icc"] is None) != (given["cluster_size"] is None):
        raise click.UsageError("--icc and --cluster-size belong together: give both")
    of_scale = given["deviation"] is not None or bool(given["ratio"])
    if given["n"] is None and (given["half_width"] is not None) != of_scale:
        raise click.UsageError("--half-width needs --deviation or --ratio, and they need it")


def _out_of_range(given: _Given) -> Iterator[str]:
    """Name every option whose number no formula can use, by the name it was given under."""
    shares = {"--level": given["level"], "--p": given["p"], "--power": given["power"]}
    for name, share in shares.items():
        if not 0 < share < 1:
            yield f"{name} is {share:g}; it must lie above 0 and below 1"
    if not 0 < given["response"] <= 1:
        yield f"--response is {given['response']:g}; it must lie above 0, up to 1"
    if not 0 < given["deff"] < math.inf:
        yield f"--deff is {given['deff']:g}; it must lie above 0"
    if not 0 <= given["overlap"] <= 1:
        yield f"--overlap is {given['overlap']:g}; it must be from 0 to 1"
    if not -1 <= given["correlation"] <= 1:
        yield f"--correlation is {given['correlation']:g}; it must be from -1 to 1"
    change = given["change"]
    if change is not None and not 0 < given["p"] + change < 1:
        yield f"--p {given['p']:g} and --change {change:g} lead outside 0 to 1; choose others"


def _units(register: Path | None, group: str | None) -> dict[str, int]:
    """Count the people of each unit of a register."""
    if register is None:
        return {}
    counts = head_counts(UploadedTable(filename=register.name, content=register.read_bytes()))
    known = sorted({name for groups in counts.values() for name in groups})
    if group is not None and group not in known:
        raise click.UsageError(f"the register counts no group “{group}”; it counts: {known}")
    if not counts:
        raise click.UsageError(f"{register}: no unit has a head count")
    return {
        unit: sum(groups.values()) if group is None else groups.get(group, 0)
        for unit, groups in counts.items()
    }


def _question(given: _Given, population: int | None) -> SizeQuestion:
    """Put the options into one question."""
    clusters = None
    if given["icc"] is not None and given["cluster_size"] is not None:
        clusters = Clusters(
            mean_size=given["cluster_size"], icc=given["icc"], size_cv=given["cluster_cv"]
        )
    spread = None
    if given["ratio"]:
        ratio, mean_x, deviation_y, deviation_x, correlation = given["ratio"]
        spread = RatioSpread(
            ratio=ratio,
            mean_x=mean_x,
            deviation_y=deviation_y,
            deviation_x=deviation_x,
            correlation=correlation,
        )
    return SizeQuestion(
        population=population,
        error=given["error"],
        level=given["level"],
        p=given["p"],
        deff=given["deff"],
        clusters=clusters,
        response=given["response"],
        half_width=given["half_width"],
        deviation=given["deviation"],
        ratio=spread,
        domain=given["domain"],
        change=given["change"],
        overlap=given["overlap"],
        correlation=given["correlation"],
        power=given["power"],
    )


def _by_unit(units: Mapping[str, int], question: SizeQuestion) -> list[tuple[str, int, int, int]]:
    """Compute what each unit would need to reach the error by itself: N, Slovin, Cochran."""
    z = normal_quantile(question.level)
    return [
        (
            unit,
            people,
            slovin(people, question.error),
            cochran(people, question.error, p=question.p, z=z),
        )
        for unit, people in units.items()
        if people
    ]


def _print_json(
    question: SizeQuestion,
    sizes: list[SizeLine],
    errors: list[ErrorLine],
    by_unit: list[tuple[str, int, int, int]],
) -> None:
    """Print everything as one JSON object; numbers are not rounded."""
    content = {
        "asked": dataclasses.asdict(question),
        "design_effect": question.conditions.design_effect,
        "sizes": [dataclasses.asdict(line) for line in sizes],
        "errors": [dataclasses.asdict(line) for line in errors],
        "units": [
            {"unit": unit, "population": people, "slovin": plain, "cochran": exact}
            for unit, people, plain, exact in by_unit
        ],
    }
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def _of(population: int | None) -> str:
    return "an unlimited population" if population is None else f"{population} people"


def _size_table(sizes: list[SizeLine], population: int | None) -> Table:
    """Lay out what is needed."""
    table = Table("for", title=f"Answers needed of {_of(population)}")
    table.add_column("answers", justify="right")
    table.add_column("ask", justify="right")
    table.add_column("assumes")
    for line in sizes:
        more = "" if line.reachable else " (not enough people)"
        table.add_row(line.what, str(line.answers), f"{line.to_ask}{more}", line.assumes)
    return table


def _error_table(errors: list[ErrorLine], size: int | None, population: int | None) -> Table:
    """Lay out what a number of answers buys."""
    table = Table("for", title=f"What {size} answers of {_of(population)} buy")
    table.add_column("±", justify="right", no_wrap=True)
    table.add_column("assumes")
    for line in errors:
        sign = "" if line.key == "power" else "±"
        table.add_row(line.what, f"{sign}{_shown(line)}", line.assumes)
    return table


def _shown(line: ErrorLine) -> str:
    if line.value is None:
        return "unknown"
    return f"{line.value * 100:.1f} %" if line.is_share else f"{line.value:.3g}"


def _unit_table(by_unit: list[tuple[str, int, int, int]], question: SizeQuestion) -> Table:
    """Lay out what units need to reach the error each by itself."""
    title = f"Each unit by itself with ± {question.error:g}"
    table = Table(title=title, show_footer=True)
    table.add_column("unit", "together")
    for place, name in enumerate(("N", "Slovin", "Cochran"), start=1):
        total = sum(int(row[place]) for row in by_unit)
        table.add_column(name, str(total), justify="right")
    for unit, *numbers in by_unit:
        table.add_row(escape(unit), *map(str, numbers))
    return table
