"""A view: rows that the log amounts to, said once as pure functions and used two ways.

Inline, the rows that one save changes are upserted in the event's own statement; on rebuild the
same functions run over the whole log in memory and the rows are COPYed (projections/rebuild.py).
There are three kinds. The row of a `HeadView` is the aggregate itself, made by `evolve`: the view
is at once what readers see and what the next command is decided on. The rows of a plain `View`
follow from each event alone, by key; those of a `GroupedView` may also end together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.event import Aggregate, Entry, Event, evolve
from domain.topics import AGGREGATES, topics_of
from projections import sql
from projections.columns import columns_of

S = TypeVar("S", bound=Struct)
A = TypeVar("A", bound=Aggregate)
E = TypeVar("E", bound=Event)

Key = tuple[Any, ...]
Settled = tuple[list[S], list[Key], list[Key]]  # rows to put, keys that end, groups that end
Changes = dict[Key, S | None]  # by key: the row as it is now, or None: gone
Rows = dict[Any, S | None]  # the same on rebuild, where a HeadView has keys of its own
Handler = Callable[[Entry[E]], Iterable[tuple[Key, S | None]]]


class View(Generic[S]):
    """Rows by key. `name` is the table's, and that of the .sql file beside."""

    # No row follows from the events of two streams, and a key begins with the stream's id.
    by_stream: ClassVar[bool] = True

    def __init__(
        self, name: str, row: type[S], *, key: tuple[str, ...], replaced: bool = False
    ) -> None:
        """Have rows that are made once each; `replaced`: or again and again, documents and all."""
        self.name = name
        self.row = row
        self.key = key
        self.replaced = replaced
        self.columns = columns_of(row)
        self.sql = sql.load(name)
        self.handlers: dict[type[Event], Handler[Any, S]] = {}
        self.key_at = tuple(row.__struct_fields__.index(each) for each in key)

    def on(self, kind: type[E]) -> Callable[[Handler[E, S]], Handler[E, S]]:
        """Say which rows an event makes (key, row) or ends (key, None)."""

        def register(handler: Handler[E, S]) -> Handler[E, S]:
            self.handlers[kind] = handler
            return handler

        return register

    @property
    def kinds(self) -> Iterable[type[Event]]:
        """The events that change this view."""
        return self.handlers

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of the events that change this view."""
        return topics_of(*self.kinds)

    def changes(self, entries: Sequence[Entry[Any]], heads: Mapping[UUID, Aggregate]) -> Changes[S]:
        """Return what a save changes, the last word on each key."""
        changed: Changes[S] = {}
        for entry in entries:
            handler = self.handlers.get(type(entry.event))
            if handler is not None:
                changed.update(handler(entry))
        return changed

    def fold(self, rows: Rows[S], entry: Entry[Any]) -> None:
        """Bring rows up to an entry, on rebuild."""
        handler = self.handlers.get(type(entry.event))
        if handler is not None:  # else what it said was erased
            rows.update(handler(entry))

    def settled(self, rows: Mapping[Any, S | None]) -> Settled[S]:
        """Return what is to be done to the table, where rows came in this order."""
        put = [row for row in rows.values() if row is not None]
        return put, [key for key, row in rows.items() if row is None], []

    def lasts(self, row: S, now: datetime) -> bool:
        """Whether a row that follows from the log is in the table: not if it was cleaned up."""
        return True


class GroupedView(View[S]):
    """Rows by a key of which the first part is a group; its rows may end together.

    A handler ends a group by giving its key of one part with None. One save does not both end a
    group and make rows in it.
    """

    def changes(self, entries: Sequence[Entry[Any]], heads: Mapping[UUID, Aggregate]) -> Changes[S]:
        """Return what a save changes, the last word on each key, in the order of the words."""
        changed: Changes[S] = {}
        for entry in entries:
            if type(entry.event) in self.handlers:
                self.fold(changed, entry)
        return changed

    def fold(self, rows: Rows[S], entry: Entry[Any]) -> None:
        """Bring rows up to an entry; what came later stands later."""
        handler = self.handlers.get(type(entry.event))
        for key, row in handler(entry) if handler is not None else ():
            rows.pop(key, None)
            rows[key] = row

    def settled(self, rows: Mapping[Any, S | None]) -> Settled[S]:
        """Return what is to be done to the table: groups end before rows are put."""
        put: list[S] = []
        gone: list[Key] = []
        ended: dict[Any, Key] = {}
        for key, row in reversed(list(rows.items())):
            if len(key) == 1:
                ended.setdefault(key[0], key)
            elif key[0] not in ended:
                if row is None:
                    gone.append(key)
                else:
                    put.append(row)
        return put, gone, list(ended.values())


class HeadView(View[A]):
    """One row an aggregate; its fields are the columns."""

    def __init__(self, name: str, kind: type[A]) -> None:
        super().__init__(name, kind, key=("id",))

    @property
    def kinds(self) -> Iterable[type[Event]]:
        """All events of the aggregate."""
        return AGGREGATES[self.row]

    def changes(self, entries: Sequence[Entry[Any]], heads: Mapping[UUID, Aggregate]) -> Changes[A]:
        """Return the aggregates of this kind as the command left them."""
        return {(id_,): head for id_, head in heads.items() if type(head) is self.row}

    def fold(self, rows: Rows[A], entry: Entry[Any]) -> None:
        """Evolve the aggregate of an entry, on rebuild. Rows are by the number that the id is."""
        key = entry.stream.int  # a UUID is compared in Python, a number is not
        rows[key] = evolve(rows.get(key), entry)
