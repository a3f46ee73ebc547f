"""Rows of a view as they are compared with what the log says: documents by their SHA-256.

So the rows are small, whatever is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

from msgspec import Raw, Struct
from msgspec.structs import astuple
from psycopg import Connection

from projections.columns import Jsonb
from projections.view import View

S = TypeVar("S", bound=Struct)

BATCH = 1000  # rows in memory at once
WHOLE = 20  # those with documents in jsonb, which are compared as they are

Values = tuple[Any, ...]


class Comparable(Generic[S]):
    """A view whose rows are compared, column by column."""

    def __init__(self, view: View[S]) -> None:
        self.view = view
        self.names = view.row.__struct_fields__
        columns = view.columns.all
        self.is_heavy = any(each.load is Raw for each in columns)  # rows have whole documents
        self.batch = WHOLE if any(each.load is Jsonb for each in columns) else BATCH
        self._documents = [at for at, each in enumerate(columns) if each.load is Raw]
        self._loads: list[tuple[int, Callable[[Any], Any]]] = [
            (at, load) for at, load in view.columns.loaded if load is not Raw
        ]
        self.select = "SELECT {} FROM {}".format(
            ", ".join(
                f"sha256({each.name})" if each.load is Raw else each.name for each in columns
            ),
            view.name,
        )

    def folded(self, row: S) -> Values:
        """Return what a row that follows from the log is compared by."""
        if not self._documents:
            return astuple(row)
        values = list(astuple(row))
        for at in self._documents:
            if values[at] is not None:
                values[at] = sha256(values[at]).digest()
        return tuple(values)

    def live(self, row: Values) -> Values:
        """Return what a row that `select` gave is compared by."""
        if not self._loads:
            return row
        values = list(row)
        for at, load in self._loads:
            if values[at] is not None:
                values[at] = load(values[at])
        return tuple(values)

    def key(self, values: Values) -> Values:
        """Return the key of a row."""
        return tuple(values[at] for at in self.view.key_at)

    def named(self, key: Values) -> dict[str, Any]:
        """Return a key with the names of its columns."""
        return dict(zip(self.view.key, key, strict=True))

    def differing(self, one: Values, other: Values) -> list[str]:
        """Return the columns in which two rows differ."""
        pairs = zip(self.names, one, other, strict=True)
        return [name for name, a, b in pairs if a != b]


def ordered(
    conn: Connection[Any], comparable: Comparable[Any], streams: Sequence[UUID] | None = None
) -> Iterator[Values]:
    """Give a view's live rows in order of key, as the connection's transaction sees them.

    Of these streams only, where a key begins with the stream.
    """
    view = comparable.view
    where = "" if streams is None else f" WHERE {view.key[0]} = ANY(%(streams)s)"
    keys = ", ".join(_in_order(view, name) for name in view.key)
    with conn.cursor(f"live_{view.name}", binary=True) as cursor:
        cursor.execute(f"{comparable.select}{where} ORDER BY {keys}", {"streams": streams})
        while batch := cursor.fetchmany(comparable.batch):
            yield from map(comparable.live, batch)


def _in_order(view: View[Any], name: str) -> str:
    """Return the column as it is sorted here: a text by its bytes."""
    is_text = any(each.name == name and each.sql_type == "text" for each in view.columns.all)
    return f'{name} COLLATE "C"' if is_text else name
