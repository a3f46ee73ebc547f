"""What an erasure has to know of the log and of the views. Its SQL is in erasing.sql.

An erasure is rare: what it asks may read whole tables, on a connection of its own that may take as
long as that does. Those of threads are broken before (projections/overdue.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.event import Entry
from domain.heads import Elsewhere
from domain.mapper import read_entry
from projections import sql
from projections.database import Connections, connect

SQL = sql.load("erasing")


def life(connections: Connections, stream: UUID) -> list[Entry[Any]]:
    """Return all events of a stream, in order."""
    rows = connections.fetch(SQL["life"], {"stream": stream})
    return [read_entry(*row) for row in rows]


def lists_elsewhere(
    connections: Connections,
    manifests: Sequence[str],
    record: UUID,
    numbers: Sequence[int],
    *,
    draft: bool,
) -> set[str]:
    """Return which lists of files something else has (domain.heads)."""
    params = {
        "manifests": list(manifests),
        "record": record,
        "numbers": list(numbers),
        "draft": draft,
    }
    return {digest for (digest,) in connections.fetch(SQL["lists"], params)}


def listed_elsewhere(
    connections: Connections, blobs: Sequence[str], manifests: Sequence[UUID]
) -> set[str]:
    """Return which bytes a list of files has that is none of these."""
    if not blobs:
        return set()
    params = {"blobs": list(blobs), "manifests": list(manifests)}
    return {digest for (digest,) in _read(connections, "listed", params)}


def listed(conn: Connection[Any], blobs: Sequence[str]) -> set[str]:
    """Return which bytes any list of files has."""
    rows = conn.execute(SQL["listed"], {"blobs": list(blobs), "manifests": []})
    return {digest for (digest,) in rows}


def keeping(connections: Connections, blobs: Sequence[str]) -> dict[UUID, list[str]]:
    """Return which records name bytes by nothing but what an erasure left."""
    found: dict[UUID, list[str]] = {}
    for stream, digest in connections.fetch(SQL["keeping"], {"blobs": list(blobs)}):
        found.setdefault(stream, []).append(digest)
    return found


def said_elsewhere(
    connections: Connections,
    documents: Sequence[bytes],
    blobs: Sequence[str],
    here: tuple[UUID, Sequence[int], bool],
) -> list[Elsewhere]:
    """Return where else documents and bytes are than in these versions of a record, its draft."""
    record, numbers, draft = here
    params = {
        "documents": [sha256(each).digest() for each in documents],
        "lengths": list({len(each) for each in documents}),
        "blobs": list(blobs),
        "record": record,
        "numbers": list(numbers),
        "draft": draft,
    }
    found = [
        Elsewhere(number, pid, "draft" if version is None else "version", version)
        for number, pid, version in _read(connections, "equal", params)
    ]
    if blobs:
        found += [Elsewhere(*row) for row in connections.fetch(SQL["equal_files"], params)]
    return list(dict.fromkeys(found))


def _read(connections: Connections, name: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return all rows of a statement that may read whole tables."""
    with connect(connections.conninfo) as conn:
        conn.execute("SET enable_seqscan = on")
        return conn.execute(SQL[name], params, binary=True).fetchall()
