"""Corrupted definitions: whatever is done to a file, it is read or refused with place and remedy.

The suite tries a thousand; `make fuzz` sets KHAOSAT_FUZZ to 20,000.
"""

import copy
import datetime as dt
import io
import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import (
    DefinitionError,
    Questionnaire,
    questionnaire_from_json,
    read_questionnaire,
)
from questionnaires.library import SHIPPED, shipped_path
from questionnaires.writing import to_yaml
from questionnaires.xlsform import read_xlsform, write_xlsform
from questionnaires.yamltext import load

EXAMPLES = int(os.environ.get("KHAOSAT_FUZZ", "1000"))
JUNK: tuple[Any, ...] = (
    None, "", 0, -1, 7, 1.5, 10**30, True, [], {}, [[]], [None], {"vi": "x"}, {"vi": 1}, {"": ""},
    "x" * 300, "á" * 90, "96", "#95", "2022-02-30", "9999-12-31", "1e9", "nan", "${unit.name}",
    "‘1’", "\u202e", "\x00", "\ud800", "Ô", "a\u0301", "\n", "\U0001d11e",
)  # fmt: skip
EXPRESSIONS = (
    "${A1} = '1'", "${Q1} >= 2 or", "not(", "((((", "selected(${A3}, 'a')", "${DY} = ‘1’",
    "${E2} div 0 > 1", "date('2025-02-30') > ${E3}", "if(${A1} = '1', 1, 'x')", "-", "1 = 1",
    "${A1", "coalesce()", "round(${E2}, 99)", "${unit.handles_procedures} = 'yes'", "'" * 3,
    "count-selected(${C1}) > 999999999999999999", " and ".join(["${Q1} = '1'"] * 200),
    "not(" * 300 + "${Q1} = '1'" + ")" * 300, "${S3} + " * 300 + "1 > 0", "min(${S3}, 4)",
)  # fmt: skip
CONDITIONS = ("show_if", "that", "value")
TEXT_NOISE = (
    "\t", "\r", "\r\n", "\n", "\x00", "\ufeff", "\u2028", "\x85", "&a ", "*a", "!!python/object:x ",
    ": ", "- ", "#", "'", '"', "{", "}", "[", "]", "|", ">", "%", "@", "`", "---\n", "...\n", "?",
    "\\u0000", "\\ud800", "’", "”", "\ud800", "0", ",",
)  # fmt: skip

Place = tuple[Any, ...]


def at(value: Any, path: Place) -> Any:
    for key in path:
        value = value[key]
    return value


def places(value: Any, path: Place = ()) -> list[Place]:
    inside: Any = ()
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
    below = [place for key, part in inside for place in places(part, (*path, key))]
    return [path, *below] if path else below


def misspelt(word: str, rng: random.Random) -> str:
    n = rng.randrange(len(word) + 1)
    ways = (word[:n] + word[n + 1 :], word[:n] + rng.choice("aé_ .0-") + word[n:], word.upper())
    return rng.choice(ways)


def other_type(value: Any, rng: random.Random) -> Any:
    ways: tuple[Callable[[], Any], ...] = (
        lambda: [value],
        lambda: {"id": value},
        lambda: {"vi": value, "en": value},
        lambda: str(value),
        lambda: int(value) if isinstance(value, str) and value.isdigit() else rng.choice(JUNK),
        lambda: list(value) if isinstance(value, str | dict | list) else rng.choice(JUNK),
    )
    return rng.choice(ways)()


def delete(document: Any, path: Place, rng: random.Random) -> None:
    del rng
    del at(document, path[:-1])[path[-1]]


def repeat(document: Any, path: Place, rng: random.Random) -> None:
    parent, key = at(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(parent[key]))


def rename(document: Any, path: Place, rng: random.Random) -> None:
    parent, key = at(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[misspelt(key, rng)] = parent.pop(key)


def retype(document: Any, path: Place, rng: random.Random) -> None:
    parent, key = at(document, path[:-1]), path[-1]
    parent[key] = other_type(parent[key], rng)


def misname(document: Any, path: Place, rng: random.Random) -> None:
    del path
    named = [each for each in places(document) if each[-1] in {"id", "code", "item", "scale"}]
    if named:
        mine, theirs = rng.choice(named), rng.choice(named)
        at(document, mine[:-1])[mine[-1]] = at(document, theirs)


def splice(document: Any, path: Place, rng: random.Random) -> None:
    conditions = [each for each in places(document) if each[-1] in CONDITIONS]
    place = rng.choice(conditions) if conditions else path
    parent, old = at(document, place[:-1]), str(at(document, place))
    cut = rng.randrange(len(old) + 1)
    parent[place[-1]] = rng.choice((old[:cut], "")) + rng.choice(EXPRESSIONS) + old[cut:]


def shorten(document: Any, path: Place, rng: random.Random) -> None:
    parent, key = at(document, path[:-1]), path[-1]
    if isinstance(parent[key], str):
        parent[key] = parent[key][: rng.randrange(len(parent[key]) + 1)]


def move(document: Any, path: Place, rng: random.Random) -> None:
    there = at(document, rng.choice(places(document)))
    at(document, path[:-1])[path[-1]] = copy.deepcopy(there)


def litter(document: Any, path: Place, rng: random.Random) -> None:
    at(document, path[:-1])[path[-1]] = copy.deepcopy(rng.choice(JUNK))


WAYS = (delete, repeat, rename, retype, misname, splice, shorten, move, litter)


def corrupt(document: Any, rng: random.Random) -> None:
    everywhere = places(document)
    if everywhere:
        rng.choice(WAYS)(document, rng.choice(everywhere), rng)


def noisy(text: str, rng: random.Random) -> str:
    """Put signs that mean something to a reader in the wrong places, or lose the end."""
    for _ in range(rng.randint(1, 5)):
        n = rng.randrange(len(text) + 1)
        text = text[:n] + rng.choice(TEXT_NOISE) + text[n + rng.randint(0, 4) :]
    return text[: rng.randrange(len(text) + 1)] if rng.random() < 0.2 else text


def try_reading(read: Callable[[], Questionnaire], text: str) -> Questionnaire | None:
    """Read, or see that every fault says where it is, what is wrong and what to do."""
    try:
        return read()
    except DefinitionError as error:
        refused = error
    lines = len(re.split("\r\n|[\n\r\x85\u2028\u2029]", text))
    assert refused.faults
    assert str(refused).encode(), "a terminal can show it"
    for fault in refused.faults:
        assert fault.file, fault
        assert fault.message, fault
        assert fault.remedy, fault
        assert 1 <= fault.line <= lines, fault
    return None


class Corpus:
    """The definitions that are corrupted, as texts and as plain values; long, so never printed."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.documents = [load(text).value for text in texts]
        self.workbooks = [cells_of(write_xlsform(read_questionnaire(text))) for text in texts]


Sheets = dict[str, list[list[Any]]]


def cells_of(content: bytes) -> Sheets:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: [list(row) for row in sheet.values] for sheet in book}


def workbook_of(sheets: Sheets) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "dd/mm/yy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, [None if value == "" else value for value in row])
    book.close()
    return file.getvalue()


@pytest.fixture(scope="session")
def corpus(every_kind_yaml: str, new_kinds_yaml: str, rating_yaml: str) -> Corpus:
    shipped = [shipped_path(name).read_text(encoding="utf-8") for name in SHIPPED]
    small = [every_kind_yaml, new_kinds_yaml, rating_yaml, shipped[-1]]
    texts = [*shipped, *small, *small]  # the long ones take as much time as all others together
    return Corpus(texts)


@settings(max_examples=EXAMPLES * 11 // 20)
@given(seed=st.integers(0, 2**48))
def test_corrupted_structure_is_read_or_refused_with_place_and_remedy(
    corpus: Corpus, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 (corruption, not secrets)
    document = copy.deepcopy(rng.choice(corpus.documents))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        corrupt(document, rng)
    text = json.dumps(document, ensure_ascii=rng.random() < 0.3, indent=1)
    reader = rng.choice((read_questionnaire, questionnaire_from_json))
    questionnaire = try_reading(lambda: reader(text), text)
    if questionnaire is not None:
        assert read_questionnaire(to_yaml(questionnaire)) == questionnaire


@settings(max_examples=EXAMPLES // 4)
@given(seed=st.integers(0, 2**48))
def test_noise_in_the_text_is_read_or_refused_with_its_line(corpus: Corpus, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 (noise, not secrets)
    text = rng.choice(corpus.texts)
    if rng.random() < 0.3:
        text = json.dumps(load(text).value, ensure_ascii=False, indent=rng.choice((None, 1)))
        text = noisy(text, rng)
        try_reading(lambda: questionnaire_from_json(text), text)
    else:
        text = noisy(text, rng)
    questionnaire = try_reading(lambda: read_questionnaire(text), text)
    if questionnaire is not None:
        assert read_questionnaire(to_yaml(questionnaire)).fingerprint == questionnaire.fingerprint


@settings(max_examples=max(1, EXAMPLES // 10))
@given(seed=st.integers(0, 2**48), ending=st.sampled_from(["yaml", "json"]))
def test_noise_in_the_bytes_of_a_file_is_read_or_refused_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, corpus: Corpus, seed: int, ending: str
) -> None:
    rng = random.Random(seed)  # noqa: S311 (noise, not secrets)
    encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16"))
    content = bytearray(rng.choice(corpus.texts).encode(encoding))
    for _ in range(rng.randint(0, 20)):
        n = rng.randrange(len(content))
        content[n : n + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
    file = tmp_path_factory.getbasetemp() / f"noise.{ending}"
    file.write_bytes(content)
    try_reading(lambda: read_questionnaire(Path(file)), content.decode(errors="replace"))


CELLS: tuple[Any, ...] = (
    None, 0, 1.0, 1.5, -7, 1e300, True, "", " ", "yes", "TRUE", "=1+1", "=A1", "#REF!",
    "select_one muc5", "select_multiple", "begin_group", "begin repeat", "end_group", "calculate",
    "geopoint", "A1", "DY", "96", "1,5", "31/12/2022", "${A1} = ‘1’", "${A1", ". > 5", "x" * 300,
    "á" * 90, "a\u0301", "_x000D_", "label::English (en)", "khaosat::points", "name", "\u202e",
    dt.date(2022, 10, 31), dt.date(1900, 1, 1), dt.time(7, 30),
)  # fmt: skip


def corrupt_sheets(sheets: Sheets, rng: random.Random) -> None:
    """Change, move or lose cells, headings, rows or a sheet."""
    name = rng.choice(list(sheets))
    rows = sheets[name]
    if not rows or rng.random() < 0.02:
        del sheets[name]
        return
    n = 0 if rng.random() < 0.15 else rng.randrange(len(rows))
    row = rows[n]
    column = rng.randrange(len(row))
    way = rng.random()
    if way < 0.1:
        rows.pop(n)
    elif way < 0.2:
        rows.insert(rng.randrange(len(rows) + 1), list(row))
    elif way < 0.35 and isinstance(row[column], str):
        row[column] = misspelt(row[column], rng)
    elif way < 0.45 and isinstance(row[column], str):
        row[column] += rng.choice(EXPRESSIONS)
    elif way < 0.6:
        other = rng.choice(rows)
        row[column], other[column] = other[column], row[column]
    else:
        row[column] = rng.choice(CELLS)


def try_workbook(content: bytes) -> Questionnaire | None:
    """Read, or see that every fault names a sheet and cell, or the file, and what to do."""
    try:
        return read_xlsform(content)
    except DefinitionError as error:
        refused = error
    assert refused.faults
    assert str(refused).encode()
    for fault in refused.faults:
        assert fault.path or fault.line == 1, fault
        assert fault.message, fault
        assert fault.remedy, fault
    return None


@settings(max_examples=max(1, EXAMPLES // 10))
@given(seed=st.integers(0, 2**48))
def test_corrupted_workbook_is_read_or_refused_with_its_cell(corpus: Corpus, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 (corruption, not secrets)
    sheets = copy.deepcopy(rng.choice(corpus.workbooks))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        if sheets:
            corrupt_sheets(sheets, rng)
    content = workbook_of(sheets)
    if rng.random() < 0.1:
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 30)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        content = bytes(damaged[: rng.randrange(len(damaged)) if rng.random() < 0.3 else None])
    questionnaire = try_workbook(content)
    if questionnaire is not None:
        assert read_questionnaire(to_yaml(questionnaire)) == questionnaire
