"""The open draft of a record, as far as who asks may be told that there is one."""

from __future__ import annotations

from api.service import Service
from domain import access
from domain.access import Actor, Level
from domain.errors import NoRecord
from projections import drafts, published
from projections.drafts import Found


async def open_draft(service: Service, actor: Actor, pid: str) -> Found:
    """Return the open draft of a record. Raises NotFound, Anonymous, Forbidden.

    Who may not see drafts of a published record is refused alike whether or not one is open.
    """
    found = await drafts.one(service.db, pid, actor.principals)
    if found is None:
        record = await published.one(service.db, pid, actor.principals)
        if record is not None and record.versions:
            access.require(actor, record.level, Level.PREVIEW, "see drafts of this record")
        raise NoRecord(f"No draft of {pid} is open.")
    access.require(actor, found.level, Level.PREVIEW, "see this draft")
    return found
