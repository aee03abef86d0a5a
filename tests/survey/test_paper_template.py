"""The template of a form against its pages as pixels: boxes, marks and codes are where it says."""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from questionnaires import Questionnaire, read_questionnaire
from questionnaires.library import SHIPPED, shipped
from questionnaires.rating import RatedUnit, rating_form
from survey.documents.paper_pdf import PrintedPaper, print_questionnaire
from survey.documents.paper_template import TEMPLATE_SCHEMA, Box, BoxKind
from tests import kinds
from tests.survey.every_kind import every_kind
from tests.survey.paper_raster import crop, dark_bounds, edges_of, pages_of

TOLERANCE = 0.3
SERIAL = "123456786"
UNITS = (RatedUnit(code="SO01", name="Sở Y tế"), RatedUnit(code="SO02", name="Sở Tài chính"))


def _units(questionnaire: Questionnaire) -> Sequence[RatedUnit]:
    return UNITS if any(section.repeat for section in questionnaire.sections) else ()


@pytest.fixture(scope="module", params=[*SHIPPED, "every-kind"])
def questionnaire(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Questionnaire:
    if request.param == "every-kind":
        return every_kind(tmp_path_factory.mktemp("paper"))
    return shipped(request.param)


@pytest.fixture(scope="module")
def printed(questionnaire: Questionnaire) -> PrintedPaper:
    return print_questionnaire(questionnaire, serials=[SERIAL], units=_units(questionnaire))


@pytest.fixture(scope="module")
def pages(printed: PrintedPaper) -> list[NDArray[np.uint8]]:
    return pages_of(printed.pdf)


def _outlined(printed: PrintedPaper) -> list[Box]:
    return [box for box in printed.template.boxes if box.kind is not BoxKind.TEXT]


def test_every_box_is_outlined_where_the_template_says(
    printed: PrintedPaper, pages: list[NDArray[np.uint8]]
) -> None:
    for box in _outlined(printed):
        found = edges_of(pages[box.page - 1], box.x, box.y, box.width, box.height)
        sides = (found.left, found.top, found.right, found.bottom)
        said = (box.x, box.y, box.x + box.width, box.y + box.height)
        assert np.allclose(sides, said, atol=TOLERANCE), box


def test_a_cross_drawn_by_the_template_falls_inside_the_printed_box(
    printed: PrintedPaper, pages: list[NDArray[np.uint8]]
) -> None:
    for box in _outlined(printed):
        page = pages[box.page - 1].copy()
        found = edges_of(page, box.x, box.y, box.width, box.height)
        inside = (found.left + 0.4, found.top + 0.4)
        inside += (found.right - found.left - 0.8, found.bottom - found.top - 0.8)
        assert crop(page, *inside).min() > 128, f"{box} is not empty"
        before = page.copy()
        piece = crop(page, box.x + 0.8, box.y + 0.8, box.width - 1.6, box.height - 1.6)
        steps = np.arange(max(piece.shape) * 2) / (max(piece.shape) * 2)
        rows, columns = (steps * piece.shape[0]).astype(int), (steps * piece.shape[1]).astype(int)
        piece[rows, columns] = 0
        piece[rows, columns[::-1]] = 0
        crop(before, *inside)[...] = crop(page, *inside)
        assert (before == page).all(), f"the cross in {box} leaves the box"


def test_writing_areas_are_ruled_where_the_template_says(
    printed: PrintedPaper, pages: list[NDArray[np.uint8]]
) -> None:
    for box in printed.template.boxes:
        if box.kind is not BoxKind.TEXT:
            continue
        assert box.lines is not None
        for line in range(1, box.lines + 1):
            y = box.y + box.height * line / box.lines
            piece = crop(pages[box.page - 1], box.x + 0.5, y - TOLERANCE, box.width - 1, 0.6)
            assert (piece.min(axis=0) < 128).all(), (box, line)
        assert box.height / box.lines >= 8


def test_four_marks_stand_where_the_template_says_on_every_page(
    printed: PrintedPaper, pages: list[NDArray[np.uint8]]
) -> None:
    marks = printed.template.marks
    assert {mark.corner for mark in marks} == {
        "top_left",
        "top_right",
        "bottom_left",
        "bottom_right",
    }
    for page in pages:
        for mark in marks:
            piece = crop(page, mark.x - 2, mark.y - 2, mark.width + 4, mark.height + 4)
            found = dark_bounds(piece)
            assert np.allclose(found, (2, 2, 2 + mark.width, 2 + mark.height), atol=TOLERANCE)
            assert (crop(page, mark.x + 0.3, mark.y + 0.3, 4.4, 4.4) < 128).all()


def test_the_code_of_each_page_is_read_where_the_template_says(
    printed: PrintedPaper, pages: list[NDArray[np.uint8]]
) -> None:
    template = printed.template
    for number, page in enumerate(pages, start=1):
        area = template.qr
        (code,) = zxingcpp.read_barcodes(
            np.ascontiguousarray(crop(page, area.x, area.y, area.width, area.height))
        )
        assert code.text == template.qr_content.format(serial=SERIAL, page=number)


def test_boxes_are_large_enough_and_do_not_overlap(printed: PrintedPaper) -> None:
    boxes = printed.template.boxes
    for number, box in enumerate(boxes):
        assert min(box.width, box.height) >= 4
        for other in boxes[:number]:
            if other.page == box.page:
                apart = (
                    box.x >= other.x + other.width - 0.01
                    or other.x >= box.x + box.width - 0.01
                    or box.y >= other.y + other.height - 0.01
                    or other.y >= box.y + box.height - 0.01
                )
                assert apart, (box, other)


def test_the_template_has_exactly_the_boxes_that_answers_need(
    questionnaire: Questionnaire, printed: PrintedPaper
) -> None:
    units = _units(questionnaire)
    form = rating_form(questionnaire, units).questionnaire if units else questionnaire
    needed = {(item.id, option.code) for item in form.questions for option in form.options_of(item)}
    boxes = printed.template.boxes
    ticks = [(box.item, box.code) for box in boxes if box.kind is BoxKind.TICK]
    assert len(ticks) == len(set(ticks))
    assert set(ticks) == needed
    written = {item.id for item in form.questions if not form.options_of(item)}
    assert {box.item for box in boxes if box.kind is not BoxKind.TICK} == written


def test_the_template_as_json_names_its_questionnaire(printed: PrintedPaper) -> None:
    document = json.loads(printed.template.to_json())
    assert document["schema"] == TEMPLATE_SCHEMA
    assert len(document["questionnaire"]["fingerprint"]) == 64
    assert document["page"] == {"width": 210.0, "height": 297.0}
    assert document["pages"] == printed.template.pages
    assert len(document["boxes"]) == len(printed.template.boxes)
    assert set(document["boxes"][0]) == {
        "item", "kind", "page", "x", "y", "width", "height", "code",
    }  # fmt: skip


def test_a_unit_not_known_yet_is_written_into_boxes_of_its_own(tmp_path: Path) -> None:
    template = print_questionnaire(every_kind(tmp_path)).template
    names = [box for box in template.boxes if box.item == "R_1.unit_name"]
    codes = [box for box in template.boxes if box.item == "R_1.unit_code"]
    assert [box.kind for box in names] == [BoxKind.TEXT]
    assert [box.position for box in codes] == list(range(8))
    assert any(box.item == "R1_1" for box in template.boxes)


def test_template_names_the_version_also_where_some_options_are_not_offered(
    tmp_path: Path,
) -> None:
    file = tmp_path / "kinds.yaml"
    file.write_text(kinds.QUESTIONNAIRE, encoding="utf-8")
    version = read_questionnaire(file)
    template = print_questionnaire(version.as_of(dt.date(2022, 10, 3))).template
    codes = [box.code for box in template.boxes if box.item == "A1" and box.code is not None]
    assert codes == ["1", "2", "3", "9"]
    assert template.fingerprint == version.fingerprint
