"""Workbooks from strangers, opened only after looking at what they would unpack to.

The limits are those of a questionnaire and not of a table: what is refused here has no sheet and no
cell yet, so the message speaks of the file.
"""

import io
import warnings
import zipfile
from pathlib import Path
from typing import Final

import openpyxl

__all__ = ["BROKEN_WORKBOOK", "UnreadableWorkbook", "content_of", "open_workbook"]

_MIB: Final = 2**20
LARGEST_FILE: Final = 8 * _MIB
LARGEST_UNPACKED: Final = 32 * _MIB
MOST_MEMBERS: Final = 500
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))
_SAVE_AS: Final = "save it as Excel Workbook (.xlsx)"

BROKEN_WORKBOOK: Final = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # an encrypted member
    SyntaxError,  # what both XML parsers raise
    zipfile.zlib.error,  # type: ignore[attr-defined]
)
"""What openpyxl lets through when a workbook is broken or was made to break it."""


class UnreadableWorkbook(Exception):  # noqa: N818 (turned into a Fault by the reader)
    """A file that is no workbook that can be read."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}; {remedy}")


def content_of(source: Path | bytes) -> bytes:
    """Read a file unless it is too large to be a questionnaire.

    Parameters
    ----------
    source : a file, or the bytes of one

    Returns
    -------
    bytes

    Raises
    ------
    UnreadableWorkbook
        When it is larger than 8 MiB; a file of that size is not read.
    OSError
        When the file cannot be read.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > LARGEST_FILE:
        message = f"the file has {size / _MIB:.1f} MiB, more than {LARGEST_FILE // _MIB}"
        raise UnreadableWorkbook(message, "take pictures and sheets of data out of the workbook")
    return source if isinstance(source, bytes) else source.read_bytes()


def open_workbook(content: bytes) -> openpyxl.Workbook:
    """Open a workbook for reading, without links, macros or formulas.

    Parameters
    ----------
    content : bytes of the file

    Returns
    -------
    openpyxl.Workbook
        In read-only mode; close it.

    Raises
    ------
    UnreadableWorkbook
        When the bytes are no XLSX file, are damaged, encrypted, or unpack to more than 32 MiB.
    """
    _refuse_other_kinds(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bombs(archive)
            _refuse_other_archives(archive)
            _refuse_entities(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which are not read
            return openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    except BROKEN_WORKBOOK as error:
        message = f"the workbook is damaged ({type(error).__name__})"
        raise UnreadableWorkbook(
            message, "open it in Excel or LibreOffice, save it anew"
        ) from error


def _refuse_other_kinds(content: bytes) -> None:
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            message = "the workbook is protected by a password"
            raise UnreadableWorkbook(message, "save a copy without password")
        raise UnreadableWorkbook("this is an old Excel file (.xls)", _SAVE_AS)
    if not content:
        raise UnreadableWorkbook("the file is empty", "choose the workbook itself")
    if not content.startswith(_ZIP):
        raise UnreadableWorkbook("the file is no Excel workbook", _SAVE_AS)


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    """Refuse what unpacks to too much; zipfile reads no more of a member than is declared."""
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    if size > LARGEST_UNPACKED or len(members) > MOST_MEMBERS:
        message = f"the workbook unpacks to {size / _MIB:.0f} MiB in {len(members)} parts"
        limit = f"at most {LARGEST_UNPACKED // _MIB} MiB in {MOST_MEMBERS} parts are read"
        raise UnreadableWorkbook(f"{message}; {limit}", "copy its sheets to a new workbook")
    if any(member.flag_bits & 1 for member in members):
        message = "the workbook is protected by a password"
        raise UnreadableWorkbook(message, "save a copy without password")


def _refuse_other_archives(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        raise UnreadableWorkbook("this is a binary Excel file (.xlsb)", _SAVE_AS)
    if "mimetype" in names:
        raise UnreadableWorkbook("this is an OpenDocument file", _SAVE_AS)
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise UnreadableWorkbook("the file is no Excel workbook", _SAVE_AS)


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            content = archive.read(name)
            if any(mark in content for mark in _DOCTYPES):
                message = f"part {name} defines entities, which no workbook needs"
                raise UnreadableWorkbook(message, "copy its sheets to a new workbook")
