"""Appending at eight writers, against a raw prepared INSERT of the same rows on the same disk.

Writers are processes, as workers are: threads of one would share one core between them. Ours
publishes a version and saves it through the Application: the event, the record's head and the
version's row in one transaction. A whole command also reads the head first. The floor is a
committed INSERT of such an event alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import monotonic, process_time
from uuid import UUID, uuid4

import psycopg
from msgspec import Raw, Struct

from domain import access
from domain.access import Actor
from domain.family import FamilyCreated
from domain.identifiers import new_pid, record_id
from domain.log import Log, Session
from domain.mapper import EntryMapper
from domain.record import Record, RecordCreated
from domain.storage import server
from domain.storage.datafolder import DataFolder
from domain.values import Access
from projections.database import Connections, connect, serving
from projections.heads import ViewHeads
from projections.migrate import migrate
from projections.recorder import Recorder
from scripts.bench import processes, running
from scripts.bench.report import Row, median_ratio

WRITERS = 8
SECONDS = 2.0  # a round
ROUNDS = 3
BODY = Raw(b'{"text":"' + b"x" * 324 + b'"}')  # makes a state of 520 bytes
GROUPED = "commit_delay = 1000", "commit_siblings = 0"  # each commit waits 1 ms for others

TABLE = "CREATE TABLE floor (LIKE es.event INCLUDING ALL)"
INSERT = (
    "INSERT INTO floor (stream, version, position, topic, recorded_at, state, salt, digest)"
    " VALUES (%s, %s, (txid_current() << 20), %s, %s, %s, %s, %s)"
)


class Round(Struct, frozen=True):
    """One round of all writers: operations a second, µs of CPU an operation."""

    rate: float
    cost: float


def actor() -> Actor:
    """Return somebody who may write."""
    account = uuid4()
    return Actor(
        account=account,
        number=1,
        name="bench",
        admin=False,
        scopes=access.SCOPES,
        via="bench",
        principals=access.principals_of(account),
    )


def create(session: Session) -> Record:
    """Make a record with its version 0."""
    pid = new_pid()
    family = session.begin(uuid4(), FamilyCreated(owner=session.actor.account))
    created = RecordCreated(
        pid=pid,
        number=session.heads.draw("record"),
        action=uuid4(),
        family=family.id,
        access=Access(),
    )
    record = session.begin(record_id(pid), created)
    return session.change(record, record.publish(BODY, schema_version=1))


def publish(session: Session, record: UUID) -> Record:
    """Publish its next version."""
    found = session.find(Record, id=record)
    assert found is not None
    return session.change(found, found.publish(BODY, schema_version=1))


class Writer:
    """What a writing process keeps: a log with a record of its own, and the floor's connection."""

    def __init__(self, database_url: str) -> None:
        connections = Connections(serving(database_url, "bench"))
        self.log = Log(Recorder(connections, lambda _entries: None), ViewHeads(connections))
        self.actor = actor()
        self.record = self.log.run(self.actor, create)
        session = Session(self.log.heads, self.actor, self.log.validator)
        publish(session, self.record.id)
        stored = EntryMapper().to_stored_event(session.entries[-1])
        self.stream, self.version = uuid4(), 0
        self.row = (stored.topic, stored.recorded_at, stored.state, stored.salt, stored.digest)
        self.conn = connect(database_url)

    def append(self) -> None:
        """Save one version of the record as this writer knows it."""
        session = Session(self.log.heads, self.actor, self.log.validator)
        self.record = session.change(self.record, self.record.publish(BODY, schema_version=1))
        self.log.save(*session.entries, entries=session.entries, heads=session.changed)

    def command(self) -> None:
        """Publish one version of the record as it stands in the database."""
        self.record = self.log.run(self.actor, publish, self.record.id)

    def floor(self) -> None:
        """Insert one event."""
        self.version += 1
        self.conn.execute(INSERT, (self.stream, self.version, *self.row))


_writer: Writer
_wait: Callable[[], object]


def _start(database_url: str, wait: Callable[[], object]) -> None:
    global _writer, _wait
    _writer, _wait = Writer(database_url), wait


def _write(name: str) -> tuple[int, float]:
    """Write for one round, together with all others; return how often, and the seconds of CPU."""
    operation = getattr(_writer, name)
    operation()
    _wait()
    done, ends_at, began = 0, monotonic() + SECONDS, process_time()
    while monotonic() < ends_at:
        operation()
        done += 1
    return done, process_time() - began


class Bench:
    """Eight writers on a database."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool
        self.postgres = processes.postgres(os.getpid())

    def round(self, name: str) -> Round:
        """Let all write for one round."""
        before = processes.cpu(processes.tree(self.postgres))
        done = list(self.pool.map(_write, [name] * WRITERS))
        server_cpu = processes.cpu(processes.tree(self.postgres)) - before
        operations = sum(each for each, _ in done)
        cpu = sum(each for _, each in done) + server_cpu
        return Round(operations / SECONDS, cpu / operations * 1e6)

    def row(self, name: str, operation: str, least: float | None = None) -> Row:
        """Measure an operation and the floor in turns."""
        self.round("floor"), self.round(operation)  # not counted
        turns = [(self.round(operation), self.round("floor")) for _ in range(ROUNDS)]
        return Row(
            name=f"{name}, {WRITERS} writers",
            unit="1/s",
            ours=median(ours.rate for ours, _ in turns),
            floor=median(floor.rate for _, floor in turns),
            ratio=median_ratio(
                [ours.rate for ours, _ in turns], [floor.rate for _, floor in turns]
            ),
            least=least,
            cpu_ours=median(ours.cost for ours, _ in turns),
            cpu_floor=median(floor.cost for _, floor in turns),
        )


def run() -> Iterator[Row]:
    """Measure with every commit flushed as it comes, and with commits that wait for each other."""
    with running.folder() as data, migrated(data) as url:
        with psycopg.connect(url) as conn:
            conn.execute(TABLE)
        with writing(url) as bench:
            yield bench.row("append", "append", least=0.3)
            yield bench.row("command", "command")
            _set(url, GROUPED)
            yield bench.row("append, commits grouped", "append", least=0.5)


@contextmanager
def writing(database_url: str) -> Iterator[Bench]:
    """Give the writers for a block, each with a record of its own."""
    context = get_context("spawn")
    barrier = context.Barrier(WRITERS)
    with ProcessPoolExecutor(WRITERS, context, _start, (database_url, barrier.wait)) as pool:
        yield Bench(pool)


@contextmanager
def migrated(data: Path) -> Iterator[str]:
    """Give a migrated database of its own for a block."""
    folder = DataFolder(data)
    folder.open()
    with server.database(folder, "bench") as url:
        migrate(url)
        yield url


def _set(database_url: str, settings: tuple[str, ...]) -> None:
    with psycopg.connect(database_url, user="postgres", autocommit=True) as conn:
        for each in settings:
            conn.execute(f"ALTER SYSTEM SET {each}")
        conn.execute("SELECT pg_reload_conf()")
