"""What the drawing commands share: reading a table, writing files whole or not at all, the output.

All files of a command are made before the first is put in place, so that a refusal leaves none.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from survey.cli.context import console
from survey.services.draw_columns import Columns
from survey.services.frame_table import FrameTable, read_frame_table

__all__ = [
    "names_option",
    "print_columns",
    "print_digest",
    "read_table_file",
    "refuse_usage",
    "table_bytes",
    "target_faults",
    "write_whole",
]

_MOST_SHOWN = 40


def names_option(name: str, text: str) -> Callable[..., click.Command]:
    """Give a command an option of several column names, separated by commas.

    Parameters
    ----------
    name : str
    text : str
        For ``--help``.

    Returns
    -------
    callable
        A decorator; the command is given a tuple of str.
    """

    def split(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
        return tuple(part.strip() for part in (value or "").split(",") if part.strip())

    return click.option(name, metavar="COLUMN,…", callback=split, help=text)


def refuse_usage(faults: Sequence[str]) -> None:
    """Stop with every fault of the options at once, exit status 2.

    Parameters
    ----------
    faults : sequence of str

    Raises
    ------
    click.UsageError
    """
    if faults:
        raise click.UsageError("\n".join(faults))


def target_faults(
    targets: Mapping[str, Path | None], endings: Mapping[str, Sequence[str]], *, source: Path
) -> Iterator[str]:
    """Say which files cannot be written to, by option.

    Parameters
    ----------
    targets : mapping of str to Path or None
    endings : mapping of str to sequence of str
        That the names may have.
    source : Path
        What is read; it is not written over.

    Yields
    ------
    str
    """
    taken: set[Path] = {source.resolve()}
    for option, target in targets.items():
        if target is None:
            continue
        if target.suffix.lower() not in endings[option]:
            yield f"{option} {target}: write a name ending in {' or '.join(endings[option])}"
        if not target.parent.is_dir():
            yield f"{option} {target}: there is no folder {target.parent}"
        if target.resolve() in taken:
            yield f"{option} {target}: this file is read or written already; choose another name"
        taken.add(target.resolve())


def read_table_file(path: Path) -> FrameTable:
    """Read a table of the office.

    Parameters
    ----------
    path : Path

    Returns
    -------
    FrameTable

    Raises
    ------
    RefusedInputError
        It is no table.
    """
    return read_frame_table(path.name, path.read_bytes())


def table_bytes(columns: Columns, target: Path) -> bytes:
    """Write columns as the ending of a file's name says.

    Parameters
    ----------
    columns : Columns
    target : Path

    Returns
    -------
    bytes
        XLSX or CSV.
    """
    from survey.documents.table_files import (  # noqa: PLC0415 - loads the XLSX library
        columns_csv,
        columns_xlsx,
    )

    if target.suffix.lower() == ".xlsx":
        return columns_xlsx(columns, sheet="sample")
    return columns_csv(columns)


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Put all files in place, each by renaming a finished one; none when one cannot be written.

    Parameters
    ----------
    files : mapping of Path to bytes

    Raises
    ------
    click.ClickException
        A disk or a permission is in the way.
    """
    try:
        with ExitStack() as stack:
            finished = {
                target: stack.enter_context(_finished(target, content))
                for target, content in files.items()
            }
            for target, unfinished in finished.items():
                unfinished.replace(target)
    except OSError as error:
        named = ", ".join(str(target) for target in files)
        raise click.ClickException(f"{named}: not written: {error}") from error
    for target in files:
        click.echo(f"{target}: written.")


def print_columns(title: str, columns: Columns) -> None:
    """Print the selected units, the first forty of many.

    Parameters
    ----------
    title : str
    columns : Columns
    """
    table = Table(title=escape(title))
    for name, cells in columns.items():
        number = bool(cells) and not isinstance(cells[0], str)
        table.add_column(escape(name), justify="right" if number else "left")
    rows = list(zip(*columns.values(), strict=True))
    for row in rows[:_MOST_SHOWN]:
        table.add_row(*(escape(_shown(cell)) for cell in row))
    console.print(table)
    if len(rows) > _MOST_SHOWN:
        click.echo(f"… and {len(rows) - _MOST_SHOWN} more; --columns writes them all.")


def print_digest(seed: int, digest: str, target: Path) -> None:
    """Say by what the draw is known, and how it is redone.

    Parameters
    ----------
    seed : int
    digest : str
    target : Path
    """
    click.echo(f"Seed {seed}, digest {digest}")
    click.echo(f"Redo it with: khaosat sample verify {target}")


def _shown(cell: str | float) -> str:
    """Show a number with six digits."""
    return cell if isinstance(cell, str) else f"{cell:.6g}"


@contextmanager
def _finished(target: Path, content: bytes) -> Iterator[Path]:
    """Write a file beside its place; what was not renamed is removed."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o666 & ~_umask())
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def _umask() -> int:
    """Read the process's mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
