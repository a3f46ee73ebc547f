"""HTTP against its floor: a bare Falcon application under the same gunicorn on the same database.

The service is the real one: credentials are checked, every request is logged. Rounds alternate,
and the median of the ratios of a round is quoted. Reads "from SQL" ask for each version once, so
that no worker can remember it; reads "remembered" ask for the same few again and again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection
from multiprocessing import get_context
from statistics import median

import orjson
import psycopg
from msgspec import Struct

from api.sampledb import render
from domain.action import SchemaLanguage
from scripts import wiring
from scripts.bench import fill, floor, processes, running
from scripts.bench.driver import drive
from scripts.bench.report import Row, median_ratio
from scripts.settings import Settings

CONNECTIONS = 8
ROUNDS = 5
SECONDS = 2.0
WARM = 0.5  # seconds

SINGLES = 40_000  # objects with one version
LONG = 8  # objects with many
VERSIONS = 10_000  # that they have
REMEMBERED = 500  # versions that are read again and again
FRESH = 30  # objects on each connection that get later versions
POSTED = 100  # versions that each of them gets

ANSWERS = """
INSERT INTO bench.answer (id, body)
SELECT r.number, convert_to(format('{"object_id":%s,"version_id":%s,"action_id":%s,"user_id":%s,'
           '"utc_datetime":"%s","schema":', r.number, v.number, a.number, u.number,
           to_char(v.recorded_at, 'YYYY-MM-DD HH24:MI:SS')), 'UTF8') || s.body
       || ',"data":' || v.body
       || ',"fed_object_id":null,"fed_version_id":null,"component_id":null}'
  FROM view.records r JOIN view.versions v ON v.record = r.id AND v.number = 0
  JOIN view.actions a ON a.id = r.action JOIN view.accounts u ON u.id = v.by
  JOIN view.schemas s ON s.action = a.id AND s.version = 1;
INSERT INTO bench.schema
SELECT body FROM view.schemas WHERE action = (SELECT action FROM view.records LIMIT 1);
INSERT INTO bench.listed
SELECT r.number, v.number, a.number, u.number, v.recorded_at, v.body
  FROM view.records r JOIN view.versions v ON v.record = r.id AND v.number = r.versions - 1
  JOIN view.actions a ON a.id = r.action JOIN view.accounts u ON u.id = v.by;
"""
MOMENTS = """
SELECT r.number, v.recorded_at FROM view.records r JOIN view.versions v ON v.record = r.id
 WHERE r.number = ANY(%(numbers)s)
"""


class Filled(Struct, frozen=True):
    """What is there to ask for: numbers of objects."""

    singles: list[int]
    long: list[int]
    moments: list[tuple[int, datetime]]  # when each version of the long ones was recorded


class Load:
    """Requests for one side, and what its rounds measured.

    `once`: no request is sent twice; a round ends when its share of them is used up.
    """

    def __init__(
        self,
        target: running.Service | running.Floor,
        lanes: Sequence[Sequence[bytes]],
        status: int = 200,
        *,
        once: bool = False,
    ) -> None:
        self.target = target
        self.lanes = lanes
        self.status = status
        self.share = min(map(len, lanes)) // (ROUNDS + 1) if once else None
        self.rates: list[float] = []  # answers a second
        self.costs: list[float] = []  # µs of CPU an answer

    def round(self, driver: Executor, seconds: float) -> None:
        """Run a round and note it."""
        pids = self.target.processes
        before = processes.cpu(pids)
        driven = driver.submit(
            drive,
            self.target.port,
            [lane[: self.share] for lane in self.lanes],
            self.status,
            seconds,
            once=self.share is not None,
        ).result()
        answers = sum(driven.answers)
        self.rates.append(answers / driven.seconds)
        self.costs.append((processes.cpu(pids) - before) / answers * 1e6)
        if self.share is not None:
            self.lanes = [lane[self.share :] for lane in self.lanes]

    def forget(self) -> None:
        """Drop what was measured while everything became warm."""
        self.rates.clear()
        self.costs.clear()


class Bench:
    """One service, one floor, one driver."""

    def __init__(
        self,
        ours: running.Service,
        floor: running.Floor,
        driver: Executor,
        language: SchemaLanguage = "json-schema",
    ) -> None:
        self.ours = ours
        self.floor = floor
        self.driver = driver
        self.filled = _fill(ours, language)
        self._head = (
            f"Host: localhost:{ours.port}\r\nAuthorization: Bearer {ours.token}\r\n"
            "Accept: application/json\r\n"
        )
        self.documents = [bytes(each.raw) for each in fill.documents(100, language)]

    def rows(self) -> Iterator[Row]:
        """Give every measurement, one after the other."""
        self._same_answers()
        yield from self.posts()
        yield from self.reads()
        yield from self.remembered()
        yield from self.lists()

    def reads(self) -> Iterator[Row]:
        """GET a version from SQL, of objects with one and with many; and one by its instant."""
        order = list(self.filled.singles)
        many = [(number, version) for number in self.filled.long for version in range(1, VERSIONS)]
        random.Random(1).shuffle(order)  # noqa: S311 - the same for everybody
        random.Random(1).shuffle(many)  # noqa: S311
        then = list(self.filled.moments)
        random.Random(1).shuffle(then)  # noqa: S311
        one = Load(self.ours, _lanes([self._version(each, 0) for each in order]), once=True)
        long = Load(self.ours, _lanes([self._version(*each) for each in many]), once=True)
        bare = Load(self.floor, _lanes([self._get(f"/answer/{each}") for each in order]))
        moments = [f"/api/v1/objects/{of}?as_of={at:%Y-%m-%dT%H:%M:%S.%fZ}" for of, at in then]
        as_of = Load(self.ours, _lanes([self._get(each) for each in moments]), 302, once=True)
        self._alternate(one, long, as_of, bare)
        yield row("GET a version, from SQL", one, bare, least=0.7)
        yield row("GET as_of, of 10,000 versions: to a version", as_of, long, least=0.5)
        yield row("GET: a version of 10,000, time of one of 1", one, long, most=1.2)

    def remembered(self) -> Iterator[Row]:
        """GET a version that the workers remember, and as a 304."""
        few = self.filled.singles[:REMEMBERED]
        bare = Load(self.floor, _lanes([self._get(f"/answer/{each}") for each in few]))
        full = Load(self.ours, _lanes([self._version(each, 0) for each in few]))
        tagged = [
            self._version(each, 0, f"If-None-Match: {render.etag(str(each), '0')}\r\n")
            for each in few
        ]
        same = Load(self.ours, _lanes(tagged), 304)
        self._alternate(full, same, bare)
        yield row("GET a version, remembered", full, bare, least=2.0)
        yield row("GET a version, 304", same, bare, least=2.5)

    def lists(self) -> Iterator[Row]:
        """GET a list of 100 objects."""
        ours = Load(self.ours, _lanes([self._get("/api/v1/objects/?limit=100")] * CONNECTIONS))
        bare = Load(self.floor, _lanes([self._get("/listed")] * CONNECTIONS))
        self._alternate(ours, bare)
        yield row("GET a list of 100", ours, bare, least=1.0)

    def posts(self) -> Iterator[Row]:
        """POST a version: to objects with few, and to objects with many."""
        bodies = [b'{"data":' + each + b"}" for each in self.documents]
        fresh = self.filled.singles[: CONNECTIONS * FRESH]
        turns = [
            [
                self._post(f"/api/v1/objects/{number}/versions/", bodies[turn])
                for number in fresh[lane::CONNECTIONS]
                for turn in range(POSTED)
            ]
            for lane in range(CONNECTIONS)
        ]
        one = Load(self.ours, turns, 201, once=True)
        long = Load(
            self.ours,
            [
                [self._post(f"/api/v1/objects/{number}/versions/", body) for body in bodies]
                for number in self.filled.long
            ],
            201,
        )
        bare = Load(
            self.floor, [[self._post("/written", body) for body in bodies]] * CONNECTIONS, 201
        )
        self._alternate(one, long, bare)
        yield row("POST a version", one, bare, least=0.4)
        yield row("POST: a version of 10,000, time of one of 1", one, long, most=1.2)

    def _same_answers(self) -> None:
        """Make sure that both sides answer the same."""
        number = self.filled.singles[0]
        version = self._body(self.ours, f"/api/v1/objects/{number}/versions/0")
        assert version == self._body(self.floor, f"/answer/{number}")
        listed = self._body(self.ours, "/api/v1/objects/?limit=100")
        assert orjson.loads(listed) == orjson.loads(self._body(self.floor, "/listed"))

    def _body(self, target: running.Service | running.Floor, path: str) -> bytes:
        connection = HTTPConnection("127.0.0.1", target.port)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.ours.token}"})
        return connection.getresponse().read()

    def _alternate(self, *loads: Load) -> None:
        for load in loads:
            load.round(self.driver, WARM)
            load.forget()
        for turn in range(ROUNDS):
            at = turn % len(loads)
            for load in (*loads[at:], *loads[:at]):
                load.round(self.driver, SECONDS)

    def _version(self, number: int, version: int, more: str = "") -> bytes:
        return self._get(f"/api/v1/objects/{number}/versions/{version}", more)

    def _get(self, path: str, more: str = "") -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._head}{more}\r\n".encode()

    def _post(self, path: str, body: bytes) -> bytes:
        head = (
            f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def run() -> Iterator[Row]:
    """Measure everything over HTTP."""
    with bench() as here:
        yield from here.rows()


@contextmanager
def bench(language: SchemaLanguage = "json-schema") -> Iterator[Bench]:
    """Give a service filled under a schema of a language, with its floor and a driver."""
    with (
        running.folder() as data,
        running.service(data) as ours,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver,
    ):
        with psycopg.connect(ours.database_url, autocommit=True) as conn:
            conn.execute(floor.TABLES)
        with running.floor(ours) as bare:
            yield Bench(ours, bare, driver, language)


def _fill(ours: running.Service, language: SchemaLanguage) -> Filled:
    settings = Settings(data=ours.data, database_url=ours.database_url)
    with wiring.log(settings) as log:
        actor = fill.administrator(log)
        under = fill.action(log, actor, language)
        shown = fill.documents(1000, language)
        long = fill.made(log, actor, under, shown[:LONG])
        for number in long:
            fill.revised(log, actor, number, (shown * (VERSIONS // len(shown)))[1:])
        singles = fill.made(log, actor, under, shown * (SINGLES // len(shown)))
    with psycopg.connect(ours.database_url, user="postgres", autocommit=True) as conn:
        conn.execute(ANSWERS)
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")
        found = conn.execute(MOMENTS, {"numbers": long}).fetchall()
    return Filled(singles, long, [(number, at) for number, at in found])


def _lanes(requests: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [requests[lane::CONNECTIONS] for lane in range(CONNECTIONS)]


def row(
    name: str, ours: Load, bare: Load, *, least: float | None = None, most: float | None = None
) -> Row:
    """Return what two loads measured, and what is wanted of their ratio."""
    return Row(
        name=name,
        unit="1/s",
        ours=median(ours.rates),
        floor=median(bare.rates),
        ratio=median_ratio(ours.rates, bare.rates),
        least=least,
        most=most,
        cpu_ours=median(ours.costs),
        cpu_floor=median(bare.costs),
    )
