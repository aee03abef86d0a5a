"""Rounds: read from their document, created as drafts, found again.

A round keeps its whole document and the fingerprint of its questionnaire, so that a file changed
on disk later changes nothing that was declared.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError
from sqlalchemy.orm import Session

from questionnaires import (
    DefinitionError,
    MultiItem,
    Questionnaire,
    SingleItem,
    questionnaire_from_json,
    read_questionnaire,
    to_canonical_json,
)
from questionnaires.library import SHIPPED, SHIPPED_PREFIX, shipped
from survey.errors import NotFoundError, RefusedInputError
from survey.queries.rounds import all_rounds, locked_round, questionnaire_text, round_with_code
from survey.records.rounds import QuestionnaireVersion, Round
from survey.rules.ballots import ballot_size
from survey.rules.facts import AREA, KNOWN_FACTS
from survey.rules.faults import Fault
from survey.rules.lifecycle import RoundState
from survey.rules.round_document import RoundDocument
from survey.services import audit
from survey.services.yaml_document import field_faults, load_yaml

__all__ = [
    "ROUND_FAULTS",
    "create_round",
    "find_round",
    "hold_round",
    "questionnaire_of",
    "read_round",
    "rounds",
    "version_of",
]

ROUND_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "questionnaire-path": (
            "%(file)s: “questionnaire” is “%(value)s”; write the name of a file beside this one, "
            "or “shipped:” and a name: %(known)s."
        ),
        "value-map": (
            "“scoring.value_map” is “%(value)s”, which the questionnaire does not have; "
            "it has: %(known)s."
        ),
        "respondent-group": (
            "The respondent group “%(value)s” is no answer of “%(item)s”, which asks for the "
            "group; its answers are: %(known)s."
        ),
        "fact": (
            "The questionnaire needs the fact “%(value)s”, which neither the unit register nor the "
            "plan knows; they know: %(known)s."
        ),
        "unit-fact": (
            "The questionnaire needs the fact “%(value)s” of every unit; name it under "
            "“unit_facts” and fill in its column in the unit register."
        ),
        "repeat": (
            "Section “%(section)s” is asked once for each unit that a respondent rates, but a "
            "round does not know yet which units each respondent rates; take a questionnaire "
            "without a section that repeats."
        ),
        "fieldwork-day": (
            "The questionnaire offers some answers on certain days only; write “fieldwork_from”, "
            "the first day on which people are asked, such as 2022-10-03."
        ),
        "code-taken": "There is already a round “%(value)s”; give this one another code.",
    }
)

_PARSED: Final[dict[tuple[str, date | None], Questionnaire]] = {}
"""Questionnaires by fingerprint and day: content never changes under its own hash."""


def read_round(path: Path) -> tuple[RoundDocument, Questionnaire]:
    """Read a round's document and its questionnaire, which lies beside it or is a shipped one.

    Parameters
    ----------
    path : Path
        A YAML file in UTF-8.

    Returns
    -------
    tuple of RoundDocument and Questionnaire

    Raises
    ------
    RefusedInputError
        Either cannot be used, or the two do not fit together; with file, line and remedy of
        every fault.
    """
    located = load_yaml(path, what=f"The round {path.name}")
    try:
        document = RoundDocument.model_validate(located.value)
    except ValidationError as error:
        faults = list(field_faults(error, located, file=path.name))
        raise RefusedInputError(what=f"The round {path.name}", faults=faults) from error
    questionnaire = _read_questionnaire(path, document.questionnaire)
    faults = [*_mismatches(document, questionnaire)]
    if faults:
        raise RefusedInputError(what=f"The round {path.name}", faults=faults)
    return document, questionnaire


def create_round(
    session: Session,
    *,
    document: RoundDocument,
    questionnaire: Questionnaire,
    simulated: bool,
    actor: str,
    now: datetime,
) -> Round:
    """Create a round as a draft, and store its questionnaire's version if it is new.

    Parameters
    ----------
    session : Session
    document : RoundDocument
    questionnaire : Questionnaire
        The one that the document names.
    simulated : bool
        The round's answers will be made up; it is marked as such wherever it appears, for good.
    actor : str
    now : datetime
        Aware.

    Returns
    -------
    Round

    Raises
    ------
    RefusedInputError
        The code is taken, or document and questionnaire do not fit together.
    """
    faults = [*_mismatches(document, questionnaire)]
    if round_with_code(session, document.code) is not None:
        faults.append(_fault("code-taken", value=document.code))
    if faults:
        raise RefusedInputError(what=f"The round “{document.code}”", faults=faults)
    _store_questionnaire(session, questionnaire)
    made = Round(
        code=document.code,
        year=document.year,
        state=RoundState.DRAFT,
        anonymity=document.anonymity,
        simulated=simulated,
        document=document.model_dump(mode="json", by_alias=True),
        questionnaire=questionnaire.fingerprint,
        ballot_size=ballot_size(questionnaire),
        sheets_checked=0,
        created_at=now,
    )
    session.add(made)
    session.flush()
    detail = {"questionnaire": questionnaire.fingerprint, "simulated": simulated}
    audit.record(
        session, actor=actor, action="create_round", subject=made.code, detail=detail, now=now
    )
    return made


def find_round(session: Session, code: str) -> Round:
    """Find a round.

    Parameters
    ----------
    session : Session
    code : str

    Returns
    -------
    Round

    Raises
    ------
    NotFoundError
        There is no round with this code.
    """
    found = round_with_code(session, code)
    if found is None:
        raise NotFoundError(what="round", key=code)
    return found


def hold_round(session: Session, code: str, *, exclusive: bool) -> Round:
    """Find a round and keep it as it is until the transaction ends.

    Whoever decides by a round's state or changes it holds it first: between reading and writing
    nobody else can move it on.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    code : str
    exclusive : bool
        False lets others hold the round beside this transaction: answers and keyings do. True
        waits for all of them and keeps others out: every change of the round itself does.

    Returns
    -------
    Round
        As it is now, even if the session had read it before.

    Raises
    ------
    NotFoundError
        There is no round of this code.
    """
    held = locked_round(session, code, exclusive=exclusive)
    if held is None:
        raise NotFoundError(what="round", key=code)
    return held


def rounds(session: Session) -> list[Round]:
    """List all rounds.

    Parameters
    ----------
    session : Session

    Returns
    -------
    list of Round
        By year, the newest first, and code.
    """
    return all_rounds(session)


def questionnaire_of(session: Session, round_: Round) -> Questionnaire:
    """Give the questionnaire of a round as it is asked, parsed once a process.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    Questionnaire
        With the options that are offered on the first day of the round's fieldwork, for web,
        paper, keying and tables alike, so that one round has one form. Answers carry the
        fingerprint of the whole version (`version_of`).

    Raises
    ------
    NotFoundError
        The version is not stored (the database lost a row).
    """
    day = round_.declared.fieldwork_from
    asked = (round_.questionnaire, day)
    if asked not in _PARSED:
        version = version_of(session, round_)
        _PARSED[asked] = version if day is None else version.as_of(day)
    return _PARSED[asked]


def version_of(session: Session, round_: Round) -> Questionnaire:
    """Give the questionnaire of a round as it is stored, whatever the day; raises the same."""
    version = (round_.questionnaire, None)
    if version not in _PARSED:
        text = questionnaire_text(session, round_.questionnaire)
        if text is None:
            raise NotFoundError(what="questionnaire version", key=round_.questionnaire)
        _PARSED[version] = questionnaire_from_json(text)
    return _PARSED[version]


def _fault(code: str, **values: object) -> Fault:
    return Fault(code=f"round-{code}", template=ROUND_FAULTS[code], values=values)


def _read_questionnaire(path: Path, name: str) -> Questionnaire:
    """Read the questionnaire that the round's document names."""
    file = path.parent / name
    if not name.startswith(SHIPPED_PREFIX) and (Path(name).name != name or not file.is_file()):
        fault = _fault("questionnaire-path", file=path.name, value=name, known=", ".join(SHIPPED))
        raise RefusedInputError(what=f"The round {path.name}", faults=[fault])
    try:
        if name.startswith(SHIPPED_PREFIX):
            return shipped(name.removeprefix(SHIPPED_PREFIX))
        return read_questionnaire(file)
    except DefinitionError as error:
        faults = error.faults
        raise RefusedInputError(what=f"The questionnaire {name}", faults=faults) from error


def _mismatches(document: RoundDocument, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Compare what the document declares with what the questionnaire has."""
    maps = questionnaire.value_maps
    if questionnaire.criteria and document.scoring.value_map not in maps:
        yield _fault("value-map", value=document.scoring.value_map, known=", ".join(maps) or "none")
    yield from _group_mismatches(document, questionnaire)
    known = {name for name in KNOWN_FACTS if not name.startswith(AREA)} | {*document.unit_facts}
    for fact in questionnaire.facts:
        if fact.id not in KNOWN_FACTS:
            yield _fault("fact", value=fact.id, known=", ".join(sorted(KNOWN_FACTS)))
        elif fact.id not in known:
            yield _fault("unit-fact", value=fact.id)
    for section in questionnaire.sections:
        if section.enabled and section.repeat is not None:
            yield _fault("repeat", section=section.id)
    if document.fieldwork_from is None and _has_windows(questionnaire):
        yield _fault("fieldwork-day")


def _group_mismatches(document: RoundDocument, questionnaire: Questionnaire) -> Iterator[Fault]:
    item = questionnaire.stratum_item
    if item is None:
        return
    codes = [option.code for option in item.options]
    for group in document.respondent_groups:
        if group.code not in codes:
            values = {"value": group.code, "item": item.id, "known": ", ".join(codes)}
            yield _fault("respondent-group", **values)


def _has_windows(questionnaire: Questionnaire) -> bool:
    """Say whether some answers are offered on certain days only."""
    choices = (item for item in questionnaire.questions if isinstance(item, SingleItem | MultiItem))
    offered = [option for item in choices for option in item.options]
    offered += [option for scale in questionnaire.scales.values() for option in scale.options]
    return any(option.valid_from or option.valid_until for option in offered)


def _store_questionnaire(session: Session, questionnaire: Questionnaire) -> None:
    if questionnaire_text(session, questionnaire.fingerprint) is None:
        version = QuestionnaireVersion(
            fingerprint=questionnaire.fingerprint,
            questionnaire=questionnaire.id,
            version=questionnaire.version,
            document=to_canonical_json(questionnaire),
        )
        session.add(version)
        session.flush()
