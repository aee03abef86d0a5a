"""A real server over a real database, and Debian's Chromium to visit it with."""

import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

import survey
from survey.cli.server import RunningServer
from survey.records.store import Store
from survey.rules.permissions import Role
from survey.services import accounts, invite, keys, plan, register, rounds
from survey.settings import Settings

EXAMPLE = Path(str(files(survey))) / "examples" / "binh_phuoc_2022"
PASSWORD = secrets.token_urlsafe(12)
ACTOR = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running installation in which the example round is open."""

    url: str
    round: str
    links: list[str]
    """Invitations of two departments' officials (group CC), unused."""

    leader_links: list[str]
    serials: list[str]
    password: str
    store: Store


def _now() -> datetime:
    return datetime.now(UTC)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _open_round(store: Store, public_url: str) -> Site:
    with store.write() as session:
        for name, role in (
            ("nhaplieu1", Role.CLERK),
            ("nhaplieu2", Role.CLERK),
            ("nhaplieu3", Role.CLERK),
            ("sonoivu", Role.OFFICE),
            ("thongke", Role.STATISTICIAN),
        ):
            accounts.create_account(
                session,
                username=name,
                display_name=f"Tài khoản {name}",
                role=role,
                password=PASSWORD,
                actor=ACTOR,
                now=_now(),
            )
        declared, questionnaire = rounds.read_round(EXAMPLE / "round.yaml")
        made = rounds.create_round(
            session,
            document=declared,
            questionnaire=questionnaire,
            simulated=True,
            actor=ACTOR,
            now=_now(),
        )
        parsed = register.parse_register(
            units=_table("units.csv"), staff=_table("staff.csv"), document=declared
        )
        register.import_register(session, made, parsed, actor=ACTOR, now=_now())
        plan.draw_plan(session, made, seed=1, actor=ACTOR, now=_now())
        for sheet in keys.make_keys(session, made, actor=ACTOR, now=_now()):
            keys.check_sheet(session, made, text=sheet.text, actor=ACTOR, now=_now())
        keys.open_round(session, made, actor=ACTOR, now=_now())
    with store.write() as session:
        made = rounds.find_round(session, declared.code)
        units = plan.plan_table(session, made).groups[0].units[:2]
        leaders = next(cell for cell in units[0].cells if cell.respondent_group == "LD")
        invite.hand_out_paper(session, leaders.stratum_id, slots=[1, 2, 3], actor=ACTOR, now=_now())
        links = [
            link
            for unit in units
            for link in invite.issue_links(
                session,
                unit.round_unit_id,
                public_url=public_url,
                reissue=False,
                actor=ACTOR,
                now=_now(),
            )
        ]
        serials = invite.paper_serials(session, leaders.stratum_id)
    return Site(
        url=public_url,
        round=declared.code,
        links=[link.url for link in links if link.respondent_group == "CC"],
        leader_links=[link.url for link in links if link.respondent_group == "LD"],
        serials=serials,
        password=PASSWORD,
        store=store,
    )


def _table(name: str) -> register.UploadedTable:
    return register.UploadedTable(filename=name, content=(EXAMPLE / name).read_bytes())


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> Iterator[Site]:
    """Serve the example round, opened, from a SQLite file."""
    home = tmp_path_factory.mktemp("site")
    port = _free_port()
    settings = Settings(
        home=home,
        database_url=f"sqlite:///{home / 'khaosat.sqlite3'}",
        secret_key=None,
        public_url=f"http://127.0.0.1:{port}",
        proxy_hops=0,
        insecure_loopback=True,
        log_level="WARNING",
    )
    settings.write_secret_key()
    shutil.copyfile(migrated_sqlite_file, home / "khaosat.sqlite3")
    store = Store.at(settings.database_url)
    opened = _open_round(store, settings.public_url)
    with RunningServer(settings, port=port):
        yield opened
    store.dispose()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Give a page 360 pixels wide, with touch and without scripts."""
    yield from _page(
        browser.new_context(
            viewport={"width": 360, "height": 740},
            has_touch=True,
            java_script_enabled=False,
            locale="vi-VN",
        )
    )


@pytest.fixture
def small_phone_with_scripts(browser: Browser) -> Iterator[Page]:
    """Give a page 360 pixels wide in which axe can run."""
    yield from _page(browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN"))


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    """Give a page 1280 pixels wide."""
    yield from _page(browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi-VN"))


def _page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    context.close()


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {each['id']} {[node['target'] for node in each['nodes']]}" for each in found
    ]


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """Run axe-core on a page (WCAG 2.2 AA and best practices) and name what it finds."""
    return _violations
