"""Elements of XML and HTML, escaped by the standard library.

Texts are cleaned on the way in: a definition may hold characters that no XML document can, and one
of them would make the whole file unreadable.
"""

import re
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from questionnaires.texts import nfc

__all__ = ["add", "legal"]

_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    r"""Compose a text and put U+FFFD in the place of what XML 1.0 cannot hold.

    Parameters
    ----------
    text : any text

    Returns
    -------
    str

    Examples
    --------
    >>> legal("e\u0302\x0b!")
    'ê\ufffd!'
    """
    return _ILLEGAL.sub("\ufffd", nfc(text))


def add(
    parent: Element, tag: str, text: str = "", attributes: Mapping[str, str] | None = None
) -> Element:
    """Append an element.

    Parameters
    ----------
    parent : the element that it comes last in
    tag : its name
    text : its text
    attributes : by name; those that are empty are left out

    Returns
    -------
    Element
    """
    given = {name: legal(value) for name, value in (attributes or {}).items() if value}
    element = SubElement(parent, tag, given)
    element.text = legal(text) or None
    return element
