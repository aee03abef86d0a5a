"""The office adds the staff lists that units returned, without sending the register again."""

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from survey.records.units import StaffMember
from survey.services import rounds
from tests.webforms.test_office import Office, office_of, words

if TYPE_CHECKING:
    from tests.webforms.conftest import Site

UNITS = (
    "code,name,unit_group,parent,handles_procedures,population_LD,population_CC,selection,"
    "list_date,valid_from,valid_to\n"
    "T1,Sở Thử Một,cap_so,,yes,2,3,positions,2022-09-30,2022-01-01,\n"
    "T2,Sở Thử Hai,cap_so,,no,1,2,positions,2022-09-30,2022-01-01,\n"
)
HEAD = "unit,group,position,name\n"
T1 = HEAD + "".join(
    f"T1,{group},{place},Người {group} {place}\n"
    for group, count in (("LD", 2), ("CC", 3))
    for place in range(1, count + 1)
)
T2 = (
    T1.replace("T1,", "T2,").replace("T2,LD,2,Người LD 2\n", "").replace("T2,CC,3,Người CC 3\n", "")
)
ADDRESS = "don-vi/danh-sach"


def files(**texts: str) -> list[tuple[BytesIO, str]]:
    return [(BytesIO(text.encode()), f"{name}.csv") for name, text in texts.items()]


def stored(office: Office) -> int:
    with office.site.store.read() as session:
        return session.scalar(select(func.count()).select_from(StaffMember)) or 0


@pytest.fixture
def office(site: "Site") -> Office:
    """Sit down at a draft whose register has head counts only, and whose plan is drawn."""
    with site.store.write() as session:
        known = rounds.find_round(session, "nho-2022")
        rounds.create_round(
            session,
            document=known.declared.model_copy(update={"code": "moi-2022"}),
            questionnaire=rounds.questionnaire_of(session, known),
            simulated=True,
            actor="cli",
            now=site.app.extensions["khaosat.clock"](),
        )
    office = office_of(site, "moi-2022")
    office.upload(UNITS)
    assert office.post("ke-hoach", seed="7").status_code == 303
    return office


def test_lists_of_several_units_are_added_at_once_and_drop_the_plan(office: Office) -> None:
    answer = office.post(ADDRESS, on="don-vi", lists=files(t1=T1, t2=T2))

    assert answer.status_code == 303
    page = words(office.get("don-vi"))
    assert "Staff lists imported: 8 people of 2 units." in page
    assert "The plan was dropped" in page
    assert stored(office) == 8
    assert "Departments 2 8" in page


def test_every_fault_of_the_lists_is_shown_and_nothing_is_stored(office: Office) -> None:
    wrong = T2.replace("T2,CC,2,Người CC 2", "T2,CC,2,") + "T9,CC,1,Ai đó\n"
    answer = office.post(ADDRESS, on="don-vi", lists=files(t1=T1, t2=wrong))

    assert answer.status_code == 400
    rows = re.findall(r"<tr><td>t2\.csv</td>(.*?)</tr>", answer.text, re.DOTALL)
    assert len(rows) == 2
    assert "T9" in rows[1]
    assert stored(office) == 0
    assert "Seed of the draw 7" in words(office.get("ke-hoach"))


def test_lists_without_a_file_are_asked_for(office: Office) -> None:
    answer = office.post(ADDRESS, on="don-vi")

    assert answer.status_code == 400
    assert "Choose the files with the staff lists." in answer.text
    assert "Choose the file with the register" not in answer.text


def test_an_open_round_offers_no_lists_and_takes_none(site: "Site", office: Office) -> None:
    opened = office_of(site, "nho-2022")
    assert "Staff lists from units" not in opened.get("don-vi").text
    assert "Staff lists from units" in office.get("don-vi").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', office.get("don-vi").text)
    assert token is not None
    refused = office.client.post(
        f"/van-phong/nho-2022/{ADDRESS}",
        data={"csrf_token": token[1], "lists": files(t1=T1)},
    )
    assert refused.status_code == 409
    assert stored(office) == 0


@pytest.mark.parametrize("username", ["clerk", "statistician", "viewer", "admin"])
def test_only_the_office_adds_lists(site: "Site", username: str) -> None:
    client = site.staff(username)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/doi-mat-khau").text)
    assert token is not None
    answer = client.post(f"/van-phong/nho-2022/{ADDRESS}", data={"csrf_token": token[1]})
    assert answer.status_code == 403
