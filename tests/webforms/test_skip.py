"""Questions that come and go on the open page: what the server writes, and what Chromium does."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

import webforms
from questionnaires.expressions import Kind, parse, parse_value
from webforms.skip import browser_logic, live_items

STATIC = Path(webforms.__file__).parent / "static"
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def address(site: Any) -> Iterator[str]:
    """Serve the small round on a free port."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _begun(context: BrowserContext, address: str, site: Any) -> Page:
    """Open a leader's link and agree to take part."""
    page = context.new_page()
    page.set_default_timeout(8000)
    page.goto(address + site.path(group="LD"))
    page.get_by_text("Đồng ý", exact=True).click()
    _press(page, "Tiếp tục")
    return page


def _press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator(f"main button:visible:has-text('{name}')").first.click()


@pytest.fixture
def phone(browser: Browser, address: str, site: Any) -> Iterator[Page]:
    """Give a page 360 pixels wide with scripts, at the first section."""
    context = browser.new_context(viewport=PHONE, has_touch=True, locale="vi-VN")
    yield _begun(context, address, site)
    context.close()


@pytest.fixture
def plain_phone(browser: Browser, address: str, site: Any) -> Iterator[Page]:
    """Give the same page without scripts."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="vi-VN")
    yield _begun(context, address, site)
    context.close()


def test_section_carries_its_conditions_and_the_closed_question_as_a_template(site: Any) -> None:
    person = site.respondent(group="LD")
    person.post("/", DY="1")
    text = person.page.text

    closed = re.search(
        r'<div data-step="A3" hidden><template>(.*?)</template></div>', text, re.DOTALL
    )
    logic = re.search(r"data-logic='([^']*)'", text)

    assert closed is not None
    assert 'name="A3"' in closed[1]
    assert logic is not None
    assert json.loads(logic[1])["steps"][2] == {
        "id": "A3",
        "type": "single",
        "if": ["=", ["v", "A1"], "LD"],
    }


def test_only_what_depends_on_the_same_page_is_live(site: Any) -> None:
    questionnaire = site.questionnaire
    first, second, third = questionnaire.enabled_sections

    assert live_items(questionnaire, first) == {"A3"}
    assert live_items(questionnaire, second) == set()  # Q2 depends on A1, one page earlier
    assert browser_logic(questionnaire, second, {"A1": "LD"}) is None
    assert browser_logic(questionnaire, third, {}) is None


def test_page_without_live_questions_has_no_script(site: Any) -> None:
    person = site.respondent(group="LD")
    person.post("/", DY="1")
    person.post("/phan/A", A1="LD", A2="4", A3="1")

    assert person.where == "/phan/B"
    assert "<script" not in person.page.text


def test_question_that_a_script_showed_is_missed_and_not_announced_as_new(site: Any) -> None:
    person = site.respondent(group="LD")
    person.post("/", DY="1")
    person.post("/phan/A", A1="LD", A2="4", _shown="A3")

    assert person.page.status_code == 400
    assert 'href="#A3-1"' in person.page.text


def test_page_with_its_scripts_stays_under_40_kilobytes(site: Any) -> None:
    person = site.respondent(group="LD")
    person.post("/", DY="1")
    size = len(person.page.data)
    for asset in re.findall(r'(?:href|src)="(/static/[^"]+)"', person.page.text):
        with person.client.get(asset) as answer:
            size += len(answer.data)

    assert 10_000 < size < 40_000


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_question_comes_and_goes_at_once_and_focus_stays(phone: Page) -> None:
    errors: list[str] = []
    phone.on("console", lambda message: errors.append(message.text))
    leader = phone.locator("#A1-LD")
    expect(phone.locator("#A3")).to_be_hidden()

    leader.check()
    expect(phone.locator("#A3")).to_be_visible()
    expect(leader).to_be_focused()
    opened = "Câu trả lời vừa rồi mở thêm câu hỏi trên trang này."
    expect(phone.locator("#skip-status")).to_have_text(opened)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.locator("#A1-CC").check()
    expect(phone.locator("#A3")).to_be_hidden()
    expect(phone.locator("#A3-1")).to_be_disabled()

    assert errors == []


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_answer_to_a_question_that_was_closed_again_is_not_sent(phone: Page) -> None:
    phone.locator("#A1-LD").check()
    phone.locator("#A3-2").check()
    phone.locator("#A1-CC").check()
    phone.locator("#A2").fill("4")
    sent = []
    phone.on("request", lambda request: sent.append(request.post_data or ""))

    _press(phone, "Tiếp tục")

    posted = parse_qs(sent[0])
    assert posted["A1"] == ["CC"]
    assert "A3" not in posted


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_opened_question_left_blank_is_named_in_the_summary(phone: Page) -> None:
    phone.locator("#A1-LD").check()
    phone.locator("#A2").fill("4")
    _press(phone, "Tiếp tục")
    expect(phone.locator("#errors")).to_contain_text("3")
    expect(phone.locator("#A3")).to_be_visible()

    phone.locator("#A3-2").check()
    _press(phone, "Tiếp tục")

    expect(phone).to_have_url(re.compile("/phan/[BC]"))


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_without_scripts_the_server_shows_the_question_after_continue(plain_phone: Page) -> None:
    expect(plain_phone.locator("#A3")).to_have_count(0)
    plain_phone.locator("#A1-LD").check()
    plain_phone.locator("#A2").fill("4")
    _press(plain_phone, "Tiếp tục")
    expect(plain_phone.locator("#A3")).to_be_visible()

    plain_phone.locator("#A3-2").check()
    _press(plain_phone, "Tiếp tục")

    expect(plain_phone).to_have_url(re.compile("/phan/[BC]"))


KINDS = {
    "s": Kind.CODE,
    "m": Kind.CODES,
    "n": Kind.NUMBER,
    "d": Kind.DECIMAL,
    "t": Kind.DATE,
    "x": Kind.TEXT,
    "k": Kind.DECIMAL,
    "outer": Kind.NUMBER,
}
FORM = """
<p id="skip-status" role="status" data-opened="mở" data-logic='LOGIC'></p>
<form id="form"><label><input type="radio" name="s" value="1" id="s1">1</label>
<input type="checkbox" name="m" value="1" id="m1"><input type="checkbox" name="m" value="3" id="m3">
<input name="n"><input name="d"><input name="t"><textarea name="x"></textarea>
<div data-step="q" hidden><template><input name="q" id="q"></template></div></form>
"""


def _all_kinds(page: Page, condition: str) -> None:
    """Show a form with a question of every kind and one that depends on them."""
    types = {"s": "single", "m": "multi", "n": "integer", "d": "decimal", "t": "date", "x": "text"}
    steps: list[dict[str, Any]] = [
        {"id": name, "type": kind, "places": 2} for name, kind in types.items()
    ]
    formula = parse_value("${n} div 3", KINDS)
    steps.append({"id": "k", "type": "calculation", "value": formula, "places": 1})
    steps.append({"id": "q", "type": "text", "if": parse(condition, KINDS)})
    logic = json.dumps({"values": {"outer": 5}, "steps": steps}).replace("'", "\\u0027")
    page.set_content(FORM.replace("LOGIC", logic))
    for script in ("skip.js", "skip-page.js"):
        page.add_script_tag(path=STATIC / script)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_answers_of_every_kind_are_read_as_the_server_reads_them(browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    cases = [
        ("${n} = -12", "n", "\u221212", True),
        ("${n} = 12", "n", "12,0", False),
        ("${n} = '#95'", "n", " #95 ", True),
        ("answered(${n})", "n", "mười", False),
        ("${d} = 3.5", "d", "3,50", True),
        ("${d} = 3.5", "d", "+3.5", True),
        ("${d} > 0", "d", "3.555", False),
        ("${d} = 3", "d", "3", True),
        ("${t} = date('2022-10-31')", "t", "31/10/2022", True),
        ("${t} = date('2022-10-01')", "t", "1-10-2022", True),
        ("${t} = date('2022-10-01')", "t", "2022-10-1", True),
        ("${t} > date('2022-01-01')", "t", "31/02/2022", False),
        ("${x} = 'có'", "x", " co\u0301 ", True),
        ("answered(${x})", "x", "   ", False),
        ("${k} = 0.7", "n", "2", True),
        ("${outer} + ${n} = 7", "n", "2", True),
    ]
    wrong = []
    for condition, field, typed, opens in cases:
        _all_kinds(page, condition)
        page.locator(f"[name={field}]").fill(typed)
        if page.locator("#q").is_visible() is not opens:
            wrong.append((condition, typed))
    for condition, ids, opens in (
        ("${s} = '1'", ["s1"], True),
        ("selected(${m}, '3') and count-selected(${m}) = 2", ["m1", "m3"], True),
        ("selected(${m}, '3')", ["m1"], False),
    ):
        _all_kinds(page, condition)
        for each in ids:
            page.locator(f"#{each}").check()
        if page.locator("#q").is_visible() is not opens:
            wrong.append((condition, ids))
    page.close()

    assert wrong == []
