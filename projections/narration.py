"""Narration: one event as it is told to people and programs, whatever it is.

Replay and `/events` tell events by this and nothing else. An event is told by its own fields, by
those it changed as they were before, and by the JSON Patch that makes the document it carries of
the one before. Documents themselves lie beside the narration, and what is secret is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import IntEnum
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from domain.access import Level
from domain.access_links import LinkChanged, LinkRevoked
from domain.action import ActionChanged, ActionRevised
from domain.community import CommunityChanged, CommunityMoved, LogoRemoved, LogoSet
from domain.emptied import Emptied
from domain.erasure import Erased
from domain.event import Aggregate, Entry, Event
from domain.family import PermissionGranted, PermissionRevoked
from domain.group import (
    GroupDescribed,
    GroupRenamed,
    MemberAdded,
    MemberGroupAdded,
    MemberGroupRemoved,
    MemberRemoved,
)
from domain.inclusions import Excluded
from domain.instrument import CategoryRenamed, InstrumentChanged
from domain.location import LocationChanged, LocationTypeChanged
from domain.patches import Operation, patch
from domain.record import (
    AccessChanged,
    CommentPosted,
    FileLinked,
    FileReceived,
    LocationAssigned,
    Published,
)
from domain.redaction import secrets_of
from domain.term import TermChanged

Before = Callable[[Any, Any], Any]  # the aggregate before an event, the event → what was then

# What an event puts in place of something: told with what it was, and only if it is another.
REPLACED: MappingProxyType[type[Event], Mapping[str, Before]] = MappingProxyType(
    {
        Published: {
            "schema_version": lambda record, _: record.schema_version,
            "access": lambda record, _: record.access,
            "manifest": lambda record, _: record.manifest,
            "options": lambda record, _: record.options,
        },
        AccessChanged: {"access": lambda record, _: record.access},
        PermissionGranted: {
            "level": lambda family, event: family.grants.get(event.principal, Level.NONE)
        },
        PermissionRevoked: {
            "level": lambda family, event: family.grants.get(event.principal, Level.NONE)
        },
        LinkChanged: {
            "level": lambda family, event: family.grants[event.link],
            "expires_at": lambda family, event: family.links[event.link].expires_at,
        },
        LinkRevoked: {"level": lambda family, event: family.grants[event.link]},
        ActionChanged: {
            "name": lambda action, _: action.name,
            "description": lambda action, _: action.description,
            "hidden": lambda action, _: action.hidden,
        },
        ActionRevised: {"schema_version": lambda action, _: action.schema_version},
        GroupRenamed: {"name": lambda group, _: group.name},
        InstrumentChanged: {"details": lambda instrument, _: instrument.details},
        CategoryRenamed: {
            "title": lambda instrument, event: instrument.categories[event.number - 1]
        },
        LocationTypeChanged: {"details": lambda kind, _: kind.details},
        LocationChanged: {"details": lambda location, _: location.details},
        TermChanged: {"content": lambda term, _: term.content},
        GroupDescribed: {"description": lambda group, _: group.description},
        CommunityChanged: {
            "policies": lambda group, _: group.policies,
            "name": lambda group, _: group.name,
            "description": lambda group, _: group.description,
        },
        CommunityMoved: {"slug": lambda group, _: group.slug},
        LogoSet: {"content": lambda group, _: group.logo},
        LogoRemoved: {"content": lambda group, _: group.logo},
        MemberAdded: {"role": lambda group, event: group.members.get(event.account)},
        MemberRemoved: {"role": lambda group, event: group.members.get(event.account)},
        MemberGroupAdded: {"role": lambda group, event: group.member_groups.get(event.group)},
        MemberGroupRemoved: {"role": lambda group, event: group.member_groups.get(event.group)},
    }
)


class Narration(Struct, frozen=True, omit_defaults=True):
    """One event. `revision` is its place in its stream, from 1; instants are UTC.

    `changed` holds the event's fields in values of JSON, a permission by its name; a published
    version's number is its `version`, that of a file `file`, that of a comment `comment`. `before`
    holds what some of them replaced. `valid_from` is a version's, and `patch` is there when the
    document before was given.
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
    if isinstance(event, Emptied):
        place = (position, entry.stream, entry.version, event.topic, entry.recorded_at)
        return Narration(*place, entry.by, entry.via, {"erased": True})
    kind: type[Event] = type(event)
    replaced = {} if aggregate is None else REPLACED.get(kind, {})
    changed, before = {}, {}
    for name, shown, convert in _told(kind):
        value = getattr(event, name, None)
        was = replaced[name](aggregate, event) if name in replaced else None
        if value == was:
            continue
        if value is not None:
            changed[shown] = convert(value)
        if was is not None:
            before[shown] = convert(was)
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
    name = _document(type(event))
    document: Raw | None = None if name is None else getattr(event, name)
    return document if document else None


@cache
def _document(kind: type[Event]) -> str | None:
    hints = get_type_hints(kind)
    return next((name for name in kind.__struct_fields__ if hints[name] is Raw), None)


def valid_from_of(entry: Entry[Any]) -> datetime | None:
    """Return since when a published version is valid; None for every other event."""
    if not isinstance(entry.event, Published):
        return None
    return entry.event.valid_from or entry.recorded_at


@cache
def _told(kind: type[Event]) -> tuple[tuple[str, str, Callable[[Any], Any]], ...]:
    """Return what is told of an event: the field, its name there, its value in values of JSON."""
    hidden = secrets_of(kind.TOPIC)
    hints = get_type_hints(kind)
    names = {name: name for name in (*kind.__struct_fields__, *REPLACED.get(kind, ()))}
    if kind is Published:
        names["number"] = "version"
        del names["valid_from"], names["from_draft"], names["family"]
    names.pop("by_role", None)  # the principal tells that it is a project
    if kind is Excluded:  # the rest tells who saw it
        names = {"community": "community"}
    if kind in (FileReceived, FileLinked):
        names["number"] = "file"
    if kind is LocationAssigned:
        names["number"] = "index"
    if kind is CommentPosted:
        names["number"] = "comment"
    if kind is Erased:  # which bytes it was, nobody is told
        told = ("reason", "whole", "drafts", "versions", "files_kept")
        names = dict(zip(told, told, strict=True))
    return tuple(
        (name, shown, _as_it_is if hints.get(name) in (str, int, bool) else plain)
        for name, shown in names.items()
        if name not in hidden and hints.get(name) is not Raw
    )


def _as_it_is(value: Any) -> Any:
    return value


def plain(value: Any) -> Any:
    """Return a value in those of JSON: a rung by its name, a Struct with all its fields."""
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, Struct):  # its defaults say something too
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
        return {name: plain(held) for name, held in fields if held is not None}
    return msgspec.to_builtins(value, str_keys=True)
