"""What the browser needs so that questions of the open section come and go as answers change.

The server stays the judge: `webforms.pages.judge` drops what was answered off the path, with or
without scripts. A question that is not in play lies in the page as a ``template``, which browsers
neither show nor send, so that without scripts nobody meets it or misses it.
"""

from collections.abc import Mapping
from typing import Any

from questionnaires import Questionnaire, Section
from questionnaires.expressions import Expression, Value, references
from questionnaires.questions import CalculationItem, DecimalItem, Item

__all__ = ["browser_logic", "live_items"]


def live_items(questionnaire: Questionnaire, section: Section) -> frozenset[str]:
    """List the shown items that answers in the same section open or close.

    Parameters
    ----------
    questionnaire : the one ``section`` belongs to
    section : one of its enabled sections

    Returns
    -------
    frozenset of item ids
        Notes too.
    """
    inside = {item.id for item in section.items}
    return frozenset(
        item.id
        for item in section.items
        if not isinstance(item, CalculationItem)
        and item.id in questionnaire.conditions
        and not inside.isdisjoint(references(questionnaire.conditions[item.id]))
    )


def browser_logic(
    questionnaire: Questionnaire, section: Section, values: Mapping[str, Value]
) -> dict[str, Any] | None:
    """Write a section's conditions for ``static/skip-page.js``.

    Parameters
    ----------
    questionnaire : the one ``section`` belongs to
    section : one of its enabled sections
    values : what conditions see: facts, answers in play and computed numbers (`Route.values`)

    Returns
    -------
    dict or None
        Plain JSON: the steps of the section in order and, of the values, those that a step names
        and that are not answered on this page; None where nothing comes or goes.
    """
    if not live_items(questionnaire, section):
        return None
    inside = {item.id for item in section.items}
    used = {name for tree in _trees(questionnaire, section) for name in references(tree)}
    return {
        "values": {name: values[name] for name in sorted(used - inside) if name in values},
        "steps": [_step(questionnaire, item) for item in section.items],
    }


def _trees(questionnaire: Questionnaire, section: Section) -> list[Expression]:
    ids = [item.id for item in section.items]
    sources = (questionnaire.conditions, questionnaire.formulas)
    return [source[name] for source in sources for name in ids if name in source]


def _step(questionnaire: Questionnaire, item: Item) -> dict[str, Any]:
    step: dict[str, Any] = {"id": item.id, "type": item.type}
    if item.id in questionnaire.conditions:
        step["if"] = questionnaire.conditions[item.id]
    if isinstance(item, CalculationItem):
        step["value"] = questionnaire.formulas[item.id]
    if isinstance(item, CalculationItem | DecimalItem):
        step["places"] = item.places
    return step
