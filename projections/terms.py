"""terms: every term of the vocabularies as it stands. Its SQL is in terms.sql."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from domain.term import Term, term_id
from projections.database import Db, fetch
from projections.view import HeadView

view = HeadView("terms", Term)

THOSE = f"SELECT {view.columns.names} FROM terms WHERE id = ANY(%(ids)s)"


async def find(db: Db, refs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Term]:
    """Return those of these terms that there are, retired ones too."""
    rows = await fetch(db, THOSE, {"ids": [term_id(ref) for ref in refs]})
    return {term.ref: term for term in map(view.columns.load, rows)}


def counts(conn: Connection[Any]) -> dict[str, int]:
    """Return how many terms each vocabulary has in use, by type."""
    return dict(conn.execute(view.sql["counts"]).fetchall())
