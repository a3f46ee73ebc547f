"""Objects: the list, a new one, the way to the current version. Source: SampleDB "Objects"."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.idempotency import retry
from api.sampledb import (
    asked,
    finding,
    listing,
    paging,
    parameters,
    parse,
    render,
    replies,
    schemas,
)
from api.sampledb.resource import SampleDbResource
from api.sampledb.versions import created
from api.shapes import array
from api.viewing import viewable
from domain import access
from domain.access import Actor
from domain.commands import objects as commands
from domain.errors import Invalid
from domain.log import Session
from domain.record import Record
from projections import actions
from projections.objects import Filter


def create(session: Session, body: bytes, depth: int) -> Record:
    """Read a body and make the object it asks for, all on a writer's thread."""
    wanted = parse.new_object(body, depth)
    return commands.create(
        session, action=wanted.action, document=wanted.document, schema=wanted.schema
    )


class Objects(SampleDbResource):
    """/objects/"""

    answers: ClassVar = {"GET": array(replies.LINE)}
    request: ClassVar = {"POST": schemas.NEW_OBJECT}
    query: ClassVar = {"GET": parameters.LISTING}
    headers: ClassVar = {"GET": parameters.COUNT}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the newest version of each object that the asker may view; streamed.

        Of those that a query is true of, where one is asked for. Of a page Link names the others,
        and X-Total-Count says how many there are in all where that is known, or by
        Preference-Applied was asked for. Raises Invalid.
        """
        actor: Actor = req.context.actor
        wanted = asked.listing(req)
        action = None
        if wanted.action is not None:
            found = await actions.one(self.service.db, wanted.action)
            if found is None:
                raise Invalid(f"There is no action {wanted.action}.")
            action = found.id
        finder = await finding.finder(self.service, actor.principals, wanted)
        filtered = Filter(action, wanted.type, wanted.limit, wanted.offset)
        page = await finder.page(filtered)
        total = await finder.count(filtered) if wanted.counted else None
        paging.tell(req, resp, f"{self.prefix}/objects/", wanted, page, total)
        await listing.answer(
            resp, finder, page, name_only=wanted.name_only, referencing=wanted.referencing
        )

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the Location of version 0, its ETag.

        Raises Invalid, Forbidden, TooLarge, Conflict.
        """
        body = await self.body(req)
        record = await self.service.run(
            req.context.actor,
            retry(req, body, lambda record: (201, *self._made(record))),
            create,
            body,
            self.service.limits.json_depth,
        )
        created(resp, *self._made(record))

    def _made(self, record: Record) -> tuple[str, str]:
        location = f"{self.prefix}/objects/{record.number}/versions/0"
        return location, render.etag(str(record.number), "0")


class Object(SampleDbResource):
    """/objects/{object_id}"""

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """302 to the current version. Raises NotFound, Forbidden."""
        actor: Actor = req.context.actor
        head = await viewable(self.service, actor, object_id)
        access.require_version(actor, head.level, head.newest, head.visibility)
        resp.status = 302
        resp.set_header(
            "Location", f"{self.prefix}/objects/{object_id}/versions/{head.versions - 1}"
        )
