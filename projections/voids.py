"""Which events void what is remembered: the one table of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from domain.access_links import LinkChanged, LinkRevoked
from domain.account import PasswordSet, ProfileSet, TokenRefreshed, TokenRevoked
from domain.erasure import Erased
from domain.event import Entry, Event
from domain.family import PermissionGranted, PermissionRevoked
from domain.group import (
    GroupCreated,
    GroupDeleted,
    MemberAdded,
    MemberGroupAdded,
    MemberGroupRemoved,
    MemberRemoved,
)
from domain.inclusions import Excluded, Included
from domain.login import LoginRevoked
from domain.record import AccessChanged, Published
from domain.storage.counters import Counters, Kind
from domain.term import TermChanged, TermRetired

Void = tuple[Kind, UUID]


def _credentials(entry: Entry[PasswordSet | ProfileSet]) -> Iterator[Void]:
    yield "credentials", entry.stream


def _token(entry: Entry[TokenRefreshed | TokenRevoked | LoginRevoked]) -> Iterator[Void]:
    yield "credentials", entry.event.account


def _permissions(entry: Entry[Any]) -> Iterator[Void]:  # of the family, whatever they say
    yield "permissions", entry.stream


def _published(entry: Entry[Published]) -> Iterator[Void]:
    yield "content", entry.stream  # of which the newest version may be remembered
    if entry.event.family is not None:
        yield "content", entry.event.family


def _access(entry: Entry[AccessChanged | Erased]) -> Iterator[Void]:
    yield "content", entry.event.family


def _membership(entry: Entry[MemberAdded | MemberRemoved]) -> Iterator[Void]:
    yield "permissions", entry.event.account


def _owner(entry: Entry[GroupCreated]) -> Iterator[Void]:
    yield "permissions", entry.by


def _members(entry: Entry[GroupDeleted]) -> Iterator[Void]:
    for each in entry.event.members + entry.event.member_groups:
        yield "permissions", each


def _of_group(entry: Entry[MemberGroupAdded | MemberGroupRemoved]) -> Iterator[Void]:
    yield "permissions", entry.event.group  # which stands for each of its members


def _term(entry: Entry[TermChanged | TermRetired]) -> Iterator[Void]:
    yield "terms", entry.stream


VOIDS: MappingProxyType[type[Event], Callable[[Entry[Any]], Iterable[Void]]] = MappingProxyType(
    {
        PasswordSet: _credentials,
        ProfileSet: _credentials,  # an e-mail address signs in
        TokenRefreshed: _token,
        TokenRevoked: _token,
        LoginRevoked: _token,
        PermissionGranted: _permissions,
        PermissionRevoked: _permissions,
        LinkChanged: _permissions,
        LinkRevoked: _permissions,
        Included: _permissions,
        Excluded: _permissions,
        AccessChanged: _access,
        Erased: _access,
        Published: _published,
        GroupCreated: _owner,
        MemberAdded: _membership,
        MemberRemoved: _membership,
        MemberGroupAdded: _of_group,
        MemberGroupRemoved: _of_group,
        GroupDeleted: _members,
        TermChanged: _term,
        TermRetired: _term,
    }
)


def voider(counters: Counters | None) -> Callable[[Sequence[Entry[Any]]], None]:
    """Return what raises the counters for entries: called after their commit."""

    def void(entries: Sequence[Entry[Any]]) -> None:
        if counters is None:
            return
        raised = [
            void for entry in entries for void in VOIDS.get(type(entry.event), _nothing)(entry)
        ]
        if raised:
            counters.raise_(*raised)

    return void


def _nothing(entry: Entry[Any]) -> Iterable[Void]:
    return ()
