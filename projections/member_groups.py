"""member_groups: which groups belong to which project, for filters in SQL. Its SQL is beside."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from domain.event import Entry
from domain.group import GroupDeleted, MemberGroupAdded, MemberGroupRemoved, Role
from projections.view import GroupedView, Key


class MemberGroup(Struct, frozen=True):
    """One group's role in one project."""

    project: UUID
    team: UUID
    role: Role


view = GroupedView("member_groups", MemberGroup, key=("project", "team"))


@view.on(MemberGroupAdded)
def added(entry: Entry[MemberGroupAdded]) -> Iterator[tuple[Key, MemberGroup]]:
    """Give a group its role."""
    group = entry.event.group
    yield (entry.stream, group), MemberGroup(entry.stream, group, entry.event.role)


@view.on(GroupDeleted)
def deleted(entry: Entry[GroupDeleted]) -> Iterator[tuple[Key, None]]:
    """Take every role away."""
    yield (entry.stream,), None


@view.on(MemberGroupRemoved)
def removed(entry: Entry[MemberGroupRemoved]) -> Iterator[tuple[Key, None]]:
    """Take it away."""
    yield (entry.stream, entry.event.group), None
