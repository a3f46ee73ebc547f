"""groups: every group as it stands. Its SQL is in groups.sql."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from domain.group import Group, Kind, Role
from domain.languages import Words
from projections.database import Db, fetch
from projections.view import HeadView

view = HeadView("groups", Group)

_words = msgspec.json.Decoder(Words)
_members = msgspec.json.Decoder(list[tuple[int, Role]])


class Shown(Struct, frozen=True):
    """A group as readers see it; members are by number."""

    number: int
    name: Words
    description: Words
    members: list[tuple[int, Role]]
    member_groups: list[tuple[int, Role]]


async def every(db: Db, kind: Kind) -> list[Shown]:
    """Return all groups of a kind, by number."""
    return await _shown(db, kind, None)


async def one(db: Db, kind: Kind, number: int) -> Shown | None:
    """Return a group of a kind, or None."""
    found = await _shown(db, kind, number)
    return found[0] if found else None


async def _shown(db: Db, kind: Kind, number: int | None) -> list[Shown]:
    rows = await fetch(db, view.sql["shown"], {"kind": kind, "number": number})
    return [
        Shown(
            found,
            _words.decode(name),
            _words.decode(description),
            _members.decode(members),
            _members.decode(member_groups),
        )
        for found, name, description, members, member_groups in rows
    ]
