"""The two recovery sheets of a round's key: one A4 page for each custodian.

Both sheets carry the whole key: a round must survive the loss of one of them.
"""

from collections.abc import Sequence
from datetime import datetime

from survey.documents.typesetting import qr_svg, typeset
from survey.documents.wording import MOTTO, NATION, SIMULATED, short_moment
from survey.rules.keys import KeySheet
from survey.rules.round_document import RoundDocument

__all__ = ["recovery_sheets"]

_COLUMNS = 3


def recovery_sheets(
    document: RoundDocument,
    sheets: Sequence[KeySheet],
    *,
    made_at: datetime,
    simulated: bool = False,
) -> bytes:
    """Draw the recovery sheets as a PDF, one page for each sheet.

    Parameters
    ----------
    document : RoundDocument
    sheets : sequence of KeySheet
    made_at : datetime
        Aware; printed in Vietnamese time.
    simulated : bool
        Prints the band that says so.

    Returns
    -------
    bytes
        PDF, A4.
    """
    values = {
        "simulated": simulated,
        "simulated_label": SIMULATED,
        "nation": NATION,
        "motto": MOTTO,
        "issuer": document.issuer.model_dump(),
        "title": document.title.vi,
        "code": document.code,
        "made_at": short_moment(made_at),
        "columns": _COLUMNS,
        "sheets": [
            {
                "number": sheet.number,
                "groups": list(sheet.groups),
                "qr": qr_svg(sheet.qr, error="q"),
            }
            for sheet in sheets
        ],
    }
    return typeset("recovery.typ", values)
