"""The two evaluators side by side: the browser's in V8, random well-typed trees, random answers."""

import json
import random
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Self

from py_mini_racer import MiniRacer

from questionnaires.expressions import Expression, Kind, compute, evaluate

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "webforms" / "static" / "skip.js"
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(["A1", "A2", "unit.kind"], Kind.CODE),
    **dict.fromkeys(["C1", "C2"], Kind.CODES),
    **dict.fromkeys(["n1", "n2", "n3"], Kind.NUMBER),
    **dict.fromkeys(["d1", "d2"], Kind.DECIMAL),
    **dict.fromkeys(["t1", "t2"], Kind.DATE),
    "x1": Kind.TEXT,
}
_RUN = """
JSON.parse(cases).map(([tree, answers]) => {
  const values = new Map(Object.entries(answers));
  const decided = ["=", "!=", "<", "<=", ">", ">=", "and", "or", "not", "selected", "answered"];
  return decided.includes(tree[0])
    ? skipLogic.evaluate(tree, values)
    : skipLogic.compute(tree, values);
})
"""
_CODES = ("1", "2", "3", "99")
_TEXTS = ("", "có", "không", "#98")
_DAYS = ("2022-10-31", "2024-02-29", "2023-03-01", "2022-11-01", "0001-01-01", "9999-12-31")
_BAD_DAYS = ("2023-02-30", "0000-00-00", "2023-02-29", "31/10/2022", "", "#95")
_DECIMALS = ("0.50", "2.50", "-2.50", "1.005", "3.00", "84.995", "999999999999999.999999")
_BAD_DECIMALS = ("2,5", "", "1e3", "#94", "#98")
_NUMBERS = (0, 1, 2, 3, -1, -3, 5, 7, 999_999_999_999_999)

Case = tuple[Any, dict[str, Any]]


class Browser:
    """V8 with the page's script in it; close it, or Python waits for its thread at the end."""

    def __init__(self) -> None:
        self._racer = MiniRacer()
        self._racer.eval(SCRIPT.read_text(encoding="utf-8"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._racer.close()

    def results(self, cases: Sequence[Case]) -> list[Any]:
        """Evaluate conditions and compute values; numbers come as fractions such as "7/2"."""
        written = json.dumps(json.dumps(cases))
        answer = self._racer.eval(f"{{ const cases = {written}; JSON.stringify({_RUN}) }}")
        return list(json.loads(str(answer)))

    def decimal_text(self, tree: Any, places: int, values: Mapping[str, Any]) -> str | None:
        """Write a calculation as it is stored."""
        arguments = f"{json.dumps(tree)}, {places}, new Map(Object.entries({json.dumps(values)}))"
        written = self._racer.eval(f"JSON.stringify(skipLogic.decimalText({arguments}))")
        return None if written == "null" else str(json.loads(str(written)))


def in_python(case: Case) -> Any:
    """Evaluate one case here, written as the browser writes it."""
    tree = tupled(case[0])
    values = {name: tupled(answer) for name, answer in case[1].items()}
    if isinstance(tree, tuple) and tree[0] in _CONDITIONS:
        return evaluate(tree, values)
    result = compute(tree, values)
    if isinstance(result, Fraction):
        return f"{result.numerator}/{result.denominator}"
    return result


_CONDITIONS = {"=", "!=", "<", "<=", ">", ">=", "and", "or", "not", "selected", "answered"}


def tupled(value: Any) -> Any:
    """Turn JSON's lists into tuples."""
    return tuple(map(tupled, value)) if isinstance(value, list) else value


def random_cases(seed: int, count: int) -> Iterator[Case]:
    """Make well-typed trees with answers, most of them given, so that most results are known."""
    chance = random.Random(seed)  # noqa: S311 (test cases, no secrets)
    for _ in range(count):
        maker = _Maker(chance)
        kind = chance.choice((None, None, None, Kind.DECIMAL, Kind.DATE, Kind.CODE))
        tree = maker.condition(3) if kind is None else maker.of_kind(kind, 3)
        yield tree, maker.answers()


class _Maker:
    """One random tree; answers are made for the names that it came to use."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._used: dict[str, Kind] = {}

    def condition(self, depth: int) -> Expression:
        pick = self._chance.random()
        if depth > 0 and pick < 0.35:
            count = self._chance.choice((2, 2, 3))
            joint = self._chance.choice(("and", "or"))
            return (joint, *(self.condition(depth - 1) for _ in range(count)))
        if depth > 0 and pick < 0.45:
            return ("not", self.condition(depth - 1))
        if pick < 0.55:
            return ("selected", self._name(Kind.CODES), self._chance.choice(_CODES))
        if pick < 0.6:
            return ("answered", self._name(self._chance.choice(list(KINDS.values()))))
        return self._comparison(depth)

    def _comparison(self, depth: int) -> Expression:
        kinds = (Kind.CODE, Kind.TEXT, Kind.DECIMAL, Kind.DECIMAL, Kind.DATE)
        kind = self._chance.choice(kinds)
        ordered = kind in {Kind.DECIMAL, Kind.DATE} and self._chance.random() < 0.6
        sign = self._chance.choice(("<", "<=", ">", ">=") if ordered else ("=", "!="))
        return (sign, self.of_kind(kind, depth), self.of_kind(kind, depth))

    def of_kind(self, kind: Kind, depth: int) -> Any:
        """Make a value: a name, a literal or something computed."""
        if depth <= 0 or self._chance.random() < 0.4:
            return self._leaf(kind)
        if self._chance.random() < 0.2:
            return self._chosen(kind, depth - 1)
        if kind is Kind.DECIMAL:
            return self._number(depth - 1)
        return self._day(depth - 1) if kind is Kind.DATE else self._leaf(kind)

    def _chosen(self, kind: Kind, depth: int) -> Expression:
        parts = (self.of_kind(kind, depth), self.of_kind(kind, depth))
        if self._chance.random() < 0.5:
            return ("coalesce", *parts)
        return ("if", self.condition(depth), *parts)

    def _number(self, depth: int) -> Expression:
        sign = self._chance.choice(
            ("+", "+", "-", "*", "div", "neg", "round", "min", "max", "days", "count-selected")
        )
        if sign == "count-selected":
            return (sign, self._name(Kind.CODES))
        if sign == "days":
            return ("-", self.of_kind(Kind.DATE, depth), self.of_kind(Kind.DATE, depth))
        first = self.of_kind(Kind.DECIMAL, depth)
        if sign == "neg":
            return ("neg", first)
        if sign == "round":
            return ("round", first, self._chance.randrange(4))
        count = self._chance.choice((2, 3)) if sign in {"+", "*", "min", "max"} else 2
        return (sign, first, *(self.of_kind(Kind.DECIMAL, depth) for _ in range(count - 1)))

    def _day(self, depth: int) -> Expression:
        sign = self._chance.choice(("+", "-", "min", "max"))
        day = self.of_kind(Kind.DATE, depth)
        if sign in {"min", "max"}:
            return (sign, day, self.of_kind(Kind.DATE, depth))
        return (sign, day, self._chance.choice((self._name(Kind.NUMBER), 1, 30, 365, -1)))

    def _leaf(self, kind: Kind) -> Any:
        if self._chance.random() < 0.6:
            wider = kind is Kind.DECIMAL and self._chance.random() < 0.5
            return self._name(Kind.NUMBER if wider else kind)
        if kind is Kind.DECIMAL:
            text = self._chance.choice(("2.5", "-0.5", "1.005", "0.1"))
            return self._chance.choice((0, 1, 2, 3, -4, ("n", text)))
        if kind is Kind.DATE:
            return ("date", self._chance.choice(_DAYS))
        return self._chance.choice(_CODES if kind is Kind.CODE else _TEXTS)

    def _name(self, kind: Kind) -> Expression:
        name = self._chance.choice([name for name in KINDS if KINDS[name] is kind])
        self._used[name] = kind
        reading = {Kind.DECIMAL: ("decimal",), Kind.DATE: ("date",)}.get(kind, ())
        return ("v", name, *reading)

    def answers(self) -> dict[str, Any]:
        return {
            name: self._answer(kind)
            for name, kind in self._used.items()
            if self._chance.random() < 0.95
        }

    def _answer(self, kind: Kind) -> Any:
        odd = self._chance.random() < 0.04
        if kind is Kind.NUMBER:
            return "#95" if odd else self._chance.choice(_NUMBERS)
        if kind is Kind.CODES:
            return [code for code in _CODES if self._chance.random() < 0.4]
        usual, rare = {
            Kind.CODE: (_CODES, ("95",)),
            Kind.TEXT: (_TEXTS, ("#95",)),
            Kind.DECIMAL: (_DECIMALS, _BAD_DECIMALS),
            Kind.DATE: (_DAYS, _BAD_DAYS),
        }[kind]
        return self._chance.choice(rare if odd else usual)


def compare(seed: int, count: int, batch: int = 5000) -> Counter[str]:
    """Run random cases in both; count results, and raise at the first disagreement."""
    seen: Counter[str] = Counter()
    cases = random_cases(seed, count)
    with Browser() as browser:
        for _ in range(0, count, batch):
            part = list(islice(cases, batch))
            for case, theirs in zip(part, browser.results(part), strict=True):
                ours = in_python(case)
                if ours != theirs or type(ours) is not type(theirs):
                    raise AssertionError(f"Python {ours!r}, browser {theirs!r}: {json.dumps(case)}")
                seen[_NAMES.get(ours, "value")] += 1
    return seen


_NAMES = {None: "unknown", True: "true", False: "false"}


def main() -> None:
    """Compare as many cases as the command line asks for."""
    parser = ArgumentParser(description=main.__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=2022)
    options = parser.parse_args()
    seen = compare(options.seed, options.cases)
    shares = ", ".join(
        f"{name} {count / options.cases:.1%}" for name, count in sorted(seen.items())
    )
    print(f"{options.cases:,} random cases, seed {options.seed}, no disagreement: {shares}")


if __name__ == "__main__":
    main()
