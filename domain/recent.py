"""Aggregates that this process has read or written a moment ago, to decide on without asking.

What is recalled may be out of date. So whatever is decided on it is saved only if it still is as it
was recalled, and what saves nothing is decided again on what is read anew (domain/log.py): to
recall saves a round trip and never changes an outcome. Marks keep it from being tried in vain.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from uuid import UUID

from domain.event import Aggregate
from domain.family import Family
from domain.kept import Kept
from domain.storage.stamps import Stamps

MOST = 10_000  # aggregates and grants that a process keeps


class Recent:
    """Aggregates by what they were sought by. For any thread."""

    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps
        self._found: Kept[Hashable, tuple[UUID, ...]] = Kept(MOST)
        self._heads: Kept[UUID, tuple[Aggregate, int]] = Kept(MOST)

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

    def saved(self, changed: Iterable[Aggregate]) -> None:
        """Tell other processes what was just saved, and keep what was kept of it before."""
        for each in changed:
            stamp = self._stamps.mark(each.id)
            if self._heads.get(each.id) is not None:
                self._put(each, stamp)

    def _put(self, head: Aggregate, stamp: int) -> None:
        weight = 1 + len(head.grants) if isinstance(head, Family) else 1
        self._heads.put(head.id, (head, stamp), weight)
