"""Data keys: what the secrets of a record are sealed with. Their SQL is in data_keys.sql.

They are no events. Events name a data key by its id and never change; the key lies here, wrapped
under a key of a file outside the database, and is wrapped anew when that one is rotated: whoever
comes by the old key then opens nothing of this database with it.
"""

from __future__ import annotations

from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection

from domain.envelope import KEY_BYTES, DataKey, unwrap, wrap
from domain.errors import Damaged
from domain.storage.encryption_keys import EncryptionKeys
from projections import sql
from projections.database import Connections

SQL = sql.load("data_keys")

LOCK = 0x6D756E6B  # "munk": shared by who wraps a new data key, exclusive to who wraps all anew
ATTEMPTS = 3  # to open a key that is being wrapped anew


class DataKeys:
    """The data keys of records, each made at its first use."""

    def __init__(self, connections: Connections, keys: EncryptionKeys) -> None:
        self._connections = connections
        self._keys = keys

    def of(self, record: UUID) -> DataKey:
        """Return a record's data key, durable before anything is sealed with it. Raises Damaged."""
        found = self.find(record)
        if found is None:
            self._make(record)
            found = self.find(record)
        assert found is not None  # noqa: S101 - none is ever removed
        return found

    def find(self, record: UUID) -> DataKey | None:
        """Return a record's data key, None where it has none. Raises Damaged."""
        for attempt in range(ATTEMPTS):
            row = self._connections.fetch_one(SQL["one"], {"record": record})
            if row is None:
                return None
            id_, wrapping, wrapped = row
            try:
                key = self._keys.key(wrapping)
            except Damaged:
                if attempt + 1 == ATTEMPTS:
                    raise
                continue  # it may just have been wrapped anew
            return DataKey(id_, unwrap(key, bytes(wrapped), _place(id_, record)))
        return None

    def _make(self, record: UUID) -> None:
        conn, id_ = self._connections.get(), uuid4()
        with conn.transaction():
            conn.execute(SQL["share"], {"lock": LOCK})
            if not self._keys.ids() and missing(conn, self._keys):
                # A new file would stand where the one that is missing is to be put back.
                raise Damaged(f"{self._keys.path}, under whose keys secrets lie, is not there.")
            wrapping, key = self._keys.newest()  # no other is newer until this is committed
            wrapped = wrap(key, token_bytes(KEY_BYTES), _place(id_, record))
            new = {"id": id_, "record": record, "wrapping": wrapping, "wrapped": wrapped}
            conn.execute(SQL["keep"], new)


def rotate(conn: Connection[Any], keys: EncryptionKeys) -> tuple[str, int]:
    """Wrap every data key under another key, and forget those before it.

    Returns the id of the key, and how many data keys there are. Raises Damaged, with nothing
    changed, where one does not open.
    """
    conn.execute(SQL["hold"], {"lock": LOCK})
    try:
        opened = [
            (id_, record, unwrap(keys.key(wrapping), bytes(wrapped), _place(id_, record)))
            for id_, record, wrapping, wrapped in conn.execute(SQL["all"]).fetchall()
        ]
        keys.add()
        newest, key = keys.newest()
        with conn.transaction():
            for id_, record, data_key in opened:
                wrapped = wrap(key, data_key, _place(id_, record))
                new = {"id": id_, "wrapping": newest, "wrapped": wrapped}
                conn.execute(SQL["wrapped_anew"], new)
        keys.forget_older()  # what was wrapped under them is durable
    finally:
        conn.execute(SQL["release"], {"lock": LOCK})
    return newest, len(opened)


def missing(conn: Connection[Any], keys: EncryptionKeys) -> list[str]:
    """Return the ids of the keys that the file has not, though data keys lie under them."""
    known = keys.ids()
    return [name for (name,) in conn.execute(SQL["wrapping"]) if name not in known]


def _place(id_: UUID, record: UUID) -> bytes:
    """Return what a wrapped data key belongs to."""
    return id_.bytes + record.bytes
