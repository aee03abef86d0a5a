"""Whom we ask: the frame, the sizes, the draw and the base weights, all before the first answer.

Pure and deterministic: the seed is an argument, and a frame with one seed gives the same plan on
every computer and in every year, so a council can have the draw repeated in its presence.
"""

from sampling.allocation import (
    AllocatedStratum,
    Allocation,
    NoQuota,
    Quota,
    Total,
    allocate,
)
from sampling.errors import (
    AllocationError,
    AssignmentError,
    CrosswalkError,
    DrawError,
    FrameError,
    InfeasibleError,
    PlanError,
    QuotaError,
    SampleSizeError,
    SamplingError,
)
from sampling.frame import (
    Frame,
    FrameFault,
    FrameProblem,
    FrameStratum,
    Person,
    Selection,
    UncountedUnit,
    check_frame,
)
from sampling.plan import Difference, Plan, PlannedStratum, draw, verify
from sampling.probabilities import base_weights
from sampling.selection import draw_positions
from sampling.sizes import FiniteCorrection, cochran, implied_error, slovin

__all__ = [
    "AllocatedStratum",
    "Allocation",
    "AllocationError",
    "AssignmentError",
    "CrosswalkError",
    "Difference",
    "DrawError",
    "FiniteCorrection",
    "Frame",
    "FrameError",
    "FrameFault",
    "FrameProblem",
    "FrameStratum",
    "InfeasibleError",
    "NoQuota",
    "Person",
    "Plan",
    "PlanError",
    "PlannedStratum",
    "Quota",
    "QuotaError",
    "SampleSizeError",
    "SamplingError",
    "Selection",
    "Total",
    "UncountedUnit",
    "allocate",
    "base_weights",
    "check_frame",
    "cochran",
    "draw",
    "draw_positions",
    "implied_error",
    "slovin",
    "verify",
]
