"""Questionnaire to columns."""

from questionnaires import Disclosure, Questionnaire, codebook


def test_codebook_has_a_column_per_question_in_order(every_kind: Questionnaire) -> None:
    columns = codebook(every_kind, "vi").columns
    assert [(column.name, column.type) for column in columns] == [
        ("DY", "single"),
        ("A1", "single"),
        ("A2", "integer"),
        ("A3", "multi"),
        ("Q1", "scale"),
        ("Q2", "scale"),
        ("C1", "text"),
    ]


def test_codes_are_labelled_and_missing_ones_marked(officials: Questionnaire) -> None:
    column = next(c for c in codebook(officials, "en").columns if c.name == "Q01")
    labels = [(code.code, code.label, code.missing) for code in column.codes]
    assert labels[0] == ("5", "Very good", False)
    assert labels[5:] == [
        ("94", "Several boxes marked", True),
        ("95", "Illegible", True),
        ("96", "Not asked", True),
        ("97", "Does not apply to the organisation", True),
        ("98", "No answer given", True),
        ("99", "Not enough information to judge", True),
    ]


def test_free_text_is_marked_for_review_and_its_missing_codes_are_written(
    officials: Questionnaire,
) -> None:
    column = codebook(officials, "vi").columns[-1]
    assert (column.name, column.disclosure) == ("C2", Disclosure.FREE_TEXT_REVIEW)
    assert [code.code for code in column.codes] == ["#94", "#95", "#96", "#97", "#98", "#99"]


def test_every_code_a_clerk_may_key_is_in_the_codebook(officials: Questionnaire) -> None:
    for column in codebook(officials, "vi").columns:
        keyed = set(officials.keying_codes(officials.item(column.name)))
        assert keyed <= {code.code for code in column.codes}


def test_columns_of_the_new_kinds_say_label_universe_unit_and_places(
    new_kinds: Questionnaire,
) -> None:
    columns = {column.name: column for column in codebook(new_kinds, "en").columns}
    assert list(columns) == [
        "E1", "E1_9", "E2", "E3", "E4", "M1", "M1_9", "G1a", "G1b", "T1", "DAYS", "RATE",
    ]  # fmt: skip
    assert (columns["E1"].label, columns["E1"].question) == ("Place", "Nơi nộp hồ sơ")
    assert (columns["E2"].unit, columns["E2"].places) == ("km", 2)
    assert columns["E4"].universe == "Người đã nộp hồ sơ"
    assert columns["G1a"].question == "Ông/Bà đánh giá thế nào? Thái độ"
    assert (columns["RATE"].type, columns["RATE"].places) == ("calculation", 2)
    assert columns["DAYS"].codes == ()
    assert [code.code for code in columns["E3"].codes] == [
        "#94", "#95", "#96", "#97", "#98", "#99",
    ]  # fmt: skip
