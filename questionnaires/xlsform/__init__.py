"""Questionnaires as XLSForm workbooks: in, with every fault at its cell, and out.

What XLSForm cannot say stands in columns ``khaosat::…``, so that writing and reading gives the same
questionnaire; docs/xlsform.md has the tables.
"""

from questionnaires.xlsform.reading import read_xlsform
from questionnaires.xlsform.writing import write_xlsform

__all__ = ["read_xlsform", "write_xlsform"]
