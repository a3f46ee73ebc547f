"""Searches of a million records: how they grow with the records, and what else they cost.

The floor of a search is the same one among 10,000 records, with as many hits, in turns with it; or
the same one by somebody else. An administrator made all records, so every one is granted to him.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import chain
from statistics import median, quantiles
from urllib.parse import urlencode

import orjson
from msgspec import Struct

from scripts.bench import corpus, processes, running
from scripts.bench.drafts import body, made
from scripts.bench.driver import timed
from scripts.bench.filled import Filled, filled, followed
from scripts.bench.report import Row, median_ratio
from scripts.bench.transfers import steady

RECORDS = 1_000_000
FEW = 10_000  # records of the floor
ROUNDS = 5
INDEXED = 600  # seconds that an index of the million may take
SLOW = 2.0  # seconds that a search with very many hits may take
WRITERS = 8
TURNS = 3  # of all of them
WRITTEN = 250  # requests of each in a turn
TAIL = 5  # times p50, at most, is p99 of writes
RATE = 5.0  # searches a second, beside a rebuild
SECONDS = 10.0  # of them at once
LANES = 4  # connections that search beside it


class Asker(Struct, frozen=True):
    """Somebody on a service with so many records."""

    ours: running.Service
    token: str

    def request(self, method: str, path: str, sent: bytes = b"") -> bytes:
        """Return a request."""
        shown = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.ours.port}\r\n{shown}"
            "Accept: application/json\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(sent)}\r\n\r\n"
        )
        return head.encode() + sent

    def total(self, path: str) -> int:
        """Return how many records a search finds."""
        connection = HTTPConnection("127.0.0.1", self.ours.port)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 200, said
        read = orjson.loads(said)
        assert read["aggregations"], "no facets"
        total: int = read["hits"]["total"]
        return total


class Load:
    """The same searches by an asker, and what rounds of them took."""

    def __init__(self, asker: Asker, paths: Sequence[str]) -> None:
        self.asker = asker
        self.requests = [asker.request("GET", path) for path in paths]
        self.took: list[float] = []  # ms, the median of each round
        self.costs: list[float] = []  # µs of CPU, the mean of each round

    def round(self) -> None:
        """Search once for each path and note it."""
        before = processes.cpu_below(self.asker.ours.pid)
        self.took.append(median(timed(self.asker.ours.port, [self.requests])) * 1000)
        cpu = processes.cpu_below(self.asker.ours.pid) - before
        self.costs.append(cpu / len(self.requests) * 1e6)


def run(records: int = RECORDS) -> Iterator[Row]:
    """Measure everything, among so many records: a multiple of 10,000."""
    with ExitStack() as stack:
        small, large = (stack.enter_context(filled(each)) for each in (FEW, records))
        yield from _made(large)
        few = stack.enter_context(running.service(small.data))
        many = stack.enter_context(running.service(large.data))
        followed(few)
        followed(many)
        bench = Bench(Asker(few, small.owner), Asker(many, large.owner), large)
        yield from bench.rows()


def _made(large: Filled) -> Iterator[Row]:
    name = f"{large.records:,} records"
    yield Row(name=f"log of {name}, written", unit="s", ours=large.written)
    yield Row(name=f"views of {name} but for search", unit="s", ours=large.folded)
    yield Row(name=f"index of {name}", unit="s", ours=large.indexed, most=INDEXED)


class Bench:
    """Two services, one with few records and one with many."""

    def __init__(self, few: Asker, many: Asker, large: Filled) -> None:
        self.few = few
        self.many = many
        self.reader = Asker(many.ours, large.reader)
        self.nobody = Asker(many.ours, "")
        self.records = large.records
        pairs = [corpus.pair(each) for each in range(corpus.PAIRS)]
        self.rare = [_search(f"+{first} +{second}") for first, second in pairs]
        self.mixed = [_search(f"+{corpus.COMMON} +{first}") for first, _ in pairs]
        self.common = [_search(f"+{corpus.COMMON} +{corpus.LESS_COMMON}")] * 5
        self.newest = [_search(sort="newest")] * 10
        self.word = [_search(corpus.COMMON)] * 2

    def rows(self) -> Iterator[Row]:
        """Give every measurement, one after the other; of one that fails, why."""
        for measured in (
            self.finds,
            self.growing,
            self.many_hits,
            self.granted,
            self.owned,
            self.writes,
            self.rebuilt,
        ):
            try:
                yield from measured()
            except AssertionError as error:
                said = " ".join(f"failed: {error}".split())[:100]
                yield Row(name=said, unit="", ours=1, most=0)

    def finds(self) -> Iterable[Row]:
        """Make sure that what is measured finds what there is to be found; give nothing."""
        for asker in (self.few, self.many):
            for path in (*self.rare, *self.mixed, self.common[0]):
                total = asker.total(path)
                assert total == corpus.HITS, f"{total} of {path}"
        found, share = self.many.total(self.word[0]), round(corpus.SHARE * self.records)
        assert found == share, f"{found} instead of {share} have the word"
        return ()

    def growing(self) -> Iterator[Row]:
        """Measure searches with as many hits among many records as among few."""
        searches = {
            "two rare words": (self.rare, 3.0),
            "a common word and a rare one": (self.mixed, 3.0),
            "two common words": (self.common, 3.0),
            "the newest": (self.newest, 1.5),
        }
        for name, (paths, most) in searches.items():
            hits = "" if paths is self.newest else f", {corpus.HITS} hits"
            yield _row(
                f"search, {name}{hits}: {self.records:,} to {FEW:,}",
                _alternated(Load(self.many, paths), Load(self.few, paths)),
                most,
            )

    def many_hits(self) -> Iterator[Row]:
        """Measure a word that very many records have: its first page and its last."""
        for sort in ("bestmatch", "newest"):
            for size, page in ((25, 1), (25, 100), (100, 100)):
                path = _search(corpus.COMMON, sort=sort, size=size, page=page)
                (load,) = _alternated(Load(self.many, [path] * 2))
                yield Row(
                    name=f"search, a word in 30 %, {sort}, page {page} of {size}",
                    unit="s",
                    ours=median(load.took) / 1000,
                    most=SLOW,
                    cpu_ours=median(load.costs),
                )

    def granted(self) -> Iterator[Row]:
        """Measure what searches cost who was granted a thousand records."""
        for name, paths in (
            ("two rare words", self.rare),
            ("a word in 30 %", self.word),
            ("the newest", self.newest),
        ):
            loads = [Load(each, paths) for each in (self.reader, self.many, self.nobody)]
            _alternated(*loads)
            for floor, other in zip(loads[1:], ("an administrator", "nobody"), strict=True):
                yield _row(f"search, {name}: with 1,000 grants to {other}", (loads[0], floor), 2.0)

    def owned(self) -> Iterator[Row]:
        """Measure what the owner of all records finds of his own."""
        for name, asked in (("all", {}), ("a word in 30 %", {"q": corpus.COMMON})):
            path = f"/api/user/records?{urlencode(asked)}"
            (load,) = _alternated(Load(self.many, [path]))
            yield Row(
                name=f"one's own {self.records:,} records, {name}",
                unit="s",
                ours=median(load.took) / 1000,
                cpu_ours=median(load.costs),
            )

    def writes(self) -> Iterator[Row]:
        """Measure the tail of writes by eight at once."""
        drafts = [self.many.request("POST", "/api/records", body(each)) for each in range(WRITTEN)]
        yield self._written("POST a draft", [[drafts] * WRITERS] * TURNS, 201)
        publishes = [
            self.many.request("POST", f"/api/records/{pid}/draft/actions/publish")
            for pid in made(self.many.ours, TURNS * WRITERS * WRITTEN)
        ]
        before = self.many.total(self.newest[0])
        lanes = [publishes[at : at + WRITTEN] for at in range(0, len(publishes), WRITTEN)]
        turns = [lanes[turn::TURNS] for turn in range(TURNS)]
        yield self._written("POST publish", turns, 202)
        assert self.many.total(self.newest[0]) == before + len(publishes)
        followed(self.many.ours)

    def _written(self, name: str, turns: Sequence[Sequence[Sequence[bytes]]], status: int) -> Row:
        took = [timed(self.many.ours.port, lanes, status) for lanes in turns]
        p50 = [median(each) * 1000 for each in took]
        p99 = [_p99(each) for each in took]
        return Row(
            name=f"{name}, {WRITERS} writers, {self.records:,} records: p99 to p50",
            unit="ms",
            ours=median(p99),
            floor=median(p50),
            ratio=median_ratio(p99, p50),
            most=TAIL,
        )

    def rebuilt(self) -> Iterator[Row]:
        """Measure searches while what they are made on is made again; none may fail."""
        paths = [*self.rare, *self.newest[: len(self.rare) // 2]]
        idle = self._steady(paths)
        words = ["-m", "scripts.muniment", "rebuild", "search", "--data", str(self.many.ours.data)]
        with subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL) as rebuild:
            beside = [self._steady(paths)]
            while rebuild.poll() is None:
                beside.append(self._steady(paths))
        assert rebuild.returncode == 0
        p99 = _p99([*chain(*beside)]), _p99(idle)
        yield Row(
            name=f"search at {RATE:g}/s, p99 beside a rebuild to p99 without",
            unit="ms",
            ours=p99[0],
            floor=p99[1],
            ratio=p99[0] / p99[1],
        )

    def _steady(self, paths: Sequence[str]) -> list[float]:
        lanes = [[self.many.request("GET", path) for path in paths]] * LANES
        return steady(self.many.ours.port, lanes, RATE, SECONDS)


def _p99(seconds: Sequence[float]) -> float:
    """Return what 99 in 100 took at most, in ms."""
    return quantiles(seconds, n=100)[98] * 1000


def _search(q: str = "", **more: object) -> str:
    asked = {"q": q, **more} if q else more
    return f"/api/records?{urlencode(asked)}"


def _alternated(*loads: Load) -> tuple[Load, ...]:
    for load in loads:
        load.round()  # so that all is warm
        load.took.clear()
        load.costs.clear()
    for turn in range(ROUNDS):
        at = turn % len(loads)
        for load in (*loads[at:], *loads[:at]):
            load.round()
    return loads


def _row(name: str, loads: tuple[Load, ...], most: float) -> Row:
    ours, floor = loads
    return Row(
        name=name,
        unit="ms",
        ours=median(ours.took),
        floor=median(floor.took),
        ratio=median_ratio(ours.took, floor.took),
        most=most,
        cpu_ours=median(ours.costs),
        cpu_floor=median(floor.costs),
    )
