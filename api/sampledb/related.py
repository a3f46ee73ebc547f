"""Objects that refer to one another. Source: the specification, 2 "Endpoints"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.sampledb import replies
from api.sampledb.resource import SampleDbResource
from api.viewing import viewable
from domain import access
from domain.access import Actor
from projections import search


class RelatedObjects(SampleDbResource):
    """/objects/{object_id}/related_objects"""

    answers: ClassVar = {"GET": replies.RELATED}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with the objects that this one refers to, and those that refer to it.

        Only those that the asker may view, each by its newest version. Raises NotFound, Forbidden,
        Invalid.
        """
        actor: Actor = req.context.actor
        head = await viewable(self.service, actor, object_id)
        access.require_version(actor, head.level, head.newest, head.visibility)
        db, principals = self.service.searching, actor.principals
        referring = await search.referring(db, principals, [head.number])
        referred = await search.referred(db, principals, head.id)
        send(
            resp,
            {
                "referencing_objects": _shown(referring[head.number]),
                "referenced_objects": _shown(referred),
            },
        )


def _shown(numbers: Iterable[int]) -> list[dict[str, int | None]]:
    return [{"object_id": number, "component_uuid": None} for number in numbers]
