"""`khaosat demo`: the survey of Bình Phước 2022, every stage of it real, the people simulated.

What the office does is done through the same services as in the browser; what respondents and
clerks do goes through the web pages of a real server with its production limits.
"""

import secrets
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import click
import yaml
from rich.panel import Panel
from rich.table import Table
from sqlalchemy.orm import Session

from questionnaires import Questionnaire
from survey.cli import demo_collection as collection
from survey.cli.context import console, now, stepping
from survey.cli.sample import print_plan
from survey.cli.server import RunningServer, refuse_taken_port
from survey.records.store import Store
from survey.rules.permissions import Role
from survey.services import (
    accounts,
    close,
    destroy,
    keys,
    plan,
    register,
    rounds,
    schema,
    scrub,
)
from survey.settings import Settings

ACTOR = "demo"
MARK = ".khaosat-demo"
SHEETS = "phieu-khoi-phuc.pdf"
EXAMPLE = "binh_phuoc_2022"
STAFF = {
    "quantri": (Role.ADMIN, "Quản trị (ví dụ)"),
    "sonoivu": (Role.OFFICE, "Sở Nội vụ (ví dụ)"),
    "nhaplieu1": (Role.CLERK, "Nhân viên nhập liệu 1 (ví dụ)"),
    "nhaplieu2": (Role.CLERK, "Nhân viên nhập liệu 2 (ví dụ)"),
    "nhaplieu3": (Role.CLERK, "Nhân viên nhập liệu 3 (ví dụ)"),
    "thongke": (Role.STATISTICIAN, "Người xử lý số liệu (ví dụ)"),
    "nguoixem": (Role.VIEWER, "Người xem (ví dụ)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demo:
    """The pieces of a running demonstration."""

    folder: Path
    settings: Settings
    store: Store
    code: str
    questionnaire: Questionnaire
    passwords: Mapping[str, str]
    seed: int


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Folder of the demonstration; an earlier demonstration there is replaced.",
)
@click.option("--seed", type=click.IntRange(0), default=2022, show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="Stop after the report.")
def demo(folder: Path, seed: int, port: int, no_serve: bool) -> None:  # noqa: FBT001 - a flag
    """Run the survey of Bình Phước 2022 from plan to index with simulated answers.

    Example: khaosat demo --dir demo --no-serve --seed 2022
    """
    refuse_taken_port("127.0.0.1", port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server ends with us
    _clear(folder)
    chosen = Settings(
        home=folder.resolve(),
        database_url=f"sqlite:///{folder.resolve() / 'khaosat.sqlite3'}",
        secret_key=None,
        public_url=f"http://127.0.0.1:{port}",
        proxy_hops=0,
        insecure_loopback=True,
        log_level="WARNING",
    )
    chosen.write_secret_key()
    store = Store.at(chosen.database_url)
    try:
        running = _prepare(chosen, store, seed=seed)
        with store.read() as session:
            print_plan(plan.plan_table(session, rounds.find_round(session, running.code)))
        with RunningServer(chosen, port=port) as server:
            _collect(running)
            _finish(running)
            _say_what_to_open(running)
            if no_serve:
                _say_how_to_serve(running, port)
            else:
                console.print("Serving until Ctrl-C …")
                server.wait()
    finally:
        store.dispose()


def _clear(folder: Path) -> None:
    """Replace an earlier demonstration, and nothing else."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise click.ClickException(
                f"{folder} is not empty and holds no demonstration; choose another --dir"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def _prepare(chosen: Settings, store: Store, *, seed: int) -> _Demo:
    passwords = {name: secrets.token_urlsafe(12) for name in STAFF}
    shipped = files("survey").joinpath("examples", EXAMPLE)
    with stepping("setting up database, round and sample", steps=5) as step:
        schema.upgrade(store)
        step()
        with as_file(shipped) as example, store.write() as session:
            _employ(session, passwords)
            step()
            declared, questionnaire = rounds.read_round(example / "round.yaml")
            made = rounds.create_round(
                session,
                document=declared,
                questionnaire=questionnaire,
                simulated=True,
                actor=ACTOR,
                now=now(),
            )
            step()
            parsed = register.parse_register(
                units=_table(example / "units.csv"),
                staff=_table(example / "staff.csv"),
                document=declared,
            )
            register.import_register(session, made, parsed, actor=ACTOR, now=now())
            step()
            plan.draw_plan(session, made, seed=seed, actor=ACTOR, now=now())
            step()
    return _Demo(
        folder=chosen.home,
        settings=chosen,
        store=store,
        code=declared.code,
        questionnaire=questionnaire,
        passwords=passwords,
        seed=seed,
    )


def _employ(session: Session, passwords: Mapping[str, str]) -> None:
    for name, (role, display_name) in STAFF.items():
        accounts.create_account(
            session,
            username=name,
            display_name=display_name,
            role=role,
            password=passwords[name],
            actor=ACTOR,
            now=now(),
        )


def _table(path: Path) -> register.UploadedTable:
    return register.UploadedTable(filename=path.name, content=path.read_bytes())


def _collect(running: _Demo) -> None:
    """Open the round, send the invitations, and let simulated people answer."""
    from survey.documents.recovery_pdf import recovery_sheets  # noqa: PLC0415 - starts Typst

    with running.store.write() as session:
        found = rounds.find_round(session, running.code)
        sheets = keys.make_keys(session, found, actor=ACTOR, now=now())
        (running.folder / SHEETS).write_bytes(
            recovery_sheets(found.declared, sheets, made_at=now(), simulated=True)
        )
        for sheet in sheets:
            keys.check_sheet(session, found, text=sheet.text, actor=ACTOR, now=now())
        keys.open_round(session, found, actor=ACTOR, now=now())
    key_file = running.folder / "khoa.txt"
    key_file.touch(mode=0o600)
    key_file.write_text(sheets[0].text, encoding="ascii")
    cases = collection.FieldWork(
        store=running.store,
        code=running.code,
        questionnaire=running.questionnaire,
        public_url=running.settings.public_url,
        turnout=_turnout(),
        seed=running.seed,
        folder=running.folder,
    ).invite_everybody()
    collection.answer_online(cases, running.settings.public_url, running.questionnaire)
    collection.key_paper(
        cases,
        running.settings.public_url,
        running.questionnaire,
        round_code=running.code,
        passwords=running.passwords,
        seed=running.seed,
    )


def _turnout() -> collection.Turnout:
    text = files("survey").joinpath("examples", EXAMPLE, "simulation.yaml").read_text("utf-8")
    return collection.Turnout(**yaml.safe_load(text))


def _finish(running: _Demo) -> None:
    """Close with the key, scrub, destroy the key, compute the index, write the report."""
    from survey.cli.demo_report import write_report  # noqa: PLC0415 - loads the statistics stack
    from survey.services import analyse  # noqa: PLC0415 - same

    key_file = running.folder / "khoa.txt"
    with stepping("closing the round, computing the index", steps=6) as step:
        with running.store.write() as session:
            found = rounds.find_round(session, running.code)
            close.begin_closing(session, found, actor=ACTOR, now=now())
        step()
        with running.store.write() as session:
            found = rounds.find_round(session, running.code)
            close.finish_closing(
                session,
                found,
                key_text=key_file.read_text(encoding="ascii"),
                discard_unfinished=False,
                actor=ACTOR,
                now=now(),
            )
        step()
        scrub.scrub(running.store, running.code, settings=running.settings, actor=ACTOR, now=now())
        step()
        destroyed = destroy.destroy_key(
            running.store,
            running.settings,
            running.code,
            key_file=key_file,
            actor=ACTOR,
            now=now(),
        )
        (running.folder / SHEETS).unlink()  # the sheets go with the key
        step()
        with running.store.write() as session:
            found = rounds.find_round(session, running.code)
            analyse.score(session, found, actor=ACTOR, now=now())
        step()
        write_report(running.store, running.code, running.folder, destroyed)
        step()


def _say_what_to_open(running: _Demo) -> None:
    from survey.cli.demo_report import index_tables  # noqa: PLC0415 - loads the statistics stack

    for drawn in index_tables(running.store, running.code):
        console.print(drawn)
    sign_in = running.folder / "dang-nhap.txt"
    sign_in.touch(mode=0o600)
    table = Table("user name", "password", "role", title="Sign-in of this demonstration")
    for name, (role, _) in STAFF.items():
        table.add_row(name, running.passwords[name], role.value)
    sign_in.write_text(
        "".join(f"{name}\t{password}\n" for name, password in running.passwords.items()),
        encoding="utf-8",
    )
    console.print(table)
    url = running.settings.public_url
    console.print(
        Panel(
            f"{url}/dang-nhap          sign in as sonoivu\n"
            f"{url}/ket-qua/{running.code}/   the index (simulated data)\n"
            f"{running.folder}   plan, invitations, index, record of the key's destruction",
            title="What to open",
            expand=False,
        )
    )


def _say_how_to_serve(running: _Demo, port: int) -> None:
    console.print(
        "Nothing is served now. To serve it again:\n"
        f"  KHAOSAT_INSECURE_LOOPBACK=1 KHAOSAT_PUBLIC_URL={running.settings.public_url} "
        f"khaosat serve --home {running.folder} --port {port}",
        soft_wrap=True,
        highlight=False,
    )
