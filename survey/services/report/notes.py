"""What a reader has to know beside the numbers, and what the numbers come from."""

from stats.disclosure import Content
from survey.services.report.edition import Edition
from survey.services.report.words import in_words

__all__ = ["note_lines", "provenance_lines"]


def note_lines(edition: Edition) -> list[str]:
    """Write the notes of an edition."""
    _ = edition.gettext
    scoring = edition.document.provenance.scoring
    notes = []
    if edition.document.provenance.simulated:
        notes.append(_("All answers are simulated; the numbers say nothing about the units."))
    notes += [
        _(
            "Survey part only; points are converted to the full maximum where a criterion "
            "does not apply."
        ),
        _("Ranks follow points rounded to %(places)s decimals; equal points share a rank.")
        % {"places": scoring.places},
    ]
    notes += [
        _("%(group)s: %(count)s unit(s) without a sample are not in the index.")
        % {
            "group": group.label.in_language(edition.language),
            "count": len(group.not_surveyed),
        }
        for group in edition.document.unit_groups
        if group.not_surveyed
    ]
    return [*notes, *(_interval_notes(edition) if edition.sees(Content.INTERVAL) else [])]


def _interval_notes(edition: Edition) -> list[str]:
    _ = edition.gettext
    notes = [
        _(
            "An interval says how far the points might move had other people of the unit "
            "been drawn; units whose intervals overlap widely are hardly different."
        ),
        _("An interval has no width where everybody answered everything."),
        _(
            "A unit that chose its respondents itself, or did not certify the drawn list, "
            "does not qualify for a sampling error."
        ),
    ]
    if edition.document.bands.show:
        notes.append(
            _("Bands: illustration, no classification. Source: %(source)s.")
            % {"source": edition.document.bands.source}
        )
    return notes


def provenance_lines(edition: Edition) -> list[tuple[str, str]]:
    """Write label and value of everything the numbers can be computed again from."""
    _ = edition.gettext
    source = edition.document.provenance
    lines = [(_("Round"), source.round_code)]
    if edition.sees(Content.OFFICIAL_TOTAL):
        lines += [
            (_("Questionnaire"), f"{source.questionnaire} {source.questionnaire_version}"),
            (_("Questionnaire fingerprint"), source.questionnaire_fingerprint),
            (_("Sample plan digest"), source.plan_digest),
            (_("Value map"), in_words(edition, "counting", source.scoring.value_map)),
            (
                _("Weighting of respondent groups"),
                in_words(edition, "counting", source.scoring.group_weighting),
            ),
            (_("Questions not asked"), in_words(edition, "counting", source.scoring.hidden_items)),
            (_("Ties"), in_words(edition, "counting", source.scoring.ties)),
        ]
    if edition.sees(Content.GROUP) and source.seed is not None:
        lines.append((_("Seed of the draws"), source.seed))
    return [*lines, (_("Software"), source.software)]
