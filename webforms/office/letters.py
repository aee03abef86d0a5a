"""The letters around a draw, to download: one unit's, or all of them in one archive."""

from werkzeug.wrappers import Response

from survey.errors import NotFoundError
from survey.rules.permissions import Permission
from survey.services import letters as letter_files
from survey.services import rounds
from webforms.access import needs
from webforms.db import reading
from webforms.files import download
from webforms.office.desk import RoundHead, blueprint, page

_ZIP = "application/zip"


@blueprint.get("/<code>/cong-van")
@needs(Permission.RUN_ROUND)
def letters(code: str) -> Response:
    """List the units and what there is to send them."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        head, units = RoundHead.of(round_), letter_files.units_with_letters(session, round_)
    return page("letters.html", head, units=units)


@blueprint.get("/<code>/cong-van.zip")
@needs(Permission.RUN_ROUND)
def all_letters(code: str) -> Response:
    """Hand over the letters of all units."""
    with reading() as session:
        files = letter_files.letters_of(session, rounds.find_round(session, code))
    return download(letter_files.zipped(files), name=f"{code}-cong-van.zip", kind=_ZIP)


@blueprint.get("/<code>/cong-van/<round_unit_id>")
@needs(Permission.RUN_ROUND)
def unit_letters(code: str, round_unit_id: str) -> Response:
    """Hand over the letters of one unit."""
    with reading() as session:
        round_ = rounds.find_round(session, code)
        units = letter_files.units_with_letters(session, round_)
        unit = next((each for each in units if each.round_unit_id == round_unit_id), None)
        if unit is None:
            raise NotFoundError(what="unit of a round", key=round_unit_id)
        files = letter_files.letters_of(session, round_, unit_code=unit.code)
    return download(letter_files.zipped(files), name=f"{code}-{unit.code}-cong-van.zip", kind=_ZIP)
