"""The code that each view's rows were made by: where it changed since, they are made again.

A digest is of what decides on rows and table: the modules of the view's rows and handlers, or of
the aggregate and its events, and the table's SQL. What else such code calls does not count: a
change there that matters says so by a migration, as one of columns does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from psycopg import Connection

from projections.registry import VIEWS
from projections.view import HeadView, View

TABLE = (
    "CREATE TABLE IF NOT EXISTS muniment.view_code (view text PRIMARY KEY, digest bytea NOT NULL)"
)


def changed(conn: Connection[Any]) -> list[str]:
    """Return the names of the views whose rows other code made."""
    known = dict(conn.execute("SELECT view, digest FROM muniment.view_code").fetchall())
    return [name for name, view in VIEWS.items() if known.get(name) != _digest(view)]


def made(conn: Connection[Any], names: Iterable[str]) -> None:
    """Note that this code made the rows of these views."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO muniment.view_code (view, digest) VALUES (%s, %s)"
            " ON CONFLICT (view) DO UPDATE SET digest = excluded.digest",
            [(name, _digest(VIEWS[name])) for name in names],
        )


def _digest(view: View[Any]) -> bytes:
    parts = [view.sql["table"], view.sql.get("indexes", "")]
    decides = view.kinds if isinstance(view, HeadView) else view.handlers.values()
    modules = {view.row.__module__, *(each.__module__ for each in decides)}
    for module in sorted(modules):
        file = sys.modules[module].__file__
        assert file is not None  # noqa: S101 - none of them is made otherwise
        parts.append(Path(file).read_text("utf-8"))
    return sha256("\0".join(parts).encode()).digest()
