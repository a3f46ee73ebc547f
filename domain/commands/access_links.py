"""Access links: created, changed and revoked by who manages the record, and by nobody's link.

Source: InvenioRDM, "Access links".
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from msgspec import Struct

from domain import access, access_links
from domain.access import Level
from domain.commands import open_drafts
from domain.family import Family, Link
from domain.log import Session


class Made(Struct, frozen=True):
    """A link, and what it opens."""

    family: UUID
    id: UUID
    level: Level
    link: Link


def create(session: Session, pid: str, level: Level, expires_at: datetime | None) -> Made:
    """Create a link. Raises NotFound, Forbidden, Invalid."""
    family = _managed(session, pid)
    id_ = uuid4()
    event = access_links.create(family, id_, level, expires_at, datetime.now(UTC))
    return _made(session.change(family, event), id_)


def change(
    session: Session, pid: str, id_: UUID, level: Level | None, expires_at: datetime | None
) -> Made:
    """Change what a link opens, or until when; None keeps what was.

    Raises NotFound, Forbidden, Invalid.
    """
    family = _managed(session, pid)
    event = access_links.change(family, id_, level, expires_at, datetime.now(UTC))
    return _made(family if event is None else session.change(family, event), id_)


def revoke(session: Session, pid: str, id_: UUID) -> None:
    """Have a link open nothing any more. Raises NotFound, Forbidden."""
    family = _managed(session, pid)
    session.change(family, access_links.revoke(family, id_))


def _managed(session: Session, pid: str) -> Family:
    _record, family = open_drafts.editable(session, pid)
    held = session.level(family)
    access.require(session.actor, held, Level.MANAGE, "manage the access links of this record")
    return family


def _made(family: Family, id_: UUID) -> Made:
    return Made(family.id, id_, family.grants[id_], family.links[id_])
