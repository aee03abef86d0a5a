"""Paper forms as PDF: the questionnaire typeset once, then a numbered copy for each serial.

The serial and its QR code name the form and the page, never a person. The copies show the pages of
the one finished form, so 500 of them cost little more than one and cannot differ from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from questionnaires import Questionnaire, intro_in_play, text_in
from questionnaires.rating import RatedUnit, rating_form
from survey.documents.paper_content import LANGUAGE, PaperContent
from survey.documents.paper_template import PaperTemplate, areas_told, boxes_told
from survey.documents.typesetting import qr_svg, typeset_and_tell, typeset_around
from survey.documents.wording import SIMULATED
from survey.rules.invitations import printed_serial
from survey.rules.round_document import RoundDocument

__all__ = ["PrintedPaper", "paper_forms", "print_questionnaire"]

_NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})
_MARKING: Final = (
    "đánh dấu X vào một ô vuông của mỗi câu (trừ câu cho chọn nhiều ô). Nếu đánh nhầm, tô kín ô "
    "sai rồi đánh dấu ô đúng. "
)
_SIGNS: Final = "Ở câu ghi số hoặc ngày, mỗi ô ghi một chữ số, số ghi sát về bên phải. "
_HANDING_IN: Final = "Không ghi họ tên. Bỏ phiếu vào phong bì, dán kín rồi nộp."


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPaper:
    """A PDF to print and the template for reading its scans."""

    pdf: bytes
    template: PaperTemplate


def paper_forms(  # noqa: PLR0913 - a form belongs to a round, a unit and a group
    document: RoundDocument,
    questionnaire: Questionnaire,
    *,
    unit_name: str,
    respondent_group: str,
    serials: Sequence[str],
    simulated: bool,
    facts: Mapping[str, str] = _NO_FACTS,
) -> PrintedPaper:
    """Draw the paper forms of one stratum of a round, a copy for each serial.

    Parameters
    ----------
    document : RoundDocument
    questionnaire : Questionnaire
    unit_name : str
    respondent_group : str
        Code of the stratum's group.
    serials : sequence of str
        Nine digits each; at least one.
    simulated : bool
    facts : mapping
        What the register knows of the stratum; sections that it closes are left out.

    Returns
    -------
    PrintedPaper
        PDF on A4, all text of 11 points or more; QR codes say ``<round>:<serial>:<page>``.
    """
    group = document.group_label(respondent_group, LANGUAGE)
    head = {
        "issuer": document.issuer.model_dump(),
        "about": f"{unit_name} – {group}",
        "simulated": simulated,
        "simulated_label": SIMULATED,
    }
    form = _Form(questionnaire, facts=facts, units=(), owner=document.code)
    return form.printed(head, serials)


def print_questionnaire(
    questionnaire: Questionnaire,
    *,
    serials: Sequence[str] = (),
    units: Sequence[RatedUnit] = (),
    facts: Mapping[str, str] = _NO_FACTS,
    advance: Callable[[], None] = lambda: None,
) -> PrintedPaper:
    """Print a questionnaire without a round: blank to copy by hand, or numbered.

    Parameters
    ----------
    questionnaire : Questionnaire
        Options that are not in force are left out beforehand by its ``as_of``.
    serials : sequence of str
        Nine digits each, one for each copy; none gives one blank form.
    units : sequence of RatedUnit
        Units to rate, a block for each; without any, a repeated section has lines for one.
    facts : mapping
        What is known of the respondents, as in `paper_forms`.
    advance : callable
        Called once for each serial and once at the end.

    Returns
    -------
    PrintedPaper
        As `paper_forms`; QR codes say ``<questionnaire>:<serial>:<page>``.

    Raises
    ------
    UnitsError
        When nothing is asked about units, or not about so many.
    """
    if units:
        rating_form(questionnaire, units)
    head = {
        "issuer": None,
        "about": f"Mẫu phiếu {questionnaire.id}, phiên bản {questionnaire.version}",
        "simulated": False,
    }
    form = _Form(questionnaire, facts=facts, units=tuple(units), owner=questionnaire.id)
    return form.printed(head, serials, advance)


@dataclass(frozen=True, slots=True)
class _Form:
    """One form to be copied: what it asks, of whom, and whose it is."""

    questionnaire: Questionnaire
    facts: Mapping[str, str]
    units: tuple[RatedUnit, ...]
    owner: str

    def printed(
        self,
        head: Mapping[str, Any],
        serials: Sequence[str],
        advance: Callable[[], None] = lambda: None,
    ) -> PrintedPaper:
        labels = ("boxes", "frame")
        master, told = typeset_and_tell("paper.typ", {**head, **self._body()}, labels=labels)
        template = self._template(told)
        pdf = self._copies(master, serials, template.pages, advance) if serials else master
        advance()
        return PrintedPaper(pdf=pdf, template=template)

    def _body(self) -> dict[str, Any]:
        questionnaire = self.questionnaire
        content = PaperContent(questionnaire, self.facts, self.units)
        consent, sections = content.consent(), content.sections()
        subtitle = questionnaire.subtitle
        return {
            "title": self._text(questionnaire.title),
            "subtitle": None if subtitle is None else self._text(subtitle),
            "intro": [self._text(text) for text in intro_in_play(questionnaire, self.facts)],
            "how_to": _how_to(sections),
            "consent": consent,
            "sections": sections,
        }

    def _text(self, text: str | Mapping[str, str]) -> str:
        return text_in(text, LANGUAGE, self.questionnaire.language)

    def _template(self, told: Mapping[str, Any]) -> PaperTemplate:
        return PaperTemplate(
            questionnaire_id=self.questionnaire.id,
            version=self.questionnaire.version,
            fingerprint=self.questionnaire.version_fingerprint,
            facts=dict(self.facts),
            units=self.units,
            pages=told["frame"]["pages"],
            qr_content=f"{self.owner}:{{serial}}:{{page}}",
            boxes=boxes_told(told["boxes"]),
            **areas_told(told["frame"]),
        )

    def _copies(
        self, master: bytes, serials: Sequence[str], pages: int, advance: Callable[[], None]
    ) -> bytes:
        forms = []
        for serial in serials:
            codes = [qr_svg(f"{self.owner}:{serial}:{page}") for page in range(1, pages + 1)]
            forms.append({"serial": printed_serial(serial), "codes": codes})
            advance()
        return typeset_around("paper_copies.typ", {"forms": forms}, form=master)


def _how_to(sections: Sequence[Mapping[str, Any]]) -> str:
    """Explain the boxes that this form has."""
    kinds = (question.get("pattern") for part in sections for question in part["questions"])
    return _MARKING + (_SIGNS if any(kinds) else "") + _HANDING_IN
