"""A stored plan weighed: its budget and errors, other ways to share it, its file drawn again."""

import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

import survey
from survey.cli.export import export
from survey.cli.sample import sample
from survey.errors import NotReadyError, RefusedInputError
from survey.records.store import Store
from survey.rules.alternatives import SMALL_UNIT, Rule, alternatives
from survey.rules.plan_table import PlanTable
from survey.services import alternatives as allocations
from survey.services import export as files
from survey.services import plan, plan_file, rounds

EXAMPLE = Path(survey.__file__).parent / "examples" / "binh_phuoc_2022" / "round.yaml"


@pytest.fixture
def example(sqlite_store: Store, make_round: Callable[[Path], str]) -> Store:
    """Store the whole example with a drawn plan."""
    make_round(EXAMPLE)
    return sqlite_store


def _table(store: Store, code: str) -> PlanTable:
    with store.read() as session:
        return plan.plan_table(session, rounds.find_round(session, code))


def _plan_json(store: Store, code: str) -> dict[str, Any]:
    with store.read() as session:
        content: dict[str, Any] = json.loads(
            plan_file.plan_json(session, rounds.find_round(session, code))
        )
    return content


def test_errors_are_laid_out_for_units_groups_and_province(store: Store, small_round: str) -> None:
    table = _table(store, small_round)
    departments, communes = table.groups
    assert departments.outlook == table.outlook  # nobody is asked elsewhere
    assert departments.outlook.implied_error == pytest.approx((1 / 10 - 1 / 35) ** 0.5)
    assert departments.units[2].outlook.half_width is None  # picks its people
    assert communes.outlook.implied_error is None
    assert table.budget is None


def test_the_example_costs_what_its_lines_add_up_to(example: Store) -> None:
    budget = _table(example, "bp2022").budget
    assert budget is not None
    assert [line.quantity for line in budget.lines] == [140, 210, 31, 1, 1]
    assert int(budget.total) == 140 * 18000 + 210 * 3500 + 31 * 250000 + 5_500_000


def test_the_document_prints_money_and_errors(example: Store) -> None:
    with example.read() as session:
        found = rounds.find_round(session, "bp2022")
        content = files.plan_docx(plan.plan_table(session, found), found.declared)
    opened = docx.Document(io.BytesIO(content))
    text = "\n".join(paragraph.text for paragraph in opened.paragraphs)
    assert "III. KINH PHÍ\nKinh phí dự kiến: 16.505.000 đồng, gồm:" in text
    assert "Nguồn kinh phí: kinh phí cải cách hành chính đã cấp cho Sở Nội vụ năm 2022." in text
    assert "IV. CÁCH CHỌN NGƯỜI TRẢ LỜI" in text
    assert "Cấp sở: theo công thức Slovin ±6,9%; khoảng tin cậy ±8,7%" in text
    assert "ngầm giả định tỷ lệ p = 0,5, hệ số z = 2" in text
    rows = [[cell.text for cell in row.cells] for row in opened.tables[-1].rows]
    assert rows[-1][1:] == ["Tổng cộng", "1.744", "350", "4,8%", "6,7%"]


def test_the_text_says_what_n_buys_in_the_unit_it_serves_worst(example: Store) -> None:
    with example.read() as session:
        found = rounds.find_round(session, "bp2022")
        content = files.plan_docx(plan.plan_table(session, found), found.declared)
    text = "\n".join(part.text for part in docx.Document(io.BytesIO(content)).paragraphs)
    assert "kém chính xác nhất là Thanh tra tỉnh, hỏi 05 trong 17 người, ±37,6%" in text
    assert "02 cơ quan hỏi toàn bộ nên không có sai số chọn mẫu" in text
    assert "từ ±13,1% đến ±41,2% (17 cơ quan)" in text
    assert "Phụ lục IV" not in text  # no other way was laid beside it


def test_documents_lay_the_other_ways_beside_the_plan(example: Store) -> None:
    with example.read() as session:
        found = rounds.find_round(session, "bp2022")
        table, document = plan.plan_table(session, found), found.declared
        outcomes = allocations.beside_plan(session, found)
    drawn = docx.Document(io.BytesIO(files.plan_docx(table, document, outcomes=outcomes)))
    assert any("05 cách phân bổ khác" in paragraph.text for paragraph in drawn.paragraphs)
    rows = [[cell.text for cell in row.cells] for row in drawn.tables[-1].rows]
    assert rows[2][1:5] == ["Theo Kế hoạch này", "341", "16.165.500", "±0,0%"]
    assert rows[2][7:] == ["Thanh tra tỉnh", "±6,7%"]
    assert len(rows) == 2 + len(Rule)
    book = load_workbook(io.BytesIO(files.plan_xlsx(table, document, outcomes=outcomes)))
    sheet = book["Phương án phân bổ"]
    provinces = [float(str(sheet.cell(6 + n, 9).value)) for n in range(6)]
    assert provinces == pytest.approx([each.province for each in outcomes])


def test_every_annex_is_numbered_from_its_own_first_page(example: Store) -> None:
    with example.read() as session:
        found = rounds.find_round(session, "bp2022")
        content = files.plan_docx(plan.plan_table(session, found), found.declared)
    first, *annexes = docx.Document(io.BytesIO(content)).sections
    assert "w:pgNumType" not in first._sectPr.xml  # noqa: SLF001 - python-docx has no name for it
    assert len(annexes) == 3
    for section in annexes:
        assert section._sectPr.xml.count('<w:pgNumType w:start="1"/>') == 1  # noqa: SLF001 - same
        assert section.different_first_page_header_footer


def test_a_document_without_costs_has_no_section_on_money(store: Store, small_round: str) -> None:
    with store.read() as session:
        found = rounds.find_round(session, small_round)
        content = files.plan_docx(plan.plan_table(session, found), found.declared)
    text = "\n".join(part.text for part in docx.Document(io.BytesIO(content)).paragraphs)
    assert "KINH PHÍ" not in text
    assert "III. CÁCH CHỌN NGƯỜI TRẢ LỜI" in text


def test_the_workbook_computes_money_and_slovins_error(example: Store) -> None:
    with example.read() as session:
        found = rounds.find_round(session, "bp2022")
        content = files.plan_xlsx(plan.plan_table(session, found), found.declared)
    formulas = load_workbook(io.BytesIO(content))
    values = load_workbook(io.BytesIO(content), data_only=True)
    money = [row for row in formulas["Kinh phí"].iter_rows(values_only=True) if row[5]]
    assert money[1][5] == "=D6*E6"
    assert money[-1][5] == "=SUM(F6:F10)"
    assert values["Kinh phí"]["F11"].value == 16_505_000
    sheet = formulas["Cấp huyện"]
    assert sheet["R6"].value == "=SQRT(1/P6-1/N6)"
    assert values["Cấp huyện"]["R6"].value == pytest.approx((1 / 17 - 1 / 126) ** 0.5)
    assert 0.2 < float(str(values["Cấp huyện"]["S6"].value)) < 0.4


def test_other_ways_ask_as_many_people_for_the_same_money(example: Store) -> None:
    with example.read() as session:
        found = allocations.compared(session, rounds.find_round(session, "bp2022"))
    assert [each.rule for each in found] == list(Rule)
    assert {each.size for each in found} == {341}  # 350 without the unit that picks its people
    assert len({each.budget.total for each in found if each.budget}) == 1
    declared, proportional = found[0], found[2]
    assert proportional.province < declared.province  # quotas favour leaders
    assert all(each.narrowest <= each.median <= each.widest for each in found)


def test_the_declared_quotas_agree_with_the_plan(example: Store) -> None:
    table = _table(example, "bp2022")
    with example.read() as session:
        declared = allocations.compared(session, rounds.find_round(session, "bp2022"))[0]
    assert declared.province == pytest.approx(table.outlook.half_width)
    worst = max(
        (unit for group in table.groups for unit in group.units),
        key=lambda unit: unit.outlook.half_width or 0,
    )
    assert (declared.widest_unit, declared.widest) == (worst.code, worst.outlook.half_width)


def test_a_census_that_the_forms_do_not_reach_is_left_out(store: Store, small_round: str) -> None:
    with store.read() as session:
        found = rounds.find_round(session, small_round)
        frame, quotas = plan.frame_of(session, found), plan.quotas_of(found.declared)
    assert sum(s.population for s in frame.strata if s.unit == "S1") <= SMALL_UNIT
    census = alternatives(frame, quotas, level=0.95, costs=None)[-1]
    assert (census.rule, census.size) == (Rule.SMALL_UNITS, 10)
    assert census.narrowest > 0  # ten forms do not reach for ten people and the other unit


def test_a_round_without_register_has_nothing_to_compare(
    store: Store, small_round: str, now: datetime
) -> None:
    with store.write() as session:
        known = rounds.find_round(session, small_round)
        made = rounds.create_round(
            session,
            document=known.declared.model_copy(update={"code": "trong"}),
            questionnaire=rounds.questionnaire_of(session, known),
            simulated=True,
            actor="cli",
            now=now,
        )
        with pytest.raises(NotReadyError):
            allocations.compared(session, made)


def test_a_plans_file_is_drawn_again_without_names(store: Store, small_round: str) -> None:
    content = _plan_json(store, small_round)
    text = json.dumps(content, ensure_ascii=False)
    assert "Lãnh đạo" not in text
    check = plan_file.verify_json(text)
    assert (check.difference, check.digest) == (None, content["digest"])
    assert not check.frame_digest_redone  # S1 has a staff list, whose names are not in the file


def test_a_frame_without_lists_is_redone_to_its_digest(
    store: Store, small_round: str, now: datetime
) -> None:
    from survey.records.units import RoundUnit, StaffMember  # noqa: PLC0415

    with store.write() as session:
        found = rounds.find_round(session, small_round)
        session.query(StaffMember).delete()
        for unit in session.query(RoundUnit).where(RoundUnit.round_id == found.id):
            if unit.selection.value == "list":
                unit.selection = type(unit.selection).POSITIONS
        session.flush()
        plan.draw_plan(session, found, seed=7, actor="cli", now=now)
    content = _plan_json(store, small_round)
    check = plan_file.verify_json(json.dumps(content))
    assert (check.difference, check.frame_digest_redone) == (None, True)
    content["plan"]["frame_digest"] = "0" * 64
    difference = plan_file.verify_json(json.dumps(content)).difference
    assert difference is not None
    assert difference.place == "frame_digest"


def _other_seed(content: dict[str, Any]) -> None:
    content["plan"]["seed"] = 8


def _other_person(content: dict[str, Any]) -> None:
    content["plan"]["strata"][0]["selected"][0] += 1


def _other_population(content: dict[str, Any]) -> None:
    content["frame"][2]["population"] += 1


def _other_quota(content: dict[str, Any]) -> None:
    content["quotas"][0]["size"] = 1


def _other_digest(content: dict[str, Any]) -> None:
    content["digest"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_other_seed, "S1/"),
        (_other_person, "S1/"),
        (_other_population, ".population"),
        (_other_quota, ".planned"),
        (_other_digest, "digest"),
    ],
)
def test_the_first_difference_of_a_changed_file_is_named(
    store: Store, small_round: str, change: Callable[[dict[str, Any]], None], place: str
) -> None:
    content = _plan_json(store, small_round)
    change(content)
    difference = plan_file.verify_json(json.dumps(content)).difference
    assert difference is not None
    assert place in difference.place


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "khaosat.plan/2"}', "\xff"])
def test_a_file_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(RefusedInputError):
        plan_file.verify_json(text)


def test_a_plan_of_another_shape_is_refused(store: Store, small_round: str) -> None:
    content = _plan_json(store, small_round)
    content["plan"]["seed"] = "7"
    with pytest.raises(RefusedInputError, match="seed"):
        plan_file.verify_json(json.dumps(content))


def test_the_command_line_writes_and_verifies_a_plans_file(
    tmp_path: Path, small_sqlite_round: str
) -> None:
    target = tmp_path / "plan.json"
    call = ["plan", small_sqlite_round, "--to", str(target), "--home", str(tmp_path)]
    assert CliRunner().invoke(export, call).exit_code == 0
    done = CliRunner().invoke(sample, ["verify", str(target)])
    assert done.exit_code == 0
    assert "is what its seed and frame give" in done.output
    assert "the round's code, with the signed plan" in " ".join(done.output.split())
    target.write_text(target.read_text("utf-8").replace('"seed": 7', '"seed": 8'), "utf-8")
    changed = CliRunner().invoke(sample, ["verify", str(target)])
    assert changed.exit_code == 1
    assert "the draw gives" in changed.output
    by_code = ["verify", small_sqlite_round, "--home", str(tmp_path)]
    assert CliRunner().invoke(sample, by_code).exit_code == 0
    assert CliRunner().invoke(sample, ["verify", str(tmp_path / "no.json")]).exit_code == 2


def test_the_command_line_compares(tmp_path: Path, small_sqlite_round: str) -> None:
    done = CliRunner().invoke(sample, ["compare", small_sqlite_round, "--home", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert all(rule.value in done.output for rule in Rule)
    assert "leave out units that picked their people by hand" in done.output


def test_the_command_line_says_when_nobody_was_invited_yet(
    tmp_path: Path, small_sqlite_round: str
) -> None:
    done = CliRunner().invoke(sample, ["replan", small_sqlite_round, "--home", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "Nobody has been invited yet" in done.output
