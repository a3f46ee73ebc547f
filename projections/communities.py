"""Communities as readers see them: one, by any of its names. Its SQL is in communities.sql.

It has no table of its own: a community is a group (projections/groups.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import community
from domain.group import Policies, Role
from domain.name import name_id
from domain.values import Content
from projections import sql
from projections.database import Connections, Db, fetch, fetch_one
from projections.objects import array

_PARTS = sql.load("communities")
PUBLIC = _PARTS["public"]


def visible(asker: str) -> str:
    """Return the SQL of whether somebody may see a row g of groups; `asker` follows an account."""
    return _PARTS["visible"].replace("{public}", PUBLIC).replace("{asker}", asker)


SQL = {
    name: text.replace("{columns}", _PARTS["columns"])
    for name, text in (_PARTS | {"visible": visible("= %(account)s")}).items()
}
SQL["those"] = SQL["those"].replace("{visible}", SQL["visible"])

_policies = msgspec.json.Decoder(Policies)
_content = msgspec.json.Decoder(Content)


class Community(Struct, frozen=True):
    """A community, and who reads it: their role in it. Owners are by number.

    `revision` counts what changed of what is shown of it, owners among that. Other members come and
    go without moving it, as the revision of InvenioRDM's does not move then either: who waits for a
    change of the community, or changes it by If-Match, is not disturbed, and who may not see its
    members does not see that there are others. `updated_at` is when it came to that.
    """

    id: UUID
    slug: str
    policies: Policies
    metadata: bytes
    deleted: bool
    revision: int
    created_at: datetime
    updated_at: datetime
    logo: Content | None
    logo_since: datetime | None
    role: Role | None
    owners: Sequence[int]

    @property
    def may_see(self) -> bool:
        """Whether who reads it may see it."""
        return community.may_see(self.policies, self.role)


async def one(db: Db, text: str, account: UUID) -> Community | None:
    """Return the community that a slug, even an older one, or an id names; deleted ones too."""
    name = None
    try:
        id_ = UUID(text)
    except ValueError:
        id_, name = None, name_id(community.KIND, text.lower())
    row = await fetch_one(db, SQL["one"], {"id": id_, "name": name, "account": account})
    return None if row is None else _load(row)


async def those(db: Db, ids: Sequence[UUID], account: UUID) -> list[Community]:
    """Return those of these communities that an account may see, in their order."""
    rows = await fetch(db, SQL["those"], {"ids": array(ids), "account": account})
    return [_load(row) for row in rows]


def owned_by(connections: Connections, account: UUID, most: int) -> int:
    """Return how many communities an account owns, counted up to `most`."""
    [(many,)] = connections.fetch(SQL["owned"], {"account": account, "most": most})
    return int(many)


def _load(row: tuple[Any, ...]) -> Community:
    """Return what a row says that has the columns of SQL["one"]."""
    return Community(
        id=row[0],
        slug=row[1],
        policies=_policies.decode(row[2]),
        metadata=row[3],
        deleted=row[4],
        revision=row[5],
        created_at=row[6],
        updated_at=row[7],
        logo=None if row[8] is None else _content.decode(row[8]),
        logo_since=row[9],
        role=row[10],
        owners=row[11],
    )
