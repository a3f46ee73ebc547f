"""The object that a request is about, as far as who asks may view it."""

from __future__ import annotations

from uuid import UUID

from api.service import Service
from domain import access
from domain.access import Actor, Level
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


def remember_level(service: Service, actor: Actor, family: UUID, level: Level, epoch: int) -> None:
    """Remember the rung that an actor holds on a family, as it was read after `epoch`."""
    service.levels.put(
        (actor.account, family),
        level,
        epoch,
        ("permissions", family),
        *(("permissions", each) for each in access.of_their_own(actor)),
    )


def known_open(service: Service, actor: Actor, family: UUID) -> bool:
    """Whether it is known, without asking, that an actor was granted something on a family."""
    level = service.levels.get((actor.account, family))
    return level is not None and level >= Level.VIEW
