"""Documents that an office writes by hand: YAML read with the line of every fault.

Whoever reads a kind of document names it (``what``); the sentences are the same for all kinds.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from questionnaires.yamltext import Located, TextFault, load
from survey.errors import RefusedInputError
from survey.rules.faults import Fault
from survey.rules.schema_faults import schema_message

__all__ = ["YAML_FAULTS", "field_faults", "load_yaml"]

YAML_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unreadable": "%(file)s: cannot be read: %(reason)s.",
        "yaml": "%(file)s, line %(line)s: %(message)s; %(remedy)s.",
        "field": "%(file)s, line %(line)s: “%(place)s”: %(message)s (found: %(found)s).",
    }
)


def load_yaml(path: Path, *, what: str) -> Located:
    """Read a YAML file into plain values with the line of each.

    Parameters
    ----------
    path : Path
        A file in UTF-8.
    what : str
        Names the document in the refusal.

    Returns
    -------
    Located

    Raises
    ------
    RefusedInputError
        The file cannot be read, is not UTF-8 or is no YAML of the small language we accept.
    """
    try:
        return load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        fault = _fault("unreadable", file=path.name, reason=error.strerror or str(error))
        cause: Exception = error
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 (byte {error.start}); save it as UTF-8"
        fault, cause = _fault("unreadable", file=path.name, reason=reason), error
    except TextFault as error:
        values = {"line": error.line, "message": error.message, "remedy": error.remedy}
        fault, cause = _fault("yaml", file=path.name, **values), error
    raise RefusedInputError(what=what, faults=[fault]) from cause


def field_faults(error: ValidationError, located: Located, *, file: str) -> Iterator[Fault]:
    """Say for each departure from a document's schema where it stands.

    Parameters
    ----------
    error : ValidationError
    located : Located
        What was validated.
    file : str
        The name to show.

    Yields
    ------
    Fault
    """
    for details in error.errors(include_url=False):
        place = details["loc"]
        known = next(
            place[:end] for end in range(len(place), -1, -1) if place[:end] in located.lines
        )
        yield _fault(
            "field",
            file=file,
            line=located.lines[known],
            place=".".join(map(str, place)) or "document",
            message=schema_message(details),
            found=_shown(details["input"]),
        )


def _fault(code: str, **values: object) -> Fault:
    return Fault(code=f"document-{code}", template=YAML_FAULTS[code], values=values)


def _shown(value: object) -> str:
    """Show a value of the document; a mapping or list by its kind only."""
    kinds: dict[type, str] = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return kinds.get(type(value)) or repr(value)[:60]
