"""Under audit: the headers of the log in order, as far as nothing can appear among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from domain.evidence import leaf, merkle
from domain.evidence.leaf import Header
from projections.seals import SQL

BATCH = 2560  # in memory at once

Read = tuple[Header, bytes]  # with the hash of its leaf


class Headers:
    """The headers of a log, as its leaves would be, from the first on."""

    def __init__(self, conn: Connection[Any]) -> None:
        self._rows = self._all(conn)
        self._ahead = next(self._rows, None)

    def until(self, position: int | None) -> Iterator[Read]:
        """Give the next that are before a position; None: all."""
        while self._ahead is not None:
            if position is not None and self._ahead[0].position >= position:
                return
            yield self._ahead
            self._ahead = next(self._rows, None)

    def _all(self, conn: Connection[Any]) -> Iterator[Read]:
        after = -1 << 63
        while batch := self._batch(conn, after):
            for row in batch:
                header = Header(*row)
                yield header, merkle.leaf_hash(leaf.encode(header))
            after = header.position

    def _batch(self, conn: Connection[Any], after: int) -> list[tuple[Any, ...]]:
        with conn.transaction(force_rollback=True):  # for the setting
            conn.execute(SQL["unsorted"])
            params = {"after": after, "limit": BATCH}
            return conn.execute(SQL["headers"], params, binary=True).fetchall()
