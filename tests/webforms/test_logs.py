"""The log is JSON lines and holds nothing that names a person or quotes a request."""

import json
import logging
import sys
from typing import Any

import pytest

from webforms.gunicorn_log import without_request
from webforms.logs import JsonLines


def _line(record: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    return line


def _record(name: str, message: str, **extra: object) -> logging.LogRecord:
    record = logging.makeLogRecord({"name": name, "msg": message, "levelname": "INFO"})
    record.__dict__.update(extra)
    return record


def test_own_events_are_written_with_their_fields() -> None:
    line = _line(_record("khaosat", "staff_change", fields={"endpoint": "office.draw"}))
    assert line["event"] == "staff_change"
    assert line["endpoint"] == "office.draw"
    assert line["level"] == "info"


def test_messages_of_libraries_are_left_out() -> None:
    line = _line(_record("flask-limiter", "limit exceeded at 192.0.2.7 /t/x/token"))
    assert set(line) == {"at", "level", "logger"}


def test_error_of_a_library_is_named_without_its_message() -> None:
    try:
        int("secret")
    except ValueError:
        record = _record("sqlalchemy", "failed", exc_info=sys.exc_info())
    line = _line(record)
    assert line["error"] == "ValueError"
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize(
    "message",
    ["Invalid request from ip=192.0.2.7: bad", "Error handling request %s /t/nho/abc"],
)
def test_gunicorn_does_not_quote_a_request(message: str) -> None:
    record = _record("gunicorn.error", message, args=("GET",))
    assert without_request(record)
    assert record.getMessage() == "A request could not be answered."


def test_other_words_of_gunicorn_stay() -> None:
    record = _record("gunicorn.error", "Connection in use: %s", args=("8000",))
    assert without_request(record)
    assert record.getMessage() == "Connection in use: 8000"


def test_change_by_staff_is_logged_by_page_and_account_only(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    admin = site.staff("admin")
    page = admin.get("/tai-khoan/moi").text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    new = "một hai ba bốn năm"
    form = {"username": "moi", "display_name": "Người mới", "role": "clerk"}
    caplog.clear()
    admin.post("/tai-khoan/moi", data=form | {"new": new, "again": new, "csrf_token": token})
    fields = [record.fields for record in caplog.records if record.name == "khaosat"]
    assert [set(each) for each in fields] == [{"account", "endpoint"}]
    assert fields[0]["endpoint"] == "staff.create_account"


def test_staff_who_answer_as_respondents_leave_nothing_in_the_log(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # Officials of the office are asked too, and may open their link where they are signed in.
    caplog.set_level(logging.INFO)
    person = site.respondent()
    staff = site.staff("office")
    staff.get(person.url)
    person.client = staff
    caplog.clear()
    person.answer_all()
    assert person.post("/kiem-tra").request.path.endswith("/da-gui")
    assert [record for record in caplog.records if record.name == "khaosat"] == []
