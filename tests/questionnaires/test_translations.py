"""The report of what is not translated."""

from questionnaires import Questionnaire, read_questionnaire, untranslated


def test_texts_without_a_wording_are_listed_with_place_and_own_wording(
    new_kinds: Questionnaire,
) -> None:
    missing = {found.path: found.text for found in untranslated(new_kinds, "en")}
    assert missing["sections[E].items[G1].rows[G1b].text"] == "Thời gian"
    assert missing["sections[E].items[E1].options[9].specify.text"] == "Xin ghi rõ"
    assert missing["sections[E].items[E2].unit"] == "km"
    assert missing["sections[E].items[E4].constraints[1].message"] == "Hồ sơ kéo dài hơn 60 ngày."
    assert missing["scales.s3.special[99].text"] == "Không biết"
    assert missing["facts[unit.level].options[xa].text"] == "Xã"
    assert "sections[E].items[E1].label" not in missing
    assert "sections[E].items[E4].constraints[0].message" not in missing


def test_nothing_is_missing_in_the_documents_own_language(new_kinds: Questionnaire) -> None:
    assert untranslated(new_kinds, "vi") == ()


def test_report_ends_with_the_last_translation(new_kinds_yaml: str) -> None:
    before = untranslated(read_questionnaire(new_kinds_yaml), "en")
    translated = new_kinds_yaml.replace("text: Thái độ", "text: {vi: Thái độ, en: Manner}")
    after = untranslated(read_questionnaire(translated), "en")
    assert {found.path for found in before} - {found.path for found in after} == {
        "sections[E].items[G1].rows[G1a].text"
    }
