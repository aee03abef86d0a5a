"""The office weighs its plan and writes to units: pages and downloads, and who may see them."""

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

import docx
import pytest
from sqlalchemy import func, select

from survey.records.collection import Disposition, Invitation
from survey.records.people import Event
from survey.services import plan_file, rounds
from survey.services.register_view import registered_units
from tests.webforms.test_office import Office, office_of, words

if TYPE_CHECKING:
    from tests.webforms.conftest import Site

_PAGES = (
    "ke-hoach/phuong-an",
    "ke-hoach.json",
    "bo-sung",
    "bo-sung.docx",
    "cong-van",
    "cong-van.zip",
)


@pytest.fixture
def office(site: "Site") -> Office:
    """Sit down at the open round."""
    return office_of(site, "nho-2022")


def _end(office: Office, stratum_id: str, disposition: Disposition) -> None:
    """Let the first person of a stratum fall out."""
    with office.site.store.write() as session:
        invitation = session.scalars(
            select(Invitation).where(Invitation.stratum_id == stratum_id, Invitation.slot == 1)
        ).one()
        invitation.disposition = disposition


def test_the_plan_says_what_it_buys(office: Office) -> None:
    page = words(office.get("ke-hoach"))
    assert re.search(r"± 29\.5% ± 3\d\.\d%", page)  # √(1/7 − 1/18)
    assert "Expected ± at 95%" in page
    assert "a proportion of one half, z = 2" in page
    assert "Budget" not in page


def test_other_ways_are_laid_side_by_side(office: Office) -> None:
    page = words(office.get("ke-hoach/phuong-an"))
    assert "As the round declares 14" in page
    assert "Small units whole" in page
    assert "Cost" not in page  # the round declares none


def test_a_plans_file_can_be_drawn_again(office: Office) -> None:
    answer = office.get("ke-hoach.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.data)["round"] == "nho-2022"
    assert plan_file.verify_json(answer.data).difference is None


def test_a_reserve_is_invited_by_the_rule_only(office: Office) -> None:
    _, stratum_id = office.ids()
    page = words(office.get("bo-sung"))
    assert "Counts only" in page
    assert "Invite the next" not in page
    refused = office.post(f"bo-sung/{stratum_id}", on="bo-sung", lan="0")
    assert refused.status_code == 400
    assert "the rule allows no further reserve now" in words(refused)
    _end(office, stratum_id, Disposition.REFUSED)
    assert "Invite the next" in words(office.get("bo-sung"))
    assert office.post(f"bo-sung/{stratum_id}", on="bo-sung", lan="0").status_code == 303
    with office.site.store.read() as session:
        invited = select(func.count()).where(Invitation.stratum_id == stratum_id)
        assert session.scalar(invited) == 5
        last = session.scalars(select(Event.action).order_by(Event.number.desc())).first()
        assert last == "release_reserve"


def test_contacts_open_the_door_to_reserves(office: Office) -> None:
    assert "Invite the next" not in words(office.get("bo-sung?lan=2"))
    assert words(office.get("bo-sung?lan=3")).count("Invite the next") == 4


def test_the_proposal_to_sign_says_what_the_page_says(office: Office) -> None:
    page = office.get("bo-sung?lan=3").text
    assert 'href="/van-phong/nho-2022/bo-sung.docx?lan=3"' in page
    shown = re.findall(r"places ([\d, ]+)\)", words(office.get("bo-sung?lan=3")))
    opened = docx.Document(io.BytesIO(office.get("bo-sung.docx?lan=3").data))
    table = next(t for t in opened.tables if t.rows[0].cells[-1].text == "Số thứ tự được mời")
    assert [row.cells[-1].text for row in table.rows[1:]] == shown
    assert len(shown) == 4


def test_the_register_shows_every_unit_with_its_people(office: Office) -> None:
    page = words(office.get("don-vi"))
    with office.site.store.read() as session:
        round_ = rounds.find_round(session, "nho-2022")
        units = registered_units(session, round_)
        document = round_.declared
    shown = {group.label.en or group.label.vi for group in document.unit_groups}
    assert units
    for unit in units:
        assert f"{unit.code} {unit.name}" in page
    assert all(f"{name}: show all units" in page for name in shown)
    asked = next(unit for unit in units if unit.populations)
    order = document.unit_group(asked.unit_group).quotas
    counts = " ".join(str(asked.populations[code]) for code in order)
    assert f"{asked.name} {counts}" in page


@pytest.mark.parametrize("contacts", ["-1", "99999999999", "ba", ""])
def test_a_number_of_contacts_that_is_none_is_no_fault(office: Office, contacts: str) -> None:
    assert office.get(f"bo-sung?lan={contacts}").status_code == 200


def test_a_stratum_that_is_not_there_is_not_found(office: Office) -> None:
    assert office.post("bo-sung/nothing", on="bo-sung").status_code == 404
    assert office.get("cong-van/nothing").status_code == 404


def test_letters_of_a_unit_come_in_one_archive(office: Office) -> None:
    round_unit_id, _ = office.ids()
    page = office.get("cong-van")
    assert f"/cong-van/{round_unit_id}" in page.text
    archive = zipfile.ZipFile(io.BytesIO(office.get(f"cong-van/{round_unit_id}").data))
    assert sorted(archive.namelist()) == [
        "S1-de-nghi-danh-sach.docx",
        "S1-don-doc.docx",
        "S1-mau-danh-sach.xlsx",
        "S1-xac-nhan.docx",
    ]
    everything = zipfile.ZipFile(io.BytesIO(office.get("cong-van.zip").data))
    assert len(everything.namelist()) == 8


@pytest.mark.parametrize("username", ["clerk", "statistician", "viewer", "admin"])
@pytest.mark.parametrize("path", _PAGES)
def test_only_the_office_plans(site: "Site", username: str, path: str) -> None:
    client = site.staff(username)
    assert client.get(f"/van-phong/nho-2022/{path}").status_code == 403
