"""Look-ups, copies and the fingerprint."""

import hashlib
import json
import random
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from questionnaires import (
    MissingCode,
    Questionnaire,
    UnknownItemError,
    questionnaire_from_json,
    read_questionnaire,
    text_in,
    to_canonical_json,
)
from questionnaires.yamltext import load


def _yaml(value: object, rng: random.Random) -> str:
    """Write values as flow YAML with the keys of every mapping shuffled."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return "{" + ", ".join(f'"{key}": {_yaml(value[key], rng)}' for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(part, rng) for part in value) + "]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value)


@settings(deadline=None)  # reading a whole definition, on a machine that may be busy
@given(rng=st.randoms(use_true_random=False))
def test_order_of_keys_and_layout_do_not_change_the_fingerprint(
    every_kind: Questionnaire, every_kind_yaml: str, rng: random.Random
) -> None:
    shuffled = _yaml(load(every_kind_yaml).value, rng)
    assert read_questionnaire(shuffled).fingerprint == every_kind.fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [("Mức một", "Mức 1"), ('"1.5"', '"1.50"'), ("max: 99", "max: 98"), ("en: Part A", "en: A")],
)
def test_any_change_of_content_changes_the_fingerprint(
    every_kind: Questionnaire, every_kind_yaml: str, old: str, new: str
) -> None:
    assert old in every_kind_yaml
    changed = read_questionnaire(every_kind_yaml.replace(old, new))
    assert changed.fingerprint != every_kind.fingerprint


def test_setting_written_at_its_default_does_not_change_the_fingerprint(
    every_kind: Questionnaire, every_kind_yaml: str
) -> None:
    text = every_kind_yaml + "report_min_cell: 10\n"
    assert read_questionnaire(text).fingerprint == every_kind.fingerprint
    assert "report_min_cell" not in to_canonical_json(every_kind)


def test_decomposed_accents_do_not_change_the_fingerprint(every_kind: Questionnaire) -> None:
    composed = every_kind.model_copy(update={"version": "bản 1"})
    decomposed = every_kind.model_copy(update={"version": unicodedata.normalize("NFD", "bản 1")})
    assert decomposed.fingerprint == composed.fingerprint


def test_questionnaire_can_key_a_cache(every_kind: Questionnaire, every_kind_yaml: str) -> None:
    assert {every_kind: "page"}[read_questionnaire(every_kind_yaml)] == "page"


def test_fingerprint_is_the_sha256_of_the_canonical_json(officials: Questionnaire) -> None:
    digest = hashlib.sha256(to_canonical_json(officials).encode()).hexdigest()
    assert officials.fingerprint == digest


@pytest.mark.parametrize("which", ["officials", "every_kind"])
def test_canonical_json_is_read_back_to_an_equal_questionnaire(
    which: str, request: pytest.FixtureRequest
) -> None:
    questionnaire: Questionnaire = request.getfixturevalue(which)
    again = questionnaire_from_json(to_canonical_json(questionnaire))
    assert again == questionnaire
    assert to_canonical_json(again) == to_canonical_json(questionnaire)


def test_changed_copy_is_checked_and_has_its_own_fingerprint(every_kind: Questionnaire) -> None:
    first = every_kind.fingerprint
    assert every_kind.model_copy(update={"version": "2"}).fingerprint != first
    assert every_kind.model_copy().fingerprint == first
    with pytest.raises(ValidationError, match="points_total"):
        every_kind.model_copy(update={"points_total": "3"})


def test_questionnaire_cannot_be_changed(every_kind: Questionnaire) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        every_kind.version = "2"  # type: ignore[misc]


def test_items_come_in_order_with_the_consent_first(every_kind: Questionnaire) -> None:
    assert [item.id for item in every_kind.items] == [
        "DY", "N0", "A1", "A2", "A3", "Q1", "Q2", "C1",
    ]  # fmt: skip
    assert "N0" not in every_kind.questions_by_id


def test_unknown_item_is_refused_with_the_nearest_id(officials: Questionnaire) -> None:
    with pytest.raises(UnknownItemError, match="no item 'Q02'; did you mean 'Q0"):
        officials.item("Q02")


def test_respondent_sees_options_and_special_codes_and_a_clerk_keys_more(
    every_kind: Questionnaire,
) -> None:
    scale, number, several = (every_kind.item(name) for name in ("Q1", "A2", "A3"))
    assert [option.code for option in every_kind.options_of(scale)] == ["3", "2", "1", "99"]
    assert every_kind.keying_codes(scale) == ("3", "2", "1", "94", "95", "97", "98", "99")
    assert every_kind.options_of(number) == ()
    assert every_kind.keying_codes(number) == ("#94", "#95", "#97", "#98", "#99")
    assert every_kind.keying_codes(several) == ("b", "a", "c", "94", "95", "97", "98", "99")
    assert every_kind.keying_codes(every_kind.item("N0")) == ()


@pytest.mark.parametrize(
    ("item", "answer", "expected"),
    [
        ("Q1", "98", MissingCode.REFUSED),
        ("Q1", "3", None),
        ("A2", 98, None),
        ("A2", "#98", MissingCode.REFUSED),
        ("C1", "98", None),
        ("C1", "#98", MissingCode.REFUSED),
        ("A3", ("98",), MissingCode.REFUSED),
        ("A3", ("98", "a"), None),
    ],
)
def test_missing_code_is_told_from_a_real_answer(
    every_kind: Questionnaire, item: str, answer: object, expected: MissingCode | None
) -> None:
    assert every_kind.missing_code(every_kind.questions_by_id[item], answer) is expected


def test_points_are_exact_decimals_by_item(every_kind: Questionnaire) -> None:
    assert dict(every_kind.points) == {"Q1": Decimal("1.5"), "Q2": Decimal("0.5")}
    assert [item.id for item in every_kind.scored_items] == ["Q1", "Q2"]


def test_item_with_the_respondent_group_is_known(every_kind: Questionnaire) -> None:
    assert every_kind.stratum_item is every_kind.item("A1")


def test_number_falls_back_to_the_id(every_kind: Questionnaire) -> None:
    assert (every_kind.number_of("A1"), every_kind.number_of("A2")) == ("1", "A2")


def test_missing_translation_falls_back_to_the_documents_language(
    every_kind: Questionnaire,
) -> None:
    section_a, section_b = every_kind.sections[:2]
    assert every_kind.text_in(section_a.title, "en") == "Part A"
    assert every_kind.text_in(section_b.title, "en") == "Phần B"
    assert text_in({"vi": "Có", "en": "Yes"}, "fr") == "Có"
    assert text_in({"en": "Yes"}, "fr") == "Yes"
