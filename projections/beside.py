"""A view made beside the live one: rows folded in memory, its table in the schema `rebuild`.

Rows go to the table in short transactions, each one COPY: a long one would hold followers back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from msgspec import Raw, Struct
from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.conninfo import make_conninfo
from psycopg.errors import UniqueViolation
from psycopg.pq import Format

from projections.columns import Jsonb
from projections.database import SERVING_ROLE, connect, unbounded
from projections.view import HeadView, Rows, View

S = TypeVar("S", bound=Struct)

JSONB_VERSION = b"\x01"  # the first byte of jsonb on the wire


class JsonText(Dumper):
    """Send JSON that is text already as jsonb (projections/columns.py)."""

    oid = psycopg.postgres.types["jsonb"].oid
    format = Format.BINARY

    def dump(self, obj: str) -> bytes:
        """Return the bytes on the wire."""
        return JSONB_VERSION + obj.encode()


def rebuilding(database_url: str) -> Connection[Any]:
    """Return a connection that makes views. A crash costs it only a table that nobody reads."""
    conn = connect(make_conninfo(database_url, application_name="muniment rebuild"))
    conn.adapters.register_dumper(None, JsonText)
    unbounded(conn)
    conn.execute("SET timezone = UTC")
    conn.execute("SET synchronous_commit = off")
    return conn


def make_table(conn: Connection[Any], view: View[Any]) -> None:
    """Make the empty table of a view beside the live one, without its further indexes."""
    with conn.transaction():
        conn.execute("SET LOCAL search_path = rebuild")
        conn.execute(view.sql["table"], prepare=False)
        # The default privileges hold for the role alone that migrated.
        rights = "SELECT, INSERT, UPDATE, DELETE"
        conn.execute(f"GRANT {rights} ON {view.name} TO {SERVING_ROLE}", prepare=False)


class Beside(Generic[S]):
    """One view on the way: `rows` by key, where not yet in the table."""

    def __init__(self, conn: Connection[Any], view: View[S]) -> None:
        self.conn = conn
        self.view = view
        self.rows: Rows[S] = {}
        self.is_head = isinstance(view, HeadView)
        self.is_heavy = any(each.load in (Raw, Jsonb) for each in view.columns.all)  # documents
        self.empty = True  # nothing was written, by whatever process
        self._distinct = True  # no key came in two flushes
        conn.execute(f"CREATE TEMP TABLE {self._stage} (LIKE {self._table})")
        types = dict(
            conn.execute(
                "SELECT attname, atttypid::bigint FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0",
                [self._table],
            ).fetchall()
        )
        self._types = [types[each.name] for each in view.columns.all]

    @property
    def _table(self) -> str:
        return f"rebuild.{self.view.name}"

    @property
    def _stage(self) -> str:
        return f"pg_temp.{self.view.name}_stage"

    def recall(self, streams: Iterable[UUID]) -> None:
        """Bring the rows of a HeadView for these streams into memory, where the table has them."""
        if self.empty:
            return
        wanted = [each for each in set(streams) if each.int not in self.rows]
        found = self.conn.execute(
            f"SELECT {self.view.columns.names} FROM {self._table} WHERE id = ANY(%s)",
            [wanted],
        )
        for values in found:
            self.rows[values[0].int] = self.view.columns.load(values)

    def flush(self) -> None:
        """Write the rows in memory to the table and forget them."""
        put, gone, ended = self.view.settled(self.rows)
        self.rows.clear()
        with self.conn.transaction():
            if not self.empty:
                self._delete(self.view.key, gone)
                self._delete(self.view.key[:1], ended)
            if not self._added(put):
                self._merge(put)
        if put:
            self.empty = False
            self._distinct = self._distinct and not self.is_head

    def _added(self, put: list[S]) -> bool:
        """Copy rows whose keys are new, as those of versions always are; False when some are not.

        Half the work of a merge. Once keys came again, nobody tries any more.
        """
        if self._distinct:
            try:
                with self.conn.transaction():
                    self._copy(self._table, put)
            except UniqueViolation:
                self._distinct = False
        return self._distinct

    def _merge(self, put: list[S]) -> None:
        key, names = self.view.key, self.view.columns.names
        if put:
            self._copy(self._stage, put)
            news = ", ".join(
                f"{each.name} = excluded.{each.name}"
                for each in self.view.columns.all
                if each.name not in key
            )
            self.conn.execute(
                f"INSERT INTO {self._table} ({names}) SELECT {names} FROM {self._stage}"
                f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {news}"
            )
            self.conn.execute(f"TRUNCATE {self._stage}")

    def _delete(self, key: tuple[str, ...], gone: list[tuple[Any, ...]]) -> None:
        if gone:
            where = " AND ".join(f"{each} = %s" for each in key)
            with self.conn.cursor() as cursor:
                cursor.executemany(f"DELETE FROM {self._table} WHERE {where}", gone)

    def _copy(self, table: str, rows: list[S]) -> None:
        dump = self.view.columns.dump
        into = f"COPY {table} ({self.view.columns.names}) FROM STDIN (FORMAT BINARY)"
        with self.conn.cursor() as cursor, cursor.copy(into) as copy:
            copy.set_types(self._types)
            for row in rows:
                copy.write_row(dump(row))

    def finish(self) -> None:
        """Make the indexes and the statistics, after the bulk of the rows."""
        with self.conn.transaction():
            self.conn.execute("SET LOCAL search_path = rebuild")
            self.conn.execute(self.view.sql.get("indexes", ""), prepare=False)
        self.conn.execute(f"VACUUM (ANALYZE) {self._table}")

    def take_over(self) -> None:
        """Put the table in the live one's place, in the open transaction that holds its lock."""
        self.conn.execute(f"DROP TABLE view.{self.view.name}")
        self.conn.execute(f"ALTER TABLE {self._table} SET SCHEMA view")
