"""The comparison in words."""

import pytest

from questionnaires import Questionnaire, read_questionnaire
from questionnaires.difference import Change, Comparison, ItemComparison, Kind, compare
from questionnaires.difference_text import COMPARABLE, rows, to_text
from questionnaires.library import SHIPPED, shipped

OLD = """
schema: khaosat/questionnaire/1
id: nho
version: "1"
language: vi
title: Phiếu thử
estimated_minutes: 2
sections:
  - id: A
    title: Phần A
    items:
      - id: A1
        type: single
        text: Ông/Bà giữ vị trí nào?
        options: [{code: LD, text: Lãnh đạo}, {code: CC, text: Công chức}]
      - {id: A2, type: integer, text: Số năm công tác, min: 0, max: 40}
      - {id: A3, type: text, text: Ý kiến, max_length: 50}
"""


def changed(*replacements: tuple[str, str]) -> Questionnaire:
    text = OLD.replace('version: "1"', 'version: "2"')
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return read_questionnaire(text)


def test_report_says_what_changed_what_it_means_and_what_stays_comparable() -> None:
    new = changed(
        ("title: Phiếu thử", "title: Phiếu chính thức"),
        ("{code: CC, text: Công chức}", "{code: CC, text: Công chức}, {code: NV, text: Khác}"),
        ("text: Số năm công tác", "text: Tuổi"),
    )
    assert to_text(compare(read_questionnaire(OLD), new)) == (
        "nho 1 → nho 2\n"
        "\n"
        "The questionnaire as a whole\n"
        "  * meaning changed (title)\n"
        "      was: Phiếu thử\n"
        "      now: Phiếu chính thức\n"
        "      so:  do not compare, unless a person judges that both wordings ask the same and "
        "notes it\n"
        "\n"
        "Questions that changed: 2 of 3\n"
        "\n"
        "A1: comparable for what both versions have in common\n"
        "  * option added (option NV)\n"
        "      now: Khác\n"
        "      so:  earlier respondents could not choose it; compare what both versions offer\n"
        "\n"
        "A2: not comparable\n"
        "  * meaning changed (text)\n"
        "      was: Số năm công tác\n"
        "      now: Tuổi\n"
        "      so:  do not compare, unless a person judges that both wordings ask the same and "
        "notes it\n"
        "\n"
        "Answers of both versions are comparable\n"
        "  fully (1): A3\n"
        "  for what both versions have in common (1): A1\n"
        "  not (1): A2\n"
    )


def test_rows_are_the_changes_of_the_comparison_in_its_order() -> None:
    new = changed(
        ("title: Phiếu thử", "title: Phiếu khác"),
        ("max: 40", "max: 45"),
        ("{id: A3, type: text", "{id: A4, type: text"),
    )
    found = [(row.item, row.change, row.old, row.new) for row in rows(compare(_old(), new))]
    assert found == [
        ("", "meaning changed", "Phiếu thử", "Phiếu khác"),
        ("A2", "range changed", "40", "45"),
        ("A4", "added", "", "Ý kiến"),
        ("A3", "removed", "Ý kiến", ""),
    ]
    last = rows(compare(_old(), new))[-1]
    assert (last.meaning, last.comparable) == ("there are no later answers", "not")


def _old() -> Questionnaire:
    return read_questionnaire(OLD)


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_changed_is_said(name: str) -> None:
    same = compare(shipped(name), shipped(name))
    report = to_text(same)
    assert rows(same) == ()
    assert "Nothing changed" in report
    assert f"fully ({len(same.items)})" in report
    assert "not (" not in report


def test_lines_stay_readable_where_many_items_are_listed() -> None:
    report = to_text(compare(shipped("officials_par"), shipped("sipas_citizen")))
    assert max(map(len, report.splitlines())) <= 100


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_change_has_its_words(kind: Kind) -> None:
    change = Change(kind=kind, place="text", old="a", new="b")
    item = ItemComparison(item="A1", changes=(change,))
    comparison = Comparison(old="x 1", new="x 2", document=(), items=(item,))
    row = rows(comparison)[0]
    words = set(kind.value.split("_")) - {"options"}
    assert words <= set(row.change.split())
    assert row.comparable == COMPARABLE[item.comparability]
    assert f"      so:  {row.meaning.split()[0]}" in to_text(comparison)
