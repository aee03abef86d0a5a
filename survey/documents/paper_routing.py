"""Who skips what on paper: "chuyển đến câu 7" beside a box, "Chỉ trả lời nếu …" above a question.

A jump stands beside an option of a single choice when that answer alone closes what comes next. A
question that only such jumps lead past needs no sentence of its own; every other condition is said
where it holds, since nobody can be asked to remember answers pages back without being told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from questionnaires import Expression, NoteItem, Questionnaire, Section, SingleItem
from questionnaires.expressions import references
from questionnaires.questions import CalculationItem, GridItem, Item
from survey.documents.conditions import decided, instruction, is_closed

__all__ = ["Jump", "Place", "Routing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Something printed: an item, in the section it is printed under."""

    item: Item
    section: Section | None
    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """Where one answer leads: to a place, or to the end of the form where that is None."""

    target: Place | None
    leaves_section: bool


class Routing:
    """Places in printed order, the jumps between them and the sentences that are still needed.

    Parameters
    ----------
    questionnaire : Questionnaire
    facts : mapping
        What the register knows; what it closes has no place.
    """

    def __init__(self, questionnaire: Questionnaire, facts: Mapping[str, str]) -> None:
        self._questionnaire = questionnaire
        self._facts = facts

    def is_open(self, name: str) -> bool:
        """Say whether the facts leave an item, or a section by "§" and its id, to be asked."""
        return not is_closed(self._questionnaire.conditions.get(name), self._facts)

    def sentence(self, name: str) -> str | None:
        """Write the condition of an item, or of a section, unless jumps say it all."""
        if name in self._said_by_jumps:
            return None
        return self._sentence(name)

    def jump(self, item_id: str, code: str) -> Jump | None:
        """Tell where an option of a single choice leads, where that is not the next question."""
        return self._jumps.get((item_id, code))

    def _sentence(self, name: str) -> str | None:
        condition = self._questionnaire.conditions.get(name)
        return instruction(self._questionnaire, condition, self._facts)

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        first = self._questionnaire.consent
        opening = () if first is None else (Place(item=first, section=None, conditions=()),)
        return (*opening, *self._inside())

    def _inside(self) -> Iterator[Place]:
        conditions = self._questionnaire.conditions
        for section in self._questionnaire.sections:
            if not section.enabled or not self.is_open(f"§{section.id}"):
                continue
            for item in section.items:
                if isinstance(item, CalculationItem) or not self.is_open(item.id):
                    continue
                found = (conditions.get(f"§{section.id}"), conditions.get(item.id))
                needed = tuple(condition for condition in found if condition is not None)
                yield Place(item=item, section=section, conditions=needed)

    @cached_property
    def _jumps(self) -> Mapping[tuple[str, str], Jump]:
        found = {}
        for start, place in enumerate(self._places):
            for code in self._codes(start):
                end = self._next(start, code)
                if end > start + 1:
                    found[place.item.id, code] = self._jump_to(start, end, code)
        return found

    def _codes(self, start: int) -> tuple[str, ...]:
        """List the answers that can lead somewhere: of single choices, those that go on."""
        item = self._places[start].item
        if not isinstance(item, SingleItem):
            return ()
        options = self._questionnaire.options_of(item)
        return tuple(option.code for option in options if option.ends is None)

    def _next(self, start: int, code: str) -> int:
        """Return the index of the first place after ``start`` that the answer leaves open."""
        item_id = self._places[start].item.id
        values = dict(self._facts) | {item_id: code}
        end = start + 1
        while end < len(self._places) and self._is_shut(self._places[end], values):
            end += 1
        return end

    def _is_shut(self, place: Place, values: Mapping[str, str]) -> bool:
        if any(decided(condition, values) is False for condition in place.conditions):
            return True
        if not isinstance(place.item, GridItem):
            return False
        conditions = [self._questionnaire.conditions.get(row.id) for row in place.item.rows]
        return all(
            condition is not None and decided(condition, values) is False
            for condition in conditions
        )

    def _jump_to(self, start: int, end: int, code: str) -> Jump:
        """Name the first question at the end of a jump: a note has no number to look for."""
        values = dict(self._facts) | {self._places[start].item.id: code}
        rest = [place for place in self._places[end:] if not self._is_shut(place, values)]
        target = next((place for place in rest if not isinstance(place.item, NoteItem)), None)
        here, there = self._places[start].section, None if target is None else target.section
        return Jump(target=target, leaves_section=here is not there)

    @cached_property
    def _said_by_jumps(self) -> frozenset[str]:
        said: set[str] = set()
        for start, place in enumerate(self._places):
            if self._codes(start) and self._is_free(place.item.id, said):
                said |= self._past(start, said)
        return frozenset(said)

    def _is_free(self, name: str, said: set[str]) -> bool:
        """Say whether whoever comes by need not read a sentence first."""
        return name in said or self._sentence(name) is None

    def _past(self, start: int, said: set[str]) -> set[str]:
        """List what exactly the jumps from one question lead past, items and whole sections."""
        place = self._places[start]
        ends = {code: self._next(start, code) for code in self._codes(start)}
        leaves = place.section is None or self._is_free(f"§{place.section.id}", said)
        past: set[str] = set()
        for index in range(start + 1, max(ends.values())):
            elsewhere = self._places[index].section is not place.section
            if self._lands_between(start, index) or (elsewhere and not leaves):
                break
            passed = {code: end > index for code, end in ends.items()}
            names = self._names(index)
            past |= {name for name in names if self._decided(name, place.item.id, passed)}
        return past

    def _lands_between(self, start: int, index: int) -> bool:
        """Say whether a jump over the question at ``start`` lands before ``index`` is passed."""
        return any(
            start < self._next(before, code) <= index
            for before in range(start)
            for code in self._codes(before)
        )

    def _names(self, index: int) -> tuple[str, ...]:
        """Name an item, and its section where it is the first of one."""
        place, before = self._places[index], self._places[index - 1]
        assert place.section is not None  # noqa: S101 - only the consent stands outside, and first
        if before.section is place.section:
            return (place.item.id,)
        return (place.item.id, f"§{place.section.id}")

    def _decided(self, name: str, item_id: str, passed: Mapping[str, bool]) -> bool:
        """Say whether a condition is that of the jumps, answer by answer."""
        condition = self._questionnaire.conditions.get(name)
        if condition is None or not set(references(condition)) <= {item_id, *self._facts}:
            return False
        return all(
            decided(condition, dict(self._facts) | {item_id: code}) is (not over)
            for code, over in passed.items()
        )
