"""Which edition of the index the reader asked for, held against what the role may see.

An edition that is not the reader's is refused, never quietly replaced by a smaller one: whoever
prints a page must know which edition it is.
"""

from collections.abc import Callable, Collection
from typing import Final

from stats.disclosure import ReleaseClass
from survey.errors import EditionRefusedError, NoEditionError
from survey.rules.permissions import Role

__all__ = ["choose_release", "in_order"]

_LONGEST_SHOWN: Final = 40


def in_order(allowed: Collection[ReleaseClass]) -> list[ReleaseClass]:
    """Return the editions from the widest audience to the narrowest."""
    return [release for release in ReleaseClass if release in allowed]


def choose_release(
    wanted: str | None,
    allowed: Collection[ReleaseClass],
    *,
    role: Role,
    name: Callable[[ReleaseClass], str],
) -> ReleaseClass:
    """Return the edition to show: the one asked for, or the one for the widest audience.

    Parameters
    ----------
    wanted : as it stands in the address; none where it says nothing
    allowed : what the reader may see
    role : of the reader, for the refusal
    name : says an edition in the reader's language

    Returns
    -------
    ReleaseClass

    Raises
    ------
    NoEditionError
        The reader may see nothing.
    EditionRefusedError
        The reader may see others, but not this.
    """
    choices = in_order(allowed)
    if not choices:
        raise NoEditionError(role=str(role))
    if wanted is None:
        return choices[0]
    chosen = next((release for release in choices if release == wanted), None)
    if chosen is None:
        known = next((name(release) for release in ReleaseClass if release == wanted), None)
        editions = "; ".join(map(name, choices))
        shown = known or wanted[:_LONGEST_SHOWN]
        raise EditionRefusedError(role=str(role), wanted=shown, editions=editions)
    return chosen
