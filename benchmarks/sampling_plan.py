"""Planning a province: frame checked, quotas allocated, every stratum drawn, and all of it redone.

From one province of 20 departments and 11 districts to all 34 with their communes, 3,000 strata.
The promise is 1 s for each. Beside the digest of the frame, which any plan must compute, and, where
an Rscript with the package `sampling` is present, beside R's stratified draw of the same sizes.
"""

import shutil
import subprocess
import time
from collections.abc import Callable

from sampling import Frame, FrameStratum, Person, Quota, Selection, draw, verify

PEOPLE = {"LD": 8, "CC": 40}
QUOTAS = [
    Quota(unit_group=unit_group, group=group, size=size)
    for unit_group, group, size in (
        ("cap_so", "LD", 5),
        ("cap_so", "CC", 4),
        ("cap_huyen", "LD", 12),
        ("cap_huyen", "CC", 5),
    )
]
UNITS = {
    "one province (20 + 11 units)": (20, 11),
    "34 provinces of 14 departments": (34 * 14, 34),
    "3,000 strata": (1_000, 500),
}

R = f"""
if (!suppressMessages(require(sampling, quietly = TRUE))) quit(status = 1)
set.seed(1)
for (units in c({", ".join(str(sum(units)) for units in UNITS.values())})) {{
  people <- data.frame(stratum = rep(seq_len(2 * units), rep(c(8, 40), units)))
  size <- rep(c(5, 4), units)
  draw <- function() strata(people, "stratum", size, method = "srswor")
  cat(system.time(draw())[["elapsed"]], "\\n")
}}
"""


def seconds(work: Callable[[], object], repeat: int = 3) -> float:
    """Return the best of a few calls, in seconds."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def frame_of(departments: int, districts: int, selection: Selection) -> Frame:
    """Build units of two groups each, with staff lists where people are drawn from them."""
    units = [(f"SO{row:04}", "cap_so") for row in range(departments)]
    units += [(f"HU{row:04}", "cap_huyen") for row in range(districts)]
    return Frame(
        strata=tuple(
            FrameStratum(
                unit=unit,
                unit_group=unit_group,
                group=group,
                population=count,
                selection=selection,
                people=tuple(
                    Person(position=place, name=f"Nguyễn Văn {group} {place}")
                    for place in range(1, count + 1)
                )
                if selection is Selection.LIST
                else (),
            )
            for unit, unit_group in units
            for group, count in PEOPLE.items()
        )
    )


def in_r() -> list[float]:
    """Return R's seconds for the stratified draws; empty without R or its package."""
    program = shutil.which("Rscript")
    if program is None:
        return []
    done = subprocess.run([program, "-e", R], capture_output=True, text=True, check=False)
    return [float(line) for line in done.stdout.split()] if done.returncode == 0 else []


def rows() -> list[tuple[str, float, float, str]]:
    """Measure the plan from positions, from lists, and its verification."""
    measured, drawn = [], []
    for name, units in UNITS.items():
        for what, selection in (("positions", Selection.POSITIONS), ("lists", Selection.LIST)):
            frame = frame_of(*units, selection)
            floor = seconds(lambda frame=frame: frame.digest)
            plan = draw(frame, QUOTAS, seed=2022, reserves=2)
            own = seconds(lambda frame=frame: draw(frame, QUOTAS, seed=2022, reserves=2))
            again = seconds(lambda frame=frame, plan=plan: verify(plan, frame, QUOTAS))
            measured.append((f"plan of {name}, {what}", own, floor, "digest of the frame"))
            measured.append((f"the same verified, {what}", again, floor, "digest of the frame"))
            if selection is Selection.LIST:
                drawn.append((f"plan of {name}, {what}", own))
    peers = [
        (work, own, peer, "R sampling, strata()")
        for (work, own), peer in zip(drawn, in_r(), strict=False)
        if peer > 0
    ]
    return [*measured, *peers]
