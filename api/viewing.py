"""The object that a question about history is about, as far as who asks may view it."""

from __future__ import annotations

from api.service import Service
from domain import access
from domain.access import Actor
from domain.errors import NotFound
from projections import timeline
from projections.timeline import Head


async def viewable(service: Service, actor: Actor, object_id: str) -> Head:
    """Return an object that the actor may view. Raises NotFound, Unauthenticated, Forbidden."""
    head = await timeline.head(service.db, object_id, actor.principals)
    if head is None:
        raise NotFound(f"There is no object {object_id}.")
    access.require_version(actor, head.level, head.visibility, head.visibility)
    return head
