"""The other sheets and the whole: settings, criteria, values, blocks, put together."""

import re
from collections.abc import Mapping
from typing import Any, Final

from questionnaires.xlsform.items import kind_and_list
from questionnaires.xlsform.layout import (
    BLOCKS,
    CHOICES,
    CRITERIA,
    SETTINGS,
    SURVEY,
    VALUES,
    language_tag,
)
from questionnaires.xlsform.lists import Lists
from questionnaires.xlsform.rows import Reader
from questionnaires.xlsform.sheets import At, Faults, Row, Sheet
from questionnaires.xlsform.survey import Survey, kinds_in

__all__ = ["document"]

_TAG: Final = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_FORMAT: Final = "khaosat/questionnaire/1"
_DEFAULT_LANGUAGE: Final = "vi"
_QUESTIONS_A_MINUTE: Final = 4
_LONGEST_MINUTES: Final = 240


def document(sheets: Mapping[str, Sheet], faults: Faults, name: str) -> dict[str, Any]:
    """Put the sheets together.

    Parameters
    ----------
    sheets : all sheets by name, empty ones included
    faults : where to note what is wrong
    name : the file's name without ending, for a form without title or id

    Returns
    -------
    dict
        The document as in YAML, with `At` around what stands in a cell.
    """
    language = _language(sheets, faults)
    kinds = kinds_in(sheets[SURVEY])
    readers = {key: Reader(sheet, faults, language, kinds) for key, sheet in sheets.items()}
    lists = Lists(readers[CHOICES], language)
    settings = _settings(readers[SETTINGS], language, name)
    survey = Survey(readers[SURVEY], lists, settings["title"])
    survey.read()
    parts: dict[str, Any] = {
        "schema": _FORMAT,
        "language": language,
        **settings,
        "estimated_minutes": settings.get("estimated_minutes") or _minutes(sheets[SURVEY]),
        "facts": survey.facts,
        "intro": survey.intro,
        "consent": survey.consent,
        "scales": dict(lists.scales()),
        "value_maps": _value_maps(readers[VALUES]),
        "sections": survey.sections,
        "criteria": _criteria(readers[CRITERIA]),
        "blocks": _blocks(readers[BLOCKS]),
    }
    return {key: value for key, value in parts.items() if value not in (None, [], {})}


def _language(sheets: Mapping[str, Sheet], faults: Faults) -> str:
    """Find the document's language: the default one, else the first of the labels."""
    row = next(iter(sheets[SETTINGS].rows), None)
    cell = None if row is None else row.cells.get("default_language")
    if cell is not None:
        tag = language_tag(cell.value)
        if tag is not None and _TAG.fullmatch(tag):
            return tag
        if tag is None:
            message = f"default_language {cell.value[:40]!r} is not known"
            faults.add(cell.place, message, "write its tag, such as Tiếng Việt (vi)")
    return next(iter(sheets[SURVEY].languages("label")), _DEFAULT_LANGUAGE)


def _settings(reader: Reader, language: str, name: str) -> dict[str, Any]:
    rows = reader.sheet.rows
    row = rows[0] if rows else Row(reader.sheet.start, {})
    for other in rows[1:]:
        reader.faults.add(other.place, "settings have one row", "delete this one")
    row.take("default_language")
    row.take("style")
    fields = {
        "id": row.take("form_id") or At(_id_from(name), row.place),
        "version": row.take("version") or "1",
        "title": _title(reader, row, language, name),
        "subtitle": reader.texts(row, "khaosat::subtitle"),
        "languages": row.text("khaosat::languages").split(),
        "estimated_minutes": reader.whole(row, "khaosat::estimated_minutes"),
        "report_min_cell": reader.whole(row, "khaosat::report_min_cell"),
        "points_total": row.take("khaosat::points_total"),
        "reference_period": _present(
            {
                "label": reader.texts(row, "khaosat::period_label"),
                "from": row.take("khaosat::period_from"),
                "to": row.take("khaosat::period_to"),
            }
        ),
        "scoring": _present(
            {
                "value_map": row.take("khaosat::value_map"),
                "min_answered_share": row.take("khaosat::min_answered_share"),
            }
        ),
    }
    reader.leftovers(row)
    return _present(fields)


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, [], {})}


def _id_from(name: str) -> str:
    cleaned = re.sub(r"[^A-Za-z0-9_.\-]+", "-", name).strip("-.")[:60]
    return cleaned if cleaned[:1].isalpha() else f"form-{cleaned}".rstrip("-")


def _title(reader: Reader, row: Row, language: str, name: str) -> At:
    """Read the title; its translations stand beside it and have to agree with it."""
    title, translated = row.take("form_title"), reader.texts(row, "khaosat::title")
    if translated is None:
        return title or At(name or "Form", row.place)
    own = translated.value
    if isinstance(own, dict):
        own = own[language].value if language in own else None
    if title is not None and title.value != own:
        message = "form_title and khaosat::title say different things"
        reader.faults.add(title.place, message, "change both, or clear khaosat::title")
    return translated


def _minutes(survey: Sheet) -> int:
    """Estimate how long answering takes, where nobody says: four questions a minute."""
    kinds = (
        kind_and_list(row.cells["type"].value)[0] for row in survey.rows if "type" in row.cells
    )
    questions = sum(kind not in {"", "note", "calculation"} for kind in kinds)
    return max(1, min(_LONGEST_MINUTES, -(-questions // _QUESTIONS_A_MINUTE)))


def _value_maps(reader: Reader) -> dict[str, Any]:
    maps: dict[str, Any] = {}
    for row in reader.sheet.rows:
        name, code, value = (row.take(key) for key in ("map", "code", "value"))
        if name is None or (code is None) is not (value is None):
            reader.faults.add(row.place, "the row is incomplete", "fill in map, code and value")
            continue
        values = maps.setdefault(name.value, At({}, name.place)).value
        if code is not None and code.value in values:
            message = f"code {code.value!r} stands twice in map {name.value!r}"
            reader.faults.add(code.place, message, "keep one of the two")
        elif code is not None:
            values[code.value] = value
    return maps


def _criteria(reader: Reader) -> list[At]:
    """Read criteria: one row for each item, the criterion's own fields on its first row."""
    criteria: list[At] = []
    for row in reader.sheet.rows:
        code, name = row.take("code"), reader.texts(row, "name")
        points = {"item": row.take("item"), "points": row.take("points")}
        if name is not None:
            fields = {key: row.take(key) for key in ("field", "max", "official_code")}
            items = At([], row.place)
            criteria.append(
                At(_present({"code": code, "name": name, **fields, "items": items}), row.place)
            )
        elif not criteria or code is None or _code_of(criteria[-1]) != code.value:
            remedy = "give a criterion's first row its name; the next rows repeat its code"
            reader.faults.add(row.place, "the row belongs to no criterion", remedy)
            continue
        criteria[-1].value["items"].value.append(At(_present(points), row.place))
        reader.leftovers(row)
    return criteria


def _code_of(criterion: At) -> str | None:
    code = criterion.value.get("code")
    return None if code is None else str(code.value)


def _blocks(reader: Reader) -> list[At]:
    """Read blocks: one row for each item; titles stand on the first row of block and factor."""
    blocks: list[At] = []
    for row in reader.sheet.rows:
        block, factor, item = (row.take(key) for key in ("block", "factor", "item"))
        title, heading = reader.texts(row, "block_title"), reader.texts(row, "factor_title")
        if title is not None:
            fields = {"id": block, "title": title, "aspect": row.take("aspect")}
            blocks.append(At(_present(fields) | {"factors": At([], row.place)}, row.place))
        factors = blocks[-1].value["factors"].value if blocks else []
        if blocks and heading is not None:
            kept = _present({"id": factor, "title": heading}) | {"items": At([], row.place)}
            factors.append(At(kept, row.place))
        if not factors:
            remedy = "give block_title and factor_title on the first row of each"
            reader.faults.add(row.place, "the row belongs to no factor", remedy)
            continue
        if item is not None:
            factors[-1].value["items"].value.append(item)
        reader.leftovers(row)
    return blocks
