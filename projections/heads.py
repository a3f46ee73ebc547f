"""Heads: the current aggregates, read from the inline views for commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from uuid import UUID

import psycopg

from domain.event import A, Answer
from projections import answers, schemas
from projections.database import Connections, scalar
from projections.registry import HEADS

DRAW = {
    kind: f"SELECT nextval('es.{kind}_number')" for kind in ("account", "action", "group", "record")
}


@lru_cache(maxsize=256)
def _select(table: str, columns: str, key: tuple[str, ...]) -> str:
    where = " AND ".join(f"{each} = %s" for each in key)
    return f"SELECT {columns} FROM {table} WHERE {where}"


class ViewHeads:
    """Reads on the calling thread's own connection (domain.log.Heads)."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def head(self, kind: type[A], **key: object) -> A | None:
        """Return the aggregate whose columns equal `key`, as it stands now."""
        view = HEADS[kind]
        statement = _select(view.name, view.columns.names, tuple(key))
        row = self.connections.get().execute(statement, list(key.values())).fetchone()
        if row is None:
            return None
        found: A = view.columns.load(row)
        return found

    def schema(self, action: UUID, version: int) -> bytes:
        """Return the exact bytes of an action's schema."""
        key = {"action": action, "version": version}
        body: bytes = scalar(self.connections.get(), schemas.view.sql["one"], key)
        return body

    def draw(self, sequence: str) -> int:
        """Return the next public number of a kind."""
        number: int = scalar(self.connections.get(), DRAW[sequence])
        return number

    def answered(self, account: UUID, key: str) -> Answer | None:
        """Return the answer remembered for this account's key, unless it has expired."""
        params = {"account": account, "key": key}
        row = self.connections.get().execute(answers.view.sql["one"], params).fetchone()
        return None if row is None else Answer(*row)

    @contextmanager
    def exclusive(self, name: str) -> Iterator[bool]:
        """Hold a name in the whole cluster; False when somebody else holds it.

        An advisory lock writes nothing, so it may be taken before the append; the server lets go
        of it when the process dies.
        """
        conn = self.connections.get()
        held: bool = scalar(conn, "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        try:
            yield held
        finally:
            if held:
                with suppress(psycopg.OperationalError):  # gone with its connection
                    conn.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
