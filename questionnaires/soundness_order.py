"""Who waits for whom: the references between items and sections, to name a cycle as one.

References are found by their form and not by parsing, so that a condition with another fault in it
still takes part.
"""

from collections.abc import Iterator

from questionnaires.expansion import names_in
from questionnaires.findings import written_items
from questionnaires.questions import CalculationItem, GridItem, Item
from questionnaires.tree import Definition

__all__ = ["Dependencies"]


class Dependencies:
    """The graph of what has to be known before an item or a section can be shown."""

    def __init__(self, definition: Definition) -> None:
        self._waits: dict[str, tuple[str, ...]] = {
            f"section {section.id}": names_in(section.show_if) for section in definition.sections
        }
        for _, item, section in written_items(definition):
            around = () if section is None else (f"section {section.id}",)
            for name, texts in _texts(item):
                inside = (found for text in texts for found in names_in(text))
                self._waits.setdefault(name, (*around, *inside))

    def cycle(self, own: str, name: str) -> tuple[str, ...]:
        """Find the way by which ``name``, to which ``own`` refers, waits for ``own``.

        Parameters
        ----------
        own : an item id, or "section …"
        name : an item id

        Returns
        -------
        tuple of str
            From ``own`` by ``name`` back to ``own``; empty where there is no such way.
        """
        ways: list[tuple[str, ...]] = [(own, name)]
        seen = set[str]()
        while ways:
            way = ways.pop()
            if way[-1] == own:
                return way
            if way[-1] not in seen:
                seen.add(way[-1])
                ways += [(*way, after) for after in self._waits.get(way[-1], ())]
        return ()


def _texts(item: Item) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """Ids with the expressions that have to be known for them; lines wait for their question."""
    value = item.value if isinstance(item, CalculationItem) else None
    yield item.id, (item.show_if, value)
    if isinstance(item, GridItem):
        for row in item.rows:
            yield row.id, (item.show_if, row.show_if)
    for option in getattr(item, "options", ()):
        if option.specify is not None:
            yield f"{item.id}_{option.code}", (f"${{{item.id}}}",)
