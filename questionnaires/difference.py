"""What changed between two versions of a questionnaire, as whoever compares their answers sees it.

Only what the respondent read counts as meaning: the wording in the document's language, with case,
spaces and punctuation set aside. Whether a new wording still asks the same is for a person to
judge, so it is reported as a changed meaning and never passed over.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from questionnaires.choices import Option
from questionnaires.codebook import asked_if
from questionnaires.expressions import to_text
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import (
    CalculationItem,
    DateItem,
    DecimalItem,
    IntegerItem,
    MultiItem,
    NoteItem,
    Question,
    SingleItem,
    TextItem,
)
from questionnaires.texts import Text, text_in

__all__ = ["Change", "Comparability", "Comparison", "ItemComparison", "Kind", "compare"]


class Kind(StrEnum):
    """What a change means for analysis, from the lightest to the gravest."""

    LABEL_ONLY = "label_only"
    MOVED = "moved"
    SCORING_CHANGED = "scoring_changed"
    CHECKS_CHANGED = "checks_changed"
    OPTIONS_ADDED = "options_added"
    OPTIONS_REMOVED = "options_removed"
    RANGE_CHANGED = "range_changed"
    ASKED_OF_OTHERS = "asked_of_others"
    MEANING_CHANGED = "meaning_changed"
    ADDED = "added"
    REMOVED = "removed"


class Comparability(StrEnum):
    """How far the answers given under two versions can be laid side by side."""

    FULL = "full"
    IN_COMMON = "in_common"
    """Only for the options, values and people that both versions have."""

    NONE = "none"


_COMPARABLE: Mapping[Kind, Comparability] = {
    Kind.LABEL_ONLY: Comparability.FULL,
    Kind.MOVED: Comparability.FULL,
    Kind.SCORING_CHANGED: Comparability.FULL,
    Kind.CHECKS_CHANGED: Comparability.FULL,
    Kind.OPTIONS_ADDED: Comparability.IN_COMMON,
    Kind.OPTIONS_REMOVED: Comparability.IN_COMMON,
    Kind.RANGE_CHANGED: Comparability.IN_COMMON,
    Kind.ASKED_OF_OTHERS: Comparability.IN_COMMON,
    Kind.MEANING_CHANGED: Comparability.NONE,
    Kind.ADDED: Comparability.NONE,
    Kind.REMOVED: Comparability.NONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of an item: what it means, where it is, and both versions of it."""

    kind: Kind
    place: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemComparison:
    """One item in two versions; without changes its answers are the same measurement."""

    item: str
    changes: tuple[Change, ...]

    @property
    def comparability(self) -> Comparability:
        """The comparability that all changes leave."""
        left = {_COMPARABLE[change.kind] for change in self.changes}
        order = (Comparability.NONE, Comparability.IN_COMMON)
        return next((each for each in order if each in left), Comparability.FULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions of a questionnaire.

    ``document`` holds changes that belong to no item; ``items`` every item of either version, in
    the order of the new one, removed items last.
    """

    old: str
    new: str
    document: tuple[Change, ...]
    items: tuple[ItemComparison, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing changed that anybody reads or computes with."""
        return not self.document and not any(item.changes for item in self.items)

    def having(self, comparability: Comparability) -> tuple[str, ...]:
        """List the items whose answers are comparable in one degree, in order."""
        return tuple(item.item for item in self.items if item.comparability is comparability)


def compare(old: Questionnaire, new: Questionnaire) -> Comparison:
    """Compare two versions for analysis.

    Parameters
    ----------
    old, new : Questionnaire
        Grids count row by row and lines beside options as items of their own.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> from questionnaires.library import shipped
    >>> same = shipped("officials_par")
    >>> compare(same, same).is_same
    True
    """
    before = {item.id: item for item in (*old.questions, *old.calculations)}
    after = {item.id: item for item in (*new.questions, *new.calculations)}
    order = [*after, *(name for name in before if name not in after)]
    moved = _moved(list(before), list(after))
    return Comparison(
        old=f"{old.id} {old.version}",
        new=f"{new.id} {new.version}",
        document=tuple(_of_document(old, new)),
        items=tuple(
            ItemComparison(
                item=name,
                changes=tuple(
                    _of_item(_Side(old, before.get(name)), _Side(new, after.get(name)), name)
                )
                + ((moved[name],) if name in moved else ()),
            )
            for name in order
        ),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """An item in the version that it belongs to."""

    questionnaire: Questionnaire
    item: Question | CalculationItem | None

    def words(self, text: Text | None) -> str:
        """Give a text in the document's language, "" for none."""
        if text is None:
            return ""
        language = self.questionnaire.language
        return text_in(text, language, language)

    @property
    def options(self) -> Mapping[str, Option]:
        """The options by code, special codes too."""
        if self.item is None or isinstance(self.item, CalculationItem):
            return {}
        return {option.code: option for option in self.questionnaire.options_of(self.item)}


def _of_item(old: _Side, new: _Side, name: str) -> Iterator[Change]:
    if old.item is None or new.item is None:
        side, kind = (new, Kind.ADDED) if old.item is None else (old, Kind.REMOVED)
        assert side.item is not None  # noqa: S101 (the name comes from one of the two)
        text = side.words(side.item.text)
        given = ("", text) if kind is Kind.ADDED else (text, "")
        yield Change(kind=kind, place="item", old=given[0], new=given[1])
        return
    if old.item.type != new.item.type:
        yield Change(kind=Kind.MEANING_CHANGED, place="type", old=old.item.type, new=new.item.type)
    stems = [side.words(side.questionnaire.stem_of(name)) for side in (old, new)]
    yield from _wording("stem", stems[0], stems[1])
    above = [_instructions(side, name) for side in (old, new)]
    yield from _wording("instructions", above[0], above[1])
    yield from _wording("text", old.words(old.item.text), new.words(new.item.text))
    for place in ("hint", "label", "universe", "printed_number"):
        texts = [side.words(getattr(side.item, place)) for side in (old, new)]
        if texts[0] != texts[1]:
            yield Change(kind=Kind.LABEL_ONLY, place=place, old=texts[0], new=texts[1])
    yield from _of_translations(old, new)
    yield from _of_options(old, new)
    yield from _of_settings(old.item, new.item)
    yield from _of_conditions(old, new, name)
    yield from _of_points(old, new, name)


def _of_translations(old: _Side, new: _Side) -> Iterator[Change]:
    """Report wordings in other languages; they are labels where the document's own stays."""
    texts = [side.item.text if side.item is not None else "" for side in (old, new)]
    if isinstance(texts[0], str) and isinstance(texts[1], str):
        return
    both = [_translations(text, side) for text, side in zip(texts, (old, new), strict=True)]
    for tag in sorted({*both[0], *both[1]}):
        one, other = both[0].get(tag, ""), both[1].get(tag, "")
        if one != other:
            yield Change(kind=Kind.LABEL_ONLY, place=f"text[{tag}]", old=one, new=other)


def _translations(text: Text, side: _Side) -> dict[str, str]:
    if isinstance(text, str):
        return {}
    return {tag: words for tag, words in text.items() if tag != side.questionnaire.language}


def _instructions(side: _Side, name: str) -> str:
    """Give what is said above all questions of an item's section; it is often their stem."""
    section = side.questionnaire.section_of.get(name)
    return "" if section is None else side.words(section.instructions)


_MARKS = re.compile(r"[\s.,;:!?…\"'“”‘’()\[\]–—-]+")


def _plain(words: str) -> str:
    """Set case, spaces and punctuation aside."""
    return _MARKS.sub(" ", words).strip().casefold()


def _wording(place: str, old: str, new: str) -> Iterator[Change]:
    if old == new:
        return
    kind = Kind.LABEL_ONLY if _plain(old) == _plain(new) else Kind.MEANING_CHANGED
    yield Change(kind=kind, place=place, old=old, new=new)


def _of_options(old: _Side, new: _Side) -> Iterator[Change]:
    before, after = old.options, new.options
    for code in (code for code in after if code not in before):
        words = new.words(after[code].text)
        yield Change(kind=Kind.OPTIONS_ADDED, place=f"option {code}", old="", new=words)
    for code in (code for code in before if code not in after):
        words = old.words(before[code].text)
        yield Change(kind=Kind.OPTIONS_REMOVED, place=f"option {code}", old=words, new="")
    common = [code for code in before if code in after]
    for code in common:
        texts = old.words(before[code].text), new.words(after[code].text)
        yield from _wording(f"option {code}", *texts)
        one, other = before[code], after[code]
        yield from _setting(Kind.ASKED_OF_OTHERS, f"option {code}, ends", one.ends, other.ends)
        days = [_days(option) for option in (one, other)]
        yield from _setting(Kind.ASKED_OF_OTHERS, f"option {code}, days", *days)
        yield from _setting(Kind.LABEL_ONLY, f"option {code}, last", one.last, other.last)
    order = [code for code in after if code in before]
    if common != order:
        yield Change(
            kind=Kind.LABEL_ONLY,
            place="order of options",
            old=" ".join(common),
            new=" ".join(order),
        )


def _days(option: Option) -> str:
    """Write the days on which an option is offered, nothing for all."""
    days = [day.isoformat() if day else "" for day in (option.valid_from, option.valid_until)]
    return " – ".join(days) if any(days) else ""


def _of_settings(
    old: Question | CalculationItem, new: Question | CalculationItem
) -> Iterator[Change]:
    """Report what bounds an answer, and what checks it."""
    bounds = {
        IntegerItem: ("min", "max"),
        DecimalItem: ("min", "max", "places"),
        DateItem: ("min", "max"),
        TextItem: ("max_length",),
        MultiItem: ("max_choices",),
    }
    if type(old) is type(new):
        for place in bounds.get(type(new), ()):
            yield from _setting(Kind.RANGE_CHANGED, place, getattr(old, place), getattr(new, place))
        if isinstance(old, MultiItem) and isinstance(new, MultiItem):
            exclusive = " ".join(sorted(old.exclusive)), " ".join(sorted(new.exclusive))
            yield from _setting(Kind.CHECKS_CHANGED, "exclusive", *exclusive)
        if isinstance(old, SingleItem | MultiItem) and isinstance(new, SingleItem | MultiItem):
            yield from _setting(Kind.LABEL_ONLY, "order", old.order, new.order)
    units = [getattr(item, "unit", None) for item in (old, new)]
    if units[0] != units[1]:
        yield from _setting(Kind.MEANING_CHANGED, "unit", units[0], units[1])
    yield from _setting(Kind.CHECKS_CHANGED, "required", old.required, new.required)


def _setting(kind: Kind, place: str, old: object, new: object) -> Iterator[Change]:
    if old != new:
        shown = ["" if value is None else str(value) for value in (old, new)]
        yield Change(kind=kind, place=place, old=shown[0], new=shown[1])


def _of_conditions(old: _Side, new: _Side, name: str) -> Iterator[Change]:
    """Report who is asked, as trees: another layout of the same condition is no change."""
    shown = [asked_if(side.questionnaire, name) for side in (old, new)]
    yield from _setting(Kind.ASKED_OF_OTHERS, "show_if", *shown)
    checks = [
        "; ".join(to_text(tree) for tree in side.questionnaire.constraints.get(name, ()))
        for side in (old, new)
    ]
    yield from _setting(Kind.CHECKS_CHANGED, "constraints", *checks)
    formulas = [_formula_of(side.questionnaire, name) for side in (old, new)]
    yield from _setting(Kind.MEANING_CHANGED, "value", *formulas)


def _formula_of(questionnaire: Questionnaire, name: str) -> str:
    tree = questionnaire.formulas.get(name)
    return "" if tree is None else to_text(tree)


def _of_points(old: _Side, new: _Side, name: str) -> Iterator[Change]:
    points = [side.questionnaire.points.get(name) for side in (old, new)]
    yield from _setting(Kind.SCORING_CHANGED, "points", *points)
    hidden = [getattr(side.item, "if_hidden", None) for side in (old, new)]
    yield from _setting(Kind.SCORING_CHANGED, "if_hidden", *hidden)
    factors = [_factors_of(side.questionnaire, name) for side in (old, new)]
    yield from _setting(Kind.SCORING_CHANGED, "factors", *factors)


def _factors_of(questionnaire: Questionnaire, name: str) -> str:
    """Name the criterion and the factors that an item counts in; a grid stands for its rows."""
    rows = questionnaire.grid_rows
    counts = [
        f"{block.id}/{factor.id}"
        for block in questionnaire.blocks
        for factor in block.factors
        if any(name in rows.get(item, (item,)) for item in factor.items)
    ]
    parts = ((each.code, part.item) for each in questionnaire.criteria for part in each.items)
    return ", ".join([*(code for code, item in parts if item == name), *counts])


def _of_document(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    if old.id != new.id:
        yield Change(kind=Kind.MEANING_CHANGED, place="id", old=old.id, new=new.id)
    sides = _Side(old, None), _Side(new, None)
    read = [dict(_read_around(side)) for side in sides]
    for place in dict.fromkeys((*read[0], *read[1])):
        yield from _wording(place, read[0].get(place, ""), read[1].get(place, ""))
    periods = [_period(side) for side in sides]
    yield from _setting(Kind.MEANING_CHANGED, "reference_period", *periods)
    for name in sorted(old.value_maps.keys() & new.value_maps.keys()):
        maps = [
            ", ".join(f"{code}={value}" for code, value in sorted(side.value_maps[name].items()))
            for side in (old, new)
        ]
        yield from _setting(Kind.SCORING_CHANGED, f"value_maps.{name}", *maps)
    scoring = [
        ""
        if side.scoring is None
        else f"{side.scoring.value_map}, {side.scoring.min_answered_share}"
        for side in (old, new)
    ]
    yield from _setting(Kind.SCORING_CHANGED, "scoring", *scoring)


def _read_around(side: _Side) -> Iterator[tuple[str, str]]:
    """List what respondents read that belongs to no question, by its place."""
    about = side.questionnaire
    yield "title", side.words(about.title)
    yield "subtitle", side.words(about.subtitle)
    for n, paragraph in enumerate(about.intro, start=1):
        yield f"intro {n}", side.words(paragraph.text)
    for section, items in about.plain_sections:
        yield f"section {section.id}", side.words(section.title)
        yield f"section {section.id}, disclosure_note", side.words(section.disclosure_note)
        for item in items:
            if isinstance(item, NoteItem) and item.id not in about.grid_rows:
                yield f"note {item.id}", side.words(item.text)


def _period(side: _Side) -> str:
    period = side.questionnaire.reference_period
    return "" if period is None else f"{period.first} – {period.last}"


def _moved(before: Sequence[str], after: Sequence[str]) -> dict[str, Change]:
    """Find the items that no longer stand in the order of the others, as few as explain it."""
    common = [name for name in before if name in set(after)]
    position = {name: n for n, name in enumerate(after)}
    kept = set(_longest_rising(common, position))
    return {
        name: Change(
            kind=Kind.MOVED,
            place="position",
            old=str(before.index(name) + 1),
            new=str(position[name] + 1),
        )
        for name in common
        if name not in kept
    }


def _longest_rising(names: Sequence[str], position: Mapping[str, int]) -> list[str]:
    """Find a longest subsequence whose new positions rise (quadratic; questionnaires are short)."""
    best: list[list[str]] = []
    for name in names:
        before = (run for run in best if position[run[-1]] < position[name])
        best.append([*max(before, key=len, default=[]), name])
    return max(best, key=len, default=[])
