"""The re-linking attack: somebody who has everything stored tries to join people to answers.

The attacker knows the true order in which people sent their answers, and everybody's stratum. A
route is any order in which responses can be laid out; the guess is that the first person of a
stratum is its first response in that order, and so on. The same functions run on any layout: a
response is recognised by a marker inside its answers, which only the test can turn into a person.
"""

import itertools
import math
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from survey.records.store import Store

MARKER = re.compile(rb"mk[0-9a-f]{20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the attacker knows beforehand: who sent when, of which stratum; and, to score, what."""

    order: Sequence[str]
    """People in the order of sending."""

    stratum: Mapping[str, str]
    truth: Mapping[str, str]
    """Person by marker: never used to guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where a layout keeps its responses, and its people if it keeps them."""

    responses: str
    answers: str
    columns: Sequence[str]
    people: str
    person: str


def score(order: Sequence[str], known: Known) -> int:
    """Count the people whom an order of markers joins to their own response, by rank."""
    queues: dict[str, list[str]] = defaultdict(list)
    for marker in dict.fromkeys(order):
        if marker in known.truth:
            queues[known.stratum[known.truth[marker]]].append(marker)
    ranks: Counter[str] = Counter()
    right = 0
    for person in known.order:
        stratum = known.stratum[person]
        queue, rank = queues[stratum], ranks[stratum]
        ranks[stratum] += 1
        right += rank < len(queue) and known.truth[queue[rank]] == person
    return right


def score_pairs(pairs: Iterable[tuple[str, str]], known: Known) -> int:
    """Count the pairs of person and marker that are true."""
    return sum(known.truth.get(marker) == person for person, marker in pairs)


def attack(
    store: Store, layout: Layout, files: Iterable[Path], archive: Path | None, known: Known
) -> dict[str, int]:
    """Try every route and count how many people each one gives away."""
    orders = dict(_orders_in_tables(store, layout))
    orders |= dict(_orders_in_files(files))
    if archive is not None:
        orders |= dict(_orders_in_archive(archive))
    found = {}
    for route, order in orders.items():
        found[route] = score(order, known)
        found[f"{route}, backwards"] = score(order[::-1], known)
    for route, pairs in _joins(store, layout):
        found[route] = score_pairs(pairs, known)
    return found


def _orders_in_tables(store: Store, layout: Layout) -> Iterator[tuple[str, list[str]]]:
    """Lay the responses out by every column and every system column there is."""
    system = ["rowid"] if store.is_sqlite else ["ctid", "xmin::text::bigint, ctid"]
    system += [] if store.is_sqlite else ["xmin::text::bigint, cmin::text::bigint, ctid"]
    for key in ["", *layout.columns, *system]:
        ordering = f" ORDER BY {key}" if key else ""
        rows = _rows(store, f"SELECT {layout.answers} FROM {layout.responses}{ordering}")
        if rows is not None:
            yield f"table{ordering.lower()}", [_marker(row[0]) for row in rows]


def _joins(store: Store, layout: Layout) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Join people and responses by transaction, in one or by rank."""
    if store.is_sqlite:
        return
    people = f"SELECT {layout.person} AS who, xmin::text::bigint AS x FROM {layout.people}"
    answers = f"SELECT {layout.answers} AS what, xmin::text::bigint AS x FROM {layout.responses}"
    ranked = (
        "SELECT p.who, r.what FROM (SELECT who, row_number() OVER (ORDER BY x) AS n FROM p) p "
        "JOIN (SELECT what, row_number() OVER (ORDER BY x) AS n FROM r) r USING (n)"
    )
    same = "SELECT p.who, r.what FROM p JOIN r USING (x)"
    for route, join in (("same transaction", same), ("rank of transactions", ranked)):
        rows = _rows(store, f"WITH p AS ({people}), r AS ({answers}) {join}")
        yield route, [(str(who), _marker(what)) for who, what in rows or []]


def _orders_in_files(files: Iterable[Path]) -> Iterator[tuple[str, list[str]]]:
    """Lay the responses out as they lie in each file: forwards, and as pages fill up from behind.

    Segments of a log are one file.
    """
    places: dict[str, list[tuple[str, int, bytes]]] = defaultdict(list)
    for file in sorted(files):
        name = "the log" if file.parent.name == "pg_wal" else f"{file.parent.name}/{file.name}"
        for match in MARKER.finditer(read(file)):
            places[name].append((file.name, match.start(), match.group()))
    for name, found in places.items():
        yield f"bytes of {name}", [marker.decode() for _, _, marker in found]
        for size in (4096, 8192):
            by_page = sorted(found, key=lambda place: (place[0], place[1] // size, -place[1]))
            yield f"{size}-byte pages of {name}", [marker.decode() for _, _, marker in by_page]


def _orders_in_archive(archive: Path) -> Iterator[tuple[str, list[str]]]:
    """Lay the responses out as a backup holds them."""
    with zipfile.ZipFile(archive) as members:
        for name in members.namelist():
            found = [match.group().decode() for match in MARKER.finditer(members.read(name))]
            if found:
                yield f"backup {name}", found


def _rows(store: Store, statement: str) -> list[Sequence[object]] | None:
    """Run a statement; None where there is no such column."""
    try:
        with store.engine.connect() as connection:
            return [
                tuple(row) for row in connection.execute(text(statement.replace("::", r"\:\:")))
            ]
    except DatabaseError:
        return None


def _marker(answers: object) -> str:
    found = MARKER.search(str(answers).encode())
    return found.group().decode() if found else ""


def read(file: Path) -> bytes:
    """Read a file of a running database; one that has just gone is empty."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, PermissionError):
        return b""


def database_files(store: Store) -> list[Path]:
    """List every file of the database: pages, logs, statistics, the server's own log."""
    if store.is_sqlite:
        file = Path(str(store.engine.url.database))
        return [each for each in file.parent.glob(f"{file.name}*") if each.is_file()]
    rows = _rows(store, "SELECT current_setting('data_directory')") or []
    return [each for each in Path(str(rows[0][0])).rglob("*") if each.is_file()]


def traces(
    files: Iterable[Path], needles: Mapping[str, Sequence[bytes]], *more: bytes
) -> Counter[str]:
    """Count, by kind, the needles whose bytes stand in any file or in ``more``.

    The last eight bytes of each needle are looked up at every offset at once; the rest is compared
    only there.
    """
    wanted = [(kind, needle) for kind, each in needles.items() for needle in each]
    by_end = defaultdict(list)
    for kind, needle in wanted:
        by_end[int.from_bytes(needle[-8:], "little")].append((kind, needle))
    ends = np.array(sorted(by_end), dtype=np.uint64)
    sieve = np.zeros(1 << 16, dtype=bool)
    sieve[ends & np.uint64(0xFFFF)] = True
    seen: set[tuple[str, bytes]] = set()
    for content in itertools.chain(map(read, files), more):
        for place in _candidates(content, ends, sieve):
            for kind, needle in by_end[int.from_bytes(content[place : place + 8], "little")]:
                start = place + 8 - len(needle)
                if start >= 0 and content.startswith(needle, start):
                    seen.add((kind, needle))
    return Counter(kind for kind, _ in seen)


def _candidates(content: bytes, ends: np.ndarray, sieve: np.ndarray) -> Iterator[int]:
    """Find the offsets at which one of the eight-byte ends stands."""
    for shift in range(min(8, max(0, len(content) - 7))):
        count = (len(content) - shift) // 8
        words = np.frombuffer(content, dtype="<u8", count=count, offset=shift)
        likely = np.flatnonzero(sieve[words & np.uint64(0xFFFF)])
        at = np.searchsorted(ends, words[likely])
        hits = likely[ends[np.minimum(at, len(ends) - 1)] == words[likely]]
        yield from (int(hit) * 8 + shift for hit in hits)


def chance_limit(sizes: Iterable[int], *, false_alarm: float) -> int:
    """Return how many matches random guessing reaches with less than ``false_alarm`` probability.

    A random matching of n people has k of them right with probability
    (1/k!) Σ_{j ≤ n−k} (−1)^j / j!; strata are independent, so their counts are convolved.
    """
    total = np.ones(1)
    for size in sizes:
        total = np.convolve(total, [_matches(size, k) for k in range(size + 1)])
    tails = total[::-1].cumsum()[::-1]
    below = np.flatnonzero(tails < false_alarm)
    return int(below[0]) if len(below) else len(total)


def _matches(size: int, right: int) -> float:
    """Give the probability of exactly ``right`` fixed points of a random permutation."""
    rest = sum((-1) ** j / math.factorial(j) for j in range(size - right + 1))
    return rest / math.factorial(right)
