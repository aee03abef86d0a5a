"""Workbooks for tests, written as tables: one line a row, cells between bars."""

import io
from collections.abc import Mapping

import openpyxl
import xlsxwriter

from questionnaires import DefinitionError, Fault
from questionnaires.xlsform import read_xlsform

CHOICES = """
list_name | name | label
yn        | 1    | Có
yn        | 0    | Không
viec      | a    | Nộp hồ sơ
viec      | b    | Nhận kết quả
viec      | 99   | Không nhớ
"""


def workbook(sheets: Mapping[str, str]) -> bytes:
    """Write sheets; a cell of digits is a number and one that begins with = a formula."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(table.strip("\n").splitlines()):
                for place, cell in enumerate(line.split("|")):
                    text = cell.strip(" ")
                    if text.replace(".", "", 1).isdigit():
                        sheet.write_number(number, place, float(text))
                    elif text.startswith("="):
                        sheet.write_formula(number, place, text)
                    elif text:
                        sheet.write_string(number, place, text.replace("\\n", "\n"))
    return stream.getvalue()


def form(survey: str, choices: str = CHOICES, **others: str) -> bytes:
    """Write a form with the usual lists."""
    return workbook({"survey": survey, "choices": choices, **others})


def faults(content: bytes) -> tuple[Fault, ...]:
    """Give the faults that a workbook is refused with."""
    try:
        read_xlsform(content)
    except DefinitionError as error:
        return error.faults
    return ()


def cells(content: bytes, sheet: str) -> list[dict[str, str]]:
    """Give the rows of a sheet by the headings of their columns."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    header, *rows = book[sheet].iter_rows(values_only=True)
    return [
        {str(key): str(value) for key, value in zip(header, row, strict=True) if value is not None}
        for row in rows
    ]
