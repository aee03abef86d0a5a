"""An app over a real database in which a small round is open, and visitors who use it.

The questionnaire below has every kind of item: consent, an answer that ends, a question that an
answer on the same page opens, a section that a fact of the register closes.
"""

import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from questionnaires import Questionnaire
from survey.records.store import Store
from survey.rules.invitations import IssuedLink
from survey.rules.permissions import Role
from survey.services import accounts, invite, keys, plan, register, rounds
from survey.services.uploads import UploadedTable
from survey.settings import Settings
from webforms.app import create_app

NOW = datetime(2022, 10, 10, 2, 0, tzinfo=UTC)
ACTOR = "office"
PASSWORD = "ba con mèo đi học"

QUESTIONNAIRE = """\
schema: khaosat/questionnaire/1
id: small
version: "1"
language: vi
title: {vi: Phiếu thử, en: Trial form}
estimated_minutes: 2
facts:
  - id: unit.handles_procedures
    text: Giải quyết thủ tục
    options: [{code: "yes", text: Có}, {code: "no", text: Không}]
intro:
  - {vi: Kính thưa Ông/Bà!, en: Dear Sir or Madam!}
consent:
  id: DY
  type: single
  text: Ông/Bà có đồng ý tham gia không?
  required: true
  options: [{code: "1", text: Đồng ý}, {code: "2", text: Không đồng ý, ends: refused}]
scales:
  muc3:
    options: [{code: "3", text: Tốt}, {code: "2", text: Vừa}, {code: "1", text: Kém}]
    special: [{code: "99", text: Không đủ thông tin}]
sections:
  - id: A
    title: {vi: Sàng lọc, en: Screening}
    items:
      - {id: A1, type: single, text: Vị trí, required: true, stratum_check: true,
         printed_number: "1", options: [{code: LD, text: Lãnh đạo}, {code: CC, text: Công chức},
         {code: KH, text: Vị trí khác, ends: ineligible}]}
      - {id: A2, type: integer, text: Số năm, min: 0, max: 60, required: true, printed_number: "2"}
      - {id: A3, type: single, text: Số người phụ trách, required: true, show_if: "${A1} = 'LD'",
         printed_number: "3", options: [{code: "1", text: Ít}, {code: "2", text: Nhiều}]}
  - id: B
    title: {vi: Thủ tục, en: Procedures}
    show_if: "${unit.handles_procedures} = 'yes'"
    items:
      - {id: N1, type: note, text: Xin đánh giá trong năm.}
      - {id: Q1, type: scale, scale: muc3, text: Đúng hạn, printed_number: "4"}
      - {id: Q2, type: scale, scale: muc3, text: Chu đáo, show_if: "${A1} = 'LD'",
         printed_number: "5"}
  - id: C
    title: {vi: Ý kiến, en: Opinions}
    items:
      - {id: C1, type: multi, text: Ưu tiên, max_choices: 2, printed_number: "6",
         options: [{code: "1", text: Một}, {code: "2", text: Hai}, {code: "3", text: Ba}]}
      - {id: C2, type: text, text: Đề xuất, max_length: 40, printed_number: "7"}
""".replace("- {vi: Kính thưa Ông/Bà!, en: Dear Sir or Madam!}", "- text: Kính thưa Ông/Bà!")

ROUND = """\
schema: khaosat.round/1
code: nho-2022
title: {vi: Đợt nhỏ, en: Small round}
province: tỉnh Thử
year: 2022
anonymity: anonymous
questionnaire: small.yaml
issuer: {superior: ỦY BAN, office: SỞ NỘI VỤ, place: Thử, number_suffix: /KH, signer_title: GĐ}
respondent_groups:
  - {code: LD, label: {vi: Lãnh đạo, en: Leaders}}
  - {code: CC, label: {vi: Công chức, en: Officials}}
unit_groups:
  - {code: cap_so, label: {vi: Cấp sở, en: Departments}, counted_as: cơ quan,
     quotas: {LD: 3, CC: 4}}
sampling: {reserves: 1}
scoring: {value_map: linear, group_weighting: population, hidden_items: per_item, places: 2,
          ties: min, minimum_answers: 5, valid_share: "0.50", confidence_level: 0.95}
bands:
  source: tự đặt
  bands:
    - {code: TOT, label: {vi: Tốt}, lower: "50", lower_closed: true, upper: "100",
       upper_closed: true}
    - {code: YEU, label: {vi: Yếu}, lower: "0", lower_closed: true, upper: "50",
       upper_closed: false}
disclosure: {minimum_cell: 10, minimum_units: 3, largest_share: "0.5"}
"""

UNITS = """\
code,name,unit_group,parent,handles_procedures,population_LD,population_CC,selection,list_date,\
valid_from,valid_to
S1,Sở Một,cap_so,,yes,6,12,positions,2022-09-30,2022-01-01,
S2,Sở Hai,cap_so,,no,6,12,positions,2022-09-30,2022-01-01,
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The app, its database, and the links of the open round by (unit, group)."""

    app: Flask
    store: Store
    questionnaire: Questionnaire
    links: Mapping[tuple[str, str], Sequence[IssuedLink]]

    def respondent(self, unit: str = "S1", group: str = "CC", which: int = 0) -> "Respondent":
        """Return somebody who has opened a link of the round."""
        visitor = Respondent(client=self.app.test_client(), url=self.path(unit, group, which))
        visitor.client.set_cookie("ngon_ngu", "en")
        visitor.client.get(visitor.url)
        return visitor

    def path(self, unit: str = "S1", group: str = "CC", which: int = 0) -> str:
        """Return the path of a link."""
        return self.links[unit, group][which].url.removeprefix("http://127.0.0.1:8000")

    def staff(self, username: str) -> FlaskClient:
        """Return a browser in which ``username`` has signed in."""
        client = self.app.test_client()
        token = csrf_in(client.get("/dang-nhap"))
        form = {"username": username, "password": PASSWORD, "csrf_token": token}
        answer = client.post("/dang-nhap", data=form)
        assert answer.status_code == 303, answer.text
        return client

    def rows(self) -> dict[str, list[Any]]:
        """Return every row of every table."""
        with self.store.read() as session:
            names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
            return {
                name: sorted(map(repr, session.execute(text(f'SELECT * FROM "{name}"'))))
                for name in names.all()
            }


@dataclass(slots=True, kw_only=True)
class Respondent:
    """A browser without scripts: it follows redirects and posts what the page's form holds."""

    client: FlaskClient
    url: str
    base: str = "/phieu/nho-2022"
    page: TestResponse = field(init=False)

    def get(self, place: str = "/") -> TestResponse:
        """Open a page of the questionnaire."""
        self.page = self.client.get(self.base + place, follow_redirects=True)
        return self.page

    def post(self, place: str = "/", /, **answers: str | list[str]) -> TestResponse:
        """Load a page, fill its form, press its button; follow the redirect."""
        shown = self.client.get(self.base + place)
        data: MultiDict[str, str] = MultiDict(hidden_fields(shown))
        for name, answer in answers.items():
            data.setlist(name, answer if isinstance(answer, list) else [answer])
        self.page = self.client.post(self.base + place, data=data, follow_redirects=True)
        return self.page

    def answer_all(self, group: str = "CC") -> TestResponse:
        """Go the whole way to the page that shows all answers."""
        leads = {"A3": "1"} if group == "LD" else {}
        self.post("/", DY="1")
        self.post("/phan/A", A1=group, A2="4", **leads)
        self.post("/phan/B", Q1="3")
        return self.post("/phan/C", C1=["1", "3"], C2="Không có")

    @property
    def where(self) -> str:
        """Return the path of the page shown, below the round's."""
        return self.page.request.path.removeprefix(self.base)


def csrf_in(page: TestResponse) -> str:
    """Return the form token of a page."""
    return hidden_fields(page)["csrf_token"]


def hidden_fields(page: TestResponse) -> dict[str, str]:
    """Return the hidden fields of the page's last form."""
    form = page.text.rsplit("<form", 1)[-1] if 'id="form"' not in page.text else page.text
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of an installation on the loopback, below ``tmp_path``."""
    return Settings(
        home=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'khaosat.sqlite3'}",
        secret_key=secrets.token_urlsafe(32),
        public_url="http://127.0.0.1:8000",
        proxy_hops=0,
        insecure_loopback=True,
        log_level="INFO",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRound:
    """A database file in which the small round is open, made once; every test copies it."""

    file: Path
    questionnaire: Questionnaire
    links: Mapping[tuple[str, str], Sequence[IssuedLink]]


@pytest.fixture(scope="session")
def make_opened_round(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path
) -> Callable[[str, str, str], OpenedRound]:
    """Open a round from its document, questionnaire and register, with an account for each role."""

    def make(document: str, questionnaire: str, units: str) -> OpenedRound:
        folder = tmp_path_factory.mktemp("opened")
        for name, content in (
            ("round.yaml", document),
            ("small.yaml", questionnaire),
            ("units.csv", units),
        ):
            (folder / name).write_text(content, encoding="utf-8")
        file = folder / "opened.sqlite3"
        shutil.copyfile(migrated_sqlite_file, file)
        store = Store.at(f"sqlite:///{file}")
        with store.write() as session:
            asked = _open_round(session, folder / "round.yaml")
            links = _links(session)
        store.dispose()  # the last connection moves the write-ahead log into the file
        return OpenedRound(file=file, questionnaire=asked, links=links)

    return make


@pytest.fixture(scope="session")
def opened_round_file(make_opened_round: Callable[[str, str, str], OpenedRound]) -> OpenedRound:
    """Open the small round."""
    return make_opened_round(ROUND, QUESTIONNAIRE, UNITS)


@pytest.fixture
def site(tmp_path: Path, opened_round_file: OpenedRound, settings: Settings) -> Iterator[Site]:
    """Serve a copy of the opened round."""
    shutil.copyfile(opened_round_file.file, tmp_path / "khaosat.sqlite3")
    store = Store.at(settings.database_url)
    app = create_app(settings, store)
    yield Site(
        app=app,
        store=store,
        questionnaire=opened_round_file.questionnaire,
        links=opened_round_file.links,
    )
    store.dispose()


def _open_round(session: Session, definition: Path) -> Questionnaire:
    document, questionnaire = rounds.read_round(definition)
    for role in Role:
        accounts.create_account(
            session,
            username=str(role),
            display_name=f"Người dùng {role}",
            role=role,
            password=PASSWORD,
            actor=ACTOR,
            now=NOW,
        )
    made = rounds.create_round(
        session,
        document=document,
        questionnaire=questionnaire,
        simulated=True,
        actor=ACTOR,
        now=NOW,
    )
    units = definition.with_name("units.csv")
    table = UploadedTable(filename=units.name, content=units.read_bytes())
    parsed = register.parse_register(units=table, staff=None, document=document)
    register.import_register(session, made, parsed, actor=ACTOR, now=NOW)
    plan.draw_plan(session, made, seed=7, actor=ACTOR, now=NOW)
    for sheet in keys.make_keys(session, made, actor=ACTOR, now=NOW):
        keys.check_sheet(session, made, text=sheet.text, actor=ACTOR, now=NOW)
    keys.open_round(session, made, actor=ACTOR, now=NOW)
    return rounds.questionnaire_of(session, made)


def _links(session: Session) -> dict[tuple[str, str], list[IssuedLink]]:
    found: dict[tuple[str, str], list[IssuedLink]] = {}
    rows = session.execute(
        text("SELECT ru.id, u.code FROM round_unit ru JOIN unit u ON u.id = ru.unit_id")
    )
    for round_unit_id, code in rows.all():
        for link in invite.issue_links(
            session,
            round_unit_id,
            public_url="http://127.0.0.1:8000",
            reissue=False,
            actor=ACTOR,
            now=NOW,
        ):
            found.setdefault((code, link.respondent_group), []).append(link)
    return found
