"""The office's pages: a round from its register of units to the publication of its index.

The modules follow the round: preparing, planning, letters, collecting, inviting, finishing.
Importing them registers their views on the one blueprint of `desk`.
"""

from webforms.office import collecting, finishing, inviting, letters, planning, preparing
from webforms.office.desk import blueprint

__all__ = [
    "blueprint",
    "collecting",
    "finishing",
    "inviting",
    "letters",
    "planning",
    "preparing",
]
