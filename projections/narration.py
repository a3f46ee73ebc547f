"""Narration: one event as it is told to people and programs, whatever it is.

Replay and `/events` tell events by this and nothing else. An event is told by its own fields, by
those it changed as they were before, and by the JSON Patch that makes the document it carries of
the one before. Documents themselves lie beside the narration, and what is secret is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from domain.access import Level
from domain.action import ActionRevised
from domain.event import Aggregate, Entry, Event
from domain.family import PermissionGranted, PermissionRevoked
from domain.group import GroupRenamed, MemberAdded, MemberRemoved
from domain.patches import Operation, patch
from domain.record import AccessChanged, Published
from domain.redaction import secrets_of

Before = Callable[[Any, Any], Any]  # the aggregate before an event, the event → what was then

# What an event puts in place of something: told with what it was, and only if it is another.
REPLACED: MappingProxyType[type[Event], Mapping[str, Before]] = MappingProxyType(
    {
        Published: {
            "schema_version": lambda record, _: record.schema_version,
            "access": lambda record, _: record.access,
        },
        AccessChanged: {"access": lambda record, _: record.access},
        PermissionGranted: {
            "level": lambda family, event: family.grants.get(event.principal, Level.NONE)
        },
        PermissionRevoked: {
            "level": lambda family, event: family.grants.get(event.principal, Level.NONE)
        },
        ActionRevised: {"schema_version": lambda action, _: action.schema_version},
        GroupRenamed: {"name": lambda group, _: group.name},
        MemberAdded: {"role": lambda group, event: group.members.get(event.account)},
        MemberRemoved: {"role": lambda group, event: group.members.get(event.account)},
    }
)


class Narration(Struct, frozen=True, omit_defaults=True):
    """One event. `revision` is its place in its stream, from 1; instants are UTC.

    `changed` holds the event's fields in values of JSON, a permission by its name; a published
    version's number is its `version`. `before` holds what some of them replaced. `valid_from` is a
    version's, and `patch` is there when the document before was given.
    """

    position: int
    stream: UUID
    revision: int
    topic: str
    recorded_at: datetime
    by: UUID
    via: str
    changed: dict[str, Any]
    before: dict[str, Any] = {}
    valid_from: datetime | None = None
    patch: list[Operation] | None = None


def narrate(
    position: int,
    entry: Entry[Any],
    aggregate: Aggregate | None = None,
    document: Raw | None = None,
) -> Narration:
    """Tell an event.

    `aggregate` is the one before it, None at the beginning of its stream or when what was before
    is not to be told; `document` likewise, of the version before.
    """
    event = entry.event
    changed = _fields(event)
    before = {}
    if aggregate is not None:
        for name, read in REPLACED.get(type(event), {}).items():
            was = _plain(read(aggregate, event))
            if name in changed and changed[name] == was:
                del changed[name]
            elif was is not None:
                before[name] = was
    after = document_of(event)
    return Narration(
        position,
        entry.stream,
        entry.version,
        event.TOPIC,
        entry.recorded_at,
        entry.by,
        entry.via,
        changed,
        before,
        valid_from_of(entry),
        None if document is None or after is None else patch(bytes(document), bytes(after)),
    )


def document_of(event: Event) -> Raw | None:
    """Return the document that an event carries, as exact bytes: a version's, or a schema."""
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, Raw):
            return value
    return None


def valid_from_of(entry: Entry[Any]) -> datetime | None:
    """Return since when a published version is valid; None for every other event."""
    if not isinstance(entry.event, Published):
        return None
    return entry.event.valid_from or entry.recorded_at


def _fields(event: Event) -> dict[str, Any]:
    hidden = secrets_of(event.TOPIC)
    found = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if value is not None and name not in hidden and not isinstance(value, Raw):
            found[name] = _plain(value)
    if isinstance(event, Published):
        found["version"] = found.pop("number")
        found.pop("valid_from", None)
    return found


def _plain(value: Any) -> Any:
    """Return a value in those of JSON."""
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, Struct):  # with its defaults: they say something too
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
        return {name: _plain(held) for name, held in fields if held is not None}
    return msgspec.to_builtins(value, str_keys=True)
