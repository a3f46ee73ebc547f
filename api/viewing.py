"""The object that a request is about, as far as who asks may view it."""

from __future__ import annotations

from api.service import Service
from domain import access
from domain.access import Actor
from domain.errors import NotFound
from projections import objects
from projections.objects import Head


async def viewable(service: Service, actor: Actor, object_id: str, *, erased: bool = False) -> Head:
    """Return an object that the actor may view; each of its versions is asked about on its own.

    One that was erased whole is there only to who asks for its `erased` self, too. Raises
    NotFound, Unauthenticated, Forbidden.
    """
    head = await objects.head(service.db, object_id, actor.principals)
    if head is None:
        raise NotFound(f"There is no object {object_id}.")
    access.require_version(actor, head.level, head.visibility, head.visibility)
    if head.erased and not erased:
        raise NotFound(f"Nothing of object {object_id} is there any more.")
    return head
