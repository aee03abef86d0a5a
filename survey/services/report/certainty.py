"""How sure ranks and bands are, as a council may read it: printed to the nearest ten per cent.

Nothing finer than what is printed goes into a report, so no file or drawing can give it away.
"""

from collections.abc import Sequence

from stats.disclosure import Content
from stats.printed import PrintedKind, PrintedProbability, print_probability
from stats.ranking import LeftOut
from survey.rules.index_document import RankResult, UnitGroupResult, UnitResult
from survey.rules.report import (
    Cell,
    Column,
    Kind,
    Mark,
    ReportStrips,
    ReportTable,
    StripCell,
    StripUnit,
)
from survey.services.report.edition import Edition, in_order
from survey.services.report.marks import marks_in

__all__ = ["caveat_of", "certainty_table", "shows_certainty", "strips_of"]

_TOP = 3
_BAND = "band:"


def shows_certainty(edition: Edition, group: UnitGroupResult) -> bool:
    """Say whether the audience may see it, and the snapshot has it."""
    return edition.sees(Content.RANK_PROBABILITY) and any(unit.ranking for unit in group.units)


def caveat_of(edition: Edition, group: UnitGroupResult) -> str | None:
    """Say between which ranks the survey finds no difference; None where it finds all."""
    if not shows_certainty(edition, group) or group.within_error is None:
        return None
    _ = edition.gettext
    first, last = group.within_error
    return _(
        "The difference between rank %(first)s and rank %(last)s is within the error of the survey."
    ) % {"first": first, "last": last}


def certainty_table(edition: Edition, group: UnitGroupResult, unit: str | None) -> ReportTable:
    """Write how sure the ranks of a group are, and its bands where the round shows them.

    Parameters
    ----------
    edition : Edition
    group : UnitGroupResult
        One that `shows_certainty`.
    unit : str or None
        Code of the one unit whose row is wanted.

    Returns
    -------
    ReportTable
    """
    columns = _columns(edition, group)
    rows = [
        tuple(_cell(edition, group, entry, column.key) for column in columns)
        for entry in in_order(group.units)
        if unit is None or entry.code == unit
    ]
    return ReportTable(
        key=_key(group),
        title=edition.labelled(_title(edition, group)),
        columns=tuple(columns),
        rows=tuple(rows),
        notes=tuple(_notes(edition, group)),
        marks=marks_in(edition, rows),
    )


def strips_of(edition: Edition, group: UnitGroupResult) -> ReportStrips | None:
    """Lay out the band-probability strips of a group; None where the round shows no bands."""
    _ = edition.gettext
    if not _shows_bands(edition, group):
        return None
    label = group.label.in_language(edition.language)
    return ReportStrips(
        unit_group=group.code,
        table=_key(group),
        title=edition.labelled(f"{edition.document.title.in_language(edition.language)}: {label}"),
        subtitle=_(
            "Probability of each band, to the nearest 10 %; outlined: the band of the points"
        ),
        caveat=caveat_of(edition, group),
        bands=tuple(
            band.label.in_language(edition.language) for band in edition.document.bands.bands
        ),
        units=tuple(_strip(edition, unit) for unit in in_order(group.units) if unit.ranking),
        left_out=tuple(unit.name for unit in group.units if unit.ranking is None),
        left_out_title=_("Without probabilities (no sampling error, or too few answers):"),
    )


def _key(group: UnitGroupResult) -> str:
    return f"{group.code}-certainty"


def _title(edition: Edition, group: UnitGroupResult) -> str:
    _ = edition.gettext
    text = (
        _("%(group)s: how sure ranks and bands are")
        if _shows_bands(edition, group)
        else _("%(group)s: how sure ranks are")
    )
    return text % {"group": group.label.in_language(edition.language)}


def _columns(edition: Edition, group: UnitGroupResult) -> list[Column]:
    _ = edition.gettext
    ranked = _ranked(group)
    labels = {"rank": _("Rank"), "name": _("Unit")}
    if _outside(group):
        labels["place"] = _("Rank among these %(count)s") % {"count": len(ranked)}
    labels["rank_interval"] = _("%(level)s interval of ranks") % {"level": edition.level}
    if len(ranked) > _TOP:
        labels["top3"] = _("Probability of rank 1 to 3")
    if _shows_bands(edition, group):
        labels |= {
            f"{_BAND}{band.code}": _("Probability of %(band)s")
            % {"band": band.label.in_language(edition.language)}
            for band in edition.document.bands.bands
        }
    if edition.sees(Content.GROUP):
        labels["rank_set"] = _("Ranks not ruled out, all units at once")
    kinds = {"rank": Kind.COUNT, "place": Kind.COUNT, "name": Kind.TEXT}
    return [
        Column(key=key, label=label, kind=kinds.get(key, Kind.PRINTED))
        for key, label in labels.items()
    ]


def _cell(edition: Edition, group: UnitGroupResult, unit: UnitResult, key: str) -> Cell:
    if key == "name":
        return unit.name
    if key == "rank":
        return Mark.WITHHELD if unit.rank is None else unit.rank
    return _missing(unit) if unit.ranking is None else _found(edition, group, unit.ranking, key)


def _found(edition: Edition, group: UnitGroupResult, found: RankResult, key: str) -> Cell:
    if key == "place":
        return found.place
    if key == "rank_interval":
        return _ranks(edition, (found.low, found.high))
    if key == "rank_set":
        return Mark.NOT_DEFINED if found.rank_set is None else _ranks(edition, found.rank_set)
    if key == "top3":
        certain = all(each.certain for each in _ranked(group))
        return _printed(edition, print_probability(found.top3, certain=certain))
    return _printed(edition, _band_probability(found, key.removeprefix(_BAND)))


def _shows_bands(edition: Edition, group: UnitGroupResult) -> bool:
    return edition.sees(Content.BAND_PROBABILITY) and any(each.bands for each in _ranked(group))


def _ranked(group: UnitGroupResult) -> list[RankResult]:
    return [unit.ranking for unit in group.units if unit.ranking is not None]


def _outside(group: UnitGroupResult) -> int:
    """Count the units that have a rank by their points and no place among those compared here."""
    return sum(unit.rank is not None and unit.ranking is None for unit in group.units)


def _ranks(edition: Edition, ends: tuple[int, int]) -> str:
    _ = edition.gettext
    text = _("rank %(first)s") if ends[0] == ends[1] else _("ranks %(first)s–%(last)s")
    return text % {"first": ends[0], "last": ends[1]}


def _band_probability(found: RankResult, band: str) -> PrintedProbability:
    return print_probability(found.bands[band], certain=found.certain)


def _printed(edition: Edition, printed: PrintedProbability) -> str:
    _ = edition.gettext
    percent = f"{printed.percent} %"
    if printed.kind is PrintedKind.UNDER:
        return _("under %(percent)s") % {"percent": percent}
    if printed.kind is PrintedKind.OVER:
        return _("over %(percent)s") % {"percent": percent}
    return percent


def _missing(unit: UnitResult) -> Mark:
    if unit.no_ranking is LeftOut.WITHHELD:
        return Mark.WITHHELD
    return Mark.NOBODY_ASKED if unit.no_ranking is LeftOut.NO_VALID_ANSWER else Mark.NO_INTERVAL


def _strip(edition: Edition, unit: UnitResult) -> StripUnit:
    assert unit.ranking is not None  # noqa: S101 - units left out have no strip
    assert unit.rank is not None  # noqa: S101 - the same
    cells = []
    for band in edition.document.bands.bands:
        printed = _band_probability(unit.ranking, band.code)
        shade = 0 if printed.kind is PrintedKind.UNDER else printed.percent
        text = _printed(edition, printed)
        cells.append(StripCell(text=text, percent=shade, official=unit.band == band.code))
    return StripUnit(name=unit.name, rank=unit.rank, cells=tuple(cells))


def _notes(edition: Edition, group: UnitGroupResult) -> Sequence[str]:
    _ = edition.gettext
    caveat = caveat_of(edition, group)
    notes = [] if caveat is None else [caveat]
    notes += [
        _(
            "A probability says how often it would be so among units with answers like these, "
            "had everybody been asked; it says nothing about people who would answer otherwise."
        ),
        _(
            "Few answers prove little: the probabilities lean towards the other units of the "
            "group, and the band of the points need not be the likeliest."
        )
        if _shows_bands(edition, group)
        else _(
            "Few answers prove little: the probabilities lean towards the other units of the group."
        ),
        _(
            "Probabilities are to the nearest 10 %; each is rounded by itself, "
            "so a row may not add up to 100 %."
        ),
    ]
    if _outside(group):
        notes.append(
            _(
                "The ranks here are among the %(count)s unit(s) whose sampling error can be "
                "computed; %(left)s unit(s) with points have no place among them."
            )
            % {"count": len(_ranked(group)), "left": _outside(group)}
        )
    return notes
