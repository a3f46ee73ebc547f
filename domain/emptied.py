"""Emptied: an event of which only its place is left, since what it said was erased.

In the log its state and salt are gone; its header and digest stay, so that seals and proofs go on
holding. It is never appended: a reader of the log meets it in the place of the event that was.
Source: DESIGN.md "The log".
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.event import Aggregate, Beginning, Change, Entry
from domain.manifest import NO_FILES, ManifestStored, StoredManifest

NOBODY = UUID(int=0)  # who decided it is not known any more


class Emptied(Change[Aggregate], frozen=True):
    """What is left of an event of this topic. What it changed, the erasure after it says again."""

    topic: str

    def apply(self, aggregate: Aggregate, entry: Entry[Any]) -> Aggregate:
        """Return the aggregate as it was, one event on."""
        return aggregate.moved(entry)


class EmptiedManifest(Beginning[StoredManifest], Struct, frozen=True):
    """What is left of the event with which a list of files began."""

    topic: str = ManifestStored.TOPIC

    def begin(self, entry: Entry[Any]) -> StoredManifest:
        """Return a list of which nothing is there."""
        return StoredManifest(*entry.place, manifest=NO_FILES, pages=0)


def emptied(topic: str) -> Emptied | EmptiedManifest:
    """Return what is left of an event of this topic."""
    return EmptiedManifest() if topic == ManifestStored.TOPIC else Emptied(topic)
