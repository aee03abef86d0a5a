"""Headers, cookies and settings that keep pages closed to other sites and to open lines."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from survey.records.store import Store
from survey.settings import Settings, SettingsError
from webforms.app import create_app

PAGES = ["/", "/dang-nhap", "/quyen-rieng-tu", "/tro-nang", "/healthz", "/khong-co", "/tai-khoan/"]
WEBFORMS = Path(__file__).parents[2] / "webforms"


@pytest.fixture
def secure_app(settings: Settings, sqlite_store: Store) -> Flask:
    """Return the app behind one proxy that speaks https."""
    over_https = replace(
        settings, public_url="https://khaosat.example", insecure_loopback=False, proxy_hops=1
    )
    return create_app(over_https, sqlite_store)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_closes_itself_to_other_sites_and_caches(site: Any, address: str) -> None:
    headers = site.app.test_client().get(address).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_static_files_may_be_kept(site: Any) -> None:
    with site.app.test_client().get("/static/public.css") as answer:
        assert "max-age=3600" in answer.headers["Cache-Control"]


def test_https_is_promised_only_where_it_is_spoken(site: Any, secure_app: Flask) -> None:
    name = "Strict-Transport-Security"
    assert name not in site.app.test_client().get("/").headers
    assert name in secure_app.test_client().get("/").headers


@pytest.mark.parametrize("address", ["/dang-nhap", "/ngon-ngu/en"])
def test_cookies_travel_over_https_only(secure_app: Flask, address: str) -> None:
    cookies = secure_app.test_client().get(address).headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_form_is_accepted_over_https_without_a_referrer(secure_app: Flask) -> None:
    client = secure_app.test_client()
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    page = client.get("/dang-nhap", base_url="https://khaosat.example", headers=forwarded)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    form = {"csrf_token": token, "username": "ai-do", "password": "khong dung"}
    answer = client.post(
        "/dang-nhap", data=form, base_url="https://khaosat.example", headers=forwarded
    )
    assert answer.status_code == 403
    assert 'id="errors"' in answer.text


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "192.0.2.7")])
def test_forwarded_address_counts_for_the_declared_proxies_only(
    settings: Settings, sqlite_store: Store, hops: int, seen: str
) -> None:
    app = create_app(replace(settings, proxy_hops=hops), sqlite_store)
    addresses: list[str | None] = []
    app.before_request(lambda: addresses.append(request.remote_addr))
    headers = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7"}
    app.test_client().get("/healthz", headers=headers)
    assert addresses == [seen]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"public_url": "https://khaosat.example"}, "127.0.0.1"),
        ({"public_url": "http://10.0.0.5:8000"}, "127.0.0.1"),
        ({"public_url": "http://khaosat.example", "insecure_loopback": False}, "https"),
    ],
)
def test_settings_that_open_the_line_are_refused(
    settings: Settings, sqlite_store: Store, change: dict[str, Any], word: str
) -> None:
    with pytest.raises(SettingsError, match=word):
        create_app(replace(settings, **change), sqlite_store)


def test_secret_key_that_could_be_guessed_is_refused(settings: Settings) -> None:
    settings.secret_key_file.write_text("\n", encoding="ascii")
    for chosen in (None, "mật khẩu"):
        with pytest.raises(SettingsError, match="at least 32"):
            replace(settings, secret_key=chosen).read_secret_key()


def test_templates_have_no_inline_script_or_style() -> None:
    templates = sorted(WEBFORMS.rglob("*.html"))
    assert len(templates) > 20
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", re.IGNORECASE)
    found = [f"{path.name}: {inline.search(path.read_text('utf-8'))}" for path in templates]
    assert [line for line in found if not line.endswith("None")] == []
