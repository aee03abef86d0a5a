"""The questionnaires that come with khaosat: complete, proof-read, ready for a round.

They are files of the package and not of an example, so that a round names one of them and an office
copies it only to change it; a round keeps the version it was created with either way.
"""

from functools import cache
from pathlib import Path
from typing import Final

from questionnaires.errors import DefinitionError, Fault
from questionnaires.questionnaire import Questionnaire
from questionnaires.reading import read_questionnaire
from questionnaires.texts import closest

__all__ = ["SHIPPED", "SHIPPED_PREFIX", "shipped", "shipped_path"]

SHIPPED: Final = ("officials_par", "cross_rating", "sipas_citizen", "transaction")
"""Officials on their own unit, raters on many units, citizens at home, citizens at the counter."""

SHIPPED_PREFIX: Final = "shipped:"
"""Stands before a name of `SHIPPED` where a file could be named too."""

_FOLDER: Final = Path(__file__).parent / "shipped"


def shipped_path(name: str) -> Path:
    """Tell where a shipped questionnaire lies, to copy it.

    Parameters
    ----------
    name : one of `SHIPPED`

    Returns
    -------
    Path
        A YAML file.

    Raises
    ------
    DefinitionError
        When none of that name is shipped; names those that are.
    """
    if name not in SHIPPED:
        close = closest(name, list(SHIPPED))
        known = f"shipped are {', '.join(SHIPPED)}"
        remedy = f"did you mean {close!r}? {known}" if close else known
        message = f"no questionnaire {name!r} is shipped"
        fault = Fault(
            file=f"{SHIPPED_PREFIX}{name}", line=1, path="", message=message, remedy=remedy
        )
        raise DefinitionError([fault])
    return _FOLDER / f"{name}.yaml"


@cache
def shipped(name: str) -> Questionnaire:
    """Read a shipped questionnaire, once a process.

    Parameters
    ----------
    name : one of `SHIPPED`

    Returns
    -------
    Questionnaire

    Raises
    ------
    DefinitionError
        When none of that name is shipped.

    Examples
    --------
    >>> shipped("officials_par").points_total
    Decimal('22.00')
    """
    return read_questionnaire(shipped_path(name))
