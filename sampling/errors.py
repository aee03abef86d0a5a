"""Everything that sampling refuses, as one tree.

    SamplingError
    ├── FrameError         (ValueError)  the frame has problems; ``.problems`` lists them all
    ├── QuotaError         (ValueError)  quotas contradict themselves or the frame
    ├── SampleSizeError    (ValueError)  a size formula was asked something meaningless
    ├── AllocationError    (ValueError)  strata, bounds or sizes that no allocation can use
    │   └── InfeasibleError              out of reach; see ``.binding`` and ``.nearest``
    ├── AssignmentError    (ValueError)  raters and units that no assignment can serve
    ├── CrosswalkError     (ValueError)  a crosswalk has problems; ``.problems`` lists them all
    ├── DrawError          (ValueError)  a seed, a reserve count or a generator that cannot draw
    │   └── SizeError                    size measures that carry no draw; ``.problems`` lists them
    └── PlanError          (ValueError)  a stored plan cannot be read

One base class, so that a caller may catch the room; ``ValueError`` is mixed in, so that a notebook
need not know the room at all.
"""

from collections.abc import Mapping, Sequence

from sampling.frame import FrameProblem
from sampling.measures import SizeProblem

__all__ = [
    "AllocationError",
    "AssignmentError",
    "CrosswalkError",
    "DrawError",
    "FrameError",
    "InfeasibleError",
    "PlanError",
    "QuotaError",
    "SampleSizeError",
    "SamplingError",
    "SizeError",
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


class AllocationError(SamplingError, ValueError):
    """Strata, bounds or a total that no allocation can use."""


class InfeasibleError(AllocationError):
    """A target that the bounds or the budget do not let anybody reach.

    ``binding`` names the constraints that stand in the way; ``nearest`` gives, by name of target,
    the nearest value that can be reached.
    """

    def __init__(
        self, message: str, *, binding: Sequence[str], nearest: Mapping[str, float]
    ) -> None:
        self.binding = tuple(binding)
        self.nearest = dict(nearest)
        super().__init__(message)


class AssignmentError(SamplingError, ValueError):
    """Raters and units that no assignment can serve."""


class CrosswalkError(SamplingError, ValueError):
    """A crosswalk with problems was asked to carry a frame over."""

    def __init__(self, problems: Sequence[object]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            f"the crosswalk has {len(self.problems)} problem(s), nothing was carried over; "
            f"correct them in the list of successors:\n{lines}"
        )


class DrawError(SamplingError, ValueError):
    """A draw cannot be made with this seed, size, reserve count or generator."""


class SizeError(DrawError):
    """Size measures with problems were asked to carry a sample."""

    def __init__(self, problems: Sequence[SizeProblem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            f"the size measures have {len(self.problems)} problem(s), nothing was drawn:\n{lines}"
        )


class PlanError(SamplingError, ValueError):
    """A stored plan cannot be read."""
