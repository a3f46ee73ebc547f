"""Scrubbing: nothing of rows that are gone is left in the database's files.

PostgreSQL takes a row that was changed or removed for free space, in which its bytes stay until
something else is written there. So the tables are written anew, with what there is in them; the
statistics, in which are values of columns, too; and the write-ahead log is written on until every
segment of it that there was has been written over. Source: PostgreSQL, "VACUUM", "WAL
Configuration".
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege, LockNotAvailable

from domain.errors import Conflict
from projections.database import connect

TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND (n.nspname IN ('es', 'view') OR c.oid = 'pg_statistic'::regclass)
 ORDER BY n.nspname = 'pg_catalog', pg_table_size(c.oid)
"""  # the statistics last: they are made of the others
SEGMENT = 16 << 20  # bytes
PIECE = 4 << 20  # bytes of nothing that are written at once
Progress = Callable[[int, int], None]  # tables done, tables there are

ROUNDS = 2  # the first moves what it writes over to the end
PATIENCE = "60s"  # that a table is waited for


def scrub(database_url: str, wal: Path | None, progress: Progress | None = None) -> bool:
    """Write everything anew; return whether the write-ahead log was, too, which lies in `wal`.

    While a table is written nobody else reads it or writes to it. `progress` is told how many
    tables are done, of how many. Raises Conflict when somebody keeps one locked.
    """
    with connect(database_url) as conn:
        conn.execute("SET statement_timeout = 0")
        conn.execute(f"SET lock_timeout = '{PATIENCE}'")
        tables = conn.execute(TABLES).fetchall()
        try:
            for done, (schema, name) in enumerate(tables):
                if progress is not None:
                    progress(done, len(tables))
                table = sql.Identifier(schema, name)
                full = "VACUUM (FULL, ANALYZE) {}" if schema != "pg_catalog" else "VACUUM (FULL) {}"
                conn.execute(sql.SQL(full).format(table))
        except LockNotAvailable:
            raise Conflict(f"Somebody keeps the table {schema}.{name} locked.") from None
        return _write_over(conn, wal)


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
