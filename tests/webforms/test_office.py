"""The office runs a round through its pages: every step, every refusal, over a real database."""

import re
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import openpyxl
import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey.records.collection import Disposition, Invitation, PaperForm, Response
from survey.records.people import Account
from survey.records.rounds import Round
from survey.records.units import RoundUnit, SamplePlan, Stratum, Unit
from survey.rules.lifecycle import RoundState
from survey.services import invite, keying, rounds
from webforms.office.counts import monitor
from webforms.office.desk import RoundHead
from webforms.office.steps import Progress, StepState, steps

if TYPE_CHECKING:
    from tests.webforms.conftest import Site

HEADER = (
    "code,name,unit_group,parent,handles_procedures,population_LD,population_CC,selection,"
    "list_date,valid_from,valid_to\n"
)
UNITS = HEADER + (
    "T1,Sở Thử Một,cap_so,,yes,2,12,positions,2022-09-30,2022-01-01,\n"
    "T2,Sở Thử Hai,cap_so,,no,6,12,picked,,2022-01-01,\n"
)
FAULTY = HEADER + (
    "T1,Sở Thử Một,cap_sở,,perhaps,2,12,positions,2022-09-30,2022-01-01,\n"
    "T1,,cap_so,,no,-6,1.200,drawn,,2022-01-01,\n"
)


@dataclass(slots=True, kw_only=True)
class Office:
    """The office's browser, reading English, at the pages of one round."""

    site: "Site"
    client: FlaskClient
    code: str

    def get(self, path: str = "") -> TestResponse:
        """Open a page of the round."""
        return self.client.get(f"/van-phong/{self.code}/{path}")

    def post(self, path: str, *, on: str | None = None, **data: object) -> TestResponse:
        """Send a form of the page ``on`` (or of the same address)."""
        page = self.get(path if on is None else on)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        form = {"csrf_token": token[1], **data}
        return self.client.post(f"/van-phong/{self.code}/{path}", data=form)

    def upload(self, units: str) -> TestResponse:
        """Upload a register."""
        return self.post("don-vi", units=(BytesIO(units.encode()), "units.csv"))

    def state(self) -> RoundState:
        """Return where the round stands."""
        with self.site.store.read() as session:
            return session.scalars(select(Round.state).where(Round.code == self.code)).one()

    def ids(self, unit: str = "S1", group: str = "CC") -> tuple[str, str]:
        """Return the ids of a round unit and of one of its strata."""
        with self.site.store.read() as session:
            row = session.execute(
                select(Stratum.round_unit_id, Stratum.id)
                .join(Stratum.round_unit)
                .join(RoundUnit.unit)
                .where(RoundUnit.unit.has(code=unit), Stratum.respondent_group == group)
            ).one()
            return row[0], row[1]


def words(page: TestResponse | str) -> str:
    """Return the text of a page, or of a piece of one, without tags."""
    html = page if isinstance(page, str) else page.text
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


def pdf_text(answer: TestResponse) -> list[str]:
    """Return the text of each page of a downloaded PDF."""
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    pdf = pypdfium2.PdfDocument(answer.data)
    texts = [page.get_textpage().get_text_bounded() for page in pdf]
    pdf.close()
    return texts


def office_of(site: "Site", code: str) -> Office:
    """Sign the office in."""
    client = site.staff("office")
    client.set_cookie("ngon_ngu", "en")
    return Office(site=site, client=client, code=code)


@pytest.fixture
def office(site: "Site") -> Office:
    """Sit down at the open round."""
    return office_of(site, "nho-2022")


@pytest.fixture
def draft(site: "Site") -> Office:
    """Sit down at a round that has been created and no more."""
    with site.store.write() as session:
        known = rounds.find_round(session, "nho-2022")
        rounds.create_round(
            session,
            document=known.declared.model_copy(update={"code": "moi-2022"}),
            questionnaire=rounds.questionnaire_of(session, known),
            simulated=True,
            actor="cli",
            now=site.app.extensions["khaosat.clock"](),
        )
    return office_of(site, "moi-2022")


@pytest.fixture
def drawn(draft: Office) -> Office:
    """Import a register and draw a plan."""
    assert draft.upload(UNITS).status_code == 303
    assert draft.post("ke-hoach", seed="7").status_code == 303
    return draft


def test_the_rounds_are_listed_with_their_state(office: Office) -> None:
    page = words(office.client.get("/van-phong/"))
    assert "Small round" in page
    assert "Collecting answers" in page
    assert "Simulated data" in page


def test_a_new_round_begins_with_the_register(draft: Office) -> None:
    page = draft.get()
    step = re.search(
        r'<li class="step step-next" aria-current="step">(.*?)</li>', page.text, re.DOTALL
    )
    assert step is not None
    assert "/van-phong/moi-2022/don-vi" in step[1]


def test_every_fault_of_a_register_is_listed_and_nothing_is_stored(draft: Office) -> None:
    page = draft.upload(FAULTY)
    assert page.status_code == 400
    rows = re.findall(r"<tr><td>units\.csv</td>(.*?)</tr>", page.text, re.DOTALL)
    said = [words(row) for row in rows]
    for column in ("unit_group", "handles_procedures", "population_LD", "population_CC", "code"):
        assert any(column in row for row in said), column
    assert all(len(row.split()) > 4 for row in said)
    assert "There is nothing to count" in draft.get("theo-doi").text
    assert "Sở Thử Một" not in draft.get("ke-hoach").text


def test_a_register_without_a_file_is_asked_for(draft: Office) -> None:
    page = draft.post("don-vi")
    assert page.status_code == 400
    assert "Choose the file" in page.text


def test_the_template_has_the_columns_of_the_round(draft: Office) -> None:
    answer = draft.get("don-vi/mau.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
    first_row = [cell.value for cell in sheet[1]]
    assert {"code", "population_LD", "population_CC"} <= set(first_row)


def test_an_imported_register_is_counted_by_unit_group(draft: Office) -> None:
    draft.upload(UNITS)
    assert "Departments 2 32" in words(draft.get("don-vi"))


def test_a_plan_shows_its_totals_shortfalls_and_seed(drawn: Office) -> None:
    page = words(drawn.get("ke-hoach"))
    assert "Together: 2" in page
    assert "1 short" in page
    assert "picked by the unit: no sampling error" in page
    assert re.search(r"Seed of the draw 7 ", page)


def test_a_plan_downloads_as_workbook_and_document(drawn: Office) -> None:
    workbook = openpyxl.load_workbook(BytesIO(drawn.get("ke-hoach.xlsx").data))
    assert workbook.worksheets
    document = docx.Document(BytesIO(drawn.get("ke-hoach.docx").data))
    names = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert "Sở Thử Một" in names


def test_a_draw_without_a_register_says_what_comes_first(draft: Office) -> None:
    answer = draft.post("ke-hoach", seed="7")
    assert answer.status_code == 409
    assert "import the unit register first" in answer.text


def test_drawing_again_for_comparison_finds_the_same_plan(drawn: Office) -> None:
    assert "the same plan, place by place" in drawn.get("ke-hoach/kiem-tra").text


def test_a_second_draw_asks_for_the_code_of_the_round(drawn: Office) -> None:
    assert drawn.post("ke-hoach", seed="8").status_code == 400
    assert drawn.post("ke-hoach", seed="8", confirm="moi-2022").status_code == 303
    with drawn.site.store.read() as session:
        seeds = {plan["seed"] for plan in session.scalars(select(SamplePlan.document))}
    assert 8 in seeds


@pytest.mark.parametrize("seed", ["", "tám", "-1", str(2**63)])
def test_a_seed_that_is_no_seed_is_refused(draft: Office, seed: str) -> None:
    draft.upload(UNITS)
    page = draft.post("ke-hoach", seed=seed)
    assert page.status_code == 400
    assert 'id="seed-error"' in page.text


def test_a_certificate_is_recorded_once_for_the_unit(office: Office) -> None:
    round_unit_id, _ = office.ids()
    assert office.post(f"xac-nhan/{round_unit_id}", on="ke-hoach").status_code == 303
    assert words(office.get("ke-hoach")).count("✓ certified") == 1


def test_a_unit_of_another_round_is_not_certified(office: Office, drawn: Office) -> None:
    round_unit_id, _ = office.ids()
    assert drawn.post(f"xac-nhan/{round_unit_id}", on="ke-hoach").status_code == 404
    assert "✓ certified" not in words(office.get("ke-hoach"))


def test_keys_are_not_made_without_the_code(drawn: Office) -> None:
    page = drawn.post("khoa", confirm="nho-2022")
    assert page.status_code == 400
    assert "Type “moi-2022”" in unescape(page.text)


def test_keys_are_made_read_back_and_the_round_opens(drawn: Office) -> None:
    sheets = pdf_text(drawn.post("khoa", confirm="moi-2022"))
    assert len(sheets) == 2
    for text in sheets:
        assert "recovery sheet" in words(drawn.get("mo"))
        groups = re.findall(r"\b[0-9A-HJKMNP-TV-Z]{5}\b", text)
        assert len(groups) == 15
        assert drawn.post("khoa/doc-lai", on="khoa", key=" ".join(groups)).status_code == 303
    assert words(drawn.get("khoa")).count("is read back.") == 2
    assert drawn.post("mo", confirm="yes").status_code == 400
    assert drawn.state() is RoundState.DRAFT
    assert drawn.post("mo", confirm="moi-2022").status_code == 303
    assert drawn.state() is RoundState.OPEN


def test_a_misread_sheet_is_refused_and_what_was_typed_stays(drawn: Office) -> None:
    text = pdf_text(drawn.post("khoa", confirm="moi-2022"))[0]
    groups = re.findall(r"\b[0-9A-HJKMNP-TV-Z]{5}\b", text)
    groups[3] = groups[3][:-1] + ("A" if groups[3][-1] != "A" else "B")
    page = drawn.post("khoa/doc-lai", on="khoa", key="-".join(groups))
    assert page.status_code == 400
    assert groups[3] in page.text
    assert 'id="key-error"' in page.text
    assert "is not read back yet" in page.text


def test_links_are_printed_once_and_again_only_on_demand(office: Office) -> None:
    round_unit_id, _ = office.ids()
    path = f"giay-moi/{round_unit_id}"
    before = hashes(office)
    answer = office.post(path)
    assert answer.status_code == 303
    assert "already has its link" in office.client.get(answer.headers["Location"]).text
    assert hashes(office) == before
    text = "".join(pdf_text(office.post(path, reissue="y")))
    assert "/t/nho-2022/" in text.replace("\n", "").replace("\r", "")
    assert len(hashes(office) - before) == 7


def hashes(office: Office) -> set[str | None]:
    """Return the hashes of all links."""
    with office.site.store.read() as session:
        return set(session.scalars(select(Invitation.token_hash)))


def test_the_next_reserve_is_invited_until_none_is_left(office: Office) -> None:
    round_unit_id, stratum_id = office.ids()
    page = f"giay-moi/{round_unit_id}"
    assert office.post(f"du-phong/{stratum_id}", on=page).status_code == 303
    with office.site.store.read() as session:
        invited = select(func.count()).where(Invitation.stratum_id == stratum_id)
        assert session.scalar(invited) == 5
    assert "(reserve)" in words(office.get(page)).replace("( reserve )", "(reserve)")
    assert office.post(f"du-phong/{stratum_id}", on=page).status_code == 409


def test_paper_withdraws_the_links_of_those_chosen(office: Office) -> None:
    round_unit_id, stratum_id = office.ids()
    page = f"giay-moi/{round_unit_id}"
    assert office.post(f"phieu-giay/{stratum_id}", on=page, slots=["1", "3"]).status_code == 303
    with office.site.store.read() as session:
        given = session.scalars(
            select(Invitation.slot).where(Invitation.disposition == Disposition.PAPER)
        )
        assert sorted(given) == [1, 3]
    again = office.post(f"phieu-giay/{stratum_id}", on=page, slots=["1"])
    assert again.status_code == 400
    assert "Number 1 has no unused link" in again.text


def test_paper_for_nobody_is_refused(office: Office) -> None:
    round_unit_id, stratum_id = office.ids()
    page = office.post(f"phieu-giay/{stratum_id}", on=f"giay-moi/{round_unit_id}")
    assert page.status_code == 400
    assert "Choose at least one place." in page.text


def test_the_pile_of_paper_carries_every_serial_of_the_stratum(office: Office) -> None:
    round_unit_id, stratum_id = office.ids()
    pile = "".join(
        pdf_text(office.post(f"phieu-giay/{stratum_id}/in", on=f"giay-moi/{round_unit_id}"))
    )
    with office.site.store.read() as session:
        serials = session.scalars(
            select(PaperForm.serial).where(PaperForm.stratum_id == stratum_id)
        ).all()
    assert serials
    for serial in serials:
        assert f"{serial[:3]}-{serial[3:6]}-{serial[6:]}" in pile


@pytest.mark.parametrize(("unit", "asked"), [("S1", True), ("S2", False)])
def test_paper_asks_only_what_concerns_the_unit(office: Office, unit: str, *, asked: bool) -> None:
    with office.site.store.read() as session:
        round_unit_id, stratum_id = session.execute(
            select(RoundUnit.id, Stratum.id)
            .join(Stratum, Stratum.round_unit_id == RoundUnit.id)
            .join(RoundUnit.unit)
            .where(Unit.code == unit, Stratum.respondent_group == "CC")
        ).one()
    pile = "".join(
        pdf_text(office.post(f"phieu-giay/{stratum_id}/in", on=f"giay-moi/{round_unit_id}"))
    )
    assert ("Đúng hạn" in pile) is asked


def test_the_monitor_counts_answers_and_names_nobody(office: Office) -> None:
    respondent = office.site.respondent()
    respondent.answer_all()
    respondent.post("/kiem-tra")
    page = office.get("theo-doi")
    assert '<meter min="0" max="7" value="1"' in page.text
    assert "1/4" in words(page)
    assert "position" not in page.text


def test_nothing_is_said_of_who_has_answered_on_the_page_of_a_unit(office: Office) -> None:
    round_unit_id, _ = office.ids()
    before = re.sub(r'value="[^"]{40,}"', "", office.get(f"giay-moi/{round_unit_id}").text)
    respondent = office.site.respondent()
    respondent.answer_all()
    respondent.post("/kiem-tra")
    after = re.sub(r'value="[^"]{40,}"', "", office.get(f"giay-moi/{round_unit_id}").text)
    assert after == before


def test_a_stratum_of_another_round_is_not_found(drawn: Office) -> None:
    _, stratum_id = drawn.ids()
    answer = drawn.post(f"phieu-giay/{stratum_id}", on="khoa", slots=["1"])
    assert answer.status_code == 404


def test_a_dangerous_step_without_the_typed_code_changes_nothing(office: Office) -> None:
    before = office.site.rows()
    for path in ("mo", "dong", "dong/hoan-tat", "lam-sach", "huy-khoa", "cong-bo"):
        assert office.post(path, on="dong", confirm="NHO-2022").status_code == 400, path
    assert office.site.rows() == before


@pytest.mark.parametrize("username", ["clerk", "statistician", "viewer", "admin"])
def test_only_the_office_runs_a_round(site: "Site", username: str) -> None:
    client = site.staff(username)
    for path in ("don-vi", "ke-hoach", "khoa", "mo", "giay-moi", "dong", "ke-hoach.xlsx"):
        assert client.get(f"/van-phong/nho-2022/{path}").status_code == 403, path


def test_a_statistician_watches_and_computes_but_does_not_publish(site: "Site") -> None:
    client = site.staff("statistician")
    assert client.get("/van-phong/nho-2022/").status_code == 200
    assert client.get("/van-phong/nho-2022/theo-doi").status_code == 200
    assert "/van-phong/nho-2022/khoa" not in client.get("/van-phong/nho-2022/").text
    page = client.get("/van-phong/nho-2022/cong-bo")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    answer = client.post("/van-phong/nho-2022/cong-bo", data={"csrf_token": token[1]})
    assert answer.status_code == 403


@pytest.fixture
def running(drawn: Office) -> tuple[Office, str]:
    """Open the round; give the text of one recovery sheet."""
    text = pdf_text(drawn.post("khoa", confirm="moi-2022"))
    keys = [" ".join(re.findall(r"\b[0-9A-HJKMNP-TV-Z]{5}\b", sheet)) for sheet in text]
    for key in keys:
        drawn.post("khoa/doc-lai", on="khoa", key=key)
    drawn.post("mo", confirm="moi-2022")
    return drawn, keys[1]


def test_a_round_is_closed_scrubbed_and_its_key_destroyed(running: tuple[Office, str]) -> None:
    office, key = running
    assert office.post("dong", confirm="moi-2022").status_code == 303
    wrong = office.post("dong/hoan-tat", on="dong", confirm="moi-2022", key=key[:-1])
    assert wrong.status_code == 400
    assert office.state() is RoundState.CLOSING
    done = office.post("dong/hoan-tat", on="dong", confirm="moi-2022", key=key)
    assert done.status_code == 303
    assert office.state() is RoundState.CLOSED
    early = office.post("huy-khoa", on="dong", confirm="moi-2022")
    assert early.status_code == 409
    assert office.post("lam-sach", on="dong", confirm="moi-2022").status_code == 303
    record = office.post("huy-khoa", on="dong", confirm="moi-2022")
    text = "\n".join(part.text for part in docx.Document(BytesIO(record.data)).paragraphs)
    assert "BIÊN BẢN" in text
    assert words(office.get("dong")).count("✓") == 4
    with office.site.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Response)) == 0


def test_closing_lists_unfinished_keyings_and_discards_them_only_on_demand(
    running: tuple[Office, str],
) -> None:
    office, key = running
    serial = key_once(office)
    office.post("dong", confirm="moi-2022")
    assert f"{serial[:3]}-{serial[3:6]}-{serial[6:]}" in office.get("dong").text
    typed = {"confirm": "moi-2022", "key": key}
    refused = office.post("dong/hoan-tat", on="dong", **typed)
    assert refused.status_code == 400
    assert serial in refused.text
    done = office.post("dong/hoan-tat", on="dong", **typed, discard_unfinished="y")
    assert done.status_code == 303
    assert office.state() is RoundState.CLOSED


def key_once(office: Office) -> str:
    """Hand out one paper form of T1 and key it once."""
    round_unit_id, stratum_id = office.ids("T1")
    office.post(f"phieu-giay/{stratum_id}", on=f"giay-moi/{round_unit_id}", slots=["1"])
    with office.site.store.write() as session:
        clerk = session.scalars(select(Account.id).where(Account.username == "clerk")).one()
        round_ = rounds.find_round(session, office.code)
        serial = invite.paper_serials(session, stratum_id)[0]
        batch = keying.open_batch(session, round_, label="A", account_id=clerk)
        keying.save_entry(
            session, batch.id, serial=serial, account_id=clerk, answers={"DY": "1", "A1": "CC"}
        )
    return serial


def head(state: RoundState, *, checked: frozenset[int] = frozenset()) -> RoundHead:
    """Make a round's head; the steps look at nothing else."""
    return RoundHead(
        code="x",
        document=None,  # type: ignore[arg-type]  # no step reads it
        state=state,
        simulated=False,
        keys_made=bool(checked),
        sheets_checked=checked,
        opened_at=None,
        closed_at=None,
        scrubbed_at=None,
        key_destroyed_at=None,
    )


@pytest.mark.parametrize(
    ("known", "place"),
    [
        (head(RoundState.DRAFT), 0),
        (head(RoundState.DRAFT, checked=frozenset({1})), 2),
        (head(RoundState.DRAFT, checked=frozenset({1, 2})), 3),
        (head(RoundState.OPEN, checked=frozenset({1, 2})), 4),
        (head(RoundState.CLOSING, checked=frozenset({1, 2})), 5),
        (head(RoundState.CLOSED, checked=frozenset({1, 2})), 6),
    ],
)
def test_the_first_step_that_is_not_done_is_next(
    site: "Site", known: RoundHead, place: int
) -> None:
    ready = Progress(has_units=place > 0, has_plan=place > 1, has_index=False)
    with site.app.test_request_context():
        found = steps(known, ready)
    assert [step.state for step in found].index(StepState.NEXT) == place
    assert [step.state for step in found].count(StepState.NEXT) == 1


def test_nothing_is_monitored_before_there_is_a_sample() -> None:
    assert monitor([], ["cap_so"]) == []
