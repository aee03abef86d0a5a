"""Checks of option lists: codes, endings, lines to write on and the days options are offered.

Every list keeps at least two options on every day, since a question with one answer asks nothing.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from questionnaires.choices import MissingCode, Option
from questionnaires.expansion import is_offered
from questionnaires.findings import Finding, Path, repeated_values, written_items
from questionnaires.questions import MultiItem, SingleItem
from questionnaires.tree import Definition

__all__ = ["option_findings"]

_RESERVED: Final = frozenset(MissingCode)
_SHOWN_SPECIAL: Final = frozenset({MissingCode.NOT_APPLICABLE, MissingCode.DONT_KNOW})
_ONE_DAY: Final = dt.timedelta(days=1)
_WINDOW: Final = ("valid_from", "valid_until")


_Refused: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _OptionList:
    """Options with what their place allows; ``refused`` names settings and where they belong."""

    path: Path
    options: tuple[Option, ...]
    refused: _Refused

    @property
    def is_special(self) -> bool:
        return self.path[-1] == "special"


_ENDS: Final = ("ends", "ends belongs to the options of a single item")
_SPECIFY: Final = ("specify", "specify belongs to the options of single and multi items")
_DAYS: Final = tuple((name, "only answers that people choose come and go") for name in _WINDOW)
_CONSENT: Final = ("specify", "ask in a question of its own; the consent has no line to write on")


def option_findings(definition: Definition) -> Iterator[Finding]:
    """Check every list of options."""
    for options in _option_lists(definition):
        yield from _codes(options)
        yield from _settings(options)
        yield from _windows(options)


def _option_lists(definition: Definition) -> Iterator[_OptionList]:
    refused, special = (_ENDS, _SPECIFY), (_ENDS, _SPECIFY, *_DAYS)
    for name, scale in definition.scales.items():
        path: Path = ("scales", name)
        yield _OptionList(path=(*path, "options"), options=scale.options, refused=refused)
        yield _OptionList(path=(*path, "special"), options=scale.special, refused=special)
    for n, fact in enumerate(definition.facts):
        path = ("facts", n, "options")
        yield _OptionList(path=path, options=fact.options, refused=special)
    for path, item, section in written_items(definition):
        if isinstance(item, SingleItem | MultiItem):
            own: _Refused = () if isinstance(item, SingleItem) else (_ENDS,)
            if section is None:
                own = (*own, _CONSENT, *_DAYS)
            yield _OptionList(path=(*path, "options"), options=item.options, refused=own)
            yield _OptionList(path=(*path, "special"), options=item.special, refused=special)


def _codes(listed: _OptionList) -> Iterator[Finding]:
    codes = (((*listed.path, n, "code"), option.code) for n, option in enumerate(listed.options))
    yield from repeated_values(codes, what="code")
    for n, option in enumerate(listed.options):
        at = (*listed.path, n, "code")
        if listed.is_special and option.code not in _SHOWN_SPECIAL:
            message = f"code {option.code!r} is not one that a respondent is shown as special"
            remedy = "only 97 and 99 are; 94, 95 and 98 are for keying, 96 follows from routing"
            yield Finding(path=at, message=message, remedy=remedy)
        if not listed.is_special and option.code in _RESERVED:
            message = f"code {option.code!r} is reserved for missing answers"
            yield Finding(path=at, message=message, remedy="use another code, 94 to 99 are taken")


def _settings(listed: _OptionList) -> Iterator[Finding]:
    for n, option in enumerate(listed.options):
        for name, remedy in listed.refused:
            if getattr(option, name) is not None:
                says = "ends the questionnaire" if name == "ends" else f"has {name}"
                message = f"option {option.code!r} {says}"
                yield Finding(path=(*listed.path, n, name), message=message, remedy=remedy)
        if option.ends is not None and option.specify is not None:
            message = f"option {option.code!r} ends the questionnaire before its line is shown"
            remedy = "remove specify, or ask before the question that ends"
            yield Finding(path=(*listed.path, n, "specify"), message=message, remedy=remedy)


def _windows(listed: _OptionList) -> Iterator[Finding]:
    for n, option in enumerate(listed.options):
        first, last = option.valid_from, option.valid_until
        if first is not None and last is not None and first > last:
            message = f"option {option.code!r} is offered from {first} until {last}, on no day"
            yield Finding(path=(*listed.path, n, "valid_from"), message=message, remedy="swap them")
    thin = None if listed.is_special else _thin_day(listed.options)
    if thin is not None:
        day, count = thin
        message = f"on {day} only {count} of the {len(listed.options)} options are offered"
        remedy = "let the windows leave at least two options on every day"
        yield Finding(path=listed.path, message=message, remedy=remedy)


def _thin_day(options: tuple[Option, ...]) -> tuple[dt.date, int] | None:
    """Find the first day with fewer than two options; the number changes on few days only."""
    starts = {option.valid_from for option in options if option.valid_from is not None}
    ends = {option.valid_until for option in options if option.valid_until is not None}
    if not starts and not ends:
        return None
    days = starts | {end + _ONE_DAY for end in ends if end < dt.date.max} | {dt.date.min}
    for day in sorted(days):
        count = sum(is_offered(option, day) for option in options)
        if count < 2:
            return day, count
    return None
