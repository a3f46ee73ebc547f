"""Findings of an audit: what is wrong, where, and what mends it. One line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

from domain.evidence.leaf import Header

EMPTY = "empty its state and salt again, as a superuser and without the trigger append_only"
RESTORE = "restore the log from a backup: muniment restore"
LOG_FIRST = "mend the log first: a rebuild would copy what is wrong in it"

What = Literal[
    "digest",  # a state that does not give its digest, or is gone
    "not-erased",  # a state that an erasure took out, and that is there again
    "unreadable",  # an event that its topic does not explain, or that its stream cannot have
    "gap",  # events that are missing
    "repeat",  # events that are there twice
    "order",  # events whose places contradict one another
    "row-changed",  # a row of a view that differs from what the log says
    "row-missing",
    "row-unfounded",  # a row that no event makes
    "blob-missing",  # bytes that an event names
    "blob-changed",  # bytes that do not give their name, or cannot be read
    "blob-unnamed",  # bytes that no event names, though none is under way any more
    "seal-changed",  # an event that is another than the one that was sealed in its place
    "seal-missing",  # an event that was sealed and is not there
    "seal-unfounded",  # an event among those that were sealed that was not
    "tile",  # a piece of the tree that contradicts the log, or another piece
    "checkpoint",  # a signed checkpoint that the log does not have, or that is not there
    "secret",  # one that is encrypted under a key that is not there, or another
]


class Found(NamedTuple):
    """An event as its row in the log has it. `state` None: it is gone, b"": it was `erased`."""

    stream: UUID
    version: int
    position: int
    topic: str
    recorded_at: datetime
    salt: bytes | None
    digest: bytes
    state: bytes | None
    erased: bool = False  # an event after it says so


class Placed(NamedTuple):
    """An event without what is in it."""

    position: int
    stream: UUID
    version: int
    topic: str
    recorded_at: datetime


class Finding(Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong: in the log, with its place, in a row of a view, or with a blob."""

    what: What
    message: str
    mend: str  # a command, or what to do where none does it
    stream: UUID | None = None
    version: int | None = None
    position: int | None = None
    topic: str | None = None
    view: str | None = None
    key: dict[str, Any] | None = None
    columns: tuple[str, ...] = ()
    blob: str | None = None  # its SHA-256
    seal: str | None = None  # a tile, leaf or checkpoint

    @property
    def line(self) -> str:
        """The finding for a person."""
        if self.view is not None:
            key = ", ".join(f"{name} {value}" for name, value in (self.key or {}).items())
            where = f"view {self.view}, {key}"
        elif self.blob is not None:
            where = f"blob {self.blob}"
        elif self.seal is not None and self.stream is None:
            where = self.seal
        elif self.stream is None:
            where = f"position {self.position}"
        else:
            where = f"stream {self.stream}, event {self.version}"
            if self.position is not None:
                where += f" ({self.topic}, position {self.position})"
        return f"{self.what}: {where}: {self.message}. Mend: {self.mend}"


def at(event: Found | Placed | Header, what: What, message: str) -> Finding:
    """Return a finding about an event."""
    return Finding(
        what,
        message,
        RESTORE,
        stream=event.stream,
        version=event.version,
        position=event.position,
        topic=event.topic,
    )


def not_erased(erasure: Found, version: int) -> Finding:
    """Return the finding of an event that an erasure of its stream names and left."""
    message = f"event {erasure.version} erased it, and its state or salt is there"
    return Finding("not-erased", message, EMPTY, stream=erasure.stream, version=version)


def missing(stream: UUID, first: int, last: int, why: str) -> Finding:
    """Return the finding of events that are gone, `first` to `last` of a stream."""
    which = "is" if first == last else f"and those up to {last} are"
    return Finding("gap", f"{which} missing: {why}", RESTORE, stream=stream, version=first)


def row(
    what: What,
    view: str,
    key: dict[str, Any],
    message: str,
    *,
    columns: Sequence[str] = (),
    damaged: bool = False,
) -> Finding:
    """Return a finding about a row; `damaged` says that the log it follows from is."""
    mend = LOG_FIRST if damaged else f"muniment rebuild {view}"
    return Finding(what, message, mend, view=view, key=key, columns=tuple(columns))
