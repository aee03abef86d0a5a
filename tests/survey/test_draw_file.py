"""A draw's file is redone from itself alone, and whatever was changed in it is named."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sampling.coordination import Start
from sampling.pps import Certainty
from survey.errors import RefusedInputError
from survey.services.draw_columns import draw_columns, joint_table
from survey.services.draw_file import draw_file, verify_json
from survey.services.draw_model import DrawFile, FramePart, selected_of
from survey.services.draw_overlap import overlap_of
from survey.services.draw_parts import file_bytes
from survey.services.select_methods import (
    BALANCED,
    COORDINATED,
    LISTED,
    WITH_JOINT,
    SelectMethod,
    SelectRequest,
)

CODES = tuple(f"X{number:02}" for number in range(1, 21))
SIZES = tuple(40 + 7 * (number * 5 % 20) for number in range(20))
STRATA = tuple("bắc" if number % 2 else "nam" for number in range(20))


def frame_for(method: SelectMethod, *, stratified: bool = True) -> FramePart:
    return FramePart(
        code=CODES,
        stratum=STRATA if stratified else None,
        size=None if method in LISTED else SIZES,
        balance={"dân": tuple(3 * size + 1 for size in SIZES)} if method is BALANCED else {},
    )


def request_for(method: SelectMethod, **changes: Any) -> SelectRequest:
    reserves = 2 if method in LISTED else 0
    take = {"bắc": 4, "nam": 3}
    return SelectRequest(
        **{"method": method, "seed": 2026, "take": take, "reserves": reserves, **changes}
    )


def made(method: SelectMethod) -> dict[str, Any]:
    file, _ = draw_file(frame_for(method), request_for(method), source="xa.csv", columns={})
    content: dict[str, Any] = json.loads(file_bytes(file))
    return content


def differs(content: dict[str, Any]) -> tuple[str, str, str]:
    found = verify_json(json.dumps(content, ensure_ascii=False).encode())
    assert found is not None
    return found.place, found.expected, found.found


@pytest.mark.parametrize("method", list(SelectMethod))
def test_every_method_is_redone_from_its_file_byte_for_byte(method: SelectMethod) -> None:
    one, two = (
        draw_file(frame_for(method), request_for(method), source="xa.csv", columns={})[0]
        for _ in range(2)
    )
    assert file_bytes(one) == file_bytes(two)
    assert verify_json(file_bytes(one)) is None
    assert DrawFile.model_validate_json(file_bytes(one)) == one


@pytest.mark.parametrize("method", list(SelectMethod))
def test_a_swapped_unit_is_named_with_its_stratum_and_place(method: SelectMethod) -> None:
    content = made(method)
    selected = content["strata"][1]["record"]["selected"]
    stranger = next(code for code in CODES if code not in selected)
    right, selected[0] = selected[0], stranger
    assert differs(content) == ("strata[nam].selected[0]", repr(right), repr(stranger))


@pytest.mark.parametrize("method", [each for each in SelectMethod if each not in LISTED])
def test_a_changed_size_is_found(method: SelectMethod) -> None:
    content = made(method)
    content["frame"]["size"][0] += 1
    place, _, _ = differs(content)
    assert place.startswith("strata[nam].")


@pytest.mark.parametrize("method", list(SelectMethod))
def test_another_seed_is_found(method: SelectMethod) -> None:
    content = made(method)
    content["request"]["seed"] += 1
    place, _, _ = differs(content)
    assert place == "strata[bắc].seed"


@pytest.mark.parametrize(
    ("method", "change", "place"),
    [
        (SelectMethod.SIMPLE, lambda c: c["request"]["take"].update(nam=4), "strata[nam].param"),
        (SelectMethod.SIMPLE, lambda c: c["strata"][0]["reserves"].reverse(), "strata[bắc].reser"),
        (SelectMethod.SYSTEMATIC, lambda c: c["frame"]["code"].reverse(), "strata[bắc].selected"),
        (SelectMethod.CUBE, lambda c: c["frame"]["balance"]["dân"].reverse(), "strata[bắc]."),
        (SelectMethod.CUBE, lambda c: c["request"].update(order="frame"), "strata[bắc].param"),
        (SelectMethod.POISSON, lambda c: c["request"].update(start=2**40), "strata[bắc].param"),
        (SelectMethod.BREWER, lambda c: c["strata"].pop(), "strata"),
        (SelectMethod.TILLE, lambda c: c["request"].update(method="brewer"), "strata[bắc].method"),
        (SelectMethod.TILLE, lambda c: c.update(source="other.csv"), "digest"),
        (SelectMethod.TILLE, lambda c: c.update(digest="0" * 64), "digest"),
    ],
)
def test_any_other_change_is_named(
    method: SelectMethod, change: Callable[[dict[str, Any]], None], place: str
) -> None:
    content = made(method)
    change(content)
    assert differs(content)[0].startswith(place)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["frame"]["size"].append(3), "size has 21 values for 20 codes"),
        (lambda c: c["frame"]["size"].__setitem__(0, -1), "stratum 'nam': sizes are below 0"),
        (lambda c: c["request"].update(seed="7"), "request.seed"),
        (lambda c: c.update(extra=1), "extra"),
        (lambda c: c["strata"][0]["record"].pop("seed"), "missing"),
        (lambda c: c["request"]["take"].update(bắc=11), "11 units are asked of 10"),
        (lambda c: c["request"]["take"].update(tây=1), "'tây', which the frame does not have"),
        (lambda c: c["request"]["take"].pop("nam"), "stratum 'nam': no n is given"),
    ],
)
def test_a_file_that_carries_no_draw_is_refused(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    content = made(SelectMethod.SAMPFORD)
    change(content)
    with pytest.raises(RefusedInputError, match=message):
        verify_json(json.dumps(content).encode())


def test_faults_of_all_strata_come_at_once() -> None:
    frame = FramePart(code=CODES, stratum=STRATA, size=(9000, 8000, *SIZES[2:]))
    request = request_for(SelectMethod.SAMPFORD, certainty=Certainty.REFUSE)
    with pytest.raises(RefusedInputError) as refused:
        draw_file(frame, request, source="xa.csv", columns={})
    assert [str(fault)[:13] for fault in refused.value.faults] == ["stratum 'bắc'", "stratum 'nam'"]
    assert "X02 has 8000" in str(refused.value)


@pytest.mark.parametrize("method", sorted(WITH_JOINT))
def test_the_handed_over_columns_agree_with_the_joint_probabilities(method: SelectMethod) -> None:
    _, draws = draw_file(frame_for(method), request_for(method), source="xa.csv", columns={})
    columns = draw_columns(draws)
    codes, joint = joint_table(draws)
    assert codes == columns["code"]
    assert np.allclose(joint, np.transpose(joint))
    exact = method in (SelectMethod.PARETO, SelectMethod.PRN_PARETO)
    assert np.diag(joint) == pytest.approx(columns["probability"], rel=0.02 if exact else 1e-12)
    first = np.diag(joint)
    assert joint[0][-1] == pytest.approx(first[0] * first[-1])  # strata are independent


def test_joint_probabilities_are_refused_where_none_are_known() -> None:
    method = SelectMethod.CUBE
    _, draws = draw_file(frame_for(method), request_for(method), source="xa.csv", columns={})
    with pytest.raises(RefusedInputError, match="none are known for the method cube"):
        joint_table(draws)


def test_a_certain_unit_is_a_stratum_of_its_own() -> None:
    frame = FramePart(code=CODES, size=(9000, *SIZES[1:]))
    request = request_for(SelectMethod.TILLE, take={"": 5})
    _, draws = draw_file(frame, request, source="xa.csv", columns={})
    columns = draw_columns(draws)
    assert (columns["strata"][0], columns["weight"][0], columns["fpc"][0]) == ("certain/X01", 1, 1)
    assert set(columns["strata"][1:]) == {"drawn"}
    assert "X01 (9000)" in draws[0].notes[0]


def coordinated(method: SelectMethod, overlap: float) -> DrawFile:
    frame, take = frame_for(method, stratified=False), {"": 6}
    first, _ = draw_file(frame, request_for(method, take=take), source="2025.csv", columns={})
    again = request_for(method, take=take, overlap=overlap)
    return draw_file(frame, again, source="2026.csv", columns={}, before=first)[0]


@pytest.mark.parametrize("method", list(COORDINATED))
def test_the_overlap_asked_decides_how_many_are_asked_again(method: SelectMethod) -> None:
    rotated, kept = coordinated(method, 0), coordinated(method, 6)
    assert overlap_of(rotated)[0] == pytest.approx(0)
    assert kept.before is not None
    assert selected_of(kept) == selected_of(kept.before)
    assert overlap_of(rotated)[1] < overlap_of(kept)[1]
    assert [verify_json(file_bytes(file)) for file in (rotated, kept)] == [None, None]


def test_a_change_in_the_draw_before_is_named_first() -> None:
    content = json.loads(file_bytes(coordinated(SelectMethod.POISSON, 1)))
    content["before"]["strata"][0]["record"]["selected"][0] = "X99"
    assert differs(content)[0] == "before.strata[0].selected[0]"
    content = json.loads(file_bytes(coordinated(SelectMethod.POISSON, 1)))
    content["request"]["start"] = Start.at(0.5).steps
    assert differs(content)[0] == "request.start"


def test_draws_without_common_numbers_are_not_coordinated() -> None:
    method = SelectMethod.POISSON
    frame = frame_for(method)
    before, _ = draw_file(frame, request_for(SelectMethod.SAMPFORD, seed=1), source="x", columns={})
    with pytest.raises(RefusedInputError) as refused:
        draw_file(frame, request_for(method, overlap=1), source="x", columns={}, before=before)
    assert "the earlier draw is by sampford" in str(refused.value)
    assert "the seed is 2026, the earlier draw's 1" in str(refused.value)
    altered, _ = draw_file(frame, request_for(method), source="x", columns={})
    altered = altered.model_copy(update={"digest": ""})
    with pytest.raises(RefusedInputError, match="digest: the draw gives"):
        draw_file(frame, request_for(method, overlap=1), source="x", columns={}, before=altered)
