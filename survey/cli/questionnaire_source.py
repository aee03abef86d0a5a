"""What the questionnaire commands share: reading SOURCE, facts and units, and the options for them.

Everything that knows questionnaires is imported when it is needed: a group's `--help` is shown in
a moment, and pydantic alone takes longer than that.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.errors import RefusedInputError

if TYPE_CHECKING:
    from questionnaires import Questionnaire, RatedUnit

__all__ = [
    "day_option",
    "definition",
    "facts_option",
    "language_option",
    "read_facts",
    "read_source",
    "read_units",
    "spoken",
    "units_option",
    "write_file",
]

facts_option = click.option(
    "--facts",
    "--fact",
    "facts",
    multiple=True,
    metavar="NAME=CODE",
    help="What the register knows.",
)
units_option = click.option(
    "--units",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSV or XLSX of units to rate: columns code, name.",
)
language_option = click.option(
    "--language", metavar="TAG", help="Language of the texts, such as en; the document's without."
)
day_option = click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which the options must be in force; today without it.",
)


def definition(source: str) -> "Questionnaire":
    """Read a questionnaire, whatever kind of file it is in.

    Parameters
    ----------
    source : a file (.yaml, .yml, .json, .xlsx), or ``shipped:`` and a name

    Returns
    -------
    Questionnaire

    Raises
    ------
    DefinitionError
        It cannot be read or used; a file that is missing is a fault like any other.
    """
    from questionnaires import DefinitionError, Fault, read_questionnaire  # noqa: PLC0415 - lazy
    from questionnaires.library import SHIPPED_PREFIX, shipped  # noqa: PLC0415 - same

    if source.startswith(SHIPPED_PREFIX):
        return shipped(source.removeprefix(SHIPPED_PREFIX))
    file = Path(source)
    try:
        if file.suffix.lower() == ".xlsx":
            from questionnaires.xlsform import read_xlsform  # noqa: PLC0415 - loads openpyxl

            return read_xlsform(file)
        if file.suffix.lower() in {".yaml", ".yml", ".json"}:
            return read_questionnaire(file)
    except OSError as error:
        message, remedy = f"cannot be read: {error.strerror}", "check the name of the file"
        if isinstance(error, FileNotFoundError):
            message, remedy = "there is no such file", "name one, or shipped:NAME"
        fault = Fault(file=source, line=1, path="", message=message, remedy=remedy)
        raise DefinitionError([fault]) from error
    message = "this is no questionnaire by its name"
    remedy = "name a .yaml, .json or .xlsx file, or shipped:NAME"
    raise DefinitionError([Fault(file=source, line=1, path="", message=message, remedy=remedy)])


def read_source(source: str) -> "Questionnaire":
    """Read a questionnaire, or refuse it in one message with all its faults.

    Parameters
    ----------
    source : a file or ``shipped:NAME``

    Returns
    -------
    Questionnaire

    Raises
    ------
    RefusedInputError
        It cannot be used.
    """
    from questionnaires import DefinitionError  # noqa: PLC0415 - lazy, as above

    try:
        return definition(source)
    except DefinitionError as error:
        raise RefusedInputError(what=source, faults=error.faults) from error


def spoken(questionnaire: "Questionnaire", language: str | None) -> str:
    """Choose the language of the texts, refusing one that no text has.

    Parameters
    ----------
    questionnaire : Questionnaire
    language : a tag, or None for the document's own

    Returns
    -------
    str
    """
    from questionnaires.translations import languages_of  # noqa: PLC0415 - lazy, as above

    known = languages_of(questionnaire)
    if language is not None and language not in known:
        message = f"--language {language}: no text is worded in it; there is {', '.join(known)}"
        raise click.UsageError(message)
    return language or questionnaire.language


def read_facts(questionnaire: "Questionnaire", given: Sequence[str]) -> dict[str, str]:
    """Read NAME=CODE, refusing names and codes that the questionnaire does not have.

    Parameters
    ----------
    questionnaire : Questionnaire
    given : texts such as "unit.handles_procedures=yes"

    Returns
    -------
    dict
        Codes by name.

    Raises
    ------
    RefusedInputError
        There is no such fact or code.
    """
    codes = {fact.id: [o.code for o in fact.options] for fact in questionnaire.facts}
    known, faults = {}, []
    for text in given:
        name, _, code = text.partition("=")
        if name not in codes:
            faults.append(
                f"--facts {text}: no fact {name!r}; there are {', '.join(codes) or 'none'}"
            )
        elif code not in codes[name]:
            faults.append(f"--facts {text}: no code {code!r}; choose {' or '.join(codes[name])}")
        known[name] = code
    if faults:
        raise RefusedInputError(what=questionnaire.id, faults=faults)
    return known


def read_units(path: Path, questionnaire: "Questionnaire") -> tuple["RatedUnit", ...]:
    """Read the units of one respondent from a table with the columns code and name.

    Parameters
    ----------
    path : CSV or XLSX
    questionnaire : its sections repeat over units

    Returns
    -------
    tuple of RatedUnit

    Raises
    ------
    RefusedInputError
        The file is no such table, or the questionnaire asks about no units.
    """
    from questionnaires import RatedUnit  # noqa: PLC0415 - lazy, as above
    from survey.services.frame_table import FrameColumns, read_frame_table  # noqa: PLC0415 - same

    columns = FrameColumns(table=read_frame_table(path.name, path.read_bytes()))
    codes, names = columns.texts("code"), columns.texts("name")
    columns.refuse_repeats(codes, ["code"])
    if all(section.repeat is None for section in questionnaire.sections):
        columns.faults.append(f"{questionnaire.id} asks about no units; leave --units out")
    columns.refuse()
    return tuple(RatedUnit(code=code, name=name) for code, name in zip(codes, names, strict=True))


def write_file(target: Path, content: bytes, *, source: str) -> None:
    """Write a file, refusing to write over what was read.

    Parameters
    ----------
    target : Path
    content : bytes
    source : str
        What was read.
    """
    if target.exists() and Path(source).exists() and target.samefile(source):
        raise click.UsageError(f"--to {target}: this is the source itself; choose another name")
    try:
        target.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{target}: not written: {error.strerror}") from error
