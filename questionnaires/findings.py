"""What the checks of a definition share: a finding, and the walk over items with their paths.

Paths are those of the document as it is written, so that a fault in a row of a grid points at the
row and not at the item which the row becomes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from questionnaires.expansion import PlainItem, specify_id, written_out
from questionnaires.questions import Item, MultiItem, SingleItem
from questionnaires.tree import Definition, Section

__all__ = [
    "Asked",
    "Finding",
    "Path",
    "asked_items",
    "is_item_id",
    "item_path",
    "repeated_values",
    "written_items",
]

Path = tuple[str | int, ...]
_ITEM_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault of a definition, by its path in the document."""

    path: Path
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An item as it is asked, with the path of the text that it comes from."""

    path: Path
    item: PlainItem
    section: Section | None

    @property
    def is_generated(self) -> bool:
        """Whether the item is a line beside an option, whose id and condition nobody wrote."""
        return self.path[-1] == "specify"

    @property
    def id_path(self) -> Path:
        """The place of its id, or of what its id is made from."""
        return self.path if self.is_generated else (*self.path, "id")


def is_item_id(text: str) -> bool:
    """Tell whether a text that was put together can be an item's id."""
    return _ITEM_ID.fullmatch(text) is not None


def item_path(path: Path) -> Path:
    """Cut a path to that of the item as it is written: ("sections", s, "items", i)."""
    return path[:4]


def written_items(definition: Definition) -> Iterator[tuple[Path, Item, Section | None]]:
    """Every item as written with its path, the consent first, disabled sections included."""
    if definition.consent is not None:
        yield ("consent",), definition.consent, None
    for s, section in enumerate(definition.sections):
        for i, item in enumerate(section.items):
            yield ("sections", s, "items", i), item, section


def asked_items(definition: Definition) -> Iterator[Asked]:
    """Every item as it is asked; lines beside options only where their ids can be ids."""
    for path, item, section in written_items(definition):
        if section is None:
            assert isinstance(item, SingleItem)  # noqa: S101 (the consent question)
            yield Asked(path=path, item=item, section=None)
            continue
        lines_fit = not isinstance(item, SingleItem | MultiItem) or all(
            is_item_id(specify_id(item.id, option.code))
            for option in item.options
            if option.specify is not None
        )
        if lines_fit:
            for below, part in written_out(item):
                yield Asked(path=(*path, *below), item=part, section=section)
        elif isinstance(item, SingleItem | MultiItem):
            yield Asked(path=path, item=item, section=section)


def repeated_values(
    entries: Iterable[tuple[Path, str]], *, what: str, remedy: str = "give each its own"
) -> Iterator[Finding]:
    """Report every value after its first use."""
    seen: Counter[str] = Counter()
    for path, value in entries:
        seen[value] += 1
        if seen[value] > 1:
            message = f"{what} {value!r} is used {seen[value]} times"
            yield Finding(path=path, message=message, remedy=remedy)
