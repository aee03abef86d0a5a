"""Draw the golden case a second way: the published algorithms in plain integers, without NumPy.

SeedSequence and PCG64 (XSL-RR 128/64) are written out here from their descriptions, so that
agreement with the program shows both that the draw is what its docstring says and that NumPy
still gives the same words.
"""

import hashlib
import json
import unicodedata
from pathlib import Path

M32, M64, M128 = 2**32 - 1, 2**64 - 1, 2**128 - 1
PCG_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645


class SeedHash:
    """O'Neill's seed_seq replacement, as SeedSequence uses it."""

    def __init__(self, constant: int, multiplier: int) -> None:
        self.constant, self.multiplier = constant, multiplier

    def __call__(self, value: int) -> int:
        value ^= self.constant
        self.constant = self.constant * self.multiplier & M32
        value = value * self.constant & M32
        return value ^ value >> 16


def mix(x: int, y: int) -> int:
    value = (0xCA01F9DD * x - 0x4973F715 * y) & M32
    return value ^ value >> 16


def seed_words(entropy: list[int]) -> list[int]:
    """Give the four 64-bit words that SeedSequence(entropy) hands to PCG64."""
    words: list[int] = []
    for number in entropy:
        words.append(number & M32)
        rest = number >> 32
        while rest:
            words.append(rest & M32)
            rest >>= 32
    hashed = SeedHash(0x43B0D7E5, 0x931E8875)
    pool = [hashed(words[i] if i < len(words) else 0) for i in range(4)]
    for source in range(4):
        for target in range(4):
            if source != target:
                pool[target] = mix(pool[target], hashed(pool[source]))
    for word in words[4:]:
        for target in range(4):
            pool[target] = mix(pool[target], hashed(word))
    output = SeedHash(0x8B51F9DD, 0x58F38DED)
    state = [output(pool[i % 4]) for i in range(8)]
    return [state[2 * i] | state[2 * i + 1] << 32 for i in range(4)]


class Pcg64:
    """PCG XSL-RR 128/64."""

    def __init__(self, words: list[int]) -> None:
        initial, stream = words[0] << 64 | words[1], words[2] << 64 | words[3]
        self.increment = (stream << 1 | 1) & M128
        self.state = 0
        self.step()
        self.state = (self.state + initial) & M128
        self.step()

    def step(self) -> None:
        self.state = (self.state * PCG_MULTIPLIER + self.increment) & M128

    def next(self) -> int:
        self.step()
        folded, turn = (self.state >> 64 ^ self.state) & M64, self.state >> 122
        return (folded >> turn | folded << (64 - turn)) & M64


def draw(
    seed: int, unit: str, group: str, *, population: int, size: int, reserves: int
) -> dict[str, object]:
    """Draw one stratum by a plain Fisher–Yates shuffle of the whole list."""
    name = unicodedata.normalize("NFC", f"{unit}\x1f{group}").encode()
    digest = hashlib.sha256(name).hexdigest()
    stratum_words = [int(digest[i : i + 8], 16) for i in range(0, 64, 8)]
    generator = Pcg64(seed_words([seed, *stratum_words]))
    people = list(range(1, population + 1))
    for i in range(min(size + reserves, population)):
        bound = population - i
        word = generator.next()
        while word >= 2**64 - 2**64 % bound:
            word = generator.next()
        j = i + word % bound
        people[i], people[j] = people[j], people[i]
    return {
        "unit": unit,
        "group": group,
        "population": population,
        "size": size,
        "selected": sorted(people[:size]),
        "reserve": people[size : size + reserves],
    }


def main() -> None:
    strata = [
        ("SO01", "LD", 8, 5),
        ("SO01", "CC", 40, 4),
        ("SO02", "LD", 5, 5),
        ("SO02", "CC", 3, 3),
        ("HU01", "LD", 31, 12),
        ("HU01", "CC", 88, 5),
        ("Đơn vị ế", "LD", 1000, 5),
    ]
    cases = [
        {
            "seed": seed,
            "reserves": 2,
            "strata": [
                draw(seed, unit, group, population=population, size=size, reserves=2)
                for unit, group, population, size in strata
            ],
        }
        for seed in (0, 2022, 2**40 + 7)
    ]
    path = Path(__file__).with_name("expected.json")
    path.write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
