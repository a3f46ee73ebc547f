"""Tables of views, kept and compared."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection

from projections.registry import VIEWS


def owner(database: str) -> Connection[Any]:
    """A connection of the role that owns the log."""
    return psycopg.connect(database, autocommit=True)


def keep(database: str, schema: str) -> None:
    """Copy every view's table into a schema, in place of what it held."""
    with owner(database) as conn:
        conn.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        conn.execute(f"CREATE SCHEMA {schema}")
        for name in VIEWS:
            conn.execute(f"CREATE TABLE {schema}.{name} AS TABLE view.{name}")


def differences(database: str, schema: str) -> dict[str, int]:
    """How many rows each view has that the kept one has not, or the other way round."""
    found = {}
    with owner(database) as conn:
        for name in VIEWS:
            one, other = f"TABLE view.{name}", f"TABLE {schema}.{name}"
            row = conn.execute(
                f"SELECT (SELECT count(*) FROM ({one} EXCEPT ALL {other}) a)"
                f" + (SELECT count(*) FROM ({other} EXCEPT ALL {one}) b)"
            ).fetchone()
            if row is not None and row[0]:
                found[name] = row[0]
    return found


def count(database: str, table: str) -> int:
    """How many rows a table has."""
    with owner(database) as conn:
        row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])
