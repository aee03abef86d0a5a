"""The round document: what a typing mistake in it says."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

import survey
from survey.rules.round_document import RoundDocument

EXAMPLE = Path(survey.__file__).parent / "examples" / "binh_phuoc_2022" / "round.yaml"


def example() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    return deepcopy(loaded)


def _twice(document: dict[str, Any]) -> None:
    document["respondent_groups"].append(document["respondent_groups"][0])


def _unknown_group(document: dict[str, Any]) -> None:
    document["unit_groups"][0]["quotas"]["XX"] = 3


def _gap(document: dict[str, Any]) -> None:
    document["bands"]["bands"][0]["lower"] = "96"


def _stray_weights(document: dict[str, Any]) -> None:
    document["scoring"]["fixed_weights"] = {"LD": "0.5", "CC": "0.5"}


def _typo(document: dict[str, Any]) -> None:
    document["samplings"] = document.pop("sampling")


def test_the_example_asks_180_and_187_people() -> None:
    document = RoundDocument.model_validate(example())

    per_unit = {group.code: sum(group.quotas.values()) for group in document.unit_groups}
    assert per_unit == {"cap_so": 9, "cap_huyen": 17, "cap_xa": 0}


def test_bands_are_those_of_the_decision_closed_and_open_as_written() -> None:
    bands = RoundDocument.model_validate(example()).bands.bands

    assert [
        (band.code, band.lower, band.lower_closed, band.upper, band.upper_closed) for band in bands
    ] == [
        ("XUAT_SAC", Decimal(95), True, Decimal(100), True),
        ("TOT", Decimal(85), True, Decimal(95), False),
        ("KHA", Decimal(75), True, Decimal(85), False),
        ("TRUNG_BINH", Decimal(70), True, Decimal(75), False),
        ("YEU", Decimal(0), True, Decimal(70), False),
    ]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_twice, "LD stand twice"),
        (_unknown_group, "XX, which is no respondent group; known are LD, CC"),
        (_gap, "95"),
        (_stray_weights, "fixed_weights"),
        (_typo, "samplings"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    spoil: Callable[[dict[str, Any]], None], said: str
) -> None:
    document = example()
    spoil(document)

    with pytest.raises(ValidationError, match=said):
        RoundDocument.model_validate(document)
