"""Whether an event of the log is as it was appended, judged by itself and by the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from domain.event import Aggregate, Beginning, Entry
from domain.mapper import UNREADABLE, read_entry
from domain.topics import EVENTS, KINDS
from projections.findings import Finding, Found, at, missing


def in_place(event: Found, before: Found | None) -> Iterator[Finding]:
    """Give what is wrong with an event's place after the one before it in its stream, if any."""
    last = before.version if before is not None else 0
    if event.version > last + 1:
        why = f"{f'{last} is followed by' if last else 'the first is'} {event.version}"
        yield missing(event.stream, last + 1, event.version - 1, why)
    if before is None:
        return
    if event.version == last:
        yield at(event, "repeat", f"it is there twice, also at position {before.position}")
    elif event.position <= before.position:
        message = f"it stands before event {last} of its stream, at position {before.position}"
        yield at(event, "order", message)
    if event.recorded_at <= before.recorded_at:
        yield at(event, "order", f"it was recorded no later than event {last} of its stream")


def intact(event: Found) -> Finding | None:
    """Return what is wrong with an event's bytes, or None."""
    if event.erased:
        return None
    if event.state is None or event.salt is None:
        return at(event, "digest", "its state is gone")
    if sha256(event.salt + event.state).digest() != event.digest:
        return at(event, "digest", "its state is not the one that was stored: the digest differs")
    return None


def read(event: Found, head: Aggregate | None) -> Entry[Any] | Finding:
    """Return the entry of an event that can follow `head`, or what forbids it."""
    kind = EVENTS.get(event.topic)
    if kind is None:
        return at(event, "unreadable", "no event has this topic")
    state = b"" if event.erased else event.state or b"{}"
    try:
        entry = read_entry(*event[:2], event.topic, event.recorded_at, state)
    except UNREADABLE as error:
        return at(event, "unreadable", f"its state is none of this topic ({error})")
    if issubclass(kind, Beginning) != (head is None):
        return at(event, "unreadable", "a stream begins with another event, and only once")
    if head is None and not isinstance(entry.event, Beginning):
        return at(event, "unreadable", "an erasure names what a stream begins with")
    if head is not None and KINDS[kind] is not type(head):
        name = type(head).__name__
        return at(event, "unreadable", f"it does not belong in a stream of the kind {name}")
    return entry
