"""The respondent's way from the link to the receipt, without scripts, and every way off it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from survey.services import rounds
from survey.services.close import begin_closing

NOW = datetime(2022, 10, 11, tzinfo=UTC)
LONGEST_FIRST_VISIT = 40_000


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_a_link_changes_no_row_in_any_table(site: Any, method: str) -> None:
    before = site.rows()
    client = site.app.test_client()
    assert client.open(site.path(), method=method).status_code == 303
    assert client.get("/phieu/nho-2022/").status_code == 200
    assert site.rows() == before


def test_link_leads_to_an_address_without_token(site: Any) -> None:
    answer = site.app.test_client().get(site.path())
    assert answer.headers["Location"] == "/phieu/nho-2022/"
    token = site.path().rsplit("/", 1)[1]
    cookie = answer.headers["Set-Cookie"]
    assert token in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/phieu" in cookie


def test_whole_way_leads_to_a_receipt_and_one_sealed_ballot(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    assert person.where == "/kiem-tra"
    person.post("/kiem-tra")
    assert person.where == "/da-gui"
    assert re.search(r'class="code">[0-9A-Z]{5}-[0-9A-Z]{5}<', person.page.text)
    rows = site.rows()
    assert len(rows["ballot"]) == len(rows["submission"]) == 1
    assert rows["draft"] == []
    assert sum("'used'" in row for row in rows["invitation"]) == 1


def test_sending_writes_no_audit_row(site: Any) -> None:
    before = site.rows()["event"]
    person = site.respondent()
    person.answer_all()
    person.post("/kiem-tra")
    assert site.rows()["event"] == before


def test_answer_that_opens_a_question_here_shows_it_before_going_on(site: Any) -> None:
    person = site.respondent(group="LD")
    person.post("/", DY="1")
    person.post("/phan/A", A1="LD", A2="4")
    assert person.where == "/phan/A"
    assert person.page.status_code == 200
    assert 'name="A3"' in person.page.text
    assert "<template>" not in person.page.text
    assert '<p class="inset" role="status">Your last answer opened' in person.page.text
    person.post("/phan/A", A1="LD", A2="4", A3="2")
    assert person.where == "/phan/B"


def test_missing_answer_is_named_in_a_summary_that_takes_focus(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    person.post("/phan/A", A1="CC")
    assert person.page.status_code == 400
    summary = person.page.text.split('id="errors"', 1)[1].split("</div>", 1)[0]
    assert "autofocus" in summary
    assert 'tabindex="-1"' in summary
    assert 'href="#A2"' in summary
    assert "<title>Error:" in person.page.text
    assert 'aria-describedby="A2-error"' in person.page.text


def test_answers_of_a_refused_page_are_kept_in_the_draft(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    person.post("/phan/A", A1="CC", A2="abc")
    assert 'value="abc"' in person.page.text
    assert 'value="CC" checked' in person.get("/phan/A").text


def test_back_stores_the_answers_of_the_page(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    person.post("/phan/A", A1="CC", A2="4")
    person.post("/phan/B", Q1="2", action="back")
    assert person.where == "/phan/A"
    assert 'value="2" checked' in person.get("/phan/B").text


def test_section_closed_by_the_register_is_never_shown(site: Any) -> None:
    person = site.respondent(unit="S2")
    person.post("/", DY="1")
    person.post("/phan/A", A1="CC", A2="4")
    assert person.where == "/phan/C"
    assert "Part 2/2" in person.page.text
    assert person.get("/phan/B").request.path == "/phieu/nho-2022/phan/C"


def test_answer_on_an_abandoned_path_is_neither_shown_nor_sent(site: Any) -> None:
    person = site.respondent(group="LD")
    person.post("/", DY="1")
    person.post("/phan/A", A1="LD", A2="4", A3="1")
    person.post("/phan/B", Q1="3", Q2="1")
    person.post("/phan/A", A1="CC", A2="4")
    person.post("/phan/B", Q1="3")
    person.post("/phan/C")
    document = re.search(r'name="answers" value="([^"]*)"', person.page.text)
    assert document is not None
    assert "Q2" not in document[1]
    assert "A3" not in document[1]


def test_page_says_before_sending_that_nothing_can_be_changed_after(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    before_button = person.page.text.rsplit("<form", 1)[0]
    assert "no way to change the answers or to take them back" in before_button


def test_change_link_returns_to_the_check_page(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    place = "/phan/B?tu=kiem-tra"
    assert f'href="/phieu/nho-2022{place}#Q1"' in person.page.text
    person.post(place, Q1="1")
    assert person.where == "/kiem-tra"
    assert "Kém" in person.page.text


def test_sending_twice_gives_the_same_receipt_and_one_ballot(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    form = _form(person)
    codes = set()
    for _ in range(2):
        answer = person.client.post("/phieu/nho-2022/kiem-tra", data=form, follow_redirects=True)
        codes.add(re.findall(r'class="code">([^<]+)<', answer.text)[0])
    assert len(codes) == 1
    assert len(site.rows()["ballot"]) == 1


@pytest.mark.parametrize("place", ["/kiem-tra", "/ket-thuc/refused"])
def test_device_secret_is_taken_away_with_the_draft(site: Any, place: str) -> None:
    # Whoever holds link, device and a backup of the collection could open the draft in it.
    person = site.respondent()
    person.answer_all()
    form = _form(person)
    answer = person.client.post(f"/phieu/nho-2022{place}", data=form)
    given = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("may-")]
    assert answer.status_code == 303
    assert ["Max-Age=0" in each and "Path=/phieu" in each for each in given] == [True]


def test_same_submission_with_other_answers_is_refused(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    form = _form(person)
    person.client.post("/phieu/nho-2022/kiem-tra", data=form)
    form["answers"] = form["answers"].replace('"Q1":"3"', '"Q1":"1"')
    answer = person.client.post("/phieu/nho-2022/kiem-tra", data=form)
    assert answer.status_code == 409
    assert len(site.rows()["ballot"]) == 1


def test_answers_that_skip_a_required_question_are_not_stored(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    form = _form(person)
    form["answers"] = '{"DY":"1"}'
    answer = person.client.post("/phieu/nho-2022/kiem-tra", data=form)
    assert answer.status_code == 400
    assert site.rows()["ballot"] == []


def test_nothing_can_be_sent_before_consent(site: Any) -> None:
    person = site.respondent()
    form = _form(person, begin=True)
    form |= {"submission_id": "A" * 32, "answers": '{"DY":"1","A1":"CC","A2":4}'}
    answer = person.client.post("/phieu/nho-2022/kiem-tra", data=form)
    assert answer.headers["Location"] == "/phieu/nho-2022/"
    assert site.rows()["ballot"] == []


def test_refusing_is_confirmed_by_a_post_and_thanked(site: Any) -> None:
    person = site.respondent()
    before = site.rows()
    person.post("/", DY="2")
    assert person.where == "/ket-thuc/refused"
    assert site.rows() == before
    person.post("/ket-thuc/refused")
    assert person.where == "/ket-thuc/refused/cam-on"
    assert sum("'refused'" in row for row in site.rows()["invitation"]) == 1
    assert person.client.get(person.url).status_code == 410


def test_answer_that_ends_is_confirmed_and_drops_the_draft(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    person.post("/phan/A", A1="KH", A2="4")
    assert person.where == "/ket-thuc/ineligible"
    assert 'href="/phieu/nho-2022/phan/A"' in person.page.text
    person.post("/ket-thuc/ineligible")
    rows = site.rows()
    assert sum("'ineligible'" in row for row in rows["invitation"]) == 1
    assert rows["draft"] == []


def test_nobody_ends_as_ineligible_whose_answers_do_not_say_so(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    before = site.rows()
    form = _form(person, begin=True)
    answer = person.client.post("/phieu/nho-2022/ket-thuc/ineligible", data=form)
    assert answer.status_code == 404
    assert site.rows() == before


def test_used_link_says_so(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    person.post("/kiem-tra")
    answer = person.client.get(person.url)
    assert answer.status_code == 410
    assert "This link has been used" in answer.text


def test_wrong_token_says_so_and_repeats_nothing_of_it(site: Any) -> None:
    client = site.app.test_client()
    client.set_cookie("ngon_ngu", "en")
    answer = client.get("/t/nho-2022/khongcodau")
    assert answer.status_code == 404
    assert "This link is not known" in answer.text
    assert "<main" in answer.text
    assert "khongcodau" not in answer.text.split("<main", 1)[1]


def test_closed_round_says_so(site: Any) -> None:
    person = site.respondent()
    person.answer_all()
    with site.store.write() as session:
        made = rounds.find_round(session, "nho-2022")
        begin_closing(session, made, actor="office", now=NOW)
    assert "The survey is closed" in person.client.get(person.url).text
    assert person.get("/phan/A").status_code == 410


def test_round_that_is_not_open_yet_says_so(site: Any) -> None:
    person = site.respondent()
    with site.store.write() as session:
        session.execute(text("UPDATE round SET state = 'draft'"))
    answer = person.client.get(person.url)
    assert answer.status_code == 409
    assert "not been opened yet" in answer.text


def test_browser_without_invitation_is_told_to_open_the_link(site: Any) -> None:
    client = site.app.test_client()
    client.set_cookie("ngon_ngu", "en")
    answer = client.get("/phieu/nho-2022/phan/A")
    assert answer.status_code == 400
    assert "open the link of your invitation" in answer.text


def test_page_of_another_invitation_is_refused_and_nothing_stored(site: Any) -> None:
    person = site.respondent(which=0)
    person.post("/", DY="1")
    form = _form(person, begin=True) | {"A1": "CC", "A2": "4"}
    person.client.get(site.path(which=1))  # a colleague opens her link on the same computer
    before = site.rows()
    answer = person.client.post("/phieu/nho-2022/phan/A", data=form)
    assert answer.status_code == 409
    assert "Another invitation" in answer.text
    assert site.rows() == before


def test_draft_of_another_device_opens_with_its_code_only(site: Any) -> None:
    first, second = site.respondent(), site.respondent()
    first.post("/", DY="1")
    first.post("/phan/A", A1="CC", A2="4", action="pause")
    code = re.findall(r'class="code">([^<]+)<', first.page.text)[0]
    second.get("/")
    assert second.where == "/tiep-tuc"
    assert second.post("/tiep-tuc", code="ABCDE").status_code == 400
    second.post("/tiep-tuc", code=code.lower().replace("-", " "))
    assert second.where == "/"
    assert 'value="CC" checked' in second.get("/phan/A").text


def test_start_over_deletes_a_draft_that_cannot_be_opened(site: Any) -> None:
    first, second = site.respondent(), site.respondent()
    first.post("/", DY="1")
    first.post("/phan/A", A1="CC", A2="4")
    second.post("/tiep-tuc", start_over="1")
    assert second.where == "/"
    second.post("/", DY="1")
    assert "checked" not in second.get("/phan/A").text


def test_intro_leads_back_to_where_the_form_was_left(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    person.post("/phan/A", A1="CC", A2="4")
    person.client.get(person.url)
    assert 'href="/phieu/nho-2022/phan/B"' in person.get("/").text


def test_changing_the_language_on_a_page_keeps_its_answers(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    person.post("/phan/A", A1="CC", A2="17", action="vi")
    assert person.where == "/phan/A"
    assert '<html lang="vi">' in person.page.text
    assert 'value="17"' in person.page.text


def test_text_that_has_no_translation_is_marked_with_its_language(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    assert "<h1>Screening</h1>" in person.page.text
    assert '<span lang="vi">Vị trí</span>' in person.page.text


def test_language_switch_never_leaves_the_site(site: Any) -> None:
    client = site.app.test_client()
    assert client.get("/ngon-ngu/en?next=//evil.example/").headers["Location"] == "/"
    assert client.get("/ngon-ngu/en?next=/quyen-rieng-tu").headers["Location"] == "/quyen-rieng-tu"
    assert client.get("/ngon-ngu/en?next=/dang-xuat").headers["Location"] == "/"
    assert client.get("/ngon-ngu/fr").status_code == 404


def test_enter_in_a_field_goes_on_and_does_not_change_the_language(site: Any) -> None:
    person = site.respondent()
    person.post("/", DY="1")
    buttons = re.findall(r'<button[^>]*name="action" value="(\w+)"', person.page.text)
    assert buttons[:2] == ["continue", "vi"]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("address", ["/quyen-rieng-tu", "/tro-nang"])
def test_notices_exist_in_both_languages(site: Any, address: str, language: str) -> None:
    client = site.app.test_client()
    client.set_cookie("ngon_ngu", language)
    answer = client.get(address)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text


def _intro(person: Any) -> None:
    person.get("/")


def _question(person: Any) -> None:
    person.post("/", DY="1")


def _checking(person: Any) -> None:
    person.answer_all()


def _receipt(person: Any) -> None:
    person.answer_all()
    person.post("/kiem-tra")


@pytest.mark.parametrize("way", [_intro, _question, _checking, _receipt])
def test_every_page_of_a_simulated_round_says_so_and_has_no_inline_script(
    site: Any, way: Callable[[Any], None]
) -> None:
    person = site.respondent()
    way(person)
    assert "Simulated data" in person.page.text
    scripts = re.findall(r"<script[^>]*>", person.page.text)
    allowed = '<script src="/static/skip'
    assert [tag for tag in scripts if not tag.startswith(allowed)] == []


def test_first_visit_stays_under_40_kilobytes(site: Any) -> None:
    person = site.respondent()
    page = person.get("/")
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert assets
    size = len(page.data)
    for asset in assets:
        with person.client.get(asset) as answer:
            size += len(answer.data)
    assert size < LONGEST_FIRST_VISIT


def test_wrong_tokens_are_limited_and_pages_under_way_are_not(site: Any) -> None:
    person = site.respondent()
    statuses = [person.client.get(f"/t/nho-2022/sai{n}").status_code for n in range(32)]
    assert statuses[:30] == [404] * 30
    assert statuses[31] == 429
    assert person.get("/").status_code == 200
    person.post("/", DY="1")
    assert person.where == "/phan/A"


def test_posts_are_limited_per_invitation_not_per_address(site: Any) -> None:
    busy, other = site.respondent(which=0), site.respondent(which=1)
    busy.post("/", DY="1")
    form = _form(busy, begin=True) | {"action": "continue"}
    statuses = {
        busy.client.post("/phieu/nho-2022/phan/A", data=form).status_code for _ in range(121)
    }
    assert 429 in statuses
    other.post("/", DY="1")
    assert other.where == "/phan/A"


def _form(person: Any, *, begin: bool = False) -> dict[str, str]:
    """Return the hidden fields of the page shown, or of the intro."""
    page = person.client.get("/phieu/nho-2022/") if begin else person.page
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: value.replace("&#34;", '"') for name, value in found}
