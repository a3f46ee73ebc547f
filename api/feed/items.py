"""Events as the feed gives them: one JSON object each, spliced from the bytes that are stored."""

from __future__ import annotations

from functools import cached_property

import msgspec
import orjson
from msgspec import Raw, Struct

from api.feed.positions import token
from domain.instants import rfc3339
from domain.mapper import UNREADABLE
from domain.redaction import secrets_of, shown
from projections.feed import Row

ERASED = Raw(b"null")


class Author(Struct, frozen=True):
    """Who decided, and through which door, as JSON."""

    by: Raw
    via: Raw


_author = msgspec.json.Decoder(Author)


class Item:
    """An event as JSON, and as a Server-Sent Event; many listeners share one.

    Raises what UNREADABLE names for one that is damaged.
    """

    def __init__(self, row: Row) -> None:
        self.position = row.position
        self.id = token(row.position)
        self.body = _body(self.id, row)

    @cached_property
    def frame(self) -> bytes:
        """The event as Server-Sent Events have it. Source: HTML Living Standard, 9.2.5.

        Every line of the JSON is a `data` line. The reader joins them with LF, whatever ended
        them: between the tokens of JSON, the only place where a line can end, that is the same.
        """
        body = self.body
        if b"\r" in body:
            body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = body.replace(b"\n", b"\ndata: ")
        return b"id: %b\ndata: %b\n\n" % (self.id.encode(), lines)


class Damaged(Item):
    """An event whose bytes cannot be read: it says so, and what is known without them."""

    def __init__(self, row: Row) -> None:
        self.position = row.position
        self.id = token(row.position)
        known = {
            "id": self.id,
            "stream": str(row.stream),
            "version": row.version,
            "recorded_at": rfc3339(row.recorded_at),
            "topic": row.topic,
            "by": None,
            "via": None,
            "state": None,
            "damaged": True,
            "digest": row.digest.hex(),
        }
        self.body = orjson.dumps(known)


def item(row: Row) -> Item:
    """Return an event, damaged or not: one that is does not keep the others from who follows."""
    try:
        return Item(row)
    except UNREADABLE:
        return Damaged(row)


def _body(id_: str, row: Row) -> bytes:
    state = b"null" if row.state is None else shown(row.topic, row.state)
    author = Author(ERASED, ERASED) if row.state is None else _author.decode(row.state)
    hidden = sorted(secrets_of(row.topic))
    state.decode()  # strings that are passed over, are not looked at above
    return (
        b'{"id":"%b","stream":"%b","version":%d,"recorded_at":"%b","topic":"%b","by":%b,"via":%b,'
        b'"state":%b,%b"digest":"%b"}'
    ) % (
        id_.encode(),
        str(row.stream).encode(),
        row.version,
        rfc3339(row.recorded_at).encode(),
        row.topic.encode(),
        bytes(author.by),
        bytes(author.via),
        state,
        b'"redacted":%b,' % orjson.dumps(hidden) if hidden else b"",
        row.digest.hex().encode(),
    )
