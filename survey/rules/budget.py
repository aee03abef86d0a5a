"""What a sample costs, from the unit costs that a round declares.

Amounts are exact decimals in đồng. Forms are split between paper and web once, for the whole
sample: rounding in every unit would count forms that nobody prints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from survey.rules.round_document import CostRule

__all__ = ["Budget", "BudgetLine", "CostKind", "budget_of"]


class CostKind(StrEnum):
    """What a line of the budget pays for."""

    PAPER_FORM = "paper_form"
    ONLINE_FORM = "online_form"
    UNIT_VISIT = "unit_visit"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """So many times a unit cost."""

    kind: CostKind
    label: str
    """The round's own words for a fixed cost; empty for the others."""

    quantity: int
    unit_cost: Decimal

    @property
    def amount(self) -> Decimal:
        """Quantity times unit cost, in đồng."""
        return self.quantity * self.unit_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The lines of a budget, where its unit costs come from and who pays."""

    lines: tuple[BudgetLine, ...]
    source: str
    funding: str

    @property
    def total(self) -> Decimal:
        """The sum of all lines, in đồng."""
        return sum((line.amount for line in self.lines), start=Decimal(0))


def budget_of(costs: CostRule, *, forms: int, units: int) -> Budget:
    """Compute the budget of a sample.

    Parameters
    ----------
    costs : CostRule
    forms : int
        People asked, each with one form.
    units : int
        Units in which anybody is asked.

    Returns
    -------
    Budget
        Lines that cost or count nothing are left out.

    Examples
    --------
    >>> costs = CostRule(paper_form="12000", online_form="2000", paper_share="0.5")
    >>> budget_of(costs, forms=5, units=1).total
    Decimal('40000')
    """
    paper = int((forms * costs.paper_share).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    lines: Sequence[BudgetLine] = (
        _line(CostKind.PAPER_FORM, paper, costs.paper_form),
        _line(CostKind.ONLINE_FORM, forms - paper, costs.online_form),
        _line(CostKind.UNIT_VISIT, units * costs.visits_per_unit, costs.unit_visit),
        *(_line(CostKind.FIXED, 1, cost.amount, cost.label) for cost in costs.fixed),
    )
    return Budget(
        lines=tuple(line for line in lines if line.amount),
        source=costs.source,
        funding=costs.funding,
    )


def _line(kind: CostKind, quantity: int, unit_cost: Decimal, label: str = "") -> BudgetLine:
    """Write one line."""
    return BudgetLine(kind=kind, label=label, quantity=quantity, unit_cost=unit_cost)
