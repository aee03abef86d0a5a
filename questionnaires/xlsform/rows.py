"""Cells of a row as parts of the document: texts in languages, conditions, limits.

Whatever a row says is used or reported: what nothing asked for is a fault at the end.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from questionnaires.expansion import UNIT_NAME
from questionnaires.expressions import Kind
from questionnaires.xlsform.bounds import limits_of
from questionnaires.xlsform.dialect import foreign, from_xlsform, straight, to_xlsform, unwrapped
from questionnaires.xlsform.layout import texts_key
from questionnaires.xlsform.sheets import At, Faults, Place, Row, Sheet

__all__ = ["Reader", "flatten"]

_YES: Final = frozenset({"yes", "true", "true()", "1", "có"})
_NO: Final = frozenset({"no", "false", "false()", "0", "không", ""})
_LONGEST_EXPRESSION: Final = 2000
_VARIABLE: Final = re.compile(r"\$\{[^{}]*\}")
_MESSAGES: Final = {
    "vi": "Câu trả lời không hợp lệ, xin xem lại.",
    "en": "Please check the answer.",
}


class Reader:
    """Reads cells of one sheet; knows the document's language and the kinds of the items."""

    def __init__(
        self, sheet: Sheet, faults: Faults, language: str, kinds: Mapping[str, Kind]
    ) -> None:
        self.sheet = sheet
        self.faults = faults
        self._language = language
        self._kinds = kinds

    def texts(self, row: Row, column: str) -> At | None:
        """Read a text: one sentence, or one for each language that is filled in."""
        tags = ("", *self.sheet.languages(column))
        found = {tag: cell for tag in tags if (cell := row.take(texts_key(column, tag)))}
        if not found:
            return None
        place = next(iter(found.values())).place
        for cell in found.values():
            self._refuse_filled_in(cell)
        plain = found.pop("", None)
        if plain is not None:
            if not found:
                return plain
            found.setdefault(self._language, plain)
        tagged = column in row.text("khaosat::tagged").split()
        if list(found) == [self._language] and not tagged:
            return found[self._language]
        return At(dict(found), place)

    def _refuse_filled_in(self, cell: At) -> None:
        """Report answers that should be written into a text: nothing would fill them in."""
        for name in _VARIABLE.findall(cell.value):
            if name != UNIT_NAME:
                message = f"{name} stands in a text, where nothing fills it in"
                self.faults.add(cell.place, message, "say it in words, such as “in question 3”")

    def yes(self, row: Row, column: str) -> At | None:
        """Read yes or no; None where the cell is empty."""
        cell = row.take(column)
        if cell is None:
            return None
        text = str(cell.value).casefold()
        if text not in _YES | _NO:
            self.faults.add(cell.place, f"{column} is {cell.value!r}", "write yes or no")
            return None
        return At(text in _YES, cell.place)

    def whole(self, row: Row, column: str) -> At | None:
        """Read a whole number."""
        cell = row.take(column)
        if cell is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,15}", cell.value):
            message = f"{column} is {cell.value[:40]!r}"
            self.faults.add(cell.place, message, "write a whole number")
            return None
        return At(int(cell.value), cell.place)

    def expression(self, cell: At, own: str = "") -> At | None:
        """Read an expression of XLSForm; None where it uses what this library has not."""
        if len(cell.value) > _LONGEST_EXPRESSION:
            return cell  # the parser refuses it with its own words
        text = straight(cell.value)
        strange = list(foreign(text))
        for what, remedy in strange:
            self.faults.add(cell.place, f"{what} is not supported, here {text[:60]!r}", remedy)
        return None if strange else At(from_xlsform(text, self._kinds, own), cell.place)

    def condition(self, row: Row, column: str = "relevant", *, off: bool = False) -> At | None:
        """Read a condition or calculation; its exact form may stand in a custom column."""
        cell, exact = row.take(column), row.take(f"khaosat::{column}")
        if off:
            if cell is not None and cell.value != "false()":
                message = f"{column} is {cell.value[:40]!r} in a group that is off"
                remedy = f"write false(), and the condition in khaosat::{column}"
                self.faults.add(cell.place, message, remedy)
            return exact
        if exact is None:
            return None if cell is None else self.expression(cell)
        longest = len(exact.value) > _LONGEST_EXPRESSION
        if longest or cell is None or cell.value != to_xlsform(exact.value):
            self._disagree(exact.place, column)
        return exact

    def _disagree(self, place: Place, column: str) -> None:
        message = f"{column} and khaosat::{column} say different things"
        self.faults.add(place, message, f"clear khaosat::{column}, or change both")

    def limits(self, row: Row, kind: str, name: str) -> dict[str, Any]:
        """Read the constraint of an item as its limits and constraints."""
        message = self.texts(row, "constraint_message")
        cell, exact = row.take("constraint"), row.take("khaosat::constraints")
        found, rest = self._parted(cell, kind)
        fields: dict[str, Any] = {}
        if cell is not None:
            fields = {key: At(value, cell.place) for key, value in found.items()}
        if exact is not None:
            fields["constraints"] = self._exact(exact, rest, message, name)
        elif cell is not None and (rest or message is not None):
            fields["constraints"] = self._constraints(cell, rest, message, name)
        elif message is not None:
            remedy = "write the constraint, or clear the message"
            self.faults.add(message.place, "constraint_message without constraint", remedy)
        return fields

    def _parted(self, cell: At | None, kind: str) -> tuple[dict[str, Any], list[str]]:
        if cell is None:
            return {}, []
        return limits_of(kind, straight(cell.value))

    def _constraints(self, cell: At, rest: list[str], message: At | None, name: str) -> At:
        """Read what is no limit; a message of its own keeps the limits as a constraint too."""
        text = unwrapped(rest[0]) if len(rest) == 1 else " and ".join(rest)
        that = self.expression(At(text or cell.value, cell.place), name)
        if that is None:
            return At([], cell.place)
        default = _MESSAGES.get(self._language, _MESSAGES["en"])
        rule = {"that": that, "message": message or At(default, cell.place)}
        return At([At(rule, cell.place)], cell.place)

    def _exact(self, exact: At, rest: list[str], message: At | None, name: str) -> At:
        """Read constraints from their exact column, which the others have to agree with."""
        try:
            rules = json.loads(exact.value)
            hard = [rule for rule in rules if rule.get("severity", "hard") == "hard"]
            written = [f"({to_xlsform(rule['that'], name)})" for rule in hard]
            first = hard[0]["message"] if hard else None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            remedy = 'write [{"that": "…", "message": "…", "severity": "soft"}]'
            self.faults.add(exact.place, "khaosat::constraints cannot be read", remedy)
            return At([], exact.place)
        parts = [part if part.startswith("(") else f"({part})" for part in rest]
        said = None if message is None else flatten(message)[0]
        if parts != written or said != first:
            self._disagree(exact.place, "constraints")
        return At(rules, exact.place)

    def leftovers(self, row: Row) -> None:
        """Report the cells that have no meaning on their row."""
        for key, cell in row.unused():
            kind = row.text("type")
            what = f" on a row of type {kind!r}" if kind else ""
            message = f"{key} is {cell.value[:40]!r}, which has no meaning{what}"
            self.faults.add(cell.place, message, "clear the cell")


def flatten(tree: Any) -> tuple[Any, dict[tuple[str | int, ...], Place]]:  # noqa: ANN401 (a tree)
    """Part a tree into plain values and the cells of its paths.

    Parameters
    ----------
    tree : dicts and lists with `At` anywhere in them

    Returns
    -------
    value, dict
        The document, and places by path.
    """
    places: dict[tuple[str | int, ...], Place] = {}

    def plain(part: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 (a tree)
        while isinstance(part, At):
            places.setdefault(path, part.place)
            part = part.value
        if isinstance(part, dict):
            return {key: plain(value, (*path, key)) for key, value in part.items()}
        if isinstance(part, list):
            return [plain(value, (*path, n)) for n, value in enumerate(part)]
        return part

    return plain(tree, ()), places
