"""A budget in words and amounts, as documents and workbooks print it."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from survey.documents.wording import whole
from survey.rules.budget import Budget, BudgetLine, CostKind

__all__ = ["budget_rows", "counted_in", "dong", "named"]

_NAMES: Mapping[CostKind, str] = MappingProxyType(
    {
        CostKind.PAPER_FORM: "Phiếu giấy (in, gửi, nhập hai lượt)",
        CostKind.ONLINE_FORM: "Phiếu trực tuyến (in và gửi giấy mời)",
        CostKind.UNIT_VISIT: "Làm việc tại cơ quan, đơn vị",
    }
)
_COUNTED_IN: Mapping[CostKind, str] = MappingProxyType(
    {
        CostKind.PAPER_FORM: "phiếu",
        CostKind.ONLINE_FORM: "phiếu",
        CostKind.UNIT_VISIT: "lượt",
        CostKind.FIXED: "khoản",
    }
)


def dong(amount: Decimal) -> str:
    """Write an amount to the đồng, which has no smaller coin in use.

    Examples
    --------
    >>> dong(Decimal("1234567"))
    '1.234.567'
    """
    return whole(int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def named(line: BudgetLine) -> str:
    """Name what a line pays for."""
    return line.label or _NAMES[line.kind]


def counted_in(line: BudgetLine) -> str:
    """Name what a line's quantity counts."""
    return _COUNTED_IN[line.kind]


def budget_rows(budget: Budget) -> list[tuple[str, str, str, str, str, str]]:
    """Lay the lines out as text: number, name, counted in, quantity, unit cost, amount."""
    return [
        (
            str(number),
            named(line),
            counted_in(line),
            whole(line.quantity),
            dong(line.unit_cost),
            dong(line.amount),
        )
        for number, line in enumerate(budget.lines, start=1)
    ]
