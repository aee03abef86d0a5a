"""What each audience may see: the release classes, marks instead of blanks, merged criteria."""

import json
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from stats.disclosure import ReleaseClass
from survey.records.store import Store
from survey.rules.index_document import IndexDocument, ScoredItem
from survey.rules.report import IndexReport, Kind, Mark
from survey.services.compute import compute_index
from survey.services.export import index_json
from survey.services.report import index_report
from tests.survey.closed_round import close_at_random, draft_round

_CODES = ("SO01", "SO02", "SO12", "SO17", "SO19", "HU01", "XA001", "XA002")
_CERTAINTY = "cap_so-certainty"


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


def _banded(document: IndexDocument) -> IndexDocument:
    """Give every unit that has a place among the ranks the same band probabilities."""
    shares = {"XUAT_SAC": 0.0, "TOT": 0.31, "KHA": 0.62, "TRUNG_BINH": 0.04, "YEU": 0.03}
    content = document.model_dump(mode="json", by_alias=True)
    content["bands"]["show"] = True
    for group in content["unit_groups"]:
        for unit in group["units"]:
            if unit["ranking"] is not None:
                unit["ranking"] |= {"bands": shares, "certain": False}
                unit["band"] = "KHA"
    return IndexDocument.model_validate(content)


@pytest.mark.parametrize("release", [ReleaseClass.PUBLIC, ReleaseClass.UNIT])
def test_how_sure_ranks_are_is_not_for_the_public_or_the_unit(
    document: IndexDocument, release: ReleaseClass
) -> None:
    report = index_report(_banded(document), release, "en")
    assert not any("certainty" in table.key for table in report.tables)
    assert report.strips == ()
    assert all(chart.caveat is None for chart in report.charts)
    text = index_json(report)
    assert [word for word in ("Probability", "interval of ranks", "under 5") if word in text] == []
    assert document.provenance.seed
    assert document.provenance.seed not in text
    assert "within the error" not in text


@pytest.mark.parametrize("release", [ReleaseClass.COUNCIL, ReleaseClass.STATISTICIAN])
def test_the_council_and_the_statistician_see_how_sure_ranks_are(
    document: IndexDocument, release: ReleaseClass
) -> None:
    report = index_report(_banded(document), release, "en")
    name = "Sở Nội vụ"
    columns = {key: _column(report, key, _CERTAINTY)[name] for key in _keys(report, _CERTAINTY)}
    assert [columns[f"band:{code}"] for code in ("XUAT_SAC", "TOT", "KHA")] == [
        "under 5 %",
        "30 %",
        "60 %",
    ]
    assert re.fullmatch(r"ranks? \d+(–\d+)?", str(columns["rank_interval"]))
    assert ("rank_set" in columns) is (release is ReleaseClass.STATISTICIAN)


def test_nothing_finer_than_printed_probabilities_leaves_the_report(
    document: IndexDocument,
) -> None:
    report = index_report(_banded(document), ReleaseClass.COUNCIL, "en")
    table = report.table(_CERTAINTY)
    printed = re.compile(r"under 5 %|over 95 %|[1-9]0 %")
    for row in table.rows:
        for cell, column in zip(row, table.columns, strict=True):
            if column.key == "top3" or column.key.startswith("band:"):
                assert isinstance(cell, Mark) or printed.fullmatch(str(cell))
    strips = report.strip("cap_so")
    assert strips is not None
    assert {cell.percent for unit in strips.units for cell in unit.cells} <= {*range(0, 91, 10), 95}


def test_strips_say_the_same_as_their_table(document: IndexDocument) -> None:
    report = index_report(_banded(document), ReleaseClass.COUNCIL, "en")
    strips = report.strip("cap_so")
    assert strips is not None
    assert strips == report.strip(strips.table)
    keys = [key for key in _keys(report, strips.table) if key.startswith("band:")]
    for unit in strips.units:
        shown = [_column(report, key, strips.table)[unit.name] for key in keys]
        assert [cell.text for cell in unit.cells] == shown
        assert [cell.official for cell in unit.cells] == [False, False, True, False, False]


def test_units_left_out_of_the_ranks_are_marked_with_their_reason(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.COUNCIL, "en")
    intervals = _column(report, "rank_interval", _CERTAINTY)
    assert intervals["Ban Dân tộc"] is Mark.WITHHELD
    assert intervals["Sở Lao động - Thương binh và Xã hội"] is Mark.NO_INTERVAL
    # a unit with points is missing, so the ranks here are not those of the points
    assert "place" in _keys(report, _CERTAINTY)
    assert "place" not in _keys(report, "cap_huyen-certainty")
    assert any("1 unit(s) with points" in note for note in report.table(_CERTAINTY).notes)


def test_the_caveat_names_the_ranks_that_the_survey_cannot_tell_apart(
    document: IndexDocument,
) -> None:
    groups = [group.model_copy(update={"within_error": (5, 9)}) for group in document.unit_groups]
    changed = document.model_copy(update={"unit_groups": tuple(groups)})
    report = index_report(changed, ReleaseClass.COUNCIL, "en")
    chart = report.chart("cap_so")
    assert chart is not None
    assert chart.caveat == (
        "The difference between rank 5 and rank 9 is within the error of the survey."
    )
    assert chart.caveat == report.table(_CERTAINTY).notes[0]


def test_a_snapshot_from_before_ranks_were_judged_has_no_such_table(
    document: IndexDocument,
) -> None:
    content = document.model_dump(mode="json", by_alias=True)
    for group in content["unit_groups"]:
        for unit in group["units"]:
            del unit["ranking"], unit["no_ranking"]
    old = IndexDocument.model_validate(content)
    report = index_report(old, ReleaseClass.STATISTICIAN, "en")
    assert not any("certainty" in table.key for table in report.tables)
    assert "low" in _keys(report)


def test_rounds_without_bands_get_rank_intervals_and_no_strips(document: IndexDocument) -> None:
    report = index_report(document, ReleaseClass.COUNCIL, "en")
    assert "rank_interval" in _keys(report, _CERTAINTY)
    assert not any(key.startswith("band:") for key in _keys(report, _CERTAINTY))
    assert report.strips == ()


def test_only_the_statistician_sees_the_seed(document: IndexDocument) -> None:
    council = dict(index_report(document, ReleaseClass.COUNCIL, "en").provenance)
    statistician = dict(index_report(document, ReleaseClass.STATISTICIAN, "en").provenance)
    assert "Seed of the draws" not in council
    assert statistician["Seed of the draws"] == document.provenance.seed


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
