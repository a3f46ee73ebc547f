"""The one statement that a save is: events and the rows they change, all or nothing.

One round trip in autocommit, prepared: half the cost of BEGIN … COMMIT in a pipeline. The text
depends only on how many events and how many rows of which view a save has, so a few dozen texts
serve everything. It is made of the columns of our own Structs, never of anything a user sent.

The position is `(transaction id + offset) << 20 | ordinal`. A first event of a save whose
predecessor is missing, or does not stand at a smaller position, gets none, and NOT NULL refuses
the whole save: versions rise with positions in every stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from domain.mapper import Stored
from projections.registry import VIEWS
from projections.view import Changes

POSITION = "((txid_current() + es.txid_offset()) << 20) | %s::bigint"
FOLLOWS = (
    "(SELECT here.position FROM (SELECT " + POSITION + " AS position) here, es.event before"
    " WHERE before.stream = %s AND before.version = %s AND before.position < here.position)"
)
ORDINALS = 1 << 20  # events that one save may have

Shape = tuple[tuple[bool, ...], tuple[tuple[str, int, int], ...]]


@lru_cache(maxsize=1024)
def _text(shape: Shape) -> str:
    follows, touched = shape
    parts = [
        "appended AS (INSERT INTO es.event"
        " (stream, version, topic, recorded_at, state, salt, digest, position) VALUES "
        + ", ".join(
            "(%s, %s, %s, %s, %s, %s, %s, " + (FOLLOWS if later else POSITION) + ")"
            for later in follows
        )
        + " RETURNING position)"
    ]
    for name, upserts, deletes in touched:
        if upserts:
            parts.append(f"{name}_put AS ({_upsert(name, upserts)})")
        if deletes:
            parts.append(f"{name}_gone AS ({_delete(name, deletes)})")
    return "WITH " + ", ".join(parts) + " SELECT position FROM appended ORDER BY position"


def _upsert(name: str, rows: int) -> str:
    view = VIEWS[name]
    values = "(" + ", ".join(f"%s::{each.sql_type}" for each in view.columns.all) + ")"
    news = ", ".join(
        f"{each.name} = excluded.{each.name}"
        for each in view.columns.all
        if each.name not in view.key
    )
    return (
        f"INSERT INTO {name} ({view.columns.names}) VALUES {', '.join([values] * rows)}"
        f" ON CONFLICT ({', '.join(view.key)}) DO UPDATE SET {news}"
    )


def _delete(name: str, rows: int) -> str:
    key = ", ".join(VIEWS[name].key)
    one = "(" + ", ".join(["%s"] * len(VIEWS[name].key)) + ")"
    return f"DELETE FROM {name} WHERE ({key}) IN ({', '.join([one] * rows)})"


def compose(
    stored: Sequence[Stored], changes: Iterable[tuple[str, Changes[Any]]]
) -> tuple[str, list[Any]]:
    """Return the statement of a save and its parameters."""
    params: list[Any] = []
    follows: list[bool] = []
    begun: set[UUID | str] = set()
    for ordinal, event in enumerate(stored):
        later = event.originator_version > 1 and event.originator_id not in begun
        begun.add(event.originator_id)
        follows.append(later)
        params += (
            event.originator_id,
            event.originator_version,
            event.topic,
            event.recorded_at,
            event.state,
            event.salt,
            event.digest,
            ordinal,
        )
        if later:
            params += (event.originator_id, event.originator_version - 1)
    touched: list[tuple[str, int, int]] = []
    for name, changed in changes:
        dump = VIEWS[name].columns.dump
        rows = [row for row in changed.values() if row is not None]
        gone = [key for key, row in changed.items() if row is None]
        touched.append((name, len(rows), len(gone)))
        for row in rows:
            params += dump(row)
        for key in gone:
            params += key
    return _text((tuple(follows), tuple(touched))), params
