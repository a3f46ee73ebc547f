"""Name: something outside calls one of our things by it, and nothing else can be so called.

The stream's id is derived from kind and value, so of two claims the second conflicts. A name that
was given up, as an e-mail address may be, passes to whoever claims it next.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from domain.event import Aggregate, Beginning, Change, Entry
from domain.identifiers import stream_of

EMAIL = "email"  # the kind of an e-mail address; its value is as a login name is compared


class Name(Aggregate, frozen=True):
    """A name and the stream it stands for; None: for nothing now."""

    kind: str
    value: str
    holder: UUID | None


class NameClaimed(Beginning[Name], frozen=True, kw_only=True):
    """A name was given to something."""

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


class NamePassed(Change[Name], frozen=True, kw_only=True, omit_defaults=True):
    """The name stands for something else from now on, or for nothing."""

    TOPIC: ClassVar[str] = "name.passed"
    holder: UUID | None = None

    def apply(self, aggregate: Name, entry: Entry[Any]) -> Name:
        """Return the name with its new holder."""
        return aggregate.moved(entry, holder=self.holder)


def name_id(kind: str, value: str) -> UUID:
    """Return the stream that this name owns."""
    return stream_of(f"name:{kind}", value)
