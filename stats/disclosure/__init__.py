"""Disclosure control: what may be shown to whom, and what must be withheld so that it stays so.

A door only. ``release_classes`` says who sees what of one unit; ``published`` protects tables above
unit level; ``points`` lists what official points give away; ``rounds`` and ``microdata`` judge
changes and single rows; ``cell_key`` is the alternative for large tables.
"""

from stats.disclosure.attack import Effort
from stats.disclosure.cell_key import (
    PerturbationTable,
    perturbation_table,
    perturbed_counts,
    record_keys,
)
from stats.disclosure.limits import DisclosureLimits
from stats.disclosure.microdata import MicrodataReport, check_microdata, microdata_report
from stats.disclosure.points import (
    DecodablePoints,
    DecodableReason,
    decodable_points,
    points_known,
)
from stats.disclosure.published import ProtectedRelease, ProtectedRow, Withheld, protect
from stats.disclosure.release import (
    AnswerCounts,
    Cell,
    CellKind,
    KnownPoints,
    Release,
    describe_release,
)
from stats.disclosure.release_classes import (
    Content,
    Exposure,
    ExposureKind,
    ReleaseClass,
    ReleasedCriterion,
    StratumFlag,
    may_publish,
    may_see,
    merge_small_criteria,
    officially_exposed,
    public_total,
    revealed_groups,
    stratum_flags,
    unanimous_items,
)
from stats.disclosure.rounds import ChangeRefusal, RoundTotal, change_refusal
from stats.disclosure.suppression import Choice, choose_cells

__all__ = [
    "AnswerCounts",
    "Cell",
    "CellKind",
    "ChangeRefusal",
    "Choice",
    "Content",
    "DecodablePoints",
    "DecodableReason",
    "DisclosureLimits",
    "Effort",
    "Exposure",
    "ExposureKind",
    "KnownPoints",
    "MicrodataReport",
    "PerturbationTable",
    "ProtectedRelease",
    "ProtectedRow",
    "Release",
    "ReleaseClass",
    "ReleasedCriterion",
    "RoundTotal",
    "StratumFlag",
    "Withheld",
    "change_refusal",
    "check_microdata",
    "choose_cells",
    "decodable_points",
    "describe_release",
    "may_publish",
    "may_see",
    "merge_small_criteria",
    "microdata_report",
    "officially_exposed",
    "perturbation_table",
    "perturbed_counts",
    "points_known",
    "protect",
    "public_total",
    "record_keys",
    "revealed_groups",
    "stratum_flags",
    "unanimous_items",
]
