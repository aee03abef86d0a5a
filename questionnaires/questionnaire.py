"""`Questionnaire`: a sound definition with its look-ups and its fingerprint.

An object of this class is always sound: building one with a fault fails, whichever way it comes in.
What is derived is computed once and kept, because routing runs on every page.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from pydantic import PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from questionnaires.choices import KEYED_MISSING, MissingCode, Option
from questionnaires.errors import UnknownItemError
from questionnaires.expansion import PlainItem, expanded, in_force, specify_id
from questionnaires.expressions import Expression, Kind, parse, parse_value
from questionnaires.names import kinds_of
from questionnaires.questions import (
    CalculationItem,
    GridItem,
    MultiItem,
    NoteItem,
    Question,
    ScaleItem,
    SingleItem,
    WrittenItem,
)
from questionnaires.soundness import findings
from questionnaires.texts import Text, canonical_json, closest, text_in
from questionnaires.tree import Definition, Section

__all__ = ["WRITTEN_MISSING", "Questionnaire"]

WRITTEN_MISSING = "#"
"""Stands before a missing code where a number or text is expected: #95, unlike the age 95."""


class Questionnaire(Definition):
    """A questionnaire definition; frozen, sound, with an immutable version and a fingerprint."""

    _viewed: "Questionnaire | None" = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        found = findings(self)
        if found:
            listing = "; ".join(f"{finding.message} ({finding.remedy})" for finding in found)
            context = {"findings": found, "listing": listing}
            raise PydanticCustomError("unsound", "{listing}", context)
        return self

    def __hash__(self) -> int:
        return hash((self.id, self.version))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy with changes, checked again; pydantic's own copy would keep stale derived values.

        Parameters
        ----------
        update : fields to change, by name or alias
        deep : accepted for compatibility; the parts are frozen, so there is nothing to separate

        Returns
        -------
        Questionnaire

        Raises
        ------
        pydantic.ValidationError
            When the changed definition is not sound.
        """
        del deep
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate(fields | dict(update or {}), by_alias=True, by_name=True)

    @cached_property
    def canonical_json(self) -> str:
        """The definition as canonical JSON, without settings left at their default."""
        return canonical_json(self.model_dump(mode="json", by_alias=True, exclude_defaults=True))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits.

        It does not depend on key order, quoting, comments or layout of the file.
        """
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()

    @property
    def version_fingerprint(self) -> str:
        """The fingerprint of the definition that this is a view of, its own where it is none."""
        return self.fingerprint if self._viewed is None else self._viewed.version_fingerprint

    @cached_property
    def plain_sections(self) -> tuple[tuple[Section, tuple[PlainItem, ...]], ...]:
        """The sections that can be asked, each with its items once more, typed as written out."""
        pairs = ((section, expanded(section)) for section in self.sections if section.enabled)
        return tuple(
            (section.model_copy(update={"items": items}), items) for section, items in pairs
        )

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        """The section of each item that can be asked, by the item's id; the consent has none."""
        return MappingProxyType(
            {item.id: section for section, items in self.plain_sections for item in items}
        )

    @cached_property
    def enabled_sections(self) -> tuple[Section, ...]:
        """The sections that can be asked, with grids and lines beside options written out."""
        return tuple(section for section, _ in self.plain_sections)

    @cached_property
    def items(self) -> tuple[Question | NoteItem, ...]:
        """All items that can be shown, in order, the consent question first, notes included."""
        first = () if self.consent is None else (self.consent,)
        inside = (item for _, items in self.plain_sections for item in items)
        return (*first, *(item for item in inside if not isinstance(item, CalculationItem)))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The items that take an answer, in order, the consent question first."""
        return tuple(item for item in self.items if not isinstance(item, NoteItem))

    @cached_property
    def calculations(self) -> tuple[CalculationItem, ...]:
        """The numbers computed from answers, in order."""
        inside = (item for _, items in self.plain_sections for item in items)
        return tuple(item for item in inside if isinstance(item, CalculationItem))

    @cached_property
    def questions_by_id(self) -> Mapping[str, Question]:
        """The items that take an answer, by id, in order."""
        return MappingProxyType({item.id: item for item in self.questions})

    @cached_property
    def stratum_item(self) -> SingleItem | None:
        """The item whose answer must equal the invitation's respondent group."""
        items = (item for item in self.questions if isinstance(item, SingleItem))
        return next((item for item in items if item.stratum_check), None)

    @cached_property
    def points(self) -> Mapping[str, Decimal]:
        """Points by item id, in the order of the criteria."""
        return MappingProxyType(
            {part.item: part.points for criterion in self.criteria for part in criterion.items}
        )

    @cached_property
    def scored_items(self) -> tuple[ScaleItem, ...]:
        """The items that bring points, in the order they are asked."""
        items = (item for item in self.questions if isinstance(item, ScaleItem))
        return tuple(item for item in items if item.id in self.points)

    @cached_property
    def conditions(self) -> Mapping[str, Expression]:
        """Parsed ``show_if`` of sections, items and calculations, by id; sections begin with §."""
        texts = {f"§{section.id}": section.show_if for section in self.enabled_sections}
        texts |= {item.id: item.show_if for item in (*self.items, *self.calculations)}
        return MappingProxyType(
            {name: parse(text, self._kinds) for name, text in texts.items() if text is not None}
        )

    @cached_property
    def constraints(self) -> Mapping[str, tuple[Expression, ...]]:
        """Parsed constraints of the questions that have any, by id, in their order."""
        return MappingProxyType(
            {
                item.id: tuple(parse(rule.that, self._kinds) for rule in item.constraints)
                for item in self.questions
                if item.constraints
            }
        )

    @cached_property
    def formulas(self) -> Mapping[str, Expression]:
        """Parsed values of the calculations, by id, in their order."""
        return MappingProxyType(
            {item.id: parse_value(item.value, self._kinds) for item in self.calculations}
        )

    @cached_property
    def _kinds(self) -> Mapping[str, Kind]:
        return kinds_of((*self.questions, *self.calculations), self.facts)

    @cached_property
    def grid_rows(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the rows by the id of their grid, in order, disabled sections included."""
        items = (item for section in self.sections for item in section.items)
        return MappingProxyType(
            {
                item.id: tuple(row.id for row in item.rows)
                for item in items
                if isinstance(item, GridItem)
            }
        )

    @cached_property
    def specified(self) -> Mapping[str, tuple[str, str]]:
        """Question and code by the id of the line to write on beside that option."""
        items = (item for section in self.sections for item in section.items)
        return MappingProxyType(
            {
                specify_id(item.id, option.code): (item.id, option.code)
                for item in items
                if isinstance(item, SingleItem | MultiItem)
                for option in item.options
                if option.specify is not None
            }
        )

    @cached_property
    def _stems(self) -> Mapping[str, Text]:
        rows = (
            (self.item(grid).text, row) for grid in self.grid_rows for row in self.grid_rows[grid]
        )
        return {row: text for text, row in rows}

    def stem_of(self, item_id: str) -> Text | None:
        """Give the stem of the grid that an item is a row of.

        Parameters
        ----------
        item_id : any item id

        Returns
        -------
        text or None
            None for what is no row; choose the wording with `text_in`.
        """
        return self._stems.get(item_id)

    @cached_property
    def _by_id(self) -> Mapping[str, Question | NoteItem]:
        first = () if self.consent is None else (self.consent,)
        inside = (item for section in self.sections for item in expanded(section))
        shown = (item for item in inside if not isinstance(item, CalculationItem))
        return {item.id: item for item in (*first, *shown)}

    def item(self, item_id: str) -> Question | NoteItem:
        """Find an item, in disabled sections too.

        Parameters
        ----------
        item_id : such as "Q02a"

        Returns
        -------
        one of the item kinds

        Raises
        ------
        UnknownItemError
            When the questionnaire has no such item; names the nearest id.
        """
        try:
            return self._by_id[item_id]
        except KeyError:
            close = closest(item_id, list(self._by_id))
            hint = f"; did you mean {close!r}?" if close else ""
            message = f"questionnaire {self.id} {self.version} has no item {item_id!r}{hint}"
            raise UnknownItemError(message) from None

    def number_of(self, item_id: str) -> str:
        """Give the number printed before an item, or its id where none is set."""
        return self.item(item_id).printed_number or item_id

    def options_of(self, item: Question | NoteItem) -> tuple[Option, ...]:
        """List what a respondent may choose: the options, then the special codes 97 and 99.

        Parameters
        ----------
        item : an item of this questionnaire

        Returns
        -------
        tuple of Option
            Empty for numbers, texts and notes.
        """
        if isinstance(item, ScaleItem):
            scale = self.scales[item.scale]
            return scale.options + scale.special
        if isinstance(item, SingleItem | MultiItem):
            return item.options + item.special
        return ()

    def keying_codes(self, item: Question | NoteItem) -> tuple[str, ...]:
        """List the codes a clerk may key: the options, then 94, 95, 97, 98 and 99.

        Where a number or a text is written, a missing code stands after "#" ("#95"), so that an
        illegible age and the age 95 stay apart.

        Parameters
        ----------
        item : an item of this questionnaire

        Returns
        -------
        tuple of str
            Empty for notes.
        """
        if isinstance(item, NoteItem):
            return ()
        if isinstance(item, WrittenItem):
            return tuple(f"{WRITTEN_MISSING}{code.value}" for code in KEYED_MISSING)
        reserved = [code.value for code in KEYED_MISSING]
        own = [option.code for option in self.options_of(item) if option.code not in reserved]
        return (*own, *reserved)

    def missing_code(self, item: Question, answer: object) -> MissingCode | None:
        """Tell which missing code an answer is.

        Parameters
        ----------
        item : the question
        answer : its answer, of any form

        Returns
        -------
        MissingCode or None
            None where the answer is a real one.
        """
        if isinstance(answer, tuple):
            answer = answer[0] if len(answer) == 1 else None
        if not isinstance(answer, str):
            return None
        if isinstance(item, WrittenItem):
            if not answer.startswith(WRITTEN_MISSING):
                return None
            answer = answer.removeprefix(WRITTEN_MISSING)
        return next((code for code in MissingCode if code.value == answer), None)

    def as_of(self, day: dt.date) -> "Questionnaire":
        """Leave out the options that are not offered on a day.

        Parameters
        ----------
        day : usually the first day of the fieldwork

        Returns
        -------
        Questionnaire
            This one where every option is offered; otherwise a view of it, to be asked and not to
            be stored: a condition may name a code that is not offered that day, which the checks
            of a definition would refuse.
        """
        changes = in_force(self, day)
        same = all(getattr(self, name) == value for name, value in changes.items())
        return self if same else self.view(changes)

    def view(self, changes: Mapping[str, Any]) -> "Questionnaire":
        """Copy with changes that follow from this sound definition and are not checked again.

        Parameters
        ----------
        changes : fields by name

        Returns
        -------
        Questionnaire
            To be asked, not to be stored. It has a fingerprint of its own, since it is another
            form to draw; what names the version says `version_fingerprint`.
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        made = Questionnaire.model_construct(**(fields | dict(changes)))
        made._viewed = self  # noqa: SLF001 - of the same class
        return made

    def text_in(self, value: str | Mapping[str, str], language: str) -> str:
        """Choose the wording of one of this document's texts, else in the document's language."""
        return text_in(value, language, self.language)
