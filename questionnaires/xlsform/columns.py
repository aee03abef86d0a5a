"""The columns of every sheet: those that are read, and those that are named as not supported."""

from typing import Final

from questionnaires.xlsform.layout import (
    BLOCKS,
    CHOICES,
    CRITERIA,
    SETTINGS,
    SURVEY,
    VALUES,
)
from questionnaires.xlsform.sheets import Columns

__all__ = ["FOREIGN_SHEETS", "SHEETS"]

_MEDIA: Final = "texts only are shown; describe the picture or sound in words"
_NO_LOGIC: Final = "delete it; the form's own logic covers what it needs"
_ALIASES: Final = {
    "caption": "label",
    "relevance": "relevant",
    "calculate": "calculation",
    "constraint_msg": "constraint_message",
    "count": "repeat_count",
    "repeat": "repeat_count",
    "list": "list_name",
    "choice": "name",
    "value": "name",
    "read_only": "readonly",
    "title": "form_title",
    "id_string": "form_id",
}
_SURVEY_REFUSED: Final = {
    "default": "take it out; an answer that stands there already is one that nobody gave",
    "choice_filter": "ask in questions of their own, each with its list and relevant",
    "readonly": "use type note for what is only read",
    "required_message": "take it out; the form words it itself",
    "guidance_hint": "put it into hint",
    "trigger": _NO_LOGIC,
    "media": _MEDIA,
    "image": _MEDIA,
    "big_image": _MEDIA,
    "audio": _MEDIA,
    "video": _MEDIA,
    "autoplay": _MEDIA,
    "bind": _NO_LOGIC,
    "body": _NO_LOGIC,
    "instance": _NO_LOGIC,
    "intent": _NO_LOGIC,
    "save_to": _NO_LOGIC,
    "query": _NO_LOGIC,
    "rows": _NO_LOGIC,
    "accuracythreshold": _NO_LOGIC,
}
_SETTINGS_REFUSED: Final = {
    "public_key": "take it out; answers are sealed by the round's own key",
    "submission_url": "take it out; answers stay on this server",
    "auto_send": "take it out; answers are saved as they are given",
    "auto_delete": "take it out; nothing stays on the respondent's device",
    "instance_name": "take it out; a ballot has no name",
    "instance_id": "take it out; a ballot has no name",
    "sms_keyword": "take it out; there are no answers by message",
    "allow_choice_duplicates": "take it out; give every choice of a list its own name",
    "clean_text_values": "take it out; answers are always cleaned",
    "namespaces": _NO_LOGIC,
    "attribute": _NO_LOGIC,
}

SHEETS: Final = {
    SURVEY: Columns(
        name=SURVEY,
        order=0,
        plain=frozenset(
            {"type", "name", "relevant", "required", "constraint", "calculation", "appearance"}
            | {"parameters", "repeat_count", "disabled", "khaosat::kind", "khaosat::role"}
            | {"khaosat::id", "khaosat::number", "khaosat::places", "khaosat::disclosure"}
            | {"khaosat::if_hidden", "khaosat::stratum_check", "khaosat::enabled"}
            | {"khaosat::over", "khaosat::options", "khaosat::relevant", "khaosat::calculation"}
            | {"khaosat::constraints", "khaosat::tagged"}
        ),
        texts=frozenset(
            {"label", "hint", "constraint_message", "khaosat::label", "khaosat::universe"}
            | {"khaosat::unit"}
        ),
        aliases=_ALIASES,
        refused=_SURVEY_REFUSED,
    ),
    CHOICES: Columns(
        name=CHOICES,
        order=1,
        plain=frozenset(
            {"list_name", "name", "khaosat::ends", "khaosat::valid_from", "khaosat::valid_until"}
            | {"khaosat::last", "khaosat::tagged"}
        ),
        texts=frozenset({"label"}),
        aliases=_ALIASES,
        refused={"media": _MEDIA, "image": _MEDIA, "audio": _MEDIA, "video": _MEDIA},
    ),
    SETTINGS: Columns(
        name=SETTINGS,
        order=2,
        plain=frozenset(
            {"form_title", "form_id", "version", "default_language", "style"}
            | {"khaosat::languages", "khaosat::estimated_minutes", "khaosat::period_from"}
            | {"khaosat::period_to", "khaosat::report_min_cell", "khaosat::points_total"}
            | {"khaosat::value_map", "khaosat::min_answered_share", "khaosat::tagged"}
        ),
        texts=frozenset({"khaosat::title", "khaosat::subtitle", "khaosat::period_label"}),
        aliases=_ALIASES,
        refused=_SETTINGS_REFUSED,
    ),
    CRITERIA: Columns(
        name=CRITERIA,
        order=3,
        plain=frozenset(
            {"code", "field", "max", "official_code", "item", "points", "khaosat::tagged"}
        ),
        texts=frozenset({"name"}),
    ),
    VALUES: Columns(name=VALUES, order=4, plain=frozenset({"map", "code", "value"})),
    BLOCKS: Columns(
        name=BLOCKS,
        order=5,
        plain=frozenset({"block", "aspect", "factor", "item", "khaosat::tagged"}),
        texts=frozenset({"block_title", "factor_title"}),
    ),
}

FOREIGN_SHEETS: Final = {
    "external_choices": "put the lists on the sheet choices",
    "entities": "take it out; what the register knows belongs to the round's units",
    "osm": "take it out; maps are not supported",
    "print": "take it out; paper has a command of its own",
    "fieldlist": "take it out",
    "cascades": "ask for each level in a question of its own",
    "translations": "put translations in columns such as label::English (en)",
}
"""Sheets that XLSForm software knows and this reader does not, with what to do."""
