"""What a credential stands for: the account, its groups, and a token's bounds.

It has no table of its own. Its SQL is in credentials.sql.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access import Level, Membership
from domain.group import BY_ROLE, RUNGS, Role
from domain.identifiers import account_id, login_name
from domain.name import EMAIL, name_id
from projections import sql
from projections.database import Connections, Db, fetch, fetch_one

_PARTS = sql.load("credentials")
SQL = {name: text.replace("{memberships}", _PARTS["memberships"]) for name, text in _PARTS.items()}


class Holder(Struct, frozen=True):
    """An account as sign-in needs it; `password` is argon2's encoded form."""

    account: UUID
    number: int
    name: str
    admin: bool
    password: str | None
    memberships: tuple[Membership, ...]  # of its own, and of its groups in projects


class Shown(Struct, frozen=True):
    """A token, or a program's login, and its holder; `expires_at` None means never."""

    holder: Holder
    token: UUID
    scopes: frozenset[str]
    expires_at: datetime | None


class Refreshing(Struct, frozen=True):
    """The access token that a refresh token refreshes, and whose it is."""

    account: UUID
    number: int
    name: str
    token: UUID


def _holder(row: tuple[Any, ...]) -> Holder:
    account, number, name, admin, password, held = row
    return Holder(account, number, name, admin, password, _memberships(held))


def memberships_of(connections: Connections, account: UUID) -> tuple[Membership, ...]:
    """Return the memberships that an account has now, its own and those of its groups."""
    [(held,)] = connections.fetch(SQL["of_account"], {"account": account})
    return _memberships(held)


def _memberships(held: Iterable[str]) -> tuple[Membership, ...]:
    found = set()
    for each in held:  # a group of any kind, and a project that it is in
        team, kind, role, *inside = each.split(" ")
        by_role = kind in BY_ROLE
        most = RUNGS[cast("Role", role)] if by_role else Level.MANAGE
        found.add(Membership(UUID(team), most, by_role=by_role))
        if inside:
            project, most = UUID(inside[0]), RUNGS[cast("Role", inside[1])]
            found.add(Membership(project, most, by_role=True, through=UUID(team)))
    return tuple(sorted(found, key=lambda each: (each.group, each.through or each.group)))


async def by_token(db: Db, digest: bytes) -> Shown | None:
    """Return what a token stands for, unless it or the one it was made with was revoked."""
    return _shown(await fetch_one(db, SQL["by_token"], {"digest": digest}))


async def by_login(db: Db, login: UUID) -> Shown | None:
    """Return what a program's login stands for, unless it was revoked or the password changed."""
    return _shown(await fetch_one(db, SQL["by_login"], {"login": login}))


def _shown(row: tuple[Any, ...] | None) -> Shown | None:
    if row is None:
        return None
    scopes = frozenset(msgspec.json.decode(row[7], type=tuple[str, ...]))
    return Shown(_holder(row[:6]), row[6], scopes, row[8])


async def by_refresh(db: Db, digest: bytes) -> Refreshing | None:
    """Return the access token that a refresh token refreshes, while it holds."""
    row = await fetch_one(db, SQL["by_refresh"], {"digest": digest})
    return None if row is None else Refreshing(*row)


async def by_name(db: Db, name: str) -> Holder | None:
    """Return the account with this login name, or else with this e-mail address."""
    params = {"account": account_id(name), "email": name_id(EMAIL, login_name(name))}
    row = await fetch_one(db, SQL["by_name"], params)
    return None if row is None else _holder(row)


async def standing(db: Db, ids: Iterable[UUID]) -> frozenset[tuple[UUID, int]]:
    """Return the accounts, tokens and logins that hold, of those with these ids, as they stand.

    As long as a pair of id and version is among them nothing was decided about it: no other
    password, no revoke.
    """
    return frozenset(await fetch(db, SQL["standing"], {"ids": list(ids)}))
