"""Definitions damaged at random: read or refused with place and remedy, never a traceback."""

import copy
import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import questionnaires
from questionnaires import (
    DefinitionError,
    Fault,
    Questionnaire,
    RatedUnit,
    codebook,
    largest_answer_size,
    questionnaire_from_json,
    rating_form,
    read_questionnaire,
    route,
    to_canonical_json,
    untranslated,
)
from questionnaires.soundness import findings
from questionnaires.texts import canonical_json
from questionnaires.yamltext import load

SHIPPED = sorted((Path(questionnaires.__file__).parent / "shipped").glob("*.yaml"))
JUNK: tuple[Any, ...] = (
    None, "", 0, -1, 1.5, True, [], {}, "x" * 200, "${A}", "${Q1} = '1'", "${unit.name}", "96",
    "9999-12-31", "0001-01-01", "a.b", ["x"], {"vi": "x"}, {"": ""}, "((((", "1e9", "-", "NaN",
    "${E2} div 0 > 1", "date('2025-01-01') - 1 > ${E2}", 10**30, "G1", "DY", "grid", "calculation",
)  # fmt: skip
KEYS = ("id", "show_if", "specify", "repeat", "rows", "value", "exclusive", "constraints")


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        found += [below for key, part in inside for below in paths(part, (*path, key))]
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def damage(value: Any, rng: random.Random) -> None:
    """Drop, overwrite, copy or misspell one part."""
    everywhere = paths(value)
    path = rng.choice(everywhere)
    parent, key = at(value, path[:-1]), path[-1]
    way = rng.random()
    if way < 0.25:
        del parent[key]
    elif way < 0.55:
        parent[key] = copy.deepcopy(rng.choice(JUNK))
    elif way < 0.8:
        parent[key] = copy.deepcopy(at(value, rng.choice(everywhere)))
    elif isinstance(parent[key], str) and parent[key]:
        place = rng.randrange(len(parent[key]))
        parent[key] = parent[key][:place] + rng.choice("019'$}{ .-") + parent[key][place + 1 :]
    elif isinstance(parent, list):
        parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(parent[key]))
    else:
        parent[rng.choice(KEYS)] = parent[key]


def read(
    reader: Callable[[str], Questionnaire], text: str
) -> tuple[Questionnaire | None, tuple[Fault, ...]]:
    try:
        return reader(text), ()
    except DefinitionError as refused:
        return None, refused.faults


@pytest.fixture(scope="session")
def sound(
    new_kinds_yaml: str, rating_yaml: str, every_kind_yaml: str
) -> Callable[[random.Random], Any]:
    shipped = (path.read_text(encoding="utf-8") for path in SHIPPED)
    texts = (new_kinds_yaml, rating_yaml, every_kind_yaml, *shipped)
    values = [load(text).value for text in texts]
    return lambda rng: copy.deepcopy(rng.choice(values))


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_definition_is_refused_with_a_remedy_or_works(
    sound: Callable[[random.Random], Any], seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 (damage, not secrets)
    value = sound(rng)
    for _ in range(rng.randint(1, 3)):
        damage(value, rng)
    questionnaire, faults = read(questionnaire_from_json, canonical_json(value))
    if questionnaire is None:
        assert faults
        assert all(fault.message and fault.remedy for fault in faults)
        return
    assert questionnaire_from_json(to_canonical_json(questionnaire)) == questionnaire
    route(questionnaire.as_of(dt.date(2025, 7, 1)), {}, {})
    assert codebook(questionnaire, "en").columns or not questionnaire.questions
    assert largest_answer_size(questionnaire) > 1
    assert untranslated(questionnaire, questionnaire.language) == ()
    form = rating_form(questionnaire, [RatedUnit(code="X", name="Sở X")]).questionnaire
    assert findings(form) == []


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_text_is_refused_with_its_line_or_works(new_kinds_yaml: str, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 (damage, not secrets)
    text = list(new_kinds_yaml)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(text))
        text[place : place + rng.randint(0, 3)] = rng.choice("\t\n:{}[]'\"#&*!%@`-|>, \u2019x0")
    questionnaire, faults = read(read_questionnaire, "".join(text))
    assert questionnaire is not None or faults
    lines = "".join(text).count("\n") + 1
    assert all(1 <= fault.line <= lines and fault.remedy for fault in faults)
