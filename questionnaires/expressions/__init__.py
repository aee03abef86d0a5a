"""The skip-logic language: text in the manner of XLSForm, a tree that is plain JSON, three values.

Conditions and calculations are read once into a tree of tuples, texts and whole numbers. Python
evaluates the tree here, the browser in ``webforms/static/skip.js``, paper writes it as a sentence.
docs/skip-logic.md has the grammar and the tables of truth.

Two decisions. An operand without an answer makes a comparison unknown (None), never true or false.
A missing code is an answer for ``=`` and ``!=`` (``${Q01} = '99'`` is how "no opinion" is asked
for), whereas ``<`` and its kin and all arithmetic know numbers and days only: anything else makes
them unknown.
"""

from questionnaires.expressions.evaluation import compute, evaluate, references
from questionnaires.expressions.kinds import Kind, kind_of
from questionnaires.expressions.numbers import decimal_text, rounded
from questionnaires.expressions.parser import parse, parse_value
from questionnaires.expressions.trees import Expression, Node, Value
from questionnaires.expressions.writer import to_text

__all__ = [
    "Expression",
    "Kind",
    "Node",
    "Value",
    "compute",
    "decimal_text",
    "evaluate",
    "kind_of",
    "parse",
    "parse_value",
    "references",
    "rounded",
    "to_text",
]
