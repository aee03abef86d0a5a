"""Staff sign-in, what ends it, and pages that stay shut without the right role."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.records.store import Store
from survey.rules.permissions import Role
from survey.services import accounts
from survey.settings import Settings
from webforms.access import public
from webforms.app import create_app

PASSWORD = "ba con mèo đi học"
NEW = "bốn con chó về nhà"
START = datetime(2022, 10, 10, 1, 0, tzinfo=UTC)
ASSETS = {"static", "bootstrap.static"}


def _token(client: FlaskClient, address: str = "/dang-nhap") -> str:
    page = client.get(address).text
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def _try(client: FlaskClient, username: str, password: str, query: str = "") -> Any:
    form = {"csrf_token": _token(client), "username": username, "password": password}
    return client.post(f"/dang-nhap{query}", data=form)


def test_right_password_opens_the_home_of_the_role(site: Any) -> None:
    client = site.staff("clerk")
    home = client.get("/").text
    assert 'href="/nhap-lieu/"' in home
    assert 'href="/tai-khoan/"' not in home
    assert "Người dùng clerk" in home


def test_wrong_password_is_refused_without_saying_which_part_is_wrong(site: Any) -> None:
    client = site.app.test_client()
    pages = [_try(client, name, "sai mật khẩu rồi") for name in ("clerk", "khong-co-ai")]
    assert [page.status_code for page in pages] == [403, 403]
    errors = [page.text.split('id="errors"', 1)[1].split("</ul>", 1)[0] for page in pages]
    assert errors[0] == errors[1]


def test_five_failures_lock_the_account_even_for_the_right_password(site: Any) -> None:
    for _ in range(5):
        _try(site.app.test_client(), "clerk", "sai mật khẩu rồi")
    assert _try(site.app.test_client(), "clerk", PASSWORD).status_code == 429
    with site.store.read() as session:
        locked = [each for each in accounts.accounts(session) if each.locked_until]
    assert [account.username for account in locked] == ["clerk"]


def test_failures_from_one_address_are_limited_across_names(site: Any) -> None:
    client = site.app.test_client()
    token = _token(client)
    statuses = [
        client.post(
            "/dang-nhap", data={"csrf_token": token, "username": "", "password": ""}
        ).status_code
        for _ in range(61)
    ]
    assert statuses[0] == 400
    assert statuses[-1] == 429


def test_guesses_at_the_present_password_are_limited(site: Any) -> None:
    client = site.staff("clerk")
    form = {"csrf_token": _token(client, "/doi-mat-khau"), "old": "", "new": NEW, "again": NEW}
    statuses = [client.post("/doi-mat-khau", data=form).status_code for _ in range(61)]
    assert statuses[0] == 400
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("wanted", "given"),
    [("/nhat-ky", "/nhat-ky"), ("//evil.example", "/"), ("https://evil.example/", "/")],
)
def test_sign_in_leads_on_inside_this_site_only(site: Any, wanted: str, given: str) -> None:
    answer = _try(site.app.test_client(), "admin", PASSWORD, f"?next={wanted}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == given


def test_sign_in_without_form_token_is_refused(site: Any) -> None:
    form = {"username": "clerk", "password": PASSWORD}
    assert site.app.test_client().post("/dang-nhap", data=form).status_code == 400


def test_sign_out_ends_the_session(site: Any) -> None:
    client = site.staff("admin")
    client.post("/dang-xuat", data={"csrf_token": _token(client, "/tai-khoan/moi")})
    assert client.get("/tai-khoan/").status_code == 303


def test_cookie_copied_before_sign_out_opens_nothing_afterwards(site: Any) -> None:
    client = site.staff("admin")
    cookie = client.get_cookie("khaosat")
    client.post("/dang-xuat", data={"csrf_token": _token(client, "/tai-khoan/moi")})
    thief = site.app.test_client()
    thief.set_cookie("khaosat", cookie.value)
    assert thief.get("/tai-khoan/").status_code == 303


def test_changing_the_password_signs_other_devices_out(site: Any) -> None:
    here, there = site.staff("clerk"), site.staff("clerk")
    form = {"old": PASSWORD, "new": NEW, "again": NEW}
    answer = here.post("/doi-mat-khau", data=form | {"csrf_token": _token(here, "/doi-mat-khau")})
    assert answer.status_code == 303
    assert here.get("/doi-mat-khau").status_code == 200
    assert there.get("/doi-mat-khau").status_code == 303
    assert _try(site.app.test_client(), "clerk", NEW).status_code == 303


@pytest.mark.parametrize(
    "form",
    [
        {"old": "sai mật khẩu rồi", "new": NEW, "again": NEW},
        {"old": PASSWORD, "new": "ngắn", "again": "ngắn"},
        {"old": PASSWORD, "new": NEW, "again": PASSWORD},
    ],
)
def test_password_stays_when_the_form_does_not_fit(site: Any, form: dict[str, str]) -> None:
    client = site.staff("clerk")
    token = _token(client, "/doi-mat-khau")
    assert client.post("/doi-mat-khau", data=form | {"csrf_token": token}).status_code == 400
    assert _try(site.app.test_client(), "clerk", PASSWORD).status_code == 303


@dataclass
class MovedClock:
    """A clock that the test sets."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


def test_sign_in_ends_after_eight_hours_whatever_happens_meanwhile(
    settings: Settings, sqlite_store: Store
) -> None:
    clock = MovedClock(START)
    app = create_app(settings, sqlite_store, clock_reads=clock)
    with sqlite_store.write() as session:
        accounts.create_account(
            session,
            username="admin",
            display_name="Quản trị",
            role=Role.ADMIN,
            password=PASSWORD,
            actor="cli",
            now=START,
        )
    client = app.test_client()
    assert _try(client, "admin", PASSWORD).status_code == 303
    for hours in range(1, 8):
        clock.moment = START + timedelta(hours=hours)
        assert client.get("/tai-khoan/").status_code == 200
    clock.moment = START + timedelta(hours=8)
    assert client.get("/tai-khoan/").status_code == 303


def test_switched_off_account_is_out_at_once(site: Any) -> None:
    admin, clerk = site.staff("admin"), site.staff("clerk")
    with site.store.read() as session:
        account = next(each for each in accounts.accounts(session) if each.username == "clerk")
    form = {"csrf_token": _token(admin, "/tai-khoan/moi"), "active": "0"}
    admin.post(f"/tai-khoan/{account.id}/trang-thai", data=form)
    assert clerk.get("/doi-mat-khau").status_code == 303


def test_administrator_creates_an_account_that_can_sign_in(site: Any) -> None:
    admin = site.staff("admin")
    form = {"username": "moi", "display_name": "Người mới", "role": "clerk"}
    form |= {"new": NEW, "again": NEW, "csrf_token": _token(admin, "/tai-khoan/moi")}
    assert admin.post("/tai-khoan/moi", data=form).status_code == 303
    assert "moi" in admin.get("/tai-khoan/").text
    assert _try(site.app.test_client(), "moi", NEW).status_code == 303


def test_taken_user_name_is_named_and_nothing_is_stored(site: Any) -> None:
    admin = site.staff("admin")
    before = site.rows()["account"]
    form = {"username": "clerk", "display_name": "Trùng", "role": "clerk"}
    form |= {"new": NEW, "again": NEW, "csrf_token": _token(admin, "/tai-khoan/moi")}
    answer = admin.post("/tai-khoan/moi", data=form)
    assert answer.status_code == 400
    assert "“clerk”" in answer.text
    assert site.rows()["account"] == before


def test_administrator_sets_a_forgotten_password(site: Any) -> None:
    admin = site.staff("admin")
    with site.store.read() as session:
        account = next(each for each in accounts.accounts(session) if each.username == "viewer")
    address = f"/tai-khoan/{account.id}/mat-khau"
    form = {"new": NEW, "again": NEW, "csrf_token": _token(admin, address)}
    assert admin.post(address, data=form).status_code == 303
    assert _try(site.app.test_client(), "viewer", NEW).status_code == 303


def test_audit_page_shows_who_did_what_and_that_the_chain_is_whole(site: Any) -> None:
    page = site.staff("office").get("/nhat-ky").text
    assert "Mở đợt" in page
    assert "alert-success" in page


@pytest.mark.parametrize(
    ("username", "address", "status"),
    [
        ("admin", "/tai-khoan/", 200),
        ("office", "/tai-khoan/", 403),
        ("clerk", "/nhat-ky", 403),
        ("viewer", "/tai-khoan/moi", 403),
        ("admin", "/van-phong/", 403),
        ("clerk", "/van-phong/", 403),
        ("viewer", "/nhap-lieu/", 403),
    ],
)
def test_pages_open_to_the_roles_that_need_them(
    site: Any, username: str, address: str, status: int
) -> None:
    assert site.staff(username).get(address).status_code == status


def test_every_page_says_who_may_open_it(site: Any) -> None:
    app: Flask = site.app
    rules = {rule.endpoint for rule in app.url_map.iter_rules()} - ASSETS
    marks = {name: getattr(app.view_functions[name], "khaosat_access", None) for name in rules}
    assert [name for name, mark in marks.items() if mark is None] == []


def test_page_without_a_mark_is_shut_and_with_one_is_open(
    settings: Settings, sqlite_store: Store
) -> None:
    app = create_app(settings, sqlite_store)
    app.add_url_rule("/quen", "forgotten", lambda: "nội dung")
    app.add_url_rule("/mo", "opened", public(lambda: "nội dung"))
    assert app.test_client().get("/quen").status_code == 403
    assert app.test_client().get("/mo").status_code == 200


def test_visitor_without_sign_in_is_led_there_and_back(site: Any) -> None:
    answer = site.app.test_client().get("/nhat-ky?trang=2")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/dang-nhap?next=/nhat-ky?trang%3D2"


@pytest.mark.parametrize("cookie", ["", "abc", "a.b.c"])
def test_forged_session_is_nobody(site: Any, cookie: str) -> None:
    client = site.app.test_client()
    client.set_cookie("khaosat", cookie)
    assert client.get("/tai-khoan/").status_code == 303
