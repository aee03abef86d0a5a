"""What a sample costs: the lines, their sum, and costs that cannot be."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from survey.documents.money import budget_rows, dong
from survey.rules.budget import CostKind, budget_of
from survey.rules.round_document import CostRule

_COSTS = {
    "paper_form": "18000",
    "online_form": "3500.50",
    "paper_share": "0.40",
    "unit_visit": "250000",
    "visits_per_unit": 2,
    "fixed": [{"label": "Tập huấn", "amount": "3000000"}],
}


def _costs(**changes: Any) -> CostRule:
    return CostRule.model_validate(_COSTS | changes)


def test_a_budget_has_a_line_for_each_cost() -> None:
    budget = budget_of(_costs(), forms=350, units=31)
    lines = [(line.kind, line.quantity, line.amount) for line in budget.lines]
    assert lines == [
        (CostKind.PAPER_FORM, 140, Decimal(2_520_000)),
        (CostKind.ONLINE_FORM, 210, Decimal("735105.00")),
        (CostKind.UNIT_VISIT, 62, Decimal(15_500_000)),
        (CostKind.FIXED, 1, Decimal(3_000_000)),
    ]
    assert budget.total == Decimal("21755105.00")


@pytest.mark.parametrize(("share", "paper"), [("0", 0), ("0.5", 3), ("1", 5)])
def test_every_form_is_either_on_paper_or_on_the_web(share: str, paper: int) -> None:
    lines = budget_of(_costs(paper_share=share), forms=5, units=0).lines
    forms = {line.kind: line.quantity for line in lines}
    assert forms.get(CostKind.PAPER_FORM, 0) == paper
    assert forms.get(CostKind.ONLINE_FORM, 0) == 5 - paper


def test_lines_that_cost_nothing_are_left_out() -> None:
    costs = CostRule(paper_form=Decimal(0), online_form=Decimal(1), paper_share=Decimal("0.5"))
    assert [line.kind for line in budget_of(costs, forms=4, units=2).lines] == [
        CostKind.ONLINE_FORM
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"paper_form": "-1"},
        {"paper_share": "1.01"},
        {"online_form": "0.001"},
        {"visits_per_unit": -1},
        {"fixed": [{"label": "", "amount": "1"}]},
        {"per_form": "1"},
    ],
)
def test_costs_that_cannot_be_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _costs(**changes)


def test_amounts_are_written_as_documents_do() -> None:
    rows = budget_rows(budget_of(_costs(), forms=350, units=31))
    assert rows[1][3:] == ("210", "3.501", "735.105")
    assert rows[3][1] == "Tập huấn"
    assert dong(Decimal("1234567.5")) == "1.234.568"
