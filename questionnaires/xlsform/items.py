"""One row of the survey sheet as one item of the document."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from questionnaires.texts import closest
from questionnaires.xlsform.lists import Lists
from questionnaires.xlsform.rows import Reader
from questionnaires.xlsform.sheets import At, Row

__all__ = ["KINDS", "Items", "kind_and_list"]

_LARGEST: Final = 999_999_999
_PLACES: Final = 2
_CALCULATED_PLACES: Final = 6
_SHORT_LENGTH: Final = 255
_LONG_LENGTH: Final = 2000
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_ROUNDED: Final = re.compile(r"\s*round\(.*,\s*([0-6])\s*\)\s*", re.DOTALL)

KINDS: Final[Mapping[str, str]] = {
    "integer": "integer",
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "text": "text",
    "string": "text",
    "note": "note",
    "calculate": "calculation",
    "range": "range",
}
"""Kind of item by type of row, where the type names no list."""

_SELECT: Final = re.compile(
    r"(select[ _]one|select1|select[ _]multiple|select all that apply)(?: from)?\s+(\S.*)",
    re.IGNORECASE,
)
_RECORDED: Final = "delete the row; nothing about device, person or times is recorded"
_NOT_HERE: Final = "ask by options, a number, a day or a text"
_FOREIGN: Final = {
    **dict.fromkeys(
        ["start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber"],
        _RECORDED,
    ),
    **dict.fromkeys(
        ["username", "email", "audit", "start-geopoint", "background-audio"], _RECORDED
    ),
    **dict.fromkeys(("geopoint", "geotrace", "geoshape"), "ask for the commune by options"),
    **dict.fromkeys(("image", "photo", "audio", "video", "file", "barcode"), _NOT_HERE),
    **dict.fromkeys(("time", "datetime", "dateTime"), "ask for the day with type date"),
    "acknowledge": "use select_one with two options",
    "trigger": "use select_one with two options",
    "rank": "ask for the first choice, then for the second",
    "hidden": "facts have a dot in their name, such as unit.level, and khaosat::options",
    "xml-external": "put the lists on the sheet choices",
    "csv-external": "put the lists on the sheet choices",
    "select_one_from_file": "put the list on the sheet choices",
    "select_multiple_from_file": "put the list on the sheet choices",
    "select_one_external": "put the list on the sheet choices",
}
_LOOKS: Final = frozenset(
    {"minimal", "quick", "quickcompact", "compact", "horizontal", "horizontal-compact", "vertical"}
    | {"columns", "columns-pack", "columns-flex", "no-buttons", "likert", "autocomplete", "label"}
    | {"list-nolabel", "list", "field-list", "table-list", "multiline", "numbers", "no-calendar"}
    | {"thousands-sep", "counter", "picker", "bearing", "search", "h1", "h2", "h3"}
    | {f"w{n}" for n in range(1, 13)}
    | {f"columns-{n}" for n in range(1, 13)}
)
"""Appearances that only change how a screen looks; pages have a look of their own here."""


def kind_and_list(text: str) -> tuple[str, str, bool]:
    """Part a type into its kind, its list and whether "other" is added.

    Examples
    --------
    >>> kind_and_list("select_one  cap or_other")
    ('single', 'cap', True)
    >>> kind_and_list("geopoint")
    ('', '', False)
    """
    words = " ".join(text.split())
    found = _SELECT.fullmatch(words)
    if found is None:
        return KINDS.get(words.lower(), ""), "", False
    name = re.sub(r"\s+or[ _](?:other|specify(?: other)?)$", "", found[2])
    kind = "single" if re.sub("[ _]", "", found[1].lower()) in {"selectone", "select1"} else "multi"
    return kind, name.strip(), name != found[2]


class Items:
    """Builds items from rows."""

    def __init__(self, reader: Reader, lists: Lists) -> None:
        self._reader = reader
        self._faults = reader.faults
        self._lists = lists
        self._builders: Mapping[str, Callable[[Row, str], dict[str, Any]]] = {
            "single": self._select,
            "multi": self._select,
            "integer": self._number,
            "decimal": self._number,
            "date": lambda row, name: self._reader.limits(row, "date", name),
            "text": self._text,
            "note": lambda _row, _name: {},
            "calculation": self._calculation,
            "range": self._range,
        }

    def item(self, row: Row) -> dict[str, Any] | None:
        """Read an item; None where its type is not supported, which is reported.

        Parameters
        ----------
        row : of the survey sheet

        Returns
        -------
        dict or None
            The fields of the document.
        """
        kind, _, _ = kind_and_list(row.text("type"))
        if not kind:
            self._refuse(row)
            return None
        fields = self.shown(row)
        if kind == "calculation" and fields["text"] is None:
            fields["text"] = fields["id"]
        fields["type"] = At("scale" if self._is_scale(row) else kind, row.at("type"))
        own = self._builders[kind](row, row.text("name"))
        self._looks(row, kind)
        return {key: value for key, value in (fields | own).items() if value is not None}

    def shown(self, row: Row) -> dict[str, Any]:
        """Read what every item may have; a label that is missing is left to the caller."""
        reader = self._reader
        return {
            "id": self._id(row),
            "text": reader.texts(row, "label"),
            "hint": reader.texts(row, "hint"),
            "show_if": reader.condition(row),
            "printed_number": row.take("khaosat::number"),
            "label": reader.texts(row, "khaosat::label"),
            "universe": reader.texts(row, "khaosat::universe"),
            "required": reader.yes(row, "required"),
            "if_hidden": row.take("khaosat::if_hidden"),
            "disclosure": row.take("khaosat::disclosure"),
        }

    def _id(self, row: Row) -> At:
        name = row.take("name")
        if name is None:
            self._faults.add(row.at("type"), "the row has no name", "fill in name")
            return At(f"ROW{row.place.row}", row.at("type"))
        if not _NAME.fullmatch(name.value):
            remedy = "use at most 32 letters, digits and _, a letter first"
            self._faults.add(name.place, f"name {name.value[:60]!r} cannot be used", remedy)
            return At(f"ROW{row.place.row}", name.place)  # so that the other checks can go on
        return name

    def _refuse(self, row: Row) -> None:
        row.used.update(row.cells)
        text = " ".join(row.text("type").split())
        place = row.at("type", "name")
        if not text:
            self._faults.add(place, "the row has no type", "fill in type, or clear the row")
            return
        remedy = _FOREIGN.get(text) or _FOREIGN.get(text.split()[0].lower())
        if remedy is None and text.lower().startswith("select"):
            remedy = "write the name of its list behind it, such as select_one yes_no"
        if remedy is None:
            close = closest(text[:64], [*KINDS, "begin_group", "end_group"])
            remedy = f"did you mean {close!r}?" if close else _NOT_HERE
        self._faults.add(place, f"type {text[:60]!r} is not supported", remedy)

    def _looks(self, row: Row, kind: str) -> None:
        cell = row.take("appearance")
        for word in [] if cell is None else cell.value.lower().split():
            if word not in _LOOKS:
                message = f"appearance {word!r} of a {kind} is not supported"
                self._faults.add(row.at("appearance"), message, "clear the cell")

    def _is_scale(self, row: Row) -> bool:
        cell = row.take("khaosat::kind")
        if cell is not None and cell.value != "scale":
            message = f"khaosat::kind is {cell.value[:40]!r}"
            self._faults.add(cell.place, message, "write scale, or grid on a group")
        return cell is not None and cell.value == "scale"

    def _select(self, row: Row, name: str) -> dict[str, Any]:
        kind, listed, other = kind_and_list(row.text("type"))
        place = row.at("type")
        fields = self._reader.limits(row, kind, name)
        if self._is_scale(row):
            return fields | {"scale": self._lists.scale(listed, place)}
        fields |= self._lists.options(listed, place)
        if other:
            fields["options"].value.append(self._lists.other(place))
        if kind == "single":
            fields["stratum_check"] = self._reader.yes(row, "khaosat::stratum_check")
        return fields | {"order": self._order(row)}

    def _order(self, row: Row) -> At | None:
        order = None
        for name, value in self._parameters(row).items():
            if name == "randomize" and value.casefold() in {"true", "true()", "false", "false()"}:
                chosen = "random" if value.casefold().startswith("true") else "as_written"
                order = At(chosen, row.at("parameters"))
            else:
                remedy = "write randomize=true or clear the cell; each form records its own seed"
                message = f"parameter {name}={value} is not supported"
                self._faults.add(row.at("parameters"), message, remedy)
        return order

    def _parameters(self, row: Row) -> dict[str, str]:
        text = re.sub(r"\s*=\s*", "=", row.text("parameters"))
        pairs = (part.partition("=") for part in re.split(r"[;,\s]+", text) if part)
        return {name.lower(): value for name, _, value in pairs}

    def _number(self, row: Row, name: str) -> dict[str, Any]:
        kind, _, _ = kind_and_list(row.text("type"))
        bounds: dict[str, Any] = {"min": -_LARGEST, "max": _LARGEST}
        if kind == "decimal":
            places = self._reader.whole(row, "khaosat::places")
            bounds = {"min": str(-_LARGEST), "max": str(_LARGEST), "places": places or _PLACES}
        unit = self._reader.texts(row, "khaosat::unit")
        return {**bounds, **self._reader.limits(row, kind, name), "unit": unit}

    def _text(self, row: Row, name: str) -> dict[str, Any]:
        long = "multiline" in row.text("appearance").split()
        length = _LONG_LENGTH if long else _SHORT_LENGTH
        limits = self._reader.limits(row, "text", name)
        return {"max_length": length, "short": not long, **limits}

    def _calculation(self, row: Row, name: str) -> dict[str, Any]:
        value = self._reader.condition(row, "calculation")
        place = row.at("calculation", "name")
        if "calculation" not in row.cells:
            self._faults.add(place, f"{name} is not calculated", "fill in calculation")
        places = self._reader.whole(row, "khaosat::places")
        if places is None:
            rounded = _ROUNDED.fullmatch(row.text("calculation"))
            places = At(int(rounded[1]) if rounded else _CALCULATED_PLACES, place)
        return {"value": value or At("", place), "places": places}

    def _range(self, row: Row, name: str) -> dict[str, Any]:
        """Read a range as a whole number between its ends."""
        given = {"start": "1", "end": "10", "step": "1", **self._parameters(row)}
        whole = all(re.fullmatch(r"-?[0-9]{1,9}", value) for value in given.values())
        if not whole or given["step"] != "1" or given.keys() != {"start", "end", "step"}:
            remedy = "write whole numbers, such as start=0 end=10 step=1"
            message = f"range {row.text('parameters')[:40]!r} is not supported"
            self._faults.add(row.at("parameters", "type"), message, remedy)
            return {}
        bounds = {"min": int(given["start"]), "max": int(given["end"])}
        limits = self._reader.limits(row, "integer", name)
        return {**bounds, **limits, "type": At("integer", row.at("type"))}
