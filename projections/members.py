"""members: who belongs to which group, for filters in SQL. Its SQL is in members.sql."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from domain.event import Entry
from domain.group import GroupCreated, GroupDeleted, MemberAdded, MemberRemoved, Role
from projections.view import GroupedView, Key


class Member(Struct, frozen=True):
    """One account's role in one group."""

    team: UUID
    account: UUID
    role: Role


view = GroupedView("members", Member, key=("team", "account"))


@view.on(GroupCreated)
def created(entry: Entry[GroupCreated]) -> Iterator[tuple[Key, Member]]:
    """Make whoever made the group its owner."""
    yield (entry.stream, entry.by), Member(entry.stream, entry.by, "owner")


@view.on(MemberAdded)
def added(entry: Entry[MemberAdded]) -> Iterator[tuple[Key, Member]]:
    """Give an account its role."""
    account = entry.event.account
    yield (entry.stream, account), Member(entry.stream, account, entry.event.role)


@view.on(GroupDeleted)
def deleted(entry: Entry[GroupDeleted]) -> Iterator[tuple[Key, None]]:
    """Take every role away."""
    yield (entry.stream,), None


@view.on(MemberRemoved)
def removed(entry: Entry[MemberRemoved]) -> Iterator[tuple[Key, None]]:
    """Take it away."""
    yield (entry.stream, entry.event.account), None
