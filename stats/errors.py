"""Everything this room refuses, as exceptions; findings about the data are returned as values.

StatsError
├── ScoreError          index input that contradicts itself (also ValueError)
├── DesignError         a sampling design that cannot be (also ValueError)
│   └── LonelyPsuError  a stratum with one PSU under ``lonely="fail"``
├── VariableError       a column that is absent or of the wrong kind (also ValueError)
├── DisclosureError     a release that contradicts itself or must not go out (also ValueError)
├── SeriesBreakError    rounds that must not be compared (also ValueError)
└── MissingValuesError  missing values nobody said what to do with (also ValueError)
"""

__all__ = [
    "DesignError",
    "DisclosureError",
    "LonelyPsuError",
    "MissingValuesError",
    "ScoreError",
    "SeriesBreakError",
    "StatsError",
    "VariableError",
]


class StatsError(Exception):
    """Base of all errors of this room."""


class ScoreError(StatsError, ValueError):
    """Answers, criteria, bands or counts that contradict each other."""


class DesignError(StatsError, ValueError):
    """A sampling design that cannot have produced the table."""


class LonelyPsuError(DesignError):
    """A stratum with a single PSU, where the caller asked to be told."""


class VariableError(StatsError, ValueError):
    """A column that is not in the table, or not of the kind the estimator needs."""


class MissingValuesError(StatsError, ValueError):
    """Missing values while ``missing="refuse"``."""


class DisclosureError(StatsError, ValueError):
    """A release or a limit of disclosure control that contradicts itself, or is refused."""


class SeriesBreakError(StatsError, ValueError):
    """Two rounds on either side of a declared break of the series, or under other rules."""
