"""Run every benchmark of this folder and print a Markdown table for each: `make bench`.

A benchmark is a file here with a function ``rows() -> list[tuple[str, float, float, str]]``: what
was measured, seconds, seconds of its floor or peer, and the name of that. Ratios are what counts;
seconds depend on the machine.
"""

import runpy
import sys
from pathlib import Path

HEAD = "| work | seconds | beside | its seconds | ratio |\n|---|---|---|---|---|"


def main(wanted: set[str]) -> None:
    """Print the tables of the ``wanted`` files, or of all."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path == Path(__file__) or (wanted and path.stem not in wanted):
            continue
        print(f"\n## {path.stem}\n\n{HEAD}")
        for work, seconds, floor, peer in runpy.run_path(str(path))["rows"]():
            print(f"| {work} | {seconds:.4g} | {peer} | {floor:.4g} | {seconds / floor:.2f} |")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
