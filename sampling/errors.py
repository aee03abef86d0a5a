"""Everything that sampling refuses, as one tree.

    SamplingError
    ├── FrameError         (ValueError)  the frame has problems; ``.problems`` lists them all
    ├── QuotaError         (ValueError)  quotas contradict themselves or the frame
    ├── SampleSizeError    (ValueError)  a size formula was asked something meaningless
    ├── DrawError          (ValueError)  a seed, a reserve count or a generator that cannot draw
    └── PlanError          (ValueError)  a stored plan cannot be read

One base class, so that a caller may catch the room; ``ValueError`` is mixed in, so that a notebook
need not know the room at all.
"""

from collections.abc import Sequence

from sampling.frame import FrameProblem

__all__ = [
    "DrawError",
    "FrameError",
    "PlanError",
    "QuotaError",
    "SampleSizeError",
    "SamplingError",
]


class SamplingError(Exception):
    """Any refusal of this room."""


class FrameError(SamplingError, ValueError):
    """A frame with problems was asked to carry a sample."""

    def __init__(self, problems: Sequence[FrameProblem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            f"the frame has {len(self.problems)} problem(s), nothing was drawn; "
            f"correct them in the unit register or the staff lists:\n{lines}"
        )


class QuotaError(SamplingError, ValueError):
    """Quotas contradict themselves or the frame."""


class SampleSizeError(SamplingError, ValueError):
    """A sample-size formula was asked something meaningless."""


class DrawError(SamplingError, ValueError):
    """A draw cannot be made with this seed, size, reserve count or generator."""


class PlanError(SamplingError, ValueError):
    """A stored plan cannot be read."""
