"""The choices sheet: lists of options by name."""

from collections.abc import Mapping
from typing import Any

from questionnaires.texts import closest
from questionnaires.xlsform.rows import Reader
from questionnaires.xlsform.sheets import At, Faults, Place

__all__ = ["Lists"]

_SPECIAL = frozenset({"97", "99"})
_STAND_INS = ({"code": "ROW1", "text": "…"}, {"code": "ROW2", "text": "…"})
"""Options of a list that is reported as missing, so that the other checks can go on."""

_OTHER = {"vi": ("Khác", "Xin ghi rõ"), "en": ("Other", "Please specify")}


class Lists:
    """Options by list; remembers which lists are used, and how."""

    def __init__(self, reader: Reader, language: str) -> None:
        self._faults: Faults = reader.faults
        self._language = language
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._places: dict[str, Place] = {}
        self._used = set[str]()
        self._scales = set[str]()
        for row in reader.sheet.rows:
            name, code = row.take("list_name"), row.take("name")
            if name is None or code is None:
                missing = "list_name" if name is None else "name"
                reader.faults.add(row.place, f"the option has no {missing}", f"fill in {missing}")
                continue
            fields = {
                "code": code,
                "text": reader.texts(row, "label"),
                "ends": row.take("khaosat::ends"),
                "valid_from": row.take("khaosat::valid_from"),
                "valid_until": row.take("khaosat::valid_until"),
                "last": reader.yes(row, "khaosat::last"),
            }
            if fields["text"] is None:
                reader.faults.add(
                    code.place, f"option {code.value!r} has no label", "fill in label"
                )
            reader.leftovers(row)
            self._places.setdefault(name.value, name.place)
            kept = {key: value for key, value in fields.items() if value is not None}
            self._lists.setdefault(name.value, []).append({**kept, "": code.place})

    def options(self, name: str, place: Place) -> dict[str, At]:
        """Give the options and special options of a list, fit to be changed for one item."""
        self._used.add(name)
        if name not in self._lists:
            close = closest(name[:64], list(self._lists))
            remedy = f"did you mean {close!r}?" if close else "add its options on sheet choices"
            self._faults.add(place, f"there is no list {name!r} on sheet choices", remedy)
            return {"options": At(list(_STAND_INS), place)}
        at = self._places[name]
        parts: dict[str, list[At]] = {"options": [], "special": []}
        for option in self._lists[name]:
            fields = {key: value for key, value in option.items() if key}
            side = "special" if option["code"].value in _SPECIAL else "options"
            parts[side].append(At(fields, option[""]))
        kept = {key: At(value, at) for key, value in parts.items() if value or key == "options"}
        if len(parts["options"]) < 2:
            message = f"list {name!r} has {len(parts['options'])} options to choose from"
            self._faults.add(at, message, "give it at least two; 97 and 99 do not count")
            kept["options"] = At([*parts["options"], *_STAND_INS], at)
        return kept

    def scale(self, name: str, place: Place) -> At:
        """Note that a list is a scale, and give its name."""
        self._scales.add(name)
        if name not in self._lists:
            self.options(name, place)
        return At(name, place)

    def scales(self) -> Mapping[str, At]:
        """Give the lists used as scales, and those that no question uses: nothing is dropped."""
        names = [name for name in self._lists if name in self._scales or name not in self._used]
        return {
            name: At(self.options(name, self._places[name]), self._places[name]) for name in names
        }

    def other(self, place: Place) -> At:
        """Make the option that ``or_other`` stands for."""
        text, line = _OTHER.get(self._language, _OTHER["en"])
        fields = {"code": At("other", place), "text": text, "specify": {"text": line}}
        return At(fields, place)
