"""A fault of what somebody handed in: an English template and the values that fill it.

Catalogues translate the template; so a fault found below the web can be shown in Vietnamese
without this room knowing any sentence but its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One reason why an input was refused; ``template % values`` is the English sentence."""

    code: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def message(self) -> str:
        """The English sentence."""
        return self.template % self.values if self.values else self.template

    def __str__(self) -> str:
        """Return the English sentence."""
        return self.message
