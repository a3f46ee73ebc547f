"""Name: something outside calls one of our things by it, and nothing else can be so called.

The stream's id is derived from kind and value, so of two claims the second conflicts.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from domain.event import Aggregate, Beginning, Entry
from domain.identifiers import stream_of


class Name(Aggregate, frozen=True):
    """A name and the stream it stands for."""

    kind: str
    value: str
    holder: UUID


class NameClaimed(Beginning[Name], frozen=True, kw_only=True):
    """A name was given to something, for ever."""

    TOPIC: ClassVar[str] = "name.claimed"
    kind: str
    value: str
    holder: UUID

    def begin(self, entry: Entry[Any]) -> Name:
        """Return the name and its holder."""
        return Name(
            *entry.place,
            kind=self.kind,
            value=self.value,
            holder=self.holder,
        )


def name_id(kind: str, value: str) -> UUID:
    """Return the stream that this name owns."""
    return stream_of(f"name:{kind}", value)
