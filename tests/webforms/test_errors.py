"""Error pages: every status has one, none needs the database, none says thank you in vain."""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import abort
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from survey import errors
from survey.records.store import Store
from survey.settings import Settings
from webforms.access import public
from webforms.app import create_app
from webforms.problems import STATUSES, status_of

STATUS_PAGES = [400, 403, 404, 405, 409, 410, 413, 429, 500, 503]


@pytest.fixture
def away(settings: Settings, tmp_path: Path) -> Iterator[FlaskClient]:
    """Visit an installation whose database cannot be reached."""
    store = Store.at(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite3'}")
    app = create_app(settings, store)
    for status in STATUS_PAGES:
        app.add_url_rule(f"/stop/{status}", f"stop{status}", public(lambda s=status: abort(s)))
    yield app.test_client()
    store.dispose()


def _below(kind: type[errors.SurveyError]) -> Iterator[type[errors.SurveyError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


@pytest.mark.parametrize("status", STATUS_PAGES)
def test_page_of_every_status_comes_without_database_and_script(
    away: FlaskClient, status: int
) -> None:
    away.set_cookie("khaosat", "x.y.z")
    answer = away.get(f"/stop/{status}")
    assert answer.status_code == status
    assert answer.text.count("<h1>") == 1
    assert "<script" not in answer.text
    assert str(status) in answer.text


def test_every_refusal_of_the_survey_has_a_status() -> None:
    listed = [kind for kind in _below(errors.SurveyError) if kind.__module__ == "survey.errors"]
    assert len(listed) > 15
    without = [kind for kind in listed if not set(kind.__mro__) & set(STATUSES)]
    assert without == []
    assert {status_of(kind.__new__(kind)) for kind in listed} <= set(STATUS_PAGES)


def test_wrong_method_names_the_right_one(site: Any) -> None:
    answer = site.app.test_client().delete("/dang-nhap")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_unreachable_database_gives_503_and_no_trace(away: FlaskClient) -> None:
    answer = away.get("/t/nho-2022/abc")
    assert answer.status_code == 503
    assert "sqlite" not in answer.text.lower()
    assert "Traceback" not in answer.text


def test_post_that_is_too_large_is_refused(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    answer = person.client.post("/phieu/nho-2022/phan/A", data={"C2": "x" * 300_000})
    assert answer.status_code == 413


def test_full_disk_gives_503_keeps_the_draft_and_says_no_thanks(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    form = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', person.page.text)
    )
    form["answers"] = form["answers"].replace("&#34;", '"')
    before = site.rows()
    site.store.dispose()  # the limit below counts for connections made from now on

    def no_more_pages(connection: Any, _entry: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(site.store.engine, "connect", no_more_pages)
    _use_up_free_pages(site)
    refused = person.client.post("/phieu/nho-2022/kiem-tra", data=form, follow_redirects=True)
    event.remove(site.store.engine, "connect", no_more_pages)
    site.store.dispose()
    assert refused.status_code == 503
    assert "received" not in refused.text
    after = site.rows()
    assert after["draft"] == before["draft"]
    assert after["invitation"] == before["invitation"]
    assert person.post("/kiem-tra").request.path.endswith("/da-gui")


def _use_up_free_pages(site: Any) -> None:
    """Fill the file up to its limit with rows that belong to nobody."""
    fill = text(
        "INSERT INTO ballot (id, round_id, sealed) "
        "SELECT hex(randomblob(16)), id, randomblob(900) FROM round"
    )
    with suppress(OperationalError):
        for _ in range(40):
            with site.store.write() as session:
                session.execute(fill)


@pytest.mark.parametrize("address", ["/t/nho%00/abc", "/dang-nhap?next=/%00"])
def test_address_with_a_zero_byte_is_refused(site: Any, address: str) -> None:
    # PostgreSQL takes none in a text, so what is not refused here would fail there.
    assert site.app.test_client().get(address).status_code == 400


@pytest.mark.parametrize("field", [{"username": "a\0"}, {"\0": "x"}, {"password": "a\0"}])
def test_post_with_a_zero_byte_is_refused(site: Any, field: dict[str, str]) -> None:
    client = site.app.test_client()
    form = {"username": "clerk", "password": "sai mật khẩu rồi", "csrf_token": _token(client)}
    assert client.post("/dang-nhap", data=form).status_code == 403
    assert client.post("/dang-nhap", data=form | field).status_code == 400


def test_file_where_none_is_asked_for_is_refused(site: Any) -> None:
    client = site.app.test_client()
    form = {"username": (BytesIO(b"clerk"), "a.txt"), "csrf_token": _token(client)}
    assert client.post("/dang-nhap", data=form).status_code == 400


def _token(client: FlaskClient) -> str:
    page = client.get("/dang-nhap").text
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def test_unexpected_error_shows_an_id_that_the_log_knows(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "Nguyễn Văn Bí Mật"

    def broken() -> str:
        raise RuntimeError(secret)

    site.app.add_url_rule("/hong", "broken", public(broken))
    answer = site.app.test_client().get("/hong?token=abcdef")
    assert answer.status_code == 500
    error_id = re.findall(r'class="code">([0-9a-f]{8})<', answer.text)[0]
    records = [record for record in caplog.records if record.name == "khaosat"]
    assert [record.fields["id"] for record in records] == [error_id]
    written = repr([record.__dict__ for record in records])
    assert secret not in written
    assert "abcdef" not in written
    assert secret not in answer.text


def test_refused_input_lists_every_fault(site: Any) -> None:
    def refusing() -> str:
        raise errors.RefusedInputError(what="The file", faults=["một", errors.StaleFormError()])

    site.app.add_url_rule("/tu-choi", "refusing", public(refusing))
    client = site.app.test_client()
    client.set_cookie("ngon_ngu", "en")
    answer = client.get("/tu-choi")
    assert answer.status_code == 400
    assert "<li>một</li>" in answer.text
    assert "load it again" in answer.text


def test_states_in_a_refusal_are_said_in_words(site: Any) -> None:
    def refusing() -> str:
        raise errors.NotAllowedNowError(action="draw", state="open", allowed_in=("draft",))

    site.app.add_url_rule("/tu-choi", "refusing", public(refusing))
    client = site.app.test_client()
    client.set_cookie("ngon_ngu", "en")
    page = client.get("/tu-choi").text
    assert "Draw the sample" in page
    assert "Collecting answers" in page
    assert "Being prepared" in page


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (errors.NotFoundError(what="round", key="x"), "Không tìm thấy “x” (đợt)."),
        (errors.RefusedInputError(what="The unit register", faults=[]), "Danh mục đơn vị không"),
        (
            errors.NotReadyError(
                action="publish",
                missing=["the database has not been scrubbed", "the key has not been destroyed"],
            ),
            "“Công bố chỉ số”, còn thiếu: chưa làm sạch cơ sở dữ liệu; chưa hủy khóa.",
        ),
        (
            errors.NotReadyError(action="see the plan", missing=["the sample has not been drawn"]),
            "“Xem kế hoạch chọn mẫu”, còn thiếu: chưa chọn mẫu.",
        ),
    ],
)
def test_what_a_refusal_names_is_said_in_vietnamese_too(
    site: Any, refusal: errors.SurveyError, said: str
) -> None:
    def refusing() -> str:
        raise refusal

    site.app.add_url_rule("/tu-choi", "refusing", public(refusing))
    assert said in site.app.test_client().get("/tu-choi").text


def test_missing_form_token_is_explained(site: Any) -> None:
    person = site.respondent()
    answer = person.client.post("/phieu/nho-2022/", data={"DY": "1"})
    assert answer.status_code == 400
    assert "Cookies may be switched" in answer.text


def test_respondents_leave_nothing_in_the_log(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    caplog.clear()
    person = site.respondent()
    person.answer_all()
    person.post("/kiem-tra")
    assert [record for record in caplog.records if record.name == "khaosat"] == []
    assert person.url.rsplit("/", 1)[1] not in caplog.text
