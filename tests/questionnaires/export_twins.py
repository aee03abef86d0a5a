"""The cases of the suite as files, so that a mutation tool can run skip.js in Node."""

import json
import sys
from pathlib import Path

from questionnaires.expressions.trees import CONDITIONS
from tests.questionnaires.test_expressions_golden import MISTAKES, STORED, golden_cases
from tests.questionnaires.twins import in_python, random_cases


def _is_condition(tree: object) -> bool:
    return isinstance(tree, tuple | list) and tree[0] in CONDITIONS


def main() -> None:
    """Write golden, random, stored and mistakes.json into the folder that is named."""
    folder = Path(sys.argv[1])
    drawn = [(tree, values, in_python((tree, values))) for tree, values in random_cases(7, 20_000)]
    for name, cases in (("golden", golden_cases()), ("random", drawn)):
        written = [(*case, _is_condition(case[0])) for case in cases]
        (folder / f"{name}.json").write_text(json.dumps(written), encoding="utf-8")
    variable = ("v", "D", "decimal")
    stored: list[tuple[object, ...]] = [
        (variable, 2, {}, None),
        (("v", "A1"), 2, {"A1": "x"}, None),
    ]
    stored += [(variable, places, {"D": number}, text) for number, places, text in STORED]
    (folder / "stored.json").write_text(json.dumps(stored), encoding="utf-8")
    (folder / "mistakes.json").write_text(json.dumps(MISTAKES), encoding="utf-8")


if __name__ == "__main__":
    main()
