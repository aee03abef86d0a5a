"""Files of the index: the report and nothing but the report, as a workbook and as JSON."""

import io
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from stats.disclosure import ReleaseClass
from survey.records.store import Store
from survey.rules.index_document import IndexDocument
from survey.services.compute import compute_index
from survey.services.export import index_json, index_xlsx
from survey.services.report import index_report
from tests.survey.closed_round import close_at_random, draft_round

_CODES = ("SO01", "SO02", "SO12", "SO19", "HU01")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> IndexDocument:
    file = tmp_path_factory.mktemp("export") / "round.sqlite3"
    shutil.copyfile(migrated_sqlite_file, file)
    store = Store.at(f"sqlite:///{file}")
    with store.write() as session:
        round_ = draft_round(session, codes=_CODES)
        close_at_random(session, round_, seed=7, share=1)
        found = compute_index(session, round_)
    store.dispose()
    return found


def test_json_keeps_decimals_as_text_and_marks_as_marks(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.COUNCIL, "en")
    content = json.loads(index_json(report))
    rows = {row["name"]: row for row in content["tables"][0]["rows"]}
    total = rows["Sở Nội vụ"]["total"]
    assert Decimal(total) == report.table("cap_so").rows[rows["Sở Nội vụ"]["rank"] - 1][2]
    assert rows["Ban Dân tộc"]["total"] == {"mark": "withheld"}
    assert "withheld" in content["tables"][0]["marks"]
    assert content["simulated"] is True
    assert content["release"] == "council"


def test_the_public_json_holds_no_official_decimals(document: IndexDocument) -> None:
    text = index_json(index_report(document, ReleaseClass.PUBLIC, "en"))
    for unit in document.unit_group("cap_so").units:
        if unit.converted is not None:
            assert str(unit.converted.rounded) not in text
            assert unit.converted.fraction not in text


def test_the_workbook_holds_no_more_digits_than_it_shows(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.PUBLIC, "en")
    workbook = load_workbook(io.BytesIO(index_xlsx(report)))
    cells = [workbook.worksheets[0].cell(row, 3).value for row in range(5, 8)]
    assert all(isinstance(cell, int | float) for cell in cells)
    assert [str(Decimal(str(cell)).quantize(Decimal("0.1"))) for cell in cells] == [
        str(row[2]) for row in report.table("cap_so").rows[:3]
    ]
    assert all(cell == round(cell, 1) for cell in cells)  # type: ignore[arg-type]


def test_every_sheet_says_whose_it_is_and_that_it_is_simulated(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.STATISTICIAN, "en")
    workbook = load_workbook(io.BytesIO(index_xlsx(report)))
    assert len(workbook.worksheets) == len(report.tables) + 1
    assert all(str(sheet["A1"].value).startswith("SIMULATED DATA") for sheet in workbook)
    tables = workbook.worksheets[:-1]
    assert all("statistician only" in str(sheet["A3"].value) for sheet in tables)


def test_marks_are_explained_below_the_table(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.COUNCIL, "en")
    sheet = load_workbook(io.BytesIO(index_xlsx(report))).worksheets[0]
    written = [str(row[0].value) for row in sheet.iter_rows(min_row=9, max_row=16)]
    assert any(line.startswith("[few] fewer than 5") for line in written)
    assert any(line.startswith("[no] does not qualify") for line in written)


def test_a_name_that_looks_like_a_formula_stays_a_name(document: IndexDocument) -> None:
    group = document.unit_groups[0]
    evil = group.units[0].model_copy(update={"name": "=1+1"})
    changed = document.model_copy(
        update={
            "unit_groups": (
                group.model_copy(update={"units": (evil, *group.units[1:])}),
                *document.unit_groups[1:],
            )
        }
    )
    report = index_report(changed, ReleaseClass.PUBLIC, "en")
    sheet = load_workbook(io.BytesIO(index_xlsx(report))).worksheets[0]
    (cell,) = [row[1] for row in sheet.iter_rows(min_row=5, max_row=9) if row[1].value == "=1+1"]
    assert cell.data_type == "s"
