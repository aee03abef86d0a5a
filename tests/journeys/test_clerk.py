"""A clerk with a keyboard and nothing else: sign in, key forms, settle differences."""

from collections.abc import Callable
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page

from questionnaires.library import shipped

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATIENCE = 40


class Site(Protocol):
    """What these journeys use of the running installation."""

    url: str
    serials: list[str]
    password: str


def tab_to(page: Page, found: str) -> None:
    """Press Tab until the JavaScript condition ``found`` holds for the focused element."""
    for _ in range(PATIENCE):
        if page.evaluate(f"(() => {{ const e = document.activeElement; return {found} }})()"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {found} on {page.url} with the Tab key")


def press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(page: Page, site: Site, username: str) -> None:
    page.goto(site.url + "/dang-nhap")
    tab_to(page, "e.name === 'username'")
    page.keyboard.type(username)
    tab_to(page, "e.name === 'password'")
    page.keyboard.type(site.password)
    press_enter(page)


def open_batch(page: Page, site: Site, label: str) -> None:
    page.goto(site.url + "/nhap-lieu/")
    tab_to(page, "e.name === 'label'")
    page.keyboard.type(label)
    press_enter(page)
    assert "/nhap-lieu/lo/" in page.url


def choose_form(page: Page, serial: str) -> None:
    page.locator("[name=serial]:focus").wait_for()
    page.keyboard.type(serial)
    press_enter(page)
    assert serial in page.url
    page.locator("[data-item]:focus").wait_for()


def key_form(page: Page, answers: dict[str, str]) -> list[str]:
    """Type the answers in the order of the form; return the items that took the focus."""
    visited = []
    for _ in range(60):
        if page.evaluate("document.activeElement.matches('[data-save]')"):
            return visited
        name = str(page.evaluate("document.activeElement.name"))
        visited.append(name)
        if name in answers:
            page.keyboard.type(answers[name])
        if page.evaluate("document.activeElement.name") == name:
            page.keyboard.press("Tab")
    pytest.fail(f"the save button was never reached; visited {visited}")


def answers_of_a_leader(scale: str) -> dict[str, str]:
    """Answer every scale question of the form with one code."""
    questionnaire = shipped("officials_par")
    scored = dict.fromkeys((item.id for item in questionnaire.scored_items), scale)
    return {"DY": "1", "A1": "LD", "A2": "3", "A4": "1"} | scored


@pytest.fixture
def clerk(browser: Browser, site: Site) -> Callable[[str], Page]:
    """Open a window of its own for each clerk, signed in."""

    def signed_in(username: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi-VN")
        page = context.new_page()
        sign_in(page, site, username)
        return page

    return signed_in


def test_digits_answer_and_advance_so_that_a_form_needs_no_other_key(
    clerk: Callable[[str], Page], site: Site
) -> None:
    page = clerk("nhaplieu1")
    open_batch(page, site, "Lô bàn phím")
    choose_form(page, site.serials[0])
    answers = answers_of_a_leader("4")

    for name, code in answers.items():
        assert page.evaluate("document.activeElement.name") == name
        page.keyboard.type(code)

    assert page.evaluate("document.activeElement.name") == "C1"


def test_two_blind_keyings_that_differ_are_settled_by_a_third_person(
    clerk: Callable[[str], Page], site: Site, violations: Callable[[Page], list[str]]
) -> None:
    serial = site.serials[1]
    found = []
    page = clerk("nhaplieu1")
    page.context.clear_cookies()
    page.goto(site.url + "/dang-nhap")
    found += violations(page)
    for username, change in (("nhaplieu1", {}), ("nhaplieu2", {"Q05": "2"})):
        page = clerk(username)
        found += violations(page)
        open_batch(page, site, f"Lô của {username}")
        found += violations(page)
        choose_form(page, serial)
        found += violations(page)
        assert page.locator("[data-item]").evaluate_all("all => all.every(e => !e.value)")
        key_form(page, answers_of_a_leader("4") | change)
        press_enter(page)
        page.locator("[name=serial]:focus").wait_for()

    third = clerk("nhaplieu3")
    third.goto(site.url + "/nhap-lieu/doi-chieu/")
    found += violations(third)
    tab_to(third, f"(e.getAttribute('href') || '').endsWith('{serial}')")
    press_enter(third)
    found += violations(third)
    tab_to(third, "e.name === 'Q05'")
    third.keyboard.press("Space")
    tab_to(third, "e.type === 'submit' && e.closest('main')")
    press_enter(third)

    assert serial not in third.content()
    assert found == []


def test_who_keyed_a_form_may_not_decide_it_nor_key_it_again(
    clerk: Callable[[str], Page], site: Site
) -> None:
    page = clerk("nhaplieu1")
    open_batch(page, site, "Lô lặp lại")
    page.locator("[name=serial]:focus").wait_for()

    page.keyboard.type(site.serials[1])
    press_enter(page)

    assert site.serials[1] not in page.url.rsplit("/", 1)[-1]
    assert page.locator("[role=alert], .invalid-feedback, .is-invalid").count() >= 1


def test_ctrl_s_saves_and_the_codes_of_two_digits_wait_for_the_second(
    clerk: Callable[[str], Page], site: Site
) -> None:
    page = clerk("nhaplieu3")
    open_batch(page, site, "Lô hai chữ số")
    choose_form(page, site.serials[0])
    tab_to(page, "e.name === 'Q01'")

    page.keyboard.type("9")
    assert page.evaluate("document.activeElement.name") == "Q01"
    page.keyboard.type("9")
    assert page.evaluate("document.activeElement.name") == "Q02a"
    with page.expect_navigation():
        page.keyboard.press("Control+s")

    page.locator("[name=serial]:focus").wait_for()


def test_at_four_hundred_percent_a_clerk_scrolls_in_one_direction_only(
    clerk: Callable[[str], Page], site: Site, violations: Callable[[Page], list[str]]
) -> None:
    page = clerk("nhaplieu2")
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 × 1024 at 400 %
    open_batch(page, site, "Lô phóng to")
    reached = [page.evaluate("document.documentElement.scrollWidth")]
    choose_form(page, site.serials[2])
    reached.append(page.evaluate("document.documentElement.scrollWidth"))
    page.keyboard.type("7")  # no code of the consent question
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    reached.append(page.evaluate("document.documentElement.scrollWidth"))

    assert max(reached) <= 320
    assert page.locator("[aria-invalid=true]").count() == 1
    assert violations(page) == []
