"""Standing: what a membership consists of, for saves that rely on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.access import Level, Membership
from domain.group import RUNGS, Role

EVERY: tuple[Role, ...] = tuple(RUNGS)


class Standing(Struct, frozen=True):
    """Somebody is in a group in one of these roles: an account, or a group in a project."""

    kind: Literal["account", "group"]
    group: UUID
    member: UUID
    roles: tuple[Role, ...]


def of(account: UUID, membership: Membership, level: Level) -> Iterator[Standing]:
    """Give all that makes an account hold a rung by a membership."""
    roles = EVERY
    if membership.by_role:
        roles = tuple(role for role, most in RUNGS.items() if most >= level)
    if membership.through is None:
        yield Standing("account", membership.group, account, roles)
    else:
        yield Standing("account", membership.through, account, EVERY)
        yield Standing("group", membership.group, membership.through, roles)
