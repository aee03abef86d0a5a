"""A questionnaire as DDI-Codebook 2.5, the XML that data archives read.

One file holds one language, with every wording marked by the language it is in: archives' programs
show the first of several labels and drop the others. The schema is in no package that can be
installed here, so files are held to its content model by a test of our own;
docs/questionnaire-formats.md says what that covers.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, indent, tostring

from questionnaires.codebook import codebook
from questionnaires.codebook_words import CodebookWords, codebook_words
from questionnaires.ddi_variables import add_variable, routing, variable_ids
from questionnaires.expressions import references
from questionnaires.markup import add
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import GridItem
from questionnaires.texts import Text, language_in
from questionnaires.tree import Block, Criterion, Section

__all__ = ["DDI_NAMESPACE", "to_ddi"]

DDI_NAMESPACE: Final = "ddi:codebook:2_5"
_SCHEMA: Final = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_ROUND_YEAR: Final = "${round.year}"


def to_ddi(
    questionnaire: Questionnaire,
    *,
    language: str,
    produced: dt.date,
    producer: str | None = None,
    year: int | None = None,
    universe: str | None = None,
) -> bytes:
    """Write a questionnaire as a DDI codebook.

    Parameters
    ----------
    questionnaire : Questionnaire
    language : tag of the wordings' language; the document's own is used where one is missing
    produced : the day that the file is written
    producer : who is responsible for the survey
    year : the year of the round; without it, a reference period that depends on it has no dates
    universe : who was surveyed, in ``language``; the questionnaire's subtitle stands in

    Returns
    -------
    bytes
        UTF-8 XML: document, study, groups of variables (sections, grids, blocks and factors,
        criteria), then a variable for every column of `codebook`.

    References
    ----------
    DDI Alliance, DDI-Codebook 2.5 (2014), XML schema.

    Examples
    --------
    >>> from questionnaires.library import shipped
    >>> form = shipped("transaction")
    >>> xml = to_ddi(form, language="vi", produced=dt.date(2025, 7, 1))
    >>> xml.count(b"<var ")
    6
    """
    attributes = {
        "xmlns": DDI_NAMESPACE,
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": f"{DDI_NAMESPACE} {_SCHEMA}",
        "version": "2.5",
        "xml:lang": language,
    }
    root = Element("codeBook", attributes)
    writer = _Writer(questionnaire=questionnaire, language=language, words=codebook_words(language))
    writer.document(root, produced, producer or "")
    study = writer.study(root, producer or "")
    writer.scope(study, year, universe)
    writer.data(root)
    indent(root)
    xml: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Writes the parts of a codebook."""

    questionnaire: Questionnaire
    language: str
    words: CodebookWords

    def text(
        self,
        parent: Element,
        tag: str,
        text: Text | None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Append a wording with its language; nothing where there is none."""
        if text is None:
            return
        own = self.questionnaire.language
        marked = {"xml:lang": language_in(text, self.language, own), **(attributes or {})}
        add(parent, tag, self.questionnaire.text_in(text, self.language), marked)

    def document(self, root: Element, produced: dt.date, producer: str) -> None:
        citation = add(add(root, "docDscr"), "citation")
        titles = add(citation, "titlStmt")
        self.text(titles, "titl", self.questionnaire.title)
        add(titles, "IDNo", self.questionnaire.id)
        production = add(citation, "prodStmt")
        self.producer(production, producer)
        day = produced.isoformat()
        add(production, "prodDate", day, {"date": day})
        add(production, "software", "khaosat")

    def producer(self, production: Element, producer: str) -> None:
        if producer:
            add(production, "producer", producer, {"xml:lang": self.language})

    def study(self, root: Element, producer: str) -> Element:
        form = self.questionnaire
        study = add(root, "stdyDscr")
        citation = add(study, "citation")
        titles = add(citation, "titlStmt")
        self.text(titles, "titl", form.title)
        self.text(titles, "subTitl", form.subtitle)
        for tag, title in self.other_titles().items():
            add(titles, "parTitl", title, {"xml:lang": tag})
        add(titles, "IDNo", form.id)
        if producer:
            self.producer(add(citation, "prodStmt"), producer)
        version = add(citation, "verStmt")
        add(version, "version", form.version, {"type": "version"})
        add(
            version,
            "notes",
            form.version_fingerprint,
            {"type": "fingerprint", "subject": "SHA-256"},
        )
        return study

    def other_titles(self) -> dict[str, str]:
        """Give the title in the languages that the file is not in."""
        title = self.questionnaire.title
        if isinstance(title, str):
            return {}
        shown = language_in(title, self.language, self.questionnaire.language)
        return {tag: words for tag, words in title.items() if tag != shown}

    def scope(self, study: Element, year: int | None, universe: str | None) -> None:
        summary = add(add(study, "stdyInfo"), "sumDscr")
        self.period(summary, year)
        if universe is not None:
            add(summary, "universe", universe, {"xml:lang": self.language})
        else:
            self.text(summary, "universe", self.questionnaire.subtitle)
        add(summary, "dataKind", "survey data", {"xml:lang": "en"})

    def period(self, summary: Element, year: int | None) -> None:
        period = self.questionnaire.reference_period
        if period is None:
            return
        if year is None and _ROUND_YEAR in period.first + period.last:
            self.text(summary, "timePrd", period.label)
            return
        days = period.dates(year or 1)
        for event, day in zip(("start", "end"), days, strict=True):
            given = {"event": event, "date": day.isoformat()}
            self.text(summary, "timePrd", period.label, given)

    def data(self, root: Element) -> None:
        form = self.questionnaire
        data = add(root, "dataDscr")
        plain = {section.id: items for section, items in form.plain_sections}
        enabled = [section for section in form.sections if section.enabled]
        for section in enabled:
            names = (item.id for item in plain[section.id])
            self.section(data, section, tuple(name for name in names if self.is_column(name)))
        for section in enabled:
            self.grids(data, section)
        for block in form.blocks:
            self.block(data, block)
        for criterion in form.criteria:
            self.criterion(data, criterion)
        routes = routing(form)
        for column in codebook(form, self.language).columns:
            tree = form.formulas.get(column.name)
            used = () if tree is None else references(tree)
            known = [name for name in used if self.is_column(name)]
            add_variable(data, column, routes, self.words, variable_ids(known))

    def is_column(self, name: str) -> bool:
        return name in self.questionnaire.questions_by_id or name in self.questionnaire.formulas

    def group(self, data: Element, kind: str, identifier: str, given: Mapping[str, str]) -> Element:
        return add(data, "varGrp", attributes={"ID": identifier, "type": kind, **given})

    def section(self, data: Element, section: Section, names: tuple[str, ...]) -> None:
        grids = [item.id for item in section.items if isinstance(item, GridItem)]
        given = {
            "var": variable_ids(names),
            "varGrp": " ".join(f"G.{name}" for name in grids),
            "name": section.id,
        }
        group = self.group(data, "section", f"S.{section.id}", given)
        self.text(group, "labl", section.title)
        self.text(group, "txt", section.instructions)
        if section.repeat is not None:
            once = f"{self.words.repeated}: {self.words.each_unit}"
            add(group, "defntn", once, {"xml:lang": self.words.language})
        self.text(group, "notes", section.disclosure_note, {"type": "disclosure"})

    def grids(self, data: Element, section: Section) -> None:
        for item in section.items:
            if isinstance(item, GridItem):
                rows = self.questionnaire.grid_rows[item.id]
                given = {"var": variable_ids(rows), "name": item.id}
                group = self.group(data, "grid", f"G.{item.id}", given)
                self.text(group, "labl", item.text)
                self.text(group, "txt", item.hint)

    def block(self, data: Element, block: Block) -> None:
        inside = [f"F.{block.id}.{factor.id}" for factor in block.factors]
        given = {"varGrp": " ".join(inside), "name": block.id}
        group = self.group(data, "subject", f"B.{block.id}", given)
        self.text(group, "labl", block.title)
        add(group, "concept", block.aspect.value, {"xml:lang": "en"})
        for identifier, factor in zip(inside, block.factors, strict=True):
            rows = self.questionnaire.grid_rows
            names = [row for name in factor.items for row in rows.get(name, (name,))]
            given = {"var": variable_ids(names), "name": factor.id}
            self.text(self.group(data, "analysis", identifier, given), "labl", factor.title)

    def criterion(self, data: Element, criterion: Criterion) -> None:
        names = [part.item for part in criterion.items]
        given = {"var": variable_ids(names), "name": criterion.code}
        group = self.group(data, "analysis", f"C.{criterion.code}", given)
        self.text(group, "labl", criterion.name)
        points = f"{self.words.points}: {criterion.max}"
        add(group, "notes", points, {"type": "points", "xml:lang": self.words.language})
