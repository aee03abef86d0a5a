"""The rows of the survey sheet that a questionnaire becomes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from questionnaires.choices import Specify
from questionnaires.expansion import UNIT_NAME, names_for, specify_id
from questionnaires.names import kinds_of
from questionnaires.problems import Severity
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import (
    CalculationItem,
    Constraint,
    DecimalItem,
    Disclosure,
    GridItem,
    GridRow,
    Item,
    MultiItem,
    OptionOrder,
    ScaleItem,
    SingleItem,
    TextItem,
)
from questionnaires.texts import Text
from questionnaires.tree import Section
from questionnaires.xlsform.bounds import limits_text
from questionnaires.xlsform.dialect import from_xlsform, to_xlsform
from questionnaires.xlsform.table import Texts

__all__ = ["SurveyRows", "list_names"]

_SELECTS: Final = {"single": "select_one", "multi": "select_multiple"}
_TYPES: Final = {"calculation": "calculate"}
_UNIT_LABELS: Final = {"vi": "Tên cơ quan, đơn vị được đánh giá", "en": "Name of the rated unit"}

Row = dict[str, str]


def list_names(questionnaire: Questionnaire) -> dict[str, str]:
    """Name the lists of options: by fact, by question, by scale after §.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    dict
        A list has the name of its owner; where a scale and a question share one, the question's
        list ends in "_options".
    """
    names = {f"§{name}": name for name in questionnaire.scales}
    names |= {fact.id: fact.id for fact in questionnaire.facts}
    consent = () if questionnaire.consent is None else (questionnaire.consent,)
    inside = (item for section in questionnaire.sections for item in section.items)
    for item in (*consent, *inside):
        if isinstance(item, SingleItem | MultiItem):
            names[item.id] = _free(item.id, set(names.values()), "_options")
    return names


def _free(name: str, taken: set[str], ending: str) -> str:
    while name in taken:
        name += ending
    return name


class SurveyRows:
    """Writes the survey sheet of one questionnaire."""

    def __init__(
        self, questionnaire: Questionnaire, texts: Texts, lists: Mapping[str, str]
    ) -> None:
        self._questionnaire = questionnaire
        self._texts = texts
        self._lists = lists
        sections = questionnaire.sections
        self._taken = {name for section in sections for name in names_for(section, 1)}
        self._taken |= {fact.id for fact in questionnaire.facts}
        self._taken |= {"DY"} if questionnaire.consent is None else {questionnaire.consent.id}
        self._kinds = kinds_of(
            (*questionnaire.questions, *questionnaire.calculations), questionnaire.facts
        )

    def rows(self) -> Iterator[Row]:
        """Give the rows from facts and introduction to the end of the last section."""
        questionnaire = self._questionnaire
        for fact in questionnaire.facts:
            yield self._texts.row(
                {"label": fact.text},
                type="hidden",
                name=fact.id,
                khaosat__options=self._lists[fact.id],
            )
        for n, paragraph in enumerate(questionnaire.intro, start=1):
            note = self._note(f"intro_{n}", "intro", paragraph.text)
            yield note | self._condition("relevant", paragraph.show_if)
        if questionnaire.consent is not None:
            for row in self._item(questionnaire.consent):
                yield row | {"khaosat::role": "consent"}
        for section in questionnaire.sections:
            yield from self._section(section)

    def _note(self, name: str, role: str, text: Text) -> Row:
        free = _free(name, self._taken, "_")
        self._taken.add(free)
        return self._texts.row({"label": text}, type="note", name=free, khaosat__role=role)

    def _condition(self, column: str, text: str | None, own: str = "") -> Row:
        """Write a condition, and its exact form where the standard one would be read otherwise."""
        if text is None:
            return {}
        written = to_xlsform(text, own)
        same = from_xlsform(written, self._kinds, own) == text
        return {column: written} | ({} if same else {f"khaosat::{column}": text})

    def _section(self, section: Section) -> Iterator[Row]:
        kind = "group" if section.repeat is None else "repeat"
        name = _free(section.id, self._taken, "_group")
        self._taken.add(name)
        begin = self._texts.row(
            {"label": section.title},
            type=f"begin_{kind}",
            name=name,
            khaosat__id=None if name == section.id else section.id,
            khaosat__if_hidden=None if section.if_hidden is None else section.if_hidden.value,
            khaosat__over=None if section.repeat is None else section.repeat.over,
            repeat_count=None if section.repeat is None else str(section.repeat.most),
        )
        yield begin | self._shown(section)
        if section.repeat is not None and UNIT_NAME[2:-1] not in self._taken:
            yield self._unit_name()
        for role in ("instructions", "disclosure_note"):
            text = getattr(section, role)
            if text is not None:
                yield self._note(f"{section.id}_{role}", role, text)
        for item in section.items:
            yield from self._item(item)
        yield {"type": f"end_{kind}"}

    def _shown(self, section: Section) -> Row:
        if section.enabled:
            return self._condition("relevant", section.show_if)
        exact = {} if section.show_if is None else {"khaosat::relevant": section.show_if}
        return {"relevant": "false()", "khaosat::enabled": "no"} | exact

    def _unit_name(self) -> Row:
        name = UNIT_NAME[2:-1]
        self._taken.add(name)
        label = _UNIT_LABELS.get(self._questionnaire.language, _UNIT_LABELS["en"])
        return self._texts.row({"label": label}, type="text", name=name, khaosat__role="unit_name")

    def _item(self, item: Item) -> Iterator[Row]:
        if isinstance(item, GridItem):
            yield from self._grid(item)
            return
        yield self._common(item, self._type(item)) | self._own(item) | self._answer(item)
        if isinstance(item, SingleItem | MultiItem):
            for option in item.options:
                if option.specify is not None:
                    yield self._line(item, option.code, option.specify)

    def _type(self, item: Item) -> str:
        if isinstance(item, ScaleItem):
            return f"select_one {self._lists[f'§{item.scale}']}"
        if isinstance(item, SingleItem | MultiItem):
            return f"{_SELECTS[item.type]} {self._lists[item.id]}"
        return _TYPES.get(item.type, item.type)

    def _grid(self, grid: GridItem) -> Iterator[Row]:
        begin = self._common(grid, "begin_group")
        yield begin | {"khaosat::kind": "grid", "appearance": "field-list"}
        kind = f"select_one {self._lists[f'§{grid.scale}']}"
        for row in grid.rows:
            yield self._common(row, kind) | {"khaosat::kind": "scale"} | self._answer(row)
        yield {"type": "end_group"}

    def _common(self, item: Item | GridRow, kind: str) -> Row:
        """Write what every kind of item has."""
        hidden = getattr(item, "if_hidden", None)
        disclosure = getattr(item, "disclosure", None)
        usual = type(item).model_fields.get("disclosure")
        row = self._texts.row(
            {
                "label": item.text,
                "hint": item.hint,
                "khaosat::label": getattr(item, "label", None),
                "khaosat::universe": getattr(item, "universe", None),
                "khaosat::unit": getattr(item, "unit", None),
                **self._message(item),
            },
            type=kind,
            name=item.id,
            required="yes" if getattr(item, "required", False) else None,
            khaosat__number=item.printed_number,
            khaosat__if_hidden=None if hidden is None else hidden.value,
            khaosat__disclosure=_unless_usual(disclosure, None if usual is None else usual.default),
        )
        return row | self._condition("relevant", item.show_if)

    def _own(self, item: Item) -> Row:
        """Write what only its kind has."""
        row: Row = {}
        if isinstance(item, SingleItem | MultiItem) and item.order is OptionOrder.RANDOM:
            row["parameters"] = "randomize=true"
        if isinstance(item, SingleItem) and item.stratum_check:
            row["khaosat::stratum_check"] = "yes"
        if isinstance(item, ScaleItem):
            row["khaosat::kind"] = "scale"
        if isinstance(item, DecimalItem | CalculationItem):
            row["khaosat::places"] = str(item.places)
        if isinstance(item, TextItem) and not item.short:
            row["appearance"] = "multiline"
        if isinstance(item, CalculationItem):
            row |= self._condition("calculation", item.value)
        return row

    def _answer(self, item: Item | GridRow) -> Row:
        """Write limits and constraints."""
        rules: tuple[Constraint, ...] = getattr(item, "constraints", ())
        hard = [rule.that for rule in rules if rule.severity is Severity.HARD]
        parts = [*limits_text(item), *(f"({to_xlsform(that, item.id)})" for that in hard)]
        row = {"constraint": " and ".join(parts)} if parts else {}
        if rules and not self._is_plain(rules, item.id):
            listed = [rule.model_dump(mode="json", exclude_defaults=True) for rule in rules]
            row["khaosat::constraints"] = json.dumps(listed, ensure_ascii=False)
        return row

    def _is_plain(self, rules: tuple[Constraint, ...], own: str) -> bool:
        """Tell whether XLSForm's own columns say everything about the constraints."""
        that = rules[0].that
        same = from_xlsform(to_xlsform(that, own), self._kinds, own) == that
        return len(rules) == 1 and rules[0].severity is Severity.HARD and same

    def _message(self, item: Item | GridRow) -> dict[str, Text | None]:
        rules: tuple[Constraint, ...] = getattr(item, "constraints", ())
        first = next((rule for rule in rules if rule.severity is Severity.HARD), None)
        return {} if first is None else {"constraint_message": first.message}

    def _line(self, item: SingleItem | MultiItem, code: str, specify: Specify) -> Row:
        shown = f"${{{item.id}}} = '{code}'"
        if isinstance(item, MultiItem):
            shown = f"selected(${{{item.id}}}, '{code}')"
        return self._texts.row(
            {"label": specify.text},
            type="text",
            name=specify_id(item.id, code),
            relevant=shown,
            constraint=f"string-length(.) <= {specify.max_length}",
            khaosat__role="specify",
        )


def _unless_usual(value: Disclosure | None, usual: Any) -> str | None:  # noqa: ANN401 (a default)
    return None if value is None or value is usual else value.value
