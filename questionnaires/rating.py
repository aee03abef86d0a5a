"""A respondent's form when sections repeat over the units that he or she rates.

The form is an ordinary questionnaire, so pages, paper, routing and checks need no case of their
own. It has no criteria: what is scored is each unit's answers under the ids of the base.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from questionnaires.answers import Answer, Answers
from questionnaires.errors import UnitsError
from questionnaires.expansion import RatedUnit, names_for, repeated
from questionnaires.questionnaire import Questionnaire
from questionnaires.tree import Section

__all__ = ["RatedUnit", "RatingForm", "rating_form"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingForm:
    """One respondent's form: ``questionnaire`` is what is asked about ``units``, written out."""

    base: Questionnaire
    units: tuple[RatedUnit, ...]
    questionnaire: Questionnaire

    def split(self, answers: Answers) -> tuple[tuple[RatedUnit, dict[str, Answer]], ...]:
        """Take the answers of a form apart by unit.

        Parameters
        ----------
        answers : answers by the ids of ``questionnaire``

        Returns
        -------
        tuple of (RatedUnit, dict)
            In the order of the units, answers by the ids of ``base``; those to what is asked once,
            such as the consent, go to each.
        """
        names = _base_names(self.base, len(self.units))
        shared = {name: answer for name, answer in answers.items() if name not in names}
        found = [dict(shared) for _ in self.units]
        for name, answer in answers.items():
            if name in names:
                number, own = names[name]
                found[number - 1][own] = answer
        return tuple(zip(self.units, found, strict=True))

    def joined(self, rated: Sequence[Answers]) -> dict[str, Answer]:
        """Put answers by unit together, as the form holds them; the reverse of `split`.

        Parameters
        ----------
        rated : answers by the ids of ``base``, one mapping a unit, in the order of the units

        Returns
        -------
        dict
            Answers by the ids of ``questionnaire``; what is asked once comes from the last unit.

        Raises
        ------
        UnitsError
            When there are not as many mappings as units.
        """
        if len(rated) != len(self.units):
            message = f"{len(rated)} sets of answers for {len(self.units)} units"
            raise UnitsError(f"{message}; give one a unit, empty where there is none")
        names = {pair: name for name, pair in _base_names(self.base, len(self.units)).items()}
        return {
            names.get((number, own), own): answer
            for number, answers in enumerate(rated, start=1)
            for own, answer in answers.items()
        }


def rating_form(questionnaire: Questionnaire, units: Sequence[RatedUnit]) -> RatingForm:
    """Write the form of one respondent out.

    Parameters
    ----------
    questionnaire : its sections may repeat over rated units
    units : the units that the respondent rates, in the order of asking

    Returns
    -------
    RatingForm
        Of the base alone where no section repeats, whatever the units.

    Raises
    ------
    UnitsError
        When there are no units or more than a section allows, or a unit comes twice or without
        a name.
    """
    _refuse_units(questionnaire, units)
    base = questionnaire
    if all(section.repeat is None for section in base.sections):
        return RatingForm(base=base, units=tuple(units), questionnaire=base)
    sections = tuple(part for section in base.sections for part in _written(section, units))
    changes = {
        "sections": sections,
        "criteria": (),
        "points_total": None,
        "blocks": (),
        "scoring": None,
    }
    return RatingForm(base=base, units=tuple(units), questionnaire=base.view(changes))


def _written(section: Section, units: Sequence[RatedUnit]) -> tuple[Section, ...]:
    return (section,) if section.repeat is None else repeated(section, units)


def _refuse_units(questionnaire: Questionnaire, units: Sequence[RatedUnit]) -> None:
    if not units:
        raise UnitsError("there is no unit to rate; give at least one")
    twice = [code for code, count in Counter(unit.code for unit in units).items() if count > 1]
    if twice:
        message = f"unit {twice[0]!r} is given {sum(unit.code == twice[0] for unit in units)} times"
        raise UnitsError(f"{message}; give each unit once")
    nameless = [unit.code for unit in units if not unit.name.strip()]
    if nameless:
        raise UnitsError(f"unit {nameless[0]!r} has no name; the questions need one")
    for section in questionnaire.sections:
        if section.repeat is not None and len(units) > section.repeat.most:
            message = f"{len(units)} units, but section {section.id} takes {section.repeat.most}"
            raise UnitsError(f"{message}; give fewer, or raise its most")


def _base_names(base: Questionnaire, count: int) -> Mapping[str, tuple[int, str]]:
    """Pair the ids of a form with the number of the unit and the id of the base."""
    return {
        new: (number, own)
        for section in base.sections
        if section.repeat is not None
        for number in range(1, count + 1)
        for own, new in names_for(section, number).items()
    }
