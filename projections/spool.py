"""Rows that follow from the log in another order than that of their keys, sorted on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from projections.comparing import Comparable, Values

S = TypeVar("S", bound=Struct)


class Spool(Generic[S]):
    """A temporary file of SQLite's; it is gone when it is closed."""

    def __init__(self, comparable: Comparable[S]) -> None:
        self.comparable = comparable
        keys = comparable.view.key
        self._insert = f"INSERT OR REPLACE INTO row VALUES ({', '.join('?' * (len(keys) + 1))})"
        self._select = f"SELECT row FROM row ORDER BY {', '.join(keys)}"
        self._file = sqlite3.connect("")
        self._file.execute(
            f"CREATE TABLE row ({', '.join(keys)}, row, PRIMARY KEY ({', '.join(keys)}))"
            " WITHOUT ROWID"
        )

    def put(self, key: tuple[Any, ...], row: S) -> None:
        """Keep the row with a key, instead of any before."""
        sortable = [each.bytes if isinstance(each, UUID) else each for each in key]
        self._file.execute(self._insert, [*sortable, msgspec.json.encode(row)])

    def rows(self) -> Iterator[tuple[Values, Values]]:
        """Give the key of each row, and the row as it is compared, in order of key."""
        decode = msgspec.json.Decoder(self.comparable.view.row).decode
        for (held,) in self._file.execute(self._select):
            row = decode(held)
            values = self.comparable.folded(row)
            yield self.comparable.key(values), values

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
