"""Drawing samples: by size from 10 million units, balanced, with joint probabilities.

Beside a floor that any program must pay, and, where an Rscript with the package `sampling` is
present, beside R on the same data.
"""

import shutil
import subprocess
import time
from collections.abc import Callable

import numpy as np

from sampling.balanced import BalancedFrame, draw_balanced
from sampling.coordination import Coordination, draw_coordinated
from sampling.pps import PpsMethod, SizedFrame, draw_pps, joint_probabilities, pps_inclusion

MILLIONS, DRAWN = 10_000_000, 100_000
CUBE, VARIABLES, CUBE_DRAWN = 10_000, 20, 500
SMALL, SMALL_DRAWN = 500, 60

R = f"""
if (!suppressMessages(require(sampling, quietly = TRUE))) quit(status = 1)
seconds <- function(code) cat(system.time(code)[["elapsed"]], "\\n")
set.seed(1)
x <- (1:{MILLIONS}) %% 997 + 1
seconds(UPsystematic(inclusionprobabilities(x, {DRAWN})))
k <- 1:{CUBE}
size <- k %% 97 + 50
pik <- inclusionprobabilities(size, {CUBE_DRAWN})
X <- cbind(pik, outer(k, 1:{VARIABLES - 1}, function(i, j) (i * (2 * j + 1)) %% 101 + 1))
seconds(samplecube(X, pik, order = 1, comment = FALSE, method = 2))
small <- inclusionprobabilities((1:{SMALL}) %% 97 + 50, {SMALL_DRAWN})
seconds(UPtille(small))
seconds(UPbrewer(small))
seconds(UPtillepi2(small))
"""


def seconds(work: Callable[[], object], repeat: int = 3) -> float:
    """Return the best of a few calls, in seconds."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def cube_frame() -> BalancedFrame:
    """Build the frame that R's script builds too; its first variable is the sample size."""
    k = np.arange(1, CUBE + 1)
    probabilities = pps_inclusion(SizedFrame(sizes=k % 97 + 50), CUBE_DRAWN).probabilities
    variables = k[:, None] * (2 * np.arange(1, VARIABLES) + 1) % 101 + 1
    names = [f"x{j}" for j in range(1, VARIABLES)]
    return BalancedFrame(probabilities=probabilities, variables=variables, names=names)


def ours() -> list[tuple[str, float, float, str]]:
    """Measure each draw beside its floor."""
    sizes = np.arange(1, MILLIONS + 1) % 997 + 1
    large = SizedFrame(sizes=sizes)
    fractions = SizedFrame(sizes=sizes * 1.1)
    added = seconds(lambda: np.cumsum(sizes))
    frame = cube_frame()
    row, matrix = np.ones(VARIABLES), np.ones((VARIABLES, VARIABLES))
    products = seconds(lambda: [matrix @ row for _ in range(CUBE)])
    small = SizedFrame(sizes=np.arange(1, SMALL + 1) % 97 + 50)
    named = SizedFrame(sizes=small.sizes, codes=[f"X{k}" for k in range(SMALL)])
    inclusion = pps_inclusion(small, SMALL_DRAWN)
    pairs = seconds(lambda: np.outer(inclusion.probabilities, inclusion.probabilities))

    def by(method: PpsMethod) -> float:
        return seconds(lambda: draw_pps(small, SMALL_DRAWN, method=method, seed=1))

    sums = f"cumulative sum of {MILLIONS:,}"
    return [
        (
            f"systematic by whole size, {DRAWN:,} of {MILLIONS:,}",
            seconds(lambda: draw_pps(large, DRAWN, method=PpsMethod.SYSTEMATIC, seed=1)),
            added,
            sums,
        ),
        (
            f"systematic by fractional size, {DRAWN:,} of {MILLIONS:,}",
            seconds(lambda: draw_pps(fractions, DRAWN, method=PpsMethod.SYSTEMATIC, seed=1)),
            added,
            sums,
        ),
        (
            f"cube, {CUBE:,} × {VARIABLES}",
            seconds(lambda: draw_balanced(frame, seed=1)),
            products,
            f"{CUBE:,} products of a {VARIABLES} × {VARIABLES} matrix",
        ),
        *(
            (f"{method.value}, {SMALL_DRAWN} of {SMALL}", by(method), pairs, "outer product")
            for method in (PpsMethod.TILLE, PpsMethod.BREWER, PpsMethod.SAMPFORD)
        ),
        *(
            (
                f"joint probabilities of {method.value}, {SMALL} units",
                seconds(lambda method=method: joint_probabilities(inclusion, method), 1),
                pairs,
                "outer product",
            )
            for method in (PpsMethod.TILLE, PpsMethod.SAMPFORD, PpsMethod.PARETO)
        ),
        (
            f"sequential Poisson with permanent numbers, {SMALL} units",
            seconds(
                lambda: draw_coordinated(
                    named, SMALL_DRAWN, method=Coordination.SEQUENTIAL_POISSON, seed=1
                )
            ),
            pairs,
            "outer product",
        ),
    ]


def in_r() -> list[float]:
    """Return R's seconds for the five draws of its script; empty without R or its package."""
    program = shutil.which("Rscript")
    if program is None:
        return []
    done = subprocess.run([program, "-e", R], capture_output=True, text=True, check=False)
    return [float(line) for line in done.stdout.split()] if done.returncode == 0 else []


def rows() -> list[tuple[str, float, float, str]]:
    """Measure beside the floors, and beside R where it is present."""
    measured = ours()
    beside_r = [measured[place] for place in (0, 2, 3, 4, 6)]
    peers = [
        (work, own, peer, "R sampling")
        for (work, own, _, _), peer in zip(beside_r, in_r(), strict=False)
    ]
    return [*measured, *peers]
