"""What a supervisor is told: alive always, ready only with database, migration and disk."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from survey.records.store import Store
from survey.settings import Settings
from webforms.app import create_app


def test_process_is_alive_and_ready_with_a_migrated_database(site: Any) -> None:
    client = site.app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json == {"status": "ok", "database": True, "disk": True}


def test_database_without_tables_is_not_ready(settings: Settings, tmp_path: Path) -> None:
    store = Store.at(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    client = create_app(settings, store).test_client()
    answer = client.get("/readyz")
    store.dispose()
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "database": False, "disk": True}
    assert client.get("/healthz").status_code == 200


def test_missing_folder_is_not_ready(settings: Settings, sqlite_store: Store) -> None:
    app = create_app(replace(settings, home=settings.home / "missing"), sqlite_store)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "database": True, "disk": False}
