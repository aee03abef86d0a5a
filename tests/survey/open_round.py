"""A small open round for tests: few questions, units and people as each test wants them.

The people are on staff lists with names, so that every kind of link to a person exists before
closing and its absence afterwards means something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import Answer, Questionnaire
from sampling import Selection
from survey.records.collection import Invitation
from survey.records.people import Account
from survey.records.rounds import Round
from survey.records.store import Store
from survey.records.units import RoundUnit, StaffMember, Stratum, Unit
from survey.rules.drafts import new_draft
from survey.rules.keys import KeySheet
from survey.rules.permissions import Role
from survey.rules.round_document import RoundDocument
from survey.services.collect import submit
from survey.services.invite import issue_links
from survey.services.keys import check_sheet, make_keys, open_round
from survey.services.plan import draw_plan
from survey.services.rounds import create_round, find_round

NOW = datetime(2022, 10, 3, 2, 0, tzinfo=UTC)
URL = "https://khaosat.example"
CODE = "small"
GROUPS = ("LD", "CC")

QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "schema": "khaosat/questionnaire/1",
        "id": "small",
        "version": "1",
        "language": "vi",
        "title": "Phiếu thử",
        "estimated_minutes": 2,
        "consent": {
            "id": "DY",
            "type": "single",
            "text": "Đồng ý?",
            "required": True,
            "options": [
                {"code": "1", "text": "Có"},
                {"code": "2", "text": "Không", "ends": "refused"},
            ],
        },
        "scales": {
            "five": {
                "options": [{"code": str(n), "text": f"Mức {n}"} for n in range(5, 0, -1)],
                "special": [{"code": "99", "text": "Không đủ thông tin"}],
            }
        },
        "sections": [
            {
                "id": "A",
                "title": "A",
                "items": [
                    {
                        "id": "A1",
                        "type": "single",
                        "text": "Vị trí?",
                        "required": True,
                        "stratum_check": True,
                        "options": [
                            {"code": "LD", "text": "Lãnh đạo"},
                            {"code": "CC", "text": "Công chức"},
                            {"code": "KH", "text": "Khác", "ends": "ineligible"},
                        ],
                    },
                    {"id": "Q1", "type": "scale", "scale": "five", "text": "Câu 1"},
                    {
                        "id": "Q2",
                        "type": "scale",
                        "scale": "five",
                        "text": "Câu 2",
                        "show_if": "${A1} = 'LD'",
                    },
                    {"id": "N", "type": "integer", "min": 0, "max": 10**12, "text": "Số"},
                    {"id": "T", "type": "text", "max_length": 40, "text": "Ý kiến"},
                ],
            }
        ],
    }
)

DOCUMENT = {
    "schema": "khaosat.round/1",
    "code": CODE,
    "title": {"vi": "Đợt thử", "en": "Trial round"},
    "province": "tỉnh Thử",
    "year": 2022,
    "anonymity": "anonymous",
    "questionnaire": "small.yaml",
    "issuer": {
        "superior": "UBND",
        "office": "SỞ",
        "place": "Thử",
        "number_suffix": "/KH",
        "signer_title": "GIÁM ĐỐC",
    },
    "respondent_groups": [
        {"code": "LD", "label": {"vi": "Lãnh đạo"}},
        {"code": "CC", "label": {"vi": "Công chức"}},
    ],
    "unit_groups": [
        {
            "code": "cap_so",
            "label": {"vi": "Cấp sở"},
            "counted_as": "cơ quan",
            "quotas": {"LD": 10, "CC": 10},
        }
    ],
    "sampling": {"reserves": 1},
    "scoring": {
        "value_map": "linear",
        "group_weighting": "population",
        "hidden_items": "per_item",
        "places": 2,
        "ties": "min",
        "minimum_answers": 5,
        "valid_share": "0.50",
        "confidence_level": 0.95,
    },
    "bands": {
        "source": "thử",
        "bands": [
            {
                "code": "ALL",
                "label": {"vi": "Tất cả"},
                "lower": "0",
                "lower_closed": True,
                "upper": "100",
                "upper_closed": True,
            }
        ],
    },
    "disclosure": {"minimum_cell": 10, "minimum_units": 3, "largest_share": "0.5"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a link."""

    unit: str
    group: str
    slot: int
    name: str
    token: str


def draft(
    session: Session,
    sizes: Mapping[str, Sequence[int]],
    *,
    code: str = CODE,
    selection: Selection = Selection.LIST,
) -> Round:
    """Create a round of units with (leaders, officials) on their lists, and draw everybody."""
    document = RoundDocument.model_validate(DOCUMENT | {"code": code})
    round_ = create_round(
        session,
        document=document,
        questionnaire=QUESTIONNAIRE,
        simulated=True,
        actor="office",
        now=NOW,
    )
    for place, (unit_code, populations) in enumerate(sizes.items(), start=1):
        _add_unit(session, round_, (place, f"{code}{unit_code}"), populations, selection)
    session.flush()
    draw_plan(session, round_, seed=1, actor="office", now=NOW)
    return round_


def _add_unit(
    session: Session,
    round_: Round,
    unit_at: tuple[int, str],
    populations: Sequence[int],
    selection: Selection,
) -> None:
    place, code = unit_at
    unit = Unit(code=code, name=f"Sở {code}", facts={}, valid_from=date(2022, 1, 1))
    session.add(unit)
    session.flush()
    part = RoundUnit(
        round_id=round_.id,
        unit_id=unit.id,
        place=place,
        unit_group="cap_so",
        selection=selection,
        list_date=None if selection is Selection.PICKED else date(2022, 9, 30),
    )
    session.add(part)
    session.flush()
    for group, population in zip(GROUPS, populations, strict=True):
        stratum = Stratum(round_unit_id=part.id, respondent_group=group, population=population)
        session.add(stratum)
        session.flush()
        if selection is Selection.LIST:
            session.add_all(
                StaffMember(
                    stratum_id=stratum.id, position=n, name=f"Người Thứ {n} Của {code} {group}"
                )
                for n in range(1, population + 1)
            )


def opened(store: Store, sizes: Mapping[str, Sequence[int]], *, code: str = CODE) -> KeySheet:
    """Open a round and return its first recovery sheet."""
    with store.write() as session:
        round_ = draft(session, sizes, code=code)
        sheets = make_keys(session, round_, actor="office", now=NOW)
        for sheet in sheets:
            check_sheet(session, round_, text=sheet.text, actor="office", now=NOW)
        open_round(session, round_, actor="office", now=NOW)
    return sheets[0]


def people(store: Store, *, code: str = CODE) -> list[Person]:
    """Issue all links and return who got them, by unit, group and slot."""
    found = []
    with store.write() as session:
        round_ = find_round(session, code)
        units = session.execute(
            select(RoundUnit.id, Unit.code)
            .join(RoundUnit.unit)
            .where(RoundUnit.round_id == round_.id)
            .order_by(RoundUnit.place)
        ).all()
        for unit_id, unit in units:
            links = issue_links(
                session, unit_id, public_url=URL, reissue=True, actor="office", now=NOW
            )
            found += [
                Person(
                    unit=unit,
                    group=link.respondent_group,
                    slot=link.slot,
                    name=link.name or "",
                    token=link.url.rsplit("/", 1)[1],
                )
                for link in links
            ]
    return found


def answers_of(person: Person, number: int = 0, text: str = "") -> dict[str, Answer]:
    """Fill the form as one of the person's group."""
    answers: dict[str, Answer] = {"DY": "1", "A1": person.group, "Q1": "4", "N": number}
    return answers | ({"T": text} if text else {})


def send(store: Store, person: Person, answers: Mapping[str, Answer], *, code: str = CODE) -> str:
    """Submit in a transaction of its own and return the submission id."""
    submission_id = new_draft(NOW).submission_id
    with store.write() as session:
        submit(
            session,
            round_code=code,
            token=person.token,
            submission_id=submission_id,
            answers=answers,
            started=NOW,
            now=NOW + timedelta(minutes=9),
        )
    return submission_id


def stratum_of(session: Session, person: Person) -> str:
    """Find the stratum of a person."""
    found = session.scalars(
        select(Stratum.id)
        .join(Stratum.round_unit)
        .join(RoundUnit.unit)
        .where(Unit.code == person.unit, Stratum.respondent_group == person.group)
    )
    return found.one()


def clerk(session: Session, username: str) -> str:
    """Create a clerk's account, without the cost of a password hash, and return its id."""
    account = Account(
        username=username,
        display_name=username,
        role=Role.CLERK,
        password_hash="not a hash",
        session_key=username,
        created_at=NOW,
    )
    session.add(account)
    session.flush()
    return account.id


def invitation_ids(session: Session) -> list[str]:
    """List all invitations."""
    return list(session.scalars(select(Invitation.id)))
