"""The exact side of an index: points, rounding, bands and ranks.

A door only, so that callers need one import; scoring lives in ``scores``, the rest in ``bands``.
"""

from stats.bands import (
    Band,
    BandFault,
    BandProblem,
    TieRule,
    band_of,
    check_bands,
    rank,
    rescale_without_survey,
    round_half_up,
)
from stats.errors import ScoreError
from stats.scores import (
    CriterionPoints,
    GroupWeighting,
    HiddenRule,
    ItemPoints,
    StratumAnswers,
    UnitAnswers,
    UnitScore,
    score_unit,
)

__all__ = [
    "Band",
    "BandFault",
    "BandProblem",
    "CriterionPoints",
    "GroupWeighting",
    "HiddenRule",
    "ItemPoints",
    "ScoreError",
    "StratumAnswers",
    "TieRule",
    "UnitAnswers",
    "UnitScore",
    "band_of",
    "check_bands",
    "rank",
    "rescale_without_survey",
    "round_half_up",
    "score_unit",
]
