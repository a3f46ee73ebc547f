"""Deposits as far as who asks may see them."""

from __future__ import annotations

from uuid import UUID

from api.service import Service
from domain import access
from domain.access import Actor, Level
from domain.errors import Gone, NotFound
from domain.identifiers import DEPID
from projections import deposits
from projections.deposits import Found


async def readable(service: Service, actor: Actor, depid: str) -> Found:
    """Return a deposit. Raises NotFound, Gone, Forbidden."""
    found = None
    if DEPID.fullmatch(depid):
        found = await deposits.one(service.db, UUID(depid), actor.principals)
    if found is None or not found.is_deposit:
        raise NotFound(f"There is no deposit {depid}.")
    access.require(actor, found.level, Level.PREVIEW, "see this deposit")
    if not found.record.exists:
        raise Gone("This deposit was deleted.")
    if found.document is None:
        raise Gone("What this deposit said was erased.")
    return found


def depid_of(bucket: str) -> str:
    """Return the id of the deposit whose bucket a URL names. Raises NotFound."""
    try:
        return UUID(bucket).hex
    except ValueError:
        raise NotFound(f"There is no bucket {bucket}.") from None
