"""contents: the bytes that events name, by stream. Its SQL is in contents.sql.

Kept in the transaction of the event itself: what no committed event names is in no row, however far
the followers have come. What a manifest lists has a row from the event with which it came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import Connection

from domain.contents import RECEIVING, named
from domain.erasure import Erased
from domain.event import Entry
from projections.view import Key, View


class Naming(Struct, frozen=True):
    """A stream names some bytes; `version` is that of its last event that does."""

    stream: UUID
    sha256: str
    version: int


view = View("contents", Naming, key=("stream", "sha256"), replaced=True)


def _names(entry: Entry[Any]) -> Iterator[tuple[Key, Naming]]:
    for each in named(entry):
        sha256 = each.content.sha256
        yield (entry.stream, sha256), Naming(entry.stream, sha256, entry.version)


for _kind in RECEIVING:
    view.on(_kind)(_names)


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, Naming | None]]:
    """Take away what is erased; what something else lists stays named where it came."""
    event = entry.event
    for sha256 in event.blobs:
        row = Naming(entry.stream, sha256, entry.version) if sha256 in event.kept else None
        yield (entry.stream, sha256), row


def unnamed(conn: Connection[Any], digests: Collection[str]) -> set[str]:
    """Return which of these digests no event names."""
    found = conn.execute(view.sql["named"], {"digests": list(digests)})
    return set(digests) - {sha256 for (sha256,) in found}
