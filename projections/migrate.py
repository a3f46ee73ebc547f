"""Schema of the database: numbered SQL files, and a table for each view, made once.

Runs before any worker starts, under an advisory lock, as the role that owns the database. The
serving role is another: it appends to the log and keeps the views, and owns nothing.
"""

from __future__ import annotations

import random
from importlib.resources import files
from importlib.resources.abc import Traversable
from time import sleep
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.errors import DuplicateObject, InsufficientPrivilege, InternalError_, UniqueViolation

from domain.errors import Conflict
from projections import code, listing, search
from projections.database import SERVING_ROLE, scalar, unbounded
from projections.rebuild import rebuild, relist
from projections.registry import VIEWS

LOCK = 0x6D756E69  # "muni"
OLDEST = 16  # major version of PostgreSQL that has what is asked of it
ATTEMPTS = 20  # to make the role that serves, beside other starts


def migrate(database_url: str) -> None:
    """Bring a database to what this code needs. Raises Conflict for a newer one."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        if conn.info.server_version < OLDEST * 10_000:
            raise Conflict(
                f"The server is PostgreSQL {conn.info.server_version // 10_000}; Muniment needs"
                f" {OLDEST} or a newer one. Upgrade the server with its own means, or name another"
                " one with DATABASE_URL."
            )
        unbounded(conn)
        conn.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        _serving_role(conn)
        conn.execute("CREATE SCHEMA IF NOT EXISTS muniment")
        conn.execute(
            "CREATE TABLE IF NOT EXISTS muniment.migration"
            " (number integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = scalar(conn, "SELECT coalesce(max(number), 0) FROM muniment.migration")
        require_known(done, "database")
        for number, file in _steps():
            if number > done:
                with conn.transaction():
                    conn.execute(file.read_text("utf-8"))
                    conn.execute("INSERT INTO muniment.migration (number) VALUES (%s)", [number])
        # What is to be filled is written down with the table: a start may end in between.
        conn.execute("CREATE TABLE IF NOT EXISTS muniment.unfilled (view text PRIMARY KEY)")
        conn.execute(code.TABLE)
        missing = [name for name in VIEWS if not _exists(conn, name)]
        for name in missing:
            with conn.transaction():
                conn.execute("INSERT INTO muniment.unfilled (view) VALUES (%s)", [name])
                conn.execute("SET LOCAL search_path = view")
                conn.execute(VIEWS[name].sql["table"])
                conn.execute(VIEWS[name].sql.get("indexes", ""))
        empty = listing.ensure(conn)
        unfilled = [name for (name,) in conn.execute("SELECT view FROM muniment.unfilled")]
        if unfilled:
            if scalar(conn, "SELECT EXISTS (SELECT FROM es.event)"):
                rebuild(database_url, unfilled)
            conn.execute("DELETE FROM muniment.unfilled")
        code.made(conn, missing)
        if empty and search.view.name not in unfilled:
            relist(database_url)


def require_known(step: int, what: str) -> None:
    """Pass when the last step that something is of is known here. Raises Conflict."""
    last, _ = _steps()[-1]
    if step > last:
        raise Conflict(
            f"This {what} was made by a newer Muniment (step {step}; this one knows {last})."
            " Install that version, or a later one, and start again."
        )


def _steps() -> list[tuple[int, Traversable]]:
    return sorted(
        (int(each.name.split("_")[0]), each)
        for each in files("projections").joinpath("migrations").iterdir()
        if each.name.endswith(".sql")
    )


def _exists(conn: Connection[Any], view: str) -> bool:
    return scalar(conn, "SELECT to_regclass(%s)", [f"view.{view}"]) is not None


def _serving_role(conn: Connection[Any]) -> None:
    """Make the role that serves, unless it is there.

    All databases of a server share it, and a lock holds within one database only: where two start
    at once, the second finds that the role has just been made, and looks again.
    """
    for _ in range(ATTEMPTS):
        try:
            return _make_serving_role(conn)
        except (DuplicateObject, UniqueViolation, InternalError_):
            sleep(random.uniform(0, 0.1))  # noqa: S311 - spreads starts
    return _make_serving_role(conn)


def _make_serving_role(conn: Connection[Any]) -> None:
    if scalar(conn, "SELECT 1 FROM pg_roles WHERE rolname = %s", [SERVING_ROLE]) is None:
        try:
            conn.execute(f"CREATE ROLE {SERVING_ROLE} NOLOGIN")
        except InsufficientPrivilege:
            raise Conflict(
                f"The database needs a role that this user may not make. As a superuser, run:"
                f" CREATE ROLE {SERVING_ROLE} NOLOGIN; GRANT {SERVING_ROLE} TO"
                f" {conn.info.user}; and start again."
            ) from None
    if not scalar(conn, "SELECT pg_has_role(current_user, %s, 'SET')", [SERVING_ROLE]):
        conn.execute(f"GRANT {SERVING_ROLE} TO CURRENT_USER")
