"""The live rows of one view, passed in order of key beside what the log says they must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from projections.comparing import Comparable, Values
from projections.findings import RESTORE, Finding, row

S = TypeVar("S", bound=Struct)


class LiveRows(Generic[S]):
    """A place among the rows of a view; it only moves on."""

    def __init__(self, comparable: Comparable[S], rows: Iterator[Values]) -> None:
        self.comparable = comparable
        self.name = comparable.view.name
        self._rows = rows
        self._row: Values | None = None
        self._key: Values = ()
        self._next()

    def _next(self) -> None:
        self._row = next(self._rows, None)
        self._key = () if self._row is None else self.comparable.key(self._row)

    def version_of(self, stream: UUID) -> int | None:
        """Return how many events of its stream the row of a HeadView has seen, if it is next."""
        if self._row is None or self._key != (stream,):
            return None
        version: int = self._row[self.comparable.names.index("version")]
        return version

    def compared(self, key: Values, wanted: Values, *, damaged: bool) -> Iterator[Finding]:
        """Give what is wrong up to the row with this key, which the log wants to be so.

        `damaged` says that something is wrong with the log's own events of it.
        """
        yield from self.before(key, damaged=damaged)
        found = self._row
        if found is None or self._key != key:
            yield self._finding("row-missing", key, "the log makes this row", damaged=damaged)
            return
        self._next()
        if found != wanted:
            columns = self.comparable.differing(wanted, found)
            message = f"the log says otherwise in {', '.join(columns)}"
            yield row(
                "row-changed",
                self.name,
                self.comparable.named(key),
                message,
                columns=columns,
                damaged=damaged,
            )

    def before(self, key: Values, *, damaged: bool = False) -> Iterator[Finding]:
        """Give the rows before a key, which no event makes; `damaged` if they share its stream."""
        while self._row is not None and self._key < key:
            yield self._unfounded(damaged=damaged and self._key[0] == key[0])

    def rest_of(self, stream: UUID, *, damaged: bool) -> Iterator[Finding]:
        """Give the further rows of a stream, which no event makes."""
        while self._row is not None and self._key[0] == stream:
            yield self._unfounded(damaged=damaged)

    def rest(self, *, damaged: bool) -> Iterator[Finding]:
        """Give all further rows, which no event makes."""
        while self._row is not None:
            yield self._unfounded(damaged=damaged)

    def skip(self, stream: UUID) -> Iterator[Finding]:
        """Pass the rows of a stream of which the log does not say what they must be."""
        yield from self.before((stream,))
        while self._row is not None and self._key[0] == stream:
            self._next()

    def _unfounded(self, *, damaged: bool) -> Finding:
        key = self._key
        self._next()
        if damaged:
            return self._finding("row-unfounded", key, "no event makes it", damaged=True)
        return Finding(
            "row-unfounded",
            "no event makes it: its events were deleted, or it was put there by hand",
            f"{RESTORE}; if it was put there by hand, muniment rebuild {self.name}",
            view=self.name,
            key=self.comparable.named(key),
        )

    def _finding(self, what: Any, key: Values, message: str, *, damaged: bool) -> Finding:
        return row(what, self.name, self.comparable.named(key), message, damaged=damaged)
