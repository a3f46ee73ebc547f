"""Rebuilding views over a million events, against COPY OUT of the same rows.

Nine of ten events are versions of 100,000 records, one after the other through all records: the
worst order for whoever keeps the records in memory. A version's state has 520 bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import psycopg
from msgspec import Struct

from domain.event import Entry, Event
from domain.identifiers import record_id
from domain.mapper import EntryMapper
from domain.record import Published, RecordCreated
from domain.values import Access
from projections.rebuild import rebuild
from projections.registry import VIEWS
from scripts.bench import processes, running
from scripts.bench.append import BODY, migrated
from scripts.bench.report import Row, median_ratio

EVENTS = 1_000_000
A_RECORD = 10  # events
ROUNDS = 3

COPY_OUT = "COPY (SELECT * FROM es.event) TO STDOUT (FORMAT BINARY)"
COPY_IN = (
    "COPY es.event (stream, version, position, topic, recorded_at, state, salt, digest)"
    " FROM STDIN (FORMAT BINARY)"
)
TYPES = ("uuid", "int4", "int8", "text", "timestamptz", "bytea", "bytea", "bytea")


class Taken(Struct, frozen=True):
    """Seconds by the clock, and seconds of CPU of this process, its children and PostgreSQL."""

    wall: float
    cpu: float


def fill(database_url: str) -> None:
    """Write the log as one transaction would have appended it."""
    mapper = EntryMapper()
    by, began = uuid4(), datetime.now(UTC)
    with psycopg.connect(database_url) as conn, conn.cursor() as cursor:
        row = cursor.execute("SELECT txid_current() << 20").fetchone()
        assert row is not None
        with cursor.copy(COPY_IN) as copy:
            copy.set_types(TYPES)
            for at, (stream, version, event) in enumerate(_events()):
                moment = began + timedelta(microseconds=at)
                stored = mapper.to_stored_event(Entry(stream, version, moment, by, "bench", event))
                copy.write_row(
                    (
                        *(stream, version, row[0] + at, stored.topic, moment),
                        *(stored.state, stored.salt, stored.digest),
                    )
                )
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE es.event")


def _events() -> Iterator[tuple[UUID, int, Event]]:
    number = EVENTS // A_RECORD
    action, access = uuid4(), Access()
    streams = [record_id(f"{each:010}") for each in range(number)]
    for each, stream in enumerate(streams):
        pid = f"{each:010}"
        created = RecordCreated(
            pid=f"{pid[:5]}-{pid[5:]}", number=each, action=action, family=uuid4(), access=access
        )
        yield stream, 1, created
    for version in range(2, A_RECORD + 1):
        event = Published(number=version - 2, body=BODY, schema_version=1, access=access)
        for stream in streams:
            yield stream, version, event


def _copy_out(conn: psycopg.Connection[Any]) -> None:
    with conn.cursor().copy(COPY_OUT) as copy:
        for _ in copy:
            pass


def _taken(work: Callable[[], None]) -> Taken:
    before, began = processes.cpu_below(os.getpid()), monotonic()
    work()
    return Taken(monotonic() - began, processes.cpu_below(os.getpid()) - before)


def run() -> Iterator[Row]:
    """Measure the view of current records, then all views together."""
    with running.folder() as data, migrated(data) as url:
        fill(url)
        with psycopg.connect(url, autocommit=True) as conn:
            _copy_out(conn)  # not counted

            def row(name: str, views: Sequence[str], least: float) -> Row:
                turns = [
                    (_taken(lambda: rebuild(url, views)), _taken(lambda: _copy_out(conn)))
                    for _ in range(ROUNDS)
                ]
                return Row(
                    name=f"rebuild {name}, {EVENTS:,} events",
                    unit="1/s",
                    ours=median(EVENTS / ours.wall for ours, _ in turns),
                    floor=median(EVENTS / floor.wall for _, floor in turns),
                    ratio=median_ratio(
                        [floor.wall for _, floor in turns], [ours.wall for ours, _ in turns]
                    ),
                    least=least,
                    cpu_ours=median(ours.cpu / EVENTS * 1e6 for ours, _ in turns),
                    cpu_floor=median(floor.cpu / EVENTS * 1e6 for _, floor in turns),
                )

            yield row("records", ["records"], 0.25)
            yield row("all views", list(VIEWS), 0.05)
