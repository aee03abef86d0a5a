"""DDI codebooks: the content model, identifiers, and that nothing of the questionnaire is lost."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import Questionnaire, codebook, read_questionnaire
from questionnaires.ddi import DDI_NAMESPACE, to_ddi
from questionnaires.library import SHIPPED, shipped

GOLDEN = Path(__file__).parents[1] / "golden" / "ddi_codebook" / "model.json"
PRODUCED = dt.date(2025, 7, 1)
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
WORDED = {
    "titl", "subTitl", "parTitl", "labl", "security", "preQTxt", "qstnLit", "ivuInstr", "universe",
    "txt", "concept", "drvdesc", "defntn", "dataKind", "timePrd", "producer",
}  # fmt: skip


@cache
def model() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def parsed(xml: bytes) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 (written a moment ago)


def bare(element: ET.Element) -> str:
    return element.tag.removeprefix(f"{{{DDI_NAMESPACE}}}")


def faults(root: ET.Element) -> list[str]:
    """Hold a file to the content model: elements, order, number, text, attributes, references."""
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    twice = {f"ID {name} twice" for name in ids if ids.count(name) > 1}
    return [*twice, *(fault for each in root.iter() for fault in _faults_of(each, set(ids)))]


def _faults_of(element: ET.Element, ids: set[str | None]) -> Iterator[str]:
    name = bare(element)
    rule = model()["elements"].get(name)
    if rule is None:
        yield f"element {element.tag}"
        return
    if not rule["text"] and (element.text or "").strip():
        yield f"text in {name}"
    if any((child.tail or "").strip() for child in element):
        yield f"text after a child of {name}"
    yield from _misplaced(name, [bare(child) for child in element], rule)
    allowed = model()["everywhere"] | rule.get("attributes", {})
    for key, value in element.attrib.items():
        plain = "xml:lang" if key == LANG else key
        if key != XSI and (plain not in allowed or not _fits(value, allowed[plain], ids)):
            yield f"attribute {name}/@{plain}={value!r}"
    for key in rule.get("required", []):
        if key not in element.attrib:
            yield f"{name} without @{key}"


def _misplaced(name: str, children: list[str], rule: dict[str, Any]) -> Iterator[str]:
    rest = [child for child in children if child not in rule.get("choice", [])]
    if "first" in rule:
        leading = 0
        while leading < len(rest) and rest[leading] in rule["first"]:
            leading += 1
        if not leading:
            yield f"{name} has none of {rule['first']}"
        rest = rest[leading:]
    for child, least, most in rule.get("sequence", []):
        count = 0
        while rest and rest[0] == child:
            rest, count = rest[1:], count + 1
        if count < least or (most is not None and count > most):
            yield f"{count} {child} in {name}"
    if rest:
        yield f"{rest[0]} in {name}"


def _fits(value: str, kind: str, ids: set[str | None]) -> bool:
    if kind == "day":
        return dt.date.fromisoformat(value).isoformat() == value
    if kind == "ID":
        return NAME.fullmatch(value) is not None
    if kind in {"IDREF", "IDREFS"}:
        return value != "" and set(value.split()) <= ids
    if kind == "language":
        return re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", value) is not None
    return kind in {"string", "NMTOKEN"} or value in kind.split("|")


@pytest.fixture(params=[*SHIPPED, "every_kind", "new_kinds", "rating"])
def form(request: pytest.FixtureRequest) -> Questionnaire:
    name = request.param
    found = shipped(name) if name in SHIPPED else request.getfixturevalue(name)
    assert isinstance(found, Questionnaire)
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
def test_file_keeps_to_the_content_model(form: Questionnaire, language: str) -> None:
    xml = to_ddi(form, language=language, produced=PRODUCED, producer="Sở Nội vụ", year=2025)
    root = parsed(xml)
    assert bare(root) == "codeBook"
    assert root.get("version") == "2.5"
    assert faults(root) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<stdyInfo>", "<stdyInfo><labl>x</labl>", "labl in stdyInfo"),
        ("<sumDscr>", "x<sumDscr>", "text in stdyInfo"),
        ('ID="V.H2"', 'ID="V.H1"', "ID V.H1 twice"),
        ('intrvl="discrete"', 'intrvl="both"', "attribute var/@intrvl='both'"),
        ('var="V.H1"', 'var="V.H9"', "attribute varGrp/@var='V.H9'"),
        ('<item VALUE="5" />', "<item />", "item without @VALUE"),
        ("<catValu>5</catValu>", "<catValu>5</catValu><catValu>5</catValu>", "2 catValu in catgry"),
        ("<titl ", "<title ", "element {ddi:codebook:2_5}title"),
        ('name="H1" ', "", "var without @name"),
        ('date="2025-07-01"', 'day="2025-07-01"', "attribute prodDate/@day='2025-07-01'"),
    ],
)
def test_checker_finds_what_the_content_model_forbids(old: str, new: str, fault: str) -> None:
    xml = to_ddi(shipped("transaction"), language="vi", produced=PRODUCED).decode()
    assert old in xml
    broken = xml.replace(old, new, 1).replace("<title xml", "<title xml")
    if "<title" in new:
        broken = broken.replace("</titl>", "</title>", 1)
    assert fault in faults(parsed(broken.encode()))


def test_every_column_is_a_variable_and_every_code_a_category(form: Questionnaire) -> None:
    book = codebook(form, "vi")
    variables = list(parsed(to_ddi(form, language="vi", produced=PRODUCED)).iter(tag("var")))
    assert [variable.get("name") for variable in variables] == [c.name for c in book.columns]
    for variable, column in zip(variables, book.columns, strict=True):
        categories = [
            (each.findtext(tag("catValu")), each.findtext(tag("labl")), each.get("missing"))
            for each in variable.iter(tag("catgry"))
        ]
        expected = [(c.code, c.label, "Y" if c.missing else "N") for c in column.codes]
        assert categories == expected
        assert variable.findtext(tag("labl")) == column.label
        asked = [variable.findtext(f".//{tag(name)}") for name in ("preQTxt", "qstnLit")]
        if column.type != "calculation":
            assert " ".join(text for text in asked if text) == column.question


def tag(name: str) -> str:
    return f"{{{DDI_NAMESPACE}}}{name}"


def test_every_wording_says_its_language(form: Questionnaire) -> None:
    root = parsed(to_ddi(form, language="en", produced=PRODUCED, producer="Home Affairs"))
    silent = [
        bare(each) for each in root.iter() if bare(each) in WORDED and LANG not in each.attrib
    ]
    assert silent == []


def test_missing_translation_is_marked_as_the_documents_own_language() -> None:
    root = parsed(to_ddi(shipped("transaction"), language="en", produced=PRODUCED))
    variable = next(root.iter(tag("var")))
    assert root.get(LANG) == "en"
    languages = [variable.find(tag(name)).get(LANG) for name in ("labl", "security")]  # type: ignore[union-attr]
    assert languages == ["vi", "en"]


def test_label_and_wording_each_say_their_own_language(new_kinds: Questionnaire) -> None:
    root = parsed(to_ddi(new_kinds, language="en", produced=PRODUCED))
    variable = next(each for each in root.iter(tag("var")) if each.get("name") == "E1")
    found = [
        (each.text, each.get(LANG))
        for path in (tag("labl"), f"{tag('qstn')}/{tag('qstnLit')}")
        for each in variable.findall(path)
    ]
    assert found == [("Place", "en"), ("Nơi nộp hồ sơ", "vi")]


def test_other_languages_of_the_title_are_parallel_titles(officials: Questionnaire) -> None:
    root = parsed(to_ddi(officials, language="en", produced=PRODUCED))
    statement = root.find(f"{tag('stdyDscr')}/{tag('citation')}/{tag('titlStmt')}")
    assert statement is not None
    found = [(bare(each), each.get(LANG)) for each in statement]
    assert found == [("titl", "en"), ("subTitl", "en"), ("parTitl", "vi"), ("IDNo", None)]


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2022, [("start", "2022-01-01"), ("end", "2022-12-31")]),
        (None, [(None, None)]),
    ],
)
def test_reference_period_has_dates_once_the_year_is_known(
    officials: Questionnaire, year: int | None, expected: list[tuple[str | None, str | None]]
) -> None:
    root = parsed(to_ddi(officials, language="vi", produced=PRODUCED, year=year))
    found = [(each.get("event"), each.get("date")) for each in root.iter(tag("timePrd"))]
    assert found == expected


def test_numbers_days_and_calculations_say_their_bounds_and_formulas(
    new_kinds: Questionnaire,
) -> None:
    root = parsed(to_ddi(new_kinds, language="vi", produced=PRODUCED))
    variables = {each.get("name"): each for each in root.iter(tag("var"))}
    bounds = variables["E2"].find(f"{tag('valrng')}/{tag('range')}")
    assert bounds is not None
    assert bounds.attrib == {"UNITS": "REAL", "min": "-0.50", "max": "1000"}
    assert (variables["E2"].get("dcml"), variables["E2"].get("measUnit")) == ("2", "km")
    assert variables["E3"].findtext(tag("txt")) == "Khoảng giá trị: 2025-01-01 – 2025-12-31"
    derivation = variables["RATE"].find(tag("derivation"))
    assert derivation is not None
    assert derivation.get("var") == "V.DAYS V.E2"
    assert derivation.findtext(tag("drvcmd")) == "${DAYS} div ${E2}"
    remarks = [each.text for each in variables["E1"].iter(tag("txt"))]
    assert remarks == ["có đến hết 2025-06-30", "có từ 2025-07-01"]


def test_routing_leads_back_to_the_questions_of_the_condition_and_ahead_from_them() -> None:
    root = parsed(to_ddi(shipped("transaction"), language="vi", produced=PRODUCED))
    questions = {each.get("ID"): each for each in root.iter(tag("qstn"))}
    back = questions["Q.H5"].find(tag("backward"))
    ahead = questions["Q.H1"].find(tag("forward"))
    assert back is not None
    assert ahead is not None
    assert (back.get("qstn"), back.text) == ("Q.H1", "${H1} = '1' or ${H1} = '2'")
    assert ahead.get("qstn") == "Q.H5"


def test_groups_hold_sections_grids_factors_and_criteria(rating: Questionnaire) -> None:
    root = parsed(to_ddi(rating, language="vi", produced=PRODUCED))
    groups = {each.get("ID"): each for each in root.iter(tag("varGrp"))}
    assert groups["S.B"].get("var") == "V.Q1 V.Q2 V.Q3 V.Q3_9 V.Ga V.Gb"
    assert (groups["S.B"].get("varGrp"), groups["G.G"].get("var")) == ("G.G", "V.Ga V.Gb")
    assert groups["S.B"].findtext(tag("defntn")) is not None
    assert groups["C.K"].get("var") == "V.Q1 V.Q2 V.Ga"
    found = {each.get("ID") for each in parsed(_factors()).iter(tag("varGrp"))}
    assert {"B.GDB", "F.GDB.CHUNG", "F.GDB.TUNGKHAU"} <= found


def _factors() -> bytes:
    return to_ddi(shipped("transaction"), language="vi", produced=PRODUCED)


def test_universe_given_by_the_round_replaces_the_subtitle(officials: Questionnaire) -> None:
    given = to_ddi(officials, language="en", produced=PRODUCED, universe="Officials of 2025")
    assert parsed(given).findtext(f".//{tag('sumDscr')}/{tag('universe')}") == "Officials of 2025"


SMALL = """
schema: khaosat/questionnaire/1
id: nho
version: "1"
language: vi
title: Phiếu
estimated_minutes: 1
sections:
  - id: A
    title: Phần
    items:
      - {id: A1, type: integer, text: Số, min: 0, max: 9}
"""


@given(st.text(min_size=1, max_size=40).filter(str.strip))
def test_any_text_makes_a_file_that_reads_back(text: str) -> None:
    form = read_questionnaire(SMALL)
    item = form.sections[0].items[0].model_copy(update={"text": text, "label": None})
    section = form.sections[0].model_copy(update={"items": (item,)})
    odd = form.view({"title": text, "sections": (section,)})
    root = parsed(to_ddi(odd, language="vi", produced=PRODUCED))
    assert faults(root) == []
    assert len(root.findtext(f".//{tag('labl')}") or "") > 0


def test_markup_in_a_text_stays_text() -> None:
    form = read_questionnaire(SMALL.replace("text: Số", 'text: "<b>&amp; ]]> \\"x\\" \'y\'"'))
    root = parsed(to_ddi(form, language="vi", produced=PRODUCED))
    assert root.findtext(f".//{tag('qstnLit')}") == "<b>&amp; ]]> \"x\" 'y'"


def test_the_same_questionnaire_gives_the_same_bytes(form: Questionnaire) -> None:
    one, other = (to_ddi(form, language="vi", produced=PRODUCED) for _ in range(2))
    assert one == other
