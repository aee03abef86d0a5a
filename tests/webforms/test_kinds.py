"""Every kind of question on the pages of respondents, without a browser: what a post means."""

import re
import threading
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from werkzeug.serving import make_server

from survey.rules.ballots import ORDERS
from survey.services import collect
from survey.simulate import people
from survey.simulate.respondents import answer_online
from tests.kinds import QUESTIONNAIRE, ROUND, UNITS

FIRST = {"A1": "1", "A2": "31/10/2022", "A4": "1,5", "A5": "-2", "A6": "3"}


@pytest.fixture(scope="module")
def opened_round_file(make_opened_round: Callable[[str, str, str], Any]) -> Any:
    """Serve the round of every kind instead of the small one."""
    return make_opened_round(ROUND, QUESTIONNAIRE, UNITS)


@pytest.fixture
def person(site: Any) -> Any:
    """Return somebody who has agreed to take part, reading English."""
    found = site.respondent()
    found.post("/", DY="1")
    return found


def _draft(site: Any, person: Any) -> Any:
    """Read a respondent's draft as the server does for that browser."""
    token = person.url.rsplit("/", 1)[1]
    with site.store.read() as session:
        visit = collect.open_visit(session, round_code="nho-2022", token=token)
        device = next(
            cookie.value
            for key, cookie in person.client._cookies.items()  # noqa: SLF001 - no name known
            if key[-1].startswith("may-")
        )
        return collect.load_draft(session, visit, token=token, device=device)


def _order(page: Any, item: str) -> list[str]:
    return re.findall(rf'id="{item}-(\w+)" value="\1"', page.text)


def _words(page: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_the_whole_way_with_every_kind_leads_to_the_answers_as_written(person: Any) -> None:
    person.post("/phan/A", **FIRST, A3=["9", "1"], A3_9="Điện thoại")
    assert person.where == "/phan/B"
    person.post("/phan/B", BG1="3", BG2="99", BG3="1")
    page = person.post("/phan/C", C1="Nông dân", C2="Không có")
    said = _words(page)
    assert person.where == "/kiem-tra"
    for answer in ("31/10/2022", "1.5 giờ", "-2 ngày", "Kênh khác", "Điện thoại", "Nông dân"):
        assert answer in said
    assert said.count("Ông/Bà đánh giá như thế nào về:") == 1
    assert person.post("/kiem-tra").status_code == 200
    assert person.where == "/da-gui"


def test_a_decimal_comes_back_as_the_language_writes_it(person: Any) -> None:
    person.post("/phan/A", **FIRST)
    assert 'value="1.5"' in person.get("/phan/A").text
    person.client.set_cookie("ngon_ngu", "vi")
    assert 'value="1,5"' in person.get("/phan/A").text


def test_a_line_is_dropped_where_its_option_is_not_chosen(site: Any, person: Any) -> None:
    person.post("/phan/A", **FIRST, A1_9="thừa", A3=["9"], A3_9="giữ")
    answers = _draft(site, person).answers
    assert "A1_9" not in answers
    assert answers["A3_9"] == "giữ"


def test_the_line_stands_beneath_its_option_for_a_browser_without_scripts(person: Any) -> None:
    text = person.get("/phan/A").text
    option, line, following = (text.index(f'id="{name}"') for name in ("A1-9", "A1_9", "A2"))
    assert option < line < following
    assert "<template>" not in text[option:line]
    assert text.count('name="A1_9"') == 1


def test_a_soft_constraint_is_asked_about_once_and_can_be_sent(person: Any) -> None:
    long = {**FIRST, "A4": "9.5"}
    page = person.post("/phan/A", **long)
    assert page.status_code == 200
    assert "Thời gian chờ hơn 8 giờ; có đúng không?" in _words(page)
    assert person.where == "/phan/A"
    checked = re.findall(r'name="_checked" value="(\w+)"', page.text)
    assert checked == ["A4"]
    person.post("/phan/A", **long, _checked="A4")
    assert person.where == "/phan/B"
    person.post("/phan/B")
    page = person.post("/phan/C")
    assert "Thời gian chờ hơn 8 giờ" in _words(page)
    assert person.post("/kiem-tra").status_code == 200
    assert person.where == "/da-gui"


def test_a_hard_constraint_is_refused_with_its_own_message(person: Any) -> None:
    page = person.post("/phan/A", **FIRST | {"A5": "5", "A6": "4"})
    assert page.status_code == 400
    assert "Số lần đến phải lớn hơn số ngày chênh lệch." in _words(page)
    assert 'href="#A6"' in page.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"A3": ["1", "2", "3"]}, "at most 2 choices"),
        ({"A3": ["1", "8"]}, "“Không dùng kênh nào”, which stands alone"),
        ({"A2": "31/02/2022"}, "is not a date"),
        ({"A2": "31/12/2021"}, "before 01/01/2022"),
        ({"A4": "1,25"}, "more than 1 decimals"),
        ({"A4": "100"}, "outside 0.0 to 99.5"),
        ({"A1": "4"}, "4 is not among the answers"),
        ({"A1": "9", "A1_9": "x" * 61}, "question 1 has 61 characters"),
    ],
)
def test_what_cannot_be_stored_is_said_in_words(
    person: Any, given: dict[str, Any], said: str
) -> None:
    page = person.post("/phan/A", **{**FIRST, **given})
    assert page.status_code == 400
    assert said in _words(page)


def test_an_option_outside_its_days_is_not_offered(person: Any) -> None:
    assert sorted(_order(person.get("/phan/A"), "A1")) == ["1", "2", "3", "9"]


def test_the_order_of_options_stays_from_page_to_page_and_ends_with_the_last(
    site: Any, person: Any
) -> None:
    first = _order(person.get("/phan/A"), "A1")
    person.post("/phan/A", **FIRST)
    assert _order(person.get("/phan/A"), "A1") == first
    assert first[-1] == "9"
    assert _order(person.get("/phan/A"), "A3")[-2:] == ["8", "9"]
    assert _draft(site, person).order_seed in range(ORDERS)


def test_people_see_different_orders(site: Any) -> None:
    orders = set()
    for unit in ("S1", "S2"):
        for group, count in (("LD", 3), ("CC", 4)):
            for which in range(count):
                found = site.respondent(unit, group, which)
                found.post("/", DY="1")
                orders.add(tuple(_order(found.get("/phan/A"), "A1")))
    assert len(orders) > 1  # all 14 alike: once in 6**13


def test_the_stem_is_seen_once_and_heard_with_every_row(person: Any) -> None:
    person.post("/phan/A", **FIRST)
    text = person.get("/phan/B").text
    assert text.count('<p class="stem" id="BG">') == 1
    legends = re.findall(r"<legend>(.*?)</legend>", text, re.DOTALL)
    assert len(legends) == 3
    assert all('<span class="hidden">' in each and "như thế nào về:" in each for each in legends)


def test_a_fact_of_the_register_closes_a_row(site: Any) -> None:
    rural = site.respondent("S2")
    rural.post("/", DY="1")
    rural.post("/phan/A", **FIRST)
    text = rural.get("/phan/B").text
    assert 'name="BG2"' not in text
    assert 'name="BG3"' in text


@pytest.fixture
def address(site: Any) -> Iterator[str]:
    """Serve the round on a free port."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_simulated_people_answer_every_kind_through_the_pages(site: Any, address: str) -> None:
    for which in range(3):
        answers = people.opinions(
            people.Person(unit="S1", group="CC", slot=which),
            site.questionnaire,
            seed=2022,
            groups=("LD", "CC"),
            habits=people.Habits(),
        )
        if which == 2:
            answers |= {"A4": "9.5"}  # asked about, and sent all the same
        link = site.path(which=which)
        assert answer_online(address, link, answers, site.questionnaire).endswith("/da-gui")
