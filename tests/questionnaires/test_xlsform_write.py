"""XLSForm out: pyxform accepts it, and reading gives the same questionnaire."""

import datetime as dt
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from questionnaires import DefinitionError, Questionnaire, read_questionnaire
from questionnaires.library import SHIPPED, shipped
from questionnaires.reading import validated
from questionnaires.xlsform import read_xlsform, write_xlsform
from questionnaires.xlsform.sheets import tidy
from tests.questionnaires.workbooks import cells

SMALL = """\
schema: khaosat/questionnaire/1
id: small
version: "1"
language: vi
title: Phiếu nhỏ
estimated_minutes: 1
sections:
  - id: A
    title: Phần A
    items:
      - {id: N, type: integer, text: Mấy lần, min: 0, max: 9}
"""


def accepted(content: bytes) -> tuple[str, list[str]]:
    """Convert by pyxform; its XForm and its warnings."""
    warnings: list[str] = []
    result = convert(io.BytesIO(content), warnings=warnings, validate=False, file_type=".xlsx")
    return result.xform, warnings


def same(questionnaire: Questionnaire) -> None:
    read = read_xlsform(write_xlsform(questionnaire))

    assert read == questionnaire
    assert read.fingerprint == questionnaire.fingerprint


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_questionnaire_comes_back_as_it_was(name: str) -> None:
    same(shipped(name))


@pytest.mark.parametrize("name", ["every_kind", "new_kinds", "rating"])
def test_questionnaire_with_every_kind_comes_back_as_it_was(
    name: str, request: pytest.FixtureRequest
) -> None:
    same(request.getfixturevalue(name))


@pytest.mark.parametrize("name", SHIPPED)
def test_pyxform_accepts_shipped_questionnaires_without_warning(name: str) -> None:
    xform, warnings = accepted(write_xlsform(shipped(name)))

    assert warnings == []
    assert "<h:html" in xform


@pytest.mark.parametrize("name", ["every_kind", "new_kinds", "rating"])
def test_pyxform_warns_of_nothing_but_translations(
    name: str, request: pytest.FixtureRequest
) -> None:
    _, warnings = accepted(write_xlsform(request.getfixturevalue(name)))

    assert [line for line in warnings if "is missing the survey" not in line] == []


def test_standard_columns_say_what_xlsform_can_say(new_kinds: Questionnaire) -> None:
    rows = {row.get("name"): row for row in cells(write_xlsform(new_kinds), "survey")}

    assert rows["E1"]["type"] == "select_one E1"
    assert rows["E1"]["parameters"] == "randomize=true"
    assert rows["E1_9"]["relevant"] == "${E1} = '9'"
    assert rows["E2"]["constraint"] == ". >= -0.50 and . <= 1000"
    assert rows["E4"]["constraint"] == ". <= date('2026-12-31') and (. >= ${E3})"
    assert rows["M1"]["constraint"] == (
        "count-selected(.) <= 3 and not(selected(., '0') and count-selected(.) > 1)"
    )
    assert rows["G1"]["type"] == "begin_group"
    assert rows["RATE"]["calculation"] == "${DAYS} div ${E2}"


def test_choices_keep_their_windows_and_order(new_kinds: Questionnaire) -> None:
    rows = [row for row in cells(write_xlsform(new_kinds), "choices") if row["list_name"] == "E1"]

    assert [row["name"] for row in rows] == ["1", "2", "3", "9"]
    assert rows[1]["khaosat_valid_until"] == "2025-06-30"
    assert rows[3]["khaosat_last"] == "yes"


def test_section_that_is_off_stays_in_the_form_and_never_shows(every_kind: Questionnaire) -> None:
    rows = {row.get("name"): row for row in cells(write_xlsform(every_kind), "survey")}

    assert rows["OFF"]["relevant"] == "false()"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Mấy lần", '"Mấy\\x07 lần"', "characters that a workbook does not keep"),
        ("Mấy lần", '"\\u200bMấy lần"', "characters that a workbook does not keep"),
        ("Mấy lần", "x" * 40_000, "a cell holds 32767"),
        ("Mấy lần", '"Chào ${N}"', "would be filled in by XLSForm software"),
    ],
)
def test_text_that_a_cell_cannot_hold_is_refused_at_its_cell(old: str, new: str, says: str) -> None:
    questionnaire = read_questionnaire(SMALL.replace(old, new))

    with pytest.raises(DefinitionError, match=says) as refused:
        write_xlsform(questionnaire)

    assert [fault.path for fault in refused.value.faults] == ["survey!C3"]


LETTERS = "aêộĐ Nguyễn 12='\"“’,.;{}[]()@$#&<>|/\\\n-_:đ𝄞"
SENTENCES = (
    st.text(LETTERS, min_size=1, max_size=15)
    .map(tidy)
    .map(str.strip)
    .filter(
        lambda text: (
            bool(text)
            and not {"${", "@{"} & {text[n : n + 2] for n in range(len(text))}
            and tidy(text) == text
        )
    )
)
TEXTS = SENTENCES | st.dictionaries(
    st.sampled_from(["en", "fr", "en-GB"]), SENTENCES, max_size=2
).flatmap(lambda others: SENTENCES.map(lambda text: {"vi": text, **others}))
LABELS = st.sampled_from(["Nhãn", {"vi": "Nhãn", "en": "Label"}, {"vi": "Chỉ tiếng Việt"}])
CONDITIONS = (
    "${n} > 1 and not(${s} = '1')",
    "${ s }  =  '2'\n or answered(${m})",
    "selected(${m}, 'b')",
    "${t} != ''",
    "${t} = 'một “hai”'",
    "${d} + 30 >= date('2025-07-01')",
    "count-selected(${m}) * 2.5 div 3 < round(${k}, 1)",
    "coalesce(${n}, ${k}, 0) >= if(${s} = '1', -1, 2)",
    "(${n} = 1 or ${n} = 2)",
    "(${n} = 1) or (${n} = 2)",
    "${unit.kind} = 'a'",
    "${sc} != '99'",
)


def _options(
    draw: st.DrawFn, **settings_of_options: st.SearchStrategy[Any]
) -> list[dict[str, Any]]:
    codes = draw(st.sampled_from([["1", "2"], ["b", "a", "c"], ["01", "1", "1.0", "x-1"]]))
    return [
        {"code": code, "text": draw(TEXTS), **_some(draw, **settings_of_options)} for code in codes
    ]


def _some(draw: st.DrawFn, **fields: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Give some of the fields a value."""
    return {name: draw(values) for name, values in fields.items() if draw(st.booleans())}


def _constraints(own: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    that = st.sampled_from([f"${{{own}}} != '99'", f"answered(${{{own}}})", CONDITIONS[0]])
    if own.startswith(("integer", "decimal")):
        that = st.sampled_from([f"${{{own}}} >= 2", f"(${{{own}}} < ${{n}})", CONDITIONS[5]])
    if own.startswith(("date", "multi")):
        that = st.sampled_from([CONDITIONS[0], CONDITIONS[1]])
    rule = st.fixed_dictionaries(
        {"that": that, "message": TEXTS}, optional={"severity": st.sampled_from(["soft", "hard"])}
    )
    return st.lists(rule, max_size=2)


def _asked(draw: st.DrawFn, own: str) -> dict[str, Any]:
    return _some(
        draw,
        hint=TEXTS,
        show_if=st.sampled_from(CONDITIONS),
        label=LABELS,
        universe=TEXTS,
        disclosure=st.sampled_from(["ordinary", "quasi_identifier", "free_text_review"]),
        if_hidden=st.sampled_from(["drop_and_rescale", "criterion_not_applicable"]),
        required=st.booleans(),
        constraints=_constraints(own),
    )


KINDS = (
    "single",
    "multi",
    "scale",
    "integer",
    "decimal",
    "date",
    "text",
    "note",
    "calculation",
    "grid",
)


@st.composite
def items(draw: st.DrawFn, number: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    own = f"{kind}{number}"
    fields = {"id": own, "type": kind, "text": draw(TEXTS)}
    if kind == "note":
        return fields | _some(draw, hint=TEXTS, show_if=st.sampled_from(CONDITIONS))
    if kind == "grid":
        rows = [
            {"id": f"{own}_{n}", "text": draw(TEXTS), **_asked(draw, own=f"{own}_{n}")}
            for n in range(2)
        ]
        return fields | {"scale": "s3", "rows": rows} | _some(draw, hint=TEXTS)
    asked = _asked(draw, own)
    if kind == "calculation":
        asked = {name: asked[name] for name in asked if name not in {"required", "constraints"}}
        value = st.sampled_from(["${n} * 2", "${d} - ${d}", "round(${k}, 1)\n+ min(${n}, 1)"])
        return fields | asked | {"value": draw(value)} | _some(draw, places=st.integers(0, 6))
    return fields | asked | _own(draw, kind)


def _own(draw: st.DrawFn, kind: str) -> dict[str, Any]:  # noqa: PLR0911 (one for each kind)
    days = st.dates(dt.date(1900, 1, 1)).map(str)
    lines = st.fixed_dictionaries({"text": TEXTS}, optional={"max_length": st.integers(1, 1000)})
    order = st.sampled_from(["random", "as_written"])
    special = st.just([{"code": "99", "text": "Không biết"}])
    if kind == "single":
        options = _options(draw, last=st.booleans())
        options[0] |= _some(draw, specify=lines) if options[0]["code"].isalnum() else {}
        return {"options": options, **_some(draw, order=order, special=special)}
    if kind == "multi":
        options = _options(draw, valid_until=st.just("2999-12-31"), last=st.booleans())
        exclusive = st.just([options[-1]["code"]])
        return {
            "options": options,
            **_some(
                draw,
                order=order,
                exclusive=exclusive,
                max_choices=st.integers(1, 2),
                special=special,
            ),
        }
    if kind == "integer":
        return {
            "min": draw(st.integers(-(10**15), 0)),
            "max": draw(st.integers(0, 10**15)),
            **_some(draw, unit=TEXTS),
        }
    if kind == "decimal":
        return {
            "min": draw(st.sampled_from(["-0.50", "0", "-7"])),
            "max": draw(st.sampled_from(["9.00", "0"])),
            "places": draw(st.integers(2, 6)),
            **_some(draw, unit=TEXTS),
        }
    if kind == "date":
        return _some(draw, min=days, max=st.just("9999-12-31"))
    if kind == "text":
        return {"max_length": draw(st.integers(1, 10_000)), **_some(draw, short=st.booleans())}
    return {"scale": "s3"}


FIRST = [
    {
        "id": "s",
        "type": "single",
        "text": "S",
        "options": [{"code": "1", "text": "Một"}, {"code": "2", "text": "Hai"}],
    },
    {
        "id": "m",
        "type": "multi",
        "text": "M",
        "options": [{"code": "a", "text": "A"}, {"code": "b", "text": "B"}],
    },
    {"id": "n", "type": "integer", "text": "N", "min": 0, "max": 9},
    {"id": "k", "type": "decimal", "text": "K", "min": "0", "max": "9", "places": 2},
    {"id": "d", "type": "date", "text": "D"},
    {"id": "t", "type": "text", "text": "T", "max_length": 9},
    {"id": "sc", "type": "scale", "text": "SC", "scale": "s3"},
]


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    more = [draw(items(number)) for number in range(draw(st.integers(1, 5)))]
    scale = {
        "options": [{"code": "1", "text": draw(TEXTS)}, {"code": "2", "text": draw(TEXTS)}],
        "special": [{"code": "99", "text": "Không biết"}],
    }
    section = {
        "id": "B",
        "title": draw(TEXTS),
        "items": more,
        **_some(
            draw,
            instructions=TEXTS,
            disclosure_note=TEXTS,
            enabled=st.booleans(),
            show_if=st.sampled_from(CONDITIONS),
            repeat=st.just({"over": "rated_units", "most": 3}),
        ),
    }
    intro = st.lists(
        st.fixed_dictionaries({"text": TEXTS}, optional={"show_if": st.just("${unit.kind} = 'a'")}),
        max_size=2,
    )
    period = {"label": draw(TEXTS), "from": "${round.year}-01-01", "to": "2999-12-31"}
    facts = [
        {
            "id": "unit.kind",
            "text": draw(TEXTS),
            "options": [{"code": "a", "text": "A"}, {"code": "b", "text": draw(TEXTS)}],
        }
    ]
    return {
        "schema": "khaosat/questionnaire/1",
        "id": "h",
        "version": draw(st.sampled_from(["1", "1.0", "=2"])),
        "language": "vi",
        "title": draw(TEXTS),
        "estimated_minutes": draw(st.integers(1, 240)),
        "facts": facts,
        "scales": {"s3": scale},
        "sections": [{"id": "A", "title": "A", "items": FIRST}, section],
        **_some(
            draw,
            subtitle=TEXTS,
            intro=intro,
            languages=st.just(["vi", "en"]),
            reference_period=st.just(period),
            report_min_cell=st.integers(1, 99),
            value_maps=st.just({"linear": {"1": "0.00", "2": "1"}, "none": {}}),
            consent=st.just(
                {
                    "id": "DY",
                    "type": "single",
                    "text": "Đồng ý?",
                    "options": [
                        {"code": "1", "text": "Có"},
                        {"code": "2", "text": "Không", "ends": "refused"},
                    ],
                }
            ),
            blocks=st.just(
                [
                    {
                        "id": "BL",
                        "title": {"vi": "Khối"},
                        "aspect": "perception",
                        "factors": [{"id": "F1", "title": "Một", "items": ["sc"]}],
                    }
                ]
            ),
        ),
    }


@settings(
    max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(definitions())
def test_any_sound_definition_comes_back_as_it_was(document: dict[str, Any]) -> None:
    try:
        questionnaire = validated(document, lambda: {(): 1}, "h")
    except DefinitionError:
        reject()
    same(questionnaire)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(definitions())
def test_pyxform_accepts_any_sound_definition(document: dict[str, Any]) -> None:
    try:
        questionnaire = validated(document, lambda: {(): 1}, "h")
    except DefinitionError:
        reject()
    xform, warnings = accepted(write_xlsform(questionnaire))

    assert "<h:html" in xform
    assert not any("khaosat" in line for line in warnings)
