"""What the office fills in: files, a seed, keys, the round's code before what cannot be undone.

A typed confirmation works without scripts and, unlike a dialogue, cannot be clicked away.
"""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from survey.services.register import UploadedTable

__all__ = [
    "ConfirmForm",
    "DrawForm",
    "FinishClosingForm",
    "HandOutForm",
    "IssueForm",
    "KeyTextForm",
    "RedrawForm",
    "RegisterForm",
    "StaffListsForm",
]

_LARGEST_SEED = 2**63 - 1
_TABLES = {"accept": ".xlsx,.csv"}
_KEY_TEXT = {"rows": 4, "spellcheck": "false", "autocapitalize": "characters"}


class _StaffForm(FlaskForm):  # type: ignore[misc]
    """Puts the focus on the first field at fault, without a script."""

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - WTForms' own option
        """Validate, and mark where the focus goes."""
        sound: bool = super().validate(extra_validators)
        self._mark_focus()
        return sound

    def refuse(self, field: Field, reasons: Iterable[str]) -> None:
        """Keep at ``field`` why the survey refused it."""
        field.errors = list(reasons)
        self._mark_focus()

    def _mark_focus(self) -> None:
        faulty = next((field for field in self if field.errors), None)
        if faulty is not None:
            faulty.render_kw = {**(faulty.render_kw or {}), "autofocus": True}


class ConfirmForm(_StaffForm):
    """Asks for the round's code before a step that cannot be undone."""

    confirm = StringField(_l("Type the code of the round to confirm"))

    def __init__(self, code: str, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        super().__init__(**options)
        self._code = code

    def validate_confirm(self, field: Field) -> None:
        """Refuse anything but the round's code."""
        if (field.data or "").strip() != self._code:
            message = _("Type “%(code)s” exactly as it stands here.", code=self._code)
            raise ValidationError(message)


class RegisterForm(_StaffForm):
    """Takes the register of units and, where there are some, the staff lists."""

    units = FileField(
        _l("Register of units (XLSX or CSV)"),
        validators=[FileRequired(_l("Choose the file with the register of units."))],
        render_kw=_TABLES,
    )
    staff = FileField(_l("Staff lists (XLSX or CSV, optional)"), render_kw=_TABLES)

    def tables(self) -> tuple[UploadedTable, UploadedTable | None]:
        """Return the uploaded files, the staff lists only where there are some."""
        units, staff = self.units.data, self.staff.data
        return _uploaded(units), _uploaded(staff) if staff else None


class StaffListsForm(_StaffForm):
    """Takes staff lists that units returned, several files at once."""

    lists = MultipleFileField(
        _l("Staff lists (XLSX or CSV, several files at once)"),
        validators=[FileRequired(_l("Choose the files with the staff lists."))],
        render_kw={**_TABLES, "multiple": True},
    )

    def tables(self) -> list[UploadedTable]:
        """Return the uploaded files."""
        return [_uploaded(file) for file in self.lists.data]


def _uploaded(file: Any) -> UploadedTable:  # noqa: ANN401 - Werkzeug's FileStorage, untyped in the field
    return UploadedTable(filename=file.filename, content=file.read())


class DrawForm(_StaffForm):
    """Takes the seed of the draw."""

    seed = IntegerField(
        _l("Seed of the draw"),
        validators=[
            InputRequired(_l("Write the seed: a whole number.")),
            NumberRange(0, _LARGEST_SEED, _l("The seed is a whole number from 0 to 2⁶³ − 1.")),
        ],
        render_kw={"inputmode": "numeric"},
    )


class RedrawForm(DrawForm, ConfirmForm):
    """Takes the seed of a draw that replaces a plan."""


class KeyTextForm(_StaffForm):
    """Takes the text of a recovery sheet, typed or scanned."""

    key = TextAreaField(
        _l("Key text of the sheet"),
        validators=[InputRequired(_l("Type the groups of the sheet, or scan its QR code."))],
        render_kw=_KEY_TEXT,
    )


class IssueForm(_StaffForm):
    """Says whether links already issued may be replaced."""

    reissue = BooleanField(_l("Replace links that were already issued; the old ones stop working"))


class _Checkboxes(SelectMultipleField):  # type: ignore[misc]
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class HandOutForm(_StaffForm):
    """Chooses the places of a stratum whose people get a paper form."""

    slots = _Checkboxes(_l("Places"), coerce=int)

    def __init__(self, slots: Iterable[int], **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        super().__init__(**options)
        self.slots.choices = [(slot, str(slot)) for slot in slots]

    def validate_slots(self, field: Field) -> None:
        """Refuse an empty choice."""
        if not field.data:
            raise ValidationError(_("Choose at least one place."))


class FinishClosingForm(ConfirmForm):
    """Takes the key, and what becomes of keyings that are not finished."""

    key = TextAreaField(
        _l("Key text of one of the two sheets"),
        validators=[InputRequired(_l("Type the groups of the sheet, or scan its QR code."))],
        render_kw=_KEY_TEXT,
    )
    discard_unfinished = BooleanField(_l("Discard the unfinished keyings listed above"))
