"""Scrubbing: nothing of rows that are gone is left in the database's files.

PostgreSQL takes a row that was changed or removed for free space, in which its bytes stay until
something else is written there. So the tables are written anew, with what there is in them; the
statistics, in which are values of columns, too; and the write-ahead log is written on until every
segment of it that there was has been written over. What a rebuild that was killed has left goes.
Source: PostgreSQL, "VACUUM", "WAL Configuration".
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from psycopg import Connection
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from psycopg.sql import SQL, Identifier

from domain.errors import Conflict
from projections import follower, listing, owing, rebuild, sql
from projections.database import connect, scalar, serving, unbounded

TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname IN ('es', 'view') ORDER BY pg_table_size(c.oid)
"""
CLEAR = """
SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
  FROM pg_stats WHERE schemaname IN ('es', 'view')
"""
OLDER = """
SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                  AND age(backend_xmin) > age(%(now)s::xid))
"""
REACHED = """
SELECT NOT EXISTS (SELECT FROM es.event e
                    WHERE e.topic = 'record.erased'
                      AND e.position > coalesce((SELECT position FROM es.follower
                                                  WHERE name = %(name)s), 0))
"""
FOLLOWED = 60.0  # seconds that the follower is waited for
SEGMENT = 16 << 20  # bytes
PIECE = 4 << 20  # bytes of nothing that are written at once
Progress = Callable[[int, int], None]  # tables done, tables there are

ROUNDS = 2  # the first moves what it writes over to the end
PATIENCE = 300.0  # seconds that a table is tried


def scrub(database_url: str, wal: Path | None, progress: Progress | None = None) -> bool:
    """Write everything anew; return whether the write-ahead log was, too, which lies in `wal`.

    While a table is written nobody else reads it or writes to it. `progress` is told how many
    tables are done, of how many. Raises Conflict when somebody keeps one locked, and while views
    are made again.
    """
    _follow(database_url)
    with connect(database_url) as conn:
        unbounded(conn)
        with rebuild.alone(conn):
            rebuild.drop_leftovers(conn)
            # Shared: erasures go on, rebuilds do not begin.
            conn.execute("SELECT pg_advisory_lock_shared(%s)", [rebuild.LOCK])
        horizon = scalar(conn, sql.load("log")["horizon"])
        tables = [Identifier(*row) for row in conn.execute(TABLES)]
        _outlive(conn)
        for done, table in enumerate(tables):
            if progress is not None:
                progress(done, len(tables))
            _rewrite(conn, table)
        if scalar(conn, "SELECT to_regproc('pg_clear_attribute_stats')") is not None:
            conn.execute(CLEAR)  # a table that is empty now would keep its own
        for table in tables:
            conn.execute(SQL("ANALYZE {}").format(table))
        _outlive(conn)
        _rewrite(conn, Identifier("pg_catalog", "pg_statistic"))
        log_too = _write_over(conn, wal)
        owing.scrubbed(conn, horizon - 1)
        return log_too


def _rewrite(conn: Connection[Any], table: Identifier) -> None:
    """Write a table anew as soon as nobody has it: who comes while it is waited for goes first."""
    pause, deadline = 0.05, monotonic() + PATIENCE
    conn.execute("SET lock_timeout = '100ms'")
    while True:
        try:
            conn.execute(SQL("VACUUM (FULL) {}").format(table))
        except LockNotAvailable:
            if monotonic() > deadline:
                name = table.as_string(conn)
                raise Conflict(f"Somebody keeps the table {name} locked.") from None
        else:
            conn.execute("SET lock_timeout = 0")
            return
        sleep(pause)
        pause = min(2 * pause, 2.0)


def _outlive(conn: Connection[Any]) -> None:
    """Wait until nobody's snapshot shows what is gone by now: it would be written anew, too.

    Raises Conflict when somebody keeps one.
    """
    until = monotonic() + FOLLOWED
    now = scalar(conn, "SELECT pg_current_xact_id()::text::xid::text")
    while scalar(conn, OLDER, {"now": now}):
        if monotonic() > until:
            raise Conflict("Somebody has had a transaction open for long; end it, and try again.")
        sleep(0.05)


def _follow(database_url: str) -> None:
    """Wait until searches are told of every erasure: by the service, or here where none runs.

    Raises Conflict when the service does not come to it.
    """
    until = monotonic() + FOLLOWED
    with connect(serving(database_url, "scrub")) as conn:
        while not scalar(conn, REACHED, {"name": listing.NAME}):
            if monotonic() > until:
                raise Conflict("The follower of the service does not come along; see /health.")
            if scalar(conn, "SELECT pg_try_advisory_lock(%s)", [follower.LOCK]):
                follower.step(conn, listing.following())
                conn.execute("SELECT pg_advisory_unlock(%s)", [follower.LOCK])
            else:
                sleep(0.05)


def _write_over(conn: Connection[Any], wal: Path | None) -> bool:
    """Write the log on until each of its segments was written over."""
    try:
        conn.execute("CHECKPOINT")
        if wal is None:
            return False
        for _ in range(ROUNDS):
            segments = sum(len(each.name) == 24 for each in wal.iterdir())
            for _ in range((segments + 1) * SEGMENT // PIECE):
                conn.execute("SELECT pg_logical_emit_message(false, '', repeat(' ', %s))", [PIECE])
            conn.execute("CHECKPOINT")
    except (InsufficientPrivilege, OSError):
        return False
    return True
