"""Keying by two clerks and a third person's decision, through the pages, over a real database."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from questionnaires import Questionnaire, read_questionnaire
from survey.records.collection import Entry, Invitation, PaperForm, PaperState
from survey.records.units import Stratum
from survey.rules.permissions import Role
from survey.services import accounts, invite
from webforms.clerk.forms import read_typed

if TYPE_CHECKING:
    from tests.webforms.conftest import Site

PASSWORD = "ba con mèo đi học"
PAPERS = 3
ALL = {"DY": "1", "A1": "CC", "A2": "4", "Q1": "3", "C1": "1 3", "C2": "Thêm máy in"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The site with paper handed out in one stratum, and its serials."""

    site: "Site"
    serials: list[str]

    def clerk(self, username: str) -> "Clerk":
        """Sign a clerk in, reading English."""
        client = self.site.staff(username)
        client.set_cookie("ngon_ngu", "en")
        return Clerk(client=client)

    def states(self) -> dict[str, PaperState]:
        """Return the state of every serial handed out."""
        with self.site.store.read() as session:
            rows = session.execute(select(PaperForm.serial, PaperForm.state))
            return {serial: state for serial, state in rows if serial in self.serials}

    def entries(self) -> list[dict[str, object]]:
        """Return what was keyed."""
        with self.site.store.read() as session:
            return list(session.scalars(select(Entry.answers)))


@dataclass(slots=True, kw_only=True)
class Clerk:
    """A clerk's browser."""

    client: FlaskClient

    def post(self, path: str, **data: str) -> TestResponse:
        """Send a form as its page holds it."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(path).text)
        assert token is not None
        return self.client.post(path, data={"csrf_token": token[1], **data})

    def batch(self) -> str:
        """Open the batch and return its path."""
        page = self.client.get("/nhap-lieu/")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        form = {"csrf_token": token[1], "round": "nho-2022", "label": "10-10 A"}
        answer = self.client.post("/nhap-lieu/lo", data=form)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def key(self, serial: str, typed: Mapping[str, str]) -> TestResponse:
        """Key one form of the batch."""
        return self.post(f"{self.batch()}/phieu/{serial}", **typed)

    def decide(self, serial: str, **chosen: str) -> TestResponse:
        """Send a decision."""
        return self.post(f"/nhap-lieu/doi-chieu/{serial}", **chosen)


@pytest.fixture
def desk(site: "Site") -> Desk:
    """Hand paper out in S1/CC, and add two more clerks."""
    with site.store.write() as session:
        office = session.scalars(select(Stratum.id).where(Stratum.respondent_group == "CC"))
        stratum_id = office.first()
        assert stratum_id is not None
        slots = session.scalars(
            select(Invitation.slot).where(Invitation.stratum_id == stratum_id)
        ).all()
        now = site.app.extensions["khaosat.clock"]()
        invite.hand_out_paper(
            session, stratum_id, slots=sorted(slots)[:PAPERS], actor="office", now=now
        )
        serials = invite.paper_serials(session, stratum_id)[:PAPERS]
        for name in ("clerk2", "clerk3"):
            accounts.create_account(
                session,
                username=name,
                display_name=name,
                role=Role.CLERK,
                password=PASSWORD,
                actor="cli",
                now=now,
            )
    return Desk(site=site, serials=serials)


def value_of(page: TestResponse, item: str) -> str:
    """Return what an item's field holds."""
    found = re.search(rf'<input id="item-{item}"[^>]* value="([^"]*)"', page.text)
    assert found is not None
    return unescape(found[1])


def test_a_serial_typed_with_dashes_leads_to_its_form(desk: Desk) -> None:
    clerk, serial = desk.clerk("clerk"), desk.serials[0]
    batch = clerk.batch()
    answer = clerk.post(batch, serial=f"{serial[:3]}-{serial[3:6]} {serial[6:]}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{batch}/phieu/{serial}"


def test_a_mistyped_serial_is_refused_at_its_field_and_kept(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    wrong = desk.serials[0][:-1] + str((int(desk.serials[0][-1]) + 1) % 10)
    page = clerk.post(clerk.batch(), serial=wrong)
    assert page.status_code == 400
    assert f'value="{wrong}"' in page.text
    assert 'id="serial-error"' in page.text


def test_the_batch_has_the_focus_on_the_serial(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    page = clerk.client.get(clerk.batch())
    assert re.search(r'<input[^>]*autofocus[^>]*name="serial"', page.text)


def test_saving_goes_back_to_the_batch_and_says_what_was_saved(desk: Desk) -> None:
    clerk, serial = desk.clerk("clerk"), desk.serials[0]
    answer = clerk.key(serial, ALL)
    assert answer.status_code == 303
    page = clerk.client.get(answer.headers["Location"])
    assert "is saved (first keying)" in page.text
    assert desk.states()[serial] is PaperState.KEYED


def test_the_form_offers_every_item_also_those_off_the_path(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    page = clerk.client.get(f"{clerk.batch()}/phieu/{desk.serials[0]}")
    offered = re.findall(r'id="item-(\w+)"', page.text)
    assert offered == list(desk.site.questionnaire.questions_by_id)
    assert not re.search(r'id="item-\w+"[^>]*(disabled|readonly)', page.text)


def test_a_hard_fault_keeps_what_was_typed_and_takes_the_focus(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    page = clerk.key(desk.serials[0], {**ALL, "A1": "cc", "Q1": "7", "C2": "Ghế <mới>"})
    assert page.status_code == 400
    assert value_of(page, "A1") == "cc"
    assert value_of(page, "Q1") == "7"
    assert "Ghế &lt;mới&gt;" in page.text
    focused = re.findall(r'<(?:input|textarea) id="item-(\w+)"[^>]*autofocus', page.text)
    assert focused == ["Q1"]
    assert desk.entries() == []


def test_a_number_that_is_none_is_a_hard_fault(desk: Desk) -> None:
    page = desk.clerk("clerk").key(desk.serials[0], {**ALL, "A2": "bốn"})
    assert page.status_code == 400
    assert value_of(page, "A2") == "bốn"


def test_an_answer_off_the_path_is_stored_with_a_flag(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    answer = clerk.key(desk.serials[0], {**ALL, "A3": "2"})
    page = clerk.client.get(answer.headers["Location"])
    assert "although the form skips them: questions 3." in page.text
    assert desk.entries()[0]["A3"] == "2"


def test_what_is_left_empty_is_listed_in_one_line(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    answer = clerk.key(desk.serials[0], {"DY": "1", "A1": "CC"})
    page = clerk.client.get(answer.headers["Location"])
    assert "Left empty: questions 2, 4, 6, 7." in page.text


def test_the_second_keyer_sees_nothing_of_the_first(desk: Desk) -> None:
    first, second = desk.clerk("clerk"), desk.clerk("clerk2")
    place = f"{first.batch()}/phieu/{desk.serials[0]}"
    before = second.client.get(place).text
    first.key(desk.serials[0], ALL)
    after = second.client.get(place).text
    changing = re.compile(r'name="csrf_token" value="[^"]+"')
    assert changing.sub("", after).replace("second keying", "first keying") == changing.sub(
        "", before
    )


def test_a_clerk_cannot_key_a_form_twice(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    clerk.key(desk.serials[0], ALL)
    page = clerk.post(clerk.batch(), serial=desk.serials[0])
    assert page.status_code == 400
    assert 'id="serial-error"' in page.text


def test_two_equal_keyings_seal_the_form(desk: Desk) -> None:
    desk.clerk("clerk").key(desk.serials[0], ALL)
    clerk = desk.clerk("clerk2")
    answer = clerk.key(desk.serials[0], {**ALL, "A1": "cc", "C1": "31"})
    assert "both keyings agree" in clerk.client.get(answer.headers["Location"]).text
    assert desk.states()[desk.serials[0]] is PaperState.SEALED


@pytest.fixture
def differing(desk: Desk) -> Desk:
    """Key the first form twice with two differences."""
    desk.clerk("clerk").key(desk.serials[0], ALL)
    desk.clerk("clerk2").key(desk.serials[0], {**ALL, "Q1": "2", "C1": "2"})
    return desk


def test_a_third_person_decides_and_the_form_is_sealed(differing: Desk) -> None:
    clerk, serial = differing.clerk("clerk3"), differing.serials[0]
    assert f"/nhap-lieu/doi-chieu/{serial}" in clerk.client.get("/nhap-lieu/doi-chieu/").text
    answer = clerk.decide(serial, Q1="first", C1="other", C1__other="12")
    assert answer.status_code == 303
    assert differing.states()[serial] is PaperState.SEALED
    assert f"/doi-chieu/{serial}" not in clerk.client.get("/nhap-lieu/doi-chieu/").text


def test_an_undecided_difference_is_named_and_the_others_are_kept(differing: Desk) -> None:
    clerk, serial = differing.clerk("clerk3"), differing.serials[0]
    page = clerk.decide(serial, Q1="second")
    assert page.status_code == 400
    assert "Question 6: choose one of the three." in page.text
    assert re.search(r'id="Q1-second" value="second" checked', page.text)
    assert differing.states()[serial] is PaperState.DIFFERING


def test_a_decision_that_cannot_be_stored_is_refused_at_its_question(differing: Desk) -> None:
    clerk = differing.clerk("clerk3")
    page = clerk.decide(differing.serials[0], Q1="other", Q1__other="8", C1="first")
    assert page.status_code == 400
    assert 'id="Q1-fault"' in page.text
    assert 'name="Q1__other" value="8"' in page.text


def test_whoever_keyed_a_form_does_not_decide_about_it(differing: Desk) -> None:
    clerk, serial = differing.clerk("clerk2"), differing.serials[0]
    listing = clerk.client.get("/nhap-lieu/doi-chieu/").text
    assert f'href="/nhap-lieu/doi-chieu/{serial}"' not in listing
    assert clerk.client.get(f"/nhap-lieu/doi-chieu/{serial}").status_code == 409


@pytest.mark.parametrize("username", ["office", "statistician", "viewer", "admin"])
def test_only_clerks_key(desk: Desk, username: str) -> None:
    assert desk.clerk(username).client.get("/nhap-lieu/").status_code == 403


def test_a_keying_without_the_form_token_is_refused(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    answer = clerk.client.post(f"{clerk.batch()}/phieu/{desk.serials[0]}", data=ALL)
    assert answer.status_code == 400
    assert desk.entries() == []


def test_a_batch_name_that_is_missing_is_asked_for(desk: Desk) -> None:
    clerk = desk.clerk("clerk")
    page = clerk.client.get("/nhap-lieu/")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    answer = clerk.client.post("/nhap-lieu/lo", data={"csrf_token": token[1], "round": "nho-2022"})
    assert answer.status_code == 400
    assert "Give the batch a name." in answer.text


def test_an_unknown_batch_is_not_found(desk: Desk) -> None:
    assert desk.clerk("clerk").client.get("/nhap-lieu/lo/nothing").status_code == 404


@pytest.fixture(scope="module")
def questionnaire(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    """Read a questionnaire with a multiple choice whose codes have one and two digits."""
    file = tmp_path_factory.mktemp("typed") / "typed.yaml"
    options = ", ".join(f'{{code: "{code}", text: Lựa chọn {code}}}' for code in ("1", "2", "10"))
    file.write_text(
        'schema: khaosat/questionnaire/1\nid: typed\nversion: "1"\nlanguage: vi\ntitle: Phiếu\n'
        "estimated_minutes: 1\nsections:\n  - id: A\n    title: A\n    items:\n"
        f"      - {{id: M, type: multi, text: Nhiều, options: [{options}]}}\n"
        "      - {id: T, type: text, text: Viết, max_length: 20}\n",
        encoding="utf-8",
    )
    return read_questionnaire(file)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1 2", ("1", "2")),
        ("21", ("1", "2")),
        ("10", ("10",)),
        ("10,2", ("2", "10")),
        ("1;2.", ("1", "2")),
        ("98", ("98",)),
        ("17", ("17",)),
    ],
)
def test_several_choices_are_read_with_and_without_spaces(
    questionnaire: Questionnaire, typed: str, answer: tuple[str, ...]
) -> None:
    answers, problems = read_typed(questionnaire, {"M": typed})
    assert answers == {"M": answer}
    assert problems == []


def test_a_text_is_left_as_it_was_typed(questionnaire: Questionnaire) -> None:
    answers, _ = read_typed(questionnaire, {"T": " Một, hai. "})
    assert answers == {"T": "Một, hai."}


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """Serve the app for a browser."""
    server = make_server("127.0.0.1", 0, desk.site.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_form_is_keyed_by_keyboard_alone(desk: Desk, address: str, browser: Browser) -> None:
    with browser.new_page() as page:
        page.goto(f"{address}/dang-nhap")
        page.fill("[name=username]", "clerk")
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation(url=f"{address}/"):
            page.keyboard.press("Enter")
        page.goto(f"{address}/nhap-lieu/")
        page.fill("[name=label]", "10-10 A")
        with page.expect_navigation(url="**/lo/*"):
            page.keyboard.press("Enter")
        page.locator("[name=serial]:focus").wait_for()
        page.keyboard.type(desk.serials[0])
        with page.expect_navigation(url="**/phieu/*"):
            page.keyboard.press("Enter")
        page.locator("[name=DY]:focus").wait_for()
        page.keyboard.type("1cc4")  # a number waits for Enter: 4 may become 40
        assert page.evaluate("document.activeElement.name") == "A2"
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # question 3 is empty on paper
        page.keyboard.type("9")  # waits for the second digit of 94, 95, 97, 98 or 99
        assert page.evaluate("document.activeElement.name") == "Q1"
        page.keyboard.type("9")
        assert page.evaluate("document.activeElement.name") == "Q2"
        page.keyboard.press("Shift+Tab")
        page.keyboard.type("3")  # typing again replaces the code
        page.keyboard.press("Enter")
        page.keyboard.type("13")
        page.keyboard.press("Enter")
        page.keyboard.type("Thêm máy in")
        with page.expect_navigation(url=re.compile(r"/lo/[^/]+$")):
            page.keyboard.press("Control+s")
        page.locator("[name=serial]:focus").wait_for()
    assert desk.entries() == [
        {"DY": "1", "A1": "CC", "A2": 4, "Q1": "3", "C1": ["1", "3"], "C2": "Thêm máy in"}
    ]
