"""YAML out: as a person would write it, and the same questionnaire when read again."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import Questionnaire, questionnaire_from_json, read_questionnaire
from questionnaires.library import SHIPPED, shipped
from questionnaires.texts import nfc
from questionnaires.writing import to_document, to_yaml


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_questionnaire_is_the_same_after_writing_and_reading(name: str) -> None:
    again = read_questionnaire(to_yaml(shipped(name)))

    assert again == shipped(name)
    assert again.fingerprint == shipped(name).fingerprint


def test_every_kind_of_item_is_the_same_after_writing_and_reading(
    every_kind: Questionnaire, new_kinds: Questionnaire, rating: Questionnaire
) -> None:
    for questionnaire in (every_kind, new_kinds, rating):
        text = to_yaml(questionnaire)
        assert read_questionnaire(text) == questionnaire
        assert to_yaml(read_questionnaire(text)) == text


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from("\n\r\t\x00\x85\u2028\ufeff'\":#{}%"),
    min_size=1,
    max_size=60,
).filter(lambda text: bool(nfc(text).strip()))


@given(text=TEXTS, tag=st.sampled_from(["vi", "no", "en"]))
def test_any_text_survives_whatever_yaml_thinks_of_its_signs(
    every_kind: Questionnaire, text: str, tag: str
) -> None:
    changed = every_kind.model_copy(update={"subtitle": {"vi": text, tag: text}})

    assert read_questionnaire(to_yaml(changed)) == changed


@pytest.mark.parametrize(
    "word", ["no", "null", "1.0", "1e5", "2025-06-30", "~", "0x1F", "- a", "*a"]
)
def test_word_that_yaml_would_retype_stands_in_quotes(every_kind: Questionnaire, word: str) -> None:
    changed = every_kind.model_copy(update={"title": word, "version": word})

    read_by_others = yaml.safe_load(to_yaml(changed))

    assert (read_by_others["title"], read_by_others["version"]) == (word, word)


def test_file_is_laid_out_as_the_shipped_ones_are(new_kinds: Questionnaire) -> None:
    text = to_yaml(new_kinds)

    for expected in (
        'schema: khaosat/questionnaire/1\nid: new-kinds\nversion: "1"\nlanguage: vi\n',
        'title: "Phiếu đủ loại câu hỏi"\nestimated_minutes: 5\n\nfacts:\n  - id: unit.level\n',
        '      - {code: "tinh", text: "Tỉnh"}\n',
        '          - {code: "2", text: "Ủy ban nhân dân huyện", valid_until: "2025-06-30"}\n',
        "      - id: E4\n        type: date\n",
        '          - that: "${E4} >= ${E3}"\n            message: {vi: "Ngày nhận',
        '        rows:\n          - {id: G1a, printed_number: "7a", text: "Thái độ"}\n',
    ):
        assert expected in text
    assert max(map(len, text.splitlines())) <= 100


def test_defaults_are_not_written_and_the_document_is_json(every_kind: Questionnaire) -> None:
    document = to_document(every_kind)

    assert list(document)[:4] == ["schema", "id", "version", "language"]
    assert "report_min_cell" not in document
    assert questionnaire_from_json(json.dumps(document)) == every_kind
