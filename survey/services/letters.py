"""The letters of a round by unit, as files to sign and send; nothing is stored or sent.

Downloading a letter is no event: it changes nothing, and what it says is the register's and the
plan's, which have events of their own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy.orm import Session

from sampling import Selection
from survey.documents.letters_docx import (
    Reminded,
    UnitLetter,
    certificate_letter,
    reminder_letter,
    request_letter,
)
from survey.documents.staff_list_xlsx import staff_list_template
from survey.errors import NotFoundError, NotReadyError
from survey.queries.units import strata_by_round_unit, units_in_order
from survey.records.rounds import Round
from survey.records.units import RoundUnit, Stratum
from survey.rules.lifecycle import RoundState
from survey.rules.plan_table import PlanTable, PlanUnit
from survey.services.plan import plan_table

__all__ = ["LetterFile", "UnitLetters", "letters_of", "units_with_letters", "zipped"]

_NOT_IN_FILE_NAMES = re.compile(r"[^\w-]")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_BEFORE_ANSWERS_END = (RoundState.DRAFT, RoundState.OPEN, RoundState.CLOSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFile:
    """A file to hand over."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLetters:
    """A unit that gets letters."""

    round_unit_id: str
    code: str
    name: str
    unit_group: str
    reminded: Reminded | None
    """What a reminder would be about; None where nothing is outstanding."""

    has_certificate: bool


def units_with_letters(session: Session, round_: Round) -> list[UnitLetters]:
    """List the units in which anybody is to be asked.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    list of UnitLetters
        In the order of the register; empty before the register.
    """
    planned, _ = _planned(session, round_)
    return [
        UnitLetters(
            round_unit_id=unit.id,
            code=unit.unit.code,
            name=unit.unit.name,
            unit_group=unit.unit_group,
            reminded=_reminded(round_, unit, planned.get(unit.id)),
            has_certificate=_certifies(planned.get(unit.id)),
        )
        for unit in _asked(session, round_)
    ]


def letters_of(
    session: Session, round_: Round, *, unit_code: str | None = None, day: date | None = None
) -> list[LetterFile]:
    """Draw all letters of a round, or of one unit.

    For each unit the request with its template; the reminder of what is outstanding; and the
    certificate, where the unit applies drawn positions itself.

    Parameters
    ----------
    session : Session
    round_ : Round
    unit_code : str, optional
    day : date, optional
        Of signing; dots where it is not known yet.

    Returns
    -------
    list of LetterFile

    Raises
    ------
    NotFoundError
        Nobody is asked in a unit of this code.
    """
    strata = strata_by_round_unit(session, round_.id)
    planned, table = _planned(session, round_)
    chosen = [u for u in _asked(session, round_) if unit_code in (None, u.unit.code)]
    if unit_code is not None and not chosen:
        raise NotFoundError(what="unit of a round", key=unit_code)
    digest = table.digest if table else ""
    return [
        file
        for unit in chosen
        for file in _files(
            round_, unit, strata.get(unit.id, []), (planned.get(unit.id), digest), day
        )
    ]


def zipped(files: Sequence[LetterFile]) -> bytes:
    """Pack files into one archive whose bytes depend on nothing but them."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(ZipInfo(file.name, _ZIP_TIME), file.content, ZIP_DEFLATED)
    return target.getvalue()


def _files(
    round_: Round,
    unit: RoundUnit,
    strata: Sequence[Stratum],
    planned: tuple[PlanUnit | None, str],
    day: date | None,
) -> Iterator[LetterFile]:
    """Draw the letters of one unit."""
    document, code = round_.declared, unit.unit.code
    stem = _NOT_IN_FILE_NAMES.sub("-", code)
    quotas = document.unit_group(unit.unit_group).quotas
    groups = [g.code for g in document.respondent_groups if quotas.get(g.code)]
    letter = UnitLetter(
        document=document,
        unit_name=unit.unit.name,
        groups=groups,
        day=day,
        simulated=round_.simulated,
    )
    template = f"{stem}-mau-danh-sach.xlsx"
    yield LetterFile(
        name=f"{stem}-de-nghi-danh-sach.docx",
        content=request_letter(letter, attachment=template),
    )
    known = {stratum.respondent_group: stratum.population for stratum in strata}
    populations = {group: known[group] for group in groups if group in known}
    yield LetterFile(
        name=template,
        content=staff_list_template(
            document, code=code, name=unit.unit.name, populations=populations
        ),
    )
    part, digest = planned
    reminded = _reminded(round_, unit, part)
    if reminded is not None:
        yield LetterFile(name=f"{stem}-don-doc.docx", content=reminder_letter(letter, reminded))
    if part is not None and _certifies(part):
        yield LetterFile(
            name=f"{stem}-xac-nhan.docx",
            content=certificate_letter(letter, part, plan_digest=digest),
        )


def _asked(session: Session, round_: Round) -> list[RoundUnit]:
    """List the units whose group has a quota."""
    document = round_.declared
    return [
        unit
        for unit in units_in_order(session, round_.id)
        if any(document.unit_group(unit.unit_group).quotas.values())
    ]


def _planned(session: Session, round_: Round) -> tuple[Mapping[str, PlanUnit], PlanTable | None]:
    """Lay the plan out by round unit, where one was drawn."""
    try:
        table = plan_table(session, round_)
    except NotReadyError:
        return {}, None
    return {unit.round_unit_id: unit for group in table.groups for unit in group.units}, table


def _reminded(round_: Round, unit: RoundUnit, part: PlanUnit | None) -> Reminded | None:
    """Say what is outstanding: the list before the draw, the certificate after it, then forms."""
    if round_.state not in _BEFORE_ANSWERS_END:
        return None
    if part is None:
        has_sent_names = unit.selection is Selection.LIST
        return None if has_sent_names else Reminded.STAFF_LIST
    if part.needs_certificate and not part.certified:
        return Reminded.CERTIFICATE
    asking = round_.state is RoundState.OPEN and part.total.size > 0
    return Reminded.FORMS if asking else None


def _certifies(part: PlanUnit | None) -> bool:
    """Say whether the unit applies drawn positions itself."""
    return part is not None and part.needs_certificate
