"""Faults of a round's document: the place, the value, and what to write, in words of our own."""

from pathlib import Path

import pytest

from survey.errors import RefusedInputError
from survey.rules.schema_faults import schema_message
from survey.services import rounds

_EXAMPLE = Path(rounds.__file__).parents[1] / "examples" / "binh_phuoc_2022"


def _refused(folder: Path, old: str, new: str) -> str:
    """Change one line of the example, read it, and return the only fault."""
    text = (_EXAMPLE / "round.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "round.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RefusedInputError) as refused:
        rounds.read_round(folder / "round.yaml")
    (fault,) = refused.value.faults
    return str(fault)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("year: 2022", "year: abc", "“year”: must be a whole number; write digits only"),
        ("year: 2022", "year: 1999", "“year”: must be at least 2000"),
        ("places: 2", "places: 2.5", "“scoring.places”: must be a whole number"),
        ("anonymity: anonymous", "anonymity: x", "“anonymity”: must be 'anonymous'; write it"),
        ("code: bp2022", "code: BP 2022", "2 to 32 characters, only small letters, digits, “-”"),
        ("LD: 5", "LD: -5", "“unit_groups.0.quotas.LD”: must be at least 0"),
        ('province: "tỉnh Bình Phước"', "", "“province”: is missing; add it"),
        ("sampling: {reserves: 2}", "sampling: 2", "must have parts of its own"),
        ("sampling: {reserves: 2}", "sampling: {reserves: 2, x: 1}", "is not known here"),
        ("begins: 2022-10-01", "begins: 31/12/2022", "must be a date; write year, month and day"),
        ('paper_form: "18000"', 'paper_form: "18.000"', "between thousands; write 18000 (found"),
        ('paper_form: "18000"', 'paper_form: "0.005"', "must have at most 2 decimal(s)"),
        ('paper_form: "18000"', 'paper_form: "đ"', "must be a number; write digits"),
        ('valid_share: "0.50"', 'valid_share: "1.50"', "must be at most 1"),
        ("confidence_level: 0.95", "confidence_level: 1", "must be less than 1"),
        ("show: false", "show: có", "must be true or false"),
        ('archive: "VT, CCHC"', "archive: [VT]", "must be a text; put quotation marks"),
    ],
)
def test_a_fault_says_what_to_write_instead(tmp_path: Path, old: str, new: str, said: str) -> None:
    fault = _refused(tmp_path, old, new)
    assert said in fault
    assert "round.yaml, line " in fault
    assert "Input should" not in fault


def test_a_kind_without_a_sentence_keeps_the_librarys_own() -> None:
    details = {"type": "some_new_kind", "msg": "Something new"}
    assert schema_message(details) == "Something new"


def test_another_pattern_is_shown_as_it_is() -> None:
    details = {"type": "string_pattern_mismatch", "msg": "…", "ctx": {"pattern": "^x+$"}}
    assert schema_message(details) == "must match the pattern ^x+$"
