"""schemas: the exact bytes of every version of an action's schema. Its SQL is in schemas.sql."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from domain.action import ActionCreated, ActionRevised
from domain.event import Entry
from domain.values import Body
from projections.view import Key, View


class Schema(Struct, frozen=True):
    """One schema of an action; `version` counts from 1."""

    action: UUID
    version: int
    body: Body


view = View("schemas", Schema, key=("action", "version"))


@view.on(ActionCreated)
def created(entry: Entry[ActionCreated]) -> Iterator[tuple[Key, Schema]]:
    """Give the first schema."""
    yield (entry.stream, 1), Schema(entry.stream, 1, entry.event.schema)


@view.on(ActionRevised)
def revised(entry: Entry[ActionRevised]) -> Iterator[tuple[Key, Schema]]:
    """Give a later schema."""
    version = entry.event.schema_version
    yield (entry.stream, version), Schema(entry.stream, version, entry.event.schema)
