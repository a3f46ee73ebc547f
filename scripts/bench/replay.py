"""Replaying an object of 10,000 versions as JSON lines, against COPY OUT of its events.

A version has 2 kB and differs from the one before in one member.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import orjson
import psycopg
from psycopg import Connection

from domain.intake import Document
from domain.log import Log
from domain.record import Record
from domain.values import Body
from projections.audit import reading
from projections.database import Connections, serving
from projections.heads import ViewHeads
from projections.lives import Life
from projections.recorder import Recorder
from projections.replay import replay
from scripts.bench import fill, running
from scripts.bench.append import actor, create, migrated
from scripts.bench.report import Row, median_ratio
from scripts.replaying.lines import lines
from scripts.replaying.names import Names

VERSIONS = 10_000
ROUNDS = 5

COPY_OUT = (
    "COPY (SELECT * FROM es.event WHERE stream = '{}' ORDER BY version) TO STDOUT (FORMAT BINARY)"
)


def _filled(database_url: str) -> Record:
    """Make the object."""
    connections = Connections(serving(database_url, "bench"))
    log = Log(Recorder(connections, lambda _entries: None), ViewHeads(connections))
    somebody = actor()
    record = log.run(somebody, create)
    value = fill.document(1)
    versions = [{**value, "title": f"{value['title']} {each}"} for each in range(VERSIONS - 1)]
    documents = [Document(Body(orjson.dumps(each)), each) for each in versions]
    fill.revised(log, somebody, record.number, documents)
    connections.close()
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE es.event")
    return record


def _copied(conn: Connection[Any], life: Life) -> float:
    """Return the seconds that it takes to read the events."""
    began = monotonic()
    with conn.cursor().copy(COPY_OUT.format(life.record)) as copy:
        for _ in copy:
            pass
    return monotonic() - began


def _replayed(database_url: str, life: Life) -> float:
    """Return the seconds that it takes to write the life."""
    began = monotonic()
    with reading(database_url) as conn, Path(os.devnull).open("wb") as file:
        for line in lines(replay(conn, life, None), Names(conn)):
            file.write(line)
    return monotonic() - began


def run() -> Iterator[Row]:
    """Measure both in turns."""
    with running.folder() as data, migrated(data) as url:
        record = _filled(url)
        life = Life(record.id, record.family)
        with psycopg.connect(url, autocommit=True) as conn:
            _copied(conn, life)  # not counted
            turns = [(_replayed(url, life), _copied(conn, life)) for _ in range(ROUNDS)]
    yield Row(
        name=f"replay, {VERSIONS:,} versions of 2 kB",
        unit="1/s",
        ours=median(VERSIONS / ours for ours, _ in turns),
        floor=median(VERSIONS / floor for _, floor in turns),
        ratio=median_ratio([floor for _, floor in turns], [ours for ours, _ in turns]),
        least=0.2,
    )
