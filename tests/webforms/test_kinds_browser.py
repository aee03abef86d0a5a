"""Every kind of question in Chromium: phone and desk, with and without scripts, by keyboard."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from survey.records.collection import Entry, Invitation
from survey.records.units import Stratum
from survey.services import invite
from tests.kinds import QUESTIONNAIRE, ROUND, UNITS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=800)
PASSWORD = "ba con mèo đi học"
ANSWERS = {"A2": "31/10/2022", "A4": "9,5", "A6": "3"}


@pytest.fixture(scope="module")
def opened_round_file(make_opened_round: Callable[[str, str, str], Any]) -> Any:
    """Serve the round of every kind instead of the small one."""
    return make_opened_round(ROUND, QUESTIONNAIRE, UNITS)


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


@pytest.fixture
def opened(browser: Browser, address: str, site: Any) -> Iterator[Callable[..., Page]]:
    """Open a link in a window of its own and agree to take part."""
    contexts = []

    def begin(size: Any, *, scripts: bool) -> Page:
        context = browser.new_context(viewport=size, java_script_enabled=scripts, locale="vi-VN")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.goto(address + site.path())
        page.get_by_text("Đồng ý", exact=True).click()
        press(page, "Tiếp tục")
        return page

    yield begin
    for context in contexts:
        context.close()


def press(page: Page, name: str) -> None:
    """Press the visible button of this name and wait for the page it leads to."""
    with page.expect_navigation():
        page.locator(f"main button:visible:has-text('{name}')").first.click()


def fits(page: Page, width: int) -> bool:
    """Say whether nothing reaches beyond the window; no script is needed to ask."""
    wide = "main, h1, legend, label, input:visible, textarea, .unit:visible, .errors, .stem, dd"
    boxes = [each.bounding_box() for each in page.locator(wide).all()]
    return max(box["x"] + box["width"] for box in boxes if box is not None) <= width


def answer_first_section(page: Page) -> None:
    """Choose an answer with a line, write what is to be written, leave one doubt."""
    page.locator("#A1-9").check()
    page.locator("#A1_9").fill("Việc riêng")
    page.locator("#A3-1").check()
    for item, text in ANSWERS.items():
        page.locator(f"#{item}").fill(text)


@pytest.mark.parametrize(("size", "scripts"), [(PHONE, False), (DESK, True)])
def test_every_kind_is_answered_and_sent(
    opened: Callable[..., Page], size: Any, *, scripts: bool
) -> None:
    page = opened(size, scripts=scripts)
    line = page.locator("#A1_9")
    expect(line).to_be_visible() if not scripts else expect(line).to_be_hidden()
    assert fits(page, size["width"])
    answer_first_section(page)
    assert fits(page, size["width"])
    if scripts:  # the difference from the appointment is asked about after a long wait
        page.locator("#A5").fill("-2")
    press(page, "Tiếp tục")
    expect(page.locator("#doubts")).to_contain_text("Thời gian chờ hơn 8 giờ")
    assert fits(page, size["width"])
    page.locator("#A5").fill("-2")
    press(page, "Tiếp tục")
    expect(page.get_by_text("như thế nào về:").first).to_be_visible()
    for row in page.locator("fieldset").all():
        row.locator("label").first.click()
    assert fits(page, size["width"])
    press(page, "Tiếp tục")
    page.locator("#C1").fill("Nông dân")
    press(page, "Tiếp tục")
    given = page.locator(".answers .given")
    for said in ("Việc khác", "Việc riêng", "31/10/2022", "9,5 giờ", "-2 ngày", "Nông dân"):
        expect(given.filter(has_text=said).first).to_be_visible()
    assert fits(page, size["width"])
    press(page, "Gửi")
    expect(page.locator(".receipt .code")).to_be_visible()


def test_axe_finds_nothing_on_pages_with_every_kind(opened: Callable[..., Page]) -> None:
    page = opened(PHONE, scripts=True)
    found = violations(page)
    press(page, "Tiếp tục")
    found += violations(page)  # the error summary
    answer_first_section(page)
    found += violations(page)  # with the line beside its option
    press(page, "Tiếp tục")
    found += violations(page)  # what is in doubt
    press(page, "Tiếp tục")
    found += violations(page)  # the grid
    press(page, "Tiếp tục")
    found += violations(page)
    press(page, "Tiếp tục")
    found += violations(page)  # all answers
    assert page.url.endswith("/kiem-tra")
    assert found == []


def violations(page: Page) -> list[str]:
    """Name what axe-core finds at 360 and at 1280 pixels."""
    found = []
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        found += Axe().run(page).response["violations"]
    return [f"{page.url}: {each['id']} {[n['target'] for n in each['nodes']]}" for each in found]


def test_the_line_comes_with_its_option_and_goes_with_it(opened: Callable[..., Page]) -> None:
    page = opened(PHONE, scripts=True)
    option, line = page.locator("#A1-9"), page.locator("#A1_9")
    option.check()
    expect(line).to_be_visible()
    expect(option).to_be_focused()
    below = option.bounding_box(), line.bounding_box()
    assert below[0] is not None
    assert below[1] is not None
    assert 0 < below[1]["y"] - below[0]["y"] < 150
    page.locator("#A1-1").check()
    expect(line).to_be_hidden()
    expect(line).to_be_disabled()


def test_every_kind_is_answered_by_keyboard_in_the_order_of_the_page(
    opened: Callable[..., Page],
) -> None:
    page = opened(DESK, scripts=True)
    shown = page.locator("#A1 input[type=radio]").first.get_attribute("value")
    seen: list[str] = []
    while not seen or seen[-1] != "Tiếp tục":
        assert len(seen) < 30, seen
        page.keyboard.press("Tab")
        where = "(e => e.tagName === 'BUTTON' ? e.innerText.trim() : e.name || '')"
        seen.append(page.evaluate(f"{where}(document.activeElement)"))
        if seen[-1] == "A1" or (seen[-1] == "A3" and seen.count("A3") == 1):
            page.keyboard.press("Space")
        elif seen[-1] in ANSWERS:
            page.keyboard.type(ANSWERS[seen[-1]])
        elif seen[-1] == "A5":
            page.keyboard.type("-2")
    order = [name for name in dict.fromkeys(seen) if name.startswith("A")]
    assert order == ["A1", "A2", "A3", "A4", "A5", "A6"]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("#doubts:focus").wait_for()
    expect(page.locator(f"#A1-{shown}")).to_be_checked()


def test_a_row_is_announced_with_its_stem_and_a_number_with_its_unit(
    opened: Callable[..., Page],
) -> None:
    page = opened(PHONE, scripts=True)
    expect(page.locator("#A4")).to_have_accessible_description(
        re.compile(r"^Tính từ khi đến nơi\. .+ giờ$")
    )
    answer_first_section(page)
    press(page, "Tiếp tục")
    press(page, "Tiếp tục")
    row = page.get_by_role("group", name="Ông/Bà đánh giá như thế nào về: 7a. Chỗ ngồi chờ")
    expect(row).to_be_visible()


def test_a_clerk_keys_every_kind_by_keyboard_alone(
    site: Any, address: str, browser: Browser
) -> None:
    serial = _paper(site)
    with browser.new_page(viewport=DESK) as page:
        page.set_default_timeout(8000)
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
        page.keyboard.type(serial)
        with page.expect_navigation(url="**/phieu/*"):
            page.keyboard.press("Enter")
        page.locator("[name=DY]:focus").wait_for()
        for keys in (
            ("1",),  # consent: a complete code moves on
            ("9", "8"),  # A1: 9 may become 94 or 98, so it waits
        ):
            for key in keys:
                page.keyboard.type(key)
        assert page.evaluate("document.activeElement.name") == "A1_9"
        for text in ("Việc riêng", "31102022", "19", "Điện thoại", "3,5", "-2", "7"):
            page.keyboard.type(text)
            page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.name") == "BG1"
        assert Axe().run(page).response["violations"] == []
        page.keyboard.type("321")
        page.keyboard.type("Nông dân")
        page.keyboard.press("Enter")
        page.keyboard.type("Thêm ghế")
        with page.expect_navigation(url="**/lo/*"):
            page.keyboard.press("Control+s")
    with site.store.read() as session:
        assert session.scalars(select(Entry.answers)).one() == {
            "DY": "1",
            "A1": "98",
            "A1_9": "Việc riêng",
            "A2": "2022-10-31",
            "A3": ["1", "9"],
            "A3_9": "Điện thoại",
            "A4": "3.5",
            "A5": -2,
            "A6": 7,
            "BG1": "3",
            "BG2": "2",
            "BG3": "1",
            "C1": "Nông dân",
            "C2": "Thêm ghế",
        }


def _paper(site: Any) -> str:
    """Hand one paper form out and return its serial."""
    with site.store.write() as session:
        found = session.scalars(select(Stratum.id).where(Stratum.respondent_group == "CC")).first()
        slots = session.scalars(select(Invitation.slot).where(Invitation.stratum_id == found))
        now = site.app.extensions["khaosat.clock"]()
        first = sorted(slots)[:1]
        invite.hand_out_paper(session, found, slots=first, actor="office", now=now)
        return str(invite.paper_serials(session, found)[0])
