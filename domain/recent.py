"""Aggregates that this process has read or written a moment ago, to decide on without asking.

What is recalled may be out of date. So whatever is decided on it is saved only if it still is as it
was recalled, and what saves nothing is decided again on what is read anew (domain/log.py): to
recall saves a round trip and never changes an outcome. Marks keep it from being tried in vain.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any
from uuid import UUID

from domain.draft import Draft
from domain.drafting import DraftSaved, kept
from domain.event import Aggregate, Entry
from domain.family import Family
from domain.kept import Kept
from domain.record import Record
from domain.storage.stamps import Stamps

MOST = 10_000  # aggregates and grants that a process keeps
DRAFTS = 8 << 20  # bytes of documents of drafts that it keeps
WEIGHT = 1 << 10  # bytes of a draft beside its document
SMALL = 64 << 10  # bytes; a larger document is read again


class Recent:
    """Aggregates by what they were sought by. For any thread."""

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps
        self._found: Kept[Hashable, tuple[UUID, ...]] = Kept(MOST)
        self._heads: Kept[UUID, tuple[Aggregate, int]] = Kept(MOST)
        self._drafts: Kept[UUID, tuple[Draft, int]] = Kept(DRAFTS)

    def recall(self, key: Hashable) -> list[Aggregate]:
        """Return what was found under a key, unless somebody has written any of it since."""
        found = []
        for id_ in self._found.get(key) or ():
            held = self._heads.get(id_)
            if held is None or self._stamps.read(id_) != held[1]:
                return []
            found.append(held[0])
        return found

    def read(self, key: Hashable, found: Iterable[Aggregate]) -> None:
        """Keep what was just found under a key."""
        ids = []
        for each in found:
            self._put(each, self._stamps.read(each.id))
            ids.append(each.id)
        if ids:
            self._found.put(key, tuple(ids), len(ids))

    def draft(self, record: Record) -> Draft | None:
        """Return the document of a record's draft, if it was saved here as the record stands.

        What a draft says at a version never changes: only whether it is at it is to be found out.
        """
        found = self._drafts.get(record.id)
        return found[0] if found is not None and found[1] == record.version else None

    def saved(self, changed: Iterable[Aggregate], entries: Iterable[Entry[Any]]) -> None:
        """Tell other processes what was just saved, and keep what was kept of it before."""
        for entry in entries:
            if isinstance(entry.event, DraftSaved):
                size = len(entry.event.document) + len(entry.event.sent)
                if size <= SMALL:
                    self._drafts.put(entry.stream, (kept(entry), entry.version), WEIGHT + size)
        for each in changed:
            stamp = self._stamps.mark(each.id)
            if self._heads.get(each.id) is not None:
                self._put(each, stamp)

    def _put(self, head: Aggregate, stamp: int) -> None:
        weight = 1 + len(head.grants) if isinstance(head, Family) else 1
        self._heads.put(head.id, (head, stamp), weight)
