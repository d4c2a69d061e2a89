"""Soak: everything at once on one server for long, and whether its memory grows."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, cycle, islice, repeat
from random import Random
from statistics import fmean
from typing import Any

import typer

from benchmarks import dataset, load
from benchmarks.load import Exchange
from benchmarks.postgres import Postgres
from benchmarks.processes import memory_megabytes
from benchmarks.systems import System
from benchmarks.workloads import READING
from benchmarks.writing import POSTING

CONNECTIONS = 16
INTERVAL = 5.0
MOST_GROWTH = 0.03
FILLING, PATIENCE = 2_500, 300.0
"""So many other operations and filters fill every cache before it is about memory."""
WEIGHTS = {"point": 30, "feed": 6, "wide": 1, "nested": 2, "filter": 4}
WEIGHTS |= {"introspection": 2, "mutation": 15, "texts": 15, "filters": 5}
WEIGHTS |= {"refused": 20}
"""How often each kind of request comes: what is cheap comes more often."""

TEXT = """
    query Text#($first: Int!) {
      posts#: posts(first: $first, where: {viewCount: {ne: #}}) {
        nodes { title author { username } tags { nodes { name } } }
      }
    }
"""
FILTER = """
    query Filters($where: PostWhere!) {
      posts(first: 3, where: $where) { nodes { title author { username } } }
    }
"""
CONDITIONS = (
    {"title": {"startsWith": "Post"}},
    {"viewCount": {"gte": 0}},
    {"not": {"slug": {"eq": "none"}}},
    {"or": [{"score": {"gt": -9}}, {"author": {"username": {"eq": "u1"}}}]},
)
REFUSED = (
    ("{ posts(first: #", 400, b"GRAPHQL_PARSE_FAILED"),
    ("{ field# }", 400, b"GRAPHQL_VALIDATION_FAILED"),
    ("query ($n#: Int!) { posts(first: $n#) { totalCount } }", 400, b"BAD_USER_INPUT"),
    ('{ posts(after: "#") { totalCount } }', 200, b"INVALID_CURSOR"),
    ("{ posts(first: 9000#) { totalCount } }", 200, b"LIMIT_EXCEEDED"),
    ('mutation { createTag(input: {name: " #"}) { errors { code } } }', 200, b"code"),
)
"""What a client got wrong, the status, and a part of the body."""


@dataclass(frozen=True)
class Sample:
    """An interval: when it ended, in seconds, the memory then, in MB, and how many
    answers came in it."""

    seconds: float
    memory: float
    answers: int


def soak(system: System, postgres: Postgres, seconds: float) -> bool:
    """Print what the server's memory does meanwhile; whether it stays as it is.

    Raises BenchmarkError for a wrong answer.
    """
    kinds = _kinds(system, postgres)
    start = memory_megabytes(system.pid)
    _fill(system, islice(kinds["texts"], FILLING))
    _fill(system, islice(kinds["filters"], FILLING))
    exchanges, started = _mixed(kinds), time.monotonic()
    samples: list[Sample] = []
    while not samples or samples[-1].seconds < seconds:
        seen = load.measure(system.url, exchanges, CONNECTIONS, INTERVAL)
        dataset.remove_new_posts(postgres.connection)
        now, memory = time.monotonic() - started, memory_megabytes(system.pid)
        samples.append(Sample(now, memory, seen.count))
        typer.echo(f"{now:6.0f} s {memory:8.1f} MB {seen.rate:8.0f} requests/s")
    return judged(start, samples)


def _fill(system: System, exchanges: Iterator[Exchange]) -> None:
    seen = load.measure(system.url, exchanges, CONNECTIONS, PATIENCE)
    typer.echo(
        f"caches   {memory_megabytes(system.pid):8.1f} MB {seen.rate:8.0f} requests/s"
    )


def judged(start: float, samples: Sequence[Sample]) -> bool:
    """Print what the samples say; whether memory stays as it is. The first tenth is for
    what is got once: connections, the allocator's store."""
    tenth = max(len(samples) // 10, 1)
    memory = [one.memory for one in samples]
    warm, end = fmean(memory[tenth : 2 * tenth] or memory), fmean(memory[-tenth:])
    answers, seconds = sum(one.answers for one in samples), samples[-1].seconds
    growth = end / warm - 1
    verdict = "Memory is flat" if growth <= MOST_GROWTH else "MEMORY GROWS"
    typer.echo(
        f"\n{answers} requests in {seconds:.0f} s, {answers / seconds:.0f}/s\n"
        f"Memory: {start:.1f} MB at the start, {warm:.1f} MB in the second tenth, "
        f"{end:.1f} MB in the last, {max(memory):.1f} MB at most\n"
        f"{verdict}: {growth:+.1%} from the second tenth to the last."
    )
    return growth <= MOST_GROWTH


def _kinds(system: System, postgres: Postgres) -> Mapping[str, Iterator[Exchange]]:
    """Requests of each kind without end."""
    kinds = {one.name: one.exchanges(system, postgres) for one in (*READING, POSTING)}
    kinds["texts"] = _texts(system)
    kinds["filters"] = _filters(system)
    kinds["refused"] = _refused(system)
    return kinds


def _mixed(kinds: Mapping[str, Iterator[Exchange]]) -> Iterator[Exchange]:
    draw = partial(Random(2026).choices, list(WEIGHTS), list(WEIGHTS.values()))
    return (next(kinds[draw()[0]]) for _ in repeat(None))


def _texts(system: System) -> Iterator[Exchange]:
    """Operations of which no two are equal."""
    for number in count(1):
        text = TEXT.replace("#", str(number))
        yield _exchange(system, text, {"first": 3}, 200, b'{"data":')


def _filters(system: System) -> Iterator[Exchange]:
    """One operation, with filters of so many shapes that few come twice."""
    random = Random(2026)
    while True:
        chosen = random.choices(CONDITIONS, k=random.randint(5, 9))
        where = {"where": {"and": chosen}}
        yield _exchange(system, FILTER, where, 200, b'{"data":')


def _refused(system: System) -> Iterator[Exchange]:
    """What clients get wrong, each time in other words."""
    for number, (text, status, part) in zip(count(1), cycle(REFUSED), strict=False):
        asked = text.replace("#", str(number))
        yield _exchange(system, asked, {f"n{number}": "none"}, status, part)


def _exchange(
    system: System, text: str, variables: Mapping[str, Any], status: int, part: bytes
) -> Exchange:
    request = system.request({"query": text, "variables": variables})
    return Exchange(request, partial(_has, part), status)


def _has(part: bytes, body: bytes) -> bool:
    return part in body
