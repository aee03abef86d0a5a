"""The index as its readers see it: editions by role, files, charts, the audit of a full look."""

import json
import shutil
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from stats.disclosure import ReleaseClass
from survey.errors import EditionRefusedError, NoEditionError
from survey.records.people import Event
from survey.records.rounds import Round
from survey.records.store import Store
from survey.rules.lifecycle import RoundState
from survey.rules.permissions import Role
from survey.services import accounts, analyse
from survey.services.rounds import questionnaire_of
from survey.settings import Settings
from tests.survey.closed_round import (
    NOW,
    close_at_random,
    close_with,
    draft_round,
    same_answers,
)
from webforms.app import create_app
from webforms.results.forms import choose_release

PASSWORD = "ba con mèo đi học"
PAGE = "/ket-qua/bp2022/"
OWN_UNIT = "Văn phòng Ủy ban nhân dân tỉnh"


class Readers:
    """Everybody who may ask for the index of a scored round."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self._app = create_app(settings, store)

    def reader(self, role: Role) -> FlaskClient:
        """Create an account with ``role`` and sign in, reading English."""
        with self.store.write() as session:
            accounts.create_account(
                session,
                username=str(role),
                display_name=str(role),
                role=role,
                password=PASSWORD,
                actor="cli",
                now=NOW,
            )
        client = self._app.test_client()
        client.set_cookie("ngon_ngu", "en")
        page = client.get("/dang-nhap").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"username": str(role), "password": PASSWORD, "csrf_token": token}
        assert client.post("/dang-nhap", data=form).status_code == 303
        return client

    def looks(self) -> list[str]:
        """Return what the audit log says of looks at the index."""
        with self.store.read() as session:
            details = session.scalars(select(Event.detail).where(Event.action == "index.view"))
            return [detail["as"] for detail in details]


@pytest.fixture(scope="module")
def scored_file(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> Path:
    """Score a round with made-up answers, once; every test copies the file."""
    file = tmp_path_factory.mktemp("scored") / "scored.sqlite3"
    shutil.copyfile(migrated_sqlite_file, file)
    store = Store.at(f"sqlite:///{file}")
    with store.write() as session:
        round_ = draft_round(session)
        declared = round_.declared
        bands = declared.bands.model_copy(update={"show": True})
        shown = declared.model_copy(update={"bands": bands})
        round_.document = shown.model_dump(mode="json", by_alias=True)
        close_at_random(session, round_, seed=3)
        analyse.score(session, round_, actor="cli", now=NOW)
    store.dispose()  # the last connection moves the write-ahead log into the file
    return file


@pytest.fixture
def readers(tmp_path: Path, scored_file: Path, settings: Settings) -> Iterator[Readers]:
    """Give the scored round to a test of its own."""
    shutil.copyfile(scored_file, tmp_path / "khaosat.sqlite3")
    store = Store.at(settings.database_url)
    yield Readers(store, settings)
    store.dispose()


def test_the_office_sees_three_editions_beginning_with_the_public_one(readers: Readers) -> None:
    office = readers.reader(Role.OFFICE)
    page = office.get(PAGE).text
    assert "For the public" in page
    assert "XHH.1" not in page
    assert "ban=council" in page
    assert "ban=statistician" not in page
    assert "XHH.1" in office.get(PAGE + "?ban=council").text


def test_an_edition_that_is_not_the_readers_is_refused(readers: Readers) -> None:
    office = readers.reader(Role.OFFICE)
    for place in ("", "chi-so.xlsx", "chi-so.json", "bieu-do/cap_so.svg", "bieu-do/cap_so.png"):
        assert office.get(f"{PAGE}{place}?ban=statistician").status_code == 403, place
    assert office.get(f"{PAGE}?ban=everything").status_code == 403


def test_a_full_look_is_logged_and_no_other(readers: Readers) -> None:
    statistician = readers.reader(Role.STATISTICIAN)
    for release in ("public", "unit", "council"):
        assert statistician.get(f"{PAGE}?ban={release}").status_code == 200
    assert readers.looks() == []
    for place in ("", "chi-so.xlsx", "chi-so.json"):
        assert statistician.get(f"{PAGE}{place}?ban=statistician").status_code == 200
    assert readers.looks() == ["page", "xlsx", "json"]


def test_a_chart_shows_the_statistician_no_more_than_the_council(readers: Readers) -> None:
    statistician = readers.reader(Role.STATISTICIAN)
    full = statistician.get(f"{PAGE}bieu-do/cap_so.svg?ban=statistician")
    assert full.data == statistician.get(f"{PAGE}bieu-do/cap_so.svg?ban=council").data
    assert readers.looks() == []


@pytest.mark.parametrize("role", [Role.CLERK, Role.ADMIN])
def test_clerks_and_administrators_see_no_results(readers: Readers, role: Role) -> None:
    client = readers.reader(role)
    assert client.get(PAGE).status_code == 403
    assert "bp2022" not in client.get("/ket-qua/").text


def test_a_viewer_sees_the_public_edition_once_it_is_published(readers: Readers) -> None:
    viewer = readers.reader(Role.VIEWER)
    assert viewer.get(PAGE).status_code == 403
    assert "bp2022" not in viewer.get("/ket-qua/").text
    with readers.store.write() as session:
        session.scalars(select(Round)).one().state = RoundState.PUBLISHED
    assert viewer.get(PAGE).status_code == 200
    assert PAGE in viewer.get("/ket-qua/").text
    assert viewer.get(PAGE + "?ban=unit").status_code == 403


def test_there_is_no_index_before_it_is_computed(readers: Readers) -> None:
    with readers.store.write() as session:
        session.scalars(select(Round)).one().state = RoundState.CLOSED
    assert readers.reader(Role.OFFICE).get(PAGE).status_code == 409


def test_a_chart_names_its_table_and_says_so(readers: Readers) -> None:
    office = readers.reader(Role.OFFICE)
    page = office.get(PAGE + "?ban=council").text
    assert 'src="/ket-qua/bp2022/bieu-do/cap_so.svg?ban=council"' in page
    assert "the table below gives the same numbers" in page
    assert office.get(PAGE + "bieu-do/cap_so.svg").mimetype == "image/svg+xml"
    assert office.get(PAGE + "bieu-do/cap_so.png").data.startswith(b"\x89PNG")
    assert office.get(PAGE + "bieu-do/cap_khong.svg").status_code == 404


def _workbook_text(data: bytes) -> str:
    workbook = openpyxl.load_workbook(BytesIO(data))
    return "\n".join(str(cell.value) for sheet in workbook for row in sheet for cell in row)


def test_only_the_council_and_the_statistician_read_how_sure_ranks_are(readers: Readers) -> None:
    statistician = readers.reader(Role.STATISTICIAN)
    said = ("interval of ranks", "Probability of", "under 5 %", "within the error")
    for release in ReleaseClass:
        files = {
            "page": statistician.get(f"{PAGE}?ban={release}").text,
            "json": statistician.get(f"{PAGE}chi-so.json?ban={release}").text,
            "xlsx": _workbook_text(statistician.get(f"{PAGE}chi-so.xlsx?ban={release}").data),
        }
        wide = release in {ReleaseClass.PUBLIC, ReleaseClass.UNIT}
        expected = [] if wide else list(said)
        for name, text in files.items():
            assert [word for word in said if word in text] == expected, (release, name)


def test_strips_are_drawn_for_the_council_and_nobody_wider(readers: Readers) -> None:
    office = readers.reader(Role.OFFICE)
    page = office.get(PAGE + "?ban=council").text
    assert 'src="/ket-qua/bp2022/kha-nang/cap_so.svg?ban=council"' in page
    assert "Strips of SIMULATED DATA" in page
    for ending, kind in (("svg", "image/svg+xml"), ("png", "image/png")):
        place = f"{PAGE}kha-nang/cap_so.{ending}"
        assert office.get(f"{place}?ban=council").mimetype == kind
        assert office.get(f"{place}?ban=unit").status_code == 404
        assert office.get(place).status_code == 404
        assert office.get(f"{place}?ban=statistician").status_code == 403
    assert "kha-nang" not in office.get(PAGE + "?ban=unit").text
    assert office.get(f"{PAGE}kha-nang/cap_khong.svg?ban=council").status_code == 404


def test_strips_show_the_statistician_no_more_than_the_council(readers: Readers) -> None:
    statistician = readers.reader(Role.STATISTICIAN)
    full = statistician.get(f"{PAGE}kha-nang/cap_so.svg?ban=statistician")
    assert full.data == statistician.get(f"{PAGE}kha-nang/cap_so.svg?ban=council").data
    assert readers.looks() == []


def test_everything_says_that_the_answers_are_simulated(readers: Readers) -> None:
    office = readers.reader(Role.OFFICE)
    assert "SIMULATED DATA" in office.get(PAGE).text
    assert json.loads(office.get(PAGE + "chi-so.json").text)["simulated"] is True


def test_the_downloads_carry_the_numbers_of_the_page(readers: Readers) -> None:
    office = readers.reader(Role.OFFICE)
    report = json.loads(office.get(PAGE + "chi-so.json?ban=council").text)
    assert report["release"] == "council"
    table = next(table for table in report["tables"] if table["key"] == "cap_so")
    best = table["rows"][0]
    assert best["total"] in office.get(PAGE + "?ban=council").text
    answer = office.get(PAGE + "chi-so.xlsx?ban=council")
    workbook = openpyxl.load_workbook(BytesIO(answer.data))
    cells = {str(cell.value) for sheet in workbook for row in sheet for cell in row}
    assert best["name"] in cells
    assert "filename=bp2022-council.xlsx" in answer.headers["Content-Disposition"]


def test_a_mark_stands_beside_its_meaning(readers: Readers) -> None:
    page = readers.reader(Role.STATISTICIAN).get(PAGE + "?ban=council").text
    assert "[n/a]" in page
    assert "the criterion does not apply to the unit" in page


def test_points_that_give_answers_away_are_listed_before_publication(
    sqlite_store: Store, settings: Settings
) -> None:
    with sqlite_store.write() as session:
        round_ = draft_round(session, codes=("SO02", "HU01"))
        questionnaire = questionnaire_of(session, round_)
        facts = {"unit.handles_procedures": "yes"}
        full = {
            ("SO02", group): [same_answers(questionnaire, facts, group, "5")] * 3
            for group in ("LD", "CC")
        }
        close_with(session, round_, full)
        analyse.score(session, round_, actor="cli", now=NOW)
    office = Readers(sqlite_store, settings).reader(Role.OFFICE)
    page = office.get("/van-phong/bp2022/cong-bo").text
    assert page.count("everybody gave full points") == 9  # eight criteria and the total
    assert "must be scrubbed and the key destroyed" in page


def test_an_unknown_round_is_not_found(readers: Readers) -> None:
    assert readers.reader(Role.OFFICE).get("/ket-qua/khong-co/").status_code == 404


def test_the_widest_edition_is_the_default_and_nothing_is_widened() -> None:
    council = {ReleaseClass.PUBLIC, ReleaseClass.COUNCIL}
    assert choose_release(None, council, role=Role.OFFICE, name=str) is ReleaseClass.PUBLIC
    assert choose_release("council", council, role=Role.OFFICE, name=str) is ReleaseClass.COUNCIL
    with pytest.raises(EditionRefusedError, match="may see: public; council"):
        choose_release("unit", council, role=Role.OFFICE, name=str)
    with pytest.raises(NoEditionError, match="once it is published"):
        choose_release(None, set(), role=Role.VIEWER, name=str)


def test_a_refused_edition_says_whose_it_is_and_what_the_reader_may_see(readers: Readers) -> None:
    page = unescape(readers.reader(Role.OFFICE).get(f"{PAGE}?ban=statistician").text)
    assert "The edition “For the statistician only” of the index is not for the role" in page
    assert "For the public; For the unit concerned; For the appraisal council" in page
    assert "See the index" not in page
    viewer = unescape(readers.reader(Role.VIEWER).get(PAGE).text)
    assert "viewers see it once it is published" in viewer


def test_a_unit_is_handed_a_page_with_its_own_row_only(readers: Readers) -> None:
    office = readers.reader(Role.OFFICE)
    everybody = office.get(PAGE + "chi-so.json?ban=unit").json
    assert everybody is not None
    rows = [row for table in everybody["tables"][:2] for row in table["rows"]]
    names = [row["name"] for row in rows]

    own = office.get(PAGE + "chi-so.json?ban=unit&don-vi=SO01")
    page = office.get(PAGE + "?ban=unit&don-vi=SO01").text
    unknown = office.get(PAGE + "?ban=unit&don-vi=nobody")

    assert own.json is not None
    assert [row["name"] for row in own.json["tables"][0]["rows"]] == [OWN_UNIT]
    assert "SO01" in own.headers["Content-Disposition"]
    others = [name for name in names if name != OWN_UNIT]
    assert len(others) > 1
    assert [name for name in others if f">{name}</th>" in page] == []
    assert unknown.status_code == 404
