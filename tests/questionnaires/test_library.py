"""Every shipped questionnaire is sound, whole in Vietnamese, and can be walked to its last item."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

import pytest

from questionnaires import (
    Answer,
    DefinitionError,
    Door,
    MultiItem,
    Option,
    Question,
    Questionnaire,
    ScaleItem,
    SingleItem,
    TextItem,
    check,
    intro_in_play,
    questionnaire_from_json,
    read_questionnaire,
    route,
    text_in,
    to_canonical_json,
)
from questionnaires.library import SHIPPED, shipped, shipped_path
from questionnaires.rating import RatedUnit, rating_form
from questionnaires.translations import untranslated

FULL_SCALES = {
    "officials_par": {"muc5", "dongy5", "pho_bien5", "nhanh_cham5", "tot_kem5"},
    "cross_rating": {"muc5"},
    "sipas_citizen": {"hailong5"},
    "transaction": {"hailong5"},
}
UNITS = (RatedUnit(code="SO01", name="Sở Tài chính"), RatedUnit(code="SO02", name="Sở Y tế"))


@pytest.fixture(params=SHIPPED)
def any_shipped(request: pytest.FixtureRequest) -> Questionnaire:
    return shipped(str(request.param))


def _wordings(value: object) -> Iterator[str]:
    """Every text of a definition as plain data: whatever is no code, id, number or condition."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in {"show_if", "that", "value", "schema", "id", "code", "version", "from", "to"}:
                continue
            yield from _wordings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _wordings(part)
    elif isinstance(value, str) and re.search(r"[^\x00-\x7f]| ", value):
        yield value


def _vietnamese(questionnaire: Questionnaire) -> str:
    """All wordings of a questionnaire in its own language, on lines."""
    return "\n".join(_wordings(questionnaire.model_dump(mode="json", by_alias=True)))


def concrete(questionnaire: Questionnaire) -> Questionnaire:
    """Write repeated sections out for two units."""
    return rating_form(questionnaire, UNITS).questionnaire


def one_answer(item: Question, option: Option | None) -> Answer:
    if option is not None:
        return (option.code,) if isinstance(item, MultiItem) else option.code
    return "chữ" if isinstance(item, TextItem) else 1


def walked(
    questionnaire: Questionnaire, facts: Mapping[str, str], start: Mapping[str, Answer]
) -> dict[str, Answer]:
    """Answer whatever is in play, with ``start`` where it says so, else with the first option."""
    answers: dict[str, Answer] = {}
    while True:
        in_play = route(questionnaire, answers, facts).items
        asked = [name for name in in_play if name in questionnaire.questions_by_id]
        open_ = [name for name in asked if name not in answers]
        if not open_:
            return {name: answers[name] for name in asked}
        for name in open_:
            item = questionnaire.questions_by_id[name]
            keep = [option for option in questionnaire.options_of(item) if option.ends is None]
            first = one_answer(item, keep[0] if keep else None)
            answers[name] = start.get(name, first)


def every_branch(questionnaire: Questionnaire) -> Iterator[Mapping[str, Answer]]:
    """Every option of every choice, the others as at first, and pairs along an opened path."""
    yield {}
    frontier: list[dict[str, Answer]] = [{}]
    seen: set[tuple[str, Answer]] = set()
    while frontier:
        start = frontier.pop()
        for name in walked(questionnaire, {}, start):
            item = questionnaire.questions_by_id[name]
            if not isinstance(item, SingleItem | MultiItem | ScaleItem):
                continue
            for option in questionnaire.options_of(item):
                answer = one_answer(item, option)
                if (name, answer) not in seen:
                    seen.add((name, answer))
                    branch = start | {name: answer}
                    frontier.append(branch)
                    yield branch


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_file_has_the_name_of_the_questionnaire(name: str) -> None:
    path = shipped_path(name)
    assert path.name == f"{name}.yaml"
    assert read_questionnaire(path) == shipped(name)


def test_every_file_of_the_folder_is_listed() -> None:
    folder = shipped_path("officials_par").parent
    assert {path.stem for path in folder.iterdir()} == set(SHIPPED)


def test_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(DefinitionError, match="did you mean 'transaction'") as refused:
        shipped("transaction_")
    said = str(refused.value)
    assert "shipped:transaction_:1: no questionnaire 'transaction_' is shipped" in said
    with pytest.raises(DefinitionError, match="shipped are officials_par, cross_rating, "):
        shipped_path("../errors")


def test_officials_form_is_the_one_that_rounds_already_hold() -> None:
    assert shipped("officials_par").fingerprint == (
        "c30e1441662bfa69cb5c8ac6473174addb052cc7214725dfe19ce2b5000e8c28"
    )


def test_stored_form_is_read_back_as_the_same(any_shipped: Questionnaire) -> None:
    again = questionnaire_from_json(to_canonical_json(any_shipped))
    assert again == any_shipped
    assert again.fingerprint == any_shipped.fingerprint


def test_results_of_fewer_than_ten_answers_stay_closed(any_shipped: Questionnaire) -> None:
    assert any_shipped.report_min_cell == 10


def test_nothing_is_without_its_vietnamese(any_shipped: Questionnaire) -> None:
    assert any_shipped.language == "vi"
    assert untranslated(any_shipped, "vi") == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_file_is_composed_and_free_of_typing_faults(name: str) -> None:
    text = shipped_path(name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    for wording in _vietnamese(shipped(name)).splitlines():
        assert "  " not in wording
        assert not re.search(r" [,.;:?!)]|\( ", wording), wording
        assert not re.search(r"[\"‘]", wording), "write quotes as “…”"
        assert not re.search(r"o[àáạảã]\b|uỷ|thuý|luỹ", wording), "write hòa, hóa, ủy"


@pytest.mark.parametrize("name", SHIPPED)
def test_register_is_formal_and_terms_are_the_glossarys(name: str) -> None:
    said = _vietnamese(shipped(name))
    asked = [text_in(item.text, "vi") for item in shipped(name).questions]
    assert not re.search(r"\b(anh/chị|Anh/Chị|bạn|ông/bà|Ông, Bà|Quý vị)\b", said)
    assert not re.search(r"\b(CCHC|TTHC|CBCC|UBND|HĐND)\b", said), "abbreviations are written out"
    assert not re.search(r"Bộ phận một cửa|bộ phận một cửa|một cửa", said)
    assert all("Ông/Bà" in text for text in asked if text.startswith("Trong 12 tháng qua"))


@pytest.mark.parametrize("name", SHIPPED)
def test_five_point_scales_name_every_step_and_are_balanced(name: str) -> None:
    questionnaire = shipped(name)
    five = {key for key, scale in questionnaire.scales.items() if len(scale.options) == 5}
    assert five == FULL_SCALES[name]
    for key in five:
        options = questionnaire.scales[key].options
        assert [option.code for option in options] == ["5", "4", "3", "2", "1"]
        assert len({text_in(option.text, "vi") for option in options}) == 5


def test_no_answer_is_never_offered(any_shipped: Questionnaire) -> None:
    shown = {option.code for item in any_shipped.items for option in any_shipped.options_of(item)}
    assert not shown & {"94", "95", "96", "98"}
    assert "Không trả lời" not in {
        text_in(option.text, "vi")
        for item in any_shipped.items
        for option in any_shipped.options_of(item)
    }


def test_drawn_at_random_is_said_only_of_drawn_samples(any_shipped: Questionnaire) -> None:
    for selection in ("all", "picked"):
        said = intro_in_play(any_shipped, {"sample.selection": selection})
        assert "ngẫu nhiên" not in " ".join(text_in(text, "vi") for text in said)


@pytest.mark.parametrize("name", ["officials_par", "sipas_citizen"])
def test_drawn_people_are_told_so(name: str) -> None:
    said = intro_in_play(shipped(name), {"sample.selection": "drawn"})
    assert "Ông/Bà được chọn ngẫu nhiên" in " ".join(text_in(text, "vi") for text in said)


def test_numbers_run_from_one_without_a_gap(any_shipped: Questionnaire) -> None:
    printed = [question.printed_number for question in any_shipped.questions]
    numbers = [number for number in printed if number is not None]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]


def test_every_question_is_reached_and_every_walk_can_be_stored(
    any_shipped: Questionnaire,
) -> None:
    form = concrete(any_shipped)
    facts = {"unit.handles_procedures": "yes", "sample.selection": "drawn", "rater.kind": "HDND"}
    reached: set[str] = set()
    for start in every_branch(form):
        answers = walked(form, facts, start)
        reached |= set(answers)
        hard = [p for p in check(form, answers, facts, door=Door.WEB) if p.severity == "hard"]
        assert hard == []
    assert reached == set(form.questions_by_id)


def test_every_condition_of_an_item_also_hides_it(any_shipped: Questionnaire) -> None:
    form = concrete(any_shipped)
    walks = [set(walked(form, {}, start)) for start in every_branch(form)]
    conditional = {item.id for item in form.questions if item.show_if is not None}
    for name in conditional:
        assert any(name not in walk for walk in walks), name
