"""A respondent on a phone 360 pixels wide, without scripts; then the same pages under axe-core."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CONTINUE = "Tiếp tục"
MOST_SECTIONS = 20


class Site(Protocol):
    """What these journeys use of the running installation."""

    url: str
    links: list[str]
    leader_links: list[str]


def press(page: Page, button: Locator) -> None:
    """Press a button and wait for the page it leads to; without scripts nothing else waits."""
    with page.expect_navigation():
        button.click()


def width_that_scrolls(page: Page) -> int:
    """Return how far the widest element reaches; no script is needed to ask."""
    boxes = [each.bounding_box() for each in page.locator("body, main, form, fieldset, h1").all()]
    return round(max(box["x"] + box["width"] for box in boxes if box is not None))


def answer_everything(page: Page) -> None:
    """Choose the second answer of every question on the page, as a thumb would."""
    questions = page.locator(".question:has(input):visible")
    place = 0
    while place < questions.count():  # an answer may open a further question on the page
        labels = questions.nth(place).locator("label")
        multiple = questions.nth(place).get_attribute("id") == "C1"
        (labels.first if multiple else labels.nth(1)).click()
        place += 1


def sections_until_check(page: Page) -> Iterator[str]:
    """Walk from the first section to the check page; yield each heading."""
    for _ in range(MOST_SECTIONS):
        if page.url.endswith("/kiem-tra"):
            return
        yield page.locator("h1").inner_text()
        answer_everything(page)
        press(page, page.get_by_role("button", name=CONTINUE))
    pytest.fail(f"no check page after {MOST_SECTIONS} sections, still at {page.url}")


def consent(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_text("Đồng ý", exact=True).click()
    press(page, page.get_by_role("button", name=CONTINUE))


def test_a_respondent_answers_on_a_phone_without_scripts_and_gets_a_receipt(
    phone: Page, site: Site
) -> None:
    link = site.links[0]

    phone.goto(link)
    assert link.rsplit("/", 1)[-1] not in phone.url
    expect(phone.locator("body")).to_contain_text(re.compile("mô phỏng", re.IGNORECASE))
    expect(phone.locator("body")).to_contain_text("tự nguyện")
    assert width_that_scrolls(phone) <= 360
    consent(phone, link)

    headings = []
    for heading in sections_until_check(phone):
        headings.append(heading)
        assert width_that_scrolls(phone) <= 360, heading

    assert len(headings) == 10
    assert width_that_scrolls(phone) <= 360
    press(phone, phone.get_by_role("button", name="Gửi"))
    assert phone.url.endswith("/da-gui")
    assert re.search(r"[0-9A-Z]{4,}", phone.locator(".receipt .code").inner_text())


def test_a_used_link_a_wrong_link_and_a_wrong_round_each_get_a_clear_page(
    phone: Page, site: Site
) -> None:
    used = site.links[0]
    wrong = used[:-4] + "AAAA"

    seen = [
        (phone.goto(url), phone.locator("h1").inner_text())
        for url in (used, wrong, used.replace("/bp2022/", "/bp1999/"))
    ]

    assert [answer.status for answer, _ in seen if answer is not None] == [410, 404, 404]
    assert len({heading for _, heading in seen}) >= 2
    expect(phone.locator("body")).not_to_contain_text("Traceback")


def test_an_interrupted_form_goes_on_where_it_stopped(phone: Page, site: Site) -> None:
    consent(phone, site.links[1])
    answer_everything(phone)
    press(phone, phone.get_by_role("button", name=CONTINUE))
    stopped_at = phone.url

    phone.goto(site.links[1])
    phone.goto(stopped_at.replace(stopped_at.rsplit("/", 1)[-1], "A"))

    assert phone.locator("#A1 input:checked").count() == 1


def test_axe_finds_nothing_on_any_page_of_a_respondent(
    small_phone_with_scripts: Page, site: Site, violations: "Callable[[Page], list[str]]"
) -> None:
    page = small_phone_with_scripts
    found = []
    page.goto(site.links[2])
    found += violations(page)
    press(page, page.get_by_role("button", name=CONTINUE))
    found += violations(page)  # the page that asks for the missing consent
    consent(page, site.links[2])
    press(page, page.get_by_role("button", name=CONTINUE))
    found += violations(page)  # the error summary of the first section
    for _ in sections_until_check(page):
        found += violations(page)
    found += violations(page)
    press(page, page.get_by_role("button", name="Gửi"))
    found += violations(page)
    for path in ("/quyen-rieng-tu", "/tro-nang", "/t/bp2022/wrong", "/"):
        page.goto(site.url + path)
        found += violations(page)

    assert found == []


def test_error_summary_takes_the_focus_and_leads_to_the_question(
    small_phone_with_scripts: Page, site: Site
) -> None:
    page = small_phone_with_scripts
    consent(page, site.links[3])

    press(page, page.get_by_role("button", name=CONTINUE))

    page.locator("#errors:focus").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert page.locator("#A1 input:checked").count() == 1


def test_a_form_can_be_filled_with_the_keyboard_alone_in_the_order_of_the_page(
    desktop: Page, site: Site
) -> None:
    consent(desktop, site.leader_links[0])
    focused: list[str] = []
    while not focused or focused[-1] != CONTINUE:
        assert len(focused) < 20, focused
        desktop.keyboard.press("Tab")
        focused.append(
            desktop.evaluate(
                "(e => e.tagName === 'BUTTON' ? e.innerText.trim() : e.name || '')"
                "(document.activeElement)"
            )
        )
        if focused[-1] == "A2":
            desktop.keyboard.press("ArrowDown")  # the first answer would end the form
        elif focused[-1] in {"A1", "A4"}:
            desktop.keyboard.press("Space")

    assert [name for name in focused if name in {"A1", "A2", "A4"}] == ["A1", "A2", "A4"]
    with desktop.expect_navigation():
        desktop.keyboard.press("Enter")
    assert desktop.url.endswith("/phan/B1")


def test_axe_finds_nothing_on_the_side_paths(
    small_phone_with_scripts: Page, site: Site, violations: "Callable[[Page], list[str]]"
) -> None:
    page = small_phone_with_scripts
    found = []
    consent(page, site.leader_links[3])
    answer_everything(page)
    press(page, page.get_by_role("button", name="Dừng ở đây"))
    found += violations(page)
    page.context.clear_cookies()
    page.goto(site.leader_links[3])  # another device: it asks for the code
    found += violations(page)
    page.goto(site.links[0])  # used, or not yet: either way a clear page
    found += violations(page)
    page.goto(site.leader_links[4])
    page.get_by_text("Không đồng ý", exact=True).click()
    press(page, page.get_by_role("button", name=CONTINUE))
    found += violations(page)

    assert found == []


def test_at_four_hundred_percent_nothing_scrolls_sideways(desktop: Page, site: Site) -> None:
    desktop.set_viewport_size({"width": 320, "height": 256})  # 1280 × 1024 at 400 %

    def reach() -> int:
        return int(desktop.evaluate("document.documentElement.scrollWidth"))

    for path in ("/quyen-rieng-tu", "/tro-nang", "/dang-nhap", "/"):
        desktop.goto(site.url + path)
        assert reach() <= 320, path
    consent(desktop, site.leader_links[1])
    for heading in sections_until_check(desktop):
        assert reach() <= 320, heading
    assert reach() <= 320, desktop.url
    press(desktop, desktop.get_by_role("button", name="Gửi"))
    assert desktop.url.endswith("/da-gui")
    assert reach() <= 320


def test_first_visit_takes_at_most_forty_kilobytes(desktop: Page, site: Site) -> None:
    sizes = []
    desktop.on("response", lambda answer: sizes.append(len(answer.body()) if answer.ok else 0))

    desktop.goto(site.leader_links[2], wait_until="networkidle")

    assert 1_000 < sum(sizes) <= 40_000
