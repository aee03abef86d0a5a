"""What each audience may see: the release classes, marks instead of blanks, merged criteria."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from stats.disclosure import ReleaseClass
from survey.records.store import Store
from survey.rules.index_document import IndexDocument, ScoredItem
from survey.rules.report import IndexReport, Kind, Mark
from survey.services.compute import compute_index
from survey.services.report import index_report
from tests.survey.closed_round import close_at_random, draft_round

_CODES = ("SO01", "SO02", "SO12", "SO17", "SO19", "HU01", "XA001", "XA002")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> IndexDocument:
    file = tmp_path_factory.mktemp("report") / "round.sqlite3"
    shutil.copyfile(migrated_sqlite_file, file)
    store = Store.at(f"sqlite:///{file}")
    with store.write() as session:
        round_ = draft_round(session, codes=_CODES)
        close_at_random(session, round_, seed=7, share=1)
        found = compute_index(session, round_)
    store.dispose()
    return found


def _keys(report: IndexReport, table: str = "cap_so") -> list[str]:
    return [column.key for column in report.table(table).columns]


def _column(report: IndexReport, key: str, table: str = "cap_so") -> dict[object, object]:
    found = report.table(table)
    places = [column.key for column in found.columns]
    return {row[places.index("name")]: row[places.index(key)] for row in found.rows}


def test_the_public_sees_rank_name_and_coarse_total_only(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.PUBLIC, "en")
    assert _keys(report) == ["rank", "name", "total"]
    assert [table.key for table in report.tables] == ["cap_so", "cap_huyen", "responses"]
    totals = [cell for cell in _column(report, "total").values() if isinstance(cell, Decimal)]
    assert totals
    assert all(total.as_tuple().exponent == -1 for total in totals)


def test_the_unit_sees_criteria_and_its_response_rate_but_no_interval(
    document: IndexDocument,
) -> None:
    keys = _keys(index_report(document, ReleaseClass.UNIT, "en"))
    assert {"XHH.1", "XHH.8", "rate", "valid"} <= set(keys)
    assert {"low", "high", "se", "flags", "band"}.isdisjoint(keys)


def test_the_council_sees_intervals_but_no_statistics(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.COUNCIL, "en")
    assert {"low", "high", "XHH.1"} <= set(_keys(report))
    assert {"se", "df", "flags", "straight_lines", "code"}.isdisjoint(_keys(report))
    assert {table.key for table in report.tables}.isdisjoint({"strata", "items"})


def test_the_statistician_sees_everything(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.STATISTICIAN, "en")
    assert {"se", "df", "exact", "flags", "straight_lines"} <= set(_keys(report))
    assert {"strata", "items"} <= {table.key for table in report.tables}


@pytest.mark.parametrize("release", list(ReleaseClass))
def test_wider_audiences_see_a_part_of_what_narrower_ones_see(
    document: IndexDocument, release: ReleaseClass
) -> None:
    narrowest = set(_keys(index_report(document, ReleaseClass.STATISTICIAN, "en")))
    assert set(_keys(index_report(document, release, "en"))) <= narrowest


def test_everything_shown_is_rounded_from_the_exact_number(document: IndexDocument) -> None:
    # 17.445 is 17.45 at two decimals and 17.4 at one: rounding 17.45 again would say 17.5
    content = json.loads(document.model_dump_json(by_alias=True))
    unit = content["unit_groups"][0]["units"][0]
    unit["converted"] |= {"fraction": "3489/200", "rounded": "17.45", "decimal": "17.445"}
    changed = IndexDocument.model_validate(content)
    public = index_report(changed, ReleaseClass.PUBLIC, "en")
    council = index_report(changed, ReleaseClass.COUNCIL, "en")
    assert _column(public, "total")[unit["name"]] == Decimal("17.4")
    assert _column(council, "total")[unit["name"]] == Decimal("17.45")


@pytest.mark.parametrize("release", list(ReleaseClass))
def test_no_cell_is_blank_and_every_mark_is_explained(
    document: IndexDocument, release: ReleaseClass
) -> None:
    report = index_report(document, release, "en")
    for table in report.tables:
        for row in table.rows:
            assert len(row) == len(table.columns)
            for cell, column in zip(row, table.columns, strict=True):
                assert cell != "" or column.key in {"flags", "notes"}
                assert not isinstance(cell, Mark) or cell in table.marks


def test_a_withheld_unit_is_marked_and_stands_last(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.COUNCIL, "en")
    last = report.table("cap_so").rows[-1]
    assert "Ban Dân tộc" in last
    assert _column(report, "rank")["Ban Dân tộc"] is Mark.WITHHELD
    assert _column(report, "XHH.1")["Ban Dân tộc"] is Mark.WITHHELD
    assert "fewer than 5" in report.table("cap_so").marks[Mark.WITHHELD].meaning


def test_a_picked_unit_has_no_interval_and_the_report_says_why(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.COUNCIL, "en")
    name = "Sở Lao động - Thương binh và Xã hội"
    assert _column(report, "low")[name] is Mark.NO_INTERVAL
    assert isinstance(_column(report, "total")[name], Decimal)
    meaning = report.table("cap_so").marks[Mark.NO_INTERVAL].meaning
    assert meaning == "does not qualify for a sampling error"


def test_a_criterion_of_few_questions_is_shown_as_a_sum_only(document: IndexDocument) -> None:
    small = document.criteria[0].model_copy(
        update={"items": (ScoredItem(item="Q01", points=Decimal("2.00")),)}
    )
    changed = document.model_copy(update={"criteria": (small, *document.criteria[1:])})
    report = index_report(changed, ReleaseClass.UNIT, "en")
    assert "XHH.1" not in _keys(report)
    (merged,) = [key for key in _keys(report) if "XHH.1+" in key or key.endswith("+XHH.1")]
    one, other = (index_report(document, ReleaseClass.UNIT, "en") for _ in range(2))
    first, second = merged.split("+")
    name = "Sở Nội vụ"
    parts = _column(one, first)[name], _column(other, second)[name]
    assert abs(_column(report, merged)[name] - sum(parts)) <= Decimal("0.01")  # type: ignore[arg-type, operator]
    assert "shown as one sum" in report.table("criteria").notes[0]


def test_one_unit_is_handed_its_own_row_only(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.UNIT, "en", unit="SO02")
    assert [row[1] for row in report.table("cap_so").rows] == ["Sở Nội vụ"]
    assert report.charts == ()


def test_simulated_answers_are_named_in_every_title(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.STATISTICIAN, "en")
    titles = [report.title, *(t.title for t in report.tables), *(c.title for c in report.charts)]
    assert all(title.startswith("SIMULATED DATA") for title in titles)
    assert report.simulated == "SIMULATED DATA"


def test_real_answers_carry_no_warning(document: IndexDocument) -> None:
    real = document.provenance.model_copy(update={"simulated": False})
    report = index_report(
        document.model_copy(update={"provenance": real}), ReleaseClass.COUNCIL, "en"
    )
    assert report.simulated is None
    assert "SIMULATED" not in report.title


def test_bands_are_off_unless_the_round_shows_them(document: IndexDocument) -> None:
    assert "band" not in _keys(index_report(document, ReleaseClass.COUNCIL, "en"))
    shown = document.model_copy(update={"bands": document.bands.model_copy(update={"show": True})})
    report = index_report(shown, ReleaseClass.COUNCIL, "en")
    (column,) = [c for c in report.table("cap_so").columns if c.key == "band"]
    assert "no classification" in column.label
    assert "band" not in _keys(index_report(shown, ReleaseClass.UNIT, "en"))


def test_communes_are_named_as_not_surveyed(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.PUBLIC, "en")
    assert any("2 unit(s) without a sample" in note for note in report.notes)


def test_the_public_chart_has_no_intervals(document: IndexDocument) -> None:
    public = index_report(document, ReleaseClass.PUBLIC, "en").chart("cap_so")
    council = index_report(document, ReleaseClass.COUNCIL, "en").chart("cap_so")
    assert public is not None
    assert council is not None
    assert all(unit.low is None and not unit.without_interval for unit in public.units)
    assert [unit.name for unit in council.units if unit.without_interval] == [
        "Sở Lao động - Thương binh và Xã hội"
    ]
    assert council.withheld == ("Ban Dân tộc",)


def test_a_report_speaks_vietnamese(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.COUNCIL, "vi")
    assert report.simulated == "SỐ LIỆU MÔ PHỎNG"
    labels = [column.label for column in report.table("cap_so").columns]
    assert labels[:3] == ["Hạng", "Cơ quan, đơn vị", "Điểm (trên 22)"]
    assert report.table("cap_so").marks[Mark.NO_INTERVAL].meaning == (
        "không đủ điều kiện tính sai số"
    )


def test_percentages_are_kept_as_shares(document: IndexDocument) -> None:
    table = index_report(document, ReleaseClass.PUBLIC, "en").table("responses")
    place = [column.kind for column in table.columns].index(Kind.PERCENT)
    assert all(0 <= row[place] <= 1 for row in table.rows)  # type: ignore[operator]
