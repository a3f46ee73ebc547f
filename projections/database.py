"""Connections to PostgreSQL: how they are opened, and one a thread for commands."""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg import AsyncConnection, Connection
from psycopg.abc import Buffer, Params
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Format
from psycopg_pool import AsyncConnectionPool

from domain.errors import Invalid
from projections.overdue import Watch
from projections.reader import Reader

PATIENCE = 10.0  # seconds that a read or a save waits for a server that is being started again
RETRY = 0.05  # seconds between two tries
LENDING = 0.25  # seconds that a read waits for a connection of the pool before it asks anew
SERVING_ROLE = "muniment_writer"

Db = AsyncConnectionPool[Reader]


# Each statement is planned once, for all its parameters: planning anew costs more than running it.
# What serves looks rows up by key; a plan made while the tables were small must not say otherwise
# when they have grown, so whole tables are read only where there is no index.
_SETTINGS = {
    "role": SERVING_ROLE,
    "search_path": "view,es",
    "timezone": "UTC",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "jit": "off",
}
# A server that has gone without a word, or that cannot be reached, is given up in seconds, not in
# the hours that TCP takes. Source: libpq, "Parameter Key Words". What the address says wins.
_REACHING = {
    "connect_timeout": "5",  # seconds
    "keepalives_idle": "10",  # seconds
    "keepalives_interval": "5",  # seconds
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",  # milliseconds
}
# How long the server lets a statement last, a transaction, a wait: whichever of these it knows.
_BOUNDS = [
    "statement_timeout",
    "lock_timeout",
    "transaction_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
]
# Connections lost in the server (57P01 to 57P05, 08), and none to be had (53300).
# Source: PostgreSQL, "Error Codes".
_LOST = re.compile(r"57P0[1235]|08...|53300")


class JsonAsBytes(Loader):
    """Leave jsonb to the Struct that wants it (projections/columns.py)."""

    def load(self, data: Buffer) -> bytes:
        """Return the text as it came."""
        return bytes(data)


class BinaryJsonAsBytes(JsonAsBytes):
    """The same of a binary result, which has the number of its format before the text."""

    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        """Return the text as it came."""
        return bytes(data)[1:]


def reaching(database_url: str) -> str:
    """Return the connection string with bounds on how long a silent server is waited for.

    Raises Invalid for what libpq cannot read.
    """
    try:
        return make_conninfo("", **(_REACHING | conninfo_to_dict(database_url)))
    except psycopg.ProgrammingError:  # its words may quote the password
        raise Invalid("The database's address cannot be read by libpq.") from None


def lost(error: psycopg.OperationalError) -> bool:
    """Whether there was no connection, or is none any more: to ask anew makes sense then alone."""
    return error.sqlstate is None or _LOST.fullmatch(error.sqlstate) is not None


def serving(database_url: str, application: str, **more: str) -> str:
    """Return the connection string of a process that serves: it owns nothing.

    `more` are further settings of PostgreSQL's.
    """
    return make_conninfo(
        reaching(database_url),
        application_name=f"muniment {application}",
        options=" ".join(f"-c {name}={value}" for name, value in (_SETTINGS | more).items()),
    )


def adapt(conn: Connection[Any] | AsyncConnection[Any]) -> None:
    """Set up a connection as all of ours are: prepared at first use, jsonb as bytes."""
    conn.prepare_threshold = 0
    conn.adapters.register_loader("jsonb", JsonAsBytes)
    conn.adapters.register_loader("jsonb", BinaryJsonAsBytes)


def connect(conninfo: str) -> Connection[Any]:
    """Return a connection in autocommit: every statement is its own transaction."""
    conn = psycopg.connect(conninfo, autocommit=True)
    adapt(conn)
    return conn


def unbounded(conn: Connection[Any]) -> None:
    """Lift what a server, a database or a role bounds: for work that lasts as long as it lasts.

    Between transactions alone.
    """
    lifted = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = ANY(%s)"
    conn.execute(lifted, [_BOUNDS])


def scalar(conn: Connection[Any], statement: str, params: Params | None = None) -> Any:
    """Return the first column of the first row, or None when there is no row."""
    row = conn.execute(statement, params).fetchone()
    return None if row is None else row[0]


async def fetch(db: Db, statement: str, params: Params | None = None) -> list[tuple[Any, ...]]:
    """Return all rows of a statement that only reads.

    A connection that broke is replaced and the statement sent again, until PATIENCE ends: a
    server that is being started again costs its readers time, no error. Raises
    psycopg.OperationalError, psycopg_pool.PoolTimeout.
    """
    deadline = monotonic() + PATIENCE
    while True:
        try:
            # Not as a block: leaving it would commit, which autocommit has no use for.
            conn = await db.getconn(LENDING)
            try:
                await conn.held.execute(statement, params)
                return await conn.held.fetchall()
            finally:
                await db.putconn(conn)
        except psycopg.OperationalError as error:
            if not lost(error) or monotonic() > deadline:
                raise
            await asyncio.sleep(RETRY)


async def fetch_one(db: Db, statement: str, params: Params | None = None) -> tuple[Any, ...] | None:
    """Return the first row of a statement that only reads, or None. As `fetch`."""
    rows = await fetch(db, statement, params)
    return rows[0] if rows else None


async def _configure(conn: Reader) -> None:
    adapt(conn)


async def _configure_for_any(conn: Reader) -> None:
    adapt(conn)
    conn.prepare_threshold = None


def reading_pool(conninfo: str, size: int, *, prepared: bool = True) -> Db:
    """Return a pool for coroutines, not yet open: a worker opens it after its fork.

    `prepared`: its statements are few, and come again.

    A connection that cannot be opened is given up at once, and tried again whenever somebody asks
    for one. The pool's own tries grow apart, to minutes: it would miss a server that came back.
    """
    return AsyncConnectionPool(
        conninfo,
        min_size=size,
        max_size=size,
        timeout=1.0,
        reconnect_timeout=0,
        connection_class=Reader,
        kwargs={"autocommit": True},
        configure=_configure if prepared else _configure_for_any,
        open=False,
    )


class Connections:
    """One connection a thread; a broken one is replaced when it is next asked for.

    A statement that is sent as soon as `get` returns ends, if only as lost.
    """

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._local = threading.local()
        self._all: list[Connection[Any]] = []
        self._lock = threading.Lock()
        self._watch = Watch()

    def get(self) -> Connection[Any]:
        """Return this thread's connection. Raises psycopg.OperationalError when there is none."""
        conn: Connection[Any] | None = getattr(self._local, "conn", None)
        if conn is None or conn.closed:
            conn = connect(self.conninfo)
            self._local.conn = conn
            with self._lock:
                self._all = [each for each in self._all if not each.closed]
                self._all.append(conn)
        self._watch.used(conn)
        return conn

    def fetch_one(self, statement: str, params: Params | None = None) -> tuple[Any, ...] | None:
        """Return the first row of a statement that only reads, or None; patient as `fetch` is."""
        rows = self.fetch(statement, params)
        return rows[0] if rows else None

    def fetch(self, statement: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of a statement that only reads; patient as the other `fetch` is."""
        deadline = monotonic() + PATIENCE
        while True:
            try:
                return self.get().execute(statement, params, binary=True).fetchall()
            except psycopg.OperationalError as error:
                if not lost(error) or monotonic() > deadline:
                    raise
                sleep(RETRY)

    def close(self) -> None:
        """Close every thread's connection."""
        self._watch.end()
        with self._lock:
            for conn in self._all:
                with suppress(psycopg.Error):
                    conn.close()
            self._all.clear()
