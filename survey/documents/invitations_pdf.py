"""The invitations of one unit: a slip for each invited person, to be cut and handed out.

The name or list position stands on a stub that is torn off, the link on the part that the person
keeps: a slip left on a desk does not say whose it was.
"""

from collections.abc import Sequence

from survey.documents.typesetting import qr_svg, typeset
from survey.documents.wording import SIMULATED
from survey.rules.invitations import IssuedLink
from survey.rules.round_document import RoundDocument

__all__ = ["invitation_sheet"]


def invitation_sheet(
    document: RoundDocument,
    unit_name: str,
    links: Sequence[IssuedLink],
    *,
    simulated: bool,
    minutes: int = 12,
) -> bytes:
    """Draw the invitations of a unit as a PDF, three slips to a page.

    Parameters
    ----------
    document : RoundDocument
    unit_name : str
    links : sequence of IssuedLink
        In the order in which they are printed; at least one.
    simulated : bool
    minutes : int
        Time that the questionnaire takes, as its definition says.

    Returns
    -------
    bytes
        PDF, A4.
    """
    values = {
        "simulated": simulated,
        "simulated_label": SIMULATED,
        "issuer": document.issuer.model_dump(),
        "province": document.province,
        "title": document.title.vi,
        "unit": unit_name,
        "minutes": minutes,
        "slips": [_slip(document, link) for link in links],
    }
    return typeset("invitations.typ", values)


def _slip(document: RoundDocument, link: IssuedLink) -> dict[str, object]:
    return {
        "slot": link.slot,
        "position": link.position,
        "name": link.name,
        "group": document.group_label(link.respondent_group, "vi"),
        "reserve": link.reserve,
        "url": link.url,
        "qr": qr_svg(link.url),
    }
