"""One stream of the log under audit: its events, and the live rows that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any
from uuid import UUID

from domain.erasure import Erased
from domain.event import Aggregate, Entry, evolve
from domain.manifest import ManifestErased
from domain.topics import AGGREGATES, EVENTS, KINDS
from projections.comparing import Values
from projections.findings import Finding, Found, at, missing, not_erased
from projections.live import LiveRows
from projections.soundness import in_place, intact, read
from projections.view import HeadView, Key


class Views:
    """The live rows of all views that follow stream by stream, by the kind of the stream."""

    def __init__(self, live: list[LiveRows[Any]]) -> None:
        self.all = live
        self.heads: dict[type[Aggregate], LiveRows[Any]] = {}
        plain: dict[type[Aggregate], list[LiveRows[Any]]] = {kind: [] for kind in AGGREGATES}
        for each in live:
            view = each.comparable.view
            if isinstance(view, HeadView):
                self.heads[view.row] = each
                continue
            for kind in {KINDS[event] for event in view.handlers}:
                plain[kind].append(each)
        self.plain = MappingProxyType(plain)


class Stream:
    """What the events of a stream amount to so far, and whether they can be trusted."""

    def __init__(self, id_: UUID, views: Views) -> None:
        self.id = id_
        self._views = views
        self._kind: type[Aggregate] | None = None
        self._head: Aggregate | None = None
        self._before: Found | None = None
        self._damaged = False  # something is wrong with the events
        self._foldable = True  # the events still say what the rows must be
        self._erased: set[int] = set()  # the versions of events of which nothing is there
        self._rows: dict[LiveRows[Any], dict[Key, Values | None]] = {}
        self._last: dict[LiveRows[Any], Key] = {}  # where documents are in the rows

    def add(self, event: Found, apart: Callable[[Entry[Any]], None]) -> Iterator[Finding]:
        """Give what is wrong with the next event. `apart` is told of each that can be read."""
        wrong = [*in_place(event, self._before)]
        bytes_wrong = intact(event)
        if bytes_wrong is not None:
            wrong.append(bytes_wrong)
        repeated = self._before is not None and self._before.version == event.version
        self._before = event
        if event.erased:
            self._erased.add(event.version)
        entry = None
        if self._foldable and not repeated:
            result = read(event, self._head)
            if isinstance(result, Finding):
                self._foldable = False
                if not wrong:  # else that is why
                    wrong.append(result)
            else:
                entry = result
                wrong += self._not_erased(event, entry)
        self._damaged = self._damaged or bool(wrong)
        yield from wrong
        if self._kind is None and event.topic in EVENTS:
            self._kind = KINDS[EVENTS[event.topic]]
        if entry is not None:
            apart(entry)
            yield from self._fold(event, entry)

    def _not_erased(self, event: Found, entry: Entry[Any]) -> list[Finding]:
        """Return what is wrong with the events that an erasure names."""
        if not isinstance(entry.event, Erased | ManifestErased):
            return []
        there = (each for each in entry.event.events if each not in self._erased)
        return [not_erased(event, each) for each in there]

    def end(self) -> Iterator[Finding]:
        """Give what is wrong with the rows that follow from the stream, after its last event."""
        if self._head is None or not self._foldable:
            concerned = self._views.all if self._kind is None else self._of(self._kind)
            for live in concerned:
                yield from live.skip(self.id)
            return
        yield from self._compared_head(self._head)
        for live in self._views.plain[type(self._head)]:
            rows = self._rows.get(live, {})
            for key in sorted(rows):
                values = rows[key]
                if values is not None:
                    yield from live.compared(key, values, damaged=self._damaged)
            yield from live.before((self.id,))
            yield from live.rest_of(self.id, damaged=self._damaged)

    def _of(self, kind: type[Aggregate]) -> list[LiveRows[Any]]:
        return [self._views.heads[kind], *self._views.plain[kind]]

    def _fold(self, event: Found, entry: Entry[Any]) -> Iterator[Finding]:
        self._head = head = evolve(self._head, entry)
        for live in self._views.plain[type(head)]:
            handler = live.comparable.view.handlers.get(type(entry.event))
            for key, row in handler(entry) if handler is not None else ():
                values = None if row is None else live.comparable.folded(row)
                view = live.comparable.view
                if live.comparable.is_heavy and not view.replaced and values is not None:
                    yield from self._compared(live, event, key, values)
                elif len(key) < len(view.key):  # the stream is the group that ends
                    self._rows.pop(live, None)
                else:
                    self._rows.setdefault(live, {})[key] = values

    def _compared(
        self, live: LiveRows[Any], event: Found, key: Key, values: Values
    ) -> Iterator[Finding]:
        """Compare a row with a document at once: they come in order, each once."""
        last = self._last.get(live, ())
        if key <= last:
            self._damaged = True
            yield at(event, "order", f"in {live.name} it stands before what came before it")
            return
        self._last[live] = key
        yield from live.compared(key, values, damaged=self._damaged)

    def _compared_head(self, head: Aggregate) -> Iterator[Finding]:
        live = self._views.heads[type(head)]
        yield from live.before((head.id,))
        seen = live.version_of(head.id)
        if seen is not None and seen > head.version:
            self._damaged = True
            yield missing(head.id, head.version + 1, seen, f"the view {live.name} has seen it")
            yield from live.skip(head.id)
            return
        yield from live.compared((head.id,), live.comparable.folded(head), damaged=self._damaged)
