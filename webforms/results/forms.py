"""Which edition of the index the reader asked for, held against what the role may see.

An edition that is not the reader's is refused, never quietly replaced by a smaller one: whoever
prints a page must know which edition it is.
"""

from collections.abc import Collection
from typing import Final

from stats.disclosure import ReleaseClass
from survey.errors import NotPermittedError
from survey.rules.permissions import Role

__all__ = ["SEE_INDEX", "choose_release", "in_order"]

SEE_INDEX: Final = "see_index"


def in_order(allowed: Collection[ReleaseClass]) -> list[ReleaseClass]:
    """Return the editions from the widest audience to the narrowest."""
    return [release for release in ReleaseClass if release in allowed]


def choose_release(
    wanted: str | None, allowed: Collection[ReleaseClass], *, role: Role
) -> ReleaseClass:
    """Return the edition to show: the one asked for, or the one for the widest audience.

    Parameters
    ----------
    wanted : as it stands in the address; none where it says nothing
    allowed : what the reader may see
    role : of the reader, for the refusal

    Returns
    -------
    ReleaseClass

    Raises
    ------
    NotPermittedError
        The reader may see nothing, or not this.
    """
    choices = in_order(allowed)
    chosen = (
        choices[0]
        if choices and wanted is None
        else next((release for release in choices if release == wanted), None)
    )
    if chosen is None:
        raise NotPermittedError(role=str(role), action=SEE_INDEX)
    return chosen
