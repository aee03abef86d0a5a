"""What the answers say: estimates with their uncertainty, and the exact index.

Pure: no web, no database, no clock. The root holds the estimation of a sample; the index has its
own doors ``stats.index``, ``stats.intervals``, ``stats.quality`` and ``stats.disclosure``, the
satisfaction survey ``stats.satisfaction``, ``stats.trend`` and ``stats.goals``.
"""

from stats.design import Design
from stats.estimate import Estimate
from stats.totals import mean, proportion, ratio, total

__all__ = ["Design", "Estimate", "mean", "proportion", "ratio", "total"]
