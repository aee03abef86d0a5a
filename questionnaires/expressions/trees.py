"""The shape of a tree: nested tuples of texts and whole numbers, the same as JSON's lists.

====================================  ==========================================================
``"LD"``, ``3``                       a code or text; a whole number
``("n", "2.5")``                      a number with decimals, as it was written
``("date", "2022-10-01")``            a day
``("v", "A1")``                       the answer or fact of that name
``("v", "D1", "decimal")``            the same, its text read as a number; "date": as a day
``("=", left, right)``                a comparison: also != < <= > >=
``("and", a, b, …)``, ``("not", a)``  conditions of conditions; also or
``("selected", variable, code)``      whether a code is among those chosen
``("answered", variable)``            whether there is an answer
``("+", a, b, …)``, ``("neg", a)``    arithmetic: also - * div; + and * take several
``("round", a, places)``              half away from zero
``("if", condition, a, b)``           also coalesce, min, max, count-selected
====================================  ==========================================================
"""

from collections.abc import Sequence
from typing import Final, TypeAlias, Union

__all__ = ["COMPARISONS", "CONDITIONS", "ORDERS", "Expression", "Node", "Value"]

Expression: TypeAlias = tuple[Union[str, int, "Expression"], ...]
Node: TypeAlias = str | int | Expression
Value: TypeAlias = str | int | Sequence[str]

ORDERS: Final = frozenset({"<", "<=", ">", ">="})
COMPARISONS: Final = ORDERS | {"=", "!="}
CONDITIONS: Final = COMPARISONS | {"and", "or", "not", "selected", "answered"}
"""The operators whose result is true, false or unknown; all others give a value."""
