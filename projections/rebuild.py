"""Views made again from the log, beside the live ones, while the service goes on.

What one snapshot shows is folded in memory and copied; what later ones show more follows in
turns; then, under the live view's lock for a moment, what is visible by then, and the new table
takes its place. Whoever writes to a view holds its lock until the events are visible, and whoever
waits for it has appended nothing yet: so nothing is lost, and no open transaction is waited for.
Source: DESIGN.md "Views".
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from itertools import groupby
from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.errors import LockNotAvailable

from domain.errors import Conflict, NotFound
from domain.storage.process import die_with_parent
from projections import code, history, listing, numbers, search
from projections.beside import Beside, make_table, rebuilding
from projections.database import scalar
from projections.folding import fold, topics_of
from projections.history import Snapshot
from projections.registry import VIEWS

Progress = Callable[[int, int], None]  # events read, events there are

LOCK = 0x72656275  # "rebu": one rebuild at a time
HELPER_LOCK = LOCK + 1  # held, shared, by its second process
PARTS = 2  # processes that fold a long log; PostgreSQL keeps about one more busy
LINGERING = 5_000  # milliseconds that what is left of a killed rebuild may take to end
FEW = 1_000  # events that may be left for the moment under the lock
TURNS = 20  # at most, when writers bring more than that each time
PATIENCE = 300.0  # seconds that the swap of a view is tried


def rebuild(database_url: str, names: Sequence[str], progress: Progress | None = None) -> None:
    """Make these views again and swap each for the live one.

    Raises NotFound for a view there is not, Conflict while another rebuild runs or when somebody
    keeps a view locked.
    """
    for name in names:
        if name not in VIEWS:
            raise NotFound(f"There is no view {name}; there are {', '.join(VIEWS)}.")
    with rebuilding(database_url) as conn, _reader(database_url) as reader, alone(conn):
        drop_leftovers(conn)
        views = sorted({VIEWS[name] for name in names}, key=lambda each: each.by_stream)
        for view in views:
            make_table(conn, view)
        new = [Beside(conn, view) for view in views]
        seen = _first(database_url, reader, new, progress)
        for each in new:
            each.empty = False
            each.finish()
        for _ in range(TURNS):
            seen, more = _turn(reader, new, seen)
            if more <= FEW:
                break
        for each in new:
            _swap(reader, each, seen)
        code.made(conn, names)
        numbers.lift(conn)
        if search.view.name in names:
            listing.mend(conn)


def relist(database_url: str) -> None:
    """Make what searches are told of published records again (projections/listing.py).

    Raises Conflict, as `rebuild` does.
    """
    with rebuilding(database_url) as conn, alone(conn):
        listing.mend(conn)


@contextmanager
def _reader(database_url: str) -> Iterator[Connection[Any]]:
    with rebuilding(database_url) as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        yield conn


@contextmanager
def alone(conn: Connection[Any]) -> Iterator[None]:
    """Keep rebuilds away, and what else copies views. Raises Conflict where one is at work."""
    # The server processes of a rebuild that was killed may live a moment longer than it.
    conn.execute(f"SET lock_timeout = '{LINGERING}ms'")
    try:
        conn.execute("SELECT pg_advisory_lock(%s), pg_advisory_lock(%s)", [LOCK, HELPER_LOCK])
    except LockNotAvailable:
        raise Conflict("Another rebuild is running, or a scrub.") from None
    conn.execute("SELECT pg_advisory_unlock(%s)", [HELPER_LOCK])
    conn.execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError):  # gone with its connection
            conn.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def drop_leftovers(conn: Connection[Any]) -> None:
    """Drop what a rebuild that was killed has left."""
    left = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'rebuild'").fetchall()
    for (name,) in left:
        conn.execute(f'DROP TABLE rebuild."{name}"')


def _first(
    database_url: str,
    reader: Connection[Any],
    new: Sequence[Beside[Any]],
    progress: Progress | None,
) -> Snapshot:
    """Bring views to a first snapshot, and return it."""
    long = history.is_long(reader)
    groups = [
        (list(group), PARTS if long and by_stream else 1)
        for by_stream, group in groupby(new, lambda each: each.view.by_stream or not long)
    ]
    with reader.transaction():
        seen = history.snapshot(reader)
        total = 0
        if progress is not None:
            total = sum(history.count(reader, topics_of(group)) for group, _ in groups)
        before = 0
        for group, parts in groups:

            def tell(done: int, before: int = before, parts: int = parts) -> None:
                if progress is not None:
                    progress(min(before + done * parts, total), total)

            with _helper(database_url, reader, group) if parts > 1 else nullcontext():
                batches = history.everything(reader, topics_of(group), 0, parts)
                before += parts * fold(batches, group, tell)
    return seen


@contextmanager
def _helper(
    database_url: str, reader: Connection[Any], group: Sequence[Beside[Any]]
) -> Iterator[None]:
    """Fold the second part of the streams, as the reader's transaction sees it, meanwhile."""
    shared = scalar(reader, "SELECT pg_export_snapshot()")
    names = [each.view.name for each in group]
    end = (os.getpid(), signal.SIGKILL)
    fork = multiprocessing.get_context("fork")  # starts in no time; uses no connection it inherits
    with ProcessPoolExecutor(1, fork, die_with_parent, end) as pool:
        second = pool.submit(_second, database_url, names, shared)
        yield
        second.result()


def _second(database_url: str, names: Sequence[str], shared: str) -> None:
    with rebuilding(database_url) as conn, _reader(database_url) as reader:
        conn.execute("SELECT pg_advisory_lock_shared(%s)", [HELPER_LOCK])
        with reader.transaction():
            reader.execute(f"SET TRANSACTION SNAPSHOT '{shared}'")
            group = [Beside(conn, VIEWS[name]) for name in names]
            fold(history.everything(reader, topics_of(group), 1, PARTS), group)


def _turn(
    reader: Connection[Any], new: Sequence[Beside[Any]], before: Snapshot
) -> tuple[Snapshot, int]:
    """Bring views to a fresh snapshot, and return it and how many events that took."""
    with reader.transaction():
        seen = history.snapshot(reader)
        return seen, fold(history.since(reader, topics_of(new), before), new)


def _swap(reader: Connection[Any], new: Beside[Any], seen: Snapshot) -> None:
    """Put one view in the live one's place, with everything visible by then."""
    name, pause, deadline = new.view.name, 0.05, monotonic() + PATIENCE
    while True:
        try:
            with new.conn.transaction():
                new.conn.execute("SET LOCAL synchronous_commit = on")
                new.conn.execute("SET LOCAL lock_timeout = '100ms'")
                new.conn.execute(f"LOCK TABLE view.{name} IN ACCESS EXCLUSIVE MODE")
                fold(history.since(new.conn, new.view.topics, seen), [new])
                new.take_over()
                return
        except LockNotAvailable:
            if monotonic() > deadline:
                raise Conflict(f"Somebody keeps the view {name} locked.") from None
        sleep(pause)
        pause = min(2 * pause, 2.0)
        seen, _ = _turn(reader, [new], seen)
